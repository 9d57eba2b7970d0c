"""The loss of a whole set, and its gradient, wherever they are asked for: surfaces, slices, curvature."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np

from ann_studio.nn.kernels import codes as numbers
from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.elementwise import tile_loss
from ann_studio.nn.kernels.landscapes import mean_landscape
from ann_studio.nn.kernels.lanes import beyond, pointer_to
from ann_studio.nn.kernels.tile import forward_tile, gather, width
from ann_studio.nn.kernels.training import _codes_for, add_gradient, scratch_for

_FIRST_LANDSCAPE = numbers.FIRST_LANDSCAPE


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
    theta = np.empty(origin.shape[0])
    if rows == 0:
        out[first:last] = np.nan
        return
    if loss >= _FIRST_LANDSCAPE:
        for point in range(first, last):
            if interrupt[0] != 0:
                return
            _put_point(origin, u, v, s, t, point, theta)
            out[point] = mean_landscape(loss, theta, x, y)
        return
    needed, order, scratch = _codes_for(loss, codes), np.arange(rows), np.empty(scratch_for(sizes, rows))
    layers, outputs, units = codes.shape[0], sizes[codes.shape[0]], sizes.sum()
    most = width(units, rows)
    z = pointer_to(scratch)
    a = beyond(z, units * most)
    targets = beyond(a, units * most)
    row = beyond(targets, outputs * most)
    out[first:last] = 0.0
    # Tile by tile, and each at all points: to lay out the samples of small networks takes as long as a layer.
    for begin in range(0, rows, most):
        count = min(most, rows - begin)
        n = width(units, count)
        gather(pointer_to(x), sizes[0], pointer_to(order), begin, count, a, n)
        gather(pointer_to(y), outputs, pointer_to(order), begin, count, targets, n)
        for point in range(first, last):
            if interrupt[0] != 0:
                return
            _put_point(origin, u, v, s, t, point, theta)
            forward_tile(pointer_to(theta), pointer_to(sizes), layers, pointer_to(needed), z, a, n, row)
            out[point] += tile_loss(z, a, targets, (units - outputs) * n, outputs, n, count, loss, row)
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
