"""What the parts of a network and its parameters are called on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import assert_never

from ann_studio.analysis.planes import PlaneChoice
from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.features import pretty
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem


def layer_name(layer: int, layers: int) -> str:
    """``input``, ``hidden 2``, ``output``; layer 0 is the input."""
    return "input" if layer == 0 else "output" if layer == layers else f"hidden {layer}"


def input_name(problem: Problem, unit: int) -> str:
    """Name of an input: the feature's formula, or the table's column."""
    features, dataset = problem.experiment.features, problem.dataset
    assert features is not None
    name = features[unit]
    if name.startswith("x") and name[1:].isdigit():
        column = dataset.input_names[int(name[1:]) - 1]
        return pretty(column) if column == name else column
    return pretty(name)


def output_labels(problem: Problem) -> list[str]:
    """What each of several outputs stands for; empty if there is one output."""
    if problem.architecture.sizes[-1] == 1:
        return []
    target = problem.dataset.target
    return list(target.labels if isinstance(target, Classes) else target.names if isinstance(target, Numbers) else ())


def unit_name(problem: Problem, layer: int, unit: int) -> str:
    """``x₁``, ``hidden 1 neuron 2``, ``output setosa``."""
    if layer == 0:
        return input_name(problem, unit)
    layers = problem.architecture.layers
    name = layer_name(layer, layers)
    if layer < layers:
        return f"{name} neuron {unit + 1}"
    labels = output_labels(problem)
    return f"{name} {labels[unit]}" if labels else name


# --- parameters -----------------------------------------------------------------------------------------------------
def symbol(problem: Problem, index: int) -> str:
    """``w`` or ``b``, as formulas have it; on a landscape ``x`` or ``z``."""
    if isinstance(problem.experiment.data, Landscape):
        return "xz"[index]
    return "b" if problem.architecture.ends_of(index)[1] is None else "w"


def title(problem: Problem, index: int) -> str:
    """``x₁ → hidden 1 neuron 2``, ``bias of output``; just ``w`` or ``b`` if those are all."""
    if problem.architecture.parameters == 2:
        return symbol(problem, index)
    layer, source, target = problem.architecture.ends_of(index)
    end = unit_name(problem, layer + 1, target)
    return f"bias of {end}" if source is None else f"{unit_name(problem, layer, source)} → {end}"


def on_axis(problem: Problem, index: int) -> str:
    """A parameter at an axis: ``weight w``, ``x``; else its title."""
    if problem.architecture.parameters > 2 or isinstance(problem.experiment.data, Landscape):
        return title(problem, index)
    sign = symbol(problem, index)
    return f"{'weight' if sign == 'w' else 'bias'} {sign}"


def axis_names(problem: Problem, choice: PlaneChoice) -> tuple[str, str]:
    """What stands at the two axes of a plane."""
    match choice.kind:
        case "parameters":
            return on_axis(problem, choice.first), on_axis(problem, choice.second)
        case "points":
            one, two, three = (f"{update:,}" for update in choice.updates)
            return f"from update {one} towards {two}", f"across, towards {three}"
        case "principal":
            return "1st principal direction", "2nd principal direction"
        case "random":
            return "1st random direction", "2nd random direction"
        case _:
            assert_never(choice.kind)


# --- where there is little room -------------------------------------------------------------------------------------
_BRIEFLY = (
    (r"hidden (\d+) neuron (\d+)", r"h\1 n\2"),
    (r"(1st|2nd) (?:principal|random) direction", r"\1 direction"),
    (r"(?:from update [\d,]+|across,) towards", "towards"),
)


def brief(name: str) -> str:
    """The name of a parameter or an axis in few letters: ``x₁ → h1 n2``, ``bias of h1 n2``, ``1st direction``."""
    for pattern, short in _BRIEFLY:
        name = re.sub(pattern, short, name)
    return name


def fitted(name: str, room: float, measure: Callable[[str], float]) -> str:
    """A name, or the same in few letters where it has no room; `measure` is the width of a text."""
    return name if measure(name) <= room else brief(name)
