"""Whether shown arithmetic adds up: = or ≈ between rounded terms and a rounded result. Without Qt, without networks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation, localcontext

EQUAL, NEARLY = "=", "≈"


def read(text: str) -> Decimal | None:
    """The number that is shown; None where none is ("–", "∞")."""
    try:
        value = Decimal(text.replace("−", "-").replace("+", "", 1) if text[:1] == "+" else text.replace("−", "-"))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def relation(value: Decimal | float | None, shown: str) -> str:
    """``=`` if `value`, rounded to the digits of the shown result, is that result; else ``≈``."""
    result = read(shown)
    if value is None or result is None or not math.isfinite(value):
        return NEARLY
    exponent = result.as_tuple().exponent
    assert isinstance(exponent, int)
    with localcontext() as context:
        context.prec = 60
        try:
            exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
            rounded = exact.quantize(Decimal(1).scaleb(exponent))
        except InvalidOperation:
            return NEARLY
    return EQUAL if rounded == result else NEARLY


def total(terms: Sequence[Sequence[str]]) -> Decimal | None:
    """The sum of products of shown numbers, computed exactly; None if one of them is no number."""
    with localcontext() as context:
        context.prec = 60
        result = Decimal(0)
        for factors in terms:
            product = Decimal(1)
            for factor in factors:
                value = read(factor)
                if value is None:
                    return None
                product *= value
            result += product
        return result


def adds_up(terms: Sequence[Sequence[str]], shown: str) -> str:
    """``=`` or ``≈`` between a sum of products, as shown, and its shown result."""
    return relation(total(terms), shown)


def yields(function: Callable[..., float], arguments: Sequence[str], shown: str) -> str:
    """``=`` or ``≈`` between a function of shown numbers and its shown result."""
    values = [read(argument) for argument in arguments]
    if any(value is None for value in values):
        return NEARLY
    try:
        found = function(*(float(value) for value in values if value is not None))
    except (OverflowError, ValueError, ZeroDivisionError):
        return NEARLY
    return relation(found, shown)


def product_of(factors: Sequence[str], shown: str) -> str:
    """``=`` or ``≈`` between a product, as shown, and its shown result."""
    return adds_up([factors], shown)
