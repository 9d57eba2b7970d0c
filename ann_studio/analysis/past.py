"""Moments of a run, and what its parameters were then: the true points of its path, evenly spaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.state import Snapshot

Matrix = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Moments:
    """Some moments of a run; the last is the present one.

    Parameters
    ----------
    updates
        Their numbers of updates, ascending.
    rows
        Where all but the last lie on the path.
    """

    updates: Positions
    rows: Positions


def moments_of(snapshot: Snapshot, count: int) -> Moments:
    """At most `count` moments, evenly spaced by update, from the first to the present.

    Where a hand moved the run, only the later one of two points of the same update is taken.
    """
    path, now = snapshot.path.updates, snapshot.state.update
    before = int(np.searchsorted(path, now, side="left"))
    if not before or count < 2:
        return Moments(np.array([now], dtype=np.int64), np.empty(0, dtype=np.int64))
    wanted = np.linspace(int(path[0]), now, count)[:-1]
    rows = np.unique(np.searchsorted(path[:before], wanted, side="right") - 1)
    return Moments(np.append(path[rows], now), rows)


def values_at(snapshot: Snapshot, moments: Moments, indices: Positions | None = None) -> Matrix:
    """The parameters, or those at `indices`, at each moment: shape ``(moments, parameters)``."""
    thetas, theta = snapshot.path.thetas, snapshot.state.theta
    if indices is None:
        return np.concatenate([thetas[moments.rows], theta[None]])
    return np.concatenate([thetas[np.ix_(moments.rows, indices)], theta[None, indices]])
