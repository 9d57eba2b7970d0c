"""The activation functions as float64 operators of ONNX.

ONNX Runtime computes Elu, LeakyRelu, Softplus, Softsign and Erf in float32 only, so these are composed of operators
that it computes in float64. Nothing overflows, and NaN stays NaN, however large the pre-activation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

from ann_studio.nn.activations import LEAK
from ann_studio.storage.exports.graph import Graph

#: (graph, name of the pre-activations, name for the result) → name of the activations.
Composition = Callable[[Graph, str, str], str]

# Rational approximations of erf for |x| ≤ 0.46875 and of erfc · exp(x²) above, highest power first:
# W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), as in SPECFUN's CALERF.
_ERF_P = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
          3.20937758913846947e3)  # fmt: skip
_ERF_Q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_ERFC_P = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
           2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
           1.23033935479799725e3)  # fmt: skip
_ERFC_Q = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
           3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)  # fmt: skip
_ERF_SPLIT = 0.46875
_ERF_ONE = 6.0  #: erf differs from 1 by less than half an ulp from 5.93 on


def _linear(graph: Graph, z: str, name: str) -> str:
    return z


def _operator(operator: str) -> Composition:
    return lambda graph, z, name: graph.add(operator, z, name=name)


def _relu(graph: Graph, z: str, name: str) -> str:
    return graph.add("Where", graph.add("LessOrEqual", z, 0.0, name=f"{name}/off"), 0.0, z, name=name)


def _leaky_relu(graph: Graph, z: str, name: str) -> str:
    leak = graph.add("Mul", z, LEAK, name=f"{name}/leak")
    return graph.add("Where", graph.add("Greater", z, 0.0, name=f"{name}/on"), z, leak, name=name)


def _exp_of_minus_abs(graph: Graph, z: str, name: str) -> str:
    minus = graph.add("Neg", graph.add("Abs", z, name=f"{name}/abs"), name=f"{name}/minus abs")
    return graph.add("Exp", minus, name=f"{name}/exp")


def _sigmoid(graph: Graph, z: str, name: str) -> str:
    e = _exp_of_minus_abs(graph, z, name)
    above = graph.add("GreaterOrEqual", z, 0.0, name=f"{name}/above zero")
    numerator = graph.add("Where", above, 1.0, e, name=f"{name}/numerator")
    return graph.add("Div", numerator, graph.add("Add", e, 1.0, name=f"{name}/denominator"), name=name)


def _softplus(graph: Graph, z: str, name: str) -> str:
    """Add max(z, 0) + log1p(e), e = exp(−|z|), where log1p(e) = log(u) · e / (u − 1), u = 1 + e as rounded (Kahan)."""
    e = _exp_of_minus_abs(graph, z, name)
    u = graph.add("Add", e, 1.0, name=f"{name}/u")
    grown = graph.add("Sub", u, 1.0, name=f"{name}/u minus 1")
    lost = graph.add("Equal", grown, 0.0, name=f"{name}/e is tiny")
    divisor = graph.add("Where", lost, 1.0, grown, name=f"{name}/divisor")
    ratio = graph.add("Div", e, divisor, name=f"{name}/ratio")
    product = graph.add("Mul", graph.add("Log", u, name=f"{name}/log"), ratio, name=f"{name}/product")
    log1p = graph.add("Where", lost, e, product, name=f"{name}/log1p")
    above = graph.add("Greater", z, 0.0, name=f"{name}/above zero")
    return graph.add("Add", graph.add("Where", above, z, 0.0, name=f"{name}/positive part"), log1p, name=name)


def _elu(graph: Graph, z: str, name: str) -> str:
    """Add z, or expm1(z) = 2t / (1 − t) with t = tanh(z/2), where nothing cancels as t ≤ 0."""
    above = graph.add("Greater", z, 0.0, name=f"{name}/above zero")
    negative = graph.add("Where", above, 0.0, z, name=f"{name}/negative part")
    t = graph.add("Tanh", graph.add("Mul", negative, 0.5, name=f"{name}/half"), name=f"{name}/tanh")
    numerator = graph.add("Add", t, t, name=f"{name}/numerator")
    denominator = graph.add("Sub", 1.0, t, name=f"{name}/denominator")
    expm1 = graph.add("Div", numerator, denominator, name=f"{name}/expm1")
    return graph.add("Where", above, z, expm1, name=name)


def _softsign(graph: Graph, z: str, name: str) -> str:
    size = graph.add("Abs", z, name=f"{name}/abs")
    return graph.add("Div", z, graph.add("Add", size, 1.0, name=f"{name}/denominator"), name=name)


def _silu(graph: Graph, z: str, name: str) -> str:
    return graph.add("Mul", z, _sigmoid(graph, z, f"{name}/sigmoid"), name=name)


def _gelu(graph: Graph, z: str, name: str) -> str:
    erf = _erf(graph, graph.add("Div", z, sqrt(2.0), name=f"{name}/x"), f"{name}/erf")
    twice = graph.add("Add", erf, 1.0, name=f"{name}/twice normal cdf")
    return graph.add("Mul", z, graph.add("Mul", twice, 0.5, name=f"{name}/normal cdf"), name=name)


def _erf(graph: Graph, x: str, name: str) -> str:
    size = graph.add("Abs", x, name=f"{name}/abs")
    central = graph.add("LessOrEqual", size, _ERF_SPLIT, name=f"{name}/central")
    # Each branch is computed everywhere, so each is given an argument that it can bear.
    inner = graph.add("Where", central, x, 0.0, name=f"{name}/inner x")
    square = graph.add("Mul", inner, inner, name=f"{name}/inner square")
    ratio = _ratio(graph, square, _ERF_P, _ERF_Q, f"{name}/inner")
    inside = graph.add("Mul", inner, ratio, name=f"{name}/inside")
    far = graph.add("Greater", size, _ERF_ONE, name=f"{name}/far")
    outer = graph.add("Where", far, _ERF_ONE, size, name=f"{name}/outer x")
    minus = graph.add("Neg", graph.add("Mul", outer, outer, name=f"{name}/outer square"), name=f"{name}/minus square")
    ratio = _ratio(graph, outer, _ERFC_P, _ERFC_Q, f"{name}/outer")
    erfc = graph.add("Mul", graph.add("Exp", minus, name=f"{name}/exp"), ratio, name=f"{name}/erfc")
    sign = graph.add("Sign", x, name=f"{name}/sign")
    outside = graph.add("Mul", sign, graph.add("Sub", 1.0, erfc, name=f"{name}/1 minus erfc"), name=f"{name}/outside")
    return graph.add("Where", central, inside, outside, name=name)


def _ratio(graph: Graph, x: str, above: Sequence[float], below: Sequence[float], name: str) -> str:
    p = _polynomial(graph, x, above, f"{name}/numerator")
    return graph.add("Div", p, _polynomial(graph, x, below, f"{name}/denominator"), name=f"{name}/ratio")


def _polynomial(graph: Graph, x: str, coefficients: Sequence[float], name: str) -> str:
    """Horner's rule, highest power first."""
    first, second, *others = coefficients
    leading = x if first == 1.0 else graph.add("Mul", x, first, name=f"{name}/times x")
    value = graph.add("Add", leading, second, name=name)
    for coefficient in others:
        value = graph.add("Mul", value, x, name=f"{name}/times x")
        value = graph.add("Add", value, coefficient, name=name)
    return value


#: The same keys as `ann_studio.nn.activations.ACTIVATIONS`, and softmax.
COMPOSITIONS: dict[str, Composition] = {
    "linear": _linear,
    "sigmoid": _sigmoid,
    "tanh": _operator("Tanh"),
    "relu": _relu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "softplus": _softplus,
    "softsign": _softsign,
    "silu": _silu,
    "gelu": _gelu,
    "sin": _operator("Sin"),
    "softmax": lambda graph, z, name: graph.add("Softmax", z, name=name, axis=-1),
}
