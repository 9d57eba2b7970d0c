"""Pictures of one parameter vector, against the book at the very points that they claim to show."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ann_studio.analysis import pictures
from ann_studio.analysis.metrics import performance
from ann_studio.analysis.pictures import (
    ACTIVITY_ROWS,
    CURVE_POINTS,
    MAP_SIDE,
    REGION_SIDE,
    Pictures,
    compute_pictures,
    extent_of,
    is_line,
    is_plane,
)
from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers, TextColumn
from ann_studio.data.landscape import landscape_dataset
from ann_studio.learning import supervised
from ann_studio.learning.problem import Problem
from ann_studio.nn.architecture import views
from ann_studio.nn.backprop import forward
from tests.learning.problems import numbers, problem, two_classes

ALL = frozenset({"maps", "region", "performance"})
NETWORK = {"hidden": [{"units": 4, "activation": "tanh"}, {"units": 3, "activation": "relu"}]}


def table(width: int, rows: int = 40, classes: int = 3) -> Dataset:
    random = np.random.default_rng(width)
    columns = tuple(NumberColumn(f"c{k}") for k in range(width))
    labels = Classes("kind", tuple(f"k{k}" for k in range(classes)))
    return Dataset(columns, random.normal(size=(rows, width)), labels, np.arange(rows)[:, None] % float(classes))


def drawn(posed: Problem, wanted: frozenset[str] = ALL) -> tuple[Pictures, np.ndarray]:
    theta = supervised.advance(posed, supervised.start(posed), to_epoch=3).state.theta
    return compute_pictures(posed, theta, wanted), theta


def book(posed: Problem, theta: np.ndarray, raw: np.ndarray) -> list[np.ndarray]:
    return forward(posed.architecture, theta, posed.preparation.inputs(raw)).activations


def centres(extent: tuple[float, float, float, float], side: int) -> np.ndarray:
    """Raw inputs at the centres of the pixels: row 0 at the top, column 0 at the left."""
    width, height = (extent[1] - extent[0]) / side, (extent[3] - extent[2]) / side
    return np.array(
        [
            [(extent[0] + (column + 0.5) * width, extent[3] - (row + 0.5) * height) for column in range(side)]
            for row in range(side)
        ]
    )


# --- two inputs -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("features", [None, ["x1", "x2", "x1^2", "x1*x2"]])
@pytest.mark.parametrize("standardize", [False, True])
def test_maps_and_region_show_every_unit_over_the_plane(features, standardize):
    posed = problem(network=NETWORK, features=features, standardize=standardize)
    shown, theta = drawn(posed)
    for side, layers in ((MAP_SIDE, shown.maps), (REGION_SIDE, (shown.region,))):
        grid = centres(shown.extent, side)
        expected = book(posed, theta, grid.reshape(-1, 2))[-len(layers) :]
        for layer, values in zip(layers, expected, strict=True):
            assert layer.shape == (values.shape[1], side, side)
            np.testing.assert_allclose(layer, values.T.reshape(-1, side, side), rtol=1e-11, atol=1e-12)
    assert len(shown.maps) == posed.architecture.layers + 1
    assert shown.curve is None
    assert shown.activity is None


def test_the_first_maps_are_the_inputs_rising_to_the_right_and_to_the_top():
    shown, _ = drawn(problem())
    assert (np.diff(shown.maps[0][0], axis=1) > 0).all()
    assert (np.diff(shown.maps[0][1], axis=0) < 0).all()


def test_a_network_that_draws_a_line_shows_it_where_it_is():
    """sigmoid(x1 − 2 x2 + 0.35) is above one half exactly on one side of that line."""
    posed = problem(network={"hidden": []})
    theta = np.empty(3)
    (weights, biases), *_ = views(posed.architecture, theta)
    weights[:], biases[:] = [[1], [-2]], 0.35
    region = compute_pictures(posed, theta, ALL).region
    points = centres(extent_of(posed), REGION_SIDE)
    assert np.array_equal(region[0] > 0.5, points[..., 0] - 2 * points[..., 1] + 0.35 > 0)


def test_of_many_classes_the_region_has_a_layer_each_and_they_add_up_to_one():
    shown, _ = drawn(problem(table(2, classes=7, rows=70)))
    assert shown.region.shape == (7, REGION_SIDE, REGION_SIDE)
    np.testing.assert_allclose(shown.region.sum(axis=0), 1, rtol=1e-12)


@pytest.mark.parametrize("dataset", [two_classes(), numbers(), table(2)], ids=["generated", "line", "plane"])
def test_the_extent_holds_every_point(dataset):
    posed = problem(dataset)
    x_min, x_max, y_min, y_max = extent_of(posed)
    low, high = dataset.inputs.min(axis=0), dataset.inputs.max(axis=0)
    assert x_min < low[0] < high[0] < x_max
    if is_plane(dataset):
        assert y_min < low[1] < high[1] < y_max
    else:
        assert (y_min, y_max) == (0, 0)


def test_inputs_that_do_not_vary_or_are_missing_have_an_extent():
    inputs = np.column_stack([np.full(12, 5.0), np.arange(12.0)])
    inputs[3, 1] = np.nan
    columns = (NumberColumn("a"), NumberColumn("b"))
    dataset = Dataset(columns, inputs, Classes("c", ("n", "y")), np.arange(12)[:, None] % 2.0, fill_missing=True)
    posed = problem(dataset)
    x_min, x_max, y_min, y_max = extent_of(posed)
    assert x_min < 5 < x_max
    assert y_min < 0 < 11 < y_max
    assert np.isfinite(drawn(posed)[0].region).all()


# --- one input ------------------------------------------------------------------------------------------------------
def test_the_curve_of_numbers_is_in_their_unit():
    posed = problem(numbers())
    shown, theta = drawn(posed)
    x, y = shown.curve
    assert x.shape == (CURVE_POINTS,)
    assert (x[0], x[-1]) == (shown.extent[0], shown.extent[1])
    outputs = book(posed, theta, x[:, None])[-1]
    scale, mean = posed.preparation.target_scale, posed.preparation.target_mean
    np.testing.assert_allclose(y, outputs * scale + mean, rtol=1e-11)
    assert shown.region is None
    assert shown.activity is None


def test_of_one_input_each_unit_is_a_strip_from_left_to_right():
    posed = problem(numbers(), network=NETWORK)
    shown, theta = drawn(posed)
    x_min, x_max, *_ = shown.extent
    x = x_min + (x_max - x_min) * (np.arange(MAP_SIDE) + 0.5) / MAP_SIDE
    for layer, values in zip(shown.maps, book(posed, theta, x[:, None]), strict=True):
        assert layer.shape == (values.shape[1], MAP_SIDE, MAP_SIDE)
        for row in (0, MAP_SIDE - 1):
            np.testing.assert_allclose(layer[:, row], values.T, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 4])
def test_the_curves_of_classes_are_the_output_activations(classes):
    posed = problem(table(1, classes=classes))
    shown, theta = drawn(posed)
    x, y = shown.curve
    np.testing.assert_allclose(y, book(posed, theta, x[:, None])[-1], rtol=1e-11)
    assert y.shape == (CURVE_POINTS, 1 if classes == 2 else classes)
    assert ((y >= 0) & (y <= 1)).all()


# --- more inputs ----------------------------------------------------------------------------------------------------
def test_of_more_inputs_the_mean_activity_of_every_unit_is_shown():
    posed = problem(table(5), network=NETWORK)
    shown, theta = drawn(posed)
    expected = forward(posed.architecture, theta, posed.train.inputs).activations
    for activity, values in zip(shown.activity, expected, strict=True):
        np.testing.assert_allclose(activity, values.mean(axis=0), rtol=1e-10, atol=1e-12)
    assert (shown.maps, shown.region, shown.curve) == (None, None, None)


def test_of_many_rows_the_first_ones_are_taken():
    posed = problem(table(3, rows=3 * ACTIVITY_ROWS))
    shown, _ = drawn(posed)
    np.testing.assert_allclose(shown.activity[0], posed.train.inputs[:ACTIVITY_ROWS].mean(axis=0), rtol=1e-12)


def test_a_text_column_is_no_axis():
    """One column, but two inputs: neither a line nor a plane."""
    inputs = np.eye(2)[np.arange(20) % 2]
    dataset = Dataset((TextColumn("colour", ("red", "blue")),), inputs, Numbers(("y",)), np.arange(20.0)[:, None])
    assert not is_plane(dataset)
    assert not is_line(dataset)
    shown, _ = drawn(problem(dataset))
    assert shown.curve is None
    assert shown.activity is not None


# --- what is asked for ----------------------------------------------------------------------------------------------
PARTS = {"maps": ("maps", "activity"), "region": ("region", "curve"), "performance": ("train", "validation")}


@pytest.mark.parametrize("wanted", [set(), {"maps"}, {"region"}, {"performance"}, {"maps", "performance"}])
@pytest.mark.parametrize("dataset", [two_classes(), numbers(), table(4)], ids=["plane", "line", "more"])
def test_only_what_is_wanted_is_drawn(dataset, wanted):
    shown, _ = drawn(problem(dataset), frozenset(wanted))
    for name, fields in PARTS.items():
        present = any(getattr(shown, field) is not None for field in fields)
        possible = name != "region" or len(dataset.columns) <= 2
        assert present == (name in wanted and possible)


def test_performance_is_of_the_same_parameters():
    posed = problem()
    shown, theta = drawn(posed)
    for found, samples in ((shown.train, posed.train), (shown.validation, posed.validation)):
        assert np.array_equal(found.predictions, performance(posed, theta, samples).predictions)


def test_without_a_validation_part_it_has_no_performance():
    shown, _ = drawn(problem(split={"train": 1.0, "validation": 0.0, "test": 0.0}))
    assert shown.validation is None


# --- networks that are large or gone --------------------------------------------------------------------------------
@pytest.mark.parametrize(("units", "side"), [(4, REGION_SIDE), (200, math.isqrt(20_000_000 // 41_001)), (1024, 12)])
def test_large_networks_get_coarser_pictures(units, side):
    hidden = [{"units": units, "activation": "relu"}] * 2
    posed = problem(network={"hidden": hidden})
    shown = compute_pictures(posed, posed.first_theta, frozenset({"maps", "region"}))
    assert shown.region.shape == (1, side, side)
    assert shown.maps[1].shape == (units, min(side, MAP_SIDE), min(side, MAP_SIDE))
    points = centres(shown.extent, side).reshape(-1, 2)
    np.testing.assert_allclose(
        shown.region[0].ravel(), book(posed, posed.first_theta, points)[-1][:, 0], rtol=1e-9, atol=1e-12
    )


def test_large_networks_get_coarser_curves_and_less_activity(monkeypatch):
    monkeypatch.setattr(pictures, "_BUDGET", 13 * 100)
    posed = problem(numbers(), network={"hidden": [{"units": 4}]})
    assert posed.architecture.parameters == 13
    assert len(drawn(posed)[0].curve[0]) == 100
    posed = problem(table(3, rows=400), network={"hidden": [{"units": 10}]})
    rows = 1300 // posed.architecture.parameters
    np.testing.assert_allclose(drawn(posed)[0].activity[0], posed.train.inputs[:rows].mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("dataset", [two_classes(), table(2), numbers(), table(1), table(4)], ids=range(5))
def test_parameters_that_are_no_numbers_are_drawn_all_the_same(dataset, value):
    posed = problem(dataset)
    theta = posed.first_theta.copy()
    theta[::2] = value
    theta[1::2] = -value
    shown = compute_pictures(posed, theta, ALL)
    assert shown.train is not None


def test_a_picture_can_be_interrupted():
    posed = problem()
    with pytest.raises(supervised.Interrupted):
        compute_pictures(posed, posed.first_theta, ALL, np.ones(1, dtype=np.int64))


def test_a_landscape_has_no_pictures_of_data() -> None:
    posed = problem(landscape_dataset(8, 1.0, 1), data={"kind": "landscape", "name": "hills", "noise": 1.0}, network={})
    found = compute_pictures(posed, posed.first_theta, ALL)
    assert all(getattr(found, name) is None for name in ("maps", "region", "curve", "activity", "train", "validation"))
    assert found.kinds == ALL
    assert pictures.multiply_adds(posed, ALL) == 0
