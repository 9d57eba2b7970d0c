"""A tile of samples forward and backward: the inner loops run over samples that lie side by side.

Unit j of sample s lies at ``j * n + s`` of its layer; `n` is a multiple of `LANES`, and what lies beyond the last
sample is zero in inputs, targets and deltas, so that it adds nothing. All arguments but numbers are pointers.

Every product of matrices is `_accumulate`: some rows of the result stay in registers while one sum goes on. That
reaches the rate of a BLAS for large layers, and far more for small ones (docs/decisions/0005).
"""

# mypy: allow-untyped-defs

from __future__ import annotations

from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.elementwise import activate, times_slope
from ann_studio.nn.kernels.lanes import (
    LANES,
    get,
    load,
    load_ordered,
    load_rows,
    muladd,
    muladd_rows,
    put,
    splat,
    splat_rows,
    store_rows,
    total,
    transposed,
)

#: Most samples of a tile.
TILE = 64


@compiled
def width(count):
    """Width of a tile for so many samples."""
    return min(TILE, (count + LANES - 1) // LANES * LANES)


@compiled
def gather(rows, units, order, first, count, tile, n):
    """Lay out samples side by side.

    Parameters
    ----------
    rows, units
        All samples, row by row, and how long a row is.
    order
        Which ones, from position `first` on.
    tile
        Receives `count` of them and zeros up to `n`.
    """
    wide, whole = units // LANES * LANES, count // LANES * LANES
    for k in range(0, wide, LANES):
        for s in range(0, whole, LANES):
            block = transposed(load_ordered(rows, order, first + s, units, k, _as_many_as_lanes()))
            store_rows(tile, k * n + s, n, block)
    for s in range(count):
        row = get(order, first + s) * units
        for k in range(wide if s < whole else 0, units):
            put(tile, k * n + s, get(rows, row + k))
    for k in range(units):
        for s in range(count, n):
            put(tile, k * n + s, 0.0)


@compiled
def _eight():
    zero = splat(0.0)
    return (zero, zero, zero, zero, zero, zero, zero, zero)


@compiled
def _four():
    zero = splat(0.0)
    return (zero, zero, zero, zero)


@compiled
def _one():
    return (splat(0.0),)


@compiled
def _as_many_as_lanes():
    return _eight() if LANES == 8 else _four()


@compiled
def forward_tile(theta, sizes, layers, codes, z, a, n, row):
    """Propagate the tile in ``a[: sizes[0] * n]`` through all layers.

    Parameters
    ----------
    z, a
        All layers end to end, input first, length ``sizes.sum() * n``.
    row
        Scratch of at least ``3 * n`` numbers.
    """
    start, at = 0, 0
    for layer in range(layers):
        n_in, n_out = get(sizes, layer), get(sizes, layer + 1)
        to, biases = at + n_in * n, start + n_in * n_out
        for s in range(0, n, LANES):
            j = 0
            while j + 8 <= n_out:
                rows = splat_rows(theta, biases + j, _eight())
                rows = _accumulate(theta, start + j * n_in, n_in, 1, a, at + s, n, n_in, rows)
                store_rows(z, to + j * n + s, n, rows)
                j += 8
            while j + 4 <= n_out:
                four = splat_rows(theta, biases + j, _four())
                four = _accumulate(theta, start + j * n_in, n_in, 1, a, at + s, n, n_in, four)
                store_rows(z, to + j * n + s, n, four)
                j += 4
            while j < n_out:
                one = splat_rows(theta, biases + j, _one())
                one = _accumulate(theta, start + j * n_in, n_in, 1, a, at + s, n, n_in, one)
                store_rows(z, to + j * n + s, n, one)
                j += 1
        activate(z, a, to, n_out, n, get(codes, layer), row)
        start, at = biases + n_out, to


@compiled
def backward_tile(theta, sizes, layers, codes, x, order, first, count, z, a, delta, n, grad):
    """Backpropagate a tile whose output δ is in `delta`, and add Σ ∂loss/∂theta to `grad`.

    Parameters
    ----------
    x, order, first, count
        The inputs of the tile, as for `gather`.
    """
    at, start = 0, 0
    for layer in range(layers):
        at += get(sizes, layer) * n
        start += (get(sizes, layer) + 1) * get(sizes, layer + 1)
    for layer in range(layers - 1, -1, -1):
        n_in, n_out = get(sizes, layer), get(sizes, layer + 1)
        below = at - n_in * n
        start -= (n_in + 1) * n_out
        if layer > 0:
            _pass_back(theta, start, delta, at, below, n_in, n_out, n)
            times_slope(delta, z, a, below, n_in, n, get(codes, layer - 1))
            _add_outer(grad, start, delta, at, a, below, 0, n_in, n_out, n)
        else:
            wide = n_in // LANES * LANES
            _add_outer_of_rows(grad, delta, at, x, order, first, count, wide, n_in, n_out, n)
            _add_outer(grad, start, delta, at, a, below, wide, n_in, n_out, n)
        _add_biases(grad, start + n_in * n_out, delta, at, n_out, n)
        at = below


@compiled
def _accumulate(numbers, start, row_step, step, vectors, at, stride, count, rows):
    """``rows[r] + Σ numbers[start + r · row_step + i · step] · vectors[at + i · stride]`` over i < `count`."""
    for _ in range(count):
        rows = muladd_rows(numbers, start, row_step, load(vectors, at), rows)
        start += step
        at += stride
    return rows


@compiled
def _pass_back(theta, start, delta, at, below, n_in, n_out, n):
    """δ·w of the layer below, before its slope."""
    for s in range(0, n, LANES):
        k = 0
        while k + 8 <= n_in:
            rows = _accumulate(theta, start + k, 1, n_in, delta, at + s, n, n_out, _eight())
            store_rows(delta, below + k * n + s, n, rows)
            k += 8
        while k + 4 <= n_in:
            four = _accumulate(theta, start + k, 1, n_in, delta, at + s, n, n_out, _four())
            store_rows(delta, below + k * n + s, n, four)
            k += 4
        while k < n_in:
            one = _accumulate(theta, start + k, 1, n_in, delta, at + s, n, n_out, _one())
            store_rows(delta, below + k * n + s, n, one)
            k += 1


@compiled
def _add_outer(grad, start, delta, at, a, below, k_first, n_in, n_out, n):
    """Add δ ⊗ a, summed over the tile, to the weights from input `k_first` on of the layer that begins at `start`."""
    for j in range(n_out):
        error, weights = at + j * n, start + j * n_in
        k = k_first
        while k + 4 <= n_in:
            t0, t1, t2, t3 = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
            inputs = below + k * n
            for s in range(0, n, LANES):
                d = load(delta, error + s)
                t0 = muladd(load(a, inputs + s), d, t0)
                t1 = muladd(load(a, inputs + n + s), d, t1)
                t2 = muladd(load(a, inputs + 2 * n + s), d, t2)
                t3 = muladd(load(a, inputs + 3 * n + s), d, t3)
            put(grad, weights + k, get(grad, weights + k) + total(t0))
            put(grad, weights + k + 1, get(grad, weights + k + 1) + total(t1))
            put(grad, weights + k + 2, get(grad, weights + k + 2) + total(t2))
            put(grad, weights + k + 3, get(grad, weights + k + 3) + total(t3))
            k += 4
        while k < n_in:
            t0 = splat(0.0)
            for s in range(0, n, LANES):
                t0 = muladd(load(a, below + k * n + s), load(delta, error + s), t0)
            put(grad, weights + k, get(grad, weights + k) + total(t0))
            k += 1


@compiled
def _add_outer_of_rows(grad, delta, at, x, order, first, count, wide, n_in, n_out, n):
    """The same for the first layer and its inputs below `wide`, which lie side by side in the samples themselves."""
    for k in range(0, wide, LANES):
        j = 0
        while j + 8 <= n_out:
            rows = load_rows(grad, j * n_in + k, n_in, _eight())
            for s in range(count):
                row = get(order, first + s) * n_in
                rows = muladd_rows(delta, at + j * n + s, n, load(x, row + k), rows)
            store_rows(grad, j * n_in + k, n_in, rows)
            j += 8
        while j < n_out:
            one = load_rows(grad, j * n_in + k, n_in, _one())
            for s in range(count):
                row = get(order, first + s) * n_in
                one = muladd_rows(delta, at + j * n + s, n, load(x, row + k), one)
            store_rows(grad, j * n_in + k, n_in, one)
            j += 1


@compiled
def _add_biases(grad, biases, delta, at, n_out, n):
    """Add δ, summed over the tile, to the biases."""
    for j in range(n_out):
        lanes = splat(0.0)
        for s in range(0, n, LANES):
            lanes = muladd(1.0, load(delta, at + j * n + s), lanes)
        put(grad, biases + j, get(grad, biases + j) + total(lanes))
