"""Where things lie in the picture: panels one below the other, bars, and a common axis of costs. Numbers alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ann_studio.gui.dialogs.restarts.findings import Comparison
from ann_studio.gui.painting import round_step, round_value

Vector = NDArray[np.float64]

TOP, BOTTOM, LEFT, GAP = 30.0, 46.0, 44.0, 20.0  #: around the histograms
RIGHT = 8.0  #: beside the shares, so that a scroll bar keeps clear of them
SHARES = 224.0  #: width of the column of shares
TITLE, ROW = 26.0, 19.0  #: heights of a panel's title and of a line of shares
LEAST_PANEL, GREATEST_PANEL = 100.0, 230.0
_BELOW = 0.35  #: minima below the lowest final cost are on the axis if they are at most this share of it further down
_FLOOR = 2.0  #: pixels that a bar is high at least
_REACH = 3.0  #: pixels beside a bar that still belong to it


@dataclass(frozen=True)
class Spot:
    """A bar of a panel, or what of it reached one kind of minimum.

    Parameters
    ----------
    kind
        Position among the kinds; None for the whole bar.
    """

    panel: int
    bar: int
    kind: int | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """A picture of a certain size.

    Parameters
    ----------
    panels
        How many.
    lines
        Lines of shares in each.
    """

    width: float
    height: float
    panels: int
    lines: int
    log: bool

    @staticmethod
    def least_height(panels: int, lines: int) -> float:
        """Height below which there is no room for so many panels."""
        return TOP + BOTTOM + panels * max(LEAST_PANEL, 28 + lines * ROW + 14)

    def panel(self, k: int) -> QRectF:
        """All of a panel: title, histogram and shares."""
        height = min(GREATEST_PANEL, (self.height - TOP - BOTTOM) / max(1, self.panels))
        return QRectF(0, TOP + k * height, self.width, height)

    def plot(self, k: int) -> QRectF:
        """Where the bars of a panel stand."""
        panel = self.panel(k)
        return QRectF(
            LEFT, panel.top() + TITLE, max(80.0, self.width - LEFT - SHARES - GAP - RIGHT), panel.height() - TITLE - 8
        )

    def shares(self, k: int) -> QRectF:
        """The column of shares beside a histogram."""
        plot = self.plot(k)
        top = self.panel(k).top() + 6
        return QRectF(self.width - SHARES - RIGHT, top, SHARES, plot.bottom() - top)

    def foot(self) -> float:
        """Where the axis of costs begins."""
        return self.panel(self.panels - 1).bottom() if self.panels else TOP


class Scale:
    """Costs from left to right, and counts upwards, in pixels."""

    def __init__(self, layout: Layout, comparison: Comparison, shown: list[float]) -> None:
        self._layout, self._edges = layout, comparison.edges
        self.counts = comparison.counts.sum(axis=1)
        low, high = float(self._edges[0]), float(self._edges[-1])
        low = min([low, *(loss for loss in shown if low - _BELOW * (high - low) < loss < low)])
        room = 0.02 * (high - low)
        self.low, self.high = low - room, high + room
        self._plot = layout.plot(0)

    def x(self, cost: float) -> float:
        """Pixels from the left."""
        return self._plot.left() + (cost - self.low) / (self.high - self.low) * self._plot.width()

    def holds(self, cost: float) -> bool:
        """Whether a cost is on the axis."""
        return self.low <= cost <= self.high

    def most(self, panel: int) -> int:
        """The greatest count of a panel."""
        return max(1, int(self.counts[panel].max(initial=0)))

    def height(self, panel: int, count: float) -> float:
        """Height of a bar of so many runs."""
        if count <= 0:
            return 0.0
        most, room = self.most(panel), self._layout.plot(panel).height() - 18
        share = count / most
        if self._layout.log:  # half a run is at the bottom, so that one can be seen
            share = math.log(2 * count) / math.log(2 * most) if most > 1 else 1.0
        return max(_FLOOR, share * room)

    def bar(self, panel: int, bar: int) -> QRectF:
        """A whole bar; on whole pixels."""
        left, right = (round(self.x(float(self._edges[k]))) for k in (bar, bar + 1))
        height, bottom = self.height(panel, int(self.counts[panel, bar])), self._layout.plot(panel).bottom()
        return QRectF(left, bottom - height, max(1, right - left - 1), height)

    def cost_ticks(self) -> list[tuple[float, int]]:
        """Round costs along the axis, and the digits that they need."""
        step = round_value((self.high - self.low) / max(2.0, self._plot.width() / 52))
        digits = max(0, -math.floor(math.log10(step)))
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [(k * step, digits) for k in range(first, last + 1)]

    def count_ticks(self, panel: int) -> list[int]:
        """Round counts up the side of a panel."""
        most = self.most(panel)
        if self._layout.log:
            ticks = [10**power for power in range(1 + int(math.log10(most)))]
            return ticks if len(ticks) > 1 else [1, most][: min(most, 2)]
        step = round_step(most / max(1.0, self._layout.plot(panel).height() / 34))
        return list(range(0, most + 1, step if step <= most else round_step(most / 2.5)))


def segments(whole: QRectF, counts: list[int]) -> list[QRectF]:
    """A bar cut into pieces by the shares of the kinds, the first one at the bottom."""
    total, found, bottom = sum(counts), [], whole.bottom()
    for count in counts:
        height = whole.height() * count / total if total else 0.0
        found.append(QRectF(whole.left(), bottom - height, whole.width(), height))
        bottom -= height
    return found


def labels(places: list[float], widths: list[float], left: float, right: float) -> list[float] | None:
    """Left ends of labels, each as near to its place as the others let it be; None where there is no room for all.

    Parameters
    ----------
    places, widths
        Middle and width of each label, from left to right.
    """
    gap = 8.0
    if sum(widths) + gap * (len(widths) - 1) > right - left:
        return None
    found: list[float] = []
    for place, width in zip(places, widths, strict=True):
        begin = max(place - width / 2, left, found[-1] + widths[len(found) - 1] + gap if found else left)
        found.append(begin)
    limit = right
    for k in range(len(found) - 1, -1, -1):
        found[k] = min(found[k], limit - widths[k])
        limit = found[k] - gap
    return found


def nearest_bar(scale: Scale, layout: Layout, position: QPointF) -> tuple[int, int] | None:
    """Panel and bar at a position, whatever the height of the bar; None where there are no runs."""
    for panel in range(len(scale.counts)):
        if layout.plot(panel).adjusted(0, -4, 0, 4).contains(position):
            bars = np.flatnonzero(scale.counts[panel]).tolist()
            away = [abs(scale.bar(panel, bar).center().x() - position.x()) for bar in bars]
            k = int(np.argmin(away)) if bars else 0
            if bars and away[k] <= _REACH + scale.bar(panel, bars[k]).width() / 2:
                return panel, bars[k]
    return None
