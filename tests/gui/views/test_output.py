"""The output view shows what the network of its frame makes of the data; points drawn into it become data."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from ann_studio.analysis.metrics import confusion
from ann_studio.analysis.pictures import compute_pictures, is_plane
from ann_studio.data.dataset import Classes, Numbers
from ann_studio.data.inline import inline_dataset
from ann_studio.engine.messages import Effect, Figures
from ann_studio.gui.scales import ticks
from ann_studio.gui.theme import DARK, LIGHT, THEMES, color_table
from ann_studio.gui.views.output import OutputView
from ann_studio.gui.views.output.confusion import capacity, lay_out, names_fit, shade
from ann_studio.gui.views.output.region import boundary, region_image, signed
from ann_studio.learning.experiment import Inline, replace, to_plain
from ann_studio.learning.problem import pose
from tests.gui.views.frames import (
    colour_at,
    experiment,
    far,
    frame_of,
    frame_with,
    picture,
    posed,
    press,
    rgb,
    show,
    trained,
)

RANDOM = np.random.default_rng(1)
PLANE = RANDOM.normal(size=(40, 2))
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot):
    view = OutputView()
    show(qtbot, view, 620, 460)
    return view


def shown(view, asked, epochs: int = 30):
    trainer = trained(asked, epochs)
    view.show_frame(frame_of(trainer))
    return trainer


# --- the plane ------------------------------------------------------------------------------------------------------


def test_the_sides_of_the_decision_are_those_of_the_model_s_predictions(view):
    trainer = shown(view, "02-circle.json", 60)
    view.validation.setChecked(False)
    canvas = view.canvas
    stage, image = canvas.stage(), picture(canvas)
    points = RANDOM.uniform(-5.5, 5.5, size=(400, 2))
    sure = np.abs(trainer.model.outputs(points)[:, 0]) > 0.3
    crowded = np.array([np.hypot(*(trainer.problem.dataset.inputs - point).T).min() < 0.4 for point in points])
    edge = np.abs(points).max(axis=1) > 4.6  # the labels of the axes
    predicted = trainer.predict(points)[:, 0]
    sampled = points[sure & ~crowded & ~edge], predicted[sure & ~crowded & ~edge]
    assert len(sampled[0]) > 30
    for (x, y), label in zip(*sampled, strict=True):
        red, _, blue = colour_at(image, stage.to_pixel(x, y))
        assert (blue > red) == (label == 1)


def test_the_region_is_the_model_s_output_at_the_centre_of_each_pixel(view):
    trainer = shown(view, "02-circle.json")
    pictures = view.canvas.pictures
    side = pictures.region.shape[1]
    x0, x1, y0, y1 = pictures.extent
    steps = (np.arange(side) + 0.5) / side
    raw = np.stack([np.tile(x0 + (x1 - x0) * steps, side), np.repeat(y1 - (y1 - y0) * steps, side)], axis=1)
    assert pictures.region[0].ravel() == pytest.approx(trainer.model.outputs(raw)[:, 0], abs=1e-9)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_discretised_output_has_the_two_colours_of_its_classes_only(theme, view):
    trainer = shown(view, "02-circle.json")
    image = region_image(trainer.problem, view.canvas.pictures.region, theme, discrete=True)
    table = color_table(theme.activation_map, theme.card, theme.region_strength)
    found = sorted({image.pixel(x, y) for x in range(image.width()) for y in range(image.height())})
    expected = sorted(int(table[round(level * 255)]) for level in (0.1, 0.9))
    assert len(found) == 2
    for pixel, colour in zip(found, expected, strict=True):
        assert far(rgb(f"#{pixel & 0xFFFFFF:06x}"), rgb(f"#{colour & 0xFFFFFF:06x}")) <= 2


def test_the_switch_discretises_what_is_painted(view, qtbot):
    shown(view, "02-circle.json")
    smooth = picture(view.canvas)
    view.discrete.setChecked(True)
    assert picture(view.canvas) != smooth
    view.discrete.setChecked(False)
    assert picture(view.canvas) == smooth


def test_the_boundary_lies_where_the_output_is_between_the_classes(view):
    trainer = shown(view, "02-circle.json", 60)
    stage = view.canvas.stage()
    path = boundary(trainer.problem, view.canvas.pictures.region, stage.rect)
    points = [stage.to_data(QPointF(path.elementAt(k).x, path.elementAt(k).y)) for k in range(path.elementCount())]
    assert len(points) > 50
    assert np.abs(trainer.model.outputs(np.array(points))).max() < 0.05


def edited(trainer, index: int, value: float):
    """A frame just after an edit, with the ghost of what was there before."""
    problem, before = trainer.problem, trainer.theta.copy()
    trainer.set_parameter(index, value)
    figures = Figures(0.1, 0.1, 1.0, 1.0)
    effect = Effect("set", np.array([index]), problem, before, figures, figures)
    ghost = compute_pictures(problem, before, frozenset({"region"}))
    return dataclasses.replace(frame_of(trainer), effect=effect, ghost=ghost)


def dashes(view, path) -> tuple[int, int]:
    """Of the points along a line: how many are painted in the colour of ghosts, and how many there are."""
    image, lengths = picture(view.canvas), np.linspace(0.02, 0.98, 200)
    points = [path.pointAtPercent(length) for length in lengths]
    return sum(far(colour_at(image, point), rgb(LIGHT.text_3)) < 70 for point in points), len(points)


def test_after_an_edit_the_old_boundary_is_a_dashed_ghost_until_the_run_goes_on(view):
    trainer = shown(view, "02-circle.json", 60)
    view.validation.setChecked(False)
    old = boundary(trainer.problem, view.canvas.pictures.region, view.canvas.stage().rect)
    view.show_frame(edited(trainer, trainer.problem.architecture.parameters - 1, 0.6))
    assert view.canvas.ghost.lines(view.canvas.stage()) == old
    new = boundary(trainer.problem, view.canvas.pictures.region, view.canvas.stage().rect)
    assert old != new
    assert "before the edit" in [key.text for key in view.keys if key.used]
    inked, points = dashes(view, old)
    assert 0.2 * points < inked < 0.9 * points, "dashed"
    with_ghost = picture(view.canvas)
    trainer.run(updates=1)
    view.show_frame(frame_of(trainer))
    assert view.canvas.ghost is None
    assert "before the edit" not in [key.text for key in view.keys if key.used]
    assert dashes(view, old)[0] < inked
    assert picture(view.canvas) != with_ghost


@pytest.mark.parametrize("asked", ["05-hills.json", "iris.json"])
def test_where_there_is_no_line_there_is_no_ghost(asked, view):
    trainer = shown(view, asked)
    view.show_frame(edited(trainer, 0, float(trainer.theta[0]) + 2.0))
    picture(view.canvas)
    assert "before the edit" not in [key.text for key in view.keys if key.used]


def test_the_ghost_lies_below_the_boundary_where_both_are_the_same(view):
    trainer = shown(view, "02-circle.json", 60)
    view.validation.setChecked(False)
    plain = picture(view.canvas)
    view.show_frame(edited(trainer, 0, float(trainer.theta[0]) + 1e-9))
    assert view.canvas.ghost is not None
    there = boundary(trainer.problem, view.canvas.pictures.region, view.canvas.stage().rect)
    image, lengths = picture(view.canvas), np.linspace(0.02, 0.98, 100)
    points = [there.pointAtPercent(length) for length in lengths]
    assert max(far(colour_at(image, point), colour_at(plain, point)) for point in points) < 60


def test_after_an_edit_the_old_curve_is_a_ghost_below_the_new_one(view):
    trainer = shown(view, "04-sine.json")
    _, before = view.canvas.pictures.curve
    view.show_frame(edited(trainer, 0, float(trainer.theta[0]) + 2.0))
    stage, (x, _) = view.canvas.stage(), view.canvas.pictures.curve
    path = view.canvas.ghost.lines(stage)
    drawn = np.array([[path.elementAt(k).x, path.elementAt(k).y] for k in range(path.elementCount())])
    expected = [stage.to_pixel(a, b) for a, b in zip(x.tolist(), before[:, 0].tolist(), strict=True)]
    assert drawn == pytest.approx(np.array([[point.x(), point.y()] for point in expected]))
    assert dashes(view, path)[0] > 10


def test_a_regression_surface_has_the_colours_of_its_values(view):
    trainer = shown(view, "05-hills.json")
    region, problem = view.canvas.pictures.region, trainer.problem
    values = region[0] * problem.preparation.target_scale + problem.preparation.target_mean
    scale = np.abs(problem.dataset.targets).max()
    assert signed(problem, region[0]) == pytest.approx(values / scale)


def test_validation_points_come_and_go_by_their_switch(view):
    trainer = shown(view, "02-circle.json")
    canvas = view.canvas
    samples = trainer.problem.validation
    pixels = [canvas.stage().to_pixel(*trainer.problem.dataset.inputs[row]) for row in samples.rows.tolist()]
    hollow = [colour_at(picture(canvas), pixel) == rgb(LIGHT.casing) for pixel in pixels]
    assert np.mean(hollow) > 0.6, "rings, some of them covered by others"
    view.validation.setChecked(False)
    hollow = [colour_at(picture(canvas), pixel) == rgb(LIGHT.casing) for pixel in pixels]
    assert np.mean(hollow) < 0.05


def test_training_points_bear_the_colour_of_their_class(view):
    trainer = shown(view, experiment(data={"kind": "generated", "name": "gauss", "samples": 12}))
    view.validation.setChecked(False)
    canvas, problem = view.canvas, trainer.problem
    image = picture(canvas)
    right = [
        colour_at(image, canvas.stage().to_pixel(*problem.dataset.inputs[row]))
        == rgb(LIGHT.positive if problem.dataset.targets[row, 0] else LIGHT.negative)
        for row in problem.train.rows.tolist()
    ]
    assert np.mean(right) > 0.7


def test_a_click_rings_the_sample_and_says_its_class(view, qtbot):
    trainer = shown(view, experiment(data={"kind": "generated", "name": "gauss", "samples": 12}))
    row = int(trainer.problem.train.rows[3])
    at = view.canvas.stage().to_pixel(*trainer.problem.dataset.inputs[row])
    with qtbot.waitSignal(view.sampleSelected) as chosen:
        press(view.canvas, at)
    assert chosen.args == [view.canvas.row]
    label = trainer.problem.dataset.target.labels[int(trainer.problem.dataset.targets[view.canvas.row, 0])]
    assert view.canvas.text_at(at) == f"sample {view.canvas.row + 1}: class {label}"
    assert [key.text for key in view.keys if key.isVisible()][-1] == f"sample {view.canvas.row + 1}"


def test_arrow_keys_walk_through_the_samples_that_are_shown(view, qtbot):
    trainer = shown(view, experiment(data={"kind": "generated", "name": "gauss", "samples": 12}))
    view.validation.setChecked(False)
    walked = []
    for _ in range(len(trainer.problem.train) + 1):
        qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
        walked.append(view.canvas.row)
    rows = trainer.problem.train.rows.tolist()
    assert walked == [*rows, rows[0]]
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert view.canvas.row is None


def test_a_hidden_validation_sample_is_not_ringed_but_can_be_let_go(view):
    trainer = shown(view, "02-circle.json")
    view.validation.setChecked(False)
    plain, let_go = picture(view.canvas), []
    view.sampleCleared.connect(lambda: let_go.append(True))
    view.canvas.choose(int(trainer.problem.validation.rows[0]))
    assert picture(view.canvas) == plain
    view.validation.setChecked(True)
    ringed = picture(view.canvas)
    view.canvas.choose(None)
    assert ringed != picture(view.canvas)
    assert let_go == [True]


def test_of_thousands_of_predictions_only_those_painted_are_chosen_and_keep_their_ring(view):
    rows = RANDOM.normal(size=(12_000, 3))
    problem = posed(rows, Numbers(("y",)), rows[:, :1] * 2)
    view.show_frame(frame_with(problem, problem.first_theta))
    canvas, painted = view.canvas, {int(row) for each in view.canvas._spots(problem) for row in each.rows}
    assert len(painted) == 2_000
    plain, let_go = picture(canvas), []
    view.sampleCleared.connect(lambda: let_go.append(True))
    stage = canvas.stage()
    for spot in canvas._spots(problem):
        places = [stage.to_pixel(x, y) for x, y in zip(spot.x, spot.y, strict=True)]
        at = next(place for place in places if canvas.rect().contains(place.toPoint()))
        press(canvas, at)
        assert canvas.row in painted
        canvas.ring(canvas.row)
        assert picture(canvas) != plain
    # One that is looked at by its number has its ring too, though no point of it is painted.
    other = next(int(row) for row in problem.train.rows if int(row) not in painted and abs(rows[row, 0]) < 0.5)
    canvas.ring(other)
    assert picture(canvas) != plain
    canvas.choose(None)
    assert let_go == [True]
    assert picture(canvas) == plain


def test_a_sample_of_a_matrix_that_is_looked_at_before_there_are_pictures_is_marked_once_there_are(view):
    trainer = trained("iris.json", 20)
    whole = frame_of(trainer)
    row, let_go = int(trainer.problem.validation.rows[2]), []
    view.show_frame(dataclasses.replace(whole, pictures=None))
    view.canvas.ring(row)
    view.sampleCleared.connect(lambda: let_go.append(True))
    view.show_frame(whole)
    marked = picture(view.canvas)
    view.canvas.choose(None)
    assert let_go == [True]
    assert picture(view.canvas) != marked


def test_a_sample_whose_prediction_is_no_number_has_no_ring(view):
    rows = RANDOM.normal(size=(40, 3))
    problem = posed(rows, Numbers(("y",)), rows[:, :1])
    view.show_frame(frame_with(problem, np.full_like(problem.first_theta, np.nan)))
    plain = picture(view.canvas)
    view.canvas.ring(int(problem.train.rows[0]))
    assert picture(view.canvas) == plain
    press(view.canvas, QPointF(view.canvas.rect().center()))
    assert view.canvas.row is None


def test_whether_a_card_is_large_enough_for_a_matrix_depends_on_that_problem_alone(view):
    digits = trained("digits.json", 0).problem
    sizes = [(width, height) for width in (400, 500) for height in range(220, 420, 7)]
    fresh = [view.is_enough(digits, *size) for size in sizes]
    for asked in ("02-circle.json", "03-xor-gate.json", "digits.json"):
        shown(view, asked, 0)
        assert [view.is_enough(digits, *size) for size in sizes] == fresh


# --- truth ----------------------------------------------------------------------------------------------------------


def test_a_picture_of_other_parameters_is_not_kept(view):
    trainer = shown(view, "02-circle.json")
    frame = frame_of(trainer, pictures=False)
    view.show_frame(frame)
    assert view.canvas.pictures is not None, "the same parameters: the last picture is still true"
    trainer.step_epoch()
    view.show_frame(frame_of(trainer, pictures=False))
    assert view.canvas.pictures is None
    assert [figure.value.text() for figure in view.figures] == ["–", "–"]
    assert view.numbers() == ""


def test_figures_of_another_problem_are_not_kept(view):
    shown(view, "02-circle.json")
    view.show_frame(frame_of(trained("05-hills.json", 0), pictures=False))
    assert [figure.value.text() for figure in view.figures] == ["–", "–"]
    assert view.figures[0].label.text() == "Validation R²"


def test_accuracies_are_those_of_the_model(view):
    trainer = shown(view, "iris.json")
    problem = trainer.problem
    for figure, samples in zip(view.figures, (problem.train, problem.validation), strict=True):
        right = trainer.predict(problem.dataset.inputs[samples.rows]) == problem.dataset.targets[samples.rows]
        assert figure.value.text() == f"{100 * right.mean():.1f} %"


def test_errors_of_numbers_are_in_the_target_s_unit(view):
    rows = RANDOM.normal(size=(60, 3))
    problem = posed(rows, Numbers(("price",)), 1000 + 200 * rows[:, :1])
    view.show_frame(frame_with(problem, problem.first_theta))
    predicted = view.canvas.pictures.validation.predictions
    truth = problem.dataset.targets[problem.validation.rows]
    squares = (predicted - truth) ** 2
    rmse, r2 = np.sqrt(squares.mean()), 1 - squares.mean() / truth.var()
    assert view.figures[1].label.text() == "Validation error in price"
    assert float(view.figures[1].value.text()) == pytest.approx(rmse, abs=1e-4)
    assert float(view.figures[0].value.text().replace("−", "-")) == pytest.approx(r2, abs=1e-4)


# --- other kinds of data --------------------------------------------------------------------------------------------


def test_confusion_counts_are_the_model_s_on_the_part_that_is_shown(view):
    trainer = shown(view, "iris.json")
    problem = trainer.problem
    labels = problem.dataset.target.labels
    for samples, checked in ((problem.validation, True), (problem.train, False)):
        view.validation.setChecked(checked)
        predicted = trainer.predict(problem.dataset.inputs[samples.rows])[:, 0]
        expected = confusion(problem.dataset.targets[samples.rows, 0], predicted, 3)
        table = [line.split("\t") for line in view.numbers().splitlines()[2:]]
        assert table[0] == ["true \\ predicted", *labels]
        assert [[int(cell) for cell in row[1:]] for row in table[1:]] == expected.tolist()
        grid = lay_out(QRectF(view.canvas.rect()), labels)
        said = view.canvas.text_at(grid.cell(1, 2).center())
        offer = "; click to look at one" if expected[1, 2] else ""
        assert said == f"true versicolor, predicted virginica: {expected[1, 2]} of {expected[1].sum()}{offer}"


def test_a_click_on_a_cell_chooses_its_samples_one_after_the_other(view, qtbot):
    trainer = shown(view, "iris.json")
    problem, canvas = trainer.problem, view.canvas
    samples = problem.validation
    predicted = trainer.predict(problem.dataset.inputs[samples.rows])[:, 0]
    truth = problem.dataset.targets[samples.rows, 0]
    chosen, let_go = [], []
    view.sampleSelected.connect(chosen.append)
    view.sampleCleared.connect(lambda: let_go.append(True))
    grid = lay_out(QRectF(canvas.rect()), problem.dataset.target.labels)
    for cell in ((0, 0), (1, 1), (1, 2)):
        rows = np.sort(samples.rows[(truth == cell[0]) & (predicted == cell[1])]).tolist()
        canvas.choose(None)
        chosen.clear()
        plain = picture(view)
        for _ in range(len(rows) + 1 if rows else 0):
            qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=grid.cell(*cell).center().toPoint())
            assert picture(view) != plain, "its cell is marked"
        assert chosen == [*rows, *rows[:1]]
    let_go.clear()
    assert not ((truth == 0) & (predicted == 2)).any()
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=grid.cell(0, 2).center().toPoint())
    assert canvas.row is None
    assert let_go == [True], "an empty cell lets go"


def test_keys_go_through_the_samples_of_a_matrix_and_of_one_cell(view, qtbot):
    trainer = shown(view, "iris.json")
    problem, canvas = trainer.problem, view.canvas
    rows = np.sort(problem.validation.rows).tolist()
    canvas.setFocus()
    for key, row in ((Qt.Key.Key_Right, rows[0]), (Qt.Key.Key_Right, rows[1]), (Qt.Key.Key_Left, rows[0])):
        qtbot.keyClick(canvas, key)
        assert canvas.row == row
    predicted = dict(
        zip(rows, trainer.predict(problem.dataset.inputs[rows])[:, 0].tolist(), strict=True)
    )  # of each row
    alike = [
        row
        for row in rows
        if (problem.dataset.targets[row, 0], predicted[row])
        == (problem.dataset.targets[rows[0], 0], predicted[rows[0]])
    ]
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert canvas.row == alike[1 % len(alike)]
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.row is None


@pytest.mark.parametrize("asked", ["04-sine.json", "numbers"])
def test_a_click_on_a_point_over_a_line_or_of_predictions_chooses_its_sample(asked, view, qtbot):
    if asked == "numbers":
        rows = RANDOM.normal(size=(12, 3))
        problem = posed(rows, Numbers(("y",)), rows[:, :1] * 2)
        view.show_frame(frame_with(problem, problem.first_theta))
    else:
        problem = shown(view, asked, 5).problem
    canvas = view.canvas
    stage, chosen = canvas.stage(), []
    view.sampleSelected.connect(chosen.append)
    for row in (int(problem.train.rows[2]), int(problem.validation.rows[0])):
        (place,) = (at for each in canvas._spots(problem) if (at := each.of(row)) is not None)
        told = problem.dataset.targets[row, 0]
        if asked == "numbers":
            pictures = canvas.pictures
            parts = ((problem.train, pictures.train), (problem.validation, pictures.validation))
            predicted = [shown.predictions[samples.rows == row] for samples, shown in parts]
            assert place == (told, np.concatenate(predicted).item())
        else:
            assert place == (problem.dataset.inputs[row, 0], told)
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=stage.to_pixel(*place).toPoint())
        assert chosen[-1] == canvas.row
        found = next(at for each in canvas._spots(problem) if (at := each.of(chosen[-1])) is not None)
        away = stage.to_pixel(*found) - stage.to_pixel(*place)
        assert abs(away.x()) + abs(away.y()) < 3, "it, or one that lies on it"
        assert colour_at(picture(canvas), stage.to_pixel(*found) + QPointF(9, 0)) != rgb(LIGHT.card)


def test_cells_are_shaded_by_their_share_of_the_row(view):
    trainer = shown(view, "iris.json")
    counts = view.canvas.pictures.validation.confusion
    image, grid = picture(view.canvas), lay_out(QRectF(view.canvas.rect()), trainer.problem.dataset.target.labels)
    for row in range(3):
        for column in range(3):
            hue = LIGHT.positive if row == column else LIGHT.negative
            corner = grid.cell(row, column).topLeft() + QPointF(6, 6)
            expected = shade(LIGHT.sunken, hue, counts[row, column] / counts[row].sum())
            assert far(colour_at(image, corner), rgb(expected.name())) <= 1


@pytest.mark.parametrize("width", [200, 220, 320, 420, 700])
def test_every_number_of_a_confusion_matrix_has_room(width):
    labels = tuple(f"a long name of class {k}" for k in range(40))
    grid = lay_out(QRectF(0, 0, width, 300), labels)
    assert (grid.width >= 24, grid.height >= 14.5) == (True, True)
    assert grid.cell(0, grid.shown).right() <= width + 48
    assert grid.cell(grid.shown - 1, 0).bottom() <= 300.5
    assert grid.left - grid.names >= -0.5


def test_ten_classes_in_a_narrow_card_put_the_figures_below(view):
    trainer = shown(view, "digits.json", 0)
    view.resize(412, 378)
    picture(view)
    assert capacity(view.canvas.width(), view.canvas.height()) > capacity(view.canvas.width() - 168, 318)
    assert view._side.y() >= view.canvas.geometry().bottom()
    assert trainer.problem.architecture.sizes[-1] == 10
    shown(view, "02-circle.json", 0)
    picture(view)
    assert view._side.x() >= view.canvas.geometry().right()


def test_the_curve_is_what_the_model_predicts(view):
    trainer = shown(view, "04-sine.json")
    x, y = view.canvas.pictures.curve
    assert y == pytest.approx(trainer.predict(x[:, None]), abs=1e-9)
    canvas = view.canvas
    stage, image = canvas.stage(), picture(canvas)
    near = 0
    for k in range(20, len(x) - 20, 7):
        near += far(colour_at(image, stage.to_pixel(x[k], y[k, 0])), rgb(LIGHT.accent)) < 40
    assert near > 25


def test_several_classes_of_one_number_have_a_curve_each(view):
    x = np.sort(RANDOM.normal(size=(45, 1)), axis=0)
    problem = posed(x, Classes("kind", ("low", "mid", "high")), np.repeat([0.0, 1.0, 2.0], 15)[:, None])
    view.show_frame(frame_with(problem, problem.first_theta))
    canvas = view.canvas
    grid, curves = canvas.pictures.curve
    stage, image = canvas.stage(), picture(canvas)
    for output in range(3):
        pixels = [stage.to_pixel(grid[k], curves[k, output]) for k in range(10, 290, 5)]
        hits = sum(far(colour_at(image, pixel), rgb(LIGHT.classes[output])) < 60 for pixel in pixels)
        assert hits > 20
    assert [key.text for key in view.keys if key.isVisible()][:3] == ["high", "mid", "low"]


# --- points drawn by hand -------------------------------------------------------------------------------------------


def draw(view, *points) -> None:
    """Draw points ``(x1, x2, button, modifiers)``."""
    for x, y, *how in points:
        press(view.canvas, view.canvas.stage().to_pixel(x, y), *how)


def learned(view, problem):
    """The problem that the window would pose of the points drawn."""
    inputs, targets = view.drawn_rows()
    asked = replace(problem.experiment, "data", to_plain(Inline(inputs, targets)))
    return pose(replace(asked, "split", to_plain(view.drawn_split())), inline_dataset(inputs, targets))


@pytest.mark.parametrize("output", ["tanh", "sigmoid", "softmax"])
def test_drawn_points_are_learned_beside_those_there_were(output, view):
    loss = {"tanh": "mse", "sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}[output]
    asked = experiment(
        split={"train": 0.5, "validation": 0.3, "test": 0.2},
        network={"hidden": [{"units": 3}], "output_activation": output},
        learning={"kind": "supervised", "loss": loss},
    )
    old = shown(view, asked, 0).problem
    view.draw.setChecked(True)
    draw(view, (1.5, -2.5), (-3, 2, RIGHT), (0.5, 0.5, LEFT, SHIFT))
    assert view.draw.text() == "Learn these 3"
    new = learned(view, old)
    assert len(new.train) == len(old.train) + 3
    for before, after in ((old.validation, new.validation), (old.test, new.test)):
        assert np.array_equal(after.inputs, before.inputs)
        assert np.array_equal(after.targets, before.targets)
    assert np.array_equal(new.train.inputs[:-3], old.train.inputs)
    assert np.array_equal(new.train.targets[:-3], old.train.targets)
    assert new.train.inputs[-3:] == pytest.approx(np.array([[1.5, -2.5], [-3, 2], [0.5, 0.5]]), abs=0.03)
    a = old.preparation.targets(np.array([[1.0]]))[0]
    b = old.preparation.targets(np.array([[0.0]]))[0]
    assert new.train.targets[-3:].tolist() == [a.tolist(), b.tolist(), b.tolist()]
    assert new.architecture == old.architecture


def test_points_are_handed_over_once_when_drawing_ends(view, qtbot):
    shown(view, experiment(), 0)
    handed = []
    view.pointsDrawn.connect(handed.append)
    view.draw.setChecked(True)
    draw(view, (1, 1), (2, 2, RIGHT))
    view.draw.setChecked(False)
    assert [[point[2] for point in points] for points in handed] == [[1, 0]]
    assert view.draw.text() == "Draw points"


def test_a_regression_or_any_other_table_is_drawn_over_on_an_empty_plane(view):
    rows = RANDOM.normal(size=(30, 4))
    for problem in (
        posed(rows[:, :2], Numbers(("y",)), rows[:, 2:3]),
        posed(rows[:, :2], Classes("kind", ("a", "b", "c")), np.arange(30)[:, None] % 3.0),
        posed(rows, Classes("kind", ("a", "b")), np.arange(30)[:, None] % 2.0),
        posed(rows[:, :1], Numbers(("y",)), rows[:, 2:3]),
    ):
        view.show_frame(frame_with(problem, problem.first_theta))
        view.set_drawing(True)
        assert view.draw.isVisible()
        draw(view, (1, 1), (-2, 3, RIGHT))
        inputs, targets = view.drawn_rows()
        assert np.array(inputs) == pytest.approx(np.array([[1, 1], [-2, 3]]), abs=0.05)
        assert targets == ((1.0,), (0.0,))
        assert view.drawn_split() is None
        assert inline_dataset(inputs, targets).target == Classes("class", ("B", "A"))
        view.forget_drawn()


def test_one_class_alone_is_not_handed_over(view):
    shown(view, "iris.json", 0)
    handed = []
    view.pointsDrawn.connect(handed.append)
    view.set_drawing(True)
    draw(view, (1, 1), (2, 2))
    view.draw.setChecked(False)
    assert (handed, view.draw.text()) == ([], "Draw both classes")
    assert view.canvas.is_drawing
    assert view.draw.isChecked()
    draw(view, (-1, 1, RIGHT))
    view.draw.setChecked(False)
    assert (len(handed[0]), view.canvas.is_drawing) == (3, False)


def test_a_table_of_two_numbers_and_two_classes_keeps_its_rows_and_takes_the_new_ones(view):
    inputs = np.column_stack([RANDOM.normal(50, 9, 30), RANDOM.normal(5e4, 9e3, 30)])
    problem = posed(inputs, Classes("pays", ("no", "yes")), np.arange(30)[:, None] % 2.0)
    view.show_frame(frame_with(problem, problem.first_theta))
    view.set_drawing(True)
    draw(view, (50, 5e4), (55, 4e4, RIGHT))
    new = learned(view, problem)
    assert (len(new.train), len(new.validation)) == (len(problem.train) + 2, len(problem.validation))
    assert new.experiment.standardize is True
    assert np.abs(new.train.inputs).max() < 5


def test_points_can_be_drawn_and_taken_back_by_keyboard(view, qtbot):
    shown(view, experiment(), 0)
    view.set_drawing(True)
    key = Qt.Key
    for pressed in (key.Key_Right, key.Key_Right, key.Key_Up):
        qtbot.keyClick(view.canvas, pressed)
    qtbot.keyClick(view.canvas, key.Key_Return)
    qtbot.keyClick(view.canvas, key.Key_Left)
    qtbot.keyClick(view.canvas, key.Key_Return, SHIFT)
    points = view.canvas.drawing.points
    assert [point[2] for point in points] == [1, 0]
    assert np.array([point[:2] for point in points]) == pytest.approx(np.array([[0.6, 0.3], [0.3, 0.3]]))
    qtbot.keyClick(view.canvas, key.Key_Backspace)
    assert (len(points), view.draw.text()) == (1, "Learn these 1")


def test_escape_ends_drawing_without_handing_over(view, qtbot):
    shown(view, experiment(), 0)
    handed = []
    view.pointsDrawn.connect(handed.append)
    view.set_drawing(True)
    draw(view, (1, 1), (2, 2, RIGHT))
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert (handed, view.canvas.is_drawing, view.canvas.drawing.points) == ([], False, [])


def test_other_data_end_drawing_and_what_was_drawn_is_not_learned_from_them(view):
    shown(view, experiment(), 0)
    handed = []
    view.pointsDrawn.connect(handed.append)
    view.set_drawing(True)
    draw(view, (1, 1), (2, 2, RIGHT))
    shown(view, "iris.json", 0)
    assert (handed, view.draw.isChecked(), view.canvas.is_drawing) == ([], False, False)
    assert not view.draw.isVisible()


def test_while_drawing_the_right_button_opens_no_menu(view):
    shown(view, experiment(), 0)
    opened = []
    view.contextMenuEvent = lambda event: opened.append(event)
    for drawing in (False, True):
        view.set_drawing(drawing)
        at = view.canvas.rect().center()
        mouse = QContextMenuEvent.Reason.Mouse
        event = QContextMenuEvent(mouse, at, view.canvas.mapToGlobal(at), Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.canvas, event)
        assert event.isAccepted() or not drawing
    assert len(opened) == 1


def test_the_context_menu_offers_drawing_and_its_ends(view):
    shown(view, experiment(), 0)
    menu = QMenu()
    view.extend_menu(menu)
    assert [action.text() for action in menu.actions()] == ["Draw points"]
    menu.actions()[0].trigger()
    menu = QMenu()
    view.extend_menu(menu)
    assert [action.text() for action in menu.actions()] == ["Learn the points drawn", "Forget the points drawn"]


# --- everything is survived -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e308])
@pytest.mark.parametrize("asked", ["02-circle.json", "05-hills.json", "04-sine.json", "iris.json"])
def test_parameters_that_are_no_numbers_are_survived(asked, value, view):
    problem = trained(asked, 0).problem
    theta = problem.first_theta.copy()
    theta[::2] = value
    for all_of_it in (False, True):
        if all_of_it:
            theta[:] = value
        view.show_frame(frame_with(problem, theta.copy()))
        for theme in THEMES.values():
            view.set_theme(theme)
            picture(view)


def test_diverged_numbers_of_several_inputs_are_survived(view):
    rows = RANDOM.normal(size=(30, 3))
    problem = posed(rows, Numbers(("a", "b")), rows[:, :2])
    for value in (float("nan"), float("inf"), 1e300):
        view.show_frame(frame_with(problem, np.full_like(problem.first_theta, value)))
        picture(view)


@pytest.mark.parametrize(
    "asked",
    [f"{name}.json" for name in ("01-spiral", "04-sine", "05-hills", "iris", "digits", "trap", "worked-example")],
)
def test_all_shipped_data_are_painted_in_both_themes_and_at_every_size(asked, view):
    shown(view, asked, 1)
    for theme in (DARK, LIGHT):
        view.set_theme(theme)
        for size in ((380, 320), (620, 460), (1000, 700)):
            view.resize(*size)
            picture(view)


def test_a_missing_number_that_is_filled_stands_where_the_network_sees_it(view):
    inputs = PLANE.copy()
    inputs[3, 1] = np.nan
    problem = posed(PLANE, Classes("k", ("a", "b")), np.arange(40)[:, None] % 2.0)
    dataset = dataclasses.replace(problem.dataset, inputs=inputs, fill_missing=True)
    problem = pose(problem.experiment, dataset)
    view.show_frame(frame_with(problem, problem.first_theta))
    picture(view)
    assert is_plane(dataset)
    at = view.canvas.stage().to_pixel(inputs[3, 0], problem.preparation.fill[1])
    assert view.canvas._row_at(at) == 3


def test_long_names_do_not_make_the_card_wider(view):
    name = "average_annual_household_income_before_taxes"
    width = view.minimumSizeHint().width()
    problem = posed(PLANE, Classes(name, (name, f"no {name}")), np.arange(40)[:, None] % 2.0)
    view.show_frame(frame_with(problem, problem.first_theta))
    QApplication.processEvents()
    assert view.minimumSizeHint().width() <= width + 40


# --- scales ---------------------------------------------------------------------------------------------------------
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 12))
def test_ticks_are_round_lie_within_and_are_at_least_two(low, width, count):
    values = ticks(low, low + width, count)
    assert 2 <= len(values) <= 3 * count + 3
    room = 1e-9 * (abs(low) + width)
    assert all(low - room <= value <= low + width + room for value in values)
    step = values[1] - values[0]
    assert step / 10 ** np.floor(np.log10(step) + 1e-9) == pytest.approx(1, rel=1e-6) or any(
        step / 10 ** np.floor(np.log10(step) + 1e-9) == pytest.approx(factor, rel=1e-6) for factor in (2, 5, 10)
    )


def test_names_of_classes_are_written_out_where_a_place_below_the_matrix_gives_room_for_them(studio):
    """At 1280 × 800 three species beside their figures would be cut to s…a, v…r and v…a."""
    studio.window.resize(1280, 800)
    studio.open("iris.json")
    canvas = studio.window.output_view.canvas
    labels = studio.frame.problem.dataset.target.labels
    studio.qtbot.waitUntil(lambda: names_fit(canvas.width(), canvas.height(), labels))
    studio.window.resize(1600, 1000)
    studio.qtbot.waitUntil(lambda: studio.window.workspaces.width() > 1200)
    studio.qtbot.waitUntil(lambda: names_fit(canvas.width(), canvas.height(), labels))
