"""How weights, activations and gradients of each layer are spread, from the beginning of a run until now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.past import moments_of, values_at
from ann_studio.learning.problem import Problem, Samples
from ann_studio.learning.state import Snapshot
from ann_studio.learning.supervised import NEVER, Flag, Interrupted, activations, net_of
from ann_studio.nn import kernels
from ann_studio.nn.architecture import Architecture

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Updates = NDArray[np.int64]

#: Moments, bins and samples of a history at most.
MOMENTS, BINS, SAMPLES = 48, 24, 500
#: Moments and samples that a history of a large network keeps.
_LEAST_MOMENTS, _LEAST_SAMPLES = 12, 16
#: Multiply-adds that a history may cost, about a fifth of a second, and numbers of one kind that it may hold.
_BUDGET, _MOST_NUMBERS = 250_000_000, 3_000_000
#: Numbers that are sorted into bins between two looks whether to go on.
_AT_A_TIME = 500_000
#: Passes of one sample: forward for the activations, forward and back for the gradient.
_PASSES = 4
_GREATEST = float(np.finfo(np.float64).max)
#: Powers of ten below the greatest gradient that are told apart.
_DECADES = 8.0


@dataclass(frozen=True, eq=False)
class Strip:
    """Histograms of one kind of numbers in one layer, one a moment.

    Parameters
    ----------
    low, high
        Lower end of the first bin and upper end of the last; of gradients powers of ten.
    counts
        Shape ``(moments, BINS)``: how many numbers lie in each bin.
    left_out
        Shape ``(moments,)``: numbers in no bin, as they are not finite; of gradients also those that are 0 or less
        than ``10**low``.
    """

    low: float
    high: float
    counts: NDArray[np.int64]
    left_out: NDArray[np.int64]

    @property
    def edges(self) -> Vector:
        """The ends of the bins, shape ``(BINS + 1,)``."""
        return _edges(self.low, self.high)


@dataclass(frozen=True, eq=False)
class LayerHistory:
    """The layers of a network over time.

    Parameters
    ----------
    updates
        Of each moment, ascending; the last is the present one.
    samples
        How many of the training set were sent through: the first ones.
    weights, activations, gradients
        A strip for each layer after the input: its weights without biases; what its units compute; the size of
        ∂C/∂w of the mean cost of these samples, whose scale is the same for all layers.
    """

    updates: Updates
    samples: int
    weights: tuple[Strip, ...]
    activations: tuple[Strip, ...]
    gradients: tuple[Strip, ...]


def layer_history(
    problem: Problem, snapshot: Snapshot, interrupt: Flag = NEVER, between: Callable[[], None] = lambda: None
) -> LayerHistory:
    """Histograms at evenly spaced moments of the path of a run, and at the present one.

    Parameters
    ----------
    between
        Called after each moment.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    architecture = problem.architecture
    moments, samples = _affordable(problem)
    chosen = moments_of(snapshot, moments)
    updates, thetas = chosen.updates, values_at(snapshot, chosen)
    part = Samples(problem.train.rows[:samples], problem.train.inputs[:samples], problem.train.targets[:samples])
    computed, gradients = [], np.empty_like(thetas)
    for theta, into in zip(thetas, gradients, strict=True):
        if interrupt[0]:
            raise Interrupted
        computed.append(activations(problem, theta, part.inputs, interrupt))
        into[:] = _gradient(problem, theta, part, interrupt)
        between()
    weights = [_weights(architecture, thetas, layer) for layer in range(architecture.layers)]
    units = [np.stack([layers[k + 1] for layers in computed]) for k in range(architecture.layers)]
    sizes = [np.abs(_weights(architecture, gradients, layer)) for layer in range(architecture.layers)]
    return LayerHistory(
        updates,
        len(part),
        tuple(_strip(values, *_range(values), interrupt) for values in weights),
        tuple(_strip(values.reshape(len(updates), -1), *_range(values), interrupt) for values in units),
        _gradient_strips(sizes, interrupt),
    )


def _affordable(problem: Problem) -> tuple[int, int]:
    """How many moments and samples."""
    parameters, units = problem.architecture.parameters, sum(problem.architecture.sizes)
    moments = min(MOMENTS, max(_LEAST_MOMENTS, _MOST_NUMBERS // parameters))
    samples = min(_BUDGET // (_PASSES * parameters * moments), _MOST_NUMBERS // (units * moments), SAMPLES)
    return moments, max(samples, _LEAST_SAMPLES)


def _gradient(problem: Problem, theta: Vector, samples: Samples, interrupt: Flag) -> Vector:
    net, gradient = net_of(problem), np.empty(len(theta))
    kernels.mean_gradient(
        np.ascontiguousarray(theta), net.sizes, net.codes, net.loss, samples.inputs, samples.targets, gradient,
        interrupt,
    )  # fmt: skip
    return gradient


def _weights(architecture: Architecture, thetas: Matrix, layer: int) -> Matrix:
    """The weights of a layer at all moments, without its biases."""
    start = architecture.offset(layer)
    return thetas[:, start : start + architecture.sizes[layer] * architecture.sizes[layer + 1]]


def _range(values: Matrix) -> tuple[float, float]:
    """Least and greatest number that is finite, or some range around the only one."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    # Ends that have hardly a distance cannot be parted into bins.
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        half = max(0.5, 1e-3 * abs(low))
        return max(low - half, -_GREATEST), min(high + half, _GREATEST)
    return low, high


def _edges(low: float, high: float) -> Vector:
    """Ends of bins of the same width, even where `low` and `high` are farther apart than any number is large."""
    scale = 1.0 if high - low <= 0.5 * _GREATEST else 4.0
    return scale * np.linspace(low / scale, high / scale, BINS + 1)


def _strip(values: Matrix, low: float, high: float, interrupt: Flag) -> Strip:
    """Bins as those of `numpy.histogram`: each without its upper end, but the last."""
    moments, length = values.shape
    edges, counts = _edges(low, high), np.empty((moments, BINS), dtype=np.int64)
    rows = max(1, _AT_A_TIME // length)
    for first in range(0, moments, rows):
        if interrupt[0]:
            raise Interrupted
        some = values[first : first + rows]
        bins = np.searchsorted(edges, some, side="right") - 1
        bins[some == high] = BINS - 1
        # One bin more for what is in none: NaN is sorted behind all numbers.
        bins[(bins < 0) | (bins >= BINS)] = BINS
        bins += (BINS + 1) * np.arange(len(some))[:, None]
        found = np.bincount(bins.ravel(), minlength=(BINS + 1) * len(some))
        counts[first : first + rows] = found.reshape(len(some), BINS + 1)[:, :BINS]
    return Strip(low, high, counts, length - counts.sum(axis=1))


def _gradient_strips(sizes: list[Matrix], interrupt: Flag) -> tuple[Strip, ...]:
    """Histograms of the logarithms, on one scale for all layers, so that what vanishes is seen to."""
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = [np.log10(size) for size in sizes]
    greatest = max((float(power[np.isfinite(power)].max(initial=-np.inf)) for power in powers), default=-np.inf)
    high = float(np.ceil(greatest)) if np.isfinite(greatest) else 0.0
    least = min((float(power[np.isfinite(power)].min(initial=np.inf)) for power in powers), default=np.inf)
    low = max(high - _DECADES, float(np.floor(least))) if np.isfinite(least) else high - _DECADES
    return tuple(_strip(power, min(low, high - 1.0), high, interrupt) for power in powers)
