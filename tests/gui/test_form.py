"""Forms come from the experiment's declaration, and refusals are words."""

from __future__ import annotations

import typing

import pytest
from PySide6.QtCore import Qt

from ann_studio.gui.form import NumberForm, refusal, title_of
from ann_studio.learning.experiment import Adam, AdamW, InvalidExperiment, Momentum, Optimizer, Rprop, Sgd, replace
from tests.gui.views.frames import experiment

OPTIMIZERS = typing.get_args(Optimizer)


def refused(path: str, value: object) -> str:
    with pytest.raises(InvalidExperiment) as error:
        replace(experiment(), path, value)
    return refusal(path, error.value)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("learning.optimizer.learning_rate", "fast", "Learning rate η: expected a number"),
        ("learning.optimizer.learning_rate", 0, "Learning rate η: expected a number > 0"),
        ("learning.optimizer.learning_rate", None, "Learning rate η: expected a number, got null"),
        ("network.hidden.0.units", 0, "Units: expected a whole number >= 1"),
        ("network.hidden.0.units", "many", "Units: expected a whole number"),
        ("network.hidden.0.units", 5000, "Units: expected a whole number <= 4096"),
        ("data.samples", 1, "Samples: expected a whole number >= 2"),
    ],
)
def test_a_refusal_names_the_setting_and_what_is_expected(path, value, words):
    assert refused(path, value) == words


@pytest.mark.parametrize(
    "path", ["seed", "stop.epochs", "initial.scale", "learning.batch_size", "learning.optimizer.eps"]
)
def test_refusals_are_one_sentence_without_the_program_s_own_words(path):
    words = refused(path, "soon")
    assert "\n" not in words
    for own in ("`", "$", "float", "int ", "str", "null"):
        assert own not in words, words


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_form_has_a_row_for_each_number_under_its_title_with_a_name_and_a_hint(optimizer, qtbot):
    form = NumberForm("learning.optimizer", lambda path, value: None, without=("learning_rate",))
    qtbot.addWidget(form)
    form.show_struct(optimizer())
    values = {name: getattr(optimizer(), name) for name in optimizer.__struct_fields__ if name != "learning_rate"}
    flat = {}
    for name, value in values.items():
        flat |= {f"{name}.{k}": each for k, each in enumerate(value)} if isinstance(value, tuple) else {name: value}
    assert {path: float(field.text().replace("−", "-")) for path, field in form.fields.items()} == flat
    for path, field in form.fields.items():
        assert title_of(optimizer, path.split(".")[0]) in field.accessibleName()
        assert field.toolTip()


def test_a_typed_number_is_reported_with_its_path(qtbot):
    heard = []
    form = NumberForm("learning.optimizer", lambda path, value: heard.append((path, value)))
    qtbot.addWidget(form)
    form.show()
    form.show_struct(Adam())
    for path, text in (("betas.1", "0,99"), ("eps", "1e−6")):
        form.fields[path].setText(text)  # Qt's key clicks know no true minus
        qtbot.keyClick(form.fields[path], Qt.Key.Key_Return)
    assert heard == [("learning.optimizer.betas.1", 0.99), ("learning.optimizer.eps", 1e-6)]


def test_showing_another_struct_of_the_same_type_keeps_the_fields(qtbot):
    form = NumberForm("o", lambda path, value: None)
    qtbot.addWidget(form)
    form.show_struct(Momentum())
    field = form.fields["momentum"]
    form.show_struct(Momentum(momentum=0.5))
    assert (form.fields["momentum"], field.text()) == (field, "0.5")
    form.show_struct(AdamW())
    assert set(form.fields) == {"learning_rate", "betas.0", "betas.1", "eps", "weight_decay"}
    form.show_struct(Rprop())
    assert form.fields["etas.1"].text() == "1.2"


def test_without_numbers_there_is_no_form(qtbot):
    form = NumberForm("o", lambda path, value: None, without=("learning_rate",))
    qtbot.addWidget(form)
    form.show_struct(Sgd())
    assert not form.isVisibleTo(form.parentWidget()) or not form.fields
