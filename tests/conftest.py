"""What holds for every test: no display needed, no settings of yours touched, no thread left behind."""

from __future__ import annotations

import gc
import os
import tempfile
import threading
import time
from collections.abc import Iterator

import hypothesis
import pytest

# Before anything imports Qt: it reads them once. numba's cache stays where `make test` has filled it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_SETTINGS = tempfile.TemporaryDirectory(prefix="ann-studio-tests-", ignore_cleanup_errors=True)
for _name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_name] = _SETTINGS.name

#: How long a thread may take to end after the test that started it, in seconds: as long as closing the window may.
GRACE = 2.0

# As in the window (`ann_studio.gui.garbage`): a dead window that is collected by a thread of a living one ends it all.
gc.disable()

hypothesis.settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("suite")


@pytest.fixture(autouse=True)
def garbage_is_collected_between_tests() -> Iterator[None]:
    """As by the window's timer, which does not run where there is no window."""
    from ann_studio.gui.garbage import collect_due

    yield
    collect_due()


@pytest.fixture(autouse=True)
def no_thread_survives() -> Iterator[None]:
    """Fail a test that leaves a thread behind, daemon or not.

    Threads that Qt or the engine start without Python are not seen; those of Qt that call Python are dummies to it.
    """
    before = set(threading.enumerate())
    yield
    survivors = [thread for thread in threading.enumerate() if thread not in before and _is_ours(thread)]
    end = time.monotonic() + GRACE
    for thread in survivors:
        thread.join(max(0.0, end - time.monotonic()))
    names = [thread.name for thread in survivors if thread.is_alive()]
    if names:
        pytest.fail(f"threads outlive the test: {', '.join(names)}", pytrace=False)


def _is_ours(thread: threading.Thread) -> bool:
    return not isinstance(thread, threading._DummyThread)
