"""What the runs of a race are called."""

from __future__ import annotations

from ann_studio.learning.experiment import Supervised
from ann_studio.learning.problem import Problem


def names_of(problem: Problem) -> tuple[str, ...]:
    """A name for the main run and each racer: the one it was given, else the kind of its batches."""
    experiment, samples = problem.experiment, len(problem.train)
    return (
        _kind(experiment.learning, samples),
        *(racer.name or _kind(racer.learning, samples) for racer in experiment.race),
    )


def _kind(learning: Supervised, samples: int) -> str:
    size = learning.batch_size
    if size == "full" or size >= samples:
        return "Batch"
    return "Stochastic" if size == 1 else "Mini-batch"
