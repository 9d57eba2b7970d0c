"""Illnesses of units: dead ReLU layers, saturated layers, and neurons that are all the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.curvature import gradient
from ann_studio.analysis.diagnosis.baseline import constant_cost
from ann_studio.analysis.diagnosis.hints import Case, Finding, Hint, Remedy
from ann_studio.analysis.diagnosis.treatment import other_start
from ann_studio.analysis.diagnosis.words import figure, layer_name, plural, rounded_to
from ann_studio.analysis.saturation import FLAT, SATURATED, has_two_ends, is_flat_at
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import Flag, passed_in_blocks
from ann_studio.nn.architecture import views

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A ReLU layer is dead where at least this share of its units gives 0 for every sample of the training set.
DEAD = 0.75
#: A saturated layer is ill where the cost is more than this share of that of a network which always answers the mean.
UNLEARNED = 0.5
#: Neurons are the same where no weight differs by more than this share of the largest.
SAME = 1e-9


@dataclass(frozen=True)
class LayerState:
    """What the units of a hidden layer do over the whole training set.

    Parameters
    ----------
    layer
        From 1.
    units
        Those that training can move: a unit whose weights are all deleted or frozen does not count.
    dead
        Units of a ReLU layer that give 0 for every sample.
    saturated
        Share of samples × units of a sigmoid or tanh layer that are flat, see `ann_studio.analysis.saturation`.
    """

    layer: int
    units: int
    dead: int
    saturated: float


def layer_states(problem: Problem, theta: Vector, held: NDArray[np.int64], interrupt: Flag) -> list[LayerState]:
    """The states of the hidden layers, by the engine's own forward pass of all samples.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    sizes, names = problem.architecture.sizes, problem.architecture.activations
    hidden = range(1, len(sizes) - 1)
    greatest = [np.zeros(sizes[layer]) for layer in hidden]
    flat = [np.zeros(sizes[layer]) for layer in hidden]
    inputs = problem.train.inputs
    for block in passed_in_blocks(problem, theta, inputs, interrupt):
        for k, layer in enumerate(hidden):
            np.maximum(greatest[k], np.abs(block[layer]).max(axis=0), out=greatest[k])
            if has_two_ends(names[layer - 1]):
                flat[k] += is_flat_at(names[layer - 1], block[layer]).sum(axis=0)
    moving = _moving(problem, held)
    found = []
    for k, layer in enumerate(hidden):
        counted = moving[k]
        units = int(counted.sum())
        dead = int((greatest[k] == 0.0)[counted].sum()) if names[layer - 1] == "relu" else 0
        share = float(flat[k][counted].sum()) / (units * len(inputs)) if units else 0.0
        found.append(LayerState(layer, units, dead, share))
    return found


def _moving(problem: Problem, held: NDArray[np.int64]) -> list[Mask]:
    """For each hidden layer the units that have a weight which training moves."""
    fixed = np.zeros(problem.architecture.parameters)
    fixed[held] = 1.0
    return [np.asarray((weights == 0.0).any(axis=0)) for weights, _ in views(problem.architecture, fixed)[:-1]]


# --- dead and saturated ---------------------------------------------------------------------------------------------
def find_dead(case: Case, states: list[LayerState]) -> Finding | None:
    """The hint for a ReLU layer most of whose units are off for all samples."""
    worst = max(states, key=lambda each: each.dead / max(each.units, 1), default=None)
    if worst is None or not worst.units or worst.dead < DEAD * worst.units or not worst.dead:
        return None
    problem, samples = case.problem, len(case.problem.train)
    name, whole = layer_name(worst.layer, problem.architecture.layers), worst.dead == worst.units
    who = f"All {worst.units:,} units" if worst.units > 1 else "The only unit"
    who = who if whole else f"{worst.dead:,} of {worst.units:,} units"
    give = "gives" if worst.units == 1 or worst.dead == 1 else "give"
    loses = "nothing gets through the layer" if whole else "they take no part"
    hint = Hint(
        "dead",
        "A layer is dead" if whole else "Most of a layer is dead",
        f"{who} of {name} {give} 0 for each of the {samples:,} training samples: where ReLU is 0 its slope is 0 too,"
        f" so no error comes back to move their weights, and {loses}.",
        ((f"dead units of {name}", worst.dead), ("units", worst.units), ("samples", samples)),
        worst.layer,
        (*other_start(problem), _leaky(worst.layer), _slower(problem)),
    )
    # What some units are enough for is learned all the same.
    return Finding(hint, case.theta, below=0.95 * case.snapshot.train_loss, certain=whole)


