"""The log of a run: a CSV with one row an epoch that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.trace import COLUMNS
from ann_studio.storage.atomic import WriteError, refusal, write_atomically

Matrix = NDArray[np.float64]


class TraceFile:
    """Context manager that saves the trace of a run at `path` (None: nowhere) once the block has gone well.

    Whatever ends the run before that, even a signal that cannot be caught, leaves no file.

    Raises
    ------
    WriteError
        At the beginning if nothing can be written there, else at the end.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._rows: Matrix = np.empty((0, len(COLUMNS)))

    def __enter__(self) -> Self:
        if self._path is not None and (reason := refusal(self._path)):
            raise WriteError(f"{self._path}: {reason}")
        return self

    def write(self, rows: Matrix) -> None:
        """Take `rows`, the whole trace so far, for what is to be saved."""
        self._rows = rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None and kind is None:
            write_atomically(self._path, _as_csv(self._rows))


def _as_csv(rows: Matrix) -> str:
    """Numbers in full; a cell is empty where there is no such set."""
    lines = [",".join(COLUMNS)]
    for epoch, update, *losses in rows.tolist():
        lines.append(",".join([str(int(epoch)), str(int(update)), *("" if x != x else repr(x) for x in losses)]))
    return "\n".join(lines) + "\n"
