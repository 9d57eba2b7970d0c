"""The log of a run: a CSV with one row an epoch that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.trace import COLUMNS
from ann_studio.storage.atomic import WriteError, refusal, replacing

Matrix = NDArray[np.float64]


class TraceFile:
    """Context manager that saves the rows of a run at `path` (None: nowhere) once the block has gone well.

    Until then they lie in a nameless file beside it, so that whatever ends the run, even a signal that cannot be
    caught, leaves nothing.

    Raises
    ------
    WriteError
        At the beginning if nothing can be written there, else at the end.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            if reason := refusal(self._path):
                raise WriteError(f"{self._path}: {reason}")
            with self._told(self._path):
                folder = self._path.absolute().parent
                self._stream = tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=folder)
                self._stream.write(",".join(COLUMNS) + "\n")
        return self

    def write(self, rows: Matrix) -> None:
        """Take the rows that follow."""
        if self._path is not None and self._stream is not None:
            with self._told(self._path):
                self._stream.writelines(map(_line, rows.tolist()))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is None or self._stream is None:
            return
        with self._told(self._path), self._stream as stream:
            if kind is None:
                stream.seek(0)
                with replacing(self._path) as temporary, temporary.open("x", encoding="utf-8", newline="") as target:
                    shutil.copyfileobj(stream, target)
                    target.flush()
                    os.fsync(target.fileno())

    @staticmethod
    @contextmanager
    def _told(path: Path) -> Iterator[None]:
        """Say in one line what the system refuses."""
        try:
            yield
        except WriteError:
            raise
        except OSError as error:
            raise WriteError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from None


def _line(row: list[float]) -> str:
    """Numbers in full; a cell is empty where there is no such set."""
    epoch, update, *losses = row
    return ",".join([str(int(epoch)), str(int(update)), *("" if x != x else repr(x) for x in losses)]) + "\n"
