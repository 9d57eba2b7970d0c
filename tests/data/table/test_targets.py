"""What is to be learned is recognised as classes or numbers."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.table import Table, TableError, to_dataset
from tests.data.table.tables import checked, of_columns

ROWS = 40
X = [str(k % 7 / 2) for k in range(ROWS)]


def learned(cells: list[str], task: str | None = None, delimiter: str = ",") -> tuple[Classes | Numbers, list]:
    """What a target of these cells becomes, and its values."""
    dataset = to_dataset(of_columns(delimiter, x=X[: len(cells)], y=cells), ["y"], task=task)
    return dataset.target, dataset.targets[:, 0].tolist()


def refused(table: Table, *target: str, task: str | None = None) -> str:
    with pytest.raises(TableError) as caught:
        to_dataset(table, target, task=task)
    return checked(caught.value)


def test_texts_are_classes_in_alphabetical_order():
    assert learned(["dog", " cat", "dog ", "ant"]) == (Classes("y", ("ant", "cat", "dog")), [2, 1, 2, 0])


def test_whole_numbers_that_repeat_are_classes_in_numerical_order():
    what, values = learned([str(k % 12) for k in range(ROWS)])
    assert what == Classes("y", tuple(map(str, range(12))))
    assert values == [k % 12 for k in range(ROWS)]


def test_ways_to_write_a_number_are_one_class_named_as_first_written():
    cells = ["1,0", "2", "1", "2,00", "1,0"]
    assert learned(cells, delimiter=";") == (Classes("y", ("1,0", "2")), [0, 1, 0, 1, 0])


@pytest.mark.parametrize(
    "cells",
    [
        [str(k * 1.5) for k in range(ROWS)],
        [str(k % 2 + 0.5) for k in range(ROWS)],  # not whole
        [str(k % 25) for k in range(ROWS)],  # many
        ["1000", "1500", "2000", "1200", "1000"],  # hardly repeating
    ],
)
def test_other_numbers_are_numbers(cells):
    assert learned(cells) == (Numbers(("y",)), list(map(float, cells)))


def test_the_task_can_be_chosen():
    cells = ["3", "1", "3", "1"]
    assert learned(cells, "numbers") == (Numbers(("y",)), [3, 1, 3, 1])
    assert learned(["0.5", "2.5", "1.5"], "classes") == (Classes("y", ("0.5", "1.5", "2.5")), [0, 2, 1])


def test_several_targets_are_numbers():
    table = of_columns(x=X, y=[str(k % 2) for k in range(ROWS)], z=[str(k * 1.5) for k in range(ROWS)])
    dataset = to_dataset(table, ["z", "y"])
    assert dataset.target == Numbers(("z", "y"))
    np.testing.assert_array_equal(dataset.targets, [[k * 1.5, k % 2] for k in range(ROWS)])


def test_only_classes_of_rows_that_are_kept_count():
    table = of_columns(x=["1", "2", "", "4"], y=["a", "b", "c", "a"])
    assert to_dataset(table, ["y"]).target == Classes("y", ("a", "b"))
    assert to_dataset(table, ["y"], missing="fill").target == Classes("y", ("a", "b", "c"))


# --- what cannot be learned ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("cell", ["x", "7"])
def test_a_single_class_is_refused(cell):
    assert refused(of_columns(x=["1", "2", "3"], y=[cell] * 3), "y") == (
        f", column 2 (\"y\"): only one class ('{cell}'); at least two are needed, so choose another target or add rows"
    )


def test_a_number_that_never_changes_is_refused():
    assert refused(of_columns(x=["1", "2", "3"], y=["0.5"] * 3), "y").startswith(
        ', column 2 ("y"): the target is the same in every row'
    )


def test_too_many_classes_are_refused():
    rows = range(303)
    table = of_columns(x=[str(k % 7) for k in rows], y=[f"class {k % 101}" for k in rows])
    assert refused(table, "y").startswith(', column 2 ("y"): 101 classes, at most 100 can be learned')


def test_a_stray_word_among_numbers_is_named():
    cells = [str(k * 1.5) for k in range(ROWS)]
    cells[7] = "unknown"
    message = refused(of_columns(x=X, y=cells), "y")
    assert message.startswith(", line 9, column 2 (\"y\"): 'unknown' is not a number; correct it")


def test_words_cannot_be_read_as_numbers():
    table = of_columns(x=["1", "2"], y=["3", "b"])
    assert refused(table, "y", task="numbers").startswith(", line 3, column 2 (\"y\"): 'b' is not a number")


def test_words_cannot_be_one_of_several_targets():
    table = of_columns(x=["1", "2"], y=["3", "4"], z=["a", "b"])
    assert refused(table, "y", "z").startswith(", line 2, column 3 (\"z\"): 'a' is not a number")
    assert "only a single target can be classes" in refused(table, "x", "y", task="classes")


def test_an_infinite_target_is_named():
    table = of_columns(x=["1", "2"], y=["3", "inf"])
    assert refused(table, "y").startswith(', line 3, column 2 ("y"): inf is infinite')


def test_a_target_without_values_is_refused():
    assert refused(of_columns(x=["1", "2"], y=["", "NA"]), "y").startswith(', column 2 ("y"): no row has a target')
