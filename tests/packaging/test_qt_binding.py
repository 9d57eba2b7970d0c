"""The installed PySide6 is one that can run for longer than a few minutes."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QTimer

CALLS = 20_000


def test_a_void_call_keeps_its_reference_to_none() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one with each such call, until the process dies."""
    timer, thing = QTimer(), QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS // 2):
        timer.stop()
        thing.setObjectName("name")
    assert sys.getrefcount(None) > before - CALLS // 10
