"""All parts of the benchmark, one after the other: what ``ann-studio bench`` does."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits

from ann_studio.bench import descent, growth, memory, report, screen, speed
from ann_studio.bench.contest import LEAST_TIME
from ann_studio.bench.engines import Unavailable
from ann_studio.bench.machine import machine
from ann_studio.bench.tasks import TASKS
from ann_studio.storage.child import ChildDied

PARTS = ("engine", "memory", "growth", "surface", "restarts", "race", "start", "window")
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

    @property
    def least(self) -> float:
        """Seconds that an engine is given in a round."""
        return 0.002 if self.quick else LEAST_TIME


def bench(wish: Wish, console: Console) -> dict[str, Any]:
    """Measure, and print the tables of each part when it is ready.

    Returns
    -------
    dict
        All figures, as they are written to JSON: an entry a part that was measured, sentences in ``missing`` about what
        could not take part, and in ``failed`` about what came to no result.
    """
    found: dict[str, Any] = {
        "format": FORMAT, "version": VERSION, "date": date.today().isoformat(), "quick": wish.quick,
        "rounds": wish.rounds, "machine": machine(), "missing": [], "failed": [],
    }  # fmt: skip
    if wish.quick:
        console.print("quick: few and short rounds, whose figures say nothing")
    with threadpool_limits(1), Progress(console=Console(stderr=True), transient=True) as progress:
        for part in PARTS:
            if part not in wish.parts:
                continue
            try:
                found[part] = _MEASURES[part](wish, progress, found["missing"])
            except Unavailable as reason:
                found["missing"].append(str(reason))
            except (screen.Failed, ChildDied) as reason:
                found["failed"].append(f"{part}: {reason}")
            else:
                for grid in report.GRIDS[part](found[part]):
                    report.show(grid, console)
    for sentence in found["missing"]:
        console.print(f"missing: {sentence}", highlight=False)
    for sentence in faults(found):
        console.print(f"error: {sentence}", style="bold red", highlight=False)
    return found


def faults(found: dict[str, Any]) -> list[str]:
    """What is wrong with the figures, a sentence each."""
    failed: list[str] = found["failed"]
    return failed + [
        f"{result['task']}, batch {result['batch']}: {sentence}"
        for result in found.get("engine", [])
        for sentence in result["disagreements"]
    ]


def write(found: dict[str, Any], json_file: Path | None, markdown: Path | None) -> None:
    """Write the figures as one JSON object and as the section of results of a Markdown page, where wished."""
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if markdown is not None:
        report.write_markdown(found, markdown)


def _engine(wish: Wish, progress: Progress, missing: list[str]) -> list[speed.TaskResult]:
    pairs = [(TASKS[name], batch) for name in wish.tasks for batch in TASKS[name].batches]
    with tempfile.TemporaryDirectory(prefix="ann-studio-bench-", ignore_cleanup_errors=True) as folder:
        engines, absent = speed.engines_here(Path(folder))
        missing.extend(absent)
        bar = progress.add_task("engine", total=len(pairs))
        results = []
        for task, batch in pairs:
            progress.update(bar, description=f"engine: {task.name}, batch {batch}")
            results.append(speed.race(task, batch, engines, wish.rounds, wish.least))
            progress.advance(bar)
    progress.remove_task(bar)
    return results


def _memory(wish: Wish, progress: Progress, missing: list[str]) -> list[memory.MemoryResult]:
    updates = 10_000 if wish.quick else memory.UPDATES

    def run(batch: int | str) -> memory.MemoryResult:
        bar = progress.add_task(f"memory: {updates:,} updates of {memory.TASK}, batch {batch}", total=updates)
        result = memory.measure(batch, updates, lambda done, _: progress.update(bar, completed=done))
        progress.remove_task(bar)
        return result

    return [run(batch) for batch in memory.BATCHES]


def _growth(wish: Wish, progress: Progress, missing: list[str]) -> list[growth.Growth]:
    bar = progress.add_task("growth", total=None)
    results = [measure(wish.rounds, wish.least) for measure in (growth.by_parameters, growth.by_samples)]
    progress.remove_task(bar)
    return results


def _surface(wish: Wish, progress: Progress, missing: list[str]) -> list[descent.SurfaceResult]:
    bar = progress.add_task("surface", total=None)
    results = descent.surfaces(wish.rounds, wish.least)
    progress.remove_task(bar)
    return results


def _restarts(wish: Wish, progress: Progress, missing: list[str]) -> list[descent.RestartResult]:
    bar = progress.add_task("restarts", total=wish.rounds * len(descent.BATCHES) * 2)
    results = descent.restarts(wish.rounds, lambda: progress.advance(bar))
    progress.remove_task(bar)
    return results


def _race(wish: Wish, progress: Progress, missing: list[str]) -> list[descent.RaceResult]:
    bar = progress.add_task("race", total=None)
    results = descent.races(wish.rounds, wish.least)
    progress.remove_task(bar)
    return results


def _start(wish: Wish, progress: Progress, missing: list[str]) -> screen.StartResult:
    screen.check("start")
    cold = 1 if wish.quick else screen.COLD_STARTS
    with screen.display() as environment:
        bar = progress.add_task("start", total=1 + cold)
        result = screen.start(cold, environment, lambda: progress.advance(bar))
    progress.remove_task(bar)
    return result


def _window(wish: Wish, progress: Progress, missing: list[str]) -> list[screen.WindowResult]:
    screen.check("window")
    rounds, seconds = (1, 1) if wish.quick else (wish.rounds, 10)
    with screen.display() as environment:
        bar = progress.add_task("window", total=rounds * len(screen.WINDOW_TASKS))
        results = screen.window(rounds, seconds, environment, lambda: progress.advance(bar))
    progress.remove_task(bar)
    return results


_MEASURES = {
    "engine": _engine, "memory": _memory, "growth": _growth, "surface": _surface, "restarts": _restarts, "race": _race,
    "start": _start, "window": _window,
}  # fmt: skip
