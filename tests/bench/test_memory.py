"""Memory is that of the process, and the history's part of it is counted apart."""

from __future__ import annotations

import numpy as np

from ann_studio.bench.engines import AsRun
from ann_studio.bench.memory import TASK, measure, resident
from ann_studio.bench.tasks import TASKS


def test_what_is_allocated_is_resident_and_what_is_freed_is_not():
    growth = []
    # The system may take pages away from a process at any moment; that it does so five times is no accident.
    while len(growth) < 5 and not any(60e6 < more < 70e6 and rest < 10e6 for more, rest in growth):
        before = resident()
        block = np.ones(8_000_000)
        during = resident()
        del block
        growth.append((during - before, resident() - before))
    assert any(60e6 < more < 70e6 and rest < 10e6 for more, rest in growth), growth


def test_the_history_grows_by_the_rows_of_the_trace():
    course = AsRun(TASKS[TASK].problem("full"))
    before = course.race.main.history_bytes
    course.train(1000)
    checkpoints, trace, _ = course.race.main.history_bytes
    assert trace - before[1] >= 900 * 4 * 8
    assert checkpoints >= before[0] + course.theta().nbytes


def test_a_long_run_is_made_in_a_process_of_its_own_and_tells_how_far_it_is():
    told = []
    found = measure(1, 5000, lambda done, total: told.append((done, total)))
    assert (found["task"], found["batch"], found["updates"]) == (TASK, 1, 5000)
    assert told[-1] == (5000, 5000)
    assert 20e6 < found["rest"] < 1e9
    history = found["checkpoints"] + found["trace"] + found["path"]
    assert abs(found["after"] - found["rest"] - history - found["other_growth"]) < 10_000
