"""The confusion matrix: truth in rows, predictions in columns, and each class's accuracy at the end of its row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ann_studio.gui.theme import Theme, font, mix

Counts = NDArray[np.int64]

_CENTER = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TOP, _ACCURACY = 34.0, 46.0  #: room above for the classes, and at the right
#: The least cell in which a number can be read.
_CELL = (24.0, 14.5)


@dataclass(frozen=True)
class Grid:
    """Where the cells are.

    Parameters
    ----------
    left, top
        Corner of the first cell.
    width, height
        Of a cell.
    shown
        Classes that are shown, the first ones.
    names
        Room for the names of the rows.
    """

    left: float
    top: float
    width: float
    height: float
    shown: int
    names: float

    def cell(self, row: int, column: int) -> QRectF:
        """The rectangle of a cell; the column after the last is that of the accuracies."""
        return QRectF(self.left + column * self.width, self.top + row * self.height, self.width, self.height)

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """Truth and prediction of the cell at a position."""
        column, row = (position.x() - self.left) / self.width, (position.y() - self.top) / self.height
        return (int(row), int(column)) if 0 <= row < self.shown and 0 <= column < self.shown else None


def capacity(width: float, height: float) -> int:
    """Classes whose numbers can be read in a picture of this size, their names being short."""
    return max(1, min(int((width - 36 - _ACCURACY) / _CELL[0]), int((height - _TOP - 4) / _CELL[1])))


def names_fit(width: float, height: float, labels: tuple[str, ...]) -> bool:
    """Whether every class is shown with its whole name in a picture of this size."""
    grid, metrics = lay_out(QRectF(0, 0, max(width, 1.0), max(height, 1.0)), labels), QFontMetricsF(font(12))
    widest = max(metrics.horizontalAdvance(label) for label in labels)
    return grid.shown == len(labels) and widest + 2 <= min(grid.width, grid.names)


def lay_out(rect: QRectF, labels: tuple[str, ...]) -> Grid:
    """Place the cells for `labels` in `rect`; where there is no room for all, the first ones."""
    shown = min(len(labels), capacity(rect.width(), rect.height()))
    metrics = QFontMetricsF(font(12))
    names = max(metrics.horizontalAdvance(label) for label in labels[:shown])
    spare = rect.width() - _ACCURACY - shown * _CELL[0]
    names = max(36.0, min(names + 10.0, 0.3 * rect.width(), spare))
    width = min((rect.width() - names - _ACCURACY) / shown, 96.0)
    height = min((rect.height() - _TOP - 4) / shown, 72.0)
    left = rect.left() + names + (rect.width() - names - _ACCURACY - width * shown) / 2
    top = rect.top() + _TOP + max(0.0, (rect.height() - _TOP - height * shown) / 2 - 24)
    return Grid(left, top, width, height, shown, names)


def paint_confusion(painter: QPainter, rect: QRectF, counts: Counts, labels: tuple[str, ...], theme: Theme) -> None:
    """Paint `counts` ``[truth, prediction]`` into `rect`."""
    grid = lay_out(rect, labels)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    _paint_names(painter, grid, labels, theme)
    totals = np.maximum(counts.sum(axis=1), 1)
    painter.setFont(font(13 if grid.height > 22 and grid.width > 30 else 12, 600))
    for row in range(grid.shown):
        for column in range(grid.shown):
            share = float(counts[row, column] / totals[row])
            _paint_cell(painter, grid, (row, column), int(counts[row, column]), share, theme)
        painter.setPen(QColor(theme.text))
        accuracy = counts[row, row] / totals[row]
        cell = grid.cell(row, grid.shown)
        cell.setWidth(_ACCURACY)
        painter.drawText(cell, _RIGHT, f"{100 * accuracy:.0f} %")


def _paint_names(painter: QPainter, grid: Grid, labels: tuple[str, ...], theme: Theme) -> None:
    painter.setFont(font(12))
    metrics = painter.fontMetrics()
    above = grid.top - 18
    painter.setPen(QColor(theme.text_3))
    left_out = f", first {grid.shown} of {len(labels)} classes" if grid.shown < len(labels) else ""
    header = QRectF(grid.left - grid.names, above - 16, grid.width * grid.shown + 2 * grid.names, 16)
    painter.drawText(header, _CENTER, f"predicted{left_out}")
    painter.drawText(QRectF(grid.cell(0, grid.shown).left(), above, _ACCURACY, 16), _RIGHT, "right")
    painter.drawText(QRectF(grid.left - grid.names, above, grid.names - 8, 16), _RIGHT, "true")
    painter.setPen(QColor(theme.text_2))
    for row in range(grid.shown):
        cell = grid.cell(row, 0)
        label = metrics.elidedText(labels[row], Qt.TextElideMode.ElideMiddle, int(grid.names - 8))
        painter.drawText(QRectF(grid.left - grid.names, cell.top(), grid.names - 8, grid.height), _RIGHT, label)
        label = metrics.elidedText(labels[row], Qt.TextElideMode.ElideMiddle, int(grid.width - 2))
        painter.drawText(QRectF(grid.cell(0, row).left(), above, grid.width, 16), _CENTER, label)


def _paint_cell(painter: QPainter, grid: Grid, place: tuple[int, int], count: int, share: float, theme: Theme) -> None:
    cell = grid.cell(*place)
    hue = theme.positive if place[0] == place[1] else theme.negative
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade(theme.sunken, hue, share))
    painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 4, 4)
    text = f"{count:,}"
    if count and painter.fontMetrics().horizontalAdvance(text) <= grid.width - 2:
        painter.setPen(QColor(theme.text))
        painter.drawText(cell, _CENTER, text)


def mark(painter: QPainter, rect: QRectF, labels: tuple[str, ...], cell: tuple[int, int], theme: Theme) -> None:
    """Mark the cell of the sample that is looked at, if it is shown."""
    grid = lay_out(rect, labels)
    if max(cell) < grid.shown:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.text), 2.2))
        painter.drawRoundedRect(grid.cell(*cell).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def shade(ground: str, hue: str, share: float) -> QColor:
    """Colour of a cell that has this share of its row; never so strong that its number could not be read."""
    return mix(ground, hue, 0.0 if share == 0 else 0.12 + 0.42 * share)


def cell_text(counts: Counts, labels: tuple[str, ...], place: tuple[int, int]) -> str:
    """What a cell says, in words."""
    truth, prediction = place
    return (
        f"true {labels[truth]}, predicted {labels[prediction]}:"
        f" {int(counts[truth, prediction]):,} of {int(counts[truth].sum()):,}"
        + ("; click to look at one" if counts[truth, prediction] else "")
    )
