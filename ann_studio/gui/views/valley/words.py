"""What the valley view says: its numbers in words. Without any painting."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ann_studio.analysis.slice import Slice
from ann_studio.engine.messages import Sounded
from ann_studio.gui.parameters import on_axis, symbol, title
from ann_studio.gui.theme import number
from ann_studio.learning.experiment import NoRegularizer, kind_of
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import batch_size


def significant(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """A number with so many significant digits, true minus; a dash where there is none."""
    if not math.isfinite(value):
        return number(value, sign=sign)
    if value and not 1e-4 <= abs(value) < 1e5:
        return number(value, digits, sign=sign)
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else digits - 1
    text = f"{value:.{max(0, places)}f}"
    return ("+" + text if sign and value > 0 else text).replace("-", "−")


def derivative(valley: Slice, problem: Problem) -> str:
    """``∂C/∂w``; along the gradient its length."""
    parameter = valley.choice.parameter
    return "|∇C|" if parameter is None else f"∂C/∂{symbol(problem, parameter)}"


def axis(valley: Slice, problem: Problem) -> str:
    """What the positions are."""
    parameter = valley.choice.parameter
    if parameter is None:
        return "distance along the gradient, uphill to the right"
    return on_axis(problem, parameter)


def coordinate(valley: Slice, problem: Problem) -> str:
    """What a position is called in short."""
    parameter = valley.choice.parameter
    return "distance" if parameter is None else symbol(problem, parameter)


def subtitle(sounded: Sounded) -> str:
    """Which line it is, and of which moment: ``cost along w at b = −1.43 · epoch 41``."""
    frame, valley = sounded.sounding.frame, sounded.slice
    problem = frame.problem
    assert problem is not None
    state = frame.snapshots[0].state
    parameter = valley.choice.parameter
    when = f"epoch {state.epoch:,}" if state.position == 0 else f"update {state.update:,}"
    if parameter is None:
        return f"cost along the gradient · {when}"
    if problem.architecture.parameters == 2:
        other = 1 - parameter
        at = f"{symbol(problem, other)} = {number(float(valley.theta[other]), 2)}"
        return f"cost along {symbol(problem, parameter)} at {at} · {when}"
    return f"cost along {title(problem, parameter)}, the others fixed · {when}"


def step_name(problem: Problem) -> str:
    """What −η·slope is to this run: its very next step, or that of plain descent with all samples."""
    learning = problem.experiment.learning
    plain = kind_of(learning.optimizer) == "sgd" and isinstance(learning.regularizer, NoRegularizer)
    if not plain:
        return "plain step"
    return "next step" if batch_size(problem) >= len(problem.train) else "mean step"


@dataclass(frozen=True)
class Line:
    """A number beside the curve, and the mark that it belongs to: tangent, step, parabola or newton."""

    mark: str
    text: str


def first_lines(sounded: Sounded) -> tuple[Line, ...]:
    """The slope and the step."""
    problem, valley = sounded.sounding.frame.problem, sounded.slice
    assert problem is not None
    step = f"{step_name(problem)} −η·slope = {significant(valley.step, sign=True)}"
    return (
        Line("tangent", f"slope {derivative(valley, problem)} = {significant(valley.slope)}"),
        Line("step", step),
    )


def second_lines(sounded: Sounded) -> tuple[Line, ...]:
    """The curvature and Newton's step."""
    valley = sounded.slice
    newton = significant(valley.newton_step, sign=True) if math.isfinite(valley.newton_step) else "none"
    return (
        Line("parabola", f"curvature λ = {significant(valley.curvature)}"),
        Line("newton", f"Newton’s step = {newton}"),
    )


def stability(sounded: Sounded) -> tuple[str, str]:
    """The largest stable learning rate against the present one in one sentence, and its tone."""
    problem, valley = sounded.sounding.frame.problem, sounded.slice
    assert problem is not None
    rate = problem.experiment.learning.optimizer.learning_rate
    eta = f"η {rate:.6g}".replace("-", "−")
    if not math.isfinite(valley.curvature):
        return "The curvature here is no number", "hint"
    if not math.isfinite(valley.stable_rate):
        return "Not a bowl here (λ ≤ 0): along this line no rate is too large yet", "hint"
    limit = f"largest stable rate 2/λ = {significant(valley.stable_rate)}"
    if rate > valley.stable_rate:
        return f"{eta} is too large here: {limit}", "warning"
    return f"{eta} is stable here: {limit}", "good"
