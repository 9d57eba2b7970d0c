"""The surface view asks for the right surveys, shows where the runs are, and hands on what a hand does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit

from ann_studio.analysis.curvature import gradient
from ann_studio.analysis.planes import PlaneChoice
from ann_studio.engine.messages import Frame, SetParameters, Status, Survey
from ann_studio.gui.looks import looks
from ann_studio.gui.scales import labels, ticks
from ann_studio.gui.style import style_sheet
from ann_studio.gui.theme import DARK, LIGHT, THEMES, number
from ann_studio.gui.views.surface import SurfaceView, scene, view
from ann_studio.gui.views.surface.asking import COARSE, FULL
from ann_studio.gui.views.surface.labels import Label, place
from ann_studio.gui.views.surface.scale import Scale
from ann_studio.gui.views.surface.trails import Means, Trail, clipped, device_part, hairs, paint_hairs, thinned
from ann_studio.learning import supervised
from ann_studio.learning.experiment import replace
from ann_studio.learning.path import Path, epoch_means
from ann_studio.learning.problem import with_learning
from ann_studio.learning.trainer import Trainer
from tests.gui.views.frames import colour_at, drag, experiment, far, hover, picture, press, rgb, show, trained
from tests.gui.views.surveys import TRAP_EXTENT, TRAP_MINIMA, answer, frame_after, snapshot_after, trap

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
CONTROL, SHIFT, PLAIN = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier,
)  # fmt: skip
RACE = ("full", 2, 1)


class Hands:
    """A view with a person before it and a surveyor behind it."""

    def __init__(self, qtbot) -> None:
        self.view = SurfaceView()
        self.asked: list[Survey] = []
        self.commands: list[object] = []
        self.starts: list[np.ndarray] = []
        self.view.survey_wanted.connect(self.asked.append)
        self.view.commanded.connect(self.commands.append)
        self.view.start_moved.connect(self.starts.append)
        show(qtbot, self.view, 712, 512)
        self.qtbot = qtbot

    @property
    def canvas(self):
        return self.view.canvas

    @property
    def scale(self) -> Scale:
        found = self.canvas.scale()
        assert found is not None
        return found

    def see(self, frame: Frame, **how) -> Frame:
        """Show a frame and answer what is asked."""
        self.view.show_frame(frame)
        self.answer(**how)
        return frame

    def answer(self, **how) -> None:
        """Answer the last question."""
        self.view.show_survey(answer(self.asked[-1], **how))

    def drag(self, start: QPointF, *through: QPointF) -> None:
        """Press at one place, move through others and let go at the last."""
        drag(self.canvas, start, *through)

    def wheel(self, at: QPointF, notches: int) -> None:
        """Turn the wheel."""
        event = QWheelEvent(
            at, self.canvas.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), NONE, PLAIN,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self.canvas, event)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key."""
        QApplication.sendEvent(self.canvas, QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers))


@pytest.fixture
def hands(qtbot) -> Hands:
    return Hands(qtbot)


def network(epochs: int = 2, **how) -> Frame:
    """A frame of a network of many parameters."""
    return frame_after(trained(experiment(), 0).problem, epochs, (7,), **how)


def at_update(frame: Frame, epochs: int, **fields) -> Frame:
    """A later frame of the same problem."""
    later = frame_after(frame.problem, epochs, (frame.problem.experiment.learning.batch_size,))
    return dataclasses.replace(later, problem=frame.problem, serial=frame.serial + 1, **fields)


# --- asking ---------------------------------------------------------------------------------------------------------


def test_the_first_frame_of_a_problem_asks_once_for_all_of_the_plane_in_the_size_of_the_picture(hands):
    frame = frame_after(trap(), 3, RACE)
    hands.view.show_frame(frame)
    hands.view.show_frame(dataclasses.replace(frame, serial=2))
    (survey,) = hands.asked
    area = hands.canvas.area()
    assert survey.frame is frame
    assert (survey.choice, survey.plane, survey.extent, survey.side) == (PlaneChoice(), None, None, FULL)
    assert survey.size == (round(area.width()), round(area.height()))


def test_the_surface_of_two_parameters_never_changes_and_is_never_asked_for_again(hands):
    frame = hands.see(frame_after(trap(), 1))
    for epochs in (2, 9):
        hands.view.show_frame(at_update(frame, epochs, status=Status.TRAINING))
    hands.view.show_frame(at_update(frame, 10))
    assert len(hands.asked) == 1


def test_nothing_is_asked_while_the_engine_is_prepared(hands):
    frame = frame_after(trap(), 0, status=Status.PREPARING)
    hands.view.show_frame(frame)
    assert not hands.asked
    hands.view.show_frame(dataclasses.replace(frame, status=Status.READY))
    assert len(hands.asked) == 1


def test_while_a_network_trains_its_surface_is_asked_for_coarsely_as_soon_as_the_last_one_came(hands):
    frame = network(1)
    hands.see(frame)
    moved = at_update(frame, 2, status=Status.TRAINING)
    hands.view.show_frame(moved)
    assert (hands.asked[-1].side, hands.asked[-1].frame) == (COARSE, moved)
    newer = at_update(frame, 3, status=Status.TRAINING)
    hands.view.show_frame(newer)
    hands.answer(final=False)
    assert len(hands.asked) == 2
    hands.answer()
    assert (len(hands.asked), hands.asked[-1].frame, hands.asked[-1].side) == (3, newer, COARSE)
    hands.answer()
    hands.view.show_frame(newer)
    assert len(hands.asked) == 3


def test_a_moving_surface_keeps_its_extent(hands):
    frame = network(1)
    hands.see(frame, extent=(-8.0, 8.0, -9.0, 9.0))
    hands.view.show_frame(at_update(frame, 2, status=Status.TRAINING))
    assert hands.asked[-1].extent == (-8.0, 8.0, -9.0, 9.0)


def test_at_rest_the_surface_becomes_fine_again_without_waiting_for_the_coarse_one(hands):
    frame = network(1)
    hands.see(frame)
    moved = at_update(frame, 2, status=Status.TRAINING)
    hands.view.show_frame(moved)
    rested = dataclasses.replace(moved, status=Status.PAUSED, serial=9)
    hands.view.show_frame(rested)
    assert (hands.asked[-1].side, hands.asked[-1].frame) == (FULL, rested)
    hands.answer()
    hands.view.show_frame(dataclasses.replace(rested, serial=10))
    assert len(hands.asked) == 3


