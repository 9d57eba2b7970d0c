"""The effect of an edit: cost and accuracy without it and with it."""

from __future__ import annotations

import numpy as np

from ann_studio.analysis.metrics import performance
from ann_studio.data.dataset import Classes
from ann_studio.engine.messages import Effect, Figures
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.history import Moment
from ann_studio.learning.problem import Samples
from ann_studio.learning.state import Positions
from ann_studio.learning.supervised import NEVER, Flag, evaluate
from ann_studio.learning.trainer import Trainer

#: Multiply-adds that may be spent on the figures of a moment.
_BUDGET = 10_000_000
_UNKNOWN = float("nan")


class Effects:
    """Finds the effect of the last edit, once for each."""

    def __init__(self) -> None:
        self._of: tuple[Moment, Moment] | None = None
        self._effect: Effect | None = None
        self._before: tuple[Moment, Figures] | None = None  # which the edits of a gesture have in common

    def of(self, trainer: Trainer, interrupt: Flag = NEVER) -> Effect | None:
        """The effect of the last edit of parameters or network, if the run stands where it led; else None.

        Raises
        ------
        ann_studio.learning.supervised.Interrupted
            If the flag `interrupt` is raised meanwhile.
        """
        node = trainer.history.nodes[trainer.history.here]
        before, after = node.before, node.after
        if before is None or node.fresh or trainer.state is not after.state or before.state is after.state:
            return None
        if self._of is None or self._of[0] is not before or self._of[1] is not after:
            effect = self._effect_of(node.label, before, after, interrupt)
            self._of, self._effect = (before, after), effect
        return self._effect

    def _effect_of(self, label: str, before: Moment, after: Moment, interrupt: Flag) -> Effect | None:
        indices = _touched(before, after)
        if indices is None:
            return None
        if self._before is None or self._before[0] is not before:
            self._before = (before, figures(before, interrupt))
        known = self._before[1]
        return Effect(label, indices, before.problem, before.state.theta, known, figures(after, interrupt))


def _touched(before: Moment, after: Moment) -> Positions | None:
    """Entries of ``theta`` that differ in value or are held differently; none of another network; None if none do."""
    old, new = before.state, after.state
    if before.problem.architecture != after.problem.architecture:
        return np.empty(0, dtype=np.int64)
    indices = np.flatnonzero(old.theta != new.theta)
    for first, second in ((old.pruned, new.pruned), (old.frozen, new.frozen)):
        indices = np.union1d(indices, np.setxor1d(first, second))
    return indices if len(indices) else None


def figures(moment: Moment, interrupt: Flag = NEVER) -> Figures:
    """Figures of a moment, as far as they do not take long.

    Raises
    ------
    ann_studio.learning.supervised.Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    problem, theta = moment.problem, moment.state.theta
    samples = len(problem.train) + len(problem.validation)
    if samples * problem.architecture.parameters > _BUDGET:
        return Figures(_UNKNOWN, _UNKNOWN, _UNKNOWN, _UNKNOWN)
    classes = isinstance(problem.dataset.target, Classes) and not isinstance(problem.experiment.data, Landscape)

    def accuracy(part: Samples) -> float:
        return performance(problem, theta, part, interrupt).accuracy if classes and len(part) else _UNKNOWN

    return Figures(
        evaluate(problem, theta, problem.train, interrupt),
        evaluate(problem, theta, problem.validation, interrupt),
        accuracy(problem.train),
        accuracy(problem.validation),
    )
