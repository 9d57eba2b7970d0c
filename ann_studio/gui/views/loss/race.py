"""The runs of a race as curves over its clock. Without any painting."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.engine.messages import Clock, Frame
from ann_studio.gui.clocks import after
from ann_studio.gui.looks import Look
from ann_studio.gui.theme import number
from ann_studio.gui.views.loss.history import EPOCH, TRAIN, UPDATE, Costs, nearest, present
from ann_studio.learning.supervised import samples_of, updates_at

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Run:
    """A run, its points ordered by the clock.

    Parameters
    ----------
    place
        Its position in the frame; 0 is the main run.
    samples
        Of the training set.
    update, gradients
        Updates that it has made, and samples that it has gone through.
    """

    place: int
    name: str
    costs: Costs
    clock: Clock
    samples: int
    update: int
    gradients: int

    def __len__(self) -> int:
        return len(self.costs)

    @property
    def _along(self) -> int:
        return UPDATE if self.clock is Clock.UPDATES else EPOCH

    @property
    def _scale(self) -> int:
        """By what the column `_along` is multiplied."""
        return self.samples if self.clock is Clock.GRADIENTS else 1

    @property
    def here(self) -> float:
        """Where it stands by the clock."""
        if self.clock is Clock.UPDATES:
            return self.update
        return self.gradients if self.clock is Clock.GRADIENTS else self.gradients / self.samples

    def at(self, k: int) -> float:
        """Where a point is by the clock; the present one is the last."""
        rows = self.costs.rows
        return float(rows[k, self._along]) * self._scale if k < len(rows) else self.here

    def cost(self, k: int) -> float:
        """Train cost at a point."""
        return self.costs.at(k).train

    def nearest(self, x: float) -> int:
        """Position of the point nearest to a place."""
        return nearest(len(self), self.at, x)

    def beside(self, x: float, by: int) -> float | None:
        """The next place after `x` that it has a point at, or for a negative `by` the one before; None at its end."""
        points = range(len(self))
        k = bisect_right(points, x, key=self.at) if by > 0 else bisect_left(points, x, key=self.at) - 1
        return self.at(k) if 0 <= k < len(self) else None

    def outline(self, columns: int) -> tuple[Array, Array]:
        """Places and finite train costs, as `Costs.outline`."""
        rows = self.costs.rows
        kept = self.costs.kept(TRAIN, columns, self._along)
        x, y = rows[kept, self._along] * self._scale, rows[kept, TRAIN]
        if self.costs.here is not None:
            x, y = np.append(x, self.here), np.append(y, self.costs.here.train)
        return x, y


def runs_of(frame: Frame, known: Mapping[str, Costs]) -> tuple[Run, ...]:
    """The runs of a frame, the main one first; what is known of their costs is brought up to date."""
    found = []
    for place, (snapshot, standing) in enumerate(zip(frame.snapshots, frame.standings, strict=True)):
        problem, state = standing.problem, snapshot.state
        samples, gradients = len(problem.train), samples_of(problem, state)
        costs = known[standing.name] if standing.name in known else Costs()
        costs.show(snapshot.trace, present(snapshot, samples))
        found.append(Run(place, standing.name, costs, frame.clock, samples, state.update, gradients))
    return tuple(found)


def end_of(frame: Frame, runs: Sequence[Run]) -> int:
    """Where the axis ends: with the epochs that are asked for, or the epoch under way if that is later."""
    problem, state = frame.problem, frame.snapshots[0].state
    assert problem is not None
    samples = len(problem.train)
    asked = problem.experiment.stop.epochs or 1
    if frame.clock is Clock.UPDATES:
        epochs = max(asked, state.epoch + (state.position > 0))
        to_come = updates_at(problem, (epochs - state.epoch) * samples) - updates_at(problem, state.position)
        return max(state.update + to_come, *(run.update for run in runs))
    # Within an update that is shown sample by sample others are ahead of the main run.
    epochs = max(asked, *(-(-run.gradients // samples) for run in runs))
    return epochs * samples if frame.clock is Clock.GRADIENTS else epochs


@dataclass(frozen=True, eq=False)
class Race:
    """What is drawn of a race.

    Parameters
    ----------
    runs, looks
        Those that are shown.
    end
        Where the axis ends.
    """

    runs: tuple[Run, ...]
    looks: tuple[Look, ...]
    clock: Clock
    end: int

    def extremes(self) -> tuple[float, float, float]:
        """As `Costs.extremes`, of the train costs of all."""
        each = [run.costs.extremes((TRAIN,)) for run in self.runs]
        low, high, positive = zip(*each, strict=True)
        return min(low), max(high), min(positive)

    def nearest(self, x: float) -> float:
        """The place nearest to `x` at which a run has a point."""
        places = [run.at(run.nearest(x)) for run in self.runs]
        return min(places, key=lambda place: abs(place - x))

    def step(self, x: float, by: int) -> float:
        """The next place after `x` at which a run has a point, or the one before; `x` itself at the end."""
        places = [place for run in self.runs if (place := run.beside(x, by)) is not None]
        return (min if by > 0 else max)(places, default=x)

    def summary(self) -> str:
        """Where each run is, in words."""
        return ", ".join(f"{run.name} {number(run.cost(len(run) - 1), 4)}" for run in self.runs)

    def said(self, x: float) -> list[str]:
        """The cost of each run at a place or at its point nearest to it, in words."""
        lines = [after(self.clock, x)]
        for run in self.runs:
            k = run.nearest(x)
            lines.append(f"{run.name} {number(run.cost(k), 4)}{elsewhere(run.at(k), x)}")
        return lines


def elsewhere(place: float, x: float) -> str:
    """Says where a point is that is not at `x`."""
    return "" if place == x else f" at {place:,.6g}" if place < 1e5 else f" at {place:,.0f}"


def table_of(runs: tuple[Run, ...]) -> str:
    """All points of all runs, tab-separated."""
    lines = ["run\tepoch\tupdate\tgradients\ttrain cost\tvalidation cost"]
    for run in runs:
        for epoch, update, *costs in run.costs.rows.tolist():
            lines.append(_line(run.name, epoch, int(update), round(epoch * run.samples), *costs))
        here = run.costs.here
        if here is not None:
            lines.append(_line(run.name, here.epoch, run.update, run.gradients, here.train, here.validation))
    return "\n".join(lines)


def _line(name: str, *values: float) -> str:
    return "\t".join([name, *("" if value != value else repr(value) for value in values)])
