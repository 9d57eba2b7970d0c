"""Cost or weights that explode: when it began, in which layer, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.curvature import gradient
from ann_studio.analysis.diagnosis.baseline import constant_cost
from ann_studio.analysis.diagnosis.hints import Case, Finding, Hint, Remedy
from ann_studio.analysis.diagnosis.treatment import other_start
from ann_studio.analysis.diagnosis.words import figure, layer_name, plural, rounded_to
from ann_studio.analysis.slice import norm
from ann_studio.analysis.stability import highest_rate, largest_curvature
from ann_studio.learning.experiment import Landscape, Momentum, Nesterov, Optimizer, Sgd, kind_of
from ann_studio.learning.phases import batch_rows, phases_per_sample, subject_phase
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State, Subject
from ann_studio.learning.supervised import Flag, Interrupted, activations, advance, evaluate
from ann_studio.nn.architecture import views
from ann_studio.nn.optimizers import OPTIMIZERS

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]
What = Literal["pre-activations", "cost", "gradient", "weights"]

#: A cost has exploded where it is so many times the best one so far …
EXPLODED = 10.0
#: … and so many times that of a network which always answers the mean.
WORSE_THAN_CONSTANT = 3.0
#: Moments that are looked at on the way to the explosion, at most.
_MOMENTS = 48
#: Moments of which the gradient's length is taken, for the length to clip to.
_GRADIENTS = 16
#: Where there is no stable rate to be had, the learning rate is divided by so much.
_CAREFUL = 10.0
#: The greatest length to which an experiment lets gradients be clipped.
_LONGEST = 1e9
#: What has an upper bound below this does not overflow, in whatever order it is added up.
_SAFE = float(np.finfo(np.float64).max) / 4
#: Numbers that a forward pass of some samples may hold at a time.
_BLOCK = 2**18
#: λmax to so many digits is enough for a sentence, and for a rate that is halved anyway.
_TOLERANCE, _PRODUCTS = 1e-4, 100


@dataclass(frozen=True, eq=False)
class Moment:
    """A moment of a run and its training cost."""

    update: int
    theta: Vector
    loss: float


@dataclass(frozen=True)
class Origin:
    """Where it began: the layer, from 1, and what of it is no longer finite, or grew most; None on a landscape."""

    layer: int | None
    what: What
    finite: bool


def is_exploding(case: Case) -> bool:
    """Whether the cost is far above its best and far above that of no knowledge at all, though finite still."""
    losses = case.trace[:, 2]
    now = case.snapshot.train_loss
    if not len(losses) or not math.isfinite(now):
        return False
    best = float(np.fmin.reduce(losses))  # whatever is no number does not count
    if not (now > EXPLODED * abs(best) and now > float(losses[0])):
        return False
    constant = constant_cost(case.problem)
    return not math.isfinite(constant) or now > WORSE_THAN_CONSTANT * constant


def before_explosion(case: Case, interrupt: Flag) -> Moment:
    """The last moment before the cost first went beyond ten times its best.

    There the network was still in the valley which the next steps threw it out of, so its curvature is the one that
    tells how long steps may be: far out, where the last finite moments are, the cost is often flat or overflows. The
    epoch is found in the trace, the moment within it among the kept points of the path, by halving.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    problem, snapshot = case.problem, case.snapshot
    path, state = snapshot.path, snapshot.state
    here = Moment(state.update, state.theta, evaluate(problem, state.theta, problem.train, interrupt))
    if not len(path) or path.thetas.shape[1] != len(state.theta):
        return here
    rows = case.trace[np.isfinite(case.trace[:, 2])]
    good, bad, most = max(int(path.updates[0]), case.edited), state.update, math.inf
    if len(rows):
        best = int(rows[:, 2].argmin())
        most = EXPLODED * abs(float(rows[best, 2]))
        far = np.flatnonzero(rows[best:, 2] > most)
        last = best + int(far[0]) - 1 if len(far) else len(rows) - 1
        good, bad = int(rows[last, 1]), int(rows[best + far[0], 1]) if len(far) else state.update
    low = max(0, int(np.searchsorted(path.updates, good, side="right")) - 1)
    high = int(np.searchsorted(path.updates, bad, side="right"))

    def cost(position: int) -> float:
        return evaluate(problem, path.thetas[position], problem.train, interrupt)

    if math.isinf(most):
        most = EXPLODED * abs(cost(low))
    if high - low <= _MOMENTS:
        # one after the other: a cost may come back for a moment
        for position in range(low + 1, high):
            if not cost(position) <= most:
                break
            low = position
    else:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if cost(middle) <= most else (low, middle)
    return Moment(int(path.updates[low]), path.thetas[low], cost(low))


