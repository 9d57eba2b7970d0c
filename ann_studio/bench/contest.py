"""Fair rounds: everyone in each, in turn, the order reversed every second time."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypedDict, TypeVar

T = TypeVar("T")
#: Seconds that one measurement of an engine should take at least.
LEAST_TIME = 0.06


class Spread(TypedDict):
    """The median of several rounds, and the least and the greatest of them."""

    median: float
    min: float
    max: float


def spread(values: Sequence[float]) -> Spread:
    """What is told of measured `values`, of which there must be one at least."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread:
    """How many times one is the other, round by round."""
    return spread([a / b for a, b in zip(over, under, strict=True)])


def interleave(contestants: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Call every contestant once in each round; each list of answers is in the order of the rounds."""
    answers: dict[str, list[T]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name in list(contestants)[:: -1 if number % 2 else 1]:
            answers[name].append(contestants[name]())
    return answers


def clocked(work: Callable[[int], object], times: int) -> float:
    """Seconds that ``work(times)`` takes."""
    began = time.perf_counter()
    work(times)
    return time.perf_counter() - began


def enough(work: Callable[[int], object], least: float = LEAST_TIME) -> int:
    """How many times `work` is to be done in a measurement of at least `least` seconds. A warm-up."""
    times = 1
    work(times)
    while (took := clocked(work, times)) < least / 2:
        times = max(2 * times, min(10 * times, int(times * least / 2 / max(took, 1e-9))))
    return max(1, math.ceil(times * 1.2 * least / took))