def test_answers_to_old_questions_are_dropped(hands):
    hands.view.show_frame(frame_after(trap(), 1))
    old = hands.asked[-1]
    hands.view.log.setChecked(True)
    hands.qtbot.waitUntil(lambda: len(hands.asked) == 2)
    hands.view.show_survey(answer(old))
    assert hands.canvas.scale() is None
    hands.answer()
    assert hands.canvas.surveyed.survey is hands.asked[-1]
    hands.view.show_survey(answer(old, extent=(0.0, 1.0, 0.0, 1.0)))
    assert hands.canvas.surveyed.survey is hands.asked[-1]


def test_finer_answers_to_the_same_question_replace_coarser_ones(hands):
    hands.see(frame_after(trap(), 1), side=5, final=False)
    assert hands.canvas.surveyed.surface.side == 5
    hands.answer(side=9)
    assert hands.canvas.surveyed.surface.side == 9


def test_a_question_after_an_unanswered_one_waits_a_moment_and_only_the_newest_is_asked(hands):
    hands.see(frame_after(trap(), 1))
    for notch in (1, 1, 1):
        hands.wheel(hands.scale.area.center(), notch)
    assert len(hands.asked) == 2
    hands.qtbot.waitUntil(lambda: len(hands.asked) > 2)
    hands.qtbot.wait(300)
    assert [survey.extent for survey in hands.asked[2:]] == [hands.canvas.extent]


def test_log_colours_keep_what_is_seen(hands):
    hands.see(frame_after(trap(), 1), extent=TRAP_EXTENT)
    hands.view.log.setChecked(True)
    assert (hands.asked[-1].log, hands.asked[-1].extent) == (True, TRAP_EXTENT)


def test_another_size_is_asked_for_once_it_lasts(hands):
    hands.see(frame_after(trap(), 1))
    for width in (720, 760, 800):
        hands.view.resize(width, 540)
        QApplication.processEvents()
    assert len(hands.asked) == 1
    hands.qtbot.waitUntil(lambda: len(hands.asked) == 2)
    area = hands.canvas.area()
    assert hands.asked[-1].size == (round(area.width()), round(area.height()))
    hands.answer()
    hands.qtbot.wait(250)
    assert len(hands.asked) == 2


def test_another_learning_rate_has_the_same_surface_and_other_data_have_not(hands):
    frame = hands.see(frame_after(trap(), 1))
    faster = with_learning(frame.problem, replace(frame.problem.experiment, "learning.optimizer.learning_rate", 2.0))
    hands.view.show_frame(frame_after(faster, 2))
    assert len(hands.asked) == 1
    assert hands.canvas.scale() is not None
    hands.view.show_frame(network())
    assert len(hands.asked) == 2
    assert hands.canvas.scale() is None


def test_a_ball_that_leaves_the_picture_is_followed_unless_a_hand_has_chosen_it(hands):
    small = (-2.5, -1.0, -1.0, 1.0)
    frame = hands.see(frame_after(trap(), 0), extent=small)
    away = at_update(frame, 30)
    hands.view.show_frame(away)
    assert (len(hands.asked), hands.asked[-1].extent) == (2, None)
    hands.answer()
    hands.wheel(hands.canvas.start(), 9)
    hands.answer()
    asked = len(hands.asked)
    assert not hands.scale.area.contains(hands.canvas.ball(away.snapshots[0] and hands.canvas.runs[0]))
    hands.view.show_frame(at_update(frame, 31))
    assert len(hands.asked) == asked


def test_the_answer_to_an_older_question_does_not_stand_in_for_the_plane_that_was_chosen(hands):
    hands.see(network())
    hands.view.log.trigger()
    hands.view.choose(PlaneChoice("principal"))
    hands.answer()
    assert hands.asked[-1].choice.kind == "principal"
    assert hands.asked[-1].plane is None


def test_neither_is_the_first_view_of_another_plane_what_fit_shows(hands):
    frame = hands.see(network(2))
    hands.view.choose(PlaneChoice("random", seed=5))
    of_random = hands.asked[-1]
    hands.view.choose(PlaneChoice("parameters", 0, 1))
    # A hand chooses before the random plane is there.
    hands.wheel(hands.scale.area.center(), 4)
    hands.view.show_survey(answer(of_random, extent=(-1.1, 1.0, -1.1, 1.0)))
    hands.answer()
    hands.view.fit.click()
    assert (hands.asked[-1].choice.kind, hands.asked[-1].extent) == ("parameters", None)
    hands.answer(extent=(-2.4, 1.8, -2.2, 2.0))
    assert hands.canvas.extent == (-2.4, 1.8, -2.2, 2.0)
    assert hands.view.asking.made_at[0] == frame.snapshots[0].state.update


def test_of_two_parameters_there_is_no_plane_but_that_of_both(hands):
    hands.see(network(1))
    hands.view.choose(PlaneChoice("random", seed=5))
    hands.answer()
    frame = hands.see(frame_after(trap(), 1))
    assert hands.asked[-1].choice == PlaneChoice()
    assert hands.canvas.on_plane(frame.snapshots[0].state.theta) == tuple(frame.snapshots[0].state.theta)


def test_after_a_reset_the_thick_line_is_that_of_the_new_run(hands):
    frame = hands.see(frame_after(trap(), 150, (1,)))
    picture(hands.canvas)
    # In another order the first points are others, too.
    reordered = with_learning(trap(), replace(trap().experiment, "learning.seed", 9))
    other = frame_after(reordered, 160, (1,))
    hands.view.show_frame(dataclasses.replace(other, problem=frame.problem, serial=frame.serial + 1))
    picture(hands.canvas)
    trail, path = hands.canvas._trails[0], other.snapshots[0].path
    assert trail.line.tolist() == thinned(hands.scale.pixels(Means(8).follow(path))).tolist()


