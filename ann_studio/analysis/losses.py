"""The loss at many points of the space of all parameters, by the engine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.problem import Problem, Samples
from ann_studio.learning.supervised import NEVER, Flag, Interrupted, net_of
from ann_studio.nn import kernels

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Multiply-adds after which whoever waits gets a turn: a few milliseconds.
_SLICE = 8_000_000


def losses_on_grid(
    problem: Problem,
    samples: Samples,
    origin: Vector,
    u: Vector,
    v: Vector,
    s: Vector,
    t: Vector,
    interrupt: Flag = NEVER,
    between: Callable[[float], None] = lambda share: None,
) -> Matrix:
    """Mean loss of `samples` at ``origin + s·u + t·v``, shape ``(len(t), len(s))``; what `evaluate` gives there.

    Parameters
    ----------
    between
        Called every few milliseconds with the share that is done; it may raise to give up. Where one point takes
        longer, it is called after each.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    net = net_of(problem)
    points = len(s) * len(t)
    out = np.empty(points)
    count = max(1, _SLICE // (len(origin) * max(1, len(samples))))
    for first in range(0, points, count):
        last = min(first + count, points)
        kernels.plane_losses(
            origin, u, v, s, t, first, last, net.sizes, net.codes, net.loss, samples.inputs, samples.targets, out,
            interrupt,
        )  # fmt: skip
        if interrupt[0]:
            raise Interrupted
        between(last / points)
    return out.reshape(len(t), len(s))
