"""The ONNX export against the network itself, ONNX's reference evaluator and ONNX Runtime."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from ann_studio.data.dataset import Classes, NumberColumn, TextColumn
from ann_studio.learning.model import Model
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.storage.exports import build_onnx, raw_feeds
from ann_studio.storage.exports.activations import COMPOSITIONS, _erf
from ann_studio.storage.exports.graph import Graph
from ann_studio.storage.exports.onnx_model import describe_onnx
from ann_studio.storage.exports.reference import evaluate
from tests.storage.export_models import (
    FEATURES,
    MIXED,
    NUMBERS,
    TARGETS,
    TEXTS,
    random_model,
    run_in_onnx_runtime,
)


def assert_same(model: Model, raw: np.ndarray, tolerance: float = 1e-12) -> None:
    graph = build_onnx(model)
    onnx.checker.check_model(graph, full_check=True)
    feeds = raw_feeds(model.preparation.columns, raw)
    expected, decoded = model.outputs(raw), model.predict(raw)
    for found in (evaluate(graph, feeds), run_in_onnx_runtime(graph.SerializeToString(), feeds)):
        assert found["outputs"].dtype == np.float64
        np.testing.assert_allclose(found["outputs"], expected, rtol=tolerance, atol=tolerance)
        target = model.preparation.target
        if isinstance(target, Classes):
            assert list(found["label"]) == [target.labels[int(index)] for index in decoded[:, 0]]
        else:
            np.testing.assert_allclose(found["prediction"], decoded, rtol=1e-10)


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_every_activation_is_computed_as_the_book_does(name: str) -> None:
    hidden = ("tanh",) if name == "softmax" else (name, name)
    target = "three classes, softmax" if name == "softmax" else "two numbers"
    assert_same(*_rows(random_model(target=target, hidden=hidden)))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_may_stand_at_the_output(name: str) -> None:
    assert_same(*_rows(random_model(target="two numbers", output=name)))


def test_every_activation_of_the_book_has_a_composition() -> None:
    assert set(COMPOSITIONS) == {*ACTIVATIONS, "softmax"}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("columns", [NUMBERS, MIXED, TEXTS], ids=["numbers", "mixed", "texts"])
@pytest.mark.parametrize("fill", [False, True], ids=["complete", "filled"])
def test_raw_columns_go_in_and_labels_or_units_come_out(target: str, columns: tuple, fill: bool) -> None:
    assert_same(*_rows(random_model(columns, target, fill=fill, features=FEATURES)))


def test_a_network_without_hidden_layers_and_without_scaling_is_exported() -> None:
    assert_same(*_rows(random_model(hidden=(), standardize=False)))


def test_twelve_hidden_layers_are_exported() -> None:
    assert_same(*_rows(random_model(hidden=("tanh", "gelu", "softplus") * 4)))


def test_a_thousand_units_a_layer_are_exported() -> None:
    model, dataset = random_model(hidden=("tanh", "relu"), units=1024, target="two numbers", rows=5)
    assert_same(model, dataset.inputs, tolerance=1e-10)


@pytest.mark.parametrize(
    "names",
    [
        ("größe in m²", "身長"),
        ("inputs", "texts"),  # what the graph calls its own
        ("outputs", "label"),
        ("number 0.0", "prediction"),
        ("features/plain/columns", "hidden 1/weights"),
        ("", " "),
        ("1", "2.5e3"),
        ('a"b', "c\nd"),
        ("x" * 500, "x" * 501),
    ],
)
@pytest.mark.parametrize("target", ["two numbers", "three classes, softmax"])
def test_columns_may_bear_any_name(names: tuple[str, str], target: str) -> None:
    columns = (NumberColumn(names[0]), TextColumn(names[1], ("red", "")))
    model, dataset = random_model(columns, target)
    assert_same(model, dataset.inputs)
    assert [column.name for column in describe_onnx(build_onnx(model)).columns] == list(names)


def test_a_single_row_keeps_its_shape() -> None:
    model, dataset = random_model(MIXED, "three classes, softmax")
    assert_same(model, dataset.inputs[:1])


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    hidden=st.lists(st.sampled_from(sorted(ACTIVATIONS)), max_size=3).map(tuple),
    columns=st.sampled_from([NUMBERS, MIXED, TEXTS]),
    features=st.lists(st.sampled_from(FEATURES), min_size=1, max_size=5, unique=True).map(tuple),
    target=st.sampled_from(sorted(TARGETS)),
    fill=st.booleans(),
    standardize=st.booleans(),
)
def test_any_model_survives_the_journey(seed, hidden, columns, features, target, fill, standardize) -> None:  # type: ignore[no-untyped-def]
    model, dataset = random_model(
        columns, target, hidden=hidden, features=features, fill=fill, standardize=standardize, seed=seed
    )
    assert_same(model, dataset.inputs, tolerance=1e-9)


def elementwise(name: str, z: np.ndarray) -> list[np.ndarray]:
    """The composition alone, in the reference evaluator and in ONNX Runtime."""
    graph = Graph()
    compose = _erf if name == "erf" else COMPOSITIONS[name]
    graph.add("Identity", compose(graph, "z", "f"), name="a")
    value = [helper.make_tensor_value_info(side, TensorProto.DOUBLE, ["rows", 1]) for side in "za"]
    built = helper.make_model(
        helper.make_graph(graph.nodes, "g", value[:1], value[1:], list(graph.constants.values())),
        opset_imports=[helper.make_opsetid("", 21)], ir_version=10,
    )  # fmt: skip
    reference = ReferenceEvaluator(built).run(None, {"z": z[:, None]})[0]
    return [reference[:, 0], run_in_onnx_runtime(built.SerializeToString(), {"z": z[:, None]})["a"][:, 0]]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_stay_exact_and_finite_far_from_zero_and_close_to_it(name: str) -> None:
    sizes = np.array([1e-300, 1e-17, 1e-9, 1e-4, 0.1, 1.0, 30.0, 36.7, 40.0, 700.0, 750.0, 1e6])
    z = np.concatenate([-sizes, [0.0], sizes])
    expected = ACTIVATIONS[name].value(z)
    for found in elementwise(name, z):
        # ONNX Runtime's sine of 1e6 is a few ulp of its argument off
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_not_a_number_stays_not_a_number(name: str) -> None:
    for found in elementwise(name, np.array([np.nan, 1.0])):
        assert np.isnan(found[0])
        assert np.isfinite(found[1])


def test_the_error_function_is_right_to_a_few_ulp() -> None:
    x = np.concatenate([np.linspace(-8, 8, 40_001), np.random.default_rng(1).normal(0, 1e-3, 1000), [1e300, -1e300]])
    expected = np.array([math.erf(value) for value in x])
    for found in elementwise("erf", x):
        np.testing.assert_allclose(found, expected, rtol=1e-15, atol=0)


def test_a_row_that_lacks_a_number_gets_no_label_where_nothing_is_filled() -> None:
    model, dataset = random_model(target="three classes, softmax")
    raw = dataset.inputs[:3].copy()
    raw[1, 0] = np.nan
    feeds = raw_feeds(model.preparation.columns, raw)
    graph = build_onnx(model)
    for found in (evaluate(graph, feeds), run_in_onnx_runtime(graph.SerializeToString(), feeds)):
        assert found["label"][1] == ""
        assert "" not in (found["label"][0], found["label"][2])


def test_an_unknown_text_is_none_of_the_known_ones() -> None:
    model, _ = random_model(TEXTS)
    texts = np.array([["mauve"], [""], ["red"]], dtype=object)
    expected = model.outputs(np.array([[0.0, 0, 0], [0, 0, 0], [1, 0, 0]]))
    graph = build_onnx(model)
    for found in (evaluate(graph, {"texts": texts}), run_in_onnx_runtime(graph.SerializeToString(), {"texts": texts})):
        np.testing.assert_allclose(found["outputs"], expected, rtol=1e-12)


def test_raw_feeds_turn_one_hot_columns_back_into_texts() -> None:
    raw = np.array([[5.0, 0, 1, 0, 7.0, 1, 0], [6.0, 0, 0, 0, 8.0, 0, 1]])
    feeds = raw_feeds(MIXED, raw)
    assert feeds["inputs"].tolist() == [[5, 7], [6, 8]]
    assert feeds["texts"].tolist() == [["green", "no"], ["", "yes"]]
    assert set(raw_feeds(NUMBERS, raw[:, :2])) == {"inputs"}
    assert set(raw_feeds((TextColumn("t", ("a", "b")),), raw[:, 1:3])) == {"texts"}


def test_the_file_says_what_a_reader_must_know() -> None:
    graph = build_onnx(random_model(MIXED, "three classes, softmax", fill=True)[0])
    said = {entry.key: entry.value for entry in graph.metadata_props}
    assert (said["producer"], said["name"]) == ("ann-studio", "Züge")
    columns = msgspec.json.decode(said["columns"])
    assert columns[0] == {"kind": "number", "name": "age"}
    assert columns[1] == {"kind": "text", "name": "colour", "values": ["red", "green", "blé"]}
    assert msgspec.json.decode(said["target"])["labels"] == ["setosa", "versicolor", "virginica"]
    assert [opset.domain for opset in graph.opset_import] == [""]
    assert {"hidden 1/weighted sum", "hidden 1/tanh", "label"} <= {node.name for node in graph.graph.node}
    assert [entry.name for entry in graph.graph.input] == ["inputs", "texts"]


def test_chunks_do_not_change_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    model, dataset = random_model(MIXED, rows=50)
    feeds = raw_feeds(MIXED, dataset.inputs)
    whole = evaluate(build_onnx(model), feeds)
    monkeypatch.setattr("ann_studio.storage.exports.reference._MOST_ROWS", 7)
    steps: list[tuple[int, int]] = []
    pieces = evaluate(build_onnx(model), feeds, lambda done, total: steps.append((done, total)))
    assert list(pieces["label"]) == list(whole["label"])
    np.testing.assert_allclose(pieces["outputs"], whole["outputs"], rtol=1e-13)
    assert steps[0] == (7, 50)
    assert steps[-1] == (50, 50)


def _rows(pair: tuple) -> tuple[Model, np.ndarray]:
    return pair[0], pair[1].inputs
