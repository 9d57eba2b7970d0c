"""The book's gradients against central differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.backprop import deltas, forward, gradient, loss
from ann_studio.nn.losses import LOSSES
from tests.nn.networks import PAIRS, Case, an_output_of, drawn, keeps_off_kinks, well_placed

H = 1e-5


def book(case: Case) -> np.ndarray:
    return gradient(case.architecture, case.theta, case.inputs, case.targets, case.loss)


def central_differences(case: Case) -> np.ndarray:
    """Fourth order, so that the truncation (H⁴) is far below the rounding (ε/H)."""
    slopes = np.empty_like(case.theta)
    for index in range(len(case.theta)):
        values = {}
        for steps in (-2, -1, 1, 2):
            theta = case.theta.copy()
            theta[index] += steps * H
            values[steps] = loss(case.architecture, theta, case.inputs, case.targets, case.loss)
        slopes[index] = (8 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * H)
    return slopes


def assert_agrees(case: Case) -> None:
    found = book(case)
    room = 1e-7 * max(1.0, np.abs(found).max())
    np.testing.assert_allclose(found, central_differences(case), rtol=0, atol=room)


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_the_gradient_with_each_output_activation_and_loss(output, loss):
    assert_agrees(well_placed(Architecture((3, 4, 3), ("tanh", output)), loss))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_the_gradient_with_each_hidden_activation_and_loss(hidden, loss):
    assert_agrees(well_placed(Architecture((3, 4, 3, 2), (hidden, hidden, an_output_of(loss))), loss))


@given(
    sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5),
    hidden=st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=3, max_size=3),
    pair=st.sampled_from(PAIRS),
    rows=st.integers(1, 6),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_the_gradient_of_any_network(sizes, hidden, pair, rows, seed):
    output, loss = pair
    case = drawn(Architecture(tuple(sizes), (*hidden[: len(sizes) - 2], output)), loss, seed, rows)
    assume(keeps_off_kinks(case))
    assert_agrees(case)


@pytest.mark.parametrize("loss", [name for name, entry in LOSSES.items() if entry.slope is None])
def test_the_gradient_with_soft_targets(loss):
    """Cross entropies are defined for any targets from 0 to 1, also where they do not add up to 1."""
    case = drawn(Architecture((3, 4, 3), ("tanh", an_output_of(loss))), loss, seed=1)
    targets = np.random.default_rng(2).uniform(size=case.targets.shape)
    assert_agrees(Case(case.architecture, case.theta, case.inputs, targets, loss))


def test_the_gradient_is_the_mean_over_the_samples_of_their_own():
    case = well_placed(Architecture((3, 4, 2), ("tanh", "sigmoid")), "mse", rows=6)
    singles = [
        book(Case(case.architecture, case.theta, case.inputs[[row]], case.targets[[row]], "mse")) for row in range(6)
    ]
    np.testing.assert_allclose(book(case), np.mean(singles, axis=0), rtol=0, atol=1e-15)


def test_a_forward_pass_is_z_equals_a_w_plus_b():
    case = drawn(Architecture((3, 4, 2), ("relu", "softmax")), "mse", seed=4)
    passed = forward(case.architecture, case.theta, case.inputs)
    (w1, b1), (w2, b2) = views(case.architecture, case.theta)
    z1 = case.inputs @ w1 + b1
    z2 = np.maximum(z1, 0) @ w2 + b2
    assert passed.activations[0] is case.inputs
    np.testing.assert_allclose(passed.pre_activations[0], z1, atol=1e-15)
    np.testing.assert_allclose(passed.activations[1], np.maximum(z1, 0), atol=1e-15)
    np.testing.assert_allclose(passed.pre_activations[1], z2, atol=1e-14)
    np.testing.assert_allclose(passed.activations[2], np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True), atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
def test_delta_is_what_the_bias_of_the_unit_feels(loss):
    """∂z/∂b = 1, so δ of a single sample is the slope of its loss along the unit's bias."""
    case = well_placed(Architecture((2, 3, 2), ("tanh", an_output_of(loss))), loss, rows=1)
    passed = forward(case.architecture, case.theta, case.inputs)
    along_bias = [biases for _, biases in views(case.architecture, central_differences(case))]
    for delta, slopes in zip(
        deltas(case.architecture, case.theta, passed, case.targets, loss), along_bias, strict=True
    ):
        np.testing.assert_allclose(delta[0], slopes, rtol=0, atol=1e-7)
