"""The inspector in the real window: what is selected in the network is what it shows, of the frame that is there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from ann_studio.analysis.layers import LayerHistory
from ann_studio.engine.messages import Examine, Freeze, Prune, Status, Step, Unit
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.theme import number
from ann_studio.gui.views.inspector.pages import EdgeNow, Layers, NeuronNow, Past
from ann_studio.learning.state import Subject
from ann_studio.nn import backprop
from tests.gui.views.frames import press


def shows_the_present(studio) -> bool:
    """Whether the inspector has come to the newest frame."""
    view, state = studio.window.inspector_view, studio.snapshot.state
    return view._frame is not None and view._frame.snapshots[0].state is state


def check(studio, layer: int, unit: int, row: int = 0) -> None:
    """The numbers held are those of the book at the parameters of the newest frame."""
    studio.qtbot.waitUntil(lambda: shows_the_present(studio), timeout=10_000)
    page, frame = studio.window.inspector_view.page, studio.frame
    assert isinstance(page, NeuronNow)
    problem, theta = frame.problem, frame.snapshots[0].state.theta
    book = backprop.forward(problem.architecture, theta, problem.train.inputs[row : row + 1])
    weights = theta[problem.architecture.weight_index(layer - 1, 0, unit) :][: problem.architecture.sizes[layer - 1]]
    assert page.at.contributions == pytest.approx(weights * book.activations[layer - 1][0], rel=1e-12, abs=1e-12)
    assert page.at.bias == theta[problem.architecture.bias_index(layer - 1, unit)]
    assert page.at.z == pytest.approx(book.pre_activations[layer - 1][0, unit], rel=1e-12, abs=1e-12)
    assert page.at.a == pytest.approx(book.activations[layer][0, unit], rel=1e-12, abs=1e-12)
    assert math.fsum(page.at.contributions) + page.at.bias == pytest.approx(page.at.z, rel=1e-12, abs=1e-12)


def test_after_selecting_training_and_pausing_the_numbers_are_those_of_the_network(studio):
    window = studio.window
    window.network_view.graph.select(NeuronPoint(1, 2))
    check(studio, 1, 2)
    studio.click(window.transport.play)
    studio.until(lambda frame: frame.snapshots[0].state.epoch >= 3)
    window.network_view.graph.select(NeuronPoint(2, 1))
    studio.click(window.transport.play)
    studio.until(lambda frame: frame.status in (Status.PAUSED, Status.FINISHED))
    check(studio, 2, 1)
    window.bridge.send(Step(Unit.SAMPLE))
    frame = studio.until(lambda frame: frame.snapshots[0].phase is not None)
    check(studio, 2, 1, frame.snapshots[0].phase.row)
    window.bridge.send(Examine(Subject("train", 5)))
    studio.until(lambda frame: frame.snapshots[0].phase is not None and frame.snapshots[0].phase.subject is not None)
    check(studio, 2, 1, 5)


def test_while_it_trains_every_number_is_of_one_moment(studio):
    window, view = studio.window, studio.window.inspector_view
    window.network_view.graph.select(NeuronPoint(2, 0))
    seen = []

    def look(_frame) -> None:
        page, frame = view.page, view._frame
        assert isinstance(page, NeuronNow)
        state, architecture = frame.snapshots[0].state, frame.problem.architecture
        index = architecture.weight_index(1, 0, 0)
        same = np.array_equal(page.at.weights, state.theta[index : index + architecture.sizes[1]])
        seen.append(
            same and page.at.bias == state.theta[architecture.bias_index(1, 0)] and view.over.theta is state.theta
        )

    window.bridge.framed.connect(look)
    studio.click(window.transport.play)
    studio.qtbot.waitUntil(lambda: len(seen) > 40, timeout=30_000)
    window.bridge.framed.disconnect(look)
    assert all(seen)


def test_an_edge_has_its_gradient_its_state_and_its_valley_beside(studio):
    window = studio.window
    window.network_view.graph.select(WeightPoint(0, 1, 2))
    index = studio.frame.problem.architecture.weight_index(0, 1, 2)
    view = window.inspector_view
    assert isinstance(view.page, EdgeNow)
    assert window.valley_view.isVisible()
    assert window.valley_view.choice.parameter == index
    valley = window.valley_view
    studio.qtbot.waitUntil(
        lambda: valley.sounded is not None and valley.sounded.slice.choice.parameter == index, timeout=20_000
    )
    assert view.over.gradient[index] == pytest.approx(valley.sounded.slice.slope, rel=1e-12)
    window.bridge.send(Freeze((index,)))
    studio.until(lambda frame: index in frame.snapshots[0].state.frozen)
    studio.qtbot.waitUntil(lambda: view.page.state == "frozen", timeout=10_000)
    window.bridge.send(Freeze((index,), frozen=False))
    window.bridge.send(Prune((index,)))
    studio.until(lambda frame: index in frame.snapshots[0].state.pruned)
    studio.qtbot.waitUntil(lambda: view.page.state == "deleted, kept at 0", timeout=10_000)
    assert view.page.value == 0.0


def test_a_click_on_a_layers_name_shows_the_layers_over_time(studio):
    window, view = studio.window, studio.window.inspector_view
    window.bridge.send(Step(Unit.EPOCH, 20))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 20 and frame.status is Status.PAUSED)
    graph = window.network_view.graph
    column = graph.layout_now().columns[2]
    press(graph, QPointF(column.x, 14))
    assert view.tab == "layers"
    studio.qtbot.waitUntil(lambda: isinstance(view.page, Layers), timeout=20_000)
    studio.qtbot.waitUntil(lambda: view.page.history.updates[-1] == studio.snapshot.state.update, timeout=20_000)
    assert view.page.chosen == 1
    assert isinstance(view.layers, LayerHistory)
    assert "hidden 2: weights from" in view.canvas.accessibleDescription()
    # Play on: it follows, and comes to rest at the last moment.
    studio.click(window.transport.play)
    studio.until(lambda frame: frame.snapshots[0].state.epoch >= 40)
    studio.click(window.transport.play)
    studio.until(lambda frame: frame.status is Status.PAUSED)
    studio.qtbot.waitUntil(lambda: view.page.history.updates[-1] == studio.snapshot.state.update, timeout=20_000)


def test_of_a_large_network_the_surveyor_counts_over_all_samples(studio):
    window, view = studio.window, studio.window.inspector_view
    studio.open("digits.json")
    window.network_view.graph.select(NeuronPoint(1, 4))
    studio.qtbot.waitUntil(lambda: isinstance(view.page, NeuronNow) and bool(view.page.share), timeout=20_000)
    problem, theta = studio.frame.problem, studio.snapshot.state.theta
    book = backprop.forward(problem.architecture, theta, problem.train.inputs)
    off = (book.pre_activations[0][:, 4] <= 0).mean()
    assert view.page.share == f"off for {100 * off:.0f} % of {len(problem.train):,}"


def test_by_keys_alone_one_selects_a_neuron_opens_its_history_and_goes_to_its_strongest_connection(studio):
    window, view = studio.window, studio.window.inspector_view
    studio.click(window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    window.activateWindow()
    studio.qtbot.waitUntil(window.isActiveWindow)
    graph = window.network_view.graph
    graph.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right):
        studio.qtbot.keyClick(graph, key)
    assert view.target == NeuronPoint(graph.point.layer, graph.point.unit)
    assert view.canvas.accessibleDescription().startswith(f"Hidden 1 neuron {graph.point.unit + 1}, sample ")
    studio.qtbot.keyClick(graph, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    studio.qtbot.waitUntil(lambda: isinstance(view.page, Past))
    studio.qtbot.keyClick(graph, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    studio.qtbot.waitUntil(lambda: isinstance(view.page, NeuronNow))
    view.canvas.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        studio.qtbot.keyClick(view.canvas, key)
    assert isinstance(graph.point, WeightPoint)
    assert view.target == WeightPoint(0, 1, graph.point.target)
    value = studio.snapshot.state.theta[studio.frame.problem.architecture.weight_index(0, 1, graph.point.target)]
    assert f"w {number(float(value))}" in view.canvas.accessibleDescription()


@pytest.mark.parametrize("size", [(1280, 800), (960, 640)])
def test_in_a_small_window_output_and_neuron_share_a_place(studio, size):
    window = studio.window
    window.resize(*size)
    studio.qtbot.waitUntil(lambda: not window.inspector_view.isVisible())
    assert window.output_view.isVisible()
    window.network_view.graph.select(NeuronPoint(2, 1))
    window.actions_by_name["swap"].trigger()
    assert (window.output_view.isVisible(), window.inspector_view.isVisible()) == (False, True)
    check(studio, 2, 1)
    QApplication.processEvents()
    for view in window.views:
        if view.isVisible():
            inside = view.mapTo(window.workspaces, view.rect().bottomRight())
            assert inside.x() < window.workspaces.width()
            assert inside.y() < window.workspaces.height()
    # The rows are filled from end to end.
    for view in (window.inspector_view, window.valley_view if size[0] > 1000 else window.loss_view):
        assert view.mapTo(window.workspaces, view.rect().bottomRight()).x() > window.workspaces.width() - 4
    if size[0] < 1000:
        window.swap_views(1)
        assert (window.loss_view.isVisible(), window.valley_view.isVisible()) == (False, True)


def test_a_selection_made_while_it_was_out_of_sight_is_shown_when_it_comes_back(studio):
    window = studio.window
    window.show_workspace("descent")
    window.network_view.graph.select(NeuronPoint(2, 0))
    window.bridge.send(Step(Unit.EPOCH, 2))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 2 and frame.status is Status.PAUSED)
    window.show_workspace("network")
    check(studio, 2, 0)


def test_a_landscape_and_another_network_leave_nothing_selected(studio):
    window, view = studio.window, studio.window.inspector_view
    window.network_view.graph.select(NeuronPoint(2, 1))
    window.data_card.landscapeChosen.emit("bowl")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2)
    studio.open("worked-example.json")
    window.show_workspace("network")
    studio.qtbot.waitUntil(lambda: shows_the_present(studio), timeout=10_000)
    assert view.target is None
