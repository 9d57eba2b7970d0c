"""The engine: the one mover of ``theta``, compiled.

Everything here is a module-level numba function, so that its machine code is found in the cache, and lets go of
Python's lock. `train` is the entry: it advances a run in place by whole updates. The layout of ``theta`` is that of
`ann_studio.nn.architecture`; the mathematics is that of the book, `ann_studio.nn.backprop` and
`ann_studio.nn.optimizers`, to which the tests hold it.
"""

# mypy: allow-untyped-defs
# The types of a kernel are those that numba finds at its first call; see `ann_studio.nn.warmup`.

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from ann_studio.nn.activations import ACTIVATIONS, LEAK
from ann_studio.nn.losses import LOSSES
from ann_studio.nn.optimizers import OPTIMIZERS
from ann_studio.nn.regularizers import REGULARIZERS

#: Codes by which the kernels know the entries of the book's tables.
ACTIVATION_CODES = {name: code for code, name in enumerate([*ACTIVATIONS, "softmax"])}
LOSS_CODES = {name: code for code, name in enumerate(LOSSES)}
OPTIMIZER_CODES = {name: code for code, name in enumerate(OPTIMIZERS)}
REGULARIZER_CODES = {name: code for code, name in enumerate(REGULARIZERS)}

_LINEAR, _SIGMOID, _TANH = (ACTIVATION_CODES[n] for n in ("linear", "sigmoid", "tanh"))
_RELU, _LEAKY, _ELU = (ACTIVATION_CODES[n] for n in ("relu", "leaky_relu", "elu"))
_SOFTPLUS, _SOFTSIGN, _SILU = (ACTIVATION_CODES[n] for n in ("softplus", "softsign", "silu"))
_GELU, _SIN, _SOFTMAX = (ACTIVATION_CODES[n] for n in ("gelu", "sin", "softmax"))
_MSE, _MAE, _HUBER, _BCE, _CE = (
    LOSS_CODES[n] for n in ("mse", "mae", "huber", "binary_cross_entropy", "cross_entropy")
)
_SGD, _MOMENTUM, _NESTEROV = (OPTIMIZER_CODES[n] for n in ("sgd", "momentum", "nesterov"))
_ADAGRAD, _ADADELTA, _RMSPROP = (OPTIMIZER_CODES[n] for n in ("adagrad", "adadelta", "rmsprop"))
_ADAM, _ADAMW = (OPTIMIZER_CODES[n] for n in ("adam", "adamw"))
_NO_REGULARIZER, _L1 = (REGULARIZER_CODES[n] for n in ("none", "l1"))

#: Why `train` returned.
DONE, TRACE_FULL, TARGET_REACHED, NOT_FINITE, INTERRUPTED = 0, 1, 2, 3, 4
#: Positions in the `clock` of a run.
UPDATE, EPOCH, POSITION, STEPS = 0, 1, 2, 3

# fastmath=True would compile isfinite away and ruin range reduction. Sums may be reordered; elementary functions not.
_SUMS = {"reassoc", "contract", "nsz", "arcp", "afn"}
_FUNCTIONS = {"contract", "nsz", "arcp"}


def _compiled(fastmath: set[str]) -> Any:
    """Decorate a kernel with these liberties."""

    def decorate(function: Any) -> Any:
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
        try:
            return numba.njit(cache=True, **options)(function)
        except RuntimeError:
            # numba found no folder that it may write to; without a cache every process compiles anew.
            return numba.njit(**options)(function)

    return decorate


_sums, _functions = _compiled(_SUMS), _compiled(_FUNCTIONS)

_INV_SQRT_2 = 1.0 / math.sqrt(2.0)
_INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)


# --- elementwise ----------------------------------------------------------------------------------------------------
@_functions
def _sigmoid(z):
    e = math.exp(-abs(z))
    return 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e)


