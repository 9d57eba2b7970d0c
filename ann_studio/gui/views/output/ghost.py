"""What was there before the last edit: the old boundary, or the old curve, as a thin dashed line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from ann_studio.analysis.pictures import Pictures
from ann_studio.data.dataset import Classes
from ann_studio.gui.theme import Theme
from ann_studio.gui.views.output import axes
from ann_studio.gui.views.output.region import boundary
from ann_studio.gui.views.output.stage import Stage
from ann_studio.learning.problem import Problem

_WIDTH, _CASING = 1.5, 3.5
_DASHES = [4.0, 3.0]  # in widths of the pen


class Ghost:
    """The old picture as lines, found once for each size.

    Parameters
    ----------
    problem
        The problem before the edit, whose network may have been another one.
    pictures
        Its region or curve.
    """

    def __init__(self, problem: Problem, pictures: Pictures) -> None:
        self.problem, self.pictures = problem, pictures
        self._lines: tuple[Stage, QPainterPath] | None = None

    def paint(self, painter: QPainter, stage: Stage, theme: Theme) -> None:
        """Paint where the decision changed, or the curve that was fitted."""
        path = self.lines(stage)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.casing), _CASING))
        painter.drawPath(path)
        pen = QPen(QColor(theme.text_3), _WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawPath(path)

    def lines(self, stage: Stage) -> QPainterPath:
        """Boundary or curves in the pixels of a stage."""
        if self._lines is None or self._lines[0] != stage:
            self._lines = (stage, self._found(stage))
        return self._lines[1]

    def _found(self, stage: Stage) -> QPainterPath:
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
