"""The samples of a landscape: what each adds to the exact gradient."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Dataset, NumberColumn, Numbers

Matrix = NDArray[np.float64]

_STREAM = 4
#: Bits of an offset of the size of the noise: few enough that sums of offsets are exact.
_BITS = 40


def landscape_dataset(samples: int, noise: float, seed: int) -> Dataset:
    """Offsets (e_x, e_z) of the gradient, normal with standard deviation `noise`, that add up to exactly nothing.

    Each is a row with one input, e_x, and one target, e_z. Without noise there is one row of nothing: of the exact
    gradient there are no several kinds, and a pass over all of them is one step.
    """
    samples = samples if noise else 1
    drawn = noise * np.random.default_rng([seed, _STREAM]).standard_normal((samples, 2))
    grain = math.ldexp(1.0, max(math.frexp(noise)[1] - _BITS, -1000))
    offsets: Matrix = grain * _without_sum(np.rint(drawn / grain))
    column, target = NumberColumn("noise along x"), Numbers(("noise along z",))
    return Dataset((column,), offsets[:, :1].copy(), target, offsets[:, 1:].copy())


def _without_sum(counts: Matrix) -> Matrix:
    """Shift each column so that it adds up to 0; what is left over by the division goes to the first rows, one each."""
    share, left = np.divmod(counts.sum(axis=0), len(counts))
    return np.asarray(counts - share - (np.arange(len(counts))[:, None] < left))
