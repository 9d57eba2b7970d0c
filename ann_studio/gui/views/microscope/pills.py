"""Numbers on edges: what each says in more or fewer words, and a free place for it. Without painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from ann_studio.gui.views.microscope.rules import changed
from ann_studio.gui.views.microscope.scene import EdgeItem, Figure

Tone = Literal["plain", "back", "new"]
Measure = Callable[[str], float]

LINE = 17.0  #: height of a line in a pill
_AIR = 7.0
#: Where along its curve a pill is tried, and one of the error that flows back.
_PLACES = (0.34, 0.66, 0.5, 0.24, 0.76, 0.42, 0.58)
_BACK_PLACES = (0.1, 0.15, 0.2, 0.26)
MOST, CROWDED = 22, 12  #: pills in a gap between two layers, and edges from which on they say the least


@dataclass(frozen=True)
class Part:
    """A stretch of text in a pill; `figure` is what it stands for, if it is a number."""

    text: str
    tone: Tone
    figure: Figure | None = None


@dataclass(frozen=True)
class Pill:
    """A pill in its place."""

    item: EdgeItem
    rect: QRectF
    lines: tuple[tuple[Part, ...], ...]
    flows_back: bool
    now: bool


def lines_of(item: EdgeItem, incoming: Figure | None) -> list[tuple[Part, ...]]:
    """All that can be said of an edge, the newest last.

    Parameters
    ----------
    incoming
        a of the unit that the edge leaves.
    """
    figures = item.figures
    found: list[tuple[Part, ...]] = []
    if "w·a" in figures and incoming is not None:
        w, term = figures["w"], figures["w·a"]
        found.append(
            (Part(w.text, "plain", w), Part(" × ", "plain"), Part(incoming.text, "plain", incoming),
             Part(" = ", "plain"), Part(term.text, "plain", term))
        )  # fmt: skip
    else:
        found.append((Part("w ", "plain"), Part(figures["w"].text, "plain", figures["w"])))
    if "∂C/∂w" in figures:
        found.append((Part("∂C/∂w ", "back"), Part(figures["∂C/∂w"].text, "back", figures["∂C/∂w"])))
    if "new w" in figures:
        old, new = figures["w"], figures["new w"]
        before, _, after = changed(old.value, figures["Δw"].value, new.value)
        found.append((Part(before, "new", old), Part(" → ", "new"), Part(after, "new", new)))
    return found


def short_of(lines: list[tuple[Part, ...]]) -> tuple[Part, ...]:
    """The newest line in the fewest words: its result."""
    newest = lines[-1]
    return newest if newest[0].tone == "new" else (newest[-1],)


class Places:
    """Rectangles that are taken."""

    def __init__(self, taken: list[QRectF]) -> None:
        self._taken = [rect.adjusted(-2, -2, 2, 2) for rect in taken]

    def take(self, rect: QRectF) -> bool:
        """Take a place; False if it is not free."""
        if any(rect.intersects(other) for other in self._taken):
            return False
        self._taken.append(rect.adjusted(-2, -2, 2, 2))
        return True


def around(centre: QPointF, width: float, height: float, low: float, high: float) -> QRectF:
    """A rectangle around a point, moved sideways between `low` and `high`."""
    left = min(max(centre.x() - width / 2, low), max(low, high - width))
    return QRectF(round(left) + 0.5, round(centre.y() - height / 2) + 0.5, round(width), round(height))


def width_of(lines: tuple[tuple[Part, ...], ...], measure: Measure) -> float:
    """Width of a pill with these lines."""
    return max(sum(measure(part.text) for part in line) for line in lines) + 2 * _AIR


def place(
    item: EdgeItem, path: QPainterPath, offers: list[tuple[tuple[Part, ...], ...]], places: Places,
    span: tuple[float, float], measure: Measure,
) -> Pill | None:
    """The first of the offers that has a free place along the curve; None if none has."""  # fmt: skip
    for lines in offers:
        width, height = width_of(lines, measure), LINE * len(lines) + 5
        if width > span[1] - span[0]:
            continue
        for share in _PLACES:
            rect = around(path.pointAtPercent(share), width, height, *span)
            if places.take(rect):
                return Pill(item, rect, lines, flows_back=False, now=item.now)
    return None


def place_back(
    item: EdgeItem, path: QPainterPath, places: Places, span: tuple[float, float], measure: Measure
) -> Pill | None:
    """The pill of the error that flows back, near the unit to which it flows."""
    figure = item.figures["w·δ"]
    lines = ((Part("◂ ", "back"), Part(figure.text, "back", figure)),)
    width = width_of(lines, measure)
    if width > span[1] - span[0]:
        return None
    for share in _BACK_PLACES:
        for aside in (0.0, -12.0, 12.0):
            rect = around(path.pointAtPercent(share) + QPointF(0, aside), width, LINE + 4, *span)
            if places.take(rect):
                return Pill(item, rect, lines, flows_back=True, now=figure.now)
    return None
