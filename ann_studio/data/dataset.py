"""A table as numbers: named input columns, one target, rows that belong together.

A `Dataset` is what every source of data (generator, CSV file, points drawn by hand) becomes. It is raw: nothing
is scaled, expanded or split yet, so that whatever is fitted later can be fitted on the training part alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class NumberColumn:
    """An input column that holds numbers."""

    name: str


@dataclass(frozen=True)
class TextColumn:
    """An input column of few distinct texts; each of `values` becomes one 0/1 input (one-hot).

    A missing or unknown text is 0 in all of them.
    """

    name: str
    values: tuple[str, ...]


Column = NumberColumn | TextColumn


@dataclass(frozen=True)
class Classes:
    """A target that is one of several classes; `Dataset.targets` holds the index into `labels`."""

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """A target of one or more numbers, one column of `Dataset.targets` each."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Rows of inputs and targets.

    Parameters
    ----------
    columns
        The raw input columns, in order.
    inputs
        Shape ``(rows, width)``, where a number column has width 1 and a text column one per value.
        NaN marks a missing number that is to be filled (see `fill_missing`).
    target
        What is to be learned.
    targets
        Shape ``(rows, 1)`` with class indices for `Classes`, ``(rows, len(names))`` for `Numbers`.
    fill_missing
        Whether a missing number is replaced by the mean of the training part. If False, `inputs` has no NaN.
    validation
        For data that brings its own validation part: the last `validation` rows are it. None: split as asked.
    notes
        One sentence each for what was set aside, dropped or filled on the way, for the user to read.
    """

    columns: tuple[Column, ...]
    inputs: Matrix
    target: Classes | Numbers
    targets: Matrix
    fill_missing: bool = False
    validation: int | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> int:
        """Number of samples."""
        return len(self.inputs)

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """A name for each column of `inputs`: ``age``, ``colour=red``, ``colour=blue``."""
        return input_names(self.columns)


def input_names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """The names of the numeric columns that `columns` become."""
    names: list[str] = []
    for column in columns:
        match column:
            case NumberColumn(name):
                names.append(name)
            case TextColumn(name, values):
                names.extend(f"{name}={value}" for value in values)
    return tuple(names)