@_functions
def _activate(z, a, code):
    """Activate: a = f(z) for one layer of one sample."""
    n = z.shape[0]
    if code == _TANH:
        for j in range(n):
            a[j] = math.tanh(z[j])
    elif code == _RELU:
        for j in range(n):
            # written so that NaN stays NaN
            a[j] = 0.0 if z[j] <= 0.0 else z[j]
    elif code == _LINEAR:
        for j in range(n):
            a[j] = z[j]
    elif code == _SIGMOID:
        for j in range(n):
            a[j] = _sigmoid(z[j])
    elif code == _LEAKY:
        for j in range(n):
            a[j] = z[j] if z[j] > 0.0 else LEAK * z[j]
    elif code == _ELU:
        for j in range(n):
            a[j] = z[j] if z[j] > 0.0 else math.expm1(z[j])
    elif code == _SOFTPLUS:
        for j in range(n):
            a[j] = (z[j] if z[j] > 0.0 else 0.0) + math.log1p(math.exp(-abs(z[j])))
    elif code == _SOFTSIGN:
        for j in range(n):
            a[j] = z[j] / (1.0 + abs(z[j]))
    elif code == _SILU:
        for j in range(n):
            a[j] = z[j] * _sigmoid(z[j])
    elif code == _GELU:
        for j in range(n):
            a[j] = z[j] * 0.5 * (1.0 + math.erf(z[j] * _INV_SQRT_2))
    elif code == _SIN:
        for j in range(n):
            a[j] = math.sin(z[j])
    else:
        greatest = z[0]
        for j in range(1, n):
            if z[j] > greatest:
                greatest = z[j]
        total = 0.0
        for j in range(n):
            a[j] = math.exp(z[j] - greatest)
            total += a[j]
        for j in range(n):
            a[j] /= total


@_functions
def _times_slope(delta, z, a, code):
    """δ ← δ · f′(z) for one layer of one sample; softmax is treated by `_output_delta`."""
    n = z.shape[0]
    if code == _TANH:
        for j in range(n):
            delta[j] *= 1.0 - a[j] * a[j]
    elif code == _RELU:
        for j in range(n):
            if z[j] <= 0.0:
                delta[j] = 0.0
    elif code == _SIGMOID:
        for j in range(n):
            delta[j] *= a[j] * (1.0 - a[j])
    elif code == _LEAKY:
        for j in range(n):
            if z[j] <= 0.0:
                delta[j] *= LEAK
    elif code == _ELU:
        for j in range(n):
            if z[j] <= 0.0:
                delta[j] *= math.exp(z[j])
    elif code == _SOFTPLUS:
        for j in range(n):
            delta[j] *= _sigmoid(z[j])
    elif code == _SOFTSIGN:
        for j in range(n):
            delta[j] /= (1.0 + abs(z[j])) * (1.0 + abs(z[j]))
    elif code == _SILU:
        for j in range(n):
            s = _sigmoid(z[j])
            delta[j] *= s * (1.0 + z[j] * (1.0 - s))
    elif code == _GELU:
        for j in range(n):
            cdf = 0.5 * (1.0 + math.erf(z[j] * _INV_SQRT_2))
            delta[j] *= cdf + z[j] * math.exp(-0.5 * z[j] * z[j]) * _INV_SQRT_2PI
    elif code == _SIN:
        for j in range(n):
            delta[j] *= math.cos(z[j])


# --- loss -----------------------------------------------------------------------------------------------------------
@_functions
def _sample_loss(z, a, y, loss):
    """Loss of one sample: a sum over its outputs."""
    total = 0.0
    n = a.shape[0]
    if loss == _MSE:
        for j in range(n):
            total += 0.5 * (a[j] - y[j]) * (a[j] - y[j])
    elif loss == _MAE:
        for j in range(n):
            total += abs(a[j] - y[j])
    elif loss == _HUBER:
        for j in range(n):
            e = abs(a[j] - y[j])
            total += 0.5 * e * e if e < 1.0 else e - 0.5
    elif loss == _BCE:
        for j in range(n):
            total += (0.0 if z[j] <= 0.0 else z[j]) - z[j] * y[j] + math.log1p(math.exp(-abs(z[j])))
    else:
        greatest = z[0]
        for j in range(1, n):
            if z[j] > greatest:
                greatest = z[j]
        sum_exp = 0.0
        for j in range(n):
            sum_exp += math.exp(z[j] - greatest)
        log_sum = math.log(sum_exp)
        for j in range(n):
            if y[j] != 0.0:
                total -= y[j] * (z[j] - greatest - log_sum)
    return total


