"""What the graph keeps from frame to frame never shows: it paints as one that has just been made."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QFont, QImage, QPainter, QRegion

from ann_studio.gui.theme import DARK, LIGHT
from ann_studio.gui.views.network import NetworkView, strokes
from ann_studio.gui.views.network.edges import ALL, BUDGET, EdgePainter, select
from ann_studio.gui.views.network.graph import Graph
from ann_studio.gui.views.network.hairs import Hairs
from ann_studio.gui.views.network.layout import lay_out
from ann_studio.nn.architecture import Architecture
from tests.gui.views.frames import experiment, frame_of, picture, show, trained


@pytest.fixture
def graph(qtbot):
    graph = Graph()
    show(qtbot, graph, 640, 420)
    return graph


def show_in(graph, trainer, fresh=False) -> None:
    frame = frame_of(trainer)
    graph.show_network(trainer.problem, trainer.theta, frame.pictures, None, fresh=fresh)


def anew(qtbot, graph, trainer) -> QImage:
    """The picture of a graph that has kept nothing."""
    other = Graph()
    other.setFont(graph.font())
    show(qtbot, other, graph.width(), graph.height())
    other.set_theme(graph.theme)
    other.w_ref = graph.w_ref
    show_in(other, trainer)
    other.w_ref = graph.w_ref
    return picture(other)


def alike(first: QImage, second: QImage) -> bool:
    """Whether no colour differs by more than rounding."""
    a, b = (
        np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), dtype=np.uint8).astype(np.int64)
        for image in (first, second)
    )
    return a.shape == b.shape and int(np.abs(a - b).max()) <= 2


ASKED = {
    "plane": experiment(),
    "iris": "iris.json",
    "digits": "digits.json",
    "line": "04-sine.json",
    "wide": experiment(network={"hidden": [{"units": 40}, {"units": 40}]}),
}


@pytest.mark.parametrize("name", ASKED)
def test_frame_after_frame_it_paints_what_a_new_one_would(name, graph, qtbot):
    trainer = trained(ASKED[name], 0)
    for _ in range(3):
        trainer.run(updates=3)
        show_in(graph, trainer)
        assert alike(picture(graph), anew(qtbot, graph, trainer))


def test_another_theme_size_or_font_is_heeded_in_all_that_is_kept(graph, qtbot):
    trainer = trained(experiment(), 4)
    show_in(graph, trainer)
    seen = [picture(graph)]
    for change in (
        lambda: graph.set_theme(DARK),
        lambda: graph.resize(700, 460),
        lambda: graph.setFont(QFont(graph.font().family(), 30)),
        lambda: graph.set_theme(LIGHT),
    ):
        change()
        assert alike(picture(graph), anew(qtbot, graph, trainer))
        seen.append(picture(graph))
    assert not any(alike(a, b) for a, b in pairwise(seen))


def test_another_network_leaves_nothing_of_the_last_one(graph, qtbot):
    for asked in (experiment(), "iris.json", experiment(network={"hidden": [{"units": 2}]}), "digits.json"):
        trainer = trained(asked, 1)
        show_in(graph, trainer, fresh=True)
        assert alike(picture(graph), anew(qtbot, graph, trainer))


def test_another_resolution_of_the_screen_is_heeded(graph, monkeypatch):
    trainer = trained(experiment(), 2)
    show_in(graph, trainer)
    picture(graph)
    monkeypatch.setattr(graph, "devicePixelRatioF", lambda: 2.0)
    image = QImage(graph.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2.0)
    graph.render(image)
    assert graph._layer.devicePixelRatioF() == 2.0
    assert graph._layer.width() == 2 * graph.width()
    assert all(frame.devicePixelRatioF() == 2.0 for frame in graph._neurons._frames)


def test_the_graph_covers_all_of_itself(graph):
    """It is said to be opaque, so that nothing below it is painted: what it left out would be garbage."""
    image = QImage(graph.size(), QImage.Format.Format_ARGB32)
    for asked in (None, experiment(), "digits.json"):
        if asked is not None:
            show_in(graph, trained(asked, 1), fresh=True)
        image.fill(0)
        graph.render(image, QPoint(), QRegion(), Graph.RenderFlag(0))
        alpha = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)[..., 3]
        assert alpha.min() == 255


# --- lines ----------------------------------------------------------------------------------------------------------
POINTS = st.tuples(*[st.floats(0, 900) for _ in range(4)])


def controls_of(ends: list[tuple[float, float, float, float]]) -> np.ndarray:
    """Curves as the layout makes them, from left to right."""
    x0, y0, width, y1 = np.array(ends).T
    x1, reach = x0 + width, 0.45 * width
    return np.stack([x0, y0, x0 + reach, y0, x1 - reach, y1, x1, y1], axis=1)


def distance_from_curve(points: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Of points ``(n, 2)`` to the nearest of many on the curve."""
    t = np.linspace(0, 1, 4000)[:, None]
    a, b, c, d = controls.reshape(4, 1, 2)
    curve = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
    return np.array([np.hypot(*(curve - point).T).min() for point in points])


