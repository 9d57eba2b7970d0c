"""Experiment files: what is written is read back, and whatever is wrong is one sentence that names the place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.learning.experiment import TableData
from ann_studio.storage.experiment_file import ExperimentError, load_experiment, save_experiment
from ann_studio.storage.resources import experiments

MINIMAL = {
    "format": "ann-studio experiment",
    "version": 1,
    "data": {"kind": "generated", "name": "circle"},
    "network": {},
}


def write(folder: Path, tree: object) -> Path:
    path = folder / "file.json"
    path.write_text(tree if isinstance(tree, str) else json.dumps(tree), encoding="utf-8")
    return path


def with_(path: str, value: object) -> dict[str, object]:
    tree = json.loads(json.dumps(MINIMAL))
    *parents, last = path.split(".")
    node = tree
    for name in parents:
        node = node.setdefault(name, {})
    node[last] = value
    return tree


def test_four_fields_are_enough(tmp_path):
    assert load_experiment(write(tmp_path, MINIMAL)).learning.batch_size == 10


@pytest.mark.parametrize("path", experiments().values(), ids=lambda path: path.stem)
def test_shipped_experiments_come_back_as_they_were_written(path, tmp_path):
    experiment = load_experiment(path)
    save_experiment(experiment, tmp_path / "copy.json")
    assert load_experiment(tmp_path / "copy.json") == experiment


def test_a_table_beside_the_file_is_named_relative_to_it(tmp_path):
    experiment = load_experiment(write(tmp_path, with_("data", {"kind": "table", "path": "a.csv", "target": ["y"]})))
    assert isinstance(experiment.data, TableData)
    assert experiment.data.path == str(tmp_path / "a.csv")
    save_experiment(experiment, tmp_path / "copy.json")
    assert json.loads((tmp_path / "copy.json").read_text())["data"]["path"] == "a.csv"


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ("", "the file is empty"),
        ("{", "line 1, column 2"),
        ("[]", "$: expected an object"),
        ({"format": "something"}, "$.format: expected"),
        (with_("version", 2), "$.version: this file has version 2"),
        ({k: v for k, v in MINIMAL.items() if k != "version"}, "$.version: expected 1"),
        ({k: v for k, v in MINIMAL.items() if k != "data"}, "missing required field data"),
        (with_("learning", {"kind": "supervised", "batch_size": 0}), "$.learning.batch_size: expected int >= 1"),
        (with_("learning", {"kind": "supervised", "optimizer": {"kind": "magic"}}), "$.learning.optimizer.kind: "),
        (with_("colour", "red"), "unknown field colour"),
        (with_("network.hidden", [{"units": 3}, {"units": "x"}]), "$.network.hidden[1].units: expected int"),
        ('{"format": "ann-studio experiment", "version": 1, "version": 1}', 'the key "version" stands twice'),
        (json.dumps(MINIMAL)[:-1] + ', "seed": NaN}', "NaN is not a number"),
        (json.dumps(with_("learning", {"kind": "supervised", "optimizer": {"kind": "sgd", "learning_rate": float("inf")}})), "Infinity is not a number"),
        (json.dumps(MINIMAL)[:-1] + ', "seed": 1e999}', "1e999 is too large"),
        ("[" * 100_000, "nested"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tree, message, tmp_path):
    path = write(tmp_path, tree)
    with pytest.raises(ExperimentError) as error:
        load_experiment(path)
    assert message in str(error.value)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_utf_8_is_named_by_its_line(tmp_path):
    path = tmp_path / "file.json"
    path.write_bytes(b'{"format":\n "caf\xe9"}')
    with pytest.raises(ExperimentError, match="line 2: not UTF-8"):
        load_experiment(path)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "folder"])
def test_what_cannot_be_read_is_named(make, tmp_path):
    path = tmp_path / "x.json"
    make(path)
    with pytest.raises(ExperimentError, match="cannot be read"):
        load_experiment(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    path=st.sampled_from(
        ["data", "data.name", "data.samples", "network", "network.hidden", "learning", "learning.optimizer", "seed", "stop",
         "split", "features", "initial", "version", "format", "name", "learning.batch_size", "network.output_activation"]
    ),
    value=json_values,
)  # fmt: skip
@settings(max_examples=150)
def test_any_json_in_any_place_is_an_experiment_or_one_line(path, value, tmp_path_factory):
    tree = with_(path, value) if path.count(".") == 0 or "." in path else MINIMAL
    file = write(tmp_path_factory.mktemp("any"), tree)
    try:
        load_experiment(file)
    except ExperimentError as error:
        assert "\n" not in str(error)


@given(raw=st.binary(max_size=60))
@settings(max_examples=100)
def test_any_bytes_are_one_line(raw, tmp_path_factory):
    path = tmp_path_factory.mktemp("bytes") / "file.json"
    path.write_bytes(raw)
    with pytest.raises(ExperimentError) as error:
        load_experiment(path)
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_written_leaves_nothing_and_keeps_the_old(tmp_path):
    experiment = load_experiment(write(tmp_path, MINIMAL))
    with pytest.raises(ExperimentError, match="cannot be written"):
        save_experiment(experiment, tmp_path / "nowhere" / "file.json")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ExperimentError, match="cannot be written"):
        save_experiment(experiment, tmp_path / "taken")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file.json", "taken"]
