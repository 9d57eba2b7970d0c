"""The cost view draws the trace, keeps what pixels can show of it, and gives the exact numbers away."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt

from ann_studio.gui.theme import LIGHT, THEMES
from ann_studio.gui.views.loss import LossView
from ann_studio.gui.views.loss.curves import DASH, DASH_GAP, log_ticks, segments
from ann_studio.gui.views.loss.history import EPOCH, TRAIN, VALIDATION
from ann_studio.gui.views.loss.plot import Plot, axis_range
from tests.gui.views.frames import colour_at, experiment, far, frame_of, hover, picture, rgb, show, trained

NAN, INF = float("nan"), float("inf")
#: A cost is not negative; where it is zero, underflows or overflows, it is one of these.
COSTS = st.one_of(st.floats(min_value=0.0), st.just(NAN))


@pytest.fixture
def view(qtbot):
    view = LossView()
    show(qtbot, view, 700, 260)
    return view


@pytest.fixture
def plot(qtbot):
    plot = Plot()
    show(qtbot, plot, 600, 200)
    return plot


def curves(plot, *train, validation=None):
    plot.show_curves(trace_of(train, validation), None, max(len(train) - 1, 1))


def trace_of(train, validation=None, first=0):
    """A trace of these costs, a row an epoch."""
    epochs = np.arange(first, first + len(train), dtype=np.float64)
    other = np.full(len(train), NAN) if validation is None else np.array(validation, dtype=np.float64)
    return np.stack([epochs, 7 * epochs, np.array(train, dtype=np.float64), other], axis=1)


def test_the_curves_are_the_trace(view):
    trainer = trained(experiment(), 12)
    view.show_frame(frame_of(trainer))
    trace = trainer.snapshot().trace
    for column in (EPOCH, TRAIN, VALIDATION):
        assert np.array_equal(view.plot.costs.values(column), trace[:, column])


def test_within_an_epoch_the_curves_end_at_the_present_costs(view):
    trainer = trained(experiment(), 2)
    trainer.run(updates=2)
    snapshot = trainer.snapshot()
    view.show_frame(frame_of(trainer))
    last = view.plot.costs.at(-1)
    assert last.epoch == 2 + 14 / len(trainer.problem.train)
    assert (last.train, last.validation) == (snapshot.train_loss, snapshot.validation_loss)
    assert len(view.plot.costs) == len(snapshot.trace) + 1


def test_costs_of_another_update_are_not_drawn_as_those_of_this_one(view):
    trainer = trained(experiment(), 2)
    trainer.run(updates=2)
    frame = frame_of(trainer)
    stale = dataclasses.replace(frame.snapshots[0], losses_update=frame.snapshots[0].state.update - 1)
    view.show_frame(dataclasses.replace(frame, snapshots=(stale,)))
    assert len(view.plot.costs) == len(stale.trace)


def test_after_a_reset_the_curve_is_gone(view):
    trainer = trained(experiment(), 5)
    view.show_frame(frame_of(trainer))
    trainer.reset()
    view.show_frame(frame_of(trainer))
    assert view.plot.costs.values(EPOCH).tolist() == [0.0]


def test_copied_numbers_are_exact(view):
    trainer = trained(experiment(), 5)
    view.show_frame(frame_of(trainer))
    header, *lines = view.numbers().splitlines()
    assert header == "epoch\ttrain cost\tvalidation cost"
    found = [[float(cell) for cell in line.split("\t")] for line in lines]
    assert found == trainer.snapshot().trace[:, [0, 2, 3]].tolist()


def test_where_there_is_no_validation_part_its_numbers_are_empty(view):
    view.show_frame(frame_of(trained("worked-example.json", 2)))
    assert [line.split("\t")[2] for line in view.numbers().splitlines()[1:]] == ["", "", ""]
    assert view.plot.costs.best() is None
    picture(view)


# --- axes -----------------------------------------------------------------------------------------------------------


@given(st.floats(1e-290, 1e290), st.floats(1.3, 1e12), st.floats(0.01, 0.3))
def test_ticks_of_the_logarithmic_axis_lie_on_it_and_apart(low, ratio, least):
    high = low * ratio
    ticks = log_ticks(low, high, least)
    assert ticks == sorted(ticks)
    assert all(low <= tick <= high for tick in ticks)
    shares = np.log10(np.array(ticks) / low) / math.log10(ratio)
    assert len(ticks) < 2 or np.diff(shares).min() >= least * 0.999


@pytest.mark.parametrize(
    ("low", "high"), [(0.0144, 3.1), (0.5, 0.8), (0.86, 1.6), (1.2, 1.875), (1e-9, 3.0), (0.07, 0.9)]
)
def test_a_small_picture_has_two_ticks_at_least(low, high):
    for height in (84, 47, 30):
        assert len(log_ticks(low, high, 18 / height)) >= 2


@given(st.lists(COSTS, min_size=1, max_size=30), st.booleans())
def test_the_axis_spans_the_finite_costs_whatever_they_are(values, log):
    finite = [value for value in values if math.isfinite(value)]
    positive = [value for value in finite if value > 0]
    ends = min(finite, default=INF), max(finite, default=-INF), min(positive, default=INF)
    low, high = axis_range(*ends, log=log)
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    if log:
        assert low > 0
    shown = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if shown:
        assert min(max(shown), 1e300) <= high
        assert low <= min(shown) or low <= max(max(shown) * 1e-12, 1e-300)


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize(
    "values",
    [
        (0.0, 0.0, 0.0), (-1.0, -2.0), (NAN, NAN), (INF, 1.0, 0.5), (1e308, 1.7e308, 3.0), (5e-324, 0.0),
        (1.0,), (0.0,), (NAN, 0.3, NAN, 0.2), (1.0, 0.0, -1.0, 1e-5, INF, NAN, 2.0), (0.1, 0.1, 0.1),
    ],
)  # fmt: skip
def test_zeros_negatives_and_no_numbers_are_painted_on_either_scale(values, log, plot):
    plot.log = log
    curves(plot, *values, validation=values[::-1])
    for theme in THEMES.values():
        plot.theme = theme
        picture(plot)


def test_a_cost_of_zero_lies_on_the_lower_edge_of_the_logarithmic_axis(plot):
    curves(plot, 1.0, 0.1, 0.0)
    area, span = plot._area(), plot.value_range()
    assert plot._y(np.array([0.0]), area, span)[0] == pytest.approx(area.bottom())
    assert area.top() < plot._y(np.array([1.0]), area, span)[0] < area.bottom()


def test_training_is_solid_and_validation_is_dashed_and_they_end_in_their_markers(plot):
    curves(plot, *np.linspace(1.0, 0.5, 40), validation=np.linspace(1.2, 0.9, 40))
    image, area, span = picture(plot), plot._area(), plot.value_range()
    covered = {}
    epochs = plot.costs.values(EPOCH)
    for name, column, hue in (("train", TRAIN, LIGHT.train), ("validation", VALIDATION, LIGHT.validation)):
        values, xs = plot.costs.values(column), np.linspace(3, 30, 271)
        ys = plot._y(np.interp(xs, epochs, values), area, span)
        points = [QPointF(float(plot._x(x, area)), y) for x, y in zip(xs, ys, strict=True)]
        covered[name] = np.mean([far(colour_at(image, point), rgb(hue)) < 60 for point in points])
        end = QPointF(float(plot._x(epochs[-1], area)), float(plot._y(values[-1:], area, span)[0]))
        middle = rgb(LIGHT.train if name == "train" else LIGHT.card)
        assert far(colour_at(image, end), middle) < 12
    assert covered["train"] > 0.9
    assert 0.4 < covered["validation"] < 0.8


@given(
    st.lists(st.tuples(st.floats(0, 9), st.floats(-50, 50)), min_size=2, max_size=40),
)
def test_dashes_are_as_long_as_they_should_be_and_lie_on_the_curve(steps):
    pixels = np.cumsum(np.array(steps), axis=0)
    lines = segments(pixels, dashed=True)
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(pixels, axis=0).T)))
    drawn = np.hypot(*(lines[:, 2:] - lines[:, :2]).T).sum()
    whole, rest = divmod(along[-1], DASH + DASH_GAP)
    assert drawn == pytest.approx(whole * DASH + min(rest, DASH), abs=1e-6)
    for x, y in lines.reshape(-1, 2):
        begins, reach = pixels[:-1], np.diff(pixels, axis=0)
        size = np.maximum((reach**2).sum(axis=1), 1e-300)
        share = np.clip(((np.array([x, y]) - begins) * reach).sum(axis=1) / size, 0, 1)
        nearest = begins + share[:, None] * reach
        assert np.hypot(*(nearest - [x, y]).T).min() < 1e-6


def test_a_cost_that_explodes_leaves_the_picture_but_one_that_returns_from_nothing_does_not(plot):
    curves(plot, 0.5, 0.2, 1e30, 1e200)
    low, high = plot.value_range()
    assert low < 0.2 < 0.5 < high == pytest.approx(1.25e3)
    picture(plot)
    curves(plot, 1e-12, 1e-12, 0.7, 0.5)  # a network that was trained already, and a weight changed by hand
    assert plot.value_range()[1] > 0.7
    curves(plot, 3e4, 2e9)
    assert plot.value_range()[1] > 2e9


def test_the_log_switch_changes_the_scale_and_nothing_else(view):
    view.show_frame(frame_of(trained(experiment(), 6)))
    before, numbers = picture(view.plot), view.numbers()
    view.log.setChecked(False)
    assert picture(view.plot) != before
    assert view.numbers() == numbers
    view.log.setChecked(True)
    assert picture(view.plot) == before


# --- values under the mouse -----------------------------------------------------------------------------------------


def test_the_mouse_is_told_the_values_of_the_nearest_epoch(plot):
    curves(plot, 0.9, 0.5, 0.25, 0.125, validation=(1.0, NAN, 0.5, 0.25))
    area = plot._area()
    for epoch, lines in (
        (0, ["epoch 0", "train 0.9000", "validation 1.0000"]),
        (1, ["epoch 1", "train 0.5000"]),
        (3, ["epoch 3", "train 0.1250", "validation 0.2500"]),
    ):
        hover(plot, QPointF(float(plot._x(epoch, area)) + (5 if epoch < 3 else -5), area.center().y()))
        assert plot.said(plot.hovered()) == lines
        picture(plot)
    hover(plot, QPointF(3, 3))
    assert plot.hovered() is None


def test_left_and_right_walk_through_the_epochs(plot, qtbot):
    curves(plot, 0.9, 0.5, 0.25)
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        qtbot.keyClick(plot, key)
        seen.append(plot.hovered())
    assert seen == [2, 1, 0, 0, 1]
    assert plot.accessibleDescription() == "epoch 1, train 0.5000"
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.hovered() is None


def test_the_best_epoch_is_that_of_the_least_validation_cost(plot):
    curves(plot, 3, 2, 1, 0.5, validation=(NAN, 0.8, 0.3, 0.4))
    assert plot.costs.best() == 2
