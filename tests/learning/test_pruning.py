"""A deleted connection is exactly 0 through all further training, and undo brings it back."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.learning.pruning import arriving, connections, leaving, weakest, weight_positions
from ann_studio.learning.trainer import ParameterError, Trainer
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.learning.problems import problem

GONE = (0, 5)
#: Another weight and a bias of the same network.
KEPT = (3, 11)


@pytest.mark.parametrize("batch", [1, 4, "full"])
@pytest.mark.parametrize("regularizer", ["none", "l1", "l2"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_deleted_connection_stays_0_with_every_optimiser(optimizer, regularizer, batch):
    learning = {"kind": "supervised", "optimizer": {"kind": optimizer}, "batch_size": batch}
    learning["regularizer"] = {"kind": regularizer}
    trainer = Trainer(problem(learning=learning))
    trainer.run(updates=5)
    trainer.prune(GONE)
    for _ in range(8):
        trainer.step_update()
        assert trainer.theta[list(GONE)].tolist() == [0.0, 0.0]
    assert np.count_nonzero(trainer.theta) > len(GONE)


def test_the_others_learn_as_in_a_network_without_it():
    """By hand: each update of a straight run whose deleted weights are set to 0 after it."""
    posed = problem()
    pruned, by_hand = Trainer(posed), Trainer(posed)
    pruned.prune(GONE)
    for index in GONE:
        by_hand.set_parameter(index, 0.0)
    for _ in range(12):
        pruned.step_update()
        by_hand.step_update()
        for index in GONE:
            by_hand.set_parameter(index, 0.0)
    assert np.array_equal(pruned.theta, by_hand.theta)


def test_undo_brings_it_back_and_redo_deletes_it_again():
    trainer = Trainer(problem())
    trainer.run(updates=3)
    before = trainer.theta.copy()
    trainer.prune(GONE)
    trainer.run(updates=4)
    after = trainer.theta.copy()
    assert trainer.history.undo_label == "2 connections deleted"
    trainer.undo()
    assert np.array_equal(trainer.theta, before)
    trainer.redo()
    assert np.array_equal(trainer.theta, after)
    trainer.run(updates=2)
    assert trainer.theta[list(GONE)].tolist() == [0.0, 0.0]


def test_seeking_back_and_forth_keeps_the_bits():
    trainer = Trainer(problem())
    trainer.run(updates=3)
    trainer.prune(GONE)
    trainer.run(updates=30)
    there = trainer.theta.copy()
    trainer.seek(10)
    assert trainer.theta[list(GONE)].tolist() == [0.0, 0.0]
    trainer.seek(33)
    assert np.array_equal(trainer.theta, there)


def test_a_reset_starts_with_all_connections():
    trainer = Trainer(problem())
    trainer.prune(GONE)
    trainer.reset()
    assert np.array_equal(trainer.theta, trainer.problem.first_theta)
    trainer.run(updates=1)
    assert (trainer.theta[list(GONE)] != 0).all()


def test_what_cannot_be_deleted_is_refused():
    trainer = Trainer(problem())
    for indices in ((-1,), (10**6,)):
        with pytest.raises(ParameterError, match="there is no parameter"):
            trainer.prune(indices)
    trainer.prune(GONE)
    with pytest.raises(ParameterError, match="nothing to delete"):
        trainer.prune(GONE)
    with pytest.raises(ParameterError, match="was deleted and stays 0"):
        trainer.set_parameter(GONE[0], 0.5)


# --- frozen ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", [1, 4, "full"])
@pytest.mark.parametrize("regularizer", ["none", "l1", "l2"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_frozen_parameter_keeps_its_value_to_the_bit_beside_a_deleted_one(optimizer, regularizer, batch):
    learning = {"kind": "supervised", "optimizer": {"kind": optimizer}, "batch_size": batch}
    learning["regularizer"] = {"kind": regularizer}
    trainer = Trainer(problem(learning=learning))
    trainer.run(updates=5)
    trainer.prune(GONE)
    trainer.freeze(KEPT)
    before = trainer.theta.copy()
    for _ in range(8):
        trainer.step_update()
        assert trainer.theta[list(KEPT)].tobytes() == before[list(KEPT)].tobytes()
        assert trainer.theta[list(GONE)].tolist() == [0.0, 0.0]
    moved = np.flatnonzero(trainer.theta != before)
    assert set(moved.tolist()) == set(range(len(before))) - set(GONE) - set(KEPT)


def test_what_is_no_longer_frozen_is_trained_again():
    trainer = Trainer(problem())
    trainer.freeze(KEPT)
    trainer.run(updates=3)
    trainer.freeze(KEPT[:1], on=False)
    before = trainer.theta.copy()
    trainer.run(updates=1)
    assert trainer.theta[KEPT[0]] != before[KEPT[0]]
    assert trainer.theta[KEPT[1]] == before[KEPT[1]]


def test_a_restored_connection_begins_at_0_and_learns():
    trainer = Trainer(problem())
    trainer.prune(GONE)
    trainer.run(updates=3)
    trainer.restore(GONE[:1])
    assert trainer.theta[GONE[0]] == 0
    trainer.run(updates=1)
    assert trainer.theta[GONE[0]] != 0
    assert trainer.theta[GONE[1]] == 0


# --- the weakest -----------------------------------------------------------------------------------------------------
ARCHITECTURE = Architecture((2, 3, 2), ("tanh", "sigmoid"))
NOTHING = np.empty(0, dtype=np.int64)


def is_weight(index: int) -> bool:
    return ARCHITECTURE.ends_of(index)[1] is not None


def test_all_weights_and_no_biases_are_weights():
    found = weight_positions(ARCHITECTURE).tolist()
    assert found == [index for index in range(ARCHITECTURE.parameters) if is_weight(index)]


@pytest.mark.parametrize("layer", range(3))
def test_the_connections_of_a_neuron_are_the_row_and_the_column_of_its_weights(layer):
    for unit in range(ARCHITECTURE.sizes[layer]):
        marked = np.zeros(ARCHITECTURE.parameters)
        marked[connections(ARCHITECTURE, layer, unit)] = 1
        expected = np.zeros(ARCHITECTURE.parameters)
        weights = [w for w, _ in views(ARCHITECTURE, expected)]
        if layer > 0:
            weights[layer - 1][:, unit] = 1
        if layer < 2:
            weights[layer][unit, :] = 1
        assert marked.tolist() == expected.tolist()
        ends = [ARCHITECTURE.ends_of(index) for index in arriving(ARCHITECTURE, layer, unit).tolist()]
        assert ends == [(layer - 1, source, unit) for source in range(ARCHITECTURE.sizes[layer - 1])][: len(ends)]
        assert all(ARCHITECTURE.ends_of(k)[:2] == (layer, unit) for k in leaving(ARCHITECTURE, layer, unit).tolist())


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.99, 1.0])
def test_exactly_the_weakest_are_found(share):
    theta = np.random.default_rng(3).normal(size=ARCHITECTURE.parameters)
    left = [k for k in range(len(theta)) if is_weight(k)]
    count = int(share * len(left) + 0.5)
    by_size = sorted(left, key=lambda k: abs(theta[k]))
    found = weakest(ARCHITECTURE, theta, NOTHING, share)
    assert found.tolist() == sorted(by_size[:count])


def test_those_that_are_deleted_already_are_neither_counted_nor_found():
    theta = np.random.default_rng(4).normal(size=ARCHITECTURE.parameters)
    first = weakest(ARCHITECTURE, theta, NOTHING, 0.5)
    theta[first] = 0
    then = weakest(ARCHITECTURE, theta, first, 0.5)
    assert len(then) == int(0.5 * (12 - len(first)) + 0.5)
    assert not set(then.tolist()) & set(first.tolist())
    rest = np.setdiff1d(weight_positions(ARCHITECTURE), np.union1d(first, then))
    assert np.abs(theta[then]).max() <= np.abs(theta[rest]).min()


def test_of_equal_ones_those_that_come_first_are_found_and_biases_never():
    theta = np.full(ARCHITECTURE.parameters, -0.5)
    assert weakest(ARCHITECTURE, theta, NOTHING, 1 / 3).tolist() == weight_positions(ARCHITECTURE)[:4].tolist()
    theta[[k for k in range(len(theta)) if not is_weight(k)]] = 0
    assert all(map(is_weight, weakest(ARCHITECTURE, theta, NOTHING, 1.0).tolist()))


def test_a_weight_that_is_no_number_is_not_among_the_weakest():
    theta = np.arange(1.0, ARCHITECTURE.parameters + 1)
    theta[0] = np.nan
    assert 0 not in weakest(ARCHITECTURE, theta, NOTHING, 0.5)
