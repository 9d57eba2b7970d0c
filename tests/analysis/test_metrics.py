"""Measures of how well is predicted, against counts and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.analysis.metrics import confusion, goodness_of_fit, performance
from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers
from ann_studio.learning import supervised
from ann_studio.learning.problem import Problem, pose
from ann_studio.nn.backprop import forward
from tests.learning.problems import experiment, numbers, problem, two_classes

pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(pairs=pairs)
def test_the_confusion_counts_every_pair_of_truth_and_prediction(pairs):
    truth, predicted = np.array(pairs, dtype=float).T
    counts = confusion(truth, predicted, 5)
    for row in range(5):
        for column in range(5):
            assert counts[row, column] == pairs.count((row, column))


def test_the_confusion_has_truth_in_rows():
    counts = confusion(np.array([2.0, 2.0, 0.0]), np.array([1.0, 1.0, 0.0]), 3)
    assert counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 2, 0]]


def test_a_perfect_prediction_has_r2_1_and_the_mean_has_0():
    truth = np.array([[1.0], [2.0], [6.0]])
    assert goodness_of_fit(truth, truth) == (1.0, 0.0)
    r2, rmse = goodness_of_fit(truth, np.full_like(truth, 3.0))
    assert r2 == 0
    assert rmse == pytest.approx(math.sqrt((4 + 1 + 9) / 3))


@given(noise=st.floats(0.01, 100), seed=st.integers(0, 1000))
def test_r2_does_not_depend_on_the_unit_and_the_error_is_in_it(noise, seed):
    random = np.random.default_rng(seed)
    truth = random.normal(size=(30, 1))
    predicted = truth + noise * random.normal(size=(30, 1))
    r2, rmse = goodness_of_fit(truth, predicted)
    scaled_r2, scaled_rmse = goodness_of_fit(1000 * truth + 7, 1000 * predicted + 7)
    assert scaled_r2 == pytest.approx(r2, rel=1e-9, abs=1e-9)
    assert scaled_rmse == pytest.approx(1000 * rmse, rel=1e-9)


def test_the_square_of_the_correlation_is_the_r2_of_a_fitted_line():
    random = np.random.default_rng(1)
    x = random.normal(size=50)
    y = 3 * x + random.normal(size=50)
    slope, offset = np.polyfit(x, y, 1)
    r2, rmse = goodness_of_fit(y[:, None], (slope * x + offset)[:, None])
    assert r2 == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    assert rmse == pytest.approx(np.sqrt(np.mean((slope * x + offset - y) ** 2)))


@pytest.mark.parametrize(("value", "count"), [(0.1, 3), (0.1, 10), (1 / 3, 7), (-2.7, 50), (1e9 + 0.1, 6)])
def test_truth_that_does_not_vary_has_no_r2(value, count):
    """Though the mean of equal numbers may differ from them by a rounding."""
    r2, rmse = goodness_of_fit(np.full((count, 1), value), np.full((count, 1), value + 1))
    assert math.isnan(r2)
    assert rmse == pytest.approx(1)


def test_a_constant_target_beside_a_varying_one_does_not_spoil_the_r2():
    truth = np.column_stack([np.arange(5.0), np.full(5, 0.1)])
    assert goodness_of_fit(truth, truth)[0] == 1


def test_predictions_that_are_no_numbers_are_no_error():
    truth = np.array([[1.0], [2.0]])
    r2, rmse = goodness_of_fit(truth, np.array([[np.nan], [1.0]]))
    assert math.isnan(r2)
    assert math.isnan(rmse)
    r2, rmse = goodness_of_fit(truth, np.array([[1e300], [-1e300]]))
    assert (r2, rmse) == (-math.inf, math.inf)


# --- whole parts ----------------------------------------------------------------------------------------------------
def trained(posed: Problem) -> np.ndarray:
    return supervised.advance(posed, supervised.start(posed), to_epoch=15).state.theta


def three_classes() -> Dataset:
    random = np.random.default_rng(3)
    columns = (NumberColumn("a"), NumberColumn("b"))
    return Dataset(columns, random.normal(size=(60, 2)), Classes("kind", ("p", "q", "r")), np.arange(60.0)[:, None] % 3)


@pytest.mark.parametrize("part", ["train", "validation"])
@pytest.mark.parametrize("dataset", [two_classes(), three_classes()], ids=["two", "three"])
@pytest.mark.parametrize("output", [None, "tanh", "softmax"])
def test_the_accuracy_is_the_share_of_right_classes(dataset, output, part):
    posed = problem(dataset, network={"hidden": [{"units": 4}], "output_activation": output})
    theta, samples = trained(posed), getattr(posed, part)
    found = performance(posed, theta, samples)
    a = forward(posed.architecture, theta, samples.inputs).activations[-1]
    # By hand: one output leans to the code of the second class or not; of several the greatest counts.
    low, high = (-1, 1) if output == "tanh" else (0, 1)
    classes = a.argmax(axis=1) if a.shape[1] > 1 else (np.abs(a[:, 0] - high) < np.abs(a[:, 0] - low)).astype(int)
    truth = posed.dataset.targets[samples.rows, 0]
    assert np.array_equal(found.predictions[:, 0], classes)
    assert found.accuracy == pytest.approx((classes == truth).mean())
    assert found.confusion.sum() == len(samples)
    assert found.confusion.sum(axis=1).tolist() == [(truth == k).sum() for k in range(len(dataset.target.labels))]
    assert math.isnan(found.r2)


def test_numbers_are_measured_in_their_own_unit():
    """Targets are 100 ± 50 and standardised for the network; so the error must be of that size before training."""
    posed = problem(numbers())
    theta = np.zeros(posed.architecture.parameters)
    found = performance(posed, theta, posed.train)
    truth = posed.dataset.targets[posed.train.rows]
    np.testing.assert_allclose(found.predictions, truth.mean(), rtol=1e-12)
    assert found.rmse == pytest.approx(truth.std())
    assert found.r2 == pytest.approx(0, abs=1e-9)
    assert found.confusion is None
    assert math.isnan(found.accuracy)


def test_the_cost_of_a_linear_network_is_half_its_squared_error_in_standard_units():
    posed = problem(numbers())
    theta = trained(posed)
    scale = posed.preparation.target_scale[0]
    expected = scale * math.sqrt(2 * supervised.evaluate(posed, theta, posed.train))
    assert performance(posed, theta, posed.train).rmse == pytest.approx(expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
@pytest.mark.parametrize("dataset", [two_classes(), three_classes(), numbers()], ids=["two", "three", "numbers"])
def test_a_network_that_diverged_can_be_measured(dataset, value):
    posed = problem(dataset)
    found = performance(posed, np.full(posed.architecture.parameters, value), posed.train)
    assert found.predictions.shape == (len(posed.train), 1)


def test_more_rows_than_are_held_at_a_time_give_the_same(monkeypatch):
    posed = problem(three_classes())
    theta = trained(posed)
    whole = performance(posed, theta, posed.train)
    monkeypatch.setattr(supervised, "_PASSED", 40)
    assert np.array_equal(performance(posed, theta, posed.train).predictions, whole.predictions)


def test_two_numbers_are_predicted_at_once():
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 2))
    dataset = Dataset((NumberColumn("a"), NumberColumn("b")), x, Numbers(("u", "v")), x @ np.array([[1.0, 2], [3, 4]]))
    posed = pose(experiment(network={"hidden": []}), dataset)
    assert performance(posed, trained(posed), posed.train).predictions.shape == (len(posed.train), 2)