def origin_of(problem: Problem, state: State, interrupt: Flag) -> Origin:
    """Where the next update, made on a copy and looked at phase by phase, first leaves what a number can be.

    That is the layer whose pre-activations, gradient or new weights are the first that are not finite, in the order in
    which they are computed: those of the batch, the update, and the training set after it. If all are finite, but
    perhaps the cost, it is the layer whose weights the update changes most, measured by their own length.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    if isinstance(problem.experiment.data, Landscape):
        return Origin(None, "weights", finite=False)
    found = first_beyond(problem, state, batch_rows(problem, state), interrupt)
    if found is not None:
        return found
    following = advance(problem, state, to_update=state.update + 1, losses=False, interrupt=interrupt).state
    for layer, (weights, biases) in enumerate(views(problem.architecture, following.theta)):
        if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
            return Origin(layer + 1, "weights", finite=False)
    pairs = _weights(problem, following.theta, state.theta)
    changed = int(np.argmax([norm(w - v) / (norm(v) or 1.0) for w, v in pairs])) + 1
    if math.isfinite(evaluate(problem, following.theta, problem.train, interrupt)):
        return Origin(changed, "weights", finite=True)
    found = first_beyond(problem, following, np.arange(len(problem.train)), interrupt, back=False)
    return found or Origin(changed, "cost", finite=False)


def first_beyond(
    problem: Problem, state: State, rows: NDArray[np.int64], interrupt: Flag, *, back: bool = True
) -> Origin | None:
    """What is the first that is not finite in `rows` of the training set, one after the other; None if all is.

    Parameters
    ----------
    back
        Whether cost and way back are looked at too, not the pre-activations alone.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    block = max(1, _BLOCK // sum(problem.architecture.sizes))
    for first in range(0, len(rows), block):
        some = rows[first : first + block]
        for row in some[_in_doubt(problem, state.theta, some, interrupt, back=back)].tolist():
            if interrupt[0]:
                raise Interrupted
            found = _in_sample(problem, state, row, back=back)
            if found is not None:
                return found
    return None


def _in_doubt(problem: Problem, theta: Vector, rows: NDArray[np.int64], interrupt: Flag, *, back: bool) -> Mask:
    """The rows of the training set in which a number may be too large; in others none can, by upper bounds of all."""
    layers = views(problem.architecture, theta)
    passed = activations(problem, theta, problem.train.inputs[rows], interrupt)
    sizes = [np.abs(values).max(axis=1) for values in passed]
    with np.errstate(all="ignore"):
        bounds = [
            size * np.abs(weights).sum(axis=0).max() + np.abs(biases).max()
            for size, (weights, biases) in zip(sizes[:-1], layers, strict=True)
        ]
        if back:
            outputs = problem.architecture.sizes[-1]
            off = 1.0 + bounds[-1] + sizes[-1] + np.abs(problem.train.targets[rows]).max(axis=1)
            bounds.append(outputs * off * off)  # no loss is more, and no δ of the output more than the next
            delta = 2.0 * (1.0 + outputs) * off
            for size, (weights, _) in zip(sizes[-2::-1], layers[::-1], strict=True):
                bounds.append(delta * (1.0 + size))
                delta = 2.0 * delta * np.abs(weights).sum(axis=1).max()  # no slope is more than 2
        return np.asarray(~np.all([bound < _SAFE for bound in bounds], axis=0))


def _in_sample(problem: Problem, state: State, row: int, *, back: bool) -> Origin | None:
    """Where a sample of the training set, on its way forward and `back`, leaves what a number can be."""
    layers = problem.architecture.layers
    last = phases_per_sample(problem) - 1 if back else layers - 1
    phase = subject_phase(problem, state, Subject("train", row), last)
    for layer, z in enumerate(phase.pre_activations):
        if not np.isfinite(z).all():
            return Origin(layer + 1, "pre-activations", finite=False)
    if not back:
        return None
    if phase.loss is None or not math.isfinite(phase.loss):
        return Origin(layers, "cost", finite=False)
    slopes = views(problem.architecture, phase.sample_gradient)
    for layer in reversed(range(layers)):
        delta = phase.deltas[layer]
        numbers = (delta, *slopes[layer]) if delta is not None else slopes[layer]
        if not all(np.isfinite(each).all() for each in numbers):
            return Origin(layer + 1, "gradient", finite=False)
    return None


def _grown_most(problem: Problem, before: Vector, now: Vector) -> Origin:
    """The layer whose weights have grown most since `before`, of a run that is finite still."""
    if isinstance(problem.experiment.data, Landscape):
        return Origin(None, "weights", finite=True)
    grown = [norm(w) / (norm(v) or 1.0) for w, v in _weights(problem, now, before)]
    return Origin(int(np.argmax(grown)) + 1, "weights", finite=True)


def _weights(problem: Problem, first: Vector, second: Vector) -> list[tuple[Any, Any]]:
    pairs = zip(views(problem.architecture, first), views(problem.architecture, second), strict=True)
    return [(one[0], other[0]) for one, other in pairs]


# --- the hint -------------------------------------------------------------------------------------------------------
def find_explosion(case: Case, interrupt: Flag) -> Finding | None:
    """The hint for a run that diverged, or is about to; None for any other."""
    if not case.diverged and not is_exploding(case):
        return None
    problem, state = case.problem, case.snapshot.state
    moment = before_explosion(case, interrupt)
    origin = origin_of(problem, state, interrupt) if case.diverged else _grown_most(problem, moment.theta, state.theta)
    curvature = largest_curvature(
        problem, moment.theta, state.held, tolerance=_TOLERANCE, most=_PRODUCTS, interrupt=interrupt
    )
    optimizer = problem.experiment.learning.optimizer
    highest, formula = highest_rate(optimizer, curvature)
    rate, now = optimizer.learning_rate, case.snapshot.train_loss
    evidence = [("η", rate)]
    if formula:
        evidence += [(f"λmax at update {moment.update:,}", curvature), (formula, highest)]
    evidence += [(f"cost at update {moment.update:,}", moment.loss)]
    evidence += [(f"cost at update {case.snapshot.losses_update:,}", now)] if math.isfinite(now) else []
    hint = Hint(
        "explosion",
        "The run diverged" if case.diverged else "The cost exploded",
        f"{_what_grew(case, moment, origin)}: {_why(optimizer, highest, formula, moment)}.{_what_ended(case, origin)}",
        tuple(evidence),
        origin.layer,
        tuple(_remedies(case, moment, highest, interrupt)),
    )
    return Finding(hint, moment.theta, below=max(moment.loss, 1e-300), certain=True)


def _what_grew(case: Case, moment: Moment, origin: Origin) -> str:
    problem, state = case.problem, case.snapshot.state
    if moment.update == state.update:
        return f"The cost is {figure(moment.loss)} at update {state.update:,}"
    within = plural(state.update - moment.update, "update")
    if origin.layer is None:
        before, now = (float(np.abs(theta).max()) for theta in (moment.theta, state.theta))
        return f"The parameters went from {figure(before)} to {figure(now)} within {within}"
    name = layer_name(origin.layer, problem.architecture.layers)
    now, before = (
        float(np.abs(weights).max()) for weights in _weights(problem, state.theta, moment.theta)[origin.layer - 1]
    )
    if now <= before:
        first, last = figure(moment.loss), figure(case.snapshot.train_loss)
        return f"The cost went from {first} to {last} within {within}, most of all by the weights of {name}"
    return f"The largest weight of {name} grew from {figure(before)} to {figure(now)} within {within}"


def _why(optimizer: Optimizer, highest: float, formula: str, moment: Moment) -> str:
    rate = figure(optimizer.learning_rate)
    if not formula and isinstance(optimizer, Sgd | Momentum | Nesterov):
        return f"at update {moment.update:,} it was too large or too flat already for its curvature to be measured"
    if not formula:
        title = OPTIMIZERS[kind_of(optimizer)].title
        return f"the steps are too long, since {title} moves each parameter by about η = {rate} an update"
    if optimizer.learning_rate > highest:
        return f"each step overshoots, since η = {rate} is above {formula} = {figure(highest)}"
    return (
        f"the steps became too long where the cost is steeper than at update {moment.update:,}, for which η = {rate}"
        f" was still below {formula} = {figure(highest)}"
    )


def _what_ended(case: Case, origin: Origin) -> str:
    if not case.diverged or origin.layer is None or origin.finite:
        return ""
    name = layer_name(origin.layer, case.problem.architecture.layers)
    owner = "cost is" if origin.what == "cost" else f"{origin.what} of {name} {_verb(origin.what)}"
    return f" In the next update the {owner} the first to be too large for a number."


def _verb(what: What) -> str:
    return "is" if what == "gradient" else "are"


def _remedies(case: Case, moment: Moment, highest: float, interrupt: Flag) -> list[Remedy]:
    optimizer = case.problem.experiment.learning.optimizer
    rate = safe_rate(optimizer, highest)
    length = clip_length(case, moment, interrupt)
    found = [rate_remedy(rate, moment.update)]
    if length <= _LONGEST:
        clip = (("learning.clip_norm", length),)
        found.append(Remedy(f"Clip gradients to {figure(length)}", clip, back=moment.update))
    return found + other_start(case.problem)


def rate_remedy(rate: float, back: int | None) -> Remedy:
    """Go on with this learning rate from update `back`, or start afresh with it."""
    return Remedy(f"Set η to {figure(rate)}", (("learning.optimizer.learning_rate", rate),), back=back)


def safe_rate(optimizer: Optimizer, highest: float) -> float:
    """Half of the highest stable rate, to two digits; a tenth of the present one if that is less or there is none."""
    rate = optimizer.learning_rate
    if isinstance(optimizer, Sgd | Momentum | Nesterov) and math.isfinite(highest) and highest / 2 < rate:
        return rounded_to(highest / 2)
    return rounded_to(rate / _CAREFUL)


def clip_length(case: Case, moment: Moment, interrupt: Flag) -> float:
    """The median length of the gradient while all was well, to two digits; 1 where that is nothing."""
    path = case.snapshot.path
    healthy = np.flatnonzero(path.updates <= moment.update) if len(path) else np.empty(0, dtype=np.int64)
    chosen = healthy[np.unique(np.linspace(0, len(healthy) - 1, _GRADIENTS).astype(int))] if len(healthy) else healthy
    fits = len(path) > 0 and path.thetas.shape[1] == len(moment.theta)
    thetas = path.thetas[chosen] if fits and len(chosen) else moment.theta[None]
    lengths = [float(np.linalg.norm(gradient(case.problem, theta, interrupt))) for theta in thetas]
    middle = float(np.median(lengths))
    return rounded_to(middle) if math.isfinite(middle) and middle > 0 else 1.0
