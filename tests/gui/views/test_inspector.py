"""The inspector: every number that it holds is the engine's, and what it says of them is so."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from ann_studio.analysis.layers import layer_history
from ann_studio.analysis.neuron import over_training
from ann_studio.engine.messages import Inspected, Status, Unanswered
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.theme import DARK, LIGHT, number
from ann_studio.gui.views.inspector import InspectorView, bars, history, strips, words
from ann_studio.gui.views.inspector.pages import EdgeNow, Layers, Maps, NeuronNow, Past, Saying
from ann_studio.learning import phases
from ann_studio.learning.state import Subject
from ann_studio.nn import backprop
from tests.gui.views.frames import colour_at, experiment, far, frame_of, frame_with, picture, press, rgb, show, trained

TABS = ("now", "map", "history", "layers")


@pytest.fixture
def view(qtbot):
    view = InspectorView()
    show(qtbot, view, 416, 236)
    return view


def with_phase(frame, phase):
    """The same frame at a phase."""
    snapshot = dataclasses.replace(frame.snapshots[0], phase=phase)
    return dataclasses.replace(frame, snapshots=(snapshot,), serial=frame.serial + 1)


def answered(view, frame):
    """Answers what the view asks for, as the surveyor does."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    asked = []

    def answer(inspection):
        asked.append(inspection)
        is_layers = inspection.about == "layers"
        found = layer_history(problem, snapshot) if is_layers else over_training(problem, snapshot.state.theta)
        view.show_inspected(Inspected(inspection, found))

    view.inspection_wanted.connect(answer)
    return asked


def test_with_nothing_selected_it_says_in_one_sentence_how_to_select(view):
    view.show_frame(frame_of(trained(experiment(), 1)))
    assert isinstance(view.page, Saying)
    assert view.page.text == words.NOTHING
    assert "Click a neuron" in view.canvas.accessibleDescription()


@pytest.mark.parametrize("file", ["02-circle.json", "iris.json", "04-sine.json", "worked-example.json", "digits.json"])
def test_the_numbers_of_a_neuron_are_those_of_the_engine_and_add_up(view, file):
    trainer = trained(file, 2)
    frame = frame_of(trainer, pictures=False)
    problem, theta = trainer.problem, trainer.theta
    book = backprop.forward(problem.architecture, theta, problem.train.inputs[:1])
    view.show_frame(frame)
    for layer, units in enumerate(problem.architecture.sizes[1:]):
        for unit in (0, units - 1):
            view.inspect(NeuronPoint(layer + 1, unit))
            page = view.page
            assert isinstance(page, NeuronNow)
            total = math.fsum(term.value for term in page.terms) + page.others[1] + page.at.bias
            assert total == pytest.approx(page.at.z, rel=1e-12, abs=1e-12)
            assert page.at.z == pytest.approx(book.pre_activations[layer][0, unit], rel=1e-12, abs=1e-12)
            assert page.at.a == pytest.approx(book.activations[layer + 1][0, unit], rel=1e-12, abs=1e-12)
            assert number(page.at.z) in view.canvas.accessibleDescription()
            assert len(page.terms) + page.others[0] == problem.architecture.sizes[layer]


def test_of_a_phase_the_numbers_are_those_of_its_sample(view):
    trainer = trained(experiment(), 2)
    problem, state = trainer.problem, trainer.snapshot().state
    frame = frame_of(trainer)
    view.inspect(NeuronPoint(1, 2))
    view.show_frame(frame)
    row = int(problem.train.rows[0]) + 1
    assert view.page.sample == f"sample {row}, the first"
    phase = phases.phase(problem, state, 9)
    view.show_frame(with_phase(frame, phase))
    assert view.page.sample == f"sample {int(problem.train.rows[phase.row]) + 1}"
    assert view.page.at.z == phase.pre_activations[0][2]
    assert view.page.at.a == phase.activations[1][2]
    looked_at = phases.subject_phase(problem, state, Subject("validation", 4), 3)
    view.show_frame(with_phase(frame, looked_at))
    assert view.page.sample == f"sample {int(problem.validation.rows[4]) + 1} (validation)"
    assert view.page.at.z == looked_at.pre_activations[0][2]
    own = phases.subject_phase(problem, state, Subject("own", inputs=(0.3, -0.2)), 0)
    view.show_frame(with_phase(frame, own))
    assert view.page.sample == "your own input"
    assert view.page.at.z == own.pre_activations[0][2]


