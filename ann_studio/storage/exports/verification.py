"""An export is called saved only after something else than our own predictor has read it back and agreed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from ann_studio.data.dataset import Classes, Numbers
from ann_studio.learning.model import Model
from ann_studio.storage.exports.description import ModelFormatError
from ann_studio.storage.exports.reference import CHECKED_BY, evaluate, raw_feeds

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Outputs may differ by this, times their size where that is above 1.
TOLERANCE = 1e-9
MOST_ROWS = 10_000


class ExportError(Exception):
    """A model was not exported; the message is one line for the user, and no file was changed."""


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Parameters
    ----------
    title
        What the window calls it.
    write
        A model as the content of a file.
    read
        The content of a file as an ONNX graph, from that content alone; raises `ModelFormatError`.
    """

    title: str
    write: Callable[[Model], bytes]
    read: Callable[[bytes], ModelProto]


@dataclass(frozen=True)
class Verification:
    """What was found when an export was read back and run.

    Parameters
    ----------
    path
        The file.
    rows
        Rows of data that it was run on.
    greatest_difference
        Of an activation of the output layer from that of the network in the program, absolute.
    classes_agree
        Whether every row got the same class (where two classes tie to within the tolerance, either is right);
        None if the target is no class.
    checked_by
        What ran it.
    """

    path: Path
    rows: int
    greatest_difference: float
    classes_agree: bool | None
    checked_by: str


def format_of(path: Path, formats: Mapping[str, Format]) -> Format:
    """Find the format that the suffix of `path` asks for; raises `ExportError` if there is none."""
    found = formats.get(path.suffix.lower())
    if found is None:
        raise ExportError(f"{path}: the name of an export ends in {' or '.join(formats)}")
    return found


def evenly_picked(inputs: Matrix) -> Matrix:
    """Pick all rows, or `MOST_ROWS` of them from the first to the last."""
    if len(inputs) <= MOST_ROWS:
        return inputs
    return np.ascontiguousarray(inputs[np.linspace(0, len(inputs) - 1, MOST_ROWS).astype(np.int64)])


def write_and_verify(model: Model, inputs: Matrix, path: Path, temporary: Path, format: Format) -> Verification:
    """Write `model` to `temporary`, read that file again, and run it on the raw `inputs`.

    Returns
    -------
    Verification
        In the name of `path`, which is not touched.

    Raises
    ------
    ExportError
        If the model cannot be checked or what was read back does not agree with it.
    OSError
        If the file cannot be written.
    """
    expected = _expected(model, inputs, path)
    with temporary.open("xb") as file:
        file.write(format.write(model))
        file.flush()
        os.fsync(file.fileno())
    try:
        graph = format.read(temporary.read_bytes())
        found = evaluate(graph, raw_feeds(model.preparation.columns, inputs))
    except ModelFormatError as error:
        raise ExportError(f"{path} was not saved: read back, {error}") from None
    _compare(found["outputs"], expected, np.ones(expected.shape[1]), path)
    difference = float(np.abs(found["outputs"] - expected).max())
    agree: bool | None = None
    if isinstance(model.preparation.target, Numbers):
        preparation = model.preparation
        _compare(found["prediction"], preparation.decode(expected), preparation.target_scale, path)
    else:
        agree = _same_classes(found["label"], expected, model, model.preparation.target)
        if not agree:
            raise ExportError(f"{path} was not saved: read back, it finds other classes than the network")
    return Verification(path, len(inputs), difference, agree, CHECKED_BY)


def _expected(model: Model, inputs: Matrix, path: Path) -> Matrix:
    if len(inputs) == 0:
        raise ExportError(f"{path} was not saved: there are no rows of data to check it on")
    with np.errstate(all="ignore"):
        expected = model.outputs(inputs)
    if not np.isfinite(expected).all() or not np.isfinite(model.theta).all():
        raise ExportError(f"{path} was not saved: the network's outputs are not finite; go back to an earlier moment")
    return expected


def _compare(found: Matrix, expected: Matrix, unit: Vector, path: Path) -> None:
    if found.shape != expected.shape:
        raise ExportError(f"{path} was not saved: read back, its outputs have the shape {found.shape}")
    difference = np.abs(found - expected)
    allowed = TOLERANCE * np.maximum(np.abs(unit), np.maximum(1.0, np.abs(expected)))
    # Written so that NaN is a difference.
    wrong = ~(difference <= allowed)
    if wrong.any():
        row = int(wrong.any(axis=1).argmax())
        size = float(difference[row][wrong[row]].max())
        raise ExportError(
            f"{path} was not saved: read back, it differs from the network by {size:.2g} in row {row + 1}"
        )


def _same_classes(labels: NDArray[Any], expected: Matrix, model: Model, target: Classes) -> bool:
    preparation = model.preparation
    if expected.shape[1] == 1:
        margin = np.abs(expected[:, 0] - (preparation.low + preparation.high) / 2)
    else:
        best = np.sort(expected, axis=1)[:, -2:]
        margin = best[:, 1] - best[:, 0]
    decided = margin > 2 * TOLERANCE * np.maximum(1.0, np.abs(expected).max(axis=1))
    index = preparation.decode(expected)[:, 0].astype(np.int64)
    same = np.array(target.labels, dtype=object)[index] == labels
    return bool(same[decided].all()) and bool(np.isin(labels.astype(str), target.labels).all())
