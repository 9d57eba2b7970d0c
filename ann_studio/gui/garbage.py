"""Python's garbage is collected by the window's thread alone: a part of the window may be among it."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: Milliseconds after which the window and its engine are loaded.
_ALL_LOADED = 3_000
#: Milliseconds between two looks at whether a collection is due.
_PERIOD = 100


def collect_here(parent: QObject) -> None:
    """Take over from Python's own collector, by timers of `parent`, once everything is loaded.

    Left to itself, Python collects in whichever thread happens to allocate, and so destroys widgets that only refer to
    each other from the thread that trains, while Qt may be using them: the process dies. See
    ``docs/decisions/0007-garbage-in-one-thread.md``.
    """
    gc.disable()
    loaded, due = QTimer(parent), QTimer(parent)
    loaded.setSingleShot(True)
    loaded.timeout.connect(set_aside_what_stays)
    loaded.timeout.connect(due.start)
    due.setInterval(_PERIOD)
    due.timeout.connect(collect_due)
    loaded.start(_ALL_LOADED)


def set_aside_what_stays() -> None:
    """Tell Python's garbage collector to look no more at what was loaded by now.

    It stays anyhow, and looking through all of it takes 60 ms: a frame that comes too late, every few seconds. What is
    garbage by now is kept too, since looking for it would take as long.
    """
    gc.freeze()


def collect_due() -> None:
    """Collect the oldest generation whose threshold is passed, as Python itself would."""
    due = [
        generation
        for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if count > threshold > 0
    ]
    if due:
        gc.collect(due[-1])
