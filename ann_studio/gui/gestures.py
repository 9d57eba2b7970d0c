"""Numbers of gestures: what is set in one drag, or by one burst of keys or of the wheel, is one edit."""

from __future__ import annotations

from itertools import count

_NUMBERS = count(1)


def fresh_gesture() -> int:
    """A number that no other gesture of this process has, see `ann_studio.engine.messages.SetParameters`."""
    return next(_NUMBERS)
