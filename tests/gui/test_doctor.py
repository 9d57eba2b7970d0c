"""The doctor through the real window: a hint with its evidence, one at a time, one click to help, and a switch."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication

from ann_studio.engine.messages import ADVICE, Reset, Run, Seek, SetParameters, Status, Step, Undo, Unit
from ann_studio.gui.hint_card import HintCard
from ann_studio.learning.experiment import replace
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource
from tests.gui.test_accessibility import chain, nameless

HANG = 30_000
WILD = {"kind": "sgd", "learning_rate": 5.0}
ZEROS = {"kind": "random", "scheme": "zeros"}


def open_ill(studio, file: str, **changes: Any) -> None:
    """A shipped experiment with changes; ``__`` stands for a dot."""
    experiment = load_experiment(resource("experiments", file))
    for path, value in changes.items():
        experiment = replace(experiment, path.replace("__", "."), value)
    before = studio.window.problem
    studio.window.editor.open(experiment)
    studio.until(lambda frame: frame.problem is not before and frame.status is Status.READY)


def hinted(studio) -> HintCard:
    """The card, once it shows remedies that were tried."""
    card = studio.window.hint_card
    studio.qtbot.waitUntil(lambda: card.isVisible() and any(each.isVisible() for each in card.remedies), timeout=HANG)
    return card


def diverged(studio) -> HintCard:
    open_ill(studio, "04-sine.json", learning__optimizer=WILD)
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.status is Status.DIVERGED)
    # On its way there its cost has exploded, which may have been said.
    studio.qtbot.waitUntil(lambda: studio.window.hint_card.title.text() == "The run diverged", timeout=HANG)
    return hinted(studio)


def consulted(studio) -> None:
    """Wait until the doctor has said of the present frame what there is to say."""
    doctor = studio.window.doctor

    def said() -> bool:
        asked, state = doctor._asked, studio.snapshot.state
        return asked is not None and not doctor._waiting and asked.frame.snapshots[0].state is state

    studio.qtbot.waitUntil(said, timeout=HANG)
    QApplication.processEvents()


# --- a run that diverges --------------------------------------------------------------------------------------------
def test_a_run_that_diverged_trains_on_after_one_click_and_its_cost_falls(studio):
    card = diverged(studio)
    assert card.title.text() == "The run diverged"
    assert "η = 5 is above 2/λmax" in card.sentence.text()
    hint = card.hint
    offer = card.remedies[0]
    back = offer.remedy.back
    assert "stopped being finite" in studio.window.notice.text
    studio.click(offer.button)
    frame = studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 40)
    rate = hint.remedies[0].changes
    assert frame.problem.experiment.learning.optimizer.learning_rate == rate[0][1]
    path = frame.snapshots[0].path
    assert back in path.updates
    assert frame.snapshots[0].train_loss < 0.25 * frame.snapshots[0].trace[0, 2]
    assert not card.isVisible()
    # Nothing of the run that diverged stands in the way of the one that does not.
    assert "stopped being finite" not in studio.window.notice.text or not studio.window.notice.isVisible()
    assert studio.window.loss_view.plot.value_range()[1] < 1e6
    largest = np.abs(frame.snapshots[0].state.theta).max()
    studio.qtbot.waitUntil(lambda: studio.window.network_view.graph.w_ref < 10 * largest)


def test_it_goes_on_with_the_very_weights_of_the_moment_before(studio):
    card = diverged(studio)
    remedy = card.remedies[0].remedy
    theta = studio.snapshot.path.thetas[list(studio.snapshot.path.updates).index(remedy.back)].copy()
    studio.click(card.remedies[0].button)
    studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.update > remedy.back + 2)
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.status is Status.PAUSED)
    studio.window.bridge.send(Undo())
    frame = studio.until(lambda frame: frame.snapshots[0].state.update == remedy.back)
    assert np.array_equal(frame.snapshots[0].state.theta, theta)
    assert frame.problem.experiment.learning.optimizer.learning_rate == 5.0


def test_a_cost_that_explodes_while_it_trains_is_told_and_one_click_brings_it_down(studio):
    open_ill(studio, "01-spiral.json", learning__optimizer={"kind": "sgd", "learning_rate": 900.0})
    studio.click(studio.window.transport.play)
    card = hinted(studio)
    assert card.title.text() == "The cost exploded"
    assert studio.frame.status is Status.TRAINING
    worst = studio.snapshot.train_loss
    studio.click(card.remedies[0].button)
    frame = studio.until(
        lambda frame: (
            frame.problem.experiment.learning.optimizer.learning_rate < 900 and frame.snapshots[0].state.epoch > 30
        )
    )
    assert frame.snapshots[0].train_loss < 0.69 < worst


def test_the_layer_where_it_began_is_marked_until_the_run_goes_on(studio):
    card = diverged(studio)
    graph = studio.window.network_view.graph
    assert graph.marked == card.hint.layer
    assert graph.accessibleDescription() == f"Warning at {'output' if graph.marked == 2 else 'hidden 1'}"
    before = graph.grab().toImage()
    studio.click(card.decline)
    assert not card.isVisible()
    assert graph.marked is not None
    studio.window.bridge.send(Reset())
    studio.until(lambda frame: frame.snapshots[0].state.update == 0)
    assert graph.marked is None
    assert graph.accessibleDescription() == ""
    assert graph.grab().toImage() != before


def test_the_advice_of_the_message_gives_way_to_the_hint(studio):
    diverged(studio)
    assert ADVICE in studio.frame.message
    assert "stopped being finite" in studio.window.notice.text
    assert ADVICE.strip() not in studio.window.notice.text


def test_after_an_undo_of_the_seek_a_hint_does_not_come_too_late(studio):
    card = diverged(studio)
    studio.window.bridge.send(Seek(0))
    studio.until(lambda frame: frame.snapshots[0].state.update == 0 and frame.status is Status.READY)
    consulted(studio)
    assert not card.isVisible()


# --- other illnesses ------------------------------------------------------------------------------------------------
def test_zero_weights_are_told_at_once_and_one_click_draws_others_and_trains(studio):
    open_ill(studio, "01-spiral.json", initial=ZEROS)
    card = hinted(studio)
    assert card.title.text() == "All neurons of a layer are the same"
    assert "neurons alike = 8" in card.evidence.text()
    assert studio.window.network_view.graph.marked == 1
    studio.click(card.remedies[0].button)
    frame = studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 20)
    assert frame.problem.experiment.initial.scheme == "xavier"
    assert frame.snapshots[0].train_loss < 0.69
    assert not card.isVisible()
    assert studio.window.network_view.graph.marked is None


def test_a_dead_layer_is_told_and_undo_leads_back_to_it(studio):
    hidden = [{"units": 6, "activation": "relu"}]
    open_ill(
        studio, "01-spiral.json", network__hidden=hidden, initial={"kind": "random", "scheme": "he", "bias": -100.0}
    )
    card = hinted(studio)
    assert card.title.text() == "A layer is dead"
    studio.click(card.remedies[0].button)
    studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 1)
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.status is Status.PAUSED)
    studio.window.bridge.send(Undo())
    studio.until(lambda frame: getattr(frame.problem.experiment.initial, "bias", 0) == -100.0)
    assert hinted(studio).title.text() == "A layer is dead"


def test_a_hint_stays_while_the_network_trains_on_with_it(studio):
    open_ill(studio, "01-spiral.json", initial=ZEROS)
    card = hinted(studio)
    said, buttons = card.sentence.text(), [each.button.text() for each in card.remedies if each.isVisible()]
    studio.window.bridge.send(Run())
    studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 3)
    assert card.isVisible()
    assert (card.sentence.text(), [each.button.text() for each in card.remedies if each.isVisible()]) == (said, buttons)


def test_a_healthy_run_is_left_in_peace(studio):
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.snapshots[0].state.epoch > 60)
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.status is Status.PAUSED)
    consulted(studio)
    assert not studio.window.hint_card.isVisible()


def test_a_weight_that_was_set_by_hand_is_no_explosion(studio):
    studio.open("04-sine.json")
    window = studio.window
    window.bridge.send(Step(Unit.EPOCH, 60))
    studio.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.epoch == 60)
    window.bridge.send(SetParameters((20,), (90.0,)))
    studio.until(lambda frame: frame.effect is not None)
    window.bridge.send(Step(Unit.UPDATE))
    frame = studio.until(lambda frame: frame.effect is None and frame.status is Status.PAUSED)
    assert frame.snapshots[0].train_loss > 20 * frame.snapshots[0].trace[-1, 2]
    consulted(studio)
    assert not window.hint_card.isVisible()


def test_a_hand_that_drags_is_not_asked_about_at_each_step(studio, monkeypatch):
    consulted(studio)
    asked, consult = [], studio.window.bridge.consult

    def count(question) -> None:
        asked.append(question)
        consult(question)

    monkeypatch.setattr(studio.window.bridge, "consult", count)
    for step in range(1, 31):
        studio.window.bridge.send(SetParameters((0,), (step / 100,), gesture=7))
        studio.until(lambda frame, to=step / 100: frame.snapshots[0].state.theta[0] == to)
    consulted(studio)
    assert asked[-1].frame.snapshots[0].state.theta[0] == 0.3
    assert len(asked) < 10


# --- one at a time, not now, never ----------------------------------------------------------------------------------
def test_there_is_never_more_than_one_hint(studio):
    """A network that is ill in several ways at once."""
    hidden = [{"units": 6, "activation": "relu"}, {"units": 6, "activation": "tanh"}]
    initial = {"kind": "random", "scheme": "zeros", "bias": -100.0}
    open_ill(studio, "01-spiral.json", network__hidden=hidden, initial=initial)
    card = hinted(studio)
    assert len(studio.window.findChildren(HintCard)) == 1
    assert card.title.text() == "All neurons of a layer are the same"
    shown = [card.title.text()]
    for _ in range(4):
        if not card.isVisible():
            break
        studio.click(card.decline)
        assert not card.isVisible()
        studio.click(studio.window.transport.epoch)
        epoch = studio.snapshot.state.epoch
        studio.until(
            lambda frame, epoch=epoch: frame.snapshots[0].state.epoch > epoch and frame.status is Status.PAUSED
        )
        consulted(studio)
        shown += [card.title.text()] if card.isVisible() else []
    assert len(set(shown)) == len(shown) > 1
    assert "A layer is dead" in shown


def test_what_is_declined_is_not_said_again_in_this_run_but_in_the_next(studio):
    open_ill(studio, "01-spiral.json", initial=ZEROS)
    card = hinted(studio)
    studio.click(card.decline)
    studio.click(studio.window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    consulted(studio)
    assert not card.isVisible()
    open_ill(studio, "02-circle.json", initial=ZEROS)
    hinted(studio)


def test_hints_can_be_switched_off_and_that_is_remembered(studio):
    card, action = diverged(studio), studio.window.actions_by_name["hints"]
    assert action.isChecked()
    assert action.shortcut().toString() == "Ctrl+Shift+H"
    action.trigger()
    assert not card.isVisible()
    assert studio.window.network_view.graph.marked is None
    settings = QSettings(str(studio.folder / "settings.ini"), QSettings.Format.IniFormat)
    assert studio.window.settings.value("hints") == "false"
    studio.window.settings.sync()
    assert settings.value("hints") == "false"
    open_ill(studio, "04-sine.json", learning__optimizer=WILD)
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.status is Status.DIVERGED)
    studio.qtbot.waitUntil(lambda: ADVICE.strip() in studio.window.notice.text)
    studio.qtbot.wait(200)
    assert not card.isVisible()
    action.trigger()
    assert hinted(studio).title.text() == "The run diverged"


def test_in_a_low_window_a_hint_takes_two_lines_and_tooltips_have_the_rest(studio):
    card = diverged(studio)
    tall, said = card.height(), card.sentence.text()
    studio.window.resize(1000, 640)
    studio.qtbot.waitUntil(lambda: card.is_compact and card.height() < 0.6 * tall)
    assert card.line.toolTip() == said
    assert card.remedies[0].button.isVisible()
    assert "tried: cost" in card.remedies[0].button.toolTip()
    assert not card.evidence.isVisible()
    studio.window.resize(1600, 1000)
    studio.qtbot.waitUntil(lambda: card.evidence.isVisible() and card.height() > 0.8 * tall)


@pytest.mark.parametrize("height", [1000, 640])
def test_nothing_moves_once_its_remedies_were_tried(studio, height):
    card = diverged(studio)
    studio.window.resize(1600, height)
    studio.qtbot.waitUntil(lambda: card.is_compact == (height < 700))
    studio.qtbot.wait(50)
    hint, offered = card.hint, card.height()
    card.show_hint(dataclasses.replace(hint, remedies=()), final=False)
    QApplication.processEvents()
    assert card.trying.isVisible()
    assert card.height() == offered
    card.show_hint(hint, final=True)
    QApplication.processEvents()
    assert card.height() == offered


def test_its_controls_are_named_and_come_before_those_of_the_views(studio):
    card = diverged(studio)
    window = studio.window
    assert nameless(window.centralWidget()) == []
    stops = chain(window)
    inside = [widget for widget in stops if card.isAncestorOf(widget)]
    assert inside[0] is card.decline
    assert len(inside) == 1 + sum(offer.isVisible() for offer in card.remedies)
    at = [stops.index(widget) for widget in inside]
    assert at == list(range(at[0], at[-1] + 1))
    views = [stops.index(widget) for widget in stops if window.network_view.isAncestorOf(widget)]
    cards = [stops.index(widget) for widget in stops if window.training_card.isAncestorOf(widget)]
    assert max(cards) < at[0] < at[-1] < min(views)


# --- by keyboard ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", [Qt.Key.Key_1, Qt.Key.Key_0])
def test_every_button_of_a_hint_has_a_key_and_says_what_it_does(studio, key):
    card = diverged(studio)
    assert card.accessibleName().startswith("Hint: The run diverged. The largest weight")
    button = card.remedies[0].button
    assert button.accessibleName().startswith("Set η to ")
    assert "tried: cost" in button.accessibleName()
    assert "Goes on from update " in button.toolTip()
    assert "(Alt+Shift+1)" in button.toolTip()
    assert "(Alt+Shift+0)" in card.decline.toolTip()
    studio.window.activateWindow()
    studio.qtbot.keyClick(studio.window, key, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    if key == Qt.Key.Key_1:
        studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 3)
    else:
        studio.qtbot.waitUntil(lambda: not card.isVisible())
        assert studio.frame.status is Status.DIVERGED
