"""The network graph shows the parameters of its frame, and says what is pointed at."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from ann_studio.data.dataset import Classes, Numbers
from ann_studio.gui.parameters import output_labels
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.shades import mean_shades, shades
from ann_studio.gui.theme import DARK, LIGHT, THEMES, color_table, mix
from ann_studio.gui.views.network import NetworkView
from ann_studio.gui.views.network.edges import BUDGET, EdgePainter, select, widest, width_of
from ann_studio.gui.views.network.layout import lay_out
from ann_studio.gui.views.network.points import lines
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.backprop import forward
from tests.gui.views.frames import (
    colour_at,
    experiment,
    far,
    frame_of,
    frame_with,
    hover,
    picture,
    posed,
    press,
    show,
    trained,
)


@pytest.fixture
def view(qtbot):
    view = NetworkView()
    show(qtbot, view)
    return view


def shown(view, asked, **options):
    """The view with a trained network, painted once."""
    trainer = trained(asked, **options)
    view.show_frame(frame_of(trainer))
    picture(view)
    return trainer


# --- edges ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("edges", "most"), [(1, 8), (64, 8), (65, 5), (400, 5), (401, 3), (100_000, 3)])
def test_the_widest_edge_is_narrower_the_more_edges_there_are(edges, most):
    assert widest(edges) == most


def test_pens_have_the_widths_colours_and_dashes_of_the_design_language():
    layout = lay_out(Architecture((2, 4, 1), ("tanh", "sigmoid")), 800, 500)
    painter = EdgePainter(layout, LIGHT, QSize(800, 600), 1.0)
    for negative, hue in ((False, LIGHT.positive), (True, LIGHT.negative)):
        for level, pen in enumerate(painter.pens[negative]):
            t = (level + 0.5) / len(painter.pens[negative])
            width = 0.75 + (8 - 0.75) * t**0.8
            assert pen.widthF() == pytest.approx(width)
            assert pen.color() == mix(LIGHT.card, hue, 0.5 + 0.5 * t**0.6)
            assert pen.color().alpha() == 255
            dashes = np.array(
                [[line.x1(), line.y1(), line.x2(), line.y2()] for line in painter.lines(3, pen, negative=negative)]
            )
            if negative:
                dash, gap = max(7, 1.7 * width), max(4, 0.8 * width)
                assert np.hypot(*(dashes[:-1, 2:] - dashes[:-1, :2]).T) == pytest.approx(dash, abs=0.5)
                assert np.hypot(*(dashes[1:, :2] - dashes[:-1, 2:]).T) == pytest.approx(gap, abs=0.5)
            else:
                assert np.hypot(*(dashes[1:, :2] - dashes[:-1, 2:]).T).max() < 1.5, "solid: pieces overlap"


def test_the_quantised_width_is_within_half_a_pixel_of_the_formula():
    layout = lay_out(Architecture((2, 4, 1), ("tanh", "sigmoid")), 800, 500)
    painter = EdgePainter(layout, LIGHT, QSize(800, 600), 1.0)
    for share in np.linspace(0, 1, 101):
        assert painter.pen(share, negative=False).widthF() == pytest.approx(width_of(share, 8), abs=0.51)


def test_edges_are_drawn_from_the_weakest_to_the_strongest_and_zeros_not_at_all():
    architecture = Architecture((3, 3), ("tanh",))
    theta = np.array([0.5, -2.0, 0.0, 1.0, -0.1, 0.2, 3.0, -0.3, 0.4, 9.0, 9.0, 9.0])
    layout = lay_out(architecture, 800, 500)
    chosen = select(layout, theta, 3.0)
    drawn = theta[layout.index[chosen.curves]]
    assert sorted(drawn, key=abs) == drawn.tolist()
    assert set(drawn) == set(theta[:9]) - {0.0}
    assert np.array_equal(chosen.negative, theta[layout.index] < 0)


def test_above_the_budget_the_strongest_edges_are_drawn_and_the_rest_is_counted(view):
    wide = experiment(network={"hidden": [{"units": 330}, {"units": 330}]})
    trainer = shown(view, wide, epochs=1)
    graph, sizes = view.graph, trainer.problem.architecture.sizes
    count = sum(a * b for a, b in pairwise(sizes))
    layout = graph.layout_now()
    assert graph.chosen.drawn == min(BUDGET, len(layout.index))
    note = f"{graph.chosen.drawn:,} of {count:,} edges"
    assert (graph.budget_note(), view.subtitle.text()) == (note, f"{trainer.theta.size:,} parameters · {note}")
    drawn = np.concatenate([graph.chosen.hairs, graph.chosen.curves])
    left_out = np.setdiff1d(np.arange(len(layout.index)), drawn)
    sizes = np.abs(trainer.theta[layout.index])
    assert sizes[drawn].min() >= sizes[left_out].max(initial=0)


def test_a_network_that_is_drawn_whole_needs_no_note(view):
    shown(view, "01-spiral.json")
    assert view.graph.budget_note() == ""
    assert view.subtitle.text() == "85 parameters"


def test_the_width_scale_is_of_the_run_so_far_and_begins_anew_with_a_new_run(view):
    trainer = trained(experiment(), epochs=0)
    view.show_frame(frame_of(trainer))
    first = view.graph.w_ref
    trainer.run(epochs=30)
    view.show_frame(frame_of(trainer))
    grown = view.graph.w_ref
    assert grown > first
    trainer.seek(1)
    view.show_frame(frame_of(trainer))
    assert view.graph.w_ref == grown
    faster = dataclasses.replace(trainer.problem)
    view.show_frame(dataclasses.replace(frame_of(trainer), problem=faster))
    assert view.graph.w_ref == grown, "another learning rate goes on with the run"
    here = frame_of(trainer)
    huge = dataclasses.replace(here.snapshots[0].state, theta=100 * trainer.theta)
    view.show_frame(dataclasses.replace(here, snapshots=(dataclasses.replace(here.snapshots[0], state=huge),)))
    assert view.graph.w_ref > 10 * grown
    view.show_frame(here)
    assert view.graph.w_ref <= grown, "it does not stay where weights were a hundred times as large"
    trainer.reset()
    view.show_frame(frame_of(trainer))
    assert view.graph.w_ref == first


# --- neurons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["01-spiral.json", "04-sine.json", "05-hills.json"])
def test_tiles_are_the_activations_that_the_book_computes_at_their_points(asked, view):
    trainer = shown(view, asked, epochs=5)
    problem, pictures = trainer.problem, view.graph.pictures
    table = color_table(LIGHT.activation_map)
    side = pictures.maps[0].shape[1]
    steps = (np.arange(side) + 0.5) / side
    x0, x1, y0, y1 = pictures.extent
    line = x0 + (x1 - x0) * steps
    raw = np.stack([np.tile(line, side), np.repeat(y1 - (y1 - y0) * steps, side)], axis=1)
    raw = raw[:, : problem.dataset.inputs.shape[1]]
    layers = forward(problem.architecture, trainer.theta, problem.preparation.inputs(raw)).activations
    for layer, values in enumerate(layers):
        name = problem.architecture.activations[layer - 1] if layer else ""
        low, high = {"tanh": (-1, 1), "sigmoid": (0, 1)}.get(name, (None, None))
        for unit, colours in enumerate(shades(pictures.maps[layer], name, LIGHT)):
            a = values[:, unit].reshape(side, side)
            span = np.abs(a).max()
            t = (a + span) / (2 * span) if low is None else (a - low) / (high - low)
            steps_apart = np.abs(np.searchsorted(_ramp(table), _ramp(colours)) - np.round(t * 255))
            assert steps_apart.max() <= 1


def _ramp(colours: np.ndarray) -> np.ndarray:
    """A number that grows along the colour table: blue minus red, then brightness."""
    red, green, blue = (colours >> 16 & 255).astype(int), (colours >> 8 & 255).astype(int), (colours & 255).astype(int)
    return (blue - red) * 4 + np.where(blue < red, green + blue, -green) / 1000


def test_a_tile_is_painted_in_the_colour_of_its_activation(view):
    trainer = shown(view, experiment(), epochs=20)
    graph = view.graph
    column = graph.layout_now().columns[-1]
    image = picture(graph)
    values = graph.pictures.maps[-1][0] * 2 - 1  # of a sigmoid
    side, table = values.shape[0], color_table(LIGHT.activation_map)
    checked = 0
    for row, col in ((8, 8), (20, 20), (30, 12), (12, 31)):
        if np.ptp(values[row - 1 : row + 2, col - 1 : col + 2]) > 0.1:
            continue
        at = QPointF(
            column.x - column.tile / 2 + (col + 0.5) * column.tile / side,
            column.y[0] - column.tile / 2 + (row + 0.5) * column.tile / side,
        )
        expected = int(table[round((values[row, col] + 1) * 127.5)])
        assert far(colour_at(image, at), (expected >> 16 & 255, expected >> 8 & 255, expected & 255)) <= 12
        checked += 1
    assert checked >= 2, trainer


def test_mean_activities_that_are_rounding_errors_look_like_none():
    assert np.abs(mean_shades(np.array([1e-16, -3e-15]), "")).max() < 1e-12
    assert mean_shades(np.array([50.0, -25.0]), "").tolist() == [1.0, -0.5]
    assert mean_shades(np.array([0.0, 0.5, 1.0]), "softmax").tolist() == [-1.0, 0.0, 1.0]


def test_standardised_columns_have_no_mean_activity_and_their_tiles_are_neutral(view):
    shown(view, "iris.json")
    graph = view.graph
    column = graph.layout_now().columns[0]
    image = picture(graph)
    neutral = int(color_table(LIGHT.activation_map)[128])
    for y in column.y:
        found = colour_at(image, QPointF(column.x, float(y)))
        assert far(found, (neutral >> 16 & 255, neutral >> 8 & 255, neutral & 255)) <= 2


def test_without_pictures_of_this_frame_the_tiles_show_none(view):
    trainer = shown(view, experiment())
    trainer.step_epoch()
    view.show_frame(frame_of(trainer, pictures=False))
    assert view.graph.pictures is None
    column = view.graph.layout_now().columns[1]
    assert colour_at(picture(view.graph), QPointF(column.x, float(column.y[0]))) == (238, 241, 245)


# --- pointing -------------------------------------------------------------------------------------------------------


def _point(layout, edge: int) -> WeightPoint:
    return WeightPoint(int(layout.layer[edge]), int(layout.source[edge]), int(layout.target[edge]))


def middle_of(graph, edge: int) -> QPointF:
    """A point on the curve of an edge, in the middle."""
    x, y = graph._sampled(graph.layout_now())[edge, 7]
    return QPointF(x, y)


def test_a_mouse_that_rests_on_an_edge_is_told_its_true_weight(view, qtbot):
    trainer = shown(view, experiment(), epochs=10)
    graph = view.graph
    layout = graph.layout_now()
    for edge in graph.chosen.curves[::5].tolist():
        hover(graph, middle_of(graph, edge))
        qtbot.waitUntil(lambda edge=edge: graph.hovered == _point(layout, edge))
        weights = views(trainer.problem.architecture, trainer.theta)[graph.hovered.layer][0]
        value = weights[graph.hovered.source, graph.hovered.target]
        assert lines(trainer.problem, graph.theta, graph.hovered)[0] == f"w = {value:+.3f}".replace("-", "−")


def test_a_click_selects_what_is_nearest_and_the_next_frame_s_value_is_told(view, qtbot):
    trainer = shown(view, experiment(), epochs=10)
    graph, architecture = view.graph, trainer.problem.architecture
    column = graph.layout_now().columns[1]
    with qtbot.waitSignal(view.selected) as selected:
        press(graph, QPointF(column.x, float(column.y[2])))
    assert selected.args == [NeuronPoint(1, 2)]
    bias = trainer.theta[architecture.bias_index(0, 2)]
    assert graph.accessibleName() == f"hidden 1 neuron 3, bias {bias:.2f}".replace("-", "minus ")
    trainer.run(epochs=30)
    view.show_frame(frame_of(trainer))
    bias = trainer.theta[architecture.bias_index(0, 2)]
    assert graph.accessibleName() == f"hidden 1 neuron 3, bias {bias:.2f}".replace("-", "minus ")
    press(graph, QPointF(3, graph.height() - 60))
    assert graph.point is None


def test_arrow_keys_walk_among_neurons_and_enter_through_the_edges_that_arrive(view, qtbot):
    trainer = shown(view, experiment())
    graph = view.graph
    for key, point in (
        (Qt.Key.Key_Down, NeuronPoint(0, 0)),
        (Qt.Key.Key_Down, NeuronPoint(0, 1)),
        (Qt.Key.Key_Down, NeuronPoint(0, 1)),
        (Qt.Key.Key_Right, NeuronPoint(1, 2)),
        (Qt.Key.Key_Up, NeuronPoint(1, 1)),
        (Qt.Key.Key_Left, NeuronPoint(0, 0)),
        (Qt.Key.Key_Return, NeuronPoint(0, 0)),
    ):
        qtbot.keyClick(graph, key)
        assert graph.point == point
    graph.select(NeuronPoint(2, 1))
    walked = []
    for _ in range(4):
        qtbot.keyClick(graph, Qt.Key.Key_Return)
        walked.append(graph.point.source)
    arriving = views(trainer.problem.architecture, trainer.theta)[1][0][:, 1]
    assert walked == np.argsort(-np.abs(arriving), kind="stable").tolist()
    qtbot.keyClick(graph, Qt.Key.Key_Escape)
    assert graph.point is None


def test_another_architecture_clears_the_selection_and_says_so(view, qtbot):
    shown(view, experiment())
    view.graph.select(NeuronPoint(1, 3))
    with qtbot.waitSignal(view.selected) as selected:
        shown(view, experiment(network={"hidden": [{"units": 2}]}))
    assert selected.args == [None]


def test_the_context_menu_copies_the_value_pointed_at(view):
    trainer = shown(view, experiment())
    view.graph.select(WeightPoint(0, 1, 2))
    menu = QMenu()
    view.extend_menu(menu)
    menu.actions()[0].trigger()
    value = views(trainer.problem.architecture, trainer.theta)[0][0][1, 2]
    assert QGuiApplication.clipboard().text() == f"w = {value:+.3f}\nx₂ → hidden 1 neuron 3".replace("-", "−")


def test_copied_numbers_are_all_parameters_exactly(view):
    trainer = shown(view, experiment())
    rows = [line.split("\t") for line in view.numbers().splitlines()[1:]]
    values = []
    for weights, biases in views(trainer.problem.architecture, trainer.theta):
        for target in range(weights.shape[1]):
            values += [*weights[:, target].tolist(), float(biases[target])]
    assert [float(row[3]) for row in rows] == values
    assert rows[0][:3] == ["hidden 1", "1", "1"]
    assert rows[-1][:3] == ["output", "bias", "1"]


def test_copied_numbers_of_a_large_network_are_plain_numbers_too(view):
    shown(view, experiment(network={"hidden": [{"units": 400}, {"units": 400}]}), epochs=0)
    lines = view.numbers().splitlines()
    assert len(lines) == 100_001
    assert float(lines[-1].split("\t")[3]) == pytest.approx(0, abs=5)


# --- all kinds of networks -------------------------------------------------------------------------------------------

NETWORKS = {
    "no hidden layer": experiment(network={"hidden": []}),
    "one input": experiment(data={"kind": "generated", "name": "sine", "samples": 20}),
    "one sample": "worked-example.json",
    "12 layers of 1,024": experiment(network={"hidden": [{"units": 1024}] * 12}),
    "32 layers": experiment(network={"hidden": [{"units": 3}] * 32}),
    "iris": "iris.json",
    "digits": "digits.json",
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_is_painted_in_both_themes_and_at_every_size(name, view):
    shown(view, NETWORKS[name], epochs=0)
    for theme in THEMES.values():
        view.set_theme(theme)
        for width, height in ((360, 260), (900, 520), (1100, 700)):
            view.resize(width, height)
            image = picture(view.graph)
            assert colour_at(image, QPointF(1, 40)) == tuple(int(theme.card[k : k + 2], 16) for k in (1, 3, 5))


@pytest.mark.parametrize("layers", [1, 3, 12, 32])
@pytest.mark.parametrize("units", [1, 4, 1024])
def test_tiles_stay_inside_and_apart(units, layers):
    architecture = Architecture((2, *[units] * layers, 1), tuple(["tanh"] * layers + ["sigmoid"]))
    for width, height in ((480, 340), (900, 520)):
        columns = lay_out(architecture, width, height).columns
        for column in columns:
            assert column.y[0] - column.tile / 2 >= 0
            assert column.y[-1] + column.tile / 2 <= height - 30
            assert (np.diff(column.y) > column.tile).all()
        for a, b in pairwise(columns):
            assert a.x + a.tile / 2 < b.x - b.tile / 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e308])
@pytest.mark.parametrize("asked", ["02-circle.json", "iris.json", "04-sine.json"])
def test_parameters_that_are_no_numbers_are_survived(asked, value, view):
    problem = trained(asked, epochs=0).problem
    theta = problem.first_theta.copy()
    theta[:3] = value
    theta[-1] = value
    view.show_frame(frame_with(problem, theta))
    picture(view)
    assert np.isfinite(view.graph.w_ref)
    view.graph.select(WeightPoint(0, 0, 0))
    picture(view)


def test_outputs_bear_the_names_of_their_classes_or_targets():
    rows = np.random.default_rng(0).normal(size=(12, 3))
    several = posed(rows, Numbers(("price", "age")), rows[:, :2])
    classes = posed(rows, Classes("kind", ("a", "b", "c")), np.arange(12)[:, None] % 3.0)
    single = posed(rows, Numbers(("price",)), rows[:, :1])
    assert [output_labels(each) for each in (several, classes, single)] == [["price", "age"], ["a", "b", "c"], []]


def test_dark_and_light_paint_the_same_graph_in_other_colours(view):
    shown(view, experiment())
    light = picture(view.graph)
    view.set_theme(DARK)
    dark = picture(view.graph)
    assert light.size() == dark.size()
    assert light != dark
