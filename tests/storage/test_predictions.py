"""New rows are predicted by an exported file alone, with columns matched by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from ann_studio.data.dataset import Column, Numbers, TextColumn
from ann_studio.learning.model import Model
from ann_studio.storage.exports import FORMATS, Cancelled, export_model
from ann_studio.storage.predictions import (
    PredictionError,
    predict_table,
    predict_table_in_child,
    save_predictions,
    write_predictions,
)
from ann_studio.storage.tables import load_table
from tests.storage.export_models import MIXED, NUMBERS, TARGETS, random_dataset, random_model

SUFFIXES = sorted(FORMATS)


def exported(folder: Path, suffix: str = ".onnx", **kind: object) -> tuple[Model, Path]:
    model, dataset = random_model(**kind)  # type: ignore[arg-type]
    path = folder / f"model{suffix}"
    export_model(model, dataset, path)
    return model, path


def texts_of(columns: tuple[Column, ...], inputs: np.ndarray) -> dict[str, list[str]]:
    """The cells of a table whose encoding is `inputs`."""
    cells: dict[str, list[str]] = {}
    start = 0
    for column in columns:
        if isinstance(column, TextColumn):
            block = inputs[:, start : start + len(column.values)]
            cells[column.name] = [column.values[int(row.argmax())] if row.any() else "" for row in block]
            start += len(column.values)
        else:
            cells[column.name] = ["" if np.isnan(value) else repr(float(value)) for value in inputs[:, start]]
            start += 1
    return cells


def write_table(path: Path, cells: dict[str, list[str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(cells)
        writer.writerows(zip(*cells.values(), strict=True))
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("target", TARGETS)
def test_columns_are_matched_by_name_and_extra_ones_are_carried_along(tmp_path: Path, suffix: str, target: str) -> None:
    model, path = exported(tmp_path, suffix, columns=MIXED, target=target)
    raw = random_dataset(MIXED, TARGETS[target][0], 99, rows=25, fill=False).inputs
    cells = texts_of(MIXED, raw)
    shuffled = {"note": [f"row {k}" for k in range(25)]} | dict(reversed(cells.items()))
    out = io.StringIO()
    predictions = predict_table(path, write_table(tmp_path / "new.csv", shuffled), out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert predictions.rows == len(rows) == 25
    assert list(rows[0])[:5] == ["note", "on", "size", "colour", "age"]
    assert [{name: row[name] for name in shuffled} for row in rows] == [
        dict(zip(shuffled, values, strict=True)) for values in zip(*shuffled.values(), strict=True)
    ]
    what = model.preparation.target
    if isinstance(what, Numbers):
        found = [[float(row[f"predicted {name}"]) for name in what.names] for row in rows]
        np.testing.assert_allclose(found, model.predict(raw), rtol=1e-12)
    else:
        expected = [what.labels[int(index)] for index in model.predict(raw)[:, 0]]
        assert [row[f"predicted {what.name}"] for row in rows] == expected


def test_the_confidences_of_two_classes_are_the_output_and_its_rest(tmp_path: Path) -> None:
    model, path = exported(tmp_path, target="two classes, sigmoid")
    raw = np.array([[1.5, 2.5], [4.0, -1.0]])
    predictions = predict_table(path, write_table(tmp_path / "new.csv", texts_of(NUMBERS, raw)))
    assert predictions.names == ("predicted ill", "confidence no", "confidence yes")
    second = model.outputs(raw)[:, 0]
    np.testing.assert_allclose(np.array(predictions.cells[2], float), second, rtol=1e-12)
    np.testing.assert_allclose(np.array(predictions.cells[1], float), 1 - second, rtol=1e-12)


def test_the_confidences_of_three_classes_add_up_to_one(tmp_path: Path) -> None:
    _, path = exported(tmp_path, target="three classes, softmax")
    predictions = predict_table(path, write_table(tmp_path / "new.csv", {"weight": ["1", "2"], "height": ["3", "4"]}))
    assert predictions.names[1:] == ("confidence setosa", "confidence versicolor", "confidence virginica")
    shares = np.array(predictions.cells[1:], float)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    assert predictions.cells[0] == tuple(("setosa", "versicolor", "virginica")[k] for k in shares.argmax(axis=0))


def test_outputs_that_are_no_probabilities_are_not_called_confidence(tmp_path: Path) -> None:
    _, path = exported(tmp_path, target="two classes, tanh")
    predictions = predict_table(path, write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]}))
    assert predictions.names == ("predicted side",)


@pytest.mark.parametrize("column", ["age", "colour"])
def test_a_row_with_a_missing_cell_gets_no_prediction(tmp_path: Path, column: str) -> None:
    model, path = exported(tmp_path, columns=MIXED, target="two numbers")
    assert model.preparation.fill is None
    cells = {"age": ["1", "2", "3"], "colour": ["red", "green", "red"], "size": ["4", "5", "6"], "on": ["no"] * 3}
    cells[column][1] = ""
    predictions = predict_table(path, write_table(tmp_path / "new.csv", cells))
    assert predictions.skipped == 1
    assert [predictions.cells[0][1], predictions.cells[1][1]] == ["", ""]
    assert all(predictions.cells[0][k] for k in (0, 2))
    assert predictions.notes == ("1 row got no prediction: a cell is missing.",)


def test_a_number_that_overflows_gets_no_prediction(tmp_path: Path) -> None:
    _, path = exported(tmp_path, features=("x1^2", "x2"), target="two numbers", standardize=False, hidden=())
    table = write_table(tmp_path / "new.csv", {"height": ["1", "1e200"], "weight": ["2", "2"]})
    predictions = predict_table(path, table)
    assert predictions.cells[0][1] == ""
    assert predictions.notes == ("1 row got no prediction: the numbers are too large for the model.",)


def test_a_model_that_fills_missing_cells_predicts_every_row(tmp_path: Path) -> None:
    model, path = exported(tmp_path, columns=MIXED, target="two numbers", fill=True)
    dataset = random_dataset(MIXED, model.preparation.target, 5, rows=40, fill=True)
    assert np.isnan(dataset.inputs).any()
    predictions = predict_table(path, write_table(tmp_path / "new.csv", texts_of(MIXED, dataset.inputs)))
    assert predictions.skipped == 0
    np.testing.assert_allclose(np.array(predictions.cells, float).T, model.predict(dataset.inputs), rtol=1e-12)


def test_an_unknown_text_is_predicted_and_named(tmp_path: Path) -> None:
    model, path = exported(tmp_path, columns=MIXED, target="two numbers")
    cells = {"age": ["1", "1"], "colour": ["mauve", "red"], "size": ["4", "4"], "on": ["no", "no"]}
    predictions = predict_table(path, write_table(tmp_path / "new.csv", cells))
    expected = model.predict(np.array([[1.0, 0, 0, 0, 4, 1, 0], [1.0, 1, 0, 0, 4, 1, 0]]))
    np.testing.assert_allclose(np.array(predictions.cells, float).T, expected, rtol=1e-12)
    assert predictions.notes == ("Column 'colour' has texts that the model does not know: 'mauve'.",)


def test_a_table_that_was_predicted_before_keeps_its_columns(tmp_path: Path) -> None:
    _, path = exported(tmp_path, target="two classes, tanh")
    cells = {"height": ["1"], "weight": ["2"], "predicted side": ["left"]}
    assert predict_table(path, write_table(tmp_path / "new.csv", cells)).names == ("predicted side (2)",)


def test_predictions_are_delimited_as_the_table_was(tmp_path: Path) -> None:
    _, path = exported(tmp_path, target="two classes, tanh")
    table = write_table(tmp_path / "new.csv", {"height": ["1", "2"], "weight": ["2", "3"], "note": ["a;b", "ü"]}, ";")
    out = io.StringIO()
    write_predictions(predict_table(path, table), out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "height;weight;note;predicted side"
    assert lines[1].startswith('1;2;"a;b";')
    assert lines[2].startswith("2;3;ü;")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_was_written_is_read_back_as_a_table(tmp_path: Path, delimiter: str) -> None:
    _, path = exported(tmp_path, target="two classes, sigmoid")
    cells = {"height": ["1.5", "2"], "weight": ["2", "3"], "note": ['a "b", c', "two\nlines; or three|four\tfive"]}
    predictions = predict_table(path, write_table(tmp_path / "new.csv", cells, delimiter))
    save_predictions(predictions, tmp_path / "out.csv")
    table = load_table(tmp_path / "out.csv")
    assert table.header == (*cells, *predictions.names)
    assert [list(column) for column in table.columns[:3]] == list(cells.values())
    assert tuple(map(tuple, table.columns[3:])) == predictions.cells


def test_predictions_that_cannot_be_saved_leave_nothing(tmp_path: Path) -> None:
    _, path = exported(tmp_path)
    predictions = predict_table(path, write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]}))
    with pytest.raises(PredictionError, match="there is no folder"):
        save_predictions(predictions, tmp_path / "no" / "out.csv")
    assert not (tmp_path / "no").exists()


def test_progress_is_told_in_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ann_studio.storage.exports.reference._MOST_ROWS", 4)
    _, path = exported(tmp_path)
    table = write_table(tmp_path / "new.csv", texts_of(NUMBERS, np.arange(20.0).reshape(10, 2)))
    steps: list[tuple[int, int]] = []
    predict_table(path, table, progress=lambda done, rows: steps.append((done, rows)))
    assert steps == [(4, 10), (8, 10), (10, 10)]


# --- in a child process ----------------------------------------------------------------------------------------------
def test_a_child_process_predicts_the_same(tmp_path: Path) -> None:
    _, path = exported(tmp_path, target="three classes, softmax")
    table = write_table(tmp_path / "new.csv", texts_of(NUMBERS, np.arange(20.0).reshape(10, 2)))
    steps: list[tuple[int, int]] = []
    there = predict_table_in_child(path, table, progress=lambda *step: steps.append(step))
    here = predict_table(path, table)
    assert (there.names, there.cells, there.notes) == (here.names, here.cells, here.notes)
    assert steps == [(10, 10)]


def test_a_child_process_can_be_cancelled_and_hands_on_errors(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        predict_table_in_child(tmp_path / "model.onnx", tmp_path / "new.csv", lambda: True)
    with pytest.raises(PredictionError, match="cannot be read"):
        predict_table_in_child(tmp_path / "model.onnx", tmp_path / "new.csv")


# --- bad files -------------------------------------------------------------------------------------------------------
def refusal(model: Path, table: Path) -> str:
    out = io.StringIO()
    with pytest.raises(PredictionError) as caught:
        predict_table(model, table, out)
    assert out.getvalue() == ""
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    _, path = exported(tmp_path, columns=MIXED)
    table = write_table(tmp_path / "new.csv", {"age": ["1"], "Colour": ["red"], "on": ["no"]})
    assert refusal(path, table) == (
        f"{table}: it has no columns 'colour', 'size', which the model needs; add them or rename what stands for them"
    )


@pytest.mark.parametrize("content", [b"", b"height,weight\n", b"\n\n"], ids=["empty", "header alone", "blank lines"])
def test_a_table_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    _, path = exported(tmp_path)
    table = tmp_path / "new.csv"
    table.write_bytes(content)
    assert refusal(path, table).startswith("new.csv")


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    _, path = exported(tmp_path)
    assert "new.csv" in refusal(path, tmp_path / "new.csv")
    assert "cannot be read" in refusal(tmp_path / "other.onnx", tmp_path / "new.csv")


def test_a_word_where_a_number_belongs_is_refused(tmp_path: Path) -> None:
    _, path = exported(tmp_path)
    table = write_table(tmp_path / "new.csv", {"height": ["1", "tall", "3"], "weight": ["2", "3", "4"]})
    message = refusal(path, table)
    assert "'tall'" in message
    assert "height" in message


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b"\x00\xff" * 50, b"\x89PNG\r\n\x1a\n", b"{}"],
    ids=["empty", "text", "binary", "png", "{}"],
)
def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(content)
    table = write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]})
    assert refusal(path, table).startswith(f"{path}: it is not ")


def test_half_a_model_is_refused(tmp_path: Path) -> None:
    _, path = exported(tmp_path)
    table = write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]})
    path.write_bytes(path.read_bytes()[:500])
    assert refusal(path, table).startswith(f"{path}: it is not ")


def test_an_onnx_model_from_elsewhere_is_refused(tmp_path: Path) -> None:
    value = [helper.make_tensor_value_info(side, TensorProto.FLOAT, ["rows"]) for side in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "foreign", value[:1], value[1:])
    onnx.save(helper.make_model(graph), tmp_path / "foreign.onnx")
    table = write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]})
    assert "it is not a model from ANN Studio" in refusal(tmp_path / "foreign.onnx", table)


def test_a_model_whose_graph_is_damaged_is_refused(tmp_path: Path) -> None:
    _, path = exported(tmp_path)
    damaged = onnx.load(path)
    del damaged.graph.node[0]
    onnx.save(damaged, path)
    table = write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]})
    assert "it is a damaged ONNX model" in refusal(path, table)


def tampered(model: onnx.ModelProto, key: str, value: object) -> None:
    (entry,) = [entry for entry in model.metadata_props if entry.key == key]
    entry.value = json.dumps(value)


NUMBER = {"kind": "number", "name": "height"}
TAMPERED: dict[str, tuple[Callable[[onnx.ModelProto], object], str]] = {
    "no column": (lambda model: tampered(model, "columns", []), "its description is damaged"),
    "a column less": (lambda model: tampered(model, "columns", [NUMBER]), "its inputs are not the columns"),
    "another kind": (
        lambda model: tampered(model, "columns", [NUMBER, {"kind": "text", "name": "weight", "values": ["2"]}]),
        "its inputs are not the columns",
    ),
    "another target": (
        lambda model: tampered(model, "target", {"kind": "numbers", "names": ["a", "b", "c"]}),
        "its outputs are not the target",
    ),
    "a label less": (
        lambda model: tampered(model, "target", {"kind": "classes", "name": "s", "labels": ["a", "b"]}),
        "its outputs are not the target",
    ),
    "an output less": (lambda model: model.graph.output.pop(), "its outputs are not the target"),
    "a place that is not there": (lambda model: label_of_row(model, 99), "it cannot be run (IndexError)"),
}


def label_of_row(model: onnx.ModelProto, index: int) -> None:
    """Make `model` look up a label that it does not have."""
    for constant in model.graph.initializer:
        if constant.name == "label/none":
            constant.CopyFrom(numpy_helper.from_array(np.array(index), "label/none"))
        elif constant.name == "hidden 1/weights":
            nothing = np.full(numpy_helper.to_array(constant).shape, np.nan)
            constant.CopyFrom(numpy_helper.from_array(nothing, "hidden 1/weights"))


@pytest.mark.parametrize("how", TAMPERED)
def test_a_model_that_is_not_what_it_says_is_refused(tmp_path: Path, how: str) -> None:
    change, message = TAMPERED[how]
    _, path = exported(tmp_path, target="three classes, softmax")
    model = onnx.load(path)
    change(model)
    onnx.save(model, path)
    table = write_table(tmp_path / "new.csv", {"height": ["1"], "weight": ["2"]})
    assert refusal(path, table).startswith(f"{path}: ")
    assert message in refusal(path, table)


def test_a_suffix_that_is_no_format_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path / "model.h5", tmp_path / "new.csv")
    assert message.endswith("model.h5: the name of an exported model ends in .onnx or .json")
