"""How pills, neurons and targets are painted. Each function gives the numbers that it has painted."""

from __future__ import annotations

import math
from functools import lru_cache, partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from ann_studio.gui.controls import fitting as fewer_words
from ann_studio.gui.theme import Theme, color_table
from ann_studio.gui.views.microscope.layout import PILL, Column, Layout
from ann_studio.gui.views.microscope.pills import LINE, Part, Pill
from ann_studio.gui.views.microscope.rules import changed, fitting
from ann_studio.gui.views.microscope.scene import Figure, NeuronItem, What
from ann_studio.gui.views.microscope.stamps import advance, box, write
from ann_studio.nn.activations import ACTIVATIONS

_RIGHT, _MIDDLE = 1, 0
_TINT = 0.34  #: share of the activation's colour in a neuron's card
PILL_FONT = 12
_SMALLEST = 9  #: size of a number that has hardly any room


def pill_measure(text: str) -> float:
    """Width of a text in a pill."""
    return advance(text, PILL_FONT, 600)


# --- edges ----------------------------------------------------------------------------------------------------------
def paint_pill(painter: QPainter, pill: Pill, theme: Theme, *, chosen: bool) -> list[Figure]:
    """A pill on an edge."""
    back, rect, strong = pill.flows_back, pill.rect, pill.now or chosen
    outline = theme.backward if back else theme.accent if strong else theme.hairline
    if not back and pill.now and pill.lines[-1][0].tone == "back":
        outline = theme.backward
    radius = rect.height() / 2 if back else 5.0
    box(painter, rect, radius, theme.backward_soft if back else theme.card, outline, 1.6 if strong else 1.0)
    painted = []
    for row, line in enumerate(pill.lines):
        width = sum(advance(part.text, PILL_FONT, 600 if back or part is line[-1] else 500) for part in line)
        x = rect.center().x() - width / 2
        y = rect.top() + (rect.height() - LINE * len(pill.lines)) / 2 + LINE * row
        for part in line:
            result = part is line[-1]
            colour = _colour(part, theme, result=result, back=back)
            x = write(painter, QRectF(x, y, 0, LINE), part.text, PILL_FONT, 600 if back or result else 500, colour)
            if part.figure is not None:
                painted.append(part.figure)
    return painted


def _colour(part: Part, theme: Theme, *, result: bool, back: bool) -> str:
    if back or part.tone == "back":
        return theme.backward
    if part.tone == "new":
        return theme.text if result else theme.text_2
    if not result or part.figure is None:
        return theme.text_2
    return theme.negative if part.figure.value < 0 else theme.positive


# --- neurons --------------------------------------------------------------------------------------------------------
def tint(theme: Theme, activation: str, value: float | None) -> str:
    """The ground of a card: the card's colour with some of the activation's."""
    if value is None or not math.isfinite(value):
        return theme.card
    low, high = (ACTIVATIONS[activation].low, ACTIVATIONS[activation].high) if activation in ACTIVATIONS else (0.0, 1.0)
    share = 2 * (value - low) / (high - low) - 1 if math.isfinite(high - low) else value / (1 + abs(value))
    table = color_table(theme.activation_map, theme.card, _TINT)
    return f"#{int(table[round(min(max((share + 1) * 127.5, 0), 255))]) & 0xFFFFFF:06X}"


def paint_symbol(painter: QPainter, at: QPointF, symbol: tuple[str, str], size: int, colour: str) -> float:
    """A letter with its index, around a middle line; returns where it ends."""
    letter, index = symbol
    x = write(painter, QRectF(at.x(), at.y() - 10, 0, 20), letter, size, 600, colour, italic=True)
    if index:
        x = write(painter, QRectF(x + 0.5, at.y() - 6, 0, 20), index, size - 4, 600, colour)
    return x


def paint_neuron(
    painter: QPainter, column: Column, item: NeuronItem, symbol: tuple[str, str], name: str, activation: str,
    theme: Theme, *, chosen: bool,
) -> list[Figure]:  # fmt: skip
    """The card of a neuron, and the pill with its δ below."""
    rect, figures = column.rect(item.slot), item.figures
    a = figures.get("a")
    if chosen:
        box(painter, rect.adjusted(-4, -4, 4, 4), 12, theme.card, theme.accent, 2.0)
    edge = theme.backward if item.now and "δ" in figures else theme.accent if item.now else theme.outline
    fill = tint(theme, activation, None if a is None else a.value)
    box(painter, rect, 8, fill, edge, 2.4 if item.now else 1.3)
    if column.detail == "small":
        return _small(painter, rect, item, symbol, theme)
    if item.point.layer == 0:
        return _input(painter, rect, item, name, theme)
    painted = _inside(painter, rect, column, item, symbol, theme)
    if "δ" in figures:
        painted.append(_paint_delta(painter, rect, figures["δ"], theme))
    return painted


