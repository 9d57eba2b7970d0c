"""The relief shows what the numbers say: where points lie, what hides what, and which colour a cost has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.analysis.contours import band_colours
from ann_studio.analysis.kernels import relief as kernels
from ann_studio.analysis.relief import Camera, Palette, Relief, Stroke, Terrain, colours_by_height, render, terrain
from ann_studio.engine import compiler

EXTENT = (-2.0, 2.0, 10.0, 14.0)
SIZE = (200, 160)
GROUND, WALL = 0xFF000000, 0xFF0000FF
#: No light, no lines: each pixel has the colour of its height, the walls one of their own.
PLAIN = Palette(
    GROUND, 0, 0, WALL, 0, ambient=1.0, diffuse=0.0, gloss=0.0, contour=0.0, mesh=0.0, rim=0.0, mixed=1.0
)  # fmt: skip
#: Red grows with the height, green is always there: the ground has none of it.
REDS = np.array([0xFF00FF00 | k << 16 for k in range(256)], dtype=np.uint32)
ABOVE = Camera(azimuth=180.0, elevation=90.0)


def grid(side: int = 41) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of all points of the grid."""
    s, t = np.meshgrid(np.linspace(*EXTENT[:2], side), np.linspace(*EXTENT[2:], side))
    return s, t


def drawn(values: np.ndarray, camera: Camera, palette: Palette = PLAIN, *, samples: int = 1) -> Relief:
    """A relief of these costs."""
    return render(terrain(values, EXTENT, np.empty(0)), REDS, palette, camera, SIZE, samples=samples)


def red(relief: Relief) -> np.ndarray:
    """The height from 0 to 255 that each pixel shows; −1 where it shows no surface."""
    image = relief.image.astype(np.int64)
    return np.where((image >> 8) & 0xFF, (image >> 16) & 0xFF, -1)


def on_surface(relief: Relief, s: float, t: float) -> np.ndarray:
    """Where a point of the surface is seen: pixel x, pixel y, distance."""
    return relief.project(np.array([[s, t, np.nan]]))[0]


def at(relief: Relief, s: float, t: float) -> int:
    """The height that the pixel of a point of the surface shows."""
    x, y, _ = on_surface(relief, s, t)
    return int(red(relief)[int(y), int(x)])


# --- a plane --------------------------------------------------------------------------------------------------------
def test_from_above_a_slope_lies_as_on_a_map():
    s, _ = grid()
    relief = drawn(s, ABOVE)
    for where, t in ((-1.5, 12.0), (0.0, 11.0), (1.5, 13.5)):
        assert at(relief, where, t) == pytest.approx(255 * (where + 2) / 4, abs=3)
    x, y, _ = on_surface(relief, 0.0, 12.0)
    assert (x, y) == pytest.approx((SIZE[0] / 2, SIZE[1] / 2))
    assert on_surface(relief, 1.0, 12.0)[0] > x  # east is right
    assert on_surface(relief, 0.0, 13.0)[1] < y  # north is up


@pytest.mark.parametrize(
    ("azimuth", "near"),
    [(180.0, (0.0, 10.0)), (90.0, (2.0, 12.0)), (0.0, (0.0, 14.0)), (270.0, (-2.0, 12.0))],
)
def test_the_side_that_the_viewer_stands_on_is_nearest_and_lowest(azimuth, near):
    relief = drawn(np.zeros((41, 41)), Camera(azimuth=azimuth, elevation=40.0))
    middles = [(0.0, 10.0), (2.0, 12.0), (0.0, 14.0), (-2.0, 12.0)]
    placed = np.array([on_surface(relief, *middle) for middle in middles])
    assert middles[int(placed[:, 2].argmin())] == near
    assert middles[int(placed[:, 1].argmax())] == near


VIEWS = st.builds(Camera, st.floats(0.0, 360.0), st.floats(5.0, 90.0), st.floats(0.5, 12.0))


