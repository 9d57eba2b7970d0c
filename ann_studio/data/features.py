"""Features: what the network is shown, made from the raw inputs ``x1, x2, …``.

A feature is named by its formula, so that an experiment file can be read: ``x1``, ``x1^2``, ``x1*x2``, ``sin(x2)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

#: The extra features that the window offers for two inputs, after x1 and x2 themselves.
EXTRA = ("x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")

_N = "[0-9]{1,9}"
_FORM = re.compile(rf"x(?P<plain>{_N})|x(?P<square>{_N})\^2|x(?P<left>{_N})\*x(?P<right>{_N})|sin\(x(?P<sine>{_N})\)")


def parse(name: str, width: int) -> tuple[str, tuple[int, ...]]:
    """Split a feature name into its kind and the 0-based raw columns that it uses.

    Returns
    -------
    tuple
        ``("plain" | "square" | "product" | "sine", columns)``.

    Raises
    ------
    ValueError
        If the name is no feature or asks for a column that is not there.
    """
    match = _FORM.fullmatch(name.replace(" ", ""))
    if match is None:
        raise ValueError(f"unknown feature {name!r}; write x1, x1^2, x1*x2 or sin(x1)")
    found = {kind: int(text) for kind, text in match.groupdict().items() if text is not None}
    for number in found.values():
        if not 1 <= number <= width:
            raise ValueError(f"feature {name!r} asks for input {number} of {width}")
    if "left" in found:
        return "product", (found["left"] - 1, found["right"] - 1)
    kind, number = next(iter(found.items()))
    return kind, (number - 1,)


def expand(inputs: Matrix, features: Sequence[str]) -> Matrix:
    """Compute `features` of the raw `inputs`; shape ``(rows, len(features))``, infinite where one is too large."""
    result = np.empty((inputs.shape[0], len(features)))
    with np.errstate(over="ignore", invalid="ignore"):
        for position, name in enumerate(features):
            result[:, position] = _compute(inputs, *parse(name, inputs.shape[1]))
    return result


def _compute(inputs: Matrix, kind: str, columns: tuple[int, ...]) -> NDArray[np.float64]:
    first = inputs[:, columns[0]]
    match kind:
        case "plain":
            return first
        case "square":
            return np.asarray(first * first)
        case "sine":
            return np.asarray(np.sin(first))
        case _:
            return np.asarray(first * inputs[:, columns[1]])


def pretty(name: str) -> str:
    """The feature name as a person writes it: ``x₁²``, ``x₁·x₂``, ``sin x₁``."""
    subscripts = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    name = re.sub(r"x(\d+)", lambda found: "x" + found[1].translate(subscripts), name)
    return re.sub(r"sin\((.*)\)", r"sin \1", name).replace("^2", "²").replace("*", "·")
