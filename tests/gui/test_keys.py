"""Keys of the whole window: a click on a control does not take them away, and Tab gives them to it."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QToolTip

from ann_studio.analysis.planes import PlaneChoice
from ann_studio.engine.messages import Status
from ann_studio.gui.points import WeightPoint

Key = Qt.Key


@pytest.fixture
def active(studio):
    """The window, with the keyboard."""
    studio.window.activateWindow()
    studio.qtbot.waitUntil(studio.window.isActiveWindow)
    return studio


def press(studio, key, modifiers=Qt.KeyboardModifier.NoModifier):
    """Press a key where the focus is."""
    studio.qtbot.keyClick(QApplication.focusWidget() or studio.window.windowHandle(), key, modifiers)


CONTROLS = {
    "speed slider": lambda window: window.transport.speed,
    "phase button": lambda window: window.transport.phase,
    "a tile": lambda window: window.data_card.tiles["circle"],
    "segment": lambda window: window.training_card.batch.button("mini"),
    "rate slider": lambda window: window.training_card.rate_slider,
    "the graph": lambda window: window.network_view.graph,
    "a switch": lambda window: window.loss_view.log,
    "the timeline": lambda window: window.timeline.track,
}


@pytest.mark.parametrize("name", CONTROLS)
def test_after_a_click_the_keys_still_play_and_step(name, active):
    window = active.window
    active.click(CONTROLS[name](window))
    active.until(lambda frame: window.editor.posing is None and frame.obeyed == window.bridge.sent)
    press(active, Key.Key_Home)
    active.until(lambda frame: frame.snapshots[0].state.update == 0 and frame.snapshots[0].phase is None)
    rate = active.frame.problem.experiment.learning.optimizer.learning_rate
    press(active, Key.Key_Right)
    active.until(lambda frame: frame.snapshots[0].phase is not None and frame.snapshots[0].phase.index == 0)
    press(active, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    active.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    press(active, Key.Key_Space)
    active.until(lambda frame: frame.status is Status.TRAINING)
    press(active, Key.Key_Space)
    active.until(lambda frame: frame.status is Status.PAUSED)
    assert active.frame.problem.experiment.learning.optimizer.learning_rate == rate


def test_a_control_reached_by_tab_has_the_keys(active):
    slider = active.window.transport.speed
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    before = slider.value()
    press(active, Key.Key_Left)
    assert slider.value() == before - 1


def test_with_the_focus_on_the_output_arrows_walk_and_all_else_is_as_everywhere(active):
    active.open("iris.json")
    canvas, window = active.window.output_view.canvas, active.window
    active.qtbot.waitUntil(lambda: canvas.performance() is not None)
    canvas.setFocus()
    press(active, Key.Key_Right)
    active.until(lambda frame: frame.snapshots[0].phase is not None)
    assert canvas.row is not None
    for _ in range(2):  # the first one takes the message away
        press(active, Key.Key_Escape)
    active.until(lambda frame: frame.snapshots[0].phase is None)
    press(active, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    active.until(lambda frame: frame.snapshots[0].state.epoch == 1)
    assert canvas.row is None
    press(active, Key.Key_Home)
    active.until(lambda frame: frame.snapshots[0].state.update == 0)
    speed = window.transport.speed.value()
    press(active, Key.Key_Minus)
    assert window.transport.speed.value() == speed - 1


def test_space_plays_in_a_field_of_numbers_too(active):
    field = active.window.training_card.rate
    field.setFocus()
    press(active, Key.Key_Space)
    active.until(lambda frame: frame.status is Status.TRAINING)
    assert " " not in field.text()


def test_while_points_are_drawn_undo_takes_back_the_last_one(active):
    window = active.window
    undo = window.actions_by_name["undo"]
    window.output_view.set_drawing(True)
    window.output_view.canvas.drawing.points.extend([(1.0, 1.0, 1), (2.0, 2.0, 0)])
    assert (undo.isEnabled(), undo.text()) == (True, "Undo last point")
    undo.trigger()
    assert window.output_view.canvas.drawing.points == [(1.0, 1.0, 1)]
    window.output_view.forget_drawn()
    assert undo.text() != "Undo last point"


def test_the_delete_key_deletes_the_selected_connection_and_training_leaves_it_out(active):
    graph = active.window.network_view.graph
    graph.select(WeightPoint(0, 1, 2))
    graph.setFocus(Qt.FocusReason.TabFocusReason)
    press(active, Key.Key_Delete)
    index = active.frame.problem.architecture.weight_index(0, 1, 2)
    active.until(lambda frame: frame.snapshots[0].state.theta[index] == 0)
    active.click(active.window.transport.epoch)
    frame = active.until(lambda frame: frame.snapshots[0].state.epoch == 1)
    assert frame.snapshots[0].state.theta[index] == 0
    active.window.actions_by_name["undo"].trigger()
    active.until(lambda frame: frame.snapshots[0].state.theta[index] != 0)


@pytest.mark.parametrize("workspace", ["network", "descent", "microscope"])
def test_no_key_means_two_things(studio, workspace):
    window = studio.window
    window.show_workspace(workspace)
    # A hint and branches may stand above any of them.
    window.timeline.branches.show()
    studio.qtbot.waitUntil(lambda: window.timeline.branches.isVisible())
    window.hint_card.show()
    for offer in window.hint_card.remedies:
        offer.show()
    keys = [f"Alt+{menu.text()[menu.text().index('&') + 1]}".upper() for menu in window.menuBar().actions()]
    actions = [action for menu in window.menuBar().actions() for action in menu.menu().actions()]
    keys += [action.shortcut().toString().upper() for action in actions]
    buttons = [button for button in window.findChildren(QAbstractButton) if button.isVisible()]
    keys += [button.shortcut().toString().upper() for button in buttons]
    keys = [key for key in keys if key]
    assert sorted(keys) == sorted(set(keys))


def test_a_button_keeps_the_key_that_its_tooltip_names(studio):
    window = studio.window
    window.show_workspace("descent")
    window.surface_view.choose(PlaneChoice("principal"))
    studio.qtbot.waitUntil(lambda: window.surface_view.canvas.surveyed is not None, timeout=30_000)
    studio.click(window.transport.epoch)
    studio.qtbot.waitUntil(lambda: window.surface_view.refresh.isVisible(), timeout=30_000)
    named = 0
    for button in window.findChildren(QAbstractButton):
        key = re.search(r"(Alt\+\w)\)", button.toolTip())
        if button.isVisible() and key:
            named += 1
            assert button.shortcut().toString() == key[1], button.text()
    assert named >= 7


def test_the_tooltip_of_what_was_pressed_stays_away_until_the_mouse_has_left(studio):
    fit, seen = studio.window.surface_view.fit, []
    studio.window.show_workspace("descent")

    def asks() -> bool:
        """Whether a tooltip is shown where the mouse rests on the button."""
        QToolTip.hideText()
        middle = fit.rect().center()
        QApplication.sendEvent(fit, QHelpEvent(QEvent.Type.ToolTip, middle, fit.mapToGlobal(middle)))
        return QToolTip.isVisible()

    seen.append(asks())
    studio.click(fit)
    seen.append(QToolTip.isVisible())
    seen.append(asks())
    QApplication.sendEvent(fit, QEvent(QEvent.Type.Leave))
    seen.append(asks())
    assert seen == [True, False, False, True]
    QToolTip.hideText()
