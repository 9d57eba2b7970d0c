"""Remedies, tried on a copy."""

from __future__ import annotations

import dataclasses
import math

import msgspec

from ann_studio.analysis.diagnosis.hints import Finding, Hint, Remedy
from ann_studio.analysis.diagnosis.words import figure, plural, rounded_to
from ann_studio.learning.experiment import Experiment, InvalidExperiment, Landscape, RandomWeights, replace
from ann_studio.learning.problem import Problem, ProblemError, pose, with_learning
from ann_studio.learning.state import State
from ann_studio.learning.supervised import Flag, advance, batch_size, evaluate, start

#: Updates that a trial should have at least.
_UPDATES = 400
#: Multiply-adds that a trial may cost: some tenths of a second.
_BUDGET = 150_000_000
#: Multiply-adds of a parameter for one sample, forward, back and the update.
_PER_PARAMETER = 4
#: Learning rates that are tried one after the other, each a quarter of the last; other first weights.
_RATES, _SEEDS = 5, 3
#: A remedy is not offered where another one has brought the cost so many times lower.
_WORTH = 3.0
_RATE = "learning.optimizer.learning_rate"


def changed(experiment: Experiment, remedy: Remedy) -> Experiment:
    """The experiment as a remedy would have it.

    Raises
    ------
    InvalidExperiment
        If it cannot be changed in that way.
    """
    for path, value in remedy.changes:
        experiment = replace(experiment, path, value)
    return experiment


def other_start(problem: Problem) -> list[Remedy]:
    """Other first weights: He's for ReLU and its kin, else Xavier's, from another seed. A landscape has none."""
    if isinstance(problem.experiment.data, Landscape):
        return []
    scheme, initial = scheme_for(problem), problem.experiment.initial
    used = initial.seed if isinstance(initial, RandomWeights) else None
    seed = (problem.experiment.seed if used is None else used) + 1
    return [_start(scheme, seed)]


def scheme_for(problem: Problem) -> str:
    """The initialiser that suits the hidden layers."""
    kinds = [layer.activation for layer in problem.experiment.network.hidden]
    return "he" if any(kind in ("relu", "leaky_relu", "elu", "silu", "gelu") for kind in kinds) else "xavier"


def _start(scheme: str, seed: int) -> Remedy:
    title = {"he": "He", "xavier": "Xavier"}[scheme]
    value = {"kind": "random", "scheme": scheme, "seed": seed}
    return Remedy(f"New {title} weights, start again", (("initial", value),))


def treat(problem: Problem, state: State, finding: Finding, interrupt: Flag) -> Hint | None:
    """The hint with what came of its remedies on a copy.

    They are sorted by it, and those that did not help are left out; where none helps, they stay with what came of them
    if the hint is worth saying all the same, else there is no hint. A learning rate that is still too high is
    quartered, other first weights are drawn again.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    helping: list[tuple[float, Remedy]] = []
    others: list[tuple[float, Remedy]] = []
    for remedy in finding.hint.remedies:
        best: tuple[float, Remedy] | None = None
        for variant in _variants(remedy, problem):
            cost, tried = _try(problem, state, finding, variant, interrupt)
            if best is None or cost < best[0] or not math.isfinite(best[0]):
                best = (cost, tried)
            if cost < finding.below or not tried.tried:
                break
        assert best is not None
        helps = best[0] < finding.below or not best[1].tried
        (helping if helps else others).append(best)
    if not helping and not finding.certain:
        return None
    return dataclasses.replace(finding.hint, remedies=_best(helping or others))


def _best(tried: list[tuple[float, Remedy]]) -> tuple[Remedy, ...]:
    """The remedies by what came of them, those that nobody could try last; none that is far worse than the first."""
    known = sorted((entry for entry in tried if not math.isnan(entry[0])), key=lambda entry: entry[0])
    worth = [entry for entry in known if entry[0] <= _WORTH * known[0][0] or entry is known[0]]
    return tuple(remedy for _, remedy in [*worth, *(entry for entry in tried if math.isnan(entry[0]))])


def _variants(remedy: Remedy, problem: Problem) -> list[Remedy]:
    """The remedy, and what may be taken in its place."""
    (path, value), *more = remedy.changes
    if path == _RATE and not more and value <= problem.experiment.learning.optimizer.learning_rate:
        rates = [rounded_to(value / 4**k) for k in range(_RATES)]
        return [
            dataclasses.replace(remedy, label=f"Set η to {figure(rate)}", changes=((path, rate),)) for rate in rates
        ]
    if path == "initial" and not more:
        return [
            dataclasses.replace(remedy, changes=((path, value | {"seed": value["seed"] + k}),)) for k in range(_SEEDS)
        ]
    return [remedy]


def _try(problem: Problem, state: State, finding: Finding, remedy: Remedy, interrupt: Flag) -> tuple[float, Remedy]:
    """The cost after some epochs of a copy; NaN where that would take too long or cannot be."""
    if not _affordable(problem, finding.epochs):
        return math.nan, remedy
    try:
        experiment = msgspec.structs.replace(changed(problem.experiment, remedy), race=())
        copy = with_learning(problem, experiment) if remedy.back is not None else pose(experiment, problem.dataset)
    except (ProblemError, InvalidExperiment):
        return math.nan, remedy
    epochs = _affordable(copy, finding.epochs)
    if not epochs:
        return math.nan, remedy
    first = start(copy)
    if remedy.back is not None:
        first = dataclasses.replace(first, theta=finding.theta, pruned=state.pruned, frozen=state.frozen)
    end = advance(copy, first, to_epoch=epochs, losses=False, interrupt=interrupt).state
    cost = evaluate(copy, end.theta, copy.train, interrupt)
    said = f"cost {figure(cost)} after {plural(epochs, 'epoch')}" if math.isfinite(cost) else "diverged as well"
    return (cost if math.isfinite(cost) else math.inf), dataclasses.replace(remedy, tried=said)


def _affordable(problem: Problem, wanted: int) -> int:
    """Epochs of a trial of so many if it can be, and of enough updates; 0 where not even one is affordable."""
    samples = len(problem.train)
    updates = -(-samples // batch_size(problem))
    wanted = max(wanted, -(-_UPDATES // updates))
    each = samples * (problem.architecture.parameters + 20) * _PER_PARAMETER
    return min(wanted, _BUDGET // each)
