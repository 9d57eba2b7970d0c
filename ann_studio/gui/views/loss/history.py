"""The costs of a run, however long, as a plot needs them: what is asked for every picture is kept up to date.

A trace grows at its end while a network trains. Of what is known already nothing is looked at again: least and greatest
costs, the best epoch, and a pyramid of the least and the greatest rows of every 16, 128, 1,024, … rows.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.state import Snapshot

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

EPOCH, UPDATE, TRAIN, VALIDATION = range(4)  #: columns of a trace
#: Rows of the smallest blocks of the pyramid, and blocks of each larger one.
_BLOCK, _FACTOR = 16, 8
#: Blocks for each column of pixels, at least.
_FINE = 4


@dataclass(frozen=True)
class Point:
    """The present costs, within an epoch."""

    epoch: float
    train: float
    validation: float


def present(snapshot: Snapshot, samples: int) -> Point | None:
    """The costs of a run of so many samples an epoch where it stands; None where the trace has them or nobody knows."""
    rows, state, loss = snapshot.trace, snapshot.state, snapshot.train_loss
    at_row = len(rows) and rows[-1, UPDATE] == state.update and rows[-1, TRAIN] == loss
    if at_row or snapshot.losses_update != state.update or not math.isfinite(loss):
        return None
    return Point(state.epoch + state.position / samples, loss, snapshot.validation_loss)


class Extremes:
    """Of the finite values of one column of a trace: least and greatest, and the least that is positive."""

    def __init__(self) -> None:
        self.low, self.high, self.positive = math.inf, -math.inf, math.inf
        self.lowest = -1  #: row of the least

    def add(self, values: Array, at: int) -> None:
        """Take in more values, the first of them in row `at`."""
        finite = np.isfinite(values)
        if not finite.any():
            return
        known = np.where(finite, values, math.inf)
        least = int(known.argmin())
        if known[least] < self.low:
            self.low, self.lowest = float(known[least]), at + least
        self.high = max(self.high, float(values.max(initial=-math.inf, where=finite)))
        self.positive = min(self.positive, float(known.min(initial=math.inf, where=known > 0)))


class Growing:
    """Rows that others come behind, without those before being copied each time."""

    def __init__(self) -> None:
        self._buffer: Rows = np.empty(64, dtype=np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Rows:
        """All so far; not to be written to."""
        return self._buffer[: self._count]

    def append(self, rows: Rows) -> None:
        """Add rows at the end."""
        count = self._count + len(rows)
        if count > len(self._buffer):
            before = self.rows
            self._buffer = np.empty(max(2 * len(self._buffer), count), dtype=np.int64)
            self._buffer[: len(before)] = before
        self._buffer[self._count : count] = rows
        self._count = count


class Pyramid:
    """Rows of the least and the greatest finite value in each block of a column of a trace; −1 where there is none."""

    def __init__(self, column: int) -> None:
        self._column = column
        #: One a size of block, small ones first: the rows of the least values, and of the greatest.
        self._levels: list[tuple[Growing, Growing]] = []

    def add(self, rows: Array) -> None:
        """Take in what has grown at the end of `rows`."""
        values = rows[:, self._column]
        size, count = _BLOCK, len(rows) // _BLOCK
        level = 0
        while count:
            if level == len(self._levels):
                self._levels.append((Growing(), Growing()))
            low, high = self._levels[level]
            done = len(low)
            if level == 0:
                part = slice(done * size, count * size)
                lows = highs = np.arange(part.start, part.stop).reshape(-1, size)
                low_values = high_values = np.ascontiguousarray(values[part]).reshape(-1, size)
            else:
                below = self._levels[level - 1]
                lows, highs = (each.rows[done * _FACTOR : count * _FACTOR].reshape(-1, _FACTOR) for each in below)
                low_values, high_values = values[lows], values[highs]
            low.append(_pick(low_values, lows, least=True))
            high.append(_pick(high_values, highs, least=False))
            size, count, level = size * _FACTOR, count // _FACTOR, level + 1

    def blocks(self, rows: Array, most: int) -> tuple[Rows, Rows, Rows]:
        """First row, row of the least and row of the greatest value of blocks that are small enough.

        Parameters
        ----------
        most
            Blocks that there may be without any being too large; there are fewer where there are fewer rows.
        """
        values = rows[:, self._column]
        level = sum(len(low) >= most for low, _ in self._levels) - 1
        if level < 0:
            every = np.arange(len(rows))
            known = np.where(np.isfinite(values), every, -1)
            return every, known, known
        size, (low, high) = _BLOCK * _FACTOR**level, (each.rows for each in self._levels[level])
        whole = len(low) * size
        starts = np.arange(0, whole, size)
        if whole == len(rows):
            return starts, low, high
        # The last block is not full yet, so it is no part of the pyramid.
        rest = np.arange(whole, len(rows))[None]
        return (
            np.append(starts, whole),
            np.concatenate([low, _pick(values[rest], rest, least=True)]),
            np.concatenate([high, _pick(values[rest], rest, least=False)]),
        )


def _pick(values: Array, rows: Rows, *, least: bool) -> Rows:
    """Of each line of `rows`, with their values, the one with the least or the greatest finite value; −1 for none."""
    known = np.isfinite(values) & (rows >= 0)
    if not known.any():
        return np.full(len(rows), -1)
    found = np.where(known, values, math.inf if least else -math.inf)
    best = (np.arange(len(rows)), found.argmin(axis=1) if least else found.argmax(axis=1))
    return np.asarray(np.where(known[best], rows[best], -1), dtype=np.int64)


class Costs:
    """The trace of a run and its present point.

    Parameters
    ----------
    rows
        As `ann_studio.learning.state.Snapshot.trace`.
    here
        A point behind the last row; None where that is the present one.
    """

    def __init__(self) -> None:
        self.here: Point | None = None
        self._begin(np.empty((0, 4)))

    def _begin(self, rows: Array) -> None:
        self.rows = rows[:0]
        self._ends: Array = np.empty((0, 4))
        self._extremes = {column: Extremes() for column in (TRAIN, VALIDATION)}
        self._pyramids = {column: Pyramid(column) for column in (TRAIN, VALIDATION)}

    def show(self, rows: Array, here: Point | None) -> None:
        """Take a trace, which may or may not go on where the last one ended."""
        if not self._goes_on(rows):
            self._begin(rows)
        known = len(self.rows)
        for column, extremes in self._extremes.items():
            extremes.add(rows[known:, column], known)
            self._pyramids[column].add(rows)
        self.rows, self.here = rows, here
        self._ends = rows[[0, -1]] if len(rows) else rows[:0]

    def _goes_on(self, rows: Array) -> bool:
        """Whether the rows known so far are the first ones of `rows`."""
        known = len(self.rows)
        if not 0 < known <= len(rows) or not _same(rows[[0, known - 1]], self._ends):
            return False
        here, before = rows.__array_interface__, self.rows.__array_interface__
        is_view = rows.base is self.rows.base and rows.base is not None
        # Of the same memory only the end can be new; anything else is compared to the last bit.
        return (is_view and here["data"] == before["data"]) or _same(rows[:known], self.rows)

    # --- all points -------------------------------------------------------------------------------------------------
    def __len__(self) -> int:
        return len(self.rows) + (self.here is not None)

    def at(self, k: int) -> Point:
        """A point by its position; the present one is the last."""
        if self.here is not None and k in (len(self.rows), -1):
            return self.here
        epoch, _, train, validation = self.rows[k].tolist()
        return Point(epoch, train, validation)

    def nearest(self, epoch: float) -> int:
        """Position of the point that lies nearest to an epoch; there must be one."""
        return nearest(len(self), lambda k: self.at(k).epoch, epoch)

    def values(self, column: int) -> Array:
        """All values of a column, the present one last. Takes as long as there are many."""
        if self.here is None:
            return self.rows[:, column]
        return np.append(self.rows[:, column], self._here(column))

    def _here(self, column: int) -> float:
        assert self.here is not None
        return {EPOCH: self.here.epoch, TRAIN: self.here.train, VALIDATION: self.here.validation}[column]

    # --- what a picture needs ---------------------------------------------------------------------------------------
    def extremes(self, columns: Sequence[int] = (TRAIN, VALIDATION)) -> tuple[float, float, float]:
        """Least, greatest and least positive finite cost of both curves or one; infinite where there is none."""
        every = Extremes()
        for each in (self._extremes[column] for column in columns):
            every.low, every.high = min(every.low, each.low), max(every.high, each.high)
            every.positive = min(every.positive, each.positive)
        if self.here is not None:
            every.add(np.array([self._here(column) for column in columns]), 0)
        return every.low, every.high, every.positive

    def best(self) -> int | None:
        """Position of the least validation cost; None where there is none."""
        known = self._extremes[VALIDATION]
        if self.here is not None and math.isfinite(self.here.validation) and self.here.validation < known.low:
            return len(self.rows)
        return known.lowest if known.lowest >= 0 else None

    def outline(self, column: int, columns: int) -> tuple[Array, Array]:
        """Epochs and finite costs of one curve, two for each of so many columns of pixels.

        These are the least and the greatest of each column: what pixels can show is kept, so that a curve of a million
        points looks the same and costs no more than one of a thousand.
        """
        kept = self.kept(column, columns)
        x, y = self.rows[kept, EPOCH], self.rows[kept, column]
        if self.here is not None:
            here = self._here(column)
            if math.isfinite(here):
                x, y = np.append(x, self.here.epoch), np.append(y, here)
        return x, y

    def kept(self, column: int, columns: int, along: int = EPOCH) -> Rows:
        """Rows of the outline of a curve over the column `along`, without the present point."""
        return outline_of(self.rows, column, self._pyramids[column], columns, along)


def nearest(count: int, place: Callable[[int], float], wanted: float) -> int:
    """Which of `count` points, at ascending places, lies nearest to a place; there must be one."""
    k = min(bisect_left(range(count), wanted, key=place), count - 1)
    return k - 1 if k > 0 and abs(place(k - 1) - wanted) < abs(place(k) - wanted) else k


def outline_of(rows: Array, column: int, pyramid: Pyramid, columns: int, along: int = EPOCH) -> Rows:
    """Rows of which an outline consists, see `Costs.outline`; columns of pixels lie along a column of the rows."""
    starts, low, high = pyramid.blocks(rows, _FINE * columns)
    if len(rows) <= 2 * columns:
        return np.asarray(low[low >= 0])
    begin, end = rows[0, along], rows[-1, along]
    place = (rows[starts, along] - begin) / max(end - begin, 1e-300) * columns
    first = np.flatnonzero(np.diff(place.astype(np.int64), prepend=-1))
    values = rows[:, column]
    lows = _least_of_each(values, low, first, 1.0)
    highs = _least_of_each(values, high, first, -1.0)
    kept = np.unique(np.concatenate([lows, highs]))
    return np.asarray(kept[kept >= 0])


def _least_of_each(values: Array, rows: Rows, first: Rows, sign: float) -> Rows:
    """Of each group of `rows`, which begin at the positions `first`, the first with the least ``sign · value``."""
    found = np.where(rows >= 0, sign * values[rows], math.inf)
    least = np.minimum.reduceat(found, first)
    counts = np.diff(first, append=len(rows))
    hits = np.flatnonzero(found == least.repeat(counts))
    groups = np.searchsorted(first, hits, side="right")
    _, one = np.unique(groups, return_index=True)
    return np.asarray(rows[hits[one]])


def _same(first: Array, second: Array) -> bool:
    """Whether both are the same to the last bit, which NaN is too."""
    if first.shape != second.shape:
        return False
    a, b = (np.ascontiguousarray(each).view(np.int64) for each in (first, second))
    return np.array_equal(a, b)
