"""What the microscope says: symbols of the neurons, and each step in plain words."""

from __future__ import annotations

from ann_studio.gui.parameters import layer_name, unit_name
from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.views.microscope.rules import MEMORY, show
from ann_studio.learning.experiment import kind_of
from ann_studio.learning.inside import Arriving, Change
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase
from ann_studio.nn.optimizers import OPTIMIZERS

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_ACTIVATIONS = {
    "linear": "nothing", "sigmoid": "the sigmoid", "tanh": "tanh", "relu": "ReLU", "leaky_relu": "leaky ReLU",
    "elu": "ELU", "softplus": "softplus", "softsign": "softsign", "silu": "SiLU", "gelu": "GELU", "sin": "the sine",
    "softmax": "softmax",
}  # fmt: skip


def symbol(problem: Problem, layer: int, unit: int) -> tuple[str, str]:
    """Letter and index of a unit, layer 0 being the input: ``("h", "1")``, ``("h", "2,3")``, ``("o", "")``."""
    layers = problem.architecture.layers
    if layer == 0:
        return "x", str(unit + 1)
    if layer == layers:
        return "o", "" if problem.architecture.sizes[-1] == 1 else str(unit + 1)
    return "h", str(unit + 1) if layers == 2 else f"{layer},{unit + 1}"


def plain(problem: Problem, layer: int, unit: int) -> str:
    """``h₁``, ``h₂,₃``."""
    letter, index = symbol(problem, layer, unit)
    return letter + index.translate(_SUBSCRIPTS)


def tex(problem: Problem, layer: int, unit: int) -> str:
    """``h_{1}``."""
    letter, index = symbol(problem, layer, unit)
    return f"{letter}_{{{index}}}" if index else letter


def called(problem: Problem, point: Point) -> str:
    """What a point is called in full: ``hidden 1 neuron 2``, ``weight from x₁ to hidden 1 neuron 2``."""
    if isinstance(point, WeightPoint):
        source = unit_name(problem, point.layer, point.source)
        return f"weight from {source} to {unit_name(problem, point.layer + 1, point.target)}"
    if isinstance(point, NeuronPoint):
        name = unit_name(problem, point.layer, point.unit)
        return f"input {name}" if point.layer == 0 else name
    return ""


def step_title(problem: Problem, phase: Phase) -> str:
    """``Forward through hidden 1``, ``Cost``, ``Backward through output``, ``Update``."""
    if phase.kind in ("cost", "update"):
        return phase.kind.capitalize()
    return f"{phase.kind.capitalize()} through {layer_name(phase.layer + 1, problem.architecture.layers)}"


def aloud(text: str) -> str:
    """A shown number for a screen reader."""
    return text.replace("−", "minus ").replace("→", "to").replace("δ", "delta").replace("·", " times ")


def capital(text: str) -> str:
    """The first letter large, unless it is the name of an input."""
    return text if text.startswith("x") else text[:1].upper() + text[1:]


def _products(count: int) -> str:
    return "one product" if count == 1 else f"{count:,} products"


def forward_sentence(problem: Problem, focus: tuple[int, int], found: Arriving, a: float) -> str:
    """What a neuron does on the way forward."""
    layer, unit = focus
    name = capital(unit_name(problem, layer + 1, unit))
    activation = problem.architecture.activations[layer]
    adds = f"{name} adds up what arrives: {_products(len(found.products))} and its bias make z = {show(found.total)}"
    if activation == "linear":
        return f"{adds}, and that is its output too."
    if activation == "softmax":
        return f"{adds}; softmax makes it a share of all outputs, {show(a)}."
    return f"{adds}; {_ACTIVATIONS[activation]} turns it into a = {show(a)}."


def cost_sentence(problem: Problem, phase: Phase, unit: int) -> str:
    """How far the outputs are from what they should be."""
    assert phase.targets is not None
    assert phase.loss is not None
    a, y = float(phase.activations[-1][unit]), float(phase.targets[unit])
    name = capital(unit_name(problem, problem.architecture.layers, unit))
    if a == y:
        said = f"{name} is just what it should be"
    else:
        said = f"{name} should be {show(y)} and is {show(a)}: too {'high' if a > y else 'low'} by {show(abs(a - y))}"
    return f"{said}. The cost of this sample is {show(phase.loss)}."


def backward_sentence(problem: Problem, phase: Phase, focus: tuple[int, int]) -> str:
    """What δ of a neuron means."""
    layer, unit = focus
    deltas = phase.deltas[layer]
    assert deltas is not None
    delta, name = float(deltas[unit]), unit_name(problem, layer + 1, unit)
    if delta == 0:
        return f"No error arrives at {name}: its weights will not be moved by this sample."
    more = "more" if delta > 0 else "less"
    if layer == problem.architecture.layers - 1:
        return f"δ says how the cost answers to z: a little more z of {name} makes {more} of it."
    return (
        f"The errors of the layer after it come back through the weights of {name}: a little more z makes {more} cost."
    )


def update_sentence(problem: Problem, found: Change, batch: int, *, bias: bool) -> str:
    """What the update does to a parameter and why."""
    kind = kind_of(problem.experiment.learning.optimizer)
    what = "bias" if bias else "weight"
    if found.held:
        return f"This {what} is held: training leaves it as it is."
    if found.difference == 0:
        return f"This {what} stays as it is."
    way = "falls" if found.difference < 0 else "rises"
    if kind != "sgd":
        return f"{OPTIMIZERS[kind].title}: the {what} {way} by {show(abs(found.difference))}; {MEMORY[kind]}."
    of = "of this sample" if batch == 1 else f"of the {batch:,} samples of the batch"
    if found.shortened < 1:
        return f"The {what} {way}, against its gradient, which was shortened with all others to the allowed length."
    if found.penalty:
        return f"The {what} {way}, against its gradient {of} and what the regulariser adds to it."
    return f"The {what} {way} by {show(abs(found.difference))}, against its gradient {of}, so that the cost falls."
