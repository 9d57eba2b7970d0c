"""The book of optimisers: one update each, as pure functions, in PyTorch's definitions.

An optimiser is a rule ``step(theta, slots, gradient, t, h)`` that returns the new theta and the new slots. `slots` is
its memory, shape ``(count, parameters)``, zero before the first update; ``t`` counts updates from 1; ``h`` holds the
hyperparameters in the order of `Optimizer.hyper`, the learning rate first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Step = Callable[[Vector, Matrix, Vector, int, Vector], tuple[Vector, Matrix]]


@dataclass(frozen=True)
class Optimizer:
    """An optimiser.

    Parameters
    ----------
    title
        What the window calls it.
    slots
        Rows of memory it needs.
    hyper
        Names of its hyperparameters, in order.
    step
        The rule.
    """

    title: str
    slots: int
    hyper: tuple[str, ...]
    step: Step


def _sgd(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    return theta - h[0] * g, slots


def _momentum(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    velocity = h[1] * slots[0] + g
    return theta - h[0] * velocity, velocity[None]


def _nesterov(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    velocity = h[1] * slots[0] + g
    return theta - h[0] * (g + h[1] * velocity), velocity[None]


def _adagrad(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    rate, decay, initial, eps = h
    total = (slots[0] if t > 1 else initial) + g * g
    return theta - rate / (1 + (t - 1) * decay) * g / (np.sqrt(total) + eps), total[None]


def _adadelta(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    rate, rho, eps = h
    square = rho * slots[0] + (1 - rho) * g * g
    delta = np.sqrt(slots[1] + eps) / np.sqrt(square + eps) * g
    return theta - rate * delta, np.stack([square, rho * slots[1] + (1 - rho) * delta * delta])


def _rmsprop(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    rate, alpha, eps = h
    square = alpha * slots[0] + (1 - alpha) * g * g
    return theta - rate * g / (np.sqrt(square) + eps), square[None]


def _adam(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    rate, beta_1, beta_2, eps = h[:4]
    m = beta_1 * slots[0] + (1 - beta_1) * g
    v = beta_2 * slots[1] + (1 - beta_2) * g * g
    denominator = np.sqrt(v) / np.sqrt(1 - beta_2**t) + eps
    return theta - rate / (1 - beta_1**t) * m / denominator, np.stack([m, v])


def _adamw(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    return _adam(theta * (1 - h[0] * h[4]), slots, g, t, h)


def _rprop(theta: Vector, slots: Matrix, g: Vector, t: int, h: Vector) -> tuple[Vector, Matrix]:
    rate, shrink, grow, least, greatest = h
    agreement = g * slots[0]
    factor = np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1.0))
    step = np.clip((slots[1] if t > 1 else rate) * factor, least, greatest)
    used = np.where(agreement < 0, 0.0, g)
    return theta - np.sign(used) * step, np.stack([used, step])


_RATE = "learning_rate"

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer("Gradient descent", 0, (_RATE,), _sgd),
    "momentum": Optimizer("Momentum", 1, (_RATE, "momentum"), _momentum),
    "nesterov": Optimizer("Nesterov", 1, (_RATE, "momentum"), _nesterov),
    "adagrad": Optimizer("Adagrad", 1, (_RATE, "lr_decay", "initial_accumulator_value", "eps"), _adagrad),
    "adadelta": Optimizer("Adadelta", 2, (_RATE, "rho", "eps"), _adadelta),
    "rmsprop": Optimizer("RMSprop", 1, (_RATE, "alpha", "eps"), _rmsprop),
    "adam": Optimizer("Adam", 2, (_RATE, "beta_1", "beta_2", "eps"), _adam),
    "adamw": Optimizer("AdamW", 2, (_RATE, "beta_1", "beta_2", "eps", "weight_decay"), _adamw),
    "rprop": Optimizer("Rprop", 2, (_RATE, "eta_minus", "eta_plus", "step_min", "step_max"), _rprop),
}
