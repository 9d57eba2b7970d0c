"""How data points are drawn: colour by class or value, training filled, validation as rings."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ann_studio.data.dataset import Classes
from ann_studio.gui.theme import Theme, color_table
from ann_studio.learning.problem import Problem, Samples


def class_colour(theme: Theme, index: int, classes: int) -> str:
    """Colour of a class: blue is class 1 of two; of more, the palette in order."""
    if classes == 2:
        return theme.positive if index == 1 else theme.negative
    return theme.classes[index % len(theme.classes)]


def value_scale(problem: Problem) -> float:
    """The number that the ends of the colour scale mean, in the target's unit."""
    return float(np.abs(problem.dataset.targets[:, 0]).max()) or 1.0


def point_colours(problem: Problem, samples: Samples, theme: Theme) -> list[QColor]:
    """A colour for each sample."""
    targets, target = problem.dataset.targets[samples.rows], problem.dataset.target
    if isinstance(target, Classes):
        palette = [QColor(class_colour(theme, k, len(target.labels))) for k in range(len(target.labels))]
        return [palette[int(index)] for index in targets[:, 0]]
    table = color_table(theme.activation_map)
    shades = np.clip((targets[:, 0] / value_scale(problem) + 1) * 127.5, 0, 255).astype(int)
    return [QColor(int(table[shade]) & 0xFFFFFF) for shade in shades]


def paint_points(
    painter: QPainter,
    pixels: list[QPointF],
    colours: list[QColor],
    size: float,
    theme: Theme,
    *,
    rings: bool,
    outlined: bool = False,
) -> None:
    """Paint points of diameter `size`, each with a casing; rings are open.

    `outlined` points have a grey line around them, for colours that may be as pale as what lies behind.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    casing, line = QColor(theme.casing), QColor(theme.outline if outlined else theme.casing)
    for pixel, colour in zip(pixels, colours, strict=True):
        if rings and outlined:
            painter.setPen(QPen(line, size / 2))
            painter.drawEllipse(pixel, size / 2 - 1.2, size / 2 - 1.2)
        if rings:
            painter.setPen(QPen(colour, 2))
            painter.setBrush(casing)
            painter.drawEllipse(pixel, size / 2 - 0.5, size / 2 - 0.5)
        else:
            painter.setPen(QPen(line, 1.2))
            painter.setBrush(colour)
            painter.drawEllipse(pixel, size / 2, size / 2)


def paint_ring(painter: QPainter, pixel: QPointF, theme: Theme) -> None:
    """Mark one sample."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.casing), 5))
    painter.drawEllipse(pixel, 9, 9)
    painter.setPen(QPen(QColor(theme.text), 2.2))
    painter.drawEllipse(pixel, 9, 9)
