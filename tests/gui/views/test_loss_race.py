"""The cost plot of a race: a curve for each run along the clock, and every number that of the frame."""

from __future__ import annotations

import dataclasses
import itertools
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication

from ann_studio.engine.messages import Clock, Frame
from ann_studio.engine.race import Race as Runs
from ann_studio.gui.clocks import after
from ann_studio.gui.looks import looks
from ann_studio.gui.theme import DARK, LIGHT, THEMES, number
from ann_studio.gui.views.loss import LossView, history, racers
from ann_studio.gui.views.loss.curves import spread
from ann_studio.gui.views.loss.history import TRAIN
from ann_studio.gui.views.loss.race import Race, runs_of
from ann_studio.gui.views.race import RaceView
from ann_studio.learning.experiment import Stop
from ann_studio.learning.problem import pose
from ann_studio.learning.race import batches, optimizers, rates
from ann_studio.learning.supervised import samples_of
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.datasets import load_dataset
from tests.gui.views.frames import colour_at, experiment, far, frame_of, hover, picture, rgb, show, trained
from tests.gui.views.races import race_frame, racing, trap

CLOCKS = list(Clock)


@pytest.fixture
def view(qtbot) -> LossView:
    view = LossView()
    show(qtbot, view, 700, 300)
    return view


def with_racers(*builders):
    asked = experiment()
    samples = 30
    for build in builders:
        asked = msgspec.structs.replace(asked, race=(*asked.race, *build(asked, samples))[:7])
    return asked


def eight():
    return with_racers(batches, rates, lambda e, samples: optimizers(e, samples, same_rate=True))


def after_epochs(epochs: int, asked=None, **fields: object) -> Frame:
    asked = trap() if asked is None else asked
    return race_frame(racing(asked, epochs), asked, **fields)


def moving(asked=None) -> Runs:
    """A race that can go by any clock."""
    asked = trap() if asked is None else asked
    return Runs(pose(asked, load_dataset(asked)))


def frame_now(runs: Runs) -> Frame:
    snapshots, standings = runs.snapshots()
    like = frame_of(runs.main, pictures=False)
    return dataclasses.replace(
        like, snapshots=snapshots, standings=standings, clock=runs.clock, reached=float(runs.reached)
    )


# --- numbers --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("clock", CLOCKS)
def test_every_point_lies_where_its_run_was_by_the_clock(view, clock):
    frame = after_epochs(9, clock=clock)
    view.show_frame(frame)
    for run, snapshot, standing in zip(view.plot.race.runs, frame.snapshots, frame.standings, strict=True):
        alone = Trainer(standing.problem)
        for k in range(10):
            state = alone.state
            expected = {
                Clock.EPOCHS: state.epoch,
                Clock.UPDATES: state.update,
                Clock.GRADIENTS: samples_of(standing.problem, state),
            }[clock]
            assert run.at(k) == expected
            assert run.cost(k) == snapshot.trace[k, TRAIN] == alone.snapshot().train_loss
            alone.run(epochs=1)


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("samples", [1, 11, 43])
def test_within_an_epoch_each_curve_ends_at_the_present_cost(view, clock, samples):
    runs = moving()
    runs.clock = clock
    runs.advance(samples=samples, obey=False)
    frame = frame_now(runs)
    view.show_frame(frame)
    race = view.plot.race
    for run, snapshot, standing in zip(race.runs, frame.snapshots, frame.standings, strict=True):
        done = samples_of(standing.problem, snapshot.state)
        place = {
            Clock.EPOCHS: done / len(standing.problem.train), Clock.UPDATES: snapshot.state.update,
            Clock.GRADIENTS: done,
        }[clock]  # fmt: skip
        assert (run.at(len(run) - 1), run.cost(len(run) - 1)) == (place, snapshot.train_loss)
        assert place <= race.end
        assert len(run) == len(snapshot.trace) + (snapshot.state.position > 0)
        places = [run.at(k) for k in range(len(run))]
        assert places == sorted(set(places))


def test_costs_of_another_update_are_not_drawn_as_those_of_this_one(view):
    runs = moving()
    runs.advance(samples=12, obey=False)
    frame = frame_now(runs)
    stale = [dataclasses.replace(each, losses_update=each.state.update - 1) for each in frame.snapshots]
    view.show_frame(dataclasses.replace(frame, snapshots=tuple(stale)))
    assert [len(run) for run in view.plot.race.runs] == [len(each.trace) for each in stale]


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_axis_ends_with_the_epochs_that_are_asked_for(view, clock):
    runs = moving()
    runs.clock = clock
    ends = {Clock.EPOCHS: 300, Clock.UPDATES: 300, Clock.GRADIENTS: 2400}
    for _ in range(3):
        view.show_frame(frame_now(runs))
        assert view.plot.race.end == ends[clock]
        runs.advance(samples=5, obey=False)
    runs.advance(to_epoch=302, obey=False)
    view.show_frame(frame_now(runs))
    assert view.plot.race.end == ends[clock] // 300 * 302


