"""Small problems for the tests of learning and engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers
from ann_studio.learning.experiment import Experiment, from_plain
from ann_studio.learning.problem import Problem, pose


def two_classes(rows: int = 40, seed: int = 0) -> Dataset:
    """Points in the plane, class 1 inside the unit circle."""
    inputs = np.random.default_rng(seed).normal(size=(rows, 2))
    inside = (inputs**2).sum(axis=1) < 1.2
    columns = (NumberColumn("x1"), NumberColumn("x2"))
    return Dataset(columns, inputs, Classes("class", ("B", "A")), inside.astype(float)[:, None])


def numbers(rows: int = 30, seed: int = 0) -> Dataset:
    """A smooth function of one input, far from zero and with another unit."""
    inputs = np.random.default_rng(seed).uniform(-2, 2, size=(rows, 1))
    return Dataset((NumberColumn("x"),), inputs, Numbers(("y",)), 100 + 50 * np.sin(inputs))


def experiment(**sections: Any) -> Experiment:
    """A small experiment; `sections` replace the file's sections."""
    tree: dict[str, Any] = {
        "format": "ann-studio experiment",
        "version": 1,
        "seed": 5,
        "data": {"kind": "generated", "name": "circle"},
        "network": {"hidden": [{"units": 4, "activation": "tanh"}]},
        "learning": {"kind": "supervised", "batch_size": 7, "optimizer": {"kind": "sgd", "learning_rate": 0.1}},
        "stop": {"epochs": 20},
    }
    return from_plain(tree | sections)


def problem(dataset: Dataset | None = None, **sections: Any) -> Problem:
    """A small problem."""
    return pose(experiment(**sections), two_classes() if dataset is None else dataset)
