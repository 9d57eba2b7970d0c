"""Training and evaluation of a whole set: what the program calls."""

# mypy: allow-untyped-defs

from __future__ import annotations

import math

import numpy as np

from ann_studio.nn.kernels import codes
from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.elementwise import output_delta, tile_loss
from ann_studio.nn.kernels.landscapes import add_landscape_gradient, mean_landscape
from ann_studio.nn.kernels.lanes import beyond, get, pointer_to, put
from ann_studio.nn.kernels.order import sample_order
from ann_studio.nn.kernels.sample import backward_sample, forward_sample
from ann_studio.nn.kernels.tile import backward_tile, forward_tile, gather, width
from ann_studio.nn.kernels.updates import apply_update, clip_norm, regularize

#: Why `train` returned.
DONE, FULL, TARGET_REACHED, NOT_FINITE, INTERRUPTED = 0, 1, 2, 3, 4
#: Positions in the `clock` of a run.
UPDATE, EPOCH, POSITION, STEPS = 0, 1, 2, 3

_SGD, _NO_REGULARIZER, _LINEAR = codes.SGD, codes.NO_REGULARIZER, codes.LINEAR
_BINARY_CROSS_ENTROPY, _CROSS_ENTROPY = codes.BINARY_CROSS_ENTROPY, codes.CROSS_ENTROPY
_FIRST_LANDSCAPE = codes.FIRST_LANDSCAPE


# --- one sample -----------------------------------------------------------------------------------------------------
@compiled
def forward(theta, sizes, codes, z, a):
    """Propagate the sample in ``a[:sizes[0]]`` through all layers.

    `z` and `a` hold all layers end to end, input first, length ``sizes.sum()``.
    """
    forward_sample(
        pointer_to(theta), pointer_to(sizes), codes.shape[0], pointer_to(codes), pointer_to(z), pointer_to(a)
    )  # fmt: skip


@compiled
def backward(theta, sizes, codes, loss, y, z, a, delta, into, factor):
    """Backpropagate one sample after `forward` and add factor · ∂loss/∂theta to `into`.

    `delta` receives ∂loss/∂z of all layers but the input.
    """
    backward_sample(
        pointer_to(theta), pointer_to(sizes), codes.shape[0], pointer_to(codes), loss, pointer_to(y), pointer_to(z),
        pointer_to(a), pointer_to(delta), pointer_to(into), factor,
    )  # fmt: skip


# --- whole sets -----------------------------------------------------------------------------------------------------
@compiled
def scratch_for(sizes, count):
    """How many numbers of scratch a pass of `count` samples needs: z, a and δ, targets and three rows."""
    units = sizes.sum()
    return (3 * units + sizes[sizes.shape[0] - 1] + 3) * width(units, count)


@compiled
def mean_loss(theta, sizes, codes, loss, x, y, interrupt):
    """Mean loss over all rows of `x` and `y`; NaN if there are none, meaningless if interrupted."""
    rows = x.shape[0]
    order, scratch = np.arange(rows), np.empty(scratch_for(sizes, rows))
    return _mean_loss(theta, sizes, _codes_for(loss, codes), loss, x, y, order, scratch, interrupt)


@compiled
def _codes_for(loss, codes):
    """The activations that a loss needs: the cross entropies are computed from z."""
    needed = codes.copy()
    if loss == _BINARY_CROSS_ENTROPY or loss == _CROSS_ENTROPY:  # noqa: SIM109 (numba)
        needed[-1] = _LINEAR
    return needed


@compiled
def _mean_loss(theta, sizes, codes, loss, x, y, order, scratch, interrupt):
    rows = x.shape[0]
    if rows == 0:
        return np.nan
    if loss >= _FIRST_LANDSCAPE:
        return mean_landscape(loss, theta, x, y)
    most = width(sizes.sum(), rows)
    total = 0.0
    for first in range(0, rows, most):
        if interrupt[0] != 0:
            break
        count = min(most, rows - first)
        lay_out(x, y, order, first, count, most, sizes, scratch)
        total += loss_laid_out(theta, sizes, codes, loss, count, most, scratch)
    return total / rows