def test_by_updates_the_end_counts_the_last_smaller_batch(view):
    asked = experiment(stop={"epochs": 4})
    asked = msgspec.structs.replace(asked, race=batches(asked, 30))
    runs = moving(asked)
    runs.clock = Clock.UPDATES
    per_epoch = -(-len(runs.main.problem.train) // 7)
    for update in (0, 3, per_epoch, per_epoch + 2):
        runs.advance(to_update=update, obey=False)
        view.show_frame(frame_now(runs))
        assert view.plot.race.end == 4 * per_epoch


def test_in_the_middle_of_an_update_that_is_shown_no_run_leaves_the_axis(view):
    runs = moving(msgspec.structs.replace(trap(), stop=msgspec.structs.replace(trap().stop, epochs=None)))
    runs.clock = Clock.GRADIENTS
    for _ in range(3):
        runs.step_sample()
        view.show_frame(frame_now(runs))
        race = view.plot.race
        assert max(run.at(len(run) - 1) for run in race.runs) <= race.end == 8


def test_copied_numbers_are_those_of_all_runs_even_of_hidden_ones(view):
    runs = moving()
    runs.advance(samples=43, obey=False)
    frame = frame_now(runs)
    view.show_hidden(frozenset({1}))
    view.show_frame(frame)
    head, *lines = view.numbers().splitlines()
    assert head == "run\tepoch\tupdate\tgradients\ttrain cost\tvalidation cost"
    for snapshot, standing in zip(frame.snapshots, frame.standings, strict=True):
        mine = [line.split("\t") for line in lines if line.startswith(f"{standing.name}\t")]
        trace = snapshot.trace
        rows = [[float(cell) for cell in line[1:5]] for line in mine]
        assert [line[5] for line in mine] == [""] * len(mine)
        expected = np.column_stack([trace[:, :2], trace[:, 0] * 8, trace[:, TRAIN]]).tolist()
        if snapshot.state.position:
            done = samples_of(standing.problem, snapshot.state)
            expected.append([done / 8, snapshot.state.update, done, snapshot.train_loss])
        assert rows == expected


def test_names_costs_and_looks_are_those_of_the_race_table(view, qtbot):
    table = RaceView()
    qtbot.addWidget(table)
    frame = after_epochs(12, eight())
    for theme in (LIGHT, DARK):
        for each in (view, table):
            each.set_theme(theme)
            each.show_frame(frame)
        race = view.plot.race
        assert [run.name for run in race.runs] == [row.name for row in table.table.rows]
        assert [run.cost(len(run) - 1) for run in race.runs] == [row.cost for row in table.table.rows]
        assert race.looks == table.table.looks == looks(frame.standings, theme)
    assert len(race.runs) == 8


# --- what is shown --------------------------------------------------------------------------------------------------
def test_hidden_runs_are_left_out_the_main_one_too(view):
    frame = after_epochs(20)
    view.show_frame(frame)
    every = picture(view.plot)
    view.show_hidden(frozenset({0}))
    assert [run.name for run in view.plot.race.runs] == ["Mini-batch", "Stochastic"]
    assert view.plot.race.looks == looks(frame.standings, LIGHT)[1:]
    assert picture(view.plot) != every
    assert "Batch 0." not in view.plot.accessibleDescription().replace("Mini-batch", "")
    view.show_hidden(frozenset({0, 1, 2}))
    picture(view.plot)
    assert view.plot.is_empty
    view.show_hidden(frozenset())
    assert picture(view.plot) == every


def test_a_hidden_run_does_not_stretch_the_axis_of_the_costs(view):
    frame = after_epochs(20)
    far_off = dataclasses.replace(frame.snapshots[2], trace=frame.snapshots[2].trace * [1, 1, 1e6, 1])
    view.show_frame(dataclasses.replace(frame, snapshots=(*frame.snapshots[:2], far_off)))
    _, high = view.plot.value_range()
    view.show_hidden(frozenset({2}))
    assert view.plot.value_range()[1] < 1 < high


def test_the_logarithmic_axis_reaches_down_to_the_least_cost_of_all_runs(view):
    frame = after_epochs(20)
    low = dataclasses.replace(frame.snapshots[1], trace=frame.snapshots[1].trace * [1, 1, 1e-3, 1])
    view.show_frame(dataclasses.replace(frame, snapshots=(frame.snapshots[0], low, frame.snapshots[2])))
    least = low.trace[:, TRAIN].min()
    assert view.plot.value_range()[0] <= least
    assert view.plot.race.extremes()[2] == least


def test_where_costs_are_below_zero_the_scale_is_linear_and_says_why(view):
    frame = after_epochs(20)
    below = tuple(dataclasses.replace(each, trace=each.trace - [0, 0, 1, 0]) for each in frame.snapshots)
    view.show_frame(frame)
    assert view.plot.is_log
    assert view.log.isEnabled()
    view.show_frame(dataclasses.replace(frame, snapshots=below, serial=2, clock=Clock.UPDATES))
    assert not view.plot.is_log
    assert not view.log.isEnabled()
    assert "below zero" in view.log.toolTip()
    costs = np.array([run.cost(len(run) - 1) for run in view.plot.race.runs])
    ends = view.plot._y(costs, view.plot._area(), view.plot.value_range())
    assert len(set(ends.round(1))) == 3
    view.show_frame(frame)
    assert view.log.isEnabled()
    assert view.plot.is_log


@pytest.mark.parametrize("width", [301, 420, 700])
@pytest.mark.parametrize("end", [3, 40, 60, 300, 1000])
def test_the_axis_along_has_two_numbers_at_least(view, monkeypatch, width, end):
    asked = msgspec.structs.replace(trap(), stop=Stop(epochs=end))
    view.resize(width, 230)
    view.show_frame(after_epochs(2, asked))
    drawn = []
    monkeypatch.setattr(QPainter, "drawText", lambda self, *args: drawn.append(args))
    view.plot.grab()
    foot = view.plot._area().bottom()
    assert sum(args[0].y() > foot + 10 for args in drawn if len(args) == 2) >= 2


def test_of_runs_that_were_renamed_nothing_is_kept(view):
    asked = trap()
    for name in ("One", "Two", "Three"):
        asked = msgspec.structs.replace(asked, run_name=name)
        view.show_frame(after_epochs(3, asked))
    assert len(view._known) == 3


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("place", range(3))
def test_each_run_is_drawn_in_its_colour_and_ends_in_its_marker(view, theme, log, place):
    view.set_theme(theme)
    view.log.setChecked(log)
    view.show_hidden(frozenset(range(3)) - {place})
    frame = after_epochs(100)
    view.show_frame(frame)
    plot, hue = view.plot, rgb(looks(frame.standings, theme)[place].colour)
    image, area, span = picture(plot), plot._area(), plot.value_range()
    trace = frame.snapshots[place].trace
    ys = plot._y(trace[:, TRAIN], area, span).tolist()
    points = [QPointF(float(plot._x(epoch, area)), y) for epoch, y in zip(trace[:, 0], ys, strict=True)]
    assert np.mean([far(colour_at(image, point), hue) < 60 for point in points]) > 0.8
    assert far(colour_at(image, points[-1]), hue) < 12
    beside = [colour_at(image, QPointF(area.right() + 18, y)) for y in range(plot.height())]
    assert min(far(seen, hue) for seen in beside) < 12


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_picture_names_the_clock_and_leaves_validation_out_with_a_word(view, clock):
    frame = after_epochs(5, eight(), clock=clock)
    view.show_frame(frame)
    unit = {Clock.EPOCHS: "epochs", Clock.UPDATES: "updates", Clock.GRADIENTS: "gradient evaluations"}[clock]
    assert view.subtitle.text() == f"training cost alone, by {unit}"
    assert view.plot.accessibleName() == f"Cost over {unit}"
    highest = max(float(each.trace[:, TRAIN].max()) for each in frame.snapshots)
    lowest = min(float(each.trace[:, TRAIN].min()) for each in frame.snapshots)
    assert view.plot.race.extremes()[:2] == (lowest, highest)
    view.show_frame(after_epochs(5, clock=clock))
    assert view.subtitle.text() == f"training cost, by {unit}"  # there is no validation part


def test_another_clock_is_another_picture(view):
    seen = []
    for clock in CLOCKS:
        view.show_frame(after_epochs(5, clock=clock))
        seen.append(picture(view.plot))
    assert seen[0] != seen[1] != seen[2] != seen[0]


def test_the_same_frame_is_not_drawn_twice(view, monkeypatch):
    frame = after_epochs(5)
    view.show_frame(frame)
    drawn = []
    monkeypatch.setattr(view.plot, "show_race", drawn.append)
    view.show_frame(frame)
    assert not drawn
    view.show_frame(dataclasses.replace(frame, clock=Clock.UPDATES))
    assert len(drawn) == 1


def test_one_run_looks_as_if_there_had_never_been_a_race(view, qtbot):
    alone = LossView()
    show(qtbot, alone, 700, 300)
    frame = frame_of(trained(experiment(), 8))
    alone.show_frame(frame)
    view.show_frame(after_epochs(5))
    view.show_hidden(frozenset({0}))
    view.show_frame(frame)
    assert picture(view) == picture(alone)
    assert view.numbers() == alone.numbers()
    assert view.plot.accessibleName() == "Cost over epochs"
    assert view.plot.accessibleDescription() == alone.plot.accessibleDescription()


def test_runs_that_are_on_their_way_change_neither_axis_nor_what_is_known(view):
    frame = after_epochs(40)
    view.show_frame(frame)
    costs = [run.costs for run in view.plot.race.runs]
    view.show_frame(dataclasses.replace(frame, snapshots=frame.snapshots[:1], standings=frame.standings[:1]))
    assert [run.name for run in view.plot.race.runs] == ["Batch"]
    picture(view.plot)
    view.show_frame(frame)
    assert all(run.costs is known for run, known in zip(view.plot.race.runs, costs, strict=True))


def test_what_is_known_of_a_run_goes_with_it_when_another_is_removed(view):
    asked = trap()
    frame = after_epochs(10, asked)
    view.show_frame(frame)
    known = view.plot.race.runs[2].costs
    fewer = msgspec.structs.replace(asked, race=asked.race[1:])
    view.show_frame(after_epochs(10, fewer))
    assert [run.name for run in view.plot.race.runs] == ["Batch", "Stochastic"]
    assert view.plot.race.runs[1].costs is known


def test_only_new_rows_of_long_runs_are_looked_at(monkeypatch):
    frame = after_epochs(5)
    memory = [np.tile(each.trace[:1], (300_000, 1)) for each in frame.snapshots]
    for rows in memory:
        rows[:, :2] = np.arange(300_000)[:, None] * [1, 4]
        rows[:, TRAIN] = np.random.default_rng(0).random(300_000)

    def shown(count: int) -> Frame:
        snapshots = zip(frame.snapshots, memory, strict=True)
        return dataclasses.replace(
            frame, snapshots=tuple(dataclasses.replace(each, trace=rows[:count]) for each, rows in snapshots)
        )

    known = {run.name: run.costs for run in runs_of(shown(299_000), {})}
    looked_at = []
    pick = history._pick
    monkeypatch.setattr(
        history, "_pick", lambda values, rows, **asked: looked_at.append(rows.size) or pick(values, rows, **asked)
    )
    for run in runs_of(shown(299_100), known):
        x, y = run.outline(150)
        assert len(x) <= 302
        assert y.min() == memory[run.place][:299_100, TRAIN].min()
    assert sum(looked_at) < 30_000


# --- labels ---------------------------------------------------------------------------------------------------------
@given(st.lists(st.floats(-50, 250), min_size=1, max_size=8), st.floats(1, 18))
def test_labels_keep_clear_of_each_other_and_inside(wanted, apart):
    wanted = sorted(wanted)
    places = spread(wanted, apart, 9.0, 160.0)
    assert all(b - a >= apart - 1e-9 for a, b in itertools.pairwise(places))
    assert places[0] >= 9.0 - 1e-9
    assert places[-1] <= 160.0 + 1e-9
    inside = all(9.0 <= place <= 160.0 for place in wanted)
    if inside and all(b - a >= apart for a, b in itertools.pairwise(wanted)):
        assert places == pytest.approx(wanted)


@pytest.mark.parametrize(("width", "height"), [(301, 231), (387, 262), (700, 250), (918, 132), (1238, 200), (240, 110)])
@pytest.mark.parametrize("few", [True, False])
def test_labels_have_room_at_every_size(view, monkeypatch, width, height, few):
    written = []
    paint = racers._paint_label
    monkeypatch.setattr(
        racers, "_paint_label", lambda painter, run, *rest: written.append((run, *rest)) or paint(painter, run, *rest)
    )
    view.show_frame(after_epochs(15) if few else after_epochs(15, eight()))
    plot = view.plot
    view.resize(view.width() + width - plot.width(), view.height() + height - plot.height())
    QApplication.processEvents()
    written.clear()
    picture(plot)
    runs = len(plot.race.runs)
    assert len(written) >= min(runs, int((plot.height() - 2) / 16))
    heights = sorted((at.y(), labels.apart) for _, _, labels, at, _ in written)
    assert all(b - a >= apart - 1e-6 for (a, apart), (b, _) in itertools.pairwise(heights))
    assert heights[0][0] - heights[0][1] / 2 >= 0
    assert heights[-1][0] + heights[-1][1] / 2 <= plot.height()
    assert plot._area().right() + written[0][2].width <= plot.width()
    assert plot._area().width() >= 0.3 * plot.width()


def test_a_label_says_as_many_digits_as_the_table(view):
    frame = after_epochs(10)
    view.show_frame(frame)
    told = [f"{run.name} {number(run.cost(len(run) - 1), 4)}" for run in view.plot.race.runs]
    assert view.plot.accessibleDescription() == ", ".join(told)


@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, -1.0, 1e308])
@pytest.mark.parametrize("log", [True, False])
def test_costs_that_are_no_numbers_are_painted_on_either_scale(view, value, log):
    frame = after_epochs(6)
    broken = frame.snapshots[1].trace.copy()
    broken[2:, TRAIN] = value
    snapshot = dataclasses.replace(frame.snapshots[1], trace=broken, train_loss=value)
    view.log.setChecked(log)
    view.show_frame(dataclasses.replace(frame, snapshots=(frame.snapshots[0], snapshot, frame.snapshots[2])))
    hover(view.plot, view.plot._area().center())
    for theme in THEMES.values():
        view.set_theme(theme)
        picture(view.plot)