@given(VIEWS, st.floats(-1.9, 1.9), st.floats(10.1, 13.9))
def test_depth_is_the_distance_of_what_is_projected_there(camera, s, t):
    relief = drawn(np.zeros((21, 21)), camera)
    x, y, distance = on_surface(relief, s, t)
    if 1 <= x < SIZE[0] - 1 and 1 <= y < SIZE[1] - 1:
        # Behind each other in the plane lie the points of neighbouring pixels.
        around = relief.depth[int(y) - 1 : int(y) + 2, int(x)]
        assert around.min() - 1e-5 <= distance <= around.max() + 1e-5 or camera.elevation < 10
        assert relief.visible(np.array([[x, y, distance]]))[0]


@pytest.mark.parametrize("azimuth", [0.0, 30.0, 45.0, 117.0, 300.0])
@pytest.mark.parametrize("elevation", [5.0, 38.0, 90.0])
def test_all_of_it_fits_in(azimuth, elevation):
    s, t = grid()
    relief = drawn(np.sin(3 * s) * np.cos(2 * t), Camera(azimuth, elevation))
    outermost = np.concatenate([relief.depth[[0, -1]].ravel(), relief.depth[:, [0, -1]].ravel()])
    assert np.isinf(outermost).all()
    assert np.isfinite(relief.depth).sum() > 0.08 * relief.depth.size


# --- bumps ----------------------------------------------------------------------------------------------------------
def bump(s0: float, t0: float, side: int = 81) -> np.ndarray:
    """A narrow hill on a plain."""
    s, t = grid(side)
    return np.exp(-((s - s0) ** 2 + (t - t0) ** 2) / 0.02)


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize(("s", "t"), [(0.0, 12.0), (-1.5, 13.5), (1.2, 10.6)])
@pytest.mark.parametrize("camera", [Camera(200.0, 50.0), Camera(75.0, 30.0), Camera(330.0, 80.0, 1.3)])
def test_a_coloured_bump_appears_where_its_point_is_projected(s, t, camera, samples):
    relief = drawn(np.minimum(bump(s, t), 0.5), camera, samples=samples)
    shown = red(relief)
    y, x = np.argwhere(shown == shown.max()).mean(axis=0) + 0.5
    top = relief.project(np.array([[s, t, relief.terrain.high]]))[0]
    assert (x, y) == pytest.approx(tuple(top[:2]), abs=4)


def wall_across(side: int = 81) -> np.ndarray:
    """A ridge from west to east through the middle of a plain."""
    _, t = grid(side)
    return np.where(np.abs(t - 12.0) < 0.15, 1.0, 0.0)


def test_what_is_nearer_hides_what_is_farther():
    behind, before = (0.0, 12.6), (0.0, 10.5)
    for azimuth, seen, hidden in ((180.0, before, behind), (0.0, (0.0, 13.5), (0.0, 11.4))):
        relief = drawn(wall_across(), Camera(azimuth=azimuth, elevation=12.0))
        placed = relief.place(np.array([seen, hidden]))
        assert relief.visible(placed).tolist() == [True, False]
        assert at(relief, *seen) == 0
        assert at(relief, *hidden) > 20  # the ridge stands there
    assert drawn(wall_across(), ABOVE).visible(placed).all()


def test_walls_reach_from_the_border_to_the_foot():
    relief = drawn(wall_across(), Camera(azimuth=180.0, elevation=12.0))
    x, y, _ = relief.foot(np.array([[0.0, 10.0]]))[0]
    rgb = relief.image & 0xFFFFFF
    assert rgb[int(y) - 3, int(x)] == WALL & 0xFFFFFF
    assert rgb[int(y) + 3, int(x)] == GROUND & 0xFFFFFF


# --- heights --------------------------------------------------------------------------------------------------------
def test_one_spike_does_not_flatten_the_rest():
    s, _ = grid()
    values = s - s.min()
    values[20, 20] = 1e6
    made = terrain(values, EXTENT, np.empty(0))
    assert made.cut
    assert made.heights[20, 20] == 1.0
    assert made.heights[5, 40] > 0.5
    assert not terrain(s, EXTENT, np.empty(0)).cut


def test_a_logarithm_makes_equal_ratios_equally_high():
    values = np.array([[1.0, 10.0], [100.0, 1000.0]])
    made = terrain(values, EXTENT, np.array([10.0, 100.0]), log=True)
    assert made.heights.ravel() == pytest.approx([0, 1 / 3, 2 / 3, 1], abs=1e-6)
    assert made.levels == pytest.approx([1 / 3, 2 / 3])


