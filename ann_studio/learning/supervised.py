"""Supervised learning by backpropagation: start, advance, evaluate, and the inside of one update.

Every function is pure: states go in and come out, and nothing but the compiled engine moves ``theta``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import L1, L2, Supervised
from ann_studio.learning.problem import ORDER_STREAM, Problem, Samples
from ann_studio.learning.state import Phase, PhaseKind, State
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
#: Numbers that `outputs` holds at a time.
_BLOCK = 2**22


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
    """

    state: State
    trace: Matrix
    ended: Ended


def start(problem: Problem) -> State:
    """The state before the first update."""
    theta = problem.first_theta.copy()
    return State(theta, empty_slots(problem), update=0, epoch=0, position=0, optimizer_steps=0)


def empty_slots(problem: Problem) -> Matrix:
    """Memory of the problem's optimiser before its first update."""
    kind = _kind(problem.experiment.learning.optimizer)
    return np.zeros((OPTIMIZERS[kind].slots, problem.architecture.parameters))


def batch_size(problem: Problem) -> int:
    """Samples in a full batch."""
    size = problem.experiment.learning.batch_size
    return len(problem.train) if size == "full" else min(size, len(problem.train))


def advance(
    problem: Problem,
    state: State,
    *,
    to_update: int = UNLIMITED,
    to_epoch: int = UNLIMITED,
    samples: int = UNLIMITED,
    target_loss: float = -1.0,
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

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    learning, net, train = problem.experiment.learning, _net(problem), problem.train
    theta, slots = state.theta.copy(), state.slots.copy()
    clock = np.array([state.update, state.epoch, state.position, state.optimizer_steps], dtype=np.int64)
    grad, order = np.empty_like(theta), np.empty(len(train), dtype=np.int64)
    rows = []
    used = 0
    while True:
        trace = np.empty((TRACE_ROWS, 4))
        before = _samples_done(clock, len(train))
        written, why = kernels.train(
            theta, slots, clock, net.sizes, net.codes, net.loss, train.inputs, train.targets,
            problem.validation.inputs, problem.validation.targets, *_rule(learning), batch_size(problem),
            learning.reshuffle, problem.experiment.seed, ORDER_STREAM,
            to_update, to_epoch, samples - used, float(target_loss), trace, grad, *net.scratch(3), order, interrupt,
        )  # fmt: skip
        if why == kernels.INTERRUPTED:
            raise Interrupted
        used += _samples_done(clock, len(train)) - before
        rows.append(trace[:written])
        if why != kernels.TRACE_FULL:
            break
    ended = Ended.LIMIT
    if why == kernels.NOT_FINITE or not np.isfinite(theta).all():
        ended = Ended.NOT_FINITE
    elif why == kernels.TARGET_REACHED:
        ended = Ended.TARGET_REACHED
    update, epoch, position, steps = (int(value) for value in clock)
    return Progress(State(theta, slots, update, epoch, position, steps), np.concatenate(rows), ended)


def evaluate(problem: Problem, theta: Vector, samples: Samples, interrupt: Flag = NEVER) -> float:
    """Mean loss of `samples` at `theta` by the engine's own forward pass; NaN if there are none.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    net = _net(problem)
    loss = kernels.mean_loss(
        theta, net.sizes, net.codes, net.loss, samples.inputs, samples.targets, *net.scratch(2), interrupt
    )
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
    net = _net(problem)
    out = np.empty((len(inputs), int(net.sizes.sum())))
    kernels.activations(theta, net.sizes, net.codes, inputs, *net.scratch(2), out, interrupt)
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
    rows = max(1, _BLOCK // sum(problem.architecture.sizes))
    parts = (activations(problem, theta, inputs[at : at + rows], interrupt)[-1] for at in range(0, len(inputs), rows))
    return np.concatenate([np.empty((0, problem.architecture.sizes[-1])), *(part.copy() for part in parts)])


def phase_count(problem: Problem, state: State) -> int:
    """Phases of the next update."""
    return len(_batch(problem, state)) * (2 * problem.architecture.layers + 1) + 1


def phase(problem: Problem, state: State, index: int, interrupt: Flag = NEVER) -> Phase:
    """The inside of the next update at phase `index`, from 0 to `phase_count` − 1.

    The numbers are those of the engine's own passes.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    batch, layers, net = _batch(problem, state), problem.architecture.layers, _net(problem)
    per_sample = 2 * layers + 1
    sample = min(index // per_sample, len(batch) - 1)
    within = index - sample * per_sample
    row = int(batch[sample])
    kind, layer = _what(within, layers)
    # Layers from `back` on have been passed by the error of this sample; only they count so far.
    back = min(layers, max(0, 2 * layers - within))
    shown = min(within + 1, layers)
    passed = _pass_through(problem, state, batch[: sample + 1], 1.0 / len(batch), back, interrupt)
    cuts = np.cumsum(net.sizes)[:-1]
    all_z, all_a, all_delta = (np.split(values, cuts) for values in (passed.z, passed.a, passed.delta))
    following = None
    if kind == "update":
        following = advance(problem, state, to_update=state.update + 1, interrupt=interrupt).state.theta
    return Phase(
        index=index,
        count=len(batch) * per_sample + 1,
        kind=kind,
        layer=layer,
        sample=sample,
        batch=len(batch),
        row=row,
        pre_activations=tuple(all_z[1 : shown + 1]),
        activations=tuple(all_a[: shown + 1]),
        loss=evaluate(problem, state.theta, _one(problem.train, row)) if within >= layers else None,
        deltas=tuple(all_delta[k + 1] if k >= back else None for k in range(layers)),
        gradient=passed.gradient,
        next_theta=following,
    )


def _what(within: int, layers: int) -> tuple[PhaseKind, int]:
    """Kind and layer of the phase that is number `within` of its sample."""
    if within < layers:
        return "forward", within
    if within == layers:
        return "cost", -1
    if within <= 2 * layers:
        return "backward", 2 * layers - within
    return "update", -1


@dataclass(frozen=True, eq=False)
class _Passes:
    """Buffers of the last sample's passes, all layers end to end, and the gradient added up so far."""

    z: Vector
    a: Vector
    delta: Vector
    gradient: Vector


def _pass_through(
    problem: Problem, state: State, rows: NDArray[np.int64], factor: float, back: int, interrupt: Flag
) -> _Passes:
    """Forward and back with each of `rows`; of the last, only the layers from `back` on are added to the gradient."""
    net, train = _net(problem), problem.train
    z, a, delta = net.scratch(3)
    gradient = before = np.zeros_like(state.theta)
    for row in rows:
        if interrupt[0]:
            raise Interrupted
        if row == rows[-1]:
            before = gradient.copy()
        a[: net.sizes[0]] = train.inputs[row]
        kernels.forward(state.theta, net.sizes, net.codes, z, a)
        kernels.backward(
            state.theta, net.sizes, net.codes, net.loss, train.targets[row], z, a, delta, gradient, factor
        )
    still = problem.architecture.offset(back)
    gradient[:still] = before[:still]
    return _Passes(z, a, delta, gradient)


def _one(samples: Samples, row: int) -> Samples:
    part = slice(row, row + 1)
    return Samples(samples.rows[part], samples.inputs[part], samples.targets[part])


def _batch(problem: Problem, state: State) -> NDArray[np.int64]:
    """Rows of the training part that the next update uses, in order."""
    order = np.arange(len(problem.train))
    if problem.experiment.learning.reshuffle:
        kernels.sample_order(problem.experiment.seed, ORDER_STREAM, state.epoch, order)
    return order[state.position : state.position + batch_size(problem)]


def _samples_done(clock: NDArray[np.int64], rows: int) -> int:
    return int(clock[kernels.EPOCH]) * rows + int(clock[kernels.POSITION])


@dataclass(frozen=True)
class _Net:
    """A network as the engine is told of it."""

    sizes: NDArray[np.int64]
    codes: NDArray[np.int64]
    loss: int

    def scratch(self, count: int) -> list[Vector]:
        total = int(self.sizes.sum())
        return [np.empty(total) for _ in range(count)]


def _net(problem: Problem) -> _Net:
    architecture = problem.architecture
    return _Net(
        np.array(architecture.sizes, dtype=np.int64),
        np.array([kernels.ACTIVATION_CODES[name] for name in architecture.activations], dtype=np.int64),
        kernels.LOSS_CODES[str(problem.experiment.learning.loss)],
    )


def _kind(struct: Any) -> str:
    return str(struct.__struct_config__.tag)


def _rule(learning: Supervised) -> tuple[int, Vector, int, float]:
    """Optimiser code and hyperparameters, regulariser code and strength."""
    values: list[float] = []
    for value in msgspec.structs.astuple(learning.optimizer):
        values.extend(value if isinstance(value, tuple) else [value])
    regularizer = learning.regularizer
    strength = regularizer.strength if isinstance(regularizer, L1 | L2) else 0.0
    return (
        kernels.OPTIMIZER_CODES[_kind(learning.optimizer)],
        np.array(values, dtype=np.float64),
        kernels.REGULARIZER_CODES[_kind(regularizer)],
        float(strength),
    )
