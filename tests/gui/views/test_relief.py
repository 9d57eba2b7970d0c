"""The relief view paints the survey's surface and the frame's runs, and is turned, zoomed and lit by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMenu

from ann_studio.analysis import relief
from ann_studio.analysis.planes import PlaneChoice
from ann_studio.engine.messages import Frame, Status, Survey, Surveyed
from ann_studio.gui.parameters import brief
from ann_studio.gui.theme import DARK, LIGHT, THEMES
from ann_studio.gui.views.relief import ReliefView, axes
from ann_studio.gui.views.relief import canvas as canvas_module
from ann_studio.gui.views.relief.canvas import Canvas
from ann_studio.gui.views.relief.scene import Projector
from ann_studio.gui.views.relief.words import side
from ann_studio.learning.path import Path
from tests.gui.views.frames import colour_at, far, picture, rgb, show
from tests.gui.views.surveys import TRAP_MINIMA, answer, frame_after, trap

ALL = ("full", 2, 1)


@pytest.fixture(scope="module")
def frame() -> Frame:
    """Batch, mini-batch and stochastic descent after 60 epochs."""
    return frame_after(trap(), 60, ALL)


@pytest.fixture(scope="module")
def surveyed(frame) -> Surveyed:
    return answer(survey_of(frame), side=61, minima=TRAP_MINIMA)


def survey_of(frame: Frame) -> Survey:
    return Survey(1, frame, PlaneChoice(), None, None, 61, False, (200, 160))


@pytest.fixture
def empty(qtbot) -> ReliefView:
    relief.prepare()
    view = ReliefView()
    show(qtbot, view, 544, 512)
    return view


@pytest.fixture
def view(empty, surveyed, frame) -> ReliefView:
    empty.show_survey(surveyed)
    empty.show_frame(frame)
    empty.canvas.refine()
    return empty


def pixels(image: QImage) -> np.ndarray:
    """The pixels of an image as 0xRRGGBB."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows[:, : image.width()] & 0xFFFFFF


def painted(view: ReliefView) -> np.ndarray:
    return pixels(picture(view.canvas))


def count(view: ReliefView, colour: str) -> int:
    """Pixels of the very colour of a run."""
    return int((painted(view) == int(colour[1:], 16)).sum())


def where(view: ReliefView, point) -> QPointF:
    """Where a point of the surface is painted."""
    drawn = view.canvas.relief()
    assert drawn is not None
    x, y = drawn.place(np.array(point, dtype=np.float64)[None])[0, :2].tolist()
    return QPointF(x, y)


