"""From the cells of a table to the numbers of a `Dataset`, and from new rows to inputs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Column, Dataset, NumberColumn, Numbers, TextColumn
from ann_studio.data.table.columns import MOST_NUMBER_CLASSES, ColumnInfo, describe, is_missing, numbers
from ann_studio.data.table.reading import Table, TableError, clip, parse_number

Matrix = NDArray[np.float64]
Task = Literal["classes", "numbers"] | None

_MOST_CLASSES = 100
_SET_ASIDE = {
    "identifier": "is an identifier",
    "date": "holds dates",
    "free_text": "holds free text",
    "constant": "is the same in every row",
    "empty": "is empty",
}


def to_dataset(
    table: Table,
    target: Sequence[str],
    inputs: Sequence[str] | None = None,
    missing: Literal["drop", "fill"] = "drop",
    task: Task = None,
) -> Dataset:
    """Make a `Dataset` of a table.

    Parameters
    ----------
    target
        One column, or several columns of numbers.
    inputs
        Input columns; None takes all others and sets aside what no network can use, with a note.
    missing
        Leave out rows with missing cells, or have missing numbers filled with the training mean.
    task
        None recognises it: texts, and few whole numbers, are classes.

    Raises
    ------
    TableError
        If that cannot be, in one line.
    """
    positions = [_find(table, name) for name in target]
    chosen, notes = _inputs(table, positions, inputs)
    columns, blocks = _encode(table, chosen, [describe(table)[k] for k in chosen])
    described, values = _target(table, positions, task)
    known = ~np.isnan(values).any(axis=1)
    if not known.all():
        notes.append(f"{_rows(int((~known).sum()))} without a target left out.")
    incomplete = np.zeros(len(known), dtype=np.bool_)
    for position in chosen:
        incomplete |= _missing(table, position)
    count = int((incomplete & known).sum())
    if missing == "drop":
        known &= ~incomplete
        if count:
            notes.append(f"{_rows(count)} with missing cells left out.")
    elif count:
        notes.append(f"Missing cells of {_rows(count)} filled: numbers with the training mean, texts with none.")
    if not known.any():
        raise TableError(f"{table.name}: every row has a missing cell; fill missing cells instead of leaving rows out")
    values = values[known]
    if isinstance(described, Classes):
        described, values = _present(table, described, values, positions[0])
    return Dataset(
        columns, np.hstack(blocks)[known], described, values, fill_missing=missing == "fill", notes=tuple(notes)
    )


def encode_rows(table: Table, columns: tuple[Column, ...]) -> Matrix:
    """New rows as raw inputs, columns matched by name.

    Returns
    -------
    Matrix
        Shape ``(rows, width)`` as `Dataset.inputs`; NaN for a missing number, zeros for a missing or unknown text.

    Raises
    ------
    TableError
        If a column is missing, or a cell of a number column holds none.
    """
    blocks = []
    for column in columns:
        position = _find(table, column.name)
        if isinstance(column, TextColumn):
            blocks.append(_one_hot(table, position, column.values))
            continue
        values = numbers(table, position)
        if values is None:
            row = _first_text(table, position)
            raise TableError(f"{table.cell(row, position)}: '{clip(table.columns[position][row])}' is not a number")
        blocks.append(values[:, None])
    return np.hstack(blocks)


def _first_text(table: Table, position: int) -> int:
    comma = table.delimiter != ","
    cells = enumerate(table.columns[position])
    return next(row for row, cell in cells if not is_missing(cell) and parse_number(cell, comma) is None)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _find(table: Table, name: str) -> int:
    if name in table.header:
        return table.header.index(name)
    close = difflib.get_close_matches(name, table.header, 3, 0.5) or list(table.header[:6])
    known = ", ".join(clip(each, 30) for each in close)
    raise TableError(f'{table.name}: there is no column "{clip(name)}"; there is {known}')


def _missing(table: Table, position: int) -> NDArray[np.bool_]:
    values = numbers(table, position)
    if values is not None:
        return np.isnan(values)
    return np.array([is_missing(cell) for cell in table.columns[position]])


def _inputs(table: Table, targets: list[int], inputs: Sequence[str] | None) -> tuple[list[int], list[str]]:
    """Positions of the input columns, and a note for each column set aside."""
    infos, notes = describe(table), []
    if inputs is not None:
        chosen = [_find(table, name) for name in inputs]
        for position in chosen:
            if position in targets:
                raise TableError(f'{table.name}: "{clip(table.header[position])}" is both target and input; choose one')
            if infos[position].kind in ("free_text", "date", "empty"):
                why = _SET_ASIDE[infos[position].kind]
                raise TableError(f'{table.name}: column "{clip(table.header[position])}" {why} and cannot be an input')
    else:
        chosen = []
        for position, info in enumerate(infos):
            if position in targets:
                continue
            if info.kind in _SET_ASIDE:
                notes.append(f"“{clip(info.name)}” {_SET_ASIDE[info.kind]} and was set aside.")
            else:
                chosen.append(position)
    if not chosen:
        raise TableError(f"{table.name}: no column is left that could be an input; {' '.join(notes)}".rstrip("; "))
    return chosen, notes


def _encode(table: Table, chosen: list[int], infos: list[ColumnInfo]) -> tuple[tuple[Column, ...], list[Matrix]]:
    columns: list[Column] = []
    blocks: list[Matrix] = []
    for position, info in zip(chosen, infos, strict=True):
        values = numbers(table, position)
        if values is not None:
            columns.append(NumberColumn(info.name))
            blocks.append(values[:, None])
            continue
        texts = tuple(sorted({cell.strip() for cell in table.columns[position] if not is_missing(cell)}))
        if len(texts) > _MOST_CLASSES:
            raise TableError(f'{table.name}: column "{clip(info.name)}" has {len(texts):,} distinct texts; leave it out')
        columns.append(TextColumn(info.name, texts))
        blocks.append(_one_hot(table, position, texts))
    return tuple(columns), blocks


def _one_hot(table: Table, position: int, texts: tuple[str, ...]) -> Matrix:
    index = {text: k for k, text in enumerate(texts)}
    found = np.array([-1 if is_missing(cell) else index.get(cell.strip(), -1) for cell in table.columns[position]])
    result = np.zeros((len(found), len(texts)))
    rows = np.flatnonzero(found >= 0)
    result[rows, found[rows]] = 1.0
    return result


def _target(table: Table, positions: list[int], task: Task) -> tuple[Classes | Numbers, Matrix]:
    """What is learned, and its values with NaN where missing."""
    columns = [numbers(table, position) for position in positions]
    if len(positions) > 1:
        for position, values in zip(positions, columns, strict=True):
            if values is None or task == "classes":
                raise TableError(f'{table.name}: several targets must be numbers; "{clip(table.header[position])}" is not')
    values = columns[0]
    if len(positions) == 1 and (values is None or _is_classes(values, task)):
        return _class_target(table, positions[0], values, task)
    names = tuple(table.header[position] for position in positions)
    return Numbers(names), np.stack([column for column in columns if column is not None], axis=1)


def _is_classes(values: NDArray[np.float64], task: Task) -> bool:
    if task is not None:
        return task == "classes"
    known = values[~np.isnan(values)]
    return bool((known == np.round(known)).all()) and len(np.unique(known)) <= MOST_NUMBER_CLASSES


def _class_target(
    table: Table, position: int, values: NDArray[np.float64] | None, task: Task
) -> tuple[Classes, Matrix]:
    name = table.header[position]
    if values is None and task == "numbers":
        raise TableError(f'{table.name}: target "{clip(name)}" holds text and cannot be read as numbers')
    cells = [None if is_missing(cell) else cell.strip() for cell in table.columns[position]]
    if values is None:
        labels = sorted({cell for cell in cells if cell is not None})
    else:
        # one label a value, as first written: 1, 1.0 and 1,0 are the same class
        written = {float(v): cell for v, cell in zip(values[::-1], cells[::-1], strict=True) if cell is not None}
        labels = [written[value] for value in sorted(written)]
        cells = [None if cell is None else written[float(v)] for v, cell in zip(values, cells, strict=True)]
    if len(labels) > _MOST_CLASSES:
        raise TableError(
            f'{table.name}: target "{clip(name)}" has {len(labels):,} classes, at most {_MOST_CLASSES} can be learned;'
            " choose another target or read it as numbers"
        )
    index = {label: k for k, label in enumerate(labels)}
    codes = np.array([[np.nan if cell is None else index[cell]] for cell in cells], dtype=np.float64)
    return Classes(name, tuple(labels)), codes


def _present(table: Table, target: Classes, values: Matrix, position: int) -> tuple[Classes, Matrix]:
    """Only the classes that the remaining rows have."""
    present, codes = np.unique(values[:, 0], return_inverse=True)
    if len(present) < 2:
        label = clip(target.labels[int(present[0])]) if len(present) else ""
        raise TableError(
            f'{table.name}, column {position + 1} ("{clip(target.name)}"): only one class ("{label}");'
            " at least two are needed"
        )
    labels = tuple(target.labels[int(k)] for k in present)
    return Classes(target.name, labels), codes.reshape(-1, 1).astype(np.float64)
