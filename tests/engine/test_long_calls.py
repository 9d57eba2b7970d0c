"""Where one call of the engine lasts for hours: closing, pausing and another command do not wait for it."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from ann_studio.engine.messages import Open, Pause, Reset, Run, Seek, SetSpeed, Speed, Status, Step, Unit
from ann_studio.learning import supervised
from ann_studio.learning.problem import Problem, pose
from tests.engine.listening import HANG, Listener
from tests.learning.problems import experiment, problem, two_classes

HOURS = two_classes(400_000)
WIDE = {"hidden": [{"units": 1024, "activation": "tanh"}, {"units": 1024, "activation": "tanh"}]}


def posed(batch_size: int | str) -> Problem:
    """A network of a million parameters and so many samples that an epoch takes hours, and so does its loss."""
    learning = {"kind": "supervised", "batch_size": batch_size, "optimizer": {"kind": "adam", "learning_rate": 0.001}}
    return pose(experiment(network=WIDE, learning=learning, stop={"epochs": None}), HOURS)


@pytest.fixture
def learning(monkeypatch: pytest.MonkeyPatch) -> Listener:
    """A runner at an update of hours; that its first loss takes hours as well is left out."""
    monkeypatch.setattr("ann_studio.learning.trainer.Trainer._losses", lambda *_: (1.0, 1.0))
    listening = Listener()
    listening.send(Open(posed("full"), "test"))
    listening.until(lambda frame: frame.status is Status.READY)
    busy = threading.Event()
    advance = supervised.advance

    def watched(*arguments, **limits):
        busy.set()
        return advance(*arguments, **limits)

    monkeypatch.setattr(supervised, "advance", watched)
    listening.send(Run())
    assert busy.wait(HANG)
    return listening


def test_a_window_can_be_closed_in_the_midst_of_an_update_of_hours(learning):
    assert learning.runner.close()


def test_an_update_of_hours_can_be_paused_and_nothing_of_it_is_left(learning):
    learning.send(Pause())
    frame = learning.until(lambda frame: frame.status is Status.PAUSED)
    assert frame.snapshots[0].state.update == 0
    assert np.array_equal(frame.snapshots[0].state.theta, frame.problem.first_theta)
    assert learning.runner.close()


def test_other_data_do_not_wait_for_an_update_of_hours(learning):
    small = problem()
    learning.send(Open(small, "other"))
    learning.until(lambda frame: frame.problem is small)
    assert learning.runner.close()


def test_a_window_can_be_closed_while_the_first_loss_of_a_large_set_is_computed(monkeypatch):
    busy, evaluate = threading.Event(), supervised.evaluate

    def watched(*arguments):
        busy.set()
        return evaluate(*arguments)

    monkeypatch.setattr(supervised, "evaluate", watched)
    listening = Listener()
    listening.send(Open(posed(1), "test"))
    assert busy.wait(HANG)
    assert listening.runner.close()


def test_data_opened_before_other_commands_are_opened_though_those_interrupt(listener):
    """The commands come while the first loss is computed, which begins again; none is lost."""
    listener.send(Open(problem(), "small"))
    large = problem(two_classes(200_000), stop={"epochs": None})
    listener.send(Open(large, "large"))
    for _ in range(20):
        listener.send(Pause())
        time.sleep(0.002)
    listener.send(Step(Unit.UPDATE, 3))
    frame = listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 3)
    assert frame.problem is large
    assert frame.undo == "large"


def test_a_seek_into_the_far_future_can_be_paused(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Seek(10**12))
    listener.until(lambda frame: frame.snapshots[0].state.update > 0)
    listener.send(Pause())
    frame = listener.until(lambda frame: frame.status is Status.PAUSED)
    assert 0 < frame.snapshots[0].state.update < 10**12


def test_a_seek_into_the_far_future_can_be_closed(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Seek(10**12))
    listener.until(lambda frame: frame.snapshots[0].state.update > 0)


def test_a_goal_of_a_million_epochs_shows_frames_on_its_way_and_can_be_paused(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Step(Unit.EPOCH, 10**6))
    seen = {listener.until(lambda frame: frame.status is Status.TRAINING).snapshots[0].state.update for _ in range(5)}
    assert len(seen) == 5
    listener.send(Pause())
    listener.until(lambda frame: frame.status is Status.PAUSED)


def test_slow_play_does_not_make_the_next_fast_one_deaf(listener):
    """Calls that stop at a limit say nothing of how much fits into a chunk: it must not double at each of them."""
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(SetSpeed(Speed(2000, Unit.UPDATE)))
    listener.send(Run())
    listener.until(lambda frame: frame.snapshots[0].state.update > 300)
    listener.send(SetSpeed(Speed(float("inf"), Unit.EPOCH)))
    listener.until(lambda frame: frame.snapshots[0].state.update > 2000)
    listener.send(Reset())
    listener.until(lambda frame: frame.status is Status.READY)
