"""What settings are called on the screen, where the experiment's own name is not a word for people."""

from __future__ import annotations

from typing import get_args

from ann_studio.learning.experiment import Activation
from ann_studio.nn.initializers import INITIALIZERS
from ann_studio.nn.losses import LOSSES
from ann_studio.nn.optimizers import OPTIMIZERS

_SPECIAL = {
    "relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "silu": "SiLU", "gelu": "GELU",
    "zeros": "Zeros", "uniform": "Uniform", "normal": "Normal", "xavier": "Xavier", "he": "He",
}  # fmt: skip


def title(name: str) -> str:
    """The name of an activation or initialiser for the screen."""
    return _SPECIAL.get(name, name)


#: Title and value, for combo boxes.
ACTIVATION_OPTIONS = [(title(name), name) for name in get_args(Activation)]
OUTPUT_OPTIONS = [*ACTIVATION_OPTIONS, ("softmax", "softmax")]
SCHEME_OPTIONS = [(title(name), name) for name in INITIALIZERS]
LOSS_OPTIONS = [(loss.title, name) for name, loss in LOSSES.items()]
OPTIMIZER_OPTIONS = [(optimizer.title, name) for name, optimizer in OPTIMIZERS.items()]
REGULARIZER_OPTIONS = [("None", "none"), ("L1", "l1"), ("L2", "l2")]
