"""The valley: its numbers are those of the slice, it asks when it should, and a hand on the ball sets the parameter."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from ann_studio.analysis.slice import SliceChoice
from ann_studio.engine.messages import Frame, SetParameters, Sounding, Status, Unanswered
from ann_studio.gui.style import style_sheet
from ann_studio.gui.theme import LIGHT, number
from ann_studio.gui.views.valley import ValleyView, marks
from ann_studio.gui.views.valley.words import caption, significant, subtitle
from tests.gui.views.frames import drag, experiment, frame_of, trained
from tests.gui.views.races import race_frame, racing, trap
from tests.gui.views.slices import answer, cost


class Hands:
    """A valley view, what it asks and what it commands."""

    def __init__(self, qtbot) -> None:
        self.view = ValleyView()
        qtbot.addWidget(self.view)
        self.asked: list[Sounding] = []
        self.commands: list[SetParameters] = []
        self.view.sounding_wanted.connect(self.asked.append)
        self.view.commanded.connect(self.commands.append)
        self.view.resize(616, 288)
        self.view.show()

    def show(self, frame: Frame) -> None:
        self.view.show_frame(frame)

    def see(self, frame: Frame) -> None:
        self.show(frame)
        self.view.show_sounded(answer(self.asked[-1]))

    @property
    def canvas(self):
        return self.view.canvas


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot)


def assert_clear(canvas) -> None:
    """Ball and curve lie below no text and within the picture."""
    ball, stage, valley = canvas.ball(), canvas.stage(), canvas.sounded.slice
    around = QRectF(ball.x() - marks.BALL, ball.y() - marks.BALL, 2 * marks.BALL, 2 * marks.BALL)
    assert stage.area.adjusted(-12, -6, 12, 0).contains(around)
    for box, lines in canvas.texts():
        assert QRectF(canvas.rect()).contains(box), lines
        assert not box.intersects(around), lines
        under = [at for at in stage.pixels(valley.positions, valley.costs)[0] if box.left() <= at.x() <= box.right()]
        assert all(at.y() >= box.bottom() for at in under if stage.area.contains(at)), lines


def frames(*epochs: int) -> list[Frame]:
    """Frames of one race after so many epochs."""
    experiment = trap()
    trainers, found = racing(experiment, epochs[0]), []
    for epoch in epochs:
        for trainer in trainers:
            trainer.run(epochs=epoch - trainer.state.epoch)
        found.append(race_frame(trainers, experiment))
    return found


def one(epochs: int) -> Frame:
    return frames(epochs)[0]


def test_the_ball_lies_where_the_parameter_and_its_cost_are(hands):
    frame = one(2)
    hands.see(frame)
    theta = frame.snapshots[0].state.theta
    stage, ball = hands.canvas.stage(), hands.canvas.ball()
    place = stage.point(float(theta[0]), cost(frame.problem, theta))
    # It lies on the curve: its middle is one radius from there, straight up from the tangent.
    up = ball - place
    along = stage.turn(hands.view.sounded.slice.slope)
    assert up.y() < 0
    assert up.x() * along.x() + up.y() * along.y() == pytest.approx(0, abs=1e-9)
    assert np.hypot(up.x(), up.y()) == pytest.approx(marks.BALL + 1.25)


def test_slope_and_step_are_said_with_their_signs_and_a_negative_slope_goes_right(hands):
    hands.see(one(2))
    found = hands.view.sounded.slice
    assert found.slope < 0 < found.step
    assert found.curvature < 0  # so Newton's step would lead uphill
    said = [line.text for block in hands.canvas._blocks(hands.view.sounded) for line in block]
    assert said == [
        f"slope ∂C/∂w = {significant(found.slope)}", f"next step −η·slope = {significant(found.step, sign=True)}"
    ]  # fmt: skip
    hands.view.curvature.click()
    said = [line.text for block in hands.canvas._blocks(hands.view.sounded) for line in block]
    assert said[2:] == [
        f"curvature λ = {significant(found.curvature)}", "Newton’s step = none"
    ]  # fmt: skip


def test_the_largest_stable_rate_is_said_and_a_rate_above_it_warned_of(hands):
    there, further = frames(60, 61)  # in the local minimum, where the cost is a bowl
    hands.see(there)
    hands.view.curvature.click()
    found = hands.view.sounded.slice
    assert found.stable_rate > 4
    assert hands.view.hint.tone != "warning"
    steep = dataclasses.replace(found, curvature=1.0, stable_rate=2.0, newton_step=-found.slope)
    hands.show(further)
    hands.view.show_sounded(dataclasses.replace(answer(hands.asked[-1]), slice=steep))
    assert hands.view.hint.tone == "warning"
    assert hands.view.hint.text


def test_it_asks_once_for_each_place_of_the_ball_and_drops_what_is_stale(hands):
    first, second, third = frames(0, 1, 2)
    hands.show(first)
    hands.show(first)
    hands.show(second)  # not while the last question is unanswered
    assert len(hands.asked) == 1
    stale = answer(hands.asked[0])
    hands.view.show_sounded(stale)
    assert len(hands.asked) == 2
    hands.show(third)
    hands.view.show_sounded(stale)
    assert len(hands.asked) == 2
    hands.view.show_sounded(answer(hands.asked[1]))
    hands.view.show_sounded(answer(hands.asked[2]))
    hands.show(third)
    assert [asked.frame for asked in hands.asked] == [first, second, third]
    assert hands.view.sounded.slice.theta is third.snapshots[0].state.theta


def test_of_a_fast_run_an_answer_is_painted_at_the_next_turn_and_at_rest_at_once(hands, monkeypatch):
    monkeypatch.setattr("ann_studio.gui.views.valley.view._FAST", math.inf)
    first, second, third = (dataclasses.replace(frame, status=Status.TRAINING) for frame in frames(2, 3, 4))
    hands.see(first)
    assert hands.canvas.sounded.sounding.frame is first, "before there is any it waits for nothing"
    hands.see(second)
    assert hands.canvas.sounded.sounding.frame is first
    hands.show(third)
    assert hands.canvas.sounded.sounding.frame is second
    assert hands.asked[-1].frame is third
    hands.show(dataclasses.replace(third, status=Status.PAUSED))
    hands.view.show_sounded(answer(hands.asked[-1]))
    assert hands.canvas.sounded.sounding.request == hands.asked[-1].request


def test_of_a_slow_run_an_answer_is_painted_when_it_comes(hands, monkeypatch):
    monkeypatch.setattr("ann_studio.gui.views.valley.view._FAST", 0.0)
    for frame in frames(2, 3):
        hands.see(dataclasses.replace(frame, status=Status.TRAINING))
        assert hands.canvas.sounded.sounding.request == hands.asked[-1].request


def test_an_answer_about_another_parameter_is_not_painted_late(hands, monkeypatch):
    monkeypatch.setattr("ann_studio.gui.views.valley.view._FAST", math.inf)
    first, second, third = (dataclasses.replace(frame, status=Status.TRAINING) for frame in frames(2, 3, 4))
    hands.see(first)
    hands.see(second)
    hands.view.offer(1)
    hands.show(third)
    assert hands.canvas.sounded.sounding.frame is first
    hands.view.show_sounded(answer(hands.asked[-1]))
    assert hands.canvas.sounded.slice.choice == SliceChoice(1), "who asked does not wait for a turn"


def test_a_click_makes_no_slow_run_a_fast_one(hands, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("ann_studio.gui.views.valley.view.time", SimpleNamespace(monotonic=lambda: now[0]))
    first, second, third = (dataclasses.replace(frame, status=Status.TRAINING) for frame in frames(2, 3, 4))
    for frame in (first, second):
        now[0] += 1.0
        hands.see(frame)
    hands.show(second)  # as the window does with what was clicked
    now[0] += 1.0
    hands.see(third)
    assert hands.canvas.sounded.sounding.frame is third


def test_of_parameters_that_rest_the_present_moment_is_said(hands):
    frame = one(5)
    hands.see(frame)
    resting = frame.snapshots[0].state
    state = dataclasses.replace(resting, epoch=resting.epoch + 7, update=resting.update + 7)
    snapshots = (dataclasses.replace(frame.snapshots[0], state=state), *frame.snapshots[1:])
    hands.show(dataclasses.replace(frame, serial=frame.serial + 1, snapshots=snapshots))
    assert len(hands.asked) == 1
    assert hands.view.subtitle.text().endswith("epoch 12")
    assert caption(hands.canvas.sounded).endswith("epoch 12")


def test_a_question_that_failed_does_not_keep_it_from_asking(hands):
    before, after = frames(0, 1)
    hands.show(before)
    hands.view.show_unanswered(Unanswered(hands.asked[0]))
    hands.show(after)
    assert len(hands.asked) == 2


def test_nothing_is_asked_while_the_engine_is_prepared(hands):
    hands.show(dataclasses.replace(one(0), status=Status.PREPARING))
    assert not hands.asked


def test_the_axis_rests_until_the_ball_nears_its_border(hands):
    before, after = frames(0, 1)
    hands.see(before)
    hands.show(after)
    extent = hands.asked[-1].extent
    positions = hands.view.sounded.slice.positions
    assert extent == (positions[0], positions[-1])


def test_a_clicked_parameter_and_the_gradient_are_offered(hands):
    frame = one(3)
    hands.see(frame)
    hands.view.offer(1)
    assert hands.asked[-1].choice == SliceChoice(1)
    hands.view.show_sounded(answer(hands.asked[-1]))
    assert "along b" in subtitle(hands.view.sounded)
    hands.view.along.setCurrentIndex(hands.view.along.count() - 1)
    hands.view.along.activated.emit(hands.view.along.count() - 1)
    assert hands.asked[-1].choice == SliceChoice(None)


def test_dragging_the_ball_sets_its_parameter_once(hands):
    hands.see(one(2))
    stage, ball = hands.canvas.stage(), hands.canvas.ball()
    drag(hands.canvas, ball, ball + QPointF(30, 0), ball + QPointF(60, 0))
    (command,) = hands.commands
    assert command.indices == (0,)
    moved = 60 / (stage.x(1.0) - stage.x(0.0))
    here = hands.view.sounded.slice.here
    assert command.values[0] == pytest.approx(here + moved, abs=1e-9)


def test_the_keyboard_alone_suffices(hands, qtbot):
    hands.see(one(2))
    hands.canvas.setFocus()
    for _ in range(3):
        qtbot.keyClick(hands.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(hands.canvas, Qt.Key.Key_Escape)
    assert not hands.commands
    for _ in range(2):
        qtbot.keyClick(hands.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(hands.canvas, Qt.Key.Key_Return)
    (command,) = hands.commands
    assert command.values[0] > hands.view.sounded.slice.here


def test_along_the_gradient_all_parameters_are_set_but_the_deleted_ones(hands, qtbot):
    experiment = trap()
    (trainer, *_rest) = racing(experiment, 2)
    trainer.prune([1])
    frame = race_frame([trainer], msgspec.structs.replace(experiment, race=()))
    hands.view.choice = SliceChoice(None)
    hands.see(frame)
    hands.canvas.setFocus()
    qtbot.keyClick(hands.canvas, Qt.Key.Key_Left)
    qtbot.keyClick(hands.canvas, Qt.Key.Key_Return)
    (command,) = hands.commands
    assert command.indices == (0,)
    assert np.isfinite(command.values).all()


def test_of_another_network_nothing_old_is_shown_and_nothing_can_be_dragged(hands):
    hands.see(one(3))
    hands.canvas._hold(0.0)
    hands.show(frame_of(trained(experiment(), 0), pictures=False))
    assert hands.canvas.ball() is None
    assert hands.canvas.preview is None
    assert (hands.view.subtitle.text(), hands.view.hint.text) == ("", "")
    drag(hands.canvas, QPointF(200, 100), QPointF(300, 100))
    assert hands.commands == []


def test_nothing_is_asked_out_of_sight(hands):
    hands.see(one(3))
    hands.view.hide()
    hands.view.offer(1)
    assert len(hands.asked) == 1
    hands.view.show()
    hands.show(one(4))
    assert hands.asked[-1].choice == SliceChoice(1)


def test_a_narrow_card_keeps_its_width_and_says_the_moment_at_the_axis(hands):
    hands.view.setStyleSheet(style_sheet(LIGHT))
    hands.see(one(41))
    for width in (400, 300):  # a window is no narrower than its card, which is narrower without a subtitle
        hands.view.resize(width, 288)
        QApplication.processEvents()
    assert hands.view.width() == 300
    assert not hands.view.subtitle.isVisible()
    controls = [hands.view.title, hands.view.along, hands.view.curvature]
    assert all(one.geometry().right() < other.geometry().left() for one, other in pairwise(controls))
    assert all(hands.view.rect().contains(control.geometry()) for control in controls)
    assert hands.canvas.has_caption
    theta = hands.asked[-1].frame.snapshots[0].state.theta
    assert caption(hands.view.sounded) == f"weight w at b = {number(theta[1], 2)} · epoch 41"
    hands.view.resize(616, 288)
    QApplication.processEvents()
    assert hands.view.subtitle.text() == subtitle(hands.view.sounded)


def test_in_a_low_picture_the_four_numbers_leave_the_ball_free(hands):
    hands.see(one(60))
    hands.view.setStyleSheet(style_sheet(LIGHT))
    hands.view.curvature.click()
    hands.view.resize(423, 236)
    QApplication.processEvents()
    assert_clear(hands.canvas)


#: Sizes of the card in windows of 960 × 640, 1280 × 800 and 1600 × 1000.
CARDS = {"960": (411, 205), "1280": (422, 236), "1600": (408, 292)}


@pytest.mark.parametrize("size", CARDS)
@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("choice", [0, 1, None])
def test_text_lies_neither_over_the_curve_nor_over_the_ball_at_any_time_and_size(hands, size, second, choice):
    hands.view.setStyleSheet(style_sheet(LIGHT))
    hands.view.resize(*CARDS[size])
    hands.view.choice = SliceChoice(choice)
    hands.view.canvas.set_second(second)
    for frame in frames(0, 1, 5, 25, 60, 100):
        hands.see(frame)
        QApplication.processEvents()
        assert_clear(hands.canvas)
        said = " ".join(line.text for _, lines in hands.canvas.texts() for line in lines)
        assert ("λ" in said) == second
        assert hands.view.hint.isVisible() or not second or "η" in said
        stage = hands.canvas.stage()
        costs = hands.canvas.sounded.slice.costs
        high = stage.y(float(costs.min())) - max(stage.y(float(costs.max())), stage.area.top())
        assert high >= 30


def test_the_curve_keeps_its_place_whatever_the_numbers_are(hands):
    hands.view.setStyleSheet(style_sheet(LIGHT))
    hands.view.resize(*CARDS["1280"])
    hands.view.canvas.set_second(True)
    found = set()
    for frame in frames(*range(0, 101, 4)):
        hands.see(frame)
        QApplication.processEvents()
        area = hands.canvas.stage().area
        found.add((area.top(), area.right(), area.height(), hands.canvas.height()))
    assert len(found) == 1
