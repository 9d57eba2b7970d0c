"""Planes: their axes, what they show and what they leave out."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.analysis import planes
from ann_studio.analysis.curvature import minima_on
from ann_studio.analysis.planes import Plane, PlaneChoice, explained, extent_of, is_exact, make
from ann_studio.analysis.surface import compute
from ann_studio.learning.path import Path, first_point
from ann_studio.nn.architecture import views
from ann_studio.nn.landscapes import LANDSCAPES
from tests.analysis.posed import NEURONS, drawn, inline, landscape, neuron

KINDS = ("parameters", "points", "principal", "random")


def path_of(thetas: np.ndarray) -> Path:
    return Path(np.arange(len(thetas), dtype=np.int64), np.asarray(thetas, dtype=float))


def wandering(parameters: int, steps: int = 40, seed: int = 0, size: float = 0.1) -> Path:
    return path_of(np.cumsum(np.random.default_rng(seed).normal(scale=size, size=(steps, parameters)), axis=0))


def angle_sine(plane: Plane) -> float:
    u, v = plane.u / np.linalg.norm(plane.u), plane.v / np.linalg.norm(plane.v)
    return float(np.linalg.norm(v - (u @ v) * u))


# --- any plane ------------------------------------------------------------------------------------------------------
@settings(max_examples=60)
@given(st.sampled_from(KINDS), st.integers(0, 99), st.integers(1, 50))
def test_what_was_lifted_is_projected_to_where_it_was(kind, seed, steps):
    posed = drawn(seed, [(3, "tanh")])
    path = wandering(posed.architecture.parameters, steps, seed)
    choice = PlaneChoice(kind, first=seed % 9, second=(seed * 7) % 9, updates=(0, steps // 2, steps - 1), seed=seed)
    plane = make(choice, posed, path.thetas[-1], path)
    points = np.random.default_rng(seed).normal(size=(5, 2))
    np.testing.assert_allclose(plane.project(plane.lift(points)), points, rtol=1e-9, atol=1e-9)
    # nothing of the plane is nearer
    off = np.random.default_rng(seed).normal(size=(3, posed.architecture.parameters))
    rest = off - plane.lift(plane.project(off))
    np.testing.assert_allclose(rest @ np.stack([plane.u, plane.v]).T, 0, atol=1e-9)


STUCK = {
    "one point": np.ones((1, 13)),
    "a point many times": np.ones((20, 13)),
    "a line": np.linspace(0, 1, 20)[:, None] * np.arange(13.0) + 1,
    "zeros": np.zeros((3, 13)),
    "nothing finite": np.full((3, 13), np.nan),
    "far off": 1e12 + np.arange(39.0).reshape(3, 13),
    "next to nothing": 1 + 1e-15 * np.arange(39.0).reshape(3, 13),
}


@pytest.mark.parametrize("size", [1e200, 1.7e308, np.inf, np.nan])
def test_a_run_that_is_lost_has_coordinates_and_is_no_error(size):
    problem = drawn(0, [(3, "tanh")])
    path = wandering(problem.architecture.parameters)
    plane = make(PlaneChoice("principal"), problem, path.thetas[-1], path)
    lost = np.full((1, problem.architecture.parameters), size)
    assert plane.project(lost).shape == (1, 2)
    assert plane.lift(np.full((1, 2), size)).shape == lost.shape


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("thetas", STUCK.values(), ids=STUCK)
def test_no_run_however_short_or_straight_makes_a_plane_singular(kind, thetas):
    posed = drawn(1, [(3, "tanh")])
    thetas = thetas if np.isfinite(thetas).all() or kind != "points" else np.zeros((3, 13))
    theta = np.nan_to_num(thetas[-1])
    for updates in ((0, 0, 0), (0, 1, 0), (0, 1, 2)):
        plane = make(PlaneChoice(kind, 4, 4, updates), posed, theta, path_of(thetas))
        assert np.isfinite([plane.origin, plane.u, plane.v]).all()
        assert angle_sine(plane) > 1e-6
        assert plane.project(plane.lift(np.array([[0.5, -2.0]]))) == pytest.approx(np.array([[0.5, -2.0]]), rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_neither_does_a_network_of_two_parameters(kind):
    posed = neuron(0)
    for theta in ([0.0, 0.0], [-2.0, 0.0], [3.0, 1.0]):
        plane = make(PlaneChoice(kind), posed, np.array(theta), first_point(0, np.array(theta)))
        assert angle_sine(plane) > 1e-3


# --- the four kinds -------------------------------------------------------------------------------------------------
def test_over_two_parameters_the_coordinates_are_the_parameters():
    posed = drawn(1, [(3, "tanh")])
    theta = np.random.default_rng(1).normal(size=13)
    plane = make(PlaneChoice("parameters", 7, 2), posed, theta, first_point(0, theta))
    assert plane.project(theta[None])[0] == pytest.approx([theta[7], theta[2]])
    expected = theta.copy()
    expected[[7, 2]] = [5.0, -3.0]
    assert plane.lift(np.array([[5.0, -3.0]]))[0].tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [(4, 4, (4, 5)), (12, 12, (12, 11)), (99, 3, (12, 3)), (-1, 99, (0, 12)), (99, 98, (12, 11))],
)
def test_positions_that_make_no_plane_are_replaced_and_the_plane_says_so(first, second, taken):
    posed = drawn(1, [(3, "tanh")])
    plane = make(PlaneChoice("parameters", first, second), posed, np.ones(13), first_point(0, np.ones(13)))
    assert (plane.choice.first, plane.choice.second) == taken
    assert (plane.u.argmax(), plane.v.argmax()) == taken


def test_the_plane_through_three_points_holds_them_and_the_first_is_its_origin():
    posed = drawn(1, [(3, "tanh")])
    path = wandering(13)
    path = Path(path.updates * 10, path.thetas)
    plane = make(PlaneChoice("points", updates=(0, 148, 999)), posed, path.thetas[-1], path)
    three = path.thetas[[0, 15, 39]]  # the nearest that are kept
    np.testing.assert_allclose(plane.lift(plane.project(three)), three, atol=1e-12)
    places = plane.project(three)
    assert places[0] == pytest.approx([0, 0], abs=1e-12)
    assert places[1] == pytest.approx([np.linalg.norm(three[1] - three[0]), 0], abs=1e-12)
    assert places[2, 1] > 0
    # distances are those between the parameters
    assert np.linalg.norm(places[2] - places[1]) == pytest.approx(np.linalg.norm(three[2] - three[1]))


def test_the_principal_plane_is_that_of_the_singular_vectors():
    posed = drawn(1, [(3, "tanh")])
    for path in (wandering(13, 8), wandering(13, 100)):
        plane = make(PlaneChoice("principal"), posed, path.thetas[-1], path)
        spread = path.thetas - path.thetas.mean(axis=0)
        _, sizes, axes = np.linalg.svd(spread, full_matrices=False)
        assert abs(plane.u @ axes[0]) == pytest.approx(1, abs=1e-9)
        assert abs(plane.v @ axes[1]) == pytest.approx(1, abs=1e-9)
        np.testing.assert_allclose(plane.origin, path.thetas.mean(axis=0), atol=1e-14)
        assert explained(plane, path) == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum(), rel=1e-9)


@pytest.mark.parametrize("thin", [1.0, 1e-3, 1e-5])
def test_the_principal_plane_of_a_path_within_a_plane_explains_all_of_it(thin):
    posed = drawn(1, [(3, "tanh")])
    random = np.random.default_rng(2)
    basis, _ = np.linalg.qr(random.normal(size=(13, 2)))
    turns = np.linspace(0, 5, 60)
    path = path_of(3 + np.stack([turns, thin * np.sin(turns)], axis=1) @ basis.T)
    plane = make(PlaneChoice("principal"), posed, path.thetas[-1], path)
    assert explained(plane, path) == pytest.approx(1.0, abs=1e-14)
    np.testing.assert_allclose(plane.lift(plane.project(path.thetas)), path.thetas, atol=1e-9)


def test_a_picture_of_the_principal_plane_does_not_flip_while_the_run_goes_on():
    posed = drawn(1, [(3, "tanh")])
    turns = np.linspace(0, 1.5, 80)
    basis, _ = np.linalg.qr(np.random.default_rng(4).normal(size=(13, 2)))
    whole = np.stack([3 * turns, np.cos(2 * turns)], axis=1) @ basis.T
    before = None
    for end in range(10, 80):
        plane = make(PlaneChoice("principal"), posed, whole[end], path_of(whole[: end + 1]))
        start = plane.project(whole[:1])[0]
        assert start[0] < 0 < start[1]
        if before is not None:
            assert plane.u @ before.u > 0.9
            assert plane.v @ before.v > 0.9
        before = plane


def test_random_directions_are_as_long_as_the_weights_into_each_neuron():
    posed = drawn(1, [(4, "tanh"), (3, "relu")])
    theta = np.random.default_rng(7).normal(size=posed.architecture.parameters)
    plane = make(PlaneChoice("random", seed=3), posed, theta, first_point(0, theta))
    for axis in (plane.u, plane.v):
        for (weights, biases), (own, _) in zip(
            views(posed.architecture, axis), views(posed.architecture, theta), strict=True
        ):
            np.testing.assert_allclose(np.linalg.norm(weights, axis=0), np.linalg.norm(own, axis=0))
            assert not biases.any()
    assert plane.origin.tolist() == theta.tolist()
    again = make(PlaneChoice("random", seed=3), posed, theta, first_point(0, theta))
    other = make(PlaneChoice("random", seed=4), posed, theta, first_point(0, theta))
    assert again.u.tolist() == plane.u.tolist()
    assert abs(other.u @ plane.u) < 0.95 * np.linalg.norm(other.u) * np.linalg.norm(plane.u)


def test_a_long_path_of_a_large_network_takes_little_memory_and_time():
    """100,000 parameters and 100 points: their inner products, never a matrix of 100,000 × 100,000."""
    posed = inline(np.zeros((2, 300)), np.zeros((2, 1)), [(331, "relu")])
    parameters = posed.architecture.parameters
    assert parameters > 99_000
    path = wandering(parameters, 100)
    begin = time.perf_counter()
    plane = make(PlaneChoice("principal"), posed, path.thetas[-1], path)
    assert time.perf_counter() - begin < 20
    assert 0.5 < explained(plane, path) < 1


# --- what a plane shows ---------------------------------------------------------------------------------------------
@given(st.integers(0, 99), st.sampled_from(KINDS))
@settings(max_examples=40)
def test_what_is_explained_and_what_is_not_add_up_to_all_the_variance(seed, kind):
    posed = drawn(seed, [(3, "tanh")])
    path = wandering(13, 20, seed)
    plane = make(PlaneChoice(kind, updates=(0, 9, 19), seed=seed), posed, path.thetas[-1], path)
    spread = path.thetas - path.thetas.mean(axis=0)
    through = Plane(plane.choice, np.zeros(13), plane.u, plane.v)
    rest = spread - through.lift(through.project(spread))
    assert explained(plane, path) + (rest**2).sum() / (spread**2).sum() == pytest.approx(1.0, abs=1e-9)


def test_of_a_path_of_one_point_nothing_is_to_be_explained():
    plane = Plane(PlaneChoice(), np.zeros(2), *np.eye(2))
    assert math.isnan(explained(plane, path_of(np.ones((1, 2)))))
    assert math.isnan(explained(plane, path_of(np.ones((5, 2)))))


@given(st.integers(0, 99), st.sampled_from(KINDS), st.sampled_from([1e-9, 1e-2, 1.0, 1e3, 1e9]))
@settings(max_examples=60)
def test_all_paths_are_seen_with_space_around_them(seed, kind, size):
    posed = drawn(seed, [(3, "tanh")])
    paths = [wandering(13, 20, seed, size), wandering(13, 9, seed + 1, size)]
    plane = make(PlaneChoice(kind, updates=(0, 9, 19)), posed, paths[0].thetas[-1], paths[0])
    s_min, s_max, t_min, t_max = extent_of(plane, posed, [path.thetas for path in paths])
    points = plane.project(np.concatenate([path.thetas for path in paths]))
    if size <= 1e3:
        assert all(float(f"{border:.4g}") == border for border in (s_min, s_max, t_min, t_max))
    for low, high, places in ((s_min, s_max, points[:, 0]), (t_min, t_max, points[:, 1])):
        assert high - low >= max(2.0, 1.39 * np.ptp(places))
        assert low + 0.1 * (high - low) < places.min()
        assert places.max() < high - 0.1 * (high - low)


def test_a_path_that_is_lost_does_not_hide_the_others():
    posed = drawn(1, [(3, "tanh")])
    plane = make(PlaneChoice(), posed, np.zeros(13), first_point(0, np.zeros(13)))
    assert extent_of(plane, posed, [np.zeros((1, 13)), np.full((2, 13), np.inf)]) == (-2, 2, -2, 2)
    assert extent_of(plane, posed, [np.full((2, 13), np.nan)]) == (-2, 2, -2, 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [0, 1])
def test_of_one_neuron_all_that_matters_is_seen_before_it_learns(number, kind):
    posed, fact = neuron(number), NEURONS[number]
    start = np.array([fact["start"]["w"], fact["start"]["b"]])
    plane = make(PlaneChoice(kind), posed, start, first_point(0, start))
    s_min, s_max, t_min, t_max = extent_of(plane, posed, [start[None]])
    for name in ("start", "global_minimum", "local_minimum"):
        s, t = plane.project(np.array([[fact[name]["w"], fact[name]["b"]]]))[0]
        assert s_min < s < s_max
        assert t_min < t < t_max
    if kind == "parameters":
        assert s_max - s_min < 15
        assert t_max - t_min < 15


@pytest.mark.parametrize("scale", [0.01, 1.0, 300.0])
def test_the_minimum_of_a_line_through_points_is_seen_in_any_unit(scale):
    x = np.array([1.0, 2.0, 3.0, 5.0])
    posed = inline(scale * x[:, None], (2 * x - 1)[:, None])
    plane = make(PlaneChoice(), posed, np.zeros(2), first_point(0, np.zeros(2)))
    extent = extent_of(plane, posed, [np.zeros((1, 2))])
    assert extent[0] < 0 < 2 / scale < extent[1] < 40 / scale
    assert extent[2] < -1 < 0 < extent[3]
    (minimum,) = minima_on(compute(posed, plane, extent, 101))
    assert minimum.theta == pytest.approx([2 / scale, -1], rel=1e-6)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_of_a_landscape_its_own_extent_is_seen_and_whatever_leaves_it(name):
    posed, own = landscape(name), LANDSCAPES[name].extent
    start = posed.first_theta
    plane = make(PlaneChoice(), posed, start, first_point(0, start))
    extent = extent_of(plane, posed, [start[None]])
    size = own[1] - own[0]
    for found, wanted in zip(extent, own, strict=True):
        assert found == pytest.approx(wanted, abs=0.1 * size)
    assert extent[0] <= own[0] < own[1] <= extent[1]
    assert extent[2] <= own[2] < own[3] <= extent[3]
    far = extent_of(plane, posed, [start[None], np.array([[0.0, 40.0]])])
    assert far[3] > 42
    assert far[2] <= own[2]


@pytest.mark.parametrize(("size", "step"), [(1, 1), (1.9, 1), (2.1, 2), (0.051, 0.05), (4999, 2000), (3e-7, 2e-7)])
def test_a_readable_step_is_the_next_below(size, step):
    assert planes.nice_step(size) == pytest.approx(step, rel=1e-12)


def test_a_plane_over_two_parameters_is_all_there_is():
    assert is_exact(neuron(0))
    assert not is_exact(drawn(1))


def test_a_plane_of_a_large_network_at_zero_takes_no_square_of_its_size():
    theta = np.zeros(200_000)
    plane = make(PlaneChoice("points"), drawn(1), theta, first_point(0, theta))
    assert np.linalg.matrix_rank(np.stack([plane.u, plane.v])) == 2
