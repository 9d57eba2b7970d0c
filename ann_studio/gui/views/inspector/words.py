"""What the inspector calls things, and what it says to a screen reader."""

from __future__ import annotations

import math
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.neuron import NeuronAt, OverTraining, shown_subject
from ann_studio.analysis.saturation import SATURATED
from ann_studio.gui.parameters import unit_name
from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.scales import short
from ann_studio.gui.theme import number
from ann_studio.gui.views.inspector.pages import EdgeNow, Layers, Maps, NeuronNow, Page, Past, Saying
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase
from ann_studio.nn.architecture import Architecture

NOTHING = "Click a neuron or an edge of the network to look inside, or Tab to the network and use the arrow keys"
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
#: Names of activations as functions; the others are called as in the experiment file.
_CALLED = {"linear": "z", "leaky_relu": "leaky relu(z)", "softmax": "softmax"}


def fits(architecture: Architecture, target: Point) -> bool:
    """Whether a network has this neuron or connection."""
    sizes = architecture.sizes
    match target:
        case None:
            return False
        case NeuronPoint(layer, unit):
            return layer < len(sizes) and unit < sizes[layer]
        case WeightPoint(layer, source, end):
            return layer + 1 < len(sizes) and source < sizes[layer] and end < sizes[layer + 1]
        case _:
            assert_never(target)


def heading(problem: Problem, target: Point) -> str:
    """What the card is about: ``Hidden 1 neuron 2``, ``x₁ → hidden 1 neuron 2``."""
    match target:
        case None:
            return "Neuron"
        case NeuronPoint(layer, unit):
            name = unit_name(problem, layer, unit)
            return f"Input {name}" if layer == 0 else name[:1].upper() + name[1:]
        case WeightPoint(layer, source, end):
            return f"{unit_name(problem, layer, source)} → {unit_name(problem, layer + 1, end)}"
        case _:
            assert_never(target)


def sample_name(problem: Problem, phase: Phase | None) -> str:
    """Which sample the numbers are of: ``sample 57``, numbered as everywhere by its row in the data.

    Without a phase it is the first one of the training part, and that is said.
    """
    subject = shown_subject(phase)
    if subject.part == "own":
        return "your own input"
    part = problem.train if subject.part == "train" else problem.validation
    name = f"sample {int(part.rows[subject.row]) + 1:,}"
    if phase is None:
        return f"{name}, the first"
    return name if subject.part == "train" else f"{name} (validation)"


def subscripted(unit: int) -> str:
    """``₁₂`` of unit 11: units are counted from 1."""
    return str(unit + 1).translate(_SUBSCRIPTS)


def term_label(problem: Problem, layer: int, source: int) -> str:
    """``w·a₃``; of an input its own name, if it is short: ``w·x₁``."""
    if layer == 0:
        name = unit_name(problem, 0, source)
        return f"w·{name}" if len(name) <= 4 else f"w·x{subscripted(source)}"
    return f"w·a{subscripted(source)}"


def called(activation: str) -> str:
    """``tanh(z)``."""
    return _CALLED.get(activation, f"{activation}(z)")


def share(activation: str, over: OverTraining | None, layer: int, unit: int, *, now: bool) -> str:
    """For how many of the training samples a unit is flat, or was at some parameters before; empty if it never is."""
    if over is None or math.isnan(over.flat[layer][unit]):
        return ""
    part = float(over.flat[layer][unit])
    what = "off" if activation == "relu" else "flat"
    return f"{'' if now else 'was '}{what} for {_percent(part)} of {over.samples:,}"


def warning(
    activation: str, at: NeuronAt, over: OverTraining | None, layer: int, unit: int, *, hidden: bool, now: bool
) -> str:
    """What is wrong with a neuron, in one sentence; empty if nothing is. An output may be as sure as it likes."""
    if not math.isfinite(at.z):
        return "z is no finite number: the parameters have grown beyond all bounds"
    if over is None or not hidden or math.isnan(over.flat[layer][unit]):
        return ""
    part, samples, when = float(over.flat[layer][unit]), over.samples, "" if now else ", a moment ago"
    if activation == "relu":
        dead = f"Dead{when}: z < 0 for all {samples:,} training samples, so that nothing moves its weights"
        return dead if part == 1 else ""
    if part < SATURATED:
        return ""
    return (
        f"Saturated{when}: its slope is tiny for {_percent(part)} of {samples:,} training samples, so it hardly learns"
    )


