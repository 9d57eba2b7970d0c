"""The suite's guard against surviving threads bites: a planted thread fails its test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

PLANTS = """
import threading
from hypothesis import given, strategies

stop = threading.Event()

def test_leaves_a_daemon():
    threading.Thread(target=stop.wait, daemon=True, name="planted daemon").start()

def test_leaves_a_thread():
    threading.Thread(target=stop.wait, name="planted thread").start()
    threading.Timer(1.5, stop.set).start()

def test_waits_for_its_thread():
    thread = threading.Thread(target=sum, args=([],))
    thread.start()
    thread.join()

def test_starts_one_that_soon_ends():
    threading.Timer(0.2, print).start()

@given(strategies.integers())
def test_with_hypothesis(number):
    pass
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the plants under the suite's conftest."""
    folder = tmp_path_factory.mktemp("threads")
    guard = (TESTS / "conftest.py").read_text("utf-8")
    (folder / "conftest.py").write_text(guard.replace("GRACE = 2.0", "GRACE = 0.5"), "utf-8")
    (folder / "test_planted.py").write_text(PLANTS, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:pytest-qt", "-rA", str(folder)]
    wide = os.environ | {"COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=wide, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("name", ["daemon", "thread"])
def test_a_surviving_thread_fails_its_test_by_name(report: str, name: str) -> None:
    assert re.search(rf"ERROR .*test_leaves_a_{name} - Failed: threads outlive the test: .*planted {name}", report)


@pytest.mark.parametrize("name", ["waits_for_its_thread", "starts_one_that_soon_ends", "with_hypothesis"])
def test_a_thread_that_ends_is_no_fault(report: str, name: str) -> None:
    assert re.search(rf"PASSED .*test_{name}", report)
    assert not re.search(rf"ERROR .*test_{name}", report)
