"""What is to be learned from a table: one of several classes, or numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.table.cells import is_missing, mostly_numbers, parse_number
from ann_studio.data.table.columns import LARGEST, describe, numbers
from ann_studio.data.table.errors import TableError, clip
from ann_studio.data.table.reading import Table

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Rows = NDArray[np.int64]
Task = Literal["classes", "numbers"] | None

#: A numeric target of at most so many distinct whole values, which repeat, is read as classes.
MOST_NUMBER_CLASSES = 20
MOST_CLASSES = 100


def learn(table: Table, positions: Sequence[int], rows: Rows, task: Task) -> tuple[Classes | Numbers, Matrix]:
    """The target columns at `positions`, in `rows`, none of which has a missing cell there.

    Returns
    -------
    target
        What is learned; classes are only those that occur in `rows`, in order.
    targets
        As `ann_studio.data.dataset.Dataset.targets`.

    Raises
    ------
    TableError
        If it cannot be learned, as there is a single class, or a text among numbers.
    """
    if len(positions) == 1:
        (position,) = positions
        values = numbers(table, position, LARGEST)
        if values is None:
            _check_text(table, position, task)
            return _classes_of_texts(table, position, rows)
        if _is_classes(values[rows], task):
            return _classes_of_numbers(table, position, values[rows], rows)
    return _several_numbers(table, positions, rows, task)


def first_text(table: Table, position: int) -> int:
    """The first row of a text column whose cell is no number, though not missing."""
    cells, comma = table.columns[position], table.decimal_comma
    return next(row for row, cell in enumerate(cells) if not is_missing(cell) and parse_number(cell, comma) is None)


def no_number(table: Table, position: int) -> str:
    """Say which cell of a text column is no number."""
    row = first_text(table, position)
    return f"{table.cell(row, position)}: '{clip(table.columns[position][row])}' is not a number"


def _is_classes(values: Vector, task: Task) -> bool:
    if task is not None:
        return task == "classes"
    distinct = len(np.unique(values))
    whole = bool((values == np.round(values)).all())
    return whole and distinct <= MOST_NUMBER_CLASSES and (distinct <= 2 or 2 * distinct <= len(values))


def _check_text(table: Table, position: int, task: Task) -> None:
    """Refuse a column of text where numbers were asked for, or are meant: it has many of them and a stray word."""
    many = describe(table)[position].kind == "free_text"
    meant = many and mostly_numbers(table.columns[position], table.decimal_comma)
    if task == "numbers" or (task is None and meant):
        raise TableError(f"{no_number(table, position)}; correct it, leave it empty or read the target as classes")


def _classes_of_texts(table: Table, position: int, rows: Rows) -> tuple[Classes, Matrix]:
    column = table.columns[position]
    cells = [column[row].strip() for row in rows.tolist()]
    labels = sorted(set(cells))
    index = {label: float(k) for k, label in enumerate(labels)}
    codes = np.array([[index[cell]] for cell in cells])
    return _checked(table, position, labels), codes


def _classes_of_numbers(table: Table, position: int, values: Vector, rows: Rows) -> tuple[Classes, Matrix]:
    """One label a value, as first written: 1, 1.0 and 1,0 are the same class."""
    _, first, codes = np.unique(values, return_index=True, return_inverse=True)
    labels = [table.columns[position][row].strip() for row in rows[first].tolist()]
    return _checked(table, position, labels), codes.reshape(-1, 1).astype(np.float64)


def _checked(table: Table, position: int, labels: Sequence[str]) -> Classes:
    if len(labels) == 1:
        raise TableError(
            f"{table.title(position)}: only one class ('{clip(labels[0])}'); at least two are needed, so choose"
            " another target or add rows"
        )
    if len(labels) > MOST_CLASSES:
        raise TableError(
            f"{table.title(position)}: {len(labels):,} classes, at most {MOST_CLASSES} can be learned;"
            " choose another target or one of numbers"
        )
    return Classes(table.header[position], tuple(labels))


def _several_numbers(table: Table, positions: Sequence[int], rows: Rows, task: Task) -> tuple[Numbers, Matrix]:
    if task == "classes":
        raise TableError(f"{table.name}: only a single target can be classes; choose one, or read them as numbers")
    targets = np.empty((len(rows), len(positions)))
    for k, position in enumerate(positions):
        values = numbers(table, position, LARGEST)
        if values is None:
            raise TableError(f"{no_number(table, position)}; several targets must be numbers, so leave this one out")
        targets[:, k] = values[rows]
        if (targets[:, k] == targets[0, k]).all():
            raise TableError(f"{table.title(position)}: the target is the same in every row; choose another target")
    return Numbers(tuple(table.header[position] for position in positions)), targets
