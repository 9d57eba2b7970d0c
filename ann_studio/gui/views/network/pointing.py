"""What lies under the mouse, and where the arrow keys lead: pure functions of the layout, without any painting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.views.network.layout import HEADER, Layout

Array = NDArray[np.float64]

_REACH = 6.0  #: pixels from a curve that still mean it
_NAME = 32.0  #: half of the width of a layer's name


def neuron_at(layout: Layout, x: float, y: float) -> NeuronPoint | None:
    """The neuron whose tile is at a position."""
    for layer, column in enumerate(layout.columns):
        if abs(x - column.x) <= column.tile / 2 + 2:
            unit = int(np.abs(column.y - y).argmin())
            if abs(float(column.y[unit]) - y) <= column.tile / 2 + 2:
                return NeuronPoint(layer, unit)
    return None


def name_at(layout: Layout, x: float, y: float) -> int | None:
    """The layer whose name is at a position; 0 is the input."""
    near = (k for k, column in enumerate(layout.columns) if y < HEADER - 4 and abs(x - column.x) <= _NAME)
    return next(near, None)


def edge_at(layout: Layout, samples: Array, drawn: NDArray[np.int64], x: float, y: float) -> WeightPoint | None:
    """The edge of `drawn` that passes nearest to a position; `samples` are those of the layout."""
    if not len(drawn):
        return None
    points, target = samples[drawn], np.array([x, y])
    start, step = points[:, :-1], np.diff(points, axis=1)
    along = ((target - start) * step).sum(axis=2) / np.maximum((step**2).sum(axis=2), 1e-12)
    nearest = start + np.clip(along, 0, 1)[..., None] * step
    distance = np.sqrt(((nearest - target) ** 2).sum(axis=2)).min(axis=1)
    best = int(distance.argmin())
    if distance[best] > _REACH:
        return None
    edge = int(drawn[best])
    return WeightPoint(int(layout.layer[edge]), int(layout.source[edge]), int(layout.target[edge]))


def edge_of(layout: Layout, point: Point) -> int | None:
    """Position of an edge in the layout; None for anything else and for edges of units that are not shown."""
    if not isinstance(point, WeightPoint):
        return None
    found = np.flatnonzero(
        (layout.layer == point.layer) & (layout.source == point.source) & (layout.target == point.target)
    )
    return int(found[0]) if len(found) else None


def is_shown(layout: Layout, point: Point) -> bool:
    """Whether a point lies in the picture."""
    if isinstance(point, NeuronPoint):
        return point.unit < layout.columns[point.layer].shown
    return edge_of(layout, point) is not None


def neighbour(layout: Layout, point: Point, across: int, down: int) -> NeuronPoint:
    """Where an arrow key leads: `across` layers (−1, 0, 1) or `down` units."""
    if isinstance(point, WeightPoint):
        start = NeuronPoint(point.layer + 1, point.target)
    else:
        start = point or NeuronPoint(0, -1 if down > 0 else 0)
    layer = min(max(start.layer + across, 0), len(layout.columns) - 1)
    column = layout.columns[layer]
    if layer == start.layer:
        unit = start.unit + down
    else:
        # It may be one of those that there is no room for.
        from_unit = min(max(start.unit, 0), layout.columns[start.layer].shown - 1)
        unit = int(np.abs(column.y - layout.columns[start.layer].y[from_unit]).argmin())
    return NeuronPoint(layer, min(max(unit, 0), column.shown - 1))


def next_incoming(layout: Layout, theta: Array, point: Point) -> WeightPoint | None:
    """The strongest edge into a neuron, or the next one after an edge; None at an input and where none is drawn."""
    if isinstance(point, WeightPoint):
        layer, target, source = point.layer, point.target, point.source
    elif point is not None and point.layer > 0:
        layer, target, source = point.layer - 1, point.unit, -1
    else:
        return None
    arriving = np.flatnonzero((layout.layer == layer) & (layout.target == target))
    if not len(arriving):
        return None
    order = arriving[np.argsort(-np.abs(theta[layout.index[arriving]]), kind="stable")]
    sources = layout.source[order].tolist()
    following = sources[(sources.index(source) + 1) % len(sources)] if source in sources else sources[0]
    return WeightPoint(layer, int(following), target)
