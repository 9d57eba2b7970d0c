"""Checkpoints: sparse, within their budget, of all branches together, and enough to make any moment again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.learning import checkpoints, playhead, supervised
from ann_studio.learning.checkpoints import BUDGET, Checkpoints, Shelf
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


def test_what_a_long_run_has_kept_is_thinned_and_not_lost_when_it_is_left():
    shelf, first = Shelf(), Checkpoints(FIRST)
    first.budget = 400 * BYTES
    for update in range(10_000):
        first.add(state(update))
    kept = first.bytes
    assert kept > 100 * BYTES
    shelf.put(0, first)
    assert shelf.take(0) is first
    assert first.bytes == kept  # far from half of 64 MB
    assert shelf.bytes == 0


def test_the_shelf_lets_go_of_the_oldest_and_never_of_what_was_just_put(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checkpoints, "BUDGET", 200 * BYTES)
    shelf = Shelf()
    for node in range(5):
        many = Checkpoints(FIRST)
        for update in range(1000):
            many.add(state(update))
        shelf.put(node, many)
        assert many.bytes > 40 * BYTES
        assert shelf.bytes <= 100 * BYTES
    assert shelf.take(4) is many
    assert shelf.take(0) is None


def test_a_stretch_that_begins_late_is_kept_as_densely_as_one_that_begins_early():
    late = Checkpoints(state(1_000_000))
    late.budget = 100 * BYTES
    for update in range(1_000_000, 1_010_000):
        late.add(state(update))
    gaps = np.diff([late.before(update).update for update in range(1_000_000, 1_010_000)])
    assert gaps.max() <= 10_000 / 25


def test_edits_at_the_end_of_a_run_share_one_trace():
    run = Trainer(problem(stop={"epochs": None}))
    run.run(epochs=200)
    for turn in range(5):
        run.set_parameter(0, 0.1 * turn)
        run.run(epochs=2)
    first = run.history.nodes[0].made.trace
    for node in run.history.nodes[1:4]:
        assert np.shares_memory(first, node.made.trace)
    rows = first.copy()
    run.run(epochs=50)
    assert first.tobytes() == rows.tobytes()
