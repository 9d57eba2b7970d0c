"""Clipped gradients: the engine's are the book's, the book's are PyTorch's, and what is no number stays none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ann_studio.nn.architecture import Architecture
from ann_studio.nn.backprop import gradient
from ann_studio.nn.clipping import clipped
from ann_studio.nn.kernels.updates import clip_norm
from ann_studio.nn.optimizers import OPTIMIZERS
from ann_studio.nn.regularizers import REGULARIZERS
from tests.nn.networks import Case, Rule, Run, drawn, weight_mask
from tests.nn.rules import HYPER

CASE = drawn(Architecture((2, 5, 3, 2), ("tanh", "relu", "softmax")), "cross_entropy", seed=8, rows=11)
GRADIENTS = arrays(np.float64, st.integers(1, 9), elements=st.floats(-1e3, 1e3))
LIMITS = st.floats(1e-3, 1e4)


def by_engine(grad: np.ndarray, most: float) -> np.ndarray:
    result = grad.copy()
    clip_norm(result, most)
    return result


@given(grad=GRADIENTS, most=LIMITS)
def test_book_and_engine_follow_the_formula_of_pytorch(grad, most):
    share = min(1.0, most / (float(np.sqrt((grad**2).sum())) + 1e-6))
    np.testing.assert_allclose(clipped(grad, most), grad * share, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(by_engine(grad, most), grad * share, rtol=1e-12, atol=1e-300)


@given(grad=GRADIENTS, most=LIMITS)
def test_no_gradient_is_longer_than_it_may_be_and_short_ones_stay_as_they_are(grad, most):
    after = by_engine(grad, most)
    assert np.linalg.norm(after) <= most * (1 + 1e-12) or np.array_equal(after, grad)
    if np.linalg.norm(grad) < 0.999 * most - 1e-6:
        assert after.tobytes() == grad.tobytes()


@pytest.mark.parametrize("cut", [clipped, by_engine])
def test_a_gradient_whose_squares_overflow_is_shortened_all_the_same(cut):
    np.testing.assert_allclose(cut(np.array([3e200, -4e200]), 1.0), [0.6, -0.8], rtol=1e-12)
    np.testing.assert_allclose(cut(np.array([1.5e308, 1.5e308]), 5.0), [0.0, 0.0], atol=5.0)


@pytest.mark.parametrize("cut", [clipped, by_engine])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_gradient_that_is_no_number_does_not_pass_for_one(cut, bad, place):
    grad = np.array([1.0, -2.0, 0.5])
    grad[place] = bad
    assert np.isnan(cut(grad, 1.0)).all()


@pytest.mark.parametrize("cut", [clipped, by_engine])
def test_no_gradient_at_all_stays_none(cut):
    assert np.array_equal(cut(np.zeros(4), 1e-3), np.zeros(4))


def by_book(case: Case, rule: Rule, updates: int, held: list[int]) -> np.ndarray:
    """So many updates by the book: mean gradient, regulariser, held entries without any, clipping, optimiser."""
    theta, count = case.theta.copy(), len(case.inputs)
    slots = np.zeros((OPTIMIZERS[rule.optimizer].slots, len(theta)))
    size, first = rule.batch or count, 0
    mask = weight_mask(case.architecture)
    for t in range(1, updates + 1):
        rows = slice(first, min(first + size, count))
        first = rows.stop % count
        slopes = gradient(case.architecture, theta, case.inputs[rows], case.targets[rows], case.loss)
        slopes[mask] += REGULARIZERS[rule.regularizer](theta[mask], rule.strength)
        slopes[held] = 0.0
        after, slots = OPTIMIZERS[rule.optimizer].step(
            theta, slots, clipped(slopes, rule.clip), t, np.array(rule.hyper)
        )
        after[held] = theta[held]
        theta = after
    return theta


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch", [1, 4, 0])
@pytest.mark.parametrize("held", [[], [0, 7, 16]], ids=["free", "held"])
@pytest.mark.parametrize("regularizer", ["none", "l2"])
def test_clipped_updates_of_the_engine_are_the_books(optimizer, batch, held, regularizer):
    rule = Rule(optimizer, HYPER[optimizer], regularizer, 0.07 if regularizer == "l2" else 0.0, clip=0.05, batch=batch)
    for updates in (1, 2, 3):
        run = Run(CASE, rule, np.zeros((OPTIMIZERS[optimizer].slots, len(CASE.theta))))
        run.held = np.array(held, dtype=np.int64)
        run.advance(updates=updates)
        expected = by_book(CASE, rule, updates, held)
        np.testing.assert_allclose(run.theta, expected, rtol=1e-12, atol=1e-12)
        assert np.array_equal(run.theta[held], CASE.theta[held])


def test_clipping_makes_a_difference_there():
    """Else the test above would say nothing."""
    free, cut = (Run(CASE, Rule(clip=clip), np.empty((0, len(CASE.theta)))) for clip in (math.inf, 0.05))
    for run in (free, cut):
        run.advance(updates=1)
    long, short = (np.linalg.norm(run.theta - CASE.theta) for run in (free, cut))
    assert short == pytest.approx(0.1 * 0.05, rel=1e-4)
    assert long > 2 * short


def test_what_is_held_does_not_count_for_the_length():
    held = np.arange(len(CASE.theta) - 3)
    run = Run(CASE, Rule(clip=0.01), np.empty((0, len(CASE.theta))))
    run.held = held
    run.advance(updates=1)
    assert np.linalg.norm(run.theta - CASE.theta) == pytest.approx(0.1 * 0.01, rel=1e-3)
