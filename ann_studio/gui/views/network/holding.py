"""What training does not move, as a picture: dotted connections, locks, faint neurons; and weights that are just 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ann_studio.gui.painting import layer, painting
from ann_studio.gui.points import NeuronPoint
from ann_studio.gui.theme import Theme, mix
from ann_studio.gui.views.network import edges
from ann_studio.gui.views.network.layout import Layout
from ann_studio.gui.views.network.neurons import bar_of, radius, tile_rect
from ann_studio.gui.views.network.points import Held
from ann_studio.learning.state import Positions
from ann_studio.nn.architecture import Architecture, views

Array = NDArray[np.float64]
Edges = NDArray[np.int64]

#: Deleted connections and locks that are drawn, at most.
MOST_DELETED, MOST_LOCKS = 400, 300
#: Layers that stand nearer to each other, in pixels, have no room for locks.
_LOCKS_FROM = 64.0
_LOCK = QSize(13, 15)
#: Which of the points along an edge bears its lock: not the 7th, at which the leader of the pill ends.
_LOCK_AT = 4


def dotted(colour: QColor, width: float = 1.4) -> QPen:
    """The pen of deleted connections."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([1.6, 3.2])
    return pen


class Holding:
    """What is held of one network in one layout, found once and kept until something else is held.

    Parameters
    ----------
    held
        Positions in ``theta``.
    """

    def __init__(self, architecture: Architecture, layout: Layout, held: Held) -> None:
        self.held = held
        self._is_deleted = np.isin(layout.index, held.pruned)
        self.deleted: Edges = np.flatnonzero(self._is_deleted)[:MOST_DELETED]
        room = layout.columns[1].x - layout.columns[0].x >= _LOCKS_FROM
        self.locked: Edges = np.flatnonzero(np.isin(layout.index, held.frozen) & room)[:MOST_LOCKS]
        self.faint = [point for point in without_connections(architecture, held.pruned) if _is_shown(layout, point)]
        self._layout = layout
        self._biases = [
            NeuronPoint(number + 1, unit)
            for number, column in enumerate(layout.columns[1:])
            if column.has_bars and room
            for unit in range(column.shown)
            if architecture.bias_index(number, unit) in held.frozen
        ][:MOST_LOCKS]

    def is_deleted(self, edge: int) -> bool:
        """Whether an edge of the layout is a deleted connection."""
        return bool(self._is_deleted[edge])

    def zeros(self, theta: Array) -> Edges:
        """Edges whose weight is 0 although nobody deleted them; none where there are too many edges for curves."""
        index = self._layout.index
        if len(index) > edges.CURVES:
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero((theta[index] == 0) & ~self._is_deleted)

    def paint_deleted(self, painter: QPainter, lines: edges.EdgePainter, theme: Theme) -> None:
        """Paint deleted connections as faint dotted lines."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(dotted(mix(theme.card, theme.text_3, 0.75)))
        for edge in self.deleted.tolist():
            painter.drawPath(lines.path(edge))

    def paint_zeros(self, painter: QPainter, lines: edges.EdgePainter, theta: Array, theme: Theme) -> None:
        """Paint weights that are just 0 as the thinnest lines there are, of neither sign."""
        zeros = self.zeros(theta).tolist()
        if not zeros:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        pen = QPen(mix(theme.card, theme.text_3, 0.6), edges.width_of(0.0, 8.0))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines([line for edge in zeros for line in lines.lines(edge, pen, negative=False)])

    def paint_neurons(self, painter: QPainter, samples: Array, theme: Theme, ratio: float) -> None:
        """Paint over neurons without connections, and locks on what is frozen."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        veil = QColor(theme.card)
        veil.setAlpha(185)
        for point in self.faint:
            column = self._layout.columns[point.layer]
            rect = tile_rect(column, point.unit).adjusted(-1, -1, 1, 1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(veil)
            painter.drawRoundedRect(rect, radius(column), radius(column))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(dotted(QColor(theme.text_3)))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius(column), radius(column))
        if not len(self.locked) and not self._biases:
            return
        image = _lock(theme, ratio)
        middle = QPointF(_LOCK.width() / 2, _LOCK.height() / 2)
        for edge in self.locked.tolist():
            painter.drawImage(QPointF(*samples[edge, _LOCK_AT].tolist()) - middle, image)
        for point in self._biases:
            x, y, half = bar_of(self._layout.columns[point.layer], point.unit)
            painter.drawImage(QPointF(x - half - 8, y) - middle, image)


def without_connections(architecture: Architecture, pruned: Positions) -> list[NeuronPoint]:
    """Neurons all of whose connections were deleted."""
    if not len(pruned):
        return []
    left = np.ones(architecture.parameters)
    left[pruned] = 0.0
    weights = [w > 0 for w, _ in views(architecture, left)]
    alone = []
    for number, units in enumerate(architecture.sizes):
        connected = np.zeros(units, dtype=np.bool_)
        if number > 0:
            connected |= weights[number - 1].any(axis=0)
        if number < architecture.layers:
            connected |= weights[number].any(axis=1)
        alone += [NeuronPoint(number, unit) for unit in np.flatnonzero(~connected).tolist()]
    return alone


def _is_shown(layout: Layout, point: NeuronPoint) -> bool:
    return point.unit < layout.columns[point.layer].shown


def _lock(theme: Theme, ratio: float) -> QImage:
    """A small lock on a ground of the card's colour."""
    image = layer(_LOCK, ratio)
    ground, body, shackle = QPainterPath(), QRectF(2.5, 6.5, 8, 6.5), QRectF(4, 2, 5, 8)
    ground.addRoundedRect(QRectF(0.5, 0, 12, 15), 4, 4)
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.fillPath(ground, QColor(theme.card))
        painter.setPen(QPen(QColor(theme.text), 1.5))
        painter.drawRoundedRect(shackle, 2.5, 2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        painter.drawRoundedRect(body, 1.5, 1.5)
    return image
