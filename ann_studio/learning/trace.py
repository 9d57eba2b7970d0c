"""The trace of a run: one row an epoch, growing at its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

COLUMNS = ("epoch", "update", "train_loss", "validation_loss")


class Trace:
    """Rows of `COLUMNS` in a buffer that doubles.

    A view handed out by `rows` stays valid: rows are only ever appended behind it, and `truncate` moves to a new
    buffer.
    """

    def __init__(self, rows: Matrix) -> None:
        self._buffer = np.array(rows, dtype=np.float64).reshape(-1, len(COLUMNS))
        self._count = len(self._buffer)

    @property
    def rows(self) -> Matrix:
        """All rows so far, shape ``(n, 4)``; not to be written to."""
        return self._buffer[: self._count]

    def append(self, rows: Matrix) -> None:
        """Add rows at the end."""
        needed = self._count + len(rows)
        if needed > len(self._buffer):
            grown = np.empty((max(2 * len(self._buffer), needed, 64), len(COLUMNS)))
            grown[: self._count] = self.rows
            self._buffer = grown
        self._buffer[self._count : needed] = rows
        self._count = needed

    def truncate(self, update: int) -> None:
        """Forget the rows after `update`."""
        kept = int(np.searchsorted(self.rows[:, 1], update, side="right"))
        if kept < self._count:
            self._buffer = self._buffer[:kept].copy()
            self._count = kept
