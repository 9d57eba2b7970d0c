"""The trace of a run: a row an epoch, growing at its end, and thinned as the run grows."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

COLUMNS = ("epoch", "update", "train_loss", "validation_loss")
#: Memory for the rows in bytes.
BUDGET = 16 * 2**20


class Trace:
    """Rows of `COLUMNS`: of every epoch until there are too many, then of every second one, and so on.

    Which epochs are kept depends on the first and the newest one alone, and so not on the pieces in which rows come.
    A view handed out by `rows` stays valid: rows are only ever appended behind it, and whatever removes some moves to a
    new buffer.

    Parameters
    ----------
    rows
        The first rows, at least one; evenly spaced, but for the last one. The first may lie within an epoch.
    budget
        Memory in bytes.
    """

    _buffer: Matrix
    _count: int
    last: Vector  #: the newest row, whether it is kept or not

    def __init__(self, rows: Matrix, budget: int = BUDGET) -> None:
        rows = np.asarray(rows, dtype=np.float64).reshape(-1, len(COLUMNS))
        self._most = budget // rows[0].nbytes
        self._interval = int(rows[1, 0] - np.floor(rows[0, 0])) if len(rows) > 2 else 1
        first = np.floor(rows[0, 0])
        if (rows[-1, 0] - first) // self._interval + 1 > self._most:
            self._count, self._buffer, self.last = 1, rows[:1], rows[0].copy()
            self.append(rows[1:])
            return
        # They are taken over as they are, and copied once others follow.
        is_kept = len(rows) == 1 or (rows[-1, 0] - first) % self._interval == 0
        self._count = len(rows) - (not is_kept)
        self._buffer = rows[: self._count]
        self.last = rows[-1].copy()

    def going_on(self, rows: Matrix) -> Trace:
        """A trace that goes on from `rows`: this one, if they are all it has, so that nothing is copied."""
        same = (
            len(rows) == self._count
            and rows.__array_interface__["data"] == self._buffer.__array_interface__["data"]
            and rows[-1, 1] == self.last[1]
        )
        return self if same else Trace(rows, self._most * rows[0].nbytes)

    @property
    def rows(self) -> Matrix:
        """The rows kept, shape ``(n, 4)``; not to be written to."""
        return self._buffer[: self._count]

    @property
    def bytes(self) -> int:
        """Memory that the rows take."""
        return self.rows.nbytes

    def append(self, rows: Matrix) -> None:
        """Add rows of the epochs that follow."""
        if not len(rows):
            return
        self.last = rows[-1].copy()
        first = np.floor(self._buffer[0, 0])
        interval = self._interval
        while (self.last[0] - first) // interval + 1 > self._most:
            interval *= 2
        if interval > self._interval:
            # by steps, not by a mask: that would take as much memory again
            kept = self.rows[:: interval // self._interval]
            self._move(kept, 2 * len(kept))
            self._interval = interval
        fresh = rows[(rows[:, 0] - first) % interval == 0]
        needed = self._count + len(fresh)
        if needed > len(self._buffer):
            self._move(self.rows, max(2 * len(self._buffer), needed + needed // 2, 64))
        self._buffer[self._count : needed] = fresh
        self._count = needed

    def _move(self, rows: Matrix, room: int) -> None:
        self._buffer = _buffer(max(min(room, self._most), len(rows)))
        self._buffer[: len(rows)] = rows
        self._count = len(rows)


def _buffer(rows: int) -> Matrix:
    """Room for so many rows that goes back to the system as soon as nobody looks at it.

    The C library keeps what it once had for large arrays, if something small was allocated since: as much again as all
    rows take.
    """
    return np.frombuffer(mmap.mmap(-1, rows * len(COLUMNS) * 8), dtype=np.float64).reshape(rows, len(COLUMNS))