@given(st.lists(POINTS, min_size=1, max_size=4))
def test_solid_pieces_lie_on_their_curve_from_end_to_end_without_a_gap(ends):
    controls = controls_of(ends)
    for pieces, curve in zip(strokes.solid(controls), controls, strict=True):
        assert pieces[0, :2] == pytest.approx(curve[:2], abs=1e-6)
        assert pieces[-1, 2:] == pytest.approx(curve[6:], abs=1e-6)
        assert distance_from_curve(pieces[:, :2], curve).max() < 1.5
        middles = (pieces[:, :2] + pieces[:, 2:]) / 2
        assert distance_from_curve(middles, curve).max() < 3.0, "at the sharpest bends"
        beyond = ((pieces[:-1, 2:] - pieces[1:, :2]) * (pieces[1:, 2:] - pieces[1:, :2])).sum(axis=1)
        assert (beyond > 0).all(), "each reaches into the next"


@given(st.lists(POINTS, min_size=1, max_size=4), st.floats(7, 14), st.floats(4, 7))
def test_dashes_lie_on_their_curve_and_are_as_long_as_the_gaps_are_wide(ends, dash, gap):
    controls = controls_of(ends)
    for pieces, curve in zip(strokes.dashed(controls, dash, gap), controls, strict=True):
        assert pieces[0, :2] == pytest.approx(curve[:2], abs=1e-6)
        assert distance_from_curve(pieces.reshape(-1, 2), curve).max() < 0.7
        lengths = np.hypot(*(pieces[:, 2:] - pieces[:, :2]).T)
        assert (lengths <= dash + 1e-6).all()
        assert (lengths[:-1] > 0.75 * dash).all(), "chords of bends are a little shorter"


@given(
    st.lists(st.tuples(*[st.floats(-3, 63) for _ in range(4)]), min_size=1, max_size=12),
    st.lists(st.lists(st.integers(0, 11), max_size=5, unique=True), max_size=6),
)
def test_hairlines_run_from_end_to_end_without_a_gap_and_later_ones_lie_on_top(ends, paints):
    hairs, side = Hairs(np.array(ends), 60, 60, 5), 60
    for asked in paints:
        lines = np.array([line for line in asked if line < len(ends)], dtype=np.int64)
        image = QImage(side, side, QImage.Format.Format_RGB32)
        image.fill(0)
        colours = 0xFF000000 + 1 + lines.astype(np.uint32)
        hairs.paint(image, lines, colours)
        painted = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(side, side) & 0xFFFFFF
        expected = np.zeros_like(painted)
        for line in lines.tolist():
            x0, y0, x1, y1 = np.array(ends[line], dtype=np.float32)
            steps = int(np.ceil(max(abs(x1 - x0), abs(y1 - y0)))) + 1
            share = np.arange(steps + 1, dtype=np.float32) / np.float32(steps)
            x, y = (np.clip(a + (b - a) * share, 0, side - 1).astype(int) for a, b in ((x0, x1), (y0, y1)))
            assert max(np.abs(np.diff(x)).max(), np.abs(np.diff(y)).max()) <= 1
            expected[y, x] = 1 + line
        assert np.array_equal(painted, expected)


@pytest.mark.parametrize("units", [(8, 20), (64, 36), (64, 37), (70, 70)])
def test_up_to_the_budget_all_edges_are_drawn_and_beyond_it_the_strongest(units):
    architecture = Architecture((units[0], units[1], 1), ("tanh", "tanh"))
    layout = lay_out(architecture, 800, 600)
    theta = np.random.default_rng(0).normal(size=architecture.parameters)
    chosen, size = select(layout, theta, 4.0), np.abs(theta[layout.index])
    drawn = np.concatenate([chosen.hairs, chosen.curves])
    assert len(drawn) == (len(size) if len(size) <= ALL else BUDGET)
    assert len(np.unique(drawn)) == len(drawn)
    assert size[drawn].min() >= np.delete(size, drawn).max(initial=0.0)
    assert (np.diff(size[drawn]) >= 0).all()


def test_lines_are_kept_for_a_limited_number_of_curves():
    architecture = Architecture((60, 30, 1), ("tanh", "tanh"))
    layout, random = lay_out(architecture, 800, 600), np.random.default_rng(0)
    painter, image = EdgePainter(layout, LIGHT, QSize(800, 600), 1.0), QImage(800, 600, QImage.Format.Format_RGB32)
    for _ in range(20):
        with QPainter(image) as on:
            painter.paint(on, select(layout, random.normal(size=architecture.parameters), 4.0))
    assert len(painter._curves) <= 1_200


def test_64_inputs_are_all_shown_in_a_card_of_the_main_workspace(qtbot):
    view = NetworkView()
    show(qtbot, view, 840, 528)
    view.show_frame(frame_of(trained("digits.json", 0)))
    picture(view)
    assert view.graph.layout_now().columns[0].shown == 61
    assert view.graph.budget_note() == ""
