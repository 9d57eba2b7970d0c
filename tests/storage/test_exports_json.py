"""The readable JSON: it carries the whole model, and says what is wrong with a bad file in one line."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ann_studio.data.dataset import Classes
from ann_studio.storage.exports import load_json_model, raw_feeds
from ann_studio.storage.exports.description import ModelFormatError
from ann_studio.storage.exports.json_model import write_json
from tests.storage.export_models import FEATURES, MIXED, NUMBERS, TARGETS, random_model


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("fill", [False, True], ids=["complete", "filled"])
def test_the_model_comes_back_bit_for_bit(target: str, fill: bool) -> None:
    model, dataset = random_model(MIXED, target, hidden=("gelu", "elu"), features=FEATURES, fill=fill)
    back = load_json_model(write_json(model).decode())
    assert back.name == model.name
    assert back.architecture == model.architecture
    assert np.array_equal(back.theta, model.theta)
    assert back.preparation.columns == model.preparation.columns
    assert back.preparation.target == model.preparation.target
    assert np.array_equal(back.outputs(dataset.inputs), model.outputs(dataset.inputs))
    assert np.array_equal(back.predict(dataset.inputs), model.predict(dataset.inputs))


ACTIVATIONS: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "sin": math.sin,
    "relu": lambda z: max(z, 0.0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "linear": float,
}


def by_the_recipe(file: dict[str, Any], cells: dict[str, Any]) -> list[Any]:
    """Predict one row as the docstring says, from the file alone, in plain Python."""
    raw: list[float] = []
    for column in file["columns"]:
        cell = cells[column["name"]]
        raw += [float(cell == value) for value in column["values"]] if column["kind"] == "text" else [cell]
    x = [mean if math.isnan(value) else value for value, mean in zip(raw, file["fill"] or raw, strict=True)]
    named = {f"x{k}": value for k, value in enumerate(x, start=1)}
    features = [eval(name.replace("^", "**"), {"sin": math.sin}, named) for name in file["features"]]
    a = [(value - mean) / scale for value, mean, scale in zip(features, file["mean"], file["scale"], strict=True)]
    for layer in file["layers"]:
        z = [sum(a[i] * layer["w"][i][j] for i in range(len(a))) + b for j, b in enumerate(layer["b"])]
        if layer["activation"] == "softmax":
            a = [math.exp(value) / sum(map(math.exp, z)) for value in z]
        else:
            a = [ACTIVATIONS[layer["activation"]](value) for value in z]
    target = file["target"]
    if target["kind"] == "numbers":
        return [value * scale + mean for value, scale, mean in zip(a, target["scale"], target["mean"], strict=True)]
    return [target["labels"][a[0] > (target["low"] + target["high"]) / 2 if len(a) == 1 else a.index(max(a))]]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("fill", [False, True], ids=["complete", "filled"])
def test_the_recipe_of_the_docstring_computes_the_prediction(target: str, fill: bool) -> None:
    model, dataset = random_model(MIXED, target, hidden=("tanh", "relu", "sin"), features=FEATURES, fill=fill)
    file = json.loads(write_json(model))
    feeds = raw_feeds(MIXED, dataset.inputs)
    what = model.preparation.target
    for k, expected in enumerate(model.predict(dataset.inputs)):
        (age, size), (colour, on) = feeds["inputs"][k].tolist(), feeds["texts"][k].tolist()
        found = by_the_recipe(file, {"age": age, "size": size, "colour": colour, "on": on})
        if isinstance(what, Classes):
            assert found == [what.labels[int(expected[0])]]
        else:
            np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_each_unit_of_weights_stands_on_a_line_of_its_own() -> None:
    lines = write_json(random_model(NUMBERS)[0]).decode().splitlines()
    assert lines[:4] == ["{", '  "format": "ann-studio model",', '  "version": 1,', '  "name": "Züge",']
    assert sum(line.startswith("        [") for line in lines) == 2 + 5


def _set(tree: Any, path: list[Any], value: Any) -> None:
    *parents, last = path
    for key in parents:
        tree = tree[key]
    tree[last] = value


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["format"], "something else", 'it is not a model from ANN Studio ("format" is not "ann-studio model")'),
        (["version"], 2, "it is of version 2, made by a newer ANN Studio; this one reads 1"),
        (["version"], 0, "its version is 0; expected 1"),
        (["surprise"], 1, "$: object contains unknown field `surprise`"),
        (["columns"], [], "$.columns: expected `array` of length >= 1"),
        (["columns", 1, "name"], "height", "$.columns: two columns bear the same name"),
        (["columns", 0, "kind"], "date", "$.columns[0].kind: invalid value 'date'"),
        (["fill"], [1.0], "$.fill: expected 2 numbers, one for each column"),
        (["features", 1], "x3", "$.features[1]: feature 'x3' asks for input 3 of 2"),
        (["features", 1], "cos(x1)", "$.features[1]: unknown feature 'cos(x1)'; write x1, x1^2, x1*x2 or sin(x1)"),
        (["mean"], [1.0], "$.mean: expected 2 numbers, one for each feature"),
        (["scale", 0], 0.0, "$.scale: expected numbers other than 0"),
        (["scale", 0], "wide", "$.scale[0]: expected `float`, got `str`"),
        (["layers", 0, "activation"], "sine", "$.layers[0].activation: invalid enum value 'sine'"),
        (["layers", 0, "activation"], "softmax", "$.layers[0].activation: softmax is for the last layer only"),
        (["layers", 0, "w"], [[1.0] * 5], "$.layers[0].w: expected 2 rows, one for each input of the layer"),
        (["layers", 0, "w", 1], [1.0], "$.layers[0].w[1]: expected 5 numbers, as many as in b"),
        (["layers", 1, "b"], [], "$.layers[1].b: expected `array` of length >= 1"),
        (["target", "labels"], ["a", "b"], "$.target.labels: 2 labels do not fit 3 outputs of the last layer"),
        (["target", "labels", 1], "setosa", "$.target.labels: two labels are the same"),
        (["target", "high"], -1.0, "$.target.high: expected a number greater than low"),
    ],
)
def test_a_bad_file_is_one_line_that_says_where(path: list[Any], value: Any, message: str) -> None:
    tree = json.loads(write_json(random_model(NUMBERS, "three classes, softmax")[0]))
    _set(tree, path, value)
    with pytest.raises(ModelFormatError) as caught:
        load_json_model(json.dumps(tree))
    assert str(caught.value) == message


@pytest.mark.parametrize("field", ["names", "mean", "scale"])
def test_numbers_need_one_of_each_for_every_output(field: str) -> None:
    tree = json.loads(write_json(random_model(NUMBERS, "two numbers")[0]))
    tree["target"][field] = tree["target"][field][:1]
    with pytest.raises(ModelFormatError, match=rf"^\$\.target\.{field}: expected 2 \w+, one for each output$"):
        load_json_model(json.dumps(tree))


@pytest.mark.parametrize("text", [b"", b"{", b"[1, 2]", b"nonsense", b"\xff\xfe\x00", b'{"format": 3}', b"\x00" * 40])
def test_what_is_no_json_of_ours_is_refused_in_one_line(text: bytes) -> None:
    with pytest.raises(ModelFormatError) as caught:
        load_json_model(text)
    assert "\n" not in str(caught.value)


def test_a_truncated_file_is_refused() -> None:
    content = write_json(random_model(NUMBERS)[0])
    with pytest.raises(ModelFormatError, match="not JSON"):
        load_json_model(content[: len(content) // 2])
