"""Resident memory before and after a long run without a window, in a process of its own."""

from __future__ import annotations

import ctypes
import gc
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

from ann_studio.bench.engines import AsRun
from ann_studio.bench.tasks import TASKS
from ann_studio.learning import supervised
from ann_studio.storage.child import run_in_child

#: The smallest network: it makes most updates, and whatever grows with them shows most.
TASK = "2-4-2-1"
BATCHES: tuple[int | str, ...] = (1, "full")
UPDATES = 10_000_000
#: Looks at how far it is.
_PIECES = 200


class MemoryResult(TypedDict):
    """Bytes in memory at rest, with the engine loaded, and after so many updates.

    `checkpoints`, `trace` and `path` are what the run's history holds at the end. `other_growth` is what the process
    has grown by beyond them.
    """

    task: str
    batch: int | str
    updates: int
    rest: int
    after: int
    checkpoints: int
    trace: int
    path: int
    other_growth: int


def measure(batch: int | str, updates: int, progress: Callable[[int, int], None]) -> MemoryResult:
    """Train as the window does, but without one, in a child process; `progress` receives updates done and their total.

    Raises
    ------
    ann_studio.storage.child.ChildDied
        If it was killed or ran out of memory.
    """
    return run_in_child(_long_run, batch, updates, progress=progress)


def _long_run(batch: int | str, updates: int, report: Callable[[int, int], None]) -> MemoryResult:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent, which then ends this process
    problem = TASKS[TASK].problem(batch)
    course = AsRun(problem)
    course.train(2)
    course.reset()
    before, rest = sum(course.race.main.history_bytes), resident()
    epochs = math.ceil(updates * supervised.batch_size(problem) / len(problem.train))
    piece = max(1, epochs // _PIECES)
    while (state := course.race.main.state).epoch < epochs:
        course.train(min(piece, epochs - state.epoch))
        report(course.race.main.state.update, updates)
    checkpoints, trace, path = course.race.main.history_bytes
    after = resident()
    return {
        "task": TASK,
        "batch": batch,
        "updates": course.race.main.state.update,
        "rest": rest,
        "after": after,
        "checkpoints": checkpoints,
        "trace": trace,
        "path": path,
        "other_growth": after - rest - (checkpoints + trace + path - before),
    }


def resident() -> int:
    """Bytes of this process in memory, after a forced collection."""
    gc.collect()
    if sys.platform == "win32":
        counters = _Counters(ctypes.sizeof(_Counters))
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.size):
            raise ctypes.WinError()
        return int(counters.resident)
    if sys.platform.startswith("linux"):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    ask = ["ps", "-o", "rss=", "-p", str(os.getpid())]
    return int(subprocess.run(ask, capture_output=True, text=True, check=True).stdout) * 1024


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of Windows."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("faults", ctypes.c_uint32),
        ("peak", ctypes.c_size_t),
        ("resident", ctypes.c_size_t),
        ("others", ctypes.c_size_t * 6),
    )
