"""A problem: an experiment together with its data, prepared for the network.

`pose` resolves every "as the data ask" of the experiment, splits the rows, fits the preparation on the training part
and draws the first weights. What it returns is all that the engine needs, and it is a pure function of its arguments.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Dataset, Numbers
from ann_studio.data.features import parse
from ann_studio.data.preparation import Preparation, fit
from ann_studio.learning.experiment import (
    Experiment,
    GivenWeights,
    Inline,
    Landscape,
    LossName,
    Network,
    NoRegularizer,
    Racer,
    RandomWeights,
    Split,
    Supervised,
    TableData,
)
from ann_studio.learning.model import Model
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.initializers import first_theta
from ann_studio.nn.losses import LOSSES

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """Rows as the network sees them, with the rows of the dataset that they came from.

    Parameters
    ----------
    rows
        Row numbers in `Dataset.inputs`, shape ``(n,)``.
    inputs
        Shape ``(n, features)``, C-contiguous.
    targets
        Shape ``(n, outputs)``, C-contiguous.
    """

    rows: NDArray[np.int64]
    inputs: Matrix
    targets: Matrix

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a run starts from.

    A landscape is a problem too: its network has one weight and one bias, which are x and z, and computes nothing.

    Parameters
    ----------
    experiment
        Resolved: `features`, `standardize`, `split`, `network.output_activation` and `learning.loss` are never None,
        but for the loss of a landscape.
    first_theta
        The first parameters, shape ``(architecture.parameters,)``.
    """

    experiment: Experiment
    dataset: Dataset
    preparation: Preparation
    architecture: Architecture
    train: Samples
    validation: Samples
    test: Samples
    first_theta: Vector

    def model(self, theta: Vector) -> Model:
        """The network with these parameters and everything around it, as exported.

        Raises
        ------
        ProblemError
            Of a landscape, which has none.
        """
        if isinstance(self.experiment.data, Landscape):
            raise ProblemError(NO_MODEL)
        return Model(self.experiment.name, self.architecture, theta, self.preparation)


#: Their history needs the memory of some dozens of copies.
MOST_PARAMETERS = 20_000_000
#: Streams of random numbers; together with the seed each determines its draws (the sample order has stream 3).
_SPLIT, _WEIGHTS, ORDER_STREAM = 1, 2, 3
#: What a landscape answers to whoever asks for its model.
NO_MODEL = "$.data.kind: a landscape is a cost by a formula; it has no model that could be saved or could predict"
#: Outputs that reach both sides of zero alike code two classes as −1 and +1.
_SIGNED = ("tanh", "softsign", "sin")


class ProblemError(ValueError):
    """An experiment and its data do not fit; the message begins with the JSON path."""


def pose(experiment: Experiment, dataset: Dataset) -> Problem:
    """Make a `Problem` of an experiment and its data.

    Raises
    ------
    ProblemError
        If they make no sense together, with the JSON path and the remedy.
    """
    experiment = _resolve(experiment, dataset)
    given = isinstance(experiment.data, Inline | Landscape)
    output = str(experiment.network.output_activation)
    outputs, low, high = _codes(experiment, dataset, output)
    _check_learning(experiment, dataset)
    train, validation, test = _split(experiment, dataset)
    features = _features(experiment, dataset)
    architecture = _architecture(experiment, len(features), outputs)
    preparation = fit(
        dataset,
        train,
        features=features,
        standardize=bool(experiment.standardize),
        standardize_targets=isinstance(dataset.target, Numbers) and output == "linear" and not given,
        outputs=outputs,
        low=low,
        high=high,
    )
    return Problem(
        experiment,
        dataset,
        preparation,
        architecture,
        train=_samples(dataset, preparation, train),
        validation=_samples(dataset, preparation, validation),
        test=_samples(dataset, preparation, test),
        first_theta=first_theta_of(experiment, architecture),
    )