def test_a_minimum_of_zero_is_no_bottomless_pit():
    s, t = grid()
    values = s**2 + (t - 12.0) ** 2
    made = terrain(values, EXTENT, np.empty(0), log=True)
    assert made.heights[20, 20] == 0.0
    assert np.median(made.heights) < 0.95


def test_holes_and_infinite_costs():
    s, t = grid()
    values = s + t
    values[10:15, 10:15] = np.nan
    values[30:, 30:] = np.inf
    relief = drawn(values, ABOVE)
    inside = on_surface(relief, -0.8, 11.2)
    assert np.isnan(inside).all()
    x, y, _ = relief.project(np.array([[-0.8, 11.2, 10.0]]))[0]
    assert red(relief)[int(y), int(x)] == -1
    assert at(relief, 1.8, 13.8) == 255
    assert at(relief, 1.0, 12.0) > 0


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -3.0, 1e308, 1e-320])
@pytest.mark.parametrize("log", [False, True])
def test_a_surface_that_says_nothing_is_drawn_all_the_same(value, log):
    made = terrain(np.full((5, 5), value), EXTENT, np.empty(0), log=log)
    relief = render(made, REDS, PLAIN, Camera(azimuth=made.open_side()), SIZE)
    assert np.isfinite(relief.depth).any() == (not np.isnan(value))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=16, max_size=16), st.booleans())
def test_no_numbers_break_it(costs, log):
    values = np.array(costs).reshape(4, 4)
    with np.errstate(all="ignore"):
        made = terrain(values, EXTENT, np.array([0.0, 1.0]), log=log)
        relief = render(made, REDS, PLAIN, Camera(), (40, 30))
    heights = made.heights[~np.isnan(made.heights)]
    assert ((heights >= 0) & (heights <= 1)).all()
    relief.draw(relief.image, np.array([[-2.0, 10.0], [2.0, 14.0]]), 0xFFFFFFFF, width=2.0)


def test_each_cost_has_the_colour_of_its_band():
    levels = np.array([0.2, 0.4, 0.9])
    made = terrain(np.linspace(0.0, 1.0, 100).reshape(10, 10), EXTENT, levels)
    table = np.arange(256, dtype=np.uint32)
    found = colours_by_height(made, levels, table)
    middles = made.heights_of(np.array([0.1, 0.3, 0.65, 0.95]))
    assert found[(middles * 255).round().astype(int)] == pytest.approx(band_colours(3), abs=2)
    assert (np.diff(found.astype(int)) >= 0).all()


# --- lines ----------------------------------------------------------------------------------------------------------
def test_a_contour_is_where_the_surface_has_its_level():
    s, _ = grid()
    black = Palette(GROUND, 0xFF000000, 0, WALL, 0, ambient=1.0, diffuse=0.0, gloss=0.0, contour=1.0, mesh=0.0, rim=0.0)
    made = terrain(s, EXTENT, np.array([0.5]))
    relief = render(made, REDS, black, ABOVE, SIZE)
    green = (relief.image >> 8) & 0xFF
    x, y, _ = on_surface(relief, 0.5, 12.0)
    assert green[int(y), int(x) - 1 : int(x) + 2].min() < 90
    assert green[int(y), int(on_surface(relief, 0.0, 12.0)[0])] == 255


def test_light_from_the_left_brightens_the_slope_that_faces_left():
    s, _ = grid()
    lit = Palette(GROUND, 0, 0, WALL, 0, ambient=0.3, diffuse=0.7, gloss=0.0, contour=0.0, mesh=0.0, rim=0.0)
    brightness = {}
    for side in (90.0, -90.0):
        relief = drawn(-np.abs(s), Camera(180.0, 60.0, light_azimuth=side, light_elevation=20.0), lit)
        green = (relief.image >> 8) & 0xFF
        for where in (-1.0, 1.0):
            x, y, _ = on_surface(relief, where, 12.0)
            brightness[side, where] = int(green[int(y), int(x)])
    assert brightness[90.0, -1.0] > brightness[90.0, 1.0] + 50
    assert brightness[-90.0, 1.0] > brightness[-90.0, -1.0] + 50


# --- paths ----------------------------------------------------------------------------------------------------------
WHITE, BLUE = 0xFFFFFFFF, 0xFF0000FF


