"""The confusion matrix: truth in rows, predictions in columns, and each class's accuracy at the end of its row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from ann_studio.gui.theme import Theme, font, mix

_CENTER = Qt.AlignmentFlag.AlignCenter
_MOST_CLASSES = 20


def paint_confusion(
    painter: QPainter, rect: QRectF, counts: NDArray[np.int64], labels: tuple[str, ...], theme: Theme
) -> None:
    """Paint `counts` ``[truth, prediction]`` into `rect`; of very many classes the first ones."""
    shown = min(len(labels), _MOST_CLASSES)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(font(12))
    metrics = painter.fontMetrics()
    names = max(metrics.horizontalAdvance(label) for label in labels[:shown])
    left, top, right = max(36.0, min(names + 10.0, 0.3 * rect.width())), 34.0, 48.0
    width = min((rect.width() - left - right) / shown, 96.0)
    height = min((rect.height() - top - 4) / shown, 72.0)
    painter.translate(
        (rect.width() - left - right - width * shown) / 2, max(0.0, (rect.height() - top - height * shown) / 2 - 24)
    )
    painter.setPen(QColor(theme.text_3))
    painter.drawText(QRectF(left, 0, width * shown, 16), _CENTER, "predicted")
    painter.drawText(QRectF(left + width * shown, 16, right, 16), _CENTER, "right")
    painter.drawText(QRectF(0, 16, left - 8, 16), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "true")
    totals = np.maximum(counts.sum(axis=1), 1)
    digits = font(13 if height > 22 and width > 26 else 12, 600)
    for row in range(shown):
        y = top + row * height
        painter.setFont(font(12))
        painter.setPen(QColor(theme.text_2))
        label = metrics.elidedText(labels[row], Qt.TextElideMode.ElideRight, int(left - 8))
        painter.drawText(QRectF(0, y, left - 8, height), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, label)
        column_label = metrics.elidedText(labels[row], Qt.TextElideMode.ElideRight, int(width - 2))
        painter.drawText(QRectF(left + row * width, 16, width, 16), _CENTER, column_label)
        for column in range(shown):
            count = int(counts[row, column])
            share = count / totals[row]
            hue = theme.positive if row == column else theme.negative
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mix(theme.sunken, hue, 0.0 if count == 0 else 0.25 + 0.75 * share))
            painter.drawRoundedRect(QRectF(left + column * width + 1, y + 1, width - 2, height - 2), 4, 4)
            if count:
                painter.setFont(digits)
                painter.setPen(QColor(theme.on_accent if share > 0.45 else theme.text))
                painter.drawText(QRectF(left + column * width, y, width, height), _CENTER, f"{count:,}")
        painter.setFont(digits)
        painter.setPen(QColor(theme.text))
        accuracy = counts[row, row] / totals[row]
        painter.drawText(QRectF(left + shown * width, y, right, height), _CENTER, f"{100 * accuracy:.0f} %")
