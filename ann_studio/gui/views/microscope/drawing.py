"""How the stage is painted: edges, pills, neurons, targets. Each function returns or notes the figures it has painted."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from ann_studio.gui.theme import Theme, color_table, font, mix
from ann_studio.gui.views.microscope.layout import PILL, Column, Layout
from ann_studio.gui.views.microscope.pills import LINE, Part, Pill
from ann_studio.gui.views.microscope.rules import changed, fitting
from ann_studio.gui.views.microscope.scene import EdgeItem, Figure, NeuronItem, Scene, What
from ann_studio.gui.views.microscope.selection import NeuronPoint
from ann_studio.nn.activations import ACTIVATIONS

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter
_TINT = 0.34  #: share of the activation's colour in a neuron's card
PILL_FONT = 12


def curve(start: QPointF, end: QPointF) -> QPainterPath:
    """The way of an edge."""
    path, reach = QPainterPath(start), 0.45 * (end.x() - start.x())
    path.cubicTo(start.x() + reach, start.y(), end.x() - reach, end.y(), end.x(), end.y())
    return path


def curves(layout: Layout, scene: Scene) -> dict[int, QPainterPath]:
    """The curve of each edge by its entry of ``theta``, fanned out at both ends."""
    slots = {item.point: item.slot for item in scene.neurons}
    columns = {column.layer: column for column in layout.columns}
    found = {}
    for item in scene.edges:
        a, b = columns[item.point.layer], columns[item.point.layer + 1]
        source = slots[NeuronPoint(item.point.layer, item.point.source)]
        target = slots[NeuronPoint(item.point.layer + 1, item.point.target)]
        start, end = a.rect(source), b.rect(target)
        y0 = start.center().y() + _fan(target, len(b.slots), start.height())
        y1 = end.center().y() + _fan(source, len(a.slots), end.height())
        found[item.index] = curve(QPointF(start.right(), y0), QPointF(end.left(), y1))
    return found


def _fan(rank: int, count: int, height: float) -> float:
    return ((rank + 0.5) / count - 0.5) * min(0.5 * height, 14.0 * count)


def widest(edges: int) -> float:
    """Pen width of the largest weight, by the number of edges."""
    return 6.0 if edges <= 24 else 4.0 if edges <= 96 else 2.5


def edge_pen(item: EdgeItem, scene: Scene, theme: Theme, *, quiet: bool) -> QPen:
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


def paint_edges(
    painter: QPainter, scene: Scene, paths: dict[int, QPainterPath], theme: Theme, chosen: int | None
) -> None:
    """Edges from thin to thick; where some have just been computed, the others stand back."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    some = any(item.now for item in scene.edges)
    for item in sorted(scene.edges, key=lambda item: abs(item.weight) if math.isfinite(item.weight) else 0.0):
        if item.weight == 0:
            continue
        pen = edge_pen(item, scene, theme, quiet=some and not item.now)
        if item.index == chosen:
            painter.setPen(QPen(QColor(theme.accent), pen.widthF() + 7))
            painter.drawPath(paths[item.index])
            painter.setPen(QPen(QColor(theme.card), pen.widthF() + 3.5))
            painter.drawPath(paths[item.index])
        painter.setPen(pen)
        painter.drawPath(paths[item.index])


