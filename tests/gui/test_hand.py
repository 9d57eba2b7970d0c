"""A hand on every weight, through the real window: what is typed, turned, dragged and pressed reaches the network."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu

from ann_studio.analysis.metrics import performance
from ann_studio.analysis.pictures import compute_pictures
from ann_studio.engine.messages import Freeze, Run, Seek, Status, Step, Unit
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.theme import number
from ann_studio.gui.views.output.ghost import Ghost
from ann_studio.learning.pruning import connections, weakest, weight_positions
from ann_studio.learning.supervised import evaluate
from tests.gui.views.frames import press as press_at

Key, Modifier = Qt.Key, Qt.KeyboardModifier
SHIFT, BOTH = Modifier.ShiftModifier, Modifier.ShiftModifier | Modifier.ControlModifier
EDGE = WeightPoint(0, 1, 2)


@pytest.fixture
def desk(studio):
    """The window with the keyboard and a network that has learned a little."""
    activate(studio)
    studio.window.bridge.send(Step(Unit.EPOCH, 20))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 20 and frame.status is Status.PAUSED)
    QApplication.processEvents()
    return studio


def graph_of(studio):
    return studio.window.network_view.graph


def activate(studio, widget=None):
    """Give the keyboard to a window, as window managers do where another one closes."""
    window = studio.window if widget is None else widget
    window.activateWindow()
    studio.qtbot.waitUntil(window.isActiveWindow)


def settle(studio):
    """Wait until the runner has obeyed everything and the window shows it."""
    bridge = studio.window.bridge
    frame = studio.until(lambda frame: frame.obeyed == bridge.sent and frame.status is not Status.TRAINING)
    studio.qtbot.waitUntil(lambda: graph_of(studio).theta is frame.snapshots[0].state.theta)
    return frame


def theta(studio):
    return settle(studio).snapshots[0].state.theta


def index_of(studio, point=EDGE):
    return studio.frame.problem.architecture.weight_index(point.layer, point.source, point.target)


def keys(studio, *pressed):
    """Press keys where the focus is."""
    for each in pressed:
        key, modifiers = each if isinstance(each, tuple) else (each, Modifier.NoModifier)
        studio.qtbot.keyClick(QApplication.focusWidget() or studio.window.windowHandle(), key, modifiers)


def write(studio, text):
    """Type where the focus is."""
    for letter in text:
        studio.qtbot.keyClick(QApplication.focusWidget() or studio.window.windowHandle(), letter)


def middle(graph, point=EDGE):
    """A place on an edge at which nothing else is."""
    layout = graph.layout_now()
    edge = np.flatnonzero(
        (layout.layer == point.layer) & (layout.source == point.source) & (layout.target == point.target)
    )[0]
    for x, y in layout.samples()[edge][3:-3]:
        if graph.point_at(QPointF(x, y)) == point:
            return QPointF(x, y)
    raise AssertionError("the edge is hidden everywhere")


def click(studio, point=EDGE):
    graph = graph_of(studio)
    graph.grab()
    press_at(graph, middle(graph, point))
    assert graph.point == point


def turn(graph, at, notches, modifiers=Modifier.NoModifier):
    """Turn the wheel at a place."""
    event = QWheelEvent(
        at, graph.mapToGlobal(at), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(graph, event)


def mouse(graph, kind, at, *, held=True, modifiers=Modifier.NoModifier):
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind is QEvent.Type.MouseMove else left
    QApplication.sendEvent(
        graph, QMouseEvent(kind, at, graph.mapToGlobal(at), button, left if held else none, modifiers)
    )


def undo(studio):
    studio.window.actions_by_name["undo"].trigger()
    return theta(studio)


def redo(studio):
    studio.window.actions_by_name["redo"].trigger()
    return theta(studio)


# --- setting a value ------------------------------------------------------------------------------------------------
def test_a_number_that_is_typed_after_a_click_becomes_the_weight_and_undo_takes_it_back(desk):
    before, index, field = theta(desk), index_of(desk), desk.window.network_view.field
    click(desk)
    write(desk, "-")
    assert (field.isVisible(), field.line.hasFocus(), field.line.text()) == (True, True, "−")
    write(desk, "0.43")
    keys(desk, Key.Key_Return)
    expected = before.copy()
    expected[index] = -0.43
    assert theta(desk).tolist() == expected.tolist()
    assert not field.isVisible()
    assert graph_of(desk).accessibleName() == "weight from x₂ to hidden 1 neuron 3, minus 0.43"
    assert undo(desk).tolist() == before.tolist()
    assert redo(desk).tolist() == expected.tolist()


def test_escape_leaves_the_value_and_gives_the_keys_back(desk):
    before, view = theta(desk), desk.window.network_view
    view.graph.setFocus(Qt.FocusReason.TabFocusReason)
    view.graph.select(EDGE)
    write(desk, "7")
    keys(desk, Key.Key_Escape)
    assert not view.field.isVisible()
    assert view.graph.hasFocus()
    assert theta(desk).tolist() == before.tolist()


def test_bad_input_is_one_sentence_and_nothing_changes(desk):
    before, view = theta(desk), desk.window.network_view
    view.graph.select(EDGE)
    sent = desk.window.bridge.sent
    for typed, sentence in (
        ("0..4", "“0..4” is no number"),
        ("1e999", "A weight must be a finite number"),
        ("0 apples", "“0 apples” is no number"),
        ("", "Type a number, such as −0.43"),
    ):
        view.edit_value()
        view.field.line.setText(typed)
        keys(desk, Key.Key_Return)
        assert view.field.isVisible(), typed
        assert view.field.problem.text() == sentence
        assert desk.window.bridge.sent == sent, typed
        keys(desk, Key.Key_Escape)
        assert not view.field.isVisible(), typed
        assert theta(desk).tolist() == before.tolist(), typed


@pytest.mark.parametrize("place", ["edge", "pill", "neuron"])
def test_a_double_click_opens_the_field_with_the_exact_value(desk, place):
    view = desk.window.network_view
    graph = view.graph
    point = NeuronPoint(1, 2) if place == "neuron" else EDGE
    graph.select(point)
    graph.grab()
    at = graph.pill_of(EDGE).center() if place == "pill" else graph.anchor(point) + QPointF(0, 6)
    at = middle(graph) if place == "edge" else at
    mouse(graph, QEvent.Type.MouseButtonDblClick, at)
    assert view.field.isVisible()
    assert float(view.field.line.text().replace("−", "-")) == graph.theta[graph.index]
    write(desk, "2,5")  # in place of what is selected
    keys(desk, Key.Key_Return)
    assert theta(desk)[graph.index] == 2.5


def test_a_burst_of_the_wheel_is_one_edit_and_with_shift_it_is_finer(desk):
    graph, index, before = graph_of(desk), index_of(desk), theta(desk)
    click(desk)
    at, step = middle(graph), desk.window.network_view.hand.step_size
    assert 0.01 * graph.w_ref <= step <= 0.025 * graph.w_ref
    for _ in range(5):
        turn(graph, at, 1)
    turn(graph, at, -1, SHIFT)
    desk.window.network_view.hand.rest()
    assert theta(desk)[index] == pytest.approx(before[index] + 4.9 * step, abs=1e-12)
    assert undo(desk).tolist() == before.tolist()


def test_the_wheel_over_anything_else_changes_nothing(desk):
    graph, before = graph_of(desk), theta(desk)
    click(desk)
    sent = desk.window.bridge.sent
    turn(graph, QPointF(3, graph.height() - 60), 3)
    assert desk.window.bridge.sent == sent
    assert theta(desk).tolist() == before.tolist()


def test_a_drag_sets_the_weight_live_is_one_edit_and_leaves_the_width_of_the_others(desk):
    graph, index, before = graph_of(desk), index_of(desk), theta(desk)
    click(desk)
    start, w_ref = middle(graph), graph.w_ref
    shares = graph.chosen.share.copy()
    edge = int(np.flatnonzero(graph.layout_now().index == index)[0])
    mouse(graph, QEvent.Type.MouseButtonPress, start)
    seen = set()
    for up in range(0, 200, 8):
        mouse(graph, QEvent.Type.MouseMove, start - QPointF(0, up))
        desk.qtbot.wait(20)
        graph.grab()
        seen.add(float(graph.theta[index]))
        assert graph.w_ref == w_ref
        assert np.delete(graph.chosen.share, edge).tolist() == np.delete(shares, edge).tolist()
    assert len(seen) > 8, "it is seen on the way"
    mouse(graph, QEvent.Type.MouseButtonRelease, start - QPointF(0, 192), held=False)
    after = theta(desk)
    assert after[index] == pytest.approx(before[index] + 192 / 120 * w_ref, rel=1e-9)
    assert np.delete(after, index).tolist() == np.delete(before, index).tolist()
    canvas = desk.window.output_view.canvas
    desk.qtbot.waitUntil(lambda: canvas.theta is graph.theta and canvas.pictures.region is not None)
    region = compute_pictures(desk.frame.problem, after, frozenset({"region"})).region
    assert canvas.pictures.region.tolist() == region.tolist(), "the output has come to rest at the same value"
    assert desk.frame.undo == "Parameter set by hand"
    assert undo(desk).tolist() == before.tolist()
    assert desk.frame.undo != "Parameter set by hand"
    assert redo(desk).tolist() == after.tolist()


def test_a_drag_while_it_trains_is_one_edit_of_the_moment_at_which_the_hand_took_hold(desk):
    graph, index = graph_of(desk), index_of(desk)
    click(desk)
    at = middle(graph)
    desk.window.bridge.send(Run())
    desk.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 21)
    mouse(graph, QEvent.Type.MouseButtonPress, at)
    for up in range(0, 80, 8):
        mouse(graph, QEvent.Type.MouseMove, at - QPointF(0, up))
        desk.qtbot.wait(20)
    mouse(graph, QEvent.Type.MouseButtonRelease, at, held=False)
    state = settle(desk).snapshots[0].state
    before = undo(desk)
    assert desk.snapshot.state.update == state.update
    assert np.flatnonzero(before != state.theta).tolist() == [index]
    assert not desk.frame.undo.startswith("Parameter")


def test_a_click_that_shakes_is_no_drag(desk):
    graph, before = graph_of(desk), theta(desk)
    click(desk)
    at = middle(graph)
    mouse(graph, QEvent.Type.MouseButtonPress, at)
    mouse(graph, QEvent.Type.MouseMove, at + QPointF(1, 2))
    mouse(graph, QEvent.Type.MouseButtonRelease, at + QPointF(1, 2), held=False)
    assert graph.point == EDGE
    assert theta(desk).tolist() == before.tolist()


def test_keys_step_the_bias_of_a_neuron(desk):
    graph, before = graph_of(desk), theta(desk)
    graph.select(NeuronPoint(1, 0))
    bias, step = desk.frame.problem.architecture.bias_index(0, 0), desk.window.network_view.hand.step_size
    keys(desk, (Key.Key_Up, SHIFT), (Key.Key_Up, SHIFT), (Key.Key_Down, BOTH), Key.Key_PageDown)
    desk.window.network_view.hand.rest()
    assert theta(desk)[bias] == pytest.approx(before[bias] - 8.1 * step, abs=1e-12)
    assert undo(desk).tolist() == before.tolist()


def test_undo_right_after_a_burst_ends_it(desk):
    graph, index, before = graph_of(desk), index_of(desk), theta(desk)
    graph.select(EDGE)
    keys(desk, (Key.Key_Up, SHIFT))
    settle(desk)
    assert undo(desk).tolist() == before.tolist()
    keys(desk, (Key.Key_Up, SHIFT))
    step = desk.window.network_view.hand.step_size
    assert theta(desk)[index] == pytest.approx(before[index] + step, abs=1e-12)


def test_training_pauses_when_a_hand_takes_hold(desk):
    window = desk.window
    window.bridge.send(Run())
    desk.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 21)
    window.network_view.graph.select(EDGE)
    window.network_view.hand.set_value(0.75)
    frame = settle(desk)
    assert (frame.status, frame.snapshots[0].state.theta[index_of(desk)]) == (Status.PAUSED, 0.75)


# --- deleting, restoring, freezing ------------------------------------------------------------------------------------
def test_a_deleted_connection_is_drawn_can_be_selected_and_comes_back(desk):
    graph, index = graph_of(desk), index_of(desk)
    click(desk)
    keys(desk, Key.Key_Delete)
    assert theta(desk)[index] == 0
    assert graph.accessibleName() == "weight from x₂ to hidden 1 neuron 3, 0.00, deleted"
    assert "1 deleted" in desk.window.network_view.subtitle.text()
    graph.select(None)
    click(desk)  # it is still there to be pointed at
    sent = desk.window.bridge.sent
    write(desk, "3")
    settle(desk)
    assert desk.window.notice.text == "this connection was deleted and stays 0; restore it first"
    assert not desk.window.network_view.field.isVisible()
    assert desk.window.bridge.sent > sent
    desk.window.bridge.send(Step(Unit.EPOCH))
    assert theta(desk)[index] == 0
    keys(desk, Key.Key_R)
    settle(desk)
    assert graph.accessibleName() == "weight from x₂ to hidden 1 neuron 3, 0.00"
    desk.window.bridge.send(Step(Unit.EPOCH))
    assert theta(desk)[index] != 0


def test_a_deleted_neuron_loses_all_connections_is_faint_and_comes_back_whole(desk):
    graph, before = graph_of(desk), theta(desk)
    architecture = desk.frame.problem.architecture
    ends = connections(architecture, 1, 2)
    graph.select(NeuronPoint(1, 2))
    keys(desk, Key.Key_Delete)
    after = theta(desk)
    assert not after[ends].any()
    bias = architecture.bias_index(0, 2)
    assert after[bias] == before[bias], "its bias stays"
    assert graph.held.pruned.tolist() == ends.tolist()
    assert graph.holding_now(graph.layout_now()).faint == [NeuronPoint(1, 2)]
    assert graph.accessibleName().endswith(", all connections deleted")
    keys(desk, Key.Key_R)
    assert settle(desk).snapshots[0].state.pruned.tolist() == []
    assert undo(desk).tolist() == after.tolist()
    assert undo(desk).tolist() == before.tolist()


def test_a_frozen_weight_stays_to_the_bit_and_says_so(desk):
    graph, index, before = graph_of(desk), index_of(desk), theta(desk)
    click(desk)
    keys(desk, Key.Key_F)
    settle(desk)
    assert graph.accessibleName().endswith(", frozen")
    assert len(graph.holding_now(graph.layout_now()).locked) == 1
    desk.window.bridge.send(Step(Unit.EPOCH, 2))
    after = theta(desk)
    assert after[index] == before[index]
    assert (after != before).sum() == len(before) - 1
    keys(desk, Key.Key_F)
    settle(desk)
    assert "frozen" not in graph.accessibleName()


def test_freezing_a_neuron_freezes_what_arrives_and_its_bias(desk):
    graph = graph_of(desk)
    graph.select(NeuronPoint(2, 1))
    keys(desk, Key.Key_F)
    settle(desk)
    architecture = desk.frame.problem.architecture
    arriving = [architecture.weight_index(1, source, 1) for source in range(architecture.sizes[1])]
    assert graph.held.frozen.tolist() == sorted([*arriving, architecture.bias_index(1, 1)])
    assert graph.accessibleName().endswith(", frozen")
    keys(desk, Key.Key_F)
    assert settle(desk).snapshots[0].state.frozen.tolist() == []


# --- pruning the weakest ----------------------------------------------------------------------------------------------
def test_the_weakest_part_is_pruned_as_the_preview_says(desk):
    window, before = desk.window, theta(desk)
    architecture = desk.frame.problem.architecture
    desk.click(window.network_view.prune)
    dialog = window.network_view._dialog
    activate(desk, dialog)
    dialog.percent.field.selectAll()
    desk.qtbot.keyClicks(dialog.percent.field, "30")
    desk.qtbot.keyClick(dialog.percent.field, Key.Key_Tab)
    expected = weakest(architecture, before, np.empty(0, dtype=np.int64), 0.3)
    weights = sum(a * b for a, b in zip(architecture.sizes, architecture.sizes[1:], strict=False))
    largest = number(float(np.abs(before[expected]).max()))
    assert dialog.said.text() == f"{len(expected)} of {weights} weights, none larger than {largest} in size"
    assert dialog.slider.value() == 30
    desk.click(dialog.prune)
    frame = settle(desk)
    assert frame.snapshots[0].state.pruned.tolist() == expected.tolist()
    assert frame.undo == f"{len(expected)} connections deleted"
    assert undo(desk).tolist() == before.tolist()


def test_frozen_weights_are_not_among_the_weakest(desk):
    window, before = desk.window, theta(desk)
    problem = desk.frame.problem
    weakest_of_all = weakest(problem.architecture, before, np.empty(0, dtype=np.int64), 0.5)
    frozen = weakest_of_all[:3]
    desk.window.bridge.send(Freeze(tuple(frozen.tolist())))
    desk.until(lambda frame: len(frame.snapshots[0].state.frozen) == 3)
    window.network_view.ask_weakest()
    dialog = window.network_view._dialog
    dialog.set_percent(100)
    assert not set(frozen.tolist()) & set(dialog.positions.tolist())
    weights = len(weight_positions(problem.architecture))
    assert f"{weights - 3} of {weights - 3} weights" in dialog.said.text()
    desk.qtbot.keyClick(dialog, Key.Key_Escape)


def test_leaving_the_dialog_leaves_the_network(desk):
    window, before = desk.window, theta(desk)
    window.network_view.ask_weakest()
    dialog = window.network_view._dialog
    dialog.set_percent("half")
    assert dialog.said.text() == "Per cent are a whole number from 1 to 100"
    desk.qtbot.keyClick(dialog, Key.Key_Escape)
    assert window.network_view._dialog is None
    assert theta(desk).tolist() == before.tolist()


# --- neurons and layers -----------------------------------------------------------------------------------------------
def sizes(studio):
    return settle(studio).problem.architecture.sizes


def test_neurons_and_layers_come_and_go_by_key_and_the_rest_stays(desk):
    graph, before = graph_of(desk), theta(desk)
    first = sizes(desk)
    graph.select(NeuronPoint(1, 0))
    keys(desk, Key.Key_Insert)
    assert sizes(desk) == (first[0], first[1] + 1, *first[2:])
    assert graph.point == NeuronPoint(1, first[1]), "the new one is selected"
    loss = desk.snapshot.train_loss
    keys(desk, (Key.Key_Delete, SHIFT))
    assert theta(desk).tolist() == before.tolist()
    assert desk.snapshot.train_loss == pytest.approx(loss, abs=1e-14)
    keys(desk, (Key.Key_Insert, SHIFT))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.actions()[0].text() == "linear layer after hidden 1 (the output stays as it is)"
    desk.qtbot.keyClick(menu, Key.Key_Return)
    activate(desk)
    assert sizes(desk) == (*first[:2], first[1], *first[2:])
    assert desk.snapshot.train_loss == pytest.approx(loss, abs=1e-13)
    keys(desk, (Key.Key_Delete, BOTH))
    assert sizes(desk) == first
    np.testing.assert_allclose(theta(desk), before, rtol=0, atol=1e-13)
    for _ in range(4):
        undo(desk)
    assert theta(desk).tolist() == before.tolist()


def test_the_only_neuron_of_a_layer_is_refused_in_words(desk):
    graph = graph_of(desk)
    while sizes(desk)[2] > 1:
        graph.select(NeuronPoint(2, 0))
        keys(desk, (Key.Key_Delete, SHIFT))
    graph.select(NeuronPoint(2, 0))
    keys(desk, (Key.Key_Delete, SHIFT))
    settle(desk)
    assert desk.window.notice.text == "this is the only neuron of hidden layer 2; remove the layer instead"


# --- what an edit did -------------------------------------------------------------------------------------------------
def test_the_strip_tells_the_cost_and_accuracy_of_the_parameters_before_and_after(desk):
    before, index, strip = theta(desk), index_of(desk), desk.window.network_view.strip
    assert not strip.isVisible()
    graph = graph_of(desk)
    place = graph.geometry()
    graph.select(EDGE)
    desk.window.network_view.hand.set_value(-6.0)
    frame = settle(desk)
    problem, after = frame.problem, frame.snapshots[0].state.theta
    costs = [evaluate(problem, each, problem.train) for each in (before, after)]
    shares = [100 * performance(problem, each, problem.train).accuracy for each in (before, after)]
    assert strip.isVisible()
    assert graph.geometry() == place, "the graph stays where it is"
    assert strip.figures.text().startswith(f"cost {number(costs[0])} → {number(costs[1])} (")
    assert f"accuracy {number(shares[0], 1)} % → {number(shares[1], 1)} %" in strip.figures.text()
    assert f"{number(float(before[index]))} → −6.000" in strip.label.text()
    desk.click(strip.undo)
    assert theta(desk).tolist() == before.tolist()
    assert not strip.isVisible()


def test_the_ghost_is_the_boundary_of_the_parameters_before_until_the_run_goes_on(desk):
    before, canvas = theta(desk), desk.window.output_view.canvas
    graph_of(desk).select(EDGE)
    for value in (-2.0, -6.0):
        desk.window.network_view.hand.set_value(value)
        frame = settle(desk)
        desk.qtbot.waitUntil(lambda: canvas.ghost is not None and canvas.theta is graph_of(desk).theta)
        region = compute_pictures(frame.problem, before, frozenset({"region"})).region
        assert canvas.ghost.pictures.region.tolist() == region.tolist()
        stage = canvas.stage()
        assert canvas.ghost.lines(stage) == Ghost(frame.problem, canvas.ghost.pictures).lines(stage)
        assert not canvas.ghost.lines(stage).isEmpty()
        before = frame.snapshots[0].state.theta
    desk.window.bridge.send(Step(Unit.UPDATE))
    settle(desk)
    desk.qtbot.waitUntil(lambda: canvas.ghost is None)


def test_undo_in_the_strip_takes_back_no_edit_but_the_one_it_tells_of(desk):
    strip, bridge = desk.window.network_view.strip, desk.window.bridge
    graph_of(desk).select(EDGE)
    desk.window.network_view.hand.set_value(-1.0)
    there = settle(desk).snapshots[0].state.update
    assert strip.undo.isEnabled()
    bridge.send(Step(Unit.EPOCH))
    settle(desk)
    desk.window.network_view.hand.set_value(-2.0)
    settle(desk)
    assert strip.undo.isEnabled()
    bridge.send(Seek(there))
    settle(desk)
    assert strip.isVisible()
    assert strip.label.text().endswith("→ −1.000")
    assert not strip.undo.isEnabled()


def test_a_value_that_is_entered_as_it_was_is_no_edit(desk):
    settle(desk)
    view, undo_label = desk.window.network_view, desk.frame.undo
    view.graph.select(EDGE)
    view.edit_value()
    keys(desk, Key.Key_Return)
    settle(desk)
    assert not view.field.isVisible()
    assert desk.frame.undo == undo_label


def test_training_on_around_it_keeps_the_edited_weight_exactly(desk):
    index, strip = index_of(desk), desk.window.network_view.strip
    graph_of(desk).select(EDGE)
    desk.window.network_view.hand.set_value(-1.2345678901234567)
    after = theta(desk)
    desk.click(strip.train_on)
    desk.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 22)
    desk.click(desk.window.transport.play)
    frame = settle(desk)
    there = frame.snapshots[0].state
    assert there.theta[index] == -1.2345678901234567
    assert there.frozen.tolist() == [index]
    assert (np.delete(there.theta, index) != np.delete(after, index)).all()
    assert not strip.isVisible()


def test_training_on_around_a_deletion_has_nothing_to_freeze(desk):
    index = index_of(desk)
    graph_of(desk).select(EDGE)
    desk.window.network_view.hand.delete()
    settle(desk)
    desk.window.network_view.train_on()
    desk.until(lambda frame: frame.snapshots[0].state.epoch > 21)
    keys(desk, Key.Key_Space)
    state = settle(desk).snapshots[0].state
    assert (state.theta[index], state.pruned.tolist(), state.frozen.tolist()) == (0, [index], [])


# --- the menus --------------------------------------------------------------------------------------------------------
def test_the_network_menu_offers_what_can_be_done_to_the_selection(desk):
    menu = next(each.menu() for each in desk.window.menuBar().actions() if each.text() == "Net&work")

    def offered():
        menu.aboutToShow.emit()
        return {each.text().split("\t")[0]: each.isEnabled() for each in menu.actions() if each.text()}

    assert not any(
        on for text, on in offered().items() if text not in ("Prune the weakest…", "Train on around the edit")
    )
    graph_of(desk).select(EDGE)
    there = offered()
    assert (there["Set weight…"], there["Delete connection"], there["Restore connection"]) == (True, True, False)
    next(each for each in menu.actions() if each.text().startswith("Delete connection")).trigger()
    settle(desk)
    there = offered()
    assert (there["Set weight…"], there["Delete connection"], there["Restore connection"]) == (False, False, True)
    graph_of(desk).select(NeuronPoint(1, 0))
    assert offered()["Add neuron to hidden 1"]


def test_where_no_network_is_in_sight_nothing_can_be_done_to_it(desk):
    window = desk.window
    graph_of(desk).select(EDGE)
    window.data_card.landscapeChosen.emit("bowl")
    desk.until(lambda frame: frame.problem.architecture.parameters == 2)
    desk.qtbot.waitUntil(lambda: not window.network_view.isVisible())
    sent = window.bridge.sent
    keys(desk, Key.Key_Delete, Key.Key_F, (Key.Key_Up, SHIFT))
    window.network_view.ask_weakest()
    menu = QMenu()
    window.network_view.fill_menu(menu)
    assert not any(action.isEnabled() for action in menu.actions())
    assert window.bridge.sent == sent
    assert window.network_view._dialog is None


# --- without a mouse --------------------------------------------------------------------------------------------------
def test_the_keyboard_alone_is_enough(desk):
    """Every key is pressed in the graph, but for those in the field and the dialog that it opens."""
    graph, view = graph_of(desk), desk.window.network_view
    graph.setFocus(Qt.FocusReason.TabFocusReason)

    def press(key, modifiers=Modifier.NoModifier):
        desk.qtbot.keyClick(graph, key, modifiers)

    for key in (Key.Key_Down, Key.Key_Right, Key.Key_Return):
        press(key)
    assert isinstance(graph.point, WeightPoint)
    index = graph.index
    press(Key.Key_Period)
    desk.qtbot.keyClicks(view.field.line, "25")
    desk.qtbot.keyClick(view.field.line, Key.Key_Return)
    assert theta(desk)[index] == 0.25
    assert graph.hasFocus()
    press(Key.Key_Up, SHIFT)
    view.hand.rest()
    assert theta(desk)[index] == pytest.approx(0.25 + view.hand.step_size)
    press(Key.Key_Delete)
    assert theta(desk)[index] == 0
    press(Key.Key_R)
    press(Key.Key_F)
    assert settle(desk).snapshots[0].state.frozen.tolist() == [index]
    press(Key.Key_Z, Modifier.ControlModifier)
    assert settle(desk).snapshots[0].state.frozen.tolist() == []
    press(Key.Key_P, BOTH)
    desk.qtbot.keyClick(view._dialog.percent.field, Key.Key_Return)
    activate(desk)
    assert len(settle(desk).snapshots[0].state.pruned) > 1
    press(Key.Key_Z, Modifier.ControlModifier)
    units = sizes(desk)[1]
    press(Key.Key_Insert)
    assert sizes(desk)[1] == units + 1
    press(Key.Key_Delete, SHIFT)
    assert sizes(desk)[1] == units
    press(Key.Key_Return, Modifier.ControlModifier)
    desk.until(lambda frame: frame.status is Status.TRAINING)
    press(Key.Key_Space)
    assert settle(desk).status is Status.PAUSED
