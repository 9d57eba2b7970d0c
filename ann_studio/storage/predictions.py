"""Predict the rows of a table with an exported model, columns matched by name.

The model is run by ONNX's reference evaluator from the file alone; neither the experiment nor its data are needed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Column, TextColumn
from ann_studio.data.table import Table, TableError, encode_rows, is_missing
from ann_studio.storage.atomic import write_atomically
from ann_studio.storage.child import ChildDied, Report, never, run_in_child
from ann_studio.storage.exports import FORMATS
from ann_studio.storage.exports.description import ClassTarget, Description, ModelFormatError, columns_of
from ann_studio.storage.exports.onnx_model import describe_onnx
from ann_studio.storage.exports.reference import evaluate, raw_feeds
from ann_studio.storage.tables import load_table

Matrix = NDArray[np.float64]


class PredictionError(Exception):
    """Nothing was predicted; the message is one line for the user."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """The table as it was read, and what the model says of its rows.

    Parameters
    ----------
    table
        The new rows.
    names
        Titles of the columns that are added: ``predicted species``, ``confidence setosa``, …
    cells
        One column for each of `names`, as texts; numbers in full, confidences 0 to 1. Empty where a row could not be
        predicted because a cell is missing or too large.
    skipped
        Rows that could not be predicted.
    notes
        One sentence each for what the user should know.
    """

    table: Table
    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    skipped: int
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Number of rows of the table."""
        return len(self.cells[0])


def predict_table(
    model_path: Path, table_path: Path, out: TextIO | None = None, *, progress: Report | None = None
) -> Predictions:
    """Predict every row of the table at `table_path` with the exported model at `model_path`.

    Parameters
    ----------
    out
        Where to write table and predictions, see `write_predictions`; None: nowhere.
    progress
        Called with rows done and rows in all.

    Raises
    ------
    PredictionError
        If the model or the table cannot be read, or the table lacks a column that the model needs.
    """
    graph = _read_model(model_path)
    description = describe_onnx(graph)
    try:
        table = load_table(table_path)
        columns = _matched(description, table, table_path)
        inputs = encode_rows(table, columns)
    except TableError as error:
        raise PredictionError(str(error)) from None
    except OSError as error:
        raise PredictionError(f"{table_path}: cannot be read ({error.strerror or error})") from None
    try:
        answers = evaluate(graph, raw_feeds(columns, inputs), progress)
    except ModelFormatError as error:
        raise PredictionError(f"{model_path}: {error}") from None
    complete = _complete(description, table, columns, inputs)
    finite = np.isfinite(answers["outputs"]).all(axis=1)
    notes = [
        *_unknown_texts(table, columns),
        *_left_out(int((~complete).sum()), "a cell is missing"),
        *_left_out(int((complete & ~finite).sum()), "the numbers are too large for the model"),
    ]
    predictions = _in_words(description, table, complete & finite, answers, notes)
    if out is not None:
        write_predictions(predictions, out)
    return predictions


def predict_table_in_child(
    model_path: Path, table_path: Path, cancelled: Callable[[], bool] = never, progress: Report | None = None
) -> Predictions:
    """`predict_table` in a child process, so that a window stays alive.

    Raises
    ------
    ann_studio.storage.exports.Cancelled
        If `cancelled`, asked every 50 ms, said yes.
    PredictionError
        As `predict_table`.
    """
    try:
        return run_in_child(_work, model_path, table_path, cancelled=cancelled, progress=progress)
    except ChildDied as error:
        raise PredictionError(f"{table_path}: nothing was predicted: {error}") from None


def write_predictions(predictions: Predictions, stream: TextIO) -> None:
    """Write the table's own columns followed by the predictions, delimited as the table was."""
    table = predictions.table
    writer = csv.writer(stream, delimiter=table.delimiter, lineterminator="\n")
    writer.writerow([*table.header, *predictions.names])
    writer.writerows(zip(*table.columns, *predictions.cells, strict=True))


def save_predictions(predictions: Predictions, path: Path) -> None:
    """`write_predictions` to a file that appears whole or not at all.

    Raises
    ------
    PredictionError
        If it cannot be written.
    """
    text = io.StringIO(newline="")
    write_predictions(predictions, text)
    write_atomically(path, text.getvalue(), PredictionError)


