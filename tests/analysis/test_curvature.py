"""Gradients, Hessians and minima, against the book, closed forms and what another program found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.analysis.curvature import (
    MOST_PARAMETERS,
    Minimum,
    gradient,
    hessian,
    hessian_times,
    minima_on,
    minimum_near,
)
from ann_studio.analysis.planes import Plane, PlaneChoice, extent_of, lowest_points, make
from ann_studio.analysis.surface import Surface, compute
from ann_studio.learning.path import first_point
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import Interrupted, evaluate
from ann_studio.nn import backprop
from ann_studio.nn.landscapes import LANDSCAPES
from tests.analysis.posed import NEURONS, PAIRS, drawn, inline, landscape, neuron, trap

RAISED = np.ones(1, dtype=np.int64)
WHOLE = Plane(PlaneChoice(), np.zeros(2), *np.eye(2))


# --- derivatives ----------------------------------------------------------------------------------------------------
@settings(max_examples=60)
@given(
    hidden=st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["tanh", "relu", "gelu"])), max_size=3),
    pair=st.sampled_from(PAIRS),
    seed=st.integers(0, 999),
    rows=st.sampled_from([1, 9, 70]),
)
def test_the_gradient_of_the_whole_set_is_that_of_the_book(hidden, pair, seed, rows):
    posed = drawn(seed, hidden, *pair, rows=rows)
    theta = np.random.default_rng(seed).normal(size=posed.architecture.parameters)
    train = posed.train
    expected = backprop.gradient(posed.architecture, theta, train.inputs, train.targets, pair[1])
    np.testing.assert_allclose(gradient(posed, theta), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("hidden", [[], [(3, "tanh")], [(2, "gelu"), (2, "sigmoid")]])
def test_the_hessian_is_how_the_cost_curves(hidden):
    """Against second differences of the cost itself."""
    posed = drawn(2, hidden)
    theta = np.random.default_rng(2).normal(size=posed.architecture.parameters)
    matrix, h = hessian(posed, theta), 1e-3
    axes = h * np.eye(len(theta))

    def cost(move: np.ndarray) -> float:
        return evaluate(posed, theta + move, posed.train)

    for i, one in enumerate(axes):
        for j, other in enumerate(axes):
            crossed = cost(one + other) - cost(one - other) - cost(other - one) + cost(-one - other)
            assert matrix[i, j] == pytest.approx(crossed / (4 * h * h), rel=1e-4, abs=1e-5)
    assert (matrix == matrix.T).all()


def test_the_hessian_of_a_sigmoid_neuron_is_known():
    fact = NEURONS[0]
    x, y = np.stack([fact["x"], np.ones(8)], axis=1), np.array(fact["y"])
    for theta in np.random.default_rng(0).uniform(-5, 5, size=(20, 2)):
        a = 1 / (1 + np.exp(-(x @ theta)))
        slope = a * (1 - a)
        curved = slope**2 + (a - y) * slope * (1 - 2 * a)
        np.testing.assert_allclose(hessian(neuron(0), theta), (x.T * curved) @ x / 8, rtol=0, atol=3e-12)


def test_the_hessian_of_a_linear_neuron_is_known():
    x = np.random.default_rng(1).normal(size=(20, 3))
    posed = inline(x, x @ [[1.0], [2.0], [3.0]])
    wide = np.concatenate([x, np.ones((20, 1))], axis=1)
    for theta in (np.zeros(4), np.array([30.0, -40.0, 5.0, 1.0])):
        matrix = hessian(posed, theta)
        np.testing.assert_allclose(matrix, wide.T @ wide / 20, rtol=1e-8, atol=1e-9)


@settings(max_examples=25)
@given(st.integers(0, 999), st.sampled_from([[], [(3, "tanh")], [(3, "sigmoid"), (2, "gelu")]]))
def test_products_are_those_of_the_hessian(seed, hidden):
    posed = drawn(seed, hidden)
    random = np.random.default_rng(seed)
    theta, vector = random.normal(size=(2, posed.architecture.parameters))
    matrix = hessian(posed, theta)
    np.testing.assert_allclose(hessian_times(posed, theta, vector), matrix @ vector, rtol=1e-6, atol=1e-8)


def test_of_nothing_there_is_no_change():
    assert not hessian_times(neuron(0), np.ones(2), np.zeros(2)).any()


def test_large_networks_have_no_whole_hessian_and_all_can_be_given_up():
    posed = drawn(1, [(101, "tanh")])
    theta = np.zeros(posed.architecture.parameters)
    with pytest.raises(ValueError, match=str(MOST_PARAMETERS)):
        hessian(posed, theta)
    small, zeros = neuron(0), np.zeros(2)
    surface = compute(small, WHOLE, (-3, 3, -3, 3), 11)
    for call in (
        lambda: gradient(small, zeros, RAISED),
        lambda: hessian(small, zeros, RAISED),
        lambda: minimum_near(small, zeros, RAISED),
        lambda: minima_on(surface, RAISED),
    ):
        with pytest.raises(Interrupted):
            call()


# --- minima ---------------------------------------------------------------------------------------------------------
def found_in_fact(minimum: Minimum | None, fact: dict[str, object]) -> None:
    assert minimum is not None
    assert minimum.theta == pytest.approx([fact["w"], fact["b"]], abs=1e-6)
    assert minimum.loss == pytest.approx(fact["cost"], abs=1e-12)
    assert minimum.eigenvalues == pytest.approx(fact["hessian_eigenvalues"], abs=1e-6)


PROBLEMS = {"the trap as shipped": (trap, 0), "the first": (lambda: neuron(0), 0), "the second": (lambda: neuron(1), 1)}
neurons = pytest.mark.parametrize(("posed", "number"), PROBLEMS.values(), ids=PROBLEMS)


@neurons
@pytest.mark.parametrize("side", [25, 51, 101, 201])
def test_both_minima_of_the_neurons_are_found_on_their_surface(posed, number, side):
    problem: Problem = posed()
    fact = NEURONS[number]
    start = np.array([fact["start"]["w"], fact["start"]["b"]])
    plane = make(PlaneChoice(), problem, start, first_point(0, start))
    minima = minima_on(compute(problem, plane, extent_of(plane, problem, [start[None]]), side))
    found_in_fact(minima[0], fact["global_minimum"])
    found_in_fact(minima[1], fact["local_minimum"])
    assert [minimum.loss for minimum in minima] == sorted(minimum.loss for minimum in minima)
    for minimum in minima:
        # each is one: the gradient vanishes and everything around is higher
        assert np.abs(gradient(problem, minimum.theta)).max() < 1e-10
        turns = np.linspace(0, 2 * np.pi, 60)
        around = minimum.theta + 0.05 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        assert min(evaluate(problem, theta, problem.train) for theta in around) > minimum.loss


@neurons
@pytest.mark.parametrize("name", ["global_minimum", "local_minimum"])
def test_from_nearby_descent_leads_to_the_minimum(posed, number, name):
    problem: Problem = posed()
    fact = NEURONS[number][name]
    for turn in np.linspace(0, 2 * np.pi, 12):
        start = np.array([fact["w"], fact["b"]]) + 0.3 * np.array([np.cos(turn), np.sin(turn)])
        found_in_fact(minimum_near(problem, start), fact)


def test_they_are_found_over_turned_and_stretched_axes():
    plane = Plane(PlaneChoice("random"), np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([-1.5, 0.5]))
    minima = minima_on(compute(neuron(0), plane, (-3, 3, -3, 3), 101))
    found_in_fact(minima[0], NEURONS[0]["global_minimum"])
    found_in_fact(minima[1], NEURONS[0]["local_minimum"])


def test_what_lies_outside_of_the_surface_is_not_said():
    minima = minima_on(compute(neuron(0), WHOLE, (-1, 1, -1, 1), 51))
    assert len(minima) == 1
    found_in_fact(minima[0], NEURONS[0]["local_minimum"])
    assert minima_on(compute(neuron(0), WHOLE, (-9, -7, -9, -7), 51)) == ()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_the_minimum_of_a_linear_neuron_is_that_of_least_squares(scale):
    random = np.random.default_rng(3)
    x, y = scale * random.normal(size=(12, 3)), random.normal(size=(12, 1))
    wide = np.concatenate([x, np.ones((12, 1))], axis=1)
    expected = np.linalg.lstsq(wide, y, rcond=None)[0][:, 0]
    minimum = minimum_near(inline(x, y), np.zeros(4))
    if scale == 1e4:  # curvatures of 10⁸ and 1: the flat one may as well be none
        assert minimum is None
        return
    if minimum is None:
        assert scale == 1e-3
        return
    assert minimum.theta == pytest.approx(expected, rel=1e-6)
    assert minimum.loss == pytest.approx(((wide @ expected - y[:, 0]) ** 2).mean() / 2, rel=1e-12)


def test_a_small_networks_minimum_is_found_from_where_training_would_end():
    """The targets are its own outputs, with a little noise: its parameters all but are the minimum."""
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 1)) * 2
    theta = np.array([2.0, 0.5, 1.5, -1.0])  # tanh(2x + 0.5)·1.5 − 1
    y = np.tanh(theta[0] * x + theta[1]) * theta[2] + theta[3] + 0.01 * random.normal(size=x.shape)
    posed = inline(x, y, [(1, "tanh")])
    minimum = minimum_near(posed, theta + 0.2)
    assert minimum is not None
    assert minimum.theta == pytest.approx(theta, abs=0.1)
    assert minimum.loss < evaluate(posed, theta, posed.train)
    assert np.abs(gradient(posed, minimum.theta)).max() < 1e-10
    assert minimum.eigenvalues == pytest.approx(np.linalg.eigvalsh(hessian(posed, minimum.theta)), rel=1e-8)


def test_where_there_is_no_strict_minimum_none_is_found():
    # of two inputs that are the same one weight may grow as the other shrinks
    assert minimum_near(inline([[1.0, 1.0], [2.0, 2.0]], [[1.0], [0.0]]), np.zeros(3)) is None
    # points that can be parted: the cost falls for ever
    parted = inline([[-1.0], [1.0]], [[0.0], [1.0]], output="sigmoid", loss="binary_cross_entropy")
    assert minimum_near(parted, np.array([1.0, 0.0])) is None
    # all is flat
    dead = inline([[1.0], [2.0]], [[0.0], [0.0]], [(1, "relu")])
    assert minimum_near(dead, np.array([-1.0, -1.0, 1.0, 0.0])) is None
    # lost
    assert minimum_near(neuron(0), np.array([np.inf, 0.0])) is None


@pytest.mark.parametrize("name", [name for name in LANDSCAPES if name not in ("plateau", "rastrigin")])
@pytest.mark.parametrize("side", [51, 101, 201])
def test_all_minima_of_a_landscape_are_found(name, side):
    posed, book = landscape(name, noise=1.0), LANDSCAPES[name]
    minima = minima_on(compute(posed, WHOLE, book.extent, side))
    found = sorted(tuple(minimum.theta.tolist()) for minimum in minima)
    np.testing.assert_allclose(found, sorted(book.minima), atol=1e-6)
    for minimum in minima:
        assert minimum.loss == pytest.approx(book.value(*minimum.theta), abs=1e-12)


def test_all_of_rastrigins_minima_are_found():
    """One in each unit cell: 11 × 11 between −5.12 and 5.12."""
    minima = minima_on(compute(landscape("rastrigin"), WHOLE, (-5.12, 5.12, -5.12, 5.12), 201))
    assert minima[0].theta == pytest.approx([0, 0], abs=1e-9)
    assert minima[0].loss == pytest.approx(0, abs=1e-12)
    places = {tuple(np.round(minimum.theta).astype(int).tolist()) for minimum in minima}
    assert len(minima) == len(places) == 121
    # −10·cos 2πx has the curvature 40π², x² adds 2
    assert minima[0].eigenvalues == pytest.approx(2 + 40 * np.pi**2, rel=1e-6)


def test_from_a_saddle_it_goes_down():
    """Between the two minima of the trap lies a saddle; on it the slope says nothing."""
    posed = neuron(0)
    theta = np.array([0.5, 0.4])
    for _ in range(60):  # Newton's method alone, which stops at saddles too
        theta = theta - np.linalg.solve(hessian(posed, theta), gradient(posed, theta))
    values = np.linalg.eigvalsh(hessian(posed, theta))
    assert np.abs(gradient(posed, theta)).max() < 1e-14
    assert values[0] < 0 < values[1]
    minimum = minimum_near(posed, theta)
    assert minimum is not None
    assert minimum.loss < evaluate(posed, theta, posed.train)


def test_only_a_problem_of_two_parameters_shows_all_its_minima():
    posed = drawn(1)
    plane = Plane(PlaneChoice(), np.zeros(3), *np.eye(3)[:2])
    with pytest.raises(ValueError, match="3 parameters"):
        minima_on(compute(posed, plane, (-1, 1, -1, 1), 3))


def test_the_lowest_points_of_a_grid_are_those_with_nothing_lower_beside_them():
    values = np.full((5, 6), 3.0)
    assert not len(lowest_points(values)[0])  # a plain has no lowest point
    values[1, 1] = values[3, 4] = 1.0
    values[3, 3] = values[2, 0] = 0.5  # beside the second one, and on the border
    values[1, 3] = np.nan
    rows, columns = lowest_points(values)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(3, 3)]
    surface = Surface(neuron(0), WHOLE, (0, 1, 0, 1), np.full((2, 2), 1.0))
    assert minima_on(surface) == ()
