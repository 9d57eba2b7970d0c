"""First weights: their distribution, scale and biases; the same draws for the same seed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.initializers import INITIALIZERS, first_theta
from tests.nn.networks import weight_mask

N_IN, N_OUT = 300, 200
LAYER = Architecture((N_IN, N_OUT), ("tanh",))
#: Standard deviation, and greatest size (infinite for normal draws), at scale 1.
DISTRIBUTIONS = {
    "zeros": (0.0, 0.0),
    "uniform": (1 / math.sqrt(3), 1.0),
    "normal": (1.0, math.inf),
    "xavier": (math.sqrt(2 / (N_IN + N_OUT)), math.sqrt(6 / (N_IN + N_OUT))),
    "he": (math.sqrt(2 / N_IN), math.inf),
}


def first_weights(scheme: str, scale: float = 1.0, bias: float = 0.0, seed: int = 1) -> np.ndarray:
    theta = first_theta(LAYER, scheme, scale, bias, np.random.default_rng(seed))
    return theta[weight_mask(LAYER)]


@pytest.mark.parametrize("scale", [1.0, 0.5])
@pytest.mark.parametrize("scheme", INITIALIZERS)
def test_weights_have_the_mean_spread_and_bounds_of_their_distribution(scheme, scale):
    deviation, greatest = (scale * value for value in DISTRIBUTIONS[scheme])
    weights = first_weights(scheme, scale)
    count = N_IN * N_OUT
    assert np.abs(weights).max() <= greatest
    assert abs(weights.mean()) <= 5 * deviation / math.sqrt(count)
    assert weights.std() == pytest.approx(deviation, rel=5 / math.sqrt(count))
    if math.isfinite(greatest):
        assert np.abs(weights).max() >= 0.999 * greatest
    else:  # the tails of a normal distribution: 4.55 % beyond two deviations
        share = np.mean(np.abs(weights) > 2 * deviation)
        assert share == pytest.approx(0.0455, abs=5 * math.sqrt(0.0455 / count))


@pytest.mark.parametrize("scheme", INITIALIZERS)
@given(sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5).map(tuple), bias=st.floats(-3, 3))
def test_every_bias_is_the_one_asked_for_and_every_parameter_is_set(scheme, sizes, bias):
    architecture = Architecture(sizes, ("tanh",) * (len(sizes) - 1))
    theta = first_theta(architecture, scheme, 1.0, bias, np.random.default_rng(3))
    assert theta.shape == (architecture.parameters,)
    assert np.isfinite(theta).all()
    for _, biases in views(architecture, theta):
        assert (biases == bias).all()


@pytest.mark.parametrize("scheme", set(INITIALIZERS) - {"zeros"})
def test_the_same_seed_draws_the_same_bits_and_another_seed_others(scheme):
    assert np.array_equal(first_weights(scheme, seed=5), first_weights(scheme, seed=5))
    assert not np.array_equal(first_weights(scheme, seed=5), first_weights(scheme, seed=6))


@pytest.mark.parametrize("scheme", set(INITIALIZERS) - {"zeros"})
def test_no_two_layers_share_their_draws(scheme):
    architecture = Architecture((4, 4, 4), ("tanh", "tanh"))
    theta = first_theta(architecture, scheme, 1.0, 0.0, np.random.default_rng(1))
    (first, _), (second, _) = views(architecture, theta)
    assert not np.array_equal(first, second)


def test_xavier_and_he_follow_the_size_of_each_layer():
    architecture = Architecture((400, 100, 25), ("tanh", "tanh"))
    for scheme, variance in (("xavier", lambda n_in, n_out: 2 / (n_in + n_out)), ("he", lambda n_in, n_out: 2 / n_in)):
        theta = first_theta(architecture, scheme, 1.0, 0.0, np.random.default_rng(1))
        for weights, _ in views(architecture, theta):
            assert weights.var() == pytest.approx(variance(*weights.shape), rel=0.15)
