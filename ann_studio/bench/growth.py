"""How time grows with the number of parameters and of samples: the slope of a line through the logarithms."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TypedDict

import numpy as np

from ann_studio.bench.contest import Spread, clocked, enough, interleave, spread
from ann_studio.bench.engines import Alone
from ann_studio.bench.tasks import Task, circle, digits

#: Units of the one hidden layer of a network for the digits, and samples of the circle.
WIDTHS = (8, 16, 32, 64, 128, 256, 512)
SAMPLES = (100, 316, 1_000, 3_162, 10_000, 31_623, 100_000)


class Growth(TypedDict):
    """Time against a size: ``seconds[i]`` at ``sizes[i]``, and the slope of log time over log size, round by round.

    A slope of 1 is proportional growth; below 1, what is larger does more in a second.
    """

    what: str
    sizes: list[int]
    seconds: list[Spread]
    slope: Spread


def by_parameters(rounds: int, least: float) -> Growth:
    """Seconds a sample against parameters: 64-n-10, sigmoid and softmax, digits, batch 32, the engine alone."""
    tasks = [Task("", (64, width, 10), "sigmoid", "softmax", 0.1, (32,), digits, 3 / 7) for width in WIDTHS]
    problems = [task.problem(32) for task in tasks]
    sizes = [problem.architecture.parameters for problem in problems]
    contestants = {
        size: _seconds(Alone(problem), least, len(problem.train)) for size, problem in zip(sizes, problems, strict=True)
    }
    return _growth("Time a sample by parameters, 64-n-10, batch 32", contestants, rounds)


def by_samples(rounds: int, least: float) -> Growth:
    """Seconds an epoch against samples: 2-8-8-8-1, tanh, circle, batch 10, the engine alone."""
    contestants = {}
    for samples in SAMPLES:
        data = functools.partial(circle, samples)
        problem = Task("", (2, 8, 8, 8, 1), "tanh", "tanh", 0.03, (10,), data, 1.0).problem(10)
        contestants[samples] = _seconds(Alone(problem), least, 1)
    return _growth("Time an epoch by samples, 2-8-8-8-1, batch 10", contestants, rounds)


def slope(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Slope of the straight line that lies nearest (least squares) to the logarithms."""
    x, y = np.log(np.asarray(sizes, dtype=np.float64)), np.log(np.asarray(values, dtype=np.float64))
    x -= x.mean()
    return float(x @ y / (x @ x))


def _seconds(course: Alone, least: float, samples: int) -> Callable[[], float]:
    """What measures the seconds that an epoch takes, divided by `samples`."""
    epochs = enough(course.train, least)

    def seconds() -> float:
        course.reset()
        return clocked(course.train, epochs) / epochs / samples

    return seconds


def _growth(what: str, contestants: dict[int, Callable[[], float]], rounds: int) -> Growth:
    sizes = list(contestants)
    times = interleave({str(size): measure for size, measure in contestants.items()}, rounds)
    by_round = zip(*times.values(), strict=True)
    return {
        "what": what,
        "sizes": sizes,
        "seconds": [spread(each) for each in times.values()],
        "slope": spread([slope(sizes, each) for each in by_round]),
    }
