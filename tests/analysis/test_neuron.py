"""One neuron from inside: its numbers are those of the book, and what is said of all samples is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from ann_studio.analysis.neuron import (
    curve,
    is_quick,
    neuron_at,
    over_training,
    passed_forward,
    shown_subject,
)
from ann_studio.analysis.saturation import FLAT
from ann_studio.learning.phases import phase, subject_phase
from ann_studio.learning.state import Subject
from ann_studio.learning.supervised import Interrupted
from ann_studio.nn import backprop
from ann_studio.nn.activations import ACTIVATIONS
from tests.gui.views.frames import experiment, trained
from tests.learning.test_phases import moments

FILES = ["02-circle.json", "04-sine.json", "iris.json", "worked-example.json"]


@pytest.mark.parametrize("file", FILES)
def test_contributions_and_bias_make_up_the_z_of_the_engine_and_a_is_that_of_the_book(file):
    trainer = trained(file, 4)
    problem, state = trainer.problem, trainer.snapshot().state
    passed = passed_forward(problem, state, None)
    book = backprop.forward(problem.architecture, state.theta, problem.train.inputs[:1])
    for layer, units in enumerate(problem.architecture.sizes[1:]):
        for unit in range(units):
            at = neuron_at(problem.architecture, state.theta, passed, layer, unit)
            assert at.contributions.sum() + at.bias == pytest.approx(at.z, rel=1e-12, abs=1e-12)
            assert at.z == pytest.approx(book.pre_activations[layer][0, unit], rel=1e-12, abs=1e-12)
            assert at.a == pytest.approx(book.activations[layer + 1][0, unit], rel=1e-12, abs=1e-12)


@given(moment=moments())
@settings(max_examples=40, deadline=None)
def test_they_do_in_any_network(moment):
    problem, state = moment
    passed = passed_forward(problem, state, None)
    for layer, units in enumerate(problem.architecture.sizes[1:]):
        for unit in range(units):
            at = neuron_at(problem.architecture, state.theta, passed, layer, unit)
            scale = np.abs(at.contributions).sum() + abs(at.bias)
            assert abs(at.contributions.sum() + at.bias - at.z) <= 1e-12 * max(1.0, scale)
            assert at.a == passed.activations[layer + 1][unit]


@pytest.mark.parametrize("file", FILES)
def test_the_slope_is_that_of_the_curve_through_the_point(file):
    trainer = trained(file, 4)
    problem, state = trainer.problem, trainer.snapshot().state
    passed = passed_forward(problem, state, None)
    for layer, name in enumerate(problem.architecture.activations):
        for unit in range(problem.architecture.sizes[layer + 1]):
            at = neuron_at(problem.architecture, state.theta, passed, layer, unit)
            here, h = np.array([at.z - 1e-5, at.z, at.z + 1e-5]), 1e-5
            values = curve(name, here, at.others)
            assert values[1] == pytest.approx(at.a, rel=1e-12, abs=1e-14)
            assert (values[2] - values[0]) / (2 * h) == pytest.approx(at.slope, rel=1e-7, abs=1e-9)


def test_the_sample_is_that_of_the_phase_else_the_first_one():
    trainer = trained(experiment(), 1)
    assert shown_subject(None) == Subject("train", 0)
    problem, state = trainer.problem, trainer.snapshot().state
    stepped = phase(problem, state, 12)
    assert shown_subject(stepped) == Subject("train", stepped.row)
    passed = passed_forward(problem, state, stepped)
    for mine, its in zip(passed.pre_activations, stepped.pre_activations, strict=False):
        assert np.array_equal(mine, its)
    chosen = Subject("validation", 3)
    assert shown_subject(subject_phase(problem, state, chosen, 0)) == chosen


@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid"])
def test_the_share_of_samples_for_which_a_unit_is_flat_is_counted_over_all_of_them(name):
    hidden = [{"units": 4, "activation": name}, {"units": 3, "activation": name}]
    trainer = trained(experiment(network={"hidden": hidden}), 2)
    problem = trainer.problem
    theta = 6.0 * trainer.theta
    theta[problem.architecture.bias_index(0, 1)] = -200.0  # never on
    found, steepest = over_training(problem, theta), {"relu": 1.0, "tanh": 1.0, "sigmoid": 0.25}
    book = backprop.forward(problem.architecture, theta, problem.train.inputs)
    for layer in range(2):
        slope = ACTIVATIONS[name].slope(book.pre_activations[layer])
        assert found.flat[layer] == pytest.approx((slope < FLAT * steepest[name]).mean(axis=0))
    assert found.flat[0][1] == 1.0
    assert found.samples == len(problem.train)
    expected = backprop.gradient(
        problem.architecture, theta, problem.train.inputs, problem.train.targets, str(problem.experiment.learning.loss)
    )
    assert found.gradient == pytest.approx(expected, rel=1e-9, abs=1e-13)


def test_it_is_counted_in_blocks_alike(monkeypatch):
    trainer = trained("iris.json", 2)
    whole = over_training(trainer.problem, trainer.theta)
    monkeypatch.setattr("ann_studio.learning.supervised._PASSED", 200)
    parts = over_training(trainer.problem, trainer.theta)
    for one, other in zip(whole.flat, parts.flat, strict=True):
        assert np.array_equal(one, other)


def test_what_takes_long_is_not_done_between_two_frames_and_can_be_given_up():
    assert is_quick(trained("01-spiral.json", 0).problem)
    large = trained("digits.json", 0)
    assert not is_quick(large.problem)
    with pytest.raises(Interrupted):
        over_training(large.problem, large.theta, np.ones(1, dtype=np.int64))


def test_parameters_beyond_all_numbers_do_no_harm():
    trainer = trained(experiment(), 1)
    theta = np.full_like(trainer.theta, np.inf)
    theta[::2] = np.nan
    found = over_training(trainer.problem, theta)
    assert all(((share >= 0) & (share <= 1)).all() for share in found.flat[:2])