def stroked(relief: Relief, points: list[tuple[float, float]], **how: float) -> np.ndarray:
    """The blue that a white path leaves in the picture, where surface and ground have none."""
    image = relief.image.copy()
    relief.draw(image, np.array(points), WHITE, **{"width": 2.0, **how})
    return (image & 0xFF).astype(int) - (relief.image & 0xFF).astype(int)


def test_a_path_lies_on_the_surface_between_its_points():
    s, t = grid()
    relief = drawn(np.sin(2 * s) * np.cos(t), Camera(200.0, 70.0))
    blue = stroked(relief, [(-1.5, 10.5), (1.5, 13.5)])
    for share in np.linspace(0, 1, 9):
        point = np.array([[-1.5 + 3 * share, 10.5 + 3 * share]])
        x, y, _ = relief.place(point)[0]
        assert blue[int(y), int(x)] > 120
    assert (blue > 0).sum() < 800


def test_a_path_behind_a_ridge_is_faint():
    relief = drawn(wall_across(), Camera(azimuth=180.0, elevation=20.0))
    behind, before = (stroked(relief, [(-1.0, t), (1.0, t)], faint=0.3) for t in (12.5, 10.5))
    assert before.max() == 255
    assert 40 < behind.max() < 100
    assert stroked(relief, [(-1.0, 12.5), (1.0, 12.5)], faint=0.0).max() == 0


def test_a_path_ends_at_the_border():
    relief = drawn(np.zeros((21, 21)), ABOVE)
    blue = stroked(relief, [(0.0, 12.0), (50.0, 12.0)])
    edge = on_surface(relief, 2.0, 12.0)[0]
    assert np.nonzero(blue.any(axis=0))[0].max() <= edge + 2
    assert not stroked(relief, [(3.0, 12.0), (5.0, 15.0)]).any()
    assert not stroked(relief, [(np.nan, 12.0), (0.0, 12.0)]).any()
    assert not stroked(relief, [(0.0, 12.0)]).any()


def test_a_casing_surrounds_its_path():
    relief = drawn(np.zeros((21, 21)), ABOVE)
    image = relief.image.copy()
    relief.draw(image, np.array([[-1.0, 12.0], [1.0, 12.0]]), 0xFFFF0000, width=3.0, casing=0xFF0000FF, rim=2.0)
    x, y, _ = on_surface(relief, 0.0, 12.0)
    column = image[:, int(x)] & 0xFFFFFF
    assert column[int(y)] == 0xFF0000
    assert column[round(y - 0.5 - 2.6)] & 0xFF > 150
    assert column[int(y) - 8] == relief.image[int(y) - 8, int(x)] & 0xFFFFFF


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(0, 3), st.integers(0, 999), st.booleans())
def test_a_path_that_grows_is_to_the_bit_what_it_would_be_if_drawn_at_once(pieces, loose, seed, starts_anew):
    relief = drawn(wall_across(), Camera(azimuth=180.0, elevation=20.0))
    random = np.random.default_rng(seed)
    points = random.uniform([-1.1, 9.9], [1.1, 14.1], size=(sum(pieces), 2))
    points[random.random(len(points)) < 0.1] = np.nan
    stroke = Stroke(relief, 2.5, 1.5)
    if starts_anew:
        stroke.draw(relief.image.copy(), random.uniform([-1, 10], [1, 14], size=(5, 2)), BLUE)
    for length in np.cumsum(pieces):
        seen = points[:length].copy()
        # of these the next picture may know better
        seen[max(0, length - loose) :] += random.normal(size=seen[max(0, length - loose) :].shape)
        grown = relief.image.copy()
        stroke.draw(grown, seen, BLUE, casing=WHITE, strength=0.8, faint=0.3, loose=loose)
    whole = relief.image.copy()
    relief.draw(whole, seen, BLUE, width=2.5, casing=WHITE, rim=1.5, strength=0.8, faint=0.3)
    assert grown.tobytes() == whole.tobytes()


