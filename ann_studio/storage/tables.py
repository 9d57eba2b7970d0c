"""Opening tables, here or in a child process (parsing holds Python's lock for long)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ann_studio.data.table import Table, TableError, describe, read_table
from ann_studio.data.table.errors import flat
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
            raise TableError(f"{flat(path.name)}: larger than {MAX_BYTES // 2**30} GB; take a part of its rows")
        with path.open("rb") as stream:
            return read_table(stream, path.name)
    except TableError:
        raise
    except (OSError, ValueError) as error:  # ValueError: no file can have such a name
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"{flat(str(path))}: cannot be read ({reason}); check the name of the file") from None
    except MemoryError:
        raise TableError(f"{flat(path.name)}: needs more memory than there is; take a part of its rows") from None


def load_table_in_child(path: Path, cancelled: Callable[[], bool] = never) -> Table:
    """`load_table` in a child process, so that a window stays alive; its columns are described there as well.

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
        raise TableError(f"{flat(path.name)}: cannot be read: {error}; take a part of its rows") from None


def _work(path: Path, report: object) -> Table:
    table = load_table(path)
    describe(table)
    return table
