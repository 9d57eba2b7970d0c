"""A surface in relief: a picture of it from any side, and where in that picture its points lie.

Drawn by own compiled code, without a graphics card: the same picture everywhere, also where there is no screen.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.contours import band_colours
from ann_studio.analysis.planes import Extent

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Heights = NDArray[np.float32]
Colours = NDArray[np.uint32]
#: What `kernels.relief.drape` notes of a path: distances, what hides it, and where.
Noted = tuple[Heights, NDArray[np.uint8], NDArray[np.int64]]

#: Heights end so much above the quantile, as a part of what lies below it: what stands out further is cut off flat.
_QUANTILE, _ABOVE = 0.98, 0.6
_DEPTH = 0.03  #: with a logarithm, heights begin at this part of the lower quantile at least
#: Height of the relief where the plane is 2 wide, how far the ground reaches below it, and the viewer's distance.
_TALL, _BASE, _DISTANCE = 0.8, -0.14, 5.5
_SIDES, _ENDS = 0.015, 0.045  #: room beside the relief, and above and below it, as parts of the picture
_STEPS = 2048  #: heights for which the nearest level is known
_MESH = 20  #: cells of the mesh along each side, about
_LIFT = 0.008  #: of a path above the surface, in heights


@dataclass(frozen=True)
class Camera:
    """From where the relief is seen and lit.

    Parameters
    ----------
    azimuth
        Where the viewer stands, in degrees from north (t) over east (s).
    elevation
        How high above the plane, in degrees, 5 to 90.
    zoom
        1: all of it fits in.
    light_azimuth
        Where the light stands, in degrees from the viewer's direction, clockwise from above.
    light_elevation
        Its height in degrees, 5 to 90.
    height
        Factor on all heights.
    shift
        How far the middle of the relief lies right of and below that of the picture, as parts of its height.
    """

    azimuth: float = 210.0
    elevation: float = 38.0
    zoom: float = 1.0
    light_azimuth: float = 65.0
    light_elevation: float = 42.0
    height: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    def turned(self, right: float, down: float) -> Camera:
        """The relief pushed to the right and its front pushed down, by degrees."""
        return replace(
            self, azimuth=(self.azimuth + right) % 360.0, elevation=min(max(self.elevation + down, 5.0), 90.0)
        )

    def zoomed(self, factor: float, at: tuple[float, float] = (0.0, 0.0)) -> Camera:
        """Seen from nearer; what is `at` that place, told as a `shift`, stays there. All of it lies in the middle."""
        zoom = min(max(self.zoom * factor, 0.5), 12.0)
        if zoom <= 1.0:
            return replace(self, zoom=zoom, shift=(0.0, 0.0))
        grown = zoom / self.zoom
        x, y = (place + (shift - place) * grown for place, shift in zip(at, self.shift, strict=True))
        return replace(self, zoom=zoom, shift=(x, y))

    def moved(self, right: float, down: float) -> Camera:
        """The relief pushed by parts of the picture's height."""
        return replace(self, shift=(self.shift[0] + right, self.shift[1] + down))

    def lit(self, right: float, up: float) -> Camera:
        """The light moved, by degrees."""
        return replace(
            self,
            light_azimuth=(self.light_azimuth - right + 180.0) % 360.0 - 180.0,
            light_elevation=min(max(self.light_elevation + up, 5.0), 90.0),
        )


@dataclass(frozen=True)
class Palette:
    """The colours of a relief, ``0xAARRGGBB``.

    Parameters
    ----------
    ground
        Behind the relief, premultiplied; 0 is transparent.
    ink, border, wall, shade
        Of contours and mesh, of the surface's border, what walls are mixed with, and of what lies in the dark.
    ambient, diffuse, gloss
        Brightness where no light falls, what full light adds, and how much a mirror at its best whitens.
    contour, mesh, rim, mixed
        How strong contours, mesh, border and the walls' mixture are, 0 to 1.
    """

    ground: int
    ink: int
    border: int
    wall: int
    shade: int
    ambient: float = 0.62
    diffuse: float = 0.5
    gloss: float = 0.1
    contour: float = 0.4
    mesh: float = 0.1
    rim: float = 0.5
    mixed: float = 0.35