@_functions
def _output_delta(z, a, y, delta, loss, code):
    """δ = ∂loss/∂z of the output layer of one sample."""
    n = a.shape[0]
    if loss == _BCE:
        for j in range(n):
            delta[j] = a[j] - y[j]
        return
    if loss == _CE:
        total = 0.0
        for j in range(n):
            total += y[j]
        for j in range(n):
            delta[j] = total * a[j] - y[j]
        return
    for j in range(n):
        e = a[j] - y[j]
        if loss == _MSE:
            delta[j] = e
        elif loss == _MAE:
            # e is kept where it is 0 or NaN
            delta[j] = 1.0 if e > 0.0 else (-1.0 if e < 0.0 else e)
        else:
            delta[j] = 1.0 if e > 1.0 else (-1.0 if e < -1.0 else e)
    if code == _SOFTMAX:
        inner = 0.0
        for j in range(n):
            inner += delta[j] * a[j]
        for j in range(n):
            delta[j] = a[j] * (delta[j] - inner)
    else:
        _times_slope(delta, z, a, code)


# --- one sample -----------------------------------------------------------------------------------------------------
@_sums
def _forward_layer(theta, start, a_in, z, a, code):
    """Propagate one sample through one layer whose parameters begin at `start`."""
    n_in, n_out = a_in.shape[0], z.shape[0]
    for j in range(n_out):
        row = theta[start + j * n_in : start + (j + 1) * n_in]
        total = theta[start + n_in * n_out + j]
        for k in range(n_in):
            total += row[k] * a_in[k]
        z[j] = total
    _activate(z, a, code)


@_sums
def forward(theta, sizes, codes, z, a):
    """Propagate the sample in ``a[:sizes[0]]`` through all layers.

    `z` and `a` hold all layers end to end, input first, length ``sizes.sum()``.
    """
    start, at = 0, 0
    for layer in range(codes.shape[0]):
        n_in, n_out = sizes[layer], sizes[layer + 1]
        to = at + n_in
        _forward_layer(theta, start, a[at:to], z[to : to + n_out], a[to : to + n_out], codes[layer])
        start += (n_in + 1) * n_out
        at = to


@_sums
def _backward_layer(theta, start, delta, below):
    """δ·w of the layer below, before its slope."""
    n_in, n_out = below.shape[0], delta.shape[0]
    for k in range(n_in):
        below[k] = 0.0
    for j in range(n_out):
        row = theta[start + j * n_in : start + (j + 1) * n_in]
        d = delta[j]
        for k in range(n_in):
            below[k] += row[k] * d


@_sums
def _add_outer(into, start, delta, a_in, factor):
    """Add factor · δ ⊗ a to the weights, and factor · δ to the biases, of the layer that begins at `start`."""
    n_in, n_out = a_in.shape[0], delta.shape[0]
    for j in range(n_out):
        d = delta[j] * factor
        row = into[start + j * n_in : start + (j + 1) * n_in]
        for k in range(n_in):
            row[k] += d * a_in[k]
        into[start + n_in * n_out + j] += d


@_sums
def backward(theta, sizes, codes, loss, y, z, a, delta, into, factor):
    """Backpropagate one sample after `forward` and add factor · ∂loss/∂theta to `into`.

    `into` may be `theta` itself: a layer is written only after it was read.
    """
    layers = codes.shape[0]
    at, start = 0, 0
    for layer in range(layers):
        at += sizes[layer]
        start += (sizes[layer] + 1) * sizes[layer + 1]
    n_out = sizes[layers]
    _output_delta(z[at : at + n_out], a[at : at + n_out], y, delta[at : at + n_out], loss, codes[layers - 1])
    for layer in range(layers - 1, -1, -1):
        n_in, n_out = sizes[layer], sizes[layer + 1]
        below = at - n_in
        start -= (n_in + 1) * n_out
        if layer > 0:
            _backward_layer(theta, start, delta[at : at + n_out], delta[below:at])
            _times_slope(delta[below:at], z[below:at], a[below:at], codes[layer - 1])
        _add_outer(into, start, delta[at : at + n_out], a[below:at], factor)
        at = below


# --- whole sets -----------------------------------------------------------------------------------------------------
@_sums
def mean_loss(theta, sizes, codes, loss, x, y, z, a, interrupt):
    """Mean loss over all rows of `x` and `y`; NaN if there are none, meaningless if interrupted."""
    rows, n_in, at = x.shape[0], sizes[0], sizes[:-1].sum()
    if rows == 0:
        return np.nan
    total = 0.0
    for i in range(rows):
        if interrupt[0] != 0:
            break
        a[:n_in] = x[i]
        forward(theta, sizes, codes, z, a)
        total += _sample_loss(z[at:], a[at:], y[i], loss)
    return total / rows


