"""The path of a run through the space of its parameters: dense at the beginning, sparser later, never thinned.

Which updates are kept depends on their numbers alone: all of them up to `base`, then every second one until twice as
many, every fourth one, and so on. So a path is the same however the run was cut into pieces, going back shows a part of
it, and its length grows with the logarithm of the run's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Updates = NDArray[np.int64]

#: Memory for the points in bytes, for runs of up to some 10⁹ updates.
BUDGET = 8 * 2**20
#: Updates of which each is kept, at most and at least.
_MOST, _LEAST = 1024, 4
#: Half of the base is added for each doubling of the run; so many of them are paid for.
_DOUBLINGS = 20


@dataclass(frozen=True, eq=False)
class Path:
    """Points of a run, in the order of their updates.

    Parameters
    ----------
    updates
        Numbers of the updates after which the run stood there, shape ``(n,)``, ascending.
    thetas
        The parameters, shape ``(n, parameters)``. Read-only.
    """

    updates: Updates
    thetas: Matrix

    def __len__(self) -> int:
        return len(self.updates)


def base_for(parameters: int) -> int:
    """Updates of which each is kept, for a network with so many parameters: a power of two."""
    points = BUDGET // (8 * (parameters + 1))
    base = min(_MOST, max(_LEAST, points // (1 + _DOUBLINGS // 2)))
    return 1 << (base.bit_length() - 1)


class PathRecorder:
    """A path that grows at its end.

    Views handed out by `path` stay valid: rows are only ever appended behind them.
    """

    def __init__(self, path: Path) -> None:
        self.base = base_for(path.thetas.shape[1])
        self._count = len(path)
        self._updates, self._thetas = path.updates, path.thetas

    def going_on(self, path: Path) -> PathRecorder:
        """A recorder that goes on from `path`: this one, if that is all it has, so that nothing is copied."""
        same = len(path) == self._count and path.thetas.base is self._thetas and path.thetas.base is not None
        return self if same else PathRecorder(path)

    @property
    def path(self) -> Path:
        """All points so far."""
        return Path(self._updates[: self._count], self._thetas[: self._count])

    @property
    def bytes(self) -> int:
        """Memory that the points take."""
        return self._count * int(self._thetas.itemsize * self._thetas.shape[1] + self._updates.itemsize)

    def append(self, updates: Updates, thetas: Matrix) -> None:
        """Add the points that follow."""
        if not len(updates):
            return
        needed = self._count + len(updates)
        if needed > len(self._updates):
            self._move(self._count, max(needed, self._count + self._count // 2, 64))
        self._updates[self._count : needed] = updates
        self._thetas[self._count : needed] = thetas
        self._count = needed

    def _move(self, kept: int, room: int) -> None:
        updates, thetas = np.empty(room, dtype=np.int64), np.empty((room, self._thetas.shape[1]))
        updates[:kept], thetas[:kept] = self._updates[:kept], self._thetas[:kept]
        self._updates, self._thetas, self._count = updates, thetas, kept


def first_point(update: int, theta: Vector) -> Path:
    """A path of one point."""
    return Path(np.array([update], dtype=np.int64), theta[None].copy())


def epoch_means(path: Path, updates_per_epoch: int) -> Path:
    """The mean point of each epoch, at its last update, between the first point and the present one.

    Where fewer than two points of each epoch are kept, or each epoch is one update, that is the path itself. Where a
    hand moved the run, two points of one update, the points before and after have means of their own.
    """
    if updates_per_epoch <= 1 or len(path) < 3:
        return path
    epochs = (path.updates[1:] - 1) // updates_per_epoch
    first = np.flatnonzero((np.diff(epochs, prepend=-1) != 0) | (np.diff(path.updates) == 0))
    counts = np.diff(first, append=len(epochs))
    means = np.add.reduceat(path.thetas[1:], first, axis=0) / counts[:, None]
    last = first + counts
    return Path(np.concatenate([path.updates[:1], path.updates[last]]), np.concatenate([path.thetas[:1], means]))