def test_a_plane_of_another_moment_says_so_and_is_made_afresh_on_demand(hands):
    frame = hands.see(network(2))
    hands.view.panel.chosen.emit(PlaneChoice("principal"))
    assert (hands.asked[-1].choice.kind, hands.asked[-1].plane) == ("principal", None)
    hands.answer()
    assert not hands.view.refresh.isVisible()
    later = at_update(frame, 4)
    hands.view.show_frame(later)
    assert hands.view.refresh.isVisible()
    assert "plane from epoch 2" in hands.view.refresh.text()
    asked = len(hands.asked)
    hands.wheel(hands.scale.area.center(), 1)
    assert hands.asked[-1].plane is hands.canvas.surveyed.surface.plane
    hands.answer()
    assert "plane from epoch 2" in hands.view.refresh.text()
    hands.view.refresh.click()
    assert (len(hands.asked), hands.asked[-1].plane, hands.asked[-1].frame) == (asked + 2, None, later)
    hands.answer()
    assert not hands.view.refresh.isVisible()


def test_a_long_survey_shows_a_bar_that_grows_until_it_is_there(hands):
    hands.view.show_frame(frame_after(trap(), 1))
    assert hands.canvas.progress is None
    hands.qtbot.waitUntil(lambda: hands.canvas.progress is not None)
    hands.answer(final=False)
    assert hands.canvas.progress == 0.5
    image, area = picture(hands.canvas), hands.scale.area
    assert far(colour_at(image, area.topLeft() + QPointF(40, 1)), rgb(LIGHT.accent)) <= 2
    assert far(colour_at(image, area.topRight() + QPointF(-40, 1)), rgb(LIGHT.accent_soft)) <= 2
    hands.answer()
    assert hands.canvas.progress is None


# --- the picture ----------------------------------------------------------------------------------------------------


def test_each_ball_is_painted_at_its_projected_parameters_in_its_colour(hands):
    frame = frame_after(trap(), 12, RACE)
    hands.see(frame, extent=TRAP_EXTENT)
    image, (w0, w1, b0, b1), area = picture(hands.canvas), TRAP_EXTENT, hands.scale.area
    own = looks(frame.standings, LIGHT)
    hands.view.arrow.setChecked(False)
    for snapshot, look in zip(frame.snapshots, own, strict=True):
        w, b = snapshot.state.theta
        at = QPointF(
            area.left() + (w - w0) / (w1 - w0) * area.width(), area.bottom() - (b - b0) / (b1 - b0) * area.height()
        )
        assert far(colour_at(image, at), rgb(look.colour)) <= 3
    assert len({look.marker for look in own}) == 3


def test_in_a_network_the_balls_lie_at_the_two_parameters_of_the_axes(hands):
    frame = network(2)
    hands.view.choose(PlaneChoice(first=3, second=7))
    hands.see(frame, extent=(-4.0, 4.0, -3.0, 3.0))
    ball = hands.canvas.ball(hands.canvas.runs[0])
    theta = frame.snapshots[0].state.theta
    assert hands.scale.to_point(ball) == pytest.approx((theta[3], theta[7]), abs=1e-9)


def test_parameters_that_are_shown_no_more_are_not_held(hands):
    frame = hands.see(frame_after(trap(), 3, RACE), minima=TRAP_MINIMA)
    for epochs in range(4, 9):
        later = frame_after(trap(), epochs, RACE)
        hands.view.show_frame(dataclasses.replace(later, problem=frame.problem))
        picture(hands.canvas)
    assert len(hands.canvas._projected) <= len(RACE) + len(TRAP_MINIMA) + 1


def test_a_hidden_run_is_not_painted(hands):
    frame = frame_after(trap(), 12, RACE)
    hands.see(frame, extent=TRAP_EXTENT)
    ball, colour = hands.canvas.ball(hands.canvas.runs[2]), rgb(looks(frame.standings, LIGHT)[2].colour)
    assert far(colour_at(picture(hands.canvas), ball), colour) <= 3
    hands.view.show_hidden(frozenset({2}))
    image = picture(hands.canvas)
    area = hands.scale.area.toRect()
    assert not any(
        far(colour_at(image, QPointF(x, y)), colour) <= 3
        for x in range(area.left(), area.right())
        for y in range(area.top(), area.bottom())
    )


def test_low_is_bright_and_high_is_dark_in_both_themes(hands):
    hands.see(frame_after(trap(), 0), extent=TRAP_EXTENT, side=41)
    for theme in THEMES.values():
        hands.view.set_theme(theme)
        image = picture(hands.canvas)
        low, high = (sum(colour_at(image, hands.scale.to_pixel(*at))) for at in ((3.4, 4.2), (-4.6, -2.2)))
        assert low > high + 100


def test_minima_are_named_with_their_costs_and_the_labels_keep_clear_of_everything(hands):
    hands.see(frame_after(trap(), 12, RACE), extent=TRAP_EXTENT, minima=TRAP_MINIMA)
    found = hands.canvas.minima(hands.scale)
    assert [(name, number(loss, 4)) for _, loss, _, name in found] == [
        ("Global minimum", "0.0522"),
        ("Local minimum", "0.0785"),
    ]
    for (at, *_), theta in zip(found, TRAP_MINIMA, strict=True):
        assert hands.scale.to_point(at) == pytest.approx(theta, abs=1e-9)
    picture(hands.canvas)
    labels, boxes, *_ = hands.canvas._placed
    assert [label.lines[0] for label in labels] == ["Start (−2, 0)", "Global minimum", "Local minimum"]
    assert all(hands.scale.area.contains(box) for box in boxes)
    balls = [hands.canvas.ball(run) for run in hands.canvas.runs]
    for k, box in enumerate(boxes):
        assert not any(box.contains(ball) for ball in balls)
        assert not any(box.intersects(other) for other in boxes[:k])


def test_a_local_minimum_stays_local_where_the_global_one_is_out_of_sight(hands):
    hands.see(frame_after(trap(), 12), extent=TRAP_EXTENT, minima=TRAP_MINIMA)
    hands.wheel(hands.scale.to_pixel(*TRAP_MINIMA[1]), 8)
    hands.answer(minima=TRAP_MINIMA[1:])
    found = {name: hands.scale.area.contains(at) for at, _, _, name in hands.canvas.minima(hands.scale)}
    assert found == {"Global minimum": False, "Local minimum": True}


