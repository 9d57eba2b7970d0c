"""What the descent workspace computes, without a window: surfaces, restarts, and several runs on one clock."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Literal, TypedDict

import msgspec
import numpy as np

from ann_studio.analysis import planes, surface
from ann_studio.analysis.planes import PlaneChoice
from ann_studio.bench.contest import Spread, clocked, enough, interleave, ratio, spread
from ann_studio.bench.tasks import RACES, TASKS, raced, trap
from ann_studio.engine.drive import Drive
from ann_studio.engine.messages import Clock, Unit
from ann_studio.engine.race import Race
from ann_studio.engine.restarter import cores, run_restarts
from ann_studio.learning.path import first_point
from ann_studio.learning.problem import Problem, racers_of, with_learning
from ann_studio.learning.restarts import Settling, grouped
from ann_studio.learning.supervised import samples_of

#: Networks whose surface is computed, and the grid.
SURFACES, SIDE = ("2-4-2-1", "2-8-8-8-1"), 101
_EXTENT = (-1.0, 1.0, -1.0, 1.0)
#: Runs of the trap, and epochs of each.
SEEDS, EPOCHS = 1_000, 100
#: Sizes of their batches.
BATCHES: tuple[int | Literal["full"], ...] = ("full", 2, 1)


class SurfaceResult(TypedDict):
    """Seconds of one surface of `side` × `side` points, each the mean over all `samples`, in float64 on one thread."""

    task: str
    samples: int
    parameters: int
    side: int
    seconds: Spread


class RestartResult(TypedDict):
    """Seconds of all runs of the trap: trained, and as the lab does it, settled and told apart by minimum besides."""

    batch: int | str
    seeds: int
    epochs: int
    threads: int
    trained: Spread
    settled: Spread


class RaceResult(TypedDict):
    """Gradient evaluations a second of all runs together: on each clock, and alone one after the other, by epochs.

    `share` is that of the race by epochs divided by that of the same runs alone, round by round.
    """

    task: str
    runs: int
    samples_per_second: dict[str, Spread]
    share: Spread


def surfaces(rounds: int, least: float) -> list[SurfaceResult]:
    """The cost over two random directions around the first weights."""
    problems = {name: TASKS[name].problem(10) for name in SURFACES}
    found = interleave({name: _surveying(problem, least) for name, problem in problems.items()}, rounds)
    return [
        {
            "task": name,
            "samples": len(problem.train),
            "parameters": problem.architecture.parameters,
            "side": SIDE,
            "seconds": spread(found[name]),
        }
        for name, problem in problems.items()
    ]


def _surveying(problem: Problem, least: float) -> Callable[[], float]:
    theta = problem.first_theta
    plane = planes.make(PlaneChoice("random"), problem, theta, first_point(0, theta))

    def draw(times: int) -> None:
        for _ in range(times):
            surface.compute(problem, plane, _EXTENT, SIDE)

    times = enough(draw, least)
    return lambda: clocked(draw, times) / times


def restarts(rounds: int, advance: Callable[[], None] = lambda: None) -> list[RestartResult]:
    """Runs of the trap by each size of its batches, from seed 0 on, on all cores that this process may use.

    Parameters
    ----------
    advance
        Called after each round of each measurement.
    """
    problems = {batch: _descending(batch) for batch in BATCHES}

    def measure(problem: Problem, settling: Settling) -> float:
        began = time.perf_counter()
        found = run_restarts(problem, np.arange(SEEDS), EPOCHS, settling)
        if settling.epochs:
            grouped(found)
        spent = time.perf_counter() - began
        advance()
        return spent

    contestants = {
        f"{batch} {settling.epochs}": functools.partial(measure, problem, settling)
        for batch, problem in problems.items()
        for settling in (Settling(0), Settling())
    }
    found = interleave(contestants, rounds)
    return [
        {
            "batch": batch,
            "seeds": SEEDS,
            "epochs": EPOCHS,
            "threads": cores(),
            "trained": spread(found[f"{batch} 0"]),
            "settled": spread(found[f"{batch} {Settling().epochs}"]),
        }
        for batch in problems
    ]


def _descending(batch: int | Literal["full"]) -> Problem:
    """The trap, learned by batches of that size, without a race."""
    problem = trap()
    experiment, replace = problem.experiment, msgspec.structs.replace
    return with_learning(problem, replace(experiment, learning=replace(experiment.learning, batch_size=batch), race=()))


def races(rounds: int, least: float) -> list[RaceResult]:
    """Each of `RACES` as the window's drive moves it, without a window."""
    return [_race(name, rounds, least) for name in RACES]


class _Course:
    """A race, or a run alone, in the hands of the window's drive."""

    def __init__(self, problem: Problem, clock: Clock) -> None:
        self._problem, self._clock = problem, clock
        self._drive = Drive()
        self.reset()

    def reset(self) -> None:
        self.race = Race(self._problem)
        self.race.clock = self._clock

    def train(self, epochs: int) -> None:
        """Train so many epochs of the main run."""
        self._drive.step(Unit.EPOCH, epochs)
        while self._drive.work(self.race) is None:
            pass

    @property
    def samples(self) -> int:
        """Gradient evaluations of all runs."""
        return sum(samples_of(trainer.problem, trainer.state) for trainer in self.race.trainers)


def _race(name: str, rounds: int, least: float) -> RaceResult:
    problem = raced(name)
    alone = [_Course(each, Clock.EPOCHS) for each in _runs(problem)]
    contestants = {clock.value: _rate([_Course(problem, clock)], least) for clock in Clock}
    found = interleave(contestants | {"alone": _rate(alone, least)}, rounds)
    return {
        "task": name,
        "runs": len(alone),
        "samples_per_second": {each: spread(rates) for each, rates in found.items()},
        "share": ratio(found[Clock.EPOCHS.value], found["alone"]),
    }


def _runs(problem: Problem) -> list[Problem]:
    """The runs of a race, each without the others."""
    alone = with_learning(problem, msgspec.structs.replace(problem.experiment, race=()))
    return [alone, *racers_of(problem)]


def _rate(courses: list[_Course], least: float) -> Callable[[], float]:
    """What measures the samples a second of some courses, one after the other, always from the first weights."""

    def train(epochs: int) -> None:
        for course in courses:
            course.train(epochs)

    epochs = enough(train, least)

    def rate() -> float:
        for course in courses:
            course.reset()
        seconds = clocked(train, epochs)
        return sum(course.samples for course in courses) / seconds

    return rate
