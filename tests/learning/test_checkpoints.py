"""Checkpoints: sparse, within their budget, of all branches together, and enough to make any moment again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.learning import checkpoints, playhead, supervised
from ann_studio.learning.checkpoints import BUDGET, Checkpoints
from ann_studio.learning.supervised import start
from ann_studio.learning.trainer import Trainer
from tests.learning.problems import problem

FIRST = start(problem())
BYTES = FIRST.theta.nbytes + FIRST.slots.nbytes + 700


def state(update: int):
    return replace(FIRST, update=update)


@given(updates=st.lists(st.integers(0, 5000), max_size=200), most=st.integers(3, 40))
@settings(deadline=None)
def test_whatever_is_kept_is_in_order_within_the_budget_and_never_behind_what_is_sought(updates, most):
    kept = Checkpoints(FIRST)
    kept.budget = most * BYTES
    for update in updates:
        kept.add(state(update))
    assert kept.bytes <= kept.budget
    found = [kept.before(update).update for update in range(0, 5000, 7)]
    assert found == sorted(found)
    assert all(there <= update for there, update in zip(found, range(0, 5000, 7), strict=True))
    assert set(found) <= {0, *updates}


def test_a_run_that_grows_is_thinned_evenly():
    kept = Checkpoints(FIRST)
    kept.budget = 100 * BYTES
    for update in range(10_000):
        kept.add(state(update))
    gaps = np.diff([kept.before(update).update for update in range(10_000)])
    assert 25 <= kept.bytes / BYTES <= 100
    assert gaps.max() <= 10_000 / 25


def test_a_gap_in_the_past_is_filled_where_the_run_is_made_again():
    kept = Checkpoints(FIRST)
    kept.add(state(1000))
    kept.add(state(500))
    kept.add(state(250))
    assert [kept.before(update).update for update in (100, 300, 600, 2000)] == [0, 250, 500, 1000]
    other = kept.copy()
    other.add(state(750))
    assert (kept.before(800).update, other.before(800).update) == (500, 750)


def test_the_default_budget_is_64_mb():
    assert BUDGET == 64 * 2**20


def test_all_branches_together_keep_the_budget(monkeypatch: pytest.MonkeyPatch):
    budget = 200 * BYTES
    monkeypatch.setattr(checkpoints, "BUDGET", budget)
    monkeypatch.setattr(playhead, "BUDGET", budget)
    run = Trainer(problem(stop={"epochs": None}))
    for turn in range(20):
        run.seek(10 * turn)
        run.set_parameter(turn % 5, 0.1 * turn)
        for _ in range(60):
            run.step_update()
        assert run.history_bytes[0] <= budget
    for node in range(len(run.history.nodes)):
        there = run.history.nodes[node]
        run.visit(node)
        straight = supervised.advance(there.after.problem, there.after.state, to_update=run.state.update).state
        assert run.theta.tobytes() == straight.theta.tobytes()
        run.seek(there.after.state.update + 1)
        assert run.history_bytes[0] <= budget
