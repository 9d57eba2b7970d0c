"""The inside of one update, phase by phase: the engine's passes of one sample, and where the engine then goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import ORDER_STREAM, Problem, Samples
from ann_studio.learning.state import Phase, PhaseKind, State, Subject
from ann_studio.learning.supervised import NEVER, Flag, Interrupted, advance, batch_size, evaluate, net_of, order_seed
from ann_studio.nn import kernels

Vector = NDArray[np.float64]


def phase_count(problem: Problem, state: State) -> int:
    """Phases of the next update."""
    return len(batch_rows(problem, state)) * phases_per_sample(problem) + 1


def phases_per_sample(problem: Problem) -> int:
    """Phases of one sample: forward and back through all layers, with the cost between; of a landscape its gradient."""
    return 1 if isinstance(problem.experiment.data, Landscape) else 2 * problem.architecture.layers + 1


def samples_by(problem: Problem, state: State, index: int) -> int:
    """Samples of the next update whose gradient is known at phase `index`."""
    return min((index + 1) // phases_per_sample(problem), len(batch_rows(problem, state)))


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
    batch, layers = batch_rows(problem, state), problem.architecture.layers
    per_sample = phases_per_sample(problem)
    sample = min(index // per_sample, len(batch) - 1)
    within = index - sample * per_sample
    row = int(batch[sample])
    # Layers from `back` on have been passed by the error of this sample; only they count so far.
    back = min(layers, max(0, 2 * layers - within))
    gradient = _gradient_so_far(problem, state, batch[: sample + 1], back, interrupt) / len(batch)
    following = None
    if within == per_sample:
        following = advance(problem, state, to_update=state.update + 1, interrupt=interrupt).state.theta
    return Phase(
        index=index,
        count=len(batch) * per_sample + 1,
        sample=sample,
        batch=len(batch),
        row=row,
        gradient=gradient,
        next_theta=following,
        **_inside(problem, state, _one(problem.train, row), within),
    )


# --- a sample that is only looked at --------------------------------------------------------------------------------
def subject_phases(problem: Problem, subject: Subject) -> int:
    """Phases of a sample that is looked at."""
    return problem.architecture.layers if subject.part == "own" else phases_per_sample(problem)


def check_subject(problem: Problem, subject: Subject) -> None:
    """See whether there is such a sample.

    Raises
    ------
    SubjectError
        If there is not; the message says why.
    """
    if isinstance(problem.experiment.data, Landscape):
        raise SubjectError("a landscape has no samples to look at")
    if subject.part == "own":
        width = problem.dataset.inputs.shape[1]
        if len(subject.inputs) != width:
            raise SubjectError(f"an input has {width} numbers, not {len(subject.inputs)}")
        inputs = problem.preparation.inputs(np.array([subject.inputs], dtype=np.float64))
        if not np.isfinite(inputs).all():
            raise SubjectError("an input must be of finite numbers that are not too large")
        return
    samples = len(part_of(problem, subject))
    if not 0 <= subject.row < samples:
        raise SubjectError(f"there is no sample {subject.row + 1:,}: the {subject.part} part has {samples:,}")


def subject_phase(problem: Problem, state: State, subject: Subject, index: int) -> Phase:
    """A sample at the present parameters, at phase `index`, from 0 to `subject_phases` − 1; nothing is learned."""
    count = subject_phases(problem, subject)
    inside = _inside(problem, state, part_of(problem, subject), index, row=subject.row)
    return Phase(
        index=index,
        count=count,
        sample=0,
        batch=1,
        row=subject.row,
        gradient=inside["sample_gradient"],
        next_theta=None,
        subject=subject,
        **inside,
    )


def part_of(problem: Problem, subject: Subject) -> Samples:
    """The part of the data that a sample is from; of an input of one's own a part of one row, without a target."""
    if subject.part == "own":
        inputs = np.ascontiguousarray(problem.preparation.inputs(np.array([subject.inputs], dtype=np.float64)))
        return Samples(np.empty(1, dtype=np.int64), inputs, np.empty((1, 0)))
    return problem.train if subject.part == "train" else problem.validation


class SubjectError(ValueError):
    """There is no such sample to be looked at; the message says why."""