def press(view: ReliefView, qtbot, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.keyClick(view.canvas, key, modifier)


# --- before there is a surface --------------------------------------------------------------------------------------
def test_before_the_first_survey_there_is_one_sentence(empty, frame):
    empty.show_frame(frame)
    assert empty.canvas.relief() is None
    assert empty.numbers() == ""
    text = painted(empty)
    assert len(np.unique(text)) > 2
    assert text[:40].min() == text[:40].max()


def test_nothing_is_compiled_in_the_thread_of_the_window(empty, surveyed, monkeypatch):
    monkeypatch.setattr(canvas_module, "is_prepared", lambda: False)
    monkeypatch.setattr(canvas_module, "render", lambda *_args, **_more: pytest.fail("rendered unprepared"))
    empty.show_survey(surveyed)
    painted(empty)
    assert empty.canvas.relief() is None


# --- what is painted ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_markers_stand_at_the_true_ends(view, frame, theme):
    view.set_theme(theme)
    view.canvas.look_from(relief.Camera(azimuth=200.0, elevation=70.0))
    colours = (theme.batch, theme.mini_batch, theme.stochastic)
    for hidden in ({1, 2}, {0, 2}, {0, 1}):
        view.show_hidden(frozenset(hidden))
        (run,) = {0, 1, 2} - hidden
        image = picture(view.canvas)
        assert far(colour_at(image, where(view, frame.snapshots[run].state.theta)), rgb(colours[run])) < 12


def test_hidden_runs_are_not_painted(view):
    assert count(view, LIGHT.stochastic) > 60
    assert count(view, LIGHT.mini_batch) > 60
    view.show_hidden(frozenset({2}))
    assert count(view, LIGHT.stochastic) == 0
    assert count(view, LIGHT.mini_batch) > 60
    view.show_hidden(frozenset())
    assert count(view, LIGHT.stochastic) > 60


def test_the_start_is_a_ring(view, frame):
    view.show_hidden(frozenset({1, 2}))
    at = where(view, frame.snapshots[0].path.thetas[0])
    image = picture(view.canvas)
    assert far(colour_at(image, at), (255, 255, 255)) < 12
    ring = [far(colour_at(image, at + QPointF(away, 0)), rgb(LIGHT.text)) for away in (4.0, 4.5, 5.0, 5.5, 6.0)]
    assert min(ring) < 90


def test_minima_are_marked(view, surveyed):
    view.show_hidden(frozenset({0, 1, 2}))
    marked = painted(view)
    view.show_survey(dataclasses.replace(surveyed, minima=()))
    view.canvas.refine()
    changed = np.argwhere(marked != painted(view))
    for theta in TRAP_MINIMA:
        at = where(view, theta)
        assert np.abs(changed - (at.y(), at.x())).max(axis=1).min() < 4
    assert len(changed) < 2 * 400


def test_nothing_is_painted_outside_the_surface(view, frame):
    """A run that has left the surface leaves no shape beside it."""
    last = frame.snapshots[2]
    away = dataclasses.replace(
        last,
        state=dataclasses.replace(last.state, theta=np.array([9.0, 30.0])),
        path=Path(np.array([0, 1, 2]), np.array([[0.0, 0.0], [8.0, 9.0], [9.0, 30.0]])),
    )
    view.show_frame(dataclasses.replace(frame, snapshots=(*frame.snapshots[:2], away)))
    view.show_hidden(frozenset({0, 1}))
    assert view.canvas.trails[0].updates[-1].tolist() == [9.0, 30.0]
    with_run = painted(view)
    assert count(view, LIGHT.stochastic) > 20  # as far as the surface reaches
    view.show_hidden(frozenset({0, 1, 2}))
    ground = np.isinf(view.canvas.relief().depth)
    beside = ground & ~_near(~ground, 4)
    assert beside.any()
    assert np.array_equal(with_run[beside], painted(view)[beside])


def _near(mask: np.ndarray, pixels: int) -> np.ndarray:
    """Where a mask or what is so many pixels beside it is set."""
    wide = np.pad(mask, pixels)
    rows, columns = mask.shape
    shifts = range(2 * pixels + 1)
    return np.any([wide[y : y + rows, x : x + columns] for y in shifts for x in shifts], axis=0)


def test_another_theme_is_another_picture(view):
    light = painted(view)
    view.set_theme(DARK)
    view.canvas.refine()
    assert (light != painted(view)).mean() > 0.9


def test_frames_do_not_draw_the_relief_anew(view, frame, monkeypatch):
    painted(view)
    monkeypatch.setattr(canvas_module, "render", lambda *_args, **_more: pytest.fail("drawn anew"))
    view.show_frame(frame_after(trap(), 5, ALL))
    painted(view)


def test_the_main_run_lies_on_top_as_on_the_map(view):
    start = view.canvas.trails[0]
    together = [dataclasses.replace(trail, here=start.here) for trail in view.canvas.trails]
    view.canvas.show_trails(together)
    assert view.canvas.balls()[-1][0].run == 0


def test_nothing_is_kept_of_runs_that_are_gone(view):
    painted(view)
    assert {of[0] for of in view.canvas._strokes} == {0, 1, 2}
    view.canvas.show_trails(view.canvas.trails[:1])
    assert {of[0] for of in view.canvas._strokes} == {0}
    view.canvas.forget_terrain()
    assert not view.canvas._strokes


def test_while_a_network_trains_another_surface_waits_for_the_next_frame(view, frame, surveyed):
    training = dataclasses.replace(frame, status=Status.TRAINING)
    view.show_frame(training)
    other = answer(survey_of(frame), side=41, minima=TRAP_MINIMA)
    before = view.canvas.terrain
    view.show_survey(other)
    assert view.canvas.terrain is before
    view.show_frame(dataclasses.replace(training, serial=training.serial + 1))
    assert len(view.canvas.terrain.heights) == 41
    view.show_survey(surveyed)
    view.show_frame(dataclasses.replace(training, status=Status.PAUSED))
    assert len(view.canvas.terrain.heights) == 61
    view.show_survey(other)
    assert len(view.canvas.terrain.heights) == 41


def test_while_it_is_turned_it_is_drawn_fast_and_finely_at_rest(view, qtbot, monkeypatch):
    samples = []

    def spy(*args, **more):
        samples.append(more["samples"])
        return relief.render(*args, **more)

    monkeypatch.setattr(canvas_module, "render", spy)
    for _ in range(3):
        press(view, qtbot, Qt.Key.Key_Left)
        painted(view)
    assert samples == [1, 1, 1]
    qtbot.waitUntil(lambda: samples == [1, 1, 1, 2], timeout=5000)
    painted(view)
    assert samples == [1, 1, 1, 2]


def test_a_surface_of_another_network_keeps_runs_away(view, frame):
    other = dataclasses.replace(
        frame.snapshots[0],
        state=dataclasses.replace(frame.snapshots[0].state, theta=np.zeros(5)),
        path=Path(np.array([0]), np.zeros((1, 5))),
    )
    view.show_frame(dataclasses.replace(frame, snapshots=(other,), standings=frame.standings[:1]))
    assert view.canvas.trails == ()


# --- paths ----------------------------------------------------------------------------------------------------------
def test_thin_is_every_update_and_thick_are_means_of_epochs(view, frame):
    batch, _, stochastic = view.canvas.trails
    assert batch.updates is None  # each epoch is one update
    assert np.array_equal(batch.epochs[:-1], frame.snapshots[0].path.thetas)
    assert np.array_equal(stochastic.updates[:-1], frame.snapshots[2].path.thetas)
    assert np.array_equal(stochastic.updates[-1], frame.snapshots[2].state.theta)
    samples = len(frame.problem.train)
    assert stochastic.epochs[1] == pytest.approx(frame.snapshots[2].path.thetas[1 : 1 + samples].mean(axis=0))
    assert len(stochastic.epochs) == 61


def test_a_path_that_goes_on_is_projected_from_where_it_was(surveyed):
    plane, projected = surveyed.surface.plane, []

    class Counting:
        def is_seen_as(self, other):
            return other is self

        origin = plane.origin

        def project(self, thetas):
            projected.append(len(thetas))
            return plane.project(thetas)

    counting, projector = Counting(), Projector()
    thetas = np.random.default_rng(1).normal(size=(9, 2))
    updates = np.arange(9)
    for length in (4, 9, 9, 6):
        found = projector.points(Path(updates[:length], thetas[:length]), counting)
        assert found == pytest.approx(thetas[:length])
    assert projected == [4, 5, 6]
    other = thetas.copy()
    other[3:] += 1.0
    assert projector.points(Path(updates, other), counting) == pytest.approx(other)


# --- by hand --------------------------------------------------------------------------------------------------------
def test_arrow_keys_turn_it(view, qtbot):
    before, camera = painted(view), view.canvas.camera
    press(view, qtbot, Qt.Key.Key_Right)
    press(view, qtbot, Qt.Key.Key_Down)
    assert view.canvas.camera == camera.turned(5.0, 5.0)
    assert (before != painted(view)).mean() > 0.1
    press(view, qtbot, Qt.Key.Key_Left)
    press(view, qtbot, Qt.Key.Key_Up)
    assert view.canvas.camera == camera


def test_shift_or_l_with_arrows_moves_the_light(view, qtbot):
    camera = view.canvas.camera
    press(view, qtbot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.canvas.camera == camera.lit(5.0, 0.0)
    qtbot.keyPress(view.canvas, Qt.Key.Key_L)
    press(view, qtbot, Qt.Key.Key_Up)
    qtbot.keyRelease(view.canvas, Qt.Key.Key_L)
    assert view.canvas.camera == camera.lit(5.0, 5.0)
    press(view, qtbot, Qt.Key.Key_Up)
    assert view.canvas.camera == camera.lit(5.0, 5.0).turned(0.0, -5.0)


@pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_0])
def test_plus_and_minus_zoom_and_home_resets(view, qtbot, key):
    camera = view.canvas.camera
    press(view, qtbot, Qt.Key.Key_Plus)
    press(view, qtbot, Qt.Key.Key_Plus)
    press(view, qtbot, Qt.Key.Key_Minus)
    assert view.canvas.camera.zoom == pytest.approx(1.2)
    press(view, qtbot, Qt.Key.Key_Left)
    press(view, qtbot, key)
    assert view.canvas.camera == camera