def test_the_screen_reader_hears_z_a_slope_and_the_strongest_contributions(view):
    trainer = trained(experiment(), 2)
    view.show_frame(frame_of(trainer))
    view.inspect(NeuronPoint(2, 1))
    at, said = view.page.at, view.canvas.accessibleDescription()
    strongest = max(view.page.terms, key=lambda term: abs(term.value))
    assert said.startswith("Hidden 2 neuron 2, sample ")
    for part in (f"z {number(at.z)}", f"a {number(at.a)}", f"slope {number(at.slope)}", "bias"):
        assert part in said
    assert f"strongest: {strongest.label} {number(strongest.value, sign=True)}" in said


# --- bars -----------------------------------------------------------------------------------------------------------
def test_of_a_large_layer_the_strongest_have_bars_and_the_rest_one(view):
    trainer = trained("digits.json", 1)
    view.show_frame(frame_of(trainer, pictures=False))
    view.inspect(NeuronPoint(1, 5))
    at = view.page.at
    rows = bars.rows_of(view.page, 9)
    assert len(rows) == 9
    assert rows[-1].label == "bias"
    assert rows[-2].label == f"{len(at.contributions) - 7} more"
    kept = [row.source for row in rows[:-2]]
    assert sorted(kept) == kept
    weakest = np.abs(at.contributions[kept]).min()
    assert (np.abs(np.delete(at.contributions, kept)) <= weakest).all()
    assert sum(row.value for row in rows) == pytest.approx(at.z, rel=1e-12, abs=1e-12)


def test_it_says_about_equal_where_the_rounded_terms_do_not_add_up(view):
    trainer = trained(experiment(), 2)
    view.show_frame(frame_of(trainer))
    seen = set()
    for layer, units in ((1, 4), (2, 3)):
        for unit in range(units):
            view.inspect(NeuronPoint(layer, unit))
            at = view.page.at
            shown = [term.value for term in view.page.terms] + [at.bias]
            exact = sum(round(1000 * value) for value in shown) == round(1000 * at.z)
            assert words.adds_up(at, shown) is exact
            seen.add(exact)
    assert seen == {True, False}


def test_bars_are_told_apart_without_colour(view):
    trainer = trained(experiment(), 2)
    view.show_frame(frame_of(trainer))
    for unit in range(4):
        view.inspect(NeuronPoint(1, unit))
        image = picture(view.canvas)
        left, _ = view.canvas.halves()
        rows = bars.rows_of(view.page, bars.room_for(left.height()))
        largest = max(range(len(rows)), key=lambda k: abs(rows[k].value))
        place = bars.rects(rows, left)[largest]
        hue = rgb(LIGHT.positive if rows[largest].value > 0 else LIGHT.negative)
        y = place.center().y()
        colours = [colour_at(image, QPointF(x, y)) for x in range(int(place.left()), int(place.right() - 60))]
        plain = sum(far(colour, hue) < 12 for colour in colours)
        if rows[largest].value > 0:
            assert plain > 20
        else:
            # Hatched: most of it is lighter than the stroke.
            assert 0 < plain < 0.7 * sum(far(colour, rgb(LIGHT.card)) > 20 for colour in colours)


def test_a_click_on_a_bar_selects_its_connection_and_so_do_the_keys(view, qtbot):
    view.show_frame(frame_of(trained(experiment(), 1)))
    view.inspect(NeuronPoint(2, 1))
    chosen = []
    view.edge_chosen.connect(chosen.append)
    left, _ = view.canvas.halves()
    rows = bars.rows_of(view.page, bars.room_for(left.height()))
    press(view.canvas, bars.rects(rows, left)[2].center())
    view.canvas.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(view.canvas, key)
    # The bias has no connection.
    for _ in range(9):
        qtbot.keyClick(view.canvas, Qt.Key.Key_Down)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Return)
    assert chosen == [WeightPoint(1, 2, 1), WeightPoint(1, 1, 1), WeightPoint(1, 3, 1)]


