"""What is said of a table that cannot be used."""

from __future__ import annotations


class TableError(ValueError):
    """A table that cannot be used; the message is one line with file, line and column where they are known."""


def flat(text: str) -> str:
    """`text` on one line: runs of spaces and of what cannot be printed become one space."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def clip(text: str, most: int = 40) -> str:
    """`text` on one line and not too long, for a message."""
    line = flat(text[: 4 * most])
    return line if len(line) <= most and len(text) <= 4 * most else line[: most - 1] + "…"
