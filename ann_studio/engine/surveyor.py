"""The surveyor: a thread that draws surfaces and valleys and looks into networks, of the newest request alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ann_studio.analysis import contours, curvature, layers, neuron, planes, relief, slice, surface
from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import OverTraining
from ann_studio.analysis.planes import Extent, Plane
from ann_studio.engine.clerk import Clerk, Desk
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Inspected, Inspection, Sounded, Sounding, Survey, Surveyed, Unanswered
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import Interrupted

#: Grid points along each side of the passes that come before the finest.
_PASSES = (7, 13, 26, 51, 101)
#: Seconds that a surface may take without a coarser one before it, and that its first pass should take.
_AT_ONCE, _FIRST = 0.15, 0.1
#: Seconds of one multiply-add of a forward pass, about.
_MULTIPLY_ADD = 7e-10
#: Seconds from one answer to the next at least, while a network trains: the window has to paint each.
_SURVEY_REST, _SOUNDING_REST, _INSPECTION_REST = 0.2, 0.012, 0.3


class Surveyor(Clerk):
    """Answers `Survey`, `Sounding` and `Inspection`.

    Parameters
    ----------
    surveyed, sounded, inspected
        Where answers go.
    unanswered
        Where word goes of what has failed.
    """

    def __init__(
        self,
        surveyed: Mailbox[Surveyed],
        sounded: Mailbox[Sounded],
        inspected: Mailbox[Inspected],
        unanswered: Mailbox[Unanswered],
    ) -> None:
        super().__init__("surveyor", "a surface could not be drawn, or a network not looked into")
        self._surveyed, self._sounded, self._inspected = surveyed, sounded, inspected
        self._unanswered = unanswered
        self._surveys = Desk(self._survey, self._fail, _SURVEY_REST)
        self._soundings = Desk(self._sound, self._fail, _SOUNDING_REST)
        self._inspections = Desk(self._inspect, self._fail, _INSPECTION_REST)
        self._desks = (self._inspections, self._soundings, self._surveys)
        self._is_inspecting = False

    def survey(self, wanted: Survey) -> None:
        """Draw this surface; one that is being drawn is given up."""
        self._ask(self._surveys, wanted)

    def sound(self, wanted: Sounding) -> None:
        """Draw this valley, as soon as there is a moment."""
        self._ask(self._soundings, wanted, urgent=lambda: False)

    def inspect(self, wanted: Inspection) -> None:
        """Look into this network; an inspection that is under way is given up."""
        self._ask(self._inspections, wanted, urgent=lambda: self._is_inspecting)

    def _fail(self, wanted: Survey | Sounding | Inspection) -> None:
        self._unanswered.put(Unanswered(wanted))

    # --- answers ----------------------------------------------------------------------------------------------------
    def _sound(self, sounding: Sounding) -> None:
        problem, state = sounding.frame.problem, sounding.frame.snapshots[0].state
        assert problem is not None
        rate = problem.experiment.learning.optimizer.learning_rate
        cut = slice.cut(problem, state.theta, sounding.choice, sounding.extent, rate, interrupt=self._interrupt)
        self._sounded.put(Sounded(sounding, cut))

    def _inspect(self, inspection: Inspection) -> None:
        problem, snapshot = inspection.frame.problem, inspection.frame.snapshots[0]
        assert problem is not None
        self._is_inspecting = True
        try:
            found: OverTraining | LayerHistory
            if inspection.about == "training":
                found = neuron.over_training(problem, snapshot.state.theta, self._interrupt)
            else:
                found = layers.layer_history(
                    problem, snapshot, self._interrupt, between=lambda: self._serve(self._soundings)
                )
        finally:
            self._is_inspecting = False
        self._inspected.put(Inspected(inspection, found))

    def _survey(self, survey: Survey) -> None:
        relief.prepare()  # here, for loading its machine code takes a while
        problem, snapshots = survey.frame.problem, survey.frame.snapshots
        assert problem is not None
        main, path = snapshots[0].state.theta, snapshots[0].path
        plane = survey.plane or planes.make(survey.choice, problem, main, path)
        extent = survey.extent or _extent(plane, survey)
        explained = planes.explained(plane, path)
        ends = np.stack([snapshot.state.theta for snapshot in snapshots])
        left_out = surface.left_out(problem, plane, ends, self._interrupt)
        exact = planes.is_exact(problem)
        minima: tuple[Minimum, ...] = ()
        for side, done, whole in _passes(problem, survey.side):
            drawn = surface.compute(problem, plane, extent, side, self._interrupt)
            final = side == survey.side
            if final and exact:
                minima = curvature.minima_on(drawn, self._interrupt)
            pictured = contours.draw(drawn, survey.size, log=survey.log)
            if self._interrupt[0] and not final:
                raise Interrupted
            self._surveyed.put(
                Surveyed(survey, drawn, pictured, exact, explained, left_out, minima, done / whole, final)
            )
            if not final:
                self._serve(self._inspections)
                self._serve(self._soundings)


def _extent(plane: Plane, survey: Survey) -> Extent:
    thetas = [snapshot.path.thetas for snapshot in survey.frame.snapshots]
    thetas += [snapshot.state.theta[None] for snapshot in survey.frame.snapshots]
    assert survey.frame.problem is not None
    return planes.extent_of(plane, survey.frame.problem, thetas)


def _passes(problem: Problem, finest: int) -> Iterator[tuple[int, int, int]]:
    """Sides of the passes, with the grid points that are drawn by the end of each, and of all."""
    point = len(problem.train) * (problem.architecture.parameters + 15) * _MULTIPLY_ADD
    sides = [side for side in _PASSES if side < finest]
    if finest * finest * point <= _AT_ONCE:
        sides = []
    while len(sides) > 1 and sides[1] * sides[1] * point <= _FIRST:
        del sides[0]
    sides.append(finest)
    whole, done = sum(side * side for side in sides), 0
    for side in sides:
        done += side * side
        yield side, done, whole
