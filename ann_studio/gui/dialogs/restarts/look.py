"""How minima and batch sizes are told apart: a colour, a hatch and a letter; a colour and a marker."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from ann_studio.gui.dialogs.restarts.findings import Comparison
from ann_studio.gui.looks import Look
from ann_studio.gui.painting import painting
from ann_studio.gui.theme import Theme, font, mix
from ann_studio.learning.problem import Problem
from ann_studio.learning.race import name_of

#: Minima that have a look of their own; the others share one.
_MOST = 6
#: Their colours among those of the classes, and their hatches.
_COLOURS = (1, 0, 2, 3, 6, 9)
_HATCHES = ("plain", "falling", "rising", "dots", "level", "crossed")
_TILE = 8  #: pixels after which a hatch repeats


@dataclass(frozen=True)
class Kind:
    """Minima with the same look.

    Parameters
    ----------
    name
        A letter, ``others`` or ``diverged``.
    minima
        Positions in `Comparison.minima`; −1 stands for runs that diverged.
    colour
        ``#RRGGBB``.
    """

    name: str
    minima: tuple[int, ...]
    colour: str
    hatch: str


def kinds(comparison: Comparison, theme: Theme) -> tuple[Kind, ...]:
    """The lowest minimum and those most often reached, each by itself, then the other ones, then what diverged."""
    counts = comparison.counts.sum(axis=(0, 2))
    often = np.argsort(-counts, kind="stable")[:_MOST].tolist()
    own = sorted({0, *often[: _MOST - 1]} if len(counts) > _MOST else range(len(counts)))
    found = [
        Kind(comparison.minima[minimum].letter, (minimum,), theme.classes[_COLOURS[k]], _HATCHES[k])
        for k, minimum in enumerate(own)
    ]
    others = tuple(minimum for minimum in range(len(counts)) if minimum not in own)
    if others:
        found.append(Kind("others", others, theme.text_3, "rising"))
    if any((reached < 0).any() for reached in comparison.reached):
        found.append(Kind("diverged", (-1,), theme.error, "crossed"))
    return tuple(found)


def brush(kind: Kind, theme: Theme, ratio: float = 1.0) -> QBrush:
    """What the bars of a kind are filled with."""
    return QBrush(_tile(kind.colour, kind.hatch, theme.card, ratio))


@lru_cache(maxsize=64)
def _tile(colour: str, hatch: str, card: str, ratio: float) -> QImage:
    """A piece of a hatch that can be laid side by side with itself."""
    size = round(_TILE * ratio)
    image = QImage(size, size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(size / _TILE)
    image.fill(QColor(colour))
    with painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(mix(colour, card, 0.62), 2.0))
        _hatch(painter, hatch)
    return image


def _hatch(painter: QPainter, hatch: str) -> None:
    """Light lines over one tile; those that leave it on one side come in on the other."""
    end = float(_TILE)
    shifts = (-end, 0.0, end)
    if hatch == "dots":
        painter.setBrush(painter.pen().color())
        painter.setPen(Qt.PenStyle.NoPen)
        for x, y in ((2.0, 2.0), (6.0, 6.0)):
            painter.drawEllipse(QPointF(x, y), 1.3, 1.3)
    if hatch == "level":
        painter.drawLine(QPointF(0, end / 2), QPointF(end, end / 2))
    if hatch in ("falling", "crossed"):
        for shift in shifts:
            painter.drawLine(QPointF(shift - 1, -1), QPointF(shift + end + 1, end + 1))
    if hatch in ("rising", "crossed"):
        for shift in shifts:
            painter.drawLine(QPointF(shift - 1, end + 1), QPointF(shift + end + 1, -1))


def paint_swatch(painter: QPainter, rect: QRectF, kind: Kind, theme: Theme, ratio: float) -> None:
    """Paint a small piece of a kind's fill, with round corners."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(brush(kind, theme, ratio))
    painter.setBrushOrigin(rect.topLeft())
    painter.drawRoundedRect(rect, 4, 4)


def paint_letter(painter: QPainter, at: QPointF, kind: Kind, theme: Theme) -> None:
    """Write a kind's letter, its middle at `at`, on a casing that keeps it clear of what lies behind."""
    painter.setFont(font(12, 700))
    width = max(18.0, painter.fontMetrics().horizontalAdvance(kind.name) + 10.0)
    rect = QRectF(at.x() - width / 2, at.y() - 8, width, 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.card))
    painter.drawRoundedRect(rect, 4, 4)
    painter.setPen(QColor(kind.colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, kind.name)


def look_of(problem: Problem, theme: Theme) -> Look:
    """Colour and marker of a batch size, as in the race."""
    return {
        "Batch": Look(theme.batch, "circle"),
        "Mini-batch": Look(theme.mini_batch, "square"),
        "Stochastic": Look(theme.stochastic, "triangle"),
    }[name_of(problem.experiment.learning, len(problem.train))]
