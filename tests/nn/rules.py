"""Optimisers and regularisers as the tests set them."""

from __future__ import annotations

#: In the order of `Optimizer.hyper`: the rates of the facts, everything else PyTorch's defaults.
HYPER: dict[str, tuple[float, ...]] = {
    "sgd": (0.1,),
    "momentum": (0.05, 0.9),
    "nesterov": (0.05, 0.9),
    "adagrad": (0.05, 0.0, 0.0, 1e-10),
    "adadelta": (1.0, 0.9, 1e-6),
    "rmsprop": (0.01, 0.99, 1e-8),
    "adam": (0.02, 0.9, 0.999, 1e-8),
    "adamw": (0.02, 0.9, 0.999, 1e-8, 0.01),
    "rprop": (0.01, 0.5, 1.2, 1e-6, 50.0),
}

STRENGTHS = {"none": 0.0, "l1": 0.03, "l2": 0.07}
