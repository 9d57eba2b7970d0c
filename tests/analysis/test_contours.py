"""Contours: bands in the order of the costs, lines on their levels, and nothing that ruins the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.analysis.contours import LEVELS, draw, readable_levels
from ann_studio.analysis.planes import Plane, PlaneChoice
from ann_studio.analysis.surface import Surface, compute
from tests.analysis.posed import neuron

EXTENT = (-4.0, 6.0, -3.0, 5.0)
PLANE = Plane(PlaneChoice(), np.zeros(2), *np.eye(2))
SIZE = (120, 90)


def surface_of(height, side: int = 41, extent: tuple[float, float, float, float] = EXTENT) -> Surface:
    """The surface of a function of s and t."""
    s, t = np.meshgrid(np.linspace(*extent[:2], side), np.linspace(*extent[2:], side))
    with np.errstate(all="ignore"):
        return Surface(neuron(0), PLANE, extent, np.asarray(height(s, t), dtype=float))


def bowl(s, t):
    return 0.3 + (s - 1) ** 2 + 2 * (t - 1) ** 2


SHAPES = {
    "bowl": bowl,
    "saddle": lambda s, t: np.sin(s) + t**2,
    "wells": lambda s, t: s**2 + t**2 - 6 * np.exp(-((s + 1) ** 2 + t**2) / 0.8),
    "cliff": lambda s, t: np.exp(1.5 * s) + t**2,
    "plain": lambda s, t: np.tanh(5 * s) + 1e-6 * t,
    "steps": lambda s, t: np.floor(s),
    "below zero": lambda s, t: -5 - np.cos(s) * np.cos(t),
    "tiny": lambda s, t: 1e-12 * bowl(s, t),
    "large": lambda s, t: 1e12 * bowl(s, t),
    "nearly even": lambda s, t: 1 + 1e-7 * bowl(s, t),
}
shapes = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
scales = pytest.mark.parametrize("log", [False, True])


def pixels(surface: Surface, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the middles of the pixels; row 0 is the top."""
    s_min, s_max, t_min, t_max = surface.extent
    s = s_min + (np.arange(size[0]) + 0.5) / size[0] * (s_max - s_min)
    t = t_max - (np.arange(size[1]) + 0.5) / size[1] * (t_max - t_min)
    return np.meshgrid(s, t)


# --- levels ---------------------------------------------------------------------------------------------------------
@shapes
@scales
def test_levels_are_many_and_within_the_surface(shape, log):
    drawn = draw(surface_of(shape), SIZE, log)
    assert (np.diff(drawn.levels) > 0).all()
    assert drawn.low < drawn.levels[0]
    assert drawn.levels[-1] < drawn.high
    assert (5 if shape is SHAPES["steps"] else 10) <= len(drawn.levels) <= LEVELS


@scales
def test_levels_have_few_digits(log):
    surface = compute(neuron(0), PLANE, EXTENT, 101)
    levels = draw(surface, SIZE, log).levels
    assert 12 <= len(levels) <= 16
    assert all(float(f"{level:.3g}") == level for level in levels)


def test_levels_are_denser_where_the_surface_is_flatter():
    """Of a cliff e^{1.5s} + t² up to 8,000 most lines lie where most of the picture is."""
    surface = surface_of(SHAPES["cliff"], 101)
    levels = draw(surface, SIZE).levels
    assert (levels < np.quantile(surface.values, 0.5)).sum() >= len(levels) / 3
    assert (levels < np.quantile(surface.values, 0.9)).sum() >= len(levels) * 0.8


def test_a_plain_is_not_full_of_lines():
    """Of tanh(5s), nearly all of it on one of two plains, no two lines are nearer than a hundredth of the height."""
    assert np.diff(draw(surface_of(SHAPES["plain"], 101), SIZE).levels).min() > 0.02


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50), st.booleans())
@settings(max_examples=200)
def test_levels_of_any_costs_lie_between_them(costs, log):
    levels = readable_levels(np.array(costs), log)
    assert len(levels) <= LEVELS
    assert (np.diff(levels) > 0).all()
    assert ((levels > min(costs)) & (levels < max(costs))).all()


# --- bands ----------------------------------------------------------------------------------------------------------
@shapes
@scales
def test_bands_rise_with_the_cost_all_over_the_grid(shape, log):
    """Painted with one pixel for each point of the grid, which lies within half a cell of it."""
    surface = surface_of(shape, 201)
    drawn = draw(surface, (2001, 2001), log)
    s, t = pixels(surface, (2001, 2001))
    column = np.abs(s[0][:, None] - surface.columns).argmin(axis=0)
    row = np.abs(t[:, 0][:, None] - surface.rows).argmin(axis=0)
    bands = drawn.bands[np.ix_(row, column)]
    # a pixel is off its point by at most a twentieth of a cell, so a band is right within the cost's change over that
    change = max(np.abs(np.diff(surface.values, axis=axis)).max() for axis in (0, 1)) / 9
    number = np.searchsorted(np.unique(np.linspace(0, 255, len(drawn.levels) + 1).round()), bands)
    edges = np.concatenate([[-np.inf], drawn.levels, [np.inf]])
    assert (surface.values >= edges[number] - change).all()
    assert (surface.values < edges[number + 1] + change).all()


