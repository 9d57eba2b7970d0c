"""Where samples are in the picture, and which one is at a position of the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from ann_studio.analysis.metrics import Performance
from ann_studio.analysis.pictures import Pictures, is_plane
from ann_studio.data.dataset import Numbers
from ann_studio.gui.views.output.stage import Stage, raw_inputs
from ann_studio.learning.problem import Problem, Samples

#: How far from its point a sample can be clicked, in pixels.
_REACH = 9.0


@dataclass(frozen=True, eq=False)
class Spots:
    """Samples and their places in the units of the axes.

    Parameters
    ----------
    rows
        Rows of the dataset ``(n,)``.
    x, y
        ``(n,)``.
    """

    rows: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def at(self, stage: Stage, position: QPointF) -> int | None:
        """The row whose place is nearest to a position, if it is near enough."""
        if not len(self.rows):
            return None
        x0, x1, y0, y1 = stage.extent
        with np.errstate(over="ignore", invalid="ignore"):  # predictions of a network that diverged
            across = stage.rect.left() + (self.x - x0) / (x1 - x0) * stage.rect.width() - position.x()
            down = stage.rect.bottom() - (self.y - y0) / (y1 - y0) * stage.rect.height() - position.y()
            distance = np.nan_to_num(np.hypot(across, down), nan=np.inf)
        best = int(distance.argmin())
        return int(self.rows[best]) if distance[best] <= _REACH else None

    def of(self, row: int) -> tuple[float, float] | None:
        """Where a row is; None if it is not among these, or nowhere."""
        found = np.flatnonzero(self.rows == row)
        if not len(found) or not np.isfinite(self.x[found[0]] + self.y[found[0]]):
            return None
        return float(self.x[found[0]]), float(self.y[found[0]])


def of_inputs(problem: Problem, parts: Sequence[Samples]) -> Spots:
    """Samples on the plane of two inputs, or over the line of one."""
    rows = np.concatenate([part.rows for part in parts])
    raw = raw_inputs(problem, rows)
    if is_plane(problem.dataset):
        return Spots(rows, raw[:, 0], raw[:, 1])
    return Spots(rows, raw[:, 0], np.concatenate([heights(problem, part) for part in parts]))


def heights(problem: Problem, samples: Samples) -> NDArray[np.float64]:
    """Over a line: numbers at their value, classes where the output that is theirs should be."""
    if isinstance(problem.dataset.target, Numbers):
        return np.asarray(problem.dataset.targets[samples.rows, 0])
    if problem.preparation.outputs == 1:
        return np.asarray(samples.targets[:, 0])
    return np.full(len(samples), problem.preparation.high)


def of_predictions(problem: Problem, samples: Samples, predicted: Performance, pick: NDArray[np.int64]) -> Spots:
    """Predictions over true values; `pick` chooses among the samples."""
    rows = samples.rows[pick]
    return Spots(rows, problem.dataset.targets[rows, 0], predicted.predictions[pick, 0])


Judged = tuple[Samples, Performance | None]  #: samples, and how they are predicted, as far as that is known


def judged(problem: Problem, pictures: Pictures | None, *, with_validation: bool) -> list[Judged]:
    """The training part, and the validation part if it is to be seen."""
    train, validation = (None, None) if pictures is None else (pictures.train, pictures.validation)
    parts = [(problem.train, train), (problem.validation, validation)]
    return parts if with_validation else parts[:1]


def in_cell(problem: Problem, samples: Samples, predicted: Performance, cell: tuple[int, int]) -> NDArray[np.int64]:
    """Rows in a cell of the confusion matrix, ascending: of this class, and predicted to be of that."""
    truth = problem.dataset.targets[samples.rows, 0]
    return np.sort(samples.rows[(truth == cell[0]) & (predicted.predictions[:, 0] == cell[1])])


def cell_of(problem: Problem, samples: Samples, predicted: Performance, row: int) -> tuple[int, int] | None:
    """Truth and prediction of a row; None if it is not among the samples."""
    found = np.flatnonzero(samples.rows == row)
    if not len(found):
        return None
    return int(problem.dataset.targets[row, 0]), int(predicted.predictions[found[0], 0])
