"""Numbers at an axis: where they stand, and how they are written."""

from __future__ import annotations

import math
from itertools import pairwise

from ann_studio.gui.painting import round_value
from ann_studio.gui.theme import number


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round values between `low` and `high`, some `count` of them, and two where that would give one or none."""
    for more in range(4):
        step = round_value((high - low) / (count + more))
        found = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
        if len(found) > 1:
            break
    return found


def short(value: float) -> str:
    """A few digits, true minus."""
    size = abs(value)
    text = f"{value:.4g}" if size < 1e4 else f"{value:,.0f}" if size < 1e7 else number(value, 1)
    return text.replace("-", "−")


def significant(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """A number with so many significant digits, true minus; a dash where there is none."""
    if not math.isfinite(value):
        return number(value, sign=sign)
    if value and not 1e-4 <= abs(value) < 1e6:
        return number(value, digits, sign=sign)
    # As rounded: 9.9996 has four digits as 10.00. And 0 has no sign.
    rounded, value = abs(float(f"{value:.{digits - 1}e}")), value + 0.0
    places = digits - 1 - math.floor(math.log10(rounded)) if rounded else digits - 1
    text = f"{value:.{max(0, places)}f}"
    return ("+" + text if sign and value > 0 else text).replace("-", "−")


def labels(values: list[float]) -> list[str]:
    """Ticks in words, all with as many digits as their distance needs."""
    step = min((abs(b - a) for a, b in pairwise(values)), default=0.0)
    if not step or not 1e-4 <= step < 1e6:
        return [short(value) for value in values]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return [number(value, digits) if value else number(0.0, digits) for value in values]
