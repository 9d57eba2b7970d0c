"""Which edge lies under the mouse, and where the arrow keys lead: without any painting."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF

from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.views.microscope.curves import Curve
from ann_studio.gui.views.microscope.scene import Scene

_REACH = 6.0  #: pixels from a curve that still mean it
_SAMPLES = 24


def edge_at(curves: dict[int, Curve], position: QPointF) -> int | None:
    """The entry of ``theta`` whose curve passes nearest to a position; None if none is near."""
    best, found = _REACH, None
    for index, curve in curves.items():
        low, high = sorted((curve.y0, curve.y1))
        if not (curve.x0 <= position.x() <= curve.x1 and low - _REACH <= position.y() <= high + _REACH):
            continue
        distance = _distance(curve, position)
        if distance < best:
            best, found = distance, index
    return found


def _distance(curve: Curve, position: QPointF) -> float:
    points = [QPointF(*curve.at(k / _SAMPLES)) for k in range(_SAMPLES + 1)]
    return min(_to_segment(position, a, b) for a, b in pairwise(points))


def _to_segment(p: QPointF, a: QPointF, b: QPointF) -> float:
    step = b - a
    length = QPointF.dotProduct(step, step)
    share = min(max(QPointF.dotProduct(p - a, step) / length, 0.0), 1.0) if length else 0.0
    away = p - (a + step * share)
    return float(QPointF.dotProduct(away, away) ** 0.5)


def neighbour(scene: Scene, point: Point, across: int, down: int) -> NeuronPoint:
    """Where an arrow key leads among the neurons that are drawn: `across` layers (−1, 0, 1) or `down` units."""
    layers: dict[int, list[int]] = {}
    for item in scene.neurons:
        layers.setdefault(item.point.layer, []).append(item.point.unit)
    order = sorted(layers)
    if isinstance(point, WeightPoint):
        point = NeuronPoint(point.layer + 1, point.target)
    if point is None or point.layer not in layers or point.unit not in layers[point.layer]:
        return NeuronPoint(order[0], layers[order[0]][0])
    place = layers[point.layer].index(point.unit)
    at = min(max(order.index(point.layer) + across, 0), len(order) - 1)
    units = layers[order[at]]
    if order[at] != point.layer:
        place = round((place + 0.5) / len(layers[point.layer]) * len(units) - 0.5)
    return NeuronPoint(order[at], units[min(max(place + down, 0), len(units) - 1)])


def next_incoming(scene: Scene, point: Point) -> WeightPoint | None:
    """The strongest edge into a neuron, or the next one after an edge; None at an input and where none is drawn."""
    if isinstance(point, WeightPoint):
        layer, target = point.layer, point.target
    elif point is not None and point.layer > 0:
        layer, target = point.layer - 1, point.unit
    else:
        return None
    arriving = [item for item in scene.edges if (item.point.layer, item.point.target) == (layer, target)]
    order = [item.point for item in sorted(arriving, key=lambda item: -abs(item.weight))]
    if not order:
        return None
    return order[(order.index(point) + 1) % len(order)] if point in order else order[0]
