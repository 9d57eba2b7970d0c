"""Compile the engine, so that its machine code lies in numba's cache: ``python -m ann_studio.nn.warmup``."""

from __future__ import annotations

import numpy as np

from ann_studio.nn import kernels


def compile_engine() -> None:
    """Call every entry of the engine once with the argument types that the program uses."""
    sizes, codes = np.array([1, 1], dtype=np.int64), np.zeros(1, dtype=np.int64)
    x, scratch = np.zeros((1, 1)), [np.zeros(2) for _ in range(4)]
    clock, order, interrupt = (np.zeros(length, dtype=np.int64) for length in (4, 1, 1))
    theta, slots = np.zeros(2), np.zeros((0, 2))
    kernels.train(
        theta, slots, clock, sizes, codes, 0, x, x, x, x, 0, np.ones(1), 0, 0.0, np.inf, 1, True, 0, 0, order[:0], True,
        1, 1, 1, -1.0, np.zeros((1, 4)), 0, clock[:0], np.zeros((0, 2)), interrupt,
    )  # fmt: skip
    kernels.mean_loss(theta, sizes, codes, 0, x, x, interrupt)
    kernels.activations(theta, sizes, codes, x, np.zeros((1, 2)), interrupt)
    kernels.forward(theta, sizes, codes, scratch[1], scratch[2])
    kernels.backward(theta, sizes, codes, 0, x[0], scratch[1], scratch[2], scratch[3], scratch[0], 1.0)
    kernels.sample_order(0, 0, 0, order)
    kernels.plane_losses(theta, theta, theta, theta, theta, 0, 1, sizes, codes, 0, x, x, np.zeros(4), interrupt)
    kernels.mean_gradient(theta, sizes, codes, 0, x, x, np.zeros(2), interrupt)
    kernels.restart(
        np.zeros((1, 2)), np.zeros(1), np.zeros((1, 2)), np.zeros(1), order, slots, sizes, codes, 0, x, x,
        0, np.ones(1), 0, 0.0, np.inf, 1, True, 0, order[:0], 1, 1, 1.0, interrupt,
    )  # fmt: skip


if __name__ == "__main__":
    compile_engine()
