"""From the cells of a table to the numbers of a `Dataset`, and from new rows to inputs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Column, Dataset, NumberColumn, TextColumn, input_names
from ann_studio.data.table.cells import is_missing, mostly_numbers
from ann_studio.data.table.columns import LARGEST, describe, numbers
from ann_studio.data.table.errors import TableError, clip
from ann_studio.data.table.reading import Table
from ann_studio.data.table.targets import MOST_CLASSES, Task, first_text, learn, no_number

Matrix = NDArray[np.float64]
Rows = NDArray[np.int64]

#: Numbers in the inputs of all rows together: 2 GB.
MOST_INPUTS = 2**28

_WHY = {
    "identifier": "is an identifier",
    "date": "holds dates",
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
        None recognises it: texts, and few whole numbers that repeat, are classes.

    Raises
    ------
    TableError
        If that cannot be, in one line.
    """
    targets = _positions(table, target, "target")
    if len(table.header) == 1:
        raise TableError(f"{table.name}: only one column; separate the cells by commas, semicolons or tabs")
    if len(table.lines) == 1:
        raise TableError(f"{table.name}, line {table.lines[0]}: this is the only row; add rows")
    chosen, notes = _suitable(table, targets) if inputs is None else (_asked_for(table, targets, inputs), [])
    rows, remarks = _kept_rows(table, targets, chosen, missing)
    notes += remarks
    if inputs is None:
        chosen, remarks = _varying(table, chosen, rows)
        notes += remarks
    described, values = learn(table, targets, rows, task)
    columns = tuple(_column(table, position, rows) for position in chosen)
    return Dataset(
        columns, _encoded(table, columns, chosen, rows), described, values, missing == "fill", notes=tuple(notes)
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
    positions = [_find(table, column.name) for column in columns]
    for column, position in zip(columns, positions, strict=True):
        if isinstance(column, NumberColumn) and numbers(table, position) is None:
            raise TableError(f"{no_number(table, position)}; correct it or leave it empty")
    return _encoded(table, columns, positions, np.arange(len(table.lines)))


# --- which columns ---------------------------------------------------------------------------------------------------
def _find(table: Table, name: str) -> int:
    if name in table.header:
        return table.header.index(name)
    close = difflib.get_close_matches(name, table.header, 3, 0.5) or list(table.header[:6])
    known = ", ".join(f'"{clip(each, 30)}"' for each in close)
    raise TableError(f'{table.name}: there is no column "{clip(name)}"; choose one of its columns, such as {known}')


def _positions(table: Table, names: Sequence[str], what: str) -> list[int]:
    positions = [_find(table, name) for name in names]
    for k, position in enumerate(positions):
        if position in positions[:k]:
            raise TableError(f"{table.title(position)}: named twice as {what}; name it once")
    return positions


def _asked_for(table: Table, targets: Sequence[int], inputs: Sequence[str]) -> list[int]:
    """Positions of the columns called `inputs`; those that are no input at all are refused."""
    chosen = _positions(table, inputs, "input")
    if not chosen:
        raise TableError(f"{table.name}: no input column is chosen; choose at least one")
    for position in chosen:
        info = describe(table)[position]
        if position in targets:
            raise TableError(f"{table.title(position)}: both target and input; choose one")
        if info.kind in ("free_text", "date", "empty"):
            raise TableError(f"{table.title(position)}: {_why(table, position)} and cannot be an input; leave it out")
    return chosen


def _suitable(table: Table, targets: Sequence[int]) -> tuple[list[int], list[str]]:
    """Positions of all columns that can be inputs, and a note for each other one."""
    chosen, notes = [], []
    for position, info in enumerate(describe(table)):
        if position in targets:
            continue
        if info.kind in ("number", "text"):
            chosen.append(position)
        else:
            notes.append(f"“{clip(info.name)}” {_why(table, position)} and was set aside.")
    if not chosen:
        raise TableError(f"{table.name}: no column is left that could be an input; {_first(notes)}add one of numbers")
    return chosen, notes


def _why(table: Table, position: int) -> str:
    kind = describe(table)[position].kind
    if kind in _WHY:
        return _WHY[kind]
    cells = table.columns[position]
    if mostly_numbers(cells, table.decimal_comma):
        row = first_text(table, position)
        return f"holds numbers, but “{clip(cells[row], 24)}” in line {table.lines[row]},"
    example = next(cell for cell in cells if not is_missing(cell))
    return f"holds free text, such as “{clip(example, 24)}”,"


def _first(notes: Sequence[str]) -> str:
    return notes[0].rstrip(".") + "; " if notes else ""


def _varying(table: Table, chosen: Sequence[int], rows: Rows) -> tuple[list[int], list[str]]:
    """The columns that differ among the `rows` that were kept, and a note for each other one."""
    varying, notes = [], []
    for position in chosen:
        if _varies(table, position, rows):
            varying.append(position)
        else:
            name = clip(table.header[position])
            notes.append(f"“{name}” is the same in every row that was kept and was set aside.")
    if not varying:
        raise TableError(f"{table.name}: no column is left that could be an input; {_first(notes)}add other rows")
    return varying, notes


def _varies(table: Table, position: int, rows: Rows) -> bool:
    values = numbers(table, position, LARGEST)
    if values is None:
        return len(_texts(table, position, rows)) > 1
    known = values[rows]
    known = known[~np.isnan(known)]
    return len(known) > 0 and bool((known != known[0]).any())


# --- which rows ------------------------------------------------------------------------------------------------------
def _kept_rows(table: Table, targets: Sequence[int], chosen: Sequence[int], missing: str) -> tuple[Rows, list[str]]:
    """Row numbers that can be used, and a note on those that cannot or have gaps to fill."""
    notes = []
    known = ~_gaps(table, targets)
    if not known.any():
        raise TableError(f"{table.title(targets[0])}: no row has a target; choose another one")
    if not known.all():
        notes.append(f"{_count(int((~known).sum()))} without a target left out.")
    gaps = _gaps(table, chosen) & known
    if gaps.any():
        worst = max(chosen, key=lambda position: describe(table)[position].missing)
        most = f"most in “{clip(table.header[worst])}”"
        if missing == "fill":
            filled = f"{_count(int(gaps.sum()))} with missing cells filled, {most}"
            notes.append(f"{filled}: numbers with the training mean, texts with none.")
        elif (gaps == known).all():
            raise TableError(f"{table.name}: every row has a missing cell, {most}; fill them or leave it out")
        else:
            notes.append(f"{_count(int(gaps.sum()))} with missing cells left out, {most}.")
            known &= ~gaps
    return np.flatnonzero(known), notes


def _gaps(table: Table, positions: Sequence[int]) -> NDArray[np.bool_]:
    """Whether a cell of the columns at `positions` is missing, for each row."""
    result = np.zeros(len(table.lines), dtype=np.bool_)
    for position in positions:
        if describe(table)[position].missing:
            values = numbers(table, position)
            cells = table.columns[position]
            result |= np.isnan(values) if values is not None else [is_missing(cell) for cell in cells]
    return result


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"


# --- what they become ------------------------------------------------------------------------------------------------
def _column(table: Table, position: int, rows: Rows) -> Column:
    name = table.header[position]
    if numbers(table, position, LARGEST) is not None:
        return NumberColumn(name)
    texts = _texts(table, position, rows)
    if len(texts) > MOST_CLASSES:
        raise TableError(f"{table.title(position)}: {len(texts):,} distinct texts; leave it out")
    return TextColumn(name, tuple(sorted(texts)))


def _texts(table: Table, position: int, rows: Rows) -> set[str]:
    cells = table.columns[position]
    return {text.strip() for text in {cells[row] for row in rows.tolist()} if not is_missing(text)}


def _encoded(table: Table, columns: tuple[Column, ...], positions: Sequence[int], rows: Rows) -> Matrix:
    """Rows of `table` as raw inputs, where `columns` lie at `positions`."""
    width = len(input_names(columns))
    if width * len(rows) > MOST_INPUTS:
        raise TableError(
            f"{table.name}: {_count(len(rows))} of {width:,} inputs need too much memory; leave out rows or columns"
        )
    result = np.zeros((len(rows), width))
    start = 0
    for column, position in zip(columns, positions, strict=True):
        if isinstance(column, TextColumn):
            _one_hot(table.columns[position], column.values, rows, result[:, start : start + len(column.values)])
            start += len(column.values)
        else:
            values = numbers(table, position)
            assert values is not None
            result[:, start] = values[rows]
            start += 1
    return result


def _one_hot(cells: Sequence[str], values: tuple[str, ...], rows: Rows, out: Matrix) -> None:
    """Set a 1 where a row has the text of the column of `out`; none for other texts."""
    index = {text: k for k, text in enumerate(values)}
    code = {cell: -1 if is_missing(cell) else index.get(cell.strip(), -1) for cell in set(cells)}
    found = np.array([code[cells[row]] for row in rows.tolist()])
    known = np.flatnonzero(found >= 0)
    out[known, found[known]] = 1.0
