"""What each column of a table holds: numbers, a few texts, or something that no network can use."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.table.cells import is_missing, mostly_numbers
from ann_studio.data.table.errors import TableError, clip
from ann_studio.data.table.reading import Table

Vector = NDArray[np.float64]
Kind = Literal["number", "text", "identifier", "date", "free_text", "constant", "empty"]

#: A text column of more distinct values is free text.
MOST_TEXTS = 20
#: Squares of squares, which features and their scaling need, are finite for numbers up to this size.
LARGEST = 1e75

#: Fewer rows say nothing about whether values repeat or count up.
_TELLING_ROWS = 10
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = "|".join(
    (
        r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}",  # 2024-01-31
        r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}",  # 31.1.2024, 1/31/24
        r"\d{4}-(0[1-9]|1[0-2])",  # 2024-01
        rf"(\d{{1,2}}[ .-]+)?{_MONTH}[ ,-]+\d{{2,4}}",  # 31 Jan 2024, 31-Jan-24, January 2024
        rf"{_MONTH} \d{{1,2}},? \d{{4}}",  # Jan 31, 2024
    )
)
_DATE = re.compile(rf"({_DAY})([T ]{_CLOCK}.*)?|{_CLOCK}", re.IGNORECASE)
_IDENTIFIER_NAME = re.compile(
    r"(?i:(^|[ _.-])(id|uuid|guid|index|no|nr|key)$|^(unnamed.*|row|rownames?)$)|[a-z](Id|ID|Nr|No)$"
)
_TARGET_NAMES = (
    "target", "class", "label", "species", "digit", "outcome", "category", "type", "y", "output", "price",
)  # fmt: skip


@dataclass(frozen=True)
class ColumnInfo:
    """What was recognised in a column.

    Parameters
    ----------
    distinct
        Number of distinct cells that are not missing.
    missing
        Number of missing cells.
    """

    name: str
    kind: Kind
    distinct: int
    missing: int


def numbers(table: Table, column: int, largest: float = sys.float_info.max) -> Vector | None:
    """A column as numbers ``(rows,)``, NaN where a cell is missing; None if it is a column of text.

    Raises
    ------
    TableError
        If a number is infinite or its size is above `largest`.
    """
    values = _numbers(table, column)
    if values is not None and (large := np.abs(values) > largest).any():
        row = int(large.argmax())
        raise TableError(
            f"{table.cell(row, column)}: {clip(table.columns[column][row])} is infinite or too large;"
            " correct it or leave it empty"
        )
    return values


def describe(table: Table) -> tuple[ColumnInfo, ...]:
    """What each column holds."""
    known = table.findings.setdefault("described", {})
    for column in range(len(table.header)):
        if column not in known:
            known[column] = _describe(table, column)
    return tuple(known[column] for column in range(len(table.header)))


def suggest_target(table: Table) -> str:
    """The column that is most likely to be learned: by its name, else the last one that can be."""
    usable = [info.name for info in describe(table) if info.kind in ("number", "text")]
    for wanted in _TARGET_NAMES:
        for name in usable:
            if name.lower() == wanted:
                return name
    return usable[-1] if usable else table.header[-1]


def _numbers(table: Table, column: int) -> Vector | None:
    known = table.findings.setdefault("numbers", {})
    if column not in known:
        known[column] = _converted(table.columns[column], table.decimal_comma)
    values: Vector | None = known[column]
    return values


def _converted(cells: tuple[str, ...], decimal_comma: bool) -> Vector | None:
    """As `parse_number`, but all cells at once, which takes a fifth of the time."""
    try:
        return _floats(cells)
    except ValueError:
        pass
    texts = ["nan" if is_missing(cell) else cell for cell in cells]
    if decimal_comma:
        texts = [text.replace(",", ".") for text in texts]
    try:
        return _floats(texts)
    except ValueError:
        return None


def _floats(cells: Sequence[str]) -> Vector:
    values = np.fromiter(map(float, cells), np.float64, len(cells))
    if "_" in "".join(cells):
        raise ValueError("1_000 is a number in Python alone")
    values.flags.writeable = False
    return values


def _describe(table: Table, column: int) -> ColumnInfo:
    cells, name = table.columns[column], table.header[column]
    values = _numbers(table, column)
    if values is not None:
        known = values[~np.isnan(values)]
        distinct, missing = len(np.unique(known)), len(cells) - len(known)
        return ColumnInfo(name, _number_kind(table, column, known, distinct), distinct, missing)
    stripped = [cell.strip() for cell in cells if not is_missing(cell)]
    texts = set(stripped)
    return ColumnInfo(name, _text_kind(stripped, texts, table.decimal_comma), len(texts), len(cells) - len(stripped))


def _number_kind(table: Table, column: int, known: Vector, distinct: int) -> Kind:
    if distinct < 2:
        return "constant" if distinct else "empty"
    if distinct < len(known) or not np.isfinite(known).all() or (known != np.round(known)).any():
        return "number"
    # Numbered rows stand first, beside at least an input and a target; in x, y the x that counts up is an input.
    numbered = column == 0 and len(table.header) > 2 and len(known) > _TELLING_ROWS
    counts_up = numbered and known[0] in (0.0, 1.0) and bool((np.diff(known) == 1.0).all())
    return "identifier" if counts_up or _IDENTIFIER_NAME.search(table.header[column]) else "number"


def _text_kind(cells: list[str], texts: set[str], decimal_comma: bool) -> Kind:
    if len(texts) == 1:
        return "constant"
    if all(_DATE.fullmatch(text) for text in texts):
        return "date"
    repeating = len(cells) <= _TELLING_ROWS or 2 * len(texts) <= len(cells)
    if len(texts) <= MOST_TEXTS and repeating:
        return "text"
    codes = len(texts) > 0.9 * len(cells) and all(" " not in text for text in texts)
    # Numbers with a stray word between them are no identifiers.
    return "identifier" if codes and not mostly_numbers(list(texts), decimal_comma) else "free_text"
