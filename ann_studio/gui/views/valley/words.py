"""What the valley view says: its numbers in words. Without any painting."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ann_studio.analysis.slice import Slice
from ann_studio.engine.messages import Sounded
from ann_studio.gui.parameters import on_axis, symbol, title
from ann_studio.gui.scales import significant
from ann_studio.gui.theme import number
from ann_studio.learning.experiment import NoRegularizer, kind_of
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import batch_size


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


def caption(sounded: Sounded) -> str:
    """What stands at the axis where the card is too narrow for `subtitle`: ``weight w at b = −1.43 · epoch 41``."""
    valley, problem = sounded.slice, sounded.sounding.frame.problem
    assert problem is not None
    line = "distance uphill" if valley.choice.parameter is None else axis(valley, problem)
    other = _other(sounded)
    return f"{line} at {other} · {_when(sounded)}" if other else f"{line} · {_when(sounded)}"


def coordinate(valley: Slice, problem: Problem) -> str:
    """What a position is called in short."""
    parameter = valley.choice.parameter
    return "distance" if parameter is None else symbol(problem, parameter)


def subtitle(sounded: Sounded) -> str:
    """Which line it is, and of which moment: ``cost along w at b = −1.43 · epoch 41``."""
    problem, parameter, when = sounded.sounding.frame.problem, sounded.slice.choice.parameter, _when(sounded)
    assert problem is not None
    if parameter is None:
        return f"cost along the gradient · {when}"
    if other := _other(sounded):
        return f"cost along {symbol(problem, parameter)} at {other} · {when}"
    return f"cost along {title(problem, parameter)}, the others fixed · {when}"


def _other(sounded: Sounded) -> str:
    """Where the second of two parameters is fixed; empty if there are more, or both change."""
    valley, problem = sounded.slice, sounded.sounding.frame.problem
    assert problem is not None
    parameter = valley.choice.parameter
    if parameter is None or problem.architecture.parameters != 2:
        return ""
    other = 1 - parameter
    return f"{symbol(problem, other)} = {number(float(valley.theta[other]), 2)}"


def _when(sounded: Sounded) -> str:
    state = sounded.sounding.frame.snapshots[0].state
    return f"epoch {state.epoch:,}" if state.position == 0 else f"update {state.update:,}"


def step_name(problem: Problem) -> str:
    """What −η·slope is to this run: its very next step, or that of plain descent with all samples."""
    learning = problem.experiment.learning
    plain = kind_of(learning.optimizer) == "sgd" and isinstance(learning.regularizer, NoRegularizer)
    if not plain or learning.clip_norm is not None:
        return "plain step"
    return "next step" if batch_size(problem) >= len(problem.train) else "mean step"


@dataclass(frozen=True)
class Line:
    """A number beside the curve, and the mark that it belongs to: tangent, step, parabola, newton, or a tone."""

    mark: str
    text: str


def first_lines(sounded: Sounded, *, short: bool = False) -> tuple[Line, ...]:
    """The slope and the step; in short, symbols and names alone."""
    problem, valley = sounded.sounding.frame.problem, sounded.slice
    assert problem is not None
    slope, step = derivative(valley, problem), "step"
    if not short:
        slope, step = f"slope {slope}", f"{step_name(problem)} −η·slope ="
    return (
        Line("tangent", f"{slope} = {significant(valley.slope)}"),
        Line("step", f"{step} {significant(valley.step, sign=True)}"),
    )


def second_lines(sounded: Sounded, *, short: bool = False) -> tuple[Line, ...]:
    """The curvature and Newton's step; in short, symbols and names alone."""
    valley = sounded.slice
    newton = significant(valley.newton_step, sign=True) if math.isfinite(valley.newton_step) else "none"
    return (
        Line("parabola", f"{'' if short else 'curvature '}λ = {significant(valley.curvature)}"),
        Line("newton", f"{'Newton' if short else 'Newton’s step ='} {newton}"),
    )


def stability(sounded: Sounded) -> tuple[str, str, str]:
    """The largest stable learning rate against the present one in one sentence, its tone, and a shorter sentence.

    Along one line: a rate that is too large there is so altogether, but across it the cost may be curved more.
    """
    valley, eta, _ = _rates(sounded)
    if not math.isfinite(valley.curvature):
        return "The curvature here is no number", "hint", ""
    if not math.isfinite(valley.stable_rate):
        return "No bowl along this line (λ ≤ 0): it sets no limit to the rate", "hint", "λ ≤ 0: this line sets no limit"
    # The equation is not broken between two lines.
    limit = f"2/\u2060λ\u00a0=\u00a0{significant(valley.stable_rate)}"
    if _is_too_large(sounded):
        return f"{eta} is too large here: largest stable rate {limit}", "warning", f"{eta} is too large: {limit}"
    return f"{eta} is stable along this line: largest rate {limit}", "good", f"{eta} is stable along it: {limit}"


def limit_lines(sounded: Sounded) -> tuple[Line, ...]:
    """The same as a line among the numbers: ``2/λ = 0.42 < η 4``; none where there is no curvature."""
    valley, eta, limit = _rates(sounded)
    if not math.isfinite(valley.curvature):
        return ()
    if not math.isfinite(valley.stable_rate):
        return (Line("hint", "λ ≤ 0: no limit to η"),)
    if _is_too_large(sounded):
        return (Line("warning", f"{limit} < {eta}"),)
    return (Line("good", f"{limit} ≥ {eta}"),)


def _rates(sounded: Sounded) -> tuple[Slice, str, str]:
    """The slice, the present rate, and the largest stable one."""
    problem, valley = sounded.sounding.frame.problem, sounded.slice
    assert problem is not None
    rate = problem.experiment.learning.optimizer.learning_rate
    return valley, f"η {rate:.6g}".replace("-", "−"), f"2/λ = {significant(valley.stable_rate)}"


def _is_too_large(sounded: Sounded) -> bool:
    problem = sounded.sounding.frame.problem
    assert problem is not None
    return problem.experiment.learning.optimizer.learning_rate > sounded.slice.stable_rate
