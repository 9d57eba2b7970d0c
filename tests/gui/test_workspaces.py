"""Workspaces: what is seen in each, and that a view which was out of sight knows what is learned now."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt

from ann_studio.analysis.planes import PlaneChoice
from ann_studio.engine.messages import Sounding, Status, Step, Unit
from ann_studio.gui.controls import Segments
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.views.output.confusion import capacity
from ann_studio.learning.experiment import Racer
from ann_studio.nn.landscapes import LANDSCAPES


def settled(studio):
    view = studio.window.surface_view
    studio.qtbot.waitUntil(
        lambda: (
            view.canvas.surveyed is not None
            and view.canvas.surveyed.final
            and view.canvas.surveyed.surface.problem is studio.window.problem
        ),
        timeout=30_000,
    )


def test_each_workspace_has_its_views(studio):
    window = studio.window
    assert window.output_view.isVisible()
    assert not window.surface_view.isVisible()
    window.show_workspace("descent")
    for view in (window.surface_view, window.relief_view, window.race_view, window.valley_view, window.loss_view):
        assert view.isVisible()
    assert window.network_view.isVisible()
    assert not window.output_view.isVisible()
    window.show_workspace("network")
    assert window.output_view.isVisible()
    assert window.network_view.isVisible()
    assert not window.relief_view.isVisible()


def test_in_a_narrow_window_table_and_cost_plot_share_a_place(studio):
    window = studio.window
    window.show_workspace("descent")
    wide = window.valley_view.width() / window.race_view.width()
    table, cost = window.race_view, window.loss_view
    window.resize(1200, 800)
    studio.qtbot.waitUntil(lambda: not cost.isVisible())
    studio.qtbot.waitUntil(lambda: window.valley_view.geometry().right() > window.workspaces.width() - 4)
    assert window.valley_view.width() / table.width() == pytest.approx(wide, rel=0.15)
    switch = table.findChild(Segments)
    assert switch.isVisible()
    # By mouse, and back by key; the plot that comes into sight is that of the network as it is now.
    window.bridge.send(Step(Unit.EPOCH, 3))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 3 and frame.status is Status.PAUSED)
    studio.qtbot.mouseClick(switch.button(cost), Qt.MouseButton.LeftButton)
    assert (table.isVisible(), cost.isVisible()) == (False, True)
    assert cost.isAncestorOf(switch)
    assert cost.plot.costs.rows[-1, 0] == 3
    window.actions_by_name["swap"].trigger()
    assert (table.isVisible(), cost.isVisible()) == (True, False)
    # The other workspace has the plot and no switch.
    window.actions_by_name["swap"].trigger()
    window.show_workspace("network")
    assert cost.isVisible()
    assert not switch.isVisible()
    window.show_workspace("descent")
    assert (table.isVisible(), cost.isVisible(), switch.isVisible()) == (False, True, True)


def test_a_view_that_a_wider_window_has_room_for_shows_what_there_is(studio):
    window = studio.window
    window.show_workspace("descent")
    window.resize(1200, 800)
    studio.qtbot.waitUntil(lambda: not window.loss_view.isVisible())
    window.bridge.send(Step(Unit.EPOCH, 4))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 4 and frame.status is Status.PAUSED)
    window.show_drawer(visible=False)
    window.resize(1600, 1000)
    studio.qtbot.waitUntil(window.loss_view.isVisible)
    assert window.race_view.isVisible()
    assert window.loss_view.plot.costs.rows[-1, 0] == 4
    assert not window.race_view.findChild(Segments).isVisible()
    # There is nothing to be swapped, and it is said.
    window.swap_views()
    assert window.race_view.isVisible()
    assert "share a place only where there is no room for both" in window.notice.text


def test_a_matrix_of_many_classes_has_the_place_of_two_views_until_each_class_has_room(studio):
    window = studio.window
    window.resize(1600, 1000)
    studio.open("digits.json")
    studio.qtbot.waitUntil(lambda: not window.inspector_view.isVisible())
    canvas = window.output_view.canvas
    studio.qtbot.waitUntil(lambda: capacity(canvas.width(), canvas.height()) >= 10)
    window.network_view.graph.select(NeuronPoint(1, 0))
    assert window.inspector_view.isVisible(), "what is selected comes into sight"
    studio.open("iris.json")
    studio.qtbot.waitUntil(lambda: window.output_view.isVisible() and window.inspector_view.isVisible())
    studio.open("digits.json")
    window.resize(1920, 1080)
    studio.qtbot.waitUntil(lambda: window.output_view.isVisible() and window.inspector_view.isVisible())
    studio.qtbot.waitUntil(lambda: capacity(canvas.width(), canvas.height()) >= 10)


def test_where_there_is_room_for_one_again_it_is_the_output_whatever_was_chosen_before(studio):
    window = studio.window
    window.resize(1280, 800)
    studio.qtbot.waitUntil(lambda: not window.inspector_view.isVisible())
    window.swap_views()
    assert window.inspector_view.isVisible()
    window.show_workspace("descent")
    window.show_workspace("network")
    assert window.inspector_view.isVisible(), "as long as there is room for one alone, the choice stays"
    window.resize(1600, 1000)
    studio.qtbot.waitUntil(window.output_view.isVisible)
    window.resize(1280, 800)
    studio.qtbot.waitUntil(lambda: not window.inspector_view.isVisible())
    assert window.output_view.isVisible()


def test_no_view_is_a_window_of_its_own_even_for_a_moment(studio):
    window = studio.window
    window.activateWindow()
    studio.qtbot.waitUntil(window.isActiveWindow)
    window.resize(1200, 800)
    assert all(not view.isWindow() for view in window.views)
    window.show_workspace("descent")
    studio.qtbot.wait(50)
    assert window.isActiveWindow()


def test_the_focus_does_not_go_astray_when_the_view_that_has_it_goes_out_of_sight(studio):
    window = studio.window
    window.show_workspace("descent")
    window.resize(1200, 800)
    studio.qtbot.waitUntil(lambda: not window.loss_view.isVisible())
    window.race_view.table.setFocus()
    window.swap_views()
    assert window.loss_view.findChild(Segments).button(window.loss_view).hasFocus()


def test_the_focus_stays_on_the_switch_that_moves_from_view_to_view(studio):
    window = studio.window
    window.show_workspace("descent")
    window.resize(1200, 800)
    studio.qtbot.waitUntil(lambda: not window.loss_view.isVisible())
    switch = window.race_view.findChild(Segments)
    button = switch.button(window.loss_view)
    button.setFocus()
    studio.qtbot.keyClick(button, Qt.Key.Key_Space)
    assert window.loss_view.isVisible()
    assert button.hasFocus()


@pytest.mark.parametrize("other", ["01-spiral.json", "trap.json"])
def test_a_click_on_an_edge_reaches_views_that_were_out_of_sight(studio, other):
    window = studio.window
    studio.open("iris.json")
    window.show_workspace("descent")
    settled(studio)
    window.show_workspace("network")
    studio.open(other)
    window.show_workspace("network")
    window.network_view.selected.emit(WeightPoint(0, 0, 0))
    window.network_view.selected.emit(NeuronPoint(1, 0))
    window.network_view.selected.emit(NeuronPoint(0, 0))
    window.show_workspace("descent")
    settled(studio)
    choice = window.surface_view.canvas.surveyed.surface.plane.choice
    bias = window.problem.architecture.bias_index(0, 0)
    assert {choice.first, choice.second} == {0, bias}
    assert window.valley_view.choice.parameter == bias


@pytest.mark.parametrize("name", LANDSCAPES)
def test_each_landscape_is_descended_in_the_window_and_shows_its_own_minima(studio, name):
    window = studio.window
    window.data_card.landscapeChosen.emit("bowl" if name == "saddle" else "saddle")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2)
    settled(studio)
    window.data_card.landscapeChosen.emit(name)
    studio.until(lambda frame: frame.problem.experiment.data.name == name and frame.status is Status.READY)
    settled(studio)
    assert window.workspaces.name == "descent"
    assert not window.switch.button("network").isEnabled()
    canvas = window.surface_view.canvas
    assert all(minimum in canvas.surveyed.minima for minimum in canvas.known)
    window.bridge.send(Step(Unit.EPOCH, 5))
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 5 and frame.status is Status.PAUSED)
    assert frame.snapshots[0].train_loss < float(frame.snapshots[0].trace[0, 2])
    assert canvas.names == ("x", "z")


def test_after_a_landscape_there_is_a_network_again(studio):
    window = studio.window
    window.data_card.landscapeChosen.emit("rosenbrock")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2)
    window.editor.edit("data", {"kind": "generated", "name": "moons"})
    frame = studio.until(lambda frame: frame.problem.architecture.parameters > 2)
    assert frame.problem.architecture.sizes == (2, 4, 2, 1)
    assert window.switch.button("network").isEnabled()
    window.show_workspace("network")
    assert window.network_view.isVisible()


def test_a_valley_that_failed_is_asked_for_again_once_the_ball_has_moved(studio, monkeypatch):
    window = studio.window
    window.show_workspace("descent")
    settled(studio)
    asked: list[Sounding] = []
    window.valley_view.sounding_wanted.connect(asked.append)
    with monkeypatch.context() as patched:
        patched.setattr("ann_studio.analysis.slice.cut", None)
        window.bridge.send(Step(Unit.EPOCH, 1))
        studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
        studio.qtbot.waitUntil(lambda: window.valley_view._failed)
    window.bridge.send(Step(Unit.EPOCH, 1))
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 2 and frame.status is Status.PAUSED)
    shown = window.valley_view
    studio.qtbot.waitUntil(lambda: shown.sounded.slice.theta is frame.snapshots[0].state.theta, timeout=20_000)


def test_a_run_of_the_lab_races_on_its_own_data_alone(studio):
    window = studio.window
    studio.open("trap.json")
    run = msgspec.structs.replace(
        window.problem.experiment, learning=msgspec.structs.replace(window.problem.experiment.learning, seed=7), race=()
    )
    window.replay(run)
    frame = studio.until(lambda frame: len(frame.problem.experiment.race) == 3)
    assert frame.problem.experiment.race[2] == Racer(run.learning, "seed 7")
    studio.open("02-circle.json")
    window.replay(run)
    frame = studio.until(lambda frame: frame.problem.experiment.data == run.data)
    assert frame.problem.experiment.race == ()


def test_there_is_one_lab_in_the_colours_of_the_window_and_it_closes_with_it(studio):
    window = studio.window
    window.open_restart_lab()
    first = window.lab
    window.open_restart_lab()
    assert window.lab is not first
    assert not first.isVisible()
    window.toggle_theme()
    assert window.lab.picture.theme is window.theme
    window.toggle_theme()
    window.close_restart_lab()
    assert window.lab is None


def test_equal_minima_are_all_global(studio):
    window = studio.window
    window.data_card.landscapeChosen.emit("himmelblau")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2 and frame.status is Status.READY)
    settled(studio)
    canvas = window.surface_view.canvas
    assert [name for *_, name in canvas.minima(canvas.scale())] == ["Global minimum"] * 4


def test_a_landscape_has_no_cost_to_choose_and_the_missing_workspace_says_why(studio):
    window = studio.window
    assert window.training_card.loss.isVisible()
    window.data_card.landscapeChosen.emit("bowl")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2)
    studio.qtbot.waitUntil(lambda: not window.training_card.loss.isVisible())
    window.show_workspace("network")
    assert window.workspaces.name == "descent"
    assert "A landscape has no network" in window.notice.text


def test_a_run_that_diverges_leaves_a_valley_that_can_be_painted(studio):
    window = studio.window
    window.data_card.landscapeChosen.emit("bowl")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2)
    settled(studio)
    window.editor.edit("learning.optimizer.learning_rate", 5.0)
    window.valley_view.curvature.click()
    window.transport.speed.setValue(window.transport.speed.maximum())
    window.transport.play.click()
    frame = studio.until(lambda frame: frame.status is Status.DIVERGED)
    shown = window.valley_view
    studio.qtbot.waitUntil(
        lambda: shown.sounded is not None and shown.sounded.slice.theta is frame.snapshots[0].state.theta,
        timeout=20_000,
    )
    shown.grab()
    assert shown.canvas.stage() is not None


@pytest.mark.parametrize("kind", ["parameters", "points", "principal", "random"])
def test_a_run_on_its_way_beyond_all_numbers_can_be_drawn_everywhere(studio, kind):
    window = studio.window
    window.data_card.landscapeChosen.emit("bowl")
    studio.until(lambda frame: frame.problem.architecture.parameters == 2)
    settled(studio)
    window.editor.edit("learning.optimizer.learning_rate", 5.0)
    surface = window.surface_view
    for update in (3, 100, 150):
        window.bridge.send(Step(Unit.EPOCH, update - studio.snapshot.state.update))
        frame = studio.until(lambda frame, update=update: frame.snapshots[0].state.update == update)
        assert frame.status is Status.PAUSED
        surface.choose(PlaneChoice(kind, updates=(0, update // 2, update)))
        if surface.refresh.isVisible():
            surface.refresh.click()
        studio.qtbot.waitUntil(
            lambda: (
                not surface.refresh.isVisible()
                and surface.canvas.surveyed.final
                and surface.canvas.surveyed.surface.plane.choice.kind == kind
            ),
            timeout=30_000,
        )
        window.grab()


@pytest.mark.parametrize("workspace", ["network", "descent"])
def test_numbers_of_one_thing_are_of_one_moment_while_it_trains(studio, workspace):
    window = studio.window
    studio.open("trap.json")
    window.show_workspace(workspace)
    held = {}
    for part in (window.transport, window.timeline, window.loss_view, window.race_view):

        def show_frame(frame, part=part, show=part.show_frame):
            held[part] = frame.serial
            show(frame)

        part.show_frame = show_frame
    moments = []

    def look(_frame) -> None:
        moments.append(len({serial for part, serial in held.items() if part.isVisible()}))

    window.bridge.framed.connect(look)
    studio.click(window.transport.play)
    studio.qtbot.waitUntil(lambda: len(moments) > 60, timeout=60_000)
    assert set(moments) == {1}
