"""Supervised learning by backpropagation: start, advance, evaluate.

Every function is pure: states go in and come out, and nothing but the compiled engine moves ``theta``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import L1, L2, Landscape, Supervised, kind_of
from ann_studio.learning.path import Path
from ann_studio.learning.problem import ORDER_STREAM, Problem, Samples
from ann_studio.learning.state import State
from ann_studio.nn import kernels
from ann_studio.nn.optimizers import OPTIMIZERS

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: One integer by which another thread interrupts the engine: it makes it other than zero.
Flag = NDArray[np.int64]

#: Stands for "no limit" in the engine's integers.
UNLIMITED = np.iinfo(np.int64).max
#: Rows of trace that one call of `advance` can return.
TRACE_ROWS = 512
#: Numbers of a path that `advance` holds at a time, and of a pass that `passed_in_blocks` does.
_BLOCK, _PASSED = 2**22, 2**20


#: The flag of whoever is never interrupted. Never written to, but not read-only: for numba that is another type.
NEVER: Flag = np.zeros(1, dtype=np.int64)


class Interrupted(Exception):  # noqa: N818 (a wish, not an error)
    """The flag was raised while the engine worked; what it had begun is dropped, and nothing has changed."""


class Ended(Enum):
    """Why `advance` returned."""

    LIMIT = "limit"
    TARGET_REACHED = "target loss reached"
    NOT_FINITE = "not finite"


@dataclass(frozen=True, eq=False)
class Progress:
    """What `advance` returns.

    Parameters
    ----------
    state
        The new state; not finite if `ended` says so.
    trace
        One row for each epoch completed, columns as in `Snapshot.trace`.
    path
        The points that belong to the path of the run; none unless it was asked for.
    """

    state: State
    trace: Matrix
    ended: Ended
    path: Path


def start(problem: Problem) -> State:
    """The state before the first update."""
    theta = problem.first_theta.copy()
    return State(theta, empty_slots(problem), update=0, epoch=0, position=0, optimizer_steps=0)


def empty_slots(problem: Problem) -> Matrix:
    """Memory of the problem's optimiser before its first update."""
    kind = kind_of(problem.experiment.learning.optimizer)
    return np.zeros((OPTIMIZERS[kind].slots, problem.architecture.parameters))


def batch_size(problem: Problem) -> int:
    """Samples in a full batch."""
    return samples_per_update(problem.experiment.learning, len(problem.train))


def samples_per_update(learning: Supervised, samples: int) -> int:
    """Size of a full batch where the training set has so many samples."""
    return samples if learning.batch_size == "full" else min(learning.batch_size, samples)


def order_seed(problem: Problem) -> int:
    """Seed of the order of the samples."""
    seed = problem.experiment.learning.seed
    return problem.experiment.seed if seed is None else seed


