"""The valley of a landscape: along x and along z, by the landscape's own names, and set by hand."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from ann_studio.analysis.slice import SliceChoice
from ann_studio.engine.messages import Status
from ann_studio.gui.theme import number
from ann_studio.gui.views.valley import words
from ann_studio.gui.views.valley.frame import cost_at
from ann_studio.learning import supervised
from ann_studio.nn.landscapes import LANDSCAPES
from tests.gui.views.frames import drag


@pytest.fixture
def landscape(studio):
    window = studio.window
    # What the tile "Formula" opens.
    title = LANDSCAPES["hills"].title
    next(action for action in window.data_card.landscapes.actions() if action.text() == title).trigger()
    studio.until(lambda frame: frame.problem.architecture.parameters == 2 and frame.status is Status.READY)
    known(studio)
    return studio


def known(studio) -> None:
    """Wait until the valley is that of the present point and choice."""
    view = studio.window.valley_view
    studio.qtbot.waitUntil(
        lambda: (
            view.sounded is not None
            and view.sounded.slice.choice == view.choice
            and view.sounded.slice.theta is studio.snapshot.state.theta
        ),
        timeout=30_000,
    )


@pytest.mark.parametrize(("index", "name", "other"), [(0, "x", "z"), (1, "z", "x")])
def test_the_valley_is_along_x_or_z_and_says_so(landscape, index, name, other):
    view, canvas = landscape.window.valley_view, landscape.window.valley_view.canvas
    titles = [view.along.itemText(k) for k in range(view.along.count())]
    assert titles == ["along x", "along z", "along gradient"]
    view.along.chosen.emit(SliceChoice(index))
    known(landscape)
    sounded, problem, theta = view.sounded, landscape.frame.problem, landscape.snapshot.state.theta
    assert words.subtitle(sounded).startswith(f"cost along {name} at {other} = {number(theta[1 - index], 2)}")
    assert words.caption(sounded).startswith(f"{name} at {other} = ")
    assert words.first_lines(sounded)[0].text.startswith(f"slope ∂C/∂{name} = ")
    cut = sounded.slice
    moved = theta.copy()
    for position, cost in list(zip(cut.positions.tolist(), cut.costs.tolist(), strict=True))[::40]:
        moved[index] = position
        assert cost == pytest.approx(supervised.evaluate(problem, moved, problem.train), rel=1e-12, abs=1e-12)
    assert canvas.ball() is not None


@pytest.mark.parametrize("index", [0, 1])
def test_dragging_the_ball_sets_that_coordinate_alone(landscape, index):
    view, canvas = landscape.window.valley_view, landscape.window.valley_view.canvas
    view.along.chosen.emit(SliceChoice(index))
    known(landscape)
    before, ball, stage = landscape.snapshot.state.theta.copy(), canvas.ball(), canvas.stage()
    by = 40.0 if ball.x() + 60 < stage.area.right() else -40.0
    drag(canvas, ball, ball + QPointF(by, 0))
    frame = landscape.until(lambda frame: not np.array_equal(frame.snapshots[0].state.theta, before))
    after = frame.snapshots[0].state.theta
    low, high = stage.positions
    assert after[1 - index] == before[1 - index]
    assert after[index] - before[index] == pytest.approx(by / stage.area.width() * (high - low), rel=1e-6)
    known(landscape)
    assert view.sounded.slice.here == after[index]


def test_the_keyboard_sets_it_too_and_the_words_about_it_stay_in_the_picture(landscape):
    view, canvas = landscape.window.valley_view, landscape.window.valley_view.canvas
    before = landscape.snapshot.state.theta.copy()
    low = view.sounded.slice.positions[0]
    canvas.setFocus()
    for _ in range(120):
        landscape.qtbot.keyClick(canvas, Qt.Key.Key_Left)
        text = f"x {number(canvas.preview)} · cost {number(123.4567, 4)}"
        box = canvas.told_box(text, canvas.stage(), canvas.preview)
        assert canvas.rect().contains(box.toAlignedRect())
        assert not box.contains(canvas.stage().point(canvas.preview, cost_at(view.sounded.slice, canvas.preview)))
    landscape.qtbot.keyClick(canvas, Qt.Key.Key_Return)
    frame = landscape.until(lambda frame: not np.array_equal(frame.snapshots[0].state.theta, before))
    assert frame.snapshots[0].state.theta[0] == low
