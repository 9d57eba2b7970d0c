"""Opening tables, here or in a child process (parsing holds Python's lock for long)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ann_studio.data.table import Table, TableError, read_table
from ann_studio.storage.child import ChildDied, never, run_in_child

MAX_BYTES = 2**30


def load_table(path: Path) -> Table:
    """Read the table at `path`.

    Raises
    ------
    TableError
        If it cannot be read, in one line.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise TableError(f"{path}: larger than {MAX_BYTES // 2**30} GB; take a part of its rows")
        with path.open("rb") as stream:
            return read_table(stream, path.name)
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from None


def load_table_in_child(path: Path, cancelled: Callable[[], bool] = never) -> Table:
    """`load_table` in a child process, so that a window stays alive.

    Raises
    ------
    ann_studio.storage.child.Cancelled
        If `cancelled`, asked every 50 ms, said yes.
    TableError
        As `load_table`.
    """
    try:
        return run_in_child(_work, path, cancelled=cancelled)
    except ChildDied as error:
        raise TableError(f"{path}: cannot be read: {error}") from None


def _work(path: Path, report: object) -> Table:
    return load_table(path)
