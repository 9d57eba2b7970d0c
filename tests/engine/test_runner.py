"""The runner: commands in, true frames out, and the same bits as without a thread."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator

import numpy as np
import pytest

from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    ChangeLearning,
    Open,
    Pause,
    Redo,
    Reset,
    Run,
    Seek,
    SetParameter,
    SetSpeed,
    Speed,
    Status,
    Step,
    Undo,
    Unit,
)
from ann_studio.learning.experiment import replace
from ann_studio.learning.trainer import Trainer
from tests.engine.listening import Listener
from tests.learning.problems import numbers, problem

@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    assert listening.runner.close()


def test_it_trains_to_the_stop_rule_with_the_bits_of_a_trainer(listener):
    posed = problem()
    listener.send(Open(posed, "test"))
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is Status.FINISHED)
    straight = Trainer(posed)
    straight.run()
    assert np.array_equal(frame.snapshots[0].state.theta, straight.theta)
    assert np.array_equal(frame.snapshots[0].trace, straight.snapshot().trace)
    assert "epoch 20" in frame.message


def test_pauses_and_steps_at_any_time_change_no_bit(listener):
    posed = problem(stop={"epochs": None})
    listener.send(Open(posed, "test"))
    choice = random.Random(4)
    steps = [Step(Unit.EPOCH), Step(Unit.PHASE, 5), Step(Unit.SAMPLE, 2), Step(Unit.UPDATE)]
    for _ in range(25):
        listener.send(choice.choice([Run(), Pause(), *steps]))
        time.sleep(choice.uniform(0, 0.01))
    listener.send(Pause())
    frame = listener.settled()
    time.sleep(0.05)
    frame = listener.frames.take() or frame
    state = frame.snapshots[0].state
    straight = Trainer(posed)
    straight.run(updates=state.update)
    assert np.array_equal(state.theta, straight.theta)


@pytest.mark.parametrize("unit", [Unit.UPDATE, Unit.EPOCH])
def test_a_step_goes_exactly_one_further_and_rests(listener, unit):
    listener.send(Open(problem(), "test"))
    listener.send(Step(unit, 3))
    frame = listener.until(lambda frame: frame.status is Status.PAUSED)
    state = frame.snapshots[0].state
    assert (state.update if unit is Unit.UPDATE else state.epoch) == 3


def test_quick_clicks_add_up(listener):
    listener.send(Open(problem(), "test"))
    for _ in range(7):
        listener.send(Step(Unit.UPDATE))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 7)


def test_a_phase_step_shows_the_inside_of_the_update(listener):
    listener.send(Open(problem(), "test"))
    listener.send(Step(Unit.PHASE))
    frame = listener.until(lambda frame: frame.snapshots[0].phase is not None)
    assert frame.snapshots[0].phase.kind == "forward"
    assert frame.snapshots[0].state.update == 0


def test_pace_is_kept_roughly_and_slow_play_can_be_paused_at_once(listener):
    listener.send(Open(problem(), "test"))
    listener.send(SetSpeed(Speed(1, Unit.PHASE)))
    listener.send(Run())
    listener.until(lambda frame: frame.status is Status.TRAINING)
    listener.send(Pause())
    frame = listener.until(lambda frame: frame.status is Status.PAUSED)
    assert frame.snapshots[0].state.update == 0


def test_a_live_change_reaches_the_running_network(listener):
    posed = problem(stop={"epochs": None})
    listener.send(Open(posed, "test"))
    listener.send(Step(Unit.UPDATE, 5))
    listener.until(lambda frame: frame.status is Status.PAUSED)
    listener.send(ChangeLearning(replace(posed.experiment, "learning.optimizer.learning_rate", 0.7)))
    listener.send(Step(Unit.UPDATE, 5))
    frame = listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 10)
    assert frame.problem.experiment.learning.optimizer.learning_rate == 0.7
    assert frame.undo == "Change of learning rate"
    listener.send(Undo())
    frame = listener.until(lambda frame: frame.snapshots[0].state.update == 5)
    assert frame.problem.experiment.learning.optimizer.learning_rate == 0.1
    listener.send(Redo())
    listener.until(lambda frame: frame.snapshots[0].state.update == 10)


def test_divergence_is_a_state_and_not_a_crash(listener):
    wild = {"kind": "supervised", "optimizer": {"kind": "sgd", "learning_rate": 900.0}}
    network = {"hidden": [{"units": 3, "activation": "relu"}]}
    listener.send(Open(problem(numbers(), learning=wild, network=network), "test"))
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is Status.DIVERGED)
    assert np.isfinite(frame.snapshots[0].state.theta).all()
    assert math.isfinite(frame.snapshots[0].train_loss)
    assert "smaller learning rate" in frame.message
    listener.send(Reset())
    listener.until(lambda frame: frame.status is Status.READY)


def test_bad_commands_say_so_and_change_nothing(listener):
    posed = problem()
    listener.send(Open(posed, "test"))
    listener.until(lambda frame: frame.status is Status.READY)
    refused = {"no parameter": SetParameter(10**9, 1.0), "nothing to undo": Undo(), "nothing to redo": Redo()}
    for word, command in refused.items():
        listener.send(command)
        frame = listener.until(lambda frame, word=word: word in frame.message)
        assert np.array_equal(frame.snapshots[0].state.theta, posed.first_theta)


def test_an_exception_becomes_a_frame_with_its_traceback_and_reset_recovers(listener, monkeypatch):
    listener.send(Open(problem(), "test"))
    listener.until(lambda frame: frame.status is Status.READY)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", lambda *_, **__: 1 / 0)
        listener.send(Run())
        frame = listener.until(lambda frame: frame.status is Status.FAILED)
    assert "ZeroDivisionError" in frame.error
    listener.send(Reset())
    listener.until(lambda frame: frame.status is Status.READY)
    listener.send(Step(Unit.EPOCH))
    assert listener.until(lambda frame: frame.status is Status.PAUSED).snapshots[0].state.epoch == 1


def test_seek_shows_the_very_past(listener):
    posed = problem(stop={"epochs": None})
    listener.send(Open(posed, "test"))
    listener.send(Step(Unit.UPDATE, 200))
    listener.until(lambda frame: frame.snapshots[0].state.update == 200)
    listener.send(Seek(33))
    frame = listener.until(lambda frame: frame.snapshots[0].state.update == 33)
    straight = Trainer(posed)
    straight.run(updates=33)
    assert np.array_equal(frame.snapshots[0].state.theta, straight.theta)


def test_play_after_the_end_goes_on(listener):
    listener.send(Open(problem(), "test"))
    listener.send(Run())
    listener.until(lambda frame: frame.status is Status.FINISHED)
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is Status.FINISHED and frame.snapshots[0].state.epoch > 20)
    assert frame.snapshots[0].state.epoch == 40


def test_closing_in_the_midst_of_training_ends_the_thread():
    listening = Listener()
    listening.send(Open(problem(stop={"epochs": None}), "test"))
    listening.send(Run())
    listening.until(lambda frame: frame.status is Status.TRAINING)
    assert listening.runner.close()


def test_the_newest_letter_wins():
    box: Mailbox[int] = Mailbox()
    assert box.take() is None
    box.put(1)
    box.put(2)
    assert not box.empty
    assert box.wait(0) == 2
    assert box.wait_empty(0)
