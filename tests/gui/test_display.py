"""Without a display the program does not die inside Qt: it says so, trains, and leaves what it made."""

from __future__ import annotations

import csv
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import onnxruntime
import pytest
from PySide6.QtGui import QImage

from ann_studio.gui import display
from ann_studio.storage.resources import resource


def run(folder, *arguments):
    """The program in a fresh process that has no display."""
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    command = [sys.executable, "-m", "ann_studio", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_the_demo_leaves_a_picture_a_model_and_the_trace(tmp_path):
    ended = run(tmp_path, resource("experiments", "03-xor-gate.json"))
    assert ended.returncode == 0, ended.stderr
    assert "there is no display on this machine" in ended.stderr
    folder = tmp_path / "ann-studio-demo"
    assert sorted(path.name for path in folder.iterdir()) == ["model.onnx", "screenshot.png", "trace.csv"]
    assert str(folder) in ended.stdout
    picture = QImage(str(folder / "screenshot.png"))
    assert (picture.width(), picture.height()) == (1600, 1000)
    with (folder / "trace.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert (rows[0]["epoch"], rows[-1]["epoch"]) == ("0", "2000")
    onnxruntime.InferenceSession(str(folder / "model.onnx"))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_a_bad_file_is_one_line_and_nothing_is_left(tmp_path):
    (tmp_path / "bad.csv").write_bytes(b"\0\1\2")
    ended = run(tmp_path, "bad.csv")
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("error: bad.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "DISPLAY is not set"),
        ({"DISPLAY": ":987"}, "does not answer"),
        ({"DISPLAY": "nonsense"}, "does not answer"),
        ({"DISPLAY": ":987", "QT_QPA_PLATFORM": "offscreen"}, ""),
        ({"WAYLAND_DISPLAY": "wayland-987"}, "DISPLAY is not set"),
    ],
)
def test_a_display_is_asked_before_qt_is(environment, says, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    reason = display.missing_display()
    assert says in reason
    assert bool(reason) == bool(says)


def test_missing_libraries_are_named_with_the_line_to_type(monkeypatch):
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(display.sys, "platform", "linux")
    monkeypatch.setattr(display, "_loads", lambda library: library != "libxcb-cursor.so.0")
    assert display.missing_libraries().endswith("sudo apt-get install libxcb-cursor0")


def test_what_the_window_looks_for_is_what_the_set_up_installs():
    code = Path(__file__).parents[2] / "make.py"
    specification = importlib.util.spec_from_file_location("make", code)
    make = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(make)
    assert make.X_LIBRARIES == display._LIBRARIES