def _percent(part: float) -> str:
    """A share in percent; only all is 100 %, and only none is 0 %."""
    if 0 < part < 0.01:
        return "< 1 %"
    if 0.99 < part < 1:
        return "> 99 %"
    return f"{100 * part:.0f} %"


def rounded(value: float) -> float:
    """A number as `number` shows it."""
    if not math.isfinite(value):
        return value
    return float(number(value, 3).replace("−", "-"))


def briefly(value: float, span: float) -> str:
    """An end of a scale in few letters; what is nothing beside the span of the scale is 0."""
    if not math.isfinite(value):
        return number(value)
    return short(float(f"{value:.2g}")) if abs(value) > 0.01 * span else "0"


def adds_up(at: NeuronAt, shown: list[float]) -> bool:
    """Whether the terms as they are shown have the sum that is shown."""
    return abs(math.fsum(map(rounded, shown)) - rounded(at.z)) < 1e-9


# --- for a screen reader --------------------------------------------------------------------------------------------
def spoken(page: Page, title: str, sample: str) -> str:
    """A page in words, with its numbers."""
    match page:
        case Saying(text):
            return text
        case NeuronNow():
            return _neuron(page, title, sample)
        case EdgeNow():
            facts = [f"{fact.label} {fact.of} {fact.value}".replace("  ", " ") for fact in page.facts]
            return ", ".join([f"{title}: w {number(page.value)}", *facts, page.state])
        case Past():
            return _past(page, title)
        case Maps():
            shown = " and ".join(tile.name for tile in page.tiles)
            axes = f" over {' and '.join(page.axes)}" if page.axes else ""
            return f"Map of {shown}{axes}, colours from {page.ends[0]} to {page.ends[1]}"
        case Layers():
            return _layers(page)
        case _:
            assert_never(page)


def _neuron(page: NeuronNow, title: str, sample: str) -> str:
    at = page.at
    strongest = sorted(page.terms, key=lambda term: -abs(term.value))[:3]
    terms = ", ".join(f"{term.label} {number(term.value, sign=True)}" for term in strongest)
    said = f"{title}, {sample}: z {number(at.z)}, a {number(at.a)}, slope {number(at.slope)}; strongest: {terms}"
    return f"{said}; bias {number(at.bias, sign=True)}" + (f"; {page.share} training samples" if page.share else "")


def _past(page: Past, title: str) -> str:
    named = list(zip(page.labels, page.values[[0, -1]].T.tolist(), strict=True))
    named += [("bias", page.bias[[0, -1]].tolist())] if page.bias is not None else []
    lines = [f"{label} from {number(first)} to {number(last)}" for label, (first, last) in named[:8]]
    return f"{title} from update {page.updates[0]:,} to {page.updates[-1]:,}: {', '.join(lines)}"


def _layers(page: Layers) -> str:
    history, said = page.history, []
    for layer, name in enumerate(page.names):
        weights, units, gradients = history.weights[layer], history.activations[layer], history.gradients[layer]
        said.append(
            f"{name}: weights from {number(weights.low, 2)} to {number(weights.high, 2)},"
            f" activations from {number(units.low, 2)} to {number(units.high, 2)},"
            f" median gradient now {median_size(gradients.counts[-1], gradients.low, gradients.high)}"
        )
    return f"Layers from update {history.updates[0]:,} to {history.updates[-1]:,}; " + "; ".join(said)


def median_size(counts: NDArray[np.int64], low: float, high: float) -> str:
    """The power of ten in whose bin the median of a histogram lies: ``about 10⁻³``."""
    if not counts.sum():
        return "0"
    place = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    return f"about {power_of_ten(round(low + (high - low) * (place + 0.5) / len(counts)))}"


def power_of_ten(power: int) -> str:
    """``10⁻³``."""
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
