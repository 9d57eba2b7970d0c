"""The microscope in the real window: the worked example by keys alone, samples by a click, its place in the window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication, QWidget

from ann_studio.engine.messages import Status
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.views.output.confusion import lay_out
from ann_studio.learning.state import Subject
from tests.gui.test_accessibility import chain, nameless
from tests.gui.views.frames import press

Key = Qt.Key


def key(studio, pressed: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    studio.qtbot.keyClick(QApplication.focusWidget() or studio.window.windowHandle(), pressed, modifiers)


@pytest.fixture
def scope(studio):
    """The window with the worked example under the microscope, and the keyboard on no control."""
    studio.open("worked-example.json")
    studio.window.activateWindow()
    studio.qtbot.waitUntil(studio.window.isActiveWindow)
    studio.window.actions_by_name["drawer"].setChecked(True)
    studio.window.centralWidget().setFocus()
    key(studio, Key.Key_F5)
    assert studio.window.workspaces.name == "microscope"
    return studio


def step(studio) -> None:
    """One phase further, by key."""
    before = studio.snapshot.phase
    key(studio, Key.Key_Right)
    studio.until(lambda frame: frame.snapshots[0].phase is not before and frame.status is Status.PAUSED)
    QApplication.processEvents()


def painted(studio) -> dict[tuple[str, object], float]:
    """What the stage shows: name and place of each number with its value."""
    stage = studio.window.microscope_view.stage
    stage.grab()
    return {(figure.what, figure.at): figure.value for figure in stage.painted}


def test_the_worked_example_shows_its_known_numbers_step_by_step(scope):
    view = scope.window.microscope_view
    assert view.step.isVisible()
    titles = []
    for _ in range(6):
        step(scope)
        titles.append(view.card.subtitle.text().split(" · ")[0])
        if len(titles) == 2:
            shown = painted(scope)
            assert shown["a", NeuronPoint(2, 0)] == pytest.approx(0.751365, abs=5e-7)
            assert shown["a", NeuronPoint(2, 1)] == pytest.approx(0.772928, abs=5e-7)
            assert ("cost", None) not in shown
    assert titles == [
        "Forward through hidden 1", "Forward through output", "Cost",
        "Backward through output", "Backward through hidden 1", "Update",
    ]  # fmt: skip
    shown = painted(scope)
    assert shown["cost", None] == pytest.approx(0.298371, abs=5e-7)
    assert shown["new w", WeightPoint(1, 0, 0)] == pytest.approx(0.358916, abs=5e-7)
    assert shown["new w", WeightPoint(0, 0, 0)] == pytest.approx(0.149781, abs=5e-7)
    assert shown["δ", NeuronPoint(2, 0)] == pytest.approx(0.138499, abs=5e-7)
    texts = {(what, text) for card in view.formulas for what, _, text in card.values}
    assert texts >= {("cost", "0.298"), ("a of o₁", "0.751"), ("old", "0.400"), ("new", "0.359")}
    # With all digits where one asks for them.
    view.stage.select(WeightPoint(1, 0, 0))
    assert "w = 0.4 → 0.3589164797" in view.stage.exact_lines(view.stage.point)
    view.stage.select(WeightPoint(0, 0, 0))
    assert "w = 0.15 → 0.1497807161" in view.stage.exact_lines(view.stage.point)
    assert "0.1497807161" in view.stage.accessibleDescription()
    assert ("new", "0.14978") in {(what, text) for what, _, text in view.formulas[3].values}
    # One more step makes the update: the weights are the new ones.
    step(scope)
    assert scope.snapshot.state.update == 1
    assert painted(scope)["w", WeightPoint(1, 0, 0)] == pytest.approx(0.358916, abs=5e-7)


def test_after_the_keyboard_was_in_the_settings_keys_step_in_the_microscope_too(scope):
    window = scope.window
    key(scope, Key.Key_F2)
    window.training_card.rate.setFocus()
    key(scope, Key.Key_F5)
    assert window.workspaces.name == "microscope"
    step(scope)
    assert scope.snapshot.phase.index == 0


def test_the_settings_give_way_and_come_back_and_the_switch_is_in_the_header(scope):
    window = scope.window
    assert not window.drawer.isVisible()
    assert window.microscope_view.card.isAncestorOf(window.switch)
    key(scope, Key.Key_F2)
    assert window.drawer.isVisible()
    assert window.drawer.isAncestorOf(window.switch)
    key(scope, Key.Key_F5)
    window.actions_by_name["drawer"].setChecked(True)
    assert window.drawer.isVisible()
    scope.click(window.switch.button("descent"))
    assert window.workspaces.name == "descent"
    assert window.drawer.isVisible()


def test_a_landscape_has_nothing_under_the_microscope(scope):
    window = scope.window
    step(scope)
    window.data_card.landscapeChosen.emit("bowl")
    scope.until(lambda frame: frame.problem.architecture.parameters == 2)
    assert window.workspaces.name == "descent"
    assert not window.switch.button("microscope").isEnabled()
    window.show_workspace("microscope")
    assert "A landscape has no network" in window.notice.text
    scope.open("02-circle.json")
    assert window.switch.button("microscope").isEnabled()


def point_of(studio, row: int):
    """Where the output view paints a row of the dataset."""
    canvas, problem = studio.window.output_view.canvas, studio.window.problem
    x, y = problem.dataset.inputs[row].tolist()
    return canvas.stage().to_pixel(x, y)


def test_a_click_on_a_point_of_the_output_puts_that_sample_under_the_microscope(studio):
    window, problem = studio.window, studio.window.problem
    for part, samples in (("validation", problem.validation), ("train", problem.train)):
        canvas = window.output_view.canvas
        press(canvas, point_of(studio, int(samples.rows[3])))
        chosen = canvas.row
        frame = studio.until(lambda frame, part=part: _subject(frame) is not None and _subject(frame).part == part)
        subject = _subject(frame)
        assert getattr(problem, part).rows[subject.row] == chosen
    window.show_workspace("microscope")
    view = window.microscope_view
    assert view.stage.snapshot is studio.snapshot
    assert view.chooser.part.currentData() == "train"
    assert view.chooser.number.text() == str(chosen + 1), "the number that the sample has everywhere"
    update = studio.snapshot.state.update
    studio.click(view.chooser.back)
    studio.until(lambda frame: frame.snapshots[0].phase is None)
    assert studio.snapshot.state.update == update


def test_a_click_on_a_cell_of_the_confusion_matrix_puts_one_of_its_samples_under_the_microscope(studio):
    studio.open("iris.json")
    canvas, problem = studio.window.output_view.canvas, studio.window.problem
    studio.qtbot.waitUntil(lambda: canvas.problem is problem and canvas.performance() is not None)
    counts, labels = canvas.performance().confusion, problem.dataset.target.labels
    truth, predicted = map(int, np.argwhere(counts > 0)[-1])
    press(canvas, lay_out(QRectF(canvas.rect()), labels).cell(truth, predicted).center())
    subject = _subject(studio.until(lambda frame: _subject(frame) is not None))
    row = int(getattr(problem, subject.part).rows[subject.row])
    assert row == canvas.row
    assert problem.dataset.targets[row, 0] == truth
    press(canvas, QPointF(2, 2))
    studio.until(lambda frame: frame.snapshots[0].phase is None)
    assert canvas.row is None


def _subject(frame) -> Subject | None:
    return frame.snapshots[0].phase.subject if frame.snapshots[0].phase is not None else None


def test_other_data_are_not_looked_at_by_an_old_number(studio):
    press(studio.window.output_view.canvas, point_of(studio, int(studio.window.problem.train.rows[0])))
    studio.until(lambda frame: _subject(frame) is not None)
    studio.open("iris.json")
    studio.until(lambda frame: frame.snapshots[0].phase is None)


def test_a_click_beside_the_points_leads_back_to_the_batch(studio):
    canvas = studio.window.output_view.canvas
    press(canvas, point_of(studio, int(studio.window.problem.train.rows[0])))
    studio.until(lambda frame: _subject(frame) is not None)
    canvas.setFocus()
    key(studio, Key.Key_Escape)
    if canvas.row is not None:
        key(studio, Key.Key_Escape)  # the first one took the message away
    studio.until(lambda frame: frame.snapshots[0].phase is None)


def test_every_control_has_a_name_a_tooltip_and_its_turn_with_tab(scope):
    window = scope.window
    step(scope)
    window.microscope_view.chooser.part.chosen.emit("own")
    scope.until(lambda frame: _subject(frame) is not None)
    QApplication.processEvents()
    view = window.microscope_view
    assert nameless(view) == []
    stops = chain(window)
    inside: list[QWidget] = [widget for widget in stops if view.isAncestorOf(widget)]
    assert view.stage in inside
    assert all(field in inside for field in view.own.fields.values())
    assert inside.index(view.chooser.part) < inside.index(view.chooser.back) < inside.index(view.stage)
    names = [widget.accessibleName() for widget in stops]
    assert sorted(names) == sorted(set(names))


def test_with_the_keyboard_alone_a_number_is_found_and_its_formula_shown(scope):
    for _ in range(5):
        step(scope)
    stage = scope.window.microscope_view.stage
    stage.setFocus(Qt.FocusReason.TabFocusReason)
    for pressed in (Key.Key_Right, Key.Key_Right, Key.Key_Down, Key.Key_Return):
        key(scope, pressed)
    assert stage.point == WeightPoint(0, 1, 1)
    shown = {what: value for what, value, _ in scope.window.microscope_view.formulas[2].values}
    index = scope.window.problem.architecture.weight_index(0, 1, 1)
    assert shown["∂C/∂w of x₂ → h₂"] == scope.snapshot.phase.sample_gradient[index]
    for _ in range(2):  # the first one may take a message away
        key(scope, Key.Key_Escape)
    assert stage.point is None
    scope.window.centralWidget().setFocus()
    step(scope)
    assert scope.snapshot.phase.kind == "update"


def test_while_it_trains_the_stage_follows_its_weights(scope):
    view = scope.window.microscope_view
    key(scope, Key.Key_Space)
    frame = scope.until(lambda frame: frame.snapshots[0].state.update > 5)
    assert "training" in view.note.text()
    key(scope, Key.Key_Space)
    frame = scope.until(lambda frame: frame.status is Status.PAUSED)
    scope.qtbot.waitUntil(lambda: view.stage.snapshot is frame.snapshots[0])
    index = scope.window.problem.architecture.weight_index(1, 0, 0)
    assert painted(scope)["w", WeightPoint(1, 0, 0)] == frame.snapshots[0].state.theta[index]
