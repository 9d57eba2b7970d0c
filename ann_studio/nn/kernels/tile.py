"""A tile of samples forward and backward: the inner loops run over samples that lie side by side.

Unit j of sample s lies at ``j * n + s`` of its layer; `n` is a multiple of `LANES`. Up to there the last sample is
repeated, with a δ of zero, so that it adds nothing. All arguments but numbers are pointers.

Every product of matrices is `_multiply`: some rows of the result stay in registers while one sum goes on. That
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
    muladd_pairs,
    muladd_rows,
    put,
    splat,
    splat_rows,
    store_rows,
    total,
    transposed,
)

#: Most samples of a tile, and most numbers of each of z, a and δ.
TILE, _CACHE = 64, 2**17
#: Rows of a product that are summed up at once, two lanes wide: as many as registers hold, of which there are 32 where
#: lanes are 8 numbers wide, else 16.
BLOCK = LANES


@compiled
def width(units, count):
    """Width of a tile of `count` samples for a network of so many units: as wide as the cache holds, at most `TILE`."""
    most = min(TILE, max(LANES, _CACHE // units // LANES * LANES))
    return min(most, (count + LANES - 1) // LANES * LANES)


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
        Receives `count` of them, and the last one again up to `n`.
    """
    wide, whole = units // LANES * LANES, count // LANES * LANES
    for k in range(0, wide, LANES):
        for s in range(0, whole, LANES):
            block = transposed(load_ordered(rows, order, first + s, units, k, _block()))
            store_rows(tile, k * n + s, n, block)
    for s in range(count):
        row = get(order, first + s) * units
        for k in range(wide if s < whole else 0, units):
            put(tile, k * n + s, get(rows, row + k))
    for k in range(units):
        for s in range(count, n):
            put(tile, k * n + s, get(tile, k * n + count - 1))


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
def _block():
    return _eight() if BLOCK == 8 else _four()


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
        _multiply(theta, start, n_in, 1, a, at, n_in, z, to, n_out, n, True)
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
            _multiply(theta, start, 1, n_in, delta, at, n_out, delta, below, n_in, n, False)
            times_slope(delta, z, a, below, n_in, n, get(codes, layer - 1))
            _add_outer(grad, start, delta, at, a, below, 0, n_in, n_out, n)
        else:
            wide = n_in // LANES * LANES
            _add_outer_of_rows(grad, delta, at, x, order, first, count, wide, n_in, n_out, n)
            _add_outer(grad, start, delta, at, a, below, wide, n_in, n_out, n)
        _add_biases(grad, start + n_in * n_out, delta, at, n_out, n)
        at = below


@compiled
def _multiply(numbers, start, row_step, step, vectors, at, count, out, to, rows, n, biased):
    """A product of matrices: ``out[r] = Σ numbers[start + r · row_step + i · step] · vectors[i]`` over i < `count`.

    A row of `vectors`, which begin at `at`, and of `out`, which begin at `to`, is as wide as the tile. If `biased`, the
    numbers that follow the `rows` · `count` of the matrix are added, one to each row.
    """
    for s in range(0, n, 2 * LANES):
        r = 0
        if s + 2 * LANES <= n:
            while r + BLOCK <= rows:
                left = splat_rows(numbers, start + rows * count + r, _block()) if biased else _block()
                right = left
                begin, vector = start + r * row_step, at + s
                for _ in range(count):
                    x, y = load(vectors, vector), load(vectors, vector + LANES)
                    left, right = muladd_pairs(numbers, begin, row_step, x, y, left, right)
                    begin += step
                    vector += n
                store_rows(out, to + r * n + s, n, left)
                store_rows(out, to + r * n + s + LANES, n, right)
                r += BLOCK
            _multiply_lanes(numbers, start, row_step, step, vectors, at, count, out, to, r, rows, n, s + LANES, biased)
        _multiply_lanes(numbers, start, row_step, step, vectors, at, count, out, to, r, rows, n, s, biased)


@compiled
def _multiply_lanes(numbers, start, row_step, step, vectors, at, count, out, to, r, rows, n, s, biased):
    """The rows from `r` on for the lanes at `s` alone."""
    while r + 8 <= rows:
        eight = splat_rows(numbers, start + rows * count + r, _eight()) if biased else _eight()
        eight = _accumulate(numbers, start + r * row_step, row_step, step, vectors, at + s, n, count, eight)
        store_rows(out, to + r * n + s, n, eight)
        r += 8
    while r + 4 <= rows:
        four = splat_rows(numbers, start + rows * count + r, _four()) if biased else _four()
        four = _accumulate(numbers, start + r * row_step, row_step, step, vectors, at + s, n, count, four)
        store_rows(out, to + r * n + s, n, four)
        r += 4
    while r < rows:
        one = splat_rows(numbers, start + rows * count + r, _one()) if biased else _one()
        one = _accumulate(numbers, start + r * row_step, row_step, step, vectors, at + s, n, count, one)
        store_rows(out, to + r * n + s, n, one)
        r += 1


@compiled
def _accumulate(numbers, start, row_step, step, vectors, at, stride, count, rows):
    """``rows[r] + Σ numbers[start + r · row_step + i · step] · vectors[at + i · stride]`` over i < `count`."""
    for _ in range(count):
        rows = muladd_rows(numbers, start, row_step, load(vectors, at), rows)
        start += step
        at += stride
    return rows


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
