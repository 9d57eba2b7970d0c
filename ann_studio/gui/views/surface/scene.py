"""What the surface view shows: the runs of a frame, and a survey with what was found around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.surface import cost_at as between
from ann_studio.engine.messages import Frame, Surveyed
from ann_studio.gui.looks import Look, looks
from ann_studio.gui.theme import Theme
from ann_studio.learning.path import Path
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import batch_size, evaluate

Vector = NDArray[np.float64]

#: Multiply-adds that may be spent on the cost under the mouse.
CHEAP = 200_000
#: Minima no farther apart than this, relative to where they are, are one.
_SAME = 1e-4


@dataclass(frozen=True, eq=False)
class Run:
    """A run as it is drawn.

    Parameters
    ----------
    place
        Its position in the frame; 0 is the main run.
    """

    place: int
    name: str
    look: Look
    path: Path
    theta: Vector
    loss: float
    update: int
    updates_per_epoch: int


def runs_of(frame: Frame, theme: Theme) -> tuple[Run, ...]:
    """The runs of a frame, the main one first."""
    found = []
    pairs = zip(frame.snapshots, frame.standings, looks(frame.standings, theme), strict=True)
    for place, (snapshot, standing, look) in enumerate(pairs):
        samples, size = len(standing.problem.train), batch_size(standing.problem)
        state = snapshot.state
        per_epoch = max(1, -(-samples // max(1, size)))
        found.append(
            Run(place, standing.name, look, snapshot.path, state.theta, snapshot.train_loss, state.update, per_epoch)
        )
    return tuple(found)


def merged(known: tuple[Minimum, ...], found: tuple[Minimum, ...]) -> tuple[Minimum, ...]:
    """All minima, the lowest first, each once."""
    result: list[Minimum] = []
    for minimum in sorted((*known, *found), key=lambda each: each.loss):
        near = _SAME * (1 + np.linalg.norm(minimum.theta))
        if not any(np.linalg.norm(minimum.theta - other.theta) <= near for other in result):
            result.append(minimum)
    return tuple(result)


def is_cheap(problem: Problem) -> bool:
    """Whether the cost can be evaluated while the mouse moves."""
    return len(problem.train) * problem.architecture.parameters <= CHEAP


def cost_at(surveyed: Surveyed, s: float, t: float) -> tuple[float, bool]:
    """The cost at a point of the plane, and whether it is exact; else it lies between those of the grid.

    NaN where it is not exact and the point lies beyond the grid.
    """
    surface = surveyed.surface
    if is_cheap(surface.problem):
        theta = np.ascontiguousarray(surface.plane.lift(np.array([[s, t]]))[0])
        return evaluate(surface.problem, theta, surface.problem.train), True
    return between(surface, s, t), False
