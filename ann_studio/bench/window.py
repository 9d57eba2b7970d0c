"""How fluid the window is while it trains at full speed: ``python -m ann_studio.bench.window TASK``. Prints JSON.

The real main window, in the present display, in the workspace that it opens with. A frame is a completed paint, that is
one after which Qt has flushed what was painted, of another frame serial than the last. The training rate without a
window is that of the same runner in processes of its own, before and after.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtGui import QCursor, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from ann_studio.bench.tasks import RACES, SMALL, TASKS, raced
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Frame, Open, Run, Status
from ann_studio.engine.runner import Runner
from ann_studio.gui import app
from ann_studio.gui.display import missing_display, missing_libraries
from ann_studio.gui.main_window import MainWindow
from ann_studio.gui.transport import SPEEDS
from ann_studio.learning.problem import Problem

_SIZE = (1600, 1000)
#: Seconds of training before anything is counted: everything is loaded, and the chunks have found their length.
_WARM_UP = 5.0
#: Clicks on Pause, and the seconds between a click on Play and the next on Pause.
_PAUSES, _BETWEEN = 24, (0.15, 0.3)
#: Seconds after which something that does not happen is a failure.
_PATIENCE = 60.0


#: The networks that are watched: the task, and its batch size.
WATCHED = {
    "2-6-4-1": (SMALL, 10),
    "64-32-10": (TASKS["64-32-10"], 10),
    "784-128-64-10": (TASKS["784-128-64-10"], 128),
}


def watched(name: str) -> Problem:
    """The task of that name: a network alone, or one of `RACES` in the descent workspace."""
    if name in RACES:
        return raced(name)
    task, batch = WATCHED[name]
    return task.problem(batch)


# --- without a window -----------------------------------------------------------------------------------------------
def headless_rate(problem: Problem, seconds: float) -> float:
    """Samples a second of the window's own runner, with nobody who looks at its frames."""
    frames: Mailbox[Frame] = Mailbox()
    runner = Runner(frames)
    runner.start()
    runner.send(Open(problem, "benchmark"))
    runner.send(Run())
    time.sleep(_WARM_UP)
    began, before = _next_frame(frames)
    time.sleep(seconds)
    ended, after = _next_frame(frames)
    runner.close()
    return (_samples(after) - _samples(before)) / (ended - began)


def _next_frame(frames: Mailbox[Frame]) -> tuple[float, Frame]:
    """A frame that is made from now on, and when it came."""
    frames.take()
    frame = frames.wait(_PATIENCE)
    if frame is None or frame.status is not Status.TRAINING:
        raise SystemExit(f"the runner does not train: {frame and (frame.error or frame.message or frame.status)}")
    return time.perf_counter(), frame


def _samples(frame: Frame) -> int:
    """Samples used since the start."""
    assert frame.problem is not None
    state = frame.snapshots[0].state
    return state.epoch * len(frame.problem.train) + state.position


# --- with a window --------------------------------------------------------------------------------------------------
class WatchedWindow(MainWindow):
    """The main window, which tells when a paint was completed."""

    painted: Callable[[], None] = staticmethod(lambda: None)

    def event(self, event: QEvent) -> bool:
        """Qt paints all that is to be repainted, and flushes it, within the handling of this one event."""
        kind = event.type()
        done = super().event(event)
        if kind == QEvent.Type.UpdateRequest:
            self.painted()
        return done


