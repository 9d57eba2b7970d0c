"""The greatest curvature is that of the whole Hessian, and the rates are those at which descent begins to overshoot."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from ann_studio.analysis.curvature import hessian
from ann_studio.analysis.stability import highest_rate, largest_curvature
from ann_studio.learning.experiment import L2, Adam, Momentum, Nesterov, Rprop, Sgd
from ann_studio.learning.problem import with_learning
from ann_studio.learning.supervised import Interrupted
from tests.analysis.posed import drawn, inline, landscape, neuron
from tests.nn.networks import weight_mask

NETS = {
    "linear": drawn(1),
    "tanh": drawn(2, ((4, "tanh"),)),
    "deep": drawn(3, ((3, "tanh"), (3, "sigmoid"))),
    "softmax": drawn(4, ((4, "softplus"),), "softmax", "cross_entropy"),
    "logistic": drawn(5, ((3, "tanh"),), "sigmoid", "binary_cross_entropy"),
    "neuron": neuron(0),
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("seed", range(4))
def test_power_iteration_finds_the_greatest_eigenvalue_of_the_hessian(name, seed):
    problem = NETS[name]
    theta = np.random.default_rng(seed).normal(size=problem.architecture.parameters)
    values = np.linalg.eigvalsh(hessian(problem, theta))
    assert largest_curvature(problem, theta) == pytest.approx(values[-1], rel=1e-6, abs=1e-6)


def test_it_is_the_greatest_and_not_the_one_of_the_greatest_size():
    """On the top of a hill, all curvatures of the greatest size are negative."""
    problem = landscape("saddle")  # sin x + z²: curvature −sin x and 2
    for x, expected in ((math.pi / 2, 2.0), (-math.pi / 2, 2.0)):
        assert largest_curvature(problem, np.array([x, 0.3])) == pytest.approx(expected, rel=1e-6)
    hill = landscape("rastrigin")  # its curvature at a maximum is 2 − 40 π²
    top = np.array([0.5, 0.5])
    expected = np.linalg.eigvalsh(hessian(hill, top))[-1]
    assert expected < 0
    assert largest_curvature(hill, top) == pytest.approx(expected, rel=1e-6)


def test_the_penalty_counts_and_what_is_held_does_not():
    plain = NETS["tanh"]
    learning = msgspec.structs.replace(plain.experiment.learning, regularizer=L2(strength=0.7))
    problem = with_learning(plain, msgspec.structs.replace(plain.experiment, learning=learning))
    theta = np.random.default_rng(0).normal(size=problem.architecture.parameters)
    whole = hessian(plain, theta) + np.diag(0.7 * weight_mask(problem.architecture))
    assert largest_curvature(problem, theta) == pytest.approx(np.linalg.eigvalsh(whole)[-1], rel=1e-6)
    held = np.array([0, 3, 5, 12], dtype=np.int64)
    free = np.setdiff1d(np.arange(len(theta)), held)
    part = np.linalg.eigvalsh(whole[np.ix_(free, free)])[-1]
    assert largest_curvature(problem, theta, held) == pytest.approx(part, rel=1e-6)
    assert largest_curvature(problem, theta, np.arange(len(theta))) == 0.0


def test_where_nothing_is_finite_it_is_no_number():
    problem = inline([[1.0], [2.0]], [[0.0], [1.0]], ((2, "relu"),))
    assert math.isnan(largest_curvature(problem, np.full(problem.architecture.parameters, 1e200)))


def test_it_can_be_interrupted():
    with pytest.raises(Interrupted):
        largest_curvature(NETS["deep"], np.ones(NETS["deep"].architecture.parameters), interrupt=np.ones(1, np.int64))


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("kind", [Sgd, Momentum, Nesterov])
def test_just_below_the_highest_rate_descent_comes_down_and_just_above_it_flies_off(kind, momentum):
    curvature = 3.7

    def far(rate: float) -> float:
        """How far from the floor of a parabola the updates lead, in PyTorch's definition."""
        x, velocity, m = 1.0, 0.0, 0.0 if kind is Sgd else momentum
        for _ in range(4000):
            slope = curvature * x
            velocity = m * velocity + slope
            x -= rate * (slope + m * velocity if kind is Nesterov else velocity)
        return abs(x)

    optimizer = kind() if kind is Sgd else kind(momentum=momentum)
    highest, formula = highest_rate(optimizer, curvature)
    assert formula.endswith(("λmax", "λmax)"))
    assert far(0.99 * highest) < 1e-3
    assert far(1.01 * highest) > 1e3


def test_optimisers_that_scale_by_themselves_have_no_such_rate_nor_has_a_flat_cost():
    for optimizer, curvature in ((Adam(), 2.0), (Rprop(), 2.0), (Sgd(), 0.0), (Sgd(), -1.0), (Sgd(), math.nan)):
        highest, formula = highest_rate(optimizer, curvature)
        assert math.isnan(highest)
        assert formula == ""
