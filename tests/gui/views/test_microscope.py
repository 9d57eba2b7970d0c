"""The microscope: every number it shows is the frame's, and its arithmetic adds up or says ≈."""

from __future__ import annotations

import math
import subprocess
import sys
from decimal import Decimal
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers, TextColumn
from ann_studio.engine.messages import Examine, Step, Unit
from ann_studio.gui.painting import painting
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.theme import DARK, LIGHT
from ann_studio.gui.views.microscope import MicroscopeView, drawing
from ann_studio.gui.views.microscope.arithmetic import adds_up, read, relation, total
from ann_studio.gui.views.microscope.chooser import subject_of_row
from ann_studio.gui.views.microscope.rules import changed, fitting, show
from ann_studio.gui.views.microscope.scene import Figure
from ann_studio.gui.views.microscope.typeset import Frac, Num, Raised, Style, Tex, measure, typeset
from ann_studio.learning.experiment import Activation
from ann_studio.learning.problem import pose
from ann_studio.learning.state import Subject
from ann_studio.learning.trainer import Trainer
from tests.gui.views.frames import experiment, frame_of, picture, posed, press, trained
from tests.gui.views.frames import show as put
from tests.nn.networks import PAIRS
from tests.nn.rules import HYPER


# --- arithmetic -----------------------------------------------------------------------------------------------------
@given(st.lists(st.lists(st.floats(-50, 50), min_size=1, max_size=3), min_size=1, max_size=5), st.integers(-2, 2))
def test_an_equals_sign_stands_only_where_the_shown_terms_give_the_shown_result(values, off):
    terms = [tuple(show(value) for value in factors) for factors in values]
    exact = sum(math.prod(float(text.replace("−", "-")) for text in factors) for factors in terms)
    shown = show(exact + off * 10.0 ** -(3 + (abs(exact) < 0.0995) + (abs(exact) < 0.00995)))
    digits = -read(shown).as_tuple().exponent
    away = abs(float(read(shown)) - exact)
    if adds_up(terms, shown) == "=":
        assert away <= 0.5 * 10.0**-digits * (1 + 1e-9)
    else:
        assert away >= 0.5 * 10.0**-digits * (1 - 1e-9)


def test_sums_that_do_not_add_up_as_rounded_say_so():
    assert adds_up([("1.24", "−0.94"), ("−1.75", "−0.52"), ("−0.81",)], "−1.06") == "≈"
    assert adds_up([("1.24", "−0.94"), ("−1.75", "−0.52"), ("−0.81",)], "−1.07") == "="
    assert adds_up([("4.2e−05",), ("1.0e−05",)], "5.2e−05") == "="
    assert total([("0.1", "3"), ("−0.3",)]) == 0
    assert adds_up([("–",)], "0.3") == relation(Decimal(1), "∞") == relation(math.nan, "1") == "≈"


@given(st.floats(-1e7, 1e7))
def test_a_shown_number_has_three_significant_digits_or_three_decimals(value):
    found = float(read(show(value)))
    assert abs(found - value) <= max(0.0005, 0.005 * abs(value)) * (1 + 1e-9)
    assert abs(found - value) <= 0.006 * abs(value)


@given(st.floats(-5, 5), st.floats(-1, 1))
def test_a_change_is_seen_in_what_is_shown_before_and_after(old, difference):
    texts = changed(old, difference, old + difference)
    if abs(difference) > 2e-7:
        assert texts[0] != texts[2]