def drag(view: ReliefView, qtbot, modifier=Qt.KeyboardModifier.NoModifier, button=Qt.MouseButton.LeftButton) -> None:
    """Drag by 40 pixels to the right and 20 down."""
    qtbot.mousePress(view.canvas, button, modifier, QPoint(200, 200))
    moved = canvas_module.QMouseEvent(
        canvas_module.QEvent.Type.MouseMove, QPointF(240, 220), view.canvas.mapToGlobal(QPointF(240, 220)),
        Qt.MouseButton.NoButton, button, modifier,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, moved)
    qtbot.mouseRelease(view.canvas, button, modifier, QPoint(240, 220))


def test_a_drag_turns_with_shift_the_light_in_the_middle_the_picture(view, qtbot):
    first = view.canvas.camera
    drag(view, qtbot)
    assert view.canvas.camera == first.turned(16.0, 8.0)
    drag(view, qtbot, Qt.KeyboardModifier.ShiftModifier)
    assert view.canvas.camera == first.turned(16.0, 8.0).lit(16.0, -8.0)
    drag(view, qtbot, button=Qt.MouseButton.MiddleButton)
    assert view.canvas.camera.shift == pytest.approx((40 / view.canvas.height(), 20 / view.canvas.height()))
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton)
    assert view.canvas.camera == first


