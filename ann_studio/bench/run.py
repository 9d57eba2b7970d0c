"""All parts of the benchmark, one after the other: what ``ann-studio bench`` does."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits

from ann_studio.bench import report, speed
from ann_studio.bench.contest import LEAST_TIME
from ann_studio.bench.machine import machine
from ann_studio.bench.tasks import TASKS

PARTS = ("engine", "memory", "growth", "start", "window")
TASK_NAMES = tuple(TASKS)
FORMAT, VERSION = "ann-studio bench", 1
LEAST_ROUNDS = 7


@dataclass(frozen=True)
class Wish:
    """What is to be measured.

    Parameters
    ----------
    parts
        Some of `PARTS`.
    tasks
        Names of the tasks of the part "engine".
    rounds
        At least `LEAST_ROUNDS`, unless `quick`.
    quick
        Whether it is only to be seen that it works: short and few rounds, whose figures say nothing.
    """

    parts: Sequence[str] = PARTS
    tasks: Sequence[str] = TASK_NAMES
    rounds: int = LEAST_ROUNDS
    quick: bool = False


def bench(wish: Wish, console: Console) -> dict[str, Any]:
    """Measure, and print tables as they are ready.

    Returns
    -------
    dict
        All figures, as they are written to JSON.
    """
    found: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "quick": wish.quick, "rounds": wish.rounds, "machine": machine(),
        "missing": [],
    }  # fmt: skip
    with threadpool_limits(1):
        if "engine" in wish.parts:
            found["engine"] = _engine(wish, console, found["missing"])
            for grid in report.engine_grids(found["engine"]):
                report.show(grid, console)
    for sentence in found["missing"]:
        console.print(f"missing: {sentence}", highlight=False)
    for sentence in faults(found):
        console.print(f"error: {sentence}", style="bold red", highlight=False)
    return found


def faults(found: dict[str, Any]) -> list[str]:
    """What is wrong with the figures, a sentence each."""
    return [
        f"{result['task']}, batch {result['batch']}: {sentence}"
        for result in found.get("engine", [])
        for sentence in result["disagreements"]
    ]


def write(found: dict[str, Any], path: Path) -> None:
    """Write the figures as one JSON object."""
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _engine(wish: Wish, console: Console, missing: list[str]) -> list[speed.TaskResult]:
    pairs = [(TASKS[name], batch) for name in wish.tasks for batch in TASKS[name].batches]
    least = 0.002 if wish.quick else LEAST_TIME
    results = []
    with (
        tempfile.TemporaryDirectory(prefix="ann-studio-bench-", ignore_cleanup_errors=True) as folder,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        engines, absent = speed.engines_here(Path(folder))
        missing.extend(absent)
        bar = progress.add_task("", total=len(pairs))
        for task, batch in pairs:
            progress.update(bar, description=f"{task.name}, batch {batch}")
            results.append(speed.race(task, batch, engines, wish.rounds, least))
            progress.advance(bar)
    return results
