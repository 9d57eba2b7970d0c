"""What lies below the paths: coloured bands, contour lines with their levels, and the axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from ann_studio.analysis.contours import Contours
from ann_studio.analysis.planes import Extent
from ann_studio.gui.painting import layer, painting
from ann_studio.gui.parameters import fitted
from ann_studio.gui.scales import labels, ticks
from ann_studio.gui.theme import Theme, color_table, font, mix, number
from ann_studio.gui.views.surface.scale import Scale

Matrix = NDArray[np.float64]

RADIUS = 6.0
_MOST_LEVELS = 8  #: that are written
_APART = 60.0  #: pixels between two written levels


class Ground:
    """Paints the ground into an image of the canvas's size and keeps it until one of its reasons changes."""

    def __init__(self) -> None:
        self._image: QImage | None = None
        #: Where levels are written.
        self.written: list[QRectF] = []
        self._reasons: tuple[object, ...] = ()

    def image(
        self,
        size: QSize,
        ratio: float,
        scale: Scale,
        theme: Theme,
        names: tuple[str, str],
        shown: tuple[Contours, Extent] | None,
    ) -> QImage:
        """The ground; `shown` are contours and the extent that they were made for."""
        contours = shown[0] if shown is not None else None
        reasons = (size, ratio, scale, theme, names, contours)
        if self._image is None or reasons[:5] != self._reasons[:5] or contours is not self._reasons[5]:
            image, self.written = layer(size, ratio, QColor(theme.card)), []
            with painting(image) as painter:
                if shown is not None:
                    _paint_bands(painter, scale, *shown, theme)
                    self.written = _paint_lines(painter, scale, shown[0], theme)
                    _round_corners(painter, scale.area, theme)
                paint_axes(painter, scale, names, theme)
            self._image, self._reasons = image, reasons
        return self._image


def bands_image(bands: NDArray[np.uint8], theme: Theme) -> QImage:
    """The bands in the colours of the theme; low is bright."""
    pixels = np.ascontiguousarray(color_table(theme.surface_map)[bands])
    height, width = bands.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def _paint_bands(painter: QPainter, scale: Scale, contours: Contours, extent: Extent, theme: Theme) -> None:
    image = bands_image(contours.bands, theme)
    s0, s1, t0, t1 = extent
    place = QRectF(scale.to_pixel(s0, t1), scale.to_pixel(s1, t0))
    painter.setClipRect(scale.area)
    painter.fillRect(scale.area, QColor(theme.sunken))
    if extent == scale.extent:
        place = scale.area
    painter.save()
    painter.setTransform(
        QTransform.fromScale(place.width() / image.width(), place.height() / image.height())
        * QTransform.fromTranslate(place.left(), place.top()),
        True,
    )
    painter.drawImage(0, 0, image)
    painter.restore()


def _paint_lines(painter: QPainter, scale: Scale, contours: Contours, theme: Theme) -> list[QRectF]:
    """Paint the lines and some of their levels; returns where these are written."""
    ink = QColor(theme.text if theme.name == "light" else theme.text_2)
    ink.setAlphaF(0.20 if theme.name == "light" else 0.17)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(ink, 1))
    drawn = [(level, scale.pixels(points)) for level, points in contours.lines]
    for _, pixels in drawn:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in pixels.tolist()]))
    places = level_places(drawn, scale.area, contours.levels)
    written = [_paint_level(painter, text, at, scale, contours, theme) for text, at in places]
    painter.setClipping(False)
    return written


