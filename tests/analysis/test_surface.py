"""The cost over a plane, against the engine's loss of one point and against the book."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.analysis.losses import losses_on_grid
from ann_studio.analysis.planes import Plane, PlaneChoice
from ann_studio.analysis.surface import Surface, compute, cost_at, left_out
from ann_studio.learning.supervised import Interrupted, evaluate
from ann_studio.nn import backprop
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.landscapes import LANDSCAPES
from tests.analysis.posed import PAIRS, drawn, inline, landscape, neuron

EXTENT = (-1.5, 1.0, 0.25, 2.0)


def random_plane(parameters: int, seed: int, size: float = 1.0) -> Plane:
    origin, u, v = size * np.random.default_rng(seed).normal(size=(3, parameters))
    return Plane(PlaneChoice("random"), origin, u, v)


def theta_at(surface: Surface, row: int, column: int) -> np.ndarray:
    """As documented: row r at t_min + r·(t_max − t_min)/(side − 1), and columns likewise along s."""
    s_min, s_max, t_min, t_max = surface.extent
    s = s_min + column * (s_max - s_min) / (surface.side - 1)
    t = t_min + row * (t_max - t_min) / (surface.side - 1)
    return surface.plane.origin + s * surface.plane.u + t * surface.plane.v


HIDDEN = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(sorted(ACTIVATIONS))), max_size=3)


@settings(max_examples=60)
@given(hidden=HIDDEN, pair=st.sampled_from(PAIRS), seed=st.integers(0, 999), rows=st.sampled_from([1, 8, 9, 65, 200]))
def test_every_value_is_the_loss_that_the_engine_gives_there(hidden, pair, seed, rows):
    posed = drawn(seed, hidden, *pair, rows=rows)
    surface = compute(posed, random_plane(posed.architecture.parameters, seed, 0.4), EXTENT, 4)
    expected = [[evaluate(posed, theta_at(surface, r, c), posed.train) for c in range(4)] for r in range(4)]
    np.testing.assert_allclose(surface.values, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("output", "loss"), [("sigmoid", "mse"), ("softmax", "cross_entropy")])
def test_every_value_is_the_loss_by_the_book(output, loss):
    posed = drawn(3, [(5, "tanh"), (4, "gelu")], output, loss, rows=30)
    surface = compute(posed, random_plane(posed.architecture.parameters, 3), EXTENT, 5)
    for row, column in np.ndindex(5, 5):
        theta = theta_at(surface, row, column)
        expected = backprop.loss(posed.architecture, theta, posed.train.inputs, posed.train.targets, loss)
        assert surface.values[row, column] == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_of_two_parameters_it_has_the_bits_of_the_engines_loss():
    posed = neuron(0)
    surface = compute(posed, Plane(PlaneChoice(), np.zeros(2), *np.eye(2)), (-4, 6, -3, 5), 21)
    for row, t in enumerate(np.linspace(-3, 5, 21)):
        for column, s in enumerate(np.linspace(-4, 6, 21)):
            assert surface.values[row, column] == evaluate(posed, np.array([s, t]), posed.train)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_of_a_landscape_it_is_the_formula(name):
    book = LANDSCAPES[name]
    surface = compute(landscape(name, noise=3.0), Plane(PlaneChoice(), np.zeros(2), *np.eye(2)), book.extent, 31)
    s, t = np.meshgrid(np.linspace(*book.extent[:2], 31), np.linspace(*book.extent[2:], 31))
    np.testing.assert_allclose(surface.values, book.value(s, t), rtol=1e-12, atol=1e-12)


def test_a_column_and_a_row_may_differ_in_length():
    posed = drawn(2, [(3, "relu")])
    plane = random_plane(posed.architecture.parameters, 2)
    s, t = np.array([0.0, 0.5, 2.0]), np.array([-1.0, 1.0])
    values = losses_on_grid(posed, posed.train, plane.origin, plane.u, plane.v, s, t)
    assert values.shape == (2, 3)
    expected = evaluate(posed, plane.origin + 2.0 * plane.u - plane.v, posed.train)
    assert values[0, 2] == pytest.approx(expected, rel=1e-13)


def test_what_is_not_finite_stays_so():
    posed = inline([[1.0], [2.0]], [[0.5], [0.5]])
    values = compute(posed, Plane(PlaneChoice(), np.zeros(2), *np.eye(2)), (0, 1e200, 0, 1), 3).values
    assert np.isfinite(values[:, 0]).all()
    assert np.isinf(values[:, 1:]).all()


# --- giving up ------------------------------------------------------------------------------------------------------
def test_a_raised_flag_ends_it_at_once():
    posed = drawn(4, [(8, "tanh")])
    with pytest.raises(Interrupted):
        compute(posed, random_plane(posed.architecture.parameters, 4), EXTENT, 5, np.ones(1, dtype=np.int64))
    with pytest.raises(Interrupted):
        left_out(posed, random_plane(posed.architecture.parameters, 4), np.zeros((1, 33)), np.ones(1, dtype=np.int64))


# --- what it says ---------------------------------------------------------------------------------------------------
def test_left_out_is_the_cost_there_minus_that_at_the_nearest_point_of_the_plane():
    posed = drawn(5, [(3, "tanh")])
    parameters = posed.architecture.parameters
    plane = random_plane(parameters, 5)
    inside = plane.lift(np.array([[0.3, -0.7]]))[0]
    basis, _ = np.linalg.qr(np.stack([plane.u, plane.v], axis=1))
    off = np.random.default_rng(6).normal(size=parameters)
    off -= basis @ (basis.T @ off)
    missed = left_out(posed, plane, np.stack([inside, inside + off]))
    assert missed[0] == pytest.approx(0, abs=1e-13)
    expected = evaluate(posed, inside + off, posed.train) - evaluate(posed, inside, posed.train)
    assert abs(expected) > 1e-3
    assert missed[1] == pytest.approx(expected, rel=1e-9)


def surface_of(values: object, extent: tuple[float, float, float, float] = (0, 2, 10, 14)) -> Surface:
    plane = Plane(PlaneChoice(), np.zeros(2), *np.eye(2))
    return Surface(neuron(0), plane, extent, np.array(values, dtype=float))


def test_between_the_points_of_the_grid_the_cost_is_bilinear():
    surface = surface_of([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert cost_at(surface, 0, 10) == 1
    assert cost_at(surface, 2, 14) == 9
    assert cost_at(surface, 2, 10) == 3
    assert cost_at(surface, 0.25, 11) == pytest.approx(1 + 0.25 + 1.5)
    for s, t in ((-0.01, 11), (2.01, 11), (1, 9.9), (1, 14.1), (math.nan, 11)):
        assert math.isnan(cost_at(surface, s, t))


def test_hovering_over_a_finite_point_beside_infinity_gives_its_cost():
    surface = surface_of([[1, np.inf], [3, np.nan]])
    assert cost_at(surface, 0, 12) == 2
    assert cost_at(surface, 1, 10) == np.inf
