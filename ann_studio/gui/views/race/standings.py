"""What the race table says, as values: a row a run, the lowest cost known, and one sentence. Without any painting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.engine.messages import Frame, Status
from ann_studio.gui.theme import number
from ann_studio.learning.supervised import samples_of

Array = NDArray[np.float64]
_TRAIN = 2  #: column of a trace


@dataclass(frozen=True)
class Row:
    """A run.

    Parameters
    ----------
    gradients
        Samples gone through.
    cost, cost_update
        Of the training set, and the update that it belongs to.
    out
        Why it moves no more; else empty.
    """

    name: str
    epochs: int
    updates: int
    gradients: int
    seconds: float
    cost: float
    cost_update: int
    out: str


@dataclass(frozen=True)
class Lowest:
    """The lowest cost known, and whether a minimum of the surface is it or the best that a run came to."""

    cost: float
    is_minimum: bool


def rows_of(frame: Frame) -> tuple[Row, ...]:
    """A row for each run of a frame."""
    rows: list[Row] = []
    for snapshot, standing in zip(frame.snapshots, frame.standings, strict=True):
        state = snapshot.state
        lost = not rows and frame.status is Status.DIVERGED  # the main run
        rows.append(
            Row(
                standing.name, state.epoch, state.update, samples_of(standing.problem, state), standing.seconds,
                snapshot.train_loss, snapshot.losses_update,
                f"diverged after update {state.update:,}" if lost else standing.out,
            )
        )  # fmt: skip
    return tuple(rows)


class LeastOfTrace:
    """The least train cost of a trace that grows at its end: only what is new is looked at."""

    def __init__(self) -> None:
        self._rows: Array = np.empty((0, 4))
        self._ends: Array = self._rows
        self.least = math.inf

    def show(self, rows: Array) -> float:
        """Take a trace, which may or may not go on where the last one ended; its least cost."""
        known = len(self._rows)
        same = (
            rows.base is self._rows.base and rows.__array_interface__["data"] == self._rows.__array_interface__["data"]
        )
        if not (
            known and same and known <= len(rows) and np.array_equal(rows[[0, known - 1]], self._ends, equal_nan=True)
        ):
            known, self.least = 0, math.inf
        fresh = rows[known:, _TRAIN]
        self.least = min(self.least, float(np.min(fresh, initial=math.inf, where=np.isfinite(fresh))))
        self._rows, self._ends = rows, rows[[0, -1]] if len(rows) else rows
        return self.least


def lowest_of(least: Sequence[float], rows: Sequence[Row], minimum: float) -> Lowest:
    """The lowest of the costs in the traces, the present ones and the lowest minimum known (infinite: none)."""
    reached = min([*least, *(row.cost for row in rows if math.isfinite(row.cost))], default=math.nan)
    if math.isfinite(minimum) and not minimum > reached:
        return Lowest(minimum, is_minimum=True)
    return Lowest(reached, is_minimum=False)


# --- words ----------------------------------------------------------------------------------------------------------
def lowest_text(lowest: Lowest) -> str:
    """Which cost the gap is measured from."""
    what = "the lowest minimum found" if lowest.is_minimum else "the lowest cost reached"
    return f"gap to {what}, {number(lowest.cost, 4)}"


def duration(seconds: float) -> str:
    """``0.42 s``, ``12.3 s``, ``2 min 5 s``, ``1 h 10 min``."""
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def gap_text(cost: float, lowest: Lowest) -> str:
    """``+0.0176``, ``<0.0001``; a dash where one of the two is no number."""
    gap = cost - lowest.cost
    return readable(gap, sign=True) if math.isfinite(gap) else "–"


def readable(value: float, *, sign: bool = False) -> str:
    """Four digits after the point; ``<0.0001`` for less than they show."""
    return "<0.0001" if 0 < value < 0.5e-4 else number(value, 4, sign=sign)


def verdict(rows: Sequence[Row]) -> str:
    """The race in one sentence, from its numbers alone; empty for fewer than two runs.

    The lowest run against the highest of those that still move; what they have in common comes first.
    """
    racing = [row for row in rows if not row.out and math.isfinite(row.cost)]
    out = [row for row in rows if row.out]
    if len(rows) < 2 or not racing:
        return "; ".join(f"{row.name} {row.out}" for row in out) if len(rows) > 1 else ""
    best, worst = min(racing, key=lambda row: row.cost), max(racing, key=lambda row: row.cost)
    lost = f"{_names(out)} {out[0].out}" if len(out) == 1 else f"{_names(out)} diverged" if out else ""
    if len(racing) == 1:
        return f"{lost}; {best.name} goes on at {number(best.cost, 4)}" if lost else ""
    if not any(row.updates for row in racing):
        return f"All stand at the start, cost {number(best.cost, 4)}: the same weights and the same data"
    gap = readable(worst.cost - best.cost).replace("<", "less than ")
    if worst.cost == best.cost:
        said = f"{_shared(racing[0], racing[1])}: {_names(racing)} are level at {number(best.cost, 4)}"
    else:
        said = f"{_shared(best, worst)}: {best.name} is {gap} lower than {worst.name}"
    return f"{said}; {lost}" if lost else said


def _shared(one: Row, other: Row) -> str:
    """What two runs have in common where their costs are known, and how many times the updates the first had."""
    if one.cost_update != one.updates or other.cost_update != other.updates:
        return "By their last known costs"
    if one.gradients == other.gradients:
        common = "Same work"
    elif one.updates == other.updates:
        common = "Same updates"
    else:
        return f"With {one.gradients:,} gradients against {other.gradients:,}"
    if one.updates == other.updates and common == "Same work":
        return "Same work, same updates"
    if common == "Same updates":
        return f"{common}, {_ratio(one.gradients, other.gradients)} the work"
    return f"{common}, {_ratio(one.updates, other.updates)} the updates"


def _ratio(one: int, other: int) -> str:
    if not other:
        return f"{one:,} times"
    ratio = one / other
    return f"{ratio:.3g} times" if ratio >= 1 else f"1/{1 / ratio:.3g} of"


#: Runs that are called by their names.
_FEW = 3


def _names(rows: Sequence[Row]) -> str:
    names = [row.name for row in rows]
    if len(names) > _FEW:
        return f"{len(names)} runs"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
