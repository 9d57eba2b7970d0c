"""The log of a run or a race: a CSV with one row an epoch that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
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

    Parameters
    ----------
    path
        Where.
    first
        Names of columns before those of the trace.

    Raises
    ------
    WriteError
        At the beginning if nothing can be written there, else at the end.
    """

    def __init__(self, path: Path | None, first: tuple[str, ...] = ()) -> None:
        self._path, self._first = path, first
        self._stream: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            if reason := refusal(self._path):
                raise WriteError(f"{self._path}: {reason}")
            with self._told(self._path):
                folder = self._path.absolute().parent
                self._stream = tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=folder)
                self._stream.write(",".join((*self._first, *COLUMNS)) + "\n")
        return self

    def write(self, rows: Matrix) -> None:
        """Take the rows that follow."""
        self.write_lines(map(_line, rows.tolist()))

    def write_runs(self, names: Sequence[str], runs: Sequence[Matrix], by: int) -> None:
        """Take the rows that follow of several runs, in the order of column `by` and at the same place of the runs."""
        rows = [(row[by], run, row) for run, rows in enumerate(runs) for row in rows.tolist()]
        self.write_lines(f"{_quoted(names[run])},{_line(row)}" for _, run, row in sorted(rows))

    def write_lines(self, lines: Iterable[str]) -> None:
        """Take lines as they are to stand in the file."""
        if self._path is not None and self._stream is not None:
            with self._told(self._path):
                self._stream.writelines(lines)

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


def _quoted(text: str) -> str:
    """A cell, in quotes where it needs them."""
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text
