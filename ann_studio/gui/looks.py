"""What tells the runs of a race apart: a colour and a marker each, the same in every view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ann_studio.engine.messages import Standing
from ann_studio.gui.theme import Theme
from ann_studio.learning.supervised import batch_size

#: Markers in the order in which runs get them; the first three belong to batch, mini-batch and stochastic descent.
MARKERS = ("circle", "square", "triangle", "diamond", "wedge", "star", "cross", "hexagon")
#: Colours of the last five among those of the classes.
_OTHERS = (6, 4, 7, 1, 9)


@dataclass(frozen=True)
class Look:
    """How a run is drawn: ``#RRGGBB`` and one of `MARKERS`."""

    colour: str
    marker: str


def looks(standings: Sequence[Standing], theme: Theme) -> tuple[Look, ...]:
    """A look for each run; batch, mini-batch and stochastic descent have their own while it is free."""
    colours = (theme.batch, theme.mini_batch, theme.stochastic, *(theme.classes[k] for k in _OTHERS))
    free, found = list(range(len(MARKERS))), []
    for standing in standings:
        size, samples = batch_size(standing.problem), len(standing.problem.train)
        own = 0 if size >= samples else 2 if size == 1 else 1
        others = [k for k in free if k > 2] or free
        place = own if own in free else others[0]
        free.remove(place)
        found.append(Look(colours[place], MARKERS[place]))
    return tuple(found)


def paint_marker(
    painter: QPainter, at: QPointF, radius: float, look: Look, casing: str, *, hollow: bool = False
) -> None:
    """Paint a run's marker with a casing around it, so that it is seen on any ground.

    Parameters
    ----------
    radius
        Half of its height in pixels.
    casing
        Colour of the casing; also of the inside where it is hollow.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(casing, 4.0))
    _shape(painter, at, radius, look.marker)
    painter.setPen(_pen(look.colour, 1.5))
    painter.setBrush(QColor(casing if hollow else look.colour))
    _shape(painter, at, radius, look.marker)


def _pen(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _shape(painter: QPainter, at: QPointF, radius: float, marker: str) -> None:
    if marker == "circle":
        painter.drawEllipse(at, radius, radius)
    else:
        painter.drawPolygon(_outline(marker, radius).translated(at))


@lru_cache(maxsize=64)
def _outline(marker: str, radius: float) -> QPolygonF:
    return QPolygonF([QPointF(radius * x, radius * y) for x, y in _OUTLINES[marker]])


def _regular(corners: int, turn: float = 0.0, inner: float = 1.0) -> list[tuple[float, float]]:
    """Corners of a star with so many points, or of a polygon where `inner` is 1; y grows downwards."""
    count = corners if inner == 1.0 else 2 * corners
    radii = [1.0 if k % 2 == 0 or inner == 1.0 else inner for k in range(count)]
    angles = [turn + 2 * math.pi * k / count for k in range(count)]
    return [(r * math.sin(angle), -r * math.cos(angle)) for r, angle in zip(radii, angles, strict=True)]


_ARM = 0.38
_OUTLINES = {
    "square": [(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
    "triangle": [(0.0, -1.05), (1.05, 0.85), (-1.05, 0.85)],
    "diamond": [(0.0, -1.15), (1.0, 0.0), (0.0, 1.15), (-1.0, 0.0)],
    "wedge": [(0.0, 1.05), (1.05, -0.85), (-1.05, -0.85)],
    "star": [(1.2 * x, 1.2 * y) for x, y in _regular(5, inner=0.45)],
    "cross": [
        (-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM), (1, _ARM), (_ARM, _ARM),
        (_ARM, 1), (-_ARM, 1), (-_ARM, _ARM), (-1, _ARM), (-1, -_ARM), (-_ARM, -_ARM),
    ],
    "hexagon": _regular(6, turn=math.pi / 6),
}  # fmt: skip