# --- warnings -------------------------------------------------------------------------------------------------------
def relu_frame(bias: float):
    trainer = trained(experiment(network={"hidden": [{"units": 4, "activation": "relu"}]}), 2)
    theta = trainer.theta.copy()
    theta[trainer.problem.architecture.bias_index(0, 1)] = bias
    return frame_with(trainer.problem, theta)


def test_a_relu_that_is_off_for_all_samples_is_dead(view):
    frame = relu_frame(-500.0)
    view.show_frame(frame)
    view.inspect(NeuronPoint(1, 1))
    assert view.warning.text.startswith(f"Dead: z < 0 for all {len(frame.problem.train)} training samples")
    assert view.page.share == f"off for 100 % of {len(frame.problem.train)}"
    view.inspect(NeuronPoint(1, 0))
    assert view.warning.text == ""
    view.show_frame(relu_frame(500.0))
    view.inspect(NeuronPoint(1, 1))
    assert view.warning.text == ""
    assert view.page.share == f"off for 0 % of {len(frame.problem.train)}"


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_a_unit_without_slope_for_most_samples_is_saturated(view, name):
    trainer = trained(experiment(network={"hidden": [{"units": 4, "activation": name}]}), 1)
    theta = trainer.theta.copy()
    theta[trainer.problem.architecture.bias_index(0, 3)] = 90.0
    view.show_frame(frame_with(trainer.problem, theta))
    view.inspect(NeuronPoint(1, 3))
    assert view.warning.text.startswith("Saturated: its slope is tiny for 100 % of")
    # An output may be as sure as it likes.
    theta = trainer.theta.copy()
    theta[-1] = 90.0
    view.show_frame(frame_with(trainer.problem, theta))
    view.inspect(NeuronPoint(2, 0))
    assert view.warning.text == ""


def test_what_was_counted_at_other_parameters_is_said_to_be_of_before(view):
    trainer = trained("digits.json", 1)
    first = frame_of(trainer, pictures=False)
    view.inspect(NeuronPoint(1, 4))
    answered(view, first)
    view.show_frame(first)
    assert view.page.share.startswith("off for ")
    view.inspection_wanted.disconnect()
    trainer.run(epochs=1)
    view.show_frame(dataclasses.replace(frame_of(trainer, pictures=False), problem=first.problem))
    assert view.page.share.startswith("was off for ")
    view.inspect(WeightPoint(0, 1, 4))
    assert view.page.facts[0].of == "training set, a moment ago"


def test_a_share_is_all_or_none_only_if_it_is():
    assert [words._percent(part) for part in (0.0, 0.001, 0.014, 0.996, 1.0)] == [
        "0 %", "< 1 %", "1 %", "> 99 %", "100 %",
    ]  # fmt: skip


# --- a connection ---------------------------------------------------------------------------------------------------
def test_a_connection_has_its_value_and_its_gradients_each_with_what_it_is_of(view):
    trainer = trained(experiment(), 2)
    problem, snapshot = trainer.problem, trainer.snapshot()
    frame, index = frame_of(trainer), trainer.problem.architecture.weight_index(1, 2, 0)
    view.show_frame(frame)
    view.inspect(WeightPoint(1, 2, 0))
    page = view.page
    assert isinstance(page, EdgeNow)
    assert page.value == trainer.theta[index]
    loss = str(problem.experiment.learning.loss)
    whole = backprop.gradient(problem.architecture, trainer.theta, problem.train.inputs, problem.train.targets, loss)
    assert float(page.facts[0].value.replace("−", "-")) == pytest.approx(whole[index], rel=6e-3)
    assert page.facts[0].of == "training set"
    # Forward the error has not come back; at the end of the second sample it has, twice.
    per_sample = phases.phases_per_sample(problem)
    view.show_frame(with_phase(frame, phases.phase(problem, snapshot.state, 1)))
    assert [fact.value for fact in view.page.facts[1:2]] == ["not yet"]
    phase = phases.phase(problem, snapshot.state, 2 * per_sample - 1)
    view.show_frame(with_phase(frame, phase))
    facts = {fact.of: float(fact.value.replace("−", "-")) for fact in view.page.facts[:3]}
    sample = f"sample {int(problem.train.rows[phase.row]) + 1}"
    assert facts[sample] == pytest.approx(phase.sample_gradient[index], rel=6e-3)
    assert facts["batch, 2 of 7 so far"] == pytest.approx(phase.gradient[index], rel=6e-3)


