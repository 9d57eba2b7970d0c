"""The surveyor: a thread that draws surfaces and valleys and looks into networks, of the newest request alone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import numpy as np

from ann_studio.analysis import contours, curvature, layers, neuron, planes, relief, slice, surface
from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import OverTraining
from ann_studio.analysis.planes import Extent, Plane
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    Inspected,
    Inspection,
    Sounded,
    Sounding,
    Status,
    Survey,
    Surveyed,
    Unanswered,
)
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import Flag, Interrupted

_log = logging.getLogger(__name__)

Letter = TypeVar("Letter", Survey, Sounding, Inspection)

#: Grid points along each side of the passes that come before the finest.
_PASSES = (7, 13, 26, 51, 101)
#: Seconds that a surface may take without a coarser one before it, and that its first pass should take.
_AT_ONCE, _FIRST = 0.15, 0.1
#: Seconds of one multiply-add of a forward pass, about.
_MULTIPLY_ADD = 7e-10
#: While a network trains, the machine is left alone for so many times as long as an answer has taken.
_REST = 2.0
#: Seconds from one answer to the next at least, while a network trains: the window has to paint each.
_SURVEY_REST, _SOUNDING_REST, _INSPECTION_REST = 0.2, 0.012, 0.3
#: Seconds between two looks at what there is to do.
_PATIENCE = 0.05


class _Desk(Generic[Letter]):
    """Where requests of one kind lie, who answers them, and since when there was rest enough after the last."""

    def __init__(self, answer: Callable[[Letter], None], rest: float) -> None:
        self.requests: Mailbox[Letter] = Mailbox()
        self.answer: Callable[[Letter], None] = answer
        self.rest, self.resume = rest, 0.0


class Surveyor:
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
        self._surveyed, self._sounded, self._inspected = surveyed, sounded, inspected
        self._unanswered = unanswered
        self._surveys = _Desk(self._survey, _SURVEY_REST)
        self._soundings = _Desk(self._sound, _SOUNDING_REST)
        self._inspections = _Desk(self._inspect, _INSPECTION_REST)
        self._is_inspecting = False
        self._asked = threading.Event()
        self._interrupt: Flag = np.zeros(1, dtype=np.int64)
        self._closing = False
        self._complaint = ""
        self._thread = threading.Thread(target=self._live, name="surveyor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def survey(self, wanted: Survey) -> None:
        """Draw this surface; one that is being drawn is given up."""
        self._surveys.requests.put(wanted)
        self._interrupt[0] = 1
        self._asked.set()

    def sound(self, wanted: Sounding) -> None:
        """Draw this valley, as soon as there is a moment."""
        self._soundings.requests.put(wanted)
        self._asked.set()

    def inspect(self, wanted: Inspection) -> None:
        """Look into this network; an inspection that is under way is given up."""
        self._inspections.requests.put(wanted)
        if self._is_inspecting:
            self._interrupt[0] = 1
        self._asked.set()

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self._closing = True
        self._interrupt[0] = 1
        self._asked.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- the loop ---------------------------------------------------------------------------------------------------
    def _live(self) -> None:
        while not self._closing:
            self._asked.wait(self._patience())
            self._asked.clear()
            # Lowered before a request is taken: whatever raises it from now on is about a later one.
            self._interrupt[0] = 0
            if self._closing:
                return
            self._serve(self._inspections)
            self._serve(self._soundings)
            self._serve(self._surveys)

    def _patience(self) -> float:
        """Seconds until there is something to do, if nothing is asked before."""
        desks = (self._inspections, self._soundings, self._surveys)
        waiting = [desk.resume for desk in desks if not desk.requests.empty]
        return min([_PATIENCE, *(max(0.001, resume - time.monotonic()) for resume in waiting)])

    def _serve(self, desk: _Desk[Letter]) -> None:
        """Answer the newest request, if there is one and its time has come."""
        letter = desk.requests.letter
        if letter is None or (letter.frame.status is Status.TRAINING and time.monotonic() < desk.resume):
            return
        wanted = desk.requests.take()
        if wanted is None:
            return
        began = time.monotonic()
        try:
            desk.answer(wanted)
        except Interrupted:
            # By a newer request, else by its own, which was there before the flag.
            desk.requests.put_back(wanted)
        except Exception as error:
            # A picture that fails must not end the thread that draws them, nor fill the log.
            if self._complaint != repr(error):
                self._complaint = repr(error)
                _log.exception("a surface could not be drawn, or a network not looked into")
            self._unanswered.put(Unanswered(wanted))
        spent = time.monotonic() - began
        desk.resume = time.monotonic() + max(desk.rest, _REST * spent)

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
