"""The log of a run: a CSV with one row an epoch, streamed, that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.trace import COLUMNS


class TraceFile:
    """Context manager that writes new rows of a growing trace to `path` (None: nowhere).

    Rows go to a temporary file beside `path`, which is moved there when the block ends without an exception.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written = 0

    def __enter__(self) -> Self:
        if self._path is not None:
            descriptor, self._temporary = tempfile.mkstemp(dir=self._path.absolute().parent, prefix=f".{self._path.name}.")
            self._stream = open(descriptor, "w", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed in __exit__
            self._stream.write(",".join(COLUMNS) + "\n")
        return self

    def write(self, rows: NDArray[np.float64]) -> None:
        """Write the rows of the whole trace that are not written yet."""
        if self._path is None:
            return
        for epoch, update, *losses in rows[self._written :].tolist():
            cells = [str(int(epoch)), str(int(update)), *("" if loss != loss else repr(loss) for loss in losses)]
            self._stream.write(",".join(cells) + "\n")
        self._written = len(rows)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is None:
            return
        self._stream.close()
        if kind is None:
            os.replace(self._temporary, self._path)
        else:
            os.unlink(self._temporary)
