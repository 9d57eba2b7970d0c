"""Races on small problems, stepped update by update, and surveys of them, for the surface view."""

from __future__ import annotations

import numpy as np

import ann_studio as ann
from ann_studio.analysis.contours import draw
from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.planes import Extent, Plane
from ann_studio.analysis.surface import compute
from ann_studio.engine.messages import Frame, Speed, Standing, Status, Survey, Surveyed, Unit
from ann_studio.learning import supervised
from ann_studio.learning.experiment import replace
from ann_studio.learning.path import Path
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.state import Snapshot, State
from ann_studio.storage.resources import resource

#: Extent and minima of the trap, the latter from the facts.
TRAP_EXTENT = (-5.0, 6.0, -4.0, 5.0)
TRAP_MINIMA = ((4.263143867823287, 4.257472103258714), (0.1493748123649328, 0.0460642343070094))
NAMES = {"full": "Batch", 2: "Mini-batch", 1: "Stochastic"}


def trap() -> Problem:
    """The problem of the shipped trap."""
    return ann.trainer(ann.load(resource("experiments", "trap.json"))).problem


def with_batch(problem: Problem, size: int | str) -> Problem:
    """The same problem with another batch size."""
    return with_learning(problem, replace(problem.experiment, "learning.batch_size", size))


def snapshot_after(problem: Problem, updates: int) -> Snapshot:
    """A run after so many updates, with every one of them on its path."""
    states = [supervised.start(problem)]
    for update in range(updates):
        states.append(supervised.advance(problem, states[-1], to_update=update + 1, losses=False).state)
    return snapshot_of(problem, states)


def snapshot_of(problem: Problem, states: list[State]) -> Snapshot:
    """What can be said at the last of these states; the path has all of them."""
    last = states[-1]
    thetas = np.array([state.theta for state in states])
    updates = np.array([state.update for state in states], dtype=np.int64)
    loss = supervised.evaluate(problem, last.theta, problem.train)
    ends = [state for state in states if state.position == 0]
    trace = np.array(
        [[state.epoch, state.update, supervised.evaluate(problem, state.theta, problem.train), 0] for state in ends]
    )
    # Views, as of a recorder's buffer.
    return Snapshot(last, None, trace, loss, float("nan"), last.update, Path(updates[:], thetas[:]))


def frame_after(
    problem: Problem,
    epochs: int,
    sizes: tuple[int | str, ...] = ("full",),
    status: Status = Status.PAUSED,
    serial: int = 1,
) -> Frame:
    """A race between batch sizes after so many epochs."""
    runs = [with_batch(problem, size) for size in sizes]
    runs[0] = problem if sizes[0] == problem.experiment.learning.batch_size else runs[0]
    per_epoch = [-(-len(run.train) // supervised.batch_size(run)) for run in runs]
    snapshots = tuple(snapshot_after(run, epochs * each) for run, each in zip(runs, per_epoch, strict=True))
    standings = tuple(Standing(NAMES.get(size, f"{size}"), run, 0.0) for size, run in zip(sizes, runs, strict=True))
    return Frame(serial, status, runs[0], snapshots, Speed(1, Unit.EPOCH), 0.0, standings=standings)


def plane_of(survey: Survey) -> Plane:
    """The plane of two parameters, or the one that was asked for; others are spanned by two fixed directions."""
    if survey.plane is not None:
        return survey.plane
    choice, theta = survey.choice, survey.frame.snapshots[0].state.theta
    parameters = len(theta)
    if choice.kind == "parameters":
        axes, origin = np.eye(parameters)[[choice.first, choice.second]], theta.copy()
        origin[[choice.first, choice.second]] = 0.0
        return Plane(choice, origin, axes[0], axes[1])
    random = np.random.default_rng(choice.seed)
    u, v = random.normal(size=(2, parameters))
    return Plane(choice, theta.copy(), u, v)


def answer(
    survey: Survey,
    *,
    extent: Extent | None = None,
    side: int = 21,
    minima: tuple[tuple[float, ...], ...] = (),
    final: bool = True,
) -> Surveyed:
    """What a surveyor finds; where all is to be seen, `extent`."""
    problem, plane = survey.frame.problem, plane_of(survey)
    assert problem is not None
    shown = survey.extent or extent or TRAP_EXTENT
    surface = compute(problem, plane, shown, side)
    found = [np.array(theta) for theta in minima]
    lowest = sorted(
        (Minimum(theta, supervised.evaluate(problem, theta, problem.train), np.ones(len(theta))) for theta in found),
        key=lambda minimum: minimum.loss,
    )
    return Surveyed(
        survey, surface, draw(surface, survey.size, survey.log),
        exact=problem.architecture.parameters == 2, explained=0.93, left_out=(0.012,),
        minima=tuple(lowest), progress=1.0 if final else 0.5, final=final,
    )  # fmt: skip
