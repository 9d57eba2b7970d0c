"""The valley: costs, slope, curvature and steps, against differences, closed forms and the Hessian."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.analysis.curvature import gradient, hessian
from ann_studio.analysis.slice import SliceChoice, cut
from ann_studio.learning import supervised
from ann_studio.learning.supervised import Interrupted, evaluate
from tests.analysis.posed import drawn, inline, neuron

SMOOTH = ["tanh", "sigmoid", "softplus", "silu", "gelu", "sin", "linear"]


@settings(max_examples=60)
@given(
    hidden=st.lists(st.tuples(st.integers(1, 5), st.sampled_from(SMOOTH)), max_size=2),
    pair=st.sampled_from([("linear", "mse"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]),
    seed=st.integers(0, 999),
    along=st.none() | st.integers(0, 100),
)
def test_slope_and_curvature_are_the_derivatives_of_the_cost_along_the_line(hidden, pair, seed, along):
    posed = drawn(seed, hidden, *pair)
    theta = np.random.default_rng(seed).normal(size=posed.architecture.parameters)
    parameter = None if along is None else along % len(theta)
    valley = cut(posed, theta, SliceChoice(parameter), learning_rate=0.1)

    def cost(distance: float) -> float:
        return evaluate(posed, theta + distance * valley.direction, posed.train)

    assert np.linalg.norm(valley.direction) == pytest.approx(1)
    assert valley.cost == cost(0)
    h = 1e-3
    near = [cost(k * h) for k in (-2, -1, 0, 1, 2)]
    slope = np.dot(near, [1, -8, 0, 8, -1]) / (12 * h)
    curvature = np.dot(near, [-1, 16, -30, 16, -1]) / (12 * h * h)
    assert valley.slope == pytest.approx(slope, rel=1e-6, abs=1e-8)
    assert valley.curvature == pytest.approx(curvature, rel=1e-5, abs=1e-6)
    exact = valley.direction @ hessian(posed, theta) @ valley.direction
    assert valley.curvature == pytest.approx(exact, rel=1e-7, abs=1e-9)
    assert valley.step == -0.1 * valley.slope


@pytest.mark.parametrize("parameter", [0, 5, 12, None])
def test_the_costs_are_those_of_the_engine_along_the_line(parameter):
    posed = drawn(3, [(3, "tanh")])
    theta = np.random.default_rng(3).normal(size=13)
    valley = cut(posed, theta, SliceChoice(parameter), (-2.0, 4.0), points=31)
    np.testing.assert_allclose(valley.positions, np.linspace(-2, 4, 31))
    for position, cost in zip(valley.positions, valley.costs, strict=True):
        moved = theta + (position - valley.here) * valley.direction
        assert cost == pytest.approx(evaluate(posed, moved, posed.train), rel=1e-12)
    assert valley.here == (0.0 if parameter is None else theta[parameter])


def test_along_the_gradient_it_goes_uphill():
    posed = drawn(3, [(3, "tanh")])
    theta = np.random.default_rng(3).normal(size=13)
    valley = cut(posed, theta, SliceChoice(None), learning_rate=0.5)
    slopes = gradient(posed, theta)
    np.testing.assert_allclose(valley.direction, slopes / np.linalg.norm(slopes))
    assert valley.slope == pytest.approx(np.linalg.norm(slopes))
    assert valley.step < 0
    # plain gradient descent moves by the step along the line
    learning = supervised.advance(posed, supervised.start(posed), to_update=1).state
    rate = posed.experiment.learning.optimizer.learning_rate
    first = cut(posed, posed.first_theta, SliceChoice(None), learning_rate=rate)
    assert first.step * first.direction == pytest.approx(learning.theta - posed.first_theta, rel=1e-9)


def test_the_valley_of_a_linear_neuron_is_its_parabola():
    """C = 1/(2n) Σ (wx + b − y)²: curvature Σx²/n along w and 1 along b, everywhere, and Newton's step ends it."""
    x, y = np.array([1.0, 2.0, -3.0, 0.5]), np.array([1.0, -1.0, 2.0, 0.0])
    posed = inline(x[:, None], y[:, None])
    for theta in ([0.0, 0.0], [3.0, -2.0], [-50.0, 20.0]):
        w, b = theta
        rest = w * x + b - y
        for parameter, curvature, slope in ((0, (x**2).mean(), (rest * x).mean()), (1, 1.0, rest.mean())):
            valley = cut(posed, np.array(theta), SliceChoice(parameter))
            assert valley.curvature == pytest.approx(curvature, rel=1e-8)
            assert valley.slope == pytest.approx(slope, rel=1e-12)
            assert valley.newton_step == pytest.approx(-slope / curvature, rel=1e-8)
            assert valley.stable_rate == pytest.approx(2 / curvature, rel=1e-8)
            at_rest = np.array(theta)
            at_rest[parameter] += valley.newton_step
            assert gradient(posed, at_rest)[parameter] == pytest.approx(0, abs=1e-6)


def test_where_it_bends_down_there_is_no_newton_step_and_no_rate_too_large():
    valley = cut(neuron(0), np.array([-2.0, 0.0]), SliceChoice(0), learning_rate=4.0)
    assert valley.slope < 0
    assert valley.step == -4 * valley.slope
    assert valley.curvature < 0
    assert math.isnan(valley.newton_step)
    assert math.isinf(valley.stable_rate)


@pytest.mark.parametrize("value", [0.0, -0.3, 2.99, -17.0, 412.0, 1e7])
def test_the_ball_lies_well_inside_and_the_borders_stay_while_it_moves_a_little(value):
    posed = neuron(0)
    valley = cut(posed, np.array([value, 0.0]), SliceChoice(0))
    low, high = valley.positions[[0, -1]]
    assert low <= value - 3
    assert high >= value + 3
    assert low + 0.2 * (high - low) < value < high - 0.2 * (high - low)
    moved = cut(posed, np.array([value + 1e-3, 0.0]), SliceChoice(0))
    # 0 is a border of the steps itself
    assert moved.positions[-1] - high == (1.0 if value == 0.0 else 0.0)
    assert moved.positions[0] == low


def test_on_a_plain_the_gradient_has_no_direction_and_the_first_parameter_is_taken():
    posed = inline([[1.0], [2.0]], [[0.0], [0.0]], [(2, "relu")])
    valley = cut(posed, np.full(7, -1.0) * [1, 1, 1, 1, 1, 1, 0], SliceChoice(None))
    assert valley.slope == 0
    assert valley.direction.tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert np.isfinite(valley.costs).all()


@pytest.mark.parametrize("parameter", [0, 1, None])
def test_a_run_that_is_all_but_lost_has_a_valley_too(parameter):
    for size in (1e100, 1e200, np.inf):
        valley = cut(inline([[1.0], [2.0]], [[0.0], [1.0]]), np.array([size, -1.0]), SliceChoice(parameter))
        assert len(valley.costs) == 241
        assert np.isfinite(valley.positions).all()


def test_it_can_be_given_up_and_knows_its_parameters():
    with pytest.raises(Interrupted):
        cut(neuron(0), np.zeros(2), SliceChoice(0), interrupt=np.ones(1, dtype=np.int64))
    with pytest.raises(IndexError):
        cut(neuron(0), np.zeros(2), SliceChoice(2))
