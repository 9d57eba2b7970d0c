"""Surveys and frames of the trap, made by hand of true costs and true paths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import ann_studio as ann
from ann_studio.analysis.contours import Contours
from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.planes import Plane, PlaneChoice
from ann_studio.analysis.surface import Surface
from ann_studio.engine.messages import Frame, Speed, Standing, Status, Survey, Surveyed, Unit
from ann_studio.learning import supervised
from ann_studio.learning.experiment import replace as changed
from ann_studio.learning.path import Path
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Snapshot
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource

EXTENT = (-5.0, 6.0, -4.0, 5.0)
NAMES = {"full": "Batch", 2: "Mini-batch", 1: "Stochastic"}


def racer(size: int | str, epochs: int, start: tuple[float, float] = (-4.0, -2.0)) -> tuple[Standing, Snapshot]:
    """A run on the trap, and each point of its path."""
    tree = changed(load_experiment(resource("experiments", "trap.json")), "learning.batch_size", size)
    tree = changed(tree, "initial.weights", [{"w": [[start[0]]], "b": [start[1]]}])
    trainer: Trainer = ann.trainer(tree)
    thetas = [trainer.theta.copy()]
    for _ in range(epochs * -(-len(trainer.problem.train) // supervised.batch_size(trainer.problem))):
        trainer.run(updates=1)
        thetas.append(trainer.theta.copy())
    state = trainer.state
    loss = supervised.evaluate(trainer.problem, state.theta, trainer.problem.train)
    path = Path(np.arange(len(thetas), dtype=np.int64), np.array(thetas))
    snapshot = Snapshot(state, None, np.empty((0, 4)), loss, float("nan"), state.update, path)
    return Standing(NAMES.get(size, str(size)), trainer.problem, 0.0), snapshot


def race(epochs: int = 60, sizes: tuple[int | str, ...] = ("full", 2, 1)) -> Frame:
    """A frame of runs that differ in the size of their batches."""
    standings, snapshots = zip(*(racer(size, epochs) for size in sizes), strict=True)
    return Frame(
        1, Status.PAUSED, standings[0].problem, snapshots, Speed(1, Unit.EPOCH), 0.0, standings=standings
    )  # fmt: skip


def survey_of(frame: Frame, side: int = 61, *, log: bool = False) -> Surveyed:
    """The surface around a frame's runs, by one evaluation after the other."""
    problem = frame.problem
    assert problem is not None
    choice = PlaneChoice()
    plane = Plane(choice, np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    surface = Surface(problem, plane, EXTENT, _values(problem, side))
    survey = Survey(1, frame, choice, plane, None, side, log, (200, 160))
    best = np.unravel_index(surface.values.argmin(), surface.values.shape)
    theta = np.array([np.linspace(*EXTENT[:2], side)[best[1]], np.linspace(*EXTENT[2:], side)[best[0]]])
    minimum = Minimum(theta, float(surface.values.min()), np.ones(2))
    return Surveyed(survey, surface, contours_of(surface), True, 1.0, (), (minimum,), 1.0, True)


def with_values(surveyed: Surveyed, values: np.ndarray) -> Surveyed:
    """The same with other costs."""
    surface = replace(surveyed.surface, values=values)
    return replace(surveyed, surface=surface, contours=contours_of(surface))


def contours_of(surface: Surface) -> Contours:
    """Levels at quantiles, bands between them."""
    finite = surface.values[np.isfinite(surface.values)]
    levels = np.unique(np.quantile(finite, np.linspace(0.06, 0.97, 15))) if finite.size else np.empty(0)
    pixels = surface.values[::-1][np.linspace(0, surface.side - 1, 160).round().astype(int)]
    pixels = pixels[:, np.linspace(0, surface.side - 1, 200).round().astype(int)]
    bands = np.searchsorted(levels, pixels) * 255 // max(len(levels), 1)
    ends = (float(finite.min()), float(finite.max())) if finite.size else (float("nan"), float("nan"))
    return Contours(levels, bands.astype(np.uint8), (), *ends)


def _values(problem: Problem, side: int) -> np.ndarray:
    s, t = np.meshgrid(np.linspace(*EXTENT[:2], side), np.linspace(*EXTENT[2:], side))
    thetas = np.column_stack([s.ravel(), t.ravel()])
    return np.array([supervised.evaluate(problem, theta, problem.train) for theta in thetas]).reshape(side, side)
