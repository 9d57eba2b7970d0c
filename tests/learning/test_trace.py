"""The trace keeps to its memory whatever the length of the run, and what it keeps does not depend on chunks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.learning.trace import Trace

ROOM = 32  #: rows
BUDGET = ROOM * 4 * 8


def rows_of(count: int, first: int = 0) -> np.ndarray:
    """A row an epoch, of ten updates each."""
    epochs = np.arange(first, first + count, dtype=np.float64)
    return np.stack([epochs, 10 * epochs, 1 / (1 + epochs), np.full(count, np.nan)], axis=1)


def chunked(rows: np.ndarray, cuts: list[int]) -> Trace:
    trace = Trace(rows[:1], BUDGET)
    for part in np.split(rows[1:], sorted(min(cut, len(rows) - 1) for cut in cuts)):
        trace.append(part)
    return trace


@given(st.integers(1, 500), st.integers(0, 40), st.lists(st.integers(0, 500), max_size=8))
def test_the_rows_kept_depend_on_the_length_of_the_run_alone(count, first, cuts):
    rows = rows_of(count, first)
    trace, at_once = chunked(rows, cuts), Trace(rows, BUDGET)
    assert np.array_equal(trace.rows, at_once.rows, equal_nan=True)
    assert np.array_equal(trace.last, rows[-1], equal_nan=True)
    assert trace.bytes <= BUDGET
    assert len(trace.rows) > ROOM / 2 - 1 or len(trace.rows) == count


@given(st.integers(1, 500), st.integers(0, 40), st.lists(st.integers(0, 500), max_size=8))
def test_a_run_that_begins_within_an_epoch_keeps_the_ends_of_those_that_follow(count, first, cuts):
    rows = rows_of(count, first)
    rows[0, :2] += [0.24, 2.4]
    trace, whole = chunked(rows, cuts), Trace(rows_of(count, first), BUDGET)
    assert np.array_equal(trace.rows[1:], whole.rows[1:], equal_nan=True)
    assert trace.rows[0, 0] == first + 0.24
    assert np.array_equal(Trace(rows, BUDGET).rows, trace.rows, equal_nan=True)


@given(st.integers(1, 500))
def test_the_rows_kept_are_evenly_spaced_rows_of_the_run(count):
    rows = rows_of(count)
    kept = Trace(rows, BUDGET).rows
    assert np.array_equal(kept, rows[:: max(1, int(kept[1, 0])) if len(kept) > 1 else 1][: len(kept)], equal_nan=True)


@given(st.integers(2, 500), st.integers(1, 100))
def test_what_was_handed_out_stays_as_it_was(count, more):
    trace = Trace(rows_of(count), BUDGET)
    view = trace.rows
    before = view.copy()
    trace.append(rows_of(more, count))
    assert np.array_equal(view, before, equal_nan=True)
    assert trace.bytes <= BUDGET
