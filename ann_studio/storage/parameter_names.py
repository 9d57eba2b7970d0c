"""What parameters are called on the command line: by the place that they have in an experiment file."""

from __future__ import annotations

from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.nn.architecture import Architecture


class ParameterNameError(ValueError):
    """There is no parameter of that name; the message says which there are."""


def name_of(problem: Problem, position: int) -> str:
    """``w`` and ``b``, or ``x`` and ``z`` of a landscape; of more than two parameters ``weights.0.w.1.2``.

    That is, as in ``initial.weights`` of an experiment file and counted from 0: of the first layer after the input the
    weight from unit 1 to unit 2. ``weights.0.b.2`` is the bias of unit 2.
    """
    architecture = problem.architecture
    if architecture.parameters == 2:
        return ("xz" if isinstance(problem.experiment.data, Landscape) else "wb")[position]
    layer, source, unit = architecture.ends_of(position)
    return f"weights.{layer}.b.{unit}" if source is None else f"weights.{layer}.w.{source}.{unit}"


def position_of(problem: Problem, name: str) -> int:
    """Position in ``theta`` of the parameter that `name_of` calls so, or whose position `name` is.

    Raises
    ------
    ParameterNameError
        If there is none.
    """
    architecture = problem.architecture
    if name.isdecimal() and int(name) < architecture.parameters:
        return int(name)
    if architecture.parameters == 2:
        names = [name_of(problem, 0), name_of(problem, 1)]
        if name in names:
            return names.index(name)
        raise ParameterNameError(f"expected {names[0]}, {names[1]}, 0 or 1")
    match [int(part) if part.isdecimal() else part for part in name.split(".")]:
        case ["weights", int(layer), "w", int(source), int(unit)]:
            if _has(architecture, layer, unit) and source < architecture.sizes[layer]:
                return architecture.weight_index(layer, source, unit)
        case ["weights", int(layer), "b", int(unit)]:
            if _has(architecture, layer, unit):
                return architecture.bias_index(layer, unit)
    last = architecture.parameters - 1
    raise ParameterNameError(
        f"expected a position from 0 to {last:,}, or a name from {name_of(problem, 0)} to {name_of(problem, last)}"
    )


def _has(architecture: Architecture, layer: int, unit: int) -> bool:
    return layer < architecture.layers and unit < architecture.sizes[layer + 1]