def _architecture(experiment: Experiment, inputs: int, outputs: int) -> Architecture:
    hidden = experiment.network.hidden
    architecture = Architecture(
        (inputs, *(layer.units for layer in hidden), outputs),
        (*(layer.activation for layer in hidden), str(experiment.network.output_activation)),
    )
    if architecture.parameters > MOST_PARAMETERS:
        raise ProblemError(
            f"$.network.hidden: {architecture.parameters:,} parameters; at most {MOST_PARAMETERS:,} can be trained,"
            " so take fewer units or layers"
        )
    return architecture


def with_learning(problem: Problem, experiment: Experiment) -> Problem:
    """The same problem with the learning section, stop rules and name of `experiment`, keeping data and network.

    Raises
    ------
    ProblemError
        If the new loss does not fit the network and data.
    """
    learning = experiment.learning
    if learning.loss is None:
        learning = msgspec.structs.replace(learning, loss=problem.experiment.learning.loss)
    kept = msgspec.structs.replace(
        problem.experiment,
        learning=learning,
        stop=experiment.stop,
        name=experiment.name,
        run_name=experiment.run_name,
        race=racing_for(experiment.race, learning.loss),
    )
    _check_learning(kept, problem.dataset)
    return dataclasses.replace(problem, experiment=kept)


def racers_of(problem: Problem) -> tuple[Problem, ...]:
    """What each racer of the experiment learns: the same data and first weights, by its own rule."""
    experiment = problem.experiment
    return tuple(
        dataclasses.replace(
            problem,
            experiment=msgspec.structs.replace(
                experiment, learning=racer.learning, name=racer.name, run_name="", race=()
            ),
        )
        for racer in experiment.race
    )


def racing_for(race: tuple[Racer, ...], loss: LossName | None) -> tuple[Racer, ...]:
    """Racers that descend this cost: only by the same one are runs comparable."""
    structs = msgspec.structs
    return tuple(structs.replace(racer, learning=structs.replace(racer.learning, loss=loss)) for racer in race)


def _check_race(race: tuple[Racer, ...], loss: LossName) -> None:
    for position, racer in enumerate(race):
        if racer.learning.loss not in (None, loss):
            raise ProblemError(
                f"$.race[{position}].learning.loss: {racer.learning.loss} is not the cost of the main run, {loss};"
                " runs that race descend the same one, so leave it out"
            )


def _resolve(experiment: Experiment, dataset: Dataset) -> Experiment:
    """Fill in every "as the data ask"."""
    structs = msgspec.structs
    if isinstance(experiment.data, Landscape):
        return _resolve_landscape(experiment)
    output, loss = experiment.network.output_activation, experiment.learning.loss
    classes = len(dataset.target.labels) if isinstance(dataset.target, Classes) else 0
    if output is None:
        if loss in ("binary_cross_entropy", "cross_entropy"):
            output = "sigmoid" if loss == "binary_cross_entropy" else "softmax"
        else:
            output = "linear" if not classes else "sigmoid" if _one_output(experiment, classes) else "softmax"
    if loss is None:
        loss = "mse"
        if classes and output in ("sigmoid", "softmax"):
            loss = "binary_cross_entropy" if output == "sigmoid" else "cross_entropy"
    split = experiment.split
    if split is None:
        whole = isinstance(experiment.data, Inline) or dataset.rows <= 10
        split = Split(1.0, 0.0, 0.0) if whole else Split()
    standardize = experiment.standardize
    if standardize is None:
        standardize = isinstance(experiment.data, TableData)
    _check_race(experiment.race, loss)
    return structs.replace(
        experiment,
        features=_features(experiment, dataset),
        standardize=standardize,
        split=split,
        network=structs.replace(experiment.network, output_activation=output),
        learning=structs.replace(experiment.learning, loss=loss),
        race=racing_for(experiment.race, loss),
    )