def paint_pill(painter: QPainter, pill: Pill, theme: Theme, *, chosen: bool) -> list[Figure]:
    """A pill on an edge."""
    back, rect = pill.flows_back, pill.rect
    outline = theme.backward if back else theme.accent if pill.now or chosen else theme.hairline
    if not back and pill.now and pill.lines[-1][0].tone == "back":
        outline = theme.backward
    painter.setPen(QPen(QColor(outline), 1.6 if pill.now or chosen else 1.0))
    painter.setBrush(QColor(theme.backward_soft if back else theme.card))
    radius = rect.height() / 2 if back else 5.0
    painter.drawRoundedRect(rect, radius, radius)
    metrics = QFontMetricsF(font(PILL_FONT, 600 if back else 500))
    painted = []
    for row, line in enumerate(pill.lines):
        width = sum(metrics.horizontalAdvance(part.text) for part in line)
        x = rect.center().x() - width / 2
        y = rect.top() + (rect.height() - LINE * len(pill.lines)) / 2 + LINE * row
        for part in line:
            room = metrics.horizontalAdvance(part.text)
            result = part is line[-1]
            painter.setFont(font(PILL_FONT, 600 if back or result else 500))
            painter.setPen(QColor(_colour(part, theme, result=result, back=back)))
            painter.drawText(QRectF(x - 2, y, room + 6, LINE), _LEFT, part.text)
            x += room
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
def tint(theme: Theme, activation: str, value: float | None) -> QColor:
    """The ground of a card: the card's colour with some of the activation's."""
    if value is None or not math.isfinite(value):
        return QColor(theme.card)
    low, high = (ACTIVATIONS[activation].low, ACTIVATIONS[activation].high) if activation in ACTIVATIONS else (0.0, 1.0)
    share = 2 * (value - low) / (high - low) - 1 if math.isfinite(high - low) else value / (1 + abs(value))
    table = color_table(theme.activation_map, theme.card, _TINT)
    return QColor(int(table[round(min(max((share + 1) * 127.5, 0), 255))]) & 0xFFFFFF)


def paint_symbol(painter: QPainter, at: QPointF, symbol: tuple[str, str], size: int, colour: str) -> float:
    """A letter with its index, from a point on the baseline; returns where it ends."""
    letter, index = symbol
    painter.setPen(QColor(colour))
    painter.setFont(font(size, 600, italic=True))
    painter.drawText(at, letter)
    x = at.x() + QFontMetricsF(painter.font()).horizontalAdvance(letter)
    if index:
        painter.setFont(font(size - 4, 600))
        painter.drawText(QPointF(x + 0.5, at.y() + 3), index)
        x += QFontMetricsF(painter.font()).horizontalAdvance(index)
    return x


def paint_neuron(
    painter: QPainter, column: Column, item: NeuronItem, symbol: tuple[str, str], name: str, activation: str,
    theme: Theme, *, chosen: bool,
) -> list[Figure]:  # fmt: skip
    """The card of a neuron, and the pill with its δ below."""
    rect, figures = column.rect(item.slot), item.figures
    a = figures.get("a")
    if chosen:
        painter.setBrush(QColor(theme.card))
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), 12, 12)
    painter.setBrush(tint(theme, activation, None if a is None else a.value))
    flows = item.now and "δ" in figures
    edge = theme.backward if flows else theme.accent if item.now else theme.outline
    painter.setPen(QPen(QColor(edge), 2.4 if item.now else 1.3))
    painter.drawRoundedRect(rect, 8, 8)
    if column.detail == "small":
        return _small(painter, rect, item, symbol, theme)
    painted = _inside(painter, rect, column, item, symbol, name, theme)
    if "δ" in figures:
        painted.append(_paint_delta(painter, rect, figures["δ"], theme))
    return painted


