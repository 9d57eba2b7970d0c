"""Rows given in the experiment file: used as they are, classes recognised, misfits named by their path."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.inline import inline_dataset

X = [[0.0, 1.5], [2.0, -3.0], [4.0, 0.1]]
TWO = Classes("class", ("B", "A"))


@given(
    rows=st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)), min_size=1, max_size=9),
    split=st.integers(0, 9),
)
def test_rows_are_used_as_given_and_in_the_given_order(rows, split):
    x, y = [row[:2] for row in rows], [row[2:] for row in rows]
    split = min(split, len(rows) - 1)
    head = len(rows) - split
    dataset = inline_dataset(x[:head], y[:head], x[head:], y[head:], task="numbers")
    assert dataset.inputs.tolist() == [list(row) for row in x]
    assert dataset.targets.tolist() == [list(row) for row in y]
    assert dataset.validation == split
    assert dataset.input_names == ("x1", "x2")


def test_without_a_validation_part_the_split_is_left_to_the_experiment():
    assert inline_dataset(X, [[0.2], [0.4], [0.6]]).validation is None


@pytest.mark.parametrize(
    ("targets", "target", "indices"),
    [
        ([[0], [1], [1]], TWO, [0, 1, 1]),
        ([[1], [-1], [-1]], TWO, [1, 0, 0]),
        ([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]], Classes("class", ("1", "2")), [1, 0, 1]),
        ([[0, 0, 1], [0, 0, 1], [1, 0, 0]], Classes("class", ("1", "2", "3")), [2, 2, 0]),
    ],
)
def test_codes_of_classes_are_recognised(targets, target, indices):
    dataset = inline_dataset(X, targets)
    assert dataset.target == target
    assert dataset.targets.tolist() == [[index] for index in indices]


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        ([[0], [0], [0]], ("y",)),
        ([[1], [1], [1]], ("y",)),
        ([[-1], [0], [1]], ("y",)),
        ([[0.9], [0.1], [0.9]], ("y",)),
        ([[0, 2], [1, 0], [0, 1]], ("y1", "y2")),
        ([[0, 1, 1], [1, 0, 0], [0, 1, 0]], ("y1", "y2", "y3")),
        ([[0, 0, 0], [1, 0, 0], [0, 1, 0]], ("y1", "y2", "y3")),
        ([[0.5, 0.5], [1, 0], [0, 1]], ("y1", "y2")),
    ],
)
def test_anything_else_is_numbers_as_given(targets, names):
    dataset = inline_dataset(X, targets)
    assert dataset.target == Numbers(names)
    assert dataset.targets.tolist() == targets


def test_both_classes_may_be_spread_over_the_two_parts():
    dataset = inline_dataset(X, [[1], [1], [1]], [[0.0, 0.0]], [[0]])
    assert dataset.target == TWO
    assert dataset.targets.tolist() == [[1], [1], [1], [0]]
    assert dataset.validation == 1


def test_asked_for_numbers_codes_stay_numbers():
    dataset = inline_dataset(X, [[0], [1], [1]], task="numbers")
    assert dataset.target == Numbers(("y",))
    assert dataset.targets.tolist() == [[0], [1], [1]]


def test_asked_for_classes_what_codes_none_is_refused():
    with pytest.raises(ValueError, match=r"^\$\.data\.targets: classes are coded"):
        inline_dataset(X, [[0.2], [1], [1]], task="classes")


Y = [[0.1], [0.2], [0.3]]
MISFITS = [
    (([[0, 1], [0, 1], [0, 1], [1, 2, 3]], [[1]] * 4), "$.data.inputs[3]: expected 2 numbers, found 3"),
    ((X, [[1], [2, 3], [4]]), "$.data.targets[1]: expected 1 number, found 2"),
    ((X, [[1], [2]]), "$.data.targets: expected 3 rows as in inputs, found 2"),
    ((X[:1], [[1], [2]]), "$.data.targets: expected 1 row as in inputs, found 2"),
    (([], []), "$.data.inputs: expected at least one row"),
    ((X, []), "$.data.targets: expected at least one row"),
    (([[], []], [[1], [2]]), "$.data.inputs[0]: expected at least one number"),
    ((X, [[], [], []]), "$.data.targets[0]: expected at least one number"),
    (([[0, math.nan]], [[1]]), "$.data.inputs[0][1]: expected a finite number"),
    ((X, [[1], [2], [math.inf]]), "$.data.targets[2][0]: expected a finite number"),
    ((X, Y, [[1]], [[1]]), "$.data.validation.inputs[0]: expected 2 numbers, found 1"),
    ((X, Y, [[1, 2], [3, 4, 5]], [[1], [2]]), "$.data.validation.inputs[1]: expected 2 numbers, found 3"),
    ((X, Y, [[1, 2]], [[1, 2]]), "$.data.validation.targets[0]: expected 1 number, found 2"),
    ((X, Y, [[1, 2], [3, 4]], [[1]]), "$.data.validation.targets: expected 2 rows as in inputs, found 1"),
    ((X, Y, [[1, 2]], None), "$.data.validation.targets: missing; validation rows have both inputs and targets"),
    ((X, Y, None, [[1]]), "$.data.validation.inputs: missing; validation rows have both inputs and targets"),
]


@pytest.mark.parametrize(("parts", "sentence"), MISFITS, ids=[sentence for _, sentence in MISFITS])
def test_a_misfit_is_named_by_its_path(parts, sentence):
    with pytest.raises(ValueError, match=r"^\$") as error:
        inline_dataset(*parts)
    assert str(error.value) == sentence


def test_what_was_given_is_copied():
    given = np.array(X)
    dataset = inline_dataset(given.tolist(), [[1], [2], [3]])
    dataset.inputs[:] = 9.0
    assert np.array_equal(given, np.array(X))
