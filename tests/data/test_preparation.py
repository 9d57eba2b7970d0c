"""The preparation: fitted on the training part alone, undone by decoding."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ann_studio.data.dataset import Classes, Column, Dataset, NumberColumn, Numbers, TextColumn
from ann_studio.data.preparation import Preparation, fit

ROWS, TRAIN = 12, np.array([0, 2, 3, 5, 8, 9, 11])
OTHERS = np.setdiff1d(np.arange(ROWS), TRAIN)
FEATURES = ("x1", "x2", "x1*x2", "sin(x1)")

NUMBER = st.floats(-1e6, 1e6)
INPUTS = arrays.arrays(np.float64, (ROWS, 2), elements=NUMBER)
TARGETS = arrays.arrays(np.float64, (ROWS, 2), elements=NUMBER)


def numbers(inputs: np.ndarray, targets: np.ndarray, *, fill_missing: bool = False) -> Dataset:
    columns: tuple[Column, ...] = (NumberColumn("x1"), NumberColumn("x2"))
    return Dataset(columns, inputs, Numbers(("p", "q")), targets, fill_missing=fill_missing)


def fitted(dataset: Dataset, *, features: tuple[str, ...] = FEATURES, standardize: bool = True) -> Preparation:
    return fit(
        dataset,
        TRAIN,
        features=features,
        standardize=standardize,
        standardize_targets=standardize,
        outputs=2,
        low=0.0,
        high=1.0,
    )


def bits(preparation: Preparation) -> list[bytes | None]:
    arrays = (preparation.fill, preparation.mean, preparation.scale, preparation.target_mean, preparation.target_scale)
    return [None if array is None else array.tobytes() for array in arrays]


def classes(count: int, outputs: int, low: float, high: float) -> Preparation:
    """A preparation of `count` classes that are coded in `outputs` units."""
    target = Classes("kind", tuple("abcdefgh"[:count]))
    nothing, one = np.zeros(1), np.ones(1)
    return Preparation(
        (NumberColumn("x1"),), None, ("x1",), nothing, one, target, low, high, np.zeros(outputs), np.ones(outputs)
    )


@given(inputs=INPUTS, targets=TARGETS, other_inputs=INPUTS, other_targets=TARGETS, fill=st.booleans(), data=st.data())
def test_rows_outside_the_training_part_change_no_bit(inputs, targets, other_inputs, other_targets, fill, data):
    if fill:
        missing = arrays.arrays(np.bool_, (ROWS, 2))
        inputs = np.where(data.draw(missing), np.nan, inputs)
        other_inputs = np.where(data.draw(missing), np.nan, other_inputs)
    changed_inputs, changed_targets = inputs.copy(), targets.copy()
    changed_inputs[OTHERS], changed_targets[OTHERS] = other_inputs[OTHERS], other_targets[OTHERS]
    first = fitted(numbers(inputs, targets, fill_missing=fill))
    second = fitted(numbers(changed_inputs, changed_targets, fill_missing=fill))
    assert bits(first) == bits(second)
    assert np.array_equal(first.inputs(inputs[TRAIN]), second.inputs(changed_inputs[TRAIN]))


def test_the_training_part_becomes_mean_0_and_deviation_1():
    random = np.random.default_rng(1)
    dataset = numbers(random.normal(50, 9, (ROWS, 2)), random.normal(-300, 40, (ROWS, 2)))
    preparation = fitted(dataset)
    for shown in (preparation.inputs(dataset.inputs[TRAIN]), preparation.targets(dataset.targets[TRAIN])):
        np.testing.assert_allclose(shown.mean(axis=0), 0, atol=1e-10)
        np.testing.assert_allclose(shown.std(axis=0), 1, rtol=1e-10)


def test_without_standardising_the_network_sees_the_features_themselves():
    inputs = np.random.default_rng(1).normal(size=(ROWS, 2))
    preparation = fitted(numbers(inputs, inputs.copy()), standardize=False)
    x1, x2 = inputs.T
    assert np.array_equal(preparation.inputs(inputs), np.stack([x1, x2, x1 * x2, np.sin(x1)], axis=1))
    assert np.array_equal(preparation.targets(inputs), inputs)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3e5])
def test_a_column_that_is_constant_in_the_training_part_keeps_its_unit(constant):
    inputs = np.random.default_rng(1).normal(size=(ROWS, 2))
    inputs[TRAIN, 1] = constant
    preparation = fitted(numbers(inputs, inputs.copy()), features=("x1", "x2"))
    assert preparation.scale[1] == preparation.target_scale[1] == 1
    np.testing.assert_allclose(preparation.inputs(inputs[TRAIN])[:, 1], 0, atol=1e-9)
    np.testing.assert_allclose(preparation.inputs(inputs)[OTHERS, 1], inputs[OTHERS, 1] - constant, atol=1e-9)


def test_a_missing_number_becomes_the_mean_of_those_present_in_the_training_part():
    inputs = np.arange(2.0 * ROWS).reshape(ROWS, 2)
    inputs[TRAIN[:3], 0] = np.nan
    inputs[OTHERS[0], 0] = np.nan
    preparation = fitted(numbers(inputs, np.zeros((ROWS, 2)), fill_missing=True), features=("x1",), standardize=False)
    mean = inputs[TRAIN[3:], 0].mean()
    shown = preparation.inputs(inputs)[:, 0]
    assert shown[TRAIN[0]] == shown[OTHERS[0]] == pytest.approx(mean)
    assert shown[OTHERS[1]] == inputs[OTHERS[1], 0]


def test_a_column_with_nothing_present_is_filled_with_zeros():
    inputs = np.ones((ROWS, 2))
    inputs[TRAIN, 1] = np.nan
    preparation = fitted(numbers(inputs, np.zeros((ROWS, 2)), fill_missing=True))
    assert np.isfinite(preparation.inputs(inputs)).all()
    assert preparation.fill is not None
    assert preparation.fill[1] == 0


@given(inputs=INPUTS, targets=TARGETS, asked=TARGETS)
def test_numbers_return_from_their_code(inputs, targets, asked):
    preparation = fitted(numbers(inputs, targets))
    returned = preparation.decode(preparation.targets(asked))
    room = 1e-14 * (np.abs(asked) + 2 * np.abs(preparation.target_mean))
    assert (np.abs(returned - asked) <= room).all()


@given(
    index=st.lists(st.integers(0, 4), min_size=1, max_size=20),
    codes=st.sampled_from([(0.0, 1.0), (-1.0, 1.0)]),
    noise=st.floats(0, 0.49),
    seed=st.integers(0, 2**32),
)
def test_classes_return_from_one_hot_codes_and_from_outputs_near_them(index, codes, noise, seed):
    low, high = codes
    preparation = classes(5, 5, low, high)
    raw = np.array(index, dtype=np.float64)[:, None]
    coded = preparation.targets(raw)
    assert ((coded == high).sum(axis=1) == 1).all()
    assert ((coded == low).sum(axis=1) == 4).all()
    shift = np.random.default_rng(seed).uniform(-noise, noise, coded.shape) * (high - low)
    assert np.array_equal(preparation.decode(coded + shift), raw)


@given(
    index=st.lists(st.integers(0, 1), min_size=1, max_size=20),
    codes=st.sampled_from([(0.0, 1.0), (-1.0, 1.0)]),
    noise=st.floats(0, 0.49),
    seed=st.integers(0, 2**32),
)
def test_two_classes_return_from_one_output_and_from_outputs_near_its_codes(index, codes, noise, seed):
    low, high = codes
    preparation = classes(2, 1, low, high)
    raw = np.array(index, dtype=np.float64)[:, None]
    coded = preparation.targets(raw)
    assert coded[:, 0].tolist() == [high if label else low for label in index]
    shift = np.random.default_rng(seed).uniform(-noise, noise, coded.shape) * (high - low)
    assert np.array_equal(preparation.decode(coded + shift), raw)


def test_a_text_column_has_an_input_for_each_of_its_values():
    columns: tuple[Column, ...] = (NumberColumn("age"), TextColumn("colour", ("red", "blue")))
    inputs = np.tile([[30.0, 1.0, 0.0], [40.0, 0.0, 1.0], [50.0, 0.0, 0.0]], (4, 1))
    dataset = Dataset(columns, inputs, Numbers(("p", "q")), np.zeros((ROWS, 2)))
    assert dataset.input_names == ("age", "colour=red", "colour=blue")
    assert np.array_equal(fitted(dataset, features=("x1", "x2", "x3"), standardize=False).inputs(inputs), inputs)


def test_a_preparation_is_a_value():
    preparation = classes(2, 1, 0.0, 1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        preparation.low = -1.0  # type: ignore[misc]
