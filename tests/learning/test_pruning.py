"""A deleted connection is exactly 0 through all further training, and undo brings it back."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.learning.trainer import ParameterError, Trainer
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.learning.problems import problem

GONE = (0, 5)


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
