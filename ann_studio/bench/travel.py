"""How soon any moment of a long run is on the screen: ``python -m ann_studio.bench.travel``. Prints JSON.

A million updates of 2-4-2-1 are trained in the real window. Then single updates are sought, drawn by chance all over
the run, and the knob of the timeline is dragged to and fro. A moment is on the screen once a paint was completed in
which the network is that of the update.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from ann_studio.bench.tasks import TASKS
from ann_studio.bench.window import Part, WatchedWindow
from ann_studio.engine.messages import Open, Seek, Status, Step, Unit
from ann_studio.gui import app
from ann_studio.gui.display import missing_display, missing_libraries

_SIZE = (1600, 1000)
_PATIENCE = 300.0  #: seconds
_DRAG = 0.016  #: seconds from one move of the mouse to the next
_SWEEP = 2.0  #: seconds from one end of the timeline to the other


class Travel:
    """A window with a long run in it."""

    def __init__(self, window: WatchedWindow, batch: int, updates: int) -> None:
        self._window, self._updates = window, updates
        self._part = Part(window.network_view, window.network_view.graph)
        self._seen: list[tuple[float, int]] = []  #: when a moment was first on the screen, and which
        window.painted = self._note
        window.bridge.send(Open(TASKS["2-4-2-1"].problem(batch), "benchmark"))
        window.bridge.send(Step(Unit.UPDATE, updates))
        self._until(lambda: self._is_at(updates))

    def _note(self) -> None:
        frame = self._window.frame
        if frame is None or not frame.snapshots or self._part.painted != frame.serial:
            return
        update = frame.snapshots[0].state.update
        if not self._seen or self._seen[-1][1] != update:
            self._seen.append((time.perf_counter(), update))

    def _is_at(self, update: int) -> bool:
        frame = self._window.frame
        painted = bool(self._seen) and self._seen[-1][1] == update
        return painted and frame is not None and frame.status is not Status.TRAINING

    def _until(self, reached: Any) -> None:
        end = time.monotonic() + _PATIENCE
        while not reached():
            QCoreApplication.processEvents()
            if time.monotonic() > end:
                raise SystemExit("the window did not come to the moment asked for")
            time.sleep(0.0005)

    def seeks(self, count: int) -> list[float]:
        """Milliseconds from the command to the completed paint, for updates drawn by chance."""
        chance, times = random.Random(1), []
        for _ in range(count):
            update = chance.randrange(self._updates)
            began = time.perf_counter()
            self._window.bridge.send(Seek(update))
            self._until(lambda update=update: self._seen[-1][1] == update)
            times.append(1000 * (self._seen[-1][0] - began))
            self._until(lambda update=update: self._is_at(update))
        return times

    def drag(self, seconds: float) -> tuple[float, int]:
        """Moments a second that are on the screen while the knob is dragged, and the fewest in any second."""
        track = self._window.timeline.track
        kinds = QEvent.Type
        _mouse(track, kinds.MouseButtonPress, track.x_of(0))
        began = time.perf_counter()
        self._seen.clear()
        moved = 0.0
        while (now := time.perf_counter() - began) < seconds:
            if now - moved >= _DRAG:
                moved = now
                sweep = now / _SWEEP % 2
                share = sweep if sweep < 1 else 2 - sweep
                _mouse(track, kinds.MouseMove, track.x_of(share * track.reached))
            QCoreApplication.processEvents()
            time.sleep(0.0005)
        _mouse(track, kinds.MouseButtonRelease, track.x_of(0))
        times = np.array([at - began for at, _ in self._seen])
        starts = times[times <= seconds - 1]
        fewest = min(int(((times >= start) & (times < start + 1)).sum()) for start in starts)
        return len(times) / seconds, fewest


def _mouse(widget: QWidget, kind: QEvent.Type, x: float) -> None:
    left, at = Qt.MouseButton.LeftButton, QPointF(x, widget.height() / 3)
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
    event = QMouseEvent(kind, at, at, left, held, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.postEvent(widget, event)


def measure(batch: int, updates: int, count: int, seconds: float) -> dict[str, Any]:
    """Times of seeks, and moments a second while dragging, in the real window."""
    application = QApplication([])
    app.prepare(application)
    with tempfile.TemporaryDirectory() as folder:
        window = WatchedWindow(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        window.start()
        window.resize(*_SIZE)
        window.show()
        travel = Travel(window, batch, updates)
        times = travel.seeks(count)
        rate, fewest = travel.drag(seconds)
        window.close()
    return {
        "updates": updates,
        "batch": batch,
        "seek_ms": {
            "p50": round(float(np.percentile(times, 50)), 1),
            "p99": round(float(np.percentile(times, 99)), 1),
            "max": round(max(times), 1),
        },
        "dragged_moments_per_second": round(rate, 1),
        "fewest_in_a_second": fewest,
    }


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m ann_studio.bench.travel", description=__doc__)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--updates", type=int, default=1_000_000)
    parser.add_argument("--seeks", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    reason = missing_display() or missing_libraries()
    if reason:
        remedy = 'xvfb-run --server-args="-screen 0 1600x1000x24" gives one'
        sys.exit(f"error: a window is to be measured, and {reason}; {remedy}")
    print(json.dumps(measure(asked.batch, asked.updates, asked.seeks, asked.seconds)))


if __name__ == "__main__":
    main()