@dataclass(frozen=True, eq=False)
class Terrain:
    """What of a surface stays the same however it is looked at.

    Parameters
    ----------
    extent
        ``(s_min, s_max, t_min, t_max)``.
    heights
        Shape ``(side, side)``: 0 for `low` to 1 for `high`; NaN where the cost is.
    low, high
        Costs at the bottom and at the top; what costs less or more is drawn as high as they are.
    cut
        Whether anything costs more.
    log
        Heights by the logarithm of the cost.
    levels
        Heights of the contours, ascending.
    """

    extent: Extent
    heights: Heights
    low: float
    high: float
    cut: bool
    log: bool
    levels: Vector

    def heights_of(self, costs: Vector) -> Vector:
        """Heights of costs, 0 to 1."""
        return _heights(costs, self.low, self.high, log=self.log)

    def on_grid(self, points: Matrix) -> Matrix:
        """Columns and rows, as fractions, of points ``(n, 2)`` of the plane."""
        s0, s1, t0, t1 = self.extent
        last = len(self.heights) - 1
        return np.ascontiguousarray((points - (s0, t0)) * (last / (s1 - s0), last / (t1 - t0)), dtype=np.float64)

    def open_side(self) -> float:
        """An azimuth from which the surface is seen well: it falls towards the viewer, and no edge is level."""
        if np.isnan(self.heights).all():
            return Camera.azimuth
        grid = np.linspace(-1.0, 1.0, len(self.heights))
        filled = np.where(np.isnan(self.heights), np.nanmean(self.heights), self.heights)
        down = -float((filled * grid[None, :]).mean()), -float((filled * grid[:, None]).mean())
        if math.hypot(*down) < 0.01:
            return Camera.azimuth
        towards = math.degrees(math.atan2(*down)) % 360.0
        offers = [quarter + turn for quarter in (0.0, 90.0, 180.0, 270.0) for turn in (30.0, 60.0)]
        return min(offers, key=lambda offer: abs((offer - towards + 180.0) % 360.0 - 180.0))


def terrain(values: Matrix, extent: Extent, levels: Vector, *, log: bool = False) -> Terrain:
    """Make heights of the costs of a surface.

    Parameters
    ----------
    values
        Shape ``(side, side)`` with a side of at least 2, rows along t. Infinite costs are cut off like very large ones,
        NaN is a hole.
    levels
        Costs at which there are contours.
    """
    finite = values[np.isfinite(values) & ((values > 0) if log else True)]
    low, high = _ends(finite, log=log) if finite.size else (1.0, 1.0)
    cut = bool((values > high).any())
    lines = _heights(np.asarray(levels, dtype=np.float64), low, high, log=log)
    lines = np.unique(lines[(lines > 1e-4) & (lines < 1 - 1e-4)])
    heights = np.ascontiguousarray(_heights(values, low, high, log=log), dtype=np.float32)
    return Terrain(extent, heights, low, high, cut, log, lines)


def _ends(costs: Vector, *, log: bool) -> tuple[float, float]:
    """Costs at the bottom and at the top of a relief of these, which are finite and, for a logarithm, positive."""
    low, most = float(costs.min()), float(costs.max())
    deep, quantile = (float(each) for each in np.quantile(costs, [1 - _QUANTILE, _QUANTILE]))
    if log:
        # a minimum of zero has no bottom
        low = max(low, _DEPTH * deep)
        high = min(most, quantile * (quantile / low) ** _ABOVE)
    else:
        high = min(most, quantile + _ABOVE * (quantile - low))
    return low, (high if high > low else most)


