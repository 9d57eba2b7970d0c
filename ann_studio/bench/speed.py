"""Samples a second of every engine on every task, in interleaved rounds; their losses must agree."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import numpy as np

from ann_studio.bench.contest import Spread, clocked, enough, interleave, ratio, spread
from ann_studio.bench.engines import Alone, AsRun, Course, Unavailable
from ann_studio.bench.native import Native, compile_native
from ann_studio.bench.peers import ScikitLearn, Torch
from ann_studio.bench.tasks import TASKS, Task
from ann_studio.learning.problem import Problem
from ann_studio.nn import backprop
from ann_studio.nn.architecture import Architecture

#: Losses of two engines agree if they differ by at most this after `EPOCHS_TO_AGREE`.
TOLERANCE = 1e-9
EPOCHS_TO_AGREE = 2
#: Sides of the square matrices whose product tells the machine's rate; the best counts.
GEMM_SIZES = (512, 1024, 1536)
#: Which engine is compared with which, where both take part.
RATIOS = (("alone", "native"), ("as_run", "native"), ("as_run", "alone"), ("alone", "torch"), ("alone", "sklearn"))

Make = Callable[[Problem], Course]


class EngineResult(TypedDict):
    """One engine on one task: its rate, and where two epochs led it; the loss is None where it trains another."""

    samples_per_second: Spread
    loss: float | None


class TaskResult(TypedDict):
    """All engines on one task and batch size.

    `ratios` has entries like ``alone/native``, taken round by round. `disagreements` has a sentence for each engine
    whose loss is not that of the first. `gemm_share` is the part of the machine's rate of matrix products that the
    engine alone reaches; it is asked for where the layers are large.
    """

    task: str
    batch: int | str
    samples: int
    parameters: int
    engines: dict[str, EngineResult]
    ratios: dict[str, Spread]
    disagreements: list[str]
    gemm_gflops: Spread | None
    gemm_share: Spread | None


def engines_here(folder: Path) -> tuple[dict[str, Make], list[str]]:
    """The engines that can take part on this machine, and a sentence for each that cannot.

    Parameters
    ----------
    folder
        An empty one, for the compiled C; to be kept as long as the engines.
    """
    here: dict[str, Make] = {"alone": Alone, "as_run": AsRun}
    missing = []
    probe = TASKS["2-4-2-1"].problem(10)
    try:
        here["native"] = functools.partial(Native, library=compile_native(folder))
    except Unavailable as reason:
        missing.append(str(reason))
    for name, make in (("torch", Torch), ("sklearn", ScikitLearn)):
        try:
            make(probe)
            here[name] = make
        except Unavailable as reason:
            missing.append(str(reason))
    return here, missing


def race(task: Task, batch: int | str, engines: dict[str, Make], rounds: int, least: float) -> TaskResult:
    """All engines on one task and batch size.

    Parameters
    ----------
    least
        Seconds that an engine is given in a round, at least; one epoch may take longer.
    """
    problem = task.problem(batch)
    courses = {name: make(problem) for name, make in engines.items()}
    losses = {name: loss_after(problem, course) for name, course in courses.items()}
    contestants = {name: _contestant(course, len(problem.train), least) for name, course in courses.items()}
    if task.large:
        gemm_rate()
        contestants["gemm"] = gemm_rate
    rates = interleave(contestants, rounds)
    gemm = rates.pop("gemm", [])
    work = flops(problem.architecture)
    return {
        "task": task.name,
        "batch": batch,
        "samples": len(problem.train),
        "parameters": problem.architecture.parameters,
        "engines": {name: {"samples_per_second": spread(rates[name]), "loss": losses[name]} for name in courses},
        "ratios": {f"{a}/{b}": ratio(rates[a], rates[b]) for a, b in RATIOS if a in rates and b in rates},
        "disagreements": disagreements(losses),
        "gemm_gflops": spread([rate / 1e9 for rate in gemm]) if gemm else None,
        "gemm_share": ratio([rate * work for rate in rates["alone"]], gemm) if gemm else None,
    }


def loss_after(problem: Problem, course: Course) -> float | None:
    """The book's loss over the training set where an engine is after two epochs; None if it trains another loss."""
    if not getattr(course, "same_loss", True):
        return None
    course.reset()
    course.train(EPOCHS_TO_AGREE)
    train, name = problem.train, str(problem.experiment.learning.loss)
    return backprop.loss(problem.architecture, course.theta(), train.inputs, train.targets, name)


def disagreements(losses: dict[str, float | None]) -> list[str]:
    """A sentence for each loss that is not the first one."""
    (first, expected), *others = losses.items()
    return [
        f"{name} is at loss {loss:.12g} after {EPOCHS_TO_AGREE} epochs, {first} at {expected:.12g}"
        for name, loss in others
        if loss is not None and not abs(loss - (expected or 0.0)) <= TOLERANCE
    ]


def _contestant(course: Course, samples: int, least: float) -> Callable[[], float]:
    """What measures one engine's samples a second, always from the first weights; it is warm afterwards."""
    course.reset()
    epochs = enough(course.train, least)

    def rate() -> float:
        course.reset()
        return epochs * samples / clocked(course.train, epochs)

    return rate


def flops(architecture: Architecture) -> int:
    """Floating-point operations of the matrix products of one sample, there and back.

    Every weight is multiplied and added once forward, once for its gradient, and, but in the first layer, once for the
    deltas below.
    """
    weights = [n_in * n_out for n_in, n_out in zip(architecture.sizes, architecture.sizes[1:], strict=False)]
    return 2 * (3 * sum(weights) - weights[0])


def gemm_rate() -> float:
    """Floating-point operations a second of numpy's matrix product, at the best of `GEMM_SIZES`."""
    rates = []
    for size in GEMM_SIZES:
        a, out = _square(size), np.empty((size, size))
        began = time.perf_counter()
        np.dot(a, a, out=out)
        rates.append(2 * size**3 / (time.perf_counter() - began))
    return max(rates)


@functools.cache
def _square(size: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(0).random((size, size))
