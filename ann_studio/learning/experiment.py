"""The experiment: everything that determines a run, as one immutable value.

These structs declare the fields, ranges and titles of the public file format once. The JSON reader, its error
messages and the forms of the window all come from them. ``None`` means "as the data ask"; `resolve` in
`ann_studio.learning.problem` fills it in.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

FORMAT = "ann-studio experiment"
VERSION = 1

Rate = Annotated[float, Meta(gt=0, le=1000, title="Learning rate η")]
Decay = Annotated[float, Meta(ge=0, lt=1)]
Epsilon = Annotated[float, Meta(gt=0, le=1)]
Activation = Literal[
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "softsign", "silu", "gelu", "sin"
]
OutputActivation = Literal[
    "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus", "softsign", "silu", "gelu", "sin", "softmax"
]
LossName = Literal["mse", "mae", "huber", "binary_cross_entropy", "cross_entropy"]
Generator = Literal[
    "circle", "xor", "gauss", "spiral", "moons", "plane", "hills", "sine", "and", "or", "xor_gate", "nand", "trap"
]
LandscapeName = Literal[
    "bowl", "local_minima", "saddle", "elongated", "hills", "plateau", "rosenbrock", "beale", "himmelblau", "rastrigin"
]
Coordinate = Annotated[float, Meta(ge=-1000, le=1000)]


class _Struct(Struct, frozen=True, forbid_unknown_fields=True):
    """Immutable, and strict about field names."""


class _Tagged(_Struct, frozen=True, tag_field="kind"):
    """One of several alternatives, told apart by ``kind``."""


# --- data -----------------------------------------------------------------------------------------------------------
class Generated(_Tagged, frozen=True, tag="generated"):
    """Points from a seeded generator."""

    name: Annotated[Generator, Meta(title="Data set")]
    samples: Annotated[int, Meta(ge=2, le=1_000_000, title="Samples")] = 500
    noise: Annotated[float, Meta(ge=0, le=1, title="Noise")] = 0.0
    seed: Annotated[int, Meta(ge=0, title="Seed of the points")] | None = None


class TableData(_Tagged, frozen=True, tag="table"):
    """A delimited text file (CSV and friends)."""

    path: Annotated[str, Meta(min_length=1, title="File")]
    target: Annotated[tuple[str, ...], Meta(min_length=1, title="Target")]
    inputs: tuple[str, ...] | None = None
    missing: Annotated[Literal["drop", "fill"], Meta(title="Rows with missing cells")] = "drop"
    task: Literal["classes", "numbers"] | None = None


class Part(_Struct, frozen=True):
    """Rows given in the file itself."""

    inputs: tuple[tuple[float, ...], ...]
    targets: tuple[tuple[float, ...], ...]


class Inline(_Tagged, frozen=True, tag="inline"):
    """Rows given in the experiment file, used as they are and in their order."""

    inputs: Annotated[tuple[tuple[float, ...], ...], Meta(min_length=1)]
    targets: Annotated[tuple[tuple[float, ...], ...], Meta(min_length=1)]
    validation: Part | None = None


class Landscape(_Tagged, frozen=True, tag="landscape"):
    """No data: a cost of two parameters (x, z) by a formula, see `ann_studio.nn.landscapes`.

    A sample adds an offset to the gradient; the offsets of all `samples` add up to nothing. Without noise there is
    one gradient only, the exact one.
    """

    name: Annotated[LandscapeName, Meta(title="Landscape")]
    start: Annotated[tuple[Coordinate, Coordinate], Meta(title="Start (x, z)")] = (1.5, 1.5)
    noise: Annotated[float, Meta(ge=0, le=100, title="Gradient noise")] = 0.0
    samples: Annotated[int, Meta(ge=2, le=1000, title="Noisy gradients")] = 8


Data = Generated | TableData | Inline | Landscape


class Split(_Struct, frozen=True):
    """Shares of the samples, together 1."""

    train: Annotated[float, Meta(gt=0, le=1, title="Training share")] = 0.7
    validation: Annotated[float, Meta(ge=0, lt=1, title="Validation share")] = 0.3
    test: Annotated[float, Meta(ge=0, lt=1, title="Test share")] = 0.0


# --- network --------------------------------------------------------------------------------------------------------
#: Units of a hidden layer and hidden layers of a network, at most.
MOST_UNITS, MOST_LAYERS = 4096, 32


class Hidden(_Struct, frozen=True):
    """One hidden layer."""

    units: Annotated[int, Meta(ge=1, le=MOST_UNITS, title="Units")]
    activation: Annotated[Activation, Meta(title="Activation")] = "tanh"


class Network(_Struct, frozen=True):
    """The layers between the features and the targets."""

    hidden: Annotated[tuple[Hidden, ...], Meta(max_length=MOST_LAYERS, title="Hidden layers")] = ()
    output_activation: Annotated[OutputActivation | None, Meta(title="Output activation")] = None


class RandomWeights(_Tagged, frozen=True, tag="random"):
    """First weights drawn from a seeded distribution; every bias is `bias`."""

    scheme: Annotated[Literal["zeros", "uniform", "normal", "xavier", "he"], Meta(title="First weights")] = "xavier"
    scale: Annotated[float, Meta(ge=0, le=1000, title="Scale")] = 1.0
    bias: Annotated[float, Meta(ge=-1000, le=1000, title="First bias")] = 0.0
    seed: Annotated[int, Meta(ge=0, title="Seed of the weights")] | None = None


class LayerWeights(_Struct, frozen=True):
    """Weights ``(n_in, n_out)`` and biases ``(n_out,)`` of one layer."""

    w: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]


class GivenWeights(_Tagged, frozen=True, tag="given"):
    """First weights as numbers, one entry a layer."""

    weights: tuple[LayerWeights, ...]


Initial = RandomWeights | GivenWeights


# --- learning -------------------------------------------------------------------------------------------------------
class Sgd(_Tagged, frozen=True, tag="sgd"):
    """Plain gradient descent."""

    learning_rate: Rate = 0.001


class Momentum(_Tagged, frozen=True, tag="momentum"):
    """Gradient descent with momentum (PyTorch's SGD with ``momentum``)."""

    learning_rate: Rate = 0.001
    momentum: Annotated[Decay, Meta(title="Momentum")] = 0.9


class Nesterov(_Tagged, frozen=True, tag="nesterov"):
    """Nesterov's accelerated gradient (PyTorch's SGD with ``nesterov=True``)."""

    learning_rate: Rate = 0.001
    momentum: Annotated[Decay, Meta(title="Momentum")] = 0.9


class Adagrad(_Tagged, frozen=True, tag="adagrad"):
    """Adagrad (Duchi et al. 2011)."""

    learning_rate: Rate = 0.01
    lr_decay: Annotated[float, Meta(ge=0, le=1, title="Rate decay")] = 0.0
    initial_accumulator_value: Annotated[float, Meta(ge=0, le=1000, title="First accumulator")] = 0.0
    eps: Annotated[Epsilon, Meta(title="ε")] = 1e-10


class Adadelta(_Tagged, frozen=True, tag="adadelta"):
    """Adadelta (Zeiler 2012)."""

    learning_rate: Rate = 1.0
    rho: Annotated[Decay, Meta(title="ρ")] = 0.9
    eps: Annotated[Epsilon, Meta(title="ε")] = 1e-6


class RMSprop(_Tagged, frozen=True, tag="rmsprop"):
    """RMSprop (Hinton 2012)."""

    learning_rate: Rate = 0.01
    alpha: Annotated[Decay, Meta(title="α")] = 0.99
    eps: Annotated[Epsilon, Meta(title="ε")] = 1e-8


class Adam(_Tagged, frozen=True, tag="adam"):
    """Adam (Kingma & Ba 2015)."""

    learning_rate: Rate = 0.001
    betas: Annotated[tuple[Decay, Decay], Meta(title="β₁, β₂")] = (0.9, 0.999)
    eps: Annotated[Epsilon, Meta(title="ε")] = 1e-8


class AdamW(_Tagged, frozen=True, tag="adamw"):
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019)."""

    learning_rate: Rate = 0.001
    betas: Annotated[tuple[Decay, Decay], Meta(title="β₁, β₂")] = (0.9, 0.999)
    eps: Annotated[Epsilon, Meta(title="ε")] = 1e-8
    weight_decay: Annotated[float, Meta(ge=0, le=1, title="Weight decay")] = 0.01


class Rprop(_Tagged, frozen=True, tag="rprop"):
    """Resilient backpropagation (Riedmiller & Braun 1993), for full batches."""

    learning_rate: Rate = 0.01
    etas: Annotated[
        tuple[Annotated[float, Meta(gt=0, lt=1)], Annotated[float, Meta(gt=1, le=100)]], Meta(title="η−, η+")
    ] = (0.5, 1.2)
    step_sizes: Annotated[
        tuple[Annotated[float, Meta(gt=0)], Annotated[float, Meta(gt=0)]], Meta(title="Least and greatest step")
    ] = (1e-6, 50.0)


Optimizer = Sgd | Momentum | Nesterov | Adagrad | Adadelta | RMSprop | Adam | AdamW | Rprop


class NoRegularizer(_Tagged, frozen=True, tag="none"):
    """Nothing is added to the loss."""


class L1(_Tagged, frozen=True, tag="l1"):
    """Adds λ Σ |w| to what is descended (weights only)."""

    strength: Annotated[float, Meta(ge=0, le=1000, title="Strength λ")] = 0.001


class L2(_Tagged, frozen=True, tag="l2"):
    """Adds ½ λ Σ w² to what is descended (weights only)."""

    strength: Annotated[float, Meta(ge=0, le=1000, title="Strength λ")] = 0.001


Regularizer = NoRegularizer | L1 | L2


class Supervised(_Tagged, frozen=True, tag="supervised"):
    """Learning from targets by backpropagation."""

    loss: Annotated[LossName | None, Meta(title="Cost")] = None
    optimizer: Annotated[Optimizer, Meta(title="Optimiser")] = Sgd(learning_rate=0.03)
    batch_size: Annotated[int, Meta(ge=1, title="Batch size")] | Literal["full"] = 10
    reshuffle: Annotated[bool, Meta(title="Reshuffle every epoch")] = True
    seed: Annotated[int, Meta(ge=0, le=2**53, title="Seed of the order")] | None = None
    regularizer: Annotated[Regularizer, Meta(title="Regularise")] = NoRegularizer()
    clip_norm: Annotated[float, Meta(gt=0, le=1e9, title="Clip gradients to")] | None = None


class Racer(_Struct, frozen=True):
    """A run beside the main one: the same data and first weights, learned in another way."""

    learning: Supervised
    name: Annotated[str, Meta(max_length=60, title="Name")] = ""


class Stop(_Struct, frozen=True):
    """When a run is done. ``None``: never for that reason."""

    epochs: Annotated[int, Meta(ge=0, le=1_000_000_000, title="Epochs")] | None = 500
    target_loss: Annotated[float, Meta(title="Target cost")] | None = None


class Experiment(_Struct, frozen=True, kw_only=True):
    """Everything that determines a run."""

    format: Literal["ann-studio experiment"] = "ann-studio experiment"
    version: Literal[1] = 1
    name: Annotated[str, Meta(max_length=200, title="Name")] = ""
    seed: Annotated[int, Meta(ge=0, le=2**53, title="Seed")] = 1
    data: Data
    features: Annotated[tuple[str, ...], Meta(min_length=1, title="Features")] | None = None
    standardize: Annotated[bool | None, Meta(title="Standardise inputs")] = None
    split: Split | None = None
    network: Network
    initial: Initial = RandomWeights()
    learning: Supervised = Supervised()
    run_name: Annotated[str, Meta(max_length=60, title="Name of the run in a race")] = ""
    stop: Stop = Stop()
    race: Annotated[tuple[Racer, ...], Meta(max_length=7, title="Race")] = ()


class InvalidExperiment(msgspec.ValidationError):
    """What dicts and lists hold is no experiment.

    Parameters
    ----------
    message
        Msgspec's; it ends in the JSON path.
    tree
        The dicts and lists.
    """

    def __init__(self, message: str, tree: Any) -> None:
        super().__init__(message)
        self.tree = tree


def replace(experiment: Experiment, path: str, value: Any) -> Experiment:
    """A copy of `experiment` with the field at the dotted `path` set, checked as the file is.

    Parameters
    ----------
    path
        Such as ``learning.optimizer.learning_rate`` or ``network.hidden.0.units``.
    value
        Plain JSON value (number, text, list, dict, None) or struct.

    Raises
    ------
    InvalidExperiment
        If the path does not exist or the value is not allowed there.
    """
    tree = to_plain(experiment)
    node: Any = tree
    *parents, last = path.split(".")
    walked = "$"
    try:
        for name in parents:
            key: Any = int(name) if isinstance(node, list) else name
            walked += f"[{key}]" if isinstance(node, list) else f".{name}"
            node = node[key]
            if not isinstance(node, dict | list):
                raise TypeError
        if isinstance(node, list):
            node[int(last)] = to_plain(value)
        else:
            node[last] = to_plain(value)
    except (KeyError, IndexError, ValueError, TypeError):
        raise InvalidExperiment(f"there is no such setting - at `{walked}.{last}`", tree) from None
    return from_plain(tree)


def kind_of(struct: Struct) -> str:
    """The name of an alternative in the file: ``kind``."""
    return str(struct.__struct_config__.tag)


def to_plain(value: Any) -> Any:
    """Structs as dicts and tuples as lists, as they stand in the JSON file."""
    return msgspec.json.decode(msgspec.json.encode(value))


def from_plain(tree: Any) -> Experiment:
    """An `Experiment` from dicts and lists; raises `InvalidExperiment` that names the JSON path."""
    try:
        return msgspec.convert(tree, Experiment)
    except msgspec.ValidationError as error:
        raise InvalidExperiment(str(error), tree) from None