def test_a_ball_out_of_sight_is_pointed_at_from_the_border(hands):
    frame = frame_after(trap(), 40, RACE)
    hands.see(frame, extent=TRAP_EXTENT)
    hands.wheel(hands.canvas.start(), 6)
    hands.answer()
    ball, area = hands.canvas.ball(hands.canvas.runs[2]), hands.scale.area
    assert not area.contains(ball)
    image, colour = picture(hands.canvas), rgb(looks(frame.standings, LIGHT)[2].colour)
    hands.view.show_hidden(frozenset({2}))
    without = picture(hands.canvas)
    border = [
        QPointF(x, y)
        for x in range(int(area.right()) - 24, int(area.right()))
        for y in range(int(area.top()), int(area.bottom()))
    ]
    assert sum(far(colour_at(image, at), colour) <= 3 for at in border) > 20
    assert not any(far(colour_at(without, at), colour) <= 3 for at in border)


def test_a_minimum_off_the_plane_says_so(hands):
    frame = network(1)
    theta = np.full(frame.problem.architecture.parameters, 0.3)
    hands.see(frame, extent=(-2.0, 2.0, -2.0, 2.0), minima=(tuple(theta),))
    ((at, loss, inside, name),) = hands.canvas.minima(hands.scale)
    assert (inside, name) == (False, "Lowest known minimum, off the plane")
    assert loss == supervised.evaluate(frame.problem, theta, frame.problem.train)
    assert hands.scale.to_point(at) == pytest.approx((0.3, 0.3))


def test_the_arrow_points_downhill(hands):
    frame = hands.see(frame_after(trap(), 2), extent=TRAP_EXTENT)
    theta = frame.snapshots[0].state.theta
    way, steep = hands.canvas.downhill
    slope = gradient(frame.problem, theta)
    assert way == pytest.approx(-slope)
    assert 0 < steep <= 1
    with_arrow = picture(hands.canvas)
    ball = hands.canvas.ball(hands.canvas.runs[0])
    along = np.array([way[0] / 11 * hands.scale.area.width(), -way[1] / 9 * hands.scale.area.height()])
    x, y = np.array([ball.x(), ball.y()]) + 20 * along / np.hypot(*along)
    assert far(colour_at(with_arrow, QPointF(x, y)), rgb(LIGHT.accent)) <= 30
    hands.view.arrow.setChecked(False)
    assert hands.canvas.downhill is None
    assert picture(hands.canvas) != with_arrow


def test_at_a_minimum_there_is_no_arrow(hands):
    hands.see(frame_after(trap(), 60))
    assert hands.canvas.downhill is None


@pytest.mark.parametrize("size", [1e160, 1e307, np.inf, np.nan])
def test_a_slope_beyond_all_numbers_has_no_arrow_and_is_no_error(hands, size):
    frame = hands.see(frame_after(trap(), 2), extent=TRAP_EXTENT)
    slope = np.array([size, -size])
    found = view.downhill(hands.view.asking.answer, slope)
    assert found is None or (np.isfinite(found[0]).all() and 0 < found[1] <= 1)
    lost = frame.snapshots[0].state.theta * size
    assert hands.canvas.surveyed.surface.plane.project(lost[None]).shape == (1, 2)


def test_the_card_says_what_the_plane_leaves_out(hands):
    hands.see(frame_after(trap(), 2, RACE))
    assert hands.view.subtitle.text() == "exact · thick: epoch means · thin: every update"
    hands.see(network(2))
    assert hands.view.subtitle.text() == "explains 93 % of the path · through the ball"
    hands.view.choose(PlaneChoice("principal"))
    hands.answer()
    assert hands.view.subtitle.text() == "explains 93 % of the path · 0.012 of the cost off it"


def test_colours_and_the_description_follow_the_frame(hands):
    frame = frame_after(trap(), 12, RACE)
    hands.see(frame, extent=TRAP_EXTENT)
    hands.view.set_theme(DARK)
    ball = hands.canvas.ball(hands.canvas.runs[1])
    assert far(colour_at(picture(hands.canvas), ball), rgb(DARK.mini_batch)) <= 3
    for snapshot, standing in zip(frame.snapshots, frame.standings, strict=True):
        assert (
            f"{standing.name} at weight w {number(snapshot.state.theta[0], 2)}" in hands.canvas.accessibleDescription()
        )


# --- mouse ----------------------------------------------------------------------------------------------------------


def test_hovering_tells_the_true_cost(hands):
    frame = hands.see(frame_after(trap(), 2), extent=TRAP_EXTENT, side=5)
    at = hands.scale.to_pixel(1.234, -2.345)
    hover(hands.canvas, at)
    point = hands.canvas.pointed(hands.scale)
    assert point == pytest.approx((1.234, -2.345), abs=1e-9)
    cost = supervised.evaluate(frame.problem, np.array(point), frame.problem.train)
    assert hands.canvas.told(*point) == ["weight w 1.23", "bias b −2.35" if point[1] < -2.345 else "bias b −2.34",
                                         f"cost {number(cost, 4)}"]  # fmt: skip
    without = picture(hands.canvas)
    hover(hands.canvas, QPointF(2, 2))
    assert picture(hands.canvas) != without


def test_where_the_true_cost_takes_long_it_is_told_between_those_of_the_grid(hands, monkeypatch):
    monkeypatch.setattr(scene, "CHEAP", 10)
    hands.see(frame_after(trap(), 2), extent=(-2.0, 2.0, -1.0, 1.0), side=3)
    values = hands.canvas.surveyed.surface.values
    assert hands.canvas.told(1.0, 0.5)[-1] == f"cost ≈ {number(values[1:, 1:].mean(), 4)}"
    assert hands.canvas.told(5.0, 0.5)[-1] == "cost unknown here"


