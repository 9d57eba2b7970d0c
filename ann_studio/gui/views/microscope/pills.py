"""Numbers on edges: what each says in more or fewer words, and a free place for it. Without painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRectF

from ann_studio.gui.views.microscope.curves import Curve
from ann_studio.gui.views.microscope.rules import changed
from ann_studio.gui.views.microscope.scene import EdgeItem, Figure

Tone = Literal["plain", "back", "new"]
Measure = Callable[[str], float]
Span = tuple[float, float]  #: from where to where there is room, in pixels from the left

LINE = 17.0  #: height of a line in a pill
MOST, CROWDED = 22, 12  #: pills in a gap between two layers, and edges from which on they say the least
_AIR = 7.0
#: Where along its curve a pill is tried, and one of the error that flows back with so many pixels to the side.
_PLACES = (0.34, 0.66, 0.5, 0.24, 0.76, 0.42, 0.58)
_BACK_PLACES = ((0.06, 0.0), (0.06, -12.0), (0.06, 12.0), (0.12, 0.0), (0.18, 0.0), (0.24, 0.0), (0.24, -12.0))
_APART = 2.0  #: pixels between two pills


@dataclass(frozen=True)
class Part:
    """A stretch of text in a pill; `figure` is what it stands for, if it is a number."""

    text: str
    tone: Tone
    figure: Figure | None = None


Said = tuple[Part, ...]


@dataclass(frozen=True)
class Pill:
    """A pill in its place."""

    item: EdgeItem
    rect: QRectF
    lines: tuple[Said, ...]
    flows_back: bool
    now: bool


def lines_of(item: EdgeItem, incoming: Figure | None) -> list[Said]:
    """All that can be said of an edge, the newest last.

    Parameters
    ----------
    incoming
        a of the unit that the edge leaves.
    """
    figures = item.figures
    found: list[Said] = []
    if "w·a" in figures and incoming is not None:
        w, term = figures["w"], figures["w·a"]
        found.append(
            (
                Part(w.text, "plain", w), Part(" × ", "plain"), Part(incoming.text, "plain", incoming),
                Part(" = ", "plain"), Part(term.text, "plain", term),
            )
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


def short_of(lines: list[Said]) -> Said:
    """The newest line in the fewest words: its result."""
    newest = lines[-1]
    return newest[-2:] if newest[0].tone == "new" else (newest[-1],)


class Places:
    """Rectangles that are taken: left, top, right, bottom."""

    def __init__(self, taken: list[QRectF]) -> None:
        self._taken = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in taken]

    def take(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Take a place; False if it is not free."""
        for x0, y0, x1, y1 in self._taken:
            if left < x1 + _APART and right > x0 - _APART and top < y1 + _APART and bottom > y0 - _APART:
                return False
        self._taken.append((left, top, right, bottom))
        return True


def _take(places: Places, x: float, y: float, width: float, height: float, span: Span) -> QRectF | None:
    """A rectangle around a point, moved sideways until it lies in the span; None if that is taken."""
    left = round(min(max(x - width / 2, span[0]), max(span[0], span[1] - width))) + 0.5
    top = round(y - height / 2) + 0.5
    free = places.take(left, top, left + width, top + height)
    return QRectF(left, top, width, height) if free else None


def width_of(lines: tuple[Said, ...], measure: Measure) -> float:
    """Width of a pill with these lines."""
    return round(max(sum(measure(part.text) for part in line) for line in lines) + 2 * _AIR)


def place(
    item: EdgeItem, curve: Curve, offers: list[tuple[Said, ...]], places: Places, span: Span, measure: Measure
) -> Pill | None:
    """The first of the offers that has a free place along the curve; None if none has."""
    for lines in offers:
        width, height = width_of(lines, measure), LINE * len(lines) + 5
        if width > span[1] - span[0]:
            continue
        for share in _PLACES:
            x, y = curve.at(share)
            rect = _take(places, x, y, width, height, span)
            if rect is not None:
                return Pill(item, rect, lines, flows_back=False, now=item.now)
    return None


def place_back(item: EdgeItem, curve: Curve, places: Places, span: Span, measure: Measure) -> Pill | None:
    """The pill of the error that flows back, near the unit to which it flows."""
    figure = item.figures["w·δ"]
    lines: tuple[Said, ...] = ((Part("◂ ", "back"), Part(figure.text, "back", figure)),)
    width = width_of(lines, measure)
    if width > span[1] - span[0]:
        return None
    for share, aside in _BACK_PLACES:
        x, y = curve.at(share)
        rect = _take(places, x, y + aside, width, LINE + 4, span)
        if rect is not None:
            return Pill(item, rect, lines, flows_back=True, now=figure.now)
    return None