def colours_by_height(shown: Terrain, levels: Vector, table: Colours) -> Colours:
    """256 colours from the lowest height to the highest: those that `contours.draw` gives these costs.

    Between two levels it has one colour; here each is that of the middle, and they run into each other.

    Parameters
    ----------
    levels
        Costs, ascending, as in `Contours`.
    table
        256 colours, by the bands of `Contours`.
    """
    heights = shown.heights_of(np.concatenate([[shown.low], levels, [shown.high]]))
    bands = np.interp(np.linspace(0, 1, 256), (heights[1:] + heights[:-1]) / 2, band_colours(len(levels)))
    return table[bands.round().astype(np.int64)]


def _heights(costs: NDArray[np.float64], low: float, high: float, *, log: bool) -> NDArray[np.float64]:
    if not high > low:
        return np.where(np.isnan(costs), np.nan, 0.0)
    costs = np.clip(costs, low, high)
    if log:
        return np.asarray((np.log(costs) - math.log(low)) / (math.log(high) - math.log(low)))
    # halves, because the difference of two large numbers may be too large for a number
    return np.asarray((costs / 2 - low / 2) / (high / 2 - low / 2))


@dataclass(frozen=True, eq=False)
class Relief:
    """A picture of a terrain, and how its points are projected.

    Parameters
    ----------
    image
        Shape ``(height, width)``, uint32 ``0xAARRGGBB``, premultiplied.
    depth
        Distance of what each pixel shows along the line of sight, float32; infinite where nothing is.
    """

    terrain: Terrain
    camera: Camera
    image: Colours
    depth: Heights
    view: Vector

    def project(self, points: Matrix) -> Matrix:
        """Pixel x, pixel y and distance of points ``(n, 3)`` with coordinates s, t and a cost; NaN behind the viewer.

        A cost of NaN stands for that of the surface there; outside the extent there is none.
        """
        heights = self.terrain.heights_of(points[:, 2])
        placed = np.column_stack([self.terrain.on_grid(points[:, :2]), heights])
        return self._place(placed, 0.0)

    def place(self, points: Matrix) -> Matrix:
        """The same for points ``(n, 2)`` that lie on the surface, a hair above it."""
        grid = np.column_stack([self.terrain.on_grid(points), np.full(len(points), np.nan)])
        return self._place(grid, _LIFT)

    def foot(self, points: Matrix) -> Matrix:
        """The same for points ``(n, 2)`` at the lower end of the walls."""
        return self._place(np.column_stack([self.terrain.on_grid(points), np.full(len(points), _BASE)]), 0.0)

    def _place(self, grid: Matrix, lift: float) -> Matrix:
        out = np.empty((len(grid), 3))
        _kernels().place_points(self.view, self.terrain.heights, np.ascontiguousarray(grid), lift, out)
        return out

    def visible(self, placed: Matrix) -> NDArray[np.bool_]:
        """Whether the surface hides none of these points, as `project` and `place` give them."""
        out = np.zeros(len(placed), dtype=np.uint8)
        _kernels().hide(self.depth, np.ascontiguousarray(placed), out)
        return np.asarray(out == 0)

    def draw(
        self,
        image: Colours,
        points: Matrix,
        core: int,
        *,
        width: float,
        casing: int = 0,
        rim: float = 0.0,
        strength: float = 1.0,
        faint: float = 0.3,
    ) -> None:
        """Draw a path over the surface into a copy of the picture; where the surface hides it, faintly.

        Parameters
        ----------
        points
            Coordinates s and t, shape ``(n, 2)``; it is broken where it leaves the extent.
        core, casing
            Colours; `rim` is what the casing adds on each side.
        width, rim
            In pixels.
        strength, faint
            How opaque it is, and by what factor less where it is hidden.
        """
        Stroke(self, width, rim).draw(image, points, core, casing=casing, strength=strength, faint=faint)


