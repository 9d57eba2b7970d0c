"""What each column of a table holds: numbers, a few texts, or something that no network can use."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.table.reading import MISSING, Table, TableError, clip, parse_number

Kind = Literal["number", "text", "identifier", "date", "free_text", "constant", "empty"]

#: A text column of more distinct values is free text.
MOST_TEXTS = 20
#: A numeric target of at most so many distinct whole values is read as classes.
MOST_NUMBER_CLASSES = 20

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}([T ]\d{1,2}:\d{2}.*)?"
)
_IDENTIFIER_NAME = re.compile(r"(?i)(^|[ _.-])(id|uuid|guid|index|no|nr|key)$|^(unnamed.*|row|rownames?)$")
_TARGET_NAMES = ("target", "label", "class", "species", "digit", "outcome", "y", "output", "category", "type")


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


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


@lru_cache(maxsize=256)
def _numbers(table: Table, column: int) -> NDArray[np.float64] | None:
    """A column as numbers, NaN where missing; None if some cell is no number."""
    cells = table.columns[column]
    comma = table.delimiter != ","
    try:
        values = np.array(cells, dtype=np.float64)
        # Python and numpy read "nan", "inf" and "1_000"; the slow path decides what they are here.
        if np.isfinite(values).all() and not any("_" in cell for cell in cells):
            return values
    except ValueError:
        pass
    result = np.empty(len(cells))
    for row, cell in enumerate(cells):
        if is_missing(cell):
            result[row] = math.nan
            continue
        value = parse_number(cell, comma)
        if value is None:
            return None
        result[row] = value
    return result


def numbers(table: Table, column: int) -> NDArray[np.float64] | None:
    """A column as numbers ``(rows,)``, NaN where a cell is missing; None if it is a column of text.

    Raises
    ------
    TableError
        If a number is too large.
    """
    values = _numbers(table, column)
    if values is not None and np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise TableError(f"{table.cell(row, column)}: {clip(table.columns[column][row])} is too large for a number")
    return values


@lru_cache(maxsize=64)
def describe(table: Table) -> tuple[ColumnInfo, ...]:
    """What each column holds."""
    return tuple(_describe(table, column) for column in range(len(table.header)))


def _describe(table: Table, column: int) -> ColumnInfo:
    cells, name = table.columns[column], table.header[column]
    values = _numbers(table, column)
    if values is not None:
        known = values[~np.isnan(values)]
        distinct, missing = len(np.unique(known)), len(cells) - len(known)
        return ColumnInfo(name, _number_kind(name, known, distinct), distinct, missing)
    stripped = [cell.strip() for cell in cells if not is_missing(cell)]
    texts = set(stripped)
    return ColumnInfo(name, _text_kind(name, stripped, texts), len(texts), len(cells) - len(stripped))


def _number_kind(name: str, known: NDArray[np.float64], distinct: int) -> Kind:
    if distinct == 0:
        return "empty"
    if distinct == 1:
        return "constant"
    counts_up = distinct == len(known) and len(known) > 10 and bool((np.diff(known) == 1).all())
    named = bool(_IDENTIFIER_NAME.search(name)) and distinct == len(known) and bool((known == np.round(known)).all())
    return "identifier" if counts_up or named else "number"


def _text_kind(name: str, cells: list[str], texts: set[str]) -> Kind:
    if len(texts) == 1:
        return "constant"
    if all(_DATE.fullmatch(text) for text in texts):
        return "date"
    if len(texts) <= MOST_TEXTS:
        return "text"
    if len(texts) > 0.9 * len(cells) and all(" " not in text for text in texts):
        return "identifier"
    return "free_text"


def suggest_target(table: Table) -> str:
    """The column that is most likely to be learned: by its name, else the last one that can be."""
    usable = [info.name for info in describe(table) if info.kind in ("number", "text")]
    for wanted in _TARGET_NAMES:
        for name in usable:
            if name.lower() == wanted:
                return name
    return usable[-1] if usable else table.header[-1]
