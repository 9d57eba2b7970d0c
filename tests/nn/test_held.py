"""What no update may move: held parameters keep their bits with every rule, and the others move as in the book."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ann_studio.nn.architecture import Architecture
from ann_studio.nn.backprop import gradient
from ann_studio.nn.optimizers import OPTIMIZERS
from ann_studio.nn.regularizers import REGULARIZERS
from tests.nn.networks import Case, Rule, Run, drawn, weight_mask
from tests.nn.rules import HYPER, STRENGTHS

HELD = np.array([0, 3, 7, 16])
KEPT = np.array([0.0, -0.0, 0.3, 1e-300])


def posed() -> Case:
    """A network some parameters of which are 0, and others are not."""
    case = drawn(Architecture((2, 4, 1), ("tanh", "linear")), "mse", seed=4, rows=7)
    theta = case.theta.copy()
    theta[HELD] = KEPT
    return replace(case, theta=theta)


def book(case: Case, rule: Rule, batches: list[slice]) -> np.ndarray:
    """The same updates by the book: what is held has no gradient, and stays whatever the rule would do to it."""
    theta, slots = case.theta.copy(), np.zeros((OPTIMIZERS[rule.optimizer].slots, len(case.theta)))
    mask = weight_mask(case.architecture)
    for t, rows in enumerate(batches, start=1):
        slopes = gradient(case.architecture, theta, case.inputs[rows], case.targets[rows], case.loss)
        slopes[mask] += REGULARIZERS[rule.regularizer](theta[mask], rule.strength)
        slopes[HELD] = 0.0
        theta, slots = OPTIMIZERS[rule.optimizer].step(theta, slots, slopes, t, np.array(rule.hyper))
        theta[HELD] = KEPT
    return theta


@pytest.mark.parametrize("batch", [1, 3, 7])
@pytest.mark.parametrize("regularizer", STRENGTHS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_held_keeps_its_bits_and_the_others_move_as_in_the_book(optimizer, regularizer, batch):
    case = posed()
    rule = Rule(optimizer, HYPER[optimizer], regularizer, STRENGTHS[regularizer], batch=batch)
    run = Run(case, rule, np.zeros((OPTIMIZERS[optimizer].slots, len(case.theta))))
    run.held = HELD
    batches = [slice(first, min(first + batch, 7)) for first in range(0, 7, batch)]
    for count in range(1, len(batches) + 1):
        run.advance(updates=count)
        assert run.theta[HELD].tobytes() == KEPT.tobytes()
    np.testing.assert_allclose(run.theta, book(case, rule, batches), rtol=1e-9, atol=1e-12)
    assert (run.theta != case.theta).sum() == len(case.theta) - len(HELD)


def test_held_parameters_have_no_momentum_when_they_are_let_go():
    case = posed()
    run = Run(case, Rule("momentum", HYPER["momentum"], batch=7), np.zeros((1, len(case.theta))))
    run.held = HELD
    run.advance(updates=20)
    assert not run.slots[0, HELD].any()