def test_dragging_the_ball_sets_both_parameters_once_at_its_end(hands):
    frame = hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    ball = hands.canvas.ball(hands.canvas.runs[0])
    ends = [hands.scale.to_pixel(*at) for at in ((-1.0, 1.0), (1.0, 2.0), (2.5, 3.0))]
    hands.drag(ball, *ends)
    (command,) = hands.commands
    assert isinstance(command, SetParameters)
    assert command.indices == (0, 1)
    assert command.values == pytest.approx((2.5, 3.0), abs=1e-9)
    assert len(hands.asked) == 1
    assert far(colour_at(picture(hands.canvas), ends[-1]), rgb(LIGHT.batch)) <= 3
    theta = np.array([2.5, 3.0])
    state = dataclasses.replace(frame.snapshots[0].state, theta=theta)
    hands.view.show_frame(
        dataclasses.replace(frame, snapshots=(dataclasses.replace(frame.snapshots[0], state=state),), serial=2)
    )
    assert hands.canvas._wish is None
    assert hands.canvas.ball(hands.canvas.runs[0]) == ends[-1]


def test_escape_lets_the_ball_go_where_it_was(hands):
    hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    canvas, ball = hands.canvas, hands.canvas.ball(hands.canvas.runs[0])
    for kind, at, held in (("Press", ball, LEFT), ("Move", ball + QPointF(60, 20), LEFT)):
        name = "MouseButtonPress" if kind == "Press" else "MouseMove"
        event = QMouseEvent(getattr(QMouseEvent.Type, name), at, canvas.mapToGlobal(at), LEFT, held, PLAIN)
        QApplication.sendEvent(canvas, event)
    hands.key(Qt.Key.Key_Escape)
    press(canvas, ball + QPointF(60, 20))
    assert not hands.commands


def test_a_click_with_ctrl_or_in_the_mode_for_it_sets_the_parameters_there(hands):
    hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    press(hands.canvas, hands.scale.to_pixel(4.0, -1.0), modifiers=CONTROL)
    assert hands.commands[-1].values == pytest.approx((4.0, -1.0), abs=1e-9)
    press(hands.canvas, hands.scale.to_pixel(3.0, 1.0))
    assert len(hands.commands) == 1
    hands.view.sets.setChecked(True)
    press(hands.canvas, hands.scale.to_pixel(3.0, 1.0))
    assert hands.commands[-1].values == pytest.approx((3.0, 1.0), abs=1e-9)


def test_on_other_planes_all_parameters_are_set_but_those_that_were_deleted(hands):
    frame = network(2)
    state = dataclasses.replace(frame.snapshots[0].state, pruned=np.array([2, 5]))
    frame = dataclasses.replace(frame, snapshots=(dataclasses.replace(frame.snapshots[0], state=state),))
    hands.view.choose(PlaneChoice("random"))
    hands.see(frame, extent=(-1.0, 1.0, -1.0, 1.0))
    press(hands.canvas, hands.scale.to_pixel(0.5, -0.25), modifiers=CONTROL)
    (command,) = hands.commands
    plane = hands.canvas.surveyed.surface.plane
    lifted = plane.lift(np.array([[0.5, -0.25]]))[0]
    kept = [k for k in range(len(lifted)) if k not in (2, 5)]
    assert command.indices == tuple(kept)
    assert command.values == pytest.approx(lifted[kept])


def test_dragging_the_start_hands_over_where_the_runs_are_to_begin(hands):
    hands.see(frame_after(trap(), 5), extent=TRAP_EXTENT)
    hands.drag(hands.canvas.start(), hands.scale.to_pixel(0.0, 2.0), hands.scale.to_pixel(-3.0, 3.5))
    (start,) = hands.starts
    assert start == pytest.approx((-3.0, 3.5), abs=1e-9)
    assert not hands.commands


def test_in_a_network_the_start_keeps_its_other_parameters(hands):
    frame = network(3)
    hands.see(frame, extent=(-4.0, 4.0, -4.0, 4.0))
    hands.drag(hands.canvas.start(), hands.scale.to_pixel(1.0, -1.0))
    expected = frame.problem.first_theta.copy()
    expected[:2] = (1.0, -1.0)
    assert hands.starts[0] == pytest.approx(expected, abs=1e-9)


def test_before_the_first_update_the_start_is_taken_hold_of_and_not_the_ball(hands):
    hands.see(frame_after(trap(), 0), extent=TRAP_EXTENT)
    hands.drag(hands.canvas.start(), hands.scale.to_pixel(1.0, 1.0))
    assert (len(hands.starts), hands.commands) == (1, [])


def test_the_wheel_zooms_and_the_point_under_the_mouse_stays_there(hands):
    hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    at = hands.scale.area.topLeft() + QPointF(100, 70)
    before = hands.scale.to_point(at)
    hands.wheel(at, 2)
    s0, s1, t0, t1 = hands.asked[-1].extent
    assert (s1 - s0, t1 - t0) == pytest.approx((11 / 1.25**2, 9 / 1.25**2))
    assert hands.canvas.extent == hands.asked[-1].extent
    assert hands.scale.to_point(at) == pytest.approx(before, abs=1e-9)


def test_dragging_the_ground_moves_it_with_the_mouse(hands):
    hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    start = hands.scale.to_pixel(3.0, -2.0)
    before = hands.scale.to_point(start)
    hands.drag(start, start + QPointF(5, 5), start + QPointF(-80, 33))
    assert hands.scale.to_point(start + QPointF(-80, 33)) == pytest.approx(before, abs=1e-9)
    hands.qtbot.waitUntil(lambda: hands.asked[-1].extent == hands.canvas.extent)
    assert not hands.commands


@pytest.mark.parametrize("how", ["double", "button"])
def test_a_double_click_or_the_button_leads_back_to_the_first_view(hands, how):
    frame = hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    hands.wheel(hands.scale.area.center(), 3)
    hands.answer()
    assert hands.canvas.extent != TRAP_EXTENT
    hands.see(at_update(frame, 12))
    if how == "double":
        hands.qtbot.mouseDClick(hands.canvas, LEFT, pos=hands.scale.area.center().toPoint() + QPoint(60, 90))
    else:
        hands.view.fit.click()
    assert (hands.canvas.extent, hands.asked[-1].extent) == (TRAP_EXTENT, TRAP_EXTENT)
    hands.answer()
    assert hands.canvas.extent == TRAP_EXTENT


