"""One neuron from inside: what arrives for a sample, where it stands on its curve, and how it fares over all samples.

z and a are the engine's. What no kernel tells, the slope of the activation, is the book's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.curvature import gradient
from ann_studio.analysis.saturation import can_be_flat, is_flat
from ann_studio.learning.phases import subject_phase
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, State, Subject
from ann_studio.learning.supervised import NEVER, Flag, passed_in_blocks
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import Architecture, views

Array = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Multiply-adds of `over_training` that may be done between two frames; they take half a millisecond.
_AT_ONCE = 300_000


@dataclass(frozen=True, eq=False)
class NeuronAt:
    """A neuron at one sample: z = Σ w·a + b, a = f(z).

    Parameters
    ----------
    weights, arriving, contributions
        w, a and w·a of each unit of the layer before, shape ``(n_in,)``.
    bias
        b.
    z, a
        By the engine; they need not be finite.
    slope
        f′(z); of softmax ∂a/∂z with the other z as they are.
    others
        Of softmax: log Σ exp z of the other outputs; else NaN.
    """

    weights: Vector
    arriving: Vector
    contributions: Vector
    bias: float
    z: float
    a: float
    slope: float
    others: float


def shown_subject(phase: Phase | None) -> Subject:
    """The sample whose numbers are shown: that of a phase, else the first of the training part."""
    if phase is None:
        return Subject("train", 0)
    return phase.subject or Subject("train", phase.row)


def passed_forward(problem: Problem, state: State, phase: Phase | None) -> Phase:
    """The sample that is shown, after its whole way forward at the present parameters."""
    return subject_phase(problem, state, shown_subject(phase), problem.architecture.layers - 1)


def neuron_at(architecture: Architecture, theta: Vector, passed: Phase, layer: int, unit: int) -> NeuronAt:
    """A neuron at the sample of `passed`, which has come through `layer` (0 = first after the input)."""
    weights, biases = views(architecture, theta)[layer]
    arriving, z = passed.activations[layer], passed.pre_activations[layer]
    a = float(passed.activations[layer + 1][unit])
    name, others = architecture.activations[layer], math.nan
    if name == "softmax":
        others = _log_sum(np.delete(z, unit))
    with np.errstate(over="ignore", invalid="ignore"):
        slope = a * (1.0 - a) if name == "softmax" else float(ACTIVATIONS[name].slope(z[unit : unit + 1])[0])
        contributions = weights[:, unit] * arriving
    return NeuronAt(weights[:, unit], arriving, contributions, float(biases[unit]), float(z[unit]), a, slope, others)


def curve(name: str, z: Array, others: float = math.nan) -> Array:
    """f(z) elementwise; of softmax with the other outputs as they are, see `NeuronAt.others`."""
    if name != "softmax":
        return ACTIVATIONS[name].value(z)
    return ACTIVATIONS["sigmoid"].value(z - others)


def _log_sum(z: Vector) -> float:
    """The logarithm of Σ exp z; −∞ of nothing."""
    if not len(z):
        return -math.inf
    greatest = float(z.max())
    with np.errstate(over="ignore", invalid="ignore"):
        return greatest + math.log(float(np.exp(z - greatest).sum())) if math.isfinite(greatest) else greatest


# --- over all samples -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class OverTraining:
    """What is known of a network over its whole training set.

    Parameters
    ----------
    theta
        Of which parameters.
    samples
        How many there are.
    flat
        For each layer the share of samples, 0 to 1, for which each unit is flat, see
        `ann_studio.analysis.saturation`. NaN where the activation is never flat.
    gradient
        Of the cost, shape of ``theta``, without the regulariser.
    """

    theta: Vector
    samples: int
    flat: tuple[Vector, ...]
    gradient: Vector


def is_quick(problem: Problem) -> bool:
    """Whether `over_training` takes less than a frame has time for."""
    return len(problem.train) * problem.architecture.parameters <= _AT_ONCE


def over_training(problem: Problem, theta: Vector, interrupt: Flag = NEVER) -> OverTraining:
    """How all units and parameters fare over the training set.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    architecture, inputs = problem.architecture, problem.train.inputs
    counts = [np.zeros(units) for units in architecture.sizes[1:]]
    for layers in passed_in_blocks(problem, theta, inputs, interrupt):
        for layer, (weights, biases) in enumerate(views(architecture, theta)):
            with np.errstate(all="ignore"):  # parameters need not be finite
                z = layers[layer] @ weights + biases
                counts[layer] += is_flat(architecture.activations[layer], z, layers[layer + 1]).sum(axis=0)
    flat = tuple(
        count / len(inputs) if can_be_flat(name) else np.full(len(count), math.nan)
        for count, name in zip(counts, architecture.activations, strict=True)
    )
    return OverTraining(theta, len(inputs), flat, gradient(problem, theta, interrupt))
