"""What stands behind the numbers of a phase: its terms add up to them, and are those of the book."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.learning import phases
from ann_studio.learning.inside import (
    arriving,
    change,
    gradient_by_sample,
    largest,
    loss_slope,
    loss_terms,
    passing,
    penalty,
    returning,
    slope_at,
)
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.state import Phase, State
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import views
from ann_studio.nn.backprop import forward, gradient, loss
from ann_studio.nn.clipping import clipped
from ann_studio.nn.regularizers import REGULARIZERS
from tests.learning.test_phases import CLOSE, moments

STEP = 1e-6


def last_phase(posed: Problem, state: State) -> Phase:
    return phases.phase(posed, state, phases.phase_count(posed, state) - 1)


def single_loss(posed: Problem, theta: np.ndarray, row: int) -> float:
    x, y = posed.train.inputs[[row]], posed.train.targets[[row]]
    return loss(posed.architecture, theta, x, y, str(posed.experiment.learning.loss))


@given(moment=moments())
@settings(max_examples=100)
def test_what_arrives_at_a_neuron_adds_up_to_its_z(moment):
    posed, state = moment
    phase = last_phase(posed, state)
    book = forward(posed.architecture, state.theta, posed.train.inputs[[phase.row]])
    for layer, units in enumerate(posed.architecture.sizes[1:]):
        for unit in range(units):
            found = arriving(posed, state.theta, phase, layer, unit)
            assert found.products.sum() + found.bias == pytest.approx(found.total, rel=1e-12, abs=1e-12)
            np.testing.assert_array_equal(found.weights, views(posed.architecture, state.theta)[layer][0][:, unit])
            np.testing.assert_allclose(found.products, found.weights * book.activations[layer][0], **CLOSE)
            assert found.total == phase.pre_activations[layer][unit]


@given(moment=moments())
@settings(max_examples=100)
def test_what_comes_back_to_a_neuron_makes_its_delta_and_the_gradient_of_its_weights(moment):
    posed, state = moment
    phase = last_phase(posed, state)
    for layer, (weights, biases) in enumerate(views(posed.architecture, phase.sample_gradient)):
        for unit in range(posed.architecture.sizes[layer + 1]):
            delta = phase.deltas[layer][unit]
            if layer + 1 < posed.architecture.layers:
                found = returning(posed, state.theta, phase, layer, unit)
                assert found.products.sum() * found.slope == pytest.approx(delta, rel=1e-11, abs=1e-12)
                assert found.delta == delta
            np.testing.assert_allclose(weights[:, unit], delta * phase.activations[layer], rtol=1e-14, atol=1e-300)
            assert biases[unit] == delta


@given(moment=moments(), draw=st.data())
@settings(max_examples=60)
def test_the_gradient_of_the_sample_is_that_of_finite_differences(moment, draw):
    posed, state = moment
    phase = last_phase(posed, state)
    index = draw.draw(st.integers(0, len(state.theta) - 1))
    up, down = state.theta.copy(), state.theta.copy()
    up[index] += STEP
    down[index] -= STEP
    differences = (single_loss(posed, up, phase.row) - single_loss(posed, down, phase.row)) / (2 * STEP)
    one_sided = (single_loss(posed, up, phase.row) - single_loss(posed, state.theta, phase.row)) / STEP
    if abs(differences - one_sided) > 1e-4 * max(1.0, abs(differences)):
        return  # a kink lies between
    assert phase.sample_gradient[index] == pytest.approx(differences, rel=1e-4, abs=1e-6)


@given(moment=moments())
@settings(max_examples=100)
def test_what_each_output_costs_adds_up_to_the_loss_of_the_sample(moment):
    posed, state = moment
    phase = last_phase(posed, state)
    terms = loss_terms(posed, phase)
    assert len(terms) == posed.architecture.sizes[-1]
    assert terms.sum() == pytest.approx(phase.loss, rel=1e-11, abs=1e-12)
    slope = loss_slope(posed, phase)
    if slope is None:
        assert posed.experiment.learning.loss in ("cross_entropy", "binary_cross_entropy")
    elif posed.architecture.activations[-1] != "softmax":
        slopes = [slope_at(posed.architecture.activations[-1], float(z)) for z in phase.pre_activations[-1]]
        np.testing.assert_allclose(slope * slopes, phase.deltas[-1], **CLOSE)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_at_a_point_is_that_of_finite_differences(name):
    value = ACTIVATIONS[name].value
    for z in (-2.3, -0.4, 0.7, 3.1):
        differences = (value(np.array([z + STEP])) - value(np.array([z - STEP])))[0] / (2 * STEP)
        assert slope_at(name, z) == pytest.approx(differences, abs=1e-8)


@given(terms=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), most=st.integers(1, 8))
def test_the_largest_terms_and_the_rest_are_all_of_the_sum(terms, most):
    found = largest(np.array(terms), most)
    assert len(found.kept) + found.others == len(terms)
    assert found.others != 1
    assert list(found.kept) == sorted(found.kept)
    left = np.setdiff1d(np.arange(len(terms)), found.kept)
    if found.others:
        assert np.abs(np.array(terms)[left]).max() <= np.abs(np.array(terms)[found.kept]).min()
    whole = sum(terms[k] for k in found.kept) + found.rest
    assert whole == pytest.approx(sum(terms), rel=1e-9, abs=1e-6)


@given(moment=moments(), draw=st.data())
@settings(max_examples=60)
def test_the_gradient_grows_sample_by_sample_to_that_of_the_update(moment, draw):
    posed, state = moment
    index = draw.draw(st.integers(0, len(state.theta) - 1))
    grown = gradient_by_sample(posed, state, index)
    per_sample = phases.phases_per_sample(posed)
    assert len(grown) == (phases.phase_count(posed, state) - 1) // per_sample
    for sample, value in enumerate(grown):
        phase = phases.phase(posed, state, (sample + 1) * per_sample - 1)
        assert phase.sample == sample
        assert value == phase.gradient[index]
    rows = phases.batch_rows(posed, state)
    book = gradient(
        posed.architecture, state.theta, posed.train.inputs[rows], posed.train.targets[rows],
        str(posed.experiment.learning.loss),
    )  # fmt: skip
    assert grown[-1] == pytest.approx(book[index], rel=1e-10, abs=1e-12)


@given(
    moment=moments(),
    regularizer=st.sampled_from(["none", "l1", "l2"]),
    clip=st.sampled_from([None, 1e-3, 0.1, 1e3]),
    draw=st.data(),
)
@settings(max_examples=80)
def test_plain_descent_moves_a_parameter_by_the_rate_times_what_the_change_is_made_of(moment, regularizer, clip, draw):
    posed, state = moment
    tree = msgspec.to_builtins(posed.experiment.learning)
    tree |= {"optimizer": {"kind": "sgd", "learning_rate": 0.25}, "regularizer": {"kind": regularizer}}
    tree |= {"clip_norm": clip}
    learning = msgspec.convert(tree, type(posed.experiment.learning))
    posed = with_learning(posed, msgspec.structs.replace(posed.experiment, learning=learning))
    frozen = np.array(sorted(draw.draw(st.sets(st.integers(0, len(state.theta) - 1), max_size=2))), dtype=np.int64)
    state = State(
        state.theta, np.zeros((0, len(state.theta))), state.update, state.epoch, state.position, 0, frozen=frozen
    )
    phase = last_phase(posed, state)
    whole = phase.gradient + penalty(posed, state.theta)
    whole[frozen] = 0.0
    expected = clipped(whole, clip) if clip is not None else whole
    for index in range(len(state.theta)):
        found = change(posed, state, phase, index)
        assert found.held == (index in frozen)
        assert (found.old, found.new) == (state.theta[index], phase.next_theta[index])
        assert found.difference == found.new - found.old
        moved = 0.0 if found.held else (found.gradient + found.penalty) * found.shortened
        assert moved == pytest.approx(expected[index], rel=1e-9, abs=1e-12)
        assert found.difference == pytest.approx(-0.25 * moved, rel=1e-9, abs=1e-12)
    strength = getattr(learning.regularizer, "strength", 0.0)
    for (found_w, found_b), (weights, _) in zip(
        views(posed.architecture, penalty(posed, state.theta)), views(posed.architecture, state.theta), strict=True
    ):
        np.testing.assert_array_equal(found_w, REGULARIZERS[regularizer](weights, strength))
        assert not found_b.any()


@given(moment=moments(), draw=st.data())
@settings(max_examples=60)
def test_what_passes_along_the_edges_is_what_arrives_and_what_returns(moment, draw):
    posed, state = moment
    count = phases.phase_count(posed, state)
    phase = phases.phase(posed, state, draw.draw(st.integers(0, count - 1)))
    for layer in range(posed.architecture.layers):
        n_in, n_out = posed.architecture.sizes[layer : layer + 2]
        sources = sorted(draw.draw(st.sets(st.integers(0, n_in - 1), min_size=1)))
        found = passing(posed, state.theta, phase, layer, sources, list(range(n_out)))
        known = phase.kind != "forward" or layer <= phase.layer
        back = [delta is not None for delta in phase.deltas]
        assert (found.products is not None) == known
        assert (found.returned is not None) == (layer > 0 and back[layer - 1])
        assert (found.gradient is not None) == back[layer]
        assert (found.following is not None) == (phase.kind == "update")
        for place, source in enumerate(sources):
            for target in range(n_out):
                index = posed.architecture.weight_index(layer, source, target)
                assert found.weights[place, target] == state.theta[index]
                if found.products is not None:
                    term = arriving(posed, state.theta, phase, layer, target).products[source]
                    assert found.products[place, target] == term
                if found.returned is not None:
                    term = returning(posed, state.theta, phase, layer - 1, source).products[target]
                    assert found.returned[place, target] == term
                if found.gradient is not None:
                    assert found.gradient[place, target] == phase.sample_gradient[index]
                if found.following is not None:
                    assert found.following[place, target] == phase.next_theta[index]
    nothing = passing(posed, state.theta, None, 0, [0], [0])
    assert (nothing.products, nothing.returned, nothing.gradient, nothing.following) == (None,) * 4
