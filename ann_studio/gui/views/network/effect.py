"""What an edit did, in words: pure functions of the frame that tells of it."""

from __future__ import annotations

import math

import numpy as np

from ann_studio.engine.messages import Effect, Figures
from ann_studio.gui.theme import number
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


def figures_words(before: Figures, after: Figures) -> tuple[str, str]:
    """Cost and accuracy without an edit and with it, on what is learned; the second is empty where there is none."""
    accuracy = change_words("accuracy", 100 * before.train_accuracy, 100 * after.train_accuracy, 1, "%")
    return change_words("cost", before.train_loss, after.train_loss, 3), accuracy


def validation_words(before: Figures, after: Figures) -> str:
    """The same of the validation part, in one line; empty if there is none."""
    words = (
        change_words("validation cost", before.validation_loss, after.validation_loss, 3),
        change_words("validation accuracy", 100 * before.validation_accuracy, 100 * after.validation_accuracy, 1, "%"),
    )
    return " · ".join(each for each in words if each)


def to_freeze(effect: Effect, state: State) -> tuple[int, ...]:
    """What has to be frozen so that training goes on around an edit: the values it changed that are not held anyway."""
    if len(effect.theta) != len(state.theta) or not len(effect.indices):
        return ()
    changed = effect.indices[effect.theta[effect.indices] != state.theta[effect.indices]]
    return tuple(np.setdiff1d(changed, state.held).tolist())