def _leaky(layer: int) -> Remedy:
    path = f"network.hidden.{layer - 1}.activation"
    return Remedy("Use leaky ReLU, start again", ((path, "leaky_relu"),))


def find_saturated(case: Case, states: list[LayerState]) -> Finding | None:
    """The hint for a sigmoid or tanh layer in which hardly a unit has a slope, while much is still to be learned."""
    worst = max(states, key=lambda each: each.saturated, default=None)
    now = case.snapshot.train_loss
    if worst is None or worst.saturated < SATURATED or not now > UNLEARNED * constant_cost(case.problem):
        return None
    problem = case.problem
    name = layer_name(worst.layer, problem.architecture.layers)
    activation = problem.architecture.activations[worst.layer - 1]
    share = 100 * worst.saturated
    hint = Hint(
        "saturation",
        "A layer is saturated",
        f"In {name} {activation} is flat for {figure(share, 3)} % of all samples and units: its slope there is below"
        f" {100 * FLAT:g} % of the steepest, so hardly any error comes back through it, and the layers up to it learn"
        " very slowly.",
        (
            (f"saturated share of {name}", worst.saturated),
            (f"cost at update {case.snapshot.losses_update:,}", now),
            ("cost of always the mean", constant_cost(problem)),
        ),
        worst.layer,
        tuple(_unsaturated(problem)),
    )
    return Finding(hint, case.theta, below=0.95 * now)


def _unsaturated(problem: Problem) -> list[Remedy]:
    """Smaller first weights, inputs of the same size, and shorter steps."""
    found = other_start(problem)
    if not problem.experiment.standardize:
        found.append(Remedy("Standardise inputs, start again", (("standardize", True), *found[0].changes)))
    return [*found, _slower(problem)]


def _slower(problem: Problem) -> Remedy:
    """A tenth of the learning rate from other first weights: long steps, too, push units where they have no slope."""
    rate = rounded_to(problem.experiment.learning.optimizer.learning_rate / 10)
    changes = (*other_start(problem)[0].changes, ("learning.optimizer.learning_rate", rate))
    return Remedy(f"Set η to {figure(rate)}, start again", changes)


# --- symmetry -------------------------------------------------------------------------------------------------------
def find_symmetry(case: Case, interrupt: Flag) -> Finding | None:
    """The hint for a hidden layer all of whose neurons have the same weights in and out."""
    problem, theta = case.problem, case.theta
    moving = _moving(problem, case.snapshot.state.held)
    layers = views(problem.architecture, theta)
    for layer in range(1, problem.architecture.layers):
        counted = moving[layer - 1]
        if int(counted.sum()) >= 2 and _are_alike(_rows(layers, layer)[counted]):
            return _symmetry(case, layer, counted, interrupt)
    return None


def _rows(layers: list[tuple[NDArray[np.float64], Vector]], layer: int) -> NDArray[np.float64]:
    """For each neuron of a hidden layer all its weights: those that arrive, its bias, those that leave."""
    (arriving, biases), (leaving, _) = layers[layer - 1], layers[layer]
    return np.concatenate([arriving.T, biases[:, None], leaving], axis=1)


def _are_alike(rows: NDArray[np.float64]) -> bool:
    size = float(np.abs(rows).max())
    return bool(np.abs(rows - rows[0]).max() <= SAME * size)


def _symmetry(case: Case, layer: int, counted: Mask, interrupt: Flag) -> Finding | None:
    problem = case.problem
    slopes = _rows(views(problem.architecture, gradient(problem, case.theta, interrupt)), layer)[counted]
    if not np.isfinite(slopes).all():
        return None
    count, name = int(counted.sum()), layer_name(layer, problem.architecture.layers)
    apart, length = float(np.abs(slopes - slopes[0]).max()), float(np.linalg.norm(slopes[0]))
    zero = not np.any(_rows(views(problem.architecture, case.theta), layer)[counted])
    which = "are all 0" if zero else "are all the same"
    hint = Hint(
        "symmetry",
        "All neurons of a layer are the same",
        f"The weights into and out of the {plural(count, 'neuron')} of {name} {which}, so they get the same gradient in"
        f" every update (here its length is {figure(length)} for each of them) and stay copies of one neuron for ever."
        " First weights must differ.",
        (("neurons alike", count), ("length of each one's gradient", length), ("greatest difference", apart)),
        layer,
        tuple(other_start(problem)),
    )
    return Finding(hint, case.theta, below=0.95 * case.snapshot.train_loss)