# --- the numbers are the frame's ------------------------------------------------------------------------------------
def numbers_of(problem, snapshot, figure) -> float:
    """What the frame has for a figure of the stage."""
    phase, theta, architecture, at = snapshot.phase, snapshot.state.theta, problem.architecture, figure.at
    if figure.what == "cost":
        return phase.loss
    if isinstance(at, NeuronPoint):
        layer, unit = at.layer - 1, at.unit
        bias = architecture.bias_index(layer, unit) if at.layer else None
        return {
            "b": lambda: theta[bias],
            "new b": lambda: phase.next_theta[bias],
            "Δb": lambda: phase.next_theta[bias] - theta[bias],
            "z": lambda: phase.pre_activations[layer][unit],
            "a": lambda: phase.activations[at.layer][unit],
            "δ": lambda: phase.deltas[layer][unit],
            "y": lambda: phase.targets[unit],
            "a − y": lambda: phase.activations[-1][unit] - phase.targets[unit],
        }[figure.what]()
    index = architecture.weight_index(at.layer, at.source, at.target)
    return {
        "w": lambda: theta[index],
        "w·a": lambda: theta[index] * phase.activations[at.layer][at.source],
        "w·δ": lambda: theta[index] * phase.deltas[at.layer][at.target],
        "∂C/∂w": lambda: phase.sample_gradient[index],
        "new w": lambda: phase.next_theta[index],
        "Δw": lambda: phase.next_theta[index] - theta[index],
    }[figure.what]()


