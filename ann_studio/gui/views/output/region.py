"""The plane behind the points: decision regions, probabilities or a regression surface, as one image."""

from __future__ import annotations

import contourpy
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ann_studio.data.dataset import Classes
from ann_studio.gui.theme import Theme, color_table
from ann_studio.gui.views.output.points import value_scale
from ann_studio.learning.problem import Problem

Region = NDArray[np.float64]


def region_image(problem: Problem, region: Region, theme: Theme, *, discrete: bool) -> QImage:
    """The outputs ``(outputs, side, side)`` as colours."""
    classes = problem.dataset.target
    if isinstance(classes, Classes) and len(region) > 1:
        return _many(region, len(classes.labels), theme, discrete=discrete)
    table = color_table(theme.activation_map, theme.card, theme.region_strength)
    scaled = np.nan_to_num(np.clip(signed(problem, region[0]), -1, 1))
    if discrete:
        scaled = np.where(scaled > 0, 0.8, -0.8)
    return _image(table[np.clip((scaled + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)])


def signed(problem: Problem, output: Region) -> Region:
    """The first output on a scale from −1 to 1, where 0 is the decision level of classes."""
    preparation = problem.preparation
    if isinstance(problem.dataset.target, Classes):
        low, high = preparation.low, preparation.high
        return np.asarray((output - (low + high) / 2) / ((high - low) / 2))
    with np.errstate(over="ignore", invalid="ignore"):  # of a network that diverged
        values = output * preparation.target_scale[0] + preparation.target_mean[0]
        return np.asarray(values / value_scale(problem))


def _many(region: Region, classes: int, theme: Theme, *, discrete: bool) -> QImage:
    """Each pixel in the colour of its winner, paler where the winner is less sure."""
    winner, top = region.argmax(axis=0), np.sort(np.nan_to_num(np.clip(region, -1, 1)), axis=0)
    margin = np.clip(top[-1] - top[-2], 0, 1) if not discrete else np.ones_like(top[-1])
    strength = theme.region_strength * (0.25 + 0.75 * np.nan_to_num(margin))
    rgb = np.array([[int(colour[k : k + 2], 16) for k in (1, 3, 5)] for colour in theme.classes], dtype=np.float64)
    card = np.array([int(theme.card[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64)
    colours = card + (rgb[winner % len(rgb)] - card) * strength[..., None]
    channel = colours.round().astype(np.uint32)
    return _image((0xFF000000 | channel[..., 0] << 16 | channel[..., 1] << 8 | channel[..., 2]).astype(np.uint32))


def _image(pixels: NDArray[np.uint32]) -> QImage:
    side = pixels.shape[0]
    # .copy(): the image must own its bytes once the array is gone
    return QImage(pixels.tobytes(), side, side, side * 4, QImage.Format.Format_RGB32).copy()


def boundary(problem: Problem, region: Region, rect: QRectF) -> QPainterPath:
    """The lines at which the decision changes, in the pixels of `rect`."""
    path = QPainterPath()
    if not isinstance(problem.dataset.target, Classes) or not np.isfinite(region).all():
        return path
    side = region.shape[1]
    steps = (np.arange(side) + 0.5) / side
    x, y = rect.left() + steps * rect.width(), rect.top() + steps * rect.height()
    if len(region) == 1:
        fields = [signed(problem, region[0])]
    else:
        # a class's border: where it stops being the largest
        order = np.sort(region, axis=0)
        fields = [region[k] - np.where(region[k] == order[-1], order[-2], order[-1]) for k in range(len(region))]
    for field in fields:
        if field.min() < 0 < field.max():
            for line in contourpy.contour_generator(x, y, field).lines(0.0):
                _add(path, np.asarray(line))
    return path


def _add(path: QPainterPath, line: NDArray[np.float64]) -> None:
    points = line.tolist()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)


def paint_boundary(painter: QPainter, path: QPainterPath, theme: Theme) -> None:
    """Paint the decision boundary with its casing."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(QColor(theme.casing), 3.5))
    painter.drawPath(path)
    painter.setPen(QPen(QColor(theme.text), 1.6))
    painter.drawPath(path)
