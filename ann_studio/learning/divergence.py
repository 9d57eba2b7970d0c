"""Where a run that diverged was last finite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State
from ann_studio.learning.supervised import Flag, advance, evaluate


def last_finite(problem: Problem, low: State, high: State, interrupt: Flag) -> State:
    """The last state from `low` on whose parameters and training loss are finite, by bisection up to `high`.

    Parameters that are not finite stay so, hence the last finite ones are one definite update wherever `high` lies
    behind it. A loss may overflow and come back; bisection then finds one of the last moments before an overflow, and
    always the same. So chunks, which choose `high`, do not change what is found.

    Parameters
    ----------
    low
        A state that is finite.
    high
        A later one that is not.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """

    def bisect(low: State, high: State, finite: Callable[[State], bool]) -> State:
        while high.update - low.update > 1:
            middle = advance(problem, low, to_update=(low.update + high.update) // 2, interrupt=interrupt).state
            if finite(middle):
                low = middle
            else:
                high = middle
        return low

    def has_finite_loss(state: State) -> bool:
        return bool(np.isfinite(evaluate(problem, state.theta, problem.train, interrupt)))

    if not _has_finite_parameters(high):
        last = bisect(low, high, _has_finite_parameters)
        if last is low or has_finite_loss(last):
            return last
        high = last
    return bisect(low, high, has_finite_loss)


def _has_finite_parameters(state: State) -> bool:
    return bool(np.isfinite(state.theta).all())
