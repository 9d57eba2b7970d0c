"""Many runs of one experiment, seed after seed, and where plain descent leads from where they end."""

# mypy: allow-untyped-defs

from __future__ import annotations

import math

import numpy as np

from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.training import INTERRUPTED, _codes_for, _mean_loss, add_gradient, scratch_for, train

#: A cost that grows by no more than this share of itself has not grown: that is rounding.
_ROUNDING = 1e-14
_NO_LIMIT = np.iinfo(np.int64).max


@compiled
def restart(
    thetas, losses, settled, settled_losses, seeds, slots, sizes, codes, loss, x, y,
    optimizer, hyper, regularizer, strength, clip, batch, reshuffle, stream, held, epochs,
    settle_epochs, settle_rate, interrupt,
):  # fmt: skip
    """Train a network once for each seed of the order of its samples, and let each run settle.

    Parameters
    ----------
    thetas
        Shape ``(runs, parameters)``: the first parameters, changed in place into the last.
    losses, settled, settled_losses
        Receive the loss of each run, and parameters and loss of where it settles.
    seeds
        One for each run (int64).
    slots
        Room for the optimiser's memory, shape ``(slots, parameters)``.
    sizes, …, held
        As for `train`.
    epochs
        Epochs that each run trains.
    settle_epochs, settle_rate
        Epochs and first learning rate of settling, see `settle`.
    interrupt
        See `train`.

    Returns
    -------
    bool
        Whether all was done; if not, it was interrupted. With 0 epochs runs only settle.
    """
    clock, trace = np.empty(4, dtype=np.int64), np.empty((1, 4))
    no_updates, no_path = np.empty(0, dtype=np.int64), np.empty((0, thetas.shape[1]))
    for run in range(seeds.shape[0]):
        clock[:] = 0
        slots[:] = 0.0
        ended = train(
            thetas[run], slots, clock, sizes, codes, loss, x, y, x[:0], y[:0],
            optimizer, hyper, regularizer, strength, clip, batch, reshuffle, seeds[run], stream, held,
            False, _NO_LIMIT, epochs, _NO_LIMIT, -math.inf, trace, 0, no_updates, no_path, interrupt,
        )[2]  # fmt: skip
        if ended == INTERRUPTED:
            return False
        settled[run] = thetas[run]
        losses[run], settled_losses[run] = settle(
            settled[run], sizes, codes, loss, x, y, settle_epochs, settle_rate, interrupt
        )
        if interrupt[0] != 0:
            return False
    return True


@compiled
def settle(theta, sizes, codes, loss, x, y, epochs, rate, interrupt):
    """Descend by the full batch, in place: a step that raises the cost is undone and the rate halved.

    Returns
    -------
    tuple
        The mean loss before and after. What is not finite is left as it is.
    """
    rows = x.shape[0]
    order, scratch = np.arange(rows), np.empty(scratch_for(sizes, rows))
    needed = _codes_for(loss, codes)
    grad, before = np.zeros(theta.shape[0]), np.empty(theta.shape[0])
    first = cost = _mean_loss(theta, sizes, needed, loss, x, y, order, scratch, interrupt)
    if not math.isfinite(cost):
        return first, cost
    is_new = True
    for _ in range(epochs):
        if is_new:
            grad[:] = 0.0
            add_gradient(theta, sizes, codes, loss, x, y, order, 0, rows, grad, scratch, interrupt)
        before[:] = theta
        moved = False
        for k in range(theta.shape[0]):
            theta[k] -= rate / rows * grad[k]
            moved = moved or theta[k] != before[k]
        if not moved or interrupt[0] != 0:
            break
        after = _mean_loss(theta, sizes, needed, loss, x, y, order, scratch, interrupt)
        is_new = after <= cost + _ROUNDING * abs(cost)
        if is_new:
            cost = after
        else:
            theta[:] = before
            rate *= 0.5
    return first, cost
