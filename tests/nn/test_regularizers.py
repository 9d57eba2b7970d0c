"""Regularisers: the slope of the penalty, on weights alone, and not in the cost that is shown."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.nn.architecture import Architecture
from ann_studio.nn.kernels import REGULARIZER_CODES
from ann_studio.nn.regularizers import REGULARIZERS
from tests.nn.networks import Rule, Run, engine_loss, weight_mask, well_placed
from tests.nn.rules import HYPER, STRENGTHS

PENALTIES = {
    "none": lambda w, strength: 0.0,
    "l1": lambda w, strength: strength * np.abs(w).sum(),
    "l2": lambda w, strength: strength * (w * w).sum() / 2,
}


def test_every_regulariser_has_a_penalty_here():
    assert set(PENALTIES) == set(REGULARIZERS) == set(REGULARIZER_CODES) == set(STRENGTHS)


@pytest.mark.parametrize("name", REGULARIZERS)
def test_the_slope_is_the_derivative_of_the_penalty(name):
    weights, h = np.array([-2.0, -0.01, 0.3, 5.0]), 1e-6
    slopes = [
        (PENALTIES[name](weights + h * unit, 0.4) - PENALTIES[name](weights - h * unit, 0.4)) / (2 * h)
        for unit in np.eye(4)
    ]
    np.testing.assert_allclose(REGULARIZERS[name](weights, 0.4), slopes, atol=1e-8)


def test_l1_leaves_a_weight_of_zero_alone():
    assert REGULARIZERS["l1"](np.zeros(2), 0.4).tolist() == [0, 0]


@pytest.mark.parametrize("name", REGULARIZERS)
def test_the_engine_descends_the_penalty_of_weights_and_shows_the_cost_without_it(name):
    case = well_placed(Architecture((3, 4, 2), ("tanh", "linear")), "mse")
    plain = Run(case, Rule(), np.empty((0, len(case.theta))))
    held = Run(case, Rule(regularizer=name, strength=0.3), np.empty((0, len(case.theta))))
    plain.advance(updates=1)
    held.advance(updates=1)
    mask, rate = weight_mask(case.architecture), HYPER["sgd"][0]
    expected = np.where(mask, rate * REGULARIZERS[name](case.theta, 0.3), 0.0)
    np.testing.assert_allclose(plain.theta - held.theta, expected, rtol=0, atol=1e-14)
    assert held.trace[0, 2] == pytest.approx(
        engine_loss(type(case)(case.architecture, held.theta, case.inputs, case.targets, "mse")), abs=1e-15
    )
