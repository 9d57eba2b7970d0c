"""The engine equals the book: every loss, gradient and update, for every entry of the tables and any network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ann_studio.nn import kernels
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.architecture import Architecture
from ann_studio.nn.backprop import forward, gradient
from ann_studio.nn.backprop import loss as book_loss
from ann_studio.nn.losses import LOSSES
from ann_studio.nn.optimizers import OPTIMIZERS
from ann_studio.nn.regularizers import REGULARIZERS
from tests.nn.networks import (
    PAIRS,
    Case,
    Rule,
    Run,
    an_output_of,
    drawn,
    engine_activations,
    engine_gradient,
    engine_gradient_by_tiles,
    engine_loss,
    keeps_off_kinks,
    weight_mask,
    well_placed,
)
from tests.nn.rules import HYPER, STRENGTHS

#: Every output activation and loss, then every hidden activation and loss.
NETWORKS = list(
    dict.fromkeys(
        [(("tanh", output), loss) for output, loss in PAIRS]
        + [((hidden, an_output_of(loss)), loss) for hidden in ACTIVATIONS for loss in LOSSES]
    )
)
NETWORK_IDS = ["-".join([*activations, loss]) for activations, loss in NETWORKS]


def assert_same(found: np.ndarray | float, expected: np.ndarray | float, about: str = "") -> None:
    """Equal to 1e-12, of the greatest entry where that is above 1: small sums of large terms have their rounding."""
    room = 1e-12 * max(1.0, np.abs(expected).max(initial=0.0))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=room, err_msg=about)


def book_gradient(case: Case, rows: slice = slice(None)) -> np.ndarray:
    return gradient(case.architecture, case.theta, case.inputs[rows], case.targets[rows], case.loss)


def book_slopes(case: Case, rule: Rule, rows: slice) -> np.ndarray:
    """What is descended: the gradient and the regulariser's."""
    slopes = book_gradient(case, rows)
    mask = weight_mask(case.architecture)
    slopes[mask] += REGULARIZERS[rule.regularizer](case.theta[mask], rule.strength)
    return slopes


def assert_equals_the_book(case: Case) -> None:
    book = forward(case.architecture, case.theta, case.inputs)
    assert_same(engine_activations(case), np.concatenate(book.activations, axis=1))
    value = book_loss(case.architecture, case.theta, case.inputs, case.targets, case.loss)
    assert_same(engine_loss(case), value)
    assert_same(engine_gradient(case), book_gradient(case))
    assert_same(engine_gradient_by_tiles(case), book_gradient(case))


def test_the_tables_of_the_engine_are_those_of_the_book():
    assert set(kernels.ACTIVATION_CODES) == {*ACTIVATIONS, "softmax"}
    assert set(kernels.LOSS_CODES) == set(LOSSES)
    assert set(kernels.OPTIMIZER_CODES) == set(OPTIMIZERS)
    assert set(kernels.REGULARIZER_CODES) == set(REGULARIZERS)


# --- loss and gradient ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("activations", "loss"), NETWORKS, ids=NETWORK_IDS)
def test_loss_and_gradient_are_the_books_for_every_activation_and_loss(activations, loss):
    assert_equals_the_book(drawn(Architecture((3, 4, 2), activations), loss, seed=1))


@st.composite
def cases(draw) -> Case:
    output, loss = draw(st.sampled_from(PAIRS))
    sizes = draw(st.lists(st.integers(1, 9), min_size=2, max_size=6))
    hidden = draw(st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=len(sizes) - 2, max_size=len(sizes) - 2))
    rows = draw(st.integers(1, 70))
    return drawn(Architecture(tuple(sizes), (*hidden, output)), loss, draw(st.integers(0, 2**32)), rows)


@given(case=cases())
def test_loss_and_gradient_are_the_books_for_any_network(case):
    assume(keeps_off_kinks(case))
    assert_equals_the_book(case)


@pytest.mark.parametrize(
    "sizes", [(2, 1), (2, *[8] * 12, 1), (2, 1024, 1), (64, 32, 10), (3, 64, 64, 3), (7, 65, 63, 2), (1, 1, 1, 1)]
)
@pytest.mark.parametrize("rows", [1, 33])
def test_loss_and_gradient_are_the_books_at_every_size(sizes, rows):
    assert_equals_the_book(drawn(Architecture(sizes, ("tanh",) * (len(sizes) - 1)), "mse", seed=3, rows=rows))


