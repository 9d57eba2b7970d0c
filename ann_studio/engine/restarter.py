"""The restart lab at work: runs of many seeds on all cores, with progress, and broken off when asked to."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.problem import Problem
from ann_studio.learning.restarts import Restarts, Settling, prepare, work_off
from ann_studio.learning.supervised import NEVER, Flag

#: Most runs that a thread takes at a time, and into how many parts the work of each is cut at least.
_MOST_AT_ONCE, _PARTS = 64, 8


def run_restarts(
    problem: Problem,
    seeds: NDArray[np.int64],
    epochs: int,
    settling: Settling,
    *,
    progress: Callable[[float], None] = lambda share: None,
    interrupt: Flag = NEVER,
    workers: int | None = None,
) -> Restarts:
    """Train `problem` from each of `seeds` and let every run settle; what comes out does not depend on the threads.

    Parameters
    ----------
    epochs
        Epochs of training, whatever the experiment's stop rules say.
    progress
        Called in this thread with the share of the runs that are done, 0 to 1.
    interrupt
        A flag by which another thread breaks it off.
    workers
        Threads; None: as many as there are cores.

    Raises
    ------
    Interrupted
        If the flag was raised; within some milliseconds.
    RestartError
        If there are too many runs.
    """
    restarts = prepare(problem, np.ascontiguousarray(seeds, dtype=np.int64), epochs, settling)
    threads = workers or cores()
    at_once = min(_MOST_AT_ONCE, max(1, len(restarts) // (threads * _PARTS)))
    progress(0.0)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="restarts")
    try:
        parts = [
            pool.submit(work_off, restarts, first, min(first + at_once, len(restarts)), interrupt)
            for first in range(0, len(restarts), at_once)
        ]
        for done, part in enumerate(as_completed(parts), start=1):
            part.result()
            progress(done / len(parts))
    finally:
        pool.shutdown(cancel_futures=True)
    return restarts


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
