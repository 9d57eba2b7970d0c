"""How long the program takes to show itself: ``python -m ann_studio.bench.start --warm``. Prints JSON.

Each start is a process of its own, timed from before it was made to the first completed paint of its window and to the
first one of a training network. Warm: some starts, before which one went unmeasured. Cold: one start without the
machine code of the engine. The floor is a window without anything in it, made with the libraries that the program
cannot do without.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ann_studio.gui.display import missing_display, missing_libraries

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ann_studio.gui.main_window import MainWindow

_ROUNDS = 7


# --- in a process of its own ----------------------------------------------------------------------------------------
def call_after_paint(window: QWidget, painted: Callable[[], None]) -> None:
    """Call `painted` after each completed paint of `window`."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            # What the window paints is flushed before the next event of its thread is heard.
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, painted)
            return False

    window.installEventFilter(Watch(window))


def time_program() -> None:
    """Start the program as the command line does; print the two times and end."""
    from ann_studio import cli
    from ann_studio.gui import app

    times: dict[str, float] = {}

    def watch(window: MainWindow) -> None:
        from ann_studio.engine.messages import Status

        def painted() -> None:
            times.setdefault("first_paint_s", time.monotonic())
            frame = window.frame
            trains = frame is not None and frame.status is Status.TRAINING and frame.snapshots[0].state.update > 0
            if not trains or "first_training_frame_s" in times:
                return
            times["first_training_frame_s"] = time.monotonic()
            print(json.dumps(times), flush=True)
            window.close()

        call_after_paint(window, painted)

    app.run = partial(app.run, made=watch)
    sys.argv = ["ann-studio"]
    cli.main()


def time_floor() -> None:
    """Show an empty window; print when, and end."""
    import numpy as np
    from PySide6.QtWidgets import QApplication, QMainWindow

    assert np is not None
    application, window = QApplication([]), QMainWindow()

    def painted() -> None:
        print(json.dumps({"floor_s": time.monotonic()}), flush=True)
        application.quit()

    call_after_paint(window, painted)
    window.resize(1600, 1000)
    window.show()
    application.exec()


# --- from outside ---------------------------------------------------------------------------------------------------
def start(what: str, environment: dict[str, str]) -> dict[str, float]:
    """Seconds from the making of a process to each of its times."""
    began = time.monotonic()
    # -P: a random.py in the working folder is none of our modules
    command = [sys.executable, "-P", "-m", "ann_studio.bench.start", what]
    run = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return {name: at - began for name, at in json.loads(run.stdout).items()}


def measure(*, cold: bool) -> dict[str, list[float]]:
    """Start the program and the floor, turn by turn; seconds of each round."""
    with tempfile.TemporaryDirectory() as folder:
        # The settings of the user's own window stay as they are.
        environment = os.environ | {"XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder}
        if cold:
            environment["NUMBA_CACHE_DIR"] = os.path.join(folder, "cache")
        else:
            start("--program", environment)
        rounds = [
            start("--program", environment) | start("--floor", environment) for _ in range(1 if cold else _ROUNDS)
        ]
    return {name: [each[name] for each in rounds] for name in rounds[0]}


def main() -> None:
    """Measure a warm or a cold start; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m ann_studio.bench.start", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--warm", action="store_true", help="with the machine code in the cache")
    what.add_argument("--cold", action="store_true", help="with an empty cache")
    what.add_argument("--program", action="store_true", help=argparse.SUPPRESS)
    what.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.program:
        time_program()
    elif asked.floor:
        time_floor()
    else:
        reason = missing_display() or missing_libraries()
        if reason:
            remedy = 'xvfb-run --server-args="-screen 0 1600x1000x24" gives one'
            sys.exit(f"error: the start of a window is to be measured, and {reason}; {remedy}")
        print(json.dumps(measure(cold=asked.cold)))


if __name__ == "__main__":
    main()
