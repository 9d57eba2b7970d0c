"""The order of the samples in an epoch, which (seed, stream, epoch) alone determine."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np

from ann_studio.nn.kernels.compiled import compiled


@compiled
def _mix(key):
    """SplitMix64's finaliser (Steele, Lea & Flood 2014)."""
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


@compiled
def sample_order(seed, stream, epoch, order):
    """Fill `order` with the permutation that (seed, stream, epoch) alone determine (Fisher–Yates on SplitMix64)."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    key = _mix(_mix(_mix(np.uint64(seed) + golden) + np.uint64(stream) + golden) + np.uint64(epoch) + golden)
    n = order.shape[0]
    for i in range(n):
        order[i] = i
    for i in range(n - 1, 0, -1):
        key += golden
        # The modulo's bias is below n / 2^64.
        j = np.int64(_mix(key) % np.uint64(i + 1))
        order[i], order[j] = order[j], order[i]
