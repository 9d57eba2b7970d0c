"""What the timeline says."""

from __future__ import annotations

import math

from ann_studio.engine.messages import Frame
from ann_studio.gui.theme import number
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, Snapshot
from ann_studio.learning.supervised import batch_size


def phase_text(phase: Phase, layers: int) -> str:
    """``Forward: hidden 2``, ``Cost: 0.532``, ``Backward: output``, ``Update``."""
    if phase.kind == "cost" and phase.loss is not None:
        return f"Cost: {number(phase.loss)}"
    if phase.layer < 0:
        return phase.kind.capitalize()
    layer = "output" if phase.layer == layers - 1 else f"hidden {phase.layer + 1}"
    return f"{phase.kind.capitalize()}: {layer}"


def where_text(problem: Problem, snapshot: Snapshot) -> str:
    """``Batch 2 of 4``, ``Sample 1 of 2 · batch 2 of 4``; on a landscape of its noisy gradients, if it has any.

    Of a sample that is looked at: ``Looking at sample 12``, by its row of the data, as in the output.
    """
    samples, size, position = len(problem.train), batch_size(problem), snapshot.state.position
    landscape = isinstance(problem.experiment.data, Landscape)
    phase = snapshot.phase
    if phase is not None and phase.subject is not None:
        subject = phase.subject
        if subject.part == "own":
            return "Looking at an own input"
        part = problem.train if subject.part == "train" else problem.validation
        return f"Looking at sample {int(part.rows[subject.row]) + 1:,}"
    if landscape and samples == 1:
        return "Exact gradient"
    batch, rest = divmod(position, size)
    where = f"batch {batch + 1:,} of {math.ceil(samples / size):,}"
    if rest:
        # The batch size was changed within this epoch: batches of the new size cannot be counted from its start.
        where = f"{position:,} of {samples:,} {'gradients' if landscape else 'samples'} used"
    if phase is None:
        return f"{where[0].upper()}{where[1:]}"
    return f"{'Gradient' if landscape else 'Sample'} {phase.sample + 1:,} of {phase.batch:,} · {where}"


def between_text(frame: Frame) -> str:
    """Where a run stands between two updates: ``update 412``; in its past, ``update 412 of 1,000 made``."""
    update = frame.snapshots[0].state.update
    if frame.course is None or update >= frame.course.reached[1]:
        return f"Update {update:,}"
    return f"Update {update:,} of {frame.course.reached[1]:,} made"
