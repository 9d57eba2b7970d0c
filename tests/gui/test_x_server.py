"""The same window in a real X server, where this machine has one that needs no screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="there is no xvfb-run; `make test` installs it on Debian")
def test_the_whole_way_of_a_newcomer_works_in_a_real_x_server():
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb"}
    environment.pop("WAYLAND_DISPLAY", None)
    command = [
        "xvfb-run", "--auto-servernum", "--server-args=-screen 0 1600x1000x24",
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/gui/test_workflow.py",
        "tests/gui/test_memory.py",
        "-k", "not bad_file",
    ]  # fmt: skip
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert " passed" in run.stdout
