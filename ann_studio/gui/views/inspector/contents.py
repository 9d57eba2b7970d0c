"""From a frame to a page: pure functions, whose numbers are the engine's."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import OverTraining, neuron_at, passed_forward, shown_subject
from ann_studio.analysis.past import moments_of, values_at
from ann_studio.analysis.pictures import Pictures, is_line, is_plane
from ann_studio.data.features import pretty
from ann_studio.engine.messages import Frame
from ann_studio.gui.parameters import brief, layer_name, unit_name
from ann_studio.gui.scales import significant
from ann_studio.gui.shades import bounds
from ann_studio.gui.theme import number
from ann_studio.gui.views.inspector import history, words
from ann_studio.gui.views.inspector.pages import (
    EdgeNow,
    Fact,
    Layers,
    Maps,
    Neuron,
    NeuronNow,
    Page,
    Past,
    Saying,
    Term,
    Tile,
    Weight,
)
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase

#: Lines of a history, and contributions, at most: of more the strongest are shown.
_MOST_LINES, _MOST_TERMS = 30, 40
#: Weights from so many inputs on are shown as a picture, where these are the pixels of one.
_PIXELS_FROM = 16
_NO_MAP = "A map needs one or two numeric inputs; these data have {:,}"


def now(frame: Frame, target: Neuron | Weight, over: OverTraining | None) -> Page:
    """What a neuron or a connection is at the present parameters; `over` as far as it is known."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    if isinstance(target, Weight):
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


def warning(frame: Frame, target: Neuron, page: Page, over: OverTraining | None) -> str:
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


def _edge(frame: Frame, target: Weight, over: OverTraining | None) -> EdgeNow:
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
def past(frame: Frame, target: Neuron | Weight) -> Page:
    """A neuron's weights and bias over the run, or one weight; of an input the weights that leave it."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    architecture = problem.architecture
    if isinstance(target, Weight):
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


# --- maps -----------------------------------------------------------------------------------------------------------
def mapped(frame: Frame, target: Neuron | Weight) -> Page:
    """The heat map of a neuron, or of both ends of a connection."""
    problem, pictures = frame.problem, frame.pictures
    assert problem is not None
    dataset = problem.dataset
    if not is_plane(dataset) and not is_line(dataset):
        return _pixels(frame, target) or Saying(_mean(problem, pictures, target))
    if pictures is None or pictures.maps is None:
        return Saying("The map appears here")
    tiles: tuple[Tile, ...]
    if isinstance(target, Neuron):
        tiles = (_tile(problem, pictures, target.layer, target.unit),)
        between = ""
    else:
        ends = ((target.layer, target.source), (target.layer + 1, target.target))
        tiles = tuple(_tile(problem, pictures, *end) for end in ends)
        index = problem.architecture.weight_index(target.layer, target.source, target.target)
        between = f"w {number(float(frame.snapshots[0].state.theta[index]), 2, sign=True)}"
    axes = tuple(pretty(column.name) for column in dataset.columns)
    facts = _about_sample(frame, target) if isinstance(target, Neuron) else ()
    return Maps(tiles, axes, pictures.extent, _ends(tiles), between, _here(frame, pictures.extent), facts)


def _here(frame: Frame, extent: tuple[float, float, float, float]) -> tuple[float, float] | None:
    """Where in a map the sample lies that is shown."""
    problem, subject = frame.problem, shown_subject(frame.snapshots[0].phase)
    assert problem is not None
    raw = np.array(subject.inputs)
    if subject.part != "own":
        part = problem.train if subject.part == "train" else problem.validation
        raw = problem.dataset.inputs[part.rows[subject.row]]
    x0, x1, y0, y1 = extent
    across = float((raw[0] - x0) / (x1 - x0))
    down = float((y1 - raw[1]) / (y1 - y0)) if len(raw) > 1 else 0.5
    return (across, down) if 0 <= across <= 1 and 0 <= down <= 1 else None


def _about_sample(frame: Frame, target: Neuron) -> tuple[Fact, ...]:
    """What a neuron computes for the sample that is shown."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    passed = passed_forward(problem, snapshot.state, snapshot.phase)
    value = number(float(passed.activations[target.layer][target.unit]), sign=True)
    return (Fact("value" if target.layer == 0 else "a", value, words.sample_name(problem, snapshot.phase)),)