def test_the_gradient_with_soft_targets_is_the_books():
    for output, loss in (("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")):
        case = drawn(Architecture((3, 4, 3), ("tanh", output)), loss, seed=1)
        assert_equals_the_book(replace(case, targets=np.random.default_rng(2).uniform(size=case.targets.shape)))


@pytest.mark.parametrize("loss", [name for name, entry in LOSSES.items() if entry.slope is not None])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_kinks_themselves_have_the_books_slopes(name, loss):
    """With no weights every hidden z is 0, and the errors are 0, −1 and 1, where relu, mae and huber have kinks."""
    architecture = Architecture((2, 3, 3), (name, "linear"))
    theta = np.zeros(architecture.parameters)
    theta[architecture.weight_index(1, 0, 0) :][:9] = np.arange(1.0, 10.0)
    case = Case(architecture, theta, np.ones((1, 2)), np.zeros((1, 3)), loss)
    answer = forward(architecture, theta, case.inputs).activations[-1]
    for errors in ([0.0, -1.0, 1.0], [1.0, 0.0, -1.0]):
        here = replace(case, targets=answer + errors)
        assert_same(engine_gradient(here), book_gradient(here))


# --- updates --------------------------------------------------------------------------------------------------------
#: An epoch of five samples: the first batch, then the smaller last one.
BATCHES = (slice(0, 4), slice(4, 5))
RULES = [
    Rule(optimizer, hyper, regularizer, strength, batch=4)
    for optimizer, hyper in HYPER.items()
    for regularizer, strength in STRENGTHS.items()
]


def has_no_tiny_slope(case: Case) -> bool:
    """Rules that divide a slope by its own size, or ask for its sign, make much of the rounding in a tiny one."""
    for rule in RULES[: len(STRENGTHS)]:
        for rows in BATCHES:
            slopes = np.abs(book_slopes(case, rule, rows))
            if ((slopes > 0) & (slopes < 3e-4)).any():
                return False
    return True


@pytest.mark.parametrize(("activations", "loss"), NETWORKS, ids=NETWORK_IDS)
def test_each_update_is_the_books_for_every_optimiser_and_regulariser(activations, loss):
    """From the same theta and the book's slots, so that no update inherits the rounding of the one before."""
    case = well_placed(Architecture((3, 3, 2), activations), loss, accept=has_no_tiny_slope)
    for rule in RULES:
        slots = np.zeros((OPTIMIZERS[rule.optimizer].slots, len(case.theta)))
        run = Run(case, rule, slots)
        for t, rows in enumerate(BATCHES, start=1):
            slopes = book_slopes(case, rule, rows)
            theta, slots = OPTIMIZERS[rule.optimizer].step(case.theta, slots, slopes, t, np.array(rule.hyper))
            run.advance(updates=t)
            assert_same(run.theta, theta, str(rule))
            assert_same(run.slots, slots, str(rule))
            run.theta[:], run.slots[:] = case.theta, slots