def test_where_the_ball_has_left_the_first_view_all_is_surveyed_anew(hands):
    small = (-2.5, -1.5, -0.5, 0.5)
    frame = hands.see(frame_after(trap(), 0), extent=small)
    hands.wheel(hands.scale.area.center(), 1)
    hands.answer()
    hands.see(at_update(frame, 12))
    hands.view.fit.click()
    assert hands.asked[-1].extent is None
    hands.answer(extent=TRAP_EXTENT)
    assert hands.canvas.extent == TRAP_EXTENT
    hands.wheel(hands.scale.area.center(), 1)
    hands.view.fit.click()
    assert hands.canvas.extent == TRAP_EXTENT


def test_zooming_shows_the_old_surface_in_its_new_place_until_the_new_one_is_there(hands):
    hands.see(frame_after(trap(), 0), extent=TRAP_EXTENT, side=41)
    hands.view.show_hidden(frozenset({0}))
    point = (-4.5, -3.5)
    colour = colour_at(picture(hands.canvas), hands.scale.to_pixel(*point))
    hands.wheel(hands.scale.to_pixel(*point), 2)
    assert far(colour_at(picture(hands.canvas), hands.scale.to_pixel(*point)), colour) <= 6


# --- keyboard -------------------------------------------------------------------------------------------------------


def test_the_keyboard_alone_points_sets_starts_zooms_pans_and_shows_all(hands):
    frame = hands.see(frame_after(trap(), 3), extent=TRAP_EXTENT)
    hands.canvas.setFocus()
    theta = frame.snapshots[0].state.theta
    for pressed in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        hands.key(pressed)
    s, t = theta + np.array([2 * 11 / 40, 9 / 40])
    cost = supervised.evaluate(frame.problem, np.array([s, t]), frame.problem.train)
    spoken = f"weight w {number(s, 2)}, bias b {number(t, 2)}, cost {number(cost, 4)}"
    assert hands.canvas.accessibleDescription() == spoken
    hands.key(Qt.Key.Key_Return)
    assert hands.commands[-1] == SetParameters((0, 1), pytest.approx((s, t)))
    hands.key(Qt.Key.Key_Return, SHIFT)
    assert hands.starts[-1] == pytest.approx((s, t))
    at = hands.scale.to_pixel(s, t)
    hands.key(Qt.Key.Key_Plus)
    assert hands.scale.to_pixel(s, t).x() == pytest.approx(at.x())
    assert hands.canvas.extent[1] - hands.canvas.extent[0] == pytest.approx(11 / 1.25)
    hands.key(Qt.Key.Key_Minus)
    assert hands.canvas.extent == pytest.approx(TRAP_EXTENT)
    hands.key(Qt.Key.Key_Right, SHIFT)
    assert hands.canvas.extent == pytest.approx((-5 + 1.65, 6 + 1.65, -4, 5))
    hands.key(Qt.Key.Key_Up, CONTROL)
    assert hands.canvas.extent == pytest.approx((-5 + 1.65, 6 + 1.65, -4 + 1.35, 5 + 1.35))
    hands.key(Qt.Key.Key_0)
    assert hands.canvas.extent == TRAP_EXTENT
    hands.qtbot.waitUntil(lambda: hands.asked[-1].extent == TRAP_EXTENT)


def test_escape_takes_the_cross_hair_away(hands):
    hands.see(frame_after(trap(), 3))
    plain = picture(hands.canvas)
    hands.key(Qt.Key.Key_Left)
    assert picture(hands.canvas) != plain
    hands.key(Qt.Key.Key_Escape)
    assert picture(hands.canvas) == plain


def test_the_canvas_keeps_the_arrow_keys_and_every_control_has_a_name_and_a_tooltip(hands):
    assert hands.canvas.property("ownsArrows")
    controls = [
        widget
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for widget in hands.view.findChildren(kind)
        if not widget.objectName().startswith("qt_")
    ]
    assert len(controls) > 8
    assert all(widget.accessibleName() and widget.toolTip() for widget in controls)
    names = [widget.accessibleName() for widget in controls]
    assert sorted(names) == sorted(set(names))
    for action in (hands.view.log, hands.view.arrow, hands.view.sets):
        assert not action.shortcut().isEmpty()


# --- the choice of the plane ----------------------------------------------------------------------------------------


def test_what_is_clicked_in_the_network_becomes_the_second_axis(hands):
    hands.see(network(1))
    hands.view.offer(9)
    assert (hands.asked[-1].choice.first, hands.asked[-1].choice.second) == (1, 9)
    hands.answer()
    hands.view.offer(9)
    assert len(hands.asked) == 2
    hands.view.offer(1)
    assert (hands.asked[-1].choice.first, hands.asked[-1].choice.second) == (9, 1)


def test_the_panel_chooses_parameters_by_name(hands):
    hands.see(network(1))
    hands.view.plane.setChecked(True)
    panel = hands.view.panel
    assert panel.isVisible()
    assert [panel.across.currentText(), panel.up.currentText()] == list(hands.canvas.names)
    panel.up.chosen.emit(12)
    assert hands.asked[-1].choice == PlaneChoice(first=0, second=12)
    hands.answer()
    panel.across.chosen.emit(12)
    assert hands.asked[-1].choice == PlaneChoice(first=12, second=0)
    QApplication.sendEvent(panel, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Escape, PLAIN))
    assert not panel.isVisible()


@pytest.mark.parametrize("how", ["escape elsewhere", "press elsewhere", "hidden", "button"])
def test_the_panel_closes(hands, how):
    hands.see(frame_after(trap(), 1), extent=TRAP_EXTENT)
    hands.view.plane.click()
    panel = hands.view.panel
    assert panel.isVisible()
    if how == "escape elsewhere":
        hands.key(Qt.Key.Key_Escape)
    elif how == "press elsewhere":
        hands.qtbot.mousePress(hands.view.title, LEFT)
    elif how == "hidden":
        hands.view.hide()
        hands.view.show()
    else:
        hands.qtbot.mouseClick(hands.view.plane, LEFT)
    assert not panel.isVisible()
    assert not hands.view.plane.isChecked()


def test_a_press_within_the_panel_leaves_it_open(hands):
    hands.see(frame_after(trap(), 1), extent=TRAP_EXTENT)
    hands.view.plane.click()
    hands.qtbot.mousePress(hands.view.panel.words, LEFT)
    hands.qtbot.mousePress(hands.view.panel, LEFT, pos=QPoint(3, 3))
    assert hands.view.panel.isVisible()


