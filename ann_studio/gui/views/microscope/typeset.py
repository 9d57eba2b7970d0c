"""Formulas as pictures: TeX is typeset once for each size and colour, and what is typeset is painted many times.

A line of mathematics is a row of boxes on one baseline. Its fixed parts are TeX, typeset by ziamath and kept; its
numbers are set from digits that were typeset in the same way, each once. So a step costs milliseconds: typesetting a
new piece takes some ten of them, painting a kept line a fraction of one.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from ann_studio.gui.painting import layer, painting

if TYPE_CHECKING:
    from types import ModuleType

#: Pictures that are kept, and the height of the letters that outlines are made for.
_KEPT, _AT = 1_500, 24.0
_VIEW_BOX = re.compile(r'viewBox="([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+)"')


@dataclass(frozen=True)
class Style:
    """How formulas are set.

    Parameters
    ----------
    size
        Height of the letters in pixels.
    colour
        ``#RRGGBB``.
    ratio
        Pixels of the screen for one of the widget's.
    """

    size: float
    colour: str
    ratio: float = 1.0

    def smaller(self) -> Style:
        """For exponents."""
        return Style(self.size * 0.72, self.colour, self.ratio)


@dataclass(frozen=True, eq=False)
class Glyphs:
    """A typeset picture: how far it reaches, in pixels, from the point on the baseline where it begins."""

    image: QImage
    left: float
    width: float
    up: float
    down: float


@cache
def _ziamath() -> ModuleType:
    """The typesetter, which takes a third of a second to be loaded: not before a formula is shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of its own way to find its font
        import ziamath

    ziamath.config.svg2 = False  # type: ignore[attr-defined]  # Qt's SVG knows no <symbol>
    return ziamath


@lru_cache(maxsize=_KEPT)
def typeset(tex: str, style: Style) -> Glyphs:
    """A piece of TeX as a picture, kept by (TeX, size, colour, ratio)."""
    return _make(tex, style)


@dataclass(frozen=True)
class Outline:
    """A piece of TeX as SVG in black, `_AT` pixels high: where it lies and how wide it is."""

    svg: str
    box: tuple[float, float, float, float]
    advance: float


@lru_cache(maxsize=_KEPT)
def outline(tex: str) -> Outline:
    """A piece of TeX, typeset once for all sizes and colours."""
    formula = _ziamath().Latex(tex, size=_AT, margin=0, inline=True)
    svg = str(formula.svg())
    found = _VIEW_BOX.search(svg)
    assert found is not None
    x, y, width, height = map(float, found.groups())
    return Outline(svg, (x, y, width, height), float(formula.getsize()[0]))


def _make(tex: str, style: Style) -> Glyphs:
    from PySide6.QtSvg import QSvgRenderer

    found, scale = outline(tex), style.size / _AT
    svg = found.svg.replace('"black"', f'"{style.colour}"')
    x, y, width, height = (value * scale for value in found.box)
    # In whole pixels of the screen, so that the picture is not blurred by being moved between them.
    left, top = _down(x, style.ratio) - 1, _down(y, style.ratio) - 1
    right, bottom = -_down(-(x + width), style.ratio) + 1, -_down(-(y + height), style.ratio) + 1
    size = QSize(max(1, round(right - left)), max(1, round(bottom - top)))
    image = layer(size, style.ratio)
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(svg.encode()).render(painter, QRectF(x - left, y - top, width, height))
    return Glyphs(image, left, found.advance * scale, -y, y + height)


def _down(value: float, ratio: float) -> float:
    """The next whole pixel below."""
    return float(int(value) - (value < int(value)))


# --- boxes ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tex:
    """A fixed piece."""

    source: str


@dataclass(frozen=True)
class Num:
    """A number as the theme writes it; negative ones in parentheses where they stand behind a sign."""

    text: str
    wrapped: bool = False


@dataclass(frozen=True)
class Frac:
    """A fraction."""

    above: tuple[Box, ...]
    below: tuple[Box, ...]


@dataclass(frozen=True)
class Raised:
    """An exponent."""

    inner: tuple[Box, ...]


@dataclass(frozen=True)
class Gap:
    """Space, in parts of the letters' size; a line may be broken here."""

    width: float = 0.28
    breaks: bool = False


Box = Tex | Num | Frac | Raised | Gap
Line = tuple[Box, ...]

#: What stands for the characters of a number.
_TEX_OF = {"−": "-", "×": r"\times", "∞": r"\infty", "–": r"\text{–}", "…": r"\dots", "%": r"\%"}
_AXIS, _RISE, _RULE = 0.27, 0.42, 0.06  #: parts of the size: the fraction's bar, an exponent, the bar's thickness


def pieces_of(text: str) -> tuple[str, ...]:
    """The TeX of each character of a number; a power of ten is a piece of its own."""
    mantissa, _, power = text.partition("e")
    pieces = [_TEX_OF.get(character, character) for character in mantissa]
    if power:
        pieces.append(rf"\cdot 10^{{{int(power.replace('−', '-'))}}}")
    return tuple(pieces)


