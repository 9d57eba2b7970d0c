"""What an update does with a gradient: the regulariser's share, and the rule of the optimiser."""

# mypy: allow-untyped-defs

from __future__ import annotations

import math

import numpy as np

from ann_studio.nn.kernels import codes
from ann_studio.nn.kernels.compiled import compiled

_SGD, _MOMENTUM, _NESTEROV = codes.SGD, codes.MOMENTUM, codes.NESTEROV
_ADAGRAD, _ADADELTA, _RMSPROP = codes.ADAGRAD, codes.ADADELTA, codes.RMSPROP
_ADAM, _ADAMW, _L1 = codes.ADAM, codes.ADAMW, codes.L1


@compiled
def regularize(theta, grad, sizes, kind, strength):
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


@compiled
def clip_norm(grad, most):
    """Shorten a gradient that is longer than `most`, as PyTorch's ``clip_grad_norm_`` does."""
    largest = 0.0
    for i in range(grad.shape[0]):
        size = abs(grad[i])
        if size > largest or math.isnan(size):
            largest = size
    if largest == 0.0:
        return
    squares = 0.0
    for i in range(grad.shape[0]):
        # of their shares, so that no square overflows
        squares += (grad[i] / largest) * (grad[i] / largest)
    share = most / (largest * math.sqrt(squares) + 1e-6)
    # what is not finite becomes NaN, and ends the run
    if not share >= 1.0:
        for i in range(grad.shape[0]):
            grad[i] *= share


@compiled
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