# --- values under the mouse -----------------------------------------------------------------------------------------
def test_the_mouse_is_told_each_shown_run_at_its_own_nearest_point(view):
    frame = after_epochs(6, clock=Clock.UPDATES)
    view.show_frame(frame)
    plot = view.plot
    area = plot._area()
    hover(plot, QPointF(float(plot._x(5.1, area)), area.center().y()))
    batch, mini, stochastic = (each.trace[:, TRAIN] for each in frame.snapshots)
    assert plot.pointed() == 5
    assert plot.race.said(5) == [
        "after 5 updates", f"Batch {number(batch[5], 4)}",
        f"Mini-batch {number(mini[1], 4)} at 4", f"Stochastic {number(stochastic[1], 4)} at 8",
    ]  # fmt: skip
    picture(plot)
    view.show_hidden(frozenset({0}))
    assert plot.pointed() == 4
    assert plot.race.said(4) == [
        "after 4 updates", f"Mini-batch {number(mini[1], 4)}", f"Stochastic {number(stochastic[1], 4)} at 8",
    ]  # fmt: skip
    hover(plot, QPointF(3, 3))
    assert plot.pointed() is None


def test_left_and_right_walk_through_the_points_of_all_runs(view, qtbot):
    view.show_frame(after_epochs(3, clock=Clock.UPDATES))
    plot = view.plot
    places = sorted({run.at(k) for run in plot.race.runs for k in range(len(run))})
    assert places == [0, 1, 2, 3, 4, 8, 12, 16, 24]
    seen = []
    for _ in range(len(places) + 1):
        qtbot.keyClick(plot, Qt.Key.Key_Left)
        seen.append(plot.pointed())
        assert plot.accessibleDescription() == ", ".join(plot.race.said(seen[-1]))
    assert seen == [*reversed(places), 0]
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.pointed() == 1
    assert plot.accessibleDescription().startswith("after 1 update, Batch ")
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.pointed() is None


@pytest.mark.parametrize(
    ("clock", "reached", "said"),
    [
        (Clock.EPOCHS, 60.0, "after 60 epochs"), (Clock.EPOCHS, 1.5, "after 1.5 epochs"),
        (Clock.UPDATES, 1, "after 1 update"), (Clock.GRADIENTS, 12_345_678, "after 12,345,678 gradient evaluations"),
    ],
)  # fmt: skip
def test_a_clock_is_read_in_words(clock, reached, said):
    assert after(clock, reached) == said


def test_the_kept_race_is_of_the_runs_that_are_shown():
    runs = runs_of(after_epochs(4), {})
    race = Race(runs, looks(after_epochs(4).standings, LIGHT), Clock.EPOCHS, 300)
    assert race.nearest(1.6) == 2
    assert (race.step(2, 1), race.step(2, -1), race.step(4, 1), race.step(0, -1)) == (3, 1, 4, 0)