@_sums
def activations(theta, sizes, codes, x, z, a, out, interrupt):
    """All activations, input first, of every row of `x`: `out` has shape ``(rows, sizes.sum())``."""
    for i in range(x.shape[0]):
        if interrupt[0] != 0:
            break
        a[: sizes[0]] = x[i]
        forward(theta, sizes, codes, z, a)
        out[i] = a


# --- updates --------------------------------------------------------------------------------------------------------
@_functions
def _regularize(theta, grad, sizes, kind, strength):
    """Add the regulariser's gradient, of the weights only."""
    start = 0
    for layer in range(sizes.shape[0] - 1):
        n_weights = sizes[layer] * sizes[layer + 1]
        for i in range(start, start + n_weights):
            w = theta[i]
            if kind == _L1:
                grad[i] += strength if w > 0.0 else (-strength if w < 0.0 else 0.0)
            else:
                grad[i] += strength * w
        start += n_weights + sizes[layer + 1]


@_functions
def apply_update(theta, slots, grad, kind, h, t):
    """One update of the optimiser `kind` with hyperparameters `h`; `t` counts from 1."""
    n, rate = theta.shape[0], h[0]
    if kind == _SGD:
        for i in range(n):
            theta[i] -= rate * grad[i]
    elif kind == _MOMENTUM:
        for i in range(n):
            slots[0, i] = h[1] * slots[0, i] + grad[i]
            theta[i] -= rate * slots[0, i]
    elif kind == _NESTEROV:
        for i in range(n):
            slots[0, i] = h[1] * slots[0, i] + grad[i]
            theta[i] -= rate * (grad[i] + h[1] * slots[0, i])
    elif kind == _ADAGRAD:
        rate = rate / (1.0 + (t - 1) * h[1])
        for i in range(n):
            slots[0, i] = (slots[0, i] if t > 1 else h[2]) + grad[i] * grad[i]
            theta[i] -= rate * grad[i] / (math.sqrt(slots[0, i]) + h[3])
    elif kind == _ADADELTA:
        for i in range(n):
            slots[0, i] = h[1] * slots[0, i] + (1.0 - h[1]) * grad[i] * grad[i]
            step = math.sqrt(slots[1, i] + h[2]) / math.sqrt(slots[0, i] + h[2]) * grad[i]
            slots[1, i] = h[1] * slots[1, i] + (1.0 - h[1]) * step * step
            theta[i] -= rate * step
    elif kind == _RMSPROP:
        for i in range(n):
            slots[0, i] = h[1] * slots[0, i] + (1.0 - h[1]) * grad[i] * grad[i]
            theta[i] -= rate * grad[i] / (math.sqrt(slots[0, i]) + h[2])
    elif kind == _ADAM or kind == _ADAMW:  # noqa: SIM109 (numba)
        if kind == _ADAMW:
            for i in range(n):
                theta[i] *= 1.0 - rate * h[4]
        first = rate / (1.0 - h[1] ** t)
        second = math.sqrt(1.0 - h[2] ** t)
        for i in range(n):
            slots[0, i] = h[1] * slots[0, i] + (1.0 - h[1]) * grad[i]
            slots[1, i] = h[2] * slots[1, i] + (1.0 - h[2]) * grad[i] * grad[i]
            theta[i] -= first * slots[0, i] / (math.sqrt(slots[1, i]) / second + h[3])
    else:
        for i in range(n):
            agreement = grad[i] * slots[0, i]
            step = slots[1, i] if t > 1 else rate
            if agreement > 0.0:
                step *= h[2]
            elif agreement < 0.0:
                step *= h[1]
            slots[1, i] = min(max(step, h[3]), h[4])
            slots[0, i] = 0.0 if agreement < 0.0 else grad[i]
            if slots[0, i] > 0.0:
                theta[i] -= slots[1, i]
            elif slots[0, i] < 0.0:
                theta[i] += slots[1, i]
            elif slots[0, i] != 0.0:
                theta[i] = np.nan  # a gradient that is no number must not pass for one that is zero


@_functions
def _mix(key):
    """SplitMix64's finaliser (Steele, Lea & Flood 2014)."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@_functions
def sample_order(seed, stream, epoch, order):
    """Fill `order` with the permutation that (seed, stream, epoch) alone determine (Fisher–Yates on SplitMix64)."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    key = _mix(_mix(_mix(np.uint64(seed) + golden) + np.uint64(stream) + golden) + np.uint64(epoch) + golden)
    n = order.shape[0]
    for i in range(n):
        order[i] = i
    for i in range(n - 1, 0, -1):
        key += golden
        # The modulo's bias is below n / 2^64.
        j = np.int64(_mix(key) % np.uint64(i + 1))
        order[i], order[j] = order[j], order[i]