def _resolve_landscape(experiment: Experiment) -> Experiment:
    """A landscape leaves nothing open but the learning: its network is one weight and one bias."""
    resolved = msgspec.structs.replace(
        experiment,
        features=("x1",),
        standardize=False,
        split=Split(1.0, 0.0, 0.0),
        network=Network(output_activation="linear"),
    )
    reasons = {
        "network.hidden": (experiment.network.hidden, (), "its two parameters are all there is; leave the layers out"),
        "network.output_activation": (experiment.network.output_activation, "linear", "it has no output; leave it out"),
        "features": (experiment.features, resolved.features, "it has no inputs; leave them out"),
        "standardize": (experiment.standardize, resolved.standardize, "it has no inputs; leave it out"),
        "split": (experiment.split, resolved.split, "its noisy gradients belong together; leave it out"),
    }
    for path, (found, only, reason) in reasons.items():
        if found is not None and found != only:
            raise ProblemError(f"$.{path}: this is a landscape: {reason}")
    return resolved


def _one_output(experiment: Experiment, classes: int) -> bool:
    if isinstance(experiment.data, Inline):
        return len(experiment.data.targets[0]) == 1
    return classes == 2


def _features(experiment: Experiment, dataset: Dataset) -> tuple[str, ...]:
    width = dataset.inputs.shape[1]
    if experiment.features is None:
        return tuple(f"x{k + 1}" for k in range(width))
    for position, name in enumerate(experiment.features):
        try:
            parse(name, width)
        except ValueError as error:
            raise ProblemError(f"$.features[{position}]: {error}") from None
    return experiment.features


def _codes(experiment: Experiment, dataset: Dataset, output: str) -> tuple[int, float, float]:
    """Number of outputs, and the codes of "not this class" and "this class"."""
    if isinstance(dataset.target, Numbers):
        outputs, low, high = dataset.targets.shape[1], 0.0, 1.0
    elif isinstance(experiment.data, Inline):
        parts = [experiment.data.targets]
        parts += [] if experiment.data.validation is None else [experiment.data.validation.targets]
        values = [value for part in parts for row in part for value in row]
        outputs, low, high = len(experiment.data.targets[0]), min(values), max(values)
        if experiment.learning.loss in ("binary_cross_entropy", "cross_entropy"):
            low, high = 0.0, 1.0
    else:
        classes = len(dataset.target.labels)
        outputs = 1 if classes == 2 and output != "softmax" else classes
        low, high = (-1.0, 1.0) if output in _SIGNED else (0.0, 1.0)
    if output == "softmax" and outputs == 1:
        raise ProblemError(
            "$.network.output_activation: softmax needs at least two outputs and there is one; use sigmoid or linear"
        )
    return outputs, low, high


def _check_learning(experiment: Experiment, dataset: Dataset) -> None:
    """Check how the main run and the racers learn."""
    output = str(experiment.network.output_activation)
    racers = {f"$.race[{position}].learning": racer.learning for position, racer in enumerate(experiment.race)}
    for path, learning in {"$.learning": experiment.learning, **racers}.items():
        if isinstance(experiment.data, Landscape):
            _check_descent(learning, path)
        else:
            _check_loss(dataset, str(learning.loss), output, f"{path}.loss")


def _check_descent(learning: Supervised, path: str) -> None:
    if learning.loss is not None:
        raise ProblemError(f"{path}.loss: a landscape is a cost itself; leave it out")
    if not isinstance(learning.regularizer, NoRegularizer):
        raise ProblemError(f"{path}.regularizer: a landscape is descended as it is; leave it out")


def _check_loss(dataset: Dataset, loss: str, output: str, path: str) -> None:
    needs = LOSSES[loss].needs
    if needs is not None and needs != output:
        raise ProblemError(f"{path}: {loss} needs a {needs} output, not {output}")
    if needs is not None and isinstance(dataset.target, Numbers):
        least, greatest = dataset.targets.min(), dataset.targets.max()
        if least < 0 or greatest > 1:
            raise ProblemError(
                f"{path}: {loss} needs targets between 0 and 1, these run from {least:g} to {greatest:g}; use mse"
            )