@compiled
def lay_out(x, y, order, first, count, most, sizes, scratch):
    """Lay out `count` samples from position `first` of `order` on, and their targets, as a tile in `scratch`.

    `most` is the width of the widest tile.
    """
    units, outputs = sizes.sum(), sizes[sizes.shape[0] - 1]
    n, a = width(units, count), beyond(pointer_to(scratch), units * most)
    gather(pointer_to(x), sizes[0], pointer_to(order), first, count, a, n)
    gather(pointer_to(y), outputs, pointer_to(order), first, count, beyond(a, units * most), n)


@compiled
def loss_laid_out(theta, sizes, codes, loss, count, most, scratch):
    """Sum of the losses of the `count` samples that `lay_out` has put into `scratch`; they stay there."""
    units, outputs = sizes.sum(), sizes[sizes.shape[0] - 1]
    n, z = width(units, count), pointer_to(scratch)
    a = beyond(z, units * most)
    targets = beyond(a, units * most)
    row = beyond(targets, outputs * most)
    forward_tile(pointer_to(theta), pointer_to(sizes), codes.shape[0], pointer_to(codes), z, a, n, row)
    return tile_loss(z, a, targets, (units - outputs) * n, outputs, n, count, loss, row)


@compiled
def activations(theta, sizes, codes, x, out, interrupt):
    """All activations, input first, of every row of `x`: `out` has shape ``(rows, sizes.sum())``."""
    rows = x.shape[0]
    if rows > 0:
        _activations(theta, sizes, codes, x, np.arange(rows), np.empty(scratch_for(sizes, rows)), out, interrupt)


@compiled
def _activations(theta, sizes, codes, x, order, scratch, out, interrupt):
    rows, units = x.shape[0], sizes.sum()
    most = width(units, rows)
    z = pointer_to(scratch)
    a = beyond(z, units * most)
    row = beyond(a, units * most)
    for first in range(0, rows, most):
        if interrupt[0] != 0:
            break
        count = min(most, rows - first)
        n = width(units, count)
        gather(pointer_to(x), sizes[0], pointer_to(order), first, count, a, n)
        forward_tile(pointer_to(theta), pointer_to(sizes), codes.shape[0], pointer_to(codes), z, a, n, row)
        for s in range(count):
            for unit in range(units):
                out[first + s, unit] = get(a, unit * n + s)


@compiled
def add_gradient(theta, sizes, codes, loss, x, y, order, first, last, grad, scratch, interrupt):
    """Add the sum of ∂loss/∂theta over the samples from `first` to `last` of `order` to `grad`, a tile at a time.

    `scratch` holds ``scratch_for(sizes, last - first)`` numbers.
    """
    if loss >= _FIRST_LANDSCAPE:
        add_landscape_gradient(loss, theta, x, y, order, first, last, grad)
        return
    layers, outputs, units = codes.shape[0], sizes[codes.shape[0]], sizes.sum()
    most = width(units, last - first)
    z = pointer_to(scratch)
    a = beyond(z, units * most)
    delta = beyond(a, units * most)
    targets = beyond(delta, units * most)
    row = beyond(targets, outputs * most)
    for begin in range(first, last, most):
        if interrupt[0] != 0:
            break
        count = min(most, last - begin)
        n = width(units, count)
        gather(pointer_to(x), sizes[0], pointer_to(order), begin, count, a, n)
        gather(pointer_to(y), outputs, pointer_to(order), begin, count, targets, n)
        forward_tile(pointer_to(theta), pointer_to(sizes), layers, pointer_to(codes), z, a, n, row)
        at = (units - outputs) * n
        output_delta(z, a, targets, delta, at, outputs, n, loss, codes[layers - 1], row)
        for start in range(at, at + outputs * n, n):
            for s in range(count, n):
                put(delta, start + s, 0.0)
        backward_tile(
            pointer_to(theta), pointer_to(sizes), layers, pointer_to(codes), pointer_to(x), pointer_to(order), begin,
            count, z, a, delta, n, pointer_to(grad),
        )  # fmt: skip


