"""Reading a delimited text file into cells, with the line of every row kept for messages."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

MOST_COLUMNS = 4096
#: Cells that mean "missing", in lower case.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})

_DELIMITERS = (",", ";", "\t", "|", " ")
_SAMPLE_LINES = 200


class TableError(ValueError):
    """A table that cannot be used; the message is one line with file, line and column where they are known."""


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
    """

    name: str
    header: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    delimiter: str
    lines: tuple[int, ...]

    def cell(self, row: int, column: int) -> str:
        """Words for the place of a cell: ``iris.csv, line 7, column 3 ("width")``."""
        return f'{self.name}, line {self.lines[row]}, column {column + 1} ("{clip(self.header[column])}")'


def clip(text: str, most: int = 40) -> str:
    """`text` on one line and not too long, for a message."""
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def parse_number(cell: str, decimal_comma: bool = False) -> float | None:
    """The number that a cell holds; None if it holds none. ``1_000`` and other words of Python are none."""
    text = cell.strip()
    if decimal_comma:
        text = text.replace(",", ".")
    if not text or "_" in text or text[-1].lower() in "nfy":  # nan, inf, infinity
        return None
    try:
        return float(text)
    except ValueError:
        return None


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
        If it is empty, binary, not UTF-8, ragged, has a single column or too many, or no rows.
    """
    text = _decode(stream.read(), name)
    lines = text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    first = next((line for line in lines if line.strip()), "")
    most = max(first.count(delimiter) for delimiter in _DELIMITERS[:4])
    if most >= MOST_COLUMNS:
        raise TableError(f"{name}, line 1: {most + 1:,} columns; at most {MOST_COLUMNS:,} can be read")
    delimiter = _find_delimiter(lines, first, name)
    rows, starts = _parse(text, delimiter, name)
    _check_widths(rows, starts, name)
    names, begin = _header(rows, delimiter)
    if len(rows) == begin:
        raise TableError(f"{name}: there is a header and no row below it; add rows")
    columns = tuple(zip(*rows[begin:], strict=True))
    return Table(name, names, columns, delimiter, tuple(starts[begin:]))


def _decode(raw: bytes, name: str) -> str:
    if not raw.strip():
        raise TableError(f"{name}: the file is empty")
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise TableError(f"{name}, line {line}: this is a binary file; save the table as CSV text")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise TableError(f"{name}, line {line}: not UTF-8; save the file as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _find_delimiter(lines: list[str], first: str, name: str) -> str:
    """The delimiter that gives most lines of the beginning the same number of cells, at least two."""
    best, score = "", (0.0, 0)
    for delimiter in _DELIMITERS:
        if delimiter not in first:
            continue
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if any(row)]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        agreeing = sum(width == widths[0] for width in widths) / len(widths)
        # the space is a last resort, and of equals the one with more cells wins
        candidate = (agreeing - (0.5 if delimiter == " " else 0.0), widths[0])
        if candidate > score:
            best, score = delimiter, candidate
    if not best:
        raise TableError(f"{name}, line 1: only one column; separate the cells by commas, semicolons or tabs")
    return best


def _parse(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows, starts, line = [], [], 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                starts.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        message = str(error).replace("unexpected end of data", "a quotation mark is not closed")
        raise TableError(f"{name}, line {line}: {clip(message, 120)}") from None
    if not rows:
        raise TableError(f"{name}: there is no row with anything in it")
    return rows, starts


def _check_widths(rows: list[list[str]], starts: list[int], name: str) -> None:
    width = len(rows[0])
    for row, line in zip(rows, starts, strict=True):
        if len(row) != width:
            raise TableError(
                f"{name}, line {line}, column {min(len(row), width) + 1}: {len(row)} cells where the first line has"
                f" {width}; make the lines equally long"
            )
    if width < 2:
        raise TableError(f"{name}, line 1: only one column; a target and at least one input are needed")


def _header(rows: list[list[str]], delimiter: str) -> tuple[tuple[str, ...], int]:
    """Column names, and the position of the first row of data."""
    comma = delimiter != ","
    first = [cell.strip() for cell in rows[0]]
    numeric = [parse_number(cell, comma) is not None for cell in first]
    if any(numeric):
        # A number among the names of columns is unusual, unless the column below is text throughout.
        return tuple(f"column {k + 1}" for k in range(len(first))), 0
    below = rows[1 : 1 + _SAMPLE_LINES]
    under_text = [any(parse_number(row[k], comma) is not None for row in below) for k in range(len(first))]
    if below and not any(under_text) and _looks_like_data(first, below):
        return tuple(f"column {k + 1}" for k in range(len(first))), 0
    return _unique(first), 1


def _looks_like_data(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether every cell of the first line, where all is text, is found again below it."""
    return all(any(row[k].strip() == cell for row in below) for k, cell in enumerate(first))


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    result: list[str] = []
    for position, name in enumerate(names):
        base = " ".join(name.split()) or f"column {position + 1}"
        candidate, number = base, 2
        while candidate in result:
            candidate, number = f"{base} ({number})", number + 1
        result.append(candidate)
    return tuple(result)
