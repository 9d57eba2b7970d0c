"""Numbers and names as the doctor says them."""

from __future__ import annotations

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: float, digits: int = 2) -> str:
    """A number with so many significant digits: ``0.11``, ``900``, ``2·10¹⁵⁴``; true minus."""
    if not math.isfinite(value):
        return "no number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    rounded = rounded_to(value, digits)
    if rounded == 0:
        return "0"
    if 1e-3 <= abs(rounded) < 1e5:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
        text = f"{rounded:,.{decimals}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
    mantissa, _, exponent = f"{rounded:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")


def rounded_to(value: float, digits: int = 2) -> float:
    """The number of so many significant digits that is nearest."""
    return float(f"{value:.{digits - 1}e}")


def layer_name(layer: int, layers: int) -> str:
    """``hidden 2`` or ``the output layer``; layers count from 1."""
    return "the output layer" if layer == layers else f"hidden {layer}"


def plural(count: int, thing: str) -> str:
    """``1 update``, ``4 updates``."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