def _input(painter: QPainter, rect: QRectF, item: NeuronItem, name: str, theme: Theme) -> list[Figure]:
    """Its name above its value."""
    inner, half = rect.adjusted(8, 0, -8, 0), rect.height() / 2
    room = QRectF(inner.left(), rect.top() + 4, inner.width(), half - 3)
    write(painter, room, _elided(name, inner.width(), 13, 500), 13, 500, theme.text_2, _MIDDLE)
    a = item.figures.get("a")
    if a is None:
        return []
    return _number(
        painter, QRectF(inner.left(), rect.top() + half - 3, inner.width(), half - 2), a, 17, 600, theme.text, 0
    )


@lru_cache(maxsize=512)
def _elided(text: str, room: float, size: int, weight: int) -> str:
    """A name, in as many letters as there is room for."""
    return fewer_words(text, room, partial(advance, size=size, weight=weight)) or text[:6]


def _inside(
    painter: QPainter, rect: QRectF, column: Column, item: NeuronItem, symbol: tuple[str, str], theme: Theme
) -> list[Figure]:
    figures = item.figures
    left, right, wide = rect.left() + 9, rect.right() - 9, rect.width() - 18
    end = paint_symbol(painter, QPointF(left, rect.top() + 14), symbol, 14, theme.text)
    painted = _bias(painter, QRectF(end + 4, rect.top() + 4, right - end - 4, 20), figures, theme)
    half = wide / 2
    if column.detail == "full":
        rows: list[tuple[What, QRectF, int, int]] = [
            ("z", QRectF(left, rect.top() + 29, wide, 22), 14, 500),
            ("a", QRectF(left, rect.top() + 54, wide, 28), 18, 600),
        ]
    elif _side_by_side(figures, half - 16):
        rows = [
            ("z", QRectF(left, rect.top() + 25, half - 4, 22), 13, 500),
            ("a", QRectF(left + half + 2, rect.top() + 25, half - 2, 22), 14, 600),
        ]
    else:
        rows = [("a", QRectF(left, rect.top() + 25, wide, 22), 14, 600)]
    for what, row, size, weight in rows:
        write(painter, row, what, 13, weight, theme.text_2 if what == "z" else theme.text, italic=True)
        figure = figures.get(what)
        if figure is None:
            write(painter, row, "·", 13, 500, theme.text_3, _RIGHT)
        else:
            painted += _number(painter, row.adjusted(12, 0, 0, 0), figure, size, weight, theme.text)
    return painted


def _side_by_side(figures: dict[What, Figure], room: float) -> bool:
    """Whether z and a have room beside each other."""
    measure = partial(advance, size=14, weight=600)
    known = [figure for what, figure in figures.items() if what in ("z", "a")]
    return all(fitting(figure.value, room, measure) for figure in known)


def _bias(painter: QPainter, room: QRectF, figures: dict[What, Figure], theme: Theme) -> list[Figure]:
    """The bias; at the update, if there is room, with what becomes of it."""
    old, new = figures["b"], figures.get("new b")
    texts = [(f"b {old.text}", [old])]
    if new is not None:
        before, _, after = changed(old.value, figures["Δb"].value, new.value)
        texts = [(f"b {before} → {after}", [old, new]), (f"b → {after}", [new]), *texts]
    for text, painted in texts:
        if advance(text, 12, 500) <= room.width():
            write(painter, room, text, 12, 500, theme.text if new in painted else theme.text_2, _RIGHT)
            return painted
    return []


def _number(
    painter: QPainter, room: QRectF, figure: Figure, size: int, weight: int, colour: str, align: int = _RIGHT
) -> list[Figure]:
    """A number with as many decimals as there is room for; where there is too little for any, in a smaller size."""
    for each in (size, _SMALLEST):
        text = fitting(figure.value, room.width(), partial(advance, size=each, weight=weight), sign=figure.signed)
        if text:
            write(painter, room, text, each, weight, colour, align)
            return [figure]
    return []


