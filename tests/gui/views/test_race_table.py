"""The race table: every number is the frame's, and the sentence below follows from them."""

from __future__ import annotations

import dataclasses
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.planes import PlaneChoice
from ann_studio.engine.messages import Clock, Frame, Status, Survey
from ann_studio.gui.style import style_sheet
from ann_studio.gui.theme import LIGHT, number
from ann_studio.gui.views.race import RaceView
from ann_studio.gui.views.race.standings import Lowest, Row, gap_text, rows_of, verdict
from ann_studio.gui.views.race.table import COLUMNS
from ann_studio.learning.experiment import L2, Adam, Sgd, Supervised
from ann_studio.learning.race import Entry, differences
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


def row(name: str, cost: float, learning: Supervised | None = None, **fields: object) -> Row:
    """A run from cost 1 that has gone through 80 samples in 10 updates."""
    entry = Entry(learning or Supervised(batch_size="full"), int(fields.pop("seed", 1)))
    given = {"updates": 10, "gradients": 80, "first_cost": 1.0, "out": "", "edited": False, **fields}
    return Row(name, 10, seconds=0.1, cost=cost, cost_update=given["updates"], entry=entry, **given)


BATCH = Supervised(batch_size="full")
SINGLE = Supervised(batch_size=1)
FAST = Supervised(batch_size="full", optimizer=Sgd(learning_rate=1.0))
MIXED = Supervised(batch_size=1, optimizer=Adam(), regularizer=L2())
A, B = row("A", 0.5), row("B", 0.25)
STOCHASTIC = row("B", 0.25, SINGLE, updates=80)
SENTENCES = [
    # In what they differ, and how far each has come.
    (
        (A, STOCHASTIC),
        "B is 0.2500 lower than A after the same work, in 80 updates against 10; only the batch size differs",
    ),
    ((A, row("B", 0.25, FAST)), "B is 0.2500 lower than A after 10 updates each; only the learning rate differs"),
    (
        (A, row("B", 0.25, Supervised(batch_size="full", optimizer=Adam()))),
        "B is 0.2500 lower than A after 10 updates each; the optimiser and the learning rate differ",
    ),
    ((A, row("B", 0.25, MIXED)), "B is 0.2500 lower than A after 10 updates each; several settings differ"),
    (
        (row("A", 0.5, SINGLE), row("B", 0.25, SINGLE, seed=2)),
        "B is 0.2500 lower than A after 10 updates each; only the seed differs",
    ),
    (
        (A, row("B", 0.25, SINGLE, gradients=10)),
        "B is 0.2500 lower than A after 10 updates each, with 10 gradients against 80; only the batch size differs",
    ),
    (
        (row("A", 0.5, updates=1, gradients=8), STOCHASTIC),
        "B is 0.2500 lower than A after 80 updates against 1, with 80 gradients against 8; only the batch size differs",
    ),
    # A hand was at it: no setting is made out to be all there is.
    (
        (row("A", 0.5, edited=True), STOCHASTIC),
        "B is 0.2500 lower than A after the same work, in 80 updates against 10; A was changed by hand on the way",
    ),
    (
        (row("η 1", 0.25, FAST, edited=True), A),
        "η 1 is 0.2500 lower than A after 10 updates each; η 1 was changed by hand on the way",
    ),
    # Level: the same for all that is known, or nearly so for the way that was made.
    (
        (row("A", 1e-29), row("B", 0.0, FAST)),
        "A and B are level at 0.0000 after 10 updates each; only the learning rate differs",
    ),
    (
        (row("A", 0.2502), B),
        "A and B are about level, 0.2500 to 0.2502, after 10 updates each; the settings are the same",
    ),
    ((row("A", 0.25001), B), "A and B are about level at 0.2500 after 10 updates each; the settings are the same"),
    ((row("A", 0.2511), B), "B is 0.0011 lower than A after 10 updates each; the settings are the same"),
    (
        (row("A", 0.999), row("B", 0.9995)),
        "A is 0.0005 lower than B after 10 updates each; the settings are the same",  # half of the way
    ),
    (
        (row("A", 2e-6, first_cost=1e-5), row("B", 1e-6, first_cost=1e-5)),
        "B is 1.00e−06 lower than A after 10 updates each; the settings are the same",
    ),
    (
        (row("A", 0.25), row("B", 0.25, SINGLE, updates=80), row("C", 0.25, FAST, updates=40)),
        "A, B and C are level at 0.2500 after 10 to 80 updates; the batch size and the learning rate differ",
    ),
    (
        tuple(row(f"run {k}", 0.25) for k in range(8)),
        "8 runs are level at 0.2500 after 10 updates each; the settings are the same",
    ),
    # What is not known is not said.
    (
        (A, dataclasses.replace(B, cost_update=9)),
        "B is 0.2500 lower than A, by the last known costs; the settings are the same",
    ),
    ((A, row("B", math.nan)), ""),
    ((A,), ""),
    ((), ""),
    # Those that are out.
    ((A, row("B", math.inf, out="diverged after update 3")), "B diverged after update 3; A goes on at 0.5000"),
    (
        (A, B, row("C", 9.0, out="diverged after update 3")),
        "B is 0.2500 lower than A after 10 updates each; the settings are the same; C diverged after update 3",
    ),
    # The start.
    (
        (row("A", 1.0, updates=0, gradients=0), row("B", 1.0, SINGLE, updates=0, gradients=0)),
        "All stand at the same start, cost 1.0000",
    ),
    (
        (row("A", 0.5, updates=0, gradients=0, edited=True), row("B", 1.0, SINGLE, updates=0, gradients=0)),
        "A is 0.5000 lower than B; A was changed by hand on the way",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "sentence"), SENTENCES)
