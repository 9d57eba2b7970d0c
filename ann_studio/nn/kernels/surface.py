"""The loss of a whole set, and its gradient, wherever they are asked for: surfaces, slices, curvature."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np

from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.tile import width
from ann_studio.nn.kernels.training import (
    _FIRST_LANDSCAPE,
    _codes_for,
    _mean_loss,
    add_gradient,
    lay_out,
    loss_laid_out,
    scratch_for,
)


@compiled
def plane_losses(origin, u, v, s, t, first, last, sizes, codes, loss, x, y, out, interrupt):
    """Mean loss over all rows of `x` and `y` at points of a grid, ``theta = origin + s·u + t·v``.

    Parameters
    ----------
    origin, u, v
        The plane, each as long as ``theta``.
    s, t
        Coordinates of the grid's columns and rows.
    first, last
        Compute the points from `first` up to `last`, counted row by row.
    out
        Receives the losses, one a point, row by row; those not computed stay. Meaningless if interrupted.
    """
    rows = x.shape[0]
    order, scratch, theta = np.arange(rows), np.empty(scratch_for(sizes, rows)), np.empty(origin.shape[0])
    needed, most = _codes_for(loss, codes), width(sizes.sum(), rows)
    if rows == 0 or loss >= _FIRST_LANDSCAPE:
        for point in range(first, last):
            _put_point(origin, u, v, s, t, point, theta)
            out[point] = _mean_loss(theta, sizes, needed, loss, x, y, order, scratch, interrupt)
        return
    out[first:last] = 0.0
    # Tile by tile, and each at all points: to lay out the samples of small networks takes as long as a layer.
    for begin in range(0, rows, most):
        count = min(most, rows - begin)
        lay_out(x, y, order, begin, count, most, sizes, scratch)
        for point in range(first, last):
            if interrupt[0] != 0:
                return
            _put_point(origin, u, v, s, t, point, theta)
            out[point] += loss_laid_out(theta, sizes, needed, loss, count, most, scratch)
    for point in range(first, last):
        out[point] /= rows


@compiled
def _put_point(origin, u, v, s, t, point, theta):
    """Write a point of the grid into `theta`."""
    along, across = s[point % s.shape[0]], t[point // s.shape[0]]
    for k in range(theta.shape[0]):
        theta[k] = origin[k] + along * u[k] + across * v[k]


@compiled
def mean_gradient(theta, sizes, codes, loss, x, y, grad, interrupt):
    """Gradient of the mean loss over all rows of `x` and `y`, into `grad`; meaningless if interrupted."""
    rows = x.shape[0]
    grad[:] = 0.0
    add_gradient(
        theta, sizes, codes, loss, x, y, np.arange(rows), 0, rows, grad, np.empty(scratch_for(sizes, rows)), interrupt
    )
    for k in range(grad.shape[0]):
        grad[k] /= rows
