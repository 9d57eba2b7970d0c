"""What the hand on the network says and shows: words, marks and the meaning of keys, without a window around it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from ann_studio.engine.messages import Effect, Figures, Pause, SetParameters
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.theme import LIGHT, mix
from ann_studio.gui.views.network import NetworkView
from ann_studio.gui.views.network.effect import change_words, headline, to_freeze
from ann_studio.gui.views.network.field import read_value
from ann_studio.gui.views.network.holding import without_connections
from ann_studio.gui.views.network.points import Held, condition, lines, spoken
from ann_studio.gui.views.network.shaping import change_of, keeps_output, layer_above, selection_after, sizes_after
from ann_studio.learning.pruning import connections
from ann_studio.learning.reshaping import AddLayer, AddNeuron, RemoveLayer, RemoveNeuron
from ann_studio.nn.architecture import Architecture
from tests.gui.views.frames import experiment, far, frame_of, picture, rgb, show, trained

ARCHITECTURE = Architecture((2, 4, 3, 1), ("tanh", "relu", "sigmoid"))
UNKNOWN = float("nan")


@pytest.fixture
def view(qtbot):
    view = NetworkView()
    show(qtbot, view)
    return view


# --- words ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after", "digits", "unit", "said"),
    [
        (0.132, 0.187, 3, "", "cost 0.132 → 0.187 (+0.055)"),
        (98.4, 91.0, 1, "%", "cost 98.4 % → 91.0 % (−7.4)"),
        (0.1324, 0.1876, 3, "", "cost 0.132 → 0.188 (≈ +0.055)"),
        (0.5, 0.5, 3, "", "cost 0.500, as before"),
        (0.5, 0.5001, 3, "", "cost 0.500, almost as before"),
        (0.5, float("inf"), 3, "", "cost 0.500 → ∞"),
        (UNKNOWN, UNKNOWN, 3, "", ""),
    ],
)
def test_shown_arithmetic_adds_up_or_says_about(before, after, digits, unit, said):
    assert change_words("cost", before, after, digits, unit) == said


def test_of_one_value_the_strip_says_which_and_from_what_to_what():
    trainer = trained(experiment(), epochs=2)
    problem, before = trainer.problem, trainer.theta.copy()
    figures = Figures(0.5, UNKNOWN, 0.9, UNKNOWN)

    def effect_of(label, *indices):
        return Effect(label, np.array(indices), problem, before, figures, figures)

    index = problem.architecture.weight_index(0, 1, 2)
    trainer.set_parameter(index, 0.25)
    effect = effect_of("Parameter set by hand", index)
    was = f"{before[index]:.3f}".replace("-", "−")
    assert headline(effect, problem, trainer.state) == f"x₂ → hidden 1 neuron 3: {was} → 0.250"
    assert to_freeze(effect, trainer.state) == (index,)
    trainer.prune((index, 0))
    assert to_freeze(effect_of("2 connections deleted", 0, index), trainer.state) == ()
    assert headline(effect_of("2 connections deleted", 0, index), problem, trainer.state) == "2 connections deleted"
    gone = effect_of("Connection deleted", index)
    assert headline(gone, problem, trainer.state) == f"Connection deleted: x₂ → hidden 1 neuron 3, was {was}"
    assert to_freeze(effect_of("Neuron added"), trainer.state) == ()


@pytest.mark.parametrize(
    ("typed", "value"),
    [("−0.43", -0.43), ("-.5", -0.5), ("0,25", 0.25), (" 3 ", 3.0), ("1e-3", 1e-3), ("1,258", 1258.0)],
)
def test_numbers_are_read_as_people_write_them(typed, value):
    assert read_value(typed) == value


@pytest.mark.parametrize("typed", ["", "w", "1..2", "nan", "inf", "9" * 400, "--1"])
def test_anything_else_is_a_sentence(typed):
    assert isinstance(read_value(typed), str)


def test_screen_readers_hear_what_training_does_not_move():
    trainer = trained(experiment(), epochs=1)
    problem, theta = trainer.problem, trainer.theta.copy()
    architecture = problem.architecture
    edge = WeightPoint(1, 1, 0)
    index = architecture.weight_index(1, 1, 0)
    theta[index] = -0.43
    free = "weight from hidden 1 neuron 2 to hidden 2 neuron 1, minus 0.43"
    assert spoken(problem, theta, edge) == free
    assert spoken(problem, theta, edge, Held(frozen=np.array([index]))) == f"{free}, frozen"
    gone = Held(pruned=np.array([index]))
    assert lines(problem, theta, edge, gone)[-1] == "deleted, stays 0"
    bias = architecture.bias_index(0, 1)
    assert condition(problem, NeuronPoint(1, 1), Held(frozen=np.array([bias]))) == "bias frozen"
    alone = Held(pruned=connections(architecture, 1, 1))
    assert spoken(problem, theta, NeuronPoint(1, 1), alone).endswith(", all connections deleted")
    assert condition(problem, NeuronPoint(1, 0), alone) == ""


# --- marks ----------------------------------------------------------------------------------------------------------
def held_frame(trainer, pruned=(), frozen=()):
    if len(pruned):
        trainer.prune(pruned)
    if len(frozen):
        trainer.freeze(frozen)
    return frame_of(trainer)


def near(graph, point):
    """Pixels around the curve of an edge, away from its ends."""
    layout = graph.layout_now()
    edge = np.flatnonzero(
        (layout.layer == point.layer) & (layout.source == point.source) & (layout.target == point.target)
    )[0]
    image = picture(graph)
    found = []
    for x, y in layout.samples()[edge][2:-2]:
        for dy in range(-2, 3):
            colour = image.pixelColor(round(x), round(y) + dy)
            found.append((colour.red(), colour.green(), colour.blue()))
    return found


def test_a_deleted_connection_is_drawn_dotted_in_grey_and_a_zero_weight_as_a_hairline(view):
    trainer = trained(experiment(network={"hidden": [{"units": 2}]}), epochs=2)
    point, index = WeightPoint(1, 0, 0), trainer.problem.architecture.weight_index(1, 0, 0)
    grey = mix(LIGHT.card, LIGHT.text_3, 0.75)
    ink = (grey.red(), grey.green(), grey.blue())
    view.show_frame(frame_of(trainer))
    assert min(far(each, ink) for each in near(view.graph, point)) > 40
    trainer.set_parameter(index, 0.0)
    view.show_frame(frame_of(trainer))
    assert view.graph.holding_now(view.graph.layout_now()).zeros(view.graph.theta).size == 1
    line = near(view.graph, point)
    assert any(each != rgb(LIGHT.card) for each in line)
    view.show_frame(held_frame(trainer, pruned=(index,)))
    assert view.graph.holding_now(view.graph.layout_now()).zeros(view.graph.theta).size == 0
    dots = near(view.graph, point)
    assert min(far(each, ink) for each in dots) < 60
    assert any(each == rgb(LIGHT.card) for each in dots)


def test_a_lock_stands_on_what_is_frozen(view):
    trainer = trained(experiment(), epochs=2)
    view.show_frame(frame_of(trainer))
    before = picture(view.graph)
    index = trainer.problem.architecture.weight_index(0, 0, 0)
    view.show_frame(held_frame(trainer, frozen=(index,)))
    assert picture(view.graph) != before
    holding = view.graph.holding_now(view.graph.layout_now())
    x, y = view.graph.layout_now().samples()[holding.locked[0], 4]
    colour = picture(view.graph).pixelColor(round(x), round(y) + 3)
    assert colour == QColor(LIGHT.text)


def test_a_neuron_without_connections_is_faint(view):
    trainer = trained(experiment(), epochs=2)
    view.show_frame(frame_of(trainer))
    column = view.graph.layout_now().columns[1]
    at = (round(column.x), round(float(column.y[2])))
    strong = picture(view.graph).pixelColor(*at)
    ends = connections(trainer.problem.architecture, 1, 2)
    view.show_frame(held_frame(trainer, pruned=ends.tolist()))
    faint = picture(view.graph).pixelColor(*at)
    assert sum(abs(a - 255) for a in faint.getRgb()[:3]) < sum(abs(a - 255) for a in strong.getRgb()[:3])


def test_neurons_without_connections_are_those_of_which_none_is_left():
    gone = np.union1d(connections(ARCHITECTURE, 1, 3), connections(ARCHITECTURE, 2, 0))
    assert without_connections(ARCHITECTURE, gone) == [NeuronPoint(1, 3), NeuronPoint(2, 0)]
    assert without_connections(ARCHITECTURE, gone[1:]) == [NeuronPoint(2, 0)]
    everything = np.arange(ARCHITECTURE.parameters)
    assert len(without_connections(ARCHITECTURE, everything)) == sum(ARCHITECTURE.sizes)
    assert without_connections(ARCHITECTURE, everything[:0]) == []


def test_a_network_of_which_much_is_held_is_painted_too(view):
    trainer = trained("digits.json", epochs=0)
    size = trainer.problem.architecture.parameters
    view.show_frame(held_frame(trainer, pruned=range(0, size, 2), frozen=range(1, size, 2)))
    picture(view.graph)
    assert f"{(size + 1) // 2:,} deleted · {size // 2:,} frozen" in view.subtitle.text()


# --- neurons and layers ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("point", "layer"),
    [(NeuronPoint(1, 2), 0), (NeuronPoint(2, 2), 1), (WeightPoint(0, 1, 2), 0), (WeightPoint(1, 1, 2), 1)],
)
def test_a_change_is_made_where_the_selection_is(point, layer):
    assert change_of(ARCHITECTURE, point, "add neuron") == AddNeuron(layer)
    assert change_of(ARCHITECTURE, point, "remove neuron") == RemoveNeuron(layer, 2)
    assert change_of(ARCHITECTURE, point, "remove layer") == RemoveLayer(layer)
    assert layer_above(ARCHITECTURE, point, "tanh") == AddLayer(layer + 1, "tanh")


@pytest.mark.parametrize("point", [None, NeuronPoint(0, 0), NeuronPoint(3, 0), WeightPoint(2, 0, 0)])
def test_inputs_and_outputs_are_not_changed(point):
    assert all(
        change_of(ARCHITECTURE, point, shape) is None for shape in ("add neuron", "remove neuron", "remove layer")
    )


def test_a_layer_at_the_input_or_the_output_is_hidden_all_the_same():
    assert layer_above(ARCHITECTURE, NeuronPoint(0, 1), "tanh") == AddLayer(0, "tanh")
    assert layer_above(ARCHITECTURE, NeuronPoint(3, 0), "tanh") == AddLayer(2, "tanh")
    assert layer_above(ARCHITECTURE, None, "tanh") is None
    assert [keeps_output(ARCHITECTURE, AddLayer(k, "tanh")) for k in range(3)] == ["linear", "linear", "relu"]


def test_afterwards_something_that_is_there_is_selected():
    assert selection_after(ARCHITECTURE, NeuronPoint(1, 0), AddNeuron(0)) == NeuronPoint(1, 4)
    assert selection_after(ARCHITECTURE, NeuronPoint(1, 3), RemoveNeuron(0, 3)) == NeuronPoint(1, 2)
    assert selection_after(ARCHITECTURE, NeuronPoint(1, 1), RemoveNeuron(0, 1)) == NeuronPoint(1, 1)
    assert selection_after(ARCHITECTURE, NeuronPoint(1, 1), AddLayer(1, "tanh")) == NeuronPoint(2, 0)
    assert selection_after(ARCHITECTURE, NeuronPoint(2, 1), RemoveLayer(1)) == NeuronPoint(1, 0)


# --- gestures -------------------------------------------------------------------------------------------------------
def test_a_held_key_is_one_gesture_at_the_rate_of_frames_and_the_next_one_another(view, qtbot):
    trainer = trained(experiment(), epochs=1)
    view.show_frame(frame_of(trainer))
    sent = []
    view.commanded.connect(sent.append)
    view.graph.select(WeightPoint(0, 0, 0))
    start, step = view.hand.value, view.hand.step_size
    for _ in range(50):
        qtbot.keyClick(view.graph, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    view.hand.rest()
    values = [each for each in sent if isinstance(each, SetParameters)]
    assert isinstance(sent[0], Pause)
    assert sum(isinstance(each, Pause) for each in sent) == 1
    assert len(values) < 50, "no more than can be shown"
    assert len({each.gesture for each in values}) == 1
    assert values[-1].values[0] == pytest.approx(start + 50 * step, abs=1e-12)
    first = values[0].gesture
    sent.clear()
    qtbot.keyClick(view.graph, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert sent[-1].gesture not in (0, first)


def test_another_selection_ends_the_gesture(view, qtbot):
    trainer = trained(experiment(), epochs=1)
    view.show_frame(frame_of(trainer))
    sent = []
    view.commanded.connect(sent.append)
    for target in (0, 1):
        view.graph.select(WeightPoint(0, 0, target))
        qtbot.keyClick(view.graph, Qt.Key.Key_PageUp)
    gestures = [each.gesture for each in sent if isinstance(each, SetParameters)]
    assert len(set(gestures)) == 2
    assert view.hand.value == pytest.approx(trainer.theta[view.graph.index] + 10 * view.hand.step_size)


def test_without_a_selection_keys_mean_nothing(view):
    view.show_frame(frame_of(trained(experiment(), epochs=1)))
    sent = []
    view.commanded.connect(sent.append)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_R, Qt.Key.Key_F, Qt.Key.Key_5, Qt.Key.Key_Insert):
        assert not view.hand.press(key, Qt.KeyboardModifier.NoModifier)
    assert sent == []


def test_an_input_has_no_value_to_be_set(view):
    trainer = trained(experiment(), epochs=1)
    view.show_frame(frame_of(trainer))
    sent = []
    view.commanded.connect(sent.append)
    view.graph.select(NeuronPoint(0, 1))
    for key in (Qt.Key.Key_5, Qt.Key.Key_PageUp, Qt.Key.Key_F):
        view.hand.press(key, Qt.KeyboardModifier.NoModifier)
    assert sent == []
    assert not view.field.isVisible()
    view.hand.delete()
    ends = connections(trainer.problem.architecture, 0, 1)
    assert sent[-1].indices == tuple(ends.tolist())


# --- what there is no room for, and what never comes ------------------------------------------------------------------
def test_a_unit_that_there_is_no_room_for_can_be_selected_and_left_by_keys(view, qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 200, "activation": "tanh"}]}))
    view.show_frame(frame_of(trainer))
    graph = view.graph
    graph.grab()
    last = NeuronPoint(1, 199)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Return):
        graph.select(last)
        qtbot.keyClick(graph, key)
        assert graph.point is not None
        graph.grab()


def test_what_was_to_be_selected_after_a_change_that_never_came_is_not_selected_after_another(view):
    view.show_frame(frame_of(trained(experiment())))
    graph = view.graph
    sizes = graph.problem.architecture.sizes
    graph.point_after = ((*sizes[:-1], 99, 1), NeuronPoint(3, 98))
    view.show_frame(frame_of(trained(experiment(network={"hidden": [{"units": 3, "activation": "tanh"}]}))))
    assert graph.point is None
    graph.grab()


@pytest.mark.parametrize("change", [AddNeuron(0), RemoveNeuron(1, 0), AddLayer(1, "tanh"), RemoveLayer(0)])
def test_the_sizes_after_a_change_are_those_of_the_network_that_comes_of_it(change):
    before = trained(experiment(network={"hidden": [{"units": 3}, {"units": 2}]}))
    before.reshape(change)
    first = before.history.nodes[0].after.problem.architecture
    assert sizes_after(first, change) == before.problem.architecture.sizes


def test_a_gesture_ends_where_its_moment_is_left(view):
    trainer = trained(experiment())
    view.show_frame(frame_of(trainer))
    view.graph.select(WeightPoint(0, 0, 0))
    view.hand.step(1.0)
    wanted = view.hand.value
    trainer.step_update()
    view.show_frame(frame_of(trainer))
    assert view.hand.value == trainer.theta[0] != wanted


def test_an_edge_can_be_pointed_at_while_the_next_picture_is_still_to_be_painted(view):
    trainer = trained(experiment())
    view.show_frame(frame_of(trainer))
    graph = view.graph
    graph.grab()
    at = graph.anchor(WeightPoint(0, 0, 0))
    found = graph.point_at(at)
    assert found is not None
    trainer.step_update()
    view.show_frame(frame_of(trainer))
    assert graph.point_at(at) == found
