"""The engine: the one mover of ``theta``, compiled.

Everything here is a module-level numba function, so that its machine code is found in the cache, and lets go of
Python's lock. `train` is the entry: it advances a run in place by whole updates. The layout of ``theta`` is that of
`ann_studio.nn.architecture`; the mathematics is that of the book, `ann_studio.nn.backprop` and
`ann_studio.nn.optimizers`, to which the tests hold it.

From the bottom up: `lanes` and `elementary` are what is fast, `elementwise` the activations and losses, `sample` one
sample forward and backward, `tile` many side by side, `landscapes` costs that need no network, `order` and `updates`
the rest of an update, `training` whole sets, `surface` their losses all over a plane, and `bands` a picture of such.

numba is loaded when a kernel is first asked for: the window opens a quarter of a second sooner without it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ann_studio.nn.kernels.codes import (
    ACTIVATION_CODES,
    LANDSCAPE_CODES,
    LOSS_CODES,
    OPTIMIZER_CODES,
    REGULARIZER_CODES,
)

if TYPE_CHECKING:
    from ann_studio.nn.kernels.bands import paint_bands
    from ann_studio.nn.kernels.order import sample_order
    from ann_studio.nn.kernels.restarts import restart
    from ann_studio.nn.kernels.surface import mean_gradient, plane_losses
    from ann_studio.nn.kernels.training import (
        DONE,
        EPOCH,
        FULL,
        INTERRUPTED,
        NOT_FINITE,
        POSITION,
        STEPS,
        TARGET_REACHED,
        UPDATE,
        activations,
        add_gradient,
        backward,
        forward,
        mean_loss,
        scratch_for,
        train,
    )
    from ann_studio.nn.kernels.updates import apply_update

__all__ = [
    "ACTIVATION_CODES",
    "DONE",
    "EPOCH",
    "FULL",
    "INTERRUPTED",
    "LANDSCAPE_CODES",
    "LOSS_CODES",
    "NOT_FINITE",
    "OPTIMIZER_CODES",
    "POSITION",
    "REGULARIZER_CODES",
    "STEPS",
    "TARGET_REACHED",
    "UPDATE",
    "activations",
    "add_gradient",
    "apply_update",
    "backward",
    "forward",
    "mean_gradient",
    "mean_loss",
    "paint_bands",
    "plane_losses",
    "restart",
    "sample_order",
    "scratch_for",
    "train",
]

#: Where a name is found that `training` has not.
_ELSEWHERE = {
    "apply_update": "updates",
    "mean_gradient": "surface",
    "paint_bands": "bands",
    "plane_losses": "surface",
    "restart": "restarts",
    "sample_order": "order",
}


def __getattr__(name: str) -> Any:
    """A kernel, or a name that belongs to one."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = _ELSEWHERE.get(name, "training")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{place}"), name)
    return found
