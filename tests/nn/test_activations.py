"""Activations against closed forms, their own slopes, their bounds; calm for large z."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.nn.activations import ACTIVATIONS, LEAK, softmax
from ann_studio.nn.architecture import Architecture, views
from tests.nn.networks import Case, engine_activations

GRID = np.linspace(-9.0, 9.0, 721)
LARGE = np.array([s * 10.0**k for k in (1, 2, 2.85, 3, 4, 8, 16, 100, 150) for s in (-1, 1)])
FORMULAS = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": lambda z: (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)),
    "relu": lambda z: max(0.0, z),
    "leaky_relu": lambda z: max(0.0, z) + 0.01 * min(0.0, z),
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "softplus": lambda z: math.log(1 + math.exp(z)),
    "softsign": lambda z: z / (1 + abs(z)),
    "silu": lambda z: z / (1 + math.exp(-z)),
    "gelu": lambda z: z * NormalDist().cdf(z),
    "sin": math.sin,
}
#: Values (or asymptotes) at z → −∞ and +∞ as functions of z.
FAR = {
    "linear": (lambda z: z, lambda z: z),
    "sigmoid": (lambda z: 0.0, lambda z: 1.0),
    "tanh": (lambda z: -1.0, lambda z: 1.0),
    "relu": (lambda z: 0.0, lambda z: z),
    "leaky_relu": (lambda z: LEAK * z, lambda z: z),
    "elu": (lambda z: -1.0, lambda z: z),
    "softplus": (lambda z: 0.0, lambda z: z),
    "softsign": (lambda z: -1.0, lambda z: 1.0),
    "silu": (lambda z: 0.0, lambda z: z),
    "gelu": (lambda z: 0.0, lambda z: z),
}


def by_book(name: str, z: np.ndarray) -> np.ndarray:
    return ACTIVATIONS[name].value(z)


def by_engine(name: str, z: np.ndarray) -> np.ndarray:
    """The engine's activation of each entry of `z`: a network of one unit, weight 1 and bias 0."""
    case = Case(Architecture((1, 1), (name,)), np.array([1.0, 0.0]), z[:, None].copy(), np.zeros((len(z), 1)), "mse")
    return engine_activations(case)[:, 1]


@pytest.mark.parametrize("values", [by_book, by_engine], ids=["book", "engine"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_are_those_of_the_formula(name, values):
    expected = [FORMULAS[name](float(z)) for z in GRID]
    np.testing.assert_allclose(values(name, GRID), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_is_the_derivative(name):
    z, h = GRID[np.abs(GRID) > 1e-3], 1e-5
    value, slope = ACTIVATIONS[name].value, ACTIVATIONS[name].slope
    np.testing.assert_allclose(slope(z), (value(z + h) - value(z - h)) / (2 * h), rtol=0, atol=1e-9)


def test_at_their_kink_relu_has_slope_0_and_leaky_relu_its_leak():
    assert ACTIVATIONS["relu"].slope(np.zeros(1)) == 0
    assert ACTIVATIONS["leaky_relu"].slope(np.zeros(1)) == LEAK


@pytest.mark.parametrize("name", FAR)
def test_large_z_is_calm_and_near_the_asymptote(name):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        values, slopes = ACTIVATIONS[name].value(LARGE), ACTIVATIONS[name].slope(LARGE)
    expected = np.array([FAR[name][int(z > 0)](z) for z in LARGE])
    far = np.abs(LARGE) > 1e16 if name == "softsign" else np.abs(LARGE) > 50
    np.testing.assert_allclose(values[far], expected[far], rtol=1e-15, atol=1e-20)
    assert np.isfinite(slopes).all()
    np.testing.assert_allclose(by_engine(name, LARGE), values, rtol=1e-14, atol=1e-18)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_stay_within_the_bounds_and_come_near_them(name):
    activation = ACTIVATIONS[name]
    values = activation.value(np.concatenate([GRID, LARGE]))
    assert values.min() >= activation.low
    assert values.max() <= activation.high
    for bound, reached in ((activation.low, values.min()), (activation.high, values.max())):
        assert abs(reached - bound) < 1e-3 if math.isfinite(bound) else abs(reached) > 1e100


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_argument_is_left_alone_and_its_shape_kept(name):
    z = np.linspace(-2, 2, 6).reshape(2, 3)
    before = z.copy()
    for function in (ACTIVATIONS[name].value, ACTIVATIONS[name].slope):
        answer = function(z)
        assert answer.shape == z.shape
        assert answer.dtype == np.float64
        answer[:] = 99.0
        assert np.array_equal(z, before)


@given(z=st.floats(-700, 700))
def test_mirror_images(z):
    for name in ("softplus", "silu", "gelu"):
        right, left = (ACTIVATIONS[name].value(np.array([value]))[0] for value in (z, -z))
        assert right - left == pytest.approx(z, abs=1e-12)
    right, left = (ACTIVATIONS["sigmoid"].value(np.array([value]))[0] for value in (z, -z))
    assert right + left == pytest.approx(1, abs=1e-15)


# --- softmax --------------------------------------------------------------------------------------------------------
def softmax_by_engine(z: np.ndarray) -> np.ndarray:
    n = z.shape[1]
    architecture = Architecture((n, n), ("softmax",))
    theta = np.zeros(architecture.parameters)
    views(architecture, theta)[0][0][:] = np.eye(n)
    return engine_activations(Case(architecture, theta, z.copy(), np.zeros_like(z), "mse"))[:, n:]


@pytest.mark.parametrize("function", [softmax, softmax_by_engine], ids=["book", "engine"])
@given(z=st.lists(st.floats(-30, 30), min_size=1, max_size=6), shift=st.floats(-1e3, 1e3))
def test_softmax_is_the_share_of_exponentials_and_ignores_a_common_shift(function, z, shift):
    weights = [math.exp(value) for value in z]
    expected = [weight / math.fsum(weights) for weight in weights]
    np.testing.assert_allclose(function(np.array([z]))[0], expected, rtol=1e-13)
    np.testing.assert_allclose(function(np.array([z]) + shift)[0], expected, rtol=1e-11)


@pytest.mark.parametrize("function", [softmax, softmax_by_engine], ids=["book", "engine"])
def test_softmax_of_huge_numbers_does_not_overflow(function):
    rows = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e150, 1e150, -1e150]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = function(rows)
    np.testing.assert_allclose(found, [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0]], atol=1e-15)


def test_softmax_of_two_is_the_sigmoid_of_the_difference():
    z = np.random.default_rng(1).normal(0, 5, (50, 2))
    sigmoid = ACTIVATIONS["sigmoid"].value(z[:, 0] - z[:, 1])
    np.testing.assert_allclose(softmax(z)[:, 0], sigmoid, rtol=1e-13)
