"""Reading a delimited text file into cells, with the line of every row kept for messages."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ann_studio.data.table.cells import has_decimal_comma
from ann_studio.data.table.decoding import decode
from ann_studio.data.table.dialect import (
    DELIMITERS,
    announced_delimiter,
    find_delimiter,
    find_header,
    is_blank,
    separated_by_spaces,
)
from ann_studio.data.table.errors import TableError, clip, flat

MOST_COLUMNS = 4096

_SAMPLE_LINES = 200


@dataclass(frozen=True, eq=False)
class Table:
    """The cells of a table, as text.

    Parameters
    ----------
    name
        Name of the file, for messages.
    header
        Unique column names.
    columns
        The cells, column by column.
    delimiter
        What separates the cells in the file.
    lines
        The line of the file in which each row begins, from 1.
    findings
        What `ann_studio.data.table.columns` has found out about it. It stays with the table, and comes along when a
        child process has read it, so that no window waits for it.
    """

    name: str
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    delimiter: str
    lines: tuple[int, ...]
    findings: dict[str, dict[int, Any]] = field(default_factory=dict, repr=False)

    @property
    def decimal_comma(self) -> bool:
        """Whether ``1,5`` is a number."""
        return has_decimal_comma(self.delimiter)

    def title(self, column: int) -> str:
        """Words for a column: ``iris.csv, column 3 ("width")``."""
        return f'{self.name}, column {column + 1} ("{clip(self.header[column])}")'

    def cell(self, row: int, column: int) -> str:
        """Words for the place of a cell: ``iris.csv, line 7, column 3 ("width")``."""
        return f'{self.name}, line {self.lines[row]}, column {column + 1} ("{clip(self.header[column])}")'


def read_table(stream: BinaryIO, name: str) -> Table:
    """Read a table: UTF-8, with delimiter and header found.

    Parameters
    ----------
    stream
        Bytes of the file.
    name
        What messages call it.

    Raises
    ------
    TableError
        If it is empty, binary, not UTF-8, ragged, separated by spaces, has too many columns or no rows.
    """
    name = flat(name)
    announced, text = announced_delimiter(decode(stream.read(), name))
    # A look at the beginning is enough to refuse a million columns before they are cut into cells.
    lines = list(itertools.islice(io.StringIO(text, newline=""), _SAMPLE_LINES))
    _check_first_line(lines, name)
    delimiter = announced or find_delimiter(lines)
    rows, starts = _parse(text, delimiter, name)
    _check_widths(rows, starts, delimiter, name)
    if len(rows[0]) == 1 and separated_by_spaces(lines):
        raise TableError(
            f"{name}, line {starts[0]}: the cells are separated by spaces; separate them by commas, semicolons or tabs"
        )
    names, begin = find_header(rows, delimiter)
    if len(rows) == begin:
        raise TableError(f"{name}, line {starts[0]}: there is a header and no row below it; add rows")
    return Table(name, names, tuple(zip(*rows[begin:], strict=True)), delimiter, tuple(starts[begin:]))


def _check_first_line(lines: Sequence[str], name: str) -> None:
    for number, line in enumerate(lines, 1):
        if line.strip():
            _check_number_of_columns(max(line.count(delimiter) for delimiter in DELIMITERS) + 1, number, name)
            return


def _check_number_of_columns(found: int, line: int, name: str) -> None:
    if found > MOST_COLUMNS:
        raise TableError(
            f"{name}, line {line}: {found:,} columns; at most {MOST_COLUMNS:,} can be read, so leave some out"
        )


def _parse(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int]]:
    """The rows that are not blank, at least one, and the line in which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    starts: list[int] = []
    line = 1
    try:
        for row in reader:
            if not is_blank(row):
                rows.append(row)
                starts.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{name}, line {line}: {_quoting(str(error))}") from None
    if not rows:
        raise TableError(f"{name}: every line is empty; choose a file with a header and rows")
    return rows, starts


def _quoting(message: str) -> str:
    if "unexpected end" in message:
        return "a quotation mark is opened and never closed; close it or remove it"
    if "field limit" in message:
        limit = f"{csv.field_size_limit():,}"
        return f"a cell is longer than {limit} characters; close its quotation mark or shorten it"
    return "text follows a closing quotation mark; double the marks inside a quoted cell"


def _check_widths(rows: list[list[str]], starts: Sequence[int], delimiter: str, name: str) -> None:
    """Check that all rows have as many cells as the first; empty cells beyond, which some programs write, are cut."""
    width = len(rows[0])
    if all(len(row) == width for row in rows):
        _check_number_of_columns(width, starts[0], name)
        return
    _cut(rows[0], max(map(len, rows[1:])))
    width = len(rows[0])
    _check_number_of_columns(width, starts[0], name)
    for row, line in zip(rows, starts, strict=True):
        _cut(row, width)
        if len(row) != width:
            raise TableError(f"{name}, line {line}{_ragged(len(row), width, starts[0], delimiter)}")


def _cut(row: list[str], width: int) -> None:
    if not any(cell.strip() for cell in row[width:]):
        del row[width:]


def _ragged(found: int, width: int, first: int, delimiter: str) -> str:
    cells = "1 cell" if found == 1 else f"{found:,} cells"
    if width == 1:
        return f": {cells} found, but a single one in line {first}; remove what stands above the header"
    remedy = f"quote a cell that contains {DELIMITERS[delimiter]}" if found > width else "add what is missing"
    return f", column {min(found, width) + 1}: {width} cells expected as in line {first}, {cells} found; {remedy}"
