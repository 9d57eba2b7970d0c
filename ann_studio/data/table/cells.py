"""What one cell says: a number, that there is none, or a text."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: Cells that mean "missing", in lower case; those that begin with # are what Excel writes for an error.
MISSING = frozenset(
    {
        *("", "na", "n/a", "n.a.", "<na>", "nan", "-nan", "+nan", "null", "?", "-"),
        *("#n/a", "#div/0!", "#value!", "#ref!", "#num!"),
    }
)


def has_decimal_comma(delimiter: str) -> bool:
    """Whether ``1,5`` is a number in a table with this delimiter.

    Semicolons are what Excel writes where the decimal sign is a comma. Elsewhere ``1,234`` may be a thousand and more,
    so that such cells stay texts rather than become wrong numbers.
    """
    return delimiter == ";"


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING


def parse_number(cell: str, decimal_comma: bool = False) -> float | None:
    """The number that a cell holds, infinite if too large; None if it holds none, as ``1_000`` and ``nan``."""
    text = cell.replace(",", ".") if decimal_comma else cell
    if "_" in text:  # a number in Python alone
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def mostly_numbers(cells: Sequence[str], decimal_comma: bool) -> bool:
    """Whether more than half of the cells that are not missing hold numbers."""
    known = [cell for cell in cells if not is_missing(cell)]
    return sum(parse_number(cell, decimal_comma) is not None for cell in known) > len(known) / 2