def _read_model(path: Path) -> Any:
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise PredictionError(f"{path}: the name of an exported model ends in {' or '.join(FORMATS)}")
    try:
        return form.read(path.read_bytes())
    except ModelFormatError as error:
        raise PredictionError(f"{path}: {error}") from None
    except OSError as error:
        raise PredictionError(f"{path}: cannot be read ({error.strerror or error})") from None


def _matched(description: Description, table: Table, path: Path) -> tuple[Column, ...]:
    columns = columns_of(description.columns)
    absent = [column.name for column in columns if column.name not in table.header]
    if absent:
        names = ", ".join(repr(name) for name in absent[:5]) + (", …" if len(absent) > 5 else "")
        noun, it = ("column", "it") if len(absent) == 1 else ("columns", "them")
        remedy = f"add {it} or rename what stands for {it}"
        raise PredictionError(f"{path}: it has no {noun} {names}, which the model needs; {remedy}")
    return columns


def _complete(description: Description, table: Table, columns: tuple[Column, ...], inputs: Matrix) -> NDArray[np.bool_]:
    """Tell which rows the model takes: as in training, none with a missing cell unless it fills them."""
    if description.fills_missing:
        return np.ones(len(inputs), dtype=np.bool_)
    complete = np.asarray(~np.isnan(inputs).any(axis=1))
    for column in columns:
        if isinstance(column, TextColumn):
            complete &= [not is_missing(text) for text in _cells(table, column)]
    return complete


def _left_out(count: int, reason: str) -> list[str]:
    if count == 0:
        return []
    return [f"{'1 row' if count == 1 else f'{count:,} rows'} got no prediction: {reason}."]


def _unknown_texts(table: Table, columns: tuple[Column, ...]) -> list[str]:
    """Write one sentence for each column of text with values that did not occur in training."""
    notes = []
    for column in columns:
        if isinstance(column, TextColumn):
            found = dict.fromkeys(_cells(table, column))
            unknown = [text for text in found if text.strip() not in column.values and not is_missing(text)]
            if unknown:
                named = ", ".join(repr(text) for text in unknown[:5]) + (", …" if len(unknown) > 5 else "")
                notes.append(f"Column {column.name!r} has texts that the model does not know: {named}.")
    return notes


def _cells(table: Table, column: Column) -> Sequence[str]:
    cells: Sequence[str] = table.columns[table.header.index(column.name)]
    return cells


def _in_words(
    description: Description,
    table: Table,
    judged: NDArray[np.bool_],
    answers: dict[str, NDArray[Any]],
    notes: list[str],
) -> Predictions:
    if isinstance(description.target, ClassTarget):
        names, columns = _classes(description.target, description.probabilities, answers)
    else:
        names = [f"predicted {name}" for name in description.target.names]
        columns = [_numbers(values) for values in answers["prediction"].T]
    cells = tuple(
        tuple(cell if known else "" for cell, known in zip(column, judged, strict=True)) for column in columns
    )
    skipped = int((~judged).sum())
    return Predictions(table, _distinct(names, table.header), cells, skipped, tuple(notes))


def _classes(
    target: ClassTarget, probabilities: bool, answers: dict[str, NDArray[Any]]
) -> tuple[list[str], list[Sequence[str]]]:
    names, columns = [f"predicted {target.name}"], [answers["label"].tolist()]
    if probabilities:
        outputs = answers["outputs"]
        shares = np.column_stack([1.0 - outputs[:, 0], outputs[:, 0]]) if outputs.shape[1] == 1 else outputs
        names += [f"confidence {label}" for label in target.labels]
        columns += [_numbers(values) for values in shares.T]
    return names, columns


def _numbers(values: NDArray[np.float64]) -> list[str]:
    return [repr(value) for value in values.tolist()]


def _distinct(names: list[str], taken: Sequence[str]) -> tuple[str, ...]:
    """Add a number to a name that the table, predicted once before, already has."""
    result: list[str] = []
    for name in names:
        free, number = name, 2
        while free in taken or free in result:
            free, number = f"{name} ({number})", number + 1
        result.append(free)
    return tuple(result)


def _work(model_path: Path, table_path: Path, report: Report) -> Predictions:
    return predict_table(model_path, table_path, progress=report)
