"""The restart lab: one experiment from many seeds, and which minimum each run belongs to.

A seed determines the order of a run's samples, and its first weights where the experiment draws them and does not fix
their seed. The data are always the same.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import Landscape, RandomWeights
from ann_studio.learning.problem import ORDER_STREAM, Problem, first_theta_of
from ann_studio.learning.supervised import (
    NEVER,
    Flag,
    Interrupted,
    batch_size,
    empty_slots,
    evaluate,
    net_of,
    rule_of,
)
from ann_studio.nn import kernels

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Most seeds, and most numbers that all their parameters may be (two copies are kept).
MOST_SEEDS, MOST_NUMBERS = 10_000, 50_000_000
#: Costs further apart than this share of what was descended are those of different minima.
_GAP = 1e-3
#: A representative settles for so many times as long as the runs have, at most.
_PATIENCE = 10
#: Points between two places at which a ridge is looked for.
_BETWEEN = 15
#: Minima of equal cost that are told apart by their place.
_MOST_PLACES = 24


@dataclass(frozen=True)
class Settling:
    """How each run is led to its minimum when its training is over: full-batch plain descent.

    Parameters
    ----------
    epochs
        Steps, from 0: then runs are grouped as they ended.
    rate
        First learning rate; halved whenever a step would raise the cost, and that step is undone.
    """

    epochs: int = 3000
    rate: float = 1.0


@dataclass(frozen=True, eq=False)
class Restarts:
    """Runs of one experiment, one a seed.

    Parameters
    ----------
    problem
        What was learned, with which batch size and optimiser.
    settling
        How they settled.
    epochs
        Epochs that each was trained.
    seeds
        Shape ``(runs,)``.
    batch_size
        Samples in a full batch.
    thetas, losses
        Parameters ``(runs, parameters)`` and training loss ``(runs,)`` after training; not finite where a run diverged.
    settled, settled_losses
        The same where they have settled.
    """

    problem: Problem
    settling: Settling
    epochs: int
    seeds: Whole
    batch_size: int
    thetas: Matrix
    losses: Vector
    settled: Matrix
    settled_losses: Vector

    def __len__(self) -> int:
        return len(self.seeds)


@dataclass(frozen=True, eq=False)
class Group:
    """Runs that reached the same minimum, or those that diverged.

    Parameters
    ----------
    theta, loss
        The minimum, as far as it was found: where the lowest of them leads when it settles for longer. None and NaN
        for runs that are not finite.
    slope
        Length of the gradient there: where it is not nearly 0, the way still leads down, slowly, over a plateau.
    runs
        Positions in `Restarts`, ascending.
    share
        Share of all runs, 0 to 1.
    """

    theta: Vector | None
    loss: float
    slope: float
    runs: Whole
    share: float


@dataclass(frozen=True, eq=False)
class Histogram:
    """Final costs in bars of equal width.

    Parameters
    ----------
    edges
        Shape ``(bars + 1,)``, ascending.
    counts
        Runs of each group in each bar, shape ``(groups, bars)``.
    bars
        The bar of each run, shape ``(runs,)``; −1 where its cost is not finite.
    """

    edges: Vector
    counts: Whole
    bars: Whole


class RestartError(ValueError):
    """So many runs cannot be kept; the message says how many can."""


# --- runs -----------------------------------------------------------------------------------------------------------
def restarted(problem: Problem, seed: int) -> Problem:
    """The problem of the run with this seed: a trainer of it goes where that run went, bit for bit."""
    experiment, replace = problem.experiment, msgspec.structs.replace
    experiment = replace(experiment, learning=replace(experiment.learning, seed=seed), race=())
    if _draws_weights(problem):
        experiment = replace(experiment, initial=replace(experiment.initial, seed=seed))
    theta = first_theta_of(experiment, problem.architecture)
    return dataclasses.replace(problem, experiment=experiment, first_theta=theta)


def first_thetas(problem: Problem, seeds: Whole) -> Matrix:
    """Where the runs with these seeds begin, shape ``(len(seeds), parameters)``."""
    if not _draws_weights(problem):
        return np.tile(problem.first_theta, (len(seeds), 1))
    return np.stack([restarted(problem, int(seed)).first_theta for seed in seeds])


def prepare(problem: Problem, seeds: Whole, epochs: int, settling: Settling) -> Restarts:
    """Room for the runs; `work_off` fills it.

    Raises
    ------
    RestartError
        If there are too many seeds, or too many for so large a network.
    """
    runs, parameters = len(seeds), problem.architecture.parameters
    most = min(MOST_SEEDS, MOST_NUMBERS // parameters)
    if not 0 < runs <= most:
        raise RestartError(f"{runs:,} runs of {parameters:,} parameters: from 1 to {most:,} are possible")
    nothing = np.full(runs, np.nan)
    thetas = np.full((runs, parameters), np.nan)
    return Restarts(
        problem, settling, epochs, seeds, batch_size(problem), thetas, nothing, thetas.copy(), nothing.copy()
    )


def work_off(restarts: Restarts, first: int, last: int, interrupt: Flag = NEVER) -> None:
    """Train the runs from `first` up to `last`, in place. Several threads may be at different runs.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised, before or meanwhile.
    """
    if interrupt[0]:
        raise Interrupted  # before the first weights are drawn, which takes milliseconds
    part, settling = slice(first, last), restarts.settling
    restarts.thetas[part] = first_thetas(restarts.problem, restarts.seeds[part])
    _restart(
        restarts.problem, restarts.thetas[part], restarts.losses[part], restarts.settled[part],
        restarts.settled_losses[part], restarts.seeds[part], restarts.epochs, settling, interrupt,
    )  # fmt: skip


def _restart(
    problem: Problem, thetas: Matrix, losses: Vector, settled: Matrix, settled_losses: Vector, seeds: Whole,
    epochs: int, settling: Settling, interrupt: Flag,
) -> None:  # fmt: skip
    net, train, learning = net_of(problem), problem.train, problem.experiment.learning
    done = kernels.restart(
        thetas, losses, settled, settled_losses, seeds, empty_slots(problem), net.sizes, net.codes, net.loss,
        train.inputs, train.targets, *rule_of(learning), batch_size(problem), learning.reshuffle, ORDER_STREAM,
        np.empty(0, dtype=np.int64), epochs, settling.epochs, float(settling.rate), interrupt,
    )  # fmt: skip
    if not done:
        raise Interrupted


def _draws_weights(problem: Problem) -> bool:
    """Whether another seed means other first weights."""
    initial = problem.experiment.initial
    is_drawn = isinstance(initial, RandomWeights) and initial.seed is None
    return is_drawn and not isinstance(problem.experiment.data, Landscape)


# --- minima ---------------------------------------------------------------------------------------------------------
def grouped(restarts: Restarts, interrupt: Flag = NEVER) -> tuple[Group, ...]:
    """The minima that were reached, the lowest first, and at last the runs that are not finite, if any.

    Runs are told apart by the cost at which they have settled: where the sorted costs leave a gap of a thousandth of
    what was descended, a new group begins. The lowest run of each group settles for longer, up to ten times, and groups
    that then have the same cost become one. Networks without hidden layers have no two ways to compute the same, so
    there runs of equal cost belong to different minima if the straight line between them crosses a ridge.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    finite = np.isfinite(restarts.settled).all(axis=1) & np.isfinite(restarts.settled_losses)
    lost = np.flatnonzero(~finite)
    groups = _minima(restarts, np.flatnonzero(finite), interrupt) if finite.any() else []
    groups.sort(key=lambda group: group.loss)
    if len(lost):
        groups.append(Group(None, math.nan, math.nan, lost, len(lost) / len(restarts)))
    return tuple(groups)


