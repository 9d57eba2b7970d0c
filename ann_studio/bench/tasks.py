"""The tasks that every engine is given: fixed data, first weights and order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Dataset, NumberColumn
from ann_studio.data.generators import generate
from ann_studio.data.table import to_dataset
from ann_studio.learning.experiment import (
    Activation,
    Experiment,
    Generated,
    Hidden,
    Network,
    OutputActivation,
    RandomWeights,
    Sgd,
    Split,
    Stop,
    Supervised,
)
from ann_studio.learning.problem import Problem, pose, with_learning
from ann_studio.learning.race import batches
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource
from ann_studio.storage.tables import load_table

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Samples of the circle and of the random data, in the training set.
CIRCLE, RANDOM = 250, 10_000
_SEED = 7
#: Tables are shared out 70 to 30.
_TABLES = 3 / 7


@dataclass(frozen=True)
class Task:
    """A network and what it is to learn.

    Parameters
    ----------
    name
        Its layer sizes, such as ``2-4-2-1``.
    sizes
        Units per layer, input first.
    hidden, output
        Activations; mse belongs to ``tanh``, cross entropy to ``softmax``.
    rate
        Learning rate.
    batches
        Batch sizes that are measured; ``"full"`` is the whole training set.
    data
        Makes the inputs ``(rows, features)`` and class indices ``(rows,)``: the training set, and behind it as many
        rows again, from which the validation set is taken.
    validation
        Its size as a part of the training set's, as in the experiments that come with the program.
    """

    name: str
    sizes: tuple[int, ...]
    hidden: Activation
    output: OutputActivation
    rate: float
    batches: tuple[int | str, ...]
    data: Callable[[], tuple[Matrix, Vector]]
    validation: float

    @property
    def large(self) -> bool:
        """Whether its time is that of matrix products."""
        return self.sizes[0] >= 512

    def problem(self, batch: int | str) -> Problem:
        """The task as this program poses it: no reshuffling, no end."""
        inputs, labels = self.data()
        train = len(inputs) // 2
        validation = round(self.validation * train)
        inputs, labels = inputs[: train + validation], labels[: train + validation]
        classes = 2 if self.output == "tanh" else self.sizes[-1]
        dataset = Dataset(
            tuple(NumberColumn(f"x{k + 1}") for k in range(inputs.shape[1])),
            inputs,
            Classes("class", tuple(str(k) for k in range(classes))),
            labels[:, None],
            validation=validation,
        )
        experiment = Experiment(
            name=self.name,
            seed=_SEED,
            data=Generated(name="circle"),  # only a name here: the data are handed over beside it
            split=Split(1.0, 0.0, 0.0),
            standardize=False,
            network=Network(tuple(Hidden(units, self.hidden) for units in self.sizes[1:-1]), self.output),
            initial=RandomWeights("xavier"),
            learning=Supervised(
                loss="mse" if self.output == "tanh" else "cross_entropy",
                optimizer=Sgd(self.rate),
                batch_size="full" if isinstance(batch, str) else batch,
                reshuffle=False,
            ),
            stop=Stop(epochs=None),
        )
        return pose(experiment, dataset)


def circle(samples: int = CIRCLE) -> tuple[Matrix, Vector]:
    """Points in a disc and in a ring around it, twice `samples`, mixed."""
    dataset = generate("circle", 2 * samples, 0.0, _SEED)
    order = np.random.default_rng(_SEED).permutation(dataset.rows)
    return dataset.inputs[order], dataset.targets[order, 0]


def digits() -> tuple[Matrix, Vector]:
    """The 1,797 handwritten digits of 8 × 8 pixels, scaled from 0–16 to 0–1, twice."""
    table = load_table(resource("datasets", "digits.csv"))
    pixels = [name for name in table.header if name != "digit"]  # all: of itself it would leave out the constant ones
    dataset = to_dataset(table, ("digit",), pixels)
    return np.tile(dataset.inputs / 16, (2, 1)), np.tile(dataset.targets[:, 0], 2)


def random(samples: int = RANDOM, features: int = 784) -> tuple[Matrix, Vector]:
    """Uniform noise of 0–1 in ten classes by chance, twice `samples`."""
    source = np.random.default_rng(_SEED)
    return source.random((2 * samples, features)), source.integers(0, 10, 2 * samples).astype(np.float64)


TASKS = {
    task.name: task
    for task in (
        Task("2-4-2-1", (2, 4, 2, 1), "tanh", "tanh", 0.03, (1, 10, 32, "full"), circle, 1.0),
        Task("2-8-8-8-1", (2, 8, 8, 8, 1), "tanh", "tanh", 0.03, (1, 10, 32, "full"), circle, 1.0),
        Task("64-32-10", (64, 32, 10), "sigmoid", "softmax", 0.1, (1, 10, 32, "full"), digits, _TABLES),
        Task("784-128-64-10", (784, 128, 64, 10), "relu", "softmax", 0.1, (32, 128), random, _TABLES),
    )
}

#: The network that the window is watched with.
SMALL = Task("2-6-4-1", (2, 6, 4, 1), "tanh", "tanh", 0.03, (10,), circle, 1.0)
#: Races of batch, mini-batch and stochastic descent.
RACES = ("race 2-6-4-1", "race trap")


def raced(name: str) -> Problem:
    """One of `RACES`, without an end."""
    problem = trap() if name == "race trap" else SMALL.problem(10)
    experiment = msgspec.structs.replace(problem.experiment, stop=Stop(epochs=None))
    race = experiment.race or batches(experiment, len(problem.train))
    return with_learning(problem, msgspec.structs.replace(experiment, race=race))


def trap() -> Problem:
    """The trap as it comes with the program: eight samples on which one neuron has a local and a global minimum."""
    experiment = load_experiment(resource("experiments", "trap.json"))
    return pose(experiment, load_dataset(experiment))
