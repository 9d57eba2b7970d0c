"""The ways of the edges: cubic curves with their control points at 45 % of the gap, fanned out at both ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.views.microscope.layout import Layout
from ann_studio.gui.views.microscope.scene import Scene


@dataclass(frozen=True)
class Curve:
    """An edge from its source to its target."""

    x0: float
    y0: float
    x1: float
    y1: float
    path: QPainterPath = field(compare=False, repr=False)

    def at(self, t: float) -> tuple[float, float]:
        """The point at t, from 0 to 1."""
        reach, s = 0.45 * (self.x1 - self.x0), 1 - t
        a, b, c, d = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
        x = a * self.x0 + b * (self.x0 + reach) + c * (self.x1 - reach) + d * self.x1
        return x, (a + b) * self.y0 + (c + d) * self.y1


def curve(x0: float, y0: float, x1: float, y1: float) -> Curve:
    """The curve between two points."""
    path, reach = QPainterPath(QPointF(x0, y0)), 0.45 * (x1 - x0)
    path.cubicTo(x0 + reach, y0, x1 - reach, y1, x1, y1)
    return Curve(x0, y0, x1, y1, path)


class Curves:
    """The curves of a layout, kept as long as units stay in their places."""

    def __init__(self) -> None:
        self._of: tuple[Layout, dict[NeuronPoint, int]] | None = None
        self._kept: dict[WeightPoint, Curve] = {}

    def of(self, layout: Layout, scene: Scene) -> dict[int, Curve]:
        """The curve of each edge of a scene, by its entry of ``theta``."""
        slots = {item.point: item.slot for item in scene.neurons}
        if self._of is None or self._of[0] is not layout or self._of[1] != slots:
            self._of, self._kept = (layout, slots), {}
        found = {}
        for item in scene.edges:
            kept = self._kept.get(item.point)
            if kept is None:
                kept = self._kept[item.point] = _between(layout, slots, item.point)
            found[item.index] = kept
        return found


def _between(layout: Layout, slots: dict[NeuronPoint, int], edge: WeightPoint) -> Curve:
    a, b = layout.column(edge.layer), layout.column(edge.layer + 1)
    assert a is not None
    assert b is not None
    source, target = slots[NeuronPoint(edge.layer, edge.source)], slots[NeuronPoint(edge.layer + 1, edge.target)]
    start, end = a.rect(source), b.rect(target)
    y0 = start.center().y() + _fan(target, len(b.slots), start.height())
    y1 = end.center().y() + _fan(source, len(a.slots), end.height())
    return curve(start.right(), y0, end.left(), y1)


def _fan(rank: int, count: int, height: float) -> float:
    return ((rank + 0.5) / count - 0.5) * min(0.5 * height, 14.0 * count)