@given(
    case=cases(),
    optimizer=st.sampled_from(["sgd", "momentum", "nesterov"]),
    regularizer=st.sampled_from(sorted(STRENGTHS)),
    batch=st.integers(1, 80),
    data=st.data(),
)
def test_each_update_is_the_books_for_any_network_and_batch_size(case, optimizer, regularizer, batch, data):
    assume(keeps_off_kinks(case))
    count = len(case.inputs)
    rule = Rule(optimizer, HYPER[optimizer], regularizer, STRENGTHS[regularizer], batch)
    slots = np.random.default_rng(1).normal(size=(OPTIMIZERS[optimizer].slots, len(case.theta)))
    number = data.draw(st.integers(0, (count - 1) // batch))
    run = Run(case, rule, slots)
    run.clock[:] = number, 0, number * batch, number
    run.advance(updates=number + 1)
    slopes = book_slopes(case, rule, slice(number * batch, (number + 1) * batch))
    theta, slots = OPTIMIZERS[optimizer].step(case.theta, slots, slopes, number + 1, np.array(rule.hyper))
    assert_same(run.theta, theta)
    assert_same(run.slots, slots)
    last = (number + 1) * batch >= count
    assert run.clock.tolist() == [number + 1, int(last), 0 if last else (number + 1) * batch, number + 1]
    assert len(run.trace) == int(last)


def test_a_single_sample_is_learned_from_alike_with_and_without_the_short_cut():
    """Plain descent at batch size 1 writes into theta at once; a regulariser of strength 0 does not."""
    case = drawn(Architecture((3, 5, 4, 2), ("tanh", "relu", "softmax")), "cross_entropy", seed=2, rows=40)
    none = np.empty((0, len(case.theta)))
    direct = Run(case, Rule(batch=1, reshuffle=True), none)
    detour = Run(case, Rule(batch=1, reshuffle=True, regularizer="l2"), none)
    direct.advance(updates=40)
    detour.advance(updates=40)
    np.testing.assert_allclose(direct.theta, detour.theta, rtol=0, atol=1e-12)


# --- what is not finite ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("activations", "loss"), NETWORKS, ids=NETWORK_IDS)
def test_a_parameter_or_input_that_is_no_number_is_not_hidden(activations, loss):
    case = drawn(Architecture((2, 3, 2), activations), loss, seed=5, rows=3)
    for index in range(len(case.theta)):
        theta = case.theta.copy()
        theta[index] = np.nan
        assert np.isnan(engine_loss(replace(case, theta=theta))), f"theta[{index}]"
    for place in np.ndindex(case.inputs.shape):
        inputs = case.inputs.copy()
        inputs[place] = np.nan
        assert np.isnan(engine_loss(replace(case, inputs=inputs))), f"inputs[{place}]"


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("planted", [np.inf, -np.inf])
@pytest.mark.parametrize(("activations", "loss"), NETWORKS, ids=NETWORK_IDS)
def test_an_infinity_that_no_bounded_activation_tames_is_not_hidden(activations, loss, planted):
    """tanh(∞) is 1, so the loss may stay finite; it does where the book's does and nowhere else."""
    case = drawn(Architecture((2, 3, 2), activations), loss, seed=5, rows=3)
    for index in range(len(case.theta)):
        theta = case.theta.copy()
        theta[index] = planted
        value = book_loss(case.architecture, theta, case.inputs, case.targets, loss)
        found = engine_loss(replace(case, theta=theta))
        assert np.isfinite(found) == np.isfinite(value), f"theta[{index}]"
        if np.isfinite(value):
            assert found == pytest.approx(value, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("planted", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_stops_at_the_end_of_the_epoch_that_met_a_number_that_is_not_finite(optimizer, batch, planted):
    case = drawn(Architecture((2, 4, 1), ("relu", "linear")), "mse", seed=5, rows=6)
    case.inputs[4, 1] = planted
    run = Run(case, Rule(optimizer, HYPER[optimizer], batch=batch), np.zeros((OPTIMIZERS[optimizer].slots, 17)))
    assert run.advance(epochs=50) == kernels.NOT_FINITE
    assert run.clock[kernels.EPOCH] == 1
    assert not np.isfinite(run.trace[-1, 2])


def test_a_rate_that_is_too_high_is_seen_to_diverge():
    case = drawn(Architecture((2, 4, 1), ("relu", "linear")), "mse", seed=5, rows=6)
    run = Run(case, Rule(hyper=(1000.0,)), np.empty((0, 17)))
    assert run.advance(epochs=1000) == kernels.NOT_FINITE
    assert run.clock[kernels.EPOCH] < 1000
    assert np.isfinite(run.trace[:-1, 2]).all()


# --- tiles ----------------------------------------------------------------------------------------------------------
@given(case=cases(), first=st.integers(0, 69), count=st.integers(1, 70))
def test_a_sample_has_the_same_bits_in_every_company(case, first, count):
    first = min(first, len(case.inputs) - 1)
    part = slice(first, first + count)
    some = replace(case, inputs=case.inputs[part].copy(), targets=case.targets[part].copy())
    assert np.array_equal(engine_activations(some), engine_activations(case)[part])
    pairs = zip(some.inputs, some.targets, strict=True)
    alone = np.mean([engine_loss(replace(some, inputs=x[None], targets=y[None])) for x, y in pairs])
    assert engine_loss(some) == pytest.approx(float(alone), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 63, 64, 65, 128, 129])
@pytest.mark.parametrize("sizes", [(1, 1), (3, 5, 2), (8, 8, 8), (17, 9, 12, 4), (40, 33, 10)])
def test_gradients_of_any_number_of_samples_are_the_books(rows, sizes):
    assert_equals_the_book(drawn(Architecture(sizes, ("tanh",) * (len(sizes) - 1)), "mse", seed=5, rows=rows))
