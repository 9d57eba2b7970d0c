"""Histograms of the layers over time are those of numpy over the book's numbers."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ann_studio.analysis import layers
from ann_studio.analysis.layers import BINS, MOMENTS, layer_history
from ann_studio.analysis.past import moments_of, values_at
from ann_studio.learning.path import Path
from ann_studio.learning.state import Snapshot
from ann_studio.learning.supervised import NEVER, Interrupted
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


LARGE = st.floats(min_value=1e300) | st.floats(max_value=-1e300)


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2), elements=LARGE | st.floats()))
@settings(max_examples=300, deadline=None)
def test_numbers_of_any_size_are_counted_without_overflow(values):
    low, high = layers._range(values)
    strip = layers._strip(values, low, high, NEVER)
    finite = np.isfinite(values)
    assert np.array_equal(strip.counts.sum(axis=1), finite.sum(axis=1))
    assert np.array_equal(strip.left_out, (~finite).sum(axis=1))
    assert (strip.edges[0], strip.edges[-1]) == (low, high)
    assert np.isfinite(strip.edges).all()
    assert (np.diff(strip.edges / 4) >= 0).all()
    for row, counts in zip(values, strip.counts, strict=True):
        for number in row[np.isfinite(row)]:
            k = min(int((strip.edges <= number).sum()), BINS) - 1
            assert strip.edges[k] <= number <= strip.edges[k + 1]
            assert counts[k] > 0


def test_bins_are_those_of_numpy_wherever_it_has_some():
    values = np.random.default_rng(3).normal(size=(4, 500))
    for size in (1e-300, 1.0, 1e300):
        strip = layers._strip(size * values, *layers._range(size * values), NEVER)
        for row, counts in zip(size * values, strip.counts, strict=True):
            assert np.array_equal(counts, counted(row, strip))
    # Beyond that it has those of a quarter of the numbers.
    values *= 1.7e308 / np.abs(values).max()
    strip = layers._strip(values, -1.7e308, 1.7e308, NEVER)
    for row, counts in zip(values, strip.counts, strict=True):
        assert np.array_equal(counts, np.histogram(row / 4, BINS, (-1.7e308 / 4, 1.7e308 / 4))[0])


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
