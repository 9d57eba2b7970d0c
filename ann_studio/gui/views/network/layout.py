"""Where things stand in the network graph: a pure function of architecture and size, without any painting."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.nn.architecture import Architecture

Array = NDArray[np.float64]

HEADER, LEGEND = 34, 40  #: room above and below the neurons, in pixels
_TILE, _OUTPUT_TILE = 50.0, 80.0
_LEAST_PITCH = 5.0
_BAR_ROOM = 14.0  #: below a tile, for the bar of its bias
_BARS_BELOW_FROM = 46.0  #: units that stand this far apart have their bars below, closer ones inside the tile
_BARS_FROM = 16.0  #: smaller tiles have none
_CURVE_SAMPLES = 15


@dataclass(frozen=True)
class Column:
    """One layer of the graph.

    Parameters
    ----------
    x
        Centre of the tiles.
    y
        Centres of the units that are shown, top to bottom.
    tile
        Side of a tile.
    units
        Units of the layer; more than ``len(y)`` where there is no room for all.
    """

    x: float
    y: Array
    tile: float
    units: int

    @property
    def shown(self) -> int:
        """How many of the units are drawn: the first ones."""
        return len(self.y)

    @property
    def has_bars(self) -> bool:
        """Whether the tiles are large enough for bias bars."""
        return self.tile >= _BARS_FROM

    @property
    def bars_inside(self) -> bool:
        """Whether the bars lie on the lower edge of the tiles, for want of room below."""
        return self.shown > 1 and float(self.y[1] - self.y[0]) < _BARS_BELOW_FROM


@dataclass(frozen=True, eq=False)
class Layout:
    """The whole graph.

    Parameters
    ----------
    columns
        One a layer, input first.
    layer, source, target, index
        The edges between shown units: layer after the input (0 = first), units, and position in ``theta``.
    ends
        ``(edges, 4)``: x and y where the edge leaves the source and where it meets the target.
    """

    columns: tuple[Column, ...]
    layer: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    index: NDArray[np.int64]
    ends: Array

    def controls(self) -> Array:
        """``(edges, 8)``: the four points of each cubic curve, control points at 45 % of the gap."""
        x0, y0, x1, y1 = self.ends.T
        reach = 0.45 * (x1 - x0)
        return np.stack([x0, y0, x0 + reach, y0, x1 - reach, y1, x1, y1], axis=1)

    def samples(self) -> Array:
        """``(edges, points, 2)``: points along each curve, to find the one under the mouse."""
        t = np.linspace(0, 1, _CURVE_SAMPLES)[None, :, None]
        points = self.controls().reshape(-1, 4, 1, 2)
        return (
            (1 - t) ** 3 * points[:, 0]
            + 3 * (1 - t) ** 2 * t * points[:, 1]
            + 3 * (1 - t) * t**2 * points[:, 2]
            + t**3 * points[:, 3]
        )


def lay_out(architecture: Architecture, width: float, height: float, left: float = 72, right: float = 60) -> Layout:
    """Lay out a network in a picture of `width` × `height` pixels, with room for names at the sides."""
    sizes = architecture.sizes
    room = max(height - HEADER - LEGEND, 60.0)
    gap_limit = (width - left - right) / max(len(sizes) - 1, 1)
    columns = []
    for position, units in enumerate(sizes):
        largest = _OUTPUT_TILE if position == len(sizes) - 1 and units <= 2 else _TILE
        columns.append(_column(units, min(largest, max(8.0, 0.62 * gap_limit)), room))
    first = left + columns[0].tile / 2
    last = width - right - columns[-1].tile / 2
    placed = []
    for position, column in enumerate(columns):
        x = first + (last - first) * position / max(len(columns) - 1, 1)
        placed.append(Column(_whole(x, column.tile), column.y + HEADER, column.tile, column.units))
    return _with_edges(architecture, tuple(placed))


def _column(units: int, largest: float, room: float) -> Column:
    """A layer in whole pixels, so that its tiles are sharp and equally far apart."""
    shown = min(units, int((room - 18 * (units * _LEAST_PITCH > room)) // _LEAST_PITCH))
    usable = room - (18 if shown < units else 0)
    pitch = math.floor(min(usable / shown, largest + 16 + 12))
    bars = _BAR_ROOM if pitch >= _BARS_BELOW_FROM else 0.0
    tile = math.floor(min(largest, max(4.0, pitch - bars - max(min(3.0, 0.25 * pitch), 0.08 * pitch))))
    height = pitch * (shown - 1)
    top = _whole((usable - height) / 2 - (5 if bars else 0), tile)
    return Column(0.0, np.asarray(top + pitch * np.arange(shown), dtype=np.float64), float(tile), units)


def _whole(centre: float, tile: float) -> float:
    """The nearest centre of a tile whose edges lie between pixels."""
    return round(centre - tile / 2) + tile / 2


def _with_edges(architecture: Architecture, columns: tuple[Column, ...]) -> Layout:
    parts: list[list[NDArray[np.generic]]] = [[], [], [], [], []]
    for layer in range(architecture.layers):
        a, b = columns[layer], columns[layer + 1]
        source, target = np.tile(np.arange(a.shown), b.shown), np.repeat(np.arange(b.shown), a.shown)
        n_in = architecture.sizes[layer]
        fan = ((source + 0.5) / a.shown - 0.5) * min(0.72 * b.tile, 4.0 * a.shown)
        ends = np.stack(
            [
                np.full(len(source), a.x + a.tile / 2),
                a.y[source],
                np.full(len(source), b.x - b.tile / 2),
                b.y[target] + fan,
            ],
            axis=1,
        )
        index = architecture.offset(layer) + target * n_in + source
        for part, values in zip(parts, (np.full(len(source), layer), source, target, index, ends), strict=True):
            part.append(values)
    layer_, source_, target_, index_, ends_ = (np.concatenate(part) for part in parts)
    return Layout(
        columns,
        layer_.astype(np.int64),
        source_.astype(np.int64),
        target_.astype(np.int64),
        index_.astype(np.int64),
        ends_.astype(np.float64),
    )
