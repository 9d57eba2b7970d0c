"""The plane of two inputs: what the network makes of it, its points, and the range of its axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ann_studio.gui.scales import short
from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.output.region import boundary, paint_boundary, region_image
from ann_studio.gui.views.output.stage import Stage
from ann_studio.learning.problem import Problem

_CORNER = 8.0


def begin(painter: QPainter, stage: Stage, theme: Theme) -> None:
    """Clip to a rectangle with round corners and fill it."""
    clip = QPainterPath()
    clip.addRoundedRect(stage.rect, _CORNER, _CORNER)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setClipPath(clip)
    painter.fillRect(stage.rect, QColor(theme.sunken))


def paint_region(
    painter: QPainter,
    stage: Stage,
    problem: Problem,
    region: NDArray[np.float64],
    theme: Theme,
    ghost: QImage | None = None,
    *,
    discrete: bool,
) -> None:
    """Paint the outputs as colours, and where the decision changes; between them `ghost`, where it changed before."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not discrete)
    painter.drawImage(stage.rect, region_image(problem, region, theme, discrete=discrete))
    if ghost is not None:
        painter.drawImage(0, 0, ghost)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    paint_boundary(painter, boundary(problem, region, stage.rect), theme)


def finish(painter: QPainter, stage: Stage, names: tuple[str, str], theme: Theme) -> None:
    """Paint the frame, and the range of the axes in its corners."""
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.hairline), 1))
    painter.drawRoundedRect(stage.rect.adjusted(0.5, 0.5, -0.5, -0.5), _CORNER, _CORNER)
    painter.setFont(font(12))
    metrics, rect, flag = painter.fontMetrics(), stage.rect.adjusted(5, 5, -5, -5), Qt.AlignmentFlag
    x0, x1, y0, y1 = stage.extent
    low = short(x0) if x0 == y0 else f"{short(x0)}, {short(y0)}"
    room = rect.width() - metrics.horizontalAdvance(low + short(x1)) - 40
    x_name = metrics.elidedText(names[0], Qt.TextElideMode.ElideRight, max(0, int(room)))
    y_name = metrics.elidedText(names[1], Qt.TextElideMode.ElideRight, int(rect.width() / 2))
    for text, place in (
        (low, flag.AlignLeft | flag.AlignBottom),
        (f"{x_name}  {short(x1)}", flag.AlignRight | flag.AlignBottom),
        (f"{short(y1)}  {y_name}", flag.AlignLeft | flag.AlignTop),
    ):
        _paint_label(painter, rect, text, place, theme)


def _paint_label(painter: QPainter, rect: QRectF, text: str, place: Qt.AlignmentFlag, theme: Theme) -> None:
    """A text that can be read on any colour."""
    box = QRectF(0, 0, painter.fontMetrics().horizontalAdvance(text) + 8, 17)
    right, bottom = place & Qt.AlignmentFlag.AlignRight, place & Qt.AlignmentFlag.AlignBottom
    x = rect.right() - box.width() if right else rect.left()
    box.moveTopLeft(QPointF(x, rect.bottom() - box.height() if bottom else rect.top()))
    back = QColor(theme.card)
    back.setAlpha(190)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(back)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor(theme.text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
