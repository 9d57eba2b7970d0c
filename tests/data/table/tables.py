"""Tables for tests: from text, or from columns without a file."""

from __future__ import annotations

import io

import pytest

from ann_studio.data.table import Table, TableError, read_table

NAME = "mine.csv"


def read(content: str | bytes) -> Table:
    raw = content.encode() if isinstance(content, str) else content
    return read_table(io.BytesIO(raw), NAME)


def refusal(content: str | bytes) -> str:
    """What is said of a file that cannot be read: one line that begins with its name."""
    with pytest.raises(TableError) as caught:
        read(content)
    return checked(caught.value)


def checked(error: TableError) -> str:
    message = str(error)
    assert message.startswith(NAME)
    assert message.isprintable()
    return message.removeprefix(NAME)


def of_columns(delimiter: str = ",", /, **columns: list[str]) -> Table:
    rows = len(next(iter(columns.values())))
    return Table(NAME, tuple(columns), tuple(map(tuple, columns.values())), delimiter, tuple(range(2, rows + 2)))
