"""The document: the experiment that the window edits, where it is saved, and how an edit becomes a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Dataset, Numbers
from ann_studio.engine.messages import ChangeLearning, Command, Open
from ann_studio.learning.experiment import (
    Data,
    Experiment,
    Generated,
    GivenWeights,
    Hidden,
    Landscape,
    LandscapeName,
    LayerWeights,
    Network,
    NoRegularizer,
    RandomWeights,
    Supervised,
    TableData,
)
from ann_studio.learning.problem import Problem, pose, racing_for
from ann_studio.learning.race import distinct
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.landscapes import LANDSCAPES
from ann_studio.nn.losses import LOSSES
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.tables import load_table_in_child

#: Fields whose change keeps the weights.
_LIVE = ("name", "learning", "run_name", "stop", "race")


@dataclass(frozen=True)
class Document:
    """What the window edits.

    Parameters
    ----------
    experiment
        The latest one asked for; the runner's may be older for a moment.
    path
        Where it is saved; None for a new one.
    saved
        The experiment as it lies in the file (or as it was opened); the document is dirty where it differs.
    """

    experiment: Experiment
    path: Path | None
    saved: Experiment

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return self.experiment != self.saved

    @property
    def title(self) -> str:
        """Name of the experiment, or of its file."""
        return self.experiment.name or (self.path.stem if self.path else "Untitled")


def is_live(old: Experiment, new: Experiment) -> bool:
    """Whether the change from `old` to `new` keeps the weights."""
    return all(getattr(old, name) == getattr(new, name) for name in Experiment.__struct_fields__ if name not in _LIVE)


def is_other_data(old: Experiment, new: Experiment) -> bool:
    """Whether something else is learned: not the same landscape from elsewhere or with other noise."""
    if isinstance(old.data, Landscape) and isinstance(new.data, Landscape):
        return old.data.name != new.data.name
    return old.data != new.data


def consistent(old: Experiment, new: Experiment, path: str) -> Experiment:
    """`new`, with what an edit at `path` made senseless left to the data again.

    Another output activation takes the loss with it where the two do not fit, and the other way round; with the noise
    of a landscape go the racers that become runs of one and the same exact gradient.
    """
    structs = msgspec.structs
    if path == "data.noise" and isinstance(new.data, Landscape) and not new.data.noise:
        return structs.replace(new, race=distinct(new, 1))
    if path == "data.start":
        return structs.replace(new, initial=RandomWeights())  # given ones would come first
    loss, output = new.learning.loss, new.network.output_activation
    if loss is None or output is None or LOSSES[loss].needs in (None, output):
        return new
    if path.startswith("network"):
        return structs.replace(new, learning=structs.replace(new.learning, loss=None))
    return structs.replace(new, network=structs.replace(new.network, output_activation=None))


def on_landscape(experiment: Experiment, name: LandscapeName) -> Experiment:
    """The experiment on a landscape instead of its data, from where that is best entered; the way to learn stays."""
    found, structs = LANDSCAPES[name], msgspec.structs
    old = experiment.data

    def suited(learning: Supervised) -> Supervised:
        optimizer = learning.optimizer
        if str(optimizer.__struct_config__.tag) in ("sgd", "momentum", "nesterov"):
            optimizer = structs.replace(optimizer, learning_rate=found.rate)
        return structs.replace(learning, optimizer=optimizer, loss=None, regularizer=NoRegularizer())

    there = structs.replace(
        _left_to_the_data(experiment),
        name=found.title,
        data=Landscape(name=name, start=found.start, noise=old.noise if isinstance(old, Landscape) else 0.0),
        network=Network(),
        initial=RandomWeights(),
        learning=suited(experiment.learning),
        race=tuple(structs.replace(racer, learning=suited(racer.learning)) for racer in experiment.race),
    )
    assert isinstance(there.data, Landscape)
    return there if there.data.noise else structs.replace(there, race=distinct(there, 1))


def started_from(experiment: Experiment, architecture: Architecture, theta: NDArray[np.float64]) -> Experiment:
    """The experiment with `theta` for its first parameters."""
    if isinstance(experiment.data, Landscape):
        x, z = theta.tolist()
        data = msgspec.structs.replace(experiment.data, start=(x, z))
        return consistent(experiment, msgspec.structs.replace(experiment, data=data), "data.start")
    layers = [
        LayerWeights(tuple(map(tuple, weights.tolist())), tuple(biases.tolist()))
        for weights, biases in views(architecture, theta)
    ]
    return msgspec.structs.replace(experiment, initial=GivenWeights(tuple(layers)))


def command_for(old: Problem | None, new: Experiment, reason: str, cancelled: Callable[[], bool]) -> Command:
    """The command that makes the runner learn `new`; reads or generates data, so it is called on a job's thread.

    Parameters
    ----------
    reason
        Why the weights start afresh, see `reason_for`; where there was no experiment before, what is said of it.

    Raises
    ------
    ValueError
        If the data cannot be used or do not fit, in one sentence.
    """
    new = msgspec.structs.replace(new, race=racing_for(new.race, new.learning.loss))
    if old is not None and is_live(old.experiment, new):
        return ChangeLearning(new)
    dataset = _dataset(old, new, cancelled)
    if old is not None and isinstance(new.data, Landscape) != isinstance(old.experiment.data, Landscape):
        new = _with_network(new)
    elif old is not None and not _alike(old.dataset, dataset):
        new = _left_to_the_data(new)
    if old is not None and isinstance(new.initial, GivenWeights) and new.initial == old.experiment.initial:
        # Given weights are of one architecture; another one draws its own.
        drawn = pose(msgspec.structs.replace(new, initial=RandomWeights()), dataset)
        if drawn.architecture.sizes != old.architecture.sizes:
            return _opened(drawn, reason)
    problem = pose(new, dataset)
    return Open(problem, reason) if old is None else _opened(problem, reason)


def _opened(problem: Problem, reason: str) -> Open:
    return Open(problem, f"Starts afresh: {reason}", f"{reason[0].upper()}{reason[1:]}")


def reason_for(old: Experiment, new: Experiment) -> str:
    """Why the weights start afresh, in words: ``another network``."""
    if old.data != new.data:
        return _what_is_other(old.data, new.data)
    if old.split != new.split:
        return "another split"
    if old.features != new.features or old.standardize != new.standardize:
        return "other inputs"
    if old.network != new.network:
        return "another network"
    if isinstance(new.initial, GivenWeights) and old.initial != new.initial:
        return "another start"
    return "new weights"


def _what_is_other(old: Data, new: Data) -> str:
    if not isinstance(new, Landscape):
        return "other data"
    if not isinstance(old, Landscape):
        return "a landscape"
    if old.name != new.name:
        return "another landscape"
    if (old.noise, old.samples) != (new.noise, new.samples):
        return "other gradient noise"
    return "another start"


def _dataset(old: Problem | None, new: Experiment, cancelled: Callable[[], bool]) -> Dataset:
    if old is not None and old.experiment.data == new.data:
        seeded = isinstance(new.data, Landscape) or (isinstance(new.data, Generated) and new.data.seed is None)
        if not seeded or old.experiment.seed == new.seed:
            return old.dataset
    if isinstance(new.data, TableData):
        return load_dataset(new, read=lambda path: load_table_in_child(path, cancelled))
    return load_dataset(new)


def _alike(old: Dataset, new: Dataset) -> bool:
    """Whether the same network, features and loss make sense for both."""
    # Names may differ: to a table of two numbers points can be drawn, which have no names.
    if old.inputs.shape[1] != new.inputs.shape[1] or _kinds(old) != _kinds(new):
        return False
    if isinstance(old.target, Classes) and isinstance(new.target, Classes):
        return len(old.target.labels) == len(new.target.labels)
    if isinstance(old.target, Numbers) and isinstance(new.target, Numbers):
        return len(old.target.names) == len(new.target.names)
    return False


def _kinds(dataset: Dataset) -> list[type]:
    return [type(column) for column in dataset.columns]


def _with_network(experiment: Experiment) -> Experiment:
    """What is learned after a landscape, which had no network, or on one."""
    if isinstance(experiment.data, Landscape):
        return experiment
    hidden = (Hidden(4), Hidden(2))
    return msgspec.structs.replace(_left_to_the_data(experiment), network=Network(hidden), initial=RandomWeights())


def _left_to_the_data(experiment: Experiment) -> Experiment:
    structs = msgspec.structs
    changes: dict[str, Any] = {
        "features": None,
        "standardize": None,
        "split": None,
        "network": structs.replace(experiment.network, output_activation=None),
        "learning": structs.replace(experiment.learning, loss=None),
        "race": racing_for(experiment.race, None),
    }
    return structs.replace(experiment, **changes)