def test_the_wheel_zooms_on_what_is_under_the_mouse(view, frame, qtbot):
    theta = frame.snapshots[1].state.theta
    at = where(view, theta)
    wheel = canvas_module.QWheelEvent(
        at, view.canvas.mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, wheel)
    assert view.canvas.camera.zoom == pytest.approx(1.44)
    view.canvas.refine()
    moved = where(view, theta) - at
    assert abs(moved.x()) + abs(moved.y()) < 0.5


def test_reset_by_button_and_menu(view, qtbot):
    first = view.canvas.camera
    for how in ("button", "menu"):
        press(view, qtbot, Qt.Key.Key_Left)
        if how == "button":
            view.reset.click()
        else:
            menu = QMenu()
            view.extend_menu(menu)
            next(action for action in menu.actions() if "Reset" in action.text()).trigger()
        assert view.canvas.camera == first


def test_the_canvas_has_its_keys_to_itself(view):
    assert view.canvas.property("ownsArrows")
    assert view.canvas.focusPolicy() == Qt.FocusPolicy.TabFocus
    before = painted(view)
    view.canvas.setFocus()
    assert (painted(view) == int(LIGHT.accent[1:], 16)).sum() > 500
    view.canvas.clearFocus()
    assert np.array_equal(before, painted(view))


# --- surveys --------------------------------------------------------------------------------------------------------
def test_it_is_seen_from_the_open_side_until_it_is_turned(view, surveyed, frame, qtbot):
    assert view.canvas.camera.azimuth == view.canvas.terrain.open_side()
    press(view, qtbot, Qt.Key.Key_Left)
    turned = view.canvas.camera
    view.show_survey(answer(survey_of(frame), side=31, minima=TRAP_MINIMA))
    assert view.canvas.camera == turned
    other = frame_after(trap(), 1)
    view.show_survey(answer(survey_of(other), side=21))
    assert view.canvas.camera.azimuth == view.canvas.terrain.open_side()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_surface_that_is_not_finite_does_no_harm(view, surveyed, frame, value):
    for part in (slice(20, 40), slice(None)):
        values = surveyed.surface.values.copy()
        values[part] = value
        surface = dataclasses.replace(surveyed.surface, values=values)
        view.show_survey(dataclasses.replace(surveyed, surface=surface))
        view.canvas.refine()
        painted(view)


# --- words ----------------------------------------------------------------------------------------------------------
def test_it_says_what_is_seen(view, frame, qtbot):
    view.canvas.look_from(relief.Camera(azimuth=225.0, elevation=35.0))
    said = view.canvas.accessibleDescription()
    assert "over weight w and bias b" in said
    assert "from the south-west, 35° above" in said
    for name, snapshot in zip(("Batch", "Mini-batch", "Stochastic"), frame.snapshots, strict=True):
        assert f"{name} at {snapshot.train_loss:.4f}" in said
    view.show_hidden(frozenset({1}))
    assert "Mini-batch" not in view.canvas.accessibleDescription()


