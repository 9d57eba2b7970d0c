"""The race table: every number is the frame's, and the sentence below follows from them."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.planes import PlaneChoice
from ann_studio.engine.messages import Clock, Frame, Status, Survey
from ann_studio.gui.style import style_sheet
from ann_studio.gui.theme import LIGHT, number
from ann_studio.gui.views.race import RaceView
from ann_studio.gui.views.race.standings import Lowest, gap_text, rows_of, verdict
from ann_studio.gui.views.race.table import COLUMNS
from ann_studio.learning.supervised import samples_of
from tests.gui.views.races import race_frame, racing, trap
from tests.gui.views.surveys import answer

TITLES = [column.title for column in COLUMNS]


def after(epochs: int, **fields: object) -> Frame:
    experiment = trap()
    return race_frame(racing(experiment, epochs), experiment, **fields)


@pytest.fixture
def view(qtbot) -> RaceView:
    view = RaceView()
    qtbot.addWidget(view)
    view.resize(760, 300)
    view.show()
    return view


def cells(view: RaceView) -> list[dict[str, str]]:
    return [{title: view.table.cell(row, k) for k, title in enumerate(TITLES)} for row in view.table.rows]


@pytest.mark.parametrize("epochs", [0, 7, 60])
def test_every_cell_is_of_the_frame(view, epochs):
    frame = after(epochs)
    view.show_frame(frame)
    least = min(float(snapshot.trace[:, 2].min()) for snapshot in frame.snapshots)
    for shown, snapshot, standing in zip(cells(view), frame.snapshots, frame.standings, strict=True):
        state = snapshot.state
        assert shown["Epochs"] == f"{state.epoch:,}"
        assert shown["Updates"] == f"{state.update:,}"
        assert shown["Gradients"] == f"{samples_of(standing.problem, state):,}"
        assert shown["Cost"] == number(snapshot.train_loss, 4)
        assert shown["Gap"] == gap_text(snapshot.train_loss, Lowest(least, is_minimum=False))
    assert [row.name for row in view.table.rows] == ["Batch", "Mini-batch", "Stochastic"]
    assert view.subtitle.text().startswith(f"after {epochs} epochs")


@pytest.mark.parametrize(
    ("gap", "text"), [(0.0, "0.0000"), (0.01764, "+0.0176"), (1.677e-5, "<0.0001"), (math.nan, "–"), (math.inf, "–")]
)
def test_a_gap_has_one_precision(gap, text):
    assert gap_text(0.5 + gap, Lowest(0.5, is_minimum=True)) == text


def test_the_gap_is_from_the_lowest_minimum_of_this_cost_and_stays_so_when_the_picture_moves(view):
    frame = after(30)
    lower = Minimum(np.array([4.26, 4.26]), 0.05, np.ones(2))
    survey = Survey(1, frame, PlaneChoice(), None, (-3.0, 6.0, -3.0, 6.0), 9, False, (40, 30))
    found = dataclasses.replace(answer(survey), minima=(lower,))
    view.show_frame(frame)
    view.show_survey(found)
    assert view.table.lowest == Lowest(0.05, is_minimum=True)
    view.show_survey(dataclasses.replace(found, minima=()))
    assert view.table.lowest == Lowest(0.05, is_minimum=True)
    assert "lowest minimum found" in view.subtitle.text()
    other = msgspec.structs.replace(trap(loss="mae"), race=())
    view.show_frame(
        race_frame(racing(msgspec.structs.replace(other, race=()), 3), msgspec.structs.replace(other, race=()))
    )
    assert not view.table.lowest.is_minimum


def test_the_clock_is_said(view):
    view.show_frame(after(5, clock=Clock.GRADIENTS, reached=40.0))
    assert view.subtitle.text().startswith("after 40 gradient evaluations")
    view.show_frame(after(5, clock=Clock.UPDATES, reached=1.0))
    assert view.subtitle.text().startswith("after 1 update ")


def test_the_sentence_follows_from_the_numbers():
    frame = after(60)
    batch, mini, stochastic = rows_of(frame)
    best = min((mini, stochastic), key=lambda row: row.cost)
    said = verdict((batch, mini, stochastic))
    assert said.startswith("Same work, ")
    assert f"{best.name} is {number(batch.cost - best.cost, 4)} lower than Batch" in said
    assert "the same weights and the same data" in verdict(rows_of(after(0)))
    level = tuple(dataclasses.replace(batch, name=f"run {k}") for k in range(8))
    assert "8 runs are level" in verdict(level)
    out = dataclasses.replace(stochastic, out="diverged after update 12")
    assert "Stochastic diverged after update 12" in verdict((batch, mini, out))
    assert verdict((batch,)) == ""


def test_a_main_run_that_diverged_is_out(view):
    frame = dataclasses.replace(after(3), status=Status.DIVERGED)
    view.show_frame(frame)
    assert view.table.rows[0].out == f"diverged after update {frame.snapshots[0].state.update}"
    assert view.hint.tone == "warning"


def test_columns_give_way_and_name_cost_and_gap_stay(view):
    view.show_frame(after(3))
    wide = [COLUMNS[k].title for k, _ in view.table.columns()]
    view.resize(330, 300)
    view.table.grab()
    narrow = [COLUMNS[k].title for k, _ in view.table.columns()]
    assert wide == TITLES
    assert {"Cost", "Gap"} <= set(narrow) < set(wide)


def test_rows_are_chosen_by_mouse_and_keys_and_the_choice_outlives_runs_that_are_on_their_way(view, qtbot):
    frame = after(3)
    view.show_frame(frame)
    table = view.table
    table.grab()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.row_rect(1).center().toPoint())
    assert table.selected == 1
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.selected == 2
    assert "Stochastic" in table.accessibleDescription()
    view.show_frame(dataclasses.replace(frame, snapshots=frame.snapshots[:1], standings=frame.standings[:1]))
    view.show_frame(frame)
    assert table.selected == 2
    assert "Stochastic" in table.accessibleDescription()


def test_hidden_runs_are_marked_and_still_counted(view):
    view.show_frame(after(3))
    before = view.table.grab().toImage()
    view.show_hidden(frozenset({1}))
    assert view.table.grab().toImage() != before
    assert len(view.table.rows) == 3


def test_the_numbers_have_all_digits(view):
    frame = after(10)
    view.show_frame(frame)
    head, *lines = view.numbers().splitlines()
    assert head.split("\t")[:3] == ["method", "epochs", "updates"]
    for line, snapshot in zip(lines, frame.snapshots, strict=True):
        assert float(line.split("\t")[5]) == snapshot.train_loss


def test_what_is_not_known_is_not_said():
    batch, mini, _ = rows_of(after(60))
    assert verdict((batch, dataclasses.replace(mini, cost=math.nan))) == ""
    stale = dataclasses.replace(mini, cost_update=mini.updates - 1)
    assert verdict((batch, stale)).startswith("By their last known costs: Mini-batch is ")
    near = dataclasses.replace(mini, cost=batch.cost - 1e-6)
    assert "Mini-batch is less than 0.0001 lower than Batch" in verdict((batch, near))


def test_in_the_narrowest_card_cost_and_gap_stay(view):
    view.show_frame(after(3))
    view.resize(260, 300)
    view.table.grab()
    assert [COLUMNS[k].title for k, _ in view.table.columns()] == ["Cost", "Gap"]


@pytest.fixture
def window(qtbot) -> QWidget:
    """What a card stands in; by itself it would not become as low as there."""
    window = QWidget()
    qtbot.addWidget(window)
    return window


def card_in(window: QWidget, frame: Frame, height: int) -> RaceView:
    """A card of this height that shows a frame."""
    window.setStyleSheet(style_sheet(LIGHT))
    view = RaceView(window)
    window.resize(400, 400)
    window.show()
    view.show_frame(frame)
    view.setGeometry(0, 0, 370, height)
    QApplication.processEvents()
    return view


@pytest.mark.parametrize("height", [170, 190, 210, 250, 300])
def test_the_sentence_takes_no_room_from_rows_that_would_be_seen_without_it(window, height):
    view = card_in(window, after(60), height)
    table = view.table
    seen = sum(table.row_rect(k).bottom() <= table.viewport().height() + 0.5 for k in range(3))
    assert view.height() == height
    assert view.minimumSizeHint().height() <= 170
    assert seen == 3 or not view.hint.isVisible()
    assert view.hint.isVisible() or height < 250
    if view.hint.isVisible():
        assert not table.geometry().intersects(view.hint.geometry())


def test_a_row_with_a_note_has_room_for_two_lines(window):
    view = card_in(window, after(3), 170)
    before = view.table.row_height()
    view.show_hidden(frozenset({1}))
    assert before < 36 <= view.table.row_height()
