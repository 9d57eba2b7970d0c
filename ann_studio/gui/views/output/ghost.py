"""What was there before the last edit: the old boundary, or the old curve, as a thin dashed line."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ann_studio.analysis.pictures import Pictures
from ann_studio.data.dataset import Classes
from ann_studio.gui.painting import layer, painting
from ann_studio.gui.theme import Theme
from ann_studio.gui.views.output import axes
from ann_studio.gui.views.output.region import boundary
from ann_studio.gui.views.output.stage import Stage
from ann_studio.learning.problem import Problem

_WIDTH, _CASING = 1.5, 3.5
_DASHES = [4.0, 3.0]  # in widths of the pen


def ghost_pen(theme: Theme) -> QPen:
    """The pen of what was there before."""
    pen = QPen(QColor(theme.text_3), _WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern(_DASHES)
    return pen


class Ghost:
    """The old picture as lines, found painted once for each size.

    Parameters
    ----------
    problem
        The problem before the edit, whose network may have been another one.
    pictures
        Its region or curve.
    """

    def __init__(self, problem: Problem, pictures: Pictures) -> None:
        self.problem, self.pictures = problem, pictures
        self._kept: tuple[tuple[Stage, str, QSize, float], QImage] | None = None

    def image(self, stage: Stage, theme: Theme, size: QSize, ratio: float) -> QImage:
        """Where the decision changed, or the curve that was fitted, to be laid over a picture of this size."""
        key = (stage, theme.name, size, ratio)
        if self._kept is None or self._kept[0] != key:
            image = layer(size, ratio)
            with painting(image) as painter:
                self._paint_lines(painter, stage, theme)
            self._kept = (key, image)
        return self._kept[1]

    def _paint_lines(self, painter: QPainter, stage: Stage, theme: Theme) -> None:
        path = self.lines(stage)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(theme.casing), _CASING))
        painter.drawPath(path)
        painter.setPen(ghost_pen(theme))
        painter.drawPath(path)

    def lines(self, stage: Stage) -> QPainterPath:
        """Boundary or curves in the pixels of a stage."""
        pictures, problem = self.pictures, self.problem
        if pictures.region is not None:
            return boundary(problem, pictures.region, stage.rect)
        path = QPainterPath()
        if pictures.curve is not None:
            x, y = pictures.curve
            several = isinstance(problem.dataset.target, Classes) and y.shape[1] > 1
            for output in range(y.shape[1] if several else 1):
                path.addPath(axes.curve_path(stage, x, y[:, output]))
        return path