def _inside(
    painter: QPainter, rect: QRectF, column: Column, item: NeuronItem, symbol: tuple[str, str], name: str, theme: Theme
) -> list[Figure]:
    figures, painted = item.figures, []
    left, right, wide = rect.left() + 9, rect.right() - 9, rect.width() - 18
    if item.point.layer == 0:
        painter.setFont(font(13, 500))
        painter.setPen(QColor(theme.text_2))
        shown = QFontMetricsF(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, wide)
        half = rect.height() / 2
        painter.drawText(QRectF(left, rect.top() + 3, wide, half - 2), _MIDDLE, shown)
        if "a" in figures:
            room = QRectF(left, rect.top() + half - 4, wide, half)
            painted += _number(painter, room, figures["a"], 17, 600, theme, _MIDDLE)
        return painted
    baseline = rect.top() + 19
    end = paint_symbol(painter, QPointF(left, baseline), symbol, 14, theme.text)
    painted += _bias(painter, QRectF(end + 4, rect.top() + 4, right - end - 4, 20), figures, theme)
    if column.detail == "full":
        rows: list[tuple[What, QRectF, int, int]] = [
            ("z", QRectF(left, rect.top() + 28, wide, 22), 14, 500),
            ("a", QRectF(left, rect.top() + 53, wide, 28), 18, 600),
        ]
    else:
        half = wide / 2
        rows = [("a", QRectF(left, rect.top() + 25, wide, 22), 14, 600)]
        if _side_by_side(figures, half - 16):
            rows = [
                ("z", QRectF(left, rect.top() + 25, half - 4, 22), 13, 500),
                ("a", QRectF(left + half + 2, rect.top() + 25, half - 2, 22), 14, 600),
            ]
    for what, row, size, weight in rows:
        painter.setFont(font(13, weight, italic=True))
        painter.setPen(QColor(theme.text_2 if what == "z" else theme.text))
        painter.drawText(row, _LEFT, what)
        if what in figures:
            painted += _number(painter, row.adjusted(12, 0, 0, 0), figures[what], size, weight, theme)
        else:
            painter.setPen(QColor(theme.text_3))
            painter.drawText(row, _RIGHT, "·")
    return painted


def _side_by_side(figures: dict[What, Figure], room: float) -> bool:
    """Whether z and a have room beside each other."""
    measure = QFontMetricsF(font(14, 600)).horizontalAdvance
    known = [figures[what] for what in ("z", "a") if what in figures]  # type: ignore[index]
    return all(fitting(figure.value, room, measure) for figure in known)


def _bias(painter: QPainter, room: QRectF, figures: dict[What, Figure], theme: Theme) -> list[Figure]:
    """The bias; at the update, if there is room, with what becomes of it."""
    old, new = figures["b"], figures.get("new b")
    painter.setFont(font(12, 500))
    metrics = QFontMetricsF(painter.font())
    texts = [(f"b {old.text}", [old])]
    if new is not None:
        before, _, after = changed(old.value, figures["Δb"].value, new.value)
        texts = [(f"b {before} → {after}", [old, new]), (f"b → {after}", [new]), *texts]
    for text, painted in texts:
        if metrics.horizontalAdvance(text) <= room.width():
            painter.setPen(QColor(theme.text if new in painted else theme.text_2))
            painter.drawText(room, _RIGHT, text)
            return painted
    return []


def _number(
    painter: QPainter, room: QRectF, figure: Figure, size: int, weight: int, theme: Theme | None,
    align: Qt.AlignmentFlag = _RIGHT,
) -> list[Figure]:  # fmt: skip
    """A number with as many decimals as there is room for; in the painter's colour where there is no theme."""
    painter.setFont(font(size, weight))
    if theme is not None:
        painter.setPen(QColor(theme.text))
    measure = QFontMetricsF(painter.font()).horizontalAdvance
    text = fitting(figure.value, room.width(), measure, sign=figure.signed)
    painter.drawText(room, align, text)
    return [figure] if text else []


def _paint_delta(painter: QPainter, rect: QRectF, figure: Figure, theme: Theme) -> Figure:
    """δ below its neuron."""
    text = f"δ = {figure.text}"
    painter.setFont(font(12, 600))
    width = QFontMetricsF(painter.font()).horizontalAdvance(text) + 20
    pill = QRectF(rect.center().x() - width / 2, rect.bottom() + 4, width, PILL - 2)
    painter.setPen(QPen(QColor(theme.text), 2) if figure.now else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.backward))
    painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
    painter.setPen(QColor(theme.casing if theme.name == "light" else theme.card))
    painter.drawText(pill, _MIDDLE, text)
    return figure


def _small(
    painter: QPainter, rect: QRectF, item: NeuronItem, symbol: tuple[str, str], theme: Theme
) -> list[Figure]:
    """A card with room for one number: δ once it has come back, else a."""
    end = paint_symbol(painter, QPointF(rect.left() + 7, rect.center().y() + 4), symbol, 13, theme.text_2)
    figure = item.figures.get("δ") or item.figures.get("a")
    if figure is None:
        return []
    room = QRectF(end + 3, rect.top(), rect.right() - 6 - end - 3, rect.height())
    painter.setPen(QColor(theme.backward if figure.what == "δ" else theme.text))
    return _number(painter, room, figure, 12, 600, None)