@dataclass(frozen=True)
class Extent:
    """Width of a box, and how far it reaches above and below the baseline."""

    width: float
    up: float
    down: float


def measure(boxes: tuple[Box, ...], style: Style) -> Extent:
    """How much room a row of boxes takes."""
    extents = [_extent(box, style) for box in boxes]
    if not extents:
        return Extent(0.0, 0.7 * style.size, 0.2 * style.size)
    return Extent(
        sum(extent.width for extent in extents),
        max(extent.up for extent in extents),
        max(extent.down for extent in extents),
    )


@lru_cache(maxsize=_KEPT)
def _number_pieces(number: Num) -> tuple[str, ...]:
    inner = pieces_of(number.text)
    return ("(", *inner, ")") if number.wrapped and number.text[:1] in "−-" else inner


@lru_cache(maxsize=_KEPT)
def _plain_extent(pieces: tuple[str, ...], size: float) -> Extent:
    """Room for pieces of TeX side by side; found without painting any."""
    scale, made = size / _AT, [outline(piece) for piece in pieces]
    return Extent(
        scale * sum(each.advance for each in made),
        scale * max((-each.box[1] for each in made), default=0.0),
        scale * max((each.box[1] + each.box[3] for each in made), default=0.0),
    )


def _extent(box: Box, style: Style) -> Extent:
    if isinstance(box, Gap):
        return Extent(box.width * style.size, 0.0, 0.0)
    if isinstance(box, Tex):
        return _plain_extent((box.source,), style.size)
    if isinstance(box, Num):
        return _plain_extent(_number_pieces(box), style.size)
    if isinstance(box, Raised):
        inner = measure(box.inner, style.smaller())
        return Extent(inner.width, inner.up + _RISE * style.size, max(0.0, inner.down - _RISE * style.size))
    above, below = measure(box.above, style), measure(box.below, style)
    air, axis = 0.18 * style.size, _AXIS * style.size
    return Extent(
        max(above.width, below.width) + 0.3 * style.size,
        axis + air + above.up + above.down,
        below.up + below.down + air - axis,
    )


def paint(painter: QPainter, at: QPointF, boxes: tuple[Box, ...], style: Style) -> float:
    """Paint a row of boxes from a point on its baseline; returns where it ends."""
    x, y = at.x(), at.y()
    for box in boxes:
        if isinstance(box, Tex):
            x += _stamp(painter, x, y, box.source, style)
        elif isinstance(box, Num):
            for piece in _number_pieces(box):
                x += _stamp(painter, x, y, piece, style)
        elif isinstance(box, Raised):
            x = paint(painter, QPointF(x, y - _RISE * style.size), box.inner, style.smaller())
        elif isinstance(box, Frac):
            x = _paint_fraction(painter, x, y, box, style)
        else:
            x += box.width * style.size
    return x


def _stamp(painter: QPainter, x: float, y: float, tex: str, style: Style) -> float:
    glyphs, ratio = typeset(tex, style), style.ratio
    at = QPointF(round((x + glyphs.left) * ratio) / ratio, round((y - _top(glyphs)) * ratio) / ratio)
    painter.drawImage(at, glyphs.image)
    return glyphs.width


def _top(glyphs: Glyphs) -> float:
    """How far the picture begins above the baseline."""
    return -(_down(-glyphs.up, 1.0) - 1)


def _paint_fraction(painter: QPainter, x: float, y: float, box: Frac, style: Style) -> float:
    above, below = measure(box.above, style), measure(box.below, style)
    width = max(above.width, below.width) + 0.3 * style.size
    air, bar = 0.18 * style.size, y - _AXIS * style.size
    paint(painter, QPointF(x + (width - above.width) / 2, bar - air - above.down), box.above, style)
    paint(painter, QPointF(x + (width - below.width) / 2, bar + air + below.up), box.below, style)
    thick = max(1.0, _RULE * style.size)
    painter.fillRect(QRectF(x + 0.05 * style.size, round(bar), width - 0.1 * style.size, thick), QColor(style.colour))
    return x + width


def broken(line: Line, room: float, style: Style) -> list[Line]:
    """A line in as many lines as it needs, broken at the gaps where it may be; later ones are set in a little."""
    if measure(line, style).width <= room:
        return [line]
    parts: list[list[Box]] = [[]]
    for box in line:
        if isinstance(box, Gap) and box.breaks:
            parts.append([])
        parts[-1].append(box)
    lines: list[list[Box]] = []
    indent = Gap(1.2)
    for part in parts:
        if lines and measure((*lines[-1], *part), style).width <= room:
            lines[-1].extend(part)
        elif lines:
            lines.append([indent, *part[1:]])
        else:
            lines.append(list(part))
    return [tuple(each) for each in lines]