# --- the same each time ---------------------------------------------------------------------------------------------
def test_it_is_the_same_to_the_bit():
    s, t = grid()
    values = np.sin(3 * s) * np.cos(2 * t)
    first, second = (drawn(values, Camera(), samples=2) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()
    assert first.depth.tobytes() == second.depth.tobytes()


def test_one_set_of_types_is_all_that_is_ever_compiled():
    """Another would be compiled in the thread of the window, which would stand still for seconds."""
    s, t = grid()
    relief = drawn(np.asfortranarray(np.sin(s) * t), Camera().zoomed(2.0), samples=2)
    stroked(relief, [(-1, 11), (1, 13)], width=1, strength=1, faint=0)
    relief.draw(relief.image, np.array([[0, 12], [1, 12]], order="F"), 7, casing=-1 & 0xFFFFFFFF, width=3, rim=2)
    placed = relief.place(np.array([[0, 12], [1, 13]], order="F"))
    relief.visible(placed[::-1])
    relief.foot(placed[:, :2])
    relief.project(np.asfortranarray(placed))
    ours = [entry for entry in compiler.entries() if entry.__module__ == kernels.__name__]
    assert [len(entry.signatures) for entry in ours] == [1] * 8


def test_transparent_ground_stays_transparent():
    clear = Palette(0, 0, 0, WALL, 0)
    relief = drawn(np.zeros((5, 5)), Camera(), clear, samples=2)
    alpha = relief.image >> 24
    assert alpha[0, 0] == 0
    assert alpha[SIZE[1] // 2, SIZE[0] // 2] == 255
    assert (alpha[np.isinf(relief.depth)] == 0).all()
    edge = (alpha > 0) & (alpha < 255)
    channels = [(relief.image >> shift) & 0xFF for shift in (16, 8, 0)]
    assert edge.any()
    assert all((channel[edge] <= alpha[edge]).all() for channel in channels)


# --- the camera -----------------------------------------------------------------------------------------------------
def test_the_open_side_is_where_the_surface_falls_to():
    s, t = grid()
    for down, towards in (((1, 1), {30.0, 60.0}), ((-1, -1), {210.0, 240.0}), ((1, -1), {120.0, 150.0})):
        made = terrain(-(down[0] * s + down[1] * t), EXTENT, np.empty(0))
        assert made.open_side() in towards
    assert terrain(s**2 + (t - 12.0) ** 2, EXTENT, np.empty(0)).open_side() == Camera.azimuth


def test_turning_pushes_the_front_along():
    front, back = [-1.0, 10.2, np.nan], [1.0, 13.8, np.nan]
    before, after = (
        drawn(np.zeros((21, 21)), camera).project(np.array([front, back]))
        for camera in (Camera(), Camera().turned(10.0, 5.0))
    )
    assert after[0, 0] > before[0, 0]
    assert after[0, 1] - after[1, 1] > before[0, 1] - before[1, 1]


def test_zooming_keeps_what_is_under_the_mouse():
    values = np.zeros((21, 21))
    before = drawn(values, Camera(zoom=1.5))
    x, y, _ = on_surface(before, 1.0, 12.5)
    place = (x - SIZE[0] / 2) / SIZE[1], y / SIZE[1] - 0.5
    after = drawn(values, before.camera.zoomed(1.7, place))
    assert on_surface(after, 1.0, 12.5)[:2] == pytest.approx((x, y), abs=0.02)
    assert after.camera.zoomed(0.01, place).shift == (0.0, 0.0)


def test_the_camera_stays_within_its_ranges():
    assert Camera().turned(0, 500).elevation == 90.0
    assert Camera().turned(725, -500) == Camera(azimuth=215.0, elevation=5.0)
    assert Camera().lit(0, -500).light_elevation == 5.0
    assert -180 <= Camera().lit(-300, 0).light_azimuth < 180
    assert (Camera().zoomed(100).zoom, Camera().zoomed(0.01).zoom) == (12.0, 0.5)


def test_terrain_keeps_costs_and_heights_apart():
    made: Terrain = terrain(np.array([[2.0, 4.0], [6.0, 6.0]]), EXTENT, np.array([1.0, 3.0, 5.0, 7.0]))
    assert (made.low, made.high) == (2.0, 6.0)
    assert made.levels == pytest.approx([0.25, 0.75])
    assert made.heights_of(np.array([1.0, 3.0, 9.0])) == pytest.approx([0.0, 0.25, 1.0])
