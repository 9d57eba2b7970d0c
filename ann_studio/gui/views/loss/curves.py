"""Curves and axes as numbers: where ticks lie, and dashes. Without any painting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ann_studio.gui.painting import round_value
from ann_studio.gui.theme import number

Array = NDArray[np.float64]
DASH, DASH_GAP = 9.0, 5.0  #: pixels


def log_ticks(low: float, high: float, least: float) -> list[float]:
    """Round values between `low` and `high`: as many as lie `least` of the logarithmic axis apart."""
    first, last = math.floor(math.log10(low)), math.floor(math.log10(high))
    offers = [
        [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        for factors in (range(1, 10), (1, 2, 5), (1, 3), (1,))
    ]
    offers += [offers[-1][::every] for every in (2, 3, 5, 10, 20, 50, 100)]
    if high < 20 * low:
        steps = [round_value((high - low) / count) for count in (16, 8, 4, 2)]
        offers += [[k * step for k in range(1, int(high / step) + 1)] for step in steps]
    offers = [[value for value in offer if low <= value <= high] for offer in offers]
    # Where none fits as a whole, the first and the last of one may.
    offers += [[offer[0], offer[-1]] for offer in offers if len(offer) > 2]
    span = math.log10(high / low)
    roomy = [
        offer
        for offer in offers
        if len(offer) > 1 and min(math.log10(b / a) for a, b in pairwise(offer)) >= least * span
    ]
    return max(roomy, key=len) if roomy else max(offers, key=len)[:1]


def segments(pixels: Array, *, dashed: bool) -> Array:
    """The lines ``(n, 4)`` from each of `pixels` ``(n + 1, 2)`` to the next; dashed, the parts that lie within a dash.

    Qt's painter joins and dashes a polyline five to twenty times slower than it draws its lines one by one.
    """
    if not dashed:
        return np.concatenate([pixels[:-1], pixels[1:]], axis=1)
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(pixels, axis=0).T)))
    turns = np.arange(0.0, along[-1], DASH + DASH_GAP)
    places = np.sort(np.concatenate([along, turns, np.minimum(turns + DASH, along[-1])]))
    x, y = (np.interp(places, along, column) for column in pixels.T)
    middles = (places[:-1] + places[1:]) / 2
    seen = (middles % (DASH + DASH_GAP) < DASH) & (np.diff(places) > 0)
    return np.asarray(np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)[seen])


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places between `low` and `high` that lie `apart` at least, as near to those that are wanted as can be.

    Parameters
    ----------
    wanted
        Ascending; their order is kept. There must be room for all.

    Notes
    -----
    Least squares under an order, by pooling neighbours that are too near to each other (Ayer et al. 1955).
    """
    pools: list[tuple[float, int]] = []  # mean place of the first label that its members wish for, and how many
    for k, place in enumerate(wanted):
        mean, count = place - k * apart, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    highest = high - (len(wanted) - 1) * apart
    firsts = [min(max(mean, low), highest) for mean, count in pools for _ in range(count)]
    return [first + k * apart for k, first in enumerate(firsts)]


def plain(value: float) -> str:
    """A power of ten and its like, without needless digits."""
    if 1e-4 <= value < 1e5:
        return f"{value:.10g}"
    return number(value, 1).replace(".0e", "e")