class Stroke:
    """A path over a relief that grows at its end: what was laid of it before is not laid again.

    Parameters
    ----------
    relief
        On which it lies.
    width, rim
        As in `Relief.draw`.
    """

    def __init__(self, relief: Relief, width: float, rim: float = 0.0) -> None:
        self._relief, self._half, self._rim = relief, 0.5 * width, float(rim)
        self._points: Matrix = np.empty((0, 2))
        self._noted: Noted | None = None  #: of `_points`

    def draw(
        self,
        image: Colours,
        points: Matrix,
        core: int,
        *,
        casing: int = 0,
        strength: float = 1.0,
        faint: float = 0.3,
        loose: int = 0,
    ) -> None:
        """Draw the path through `points`, of which the last `loose` may be others the next time; as `Relief.draw`."""
        noted = self._follow(points, loose)
        _kernels().ink(
            image, *noted, np.uint32(core), np.uint32(casing), self._half, self._rim, float(strength), float(faint)
        )

    def _follow(self, points: Matrix, loose: int) -> Noted:
        """Note the points that have come since, and give what is noted of all."""
        known, kept = len(self._points), max(0, len(points) - loose)
        if self._noted is None or known > kept or not np.array_equal(self._points, points[:known], equal_nan=True):
            known, self._noted = 0, self._nothing()
        self._note(points[max(0, known - 1) : kept], self._noted)
        self._points = points[:kept]
        if not loose:
            return self._noted
        apart, hidden, box = self._noted
        with_ends = apart.copy(), hidden.copy(), box.copy()
        self._note(points[max(0, kept - 1) :], with_ends)
        return with_ends

    def _nothing(self) -> Noted:
        shape, reach = self._relief.depth.shape, self._half + self._rim + 0.5
        apart = np.full(shape, reach * reach, dtype=np.float32)
        return apart, np.zeros(shape, dtype=np.uint8), np.array([shape[1], shape[0], -1, -1])

    def _note(self, points: Matrix, noted: Noted) -> None:
        relief = self._relief
        _kernels().drape(
            relief.view, relief.terrain.heights, relief.terrain.on_grid(points), _LIFT, relief.depth, self._half,
            self._rim, *noted,
        )  # fmt: skip


def render(
    shown: Terrain, colours: Colours, palette: Palette, camera: Camera, size: tuple[int, int], *, samples: int = 1
) -> Relief:
    """Draw a terrain.

    Parameters
    ----------
    colours
        256, uint32, from the lowest height to the highest.
    size
        Width and height in pixels.
    samples
        Samples of a pixel along each side: 2 for smooth edges, 1 while it is being turned.
    """
    kernels = _kernels()
    width, height = size
    view = _view(camera, width * samples, height * samples)
    look = np.array(
        [palette.ambient, palette.diffuse, palette.gloss, palette.contour, palette.mesh, palette.rim, palette.mixed]
    )
    inks = np.array([palette.ink, palette.border, palette.wall, palette.shade], dtype=np.uint32)
    shape = (height * samples, width * samples)
    nears, columns, rows = (np.empty(shape, dtype=np.float32) for _ in range(3))
    kernels.fill(view, shown.heights, nears, columns, rows)
    lit = np.empty((*shown.heights.shape, 2), dtype=np.float32)
    kernels.light(view, shown.heights, look, lit)
    cells = np.empty((len(lit) - 1, len(lit) - 1, 4), dtype=np.float32)
    kernels.grain(view, shown.heights, cells)
    image, depth = np.empty((height, width), dtype=np.uint32), np.empty((height, width), dtype=np.float32)
    mesh = max(1.0, (len(shown.heights) - 1) / _MESH)
    kernels.colour(
        view, shown.heights, lit, cells, look, nears, columns, rows, colours, inks, _nearest(shown.levels), mesh,
        np.uint32(palette.ground), image, depth,
    )  # fmt: skip
    return Relief(shown, camera, image, depth, _view(camera, width, height))


