"""The cards show the experiment that runs, ask for edits, and every edit arrives in the window's network."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from ann_studio.data.dataset import Classes
from ann_studio.data.generators import GENERATORS
from ann_studio.engine.messages import Status
from ann_studio.gui.cards.data import DataCard
from ann_studio.gui.cards.network import NetworkCard
from ann_studio.gui.cards.training import TrainingCard
from ann_studio.storage.resources import resource
from tests.gui.views.frames import experiment, posed, press, trained

RANDOM = np.random.default_rng(2)


@pytest.fixture(params=[DataCard, NetworkCard, TrainingCard], ids=lambda card: card.__name__)
def card(request, qtbot):
    card = request.param()
    qtbot.addWidget(card)
    return card


@pytest.mark.parametrize("file", ["02-circle.json", "04-sine.json", "iris.json", "worked-example.json", "trap.json"])
def test_showing_any_experiment_asks_for_nothing(file, card):
    asked = []
    card.edited.connect(lambda path, value: asked.append((path, value)))
    for _ in range(2):
        card.show_problem(trained(file, 0).problem)
        card.show_problem(trained(experiment(), 0).problem)
    assert asked == []


# --- through the window ---------------------------------------------------------------------------------------------


def test_each_tile_opens_its_data_and_only_it_is_pressed(studio):
    card = studio.window.data_card
    for name in ("xor", "sine", "trap", "moons", "plane"):
        studio.click(card.tiles[name])
        studio.until(lambda frame, name=name: frame.problem.experiment.data.name == name)
        assert [key for key, tile in card.tiles.items() if tile.isChecked()] == [name]
        dataset = studio.frame.problem.dataset
        assert card.subtitle.text() == f"{dataset.rows} points"
        assert card.noise.isVisible() == (not GENERATORS[name].fixed)
    for action, name in zip(card.gates.actions(), ("and", "or", "xor_gate", "nand"), strict=True):
        action.trigger()
        studio.until(lambda frame, name=name: frame.problem.experiment.data.name == name)
    assert card.tiles["gate"].isChecked()


def test_shares_noise_and_samples_reach_the_data(studio):
    card = studio.window.data_card
    for slider, position, reached in (
        (card.share.slider, 12, lambda p: len(p.train) == round(0.7 * p.dataset.rows)),
        (card.noise.slider, 20, lambda p: p.experiment.data.noise == 0.2),
        (card.samples.slider, 1, lambda p: p.dataset.rows == 50),
        (card.test.slider, 2, lambda p: len(p.test) == 5),
    ):
        slider.setValue(position)
        studio.until(lambda frame, reached=reached: reached(frame.problem))
    assert card.share.value.text() == "70 %"


def test_new_points_are_others_of_the_same_kind(studio):
    before = studio.frame.problem.dataset.inputs
    studio.click(studio.window.data_card.fresh)
    studio.until(lambda frame: not np.array_equal(frame.problem.dataset.inputs, before))
    assert studio.frame.problem.experiment.data.name == "circle"


def test_layers_are_added_changed_and_removed(studio):
    card = studio.window.network_card
    studio.click(card.add)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 4, 2, 2, 1))
    studio.click(card.layers[1].units.more)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 4, 3, 2, 1))
    studio.click(card.layers[0].remove)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 3, 2, 1))
    studio.click(card.layers[1].remove)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 3, 1))
    studio.click(card.layers[0].remove)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 1))
    assert card.layers == []


def test_the_activations_of_all_layers_stand_in_one_column(studio):
    card = studio.window.network_card
    edges = [choice.mapTo(card, choice.rect().topRight()).x() for choice in (card.features, card.output_activation)]
    edges += [row.activation.mapTo(card, row.activation.rect().topRight()).x() for row in card.layers]
    assert len(card.layers) == 2
    assert len(set(edges)) == 1


def test_layers_added_in_quick_succession_are_all_added(studio):
    for _ in range(3):
        studio.window.network_card.add.click()
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 4, 2, 2, 2, 2, 1))


def test_features_are_ticked_in_their_menu(studio):
    card = studio.window.network_card
    action = next(action for action in card.features.menu.actions() if "²" in action.text())
    action.trigger()
    studio.until(lambda frame: frame.problem.architecture.sizes[0] == 3)
    assert card.inputs.text() == "3"
    assert action.isChecked()


def test_twelve_layers_of_1024_units_are_asked_for_and_shown(studio):
    hidden = [{"units": 1024, "activation": "relu"}] * 12
    studio.window.editor.edit("network.hidden", hidden)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, *[1024] * 12, 1) and frame.pictures is not None)
    card = studio.window.network_card
    assert [row.units.field.text() for row in card.layers] == ["1024"] * 12
    assert studio.window.network_view.subtitle.text().startswith(f"{studio.frame.problem.architecture.parameters:,}")
    studio.window.editor.edit("network.hidden", [])
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 1))


def test_nonsense_is_refused_in_words_and_the_truth_is_shown_again(studio):
    card, notice = studio.window.training_card, studio.window.notice
    card.unfold.setChecked(True)
    for field, text, words in (
        ("rate", "fast", "Learning rate η: expected a number"),
        ("rate", "−1", "Learning rate η: expected a number > 0"),
        ("samples", "0", "Batch size: expected a whole number >= 1"),
        ("epochs", "1.5", "Epochs: expected a whole number"),
        ("clip", "0", "Clip gradients to: expected a number > 0"),
    ):
        notice.say("nothing yet")
        control = getattr(card, field)
        truth, experiment_before = control.text(), studio.frame.problem.experiment
        control.setText(text)
        studio.qtbot.keyClick(control, Qt.Key.Key_Return)
        assert notice.property("tone") == "error", words
        assert notice.text.partition(":")[2].strip().startswith(words.partition(":")[2].strip())
        assert control.text() == truth, words
        assert studio.frame.problem.experiment == experiment_before, words


def test_units_that_cannot_be_are_refused_in_words(studio):
    units = studio.window.network_card.layers[0].units
    units.field.setText("99999")
    studio.qtbot.keyClick(units.field, Qt.Key.Key_Return)
    assert studio.window.notice.text == "Units: expected a whole number <= 4096"
    assert units.field.text() == "4"


def test_a_learning_rate_is_typed_with_a_decimal_comma_and_the_weights_stay(studio):
    studio.click(studio.window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    theta = studio.snapshot.state.theta
    rate = studio.window.training_card.rate
    rate.setText("0,125")
    studio.qtbot.keyClick(rate, Qt.Key.Key_Return)
    frame = studio.until(lambda frame: frame.problem.experiment.learning.optimizer.learning_rate == 0.125)
    assert np.array_equal(frame.snapshots[0].state.theta, theta)
    assert rate.text() == "0.125"


def test_gradients_are_clipped_live_and_an_empty_field_lets_them_be(studio):
    studio.click(studio.window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    theta, card = studio.snapshot.state.theta, studio.window.training_card
    studio.click(card.unfold)
    assert card.clip.text() == ""
    for text, value in (("0,5", 0.5), ("", None)):
        card.clip.setText(text)
        studio.qtbot.keyClick(card.clip, Qt.Key.Key_Return)
        frame = studio.until(lambda frame, value=value: frame.problem.experiment.learning.clip_norm == value)
        assert np.array_equal(frame.snapshots[0].state.theta, theta)
        assert frame.undo == "Change of gradient clipping"


def test_the_optimiser_chosen_again_keeps_its_numbers(studio):
    card = studio.window.training_card
    studio.window.editor.edit("learning.optimizer", {"kind": "adam", "learning_rate": 0.2, "betas": [0.5, 0.6]})
    studio.until(lambda frame: frame.problem.experiment.learning.optimizer.learning_rate == 0.2)
    card.optimizer.activated.emit(card.optimizer.currentIndex())
    studio.click(card.batch.button("mini"))
    QApplication.processEvents()
    assert studio.window.document.experiment.learning.optimizer.betas == (0.5, 0.6)


# --- tables ---------------------------------------------------------------------------------------------------------


def test_the_card_names_the_file_of_one_s_own_table(studio, tmp_path):
    own = tmp_path / "iris.csv"
    own.write_bytes(resource("datasets", "iris.csv").read_bytes())
    card = studio.window.data_card
    studio.open("iris.json")
    assert (card.subtitle.text(), card.tiles["iris"].isChecked()) == ("150 rows", True)
    studio.window.editor.edit("data.path", str(own))
    studio.until(lambda frame: frame.problem.experiment.data.path == str(own))
    assert card.subtitle.text() == "150 rows of iris.csv"
    assert [key for key, tile in card.tiles.items() if tile.isChecked()] == ["table"]


def test_notes_stay_short_and_the_tooltip_has_them_all(qtbot):
    card = DataCard()
    qtbot.addWidget(card)
    rows = RANDOM.normal(size=(20, 3))
    problem = posed(rows, Classes("k", ("a", "b")), np.arange(20)[:, None] % 2.0)
    notes = tuple(f"“column_{k}” is the same in every row and was set aside." for k in range(5))
    for count, shown in ((0, ""), (1, notes[0]), (2, " ".join(notes[:2])), (5, " ".join(notes[:2]) + " … 3 more")):
        object.__setattr__(problem.dataset, "notes", notes[:count])
        card.show_problem(problem)
        assert card.note.text() == shown
        assert card.note.isVisibleTo(card) == bool(count)
        assert card.note.toolTip() == ("\n".join(notes) if count > 2 else "")


def test_a_long_name_without_spaces_does_not_widen_the_card(qtbot):
    card = DataCard()
    qtbot.addWidget(card)
    problem = posed(RANDOM.normal(size=(20, 3)), Classes("k", ("a", "b")), np.arange(20)[:, None] % 2.0)
    object.__setattr__(problem.dataset, "notes", (f"“{'x' * 120}” was set aside.",))
    card.show_problem(problem)
    assert card.minimumSizeHint().width() <= 280


# --- drawing through the window -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["button", "tile"])
def test_drawn_points_become_data_that_the_network_learns(by, studio):
    window = studio.window
    before = studio.frame.problem
    studio.click(window.output_view.draw if by == "button" else window.data_card.tiles["draw"])
    canvas = window.output_view.canvas
    assert canvas.is_drawing
    places = ((2.0, -3.0, Qt.MouseButton.LeftButton), (-4.0, 1.0, Qt.MouseButton.RightButton))
    for x, y, button in places:
        press(canvas, canvas.stage().to_pixel(x, y), button)
    studio.click(window.output_view.draw)
    frame = studio.until(lambda frame: frame.problem is not before and frame.pictures is not None)
    problem = frame.problem
    # The button adds to the points there are, the tile begins on an empty plane.
    assert problem.dataset.rows == (before.dataset.rows + 2 if by == "button" else 2)
    assert problem.architecture == before.architecture
    at = len(before.train) if by == "button" else 0
    assert problem.dataset.inputs[at : at + 2] == pytest.approx(np.array([place[:2] for place in places]), abs=0.03)
    assert problem.dataset.targets[at : at + 2, 0].tolist() == [1.0, 0.0]
    assert set(problem.train.targets[:, 0].tolist()) == {-1.0, 1.0}, "coded as the tanh output has them"
    assert window.data_card.tiles["draw"].isChecked()
    studio.click(window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1)


def test_on_iris_one_draws_on_an_empty_plane(studio):
    window = studio.window
    studio.open("iris.json")
    before = studio.frame.problem
    studio.click(window.data_card.tiles["draw"])
    canvas = window.output_view.canvas
    for k in range(6):
        x, button = ((2.0 + k / 5, Qt.MouseButton.LeftButton), (-2.0 - k / 5, Qt.MouseButton.RightButton))[k % 2]
        press(canvas, canvas.stage().to_pixel(x, 1.0), button)
    studio.click(window.output_view.draw)
    frame = studio.until(lambda frame: frame.problem is not before and frame.pictures is not None)
    assert frame.problem.dataset.rows == 6
    assert frame.problem.architecture.sizes == (2, 8, 1)
    assert frame.problem.dataset.target.labels == ("B", "A")