def test_sides_are_told_by_their_names():
    assert [side(azimuth) for azimuth in (0, 44, 91, 180, 224, 359)] == [
        "north", "north-east", "east", "south", "south-west", "north",
    ]  # fmt: skip


def test_the_legend_tells_the_ends(view, surveyed):
    values = surveyed.surface.values
    assert view.legend.ends() == (f"{values.min():.2f}", f"{values.max():.2f}")
    view.show_survey(dataclasses.replace(surveyed, surface=dataclasses.replace(surveyed.surface, values=1e5 * values)))
    assert view.legend.ends() == (f"{1e5 * values.min():.0f}", f"{1e5 * values.max():,.0f}")
    spiked = values.copy()
    spiked[0, 0] = 1e6
    view.show_survey(dataclasses.replace(surveyed, surface=dataclasses.replace(surveyed.surface, values=spiked)))
    assert view.legend.ends()[1].startswith("≥ ")


def test_the_run_under_the_mouse_is_named(view, frame):
    view.show_hidden(frozenset({1, 2}))
    at = where(view, frame.snapshots[0].state.theta)
    assert view.canvas.text_at(at) == f"Batch: cost {frame.snapshots[0].train_loss:.4f}"
    assert view.canvas.text_at(at + QPointF(40, 0)) == ""


def test_numbers_are_exact(view, frame):
    header, *rows = view.numbers().split("\n")
    assert header.split("\t") == ["run", "weight w", "bias b", "cost"]
    for row, snapshot in zip(rows, frame.snapshots, strict=True):
        _, w, b, cost = row.split("\t")
        assert (float(w), float(b)) == tuple(snapshot.state.theta)
        assert float(cost) == snapshot.train_loss


def test_a_copied_picture_is_finely_drawn(view, qtbot):
    press(view, qtbot, Qt.Key.Key_Left)
    view.copy_picture()
    copied = pixels(QApplication.clipboard().image())
    view.canvas.refine()
    assert np.array_equal(copied, painted(view))


def test_a_tiny_canvas_does_no_harm(qtbot, surveyed):
    relief.prepare()
    canvas = Canvas()
    qtbot.addWidget(canvas)
    made = relief.terrain(surveyed.surface.values, surveyed.surface.extent, surveyed.contours.levels)
    canvas.show_terrain(made, np.zeros(256, dtype=np.uint32), np.empty((0, 2)), ("w", "b"), reset=True)
    for size in ((1, 1), (16, 400), (300, 17)):
        canvas.resize(*size)
        canvas.grab()


# --- words in the picture -------------------------------------------------------------------------------------------
LONG = {
    "many": ("hidden 1 neuron 2 → hidden 2 neuron 1", "bias of hidden 2 neuron 1"),
    "principal": ("1st principal direction", "2nd principal direction"),
    "points": ("from update 1,200 towards 14,000", "across, towards 28,000"),
    "plain": ("weight w", "bias b"),
}


@pytest.mark.parametrize("size", [(382, 206), (392, 318), (544, 512)])
@pytest.mark.parametrize("names", LONG.values(), ids=list(LONG))
def test_both_axes_are_named_within_the_picture_from_every_side(view, size, names):
    view.resize(*size)
    QApplication.processEvents()
    canvas, short = view.canvas, (brief(names[0]), brief(names[1]))
    for azimuth in range(0, 360, 15):
        canvas.look_from(relief.Camera(azimuth=float(azimuth)))
        placed = axes.place(canvas.relief(), canvas._scale(), names, QRectF(canvas.rect()))
        said = tuple(text.removesuffix(" →").removeprefix("← ") for text, _ in placed)
        assert said in (names, short), azimuth
        assert all(QRectF(canvas.rect()).contains(box) for _, box in placed)
        assert not placed[0][1].intersects(placed[1][1])


def test_what_is_said_of_a_run_stays_in_the_picture_and_off_the_markers(view):
    canvas = view.canvas
    for camera in (relief.Camera(azimuth=200.0), relief.Camera(azimuth=30.0).zoomed(3.0, (0.3, 0.3))):
        canvas.look_from(camera)
        inside = [ball for _, ball in canvas.balls() if QRectF(canvas.rect()).contains(ball)]
        for ball in inside:
            text = canvas.text_at(ball)
            box = canvas.told_box(text, ball)
            assert QRectF(canvas.rect()).contains(box)
            assert not any(box.contains(other) for other in inside)
