"""Problems for the tests of surfaces, and numpy's own loss to hold them to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ann_studio.learning.problem import Problem, pose
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.losses import LOSSES
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from tests.learning.problems import experiment

ROOT = Path(__file__).parents[2]
NEURONS = json.loads((ROOT / "tests/facts/local_minimum.json").read_text(encoding="utf-8"))["neurons"]


def inline(inputs: Any, targets: Any, hidden: Any = (), output: str = "linear", loss: str = "mse") -> Problem:
    """A network on points as given; `hidden` are pairs of units and activation."""
    posed = experiment(
        data={"kind": "inline", "inputs": np.asarray(inputs).tolist(), "targets": np.asarray(targets).tolist()},
        network={
            "hidden": [{"units": units, "activation": name} for units, name in hidden],
            "output_activation": output,
        },
        learning={"kind": "supervised", "loss": loss, "batch_size": "full"},
    )
    return pose(posed, load_dataset(posed))


def drawn(seed: int, hidden: Any = (), output: str = "linear", loss: str = "mse", rows: int = 9) -> Problem:
    """A network of two inputs and random points, with targets that the loss is defined for."""
    random = np.random.default_rng(seed)
    outputs = 3 if output == "softmax" else 1
    targets = random.normal(size=(rows, outputs))
    if LOSSES[loss].needs is not None:
        targets = np.eye(outputs)[random.integers(0, outputs, rows)] if outputs > 1 else (targets > 0) * 1.0
    return inline(random.normal(size=(rows, 2)), targets, hidden, output, loss)


def neuron(number: int) -> Problem:
    """One of the sigmoid neurons of `local_minimum.json`."""
    fact = NEURONS[number]
    return inline([[x] for x in fact["x"]], [[y] for y in fact["y"]], output="sigmoid")


def trap() -> Problem:
    """The shipped experiment."""
    shipped = load_experiment(ROOT / "resources/experiments/trap.json")
    return pose(shipped, load_dataset(shipped))


#: Pairs of an output activation and a loss that make sense together.
PAIRS = [
    (output, loss)
    for loss, entry in LOSSES.items()
    for output in ([*ACTIVATIONS, "softmax"] if entry.needs is None else [entry.needs])
]
