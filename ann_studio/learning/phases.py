"""The inside of one update, phase by phase: the engine's passes of one sample, and where the engine then goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import ORDER_STREAM, Problem, Samples
from ann_studio.learning.state import Phase, PhaseKind, State
from ann_studio.learning.supervised import NEVER, Flag, Interrupted, advance, batch_size, evaluate, net_of, order_seed
from ann_studio.nn import kernels

Vector = NDArray[np.float64]


def phase_count(problem: Problem, state: State) -> int:
    """Phases of the next update."""
    return len(_batch(problem, state)) * phases_per_sample(problem) + 1


def phases_per_sample(problem: Problem) -> int:
    """Phases of one sample: forward and back through all layers, with the cost between; of a landscape its gradient."""
    return 1 if isinstance(problem.experiment.data, Landscape) else 2 * problem.architecture.layers + 1


def samples_by(problem: Problem, state: State, index: int) -> int:
    """Samples of the next update whose gradient is known at phase `index`."""
    return min((index + 1) // phases_per_sample(problem), len(_batch(problem, state)))


def phase(problem: Problem, state: State, index: int, interrupt: Flag = NEVER) -> Phase:
    """The inside of the next update at phase `index`, from 0 to `phase_count` − 1.

    The numbers are those of the engine's passes of one sample; of a batch it adds them up in another order.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    if isinstance(problem.experiment.data, Landscape):
        return _landscape_phase(problem, state, index, interrupt)
    batch, layers, net = _batch(problem, state), problem.architecture.layers, net_of(problem)
    per_sample = phases_per_sample(problem)
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


def _landscape_phase(problem: Problem, state: State, index: int, interrupt: Flag) -> Phase:
    """A landscape has no layers: the gradient of each sample is added, then comes the update."""
    batch, net, train = _batch(problem, state), net_of(problem), problem.train
    sample = min(index, len(batch) - 1)
    gradient = np.zeros_like(state.theta)
    kernels.add_gradient(
        state.theta, net.sizes, net.codes, net.loss, train.inputs, train.targets, batch, 0, sample + 1, gradient,
        np.empty(0), interrupt,
    )  # fmt: skip
    updates = index == len(batch)
    nothing = np.empty(0)
    return Phase(
        index=index,
        count=len(batch) + 1,
        kind="update" if updates else "backward",
        layer=-1,
        sample=sample,
        batch=len(batch),
        row=int(batch[sample]),
        pre_activations=(),
        activations=(nothing, nothing),
        loss=evaluate(problem, state.theta, _one(train, int(batch[sample]))),
        deltas=(None,),
        gradient=gradient / len(batch),
        next_theta=advance(problem, state, to_update=state.update + 1, interrupt=interrupt).state.theta
        if updates
        else None,
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
    net, train = net_of(problem), problem.train
    z, a, delta = net.buffers()
    gradient = before = np.zeros_like(state.theta)
    for position in rows:
        if interrupt[0]:
            raise Interrupted
        if position == rows[-1]:
            before = gradient.copy()
        a[: net.sizes[0]] = train.inputs[position]
        kernels.forward(state.theta, net.sizes, net.codes, z, a)
        kernels.backward(
            state.theta, net.sizes, net.codes, net.loss, train.targets[position], z, a, delta, gradient, factor
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
        kernels.sample_order(order_seed(problem), ORDER_STREAM, state.epoch, order)
    return order[state.position : state.position + batch_size(problem)]