# --- targets --------------------------------------------------------------------------------------------------------
def paint_target(
    painter: QPainter, layout: Layout, item: NeuronItem, label: str, theme: Theme, scale: float
) -> list[Figure]:
    """Target, output and their difference beside an output."""
    rect, output = layout.target_rect(item.slot), layout.columns[-1].rect(item.slot)
    painter.setPen(QPen(QColor(theme.outline), 1.3))
    painter.drawLine(QPointF(output.right(), rect.center().y()), QPointF(rect.left(), rect.center().y()))
    painter.setPen(QPen(QColor(theme.backward), 2) if item.now else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.sunken))
    painter.drawRoundedRect(rect, 10, 10)
    rows: list[tuple[What, str]] = [("y", "target y"), ("a", "output a"), ("a − y", "a − y")]
    if rect.height() < 90:
        rows = rows[2:] if rect.height() < 40 else [rows[0], rows[2]]
    high = (rect.height() - 8) / len(rows)
    wide = rect.width() >= 150
    painted = []
    for row, (what, title) in enumerate(rows):
        room = QRectF(rect.left() + 10, rect.top() + 4 + row * high, rect.width() - 20, high)
        colour = theme.backward if what == "a − y" else theme.text
        painter.setFont(font(12, 500))
        painter.setPen(QColor(colour if what == "a − y" else theme.text_2))
        title = f"{label}: y" if label and what == "y" else title
        if label and what == "y":
            title = QFontMetricsF(painter.font()).elidedText(title, Qt.TextElideMode.ElideRight, 0.5 * room.width())
        painter.drawText(room, _LEFT, title)
        figure = item.figures.get(what)
        if figure is None:
            painter.setPen(QColor(theme.text_3))
            painter.drawText(room, _RIGHT, "·")
            continue
        painter.setFont(font(13, 600))
        painter.setPen(QColor(colour))
        painter.drawText(room, _RIGHT, figure.text)
        painted.append(figure)
        if wide and math.isfinite(figure.value):
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
        at_hand = column.layer == now
        painter.setFont(font(13, 600))
        painter.setPen(QColor(theme.accent if at_hand else theme.text_2))
        room = QRectF(column.x - 40, 6, column.width + 80, 22)
        painter.drawText(room, _MIDDLE, titles[column.layer])
        if at_hand:
            width = QFontMetricsF(painter.font()).horizontalAdvance(titles[column.layer])
            painter.fillRect(QRectF(room.center().x() - width / 2, 28, width, 2), QColor(theme.accent))
    if layout.target_width and targets:
        painter.setFont(font(13, 600))
        painter.setPen(QColor(theme.text_2))
        words = "Target and error" if layout.target_width > 150 else "Error"
        painter.drawText(QRectF(layout.target_x - 10, 6, layout.target_width + 20, 22), _MIDDLE, words)


def paint_rest(painter: QPainter, column: Column, theme: Theme) -> None:
    """How many units there is no room for."""
    left = column.units - len(column.slots)
    if left > 0:
        painter.setFont(font(12, 500))
        painter.setPen(QColor(theme.text_2))
        at = column.rest_at
        painter.drawText(QRectF(at.x() - 60, at.y() - 20, 120, 20), _MIDDLE, f"… {left:,} more")


#: Where a pill is tried around what it is about, in parts of its own width and height.
_AROUND = [(across, down) for down in (-1.0, 1.0, -1.8, 1.8, -2.6, 2.6, -3.6, 3.6) for across in (0.0, -0.6, 0.6, -1.2, 1.2)]