def updates_at(problem: Problem, samples: int) -> int:
    """Updates that are complete once so many samples were gone through since the start."""
    rows, size = len(problem.train), batch_size(problem)
    epochs, rest = divmod(samples, rows)
    return epochs * -(-rows // size) + rest // size


def samples_of(problem: Problem, state: State) -> int:
    """Samples gone through since the start."""
    return state.epoch * len(problem.train) + state.position


def advance(
    problem: Problem,
    state: State,
    *,
    to_update: int = UNLIMITED,
    to_epoch: int = UNLIMITED,
    samples: int = UNLIMITED,
    target_loss: float = -math.inf,
    losses: bool = True,
    path_base: int = 0,
    interrupt: Flag = NEVER,
) -> Progress:
    """Train from `state` by whole updates.

    Parameters
    ----------
    to_update, to_epoch
        Stop there.
    samples
        Stop at the first end of an update at which this many samples have been used.
    target_loss
        Stop at the end of an epoch whose training loss is at most this.
    losses
        Evaluate the losses at the end of each epoch. If False there is no trace, `target_loss` is not looked at, and
        only the parameters at the end tell whether they are finite.
    path_base
        The base of the path that is to be kept, see `ann_studio.learning.path`; 0 keeps none.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    learning, net, train = problem.experiment.learning, net_of(problem), problem.train
    theta, slots = state.theta.copy(), state.slots.copy()
    clock = np.array([state.update, state.epoch, state.position, state.optimizer_steps], dtype=np.int64)
    rows, updates, thetas = [], [], []
    room = 0 if not path_base else max(1, min(TRACE_ROWS, _BLOCK // len(theta)))
    path_updates, path = np.empty(room, dtype=np.int64), np.empty((room, len(theta)))
    trace = np.empty((TRACE_ROWS, 4))
    used = 0
    while True:
        before = _samples_done(clock, len(train))
        written, points, why = kernels.train(
            theta, slots, clock, net.sizes, net.codes, net.loss, train.inputs, train.targets,
            problem.validation.inputs, problem.validation.targets, *rule_of(learning), batch_size(problem),
            learning.reshuffle, order_seed(problem), ORDER_STREAM, state.held,
            losses, to_update, to_epoch, samples - used, float(target_loss), trace,
            path_base, path_updates, path, interrupt,
        )  # fmt: skip
        if why == kernels.INTERRUPTED:
            raise Interrupted
        used += _samples_done(clock, len(train)) - before
        rows.append(trace[:written].copy())
        updates.append(path_updates[:points].copy())
        thetas.append(path[:points].copy())
        if why != kernels.FULL:
            break
    ended = Ended.LIMIT
    if why == kernels.NOT_FINITE or not np.isfinite(theta).all():
        ended = Ended.NOT_FINITE
    elif why == kernels.TARGET_REACHED:
        ended = Ended.TARGET_REACHED
    update, epoch, position, steps = (int(value) for value in clock)
    end = State(theta, slots, update, epoch, position, steps, state.pruned, state.frozen)
    return Progress(end, np.concatenate(rows), ended, Path(np.concatenate(updates), np.concatenate(thetas)))


def evaluate(problem: Problem, theta: Vector, samples: Samples, interrupt: Flag = NEVER) -> float:
    """Mean loss of `samples` at `theta` by the engine's own forward pass; NaN if there are none.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    net = net_of(problem)
    loss = kernels.mean_loss(theta, net.sizes, net.codes, net.loss, samples.inputs, samples.targets, interrupt)
    if interrupt[0]:
        raise Interrupted
    return float(loss)


def activations(problem: Problem, theta: Vector, inputs: Matrix, interrupt: Flag = NEVER) -> list[Matrix]:
    """Activations of every layer, input first, each ``(rows, units)``, by the engine.

    Parameters
    ----------
    inputs
        Network inputs ``(rows, features)``, C-contiguous.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    net = net_of(problem)
    out = np.empty((len(inputs), int(net.sizes.sum())))
    kernels.activations(theta, net.sizes, net.codes, inputs, out, interrupt)
    if interrupt[0]:
        raise Interrupted
    return np.split(out, np.cumsum(net.sizes)[:-1], axis=1)


def outputs(problem: Problem, theta: Vector, inputs: Matrix, interrupt: Flag = NEVER) -> Matrix:
    """Activations of the output layer, ``(rows, outputs)``: like `activations`, but for any number of rows.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    parts = (layers[-1].copy() for layers in passed_in_blocks(problem, theta, inputs, interrupt))
    return np.concatenate([np.empty((0, problem.architecture.sizes[-1])), *parts])


def passed_in_blocks(
    problem: Problem, theta: Vector, inputs: Matrix, interrupt: Flag = NEVER
) -> Iterator[list[Matrix]]:
    """Like `activations`, but for any number of rows: of as many at a time as there is room for.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    rows = max(1, _PASSED // sum(problem.architecture.sizes))
    for first in range(0, len(inputs), rows):
        yield activations(problem, theta, inputs[first : first + rows], interrupt)


def _samples_done(clock: NDArray[np.int64], rows: int) -> int:
    return int(clock[kernels.EPOCH]) * rows + int(clock[kernels.POSITION])


@dataclass(frozen=True)
class Net:
    """A network as the engine is told of it; `loss` is the code of a loss or of a landscape."""

    sizes: NDArray[np.int64]
    codes: NDArray[np.int64]
    loss: int

    def buffers(self) -> tuple[Vector, Vector, Vector]:
        """Room for z, a and δ of all units of one sample, end to end."""
        total = int(self.sizes.sum())
        return np.empty(total), np.empty(total), np.empty(total)


def net_of(problem: Problem) -> Net:
    """Sizes, activations and loss of a problem's network, as the engine wants them."""
    architecture, experiment = problem.architecture, problem.experiment
    if isinstance(experiment.data, Landscape):
        loss = kernels.LANDSCAPE_CODES[experiment.data.name]
    else:
        loss = kernels.LOSS_CODES[str(experiment.learning.loss)]
    return Net(
        np.array(architecture.sizes, dtype=np.int64),
        np.array([kernels.ACTIVATION_CODES[name] for name in architecture.activations], dtype=np.int64),
        loss,
    )


def same_cost(first: Problem, second: Problem) -> bool:
    """Whether two problems have the same cost at the same parameters: network, loss and training set."""
    if first is second:
        return True
    a, b = first.train, second.train
    return (
        first.architecture == second.architecture
        and net_of(first).loss == net_of(second).loss
        and (a is b or (np.array_equal(a.inputs, b.inputs) and np.array_equal(a.targets, b.targets)))
    )


def rule_of(learning: Supervised) -> tuple[int, Vector, int, float, float]:
    """Optimiser code, hyperparameters, regulariser code, strength, greatest norm, as the engine wants them."""
    values: list[float] = []
    for value in msgspec.structs.astuple(learning.optimizer):
        values.extend(value if isinstance(value, tuple) else [value])
    regularizer = learning.regularizer
    strength = regularizer.strength if isinstance(regularizer, L1 | L2) else 0.0
    return (
        kernels.OPTIMIZER_CODES[kind_of(learning.optimizer)],
        np.array(values, dtype=np.float64),
        kernels.REGULARIZER_CODES[kind_of(regularizer)],
        float(strength),
        math.inf if learning.clip_norm is None else float(learning.clip_norm),
    )
