"""Work in a terminal: a progress bar, the trace of a training streamed to its file, and Ctrl+C heard."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ann_studio.learning.supervised import Flag
from ann_studio.learning.trainer import Outcome, Trainer
from ann_studio.storage.trace_file import TraceFile

#: Samples that one call of the engine trains on between two looks at the progress bar.
_CHUNK = 200_000
#: Seconds between two moments at which Ctrl+C is heard.
_GLANCE = 0.05

T = TypeVar("T")


def train_with_progress(trainer: Trainer, trace_file: TraceFile, *, visible: bool) -> Outcome:
    """Train until a stop rule is met.

    Parameters
    ----------
    trace_file
        Receives every row of the trace.
    visible
        Show a progress bar on standard error.

    Raises
    ------
    ValueError
        If there is no stop rule.
    """
    samples = pieces_of(trainer)

    def advance() -> Outcome:
        outcome = trainer.advance(samples=samples)
        trace_file.write(trainer.fresh_rows)
        return outcome

    trace_file.write(trainer.snapshot(exact=False).trace)
    return with_progress(trainer, advance, visible=visible)


def pieces_of(trainer: Trainer) -> int:
    """Samples between two looks at the progress bar."""
    return max(1, min(_CHUNK, 20_000_000 // trainer.problem.architecture.parameters))


def with_progress(trainer: Trainer, advance: Callable[[], Outcome], *, visible: bool) -> Outcome:
    """Call `advance`, which moves `trainer` and perhaps others a piece on, until a stop rule is met.

    Raises
    ------
    ValueError
        If there is no stop rule.
    """
    stop = trainer.experiment.stop
    if stop.epochs is None and stop.target_loss is None:
        raise ValueError("$.stop: there is no rule to stop by; give --epochs")
    columns = (TextColumn("epoch {task.completed:,.0f}"), BarColumn(), TextColumn("cost {task.fields[cost]:.6g}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=not visible) as progress:
        task = progress.add_task("", total=stop.epochs, cost=trainer.snapshot().train_loss)
        outcome = Outcome.LIMIT
        while outcome is Outcome.LIMIT:
            outcome = advance()
            cost = trainer.snapshot(exact=False).train_loss
            progress.update(task, completed=trainer.state.epoch, cost=cost)
    return outcome


def with_patience(work: Callable[[Flag], T], title: str, *, visible: bool) -> T:
    """What `work` returns, while a bar without an end moves on standard error.

    Machine code does not hear Ctrl+C: it works in a thread of its own, and Ctrl+C raises the flag that `work` is given.
    """
    interrupt: Flag = np.zeros(1, dtype=np.int64)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=Console(stderr=True), transient=True, disable=not visible) as progress,
        ThreadPoolExecutor(1, thread_name_prefix="work") as pool,
    ):
        progress.add_task(title, total=None)
        answer = pool.submit(work, interrupt)
        try:
            while not wait([answer], _GLANCE).done:
                pass
        except KeyboardInterrupt:
            interrupt[0] = 1
            raise
        return answer.result()