def test_the_sentence_says_what_differs_and_what_is_seen(rows, sentence):
    assert verdict(rows, 8) == sentence


NUMBERS = st.one_of(st.floats(), st.floats(0, 2), st.sampled_from([0.0, 1e-29, 1e308, -1e308]))
ROWS = st.builds(
    row,
    st.just("run"),
    NUMBERS,
    st.sampled_from([BATCH, SINGLE, FAST, MIXED]),
    seed=st.integers(0, 2),
    updates=st.integers(0, 10**7),
    gradients=st.integers(0, 10**9),
    first_cost=NUMBERS,
    out=st.sampled_from(["", "", "diverged after update 3"]),
    edited=st.booleans(),
)


@given(st.lists(ROWS, max_size=8), st.integers(1, 20))
def test_any_race_can_be_put_in_words_and_no_cause_is_made_out_where_there_are_several(rows, samples):
    rows = [dataclasses.replace(each, name=f"run {k}") for k, each in enumerate(rows)]
    said = verdict(rows, samples)
    racing = [each for each in rows if not each.out and math.isfinite(each.cost)]
    if "only " in said:
        assert not any(each.edited for each in racing if each.name in said.partition("; only")[0])
        runs = [each.entry for each in racing]
        pairs = [differences(one, other, samples) for one in runs for other in runs]
        assert any(len(found) == 1 for found in pairs)
    if any(each.edited for each in racing) and len(racing) > 1:
        assert "changed by hand" in said
    assert all(word not in said for word in ("because", "nan", "inf ", "noise"))
    brief = verdict(rows, samples, brief=True)
    assert len(brief) <= len(said)
    assert ("only " in said, "changed by hand" in said) == ("only " in brief, "changed by hand" in brief)
    assert bool(said) or len(rows) < 2 or (len(racing) < 2 and not any(each.out for each in rows))


def test_the_sentence_of_the_trap_has_the_numbers_of_the_table(view):
    frame = after(60)
    view.show_frame(frame)
    batch, mini, stochastic = rows_of(frame)
    best = min((mini, stochastic), key=lambda row: row.cost)
    assert view.hint.text.endswith("; only the batch size differs")
    assert f"{best.name} is {number(batch.cost - best.cost, 4)} lower than Batch" in view.hint.text
    edited = dataclasses.replace(frame.standings[0], edited=True)
    view.show_frame(dataclasses.replace(frame, standings=(edited, *frame.standings[1:])))
    assert view.hint.text.endswith("Batch was changed by hand on the way")
    view.show_frame(after(0))
    assert view.hint.text.startswith("All stand at the same start, cost ")


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


@pytest.mark.parametrize("height", [230, 300])
def test_where_there_is_no_room_for_the_sentence_a_shorter_one_is_said(window, height):
    hint = card_in(window, after(60), height).hint
    ahead, why = "Stochastic is 0.0263 lower than Batch", "; only the batch size differs"
    full, short = f"{ahead} after the same work, in 480 updates against 60{why}", f"{ahead}{why}"
    assert hint.text == hint.toolTip() == full
    assert hint.shown_text() == (full if height == 300 else short)


def test_a_row_with_a_note_has_room_for_two_lines(window):
    view = card_in(window, after(3), 170)
    before = view.table.row_height()
    view.show_hidden(frozenset({1}))
    assert before < 36 <= view.table.row_height()