def test_three_points_are_chosen_by_their_epochs(hands):
    frame = hands.see(network(6))
    panel, per_epoch = hands.view.panel, frame.snapshots[0].state.update // 6
    panel.kind.chosen.emit("points")
    assert hands.asked[-1].choice.updates == (0, 3 * per_epoch, 6 * per_epoch)
    hands.answer()
    panel.epochs[1].typed.emit(2)
    assert hands.asked[-1].choice.updates == (0, 2 * per_epoch, 6 * per_epoch)
    asked = len(hands.asked)
    for wrong in (0, 7, "two", 1.5):
        panel.epochs[1].typed.emit(wrong)
    assert len(hands.asked) == asked
    assert panel.epochs[1].text() == "2"


def test_three_points_need_some_epochs(hands):
    hands.see(network(1))
    hands.view.panel.kind.chosen.emit("points")
    assert len(hands.asked) == 1
    assert hands.view.panel.kind.currentText() == "Two parameters"
    assert "two epochs" in hands.view.panel.words.text()


def test_another_random_pair_has_another_seed(hands):
    hands.see(network(1))
    hands.view.panel.kind.chosen.emit("random")
    hands.answer()
    hands.view.panel.another.click()
    assert [survey.choice.seed for survey in hands.asked[1:]] == [1, 2]


def test_parameters_of_a_great_network_are_chosen_by_number(hands):
    wide = {"hidden": [{"units": 100, "activation": "tanh"}]}
    trainer: Trainer = trained(experiment(network=wide), 0)
    frame = frame_after(trainer.problem, 0, (7,))
    hands.see(frame, side=3)
    hands.view.plane.setChecked(True)
    panel = hands.view.panel
    assert panel.numbers[0].isVisible()
    assert not panel.across.isVisible()
    panel.numbers[1].typed.emit(401)
    assert hands.asked[-1].choice == PlaneChoice(first=0, second=400)
    panel.numbers[1].typed.emit(402)
    assert "1 to 401" in panel.words.text()


def test_the_numbers_are_the_grid(hands):
    hands.see(frame_after(trap(), 1), extent=TRAP_EXTENT, side=4)
    rows = [row.split("\t") for row in hands.view.numbers().split("\n")]
    assert rows[0][0] == "bias b \\ weight w"
    assert [float(value) for value in rows[0][1:]] == pytest.approx(np.linspace(-5, 6, 4))
    assert [float(row[0]) for row in rows[1:]] == pytest.approx(np.linspace(-4, 5, 4))
    values = np.array([[float(value) for value in row[1:]] for row in rows[1:]])
    assert (values == hands.canvas.surveyed.surface.values).all()


# --- paths ----------------------------------------------------------------------------------------------------------


def test_a_trail_that_grew_bit_by_bit_is_that_of_the_whole_path(hands):
    frame = hands.see(frame_after(trap(), 20, (1,)), extent=TRAP_EXTENT)
    path, plane = frame.snapshots[0].path, hands.canvas.surveyed.surface.plane
    grown, whole = Trail(), Trail()
    for count in (1, 2, 40, 41, 100, len(path)):
        grown.show(Path(path.updates[:count], path.thetas[:count]), 8, plane, hands.scale, 1.0)
    whole.show(path, 8, plane, hands.scale, 1.0)
    order = np.argsort(grown.places)
    assert (grown.places[order] == whole.places).all()
    assert (grown.shares[order] == whole.shares).all()
    assert (grown.line == whole.line).all()
    grown.show(Path(path.updates[:30], path.thetas[:30]), 8, plane, hands.scale, 1.0)
    whole.show(Path(path.updates[:30].copy(), path.thetas[:30].copy()), 8, plane, hands.scale, 1.0)
    assert (grown.places == whole.places).all()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_trail_has_the_pixels_of_the_screen(ratio, hands):
    frame = hands.see(frame_after(trap(), 20, (1,)), extent=TRAP_EXTENT)
    trail, part = Trail(), device_part(hands.scale, ratio)
    trail.show(frame.snapshots[0].path, 8, hands.canvas.surveyed.surface.plane, hands.scale, ratio)
    pixels = np.zeros(part.width() * part.height(), dtype=np.uint32)
    paint_hairs(pixels, trail, "#FF0000")
    y, x = np.unravel_index(trail.places, (part.height(), part.width()))
    points = hands.scale.pixels(frame.snapshots[0].path.thetas) * ratio - np.array([part.x(), part.y()])
    assert np.stack([x, y]).min(axis=1) + 0.5 == pytest.approx(points.min(axis=0), abs=1.6)
    assert np.stack([x, y]).max(axis=1) + 0.5 == pytest.approx(points.max(axis=0), abs=1.6)
    red = (pixels[trail.places] >> 16) & 255
    assert (pixels != 0).sum() == len(trail.places)
    assert red.max() >= 120


def test_a_trail_of_another_run_forgets_the_first(hands):
    hands.see(frame_after(trap(), 1), extent=TRAP_EXTENT)
    plane, trail, fresh = hands.canvas.surveyed.surface.plane, Trail(), Trail()
    first, second = (snapshot_after(frame_after(trap(), 0, (size,)).problem, 30).path for size in (1, 2))
    trail.show(first, 8, plane, hands.scale, 1.0)
    trail.show(second, 4, plane, hands.scale, 1.0)
    fresh.show(second, 4, plane, hands.scale, 1.0)
    assert (trail.places == fresh.places).all()


def test_every_update_is_a_line_that_leads_through_its_pixels(hands):
    frame = hands.see(frame_after(trap(), 10, (1,)), extent=TRAP_EXTENT)
    picture(hands.canvas)
    trail, area = hands.canvas._trails[0], hands.scale.area
    width = round(area.width())
    seen = np.zeros((round(area.height()), width), dtype=bool)
    seen.ravel()[trail.places] = True
    for theta in frame.snapshots[0].path.thetas:
        at = hands.scale.to_pixel(*theta) - area.topLeft()
        assert seen[round(at.y()) - 1 : round(at.y()) + 2, round(at.x()) - 1 : round(at.x()) + 2].any()


