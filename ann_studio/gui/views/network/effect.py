"""What an edit did, in words: pure functions of the frame that tells of it."""

from __future__ import annotations

import math

import numpy as np

from ann_studio.engine.messages import Effect, Figures
from ann_studio.gui.parameters import title
from ann_studio.gui.theme import number
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State


def change_words(name: str, before: float, after: float, digits: int, unit: str = "") -> str:
    """``cost 0.132 → 0.187 (+0.055)``; with ≈ where the shown numbers do not add up; empty if one is not known."""
    if math.isnan(before) and math.isnan(after):
        return ""
    first, second = number(before, digits), number(after, digits)
    end = f" {unit}" if unit else ""
    if not (math.isfinite(before) and math.isfinite(after)):
        return f"{name} {first}{end} → {second}{end}"
    if first == second:
        return f"{name} {first}{end}, as before" if before == after else f"{name} {first}{end}, almost as before"
    shown = round(round(after, digits) - round(before, digits), digits)
    about = "" if shown == round(after - before, digits) else "≈ "
    return f"{name} {first}{end} → {second}{end} ({about}{number(after - before, digits, sign=True)})"


def headline(effect: Effect, problem: Problem, state: State) -> str:
    """What was done: of a single value which one, and from what to what."""
    if len(effect.indices) != 1:
        return effect.label
    index = int(effect.indices[0])
    name, before, after = title(problem, index), float(effect.theta[index]), float(state.theta[index])
    if index in state.pruned:
        return f"{effect.label}: {name}, was {number(before)}"
    return f"{name}: {number(before)} → {number(after)}" if before != after else f"{effect.label}: {name}"


def figures_words(before: Figures, after: Figures) -> str:
    """Cost and accuracy without an edit and with it, on what is learned."""
    return _joined(before.train_loss, after.train_loss, before.train_accuracy, after.train_accuracy, "")


def validation_words(before: Figures, after: Figures) -> str:
    """The same of the validation part; empty if there is none."""
    accuracies = before.validation_accuracy, after.validation_accuracy
    return _joined(before.validation_loss, after.validation_loss, *accuracies, "validation ")


def _joined(cost: float, cost_after: float, accuracy: float, accuracy_after: float, part: str) -> str:
    words = (
        change_words(f"{part}cost", cost, cost_after, 3),
        change_words(f"{part}accuracy", 100 * accuracy, 100 * accuracy_after, 1, "%"),
    )
    return " · ".join(each for each in words if each)


def to_freeze(effect: Effect, state: State) -> tuple[int, ...]:
    """What has to be frozen so that training goes on around an edit: the values it changed that are not held anyway."""
    if len(effect.theta) != len(state.theta) or not len(effect.indices):
        return ()
    changed = effect.indices[effect.theta[effect.indices] != state.theta[effect.indices]]
    return tuple(np.setdiff1d(changed, state.held).tolist())
