"""The restart lab: runs are those of the trainer, and belong to the minima that they reach."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

from ann_studio.learning import supervised
from ann_studio.learning.experiment import replace
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.restarts import (
    MOST_SEEDS,
    RestartError,
    Restarts,
    Settling,
    first_thetas,
    grouped,
    histogram,
    prepare,
    restarted,
    work_off,
)
from ann_studio.learning.supervised import Interrupted
from ann_studio.learning.trainer import Trainer
from ann_studio.nn.landscapes import LANDSCAPES
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.learning.problems import numbers, problem
from tests.learning.test_landscapes import landscape

NONE = Settling(epochs=0)


def all_of(posed: Problem, runs: int, epochs: int, settling: Settling = NONE) -> Restarts:
    restarts = prepare(posed, np.arange(runs), epochs, settling)
    work_off(restarts, 0, runs)
    return restarts


def learning(optimizer: str = "sgd", batch: int | str = 1, **more: Any) -> dict[str, Any]:
    return {"kind": "supervised", "batch_size": batch, "optimizer": {"kind": optimizer}, **more}


# --- runs -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", [1, 7, "full"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_run_has_the_bits_of_a_trainer_with_its_seed(optimizer, batch):
    posed = problem(learning=learning(optimizer, batch, regularizer={"kind": "l2"}))
    restarts = all_of(posed, 3, 4)
    for seed in range(3):
        trainer = Trainer(restarted(posed, seed))
        trainer.run(epochs=4)
        assert np.array_equal(trainer.theta, restarts.thetas[seed])
        assert trainer.snapshot().train_loss == restarts.losses[seed]
    assert np.array_equal(restarts.settled, restarts.thetas)
    assert np.array_equal(restarts.settled_losses, restarts.losses)


def test_each_run_clips_its_gradients_as_the_trainer_does():
    posed = problem(learning=learning("momentum", 7, clip_norm=0.05))
    restarts = all_of(posed, 2, 4)
    free = all_of(problem(learning=learning("momentum", 7)), 2, 4)
    for seed in range(2):
        trainer = Trainer(restarted(posed, seed))
        trainer.run(epochs=4)
        assert np.array_equal(trainer.theta, restarts.thetas[seed])
        assert (trainer.theta != free.thetas[seed]).any()


def test_a_landscape_has_runs_too():
    posed = landscape(noise=3.0, learning={"batch_size": 1})
    restarts = all_of(posed, 4, 5)
    for seed in range(4):
        trainer = Trainer(restarted(posed, seed))
        trainer.run(epochs=5)
        assert np.array_equal(trainer.theta, restarts.thetas[seed])
    assert len(np.unique(restarts.losses)) == 4


def test_a_seed_draws_the_first_weights_unless_they_are_fixed_and_never_the_data():
    drawn, fixed = problem(), problem(initial={"kind": "random", "seed": 4})
    seeds = np.array([5, 9])
    first = first_thetas(drawn, seeds)
    assert np.array_equal(first[0], drawn.first_theta)  # whose own seed is 5
    assert (first[1] != first[0]).any()
    assert np.array_equal(first[1], problem(seed=9).first_theta)
    assert np.array_equal(first_thetas(fixed, seeds), np.stack([fixed.first_theta] * 2))
    other = restarted(drawn, 9)
    assert other.train is drawn.train
    assert other.experiment.data == drawn.experiment.data
    assert supervised.order_seed(other) == 9
    assert first_thetas(landscape(start=[0.5, 1.0]), seeds).tolist() == [[0.5, 1.0]] * 2


def test_parts_may_be_worked_off_in_any_order():
    posed = problem(learning=learning())
    straight, pieces = all_of(posed, 9, 3, Settling(20, 0.5)), prepare(posed, np.arange(9), 3, Settling(20, 0.5))
    for first, last in ((6, 9), (0, 1), (1, 6)):
        work_off(pieces, first, last)
    for name in ("thetas", "losses", "settled", "settled_losses"):
        assert np.array_equal(getattr(straight, name), getattr(pieces, name))
        assert np.isfinite(getattr(pieces, name)).all()


def test_a_flag_breaks_it_off():
    restarts = prepare(problem(), np.arange(3), 10, NONE)
    with pytest.raises(Interrupted):
        work_off(restarts, 0, 3, np.ones(1, dtype=np.int64))


@pytest.mark.parametrize("runs", [0, MOST_SEEDS + 1])
def test_too_many_runs_are_refused_in_one_sentence(runs):
    with pytest.raises(RestartError, match="from 1 to 10,000"):
        prepare(problem(), np.arange(runs), 1, NONE)


# --- settling -------------------------------------------------------------------------------------------------------
def test_settling_is_plain_descent_while_the_cost_falls():
    posed = problem(numbers(), learning=learning())
    restarts = all_of(posed, 2, 3, Settling(40, 0.05))
    descent = {**learning(batch="full"), "optimizer": {"kind": "sgd", "learning_rate": 0.05}}
    rule = with_learning(posed, replace(posed.experiment, "learning", descent))
    for run in range(2):
        start = dataclasses.replace(rule, first_theta=restarts.thetas[run])
        trainer = Trainer(start)
        trainer.run(updates=40)
        assert (np.diff(trainer.snapshot().trace[:, 2]) <= 0).all()
        np.testing.assert_allclose(restarts.settled[run], trainer.theta, rtol=1e-10, atol=1e-12)


def test_settling_halves_a_rate_that_is_too_high_and_never_ends_higher():
    posed = problem(numbers(), learning=learning())
    restarts = all_of(posed, 5, 1, Settling(200, 1000.0))
    assert (restarts.settled_losses < restarts.losses).all()
    for theta, loss in zip(restarts.settled, restarts.settled_losses, strict=True):
        assert supervised.evaluate(posed, theta, posed.train) == loss


# --- groups ---------------------------------------------------------------------------------------------------------
def test_runs_are_shared_out_to_the_minima_of_a_landscape():
    hilltop, optimizer = [-0.27, -0.92], {"kind": "sgd", "learning_rate": 0.01}
    posed = landscape("himmelblau", noise=60.0, start=hilltop, learning={"batch_size": 1, "optimizer": optimizer})
    restarts = all_of(posed, 200, 20, Settling(3000, 0.01))
    groups = grouped(restarts)
    minima = np.array(LANDSCAPES["himmelblau"].minima)
    assert sorted(itertools.chain.from_iterable(group.runs.tolist() for group in groups)) == list(range(200))
    assert len(groups) == 4
    for group in groups:
        assert group.share == len(group.runs) / 200
        nearest = np.linalg.norm(minima - group.theta, axis=1)
        assert nearest.min() < 1e-6
        ends = np.linalg.norm(minima[:, None] - restarts.settled[group.runs], axis=2).argmin(axis=0)
        assert (ends == nearest.argmin()).all()
        assert group.slope < 1e-6


def test_the_lowest_minimum_comes_first():
    posed = landscape("local_minima", noise=20.0, start=[0.0, 0.5], learning={"batch_size": 1})
    restarts = all_of(posed, 100, 20, Settling(3000, 0.01))
    left, right = grouped(restarts)
    np.testing.assert_allclose([left.theta, right.theta], LANDSCAPES["local_minima"].minima, atol=1e-6)
    np.testing.assert_allclose([left.loss, right.loss], [-5.0323, -1.0927], atol=1e-4)


def test_runs_that_diverged_are_a_group_of_their_own():
    posed = problem(numbers(), learning=learning())
    restarts = all_of(posed, 6, 3, Settling(50, 0.1))
    restarts.settled[2] = np.nan
    restarts.settled_losses[4] = np.inf
    *minima, lost = grouped(restarts)
    assert lost.theta is None
    assert np.isnan(lost.loss)
    assert lost.runs.tolist() == [2, 4]
    assert sum(group.share for group in (*minima, lost)) == pytest.approx(1)
    restarts.settled[:] = np.nan
    (only,) = grouped(restarts)
    assert only.share == 1


def test_every_run_stands_in_the_bar_of_its_cost():
    posed = landscape("local_minima", noise=20.0, start=[0.0, 0.5], learning={"batch_size": 1})
    restarts = all_of(posed, 100, 20, Settling(3000, 0.01))
    restarts.losses[7] = np.nan
    groups = grouped(restarts)
    shown = histogram(restarts, groups, bars=12)
    assert shown.edges.shape == (13,)
    assert shown.counts.shape == (len(groups), 12)
    assert shown.counts.sum() == 99
    assert shown.bars[7] == -1
    for run in set(range(100)) - {7}:
        bar = shown.bars[run]
        assert shown.edges[bar] <= restarts.losses[run] <= shown.edges[bar + 1]
    for row, group in enumerate(groups):
        for bar in range(12):
            assert shown.counts[row, bar] == np.count_nonzero(shown.bars[group.runs] == bar)


def test_one_cost_is_one_bar():
    posed = problem(learning=learning(batch="full"), initial={"kind": "random", "seed": 1})
    restarts = all_of(posed, 5, 2)
    shown = histogram(restarts, grouped(restarts))
    assert shown.counts.sum() == shown.counts.max() == 5
