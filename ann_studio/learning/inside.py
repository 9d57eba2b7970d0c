"""What stands behind each number of a phase: the terms of a sum, the way of an error back, the parts of an update.

Pure functions of a problem, the parameters and a `Phase`. Where a phase has a number itself (z, a, δ, a gradient, the
next parameters), it is taken from there; only the terms that it is made of are computed here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import L1, L2, Landscape, kind_of
from ann_studio.learning.phases import batch_rows, growing_gradient
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, State
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import views
from ann_studio.nn.clipping import clipped
from ann_studio.nn.losses import LOSSES
from ann_studio.nn.regularizers import REGULARIZERS

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Positions = NDArray[np.int64]


# --- forward --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Arriving:
    """What a neuron adds up: z = Σ w·a + b.

    Parameters
    ----------
    weights, inputs, products
        w, a and w·a of each unit of the layer before, shape ``(n_in,)``.
    bias
        b.
    total
        z, as the phase has it.
    """

    weights: Vector
    inputs: Vector
    products: Vector
    bias: float
    total: float


def arriving(problem: Problem, theta: Vector, phase: Phase, layer: int, unit: int) -> Arriving:
    """What arrives at `unit` of `layer` (0 = first after the input), whose z the phase knows."""
    weights, biases = views(problem.architecture, theta)[layer]
    inputs = phase.activations[layer]
    return Arriving(
        weights[:, unit],
        inputs,
        weights[:, unit] * inputs,
        float(biases[unit]),
        float(phase.pre_activations[layer][unit]),
    )


@dataclass(frozen=True, eq=False)
class Largest:
    """The largest terms of a sum, and what the others come to.

    Parameters
    ----------
    kept
        Positions of the largest terms, ascending.
    others
        How many others there are.
    rest
        Their sum.
    """

    kept: Positions
    others: int
    rest: float


def largest(terms: Vector, most: int) -> Largest:
    """The `most` largest of `terms` by size; all of them where only one would be left over."""
    if len(terms) <= most + 1:
        return Largest(np.arange(len(terms)), 0, 0.0)
    order = np.argsort(-np.abs(terms), kind="stable")
    return Largest(np.sort(order[:most]), len(terms) - most, math.fsum(terms[order[most:]].tolist()))


# --- cost -----------------------------------------------------------------------------------------------------------
def loss_terms(problem: Problem, phase: Phase) -> Vector:
    """What each output adds to the loss of the sample, shape ``(outputs,)``; the cost is known in the phase."""
    assert phase.targets is not None
    loss = LOSSES[str(problem.experiment.learning.loss)]
    # A target of 0 takes no part in the cross entropy: with all others at 0 the rest is one output's share.
    if loss.needs == "softmax":
        outputs = len(phase.targets)
        z, a = (np.tile(values[-1], (outputs, 1)) for values in (phase.pre_activations, phase.activations))
        return loss.value(z, a, np.diag(phase.targets))
    return loss.value(phase.pre_activations[-1][:, None], phase.activations[-1][:, None], phase.targets[:, None])


# --- backward -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Returning:
    """How the error comes back to a hidden neuron: δ = Σ w·δ · f′(z).

    Parameters
    ----------
    weights, deltas, products
        w, δ and w·δ of each unit of the layer after it, shape ``(n_out,)``.
    slope
        f′(z) of the neuron.
    delta
        δ of the neuron, as the phase has it.
    """

    weights: Vector
    deltas: Vector
    products: Vector
    slope: float
    delta: float


def returning(problem: Problem, theta: Vector, phase: Phase, layer: int, unit: int) -> Returning:
    """What comes back to `unit` of a hidden `layer` (0 = first after the input), whose δ the phase knows."""
    weights, _ = views(problem.architecture, theta)[layer + 1]
    after, own = phase.deltas[layer + 1], phase.deltas[layer]
    assert after is not None
    assert own is not None
    slope = slope_at(problem.architecture.activations[layer], float(phase.pre_activations[layer][unit]))
    return Returning(weights[unit], after, weights[unit] * after, slope, float(own[unit]))


def slope_at(activation: str, z: float) -> float:
    """f′(z) of an activation that works unit by unit."""
    return float(ACTIVATIONS[activation].slope(np.array([z]))[0])


def loss_slope(problem: Problem, phase: Phase) -> Vector | None:
    """∂C/∂a of each output; None for the cross entropies, where δ comes straight from a and y."""
    assert phase.targets is not None
    slope = LOSSES[str(problem.experiment.learning.loss)].slope
    return None if slope is None else slope(phase.activations[-1], phase.targets)


def errors(phase: Phase) -> Vector:
    """A − y of each output, shape ``(outputs,)``."""
    assert phase.targets is not None
    return np.asarray(phase.activations[-1] - phase.targets)


# --- a whole layer --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Passing:
    """What passes along the edges of a layer, as far as the phase knows it; each ``(sources, targets)``.

    Parameters
    ----------
    weights
        w.
    products
        w·a, on the way forward.
    returned
        w·δ, on the way back; None into the first layer, since inputs have no δ.
    gradient
        ∂C/∂w of this sample.
    following
        w after the update.
    """

    weights: Matrix
    products: Matrix | None
    returned: Matrix | None
    gradient: Matrix | None
    following: Matrix | None


def passing(
    problem: Problem, theta: Vector, phase: Phase | None, layer: int, sources: list[int], targets: list[int]
) -> Passing:
    """What passes along the edges between some units of the layer before `layer` (0 = first) and some of its own."""
    architecture, block = problem.architecture, np.ix_(sources, targets)
    weights = views(architecture, theta)[layer][0][block]
    if phase is None:
        return Passing(weights, None, None, None, None)
    after = phase.deltas[layer]
    back = layer > 0 and phase.deltas[layer - 1] is not None
    known = layer < len(phase.pre_activations)
    return Passing(
        weights,
        weights * phase.activations[layer][sources][:, None] if known else None,
        weights * after[targets] if back and after is not None else None,
        views(architecture, phase.sample_gradient)[layer][0][block] if after is not None else None,
        views(architecture, phase.next_theta)[layer][0][block] if phase.next_theta is not None else None,
    )


# --- update ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """What the update does to one parameter.

    Parameters
    ----------
    old, new
        Before and after it.
    difference
        Δ: new − old.
    gradient
        Mean gradient of the batch.
    penalty
        What the regulariser adds to it.
    shortened
        By what the sum is multiplied so that the whole gradient is no longer than allowed; 1 where it is not.
    held
        Whether the parameter is kept as it is: pruned or frozen.
    """

    old: float
    new: float
    difference: float
    gradient: float
    penalty: float
    shortened: float
    held: bool


def change(problem: Problem, state: State, phase: Phase, index: int) -> Change:
    """What the update of the phase does to entry `index` of ``theta``."""
    assert phase.next_theta is not None
    old, new = float(state.theta[index]), float(phase.next_theta[index])
    penalties = penalty(problem, state.theta)
    return Change(
        old,
        new,
        new - old,
        float(phase.gradient[index]),
        float(penalties[index]),
        _shortened(problem, state, phase.gradient + penalties),
        bool(np.isin(index, state.held)),
    )


def differences(theta: Vector, phase: Phase) -> Vector:
    """Δ of every parameter: what it is after the update minus what it is before; shape of ``theta``."""
    assert phase.next_theta is not None
    return phase.next_theta - theta


def penalty(problem: Problem, theta: Vector) -> Vector:
    """What the regulariser adds to the gradient; 0 of the biases."""
    regularizer = problem.experiment.learning.regularizer
    result = np.zeros_like(theta)
    if isinstance(regularizer, L1 | L2):
        rule = REGULARIZERS[kind_of(regularizer)]
        for (into, _), (weights, _) in zip(
            views(problem.architecture, result), views(problem.architecture, theta), strict=True
        ):
            into[:] = rule(weights, regularizer.strength)
    return result


def _shortened(problem: Problem, state: State, gradient: Vector) -> float:
    """By what clipping multiplies a gradient; those that are held have no part in its length."""
    most = problem.experiment.learning.clip_norm
    if most is None:
        return 1.0
    gradient = gradient.copy()
    gradient[state.held] = 0.0
    short = clipped(gradient, most)
    at = int(np.abs(gradient).argmax())
    return float(short[at] / gradient[at]) if gradient[at] else 1.0


#: So many parameters times samples are gone through for one question at most: some 50 ms.
_MOST_WORK = 20_000_000


def gradient_by_sample(problem: Problem, state: State, index: int) -> Vector:
    """The mean gradient of one parameter as it grows sample by sample, shape ``(batch,)``.

    Entry k is the sum over the first k + 1 samples of the next update, divided by the size of the batch: what
    `Phase.gradient` has once the error of sample k has come all the way back. Empty for a landscape, and where finding
    it would take too long.
    """
    rows = batch_rows(problem, state)
    if isinstance(problem.experiment.data, Landscape) or len(rows) * len(state.theta) > _MOST_WORK:
        return np.empty(0)
    grown = [float(gradient[index]) for gradient in growing_gradient(problem, state, rows)]
    return np.array(grown) / len(rows)
