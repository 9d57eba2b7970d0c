"""Tables are opened here or in a child process, with the same answer and the same words."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ann_studio.data.table import TableError, describe, to_dataset
from ann_studio.storage import tables
from ann_studio.storage.child import Cancelled, ChildDied
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.resources import resource
from ann_studio.storage.table_experiment import experiment_for_read_table, experiment_for_table
from ann_studio.storage.tables import load_table, load_table_in_child

IRIS = resource("datasets", "iris.csv")


def refusal(path: Path, load=load_table) -> str:
    with pytest.raises(TableError) as caught:
        load(path)
    message = str(caught.value)
    assert message.isprintable()
    return message


@pytest.mark.parametrize(("name", "rows", "inputs", "classes"), [("iris", 150, 4, 3), ("digits", 1797, 64, 10)])
def test_the_shipped_tables_are_read(name, rows, inputs, classes):
    path = resource("datasets", f"{name}.csv")
    dataset = load_dataset(experiment_for_table(path))
    assert (dataset.rows, len(dataset.target.labels)) == (rows, classes)
    # constant pixels at the edge of the digits are set aside
    assert dataset.inputs.shape[1] + len(dataset.notes) == inputs
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == rows + 1
    header = lines[0].split(",")
    columns = [header.index(column.name) for column in dataset.columns]
    expected = [[float(line.split(",")[k]) for k in columns] for line in lines[1:]]
    np.testing.assert_array_equal(dataset.inputs, expected)


def test_a_child_process_reads_the_same_and_describes_it():
    here, there = load_table(IRIS), load_table_in_child(IRIS)
    assert (there.header, there.columns, there.lines) == (here.header, here.columns, here.lines)
    assert set(there.findings["described"]) == set(range(len(here.header)))
    assert describe(there) == describe(here)
    np.testing.assert_array_equal(to_dataset(there, ["species"]).inputs, to_dataset(here, ["species"]).inputs)


def test_a_child_process_says_the_same_of_a_bad_file(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"a,b\n1,2\n3\n")
    message = refusal(path, load_table_in_child)
    assert message == refusal(path)
    assert message.startswith("bad.csv, line 3, column 2: ")


def test_a_child_process_can_be_cancelled():
    with pytest.raises(Cancelled):
        load_table_in_child(IRIS, lambda: True)


def test_a_child_process_that_dies_is_one_line(monkeypatch):
    def die(*arguments, **choices):
        raise ChildDied("the helper process ended without an answer")

    monkeypatch.setattr(tables, "run_in_child", die)
    assert refusal(IRIS, load_table_in_child).startswith("iris.csv: cannot be read: the helper process ended")


@pytest.mark.parametrize("name", ["nowhere.csv", "", "no\0such.csv", "no\nsuch.csv", "x" * 400])
def test_what_is_no_file_is_one_line_with_its_place(name, tmp_path):
    assert refusal(tmp_path / name).startswith(f"{tmp_path}")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_forbidden_file_is_one_line(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"a,b\n1,2\n")
    path.chmod(0)
    assert "cannot be read (Permission denied)" in refusal(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "huge.csv"
    path.write_bytes(b"a,b\n1,2\n")
    monkeypatch.setattr(tables, "MAX_BYTES", 7)
    assert refusal(path).startswith("huge.csv: larger than")


def test_a_table_beyond_the_memory_is_one_line(tmp_path, monkeypatch):
    def read(stream, name):
        raise MemoryError

    monkeypatch.setattr(tables, "read_table", read)
    assert refusal(IRIS) == "iris.csv: needs more memory than there is; take a part of its rows"


# --- a first experiment ----------------------------------------------------------------------------------------------
def test_the_first_experiment_learns_the_suggested_target():
    experiment = experiment_for_table(IRIS)
    assert experiment.name == "iris"
    assert experiment.data.target == ("species",)
    assert Path(experiment.data.path) == IRIS.resolve()
    assert experiment_for_read_table(load_table(IRIS), IRIS) == experiment


def test_with_a_target_the_table_is_not_read_twice(tmp_path):
    experiment = experiment_for_table(tmp_path / "not there yet.csv", ["a", "b"])
    assert experiment.data.target == ("a", "b")
