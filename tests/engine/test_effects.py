"""The effect of an edit: figures of the very parameters before and after, told only while the run stands there."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.analysis.metrics import performance
from ann_studio.engine import effects
from ann_studio.engine.effects import Effects
from ann_studio.learning.reshaping import AddNeuron
from ann_studio.learning.supervised import evaluate
from ann_studio.learning.trainer import Trainer
from tests.learning.problems import numbers, problem, two_classes

SPLIT = {"train": 0.6, "validation": 0.4, "test": 0.0}


@pytest.fixture
def trainer():
    made = Trainer(problem(two_classes(60), split=SPLIT))
    made.run(epochs=3)
    return made


def told(posed, theta):
    """Cost and accuracy on both parts, by the functions that every other part of the program uses."""
    parts = (posed.train, posed.validation)
    return (
        *(evaluate(posed, theta, part) for part in parts),
        *(performance(posed, theta, part).accuracy for part in parts),
    )


def said(figures):
    return (figures.train_loss, figures.validation_loss, figures.train_accuracy, figures.validation_accuracy)


def test_figures_are_those_of_the_parameters_before_and_after(trainer):
    before = trainer.theta.copy()
    trainer.set_parameters((1, 4), (2.0, -2.0))
    effect = Effects().of(trainer)
    assert effect.label == "Parameters set by hand"
    assert effect.indices.tolist() == [1, 4]
    assert effect.theta.tolist() == before.tolist()
    assert said(effect.before) == told(trainer.problem, before)
    assert said(effect.after) == told(trainer.problem, trainer.theta)


def test_it_is_told_while_the_run_stands_at_the_edit_and_no_longer(trainer):
    found = Effects()
    assert found.of(trainer) is None
    trainer.prune((2,))
    effect = found.of(trainer)
    assert effect is not None
    assert found.of(trainer) is effect, "found once"
    trainer.run(updates=1)
    assert found.of(trainer) is None
    trainer.step_back("update")
    assert found.of(trainer).label == "Connection deleted"
    trainer.undo()
    assert found.of(trainer) is None


def test_what_holds_a_parameter_is_an_effect_without_other_figures(trainer):
    found = Effects()
    for act, label in (
        (lambda: trainer.freeze((3,)), "Parameter frozen"),
        (lambda: trainer.freeze((3,), on=False), "Parameter unfrozen"),
    ):
        act()
        effect = found.of(trainer)
        assert (effect.label, effect.indices.tolist()) == (label, [3])
        assert said(effect.before) == said(effect.after)


def test_a_value_that_is_set_to_itself_has_no_effect(trainer):
    trainer.set_parameter(0, float(trainer.theta[0]))
    assert Effects().of(trainer) is None


def test_of_another_network_there_are_the_old_parameters_and_no_positions(trainer):
    before, old = trainer.theta.copy(), trainer.problem
    trainer.reshape(AddNeuron(0))
    effect = Effects().of(trainer)
    assert effect.problem is old
    assert effect.theta.tolist() == before.tolist()
    assert not len(effect.indices)
    np.testing.assert_allclose(said(effect.after), said(effect.before), rtol=1e-13)


def test_another_way_to_learn_is_no_edit_of_the_parameters(trainer):
    from tests.learning.problems import experiment

    trainer.change_learning(experiment(split=SPLIT, learning={"kind": "supervised", "batch_size": 3}))
    assert Effects().of(trainer) is None


def test_along_a_drag_the_figures_before_it_are_found_once(trainer, monkeypatch):
    found, counted, real = Effects(), [], effects.figures
    monkeypatch.setattr(
        effects, "figures", lambda moment, interrupt: (counted.append(moment), real(moment, interrupt))[1]
    )
    before = told(trainer.problem, trainer.theta)
    for value in np.linspace(0, 3, 7):
        trainer.set_parameters((1,), (float(value),), gesture=5)
        effect = found.of(trainer)
        assert said(effect.before) == before
        assert said(effect.after) == told(trainer.problem, trainer.theta)
    assert len(counted) == 8


def test_numbers_have_no_accuracy_and_what_takes_long_has_no_figures(monkeypatch):
    trainer = Trainer(problem(numbers(), split=SPLIT))
    trainer.set_parameter(0, 1.5)
    after = Effects().of(trainer).after
    assert after.train_loss == evaluate(trainer.problem, trainer.theta, trainer.problem.train)
    assert np.isnan([after.train_accuracy, after.validation_accuracy]).all()
    monkeypatch.setattr(effects, "_BUDGET", 10)
    assert np.isnan(said(Effects().of(trainer).after)).all()
