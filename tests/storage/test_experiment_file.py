"""Experiment files: what is written is read back, and whatever is wrong is one sentence that names the place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.learning.experiment import TableData, to_plain
from ann_studio.storage.experiment_file import ExperimentError, load_experiment, save_experiment
from ann_studio.storage.resources import experiments
from tests.storage.any_experiment import plain_experiments

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


@given(tree=plain_experiments())
@settings(max_examples=200)
def test_any_experiment_comes_back_as_it_was_written(tree, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    experiment = load_experiment(write(folder, tree))
    save_experiment(experiment, folder / "copy.json")
    assert load_experiment(folder / "copy.json") == experiment
    # Nothing of what the file said was lost on the way; a table has a whole path.
    if "path" in tree["data"]:
        tree["data"]["path"] = str(folder / tree["data"]["path"])
    assert holds(to_plain(experiment), tree)


def holds(whole: object, part: object) -> bool:
    """Tell whether `whole` says all that `part` says."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and holds(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(holds, whole, part))
    return whole == part


def test_a_table_in_another_folder_is_named_by_its_whole_path(tmp_path):
    path = write(tmp_path, with_("data", {"kind": "table", "path": "../a.csv", "target": ["y"]}))
    experiment = load_experiment(path)
    (tmp_path / "below").mkdir()
    save_experiment(experiment, tmp_path / "below" / "copy.json")
    moved = load_experiment(tmp_path / "below" / "copy.json").data
    assert isinstance(moved, TableData)
    assert Path(moved.path).resolve() == (tmp_path / ".." / "a.csv").resolve()


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
        *[(with_("version", value), "$.version: expected 1") for value in (0, True, 1.0, "1", None)],
        ({k: v for k, v in MINIMAL.items() if k != "data"}, "missing required field data"),
        (with_("learning", {"kind": "supervised", "batch_size": 0}), "$.learning.batch_size: expected int >= 1"),
        (with_("learning", {"kind": "supervised", "optimizer": {"kind": "magic"}}), "$.learning.optimizer.kind: "),
        (with_("colour", "red"), "unknown field colour"),
        (with_("network.hidden", [{"units": 3}, {"units": "x"}]), "$.network.hidden[1].units: expected int"),
        ('{"format": "ann-studio experiment", "version": 1, "version": 1}', 'the key "version" stands twice'),
        (json.dumps(MINIMAL)[:-1] + ', "seed": NaN}', "NaN is not a number"),
        (json.dumps(with_("stop", {"target_loss": float("inf")})), "Infinity is not a number"),
        (json.dumps(MINIMAL)[:-1] + ', "seed": 1e999}', "1e999 is too large"),
        (json.dumps(MINIMAL)[:-1] + f', "seed": {"9" * 5000}}}', "a number of 5000 digits is too large"),
        (with_("initial", {"kind": "random", "bias": 10**350}), "$.initial.bias: number out of range"),
        (with_("seed", True), "$.seed: expected int, got bool"),
        (with_("data.noise", False), "$.data.noise: expected float, got bool"),
        (with_("standardize", 1), "$.standardize: expected bool"),
        (with_("network.hidden", [{"units": 1.0}]), "$.network.hidden[0].units: expected int, got float"),
        (with_("network.hidden", [{"units": 1, "activation": "softmax"}]), "$.network.hidden[0].activation: invalid"),
        (with_("initial", {"kind": "random", "scheme": "xaver"}), "it may be he, normal, uniform, xavier or zeros"),
        (with_("name", "\ud800"), "a text holds \\ud800, which is half a character"),
        (with_("\udfff", 1), "a text holds \\udfff, which is half a character"),
        (with_("a\nb\u2028", 1), r"unknown field a\nb\u2028"),
        (with_("data.name", "\n"), "$.data.name: invalid enum value"),
        ("[" * 100_000, "nested"),
        (json.dumps(MINIMAL)[:-1] + ', "x": ' + "[" * 5000 + "]" * 5000 + "}", "nested"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tree, message, tmp_path):
    path = write(tmp_path, tree)
    with pytest.raises(ExperimentError) as error:
        load_experiment(path)
    assert message in str(error.value)
    assert str(error.value).startswith(f"{path}: ")
    assert str(error.value).isprintable()


def test_a_whole_character_may_be_written_in_two_halves(tmp_path):
    assert load_experiment(write(tmp_path, with_("name", "Züge 😀"))).name == "Züge 😀"


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
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    path=st.sampled_from(
        ["data", "data.name", "data.samples", "network", "network.hidden", "network.output_activation", "learning",
         "learning.optimizer", "learning.batch_size", "seed", "stop", "split", "features", "initial", "version",
         "format", "name"]
    ),
    value=json_values,
)  # fmt: skip
@settings(max_examples=150)
def test_any_json_in_any_place_is_an_experiment_or_one_line(path, value, tmp_path_factory):
    file = write(tmp_path_factory.mktemp("any"), with_(path, value))
    message = ""
    try:
        load_experiment(file)
    except ExperimentError as error:
        message = str(error)
    assert message.isprintable()


@given(raw=st.binary(max_size=60))
@settings(max_examples=100)
def test_any_bytes_are_one_line(raw, tmp_path_factory):
    path = tmp_path_factory.mktemp("bytes") / "file.json"
    path.write_bytes(raw)
    with pytest.raises(ExperimentError) as error:
        load_experiment(path)
    assert str(error.value).isprintable()


def test_a_file_that_cannot_be_written_leaves_nothing_and_keeps_the_old(tmp_path):
    experiment = load_experiment(write(tmp_path, MINIMAL))
    with pytest.raises(ExperimentError, match="there is no folder"):
        save_experiment(experiment, tmp_path / "nowhere" / "file.json")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ExperimentError, match="this is a folder"):
        save_experiment(experiment, tmp_path / "taken")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file.json", "taken"]