# --- updates --------------------------------------------------------------------------------------------------------
@compiled
def _pass_alone(theta, sizes, codes, loss, x, y, order, first, last, into, factor, held, kept, scratch, interrupt):
    """Add factor · ∂loss/∂theta of each sample from `first` to `last` of `order` to `into`, one after the other.

    With `theta` itself for `into` that is plain gradient descent, an update a sample; after each the entries `held`
    have the values `kept`. Returns how many were done until it was interrupted.
    """
    layers, inputs, outputs, units = codes.shape[0], sizes[0], sizes[codes.shape[0]], sizes.sum()
    theta_, sizes_, codes_, order_ = pointer_to(theta), pointer_to(sizes), pointer_to(codes), pointer_to(order)
    x_, y_, into_, held_, kept_ = (
        pointer_to(x), pointer_to(y), pointer_to(into), pointer_to(held), pointer_to(kept),
    )  # fmt: skip
    flag = pointer_to(interrupt)
    z = pointer_to(scratch)
    a = beyond(z, units)
    delta = beyond(a, units)
    for position in range(first, last):
        if get(flag, 0) != 0:
            return position - first
        i = get(order_, position)
        for k in range(inputs):
            put(a, k, get(x_, i * inputs + k))
        forward_sample(theta_, sizes_, layers, codes_, z, a)
        backward_sample(theta_, sizes_, layers, codes_, loss, beyond(y_, i * outputs), z, a, delta, into_, factor)
        for k in range(held.shape[0]):
            put(into_, get(held_, k), get(kept_, k))
    return last - first


@compiled
def _path_interval(update, base):
    """Updates from one point of a path to the next, see `ann_studio.learning.path`."""
    interval = 1
    while 0 < 2 * base * interval <= update:
        interval *= 2
    return interval


