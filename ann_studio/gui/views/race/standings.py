"""What the race table says, as values: a row a run, the lowest cost known, and one sentence. Without any painting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.engine.messages import Frame, Status
from ann_studio.gui.scales import significant
from ann_studio.gui.theme import number
from ann_studio.learning.race import Entry, differences, entries
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
    first_cost
        At the first parameters, or where the cost was changed.
    out
        Why it moves no more; else empty.
    entry
        How it learns.
    edited
        Whether a hand was at it, see `ann_studio.engine.messages.Standing`.
    """

    name: str
    epochs: int
    updates: int
    gradients: int
    seconds: float
    cost: float
    cost_update: int
    first_cost: float
    out: str
    entry: Entry
    edited: bool


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
                float(snapshot.trace[0, _TRAIN]) if len(snapshot.trace) else math.nan,
                f"diverged after update {state.update:,}" if lost else standing.out,
                entries(standing.problem.experiment)[0], standing.edited,
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


#: Costs that are nearer to each other than this share of the way down from the first one are about level; than this
#: share of the first one itself, the same.
_ABOUT, _SAME = 1e-3, 1e-12


def verdict(rows: Sequence[Row], samples: int, *, brief: bool = False) -> str:
    """The race in one sentence, from its numbers and settings alone; empty for fewer than two runs.

    The lowest run against the highest of those that still move comes first, and how far each has come; then in which
    settings they differ. Where a hand was at one of them, its settings do not tell the whole and are left out.

    Parameters
    ----------
    samples
        Of the training set.
    brief
        Without the numbers of updates and gradients.
    """
    if len(rows) < 2:
        return ""
    racing = [row for row in rows if not row.out and math.isfinite(row.cost)]
    lost = _lost([row for row in rows if row.out])
    if len(racing) < 2:
        ahead = f"{racing[0].name} goes on at {number(racing[0].cost, 4)}" if racing and lost else ""
        return "; ".join(part for part in (lost, ahead) if part)
    return "; ".join(part for part in (_compared(racing, samples, brief=brief), _touched(racing), lost) if part)


def _compared(racing: Sequence[Row], samples: int, *, brief: bool) -> str:
    """Two runs or more, by their costs."""
    best, worst = min(racing, key=lambda row: row.cost), max(racing, key=lambda row: row.cost)
    gap, first = worst.cost - best.cost, racing[0].first_cost
    first = first if math.isfinite(first) else worst.cost
    same = gap <= _SAME * abs(first)
    if same and not any(row.updates or row.edited for row in racing):
        return f"All stand at the same start, cost {number(best.cost, 4)}"
    if same or gap <= _ABOUT * (max(first, worst.cost) - best.cost):
        low, high = number(best.cost, 4), number(worst.cost, 4)
        at = f"level at {low}" if same else f"about level at {low}" if low == high else f"about level, {low} to {high},"
        said = f"{_names(racing)} are {at}"
        return f"{said}{_spread(racing, brief=brief)}{_differing(racing, samples)}"
    lower = significant(gap) if gap < 0.5e-4 else number(gap, 4)
    said = f"{best.name} is {lower} lower than {worst.name}{_against(best, worst, brief=brief)}"
    return f"{said}{_differing((best, worst), samples)}"


def _differing(rows: Sequence[Row], samples: int) -> str:
    """The settings in which runs differ, as the tail of a sentence; nothing where a hand was at one of them."""
    if any(row.edited for row in rows):
        return ""
    pairs = (differences(rows[0].entry, row.entry, samples) for row in rows[1:])
    found = list(dict.fromkeys(name for names in pairs for name in names))
    if not found:
        return "; the settings are the same"
    if len(found) > _TOLD:
        return "; several settings differ"
    return f"; only {found[0]} differs" if len(found) == 1 else f"; {' and '.join(found)} differ"


def _spread(racing: Sequence[Row], *, brief: bool) -> str:
    """How far runs that are level have come."""
    if any(row.cost_update != row.updates for row in racing):
        return " by the last known costs"
    if brief:
        return ""
    fewest, most = min(row.updates for row in racing), max(row.updates for row in racing)
    return f" after {fewest:,} to {most:,} updates" if fewest < most else f" after {_counted(most, 'update')} each"


def _against(best: Row, worst: Row, *, brief: bool) -> str:
    """How far two runs have come."""
    if best.cost_update != best.updates or worst.cost_update != worst.updates:
        return ", by the last known costs"
    if brief:
        return ""
    updates = f"{_counted(best.updates, 'update')} against {worst.updates:,}"
    work = f"{_counted(best.gradients, 'gradient')} against {worst.gradients:,}"
    if best.updates == worst.updates == 0:
        return ""
    if best.updates == worst.updates:
        each = f" after {_counted(best.updates, 'update')} each"
        return each if best.gradients == worst.gradients else f"{each}, with {work}"
    if best.gradients == worst.gradients:
        return f" after the same work, in {updates}"
    return f" after {updates}, with {work}"


def _touched(racing: Sequence[Row]) -> str:
    """Which runs a hand was at."""
    touched = [row for row in racing if row.edited]
    verb = "was" if len(touched) == 1 else "were"
    return f"{_names(touched)} {verb} changed by hand on the way" if touched else ""


def _lost(out: Sequence[Row]) -> str:
    """Which runs move no more."""
    return f"{_names(out)} {out[0].out}" if len(out) == 1 else f"{_names(out)} diverged" if out else ""


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


#: Settings that are told by name, and runs.
_TOLD, _FEW = 2, 3


def _names(rows: Sequence[Row]) -> str:
    names = [row.name for row in rows]
    if len(names) > _FEW:
        return f"{len(names)} runs"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