class Part(QObject):
    """A part of the window: the serial of the frame that it holds, and of the one that it painted last."""

    def __init__(self, holder: Any, painter: QWidget) -> None:
        super().__init__()
        self.held = self.painted = self.counted = -1
        self.times: list[float] = []  #: of the paints that count
        show = holder.show_frame

        def show_frame(frame: Frame) -> None:
            show(frame)
            self.held = frame.serial

        holder.show_frame = show_frame
        painter.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a paint."""
        if event.type() == QEvent.Type.Paint:
            self.painted = self.held
        return False

    def count(self, now: float) -> None:
        """A paint of the window was completed."""
        if self.painted != self.counted:
            self.counted = self.painted
            self.times.append(now)


class Measurement:
    """Trains in the window and notes each completed paint; then clicks on Pause again and again."""

    def __init__(self, window: WatchedWindow, problem: Problem, seconds: float, end: Callable[[], None]) -> None:
        self._window, self._seconds, self._end = window, seconds, end
        transport, timeline = window.transport, window.timeline
        # The first one shows every frame.
        if problem.experiment.race:
            self._parts = {
                "surface": Part(window.surface_view, window.surface_view.canvas),
                "relief": Part(window.relief_view, window.relief_view.canvas),
                "valley": Part(window.valley_view, window.valley_view.canvas),
                "table": Part(window.race_view, window.race_view.table.viewport()),
            }
        else:
            self._parts = {
                "network": Part(window.network_view, window.network_view.graph),
                "output": Part(window.output_view, window.output_view.canvas),
            }
        self._parts |= {
            "cost": Part(window.loss_view, window.loss_view.plot),
            "toolbar": Part(transport, transport.train_loss),
            "timeline": Part(timeline, timeline.track),
        }
        self._lead = next(iter(self._parts.values()))
        self._serial, self._counting = -1, False
        self._times: list[float] = []
        self._ends: list[tuple[float, Frame]] = []
        self._pauses: list[float] = []
        self._clicked, self._waiting = 0.0, False
        self._random = random.Random(1)
        self.views: dict[str, float] = {}
        window.painted = self._note
        transport.speed.setValue(len(SPEEDS) - 1)
        window.bridge.send(Open(problem, "benchmark"))
        window.bridge.send(Run())
        QTimer.singleShot(int(1000 * _WARM_UP), self._begin)

    def _begin(self) -> None:
        for part in self._parts.values():
            part.times.clear()
        self._counting = True
        QTimer.singleShot(int(1000 * self._seconds), self._finish)

    def _finish(self) -> None:
        self._counting = False
        spent = self._times[-1] - self._times[0] if len(self._times) > 1 else math.inf
        self.views = {name: len(part.times) / spent for name, part in self._parts.items()}
        self._click_later()

    def _note(self) -> None:
        """A paint was completed."""
        now, frame = time.perf_counter(), self._window.frame
        if frame is None:
            return
        if self._counting:
            if frame.serial != self._serial and self._lead.painted == frame.serial:
                self._times.append(now)
                self._ends = [*self._ends[:1], (now, frame)]
            for part in self._parts.values():
                part.count(now)
        elif self._clicked and frame.status is Status.PAUSED:
            self._pause_was_painted(now)
        elif self._waiting and frame.status is Status.TRAINING:
            self._click_later()
        self._serial = frame.serial

    # --- pausing ----------------------------------------------------------------------------------------------------
    def _click_later(self) -> None:
        """Click on Pause at a moment that has nothing to do with that of the frames, from a thread of its own."""
        self._waiting = False
        threading.Timer(self._random.uniform(*_BETWEEN), self._click_pause).start()

    def _click_pause(self) -> None:
        self._clicked = time.perf_counter()
        _click(self._window.transport.play)

    def _pause_was_painted(self, now: float) -> None:
        self._pauses.append(1000 * (now - self._clicked))
        self._clicked = 0.0
        if len(self._pauses) == _PAUSES:
            self._end()
        else:
            QTimer.singleShot(100, self._go_on)

    def _go_on(self) -> None:
        self._waiting = True
        _click(self._window.transport.play)

    # --- the result -------------------------------------------------------------------------------------------------
    def figures(self) -> dict[str, Any]:
        """What was measured."""
        gaps = 1000 * np.diff(self._times)
        (began, before), (ended, after) = self._ends
        return {
            "frames": len(gaps),
            "p50_ms": float(np.percentile(gaps, 50)),
            "p99_ms": float(np.percentile(gaps, 99)),
            "max_ms": float(gaps.max()),
            "views": {name: round(rate, 1) for name, rate in self.views.items()},
            "fewest": {name: fewest(part.times, began, ended) for name, part in self._parts.items()},
            "fewest_frames": fewest(self._times, began, ended),
            "samples_per_second": (_samples(after) - _samples(before)) / (ended - began),
            "pause_ms": [round(pause, 1) for pause in self._pauses],
            "screen": f"{self._window.width()}x{self._window.height()} {QGuiApplication.platformName()}",
        }


def fewest(times: list[float], began: float, ended: float) -> int:
    """The least of so many ascending moments that lie within any second between a beginning and an end."""
    moments = np.array(times)
    starts = np.append(moments[moments <= ended - 1.0], began)
    counts = np.searchsorted(moments, starts + 1.0, side="right") - np.searchsorted(moments, starts, side="right")
    return int(counts.min())


def _click(button: QPushButton) -> None:
    """Press and release the left mouse button over a button; may be called by any thread."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    at = QPointF(button.rect().center())
    for kind, held in ((QEvent.Type.MouseButtonPress, left), (QEvent.Type.MouseButtonRelease, none)):
        event = QMouseEvent(kind, at, at, left, held, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.postEvent(button, event)


def measure_window(problem: Problem, seconds: float) -> dict[str, Any]:
    """Frame intervals, training rate and latency of Pause in the real window."""
    application = QApplication([])
    app.prepare(application)
    with tempfile.TemporaryDirectory() as folder:
        window = WatchedWindow(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        window.start()
        window.resize(*_SIZE)
        window.move(0, 0)
        window.show()
        # Nothing is pointed at.
        QCursor.setPos(window.mapToGlobal(QPoint(4, 4)))
        measurement = Measurement(window, problem, seconds, application.quit)
        QTimer.singleShot(int(1000 * (_WARM_UP + seconds + _PATIENCE)), application.quit)
        application.exec()
        figures = measurement.figures()
        window.close()
    return figures


def main() -> None:
    """Measure without, with, and without a window; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m ann_studio.bench.window", description=__doc__)
    parser.add_argument("task", choices=(*WATCHED, *RACES))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--headless", action="store_true", help="print the rate without a window only")
    asked = parser.parse_args()
    if asked.headless:
        print(json.dumps(headless_rate(watched(asked.task), asked.seconds)))
        return
    reason = missing_display() or missing_libraries()
    if reason:
        remedy = 'xvfb-run --server-args="-screen 0 1600x1000x24" gives one'
        sys.exit(f"error: a window is to be measured, and {reason}; {remedy}")
    alone = [sys.executable, "-m", "ann_studio.bench.window", asked.task, "--headless", "--seconds", str(asked.seconds)]
    rates = []
    figures: dict[str, Any] = {}
    for what in ("before", "window", "after"):
        if what == "window":
            figures = measure_window(watched(asked.task), asked.seconds)
        else:
            rates.append(json.loads(subprocess.run(alone, check=True, capture_output=True, text=True).stdout))
    headless = sum(rates) / len(rates)
    share = figures["samples_per_second"] / headless
    print(json.dumps({"task": asked.task} | figures | {"headless_samples_per_second": headless, "share": share}))


if __name__ == "__main__":
    main()
