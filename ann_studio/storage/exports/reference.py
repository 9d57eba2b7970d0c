"""Run an exported model with ONNX's reference evaluator, which knows nothing of our own predictor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto
from onnx import __version__ as onnx_version
from onnx.reference import ReferenceEvaluator

from ann_studio.data.dataset import Column, TextColumn
from ann_studio.storage.exports.description import ModelFormatError

Matrix = NDArray[np.float64]
Feeds = Mapping[str, NDArray[Any]]

CHECKED_BY = f"ONNX reference evaluator {onnx_version}"
#: The evaluator keeps every intermediate value; so many float64 numbers of them at a time (128 MB).
_BUDGET = 16_000_000
_MOST_ROWS = 4096


def raw_feeds(columns: tuple[Column, ...], inputs: Matrix) -> dict[str, NDArray[Any]]:
    """Make the inputs of an exported graph from raw inputs as in `Dataset.inputs`.

    Parameters
    ----------
    inputs
        Shape ``(rows, width)``, one-hot for columns of text.

    Returns
    -------
    dict
        ``inputs`` float64 ``(rows, number columns)`` and ``texts`` of Python texts ``(rows, text columns)``, the one
        or the other absent if there is no such column. A text is ``""`` where its row is 0 for all values.
    """
    numbers: list[NDArray[np.float64]] = []
    texts: list[NDArray[Any]] = []
    start = 0
    for column in columns:
        if isinstance(column, TextColumn):
            block = inputs[:, start : start + len(column.values)]
            values = np.array([*column.values, ""], dtype=object)
            texts.append(values[np.where(block.any(axis=1), block.argmax(axis=1), len(column.values))])
            start += len(column.values)
        else:
            numbers.append(inputs[:, start])
            start += 1
    feeds: dict[str, NDArray[Any]] = {}
    if numbers:
        feeds["inputs"] = np.stack(numbers, axis=1)
    if texts:
        feeds["texts"] = np.stack(texts, axis=1)
    return feeds


def evaluate(
    model: ModelProto, feeds: Feeds, progress: Callable[[int, int], None] | None = None
) -> dict[str, NDArray[Any]]:
    """Run `model` on all rows of `feeds`, in chunks.

    Parameters
    ----------
    progress
        Called with rows done and rows in all after each chunk. What it raises ends the evaluation.

    Returns
    -------
    dict
        The graph's outputs by name.

    Raises
    ------
    ModelFormatError
        If the evaluator cannot run it on these rows.
    """
    evaluator = ReferenceEvaluator(model)
    names = [output.name for output in model.graph.output]
    rows = len(next(iter(feeds.values())))
    chunk = _chunk_rows(model)
    parts = []
    for start in range(0, max(rows, 1), chunk):
        piece = {name: values[start : start + chunk] for name, values in feeds.items()}
        parts.append(_run(evaluator, names, piece))
        if progress is not None:
            progress(min(start + chunk, rows), rows)
    return {name: np.concatenate([np.asarray(part[k]) for part in parts]) for k, name in enumerate(names)}


def _run(evaluator: ReferenceEvaluator, names: list[str], feeds: Feeds) -> Sequence[NDArray[Any]]:
    # Whatever overflows or is missing shows in the outputs.
    with np.errstate(all="ignore"):
        try:
            answers: Sequence[NDArray[Any]] = evaluator.run(names, feeds)
        except MemoryError:
            raise
        except Exception as error:  # each operator has its own
            raise ModelFormatError(f"it cannot be run ({type(error).__name__})") from error
    return answers


def _chunk_rows(model: ModelProto) -> int:
    widest = max((dimension for constant in model.graph.initializer for dimension in constant.dims), default=1)
    return min(max(_BUDGET // (len(model.graph.node) * widest), 16), _MOST_ROWS)
