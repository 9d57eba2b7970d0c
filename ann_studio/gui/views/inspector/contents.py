"""From a frame to a page: pure functions, whose numbers are the engine's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import OverTraining, neuron_at, passed_forward
from ann_studio.analysis.past import moments_of, values_at
from ann_studio.engine.messages import Frame
from ann_studio.gui.parameters import brief, layer_name, unit_name
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.scales import significant
from ann_studio.gui.theme import number
from ann_studio.gui.views.inspector import history, words
from ann_studio.gui.views.inspector.pages import EdgeNow, Fact, Layers, NeuronNow, Page, Past, Saying, Term
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase

#: Lines of a history, and contributions, at most: of more the strongest are shown.
_MOST_LINES, _MOST_TERMS = 30, 40


def now(frame: Frame, target: NeuronPoint | WeightPoint, over: OverTraining | None) -> Page:
    """What a neuron or a connection is at the present parameters; `over` as far as it is known."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    if isinstance(target, WeightPoint):
        return _edge(frame, target, over)
    passed = passed_forward(problem, snapshot.state, snapshot.phase)
    if target.layer == 0:
        return Saying(_input(problem, passed, snapshot.phase, target.unit))
    layer, theta = target.layer - 1, snapshot.state.theta
    at = neuron_at(problem.architecture, theta, passed, layer, target.unit)
    terms, others = _terms(problem, layer, at.contributions)
    activation = problem.architecture.activations[layer]
    share = words.share(activation, over, layer, target.unit, now=_is_now(over, theta))
    sample = words.sample_name(problem, snapshot.phase)
    return NeuronNow(at, terms, others, activation, words.called(activation), sample, share)


def _terms(
    problem: Problem, layer: int, contributions: NDArray[np.float64]
) -> tuple[tuple[Term, ...], tuple[int, float]]:
    """The strongest contributions in the order of their units, and of the others how many and their sum."""
    strongest = _strongest(contributions, _MOST_TERMS)
    values = contributions.tolist()
    terms = tuple(Term(words.term_label(problem, layer, source), values[source], source) for source in strongest)
    with np.errstate(over="ignore", invalid="ignore"):
        rest = float(np.delete(contributions, strongest).sum())
    return terms, (len(values) - len(terms), rest)


def _strongest(values: NDArray[np.float64], most: int) -> list[int]:
    """Positions of the strongest values, in order; one that is no number is the strongest."""
    if len(values) <= most:
        return list(range(len(values)))
    sizes = np.nan_to_num(np.abs(values), nan=np.inf)
    return sorted(np.argsort(-sizes, kind="stable")[:most].tolist())


def warning(frame: Frame, target: NeuronPoint, page: Page, over: OverTraining | None) -> str:
    """What is wrong with a neuron; empty if nothing is."""
    assert frame.problem is not None
    if not isinstance(page, NeuronNow):
        return ""
    hidden = target.layer < frame.problem.architecture.layers
    now = _is_now(over, frame.snapshots[0].state.theta)
    return words.warning(page.activation, page.at, over, target.layer - 1, target.unit, hidden=hidden, now=now)


def _is_now(over: OverTraining | None, theta: NDArray[np.float64]) -> bool:
    """Whether what is said of all samples is of these parameters."""
    return over is not None and (over.theta is theta or np.array_equal(over.theta, theta))


def _input(problem: Problem, passed: Phase, phase: Phase | None, unit: int) -> str:
    """An input has no weights of its own."""
    value = number(float(passed.activations[0][unit]), 3)
    name = words.sample_name(problem, phase)
    scaled = ", standardised" if problem.experiment.standardize else ""
    return f"{unit_name(problem, 0, unit)} = {value} in {name}{scaled}. An input has no weights of its own"