def test_means_of_few_epochs_are_the_epoch_means_and_of_many_there_are_never_many():
    random = np.random.default_rng(0)
    updates = np.arange(100 * 8 + 1)
    path = Path(updates, random.normal(size=(len(updates), 2)))
    assert Means(8).follow(path) == pytest.approx(epoch_means(path, 8).thetas)
    updates = np.arange(5000 * 8 + 1)
    path = Path(updates, random.normal(size=(len(updates), 2)))
    many = Means(8).follow(path)
    assert len(many) < 600
    assert many[1:129] == pytest.approx(path.thetas[1 : 128 * 8 + 1].reshape(128, 8, 2).mean(axis=1))
    assert many[129] == pytest.approx(path.thetas[128 * 8 + 1 : 130 * 8 + 1].mean(axis=0))
    assert many[-1] == pytest.approx(epoch_means(path, 64 * 8).thetas[-1])


@given(st.integers(1, 9), st.lists(st.integers(0, 700), min_size=1, max_size=8), st.integers(0, 99))
def test_means_of_a_path_that_grows_are_to_the_bit_those_of_all_of_it(updates_per_epoch, pieces, first):
    count = sum(pieces) + 1
    updates = first + np.cumsum(np.random.default_rng(count).integers(1, 4, size=count))
    path = Path(updates, np.random.default_rng(first).normal(size=(count, 2)))
    means = Means(updates_per_epoch)
    for length in np.cumsum(pieces) + 1:
        grown = means.follow(Path(path.updates[:length], path.thetas[:length]))
    assert grown.tobytes() == Means(updates_per_epoch).follow(path).tobytes()


@given(arrays(np.float64, (12, 4), elements=st.floats(-500, 500)))
def test_what_is_clipped_lies_in_the_rectangle_and_on_its_line(lines):
    parts = clipped(lines, 0, 0, 100, 80)
    assert (parts[:, [0, 2]] >= -1e-6).all()
    assert (parts[:, [0, 2]] <= 100 + 1e-6).all()
    assert (parts[:, [1, 3]] >= -1e-6).all()
    assert (parts[:, [1, 3]] <= 80 + 1e-6).all()
    inside = (lines[:, ::2] >= 0).all(1) & (lines[:, ::2] <= 100).all(1) & (lines[:, 1::2] >= 0).all(1)
    inside &= (lines[:, 1::2] <= 80).all(1)
    assert len(parts) >= inside.sum()
    for line in lines[inside]:
        assert np.abs(parts - line).max(axis=1).min() < 1e-6


@given(arrays(np.float64, (6, 2), elements=st.floats(-60, 160)))
def test_hairs_cover_each_step_along_a_line_once(pixels):
    places, coverage = hairs(pixels, 100, 80)
    ends = clipped(np.concatenate([pixels[:-1], pixels[1:]], axis=1), 0, 0, 99, 79)
    steps = sum(int(max(abs(np.rint(e[2]) - np.rint(e[0])), abs(np.rint(e[3]) - np.rint(e[1])))) for e in ends)
    assert len(places) == len(coverage)
    assert not len(places) or (places.min() >= 0 and places.max() < 8000)
    assert abs(int(coverage.sum(dtype=np.int64)) / 255 - steps) <= 2 * len(ends)


def test_thinning_moves_no_line_by_more_than_some_pixels():
    random = np.random.default_rng(2)
    line = np.cumsum(random.normal(size=(3000, 2)), axis=0)
    kept = thinned(line)
    assert len(kept) < len(line) / 2
    assert (kept[[0, -1]] == line[[0, -1]]).all()
    nearest = np.array([np.hypot(*(kept - point).T).min() for point in line])
    assert nearest.max() <= 4.5


# --- labels and axes ------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 380)), min_size=1, max_size=6))
def test_labels_keep_apart_and_inside(points):
    area = QRectF(40, 2, 600, 380)
    labels = [Label(("Local minimum", "cost 0.1"), QPointF(40 + x, 2 + y)) for x, y in points]
    obstacles = [QRectF(300, 100, 24, 24)]
    boxes = [box for box in place(labels, [QSizeF(120, 45)] * len(labels), area, obstacles, lambda _: 0.0) if box]
    for k, box in enumerate(boxes):
        assert area.contains(box)
        assert not any(box.intersects(other) for other in [*boxes[:k], *obstacles])
        assert not any(box.contains(label.at) for label in labels)


def test_a_label_goes_where_it_hides_least():
    area, label = QRectF(0, 0, 600, 400), Label(("Start",), QPointF(300, 200))
    (box,) = place([label], [QSizeF(80, 28)], area, [], lambda box: 1000.0 if box.center().y() > 200 else 0.0)
    assert box.center().y() <= 200


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [(-5.0, 6.0, ["−4", "−2", "0", "2", "4", "6"]), (0.1, 0.2, ["0.10", "0.12", "0.14", "0.16", "0.18", "0.20"])],
)
def test_ticks_are_round_numbers_with_the_same_digits(low, high, texts):
    assert labels(ticks(low, high, 6)) == texts


@pytest.mark.parametrize("width", [529, 542, 800])
def test_no_button_of_the_header_is_cut(hands, width):
    hands.view.setStyleSheet(style_sheet(LIGHT))
    frame = hands.see(network(1))
    hands.view.choose(PlaneChoice("random"))
    hands.answer()
    hands.view.resize(width, 300)
    hands.see(at_update(frame, 2))
    hands.view._resize()
    QApplication.processEvents()
    buttons = [hands.view.refresh, hands.view.plane, hands.view.fit, hands.view.more]
    assert all(button.isVisible() and button.width() >= button.sizeHint().width() for button in buttons)
    assert hands.view.width() == width
    assert "epoch 1" in hands.view.refresh.toolTip()


@pytest.mark.parametrize(
    ("apart", "words"),
    [(1, "thin: every update"), (2, "thin: at last every 2 updates"), (1000, "thin: at last every 1,000 updates")],
)
def test_how_far_the_points_of_a_path_are_apart_is_said_in_english(apart, words):
    frame = frame_after(trap(), 2, RACE)
    runs = [
        dataclasses.replace(run, path=Path(np.arange(4) * apart, np.zeros((4, 2))), update=3 * apart)
        for run in scene.runs_of(frame, LIGHT)
    ]
    assert view._lines(runs) == f"thick: epoch means · {words}"
