"""The window is measured by children on a display of their own, whose failures are told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from ann_studio.bench import report, screen
from ann_studio.bench.engines import Unavailable
from ann_studio.bench.window import fewest

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has Xvfb")


@linux
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no Xvfb; `make test` installs it on Debian")
def test_there_is_a_display_of_its_own_as_long_as_it_is_needed():
    with screen.display() as environment:
        socket = Path("/tmp/.X11-unix/X" + environment["DISPLAY"].removeprefix(":"))
        assert socket.exists()
        assert environment["QT_QPA_PLATFORM"] == "xcb"
    assert not socket.exists()


@linux
def test_without_a_display_and_xvfb_the_sentence_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Unavailable, match="sudo apt install xvfb"), screen.display():
        pass
    monkeypatch.setenv("DISPLAY", ":77")
    with screen.display() as environment:
        assert environment["DISPLAY"] == ":77"


def test_a_measurement_that_is_not_there_or_fails_is_told():
    with pytest.raises(Unavailable, match=r"there is no bench\.nowhere"):
        screen.check("nowhere")
    with pytest.raises(screen.Failed, match=r"bench\.nowhere .* ended with code 1: .*No module named"):
        screen.ask("nowhere", "2-6-4-1", environment={})


def answer(module, *arguments, environment):
    """What the two modules print, in their form."""
    if module == "start":
        if "--cold" in arguments:
            return {"first_paint_s": 0.9, "first_training_frame_s": 11.1, "floor_s": 0.6}
        return {"first_paint_s": [0.8, 0.9, 0.7], "first_training_frame_s": [1.1, 1.2, 1.3], "floor_s": [0.6] * 3}
    return {
        "task": arguments[0], "frames": 600, "p50_ms": 16.7, "p99_ms": 17.5, "max_ms": 30.0,
        "views": {"graph": 60.0, "cost": 15.5}, "samples_per_second": 4.5e6, "headless_samples_per_second": 5e6,
        "share": 0.9, "pause_ms": [9.0, 30.0], "screen": "1600x1000", "fewest": {"graph": 51, "cost": 14},
        "fewest_frames": 51,
    }  # fmt: skip


def test_starts_and_windows_are_told_in_the_report(monkeypatch):
    monkeypatch.setattr(screen, "ask", answer)
    calls = []
    start = screen.start(3, {}, lambda: calls.append("start"))
    windows = screen.window(7, 10, {}, lambda: calls.append("window"))
    assert calls == ["start"] * 4 + ["window"] * 28
    assert start["cold"]["first_training_frame_s"]["median"] == 11.1
    assert [each["task"] for each in windows] == ["2-6-4-1", "64-32-10", "race 2-6-4-1", "race trap"]
    assert windows[0]["pause_ms"] == {"median": 19.5, "min": 9.0, "max": 30.0}
    assert windows[0]["views"]["cost"]["median"] == 15.5
    assert len(windows[0]["rounds"]) == 7
    (grid,) = report.start_grids(start)
    assert grid.rows[2] == ["First frame of a training network", "1.2\n(1.1–1.3)", "11.1\n(11.1–11.1)"]
    (grid,) = report.window_grids(windows)
    assert grid.rows[2] == ["Frames in the second that had the fewest", *["51\n(51–51)"] * 4]
    assert grid.rows[3] == ["Training rate, of that without a window", *["90 %\n(90–90)"] * 4]
    assert grid.rows[-1] == ["Repaints a second: cost", *["15.5\n(15.5–15.5)"] * 4]


def test_the_second_with_the_fewest_frames_is_found_wherever_it_begins():
    steady = [0.03 * frame for frame in range(1, 134)]
    assert fewest(steady, 0.0, 4.0) == 33
    gap = [moment for moment in steady if not 1.31 < moment < 1.69]
    assert fewest(gap, 0.0, 4.0) == 33 - 13
    assert fewest([], 0.0, 4.0) == 0
    assert fewest([0.1, 0.2], 0.0, 2.0) == 0  # after the last one there is a second without any
