"""What the runs found: the same minima over all batch sizes, shares of them, and final costs in common bars."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.engine.restarter import run_restarts
from ann_studio.gui.dialogs.restarts.asking import Asked, Size
from ann_studio.learning.experiment import Experiment, Racer, Stop
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.race import details_of, titles_of
from ann_studio.learning.restarts import Group, Restarts, Settling, grouped, histogram, restarted
from ann_studio.learning.supervised import NEVER, Flag, batch_size, evaluate

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Bars of the histograms.
BARS = 48
#: It is said to be still going down where settling once more would lower the cost by more than this share of what was
#: descended: by so much runs are told apart. So many of the runs are spoken of.
_FALLING, _MANY = 1e-3, 0.5
#: Standard deviations on both sides of which 95 % lie.
_Z = 1.96


@dataclass(frozen=True, eq=False)
class Series:
    """The runs with one batch size.

    Parameters
    ----------
    problem
        What was learned, with that batch size.
    seeds, losses
        Of each run, shape ``(runs,)``; the loss after training, not finite where it diverged.
    groups
        The minima that these runs reached.
    """

    problem: Problem
    epochs: int
    settling: Settling
    seeds: Whole
    losses: Vector
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        return len(self.seeds)


@dataclass(frozen=True, eq=False)
class Minimum:
    """A minimum that was reached.

    Parameters
    ----------
    letter
        A for the lowest, then B and so on.
    falling
        Whether the cost still goes down there, over a plateau.
    """

    letter: str
    theta: Vector
    loss: float
    falling: bool


@dataclass(frozen=True, eq=False)
class Comparison:
    """Runs of several batch sizes.

    Parameters
    ----------
    minima
        The lowest first.
    reached
        For each series the position in `minima` of each run; −1 where it diverged.
    edges
        Of the common bars, shape ``(BARS + 1,)``.
    bars
        For each series the bar of each run; −1 where it diverged.
    counts
        Runs, shape ``(series, minima, BARS)``.
    """

    series: tuple[Series, ...]
    minima: tuple[Minimum, ...]
    reached: tuple[Whole, ...]
    edges: Vector
    bars: tuple[Whole, ...]
    counts: Whole

    def share(self, series: int, *minima: int) -> float:
        """Share of the runs of a series that reached one of these minima, or that diverged if it is −1."""
        return float(np.isin(self.reached[series], minima).mean())

    def interval(self, series: int, *minima: int) -> tuple[float, float]:
        """Bounds between which the true share lies with 95 %; they are apart even where none or all of the runs did.

        The score interval of Wilson (1927), with z = 1.96:
        (p + z²/2N ± z √(p(1 − p)/N + z²/4N²)) / (1 + z²/N).
        """
        share, runs = self.share(series, *minima), len(self.series[series])
        middle = share + _Z**2 / (2 * runs)
        half = _Z * math.sqrt(share * (1 - share) / runs + _Z**2 / (4 * runs**2))
        whole = 1 + _Z**2 / runs
        low, high = (middle - half) / whole, (middle + half) / whole
        return (0.0 if share == 0 else max(0.0, low)), (1.0 if share == 1 else min(1.0, high))

    def runs_in(self, series: int, bar: int, minimum: int | None = None) -> Whole:
        """Positions of the runs in a bar, all of them or those that reached one minimum."""
        inside = self.bars[series] == bar
        return np.flatnonzero(inside if minimum is None else inside & (self.reached[series] == minimum))


# --- work -----------------------------------------------------------------------------------------------------------
def with_batch(problem: Problem, size: Size) -> Problem:
    """The problem with another batch size and without racers."""
    experiment, replace = problem.experiment, msgspec.structs.replace
    learning = replace(experiment.learning, batch_size=size)
    return with_learning(problem, replace(experiment, learning=learning, run_name="", race=()))


def run_series(problem: Problem, asked: Asked, size: Size, progress: Callable[[float], None], flag: Flag) -> Series:
    """Train and group the runs of one batch size.

    Raises
    ------
    Interrupted
        If `flag` was raised.
    RestartError
        If there are too many runs for so large a network.
    """
    restarts = run_restarts(
        with_batch(problem, size), np.arange(asked.runs), asked.epochs, asked.settling,
        progress=progress, interrupt=flag,
    )  # fmt: skip
    groups = grouped(restarts, flag)
    return Series(restarts.problem, asked.epochs, asked.settling, restarts.seeds, restarts.losses, groups)


def compared(series: tuple[Series, ...], interrupt: Flag = NEVER) -> Comparison:
    """Tell which minima of different series are the same, and put all final costs into common bars.

    The minima of each series are grouped once more, as if they were runs.
    """
    places = [(k, group) for k, each in enumerate(series) for group in each.groups if group.theta is not None]
    reached = tuple(np.full(len(each), -1) for each in series)
    minima: list[Minimum] = []
    if places:
        for group in grouped(_as_restarts(series[0], [group for _, group in places]), interrupt):
            if group.theta is None:  # it diverged while it settled for longer
                continue
            for place in group.runs:
                k, found = places[place]
                reached[k][found.runs] = len(minima)
            minima.append(Minimum(letter(len(minima)), group.theta, group.loss, _is_falling(group, series[0])))
    edges, bars, counts = _common_bars(series, reached, len(minima))
    return Comparison(series, tuple(minima), reached, edges, bars, counts)


def _as_restarts(series: Series, groups: list[Group]) -> Restarts:
    thetas = np.array([group.theta for group in groups])
    losses = np.array([group.loss for group in groups])
    problem = series.problem
    return Restarts(
        problem, series.settling, 0, np.arange(len(groups)), batch_size(problem), thetas, losses, thetas, losses
    )


def _common_bars(
    series: tuple[Series, ...], reached: tuple[Whole, ...], minima: int
) -> tuple[Vector, tuple[Whole, ...], Whole]:
    starts = np.cumsum([0, *(len(each) for each in series)])
    losses = np.concatenate([each.losses for each in series])
    rows = tuple(
        Group(None, math.nan, math.nan, start + np.flatnonzero(places == minimum), math.nan)
        for start, places in zip(starts, reached, strict=False)
        for minimum in range(minima)
    )
    first, nothing = series[0], np.empty((0, 0))
    seeds = np.concatenate([each.seeds for each in series])
    pooled = Restarts(first.problem, first.settling, first.epochs, seeds, 0, nothing, losses, nothing, losses)
    found = histogram(pooled, rows, BARS)
    bars = np.where(np.concatenate(reached) < 0, -1, found.bars)
    return found.edges, tuple(np.split(bars, starts[1:-1])), found.counts.reshape(len(series), minima, BARS)


def _is_falling(group: Group, series: Series) -> bool:
    problem, settling = series.problem, series.settling
    drop = group.slope**2 * settling.rate * max(1, settling.epochs)
    return drop > _FALLING * abs(evaluate(problem, problem.first_theta, problem.train) - group.loss)


# --- words and numbers ----------------------------------------------------------------------------------------------
def letter(position: int) -> str:
    """A to Z, then AA, AB and so on."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def titles(problem: Problem, sizes: tuple[Size, ...]) -> tuple[tuple[str, str], ...]:
    """What the runs with each batch size are called, and how many samples they use per update."""
    first, *others = (with_batch(problem, size).experiment for size in sizes)
    race = msgspec.structs.replace(first, race=tuple(Racer(other.learning) for other in others))
    samples = len(problem.train)
    return tuple(zip(titles_of(race, samples), details_of(race, samples), strict=True))