def histogram(restarts: Restarts, groups: tuple[Group, ...], bars: int = 40) -> Histogram:
    """How the costs after training are spread, by group."""
    finite = np.isfinite(restarts.losses)
    low, high = (restarts.losses[finite].min(), restarts.losses[finite].max()) if finite.any() else (0.0, 1.0)
    if not high - low > 1e-9 * max(abs(low), abs(high)):  # one cost: its bar in the middle
        half = 0.5 * max(abs(low), 1e-9)
        low, high = low - half, high + half
    edges = np.linspace(low, high, bars + 1)
    found = np.full(len(restarts), -1)
    found[finite] = np.clip(np.searchsorted(edges, restarts.losses[finite], side="right") - 1, 0, bars - 1)
    counts = np.zeros((len(groups), bars), dtype=np.int64)
    for row, group in enumerate(groups):
        of_group = found[group.runs]
        counts[row] = np.bincount(of_group[of_group >= 0], minlength=bars)
    return Histogram(edges, counts, found)


def _minima(restarts: Restarts, runs: Whole, interrupt: Flag) -> list[Group]:
    problem, losses = restarts.problem, restarts.settled_losses
    runs = runs[np.argsort(losses[runs], kind="stable")]
    gap = _GAP * _descended(restarts, losses[runs[0]], losses[runs[-1]])
    clusters = np.split(runs, np.flatnonzero(np.diff(losses[runs]) > gap) + 1)
    # All of them together take no longer than the runs did.
    patience = min(_PATIENCE, max(1, len(runs) // len(clusters)))
    refined = [_refined(restarts, int(cluster[0]), patience, interrupt) for cluster in clusters]
    joined: list[tuple[Vector, float, Whole]] = []
    for position in np.argsort([loss for _, loss in refined], kind="stable"):
        (theta, loss), cluster = refined[position], clusters[position]
        if joined and loss - joined[-1][1] <= gap:
            lowest, least, others = joined[-1]
            joined[-1] = (lowest, least, np.concatenate([others, cluster]))
        else:
            joined.append((theta, loss, cluster))
    if problem.architecture.layers == 1:
        joined = [place for minimum in joined for place in _places(restarts, minimum, gap, interrupt)]
    return [
        Group(theta, loss, _slope(problem, theta, interrupt), np.sort(members), len(members) / len(restarts))
        for theta, loss, members in joined
    ]


def _slope(problem: Problem, theta: Vector, interrupt: Flag) -> float:
    """Length of the gradient of the cost of the whole training set."""
    net, train, gradient = net_of(problem), problem.train, np.empty_like(theta)
    kernels.mean_gradient(theta, net.sizes, net.codes, net.loss, train.inputs, train.targets, gradient, interrupt)
    if interrupt[0]:
        raise Interrupted
    return float(np.linalg.norm(gradient))


def _descended(restarts: Restarts, lowest: float, highest: float) -> float:
    """How far down it went: from the first cost, or the highest that was left, to the lowest."""
    first = evaluate(restarts.problem, restarts.problem.first_theta, restarts.problem.train)
    top = max(first, highest) if math.isfinite(first) else highest
    return max(top - lowest, 1e-9 * abs(lowest))


def _refined(restarts: Restarts, run: int, patience: int, interrupt: Flag) -> tuple[Vector, float]:
    """Where a run leads when it settles for so many times as long again, and the cost there."""
    theta, before, after = restarts.settled[run : run + 1].copy(), np.empty(1), np.empty(1)
    settled, settling = np.empty_like(theta), restarts.settling
    settling = dataclasses.replace(settling, epochs=patience * settling.epochs)
    _restart(restarts.problem, theta, before, settled, after, restarts.seeds[run : run + 1], 0, settling, interrupt)
    return settled[0], float(after[0])


def _places(
    restarts: Restarts, minimum: tuple[Vector, float, Whole], gap: float, interrupt: Flag
) -> list[tuple[Vector, float, Whole]]:
    """Runs of equal cost, by place: those between which and a minimum there is no ridge belong to it."""
    problem, (theta, loss, left) = restarts.problem, minimum
    found: list[tuple[Vector, float, Whole]] = []
    while len(left):
        levels = restarts.settled_losses[left] + gap
        apart = _have_ridges(problem, restarts.settled[left], levels, theta, interrupt)
        apart[0] = False  # it is the one that led to this minimum
        if len(found) >= _MOST_PLACES:
            apart[:] = False
        members, left = left[~apart], left[apart]
        ends = np.array([place for place, _, _ in found]).reshape(len(found), len(theta))
        known = np.flatnonzero(~_have_ridges(problem, ends, np.full(len(found), loss + gap), theta, interrupt))
        if len(known):  # a valley with a bend
            place, least, others = found[known[0]]
            found[known[0]] = (place, least, np.concatenate([others, members]))
        else:
            found.append((theta, loss, members))
        if len(left):
            theta, loss = _refined(restarts, int(left[0]), _PATIENCE, interrupt)
    return found


def _have_ridges(problem: Problem, thetas: Matrix, levels: Vector, theta: Vector, interrupt: Flag) -> NDArray[np.bool_]:
    """Whether the cost rises above `levels` on the straight lines from `thetas` to `theta`, one answer for each."""
    net, train = net_of(problem), problem.train
    shares, costs = np.arange(1, _BETWEEN + 1) / (_BETWEEN + 1), np.empty(_BETWEEN)
    answers = np.empty(len(thetas), dtype=np.bool_)
    for row, here in enumerate(thetas):
        kernels.plane_losses(
            here, theta - here, np.zeros_like(here), shares, np.zeros(1), 0, _BETWEEN, net.sizes, net.codes, net.loss,
            train.inputs, train.targets, costs, interrupt,
        )  # fmt: skip
        if interrupt[0]:
            raise Interrupted
        answers[row] = not (costs <= levels[row]).all()
    return answers
