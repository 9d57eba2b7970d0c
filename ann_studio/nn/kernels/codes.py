"""Integers by which the kernels know the entries of the book's tables."""

from __future__ import annotations

from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.landscapes import LANDSCAPES
from ann_studio.nn.losses import LOSSES
from ann_studio.nn.optimizers import OPTIMIZERS
from ann_studio.nn.regularizers import REGULARIZERS

ACTIVATION_CODES = {name: code for code, name in enumerate([*ACTIVATIONS, "softmax"])}
LOSS_CODES = {name: code for code, name in enumerate(LOSSES)}
OPTIMIZER_CODES = {name: code for code, name in enumerate(OPTIMIZERS)}
REGULARIZER_CODES = {name: code for code, name in enumerate(REGULARIZERS)}
#: A landscape stands where a loss does, and is told from one by a code from `FIRST_LANDSCAPE` on.
FIRST_LANDSCAPE = 100
LANDSCAPE_CODES = {name: code for code, name in enumerate(LANDSCAPES, FIRST_LANDSCAPE)}

LINEAR, SIGMOID, TANH, RELU, LEAKY, ELU, SOFTPLUS, SOFTSIGN, SILU, GELU, SIN, SOFTMAX = (
    ACTIVATION_CODES[name]
    for name in (
        "linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu",
        "softplus", "softsign", "silu", "gelu", "sin", "softmax",
    )
)  # fmt: skip
MSE, MAE, HUBER, BINARY_CROSS_ENTROPY, CROSS_ENTROPY = (
    LOSS_CODES[name] for name in ("mse", "mae", "huber", "binary_cross_entropy", "cross_entropy")
)
SGD, MOMENTUM, NESTEROV, ADAGRAD, ADADELTA, RMSPROP, ADAM, ADAMW, RPROP = (
    OPTIMIZER_CODES[name]
    for name in ("sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "rprop")
)
NO_REGULARIZER, L1 = (REGULARIZER_CODES[name] for name in ("none", "l1"))
BOWL, LOCAL_MINIMA, SADDLE, ELONGATED, HILLS, PLATEAU, ROSENBROCK, BEALE, HIMMELBLAU, RASTRIGIN = (
    LANDSCAPE_CODES[name]
    for name in (
        "bowl", "local_minima", "saddle", "elongated", "hills",
        "plateau", "rosenbrock", "beale", "himmelblau", "rastrigin",
    )
)  # fmt: skip
