"""Take a trained model home: one file per format, each export verified before it is called saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ann_studio.data.dataset import Dataset
from ann_studio.learning.model import Model
from ann_studio.storage.atomic import replacing
from ann_studio.storage.child import Cancelled, ChildDied, Report, never, run_in_child
from ann_studio.storage.exports.json_model import load_json_model, write_json
from ann_studio.storage.exports.onnx_model import build_onnx, read_onnx, write_onnx
from ann_studio.storage.exports.reference import raw_feeds
from ann_studio.storage.exports.verification import (
    ExportError,
    Format,
    Matrix,
    Verification,
    evenly_picked,
    format_of,
    write_and_verify,
)

__all__ = [
    "FORMATS",
    "Cancelled",
    "ExportError",
    "Format",
    "Verification",
    "build_onnx",
    "export_model",
    "export_model_in_child",
    "load_json_model",
    "raw_feeds",
]

#: The formats by the suffix of the file.
FORMATS: dict[str, Format] = {
    ".onnx": Format("ONNX model", write_onnx, read_onnx),
    ".json": Format("Readable JSON", write_json, lambda content: build_onnx(load_json_model(content))),
}


def export_model(model: Model, dataset: Dataset, path: Path) -> Verification:
    """Write `model` to `path` in the format of its suffix, once the file written has been checked on `dataset`.

    The check: the file is read again and run by ONNX's reference evaluator on the raw rows (at most 10,000, evenly
    picked); outputs must agree with `Model.outputs` to 1e-9·max(1, |output|), and classes must be the same. An
    earlier file of that name is replaced only then, in one step.

    Raises
    ------
    ExportError
        If the suffix is unknown, the folder is missing or cannot be written to, or the check fails; nothing is left.
    """
    form = format_of(path, FORMATS)
    with replacing(path, ExportError) as temporary:
        return write_and_verify(model, evenly_picked(dataset.inputs), path, temporary, form)


def export_model_in_child(
    model: Model, dataset: Dataset, path: Path, cancelled: Callable[[], bool] = never
) -> Verification:
    """`export_model` with writing and checking in a child process, so that a window stays alive.

    Raises
    ------
    Cancelled
        If `cancelled`, asked every 50 ms, said yes; nothing is left.
    ExportError
        As `export_model`.
    """
    format_of(path, FORMATS)
    with replacing(path, ExportError) as temporary:
        inputs = evenly_picked(dataset.inputs)
        try:
            return run_in_child(_work, model, inputs, path, temporary, cancelled=cancelled)
        except ChildDied as error:
            raise ExportError(f"{path} was not saved: {error}") from None


def _work(model: Model, inputs: Matrix, path: Path, temporary: Path, report: Report) -> Verification:
    return write_and_verify(model, inputs, path, temporary, format_of(path, FORMATS))