def _tile(problem: Problem, pictures: Pictures, layer: int, unit: int) -> Tile:
    assert pictures.maps is not None
    activation = problem.architecture.activations[layer - 1] if layer else ""
    return Tile(pictures.maps[layer][unit], activation, brief(unit_name(problem, layer, unit)))


def _ends(tiles: tuple[Tile, ...]) -> tuple[str, str]:
    """What the ends of the colours mean: numbers where they are the same for all maps."""
    found = {_range(tile) for tile in tiles}
    if len(found) > 1:
        return "low", "high"
    low, high = found.pop()
    return number(low, 2), number(high, 2, sign=low < 0)


def _range(tile: Tile) -> tuple[float, float]:
    low, high = bounds(tile.activation)
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = tile.values[np.isfinite(tile.values)]
    size = float(np.abs(finite).max(initial=0.0))
    return -size, size


def _pixels(frame: Frame, target: Neuron | Weight) -> Maps | None:
    """The weights of a neuron of the first layer as a picture, where the inputs are the pixels of one."""
    problem = frame.problem
    assert problem is not None
    layer, unit = (target.layer, target.unit) if isinstance(target, Neuron) else (target.layer + 1, target.target)
    found = pixels(problem) if layer == 1 else None
    if found is None:
        return None
    side, places = found
    first, shown = problem.architecture.weight_index(0, 0, unit), np.zeros(side * side)
    shown[places] = frame.snapshots[0].state.theta[first : first + len(places)]
    tile = Tile(shown.reshape(side, side), "", f"the weights of {unit_name(problem, 1, unit)} as pixels")
    return Maps((tile,), (), (0.0, 0.0, 0.0, 0.0), _ends((tile,)), facts=_about_pixels(frame, target))


def pixels(problem: Problem) -> tuple[int, list[int]] | None:
    """Side of the picture whose pixels the inputs are, and where in it each lies; None if they seem to be none.

    They are where all are called by one name and a number, as ``p0`` to ``p63``; some may be missing.
    """
    features = problem.experiment.features
    assert features is not None
    if len(features) < _PIXELS_FROM or any(re.fullmatch(r"x\d+", name) is None for name in features):
        return None
    names = [problem.dataset.input_names[int(name[1:]) - 1] for name in features]
    parts = [re.fullmatch(r"(.*?)(\d+)", name) for name in names]
    numbers = [int(part[2]) for part in parts if part is not None]
    if len(numbers) < len(names) or len({part[1] for part in parts if part is not None}) > 1:
        return None
    # Counted from 0 or from 1: the last one tells.
    for first in (0, 1):
        side = math.isqrt(max(numbers) + 1 - first)
        if side * side == max(numbers) + 1 - first and min(numbers) >= first:
            return side, [number - first for number in numbers]
    return None


def _about_pixels(frame: Frame, target: Neuron | Weight) -> tuple[Fact, ...]:
    return _about_sample(frame, target) if isinstance(target, Neuron) else ()


def _mean(problem: Problem, pictures: Pictures | None, target: Neuron | Weight) -> str:
    sentence = _NO_MAP.format(len(problem.dataset.columns))
    if isinstance(target, Weight) or pictures is None or pictures.activity is None:
        return sentence
    mean = number(float(pictures.activity[target.layer][target.unit]))
    return f"{sentence}. Its mean over training samples is {mean}"


# --- layers ---------------------------------------------------------------------------------------------------------
def layers(problem: Problem, found: LayerHistory | None, chosen: int) -> Page:
    """All layers over time."""
    if found is None:
        return Saying("The layers over time appear here")
    count = problem.architecture.layers
    return Layers(found, tuple(layer_name(k + 1, count) for k in range(count)), chosen)
