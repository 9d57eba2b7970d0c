"""Histograms of the layers over time are those of numpy over the book's numbers."""

from __future__ import annotations

import time

import numpy as np
import pytest

from ann_studio.analysis.layers import BINS, MOMENTS, layer_history
from ann_studio.analysis.past import moments_of, values_at
from ann_studio.learning.path import Path
from ann_studio.learning.state import Snapshot
from ann_studio.learning.supervised import Interrupted
from ann_studio.nn import backprop
from ann_studio.nn.architecture import views
from tests.gui.views.frames import experiment, trained


def counted(values, strip):
    """What numpy counts between the ends of a strip."""
    return np.histogram(values[np.isfinite(values)], BINS, (strip.low, strip.high))[0]


@pytest.mark.parametrize("file", ["02-circle.json", "iris.json"])
def test_every_moment_has_the_histograms_of_the_book(file):
    trainer = trained(file, 5)
    problem, snapshot = trainer.problem, trainer.snapshot()
    history = layer_history(problem, snapshot)
    chosen = moments_of(snapshot, MOMENTS)
    updates, thetas = chosen.updates, values_at(snapshot, chosen)
    assert np.array_equal(history.updates, updates)
    inputs, targets = problem.train.inputs[: history.samples], problem.train.targets[: history.samples]
    loss = str(problem.experiment.learning.loss)
    for moment, theta in enumerate(thetas):
        passed = backprop.forward(problem.architecture, theta, inputs)
        gradient = backprop.gradient(problem.architecture, theta, inputs, targets, loss)
        for layer, (weights, _) in enumerate(views(problem.architecture, theta)):
            strip = history.weights[layer]
            assert np.array_equal(strip.counts[moment], counted(weights.ravel(), strip))
            strip = history.activations[layer]
            # A number that lies on the end of a bin but for its last bit may be in either.
            found, expected = strip.counts[moment], counted(passed.activations[layer + 1].ravel(), strip)
            assert np.abs(np.cumsum(found) - np.cumsum(expected)).max() <= 1 + 0.002 * expected.sum()
            strip, sizes = history.gradients[layer], np.abs(views(problem.architecture, gradient)[layer][0])
            expected = counted(np.log10(sizes).ravel(), strip)
            assert np.abs(np.cumsum(strip.counts[moment]) - np.cumsum(expected)).max() <= 1
            assert strip.counts[moment].sum() + strip.left_out[moment] == weights.size


def test_before_the_first_update_there_is_one_moment():
    trainer = trained(experiment(), 0)
    history = layer_history(trainer.problem, trainer.snapshot())
    assert history.updates.tolist() == [0]
    assert history.weights[0].counts.sum() == 2 * 4


def test_gradients_have_one_scale_and_zeros_are_left_out_of_it():
    hidden = [{"units": 4, "activation": "relu"}, {"units": 3, "activation": "relu"}]
    trainer = trained(experiment(network={"hidden": hidden}), 0)
    snapshot = trainer.snapshot()
    theta = snapshot.state.theta.copy()
    theta[trainer.problem.architecture.bias_index(0, 2)] = -500.0
    state = type(snapshot.state)(theta, snapshot.state.slots, 0, 0, 0, 0)
    dead = Snapshot(state, None, snapshot.trace, 0.0, 0.0, 0, Path(np.array([0]), theta[None]))
    history = layer_history(trainer.problem, dead)
    assert len({(strip.low, strip.high) for strip in history.gradients}) == 1
    assert history.gradients[0].left_out[0] >= 2


def test_numbers_that_are_none_are_left_out():
    trainer = trained(experiment(), 0)
    snapshot = trainer.snapshot()
    theta = np.full_like(trainer.theta, np.nan)
    state = type(snapshot.state)(theta, snapshot.state.slots, 0, 0, 0, 0)
    gone = Snapshot(state, None, snapshot.trace, 0.0, 0.0, 0, Path(np.array([0]), theta[None]))
    history = layer_history(trainer.problem, gone)
    assert history.weights[0].left_out.tolist() == [8]
    assert history.gradients[1].counts.sum() == 0


def test_it_is_given_up_at_once():
    large = trained("digits.json", 1)
    flag = np.zeros(1, dtype=np.int64)
    calls = []

    def raise_it():
        calls.append(time.perf_counter())
        flag[0] = 1

    with pytest.raises(Interrupted):
        layer_history(large.problem, large.snapshot(), flag, raise_it)
    assert len(calls) == 1