@_sums
def train(
    theta, slots, clock, sizes, codes, loss, x, y, validation_x, validation_y,
    optimizer, hyper, regularizer, strength, batch, reshuffle, seed, stream, pruned,
    max_updates, max_epochs, max_samples, target_loss, trace, grad, z, a, delta, order, interrupt,
):  # fmt: skip
    """Advance a run in place by whole updates.

    Parameters
    ----------
    theta, slots, clock
        The state, changed in place; `clock` is ``[update, epoch, position, steps]``.
    sizes, codes
        Layer sizes and activation codes (int64).
    x, y, validation_x, validation_y
        Samples in rows.
    optimizer, hyper, regularizer, strength, batch, reshuffle, seed, stream
        The rule of learning; `batch` is at least 1, and the last batch of an epoch may be smaller.
    pruned
        Positions in `theta` (int64) that are 0 after every update.
    max_updates, max_epochs
        Stop when the clock's update or epoch reaches this.
    max_samples
        Stop at the first end of an update at which this many samples were used in this call.
    target_loss
        Stop at the end of an epoch whose training loss is at most this (negative: never).
    trace
        Shape ``(rows, 4)``: receives ``epoch, update, train_loss, validation_loss`` at the end of each epoch.
    grad, z, a, delta, order
        Scratch: ``(parameters,)``, three times ``(sizes.sum(),)``, and ``(len(x),)`` int64.
    interrupt
        One int64, asked before every sample: as soon as another thread makes it other than zero, return `INTERRUPTED`.
        State and trace are then of no use.

    Returns
    -------
    tuple
        Rows written to `trace`, and why it returned (`DONE`, `TRACE_FULL`, `TARGET_REACHED`, `NOT_FINITE`,
        `INTERRUPTED`).
    """
    rows, n_in, samples, written = x.shape[0], sizes[0], 0, 0
    fused = optimizer == _SGD and regularizer == _NO_REGULARIZER
    ordered = False
    while clock[UPDATE] < max_updates and clock[EPOCH] < max_epochs and samples < max_samples:
        if written == trace.shape[0]:
            return written, TRACE_FULL
        if not ordered:
            if reshuffle:
                sample_order(seed, stream, clock[EPOCH], order)
            else:
                for i in range(rows):
                    order[i] = i
            ordered = True
        first = clock[POSITION]
        last = min(first + batch, rows)
        clock[STEPS] += 1
        if interrupt[0] != 0:
            return written, INTERRUPTED
        if fused and last - first == 1:
            i = order[first]
            a[:n_in] = x[i]
            forward(theta, sizes, codes, z, a)
            backward(theta, sizes, codes, loss, y[i], z, a, delta, theta, -hyper[0])
        else:
            grad[:] = 0.0
            for at in range(first, last):
                if interrupt[0] != 0:
                    return written, INTERRUPTED
                i = order[at]
                a[:n_in] = x[i]
                forward(theta, sizes, codes, z, a)
                backward(theta, sizes, codes, loss, y[i], z, a, delta, grad, 1.0 / (last - first))
            if regularizer != _NO_REGULARIZER:
                _regularize(theta, grad, sizes, regularizer, strength)
            apply_update(theta, slots, grad, optimizer, hyper, clock[STEPS])
        for i in pruned:
            theta[i] = 0.0
        clock[UPDATE] += 1
        samples += last - first
        if last < rows:
            clock[POSITION] = last
            continue
        clock[POSITION] = 0
        clock[EPOCH] += 1
        ordered = False
        train_loss = mean_loss(theta, sizes, codes, loss, x, y, z, a, interrupt)
        trace[written, 0] = clock[EPOCH]
        trace[written, 1] = clock[UPDATE]
        trace[written, 2] = train_loss
        trace[written, 3] = mean_loss(theta, sizes, codes, loss, validation_x, validation_y, z, a, interrupt)
        if interrupt[0] != 0:
            return written, INTERRUPTED
        written += 1
        if not math.isfinite(train_loss):
            return written, NOT_FINITE
        if train_loss <= target_loss:
            return written, TARGET_REACHED
    return written, DONE
