"""One sample forward and backward, in place: fast for small networks, where every update is one sample's.

Rows of weights that are long enough are gone through in lanes, shorter ones number by number. All arguments but numbers
are pointers.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

from ann_studio.nn.kernels.compiled import compiled
from ann_studio.nn.kernels.elementwise import activate, output_delta, times_slope
from ann_studio.nn.kernels.lanes import LANES, get, load, muladd, put, splat, store, total

#: Rows of fewer weights are gone through number by number.
_LONG = 16


@compiled
def _in_lanes(n_in):
    """How many of a row's weights are gone through in lanes."""
    return 0 if n_in < _LONG else n_in // LANES * LANES


@compiled
def forward_sample(theta, sizes, layers, codes, z, a):
    """Propagate the sample at the beginning of `a` through all layers.

    Parameters
    ----------
    z, a
        All layers end to end, input first, length ``sizes.sum()``.
    """
    start, at = 0, 0
    for layer in range(layers):
        n_in, n_out = get(sizes, layer), get(sizes, layer + 1)
        to, biases, wide = at + n_in, start + n_in * n_out, _in_lanes(n_in)
        for j in range(n_out):
            summed = get(theta, biases + j)
            if wide > 0:
                summed += _dot(theta, start, a, at, wide)
            for k in range(wide, n_in):
                summed += get(theta, start + k) * get(a, at + k)
            put(z, to + j, summed)
            start += n_in
        activate(z, a, to, n_out, 1, get(codes, layer), z)
        start, at = biases + n_out, to


@compiled
def _dot(x, x_at, y, y_at, count):
    """Σ x y over `count` numbers, a multiple of `LANES`."""
    # two sums that do not wait for each other
    even, odd = splat(0.0), splat(0.0)
    both = count // (2 * LANES) * 2 * LANES
    for k in range(0, both, 2 * LANES):
        even = muladd(load(x, x_at + k), load(y, y_at + k), even)
        odd = muladd(load(x, x_at + k + LANES), load(y, y_at + k + LANES), odd)
    if both < count:
        even = muladd(load(x, x_at + both), load(y, y_at + both), even)
    return total(muladd(1.0, odd, even))


@compiled
def backward_sample(theta, sizes, layers, codes, loss, y, z, a, delta, into, factor):
    """Backpropagate one sample after `forward_sample` and add factor · ∂loss/∂theta to `into`.

    Parameters
    ----------
    y
        The sample's targets.
    delta
        Receives ∂loss/∂z of all layers but the input.
    into
        May be `theta` itself: a layer is written only after it was read.
    """
    at, start = 0, 0
    for layer in range(layers):
        at += get(sizes, layer)
        start += (get(sizes, layer) + 1) * get(sizes, layer + 1)
    # the input layer has no z: its first place serves as the scratch of one number that a softmax may need
    output_delta(z, a, y, delta, at, get(sizes, layers), 1, loss, get(codes, layers - 1), z)
    for layer in range(layers - 1, -1, -1):
        n_in, n_out = get(sizes, layer), get(sizes, layer + 1)
        below = at - n_in
        start -= (n_in + 1) * n_out
        if layer > 0:
            _pass_back(theta, start, delta, at, below, n_in, n_out)
            times_slope(delta, z, a, below, n_in, 1, get(codes, layer - 1))
        _add_outer(into, start, delta, at, a, below, n_in, n_out, factor)
        at = below


@compiled
def _pass_back(theta, start, delta, at, below, n_in, n_out):
    """δ·w of the layer below, before its slope."""
    wide = _in_lanes(n_in)
    for k in range(0, wide, LANES):
        lanes, weight = splat(0.0), start + k
        for j in range(n_out):
            lanes = muladd(get(delta, at + j), load(theta, weight), lanes)
            weight += n_in
        store(delta, below + k, lanes)
    for k in range(wide, n_in):
        summed, weight = 0.0, start + k
        for j in range(n_out):
            summed += get(theta, weight) * get(delta, at + j)
            weight += n_in
        put(delta, below + k, summed)


@compiled
def _add_outer(into, start, delta, at, a, below, n_in, n_out, factor):
    """Add factor · δ ⊗ a to the weights, and factor · δ to the biases, of the layer that begins at `start`."""
    wide, biases = _in_lanes(n_in), start + n_in * n_out
    for j in range(n_out):
        d = factor * get(delta, at + j)
        for k in range(0, wide, LANES):
            store(into, start + k, muladd(d, load(a, below + k), load(into, start + k)))
        for k in range(wide, n_in):
            put(into, start + k, get(into, start + k) + d * get(a, below + k))
        put(into, biases + j, get(into, biases + j) + d)
        start += n_in
