"""Activation functions and their slopes, as the book states them.

Each is a pair of functions of the pre-activation ``z``. Softmax couples the units of a layer and is handled by name in
`ann_studio.nn.backprop`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

LEAK = 0.01  #: slope of leaky_relu below zero (PyTorch's default)

_erf = np.frompyfunc(erf, 1, 1)


@dataclass(frozen=True)
class Activation:
    """An activation function.

    Parameters
    ----------
    value
        a = f(z), elementwise.
    slope
        f′(z), elementwise. At a kink the slope of the right-hand side at relu and leaky_relu is not used: it is 0 at
        z = 0 for relu, `LEAK` for leaky_relu, as in PyTorch.
    low, high
        Greatest lower and least upper bound of f, for colour scales; infinite where unbounded.
    """

    value: Function
    slope: Function
    low: float
    high: float


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _softplus(z: Array) -> Array:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _normal_cdf(z: Array) -> Array:
    return 0.5 * (1.0 + np.asarray(_erf(z / sqrt(2.0)), dtype=np.float64))


def _normal_pdf(z: Array) -> Array:
    return np.exp(-0.5 * z * z) / sqrt(2.0 * pi)


def _sigmoid_slope(z: Array) -> Array:
    a = _sigmoid(z)
    return a * (1.0 - a)


def _tanh_slope(z: Array) -> Array:
    a = np.tanh(z)
    return 1.0 - a * a


def _silu_slope(z: Array) -> Array:
    s = _sigmoid(z)
    return s * (1.0 + z * (1.0 - s))


def softmax(z: Array) -> Array:
    """Rows of ``exp(z) / Σ exp(z)``, shifted by the row's greatest entry so that nothing overflows."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


_INF = float("inf")

ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(lambda z: z.copy(), np.ones_like, -_INF, _INF),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope, 0.0, 1.0),
    "tanh": Activation(np.tanh, _tanh_slope, -1.0, 1.0),
    "relu": Activation(lambda z: np.maximum(z, 0.0), lambda z: np.where(z > 0, 1.0, 0.0), 0.0, _INF),
    "leaky_relu": Activation(lambda z: np.where(z > 0, z, LEAK * z), lambda z: np.where(z > 0, 1.0, LEAK), -_INF, _INF),
    # Clevert et al. 2016 with alpha = 1
    "elu": Activation(
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
        lambda z: np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0))),
        -1.0,
        _INF,
    ),
    "softplus": Activation(_softplus, _sigmoid, 0.0, _INF),
    "softsign": Activation(lambda z: z / (1.0 + np.abs(z)), lambda z: 1.0 / (1.0 + np.abs(z)) ** 2, -1.0, 1.0),
    # Elfwing et al. 2018: z · sigmoid(z)
    "silu": Activation(lambda z: z * _sigmoid(z), _silu_slope, -0.2785, _INF),
    # Hendrycks & Gimpel 2016, the exact form: z · Φ(z)
    "gelu": Activation(lambda z: z * _normal_cdf(z), lambda z: _normal_cdf(z) + z * _normal_pdf(z), -0.17, _INF),
    "sin": Activation(np.sin, np.cos, -1.0, 1.0),
}