def check(view: MicroscopeView, frame) -> None:
    """Every number painted or held is the frame's, and every one that the frame knows is held."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    picture(view)
    scene, phase = view.stage.arrange(), snapshot.phase
    figures = scene.figures()
    assert view.stage.painted
    held = {id(figure) for figure in figures}
    assert all(id(figure) in held for figure in view.stage.painted)
    for figure in figures:
        assert figure.value == numbers_of(problem, snapshot, figure), figure
        assert figure.text == show(figure.value, sign=figure.signed)
    kinds = {figure.what for figure in figures}
    known = {"w", "b"}
    if phase is not None:
        known |= {"a", "z", "w·a"}
        known |= {"cost", "y", "a − y"} if phase.loss is not None and phase.targets is not None else set()
        known |= {"δ", "∂C/∂w"} if any(delta is not None for delta in phase.deltas) else set()
        known |= {"new w", "new b", "Δw", "Δb"} if phase.next_theta is not None else set()
    assert kinds - {"w·δ"} == known


def stepped(qtbot, trainer: Trainer, phases: int, size=(1500, 800)) -> MicroscopeView:
    """A view that was shown each phase of a trainer, checked at each."""
    view = MicroscopeView()
    put(qtbot, view, *size)
    view.set_theme(LIGHT)
    for _ in range(phases):
        trainer.step_phase()
        frame = frame_of(trainer, pictures=False)
        view.show_frame(frame)
        check(view, frame)
    return view


def numeric_data(outputs: int, kind: str) -> Dataset:
    random = np.random.default_rng(1)
    columns = (NumberColumn("x1"), NumberColumn("x2"))
    x = random.normal(size=(6, 2))
    if kind in ("binary_cross_entropy", "cross_entropy"):
        classes = 2 if outputs == 1 else outputs
        return Dataset(
            columns, x, Classes("c", tuple("abc"[:classes])), (np.arange(6) % classes).astype(float)[:, None]
        )
    return Dataset(columns, x, Numbers(tuple("pqr"[:outputs])), random.normal(size=(6, outputs)))


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_every_number_of_every_step_is_the_frames_for_each_output_and_loss(output, loss, qtbot):
    outputs = 1 if output == "sigmoid" and loss == "binary_cross_entropy" else 3
    asked = experiment(
        network={"hidden": [{"units": 3, "activation": "tanh"}], "output_activation": output},
        learning={"kind": "supervised", "loss": loss, "batch_size": 2},
        split={"train": 1.0, "validation": 0.0, "test": 0.0},
    )
    trainer = Trainer(pose(asked, numeric_data(outputs, loss)))
    view = stepped(qtbot, trainer, 11)
    assert [card.stage for card in view.formulas] == ["done", "done", "done", "now"]
    assert all(card.lines and card.sentence for card in view.formulas)


@pytest.mark.parametrize("name", get_args(Activation))
def test_every_activation_has_its_formula(name, qtbot):
    asked = experiment(
        network={"hidden": [{"units": 2, "activation": name}, {"units": 2, "activation": name}]},
        learning={"kind": "supervised", "batch_size": 1},
    )
    view = stepped(qtbot, trained(asked, 1), 8)
    assert all(card.lines and card.sentence for card in view.formulas)
    for point in (NeuronPoint(1, 1), NeuronPoint(2, 0), WeightPoint(0, 1, 1), WeightPoint(2, 0, 0), NeuronPoint(0, 1)):
        view.stage.select(point)
        assert all(card.lines and card.sentence for card in view.formulas)
        picture(view)


@pytest.mark.parametrize("kind", HYPER)
@pytest.mark.parametrize(("regularizer", "clip"), [("none", None), ("l2", 0.01), ("l1", 5.0)])
def test_the_update_of_every_rule_is_old_plus_difference_and_plain_descent_yields_it(kind, regularizer, clip, qtbot):
    asked = experiment(
        network={"hidden": [{"units": 2, "activation": "tanh"}]},
        learning={
            "kind": "supervised", "batch_size": 2, "clip_norm": clip, "regularizer": {"kind": regularizer},
            "optimizer": {"kind": kind, "learning_rate": 0.1},
        },
    )  # fmt: skip
    trainer = trained(asked, 1)
    view = stepped(qtbot, trainer, 11)
    snapshot, problem = trainer.snapshot(), trainer.problem
    for point in (None, WeightPoint(0, 1, 0), NeuronPoint(1, 0)):
        view.stage.select(point)
        card = view.formulas[3]
        values = {what: value for what, value, _ in card.values}
        architecture = problem.architecture
        index = (
            architecture.weight_index(1, 0, 0) if point is None
            else architecture.weight_index(0, 1, 0) if isinstance(point, WeightPoint) else architecture.bias_index(0, 0)
        )  # fmt: skip
        assert values["old"] == snapshot.state.theta[index]
        assert values["new"] == snapshot.phase.next_theta[index]
        assert values["difference"] == values["new"] - values["old"]
        rates = [box.text for line in card.lines for box in line if isinstance(box, Num) and box.text == "−0.1"]
        assert bool(rates) == (kind == "sgd"), "only plain descent is written with its rate"


def test_a_frozen_weight_is_said_to_be_held(qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]}), 1)
    trainer.freeze((0,))
    view = stepped(qtbot, trainer, 7 * 5 + 1)
    view.stage.select(WeightPoint(0, 0, 0))
    assert "held" in view.formulas[3].sentence
    assert len(view.formulas[3].lines) == 1


def test_of_a_big_layer_the_largest_terms_are_shown_and_the_rest_summed(qtbot):
    random = np.random.default_rng(0)
    problem = posed(
        random.normal(size=(20, 784)),
        Classes("digit", tuple(map(str, range(10)))),
        (np.arange(20) % 10).astype(float)[:, None],
        network={"hidden": [{"units": 128, "activation": "relu"}, {"units": 64, "activation": "relu"}]},
    )
    trainer = Trainer(problem)
    view = stepped(qtbot, trainer, 7, (1280, 640))
    layout = view.stage._layout
    assert [column.units for column in layout.columns] == [784, 128, 64, 10]
    assert all(len(column.slots) <= 20 for column in layout.columns)
    view.stage.select(NeuronPoint(1, 77))
    check(view, frame_of(trainer, pictures=False))
    assert NeuronPoint(1, 77) in {item.point for item in view.stage.scene.neurons}
    line = view.formulas[0].lines[0]
    more = next(box for box in line if isinstance(box, Tex) and "more" in box.source)
    assert "780 more" in more.source
    rest = line[line.index(more) + 2].text
    phase = trainer.phase
    weights = trainer.theta[problem.architecture.weight_index(0, 0, 77) :][:784]
    products = weights * phase.activations[0]
    kept = np.sort(np.abs(products))[-4:].min()
    assert rest == show(float(products[np.abs(products) < kept].sum()), sign=True)


def test_a_deep_network_shows_the_layers_around_the_one_at_hand(qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}] * 20}), 0)
    view = stepped(qtbot, trainer, 1, (1280, 640))
    assert view.stage._layout.columns[0].layer == 0
    assert len(view.stage._layout.columns) < 22
    for _ in range(30):
        trainer.step_phase()
    view.show_frame(frame_of(trainer, pictures=False))
    assert trainer.phase.kind == "backward"
    view.stage.arrange()
    assert trainer.phase.layer + 1 in [column.layer for column in view.stage._layout.columns]


# --- steps, samples, keys -------------------------------------------------------------------------------------------
def test_between_updates_there_is_a_sentence_and_a_button(qtbot):
    view = MicroscopeView()
    put(qtbot, view, 1400, 800)
    view.show_frame(frame_of(trained(experiment(), 1), pictures=False))
    sent = []
    view.commanded.connect(sent.append)
    assert view.step.isVisible()
    assert "choose a sample" in view.note.text()
    qtbot.mouseClick(view.step, Qt.MouseButton.LeftButton)
    assert sent == [Step(Unit.PHASE)]
    assert [card.stage for card in view.formulas] == ["todo"] * 4


def test_the_gradients_of_a_batch_add_up_before_its_update(qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]}), 1)
    view = MicroscopeView()
    put(qtbot, view, 1500, 800)
    view.stage.select(WeightPoint(0, 0, 1))
    lengths = []
    for _ in range(7 * 5 + 1):
        trainer.step_phase()
        frame = frame_of(trainer, pictures=False)
        view.show_frame(frame)
        growth, phase = view.column.cards[3].growth, trainer.phase
        index = trainer.problem.architecture.weight_index(0, 0, 1)
        assert growth.present == phase.gradient[index]
        lengths.append(len(growth.so_far))
        if phase.kind == "update" or (phase.kind == "backward" and phase.layer == 0):
            assert growth.so_far[-1] == phase.gradient[index]
            assert len(growth.so_far) == phase.sample + 1
    assert sorted(lengths) == lengths
    assert (lengths[0], lengths[-1]) == (0, 7)


def shown(qtbot, dataset: Dataset | None = None) -> tuple[MicroscopeView, Trainer, list]:
    asked = experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]})
    trainer = Trainer(pose(asked, dataset)) if dataset is not None else trained(asked, 0)
    view, sent = MicroscopeView(), []
    put(qtbot, view, 1500, 800)
    view.commanded.connect(sent.append)
    view.show_frame(frame_of(trainer, pictures=False))
    return view, trainer, sent


def test_a_row_of_the_data_is_found_in_its_part(qtbot):
    _view, trainer, _sent = shown(qtbot)
    problem = trainer.problem
    for part, samples in (("train", problem.train), ("validation", problem.validation)):
        for row, of_dataset in enumerate(samples.rows.tolist()):
            assert subject_of_row(problem, of_dataset) == Subject(part, row)
    assert subject_of_row(problem, 10_000) is None


def test_a_sample_is_chosen_by_part_and_number_and_bad_numbers_are_refused_in_words(qtbot):
    view, trainer, sent = shown(qtbot)
    view.chooser.part.chosen.emit("validation")
    assert sent == [Examine(Subject("validation", 0))]
    trainer.examine(sent[-1].subject)
    frame = frame_of(trainer, pictures=False)
    view.show_frame(frame)
    check(view, frame)
    assert view.chooser.number.isVisible()
    assert view.chooser.back.isVisible()
    rows = trainer.problem.validation.rows + 1
    assert f"validation sample {rows[0]}" in view.card.subtitle.text()
    field = view.chooser.number
    for text in ("4000", "0", "many", "2.5"):
        field.setText(text)
        field.editingFinished.emit()
        assert view.refusal.text().startswith("There is no sample")
        assert view.refusal.isVisible()
        assert len(sent) == 1
    for part in ("validation", "train"):  # whichever part it is of
        field.setText(str(getattr(trainer.problem, part).rows[4] + 1))
        field.editingFinished.emit()
        assert sent[-1] == Examine(Subject(part, 4))
    assert not view.refusal.isVisible()
    view.chooser.back.click()
    assert sent[-1] == Examine(None)


def test_an_input_of_ones_own_flows_forward_and_has_no_error(qtbot):
    view, trainer, sent = shown(qtbot)
    view.chooser.part.chosen.emit("own")
    assert view.own.isVisible()
    assert sent[-1].subject.part == "own"
    view.own.fields[1].setText("−2.5")
    view.own.fields[1].editingFinished.emit()
    subject = sent[-1].subject
    assert subject.inputs[1] == -2.5
    trainer.examine(subject)
    frame = frame_of(trainer, pictures=False)
    view.show_frame(frame)
    check(view, frame)
    assert view.own.isVisible()
    assert [card.stage for card in view.formulas] == ["now", "todo", "todo", "todo"]
    assert "own" in view.card.subtitle.text()
    count = len(sent)
    for text in ("nonsense", "inf"):
        view.own.fields[0].setText(text)
        view.own.fields[0].editingFinished.emit()
        assert "is no number" in view.refusal.text()
    assert len(sent) == count


def test_columns_of_words_are_left_out_of_an_own_input_and_it_is_said(qtbot):
    columns = (NumberColumn("age"), TextColumn("colour", ("red", "blue")), NumberColumn("size"))
    x = np.abs(np.random.default_rng(0).normal(size=(20, 4)))
    x[:, 1], x[:, 2] = 1.0, 0.0
    dataset = Dataset(columns, x, Classes("c", ("no", "yes")), (np.arange(20) % 2).astype(float)[:, None])
    view, trainer, sent = shown(qtbot, dataset)
    view.chooser.part.chosen.emit("own")
    assert sorted(view.own.fields) == [0, 3]
    said = [label.text() for label in view.own.findChildren(type(view.card.title))]
    assert "without colour" in said
    assert sent[-1].subject.inputs[1:3] == (0.0, 0.0)
    trainer.examine(sent[-1].subject)
    assert trainer.phase.activations[0].tolist() == [sent[-1].subject.inputs[0], 0.0, 0.0, sent[-1].subject.inputs[3]]


def test_a_click_selects_and_keys_walk(qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]}), 1)
    view = stepped(qtbot, trainer, 5)
    stage = view.stage
    pill = stage._pills[0]
    press(stage, pill.rect.center())
    assert stage.point == pill.item.point
    column = stage._layout.column(1)
    press(stage, column.rect(1).center())
    assert stage.point == NeuronPoint(1, 1)
    assert "neuron 2" in view.formulas[0].sentence
    press(stage, stage._layout.target_rect(0).center())
    assert stage.point == NeuronPoint(2, 0)
    stage.setFocus()
    for key, expected in (
        (Qt.Key.Key_Left, NeuronPoint(1, 0)),
        (Qt.Key.Key_Down, NeuronPoint(1, 1)),
        (Qt.Key.Key_Left, NeuronPoint(0, 1)),
        (Qt.Key.Key_Right, NeuronPoint(1, 1)),
    ):
        qtbot.keyClick(stage, key)
        assert stage.point == expected
    seen = set()
    for _ in range(2):
        qtbot.keyClick(stage, Qt.Key.Key_Return)
        seen.add(stage.point)
    assert seen == {WeightPoint(0, 0, 1), WeightPoint(0, 1, 1)}
    qtbot.keyClick(stage, Qt.Key.Key_Escape)
    assert stage.point is None


def test_the_present_step_is_said_to_a_screen_reader(qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]}), 1)
    view = stepped(qtbot, trainer, 4)
    assert view.stage.accessibleName() == "Step 4 of 36: Backward through output"
    assert view.formulas[2].sentence.replace("δ", "delta") in view.stage.accessibleDescription()
    view.stage.select(NeuronPoint(1, 1))
    described = view.stage.accessibleDescription()
    assert described.startswith("Hidden 1 neuron 2")
    a = float(trainer.phase.activations[1][1])
    assert f"{a:.10g}".replace("-", "minus ") in described
    card = view.column.cards[2]
    assert (card.accessibleName(), "the present step" in card.accessibleDescription()) == ("Step 3: Backward", True)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("size", [(620, 420), (1568, 816)])
def test_it_can_be_painted_at_any_size_and_with_numbers_beyond_all_bounds(theme, size, qtbot):
    trainer = trained(experiment(), 1)
    trainer.set_parameters((0, 3, 7), (1e300, -1e300, 0.0))
    view = MicroscopeView()
    put(qtbot, view, *size)
    view.set_theme(theme)
    for _ in range(9):
        trainer.step_phase()
        view.show_frame(frame_of(trainer, pictures=False))
        picture(view)


# --- typesetting ----------------------------------------------------------------------------------------------------
def test_what_is_typeset_is_kept_and_as_wide_as_it_is_measured():
    style = Style(18.0, LIGHT.text)
    assert typeset(r"\delta_{h_{1}}", style) is typeset(r"\delta_{h_{1}}", style)
    parts = (Tex("a ="), Frac((Num("1"),), (Num("1"), Tex("+"), Tex("e"), Raised((Num("−0.378"),)))))
    whole = measure(parts, style)
    assert whole.width == pytest.approx(sum(measure((part,), style).width for part in parts))
    assert whole.up > 18.0
    assert measure((Num("−0.5", True),), style).width > measure((Num("−0.5"),), style).width


def test_the_typesetter_is_not_loaded_before_a_formula_is_shown():
    code = (
        "import sys, ann_studio.gui.main_window; print([n for n in ('ziamath', 'PySide6.QtSvg') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_what_lies_under_the_mouse_is_told_with_all_digits(qtbot):
    trainer = trained(experiment(network={"hidden": [{"units": 2, "activation": "tanh"}]}), 1)
    view = stepped(qtbot, trainer, 2)
    column = view.stage._layout.column(2)
    point = view.stage.point_at(QPointF(column.rect(0).center()))
    lines = view.stage.exact_lines(point)
    assert lines[0] == "Output"
    assert f"a = {trainer.phase.activations[2][0]:.10g}".replace("-", "−") in lines
    QApplication.processEvents()


@given(st.floats(-1e300, 1e300), st.integers(0, 12), st.booleans())
def test_a_number_with_little_room_has_fewer_digits_but_never_misleads(value, room, sign):
    text = fitting(value, room, len, sign=sign)
    assert len(text) <= room
    if text:
        near = 0.34 if len(text.strip("+−").partition("e")[0]) == 1 else 0.1  # a single digit
        assert float(text.replace("−", "-").replace(",", "")) == pytest.approx(value, rel=near, abs=1e-320)
        assert not sign or value <= 0 or text.startswith("+")
    if room >= 7:
        assert text, "a power of ten has room enough"


def test_small_numbers_are_powers_of_ten_where_decimals_would_mislead():
    assert [fitting(value, 6, len, sign=True) for value in (0.00058, -0.00104, 0.0231)] == ["+6e−4", "−0.001", "+0.023"]
    assert [fitting(value, 5, len) for value in (-0.00104, 0.00058, -0.9412)] == ["−1e−3", "6e−4", "−0.94"]


@pytest.mark.parametrize("value", [-0.0123, -0.000104, 0.0999, -0.74, -31.2])
def test_a_neuron_that_is_small_shows_its_number_all_the_same(qapp, value):
    image = QImage(60, 24, QImage.Format.Format_RGB32)
    with painting(image) as painter:
        figure = Figure("a", NeuronPoint(1, 2), value)
        assert drawing._number(painter, QRectF(0, 0, 31, 20), figure, 12, 600, LIGHT.text) == [figure]
