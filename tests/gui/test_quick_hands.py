"""What is done faster than frames come back: nothing of it is lost, and nothing is done twice."""

from __future__ import annotations

import time

import numpy as np

from ann_studio.engine.messages import Seek, SetSpeed, Status
from ann_studio.gui import editor
from ann_studio.gui.transport import SPEEDS
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource


def commands(studio, monkeypatch):
    """What is sent to the runner from now on."""
    sent, send = [], studio.window.bridge._runner.send
    monkeypatch.setattr(studio.window.bridge._runner, "send", lambda command: (sent.append(command), send(command)))
    return sent


def slow_down(monkeypatch, seconds=0.3):
    """Let the preparation of data take a while."""
    real = editor.command_for

    def slow(old, new, reason, cancelled):
        time.sleep(seconds)
        return real(old, new, reason, cancelled)

    monkeypatch.setattr(editor, "command_for", slow)


def settle(studio):
    """Wait until the runner has obeyed everything."""
    window = studio.window
    studio.until(
        lambda frame: (
            window.editor.posing is None and window.editor.opening is None and frame.obeyed == window.bridge.sent
        )
    )


def test_a_moving_speed_slider_sends_each_place_once_and_stays_where_it_was_put(studio, monkeypatch):
    sent, slider = commands(studio, monkeypatch), studio.window.transport.speed
    slider.setValue(2)
    for position in range(3, 9):
        slider.setValue(position)
        studio.qtbot.wait(20)
    studio.qtbot.wait(200)
    assert slider.value() == 8
    assert [command.speed for command in sent if isinstance(command, SetSpeed)] == list(SPEEDS[2:9])
    assert studio.frame.speed == SPEEDS[8]


def test_an_edit_taken_back_before_its_frame_came_is_taken_back(studio):
    window = studio.window
    window.editor.edit("network.hidden.0.units", 7)
    studio.qtbot.waitUntil(lambda: window.editor.posing is None)  # sent, and perhaps not yet answered
    window.editor.edit("network.hidden.0.units", 4)
    settle(studio)
    assert studio.frame.problem.architecture.sizes == (2, 4, 2, 1)
    assert window.document.experiment == studio.frame.problem.experiment
    assert window.network_card.layers[0].units.value == 4


def test_edits_of_different_kinds_in_a_row_all_arrive(studio):
    window = studio.window
    window.editor.edit("learning.batch_size", 5)
    window.editor.edit("network.hidden.1.units", 3)
    window.editor.edit("learning.optimizer.learning_rate", 0.2)
    window.editor.edit("data.noise", 0.1)
    window.editor.edit("stop.epochs", 44)
    settle(studio)
    experiment = studio.frame.problem.experiment
    assert experiment.learning.batch_size == 5
    assert experiment.learning.optimizer.learning_rate == 0.2
    assert experiment.network.hidden[1].units == 3
    assert experiment.data.noise == 0.1
    assert experiment.stop.epochs == 44


def test_an_edit_while_another_experiment_is_opened_does_not_stop_it(studio, monkeypatch):
    slow_down(monkeypatch)
    window = studio.window
    window.editor.open(load_experiment(resource("experiments", "03-xor-gate.json")))
    window.editor.edit("learning.batch_size", 5)
    studio.until(lambda frame: frame.problem.experiment.name == "XOR gate")
    settle(studio)
    assert window.document.experiment.name == "XOR gate"


def test_two_layers_removed_and_two_added_in_a_row_are_removed_and_added(studio, monkeypatch):
    slow_down(monkeypatch)
    card = studio.window.network_card
    for _ in range(2):
        studio.click(card.layers[0].remove)
    settle(studio)
    assert studio.frame.problem.architecture.sizes == (2, 1)
    for _ in range(2):
        studio.click(card.add)
    settle(studio)
    assert len(studio.frame.problem.architecture.sizes) == 4


def test_two_features_ticked_in_a_row_are_both_shown_to_the_network(studio, monkeypatch):
    slow_down(monkeypatch)
    menu = studio.window.network_card.features.menu
    menu.actions()[2].trigger()
    menu.actions()[3].trigger()
    settle(studio)
    assert studio.frame.problem.experiment.features == ("x1", "x2", "x1^2", "x2^2")


def test_what_is_being_typed_is_not_overwritten_by_a_frame(studio):
    window, field = studio.window, studio.window.training_card.rate
    field.setFocus()
    field.selectAll()
    studio.qtbot.keyClicks(field, "0.07")
    window.editor.edit("learning.batch_size", 3)
    settle(studio)
    assert field.text() == "0.07"
    field.returnPressed.emit()
    field.editingFinished.emit()
    settle(studio)
    assert studio.frame.problem.experiment.learning.optimizer.learning_rate == 0.07


def test_the_timeline_reaches_epochs_before_a_change_of_cost(studio):
    window = studio.window
    for _ in range(10):
        studio.click(window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 10 and frame.status is Status.PAUSED)
    window.editor.edit("learning.loss", "mae")
    studio.until(lambda frame: frame.problem.experiment.learning.loss == "mae")
    track = window.timeline.track
    track.sought.emit(track.course.update_at(6))
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 6)
    assert frame.problem.experiment.learning.loss == "mse"


def test_the_timeline_dragged_to_the_beginning_can_be_dragged_back(studio):
    window = studio.window
    studio.click(window.transport.epoch)
    studio.click(window.transport.epoch)
    there = studio.until(lambda frame: frame.snapshots[0].state.epoch == 2 and frame.status is Status.PAUSED)
    window.timeline.track.sought.emit(0)
    studio.until(lambda frame: frame.snapshots[0].state.update == 0)
    assert window.timeline.track.reached == 2
    window.bridge.send(Seek(there.snapshots[0].state.update))
    back = studio.until(lambda frame: frame.snapshots[0].state.epoch == 2)
    assert np.array_equal(back.snapshots[0].state.theta, there.snapshots[0].state.theta)


def test_of_two_jobs_the_one_that_goes_on_keeps_its_notice(studio):
    window = studio.window
    long = window.long_work.run(
        "Long", lambda cancelled: [time.sleep(0.01) for _ in iter(cancelled, True)], print, print
    )
    studio.qtbot.waitUntil(lambda: window.notice.text == "Long …")
    ended = []
    window.long_work.run("Short", lambda cancelled: time.sleep(0.5), ended.append, print)
    studio.qtbot.waitUntil(lambda: window.notice.text == "Short …")
    studio.qtbot.waitUntil(lambda: ended == [None])
    assert window.notice.isVisible()
    assert window.notice.text == "Long …"
    studio.click(window.notice.cancel)
    assert long.cancelled
    assert not window.notice.isVisible()


def test_two_shares_and_another_kind_of_data_in_a_row_all_arrive(studio, monkeypatch):
    slow_down(monkeypatch)
    card = studio.window.data_card
    card.share.chosen.emit(0.6)
    card.test.chosen.emit(0.1)
    card.noise.chosen.emit(0.2)
    studio.click(card.tiles["moons"])
    settle(studio)
    experiment = studio.frame.problem.experiment
    assert (experiment.split.train, experiment.split.test) == (0.6, 0.1)
    assert (experiment.data.name, experiment.data.noise) == ("moons", 0.2)


def test_a_strength_typed_just_before_another_regulariser_is_kept(studio):
    window = studio.window
    window.editor.edit("learning.regularizer", {"kind": "l2", "strength": 0.5})
    window.training_card.regularizer.chosen.emit("l1")
    settle(studio)
    regularizer = studio.frame.problem.experiment.learning.regularizer
    assert (type(regularizer).__name__, regularizer.strength) == ("L1", 0.5)
