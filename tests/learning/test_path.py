"""The path of a run: which points it keeps, and that they are those of the run."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.learning.experiment import replace
from ann_studio.learning.path import Path, PathRecorder, base_for, epoch_means, first_point
from ann_studio.learning.problem import pose
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource


def trap(batch: int | str = 1) -> Trainer:
    experiment = replace(load_experiment(resource("experiments", "trap.json")), "learning.batch_size", batch)
    return Trainer(pose(experiment, load_dataset(experiment)))


@pytest.mark.parametrize("batch", [1, 3, "full"])
def test_a_path_holds_the_parameters_after_each_update(batch):
    trainer, straight = trap(batch), trap(batch)
    trainer.run(updates=40)
    path = trainer.snapshot().path
    assert path.updates.tolist() == list(range(41))
    for update, theta in zip(path.updates, path.thetas, strict=True):
        straight.seek(int(update))
        assert straight.theta.tobytes() == theta.tobytes()


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6))
def test_pieces_change_no_point(pieces):
    whole, parts = trap(), trap()
    whole.run(updates=sum(pieces))
    for piece in pieces:
        parts.run(updates=piece)
    first, second = whole.snapshot().path, parts.snapshot().path
    assert first.updates.tobytes() == second.updates.tobytes()
    assert first.thetas.tobytes() == second.thetas.tobytes()


def test_a_long_path_is_dense_first_and_grows_with_the_logarithm():
    trainer = trap()
    trainer.run(updates=300_000)
    path, base = trainer.snapshot().path, base_for(2)
    kept = set(path.updates.tolist())
    assert set(range(2 * base + 1)) <= kept
    gaps = np.diff(path.updates)
    assert (np.diff(gaps) >= 0).all()
    assert set(gaps.tolist()) == {2**k for k in range(int(gaps[-1]).bit_length())}
    assert len(path) < base * 12


def test_going_back_shortens_the_path_and_going_on_makes_the_same_again():
    trainer = trap()
    trainer.run(updates=5000)
    before = trainer.snapshot().path
    trainer.seek(700)
    assert trainer.snapshot().path.updates[-1] == 700
    trainer.run(updates=4300)
    after = trainer.snapshot().path
    assert before.updates.tolist() == after.updates.tolist()
    assert before.thetas.tobytes() == after.thetas.tobytes()


def test_a_parameter_set_by_hand_is_a_jump_in_the_path_and_before_the_first_update_its_beginning():
    trainer = trap()
    trainer.set_parameters((0, 1), (1.0, 2.0))
    assert trainer.snapshot().path.thetas.tolist() == [[1.0, 2.0]]
    trainer.run(updates=3)
    there = trainer.theta.tolist()
    trainer.set_parameter(0, -3.0)
    path = trainer.snapshot().path
    assert path.updates.tolist() == [0, 1, 2, 3, 3]
    assert path.thetas[-2:].tolist() == [there, [-3.0, there[1]]]
    trainer.undo()
    assert trainer.snapshot().path.updates.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("parameters", [2, 100, 2410, 110_000, 5_000_000])
def test_the_path_of_a_long_run_stays_within_a_few_budgets(parameters):
    base = base_for(parameters)
    points = 2 * base + 20 * base // 2
    assert points * 8 * parameters <= 12 * 2**20 or base == 4


def test_views_of_a_path_stay_as_they_are():
    recorder = PathRecorder(first_point(0, np.zeros(2)))
    view = recorder.path
    for update in range(1, 500):
        recorder.append(np.array([update]), np.full((1, 2), float(update)))
    middle = recorder.path
    short = Path(middle.updates[:101], middle.thetas[:101])
    recorder = recorder.going_on(short)
    recorder.append(np.array([101]), np.full((1, 2), -1.0))
    assert view.thetas.tolist() == [[0.0, 0.0]]
    assert middle.thetas[:, 0].tolist() == [float(k) for k in range(500)]
    assert recorder.path.updates.tolist() == list(range(102))
    assert recorder.bytes == 102 * 24


def test_the_mean_point_of_each_epoch():
    path = Path(np.arange(9), np.arange(18.0).reshape(9, 2))
    means = epoch_means(path, 4)
    assert means.updates.tolist() == [0, 4, 8]
    assert means.thetas.tolist() == [
        path.thetas[0].tolist(),
        path.thetas[1:5].mean(0).tolist(),
        path.thetas[5:].mean(0).tolist(),
    ]
    assert epoch_means(path, 1) is path


def test_points_before_and_after_a_jump_have_means_of_their_own():
    thetas = np.arange(20.0).reshape(10, 2)
    within = Path(np.array([0, 1, 2, 3, 4, 5, 6, 6, 7, 8]), thetas)  # by hand at update 6
    at_end = Path(np.array([0, 1, 2, 3, 4, 4, 5, 6, 7, 8]), thetas)  # at the end of the first epoch
    for path, cuts in ((within, (1, 5, 7, 10)), (at_end, (1, 5, 6, 10))):
        means, parts = epoch_means(path, 4), [slice(*ends) for ends in pairwise(cuts)]
        assert means.thetas.tolist() == [thetas[0].tolist(), *(thetas[part].mean(0).tolist() for part in parts)]


def test_many_edits_by_hand_do_not_copy_the_path():
    trainer = trap()
    trainer.run(updates=5000)
    buffers = set()
    for k in range(50):
        trainer.set_parameter(0, float(k))
        buffers.add(id(trainer.snapshot().path.thetas.base))
    assert len(buffers) <= 2
    path = trainer.snapshot().path
    assert path.updates.tolist()[-51:] == [5000] * 51
    assert path.thetas[-50:, 0].tolist() == [float(k) for k in range(50)]
    for _ in range(50):
        trainer.undo()
    assert trainer.snapshot().path.updates[-1] == 5000
    assert len(trainer.snapshot().path) == len(path) - 50


def test_a_jump_where_no_point_was_kept_has_both_ends():
    trainer = trap()
    trainer.run(updates=5001)
    assert trainer.snapshot().path.updates[-1] < 5001
    before = trainer.theta.tolist()
    trainer.set_parameter(1, 9.0)
    path = trainer.snapshot().path
    assert path.updates[-2:].tolist() == [5001, 5001]
    assert path.thetas[-2:].tolist() == [before, [before[0], 9.0]]
