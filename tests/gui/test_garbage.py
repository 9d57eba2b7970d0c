"""Garbage is collected by the window's thread, whoever made it."""

from __future__ import annotations

import gc
import threading

import pytest

from ann_studio.gui import garbage
from ann_studio.gui.garbage import collect_due
from tests.gui.conftest import HANG


class Knot:
    """Refers to itself, so that only the collector finds it; writes down the thread that ended it."""

    def __init__(self, ended_by: list[int]) -> None:
        self.itself, self.ended_by = self, ended_by

    def __del__(self) -> None:
        self.ended_by.append(threading.get_ident())


def knots(count: int, ended_by: list[int]) -> None:
    for _ in range(count):
        Knot(ended_by)


@pytest.fixture
def soon_loaded(monkeypatch):
    """A window of which nobody waits until all of it is loaded."""
    monkeypatch.setattr(garbage, "_ALL_LOADED", 100)


def test_what_a_thread_leaves_is_collected_by_that_of_the_window(soon_loaded, studio):
    studio.qtbot.waitUntil(lambda: gc.get_freeze_count() > 0, timeout=HANG)
    ended_by: list[int] = []
    thread = threading.Thread(target=knots, args=(10 * gc.get_threshold()[0], ended_by))
    thread.start()
    thread.join()
    assert not ended_by
    studio.qtbot.waitUntil(lambda: len(ended_by) == 10 * gc.get_threshold()[0], timeout=HANG)
    assert set(ended_by) == {threading.get_ident()}
    assert not gc.isenabled()


def test_nothing_is_collected_before_it_is_due():
    gc.collect()
    ended_by: list[int] = []
    knots(3, ended_by)
    collect_due()
    assert not ended_by
    gc.collect()
    assert len(ended_by) == 3
