"""How a table is written: what separates its cells, and whether its first row names the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from ann_studio.data.table.cells import has_decimal_comma, is_missing, mostly_numbers, parse_number
from ann_studio.data.table.errors import flat

#: What may separate cells, and what a message calls it. Spaces do not: too many texts hold them.
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}

_JUDGED_ROWS = 20
_COMPARED_ROWS = 200
#: A first line that tells Excel the delimiter.
_ANNOUNCED = re.compile(r'"?sep=([,;|\t])"?[,;|\t]*(\r\n|\r|\n)', re.IGNORECASE)


def announced_delimiter(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line ``sep=;`` announces, and the text with that line empty."""
    match = _ANNOUNCED.match(text)
    return (match[1], text[match.start(2) :]) if match else (None, text)


def find_delimiter(lines: Sequence[str]) -> str:
    """The delimiter that gives most rows of the beginning the same number of cells, at least two.

    Of several, the one that leaves more numbers: ``1,5;2,5`` is three cells by commas, but two numbers by semicolons.
    If the first row is one cell by any, it is the most frequent in all of `lines`.
    """
    scores = {}
    for delimiter in DELIMITERS:
        rows = _sample(lines, delimiter)
        width = len(rows[0]) if rows else 0
        if width > 1:
            agreeing = sum(len(row) == width for row in rows) / len(rows)
            scores[delimiter] = agreeing, _share_of_numbers(rows[:_JUDGED_ROWS], delimiter), width
    if scores:
        return max(scores, key=lambda delimiter: scores[delimiter])
    return max(DELIMITERS, key=lambda delimiter: sum(line.count(delimiter) for line in lines))


def separated_by_spaces(lines: Sequence[str]) -> bool:
    """Whether lines without a delimiter are rows of as many words each, some of them numbers."""
    rows = [words for line in lines if (words := line.split())]
    below = rows[1:] or rows
    width = len(below[0])
    even = width > 1 and all(len(row) == width for row in below)
    return even and any(parse_number(word, decimal_comma=True) is not None for row in below for word in row)


def is_blank(row: Sequence[str]) -> bool:
    """Whether the line is empty. A line of delimiters alone is a row whose cells are all missing."""
    return not row or (len(row) == 1 and not row[0].strip())


def find_header(rows: Sequence[Sequence[str]], delimiter: str) -> tuple[tuple[str, ...], int]:
    """Column names, and the position of the first row of data.

    The first row is a header if a word stands above numbers, or if it is all words, each another one.
    """
    first, below = rows[0], rows[1 : 1 + _COMPARED_ROWS]
    comma = has_decimal_comma(delimiter)
    words = [parse_number(cell, comma) is None for cell in first]
    # A gap above numbers is no sign of a header: the first row of data may have a missing cell.
    above = any(
        word and not is_missing(cell) and mostly_numbers([row[k] for row in below], comma)
        for k, (word, cell) in enumerate(zip(words, first, strict=True))
    )
    different = len({cell.strip() for cell in first}) == len(first)
    if above or (all(words) and different):
        return _unique(first), 1
    return tuple(f"column {k + 1}" for k in range(len(first))), 0


def _sample(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    try:
        rows = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        return [row for row in rows if not is_blank(row)]
    except csv.Error:
        return []


def _share_of_numbers(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    cells = [cell for row in rows for cell in row]
    comma = has_decimal_comma(delimiter)
    return sum(parse_number(cell, comma) is not None for cell in cells) / len(cells)


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """The names on one line each, numbered where they are empty or repeat."""
    result: dict[str, None] = {}
    tried: dict[str, int] = {}
    for position, name in enumerate(names):
        base = flat(name) or f"column {position + 1}"
        candidate = base
        while candidate in result:
            tried[base] = tried.get(base, 1) + 1
            candidate = f"{base} ({tried[base]})"
        result[candidate] = None
    return tuple(result)