@scales
def test_each_pixel_is_in_the_band_of_its_cost(log):
    surface = surface_of(bowl, 101)
    drawn = draw(surface, SIZE, log)
    costs = bowl(*pixels(surface, SIZE))
    off_lines = np.abs(costs[..., None] - drawn.levels).min(axis=-1) > 0.01
    number = np.searchsorted(drawn.levels, costs)
    expected = np.linspace(0, 255, len(drawn.levels) + 1).round().astype(np.uint8)[number]
    assert off_lines.mean() > 0.8
    assert (drawn.bands[off_lines] == expected[off_lines]).all()


def test_the_top_of_the_picture_is_the_greatest_t_and_its_left_the_least_s():
    bands = draw(surface_of(lambda s, t: t), SIZE).bands
    assert bands.shape == (90, 120)
    assert (bands[0] == 255).all()
    assert (bands[-1] == 0).all()
    assert (np.diff(draw(surface_of(lambda s, t: s), SIZE).bands.astype(int), axis=1) >= 0).all()


def test_a_coarse_grid_is_drawn_smoothly():
    """Between its points, 15 to a side, lines keep to the function far better than if it were straight there."""
    coarse = surface_of(SHAPES["saddle"], 15)
    misses = [SHAPES["saddle"](line[:, 0], line[:, 1]) - level for level, line in draw(coarse, SIZE).lines]
    # half-way between points straight lines miss sin s by h²/8 and t² by h²/4, with h of 10/14 and 8/14
    straight = (10 / 14) ** 2 / 8 + (8 / 14) ** 2 / 4
    assert np.sqrt(np.mean(np.concatenate(misses) ** 2)) < straight / 5


# --- lines ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", [51, 101, 201])
@scales
def test_lines_lie_on_their_levels(side, log):
    drawn = draw(surface_of(bowl, side), SIZE, log)
    assert {level for level, _ in drawn.lines} == set(drawn.levels.tolist())
    for level, line in drawn.lines:
        assert line.ndim == 2
        assert line.shape[1] == 2
        # a chord over a cell of a bowl with curvatures 2 and 4
        np.testing.assert_allclose(bowl(line[:, 0], line[:, 1]), level, atol=4 * (10 / 200) ** 2)
        assert (line > [EXTENT[0] - 1e-9, EXTENT[2] - 1e-9]).all()
        assert (line < [EXTENT[1] + 1e-9, EXTENT[3] + 1e-9]).all()


def test_a_line_parts_the_bands():
    surface = surface_of(SHAPES["wells"], 101)
    drawn = draw(surface, (500, 400))
    s_min, s_max, t_min, t_max = EXTENT
    checked = 0
    for level, line in drawn.lines:
        number = int(np.searchsorted(drawn.levels, level))
        below, above = (round(255 * k / len(drawn.levels)) for k in (number, number + 1))
        for s, t in line[2:-2:5]:
            column, row = int((s - s_min) / (s_max - s_min) * 500), int((t_max - t) / (t_max - t_min) * 400)
            if 2 < column < 497 and 2 < row < 397:
                around = drawn.bands[row - 2 : row + 3, column - 2 : column + 3]
                assert around.min() <= below
                assert around.max() >= above
                checked += 1
    assert checked > 100


# --- what must not ruin it ------------------------------------------------------------------------------------------
@scales
@pytest.mark.parametrize("spoiled", [np.inf, np.nan, 1e308, 1e30])
def test_what_is_not_finite_or_huge_leaves_the_rest_as_it_was(spoiled, log):
    surface = surface_of(bowl, 101)
    sound = draw(surface, SIZE, log)
    values = surface.values.copy()
    values[:, -2:] = spoiled
    drawn = draw(Surface(surface.problem, surface.plane, surface.extent, values), SIZE, log)
    assert 8 <= len(drawn.levels) <= LEVELS
    assert drawn.levels[-2] < sound.high
    assert (drawn.bands[:, -1] == 255).all()
    assert len(np.unique(drawn.bands[:, :-4])) >= 8
    assert all(np.isfinite(line).all() for _, line in drawn.lines)


def test_a_surface_of_one_cost_has_one_band_and_no_line():
    drawn = draw(surface_of(lambda s, t: 0 * s + 0.25), SIZE)
    assert (len(drawn.levels), drawn.lines, drawn.low, drawn.high) == (0, (), 0.25, 0.25)
    assert not drawn.bands.any()
    assert drawn.bands.shape == (90, 120)


def test_a_surface_without_any_finite_cost_is_all_high():
    drawn = draw(surface_of(lambda s, t: s * np.inf), SIZE)
    assert (len(drawn.levels), drawn.lines) == (0, ())
    assert math.isnan(drawn.low)
    assert math.isnan(drawn.high)
    assert (drawn.bands == 255).all()


def test_the_coarsest_grid_is_drawn():
    assert len(np.unique(draw(surface_of(lambda s, t: s + t, 2), SIZE).bands)) > 8
