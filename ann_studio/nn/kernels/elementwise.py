"""Activations, losses and their slopes, for a tile of samples.

A tile holds `n` samples side by side: unit j of sample s lies at ``j * n + s`` of its layer. A single sample is a tile
with n = 1. `z`, `a` and `delta` hold all layers end to end; `at` is where the layer begins. All are pointers.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import math

from ann_studio.nn.activations import LEAK
from ann_studio.nn.kernels import codes
from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.elementary import exp, expm1_below_0, log1p_up_to_1, log_from_1, sigmoid, tanh
from ann_studio.nn.kernels.lanes import get, put

_INV_SQRT_2 = 1.0 / math.sqrt(2.0)
_INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)
_LINEAR, _SIGMOID, _TANH, _RELU, _LEAKY = codes.LINEAR, codes.SIGMOID, codes.TANH, codes.RELU, codes.LEAKY
_ELU, _SOFTPLUS, _SOFTSIGN, _SILU = codes.ELU, codes.SOFTPLUS, codes.SOFTSIGN, codes.SILU
_GELU, _SIN, _SOFTMAX = codes.GELU, codes.SIN, codes.SOFTMAX
_MSE, _MAE, _HUBER = codes.MSE, codes.MAE, codes.HUBER
_BCE, _CE = codes.BINARY_CROSS_ENTROPY, codes.CROSS_ENTROPY


@compiled
def activate(z, a, at, units, n, code, row):
    """Activate: a = f(z) for one layer.

    Parameters
    ----------
    row
        Scratch of at least `n` numbers.
    """
    end = at + units * n
    if code == _TANH:
        for i in range(at, end):
            put(a, i, tanh(get(z, i)))
    elif code == _RELU:
        for i in range(at, end):
            # written so that NaN stays NaN
            x = get(z, i)
            put(a, i, 0.0 if x <= 0.0 else x)
    elif code == _LINEAR:
        for i in range(at, end):
            put(a, i, get(z, i))
    elif code == _SIGMOID:
        for i in range(at, end):
            put(a, i, sigmoid(get(z, i)))
    elif code == _LEAKY:
        for i in range(at, end):
            x = get(z, i)
            put(a, i, x if x > 0.0 else LEAK * x)
    elif code == _ELU:
        for i in range(at, end):
            x = get(z, i)
            put(a, i, x if x > 0.0 else expm1_below_0(x))
    elif code == _SOFTPLUS:
        for i in range(at, end):
            x = get(z, i)
            put(a, i, (x if x > 0.0 else 0.0) + log1p_up_to_1(exp(-abs(x))))
    elif code == _SOFTSIGN:
        for i in range(at, end):
            x = get(z, i)
            put(a, i, x / (1.0 + abs(x)))
    elif code == _SILU:
        for i in range(at, end):
            x = get(z, i)
            put(a, i, x * sigmoid(x))
    elif code == _GELU:
        for i in range(at, end):
            x = get(z, i)
            put(a, i, x * 0.5 * (1.0 + math.erf(x * _INV_SQRT_2)))
    elif code == _SIN:
        for i in range(at, end):
            put(a, i, math.sin(get(z, i)))
    elif n == 1:
        _softmax(z, a, at, units)
    else:
        _softmax_tile(z, a, at, units, n, row)


@compiled
def _softmax(z, a, at, units):
    """Softmax of one sample."""
    greatest, total = get(z, at), 0.0
    for i in range(at + 1, at + units):
        greatest = get(z, i) if get(z, i) > greatest else greatest
    for i in range(at, at + units):
        put(a, i, exp(get(z, i) - greatest))
    for i in range(at, at + units):
        total += get(a, i)
    for i in range(at, at + units):
        put(a, i, get(a, i) / total)


@compiled
def _softmax_tile(z, a, at, units, n, row):
    """Softmax of each of `n` samples."""
    end = at + units * n
    for s in range(n):
        put(row, s, get(z, at + s))
    for start in range(at + n, end, n):
        for s in range(n):
            put(row, s, get(z, start + s) if get(z, start + s) > get(row, s) else get(row, s))
    for start in range(at, end, n):
        for s in range(n):
            put(a, start + s, exp(get(z, start + s) - get(row, s)))
    for s in range(n):
        put(row, s, 0.0)
    for start in range(at, end, n):
        for s in range(n):
            put(row, s, get(row, s) + get(a, start + s))
    for start in range(at, end, n):
        for s in range(n):
            put(a, start + s, get(a, start + s) / get(row, s))


@compiled
def times_slope(delta, z, a, at, units, n, code):
    """δ ← δ · f′(z) for one layer; softmax is treated by `output_delta`."""
    end = at + units * n
    if code == _TANH:
        for i in range(at, end):
            f = get(a, i)
            put(delta, i, get(delta, i) * (1.0 - f * f))
    elif code == _RELU:
        for i in range(at, end):
            put(delta, i, 0.0 if get(z, i) <= 0.0 else get(delta, i))
    elif code == _SIGMOID:
        for i in range(at, end):
            f = get(a, i)
            put(delta, i, get(delta, i) * (f * (1.0 - f)))
    elif code == _LEAKY:
        for i in range(at, end):
            put(delta, i, get(delta, i) * (LEAK if get(z, i) <= 0.0 else 1.0))
    elif code == _ELU:
        for i in range(at, end):
            x = get(z, i)
            put(delta, i, get(delta, i) * (exp(x) if x <= 0.0 else 1.0))
    elif code == _SOFTPLUS:
        for i in range(at, end):
            put(delta, i, get(delta, i) * sigmoid(get(z, i)))
    elif code == _SOFTSIGN:
        for i in range(at, end):
            x = get(z, i)
            put(delta, i, get(delta, i) / ((1.0 + abs(x)) * (1.0 + abs(x))))
    elif code == _SILU:
        for i in range(at, end):
            x = get(z, i)
            s = sigmoid(x)
            put(delta, i, get(delta, i) * (s * (1.0 + x * (1.0 - s))))
    elif code == _GELU:
        for i in range(at, end):
            x = get(z, i)
            cdf = 0.5 * (1.0 + math.erf(x * _INV_SQRT_2))
            put(delta, i, get(delta, i) * (cdf + x * exp(-0.5 * x * x) * _INV_SQRT_2PI))
    elif code == _SIN:
        for i in range(at, end):
            put(delta, i, get(delta, i) * math.cos(get(z, i)))


@compiled
def output_delta(z, a, y, delta, at, units, n, loss, code, row):
    """δ = ∂loss/∂z of the output layer.

    Parameters
    ----------
    y
        Targets, laid out like the layer.
    row
        Scratch of at least `n` numbers.
    """
    count = units * n
    if loss == _BCE:
        for i in range(count):
            put(delta, at + i, get(a, at + i) - get(y, i))
        return
    if loss == _CE:
        if n == 1:
            total = 0.0
            for i in range(count):
                total += get(y, i)
            for i in range(count):
                put(delta, at + i, total * get(a, at + i) - get(y, i))
        else:
            _weigh_by_targets(a, y, delta, at, count, n, row)
        return
    if loss == _MSE:
        for i in range(count):
            put(delta, at + i, get(a, at + i) - get(y, i))
    elif loss == _MAE:
        for i in range(count):
            e = get(a, at + i) - get(y, i)
            # e is kept where it is 0 or NaN
            put(delta, at + i, 1.0 if e > 0.0 else (-1.0 if e < 0.0 else e))
    else:
        for i in range(count):
            e = get(a, at + i) - get(y, i)
            put(delta, at + i, 1.0 if e > 1.0 else (-1.0 if e < -1.0 else e))
    if code == _SOFTMAX:
        _through_softmax(a, delta, at, count, n, row)
    else:
        times_slope(delta, z, a, at, units, n, code)


@compiled
def _weigh_by_targets(a, y, delta, at, count, n, row):
    """δ = a Σy − y: soft targets need not add up to 1."""
    for s in range(n):
        put(row, s, 0.0)
    for start in range(0, count, n):
        for s in range(n):
            put(row, s, get(row, s) + get(y, start + s))
    for start in range(0, count, n):
        for s in range(n):
            put(delta, at + start + s, get(row, s) * get(a, at + start + s) - get(y, start + s))


@compiled
def _through_softmax(a, delta, at, count, n, row):
    """From ∂loss/∂a to ∂loss/∂z: a (δ − Σ δ a)."""
    for s in range(n):
        put(row, s, 0.0)
    for start in range(at, at + count, n):
        for s in range(n):
            put(row, s, get(row, s) + get(delta, start + s) * get(a, start + s))
    for start in range(at, at + count, n):
        for s in range(n):
            put(delta, start + s, get(a, start + s) * (get(delta, start + s) - get(row, s)))


@compiled
def tile_loss(z, a, y, at, units, n, count, loss, row):
    """Sum of the losses, each a sum over outputs, of the first `count` samples of a tile.

    Parameters
    ----------
    row
        Scratch of at least ``3 * n`` numbers.
    """
    for s in range(n):
        put(row, s, 0.0)
    if loss == _CE:
        _add_cross_entropy(z, y, at, units, n, row)
    for start in range(0, units * n, n):
        if loss == _MSE:
            for s in range(n):
                e = get(a, at + start + s) - get(y, start + s)
                put(row, s, get(row, s) + 0.5 * e * e)
        elif loss == _MAE:
            for s in range(n):
                put(row, s, get(row, s) + abs(get(a, at + start + s) - get(y, start + s)))
        elif loss == _HUBER:
            for s in range(n):
                e = abs(get(a, at + start + s) - get(y, start + s))
                put(row, s, get(row, s) + (0.5 * e * e if e < 1.0 else e - 0.5))
        elif loss == _BCE:
            for s in range(n):
                x = get(z, at + start + s)
                above = 0.0 if x <= 0.0 else x
                put(row, s, get(row, s) + (above - x * get(y, start + s) + log1p_up_to_1(exp(-abs(x)))))
    total = 0.0
    for s in range(count):
        total += get(row, s)
    return total


@compiled
def _add_cross_entropy(z, y, at, units, n, row):
    """Add −Σ y log softmax(z) of each sample; a class without target adds nothing, whatever its z."""
    greatest, logs = n, 2 * n
    for s in range(n):
        put(row, greatest + s, get(z, at + s))
        put(row, logs + s, 0.0)
    for start in range(at + n, at + units * n, n):
        for s in range(n):
            x, most = get(z, start + s), get(row, greatest + s)
            put(row, greatest + s, x if x > most else most)
    for start in range(at, at + units * n, n):
        for s in range(n):
            put(row, logs + s, get(row, logs + s) + exp(get(z, start + s) - get(row, greatest + s)))
    for s in range(n):
        put(row, logs + s, log_from_1(get(row, logs + s)))
    for start in range(0, units * n, n):
        for s in range(n):
            target = get(y, start + s)
            term = target * (get(z, at + start + s) - get(row, greatest + s) - get(row, logs + s))
            put(row, s, get(row, s) - (term if target != 0.0 else 0.0))
