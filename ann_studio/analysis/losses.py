"""The loss at many points of the space of all parameters, by the engine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.problem import Problem, Samples
from ann_studio.learning.supervised import NEVER, Flag, Interrupted, net_of
from ann_studio.nn import kernels

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


def losses_on_grid(
    problem: Problem,
    samples: Samples,
    origin: Vector,
    u: Vector,
    v: Vector,
    s: Vector,
    t: Vector,
    interrupt: Flag = NEVER,
) -> Matrix:
    """Mean loss of `samples` at ``origin + s·u + t·v``, shape ``(len(t), len(s))``; what `evaluate` gives there.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile; it is asked before every tile of samples.
    """
    net, points = net_of(problem), len(s) * len(t)
    out = np.empty(points)
    kernels.plane_losses(
        origin, u, v, s, t, 0, points, net.sizes, net.codes, net.loss, samples.inputs, samples.targets, out, interrupt
    )
    if interrupt[0]:
        raise Interrupted
    return out.reshape(len(t), len(s))
