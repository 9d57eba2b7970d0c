"""Points drawn by hand: two classes on a plane, by mouse or by keyboard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ann_studio.analysis.pictures import Extent, extent_of, is_plane
from ann_studio.data.dataset import Classes
from ann_studio.gui.theme import Theme, font
from ann_studio.gui.views.output.points import class_colour, paint_points
from ann_studio.gui.views.output.stage import Stage, raw_inputs
from ann_studio.learning.problem import Problem

Rows = tuple[tuple[float, ...], ...]

#: An empty plane.
_EMPTY: Extent = (-6.0, 6.0, -6.0, 6.0)
#: One press of an arrow key, as a share of the plane's side.
_STEP = 1 / 40
_HINT = ("Click: class A", "Shift or right button: class B")


def can_be_added(problem: Problem) -> bool:
    """Whether drawn points go with the points there are; else drawing begins on an empty plane."""
    target = problem.dataset.target
    return is_plane(problem.dataset) and isinstance(target, Classes) and len(target.labels) == 2


@dataclass
class Drawing:
    """The points drawn so far.

    Parameters
    ----------
    points
        x1, x2 and class (1 is A, 0 is B).
    empty
        Whether it was begun on an empty plane, whatever points there are.
    hand
        Where the arrow keys have led; None before the first of them.
    """

    points: list[tuple[float, float, int]] = field(default_factory=list)
    empty: bool = False
    hand: tuple[float, float] | None = None

    def adds_to(self, problem: Problem) -> bool:
        """Whether the points are added to those there are."""
        return not self.empty and can_be_added(problem)

    def extent(self, problem: Problem) -> Extent:
        """The plane that is drawn on."""
        return extent_of(problem) if self.adds_to(problem) else _EMPTY

    def complete(self, problem: Problem) -> bool:
        """Whether there are points of both classes, old ones included."""
        return self.adds_to(problem) or len({kind for _, _, kind in self.points}) == 2

    def move(self, across: int, up: int, extent: Extent) -> None:
        """Move the hand by one step."""
        x0, x1, y0, y1 = extent
        x, y = self.hand or ((x0 + x1) / 2, (y0 + y1) / 2)
        x, y = x + across * _STEP * (x1 - x0), y + up * _STEP * (y1 - y0)
        self.hand = (min(max(x, x0), x1), min(max(y, y0), y1))

    def rows(self, problem: Problem) -> tuple[Rows, Rows]:
        """Inputs and targets to be learned: training, drawn, validation and test points, in this order.

        Targets are coded as the network has them, so that network and cost may stay.
        """
        new = np.array([point[:2] for point in self.points], dtype=np.float64).reshape(-1, 2)
        kinds = np.array([[point[2]] for point in self.points], dtype=np.float64).reshape(-1, 1)
        if not self.adds_to(problem):
            target = problem.dataset.target
            same = isinstance(target, Classes) and len(target.labels) == 2
            return _tuples(new), _tuples(problem.preparation.targets(kinds) if same else kinds)
        parts = (problem.train.rows, None, problem.validation.rows, problem.test.rows)
        inputs = [new if rows is None else raw_inputs(problem, rows) for rows in parts]
        indices = [kinds if rows is None else problem.dataset.targets[rows] for rows in parts]
        return _tuples(np.concatenate(inputs)), _tuples(problem.preparation.targets(np.concatenate(indices)))

    def shares(self, problem: Problem) -> tuple[float, float, float] | None:
        """Shares of training, validation and test in `rows`; None if all of them are learned from."""
        validation, test = len(problem.validation), len(problem.test)
        if not self.adds_to(problem) or validation + test == 0:
            return None
        train = len(problem.train) + len(self.points)
        total = train + validation + test
        return train / total, validation / total, 1 - train / total - validation / total if test else 0.0

    def paint(self, painter: QPainter, stage: Stage, theme: Theme) -> None:
        """Paint the points drawn so far."""
        pixels = [stage.to_pixel(x, y) for x, y, _ in self.points]
        colours = [QColor(class_colour(theme, kind, 2)) for _, _, kind in self.points]
        paint_points(painter, pixels, colours, 11, theme, rings=False)

    def paint_hand(self, painter: QPainter, stage: Stage, theme: Theme) -> None:
        """Paint a cross at the hand, and before the first point how to draw one."""
        if not self.points:
            _paint_hint(painter, stage.rect, theme)
        if self.hand is None:
            return
        centre = stage.to_pixel(*self.hand)
        for hue, width in ((theme.casing, 4.0), (theme.accent, 2.0)):
            painter.setPen(QPen(QColor(hue), width))
            painter.drawLine(centre - QPointF(9, 0), centre + QPointF(9, 0))
            painter.drawLine(centre - QPointF(0, 9), centre + QPointF(0, 9))


def _paint_hint(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    painter.setFont(font(13, 500))
    width = max(painter.fontMetrics().horizontalAdvance(line) for line in _HINT) + 24.0
    box = QRectF(rect.center().x() - width / 2, rect.top() + 26, width, 48)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text))
    painter.drawRoundedRect(box, 8, 8)
    painter.setPen(QColor(theme.card))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "\n".join(_HINT))


def _tuples(matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Rows:
    return tuple(tuple(row) for row in matrix.tolist())
