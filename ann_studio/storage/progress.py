"""Training in a terminal: a progress bar, and the trace streamed to its file."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ann_studio.learning.trainer import Outcome, Trainer
from ann_studio.storage.trace_file import TraceFile

#: Samples that one call of the engine trains on between two looks at the progress bar.
_CHUNK = 200_000


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
