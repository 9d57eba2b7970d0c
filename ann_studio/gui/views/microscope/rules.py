"""How activations, their slopes, losses and optimisers are written, with numbers filled in where that is possible."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np

from ann_studio.gui.theme import number
from ann_studio.gui.views.microscope.arithmetic import read, yields
from ann_studio.gui.views.microscope.typeset import Box, Frac, Gap, Num, Raised, Tex
from ann_studio.learning.inside import slope_at
from ann_studio.nn.activations import ACTIVATIONS, LEAK

DIGITS, _MOST_DIGITS = 3, 7  #: decimals of a number, and of one whose change is to be seen


@lru_cache(maxsize=8192)
def show(value: float, *, sign: bool = False) -> str:
    """A number as formulas and stage have it: three decimals, more where it is small, at last a power of ten."""
    size, value = abs(value), value + 0.0  # no zero has a sign
    if 0 < size < 0.000995:
        text = f"{value:.{DIGITS - 1}e}"
        return ("+" + text if sign and value > 0 else text).replace("-", "−")
    return number(value, DIGITS + (0 if size >= 0.0995 or size == 0 else 1 if size >= 0.00995 else 2), sign=sign)


def fitting(value: float, room: float, measure: Callable[[str], float], *, sign: bool = False) -> str:
    """The same, with fewer decimals where there is less room, but not so few that they mislead; empty without room."""
    offers = [show(value, sign=sign)]
    offers += [text for text in (number(value, 3, sign=sign), number(value, 2, sign=sign)) if _is_near(text, value)]
    return next((text for text in (*offers, _power(value, sign=sign)) if measure(text) <= room), "")


def _power(value: float, *, sign: bool) -> str:
    """One digit and a power of ten, without needless zeros: ``6e−4``."""
    digit, _, power = f"{value:{'+' if sign and value else ''}.0e}".partition("e")
    return (f"{digit}e{int(power)}" if power and int(power) else digit).replace("-", "−")


def _is_near(text: str, value: float) -> bool:
    """Whether what is written is within a tenth of a value."""
    read_back = float(read(text) or 0)
    return not math.isfinite(value) or abs(read_back - value) <= 0.1 * abs(value)


def changed(old: float, difference: float, new: float) -> tuple[str, str, str]:
    """Old value, Δ and new value with as many decimals as it takes to see the change, and no more than seven."""
    digits = DIGITS
    if difference and math.isfinite(difference):
        digits = min(max(DIGITS, 1 - math.floor(math.log10(abs(difference)))), _MOST_DIGITS)
    return number(old, digits), number(difference, digits), number(new, digits)


def negated(text: str) -> str:
    """A shown number with its sign turned round."""
    return text[1:] if text[:1] == "−" else text if float(read(text) or 0) == 0 else "−" + text


#: a = f(z) in general, as plain text for the head of a card and as TeX.
PLAIN = {
    "linear": "a = z", "sigmoid": "a = σ(z)", "tanh": "a = tanh z", "relu": "a = max(0, z)",
    "leaky_relu": f"a = max({LEAK}·z, z)", "elu": "a = z or eᶻ − 1", "softplus": "a = ln(1 + eᶻ)",
    "softsign": "a = z / (1 + |z|)", "silu": "a = z·σ(z)", "gelu": "a = z·Φ(z)", "sin": "a = sin z",
    "softmax": "a = eᶻ / Σ eᶻ",
}  # fmt: skip
ACTIVATION_TEX = {
    "linear": "a = z", "sigmoid": r"a = \sigma(z) = \frac{1}{1 + e^{-z}}", "tanh": r"a = \tanh z",
    "relu": r"a = \max(0, z)", "leaky_relu": rf"a = \max({LEAK} z, z)",
    "elu": r"a = z \text{ if } z > 0 \text{, else } e^{z} - 1", "softplus": r"a = \ln(1 + e^{z})",
    "softsign": r"a = \frac{z}{1 + |z|}", "silu": r"a = z \sigma(z)", "gelu": r"a = z \Phi(z)", "sin": r"a = \sin z",
    "softmax": r"a_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",
}  # fmt: skip
#: f′(z) as plain text.
SLOPES = {
    "linear": "1", "sigmoid": "a(1 − a)", "tanh": "1 − a²", "relu": "1 if z > 0, else 0",
    "leaky_relu": f"1 if z > 0, else {LEAK}", "elu": "1 if z > 0, else eᶻ", "softplus": "σ(z)",
    "softsign": "1 / (1 + |z|)²", "silu": "σ(z)(1 + z(1 − σ(z)))", "gelu": "Φ(z) + z·φ(z)", "sin": "cos z",
}  # fmt: skip


def activation(name: str, z: str, shown: str, all_z: list[str]) -> tuple[Box, ...]:
    """``σ(0.378) = 1/(1 + e^−0.378) = 0.593``: what follows ``a =``, numbers as shown.

    Parameters
    ----------
    all_z
        The layer's z, where the activation needs them all; empty where they are too many.
    """
    if name == "softmax":
        return _softmax(z, shown, all_z)
    sign = yields(lambda value: float(ACTIVATIONS[name].value(np.array([value]))[0]), [z], shown)
    result: tuple[Box, ...] = (Gap(), Tex(_TEX[sign]), Gap(), Num(shown))
    plain = Num(z)
    wrapped = Num(z, True)
    match name:
        case "linear":
            return (Tex("z"), *result)
        case "sigmoid":
            below: tuple[Box, ...] = (Num("1"), Gap(0.2), Tex("+"), Gap(0.2), Tex("e"), Raised((Num(negated(z)),)))
            return (Tex(r"\sigma("), plain, Tex(")"), Gap(), Tex("="), Gap(), Frac((Num("1"),), below), *result)
        case "tanh" | "sin":
            return (Tex(rf"\{name}("), plain, Tex(")"), *result)
        case "relu":
            return (Tex(r"\max(0,"), Gap(0.2), plain, Tex(")"), *result)
        case "leaky_relu":
            inside = (Num(str(LEAK)), *TIMES, wrapped, Tex(","), Gap(0.2), plain)
            return (Tex(r"\max("), *inside, Tex(")"), *result)
        case "elu":
            if z.startswith("−"):
                return (Tex("e"), Raised((plain,)), Gap(), Tex("-"), Gap(), Num("1"), *result)
            return (Tex("z"), *result)
        case "softplus":
            return (Tex(r"\ln(1+e"), Raised((plain,)), Tex(")"), *result)
        case "softsign":
            return (Frac((plain,), (Tex("1+|"), plain, Tex("|"))), *result)
        case "silu" | "gelu":
            letter = r"\sigma" if name == "silu" else r"\Phi"
            return (plain, *TIMES, Tex(rf"{letter}("), plain, Tex(")"), *result)
        case _:
            raise ValueError(f"no formula for {name}")


def _softmax(z: str, shown: str, all_z: list[str]) -> tuple[Box, ...]:
    if not all_z:
        below: tuple[Box, ...] = (Tex(r"\sum_j e^{z_j}"),)
        sign = "≈"
    else:
        below = ()
        for k, each in enumerate(all_z):
            plus: tuple[Box, ...] = (Gap(0.15), Tex("+"), Gap(0.15)) if k else ()
            below = (*below, *plus, Tex("e"), Raised((Num(each),)))
        sign = yields(lambda own, *all_: float(np.exp(own) / np.exp(all_).sum()), [z, *all_z], shown)
    return (Frac((Tex("e"), Raised((Num(z),))), below), Gap(), Tex(_TEX[sign]), Gap(), Num(shown))


_TEX = {"=": "=", "≈": r"\approx"}
TIMES: tuple[Box, ...] = (Gap(0.14), Tex(r"\cdot"), Gap(0.14))


def equals(sign: str) -> tuple[Box, ...]:
    """``=`` or ``≈`` with its space; a line may be broken before it."""
    return (Gap(breaks=True), Tex(_TEX[sign]), Gap())


@dataclass(frozen=True)
class Slope:
    """f′(z) with numbers.

    Parameters
    ----------
    boxes
        How it is written as a factor.
    value
        What the shown digits come to; None if they are no numbers.
    """

    boxes: tuple[Box, ...]
    value: Decimal | None


def slope(name: str, z: float, a: float) -> Slope:
    """The slope of an activation at z as the factor of a product."""
    shown = show(a)
    value = read(shown)
    if name == "sigmoid":
        boxes: tuple[Box, ...] = (Num(shown), *TIMES, Tex("(1-"), Num(shown), Tex(")"))
        return Slope(boxes, None if value is None else value * (1 - value))
    if name == "tanh":
        return Slope((Tex("(1-"), Num(shown, True), Raised((Num("2"),)), Tex(")")), _one_minus_square(value))
    text = show(slope_at(name, z))
    return Slope((Num(text, True),), read(text))


def _one_minus_square(value: Decimal | None) -> Decimal | None:
    return None if value is None else 1 - value * value


#: The rule of each optimiser but plain descent, as its definition has it.
UPDATE_TEX = {
    "momentum": r"v \leftarrow \mu v + g,\quad \Delta = -\eta v",
    "nesterov": r"v \leftarrow \mu v + g,\quad \Delta = -\eta (g + \mu v)",
    "adagrad": r"s \leftarrow s + g^2,\quad \Delta = -\eta_t \frac{g}{\sqrt{s} + \epsilon}",
    "adadelta": r"\Delta = -\eta \frac{\sqrt{u + \epsilon}}{\sqrt{s + \epsilon}} g",
    "rmsprop": r"s \leftarrow \alpha s + (1-\alpha) g^2,\quad \Delta = -\eta \frac{g}{\sqrt{s} + \epsilon}",
    "adam": r"\Delta = -\eta \frac{\hat{m}}{\sqrt{\hat{v}} + \epsilon}",
    "adamw": r"\Delta = -\eta \lambda w - \eta \frac{\hat{m}}{\sqrt{\hat{v}} + \epsilon}",
    "rprop": r"\Delta = -\text{sign}(g) s",
}
#: What the memory of each of them is, in words.
MEMORY = {
    "momentum": "v, its velocity, remembers earlier gradients",
    "nesterov": "v, its velocity, remembers earlier gradients",
    "adagrad": "s adds up the squares of all gradients so far",
    "adadelta": "s and u remember the squares of gradients and of steps",
    "rmsprop": "s remembers the squares of recent gradients",
    "adam": "m and v remember recent gradients and their squares",
    "adamw": "m and v remember recent gradients and their squares, and weights decay",
    "rprop": "only the sign of the gradient counts; s is this parameter's own step",
}
