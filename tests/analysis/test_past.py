"""Moments of a run are true points of its path."""

from __future__ import annotations

import numpy as np

from ann_studio.analysis.past import moments_of, values_at
from ann_studio.learning.path import Path
from ann_studio.learning.state import Snapshot
from tests.gui.views.frames import experiment, trained


def test_the_moments_go_from_the_first_to_the_present_evenly():
    snapshot = trained("02-circle.json", 120).snapshot()
    moments = moments_of(snapshot, 48)
    updates, thetas = moments.updates, values_at(snapshot, moments)
    assert (updates[0], updates[-1]) == (0, snapshot.state.update)
    assert len(updates) == 48
    gaps = np.diff(updates)
    assert gaps.min() > 0
    assert gaps.max() < 2 * gaps.mean()
    assert np.array_equal(thetas[-1], snapshot.state.theta)
    for update, theta in zip(updates[:-1], thetas[:-1], strict=True):
        (row,) = np.flatnonzero(snapshot.path.updates == update)
        assert np.array_equal(theta, snapshot.path.thetas[row])


def test_some_of_the_parameters_are_those_of_all():
    snapshot = trained("02-circle.json", 30).snapshot()
    moments, some = moments_of(snapshot, 20), np.array([7, 2, 11])
    assert np.array_equal(values_at(snapshot, moments, some), values_at(snapshot, moments)[:, some])


def test_of_two_points_of_one_update_the_later_one_counts():
    state = trained(experiment(), 1).snapshot().state
    thetas = np.stack([state.theta * k for k in range(4)])
    path = Path(np.array([0, 5, 5, 8]), thetas)
    snapshot = Snapshot(state, None, np.zeros((0, 4)), 0.0, 0.0, 0, path)
    moments = moments_of(snapshot, 400)
    assert moments.updates.tolist() == [0, 5, *([8] if state.update > 8 else []), state.update]
    assert np.array_equal(values_at(snapshot, moments)[1], thetas[2])


def test_before_the_first_update_there_is_the_present_one():
    snapshot = trained(experiment(), 0).snapshot()
    moments = moments_of(snapshot, 10)
    assert moments.updates.tolist() == [0]
    assert np.array_equal(values_at(snapshot, moments), snapshot.state.theta[None])
