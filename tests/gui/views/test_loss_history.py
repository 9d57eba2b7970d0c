"""What the cost plot keeps of a trace is what it would find if it looked at the whole of it again."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.gui.views.loss import history
from ann_studio.gui.views.loss.history import TRAIN, VALIDATION, Costs, Point, Pyramid, outline_of
from ann_studio.learning.trace import Trace

NAN, INF = float("nan"), float("inf")
VALUES = st.one_of(st.floats(0.0, 10.0), st.sampled_from([NAN, INF, -INF, 0.0, -1.0, 5e-324, 1e308]))


def rows_of(values: list[float], steps: list[int] | None = None, first: int = 0) -> np.ndarray:
    """A trace whose epochs lie `steps` apart, 1 by default."""
    epochs = first + (np.arange(len(values)) if steps is None else np.cumsum([0, *steps])[: len(values)])
    return np.array([[e, 3 * e, v, v / 2] for e, v in zip(epochs.tolist(), values, strict=True)]).reshape(-1, 4)


def same_as_new(costs: Costs) -> None:
    """What has grown piece by piece is what is made in one go, and what a plain look at all values says."""
    new = Costs()
    new.show(costs.rows.copy(), costs.here)
    assert costs.extremes() == new.extremes()
    assert costs.best() == new.best()
    values = np.concatenate([costs.values(TRAIN), costs.values(VALIDATION)])
    finite = values[np.isfinite(values)]
    positive = finite[finite > 0]
    assert costs.extremes() == (
        finite.min(initial=INF), finite.max(initial=-INF), positive.min(initial=INF)
    )  # fmt: skip
    validation = costs.values(VALIDATION)
    known = np.where(np.isfinite(validation), validation, INF)
    assert costs.best() == (int(known.argmin()) if np.isfinite(known).any() else None)
    for column in (TRAIN, VALIDATION):
        for columns in (1, 3, 20):
            if len(costs.rows):
                found, expected = costs.outline(column, columns), new.outline(column, columns)
                assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@given(st.lists(st.lists(VALUES, max_size=120), max_size=6), st.sampled_from([50, 200, 10_000]))
@settings(max_examples=60)
def test_a_trace_that_grows_and_is_thinned_is_known_as_well_as_one_that_is_read_whole(pieces, most):
    trace, costs, epochs = Trace(rows_of([0.5]), budget=32 * most), Costs(), 1
    for piece in pieces:
        trace.append(rows_of(piece, first=epochs))
        epochs += len(piece)
        costs.show(trace.rows, Point(epochs, 0.1, NAN) if len(piece) % 2 else None)
        assert np.array_equal(costs.rows, trace.rows, equal_nan=True)
        same_as_new(costs)


@given(st.lists(VALUES, min_size=1, max_size=300), st.lists(VALUES, max_size=300), st.integers(0, 300))
@settings(max_examples=60)
def test_another_trace_is_never_taken_for_the_same_one_grown(first, second, cut):
    costs = Costs()
    costs.show(rows_of(first), None)
    costs.show(rows_of(first[:cut] + second), Point(400.0, 0.25, NAN))
    same_as_new(costs)
    costs.show(rows_of(first[::2], [2] * len(first)), None)
    same_as_new(costs)


def test_an_end_that_was_written_over_in_the_same_memory_is_noticed():
    memory = rows_of([3.0, 2.0, 1.0, 0.5])
    costs = Costs()
    costs.show(memory[:3], None)
    memory[2] = [9.0, 9.0, 4.0, 4.0]
    costs.show(memory[:4], None)
    same_as_new(costs)


@given(
    st.lists(VALUES, min_size=1, max_size=900),
    st.lists(st.integers(1, 50), min_size=900, max_size=900),
    st.integers(1, 30),
)
@settings(max_examples=80)
def test_an_outline_has_the_extremes_that_a_look_at_every_row_finds(values, steps, columns):
    rows = rows_of(values, steps)
    pyramid = Pyramid(TRAIN)
    pyramid.add(rows)
    kept = outline_of(rows, TRAIN, pyramid, columns)
    assert np.isfinite(rows[kept, TRAIN]).all()
    assert (np.diff(kept) > 0).all()
    finite = np.flatnonzero(np.isfinite(rows[:, TRAIN]))
    if len(rows) <= 2 * columns:
        assert kept.tolist() == finite.tolist()
        return
    assert len(kept) <= 2 * (columns + 1)
    for group in groups(rows, pyramid, columns):
        inside = rows[group, TRAIN][np.isfinite(rows[group, TRAIN])]
        found = rows[kept[(kept >= group[0]) & (kept <= group[-1])], TRAIN]
        assert (found.min(initial=INF), found.max(initial=-INF)) == (inside.min(initial=INF), inside.max(initial=-INF))


def groups(rows, pyramid, columns):
    """The rows that lie in each column of pixels, to whole blocks."""
    starts = pyramid.blocks(rows, 4 * columns)[0].tolist()
    span = rows[-1, 0] - rows[0, 0]
    place = [int((rows[start, 0] - rows[0, 0]) / max(span, 1e-300) * columns) for start in starts]
    firsts = [start for k, start in enumerate(starts) if k == 0 or place[k] != place[k - 1]]
    return [np.arange(a, b) for a, b in zip(firsts, [*firsts[1:], len(rows)], strict=True)]


@given(st.lists(VALUES, max_size=200), st.floats(-5, 250), st.booleans())
def test_the_nearest_point_is_the_nearest(values, epoch, has_here):
    costs = Costs()
    costs.show(rows_of(values), Point(len(values) + 0.5, 1.0, 1.0) if has_here else None)
    if len(costs):
        epochs = costs.values(0)
        assert abs(epochs[costs.nearest(epoch)] - epoch) == np.abs(epochs - epoch).min()


def test_of_a_million_epochs_only_the_new_ones_are_looked_at(monkeypatch):
    random = np.random.default_rng(0)
    rows = np.column_stack([np.arange(1e6), np.arange(1e6), random.random(1_000_000), np.full(1_000_000, NAN)])
    trace = Trace(rows, budget=10**9)
    costs = Costs()
    trace.append(rows_of([0.5], first=1_000_000))  # from now on there is room behind it
    costs.show(trace.rows, None)
    looked_at = []
    pick = history._pick
    monkeypatch.setattr(
        history, "_pick", lambda values, rows, **asked: looked_at.append(rows.size) or pick(values, rows, **asked)
    )
    trace.append(rows_of(list(random.random(40)), first=1_000_001))
    costs.show(trace.rows, None)
    x, y = costs.outline(TRAIN, 200)
    assert sum(looked_at) < 20_000
    assert 200 < len(x) <= 402
    assert (y.min(), y.max()) == (trace.rows[:, TRAIN].min(), trace.rows[:, TRAIN].max())
