"""Samples on a plane or a line, the fitted curve, and predictions against the truth."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from ann_studio.analysis.pictures import Pictures, is_plane
from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.features import pretty
from ann_studio.gui.theme import Theme
from ann_studio.gui.views.output import axes
from ann_studio.gui.views.output.points import class_colour, paint_points, point_colours
from ann_studio.gui.views.output.spots import Spots, judged, of_inputs, of_predictions
from ann_studio.gui.views.output.stage import Stage
from ann_studio.learning.problem import Problem, Samples

_MOST_POINTS = 4_000  #: more are thinned evenly
_MOST_PREDICTIONS = 1_000  #: likewise, where they move with every frame
_FEW, _MANY = 50, 600  #: points that are drawn large, and that are drawn small
_FULL_SIZE_FROM = 340.0  #: pixels that a picture is wide


def thinned(samples: Samples, most: int = _MOST_POINTS) -> Samples:
    """At most so many of the samples, evenly taken."""
    if len(samples) <= most:
        return samples
    pick = np.linspace(0, len(samples) - 1, most).astype(np.int64)
    return Samples(samples.rows[pick], samples.inputs[pick], samples.targets[pick])


def paint_samples(
    painter: QPainter, stage: Stage, problem: Problem, samples: Samples, theme: Theme, *, rings: bool
) -> None:
    """Paint samples on the plane of two inputs, or over the line of one."""
    spots, plane = of_inputs(problem, [samples]), is_plane(problem.dataset)
    numbers = isinstance(problem.dataset.target, Numbers)
    size = 8.0 if not plane else 9.0 if len(problem.train) <= _MANY else 6.0
    if len(problem.train) > _FEW:  # in a small picture they would hide what lies behind them
        size *= min(max(stage.rect.width() / _FULL_SIZE_FROM, 0.55), 1.0)
    pixels = axes.pixels_of(stage, spots.x, spots.y)
    if numbers and not plane:
        colours = [QColor(theme.positive)] * len(pixels)
    else:
        colours = point_colours(problem, samples, theme)
    paint_points(painter, pixels, colours, size, theme, rings=rings, outlined=numbers and plane)


def paint_line(
    painter: QPainter,
    stage: Stage,
    problem: Problem,
    points: QImage,
    pictures: Pictures | None,
    theme: Theme,
    ghost: QImage | None = None,
) -> None:
    """Paint points and the fitted curve of one input; of several classes a curve each. Below it what was before."""
    target = problem.dataset.target
    y_name = target.names[0] if isinstance(target, Numbers) else "output"
    axes.paint_axes(painter, stage, pretty(problem.dataset.columns[0].name), y_name, theme)
    painter.setClipRect(stage.rect.adjusted(-2, -6, 2, 6))
    painter.drawImage(0, 0, points)
    if pictures is None or pictures.curve is None:
        return
    if ghost is not None:
        painter.drawImage(0, 0, ghost)
    x, y = pictures.curve
    several = isinstance(target, Classes) and y.shape[1] > 1
    for output in range(y.shape[1] if several else 1):
        colour = class_colour(theme, output, y.shape[1]) if several else theme.accent
        axes.paint_curve(painter, stage, x, y[:, output], colour, theme)


def paint_scatter(
    painter: QPainter,
    stage: Stage,
    problem: Problem,
    pictures: Pictures | None,
    theme: Theme,
    *,
    with_validation: bool,
) -> None:
    """Paint predicted against true values; right predictions lie on the diagonal."""
    axes.paint_axes(painter, stage, "true value", "predicted", theme)
    axes.paint_diagonal(painter, stage, theme)
    if pictures is None:
        return
    painter.setClipRect(stage.rect)
    for spots, rings in predictions(problem, pictures, with_validation=with_validation):
        pixels = axes.pixels_of(stage, spots.x, spots.y)
        hue = QColor(theme.validation if rings else theme.positive)
        paint_points(painter, pixels, [hue] * len(pixels), 7, theme, rings=rings)


def predictions(problem: Problem, pictures: Pictures, *, with_validation: bool) -> list[tuple[Spots, bool]]:
    """Where predictions are painted over true values, and whether they are of the validation part."""
    found = []
    for samples, shown in judged(problem, pictures, with_validation=with_validation):
        if shown is not None:
            pick = np.linspace(0, len(samples) - 1, min(len(samples), _MOST_PREDICTIONS)).astype(np.int64)
            found.append((of_predictions(problem, samples, shown, pick), samples is problem.validation))
    return found
