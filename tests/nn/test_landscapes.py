"""Landscapes: the engine's numbers are the book's, and the book's gradients are those of its values."""

from __future__ import annotations

import itertools
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ann_studio.learning.experiment import LandscapeName
from ann_studio.nn import kernels
from ann_studio.nn.kernels.landscapes import landscape_gradient, landscape_value
from ann_studio.nn.landscapes import LANDSCAPES, Landscape

NAMES = list(LANDSCAPES)
NEVER = np.zeros(1, dtype=np.int64)


def slope_of(landscape: Landscape, x: float, z: float) -> np.ndarray:
    return np.array(landscape.gradient(np.float64(x), np.float64(z)))


def curvature_of(landscape: Landscape, x: float, z: float, step: float = 1e-4) -> np.ndarray:
    """The Hessian by central differences of the gradient."""
    along_x = (slope_of(landscape, x + step, z) - slope_of(landscape, x - step, z)) / (2 * step)
    along_z = (slope_of(landscape, x, z + step) - slope_of(landscape, x, z - step)) / (2 * step)
    return np.stack([along_x, along_z])


@st.composite
def places(draw: st.DrawFn) -> tuple[str, float, float]:
    """A landscape, and a point up to twice as far out as is worth seeing."""
    name = draw(st.sampled_from(NAMES))
    x_min, x_max, z_min, z_max = LANDSCAPES[name].extent
    return name, draw(st.floats(2 * x_min, 2 * x_max)), draw(st.floats(2 * z_min - 1, 2 * z_max))


def test_the_experiment_file_knows_every_landscape_and_no_other():
    assert set(get_args(LandscapeName)) == set(LANDSCAPES) == set(kernels.LANDSCAPE_CODES)
    assert min(kernels.LANDSCAPE_CODES.values()) > max(kernels.LOSS_CODES.values())


@given(place=places())
@example(place=("plateau", 0.0, 3e-162))  # whose square is no normal number
@example(place=("plateau", 0.0, 5e-324))
@example(place=("plateau", 0.0, 0.0))
def test_the_engines_value_and_gradient_are_the_books(place):
    name, x, z = place
    landscape, code = LANDSCAPES[name], kernels.LANDSCAPE_CODES[name]
    value = float(landscape.value(np.float64(x), np.float64(z)))
    slope = slope_of(landscape, x, z)
    scale = 1 + max(abs(value), np.abs(slope).max(), 100 * abs(x), 100 * abs(z))
    assert landscape_value(code, x, z) == pytest.approx(value, rel=1e-12, abs=1e-13 * scale)
    np.testing.assert_allclose(landscape_gradient(code, x, z), slope, rtol=1e-12, atol=1e-13 * scale)


@pytest.mark.parametrize("name", NAMES)
def test_a_grid_of_costs_is_the_costs_of_its_points(name):
    x, z = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-1, 3, 4))
    values = LANDSCAPES[name].value(x, z)
    assert values.shape == x.shape
    engine = [landscape_value(kernels.LANDSCAPE_CODES[name], *point) for point in zip(x.flat, z.flat, strict=True)]
    np.testing.assert_allclose(values.ravel(), engine, rtol=1e-12, atol=1e-12)


@given(place=places())
def test_the_gradient_is_that_of_the_value(place):
    name, x, z = place
    landscape, step = LANDSCAPES[name], 1e-5
    if name == "plateau" and np.hypot(x, z) < 100 * step:
        return  # its lowest point is a kink
    differences = [
        (landscape.value(np.float64(x + step), np.float64(z)) - landscape.value(np.float64(x - step), np.float64(z))),
        (landscape.value(np.float64(x), np.float64(z + step)) - landscape.value(np.float64(x), np.float64(z - step))),
    ]
    value, slope = abs(landscape.value(np.float64(x), np.float64(z))), slope_of(landscape, x, z)
    # a central difference: rounding of the value, and the third derivative times step²
    tolerance = 1e-15 * (value + 1000) / step + 1e-5 * (1 + np.abs(slope).max())
    np.testing.assert_allclose(np.array(differences) / (2 * step), slope, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", NAMES)
def test_the_known_minima_are_minima_within_what_is_worth_seeing(name):
    landscape = LANDSCAPES[name]
    x_min, x_max, z_min, z_max = landscape.extent
    assert landscape.minima
    heights = [float(landscape.value(np.float64(x), np.float64(z))) for x, z in landscape.minima]
    assert all(lower <= higher + 1e-12 for lower, higher in itertools.pairwise(heights))
    for x, z in landscape.minima:
        assert x_min < x < x_max
        assert z_min < z < z_max
        np.testing.assert_allclose(slope_of(landscape, x, z), 0, atol=1e-12)
        assert np.linalg.eigvalsh(curvature_of(landscape, x, z)).min() > 0.05


@pytest.mark.parametrize("name", NAMES)
def test_no_point_worth_seeing_lies_below_the_lowest_minimum(name):
    landscape = LANDSCAPES[name]
    x_min, x_max, z_min, z_max = landscape.extent
    x, z = np.meshgrid(np.linspace(x_min, x_max, 301), np.linspace(z_min, z_max, 301))
    lowest = float(landscape.value(*(np.float64(part) for part in landscape.minima[0])))
    assert landscape.value(x, z).min() >= lowest - 1e-12


@pytest.mark.parametrize("planted", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", NAMES)
def test_a_place_that_is_no_number_is_not_hidden(name, planted):
    code = kernels.LANDSCAPE_CODES[name]
    for place in ((planted, 1.0), (1.0, planted)):
        theta = np.array(place)
        sizes, codes, offsets = np.array([1, 1]), np.array([0]), np.zeros((2, 1))
        assert not np.isfinite(kernels.mean_loss(theta, sizes, codes, code, offsets, offsets, NEVER))
        assert not np.isfinite(landscape_gradient(code, *place)).all()


@pytest.mark.parametrize("name", NAMES)
def test_samples_add_their_offsets(name):
    """Sample i costs f + e·theta; the engine gives the mean of the costs and the sum of the gradients."""
    random = np.random.default_rng(1)
    x, y, theta = random.normal(size=(5, 1)), random.normal(size=(5, 1)), np.array([0.7, -0.4])
    sizes, codes, code = np.array([1, 1]), np.array([0]), kernels.LANDSCAPE_CODES[name]
    value, slope = landscape_value(code, *theta), np.array(landscape_gradient(code, *theta))
    found = kernels.mean_loss(theta, sizes, codes, code, x, y, NEVER)
    assert found == pytest.approx(np.mean(value + x * theta[0] + y * theta[1]), rel=1e-13)
    gradient = np.array([10.0, 20.0])
    order = np.array([4, 2, 0, 1, 3])
    kernels.add_gradient(theta, sizes, codes, code, x, y, order, 1, 4, gradient, np.empty(0), NEVER)
    chosen = np.concatenate([x, y], axis=1)[[2, 0, 1]]
    np.testing.assert_allclose(gradient - [10.0, 20.0], (slope + chosen).sum(axis=0), rtol=1e-13)
