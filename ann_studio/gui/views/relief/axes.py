"""Names of the two axes, along those edges of the relief that are nearest to the viewer."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from ann_studio.analysis.relief import Relief
from ann_studio.gui.parameters import brief
from ann_studio.gui.theme import Theme, font

_AWAY = 14.0  #: pixels from the edge to the middle of a name
#: Where along its edge a name may stand: in the middle first.
_ALONG = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
_HEIGHT = 18.0
_GROUND = 205  #: how opaque the ground of a name is, of 255
Array = NDArray[np.float64]


def paint_names(
    painter: QPainter, drawn: Relief, scale: float, names: tuple[str, str], room: QRectF, theme: Theme
) -> None:
    """Paint each name with an arrow to where its values grow, as far as its edge is seen; arguments as of `place`."""
    painter.setFont(font(13, 500))
    ground = QColor(theme.card)
    ground.setAlpha(_GROUND)
    for text, box in place(drawn, scale, names, room):
        # Where there is little room beside the relief a name lies over the end of it.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme.text_2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def place(drawn: Relief, scale: float, names: tuple[str, str], room: QRectF) -> list[tuple[str, QRectF]]:
    """What is written at the two edges, and where: both names in full, or both in few letters.

    Parameters
    ----------
    scale
        Pixels of the relief for one of the widget.
    room
        Where they may be.
    """
    measure = QFontMetricsF(font(13, 500)).horizontalAdvance
    edges = _edges(drawn, scale)
    if edges is None:
        return []
    near, middle = edges
    seen = [k for k, ends in enumerate(near) if names[k] and room.contains(QPointF(*ends.mean(axis=0).tolist()))]
    found: list[tuple[str, QRectF]] = []
    for said in (names, (brief(names[0]), brief(names[1]))):
        found = []
        for k in seen:
            placed = _place_one(said[k], near[k], middle, room, [box for _, box in found], measure)
            if placed is not None:
                found.append(placed)
        if len(found) == len(seen):
            return found
    found = []
    for k in seen:
        found += _squeeze(brief(names[k]), near[k], middle, room, [box for _, box in found], measure)
    return found


def _edges(drawn: Relief, scale: float) -> tuple[list[Array], Array] | None:
    """Both ends of the nearest edge along each axis, and the middle of the relief, in pixels of the widget."""
    s0, s1, t0, t1 = drawn.terrain.extent
    middle = drawn.foot(np.array([[(s0 + s1) / 2, (t0 + t1) / 2]]))[0, :2] / scale
    pairs = ([(s0, t0), (s1, t0)], [(s0, t1), (s1, t1)]), ([(s0, t0), (s0, t1)], [(s1, t0), (s1, t1)])
    feet = [
        min((drawn.foot(np.array(edge)) for edge in pair), key=lambda ends: float(ends[:, 2].mean())) for pair in pairs
    ]
    if not (np.isfinite(middle).all() and all(np.isfinite(ends).all() for ends in feet)):
        return None
    return [ends[:, :2] / scale for ends in feet], middle


def _offers(name: str, ends: Array, middle: Array, measure: Callable[[str], float]) -> tuple[str, list[QRectF]]:
    """A name with its arrow, and places beside its edge on the side away from the middle of the relief, best first."""
    (x0, y0), (x1, y1) = ends.tolist()
    length = max(math.hypot(x1 - x0, y1 - y0), 1.0)
    text = f"{name} →" if x1 >= x0 else f"← {name}"
    width = math.ceil(measure(text)) + 4.0
    across = QPointF(-(y1 - y0) / length, (x1 - x0) / length)
    if QPointF.dotProduct(across, QPointF(*(ends.mean(axis=0) - middle).tolist())) < 0:
        across = -across
    away = across * (_AWAY + abs(across.x()) * width / 2)
    along = [QPointF(x0 + share * (x1 - x0), y0 + share * (y1 - y0)) + away for share in _ALONG]
    return text, [QRectF(at.x() - width / 2, at.y() - _HEIGHT / 2, width, _HEIGHT) for at in along]


def _place_one(
    name: str, ends: Array, middle: Array, room: QRectF, taken: list[QRectF], measure: Callable[[str], float]
) -> tuple[str, QRectF] | None:
    """A name beside its edge; None where it has no room."""
    text, offers = _offers(name, ends, middle, measure)
    for box in offers:
        if room.contains(box) and not any(box.intersects(other) for other in taken):
            return text, box
    return None


def _squeeze(
    name: str, ends: Array, middle: Array, room: QRectF, taken: list[QRectF], measure: Callable[[str], float]
) -> list[tuple[str, QRectF]]:
    """A name as near to its edge as the picture allows; nothing where it would lie over another."""
    text, offers = _offers(name, ends, middle, measure)
    for box in offers:
        box.moveLeft(max(room.left(), min(box.left(), room.right() - box.width())))
        box.moveTop(max(room.top(), min(box.top(), room.bottom() - box.height())))
        if room.contains(box) and not any(box.intersects(other) for other in taken):
            return [(text, box)]
    return []