def level_places(
    lines: list[tuple[float, Matrix]], area: QRectF, levels: NDArray[np.float64]
) -> list[tuple[str, QPointF]]:
    """What is written where: each level once, near the border, where paths seldom lead, apart from each other.

    Parameters
    ----------
    lines
        Level and pixels of each.
    """
    texts = dict(zip(levels.tolist(), level_texts(levels), strict=True))
    inner = area.adjusted(26, 14, -26, -14)
    offers: dict[float, list[Matrix]] = {}
    for level, pixels in lines:
        offers.setdefault(level, []).append(pixels[::4])
    found: list[tuple[str, QPointF]] = []
    for level in list(offers)[1::2] + list(offers)[::2]:
        points = np.concatenate(offers[level])
        points = points[
            (points[:, 0] > inner.left())
            & (points[:, 0] < inner.right())
            & (points[:, 1] > inner.top())
            & (points[:, 1] < inner.bottom())
        ]
        for _, at in found:
            points = points[np.hypot(points[:, 0] - at.x(), points[:, 1] - at.y()) > _APART]
        if len(points) and len(found) < _MOST_LEVELS:
            x, y = points.T
            gaps = np.stack([x - area.left(), area.right() - x, 1.6 * (y - area.top()), 1.6 * (area.bottom() - y)])
            best = int(np.argmin(gaps.min(axis=0)))
            found.append((texts.get(level, number(level)), QPointF(x[best], y[best])))
    return found


def level_texts(levels: NDArray[np.float64]) -> list[str]:
    """The levels with as many digits as tell neighbours apart."""
    texts = [f"{level:.3g}" for level in levels.tolist()]
    if len(set(texts)) < len(texts):
        texts = [f"{level:.6g}" for level in levels.tolist()]
    return [text.replace("-", "−") for text in texts]


def _paint_level(painter: QPainter, text: str, at: QPointF, scale: Scale, contours: Contours, theme: Theme) -> QRectF:
    painter.setFont(font(12))
    width = painter.fontMetrics().horizontalAdvance(text) + 6.0
    box = QRectF(at.x() - width / 2, at.y() - 8, width, 16)
    height, across = contours.bands.shape
    row = int((at.y() - scale.area.top()) / scale.area.height() * height)
    column = int((at.x() - scale.area.left()) / scale.area.width() * across)
    level = contours.bands[min(max(row, 0), height - 1), min(max(column, 0), across - 1)]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(int(color_table(theme.surface_map)[level])))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(mix(theme.text, theme.surface_map[3], 0.25))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return box


def _round_corners(painter: QPainter, area: QRectF, theme: Theme) -> None:
    outside = QPainterPath()
    outside.addRect(area.adjusted(-1, -1, 1, 1))
    inside = QPainterPath()
    inside.addRoundedRect(area, RADIUS, RADIUS)
    painter.fillPath(outside.subtracted(inside), QColor(theme.card))


def paint_axes(painter: QPainter, scale: Scale, names: tuple[str, str], theme: Theme) -> None:
    """Paint numbers along the left and the lower edge, and what they mean."""
    area, (s0, s1, t0, t1) = scale.area, scale.extent
    flag = Qt.AlignmentFlag
    painter.setFont(font(12))
    painter.setPen(QColor(theme.text_2))
    metrics = painter.fontMetrics()
    values = ticks(t0, t1, max(3, int(area.height() / 44)))
    for value, text in zip(values, labels(values), strict=True):
        y = scale.to_pixel(s0, value).y()
        y = min(max(y, area.top() + 7), area.bottom() - 3)
        painter.drawText(QRectF(0, y - 9, area.left() - 9, 18), flag.AlignRight | flag.AlignVCenter, text)
    values = ticks(s0, s1, max(3, int(area.width() / 60)))
    for value, text in zip(values, labels(values), strict=True):
        x = scale.to_pixel(value, t0).x()
        half = metrics.horizontalAdvance(text) / 2
        x = min(max(x, area.left() + half - 8), area.right() - half + 1)
        painter.drawText(QPointF(x - half, area.bottom() + 19), text)
    painter.setFont(font(13, 500))
    metrics = painter.fontMetrics()
    across, up = (
        metrics.elidedText(fitted(name, room, metrics.horizontalAdvance), Qt.TextElideMode.ElideRight, int(room))
        for name, room in zip(names, (area.width(), area.height()), strict=True)
    )
    centred = flag.AlignHCenter | flag.AlignTop
    painter.drawText(QRectF(area.left(), area.bottom() + 23, area.width(), 18), centred, across)
    painter.save()
    painter.translate(0, area.center().y())
    painter.rotate(-90)
    painter.drawText(QRectF(-area.height() / 2, -1, area.height(), 18), centred, up)
    painter.restore()