def _edge(frame: Frame, target: WeightPoint, over: OverTraining | None) -> EdgeNow:
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    state, phase = snapshot.state, snapshot.phase
    index = problem.architecture.weight_index(target.layer, target.source, target.target)
    value = float(state.theta[index])
    facts = [_whole(index, state.theta, over)]
    if phase is not None:
        known = phase.deltas[target.layer] is not None
        shown = significant(float(phase.sample_gradient[index]), sign=True) if known else "not yet"
        facts.append(Fact("∂C/∂w", shown, words.sample_name(problem, phase)))
        counted = phase.sample + known
        if phase.subject is None and phase.batch > 1 and counted:
            so_far = f"batch, {counted:,} of {phase.batch:,} so far"
            facts.append(Fact("∂C/∂w", significant(float(phase.gradient[index]), sign=True), so_far))
    passed = passed_forward(problem, state, phase)
    arriving = float(passed.activations[target.layer][target.source])
    facts.append(Fact("a", number(arriving, sign=True), words.sample_name(problem, phase)))
    with np.errstate(over="ignore", invalid="ignore"):
        facts.append(Fact("w·a", number(float(np.float64(value) * arriving), sign=True)))
    kept = "deleted, kept at 0" if index in state.pruned else "frozen" if index in state.frozen else ""
    past = _past(frame, np.array([index]), ("w",), None)
    return EdgeNow(value, tuple(facts), kept, past)


def _whole(index: int, theta: NDArray[np.float64], over: OverTraining | None) -> Fact:
    """The gradient of the cost of the whole training set, as far as it is known."""
    if over is None:
        return Fact("∂C/∂w", "…", "training set")
    dated = "" if _is_now(over, theta) else ", a moment ago"
    return Fact("∂C/∂w", significant(float(over.gradient[index]), sign=True), f"training set{dated}")


# --- history --------------------------------------------------------------------------------------------------------
def past(frame: Frame, target: NeuronPoint | WeightPoint) -> Page:
    """A neuron's weights and bias over the run, or one weight; of an input the weights that leave it."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    architecture = problem.architecture
    if len(moments_of(snapshot, 2).updates) < 2:
        return Saying("The history begins with the first update")
    if isinstance(target, WeightPoint):
        index = architecture.weight_index(target.layer, target.source, target.target)
        return _past(frame, np.array([index]), ("w",), None)
    layer, unit = target.layer, target.unit
    if layer == 0:
        indices = np.array([architecture.weight_index(0, unit, end) for end in range(architecture.sizes[1])])
        end_layer, bias = 1, None
    else:
        first = architecture.weight_index(layer - 1, 0, unit)
        indices = np.arange(first, first + architecture.sizes[layer - 1])
        end_layer, bias = layer - 1, architecture.bias_index(layer - 1, unit)
    count, strongest = len(indices), _strongest(snapshot.state.theta[indices], _MOST_LINES)
    names = tuple(brief(unit_name(problem, end_layer, end)) for end in strongest)
    note = f"the strongest {len(strongest)} of {count:,} weights" if len(strongest) < count else ""
    if layer == 0:
        note = "the weights that leave it" + (f": {note}" if note else "")
    return _past(frame, indices[strongest], names, bias, note)


def _past(frame: Frame, indices: NDArray[np.int64], names: tuple[str, ...], bias: int | None, note: str = "") -> Past:
    snapshot = frame.snapshots[0]
    moments = moments_of(snapshot, history.moments_for(len(indices) + 1))
    wanted = indices if bias is None else np.append(indices, bias)
    values = values_at(snapshot, moments, wanted)
    now = snapshot.state.update
    end = max(now, frame.course.reached[1]) if frame.course is not None else now
    if bias is None:
        return Past(moments.updates, values, names, None, end, note)
    return Past(moments.updates, values[:, :-1], names, values[:, -1], end, note)


# --- layers ---------------------------------------------------------------------------------------------------------
def layers(problem: Problem, found: LayerHistory | None, chosen: int) -> Page:
    """All layers over time."""
    if found is None:
        return Saying("The layers over time appear here")
    count = problem.architecture.layers
    return Layers(found, tuple(layer_name(k + 1, count) for k in range(count)), chosen)
