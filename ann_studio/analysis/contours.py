"""Contours of a surface: levels that can be read, bands between them, and the lines that part the bands."""

from __future__ import annotations

import math
from dataclasses import dataclass

import contourpy
import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.planes import nice_step
from ann_studio.analysis.surface import Surface
from ann_studio.nn import kernels

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Lines of a picture, at most.
LEVELS = 14
#: How much the levels keep to equal distances, so that plains are not full of lines; the rest, to equal areas between
#: them, smaller ones lower down.
_EVEN, _LOWER = 0.3, 1.35
#: What is larger is not told from infinity.
_HUGE = 1e300
#: Equal distances leave out the highest part of the surface, which may be a wall, and what is more than so many times
#: as high as the middle, but go up to this share of it at least.
_WALL, _TIMES, _AT_LEAST = 0.97, 3.0, 1e-4
#: Coarser grids are made finer, smoothly, until they have about so many points along each side.
_FINE = 200


@dataclass(frozen=True, eq=False)
class Contours:
    """A picture of a surface.

    Parameters
    ----------
    levels
        Costs at which there is a line, ascending: readable numbers.
    bands
        Shape ``(height, width)``, uint8: 0 to 255 from the lowest to the highest cost, the same between two levels.
        Row 0 is the top (largest t).
    lines
        For each line its level and its points ``(n, 2)`` in the coordinates of the plane.
    low, high
        Least and greatest finite cost of the surface.
    """

    levels: NDArray[np.float64]
    bands: NDArray[np.uint8]
    lines: tuple[tuple[float, NDArray[np.float64]], ...]
    low: float
    high: float


def draw(surface: Surface, size: tuple[int, int], log: bool = False) -> Contours:
    """A picture of a surface.

    Between the points of the grid the cost is interpolated smoothly (Catmull–Rom), then bands and lines are taken of
    the same values. Levels lie where about equal areas are between them, less dense on plains and denser in basins;
    what is not finite counts as higher than all levels.

    Parameters
    ----------
    size
        Width and height in pixels.
    log
        Levels by the logarithm of the cost, where it is positive all over the surface; else of its height above the
        lowest.
    """
    values = surface.values
    finite = values[np.abs(values) < _HUGE]
    width, height = size
    if not len(finite):
        return Contours(np.empty(0), np.full((height, width), 255, np.uint8), (), math.nan, math.nan)
    low, high = float(finite.min()), float(finite.max())
    levels = readable_levels(finite, log)
    if not len(levels):
        return Contours(levels, np.zeros((height, width), np.uint8), (), low, high)
    fine = _smooth(_without_walls(values, low, levels), -(-_FINE // (surface.side - 1)))
    bands = np.empty((height, width), np.uint8)
    kernels.paint_bands(fine, levels, band_colours(len(levels)), bands)
    return Contours(levels, bands, _lines(surface, fine, levels), low, high)


def band_colours(levels: int) -> NDArray[np.uint8]:
    """What `Contours.bands` has below, between and above so many levels: one more, from 0 to 255."""
    return np.linspace(0, 255, levels + 1).round().astype(np.uint8)


def readable_levels(costs: Vector, log: bool = False) -> Vector:
    """At most `LEVELS` readable numbers strictly between the lowest and the highest of some finite costs, ascending."""
    low, high = float(costs.min()), float(costs.max())
    if not high - low > max(1e-12 * max(abs(low), abs(high)), 1 / _HUGE):
        return np.empty(0)
    shares = np.arange(1, LEVELS + 1) / (LEVELS + 1)
    *parts, middle, top = np.quantile(costs, [*shares**_LOWER, 0.5, _WALL])
    quantiles = np.array(parts)
    top = top if top > low else high
    if log:
        zero = 0.0 if low > 0 else low - 1e-3 * (top - low)
        wanted = np.exp(_spread(shares, math.log(low - zero), math.log(top - zero), np.log(quantiles - zero))) + zero
    else:
        top = min(top, low + max(_TIMES * (middle - low), _AT_LEAST * (top - low)))
        wanted = _spread(shares, low, top, quantiles)
    gaps = np.diff(wanted, prepend=low)
    gaps = np.minimum(gaps, np.append(gaps[1:], math.inf))
    rounded = [_readable(level, gap) for level, gap in zip(wanted, gaps, strict=True) if gap > 0]
    levels = np.unique(rounded)
    return levels[(levels > low) & (levels < high)]


def _spread(shares: Vector, low: float, high: float, quantiles: Vector) -> Vector:
    """Between equal distances and equal areas."""
    return np.asarray(_EVEN * (low + shares * (high - low)) + (1 - _EVEN) * quantiles)


def _readable(level: float, gap: float) -> float:
    """The number with fewest digits near a level, by less than half a gap."""
    step = nice_step(gap)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return round(round(level / step) * step, digits)


def _without_walls(values: Matrix, low: float, levels: Vector) -> Matrix:
    """The values, cut off a little above the highest level, so that walls throw no ripples."""
    ceiling = float(levels[-1] + 2 * (levels[-1] - (levels[-2] if len(levels) > 1 else low)))
    return np.clip(np.where(np.isnan(values), ceiling, values), low, ceiling)


def _smooth(values: Matrix, times: int) -> Matrix:
    """A grid `times` as fine, through the same points (Catmull and Rom 1974)."""
    if times <= 1:
        return np.ascontiguousarray(values)
    return np.ascontiguousarray(_refined(_refined(values, times).T, times).T)


def _refined(values: Matrix, times: int) -> Matrix:
    """`times` as many rows, between the first and the last."""
    # beyond the ends it goes on straight
    first, last = 2 * values[:1] - values[1:2], 2 * values[-1:] - values[-2:-1]
    before, left, right, after = (np.concatenate([first, values, last])[k : k + len(values) - 1] for k in range(4))
    out = np.empty(((len(values) - 1) * times + 1, values.shape[1]))
    for part in range(times):
        x = part / times
        out[part:-1:times] = left + 0.5 * x * (
            right - before + x * (2 * before - 5 * left + 4 * right - after + x * (3 * (left - right) + after - before))
        )
    out[-1] = values[-1]
    return out


def _lines(surface: Surface, fine: Matrix, levels: Vector) -> tuple[tuple[float, Matrix], ...]:
    s_min, s_max, t_min, t_max = surface.extent
    x, y = np.linspace(s_min, s_max, fine.shape[1]), np.linspace(t_min, t_max, fine.shape[0])
    generator = contourpy.contour_generator(x, y, fine, line_type=contourpy.LineType.Separate)
    return tuple((float(level), np.asarray(line)) for level in levels for line in generator.lines(level))