# --- the passes -----------------------------------------------------------------------------------------------------
def _inside(problem: Problem, state: State, samples: Samples, within: int, row: int = 0) -> dict[str, Any]:
    """What is known of row `row` of `samples` at phase `within` of its own."""
    layers, net = problem.architecture.layers, net_of(problem)
    back, shown = min(layers, max(0, 2 * layers - within)), min(within + 1, layers)
    z, a, delta = net.buffers()
    gradient = np.zeros_like(state.theta)
    a[: net.sizes[0]] = samples.inputs[row]
    kernels.forward(state.theta, net.sizes, net.codes, z, a)
    targets = samples.targets[row] if samples.targets.shape[1] else None
    if targets is not None:
        kernels.backward(state.theta, net.sizes, net.codes, net.loss, targets, z, a, delta, gradient, 1.0)
        gradient[: problem.architecture.offset(back)] = 0.0
    cuts = np.cumsum(net.sizes)[:-1]
    all_z, all_a, all_delta = (np.split(values, cuts) for values in (z, a, delta))
    kind, layer = _what(within, layers)
    return {
        "kind": kind,
        "layer": layer,
        "targets": targets,
        "pre_activations": tuple(all_z[1 : shown + 1]),
        "activations": tuple(all_a[: shown + 1]),
        "loss": evaluate(problem, state.theta, _one(samples, row)) if within >= layers else None,
        "deltas": tuple(all_delta[k + 1] if k >= back else None for k in range(layers)),
        "sample_gradient": gradient,
    }


def _gradient_so_far(problem: Problem, state: State, rows: NDArray[np.int64], back: int, interrupt: Flag) -> Vector:
    """Sum of the gradients of `rows`; of the last, only the layers from `back` on are in it."""
    still = problem.architecture.offset(back)
    gradient, before = np.zeros_like(state.theta), np.zeros(still)
    for added, gradient in enumerate(growing_gradient(problem, state, rows, interrupt), start=1):
        if added == len(rows) - 1:
            before = gradient[:still].copy()
    gradient[:still] = before
    return gradient


def growing_gradient(
    problem: Problem, state: State, rows: NDArray[np.int64], interrupt: Flag = NEVER
) -> Iterator[Vector]:
    """The sum of the gradients of `rows` as it grows row by row: the same array each time.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    net, train = net_of(problem), problem.train
    z, a, delta = net.buffers()
    gradient = np.zeros_like(state.theta)
    for row in rows.tolist():
        if interrupt[0]:
            raise Interrupted
        a[: net.sizes[0]] = train.inputs[row]
        kernels.forward(state.theta, net.sizes, net.codes, z, a)
        kernels.backward(state.theta, net.sizes, net.codes, net.loss, train.targets[row], z, a, delta, gradient, 1.0)
        yield gradient


def _landscape_phase(problem: Problem, state: State, index: int, interrupt: Flag) -> Phase:
    """A landscape has no layers: the gradient of each sample is added, then comes the update."""
    batch, net, train = batch_rows(problem, state), net_of(problem), problem.train
    sample = min(index, len(batch) - 1)
    gradient = np.zeros_like(state.theta)
    kernels.add_gradient(
        state.theta, net.sizes, net.codes, net.loss, train.inputs, train.targets, batch, 0, sample + 1, gradient,
        np.empty(0), interrupt,
    )  # fmt: skip
    single = np.zeros_like(state.theta)
    kernels.add_gradient(
        state.theta, net.sizes, net.codes, net.loss, train.inputs, train.targets, batch, sample, sample + 1, single,
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
        targets=None,
        pre_activations=(),
        activations=(nothing, nothing),
        loss=evaluate(problem, state.theta, _one(train, int(batch[sample]))),
        deltas=(None,),
        gradient=gradient / len(batch),
        sample_gradient=single,
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


def _one(samples: Samples, row: int) -> Samples:
    part = slice(row, row + 1)
    return Samples(samples.rows[part], samples.inputs[part], samples.targets[part])


def batch_rows(problem: Problem, state: State) -> NDArray[np.int64]:
    """Rows of the training part that the next update uses, in order."""
    order = np.arange(len(problem.train))
    if problem.experiment.learning.reshuffle:
        kernels.sample_order(order_seed(problem), ORDER_STREAM, state.epoch, order)
    return order[state.position : state.position + batch_size(problem)]
