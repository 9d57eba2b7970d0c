"""Curves as short straight lines, solid or dashed: pure geometry, without any painting.

Qt's raster painter fills the outline of a curve pixel by pixel, but has a way of its own for straight antialiased
lines: some twenty of them cost a third of the one curve that they follow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Pixels of a straight piece of a solid curve of one pixel. Longer curves bend less: their pieces grow with the root of
#: the length, and all leave the curve by the same fraction of a pixel.
_STEP = 0.6
#: Pixels by which solid pieces reach into each other, so that no seam is seen.
_OVERLAP = 0.6
_SAMPLES = 32
#: Curves are measured one behind the other; so many pixels lie between them.
_APART = 1.0


def solid(controls: Array) -> list[Array]:
    """Pieces ``(n, 4)`` of each cubic curve of these four points ``(curves, 8)``: x and y of both ends."""
    track = _Track(controls)
    counts = np.maximum(1, np.round(np.sqrt(track.lengths) / _STEP)).astype(np.int64)
    steps = np.repeat(track.lengths / counts, counts)
    start = track.begins.repeat(counts) + _ranks(counts) * steps
    first, last = _ranks(counts) == 0, _ranks(counts) == counts.repeat(counts) - 1
    ends = np.concatenate([track.at(start), track.at(start + steps)], axis=1)
    reach = ends[:, 2:] - ends[:, :2]
    reach *= _OVERLAP / np.maximum(np.hypot(reach[:, 0], reach[:, 1]), 1e-9)[:, None]
    ends[~first, :2] -= reach[~first]
    ends[~last, 2:] += reach[~last]
    return np.split(ends, np.cumsum(counts)[:-1])


def dashed(controls: Array, dash: float, gap: float) -> list[Array]:
    """Dashes ``(n, 4)`` along each curve, `dash` pixels long and `gap` pixels apart; the last may be shorter."""
    track = _Track(controls)
    counts = np.maximum(1, np.ceil(track.lengths / (dash + gap))).astype(np.int64)
    along = _ranks(counts) * (dash + gap)
    stop = np.minimum(along + dash, track.lengths.repeat(counts))
    begin = track.begins.repeat(counts)
    ends = np.concatenate([track.at(begin + along), track.at(begin + stop)], axis=1)
    return np.split(ends, np.cumsum(counts)[:-1])


def _ranks(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """``0, 1, …`` for each of `counts`, one behind the other."""
    first: NDArray[np.int64] = (np.cumsum(counts) - counts).repeat(counts)
    return np.arange(len(first)) - first


class _Track:
    """All curves laid one behind the other, so that one table tells where one is after so many pixels."""

    def __init__(self, controls: Array) -> None:
        a, b, c, d = controls.reshape(-1, 4, 1, 2).transpose(1, 0, 2, 3)
        t = np.linspace(0, 1, _SAMPLES + 1)[:, None]
        points = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        steps = np.hypot(*np.diff(points, axis=1).transpose(2, 0, 1))
        self.lengths: Array = steps.sum(axis=1)
        self.begins: Array = np.cumsum(self.lengths + _APART) - self.lengths
        done = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
        self._along = (self.begins[:, None] + done).ravel()
        self._points = points.reshape(-1, 2)

    def at(self, along: Array) -> Array:
        """Points ``(n, 2)`` so far along the track."""
        x, y = self._points.T
        return np.stack([np.interp(along, self._along, x), np.interp(along, self._along, y)], axis=1)
