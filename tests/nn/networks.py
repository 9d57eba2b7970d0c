"""Small networks for the tests of nn, drawn away from every kink, and the engine behind plain arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.nn import kernels
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import Architecture
from ann_studio.nn.backprop import forward, gradient
from ann_studio.nn.losses import LOSSES

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: How far pre-activations and errors keep from where an activation or a loss has a kink.
MARGIN = 1e-3
NO_LIMIT = np.iinfo(np.int64).max

#: Every loss with every output activation that it is defined for.
PAIRS = [
    (output, loss)
    for loss, entry in LOSSES.items()
    for output in ([*ACTIVATIONS, "softmax"] if entry.needs is None else [entry.needs])
]


def an_output_of(loss: str) -> str:
    """An output activation for `loss`."""
    return LOSSES[loss].needs or "linear"


@dataclass(frozen=True)
class Case:
    """A network with parameters and samples."""

    architecture: Architecture
    theta: Vector
    inputs: Matrix
    targets: Matrix
    loss: str


def drawn(architecture: Architecture, loss: str, seed: int, rows: int = 5) -> Case:
    """Normal parameters and inputs; targets that the loss is defined for."""
    random = np.random.default_rng(seed)
    theta = random.normal(size=architecture.parameters) / np.sqrt(max(architecture.sizes) / 4)
    inputs = random.normal(size=(rows, architecture.sizes[0]))
    shape = (rows, architecture.sizes[-1])
    if loss == "binary_cross_entropy":
        targets = random.integers(0, 2, shape).astype(np.float64)
    elif loss == "cross_entropy":
        targets = np.eye(shape[1])[random.integers(0, shape[1], rows)]
    else:
        targets = random.normal(size=shape)
    return Case(architecture, theta, inputs, targets, loss)


def keeps_off_kinks(case: Case) -> bool:
    """Whether no z is near 0 and no error near 0 or ±1, where mae and huber have theirs."""
    passed = forward(case.architecture, case.theta, case.inputs)
    error = np.abs(passed.activations[-1] - case.targets)
    distances = [np.abs(z).min() for z in passed.pre_activations]
    if case.loss in ("mae", "huber"):
        distances += [error.min(), np.abs(error - 1).min()]
    return bool(min(distances) > MARGIN)


def well_placed(
    architecture: Architecture, loss: str, *, rows: int = 5, accept: Callable[[Case], bool] = lambda case: True
) -> Case:
    """The first drawn case that keeps off the kinks, is not flat, and is acceptable."""
    for seed in range(5000):
        case = drawn(architecture, loss, seed, rows)
        slopes = gradient(architecture, case.theta, case.inputs, case.targets, loss)
        if keeps_off_kinks(case) and slopes.any() and accept(case):
            return case
    raise AssertionError(f"no case for {architecture} {architecture.activations} {loss}")


# --- the engine -----------------------------------------------------------------------------------------------------
def sizes_of(architecture: Architecture) -> NDArray[np.int64]:
    return np.array(architecture.sizes, dtype=np.int64)


def codes_of(architecture: Architecture) -> NDArray[np.int64]:
    return np.array([kernels.ACTIVATION_CODES[name] for name in architecture.activations], dtype=np.int64)


def scratch(architecture: Architecture, count: int) -> list[Vector]:
    """Buffers as long as all units, full of what must not be read."""
    return [np.full(sum(architecture.sizes), np.nan) for _ in range(count)]


def engine_loss(case: Case) -> float:
    return float(
        kernels.mean_loss(
            case.theta, sizes_of(case.architecture), codes_of(case.architecture), kernels.LOSS_CODES[case.loss],
            case.inputs, case.targets, np.zeros(1, dtype=np.int64),
        )
    )  # fmt: skip


def engine_activations(case: Case) -> Matrix:
    """All activations of all rows, input first, end to end."""
    architecture = case.architecture
    out = np.full((len(case.inputs), sum(architecture.sizes)), np.nan)
    kernels.activations(
        case.theta, sizes_of(architecture), codes_of(architecture), case.inputs, out,
        np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    return out


def engine_gradient(case: Case) -> Vector:
    """Gradient of the mean loss, sample by sample as the engine adds it up."""
    architecture, rows = case.architecture, len(case.inputs)
    sizes, codes = sizes_of(architecture), codes_of(architecture)
    z, a, delta = scratch(architecture, 3)
    total = np.zeros_like(case.theta)
    for i, x in enumerate(case.inputs):
        a[: sizes[0]] = x
        kernels.forward(case.theta, sizes, codes, z, a)
        kernels.backward(
            case.theta, sizes, codes, kernels.LOSS_CODES[case.loss], case.targets[i], z, a, delta, total, 1.0 / rows
        )
    return total


def engine_gradient_by_tiles(case: Case) -> Vector:
    """Gradient of the mean loss, many samples side by side."""
    architecture, rows = case.architecture, len(case.inputs)
    total = np.zeros_like(case.theta)
    kernels.add_gradient(
        case.theta, sizes_of(architecture), codes_of(architecture), kernels.LOSS_CODES[case.loss], case.inputs,
        case.targets, np.arange(rows), 0, rows, total,
        np.full(kernels.scratch_for(sizes_of(architecture), rows), np.nan), np.zeros(1, dtype=np.int64),
    )  # fmt: skip
    return total / rows


@dataclass(frozen=True)
class Rule:
    """How to learn; a batch of 0 is the full batch."""

    optimizer: str = "sgd"
    hyper: tuple[float, ...] = (0.1,)
    regularizer: str = "none"
    strength: float = 0.0
    batch: int = 0
    reshuffle: bool = False
    seed: int = 0
    clip: float = math.inf


class Run:
    """A run of the engine that can be taken up again."""

    def __init__(self, case: Case, rule: Rule, slots: Matrix, validation: Case | None = None) -> None:
        self.case, self.rule = case, rule
        self.theta, self.slots = case.theta.copy(), slots.copy()
        self.clock = np.zeros(4, dtype=np.int64)
        self.held = np.empty(0, dtype=np.int64)
        self.trace = np.empty((0, 4))
        none = np.empty((0, case.inputs.shape[1])), np.empty((0, case.targets.shape[1]))
        self.validation = none if validation is None else (validation.inputs, validation.targets)

    def advance(
        self,
        *,
        updates: int = NO_LIMIT,
        epochs: int = NO_LIMIT,
        samples: int = NO_LIMIT,
        room: int = 1000,
        losses: bool = True,
        interrupt: NDArray[np.int64] | None = None,
    ) -> int:
        """Train until the clock shows `updates` or `epochs`, or `samples` more are used; says why it returned."""
        case, rule = self.case, self.rule
        rows = len(case.inputs)
        trace = np.full((room, 4), np.nan)
        written, _, why = kernels.train(
            self.theta, self.slots, self.clock, sizes_of(case.architecture), codes_of(case.architecture),
            kernels.LOSS_CODES[case.loss], case.inputs, case.targets, *self.validation,
            kernels.OPTIMIZER_CODES[rule.optimizer], np.array(rule.hyper), kernels.REGULARIZER_CODES[rule.regularizer],
            rule.strength, rule.clip, rule.batch or rows, rule.reshuffle, rule.seed, 3, self.held, losses, updates,
            epochs, samples, -1.0, trace, 0, self.held, np.empty((0, len(self.theta))),
            np.zeros(1, dtype=np.int64) if interrupt is None else interrupt,
        )  # fmt: skip
        self.trace = np.concatenate([self.trace, trace[:written]])
        return int(why)


def weight_mask(architecture: Architecture) -> NDArray[np.bool_]:
    """True where ``theta`` holds a weight, False where it holds a bias; shape ``(parameters,)``."""
    mask = np.zeros(architecture.parameters, dtype=np.bool_)
    for layer in range(architecture.layers):
        start = architecture.offset(layer)
        mask[start : start + architecture.sizes[layer] * architecture.sizes[layer + 1]] = True
    return mask