def _paint_delta(painter: QPainter, rect: QRectF, figure: Figure, theme: Theme) -> Figure:
    """δ below its neuron."""
    text = f"δ = {figure.text}"
    width = round(advance(text, 12, 600)) + 20
    pill = QRectF(round(rect.center().x() - width / 2) + 0.5, rect.bottom() + 4, width, PILL - 2)
    line = theme.text if figure.now else theme.backward
    box(painter, pill, pill.height() / 2, theme.backward, line, 2.0 if figure.now else 1.0)
    write(painter, pill, text, 12, 600, theme.card, _MIDDLE)
    return figure


def _small(painter: QPainter, rect: QRectF, item: NeuronItem, symbol: tuple[str, str], theme: Theme) -> list[Figure]:
    """A card with room for one number: δ once it has come back, else a."""
    end = paint_symbol(painter, QPointF(rect.left() + 7, rect.center().y()), symbol, 13, theme.text_2)
    figure = item.figures.get("δ") or item.figures.get("a")
    if figure is None:
        return []
    room = QRectF(end + 7, rect.top(), rect.right() - 6 - end - 7, rect.height())
    return _number(painter, room, figure, 12, 600, theme.backward if figure.what == "δ" else theme.text)


# --- targets --------------------------------------------------------------------------------------------------------
def paint_target(
    painter: QPainter, layout: Layout, item: NeuronItem, label: str, theme: Theme, scale: float
) -> list[Figure]:
    """Target, output and their difference beside an output."""
    rect, output = layout.target_rect(item.slot), layout.columns[-1].rect(item.slot)
    painter.fillRect(QRectF(output.right(), rect.center().y() - 0.5, rect.left() - output.right(), 1.2), theme.outline)
    box(painter, rect, 10, theme.sunken, theme.backward if item.now else theme.sunken, 2.0)
    rows: list[tuple[What, str]] = [
        ("y", f"{label}: y" if label else "target y"),
        ("a", "output a" if rect.width() >= 150 else "a"),
        ("a − y", "a − y"),
    ]
    if rect.height() < 90:
        rows = rows[2:] if rect.height() < 40 else [rows[0], rows[2]]
    high = (rect.height() - 8) / len(rows)
    painted = []
    for row, (what, title) in enumerate(rows):
        room = QRectF(rect.left() + 10, rect.top() + 4 + row * high, rect.width() - 20, high)
        colour = theme.backward if what == "a − y" else theme.text
        words = _elided(title, 0.5 * room.width(), 12, 500)
        write(painter, room, words, 12, 500, colour if what == "a − y" else theme.text_2)
        figure = item.figures.get(what)
        if figure is None:
            write(painter, room, "·", 12, 500, theme.text_3, _RIGHT)
            continue
        write(painter, room, figure.text, 13, 600, colour, _RIGHT)
        painted.append(figure)
        if rect.width() >= 150 and math.isfinite(figure.value):
            _bar(painter, room, figure.value / scale, colour, theme)
    return painted


def _bar(painter: QPainter, room: QRectF, share: float, colour: str, theme: Theme) -> None:
    """A bar from a mark: right is positive."""
    middle, reach, y = room.left() + 0.53 * room.width(), 0.14 * room.width(), room.center().y()
    length = reach * min(max(share, -1.0), 1.0)
    painter.fillRect(QRectF(min(middle, middle + length), y - 5, abs(length), 10), QColor(colour))
    painter.fillRect(QRectF(middle - 0.6, y - 8, 1.2, 16), QColor(theme.outline))


# --- what is said around it -----------------------------------------------------------------------------------------
def paint_titles(
    painter: QPainter, layout: Layout, titles: dict[int, str], theme: Theme, now: int | None, *, targets: bool
) -> None:
    """The names of the layers above them; that of the layer at hand in the accent, underlined."""
    for column in layout.columns:
        at_hand, title = column.layer == now, titles[column.layer]
        room = QRectF(column.x - 40, 6, column.width + 80, 22)
        write(painter, room, title, 13, 600, theme.accent if at_hand else theme.text_2, _MIDDLE)
        if at_hand:
            width = advance(title, 13, 600)
            painter.fillRect(QRectF(room.center().x() - width / 2, 28, width, 2), QColor(theme.accent))
    if layout.target_width and targets:
        words = "Target and error" if layout.target_width > 150 else "Error"
        room = QRectF(layout.target_x - 10, 6, layout.target_width + 20, 22)
        write(painter, room, words, 13, 600, theme.text_2, _MIDDLE)


def paint_rest(painter: QPainter, column: Column, theme: Theme) -> None:
    """How many units there is no room for."""
    left = column.units - len(column.slots)
    if left > 0:
        at = column.rest_at
        room = QRectF(at.x() - 60, at.y() - 20, 120, 20)
        write(painter, room, f"… {left:,} more", 12, 500, theme.text_2, _MIDDLE)