def test_it_says_whether_training_moves_a_connection(view):
    trainer = trained(experiment(), 2)
    frame = frame_of(trainer)
    index = trainer.problem.architecture.weight_index(0, 1, 2)
    state = frame.snapshots[0].state
    view.inspect(WeightPoint(0, 1, 2))
    said = []
    for change in ({}, {"frozen": np.array([index])}, {"pruned": np.array([index])}):
        snapshot = dataclasses.replace(frame.snapshots[0], state=dataclasses.replace(state, **change))
        view.show_frame(dataclasses.replace(frame, snapshots=(snapshot,)))
        said.append(view.page.state)
    assert said == ["", "frozen", "deleted, kept at 0"]
    assert "deleted, kept at 0" in view.canvas.accessibleDescription()


# --- history --------------------------------------------------------------------------------------------------------
def test_the_history_is_made_of_true_points_of_the_path_and_ends_at_the_present(view):
    trainer = trained(experiment(), 20)
    snapshot, problem = trainer.snapshot(), trainer.problem
    view.show_frame(frame_of(trainer))
    view.inspect(NeuronPoint(2, 1))
    view.tabs.button("history").click()
    page = view.page
    assert isinstance(page, Past)
    indices = [problem.architecture.weight_index(1, source, 1) for source in range(4)]
    bias = problem.architecture.bias_index(1, 1)
    for update, values, its_bias in zip(page.updates[:-1], page.values, page.bias, strict=False):
        row = int(np.flatnonzero(snapshot.path.updates == update)[-1])
        assert np.array_equal(values, snapshot.path.thetas[row, indices])
        assert its_bias == snapshot.path.thetas[row, bias]
    assert page.updates[-1] == snapshot.state.update
    assert np.array_equal(page.values[-1], trainer.theta[indices])
    assert page.labels == ("h1 n1", "h1 n2", "h1 n3", "h1 n4")
    assert "from update 0 to" in view.canvas.accessibleDescription()
    assert view.numbers().splitlines()[0] == "update\th1 n1\th1 n2\th1 n3\th1 n4\tbias"


def test_the_ends_of_the_axis_of_updates_do_not_run_into_each_other():
    assert history.ends((0.0, 6300.0), 23, len) == ("update 0", "6,300")
    assert history.ends((0.0, 6300.0), 22, len) == ("0", "6,300")


def test_before_the_first_update_there_is_no_history_and_it_says_so(view):
    view.show_frame(frame_of(trained(experiment(), 0)))
    view.inspect(NeuronPoint(1, 1))
    view.tabs.button("history").click()
    assert view.page == Saying("The history begins with the first update")


def test_of_many_weights_the_strongest_have_lines_and_it_says_so(view):
    trainer = trained("digits.json", 1)
    view.show_frame(frame_of(trainer, pictures=False))
    view.inspect(NeuronPoint(1, 0))
    view.tabs.button("history").click()
    inputs = trainer.problem.architecture.sizes[0]
    assert view.page.values.shape[1] == 30
    assert view.page.note == f"the strongest 30 of {inputs} weights"
    arriving = np.abs(trainer.theta[:inputs])
    assert np.abs(view.page.values[-1]).min() >= np.sort(arriving)[-30]
    assert len(view.page.updates) * 30 <= history.POINTS + 30


def test_a_weight_beyond_all_numbers_leaves_a_gap_and_no_mistake(view):
    trainer = trained(experiment(), 1)
    theta = trainer.theta.copy()
    theta[:5] = [np.nan, np.inf, -np.inf, 1e300, -1e300]
    frame = frame_with(trainer.problem, theta)
    view.show_frame(frame)
    answered(view, frame)
    for target in (
        NeuronPoint(1, 0),
        NeuronPoint(1, 2),
        WeightPoint(0, 0, 0),
        WeightPoint(0, 1, 0),
        NeuronPoint(0, 1),
        NeuronPoint(3, 0),
    ):
        view.inspect(target)
        for tab in TABS:
            view.tabs.button(tab).click()
            picture(view)
    view.tabs.button("now").click()
    view.inspect(NeuronPoint(1, 0))
    assert "no finite number" in view.warning.text


