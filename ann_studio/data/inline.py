"""Rows given in the experiment file itself, used as they are and in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers

Rows = Sequence[Sequence[float]]
Matrix = NDArray[np.float64]


def inline_dataset(
    inputs: Rows,
    targets: Rows,
    validation_inputs: Rows | None = None,
    validation_targets: Rows | None = None,
    task: Literal["classes", "numbers"] | None = None,
) -> Dataset:
    """A dataset of given rows; validation rows are put behind the others.

    Parameters
    ----------
    task
        None recognises it: targets that are all 0 or 1, or all −1 or +1, in one column, and one-hot rows, are
        classes; anything else is numbers.

    Raises
    ------
    ValueError
        For ragged or empty rows, numbers that are not finite, or parts that do not fit each other, with the JSON path.
    """
    if (validation_inputs is None) != (validation_targets is None):
        missing = "inputs" if validation_inputs is None else "targets"
        raise ValueError(f"$.data.validation.{missing}: missing; validation rows have both inputs and targets")
    x, y = _matrix(inputs, "$.data.inputs"), _matrix(targets, "$.data.targets")
    _match(x, y, "$.data")
    count = None
    if validation_inputs is not None and validation_targets is not None:
        more_x = _matrix(validation_inputs, "$.data.validation.inputs", x.shape[1])
        more_y = _matrix(validation_targets, "$.data.validation.targets", y.shape[1])
        _match(more_x, more_y, "$.data.validation")
        x, y, count = np.concatenate([x, more_x]), np.concatenate([y, more_y]), len(more_x)
    columns = tuple(NumberColumn(f"x{k + 1}") for k in range(x.shape[1]))
    classes = None if task == "numbers" else _classes(y)
    if classes is None:
        if task == "classes":
            raise ValueError("$.data.targets: classes are coded 0 and 1, −1 and +1, or one-hot")
        names = ("y",) if y.shape[1] == 1 else tuple(f"y{k + 1}" for k in range(y.shape[1]))
        return Dataset(columns, x, Numbers(names), y, validation=count)
    target, index = classes
    return Dataset(columns, x, target, index, validation=count)


def _classes(y: Matrix) -> tuple[Classes, Matrix] | None:
    """The classes that `y` codes, and their indices; None if it codes none."""
    values = set(np.unique(y).tolist())
    if y.shape[1] == 1:
        if values in ({0.0, 1.0}, {-1.0, 1.0}):
            return Classes("class", ("B", "A")), (y > 0).astype(np.float64)
        return None
    if values == {0.0, 1.0} and (y.sum(axis=1) == 1).all():
        labels = tuple(str(k + 1) for k in range(y.shape[1]))
        return Classes("class", labels), y.argmax(axis=1).astype(np.float64)[:, None]
    return None


def _matrix(rows: Rows, path: str, width: int | None = None) -> Matrix:
    """Rows as an array; `width` is that of the rows which these are to follow, None for the first."""
    if width is None:
        if not rows:
            raise ValueError(f"{path}: expected at least one row")
        width = len(rows[0])
        if width == 0:
            raise ValueError(f"{path}[0]: expected at least one number")
    for position, row in enumerate(rows):
        if len(row) != width:
            numbers = "1 number" if width == 1 else f"{width} numbers"
            raise ValueError(f"{path}[{position}]: expected {numbers}, found {len(row)}")
    matrix = np.array(rows, dtype=np.float64).reshape(len(rows), width)
    finite = np.isfinite(matrix)
    if not finite.all():
        row_index, column = np.argwhere(~finite)[0]
        raise ValueError(f"{path}[{row_index}][{column}]: expected a finite number")
    return matrix


def _match(x: Matrix, y: Matrix, path: str) -> None:
    if len(x) != len(y):
        rows = "1 row" if len(x) == 1 else f"{len(x)} rows"
        raise ValueError(f"{path}.targets: expected {rows} as in inputs, found {len(y)}")
