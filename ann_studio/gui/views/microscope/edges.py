"""The edges as pictures, one for each gap between two layers: kept through the phases of an update."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ann_studio.gui.painting import layer, painting
from ann_studio.gui.theme import Theme, mix
from ann_studio.gui.views.microscope.curves import Curve
from ann_studio.gui.views.microscope.scene import EdgeItem, Scene

Key = tuple[object, ...]


def widest(edges: int) -> float:
    """Pen width of the largest weight, by the number of edges."""
    return 6.0 if edges <= 24 else 4.0 if edges <= 96 else 2.5


def pen_of(item: EdgeItem, scene: Scene, theme: Theme, *, quiet: bool) -> QPen:
    """Width and colour by |w|, dashes for a negative weight."""
    size = abs(item.weight)
    share = min(size / scene.w_ref, 1.0) if scene.w_ref > 0 and math.isfinite(size) else 0.0
    hue = theme.negative if item.weight < 0 else theme.positive
    strength = (0.5 + 0.5 * share**0.6) * (0.45 if quiet else 1.0)
    width = 0.75 + (widest(len(scene.edges)) - 0.75) * share**0.8
    pen = QPen(mix(theme.card, hue, strength), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if item.weight < 0:
        pen.setDashPattern([max(7.0, 1.7 * width) / width, max(4.0, 0.8 * width) / width])
    return pen


class EdgePainter:
    """Paints the gaps, each loud or quiet, and keeps the pictures."""

    def __init__(self) -> None:
        self._kept: dict[Key, QImage] = {}
        self._of: tuple[object, ...] = ()

    def paint(
        self, painter: QPainter, scene: Scene, curves: dict[int, Curve], theme: Theme, size: QSize, chosen: int | None
    ) -> None:
        """Edges from thin to thick; where some have just been computed, the others stand back."""
        ratio = painter.device().devicePixelRatio()
        of = (theme.name, size.width(), size.height(), ratio, tuple(sorted(curves)))
        if self._of != of or len(self._kept) > 24:
            self._of, self._kept = of, {}
        some = any(item.now for item in scene.edges)
        gaps: dict[int, list[EdgeItem]] = {}
        for item in scene.edges:
            gaps.setdefault(item.point.layer, []).append(item)
        for gap, items in gaps.items():
            quiet = some and not any(item.now for item in items)
            ways = [curves[item.index] for item in items]
            key = (gap, quiet, scene.w_ref, tuple(item.weight for item in items), tuple(ways))
            image = self._kept.get(key)
            low = math.floor(ways[0].x0) - 1
            if image is None:
                high = math.ceil(ways[0].x1) + 1
                image = self._kept[key] = layer(QSize(high - low, size.height()), ratio)
                with painting(image) as inner:
                    inner.translate(-low, 0)
                    _paint(inner, items, scene, curves, theme, quiet=quiet)
            painter.drawImage(low, 0, image)
            for item in items:
                if item.index == chosen:
                    _paint_chosen(painter, item, scene, curves, theme)


def _paint(
    painter: QPainter, items: list[EdgeItem], scene: Scene, curves: dict[int, Curve], theme: Theme, *, quiet: bool
) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for item in sorted(items, key=lambda item: abs(item.weight) if math.isfinite(item.weight) else 0.0):
        if item.weight != 0:
            painter.setPen(pen_of(item, scene, theme, quiet=quiet))
            painter.drawPath(curves[item.index].path)


def _paint_chosen(painter: QPainter, item: EdgeItem, scene: Scene, curves: dict[int, Curve], theme: Theme) -> None:
    """The selected edge in a double halo."""
    pen, path = pen_of(item, scene, theme, quiet=False), curves[item.index].path
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, more in ((theme.accent, 7.0), (theme.card, 3.5)):
        painter.setPen(QPen(QColor(colour), pen.widthF() + more))
        painter.drawPath(path)
    painter.setPen(pen)
    painter.drawPath(path)