def said_size(lines: list[str]) -> QSizeF:
    """Room for the pill of exact numbers."""
    strong, plain = QFontMetricsF(font(13, 600)), QFontMetricsF(font(12, 500))
    width = max((strong if k == 0 else plain).horizontalAdvance(line) for k, line in enumerate(lines))
    return QSizeF(width + 28, 17.0 * len(lines) + 15)


def place_said(size: QSizeF, anchors: list[QPointF], taken: list[QRectF], bounds: QRectF) -> tuple[QRectF, QPointF]:
    """Where a pill of this size hides least of what is taken, and which of the anchors it leads to."""
    best, found = math.inf, (QRectF(), QPointF())
    for anchor in anchors:
        for across, down in _AROUND:
            middle = anchor + QPointF(across * (size.width() / 2 + 30), down * (size.height() / 2 + 26))
            rect = QRectF(QPointF(middle.x() - size.width() / 2, middle.y() - size.height() / 2), size)
            rect.moveLeft(min(max(rect.left(), bounds.left() + 2), bounds.right() - rect.width() - 2))
            rect.moveTop(min(max(rect.top(), bounds.top() + 2), bounds.bottom() - rect.height() - 2))
            away = math.hypot(rect.center().x() - anchor.x(), rect.center().y() - anchor.y())
            hidden = sum(_area(rect.intersected(other)) for other in taken) + 0.7 * away
            hidden += 1e6 if rect.contains(anchor) else 0.0
            if hidden < best:
                best, found = hidden, (rect.toRect().toRectF(), anchor)
    return found


def _area(rect: QRectF) -> float:
    return max(rect.width(), 0.0) * max(rect.height(), 0.0)


def paint_said(painter: QPainter, lines: list[str], rect: QRectF, anchor: QPointF, theme: Theme) -> None:
    """A dark pill with exact numbers, and its leader to what it is about."""
    painter.setPen(QPen(QColor(theme.text), 1.6))
    to = QPointF(
        min(max(anchor.x(), rect.left() + 8), rect.right() - 8), min(max(anchor.y(), rect.top()), rect.bottom())
    )
    painter.drawLine(anchor, to)
    painter.setBrush(QColor(theme.text))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(anchor, 3.5, 3.5)
    painter.drawRoundedRect(rect, 6, 6)
    painter.setPen(QColor(theme.card))
    for k, line in enumerate(lines):
        painter.setFont(font(13, 600) if k == 0 else font(12, 500))
        painter.drawText(QRectF(rect.left() + 14, rect.top() + 7 + 17 * k, rect.width() - 20, 17), _LEFT, line)


def paint_legend(painter: QPainter, at: QPointF, room: float, theme: Theme) -> None:
    """What the pills and lines mean; where there is little room, the last ones are left out."""
    entries = (
        ("w × a = w·a", "forward", theme.card, theme.hairline, theme.text_2),
        ("◂ w·δ", "error flowing back", theme.backward_soft, theme.backward, theme.backward),
        ("δ", "error of a neuron", theme.backward, theme.backward, theme.card),
        ("∂C/∂w", "gradient", theme.card, theme.backward, theme.backward),
        ("old → new", "update", theme.card, theme.accent, theme.text),
    )
    x = at.x()
    small = QFontMetricsF(font(12, 600))
    words = QFontMetricsF(font(12, 400))
    for sample, meaning, fill, line, colour in entries:
        wide, told = small.horizontalAdvance(sample) + 16, words.horizontalAdvance(meaning)
        if x + wide + told + 8 > at.x() + room:
            return
        rect = QRectF(round(x) + 0.5, at.y() - 10.5, round(wide), 21)
        painter.setPen(QPen(QColor(line), 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(rect, 10 if "δ" in sample else 5, 10 if "δ" in sample else 5)
        painter.setFont(font(12, 600))
        painter.setPen(QColor(colour))
        painter.drawText(rect, _MIDDLE, sample)
        painter.setFont(font(12))
        painter.setPen(QColor(theme.text_2))
        painter.drawText(QRectF(rect.right() + 8, at.y() - 11, told + 6, 22), _LEFT, meaning)
        x += wide + told + 30