# --- maps -----------------------------------------------------------------------------------------------------------
def test_the_map_is_that_of_the_frame(view):
    trainer = trained(experiment(), 3)
    frame = frame_of(trainer)
    view.show_frame(frame)
    view.inspect(NeuronPoint(2, 1))
    view.tabs.button("map").click()
    page = view.page
    assert isinstance(page, Maps)
    assert np.array_equal(page.tiles[0].values, frame.pictures.maps[2][1])
    assert (page.axes, page.ends) == (("x₁", "x₂"), ("−1.00", "+1.00"))
    view.inspect(WeightPoint(1, 3, 1))
    assert [tile.name for tile in view.page.tiles] == ["h1 n4", "h2 n2"]
    assert np.array_equal(view.page.tiles[0].values, frame.pictures.maps[1][3])


def test_the_ring_lies_where_the_sample_is(view):
    trainer = trained(experiment(), 1)
    frame = frame_of(trainer)
    problem = trainer.problem
    view.show_frame(with_phase(frame, phases.phase(problem, frame.snapshots[0].state, 0)))
    view.inspect(NeuronPoint(1, 0))
    view.tabs.button("map").click()
    row = problem.train.rows[frame_row(problem, frame)]
    x0, x1, y0, y1 = frame.pictures.extent
    x, y = problem.dataset.inputs[row]
    assert view.page.here == pytest.approx(((x - x0) / (x1 - x0), (y1 - y) / (y1 - y0)))


def frame_row(problem, frame) -> int:
    """Row of the first sample of the next batch."""
    return phases.phase(problem, frame.snapshots[0].state, 0).row


def test_of_pixels_the_weights_are_shown_as_a_picture_and_of_other_inputs_it_says_why_not(view):
    trainer = trained("digits.json", 1)
    problem = trainer.problem
    view.show_frame(frame_of(trainer))
    view.inspect(NeuronPoint(1, 3))
    view.tabs.button("map").click()
    page = view.page
    assert isinstance(page, Maps)
    picture_of = page.tiles[0].values.ravel()
    assert picture_of.shape == (64,)
    left = set(range(64))
    for source, name in enumerate(problem.dataset.input_names):
        place = int(name.removeprefix("p"))
        left.remove(place)
        assert picture_of[place] == trainer.theta[problem.architecture.weight_index(0, source, 3)]
    assert not picture_of[list(left)].any()  # pixels that are the same in all digits are no inputs
    view.inspect(NeuronPoint(2, 3))
    assert view.page.text.startswith("A map needs one or two numeric inputs; these data have 61")


# --- layers ---------------------------------------------------------------------------------------------------------
def test_layers_are_asked_for_once_at_rest_and_shown_when_they_come(view):
    trainer = trained(experiment(), 10)
    frame = frame_of(trainer)
    asked = answered(view, frame)
    view.show_frame(frame)
    view.inspect_layer(1)
    assert [each.about for each in asked] == ["layers"]
    page = view.page
    assert isinstance(page, Layers)
    assert (page.names, page.chosen) == (("hidden 1", "hidden 2", "output"), 1)
    view.show_frame(dataclasses.replace(frame, serial=9))
    assert len(asked) == 1
    later = trained(experiment(), 11)
    view.show_frame(dataclasses.replace(frame_of(later), problem=trainer.problem))
    assert len(asked) == 2
    assert "hidden 2: weights from" in view.canvas.accessibleDescription()