def _split(experiment: Experiment, dataset: Dataset) -> tuple[Rows, Rows, Rows]:
    """Row numbers of the three parts, each ascending; classes are shared out evenly."""
    assert experiment.split is not None
    shares = (experiment.split.train, experiment.split.validation, experiment.split.test)
    total = math.fsum(shares)
    if abs(total - 1) > 1e-9:
        raise ProblemError(f"$.split: the shares add up to {total:g}; they must add up to 1")
    rows = dataset.rows
    if dataset.validation is not None:
        if experiment.split.train != 1.0:
            raise ProblemError("$.split: these data bring their own validation part; leave the split out")
        first = rows - dataset.validation
        return np.arange(first), np.arange(first, rows), np.arange(0)
    if experiment.split.train == 1.0:
        return np.arange(rows), np.arange(0), np.arange(0)
    order = np.arange(rows)
    if not isinstance(experiment.data, Inline):
        order = np.random.default_rng([experiment.seed, _SPLIT]).permutation(rows)
        if isinstance(dataset.target, Classes):
            order = _spread_classes(order, dataset.targets[:, 0])
    n_train = max(1, round(shares[0] * rows))
    n_validation = min(rows - n_train, round(shares[1] * rows)) if shares[2] else rows - n_train
    cuts = [n_train, n_train + n_validation]
    train, validation, test = (np.sort(part) for part in np.split(order, cuts))
    return train, validation, test


def _spread_classes(order: Rows, labels: Vector) -> Rows:
    """Reorder so that every stretch holds the classes in their overall shares."""
    rank = np.empty(len(order))
    for label in np.unique(labels):
        members = np.flatnonzero(labels[order] == label)
        rank[members] = (np.arange(len(members)) + 0.5) / len(members)
    return order[np.argsort(rank, kind="stable")]


def _samples(dataset: Dataset, preparation: Preparation, rows: Rows) -> Samples:
    inputs = np.ascontiguousarray(preparation.inputs(dataset.inputs[rows]))
    finite = np.isfinite(inputs)
    if not finite.all():
        row, position = np.argwhere(~finite)[0]
        raise ProblemError(
            f"$.features[{position}]: {preparation.features[position]} is too large for a number in row"
            f" {rows[row] + 1:,} of the data; leave it out or make the column smaller"
        )
    targets = np.ascontiguousarray(preparation.targets(dataset.targets[rows]))
    return Samples(rows, inputs, targets)


def first_theta_of(experiment: Experiment, architecture: Architecture) -> Vector:
    """The first parameters that `experiment` gives or draws.

    Raises
    ------
    ProblemError
        If given weights do not fit `architecture`.
    """
    initial = experiment.initial
    if isinstance(experiment.data, Landscape) and not isinstance(initial, GivenWeights):
        return np.array(experiment.data.start, dtype=np.float64)
    if isinstance(initial, RandomWeights):
        seed = experiment.seed if initial.seed is None else initial.seed
        random = np.random.default_rng([seed, _WEIGHTS])
        return first_theta(architecture, initial.scheme, initial.scale, initial.bias, random)
    if len(initial.weights) != architecture.layers:
        raise ProblemError(f"$.initial.weights: expected {architecture.layers} layers, found {len(initial.weights)}")
    theta = np.empty(architecture.parameters)
    for layer, (weights, biases) in enumerate(views(architecture, theta)):
        given = initial.weights[layer]
        found = {len(row) for row in given.w}
        if len(given.w) != weights.shape[0] or found != {weights.shape[1]} or len(given.b) != len(biases):
            raise ProblemError(
                f"$.initial.weights[{layer}]: expected w of {weights.shape[0]} rows of {weights.shape[1]}"
                f" and b of {len(biases)} (one row for each unit below)"
            )
        weights[:] = given.w
        biases[:] = given.b
    return theta
