"""Losses against closed forms, in the book and in the engine."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ann_studio.nn.activations import ACTIVATIONS, softmax
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.backprop import loss as book_loss
from ann_studio.nn.losses import LOSSES
from tests.nn.networks import PAIRS, Case, drawn, engine_loss

A = np.array([[0.0, 2.0], [0.5, -3.0]])
Y = np.array([[0.5, 0.0], [0.5, -2.5]])


def logits(z: np.ndarray, targets: np.ndarray, output: str, loss: str) -> Case:
    """A network that hands its inputs `z` through to its output."""
    n = z.shape[1]
    architecture = Architecture((n, n), (output,))
    theta = np.zeros(architecture.parameters)
    views(architecture, theta)[0][0][:] = np.eye(n)
    return Case(architecture, theta, z, targets, loss)


def by_book(case: Case) -> float:
    return book_loss(case.architecture, case.theta, case.inputs, case.targets, case.loss)


@pytest.mark.parametrize("evaluate", [by_book, engine_loss], ids=["book", "engine"])
@pytest.mark.parametrize(
    ("loss", "samples"),
    [
        ("mse", [(0.5**2 + 2.0**2) / 2, 0.5**2 / 2]),
        ("mae", [0.5 + 2.0, 0.5]),
        ("huber", [0.5**2 / 2 + (2.0 - 0.5), 0.5**2 / 2]),
    ],
)
def test_a_loss_is_a_sum_over_outputs_and_a_mean_over_samples(evaluate, loss, samples):
    np.testing.assert_allclose(LOSSES[loss].value(A, A, Y), samples, rtol=1e-15)
    assert evaluate(logits(A, Y, "linear", loss)) == pytest.approx(sum(samples) / 2, rel=1e-15)


@pytest.mark.parametrize("evaluate", [by_book, engine_loss], ids=["book", "engine"])
def test_binary_cross_entropy_is_minus_the_logarithm_of_what_was_given_to_the_truth(evaluate):
    z, y = np.array([[-3.0, 0.0], [0.2, 4.0]]), np.array([[0.0, 1.0], [1.0, 0.3]])
    a = 1 / (1 + np.exp(-z))
    expected = -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1).mean()
    assert evaluate(logits(z, y, "sigmoid", "binary_cross_entropy")) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("evaluate", [by_book, engine_loss], ids=["book", "engine"])
def test_cross_entropy_is_minus_the_logarithm_of_what_was_given_to_the_truth(evaluate):
    z, y = np.array([[-3.0, 0.0, 1.0], [0.2, 4.0, 0.1]]), np.array([[0.0, 1.0, 0.0], [0.2, 0.5, 0.3]])
    expected = -(y * np.log(softmax(z))).sum(axis=1).mean()
    assert evaluate(logits(z, y, "softmax", "cross_entropy")) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("evaluate", [by_book, engine_loss], ids=["book", "engine"])
@pytest.mark.parametrize("size", [40.0, 800.0, 1e5])
def test_the_cross_entropies_of_large_logits_neither_overflow_nor_saturate(evaluate, size):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        for target, expected in ((0.0, size), (1.0, 0.0)):
            case = logits(np.array([[size]]), np.array([[target]]), "sigmoid", "binary_cross_entropy")
            assert evaluate(case) == pytest.approx(expected, rel=1e-14, abs=1e-15)
            mirrored = logits(np.array([[-size]]), np.array([[1 - target]]), "sigmoid", "binary_cross_entropy")
            assert evaluate(mirrored) == pytest.approx(expected, rel=1e-14, abs=1e-15)
            one_hot = np.array([[1 - target, target]])
            case = logits(np.array([[-size, size]]), one_hot, "softmax", "cross_entropy")
            assert evaluate(case) == pytest.approx(2 * expected, rel=1e-14, abs=1e-15)


def test_the_slope_is_the_derivative_of_the_value():
    h = 1e-6
    for name, entry in LOSSES.items():
        if entry.slope is None:
            continue
        for row in range(2):
            for column in range(2):
                if name == "mae" and A[row, column] == Y[row, column]:
                    continue
                ahead, behind = A.copy(), A.copy()
                ahead[row, column] += h
                behind[row, column] -= h
                value = (entry.value(ahead, ahead, Y) - entry.value(behind, behind, Y))[row] / (2 * h)
                assert entry.slope(A, Y)[row, column] == pytest.approx(value, abs=1e-8), name


@pytest.mark.parametrize("evaluate", [by_book, engine_loss], ids=["book", "engine"])
@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_no_loss_is_negative_and_a_perfect_answer_costs_nothing(evaluate, output, loss):
    architecture = Architecture((3, 2), (output,))
    case = drawn(architecture, loss, seed=1)
    assert evaluate(case) > 0
    if LOSSES[loss].needs is None:
        weights, biases = views(architecture, case.theta)[0]
        z = case.inputs @ weights + biases
        answer = softmax(z) if output == "softmax" else ACTIVATIONS[output].value(z)
        assert evaluate(Case(architecture, case.theta, case.inputs, answer, loss)) < 1e-14


def test_two_softmax_outputs_cost_what_one_sigmoid_output_costs():
    z = np.random.default_rng(2).normal(0, 3, (20, 2))
    first = (np.arange(20) % 2).astype(np.float64)
    pair = logits(z, np.stack([first, 1 - first], axis=1), "softmax", "cross_entropy")
    single = logits(z[:, :1] - z[:, 1:], first[:, None], "sigmoid", "binary_cross_entropy")
    assert by_book(pair) == pytest.approx(by_book(single), rel=1e-13)


def test_the_loss_of_no_samples_is_no_number():
    case = drawn(Architecture((2, 1), ("linear",)), "mse", seed=1, rows=1)
    nothing = Case(case.architecture, case.theta, np.empty((0, 2)), np.empty((0, 1)), "mse")
    assert math.isnan(engine_loss(nothing))