def test_while_it_trains_they_are_asked_for_a_few_times_a_second_at_most(view, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("ann_studio.gui.views.inspector.view.time.monotonic", lambda: now[0])
    trainer = trained(experiment(), 1)
    first = frame_of(trainer, pictures=False, status=Status.TRAINING)
    view.inspect_layer(-1)
    asked = answered(view, first)
    for _ in range(60):
        now[0] += 1 / 60
        trainer.run(epochs=1)
        moved = frame_of(trainer, pictures=False, status=Status.TRAINING)
        view.show_frame(dataclasses.replace(moved, problem=first.problem))
    assert 1 <= len(asked) <= 4


def test_answers_that_are_out_of_date_are_dropped_and_a_failed_one_is_not_asked_for_again(view):
    trainer = trained(experiment(), 2)
    frame = frame_of(trainer)
    asked = []
    view.inspection_wanted.connect(asked.append)
    view.show_frame(frame)
    view.inspect_layer(0)
    stale = dataclasses.replace(asked[0], request=asked[0].request - 1)
    view.show_inspected(Inspected(stale, layer_history(trainer.problem, frame.snapshots[0])))
    assert isinstance(view.page, Saying)
    view.show_unanswered(Unanswered(asked[0]))
    view.show_frame(dataclasses.replace(frame, serial=5))
    assert len(asked) == 1


def test_each_column_of_a_strip_has_the_histogram_of_the_last_moment_by_then():
    trainer = trained(experiment(), 10)
    found = layer_history(trainer.problem, trainer.snapshot())
    strip = found.weights[1]
    colours = strips.image_of(strip, found, 200, (LIGHT.negative, LIGHT.positive), LIGHT.card)
    updates = np.linspace(found.updates[0], found.updates[-1], 200)
    for column in (0, 77, 199):
        moment = np.flatnonzero(found.updates <= updates[column])[-1]
        empty = (colours[::-1, column] & 0xFFFFFF) == 0xFFFFFF
        assert np.array_equal(empty, strip.counts[moment] == 0)


def test_by_keys_one_goes_through_the_layers(view, qtbot):
    trainer = trained(experiment(), 5)
    frame = frame_of(trainer)
    answered(view, frame)
    view.show_frame(frame)
    view.tabs.button("layers").click()
    view.canvas.setFocus()
    chosen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(view.canvas, key)
        chosen.append(view.page.chosen)
    assert chosen == [0, 1, 2, 2, 1]


# --- the card -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [(416, 236), (300, 330), (620, 420), (270, 200)])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_page_is_painted_at_every_size_in_both_themes(view, size, theme):
    trainer = trained(experiment(), 5)
    frame = frame_of(trainer)
    answered(view, frame)
    view.set_theme(theme)
    view.resize(*size)
    view.show_frame(frame)
    seen = set()
    for target in (NeuronPoint(0, 1), NeuronPoint(1, 3), NeuronPoint(3, 0), WeightPoint(2, 1, 0)):
        view.inspect(target)
        for tab in TABS:
            view.tabs.button(tab).click()
            image = picture(view.canvas)
            seen.add(bytes(image.constBits()))
            assert colour_at(image, QPointF(0, image.height() - 1)) == rgb(theme.card)
    # Layers are the same for all targets.
    assert len(seen) == 4 * 3 + 1


def test_other_data_or_another_network_are_shown_without_what_was_there(view):
    trainer = trained(experiment(), 2)
    frame = frame_of(trainer)
    answered(view, frame)
    view.show_frame(frame)
    view.inspect(NeuronPoint(2, 2))
    smaller = frame_of(trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]}), 1))
    view.show_frame(smaller)
    assert view.page.text == words.NOTHING
    assert view.target is None


@pytest.mark.parametrize("tab", TABS)
def test_the_numbers_of_a_page_can_be_copied(view, tab):
    trainer = trained(experiment(), 3)
    frame = frame_of(trainer)
    answered(view, frame)
    view.show_frame(frame)
    view.inspect(NeuronPoint(1, 1))
    view.tabs.button(tab).click()
    copied = view.numbers()
    if tab == "now":
        assert f"z\t{view.page.at.z!r}" in copied.splitlines()
    elif tab == "layers":
        assert copied.splitlines()[0] == "layer\tkind\tfrom\tto\tcount"


def test_the_curve_of_a_neuron_without_any_sum_is_drawn():
    from ann_studio.gui.views.inspector.curve import reach_of

    assert [reach_of(z) for z in (0.0, -1.0, 100.0, float("nan"))] == [4.0, 4.0, 128.0, 4.0]
