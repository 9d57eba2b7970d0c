"""How edges are drawn: width and colour by |w|, dashes for negative weights, the strongest on top.

Beyond `CURVES` edges the strongest are curves over hairlines, and of more than `ALL` edges only the `BUDGET` strongest
are drawn at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from ann_studio.gui.theme import Theme, mix
from ann_studio.gui.views.network import strokes
from ann_studio.gui.views.network.hairs import Hairs
from ann_studio.gui.views.network.layout import Layout

CURVES, STRONGEST, ALL, BUDGET = 400, 150, 2_400, 2_000
_LEVELS = 14
_HAIR_LEVELS = 4
#: Curves of which the lines are kept.
_KEPT = 1_000


def widest(edges: int) -> float:
    """Pen width of the largest weight, by the number of edges."""
    return 8.0 if edges <= 64 else 5.0 if edges <= 400 else 3.0


def width_of(share: float, w_max: float) -> float:
    """Pen width for t = |w| / w_ref in 0 to 1."""
    return float(0.75 + (w_max - 0.75) * share**0.8)


def dashes_of(width: float) -> tuple[float, float]:
    """Length of the dashes of a pen of this width, and of the gaps between them, in pixels."""
    return max(7.0, 1.7 * width), max(4.0, 0.8 * width)


def _dash(pen: QPen, negative: bool) -> float:
    """Length of the dashes of an edge; 0 for a solid one."""
    return dashes_of(pen.widthF())[0] if negative else 0.0


@dataclass(frozen=True, eq=False)
class Selection:
    """Which edges are drawn, weakest first.

    Parameters
    ----------
    hairs, curves
        Positions in the layout's edges.
    share
        t = |w| / w_ref of every edge of the layout, 0 to 1.
    negative
        Sign of every edge.
    """

    hairs: NDArray[np.int64]
    curves: NDArray[np.int64]
    share: NDArray[np.float64]
    negative: NDArray[np.bool_]

    @property
    def drawn(self) -> int:
        """Number of edges drawn."""
        return len(self.hairs) + len(self.curves)


def select(layout: Layout, theta: NDArray[np.float64], w_ref: float) -> Selection:
    """Choose and sort the edges; a weight of exactly 0, or that is no number, is not drawn."""
    weights = theta[layout.index]
    size = np.abs(weights)
    seen = np.flatnonzero(size > 0)
    if len(seen) > ALL:
        seen = seen[np.argpartition(size[seen], -BUDGET)[-BUDGET:]]
    order = seen[np.argsort(size[seen], kind="stable")]
    curves = len(order) if len(order) <= CURVES else STRONGEST
    share = np.nan_to_num(np.minimum(size, w_ref) / w_ref) if w_ref > 0 else np.zeros_like(size)
    return Selection(order[: len(order) - curves], order[len(order) - curves :], share, weights < 0)


class EdgePainter:
    """Lines and pens, kept as long as layout and theme stay."""

    def __init__(self, layout: Layout, theme: Theme, size: QSize, ratio: float) -> None:
        self._w_max = widest(len(layout.index))
        self._controls = layout.controls()
        self._curves: dict[tuple[int, float], list[QLineF]] = {}
        pixels = size * ratio
        self._hairs = Hairs(layout.ends * ratio, pixels.width(), pixels.height(), ALL)
        self.pens = [
            [self._pen(theme, (level + 0.5) / _LEVELS, negative=negative) for level in range(_LEVELS)]
            for negative in (False, True)
        ]
        #: Colours of hairlines by sign and level, as in an image.
        self._hair_colours = np.array(
            [
                [mix(theme.card, hue, 0.18 + 0.3 * (level + 0.5) / _HAIR_LEVELS).rgb() for level in range(_HAIR_LEVELS)]
                for hue in (theme.positive, theme.negative)
            ],
            dtype=np.uint32,
        )

    def _pen(self, theme: Theme, share: float, *, negative: bool) -> QPen:
        hue = theme.negative if negative else theme.positive
        pen = QPen(mix(theme.card, hue, 0.5 + 0.5 * share**0.6), width_of(share, self._w_max))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        return pen

    def path(self, edge: int) -> QPainterPath:
        """The curve of an edge."""
        x0, y0, x1, y1, x2, y2, x3, y3 = self._controls[edge].tolist()
        path = QPainterPath()
        path.moveTo(x0, y0)
        path.cubicTo(x1, y1, x2, y2, x3, y3)
        return path

    def lines(self, edge: int, pen: QPen, *, negative: bool) -> list[QLineF]:
        """The straight lines that an edge is drawn with: pieces of its curve, or its dashes."""
        self._make_lines([edge], pen, negative=negative)
        return self._curves[edge, _dash(pen, negative)]

    def _make_lines(self, edges: list[int], pen: QPen, *, negative: bool) -> None:
        dash = _dash(pen, negative)
        missing = [edge for edge in edges if (edge, dash) not in self._curves]
        if missing:
            controls = self._controls[missing]
            made = strokes.dashed(controls, *dashes_of(pen.widthF())) if negative else strokes.solid(controls)
            for edge, pieces in zip(missing, made, strict=True):
                self._curves[edge, dash] = [QLineF(*ends) for ends in pieces.tolist()]

    def pen(self, share: float, *, negative: bool) -> QPen:
        """The pen of an edge with t = `share`."""
        return self.pens[negative][min(int(share * _LEVELS), _LEVELS - 1)]

    def paint(self, painter: QPainter, chosen: Selection) -> None:
        """Paint curves from thin to thick."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        share, negative = chosen.share[chosen.curves], chosen.negative[chosen.curves]
        levels = np.minimum((share * _LEVELS).astype(np.int64), _LEVELS - 1)
        if len(self._curves) > _KEPT:
            # A hundred thousand small objects are a burden to Python's garbage collector.
            self._curves.clear()
        for level in range(_LEVELS):
            for sign in (False, True):
                pen = self.pens[sign][level]
                edges = chosen.curves[(levels == level) & (negative == sign)].tolist()
                if edges:
                    self._make_lines(edges, pen, negative=sign)
                    dash = _dash(pen, sign)
                    painter.setPen(pen)
                    painter.drawLines([line for edge in edges for line in self._curves[edge, dash]])

    def paint_hairs(self, image: QImage, chosen: Selection) -> None:
        """Paint hairlines from weak to strong."""
        if not len(chosen.hairs):
            return
        share, negative = chosen.share[chosen.hairs], chosen.negative[chosen.hairs]
        top = max(float(share.max()), 1e-300)
        levels = np.minimum((share / top * _HAIR_LEVELS).astype(np.int64), _HAIR_LEVELS - 1)
        self._hairs.paint(image, chosen.hairs, self._hair_colours[negative.astype(np.int64), levels])