@compiled
def train(
    theta, slots, clock, sizes, codes, loss, x, y, validation_x, validation_y,
    optimizer, hyper, regularizer, strength, clip, batch, reshuffle, seed, stream, held,
    losses, max_updates, max_epochs, max_samples, target_loss, trace, base, path_updates, path, interrupt,
):  # fmt: skip
    """Advance a run in place by whole updates.

    Parameters
    ----------
    theta, slots, clock
        The state, changed in place; `clock` is ``[update, epoch, position, steps]``.
    sizes, codes
        Layer sizes and activation codes (int64).
    loss
        Code of a loss, or of a landscape, which needs no network.
    x, y, validation_x, validation_y
        Samples in rows.
    optimizer, hyper, regularizer, strength, clip, batch, reshuffle, seed, stream
        The rule of learning; `clip` is the greatest norm of a gradient (∞: any), `batch` is at least 1, and the last
        batch of an epoch may be smaller.
    held
        Positions in `theta` (int64) that no update moves.
    losses
        Evaluate both sets at the end of each epoch. If False the trace stays empty, and neither `target_loss` nor a
        loss that is not finite ends the run.
    max_updates, max_epochs
        Stop when the clock's update or epoch reaches this.
    max_samples
        Stop at the first end of an update at which this many samples were used in this call.
    target_loss
        Stop at the end of an epoch whose training loss is at most this (−∞: never).
    trace
        Shape ``(rows, 4)``: receives ``epoch, update, train_loss, validation_loss`` at the end of each epoch.
    base, path_updates, path
        The path: numbers of updates ``(points,)`` and `theta` after them ``(points, parameters)``, of all updates up to
        twice `base`, of every second one until twice as many, and so on. No path is kept where `base` is 0.
    interrupt
        One int64, asked before every tile of samples: as soon as another thread makes it other than zero, return
        `INTERRUPTED`. State and trace are then of no use.

    Returns
    -------
    tuple
        Rows written to `trace`, points written to `path`, and why it returned (`DONE`, `FULL` where one of both is,
        `TARGET_REACHED`, `NOT_FINITE`, `INTERRUPTED`).
    """
    rows, samples, written, points = x.shape[0], 0, 0, 0
    # Updates that pass until the next one of which the path keeps the point.
    interval = _path_interval(clock[UPDATE], base)
    # By which path a run moves depends on its rule of learning alone, so that chunks change no bit.
    alone = batch == 1 and loss < _FIRST_LANDSCAPE
    fused = alone and optimizer == _SGD and regularizer == _NO_REGULARIZER and clip == math.inf
    grad, order, kept = np.empty(theta.shape[0]), np.arange(rows), theta[held]
    ordered = not reshuffle
    most = max(rows, validation_x.shape[0]) if losses else min(batch, rows)
    scratch = np.empty(scratch_for(sizes, most))
    every, needed = np.arange(most), _codes_for(loss, codes)
    while clock[UPDATE] < max_updates and clock[EPOCH] < max_epochs and samples < max_samples:
        if written == trace.shape[0] or (base > 0 and points == path.shape[0]):
            return written, points, FULL
        if not ordered:
            sample_order(seed, stream, clock[EPOCH], order)
            ordered = True
        first = clock[POSITION]
        if fused:
            last = first + min(rows - first, max_updates - clock[UPDATE], max_samples - samples)
            if base > 0:
                last = min(last, first + interval - clock[UPDATE] % interval)
            updates = _pass_alone(
                theta, sizes, codes, loss, x, y, order, first, last, theta, -hyper[0], held, kept, scratch, interrupt
            )
            if updates < last - first:
                return written, points, INTERRUPTED
        else:
            last, updates = min(first + batch, rows), 1
            grad[:] = 0.0
            if alone:
                _pass_alone(
                    theta, sizes, codes, loss, x, y, order, first, last, grad, 1.0, held[:0], kept, scratch, interrupt
                )
            else:
                add_gradient(theta, sizes, codes, loss, x, y, order, first, last, grad, scratch, interrupt)
            if interrupt[0] != 0:
                return written, points, INTERRUPTED
            share = 1.0 / (last - first)
            for k in range(grad.shape[0]):
                grad[k] *= share
            if regularizer != _NO_REGULARIZER:
                regularize(theta, grad, sizes, regularizer, strength)
            for k in held:
                grad[k] = 0.0
            if clip < math.inf:
                clip_norm(grad, clip)
            apply_update(theta, slots, grad, optimizer, hyper, clock[STEPS] + 1)
            for k in range(held.shape[0]):
                theta[held[k]] = kept[k]
        clock[STEPS] += updates
        clock[UPDATE] += updates
        if base > 0 and clock[UPDATE] % interval == 0:
            path_updates[points] = clock[UPDATE]
            path[points] = theta
            points += 1
            interval = _path_interval(clock[UPDATE], base)
        samples += last - first
        if last < rows:
            clock[POSITION] = last
            continue
        clock[POSITION] = 0
        clock[EPOCH] += 1
        ordered = not reshuffle
        if not losses:
            continue
        train_loss = _mean_loss(theta, sizes, needed, loss, x, y, every, scratch, interrupt)
        validation_loss = _mean_loss(theta, sizes, needed, loss, validation_x, validation_y, every, scratch, interrupt)
        trace[written, 0] = clock[EPOCH]
        trace[written, 1] = clock[UPDATE]
        trace[written, 2] = train_loss
        trace[written, 3] = validation_loss
        if interrupt[0] != 0:
            return written, points, INTERRUPTED
        written += 1
        if not math.isfinite(train_loss):
            return written, points, NOT_FINITE
        if train_loss <= target_loss:
            return written, points, TARGET_REACHED
    return written, points, DONE
