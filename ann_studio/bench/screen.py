"""Start and window, measured by `ann_studio.bench.start` and `ann_studio.bench.window` in processes of their own."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

from ann_studio.bench.contest import Spread, interleave, spread
from ann_studio.bench.engines import Unavailable

SCREEN = "1600x1000x24"
WINDOW_TASKS = ("2-6-4-1", "64-32-10", "race 2-6-4-1", "race trap")
START_FIGURES = ("first_paint_s", "first_training_frame_s", "floor_s")
WINDOW_FIGURES = ("p50_ms", "p99_ms", "fewest_frames", "samples_per_second", "headless_samples_per_second", "share")
#: Starts with nothing in the cache.
COLD_STARTS = 3
#: Seconds after which a child has hung.
_PATIENCE = 300


class Failed(Exception):  # noqa: N818 - told in the report
    """A measurement came to no result; the message is one sentence."""


class StartResult(TypedDict):
    """Seconds from the start of the process, with the engine in the cache (warm) and without (cold).

    Each holds `START_FIGURES`; the floor is PySide6 and numpy alone with an empty window.
    """

    warm: dict[str, Spread]
    cold: dict[str, Spread]


class WindowResult(TypedDict):
    """What the window does while a task trains at full speed; `views` are repaints a second, `figures` see above."""

    task: str
    screen: str
    figures: dict[str, Spread]
    pause_ms: Spread
    views: dict[str, Spread]
    rounds: list[dict[str, Any]]


def start(cold: int, environment: dict[str, str], advance: Callable[[], None]) -> StartResult:
    """Measure warm starts in rounds of their own, and `cold` cold ones; `advance` is called after each measurement."""

    def several(option: str, count: int) -> dict[str, Spread]:
        found: dict[str, list[float]] = {name: [] for name in START_FIGURES}
        for _ in range(count):
            answer = ask("start", option, environment=environment)
            for name, values in found.items():
                # a number, or one a round
                values.extend(answer[name] if isinstance(answer[name], list) else [answer[name]])
            advance()
        return {name: spread(values) for name, values in found.items()}

    return {"warm": several("--warm", 1), "cold": several("--cold", cold)}


def window(rounds: int, seconds: float, environment: dict[str, str], advance: Callable[[], None]) -> list[WindowResult]:
    """Measure the window with each of `WINDOW_TASKS`; `advance` is called after each measurement.

    Parameters
    ----------
    seconds
        For which frames are counted in a round.
    """

    def measure(task: str) -> dict[str, Any]:
        answer = ask("window", task, "--seconds", f"{seconds:g}", environment=environment)
        advance()
        return answer

    contestants = {task: functools.partial(measure, task) for task in WINDOW_TASKS}
    return [_window_result(found) for found in interleave(contestants, rounds).values()]


def _window_result(found: list[dict[str, Any]]) -> WindowResult:
    return {
        "task": found[0]["task"],
        "screen": found[0]["screen"],
        "figures": {name: spread([each[name] for each in found]) for name in WINDOW_FIGURES},
        "pause_ms": spread([pause for each in found for pause in each["pause_ms"]]),
        "views": {name: spread([each["views"][name] for each in found]) for name in found[0]["views"]},
        "rounds": found,
    }


def check(module: str) -> None:
    """See whether a measurement of the window can be made here.

    Raises
    ------
    Unavailable
        If not.
    """
    if importlib.util.find_spec(f"ann_studio.bench.{module}") is None:
        raise Unavailable(f"{module.capitalize()}: this version cannot measure it yet: there is no bench.{module}")
    if importlib.util.find_spec("PySide6") is None:
        raise Unavailable("PySide6 is not installed: pip install PySide6-Essentials")


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """The environment of a process that opens a window.

    On Linux the display is a virtual one of its own, of the same size everywhere; without Xvfb it is the present one.

    Raises
    ------
    Unavailable
        If there is neither.
    """
    environment = dict(os.environ)
    if not sys.platform.startswith("linux"):
        yield environment
        return
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        if not environment.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}:
            raise Unavailable("There is no display and no Xvfb: sudo apt install xvfb")
        yield environment
        return
    reading, writing = os.pipe()
    command = [xvfb, "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(
        command, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()  # empty if it could not start
        if not number:
            raise Unavailable("Xvfb does not start: sudo apt install --reinstall xvfb")
        environment.pop("WAYLAND_DISPLAY", None)
        yield environment | {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def ask(module: str, *arguments: str, environment: dict[str, str]) -> dict[str, Any]:
    """The JSON object that a measuring module prints.

    Raises
    ------
    Failed
        If there is none, with the last line it complained of.
    """
    name = f"bench.{module} {' '.join(arguments)}"
    command = [sys.executable, "-P", "-m", f"ann_studio.bench.{module}", *arguments]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} did not end within {_PATIENCE} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise Failed(f"{name} ended with code {done.returncode}: {said[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
