"""Landscapes through the real window: nothing speaks of data, no race is of equal runs, and the start has its name."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from ann_studio.engine.messages import MakeMain, Status, Step, Unit
from ann_studio.gui.timeline.words import where_text
from ann_studio.learning.experiment import Landscape


@pytest.fixture
def window(studio):
    """A window on the bowl, without noise."""
    window = studio.window
    window.data_card.landscapeChosen.emit("bowl")
    studio.until(lambda frame: isinstance(frame.problem.experiment.data, Landscape) and frame.status is Status.READY)
    studio.qtbot.waitUntil(lambda: window.data_card.landscape.isVisible())
    return window


def noisy(studio, noise: float):
    """Type a gradient noise into the data card."""
    field = studio.window.data_card.landscape.noise
    field.setText(str(noise))
    field.editingFinished.emit()
    frame = studio.until(lambda frame: frame.problem.experiment.data.noise == noise and frame.status is Status.READY)
    studio.qtbot.waitUntil(lambda: studio.window.training_card._problem is frame.problem)
    return frame


def offer(window, title: str):
    window.race_card.menu.aboutToShow.emit()
    return next(action for action in window.race_card.menu.actions() if title in action.text())


def seen(window) -> str:
    """All words of the bar, the settings and the timeline that can be seen."""
    parts = (window.transport, window.timeline, *window.cards)
    widgets = [each for part in parts if part.isVisible() for each in part.findChildren(QLabel)]
    widgets += [each for part in parts if part.isVisible() for each in part.findChildren(QAbstractButton)]
    words = [f"{each.text()} {each.toolTip()}" for each in widgets if each.isVisible()]
    return " ".join([*words, window.timeline.where.text(), window.transport.subtitle.text()])


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_nothing_that_is_seen_speaks_of_samples_or_of_a_network(studio, window, noise):
    if noise:
        noisy(studio, noise)
    studio.click(window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1)
    window.race_card.start.click()
    studio.until(lambda frame: len(frame.snapshots) > 1)
    said = seen(window).replace("All samples", "")
    for tile in window.data_card.tiles.values():
        said = said.replace(tile.toolTip(), "")
    assert not [word for word in ("ample", "1–1", "1-1", "alidation", "rain cost") if word in said]
    assert window.transport.subtitle.text() == "Global bowl · landscape"


def test_the_settings_of_a_landscape_stand_first_and_below_its_choice(studio, window):
    rows = window.data_card.landscape
    assert rows.name.currentText() == "Global bowl"
    assert window._column.indexOf(window.data_card) < window._column.indexOf(window.race_card)
    order = [rows.name, rows.start_x, rows.start_z, rows.noise]
    tops = [widget.mapTo(window, widget.rect().topLeft()).y() for widget in order]
    assert tops == sorted(tops)
    assert tops[-1] + rows.noise.height() < window.height() / 2
    for field in order:
        assert field.accessibleName()
        assert field.toolTip()
    rows.name.chosen.emit("saddle")
    studio.until(lambda frame: frame.problem.experiment.data.name == "saddle")
    window.editor.edit("data", {"kind": "generated", "name": "circle"})
    studio.until(lambda frame: not isinstance(frame.problem.experiment.data, Landscape))
    studio.qtbot.waitUntil(lambda: not rows.isVisible())
    window.show_workspace("descent")
    assert window._column.indexOf(window.data_card) > window._column.indexOf(window.race_card)


def test_both_coordinates_of_the_start_can_be_typed_before_the_first_is_there(studio, window):
    rows = window.data_card.landscape
    rows.start_x.typed.emit(1.0)
    rows.start_z.typed.emit(1.25)
    studio.until(lambda frame: frame.problem.experiment.data.start == (1.0, 1.25))


def test_without_noise_no_race_is_of_equal_runs_and_what_stands_there_says_why(studio, window):
    batch = window.training_card.batch
    assert batch.button("batch").isChecked()
    for kind in ("mini", "stochastic"):
        assert not batch.button(kind).isEnabled()
        assert "gradient noise" in batch.button(kind).toolTip()
    for title in ("Batch", "Seeds"):
        assert not offer(window, title).isEnabled()
        assert "Without noise" in offer(window, title).toolTip()
    assert "Optimisers" in window.race_card.start.text()
    studio.click(window.race_card.start)
    studio.until(lambda frame: len(frame.snapshots) == 4)
    window.bridge.send(Step(Unit.EPOCH, 3))
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 3 and len(frame.snapshots) == 4)
    assert len({snapshot.state.theta.tobytes() for snapshot in frame.snapshots}) == 4
    assert not window.race_card.clock.isVisible()
    assert not window.transport.sample.isVisible()
    assert not window.transport.validation_loss.isVisible()
    window.open_restart_lab()
    assert window.lab is None
    assert "Without noise" in window.notice.text


@pytest.mark.parametrize("title", ["Batch", "Seeds"])
def test_with_noise_they_race_and_are_different_runs(studio, window, title):
    noisy(studio, 1.0)
    window.editor.edit("learning.batch_size", 1)
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == 1)
    studio.qtbot.waitUntil(lambda: window.training_card.batch.button("stochastic").isChecked())
    assert offer(window, title).isEnabled()
    offer(window, title).trigger()
    frame = studio.until(lambda frame: len(frame.snapshots) > 1)
    count = len(frame.standings)
    studio.click(window.transport.epoch)
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and len(frame.snapshots) == count)
    assert len({snapshot.state.theta.tobytes() for snapshot in frame.snapshots}) == count
    assert window.race_card.clock.isVisible()
    assert window.transport.sample.text() == "Gradient"
    noisy(studio, 0.0)
    assert len(studio.frame.standings) == 1
    assert studio.frame.undo == "Other gradient noise"


def test_a_batch_that_takes_all_is_called_batch(studio, window):
    noisy(studio, 1.0)
    window.editor.edit("learning.batch_size", 10)
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == 10)
    studio.qtbot.waitUntil(lambda: window.race_card.racers[0].detail.text() == "the exact gradient")
    assert window.training_card.batch.button("batch").isChecked()
    assert window.training_card.of.text() == "exact"
    assert window.race_card.racers[0].title.text() == "Batch"
    studio.click(window.training_card.batch.button("mini"))
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == 4)


def test_a_start_that_moved_is_said_to_be_one(studio, window):
    window.start_from(np.array([0.5, -1.25]))
    frame = studio.until(lambda frame: frame.problem.first_theta.tolist() == [0.5, -1.25])
    assert (frame.message, frame.undo) == ("Starts afresh: another start", "Another start")
    rows = window.data_card.landscape
    studio.qtbot.waitUntil(lambda: rows.start_z.text() == "−1.25")
    assert window.actions_by_name["undo"].text() == "Undo Another start"
    rows.start_x.setText("−0,75")
    rows.start_x.editingFinished.emit()
    studio.until(lambda frame: frame.problem.first_theta.tolist() == [-0.75, -1.25])
    rows.start_x.setText("far")
    rows.start_x.editingFinished.emit()
    studio.qtbot.waitUntil(lambda: rows.start_x.text() == "−0.75")
    assert studio.frame.problem.first_theta.tolist() == [-0.75, -1.25]


def test_the_timeline_counts_gradients(studio, window):
    assert window.timeline.where.text() == "Exact gradient"
    noisy(studio, 1.0)
    window.editor.edit("learning.batch_size", 2)
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == 2)
    window.bridge.send(Step(Unit.PHASE))
    frame = studio.until(lambda frame: frame.snapshots[0].phase is not None)
    assert where_text(frame.problem, frame.snapshots[0]) == "Gradient 1 of 2 · batch 1 of 4"


def test_on_other_data_the_words_are_those_of_data_again(studio, window):
    window.editor.edit("data", {"kind": "generated", "name": "circle"})
    studio.until(lambda frame: not isinstance(frame.problem.experiment.data, Landscape))
    transport = window.transport
    studio.qtbot.waitUntil(lambda: transport.sample.isVisible() and transport.validation_loss.isVisible())
    assert transport.sample.text() == "Sample"
    assert transport.train_loss.accessibleName().startswith("Train cost")
    assert window.actions_by_name["weights"].isEnabled()
    studio.qtbot.waitUntil(lambda: window.training_card.batch.button("mini").isEnabled())
    assert "Batch" in window.race_card.start.text()


# --- races ----------------------------------------------------------------------------------------------------------
def test_what_was_hidden_is_seen_in_another_problem_and_stays_hidden_in_this_one(studio, window):
    card, hidden = window.race_card, []
    card.hidden_changed.connect(hidden.append)
    card.racers[0].eye.click()
    assert hidden == [frozenset({0})]
    window.start_from(np.array([0.5, 0.5]))
    studio.until(lambda frame: frame.problem.first_theta.tolist() == [0.5, 0.5])
    studio.qtbot.waitUntil(lambda: card._problem is studio.frame.problem)
    assert card.hidden == {0}
    window.data_card.landscapeChosen.emit("saddle")
    studio.until(lambda frame: frame.problem.experiment.data.name == "saddle")
    assert hidden[-1] == frozenset()
    card.racers[0].eye.click()
    studio.open("02-circle.json")
    assert hidden[-1] == card.hidden == frozenset()
    assert not card.racers[0].eye.isChecked()


def test_a_name_goes_with_its_run_and_the_main_run_can_be_renamed(studio, window):
    card = window.race_card
    studio.click(card.start)
    studio.until(lambda frame: len(frame.standings) == 4)
    studio.qtbot.waitUntil(lambda: len(card.racers) == 4)
    card.racers[1].renamed.emit("Ball")
    studio.until(lambda frame: frame.standings[1].name == "Ball")
    studio.qtbot.waitUntil(lambda: card.racers[1].title.text() == "Ball")
    window.bridge.send(MakeMain(1))
    frame = studio.until(lambda frame: len(frame.standings) == 4 and frame.standings[0].name == "Ball")
    assert frame.standings[1].name == "Gradient descent"
    studio.qtbot.waitUntil(lambda: card.racers[0].title.text() == "Ball")
    assert [action.text() for action in card.racers[0].menu.actions()] == ["Rename…"]
    card.racers[0].renamed.emit("")
    studio.until(lambda frame: frame.standings[0].name == "Momentum")


def test_a_hand_in_the_middle_of_the_race_is_told(studio, window):
    studio.click(window.race_card.start)
    studio.until(lambda frame: len(frame.standings) == 4)
    window.bridge.send(Step(Unit.EPOCH, 3))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 3 and len(frame.snapshots) == 4)
    hint = window.race_view.hint
    studio.qtbot.waitUntil(lambda: hint.text.endswith("; only the optimiser differs"))
    window.editor.edit("learning.optimizer.learning_rate", 0.01)
    studio.until(lambda frame: frame.standings[0].edited)
    studio.qtbot.waitUntil(lambda: hint.text.endswith("Gradient descent was changed by hand on the way"))


def test_a_cost_in_the_bar_has_digits_that_count_and_moves_nothing(studio, window):
    transport = window.transport
    window.bridge.send(Step(Unit.EPOCH, 1))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1)
    width = transport.train_loss.sizeHint().width()
    for epochs in (30, 50, 200):
        window.bridge.send(Step(Unit.EPOCH, epochs))
        reached = studio.snapshot.state.epoch + epochs
        frame = studio.until(lambda frame, reached=reached: frame.snapshots[0].state.epoch == reached)
        shown = transport.train_loss.accessibleName().removeprefix("Cost ").replace("−", "-")
        assert float(shown) == pytest.approx(frame.snapshots[0].train_loss, rel=1e-3)
        assert transport.train_loss.sizeHint().width() == width


def test_the_cost_plot_speaks_of_no_training_set(studio, window):
    view = window.loss_view
    window.bridge.send(Step(Unit.EPOCH, 3))
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 3)
    studio.qtbot.waitUntil(lambda: len(view.plot.costs) == 4)
    assert view.subtitle.text() == "of each epoch"
    assert [line.split()[0] for line in view.plot.said(3)] == ["epoch", "cost"]
    window.race_card._start_race()
    studio.until(lambda frame: len(frame.snapshots) > 1)
    studio.qtbot.waitUntil(lambda: view.subtitle.text() == "by epochs")
    studio.open("02-circle.json")
    studio.qtbot.waitUntil(lambda: view.subtitle.text() == "of the whole set, each epoch")
    assert view.plot.said(0)[1].startswith("train ")
