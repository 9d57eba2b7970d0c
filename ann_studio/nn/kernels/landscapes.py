"""Landscapes: the cost of two parameters by a formula, and its exact gradient.

What a network's loss is to `training`, these are under codes from `codes.FIRST_LANDSCAPE` on: ``theta`` is (x, z), and
sample i costs f(theta) + e·theta, where its one input and its one target are the two components of e. The book is
`ann_studio.nn.landscapes`.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import math

from ann_studio.nn.kernels import codes
from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.elementary import exp

_BOWL, _LOCAL_MINIMA, _SADDLE, _ELONGATED = codes.BOWL, codes.LOCAL_MINIMA, codes.SADDLE, codes.ELONGATED
_HILLS, _PLATEAU, _ROSENBROCK, _BEALE = codes.HILLS, codes.PLATEAU, codes.ROSENBROCK, codes.BEALE
_HIMMELBLAU = codes.HIMMELBLAU
_TURN = 2.0 * math.pi


@compiled
def _pit(x, across, x0, across0):
    """e^(−distance²/0.2), where `across` is 1.4 z."""
    return exp(-5.0 * ((x - x0) * (x - x0) + (across - across0) * (across - across0)))


@compiled
def landscape_value(code, x, z):
    """The cost at (x, z)."""
    across = 1.4 * z
    if code == _BOWL:
        return x * x + z * z
    if code == _LOCAL_MINIMA:
        pits = 2.0 * _pit(x, across, 1.0, 0.0) + 6.0 * _pit(x, across, -1.0, 0.0)
        return x * x + across * across - pits
    if code == _SADDLE:
        return math.sin(x) + z * z
    if code == _ELONGATED:
        return 0.25 * x * x + 0.125 * z * z - exp(-0.25 * x * x - 1.25 * z * z)
    if code == _HILLS:
        hills = 2.0 * _pit(x, across, 1.0, 0.0) + 6.0 * _pit(x, across, -1.0, 0.0)
        return x * x + across * across + hills - 2.0 * _pit(x, across, 1.0, -1.0)
    if code == _PLATEAU:
        r = 10.0 * math.hypot(x, z) + 0.01
        return 0.01 * r * r - math.sin(r) / r
    if code == _ROSENBROCK:
        return (1.0 - x) * (1.0 - x) + 100.0 * (z - x * x) * (z - x * x)
    if code == _BEALE:
        first, second, third = 1.5 - x * (1.0 - z), 2.25 - x * (1.0 - z * z), 2.625 - x * (1.0 - z * z * z)
        return first * first + second * second + third * third
    if code == _HIMMELBLAU:
        first, second = x * x + z - 11.0, x + z * z - 7.0
        return first * first + second * second
    return 20.0 + x * x + z * z - 10.0 * (math.cos(_TURN * x) + math.cos(_TURN * z))


@compiled
def landscape_gradient(code, x, z):
    """∂cost/∂x and ∂cost/∂z at (x, z)."""
    across = 1.4 * z
    if code == _BOWL:
        return 2.0 * x, 2.0 * z
    if code == _LOCAL_MINIMA:
        right, left = 20.0 * _pit(x, across, 1.0, 0.0), 60.0 * _pit(x, across, -1.0, 0.0)
        return right * (x - 1.0) + left * (x + 1.0) + 2.0 * x, 1.4 * across * (right + left + 2.0)
    if code == _SADDLE:
        return math.cos(x), 2.0 * z
    if code == _ELONGATED:
        pit = exp(-0.25 * x * x - 1.25 * z * z)
        return 0.5 * x * (1.0 + pit), 0.25 * z * (1.0 + 10.0 * pit)
    if code == _HILLS:
        right, left = 20.0 * _pit(x, across, 1.0, 0.0), 60.0 * _pit(x, across, -1.0, 0.0)
        pit = 20.0 * _pit(x, across, 1.0, -1.0)
        along_x = (pit - right) * (x - 1.0) - left * (x + 1.0) + 2.0 * x
        return along_x, 1.4 * ((2.0 - right - left) * across + pit * (across + 1.0))
    if code == _PLATEAU:
        distance = math.hypot(x, z)
        if distance == 0.0:
            return 0.0, 0.0
        r = 10.0 * distance + 0.01
        slope = 10.0 * ((math.sin(r) - r * math.cos(r)) / (r * r) + 0.02 * r)
        return slope * (x / distance), slope * (z / distance)
    if code == _ROSENBROCK:
        rise = z - x * x
        return -2.0 * (1.0 - x) - 400.0 * x * rise, 200.0 * rise
    if code == _BEALE:
        first, second, third = 1.5 - x * (1.0 - z), 2.25 - x * (1.0 - z * z), 2.625 - x * (1.0 - z * z * z)
        along_x = -2.0 * (first * (1.0 - z) + second * (1.0 - z * z) + third * (1.0 - z * z * z))
        return along_x, 2.0 * x * (first + 2.0 * z * second + 3.0 * z * z * third)
    if code == _HIMMELBLAU:
        first, second = x * x + z - 11.0, x + z * z - 7.0
        return 4.0 * x * first + 2.0 * second, 2.0 * first + 4.0 * z * second
    return 2.0 * x + 10.0 * _TURN * math.sin(_TURN * x), 2.0 * z + 10.0 * _TURN * math.sin(_TURN * z)


@compiled
def mean_landscape(code, theta, x, y):
    """Mean cost over all rows of `x` and `y`: where their offsets add up to nothing, the landscape itself."""
    rows, along_x, along_z = x.shape[0], 0.0, 0.0
    for i in range(rows):
        along_x += x[i, 0]
        along_z += y[i, 0]
    return landscape_value(code, theta[0], theta[1]) + (along_x * theta[0] + along_z * theta[1]) / rows


@compiled
def add_landscape_gradient(code, theta, x, y, order, first, last, grad):
    """Add the sum of the gradients of the samples from `first` to `last` of `order` to `grad`."""
    slope_x, slope_z = landscape_gradient(code, theta[0], theta[1])
    along_x, along_z = 0.0, 0.0
    for position in range(first, last):
        along_x += x[order[position], 0]
        along_z += y[order[position], 0]
    # The offsets first: those of all samples add up to exactly nothing, in any order.
    grad[0] += along_x + (last - first) * slope_x
    grad[1] += along_z + (last - first) * slope_z