def experiment_of(series: Series, seed: int) -> Experiment:
    """The run with this seed as an experiment that ends where the run ended."""
    experiment = restarted(series.problem, seed).experiment
    return msgspec.structs.replace(experiment, stop=Stop(epochs=series.epochs))


def table(comparison: Comparison) -> list[list[str]]:
    """A row a run under a row of titles: batch size, seed, final cost, and the letter of the minimum."""
    rows = [["batch size", "seed", "final cost", "minimum"]]
    for series, reached in zip(comparison.series, comparison.reached, strict=True):
        size = str(series.problem.experiment.learning.batch_size)
        for seed, loss, minimum in zip(series.seeds.tolist(), series.losses.tolist(), reached.tolist(), strict=True):
            found = "diverged" if minimum < 0 else comparison.minima[minimum].letter
            rows.append([size, str(seed), repr(loss) if math.isfinite(loss) else "", found])
    return rows


def as_csv(comparison: Comparison) -> str:
    """The table as text of a CSV file."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table(comparison))
    return stream.getvalue()


def verdict(comparison: Comparison) -> str:
    """In one sentence which batch sizes reached the lowest minimum most often and least often."""
    names = [name for name, _ in titles(comparison.series[0].problem, _sizes(comparison))]
    if not comparison.minima:
        return "All runs diverged; a smaller learning rate may keep them finite."
    falling = _falling(comparison)
    if falling > _MANY:
        return (
            f"{100 * falling:.0f} % of the runs still go down where they settled; more settle epochs may join minima."
        )
    shares = [comparison.share(k, 0) for k in range(len(names))]
    if len(comparison.minima) == 1 and min(shares) == 1:
        return "All runs reached the same minimum."
    if len(names) == 1:
        return f"{100 * shares[0]:.1f} % of the {names[0]} runs reached A, the lowest minimum."
    most = max(range(len(names)), key=lambda k: (shares[k], k))
    least = int(np.argmin(shares))
    # The interval of a difference by Newcombe (1998), method 10.
    low, high = comparison.interval(most, 0)[0], comparison.interval(least, 0)[1]
    if shares[most] - shares[least] <= math.hypot(shares[most] - low, high - shares[least]):
        return "How often A, the lowest minimum, is reached does not clearly depend on the batch size."
    return (
        f"The lowest minimum, A, was reached by {100 * shares[most]:.1f} % of {names[most]}"
        f" and {100 * shares[least]:.1f} % of {names[least]} runs."
    )


def _falling(comparison: Comparison) -> float:
    """Share of all runs that belong to a minimum where the cost still goes down."""
    places = [k for k, minimum in enumerate(comparison.minima) if minimum.falling]
    reached = np.concatenate(comparison.reached)
    return float(np.isin(reached, places).mean())


def _sizes(comparison: Comparison) -> tuple[Size, ...]:
    return tuple(each.problem.experiment.learning.batch_size for each in comparison.series)
