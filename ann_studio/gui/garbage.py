"""Python's garbage is collected by the window's thread alone: a part of the window may be among it."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Milliseconds between two looks at whether a collection is due.
_PERIOD = 100


def collect_here(parent: QObject) -> None:
    """Take over from Python's own collector, by a timer of `parent`.

    Left to itself, Python collects in whichever thread happens to allocate, and so destroys widgets that only refer to
    each other from the thread that trains, while Qt may be using them: the process dies. See
    ``docs/decisions/0007-garbage-in-one-thread.md``.
    """
    gc.disable()
    timer = QTimer(parent)
    timer.setInterval(_PERIOD)
    timer.timeout.connect(collect_due)
    timer.start()


def collect_due() -> None:
    """Collect the oldest generation whose threshold is passed, as Python itself would."""
    due = [
        generation
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > threshold > 0
    ]
    if due:
        gc.collect(due[-1])
