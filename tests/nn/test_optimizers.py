"""One update of every optimiser: the engine's is the book's, and the book's is the textbook's first step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ann_studio.nn import kernels
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.nn.rules import HYPER

COUNT = 7
THETA = arrays.arrays(np.float64, COUNT, elements=st.floats(-100, 100))
SLOPES = arrays.arrays(np.float64, COUNT, elements=st.one_of(st.just(0.0), st.floats(-100, 100, allow_subnormal=False)))


def book(name, theta, slots, slopes, t, hyper=None):
    return OPTIMIZERS[name].step(theta.copy(), slots.copy(), slopes, t, np.array(hyper or HYPER[name]))


def engine(name, theta, slots, slopes, t, hyper=None):
    theta, slots = theta.copy(), slots.copy()
    kernels.apply_update(theta, slots, slopes, kernels.OPTIMIZER_CODES[name], np.array(hyper or HYPER[name]), t)
    return theta, slots


def memory(name: str) -> np.ndarray:
    return np.zeros((OPTIMIZERS[name].slots, COUNT))


def test_every_optimiser_has_hyperparameters_here():
    assert set(HYPER) == set(OPTIMIZERS) == set(kernels.OPTIMIZER_CODES)
    assert all(len(HYPER[name]) == len(optimizer.hyper) for name, optimizer in OPTIMIZERS.items())


@pytest.mark.parametrize("name", OPTIMIZERS)
@given(theta=THETA, path=st.lists(SLOPES, min_size=1, max_size=6))
def test_every_update_of_the_engine_is_the_books(name, theta, path):
    """Each from the book's state, so that no update inherits the rounding of those before it."""
    slots = memory(name)
    for t, slopes in enumerate(path, start=1):
        expected_theta, expected_slots = book(name, theta, slots, slopes, t)
        found_theta, found_slots = engine(name, theta, slots, slopes, t)
        np.testing.assert_allclose(found_theta, expected_theta, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found_slots, expected_slots, rtol=1e-12, atol=1e-12)
        assert expected_slots.shape == slots.shape
        theta, slots = expected_theta, expected_slots


@pytest.mark.parametrize(
    ("name", "hyper"),
    [
        ("adagrad", (0.5, 0.25, 3.0, 1e-3)),
        ("adadelta", (0.3, 0.5, 1e-2)),
        ("rmsprop", (0.2, 0.5, 1e-1)),
        ("adam", (0.3, 0.1, 0.7, 1e-2)),
        ("adamw", (0.3, 0.1, 0.7, 1e-2, 0.4)),
        ("rprop", (0.3, 0.4, 1.7, 0.2, 0.6)),
        ("nesterov", (0.3, 0.0)),
        ("momentum", (0.3, 0.0)),
    ],
)
def test_every_hyperparameter_counts_alike_in_both(name, hyper):
    path = np.random.default_rng(4).normal(size=(8, COUNT))

    def end(step, hyper):
        theta, slots = np.ones(COUNT), memory(name)
        for t, slopes in enumerate(path, start=1):
            theta, slots = step(name, theta, slots, slopes, t, hyper)
        return theta

    np.testing.assert_allclose(end(engine, hyper), end(book, hyper), rtol=1e-12, atol=1e-12)
    for position in range(len(hyper)):
        changed = tuple(value + 0.01 * (k == position) for k, value in enumerate(hyper))
        assert np.abs(end(book, changed) - end(book, hyper)).max() > 1e-5
        np.testing.assert_allclose(end(engine, changed), end(book, changed), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("step", [book, engine], ids=["book", "engine"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_first_step_is_that_of_the_textbook(name, step):
    """From empty memory the methods that divide by the slope's own size go one rate downhill, whatever the slope."""
    slopes = np.array([3.0, -0.2, 50.0, -7.0, 0.04, 1.0, -1.0])
    rate = HYPER[name][0]
    size = {
        "sgd": rate * np.abs(slopes),
        "momentum": rate * np.abs(slopes),
        "nesterov": rate * np.abs(slopes) * (1 + 0.9),
        "adadelta": np.full(COUNT, rate * math.sqrt(1e-6 / 0.1)),
        "rmsprop": np.full(COUNT, rate / math.sqrt(0.01)),
    }.get(name, np.full(COUNT, rate))
    moved = step(name, np.zeros(COUNT), memory(name), slopes, 1)[0]
    # ε, beside slopes of 0.04 and more
    np.testing.assert_allclose(moved, -np.sign(slopes) * size, rtol=4e-3 if name == "adadelta" else 1e-5)


@pytest.mark.parametrize("step", [book, engine], ids=["book", "engine"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_parameter_with_no_slope_stays_and_adamw_alone_shrinks_it(name, step):
    theta = np.linspace(-3, 3, COUNT)
    slopes = np.zeros(COUNT)
    moved, _ = step(name, theta, memory(name), slopes, 1)
    factor = 1 - HYPER[name][0] * HYPER[name][4] if name == "adamw" else 1
    np.testing.assert_allclose(moved, theta * factor, rtol=1e-15)


@pytest.mark.parametrize("step", [book, engine], ids=["book", "engine"])
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("t", [1, 2])
def test_a_slope_that_is_no_number_is_not_hidden(name, t, step):
    slopes = np.ones(COUNT)
    slots = memory(name) if t == 1 else step(name, np.zeros(COUNT), memory(name), slopes, 1)[1]
    slopes[3] = math.nan
    moved, _ = step(name, np.zeros(COUNT), slots, slopes, t)
    assert np.isnan(moved[3])
    assert np.isfinite(np.delete(moved, 3)).all()


@pytest.mark.parametrize("step", [book, engine], ids=["book", "engine"])
def test_rprop_grows_its_steps_shrinks_them_at_a_turn_and_keeps_to_its_limits(step):
    hyper = (0.1, 0.5, 1.2, 0.05, 0.15)
    theta, slots = np.zeros(COUNT), memory("rprop")
    places = [0.0]
    for t, sign in enumerate((1, 1, 1, 1, -1, -1, 1, 1, -1), start=1):
        theta, slots = step("rprop", theta, slots, np.full(COUNT, float(sign)), t, hyper)
        places.append(float(theta[0]))
    # 0.12, 0.144, at most 0.15; a turn halves the step and is waited out; at least 0.05
    expected = [-0.1, -0.12, -0.144, -0.15, 0.0, 0.075, 0.0, -0.05, 0.0]
    np.testing.assert_allclose(np.diff(places), expected, atol=1e-15)
