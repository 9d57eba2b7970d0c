"""Landscapes: costs of two parameters (x, z) by a formula, without data and without a network.

The book: value, exact gradient, the part worth seeing and the minima that are known. The engine's are
`ann_studio.nn.kernels.landscapes`. The first six are the program's own; the others are test functions of optimisation
(Rosenbrock 1960, Beale 1958, Himmelblau 1972, Rastrigin 1974).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = tuple[float, float]


@dataclass(frozen=True)
class Landscape:
    """A cost of two parameters.

    Parameters
    ----------
    title
        What the window calls it.
    value
        The cost at ``(x, z)``, arrays of any one shape.
    gradient
        ∂cost/∂x and ∂cost/∂z there.
    extent
        ``(x_min, x_max, z_min, z_max)`` of what is worth seeing.
    start, rate
        Where a descent is worth beginning, and a learning rate with which it gets along.
    minima
        Minima ``(x, z)`` within `extent`, the lowest first; of Rastrigin's many the lowest alone.
    """

    title: str
    value: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], tuple[Array, Array]]
    extent: tuple[float, float, float, float]
    minima: tuple[Point, ...]
    start: Point
    rate: float


def _pit(x: Array, z: Array, at: Point) -> Array:
    """e^(−((x − x₀)² + (Z − Z₀)²)/0.2) with Z = 1.4 z."""
    return np.asarray(np.exp(-((x - at[0]) ** 2 + (1.4 * z - at[1]) ** 2) / 0.2))


def _bowl(x: Array, z: Array) -> Array:
    return x**2 + z**2


def _bowl_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    return 2 * x, 2 * z


def _local_minima(x: Array, z: Array) -> Array:
    right, left = _pit(x, z, (1, 0)), _pit(x, z, (-1, 0))
    return -2 * right - 6 * left + x**2 + (1.4 * z) ** 2


def _local_minima_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    right, left = _pit(x, z, (1, 0)), _pit(x, z, (-1, 0))
    along_x = 20 * right * (x - 1) + 60 * left * (x + 1) + 2 * x
    return along_x, 1.4 * 1.4 * z * (20 * right + 60 * left + 2)


def _saddle(x: Array, z: Array) -> Array:
    return np.asarray(np.sin(x) + z**2)


def _saddle_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    return np.asarray(np.cos(x)), 2 * z


def _elongated(x: Array, z: Array) -> Array:
    return np.asarray(-np.exp(-((x / 2) ** 2 + 5 * (z / 2) ** 2)) + (x / 2) ** 2 + 0.5 * (z / 2) ** 2)


def _elongated_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    pit = np.exp(-((x / 2) ** 2 + 5 * (z / 2) ** 2))
    return np.asarray(x / 2 * (pit + 1)), np.asarray(z / 4 * (10 * pit + 1))


def _hills(x: Array, z: Array) -> Array:
    right, left, pit = _pit(x, z, (1, 0)), _pit(x, z, (-1, 0)), _pit(x, z, (1, -1))
    return 2 * right + 6 * left - 2 * pit + x**2 + (1.4 * z) ** 2


def _hills_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    right, left, pit = _pit(x, z, (1, 0)), _pit(x, z, (-1, 0)), _pit(x, z, (1, -1))
    along_x = (20 * pit - 20 * right) * (x - 1) - 60 * left * (x + 1) + 2 * x
    across = 1.4 * z
    return along_x, 1.4 * ((2 - 20 * right - 60 * left) * across + 20 * pit * (across + 1))


def _plateau(x: Array, z: Array) -> Array:
    r = np.sqrt((10 * x) ** 2 + (10 * z) ** 2) + 0.01
    return np.asarray(-np.sin(r) / r + 0.01 * r**2)


def _plateau_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    distance = np.sqrt((10 * x) ** 2 + (10 * z) ** 2)
    r = distance + 0.01
    slope = (np.sin(r) - r * np.cos(r)) / r**2 + 0.02 * r
    # The lowest point is a kink, as r begins at 0.01: there the gradient is taken to be 0.
    share = 100 * slope / np.where(distance > 0, distance, 1.0)
    return np.asarray(share * x), np.asarray(share * z)


def _rosenbrock(x: Array, z: Array) -> Array:
    return (1 - x) ** 2 + 100 * (z - x**2) ** 2


def _rosenbrock_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    return -2 * (1 - x) - 400 * x * (z - x**2), 200 * (z - x**2)


def _beale(x: Array, z: Array) -> Array:
    return (1.5 - x + x * z) ** 2 + (2.25 - x + x * z**2) ** 2 + (2.625 - x + x * z**3) ** 2


def _beale_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    first, second, third = 1.5 - x + x * z, 2.25 - x + x * z**2, 2.625 - x + x * z**3
    along_x = 2 * first * (z - 1) + 2 * second * (z**2 - 1) + 2 * third * (z**3 - 1)
    return along_x, 2 * x * (first + 2 * z * second + 3 * z**2 * third)


def _himmelblau(x: Array, z: Array) -> Array:
    return (x**2 + z - 11) ** 2 + (x + z**2 - 7) ** 2


def _himmelblau_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    first, second = x**2 + z - 11, x + z**2 - 7
    return 4 * x * first + 2 * second, 2 * first + 4 * z * second


def _rastrigin(x: Array, z: Array) -> Array:
    return np.asarray(20 + x**2 - 10 * np.cos(2 * np.pi * x) + z**2 - 10 * np.cos(2 * np.pi * z))


def _rastrigin_gradient(x: Array, z: Array) -> tuple[Array, Array]:
    turn = 20 * np.pi
    return np.asarray(2 * x + turn * np.sin(2 * np.pi * x)), np.asarray(2 * z + turn * np.sin(2 * np.pi * z))


LANDSCAPES: dict[str, Landscape] = {
    "bowl": Landscape("Global bowl", _bowl, _bowl_gradient, (-2, 2, -2, 2), ((0, 0),), (1.5, 1.5), 0.05),
    "local_minima": Landscape(
        "Local minima",
        _local_minima,
        _local_minima_gradient,
        (-2, 2, -2, 2),
        ((-0.9675774464554597, 0), (0.9053178606008483, 0)),
        (1.5, 1.5),
        0.02,
    ),
    "saddle": Landscape("Saddle", _saddle, _saddle_gradient, (-3, 3, -2, 2), ((-np.pi / 2, 0),), (1.5, 1.5), 0.1),
    "elongated": Landscape(
        "Elongated bowl", _elongated, _elongated_gradient, (-3, 3, -3, 3), ((0, 0),), (2.5, 2.0), 0.3
    ),
    "hills": Landscape(
        "Hills",
        _hills,
        _hills_gradient,
        (-2, 2, -2, 2),
        ((0.9003065222993073, -0.6534011583039486), (0.0415071256995618, -0.0006403776376543055)),
        (1.5, 1.5),
        0.02,
    ),
    "plateau": Landscape("Plateau", _plateau, _plateau_gradient, (-2, 2, -2, 2), ((0, 0),), (1.5, 1.5), 0.01),
    "rosenbrock": Landscape(
        "Rosenbrock's valley", _rosenbrock, _rosenbrock_gradient, (-2, 2, -1, 3), ((1, 1),), (-1.2, 1.0), 0.0005
    ),
    "beale": Landscape(
        "Beale's function", _beale, _beale_gradient, (-4.5, 4.5, -4.5, 4.5), ((3, 0.5),), (1.0, 1.5), 0.01
    ),
    "himmelblau": Landscape(
        "Himmelblau's function",
        _himmelblau,
        _himmelblau_gradient,
        (-5, 5, -5, 5),
        (
            (3, 2),
            (3.5844283403304917, -1.8481265269644036),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.2831859912861696),
        ),
        (0.0, 0.0),
        0.005,
    ),
    "rastrigin": Landscape(
        "Rastrigin's function",
        _rastrigin,
        _rastrigin_gradient,
        (-5.12, 5.12, -5.12, 5.12),
        ((0, 0),),
        (3.3, 2.6),
        0.0005,
    ),
}