def paint_legend(painter: QPainter, at: QPointF, room: float, theme: Theme) -> None:
    """What the pills mean; where there is little room, the last ones are left out."""
    entries = (
        ("w × a = w·a", "forward", theme.card, theme.hairline, theme.text_2),
        ("◂ w·δ", "error flowing back", theme.backward_soft, theme.backward, theme.backward),
        ("δ", "error of a neuron", theme.backward, theme.backward, theme.card),
        ("∂C/∂w", "gradient", theme.card, theme.backward, theme.backward),
        ("old → new", "update", theme.card, theme.accent, theme.text),
    )
    x = at.x()
    for sample, meaning, fill, line, colour in entries:
        wide, told = round(advance(sample, 12, 600)) + 16, advance(meaning, 12)
        if x + wide + told + 8 > at.x() + room:
            return
        rect = QRectF(round(x) + 0.5, round(at.y()) - 10.5, wide, 21)
        box(painter, rect, 10 if "δ" in sample else 5, fill, line)
        write(painter, rect, sample, 12, 600, colour, _MIDDLE)
        write(painter, QRectF(rect.right() + 8, rect.top(), 0, 21), meaning, 12, 400, theme.text_2)
        x += wide + told + 30


# --- the exact numbers of what is selected --------------------------------------------------------------------------
def said_size(lines: list[str]) -> tuple[float, float]:
    """Room for the pill of exact numbers."""
    width = max(advance(line, 13 if k == 0 else 12, 600 if k == 0 else 500) for k, line in enumerate(lines))
    return round(width) + 28.0, 17.0 * len(lines) + 15


_FAR = 11.0  #: hidden pixels that a pixel of distance is worth
#: Where a pill is tried around what it is about, in parts of its own width and height.
_AROUND = [
    (across, down)
    for down in (-1.0, 1.0, -1.8, 1.8, -2.6, 2.6, -3.6, 3.6)
    for across in (0.0, -0.6, 0.6, -1.2, 1.2)
]  # fmt: skip


def place_said(
    size: tuple[float, float], anchors: list[QPointF], taken: list[tuple[QRectF, float]], bounds: QRectF
) -> tuple[QRectF, QPointF]:
    """Where a pill of this size hides least of what is taken, and which of the anchors it leads to.

    Parameters
    ----------
    taken
        Rectangles, and what a pixel of each is worth.
    """
    best, found = math.inf, (QRectF(), QPointF())
    (width, height), edges = size, [(r.left(), r.top(), r.right(), r.bottom(), dear) for r, dear in taken]
    for anchor in anchors:
        for across, down in _AROUND:
            left = anchor.x() + across * (width / 2 + 30) - width / 2
            top = anchor.y() + down * (height / 2 + 26) - height / 2
            left = round(min(max(left, bounds.left() + 2), bounds.right() - width - 2))
            top = round(min(max(top, bounds.top() + 2), bounds.bottom() - height - 2))
            away = math.hypot(left + width / 2 - anchor.x(), top + height / 2 - anchor.y())
            hidden = _FAR * away
            for x0, y0, x1, y1, dear in edges:
                across_ = min(left + width, x1) - max(left, x0)
                down_ = min(top + height, y1) - max(top, y0)
                hidden += dear * across_ * down_ if across_ > 0 and down_ > 0 else 0.0
            if left <= anchor.x() <= left + width and top <= anchor.y() <= top + height:
                hidden += 1e9
            if hidden < best:
                best, found = hidden, (QRectF(left, top, width, height), anchor)
    return found


def paint_said(painter: QPainter, lines: list[str], rect: QRectF, anchor: QPointF, theme: Theme) -> None:
    """A dark pill with exact numbers, and its leader to what it is about."""
    painter.setPen(QPen(QColor(theme.text), 1.6))
    x = min(max(anchor.x(), rect.left() + 8), rect.right() - 8)
    painter.drawLine(anchor, QPointF(x, min(max(anchor.y(), rect.top()), rect.bottom())))
    box(painter, QRectF(anchor.x() - 3.5, anchor.y() - 3.5, 7, 7), 3.5, theme.text)
    box(painter, rect, 6, theme.text)
    for k, line in enumerate(lines):
        room = QRectF(rect.left() + 14, rect.top() + 7 + 17 * k, rect.width() - 20, 17)
        write(painter, room, line, 13 if k == 0 else 12, 600 if k == 0 else 500, theme.card)