def prepare() -> None:
    """Load the machine code, or compile it, which takes seconds: not for the thread of the window."""
    if is_prepared():
        return
    flat = terrain(np.array([[0.0, 1.0], [1.0, 2.0]]), (0.0, 1.0, 0.0, 1.0), np.array([0.5]))
    drawn = render(flat, np.zeros(256, dtype=np.uint32), Palette(0, 0, 0, 0, 0), Camera(), (8, 8))
    points = np.zeros((2, 2))
    drawn.draw(drawn.image, points, 0, width=1.0)
    drawn.visible(drawn.place(points))


def is_prepared() -> bool:
    """Whether this process has the machine code."""
    kernels = sys.modules.get("ann_studio.analysis.kernels.relief")
    return kernels is not None and bool(kernels.hide.signatures)


def _kernels() -> ModuleType:
    from ann_studio.analysis.kernels import relief

    return relief


def _nearest(levels: Vector) -> Heights:
    """For each of many heights the nearest level, and how far that is from its neighbours."""
    if not len(levels):
        return np.tile(np.array([-1e6, 1e6], dtype=np.float32), (2, 1))
    at = np.linspace(0.0, 1.0, _STEPS + 1)
    middles = (levels[1:] + levels[:-1]) / 2
    gaps = np.diff(levels, prepend=-1e6, append=1e6)
    nearest = np.searchsorted(middles, at)
    return np.column_stack([levels, np.minimum(gaps[1:], gaps[:-1])])[nearest].astype(np.float32)


def _view(camera: Camera, width: int, height: int) -> Vector:
    """The numbers that the kernels know the camera by."""
    azimuth, elevation = math.radians(camera.azimuth), math.radians(camera.elevation)
    sin_a, cos_a, sin_e, cos_e = math.sin(azimuth), math.cos(azimuth), math.sin(elevation), math.cos(elevation)
    right, up = (-cos_a, sin_a, 0.0), (-sin_a * sin_e, -cos_a * sin_e, cos_e)
    towards = (sin_a * cos_e, cos_a * cos_e, sin_e)
    lamp, above = azimuth + math.radians(camera.light_azimuth), math.radians(camera.light_elevation)
    light = np.array([math.sin(lamp) * math.cos(above), math.cos(lamp) * math.cos(above), math.sin(above)])
    between = light + towards
    between /= max(float(np.linalg.norm(between)), 1e-9)
    tall = _TALL * camera.height
    top, bottom, across = _bounds(tall, sin_e, cos_e)
    focal = min(width * (0.5 - _SIDES) / across, height * (1 - 2 * _ENDS) / (top - bottom))
    middle_x = width / 2 + camera.shift[0] * height
    middle_y = height / 2 + camera.shift[1] * height + camera.zoom * focal * (top + bottom) / 2
    return np.array(
        [*right, *up, *towards, *light, *between, _DISTANCE, camera.zoom * focal, middle_x, middle_y, tall, _BASE]
    )


def _bounds(tall: float, sin_e: float, cos_e: float) -> tuple[float, float, float]:
    """How far up, down and sideways the relief reaches in a picture of focal length 1, however it is turned."""
    ups, sides = [], []
    for out in (-math.sqrt(2.0), math.sqrt(2.0)):
        for z in (_BASE * tall - tall / 2, tall / 2):
            ups.append((z * cos_e - out * sin_e) / (_DISTANCE - out * cos_e - z * sin_e))
    for z in (-tall / 2, tall / 2):
        # of the circle through the corners, the point that is seen outermost
        near = (_DISTANCE - z * sin_e) / (math.sqrt(2.0) * max(cos_e, 1e-9))
        sides.append(math.sqrt(2.0) / (_DISTANCE - z * sin_e) / math.sqrt(max(1e-9, 1 - 1 / near**2)))
    return max(ups), min(ups), max(sides)
