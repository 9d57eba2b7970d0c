"""What lies on the relief: the paths of the runs over the plane, their starts and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.planes import Plane
from ann_studio.engine.messages import Frame
from ann_studio.gui.looks import Look, looks
from ann_studio.gui.theme import Theme
from ann_studio.learning.path import Path, epoch_means
from ann_studio.learning.supervised import batch_size

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trail:
    """A run over the plane; all points are coordinates s and t.

    Parameters
    ----------
    run
        Its position in the frame.
    updates
        The points of each update that is kept, and the present one; None where those are the epochs' too.
    epochs
        The mean points of the epochs.
    start, here
        The first point and the present one, shape ``(2,)``.
    cost
        Of the whole training set, as last known.
    """

    run: int
    name: str
    look: Look
    updates: Matrix | None
    epochs: Matrix
    start: NDArray[np.float64]
    here: NDArray[np.float64]
    cost: float


class Projector:
    """Points of one run's path over a plane; those that were projected before are kept."""

    def __init__(self) -> None:
        self._plane: Plane | None = None
        self._path: Path | None = None
        self._points: Matrix = np.empty((0, 2))

    def points(self, path: Path, plane: Plane) -> Matrix:
        """Coordinates of the whole path."""
        if not plane.is_seen_as(self._plane) or self._path is None or not _goes_on(self._path, path):
            self._points = np.empty((0, 2))
        known = len(self._points)
        if known < len(path):
            self._points = np.concatenate([self._points, plane.project(path.thetas[known:])])
        self._plane, self._path = plane, path
        return self._points


def _goes_on(before: Path, path: Path) -> bool:
    """Whether a path begins with all of another."""
    known = len(before)
    return (
        known <= len(path)
        and bool(np.array_equal(before.updates, path.updates[:known]))
        and all(np.array_equal(before.thetas[k], path.thetas[k]) for k in (0, known // 2, known - 1))
    )


def trails(frame: Frame, plane: Plane, theme: Theme, projectors: Sequence[Projector]) -> list[Trail]:
    """A trail for each run of a frame; `projectors` are as many or more."""
    found = []
    of_runs = zip(frame.snapshots, frame.standings, looks(frame.standings, theme), projectors, strict=False)
    for run, (snapshot, standing, look, projector) in enumerate(of_runs):
        parameters = len(plane.origin)
        if len(snapshot.state.theta) != parameters or snapshot.path.thetas.shape[1] != parameters:
            continue  # the surface is still that of another network
        points = projector.points(snapshot.path, plane)
        here = plane.project(snapshot.state.theta[None])
        samples = len(standing.problem.train)
        means = epoch_means(Path(snapshot.path.updates, points), -(-samples // batch_size(standing.problem)))
        every, own = np.concatenate([points, here]), means.thetas is points
        found.append(
            Trail(
                run, standing.name, look, None if own else every, every if own else means.thetas, points[0], here[0],
                snapshot.train_loss,
            )
        )  # fmt: skip
    return found
