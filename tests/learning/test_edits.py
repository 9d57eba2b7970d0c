"""What a hand does to a state: nothing but what was meant, and refusals have their sentences."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.learning import edits
from ann_studio.learning.edits import ParameterError
from ann_studio.learning.supervised import advance, start
from tests.learning.problems import problem

POSED = problem(learning={"kind": "supervised", "optimizer": {"kind": "adam"}})
SIZE = POSED.architecture.parameters


@pytest.fixture
def state():
    return advance(POSED, start(POSED), to_update=3).state


def held(state) -> tuple[list[int], list[int]]:
    return state.pruned.tolist(), state.frozen.tolist()


def test_values_are_set_and_nothing_else_is(state):
    before = state.theta.copy()
    label, after = edits.with_values(state, (3, 0), (0.25, -7.0))
    assert label == "Parameters set by hand"
    expected = before.copy()
    expected[[3, 0]] = 0.25, -7.0
    assert after.theta.tolist() == expected.tolist()
    assert state.theta.tolist() == before.tolist(), "a state is a value"
    assert after.slots is state.slots
    assert (after.update, after.position, held(after)) == (state.update, state.position, held(state))
    assert edits.with_values(state, (3,), (1.0,))[0] == "Parameter set by hand"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_not_finite_is_refused(state, value):
    with pytest.raises(ParameterError, match="a parameter must be a finite number, not"):
        edits.with_values(state, (0, 1), (1.0, value))


@pytest.mark.parametrize("index", [-1, SIZE, 10**9])
def test_a_parameter_that_is_not_there_is_refused_by_all(state, index):
    for edit in (
        lambda: edits.with_values(state, (index,), (0.0,)),
        lambda: edits.pruned(state, (0, index)),
        lambda: edits.restored(state, (index,)),
        lambda: edits.frozen(state, (index,), on=True),
        lambda: edits.frozen(state, (index,), on=False),
    ):
        with pytest.raises(ParameterError, match=f"there is no parameter {index}; the network has {SIZE}$"):
            edit()


def test_pruning_sets_to_0_and_keeps_what_was_pruned_before(state):
    label, once = edits.pruned(state, (5,))
    assert label == "Connection deleted"
    label, twice = edits.pruned(once, (7, 5, 2))
    assert label == "2 connections deleted"
    assert held(twice) == ([2, 5, 7], [])
    assert twice.theta[[2, 5, 7]].tolist() == [0, 0, 0]
    others = np.setdiff1d(np.arange(SIZE), [2, 5, 7])
    assert twice.theta[others].tolist() == state.theta[others].tolist()
    assert held(state) == ([], [])
    with pytest.raises(ParameterError, match="there is nothing to delete"):
        edits.pruned(twice, (7,))


def test_what_is_pruned_cannot_be_set_until_it_is_restored(state):
    _, gone = edits.pruned(state, (5,))
    with pytest.raises(ParameterError, match="was deleted and stays 0; restore it first"):
        edits.with_values(gone, (5,), (0.1,))
    _, same = edits.with_values(gone, (5, 6), (-0.0, 1.0))
    assert not np.signbit(same.theta[5])
    label, back = edits.restored(gone, (5,))
    assert label == "Connection restored"
    assert held(back) == ([], [])
    assert back.theta[5] == 0
    assert edits.with_values(back, (5,), (0.1,))[1].theta[5] == 0.1


def test_restoring_leaves_out_what_was_not_pruned(state):
    _, gone = edits.pruned(state, (1, 2, 3))
    label, back = edits.restored(gone, (2, 3, 4))
    assert label == "2 connections restored"
    assert held(back) == ([1], [])
    with pytest.raises(ParameterError, match="there is no deleted connection to restore"):
        edits.restored(back, (4,))


def test_freezing_keeps_values_and_lets_them_go(state):
    label, cold = edits.frozen(state, (4, 1), on=True)
    assert label == "2 parameters frozen"
    assert held(cold) == ([], [1, 4])
    assert cold.theta is state.theta
    with pytest.raises(ParameterError, match="there is nothing to be frozen"):
        edits.frozen(cold, (1,), on=True)
    label, warm = edits.frozen(cold, (1, 9), on=False)
    assert label == "Parameter unfrozen"
    assert held(warm) == ([], [4])
    with pytest.raises(ParameterError, match="there is nothing to be unfrozen"):
        edits.frozen(warm, (1,), on=False)


def test_nothing_is_both_pruned_and_frozen(state):
    _, cold = edits.frozen(state, (1, 4), on=True)
    _, gone = edits.pruned(cold, (4,))
    assert held(gone) == ([4], [1])
    assert gone.held.tolist() == [1, 4]
    _, more = edits.frozen(gone, (4, 5), on=True)
    assert held(more) == ([4], [1, 5])
    with pytest.raises(ParameterError, match="nothing to be frozen"):
        edits.frozen(more, (4,), on=True)


def test_a_hand_may_set_what_training_may_not(state):
    _, cold = edits.frozen(state, (1,), on=True)
    _, set_ = edits.with_values(cold, (1,), (2.5,))
    assert set_.theta[1] == 2.5
    assert held(set_) == ([], [1])
