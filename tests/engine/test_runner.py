"""The runner: commands in, true frames out, and the same bits as without a thread."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest

from ann_studio.engine.illustrator import Illustrator
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    ChangeLearning,
    Frame,
    Open,
    Pause,
    Prune,
    Redo,
    Reset,
    Run,
    Seek,
    SetParameters,
    SetSpeed,
    Speed,
    Status,
    Step,
    StepBack,
    ToggleBookmark,
    Undo,
    Unit,
)
from ann_studio.engine.runner import Runner
from ann_studio.learning.experiment import replace
from ann_studio.learning.trainer import Trainer
from tests.engine.listening import Listener
from tests.learning.problems import numbers, problem


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
    frame = listener.until(lambda frame: frame.snapshots[0].state.update == 10)
    assert frame.message == "Redone: Change of learning rate, and on to update 10"


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
    refused = {"no parameter": SetParameters((10**9,), (1.0,)), "nothing to undo": Undo(), "nothing to redo": Redo()}
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


# --- stop rules -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("unit", Unit)
def test_the_stop_rule_holds_at_every_speed(listener, unit):
    listener.send(Open(problem(stop={"epochs": 2}), "test"))
    listener.send(SetSpeed(Speed(1e6, unit)))
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is not Status.TRAINING and frame.snapshots[0].state.update > 0)
    assert (frame.status, frame.snapshots[0].state.epoch) == (Status.FINISHED, 2)
    assert frame.snapshots[0].phase is None


def test_the_target_holds_when_played_by_phases(listener):
    listener.send(Open(problem(stop={"epochs": None, "target_loss": 0.6}), "test"))
    listener.send(SetSpeed(Speed(1e6, Unit.SAMPLE)))
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is Status.FINISHED)
    losses = frame.snapshots[0].trace[:, 2]
    assert losses[-1] <= 0.6 < losses[-2]


def test_a_stop_rule_set_behind_the_present_ends_the_run(listener):
    posed = problem(stop={"epochs": None})
    listener.send(Open(posed, "test"))
    listener.send(Run())
    listener.until(lambda frame: frame.snapshots[0].state.epoch > 5)
    listener.send(ChangeLearning(replace(posed.experiment, "stop.epochs", 3)))
    frame = listener.until(lambda frame: frame.status is Status.FINISHED)
    assert frame.snapshots[0].state.epoch > 5


def test_play_goes_on_at_once_after_the_end_was_stepped_over(listener):
    listener.send(Open(problem(stop={"epochs": 2}), "test"))
    listener.send(Run())
    listener.until(lambda frame: frame.status is Status.FINISHED)
    listener.send(Step(Unit.EPOCH))
    frame = listener.until(lambda frame: frame.status is Status.PAUSED)
    assert frame.snapshots[0].state.epoch == 3
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is Status.FINISHED)
    assert frame.snapshots[0].state.epoch == 5


def test_play_goes_on_at_once_after_the_end_and_another_setting(listener):
    posed = problem(stop={"epochs": 2})
    listener.send(Open(posed, "test"))
    listener.send(Run())
    listener.until(lambda frame: frame.status is Status.FINISHED)
    listener.send(ChangeLearning(replace(posed.experiment, "learning.optimizer.learning_rate", 0.01)))
    listener.send(Run())
    frame = listener.until(lambda frame: frame.status is Status.FINISHED and frame.snapshots[0].state.epoch > 2)
    assert frame.snapshots[0].state.epoch == 4


def test_a_step_past_where_play_went_on_to_is_a_step_like_any(listener):
    listener.send(Open(problem(stop={"epochs": 2}), "test"))
    for end in (2, 4):
        listener.send(Run())
        listener.until(lambda frame, end=end: frame.status is Status.FINISHED and frame.snapshots[0].state.epoch == end)
    listener.send(Step(Unit.EPOCH))
    frame = listener.until(lambda frame: frame.snapshots[0].state.epoch == 5 and frame.status is not Status.TRAINING)
    assert frame.status is Status.PAUSED


def test_going_back_brings_the_stop_rule_back(listener):
    listener.send(Open(problem(stop={"epochs": 4}), "test"))
    for end in (4, 8):
        listener.send(Run())
        listener.until(lambda frame, end=end: frame.status is Status.FINISHED and frame.snapshots[0].state.epoch == end)
    listener.send(Seek(1))
    listener.until(lambda frame: frame.status is Status.PAUSED)
    listener.send(Run())
    assert listener.until(lambda frame: frame.status is Status.FINISHED).snapshots[0].state.epoch == 4


def test_no_epochs_at_all_are_none_until_play_is_pressed_again(listener):
    listener.send(Open(problem(stop={"epochs": 0}), "test"))
    listener.send(Run())
    assert listener.until(lambda frame: frame.status is Status.FINISHED).snapshots[0].state.update == 0
    listener.send(Run())
    listener.until(lambda frame: frame.snapshots[0].state.update > 0)


# --- what goes wrong ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", [Run(), Step(Unit.UPDATE), Step(Unit.PHASE), Seek(2), Undo()])
def test_a_failure_is_forgotten_when_the_run_goes_on(listener, monkeypatch, command):
    listener.send(Open(problem(), "test"))
    listener.send(SetParameters((0,), (0.25,)))
    listener.until(lambda frame: frame.status is Status.PAUSED)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", lambda *_, **__: 1 / 0)
        listener.send(Step(Unit.EPOCH))
        listener.until(lambda frame: frame.status is Status.FAILED)
    listener.send(command)
    frame = listener.until(lambda frame: frame.status is not Status.FAILED)
    assert frame.error == ""


def test_data_that_cannot_be_opened_leave_what_was_open(listener, monkeypatch):
    posed = problem()
    listener.send(Open(posed, "test"))
    listener.send(Step(Unit.UPDATE, 3))
    listener.until(lambda frame: frame.status is Status.PAUSED)
    with monkeypatch.context() as patch:
        patch.setattr("ann_studio.learning.supervised.evaluate", lambda *_: 1 / 0)
        listener.send(Open(problem(seed=8), "other"))
        frame = listener.until(lambda frame: frame.status is Status.FAILED)
    assert frame.problem is posed
    assert frame.snapshots[0].state.update == 3
    listener.send(Step(Unit.UPDATE))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 4)


def test_a_first_problem_that_fails_is_said_and_the_next_one_opens(listener, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("ann_studio.learning.supervised.evaluate", lambda *_: 1 / 0)
        listener.send(Open(problem(), "test"))
        frame = listener.frame()
        assert frame.status is Status.FAILED
        assert "ZeroDivisionError" in frame.error
    listener.send(Open(problem(), "again"))
    listener.until(lambda frame: frame.status is Status.READY)


def test_a_frame_that_cannot_be_made_is_a_failure_and_not_the_end_of_the_thread(listener, monkeypatch):
    listener.send(Open(problem(), "test"))
    listener.until(lambda frame: frame.status is Status.READY)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "snapshot", lambda *_, **__: 1 / 0)
        listener.send(Step(Unit.UPDATE))
        frame = listener.until(lambda frame: frame.status is Status.FAILED)
    assert "ZeroDivisionError" in frame.error
    listener.send(Reset())
    listener.until(lambda frame: frame.status is Status.READY)


def test_a_mistake_of_ours_is_not_passed_off_as_the_users(listener, monkeypatch):
    listener.send(Open(problem(), "test"))
    listener.until(lambda frame: frame.status is Status.READY)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "undo", lambda _: {}["nothing"])
        listener.send(Undo())
        frame = listener.until(lambda frame: frame.status is Status.FAILED)
    assert "KeyError" in frame.error


def test_a_failure_shows_the_problem_that_is_open_by_now(listener, monkeypatch):
    listener.send(Open(problem(), "test"))
    listener.until(lambda frame: frame.status is Status.READY)
    other = problem(seed=8)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "reset", lambda _: 1 / 0)
        listener.send(Open(other, "other"))
        listener.send(Reset())
        frame = listener.until(lambda frame: frame.status is Status.FAILED)
    assert frame.problem is other


def test_what_was_never_started_can_be_closed():
    frames: Mailbox[Frame] = Mailbox()
    assert Runner(frames).close()
    assert Illustrator(frames, Mailbox(), Mailbox()).close()


@pytest.mark.parametrize("step", [Step(Unit.UPDATE), Step(Unit.UPDATE, 2), Step(Unit.EPOCH), Run()])
def test_nothing_leads_past_the_last_finite_moment(listener, step):
    wild = {"kind": "supervised", "batch_size": 1, "optimizer": {"kind": "sgd", "learning_rate": 900.0}}
    network = {"hidden": [{"units": 3, "activation": "relu"}]}
    listener.send(Open(problem(numbers(), learning=wild, network=network), "test"))
    listener.send(Run())
    before = listener.until(lambda frame: frame.status is Status.DIVERGED)
    listener.send(step)
    frame = listener.until(lambda frame: frame.serial > before.serial and frame.status is not Status.TRAINING)
    assert frame.status is Status.DIVERGED
    assert frame.snapshots[0].state.update == before.snapshots[0].state.update
    assert math.isfinite(frame.snapshots[0].train_loss)


# --- history --------------------------------------------------------------------------------------------------------
def test_a_seek_before_an_edit_shows_that_moment_and_the_line_keeps_its_edit(listener):
    posed = problem(stop={"epochs": None})
    listener.send(Open(posed, "test"))
    listener.send(Step(Unit.UPDATE, 40))
    listener.until(lambda frame: frame.status is Status.PAUSED)
    listener.send(ChangeLearning(replace(posed.experiment, "learning.optimizer.learning_rate", 0.9)))
    listener.send(Step(Unit.UPDATE, 5))
    there = listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 45)
    listener.send(Seek(10))
    frame = listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 10)
    assert frame.problem is posed
    assert frame.undo == "Change of learning rate"
    assert [(mark.kind, mark.update) for mark in frame.course.marks if mark.kind == "edit"] == [("edit", 40)]
    assert frame.course.reached[1] == 45
    listener.send(Seek(45))
    again = listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 45)
    assert again.problem.experiment.learning.optimizer.learning_rate == 0.9
    assert again.snapshots[0].state.theta.tobytes() == there.snapshots[0].state.theta.tobytes()


def test_a_reset_can_be_undone(listener):
    listener.send(Open(problem(), "test"))
    listener.send(Step(Unit.UPDATE, 11))
    before = listener.until(lambda frame: frame.status is Status.PAUSED)
    listener.send(Reset())
    listener.until(lambda frame: frame.status is Status.READY)
    listener.send(Undo())
    frame = listener.until(lambda frame: frame.status is Status.PAUSED)
    assert frame.snapshots[0].state is before.snapshots[0].state


def test_a_weight_set_by_hand_discards_the_phase_that_is_shown(listener):
    listener.send(Open(problem(), "test"))
    listener.send(Step(Unit.PHASE, 3))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].phase is not None)
    listener.send(SetParameters((0,), (0.75,)))
    frame = listener.until(lambda frame: frame.undo != "")
    assert frame.snapshots[0].phase is None
    assert frame.snapshots[0].state.theta[0] == 0.75


def test_a_change_of_speed_leaves_a_step_its_goal(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Step(Unit.EPOCH, 3000))
    for rate in (1, 5, float("inf"), 2):
        listener.send(SetSpeed(Speed(rate, Unit.PHASE)))
    frame = listener.until(lambda frame: frame.status is Status.PAUSED)
    assert frame.snapshots[0].state.epoch == 3000


def test_quick_steps_back_add_up(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Step(Unit.UPDATE, 400))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 400)
    for _ in range(7):
        listener.send(StepBack(Unit.UPDATE))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 393)
    listener.send(StepBack(Unit.UPDATE, 5))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 388)


@pytest.mark.parametrize("then", [SetParameters((0,), (0.25,)), ToggleBookmark(), Step(Unit.PHASE), Prune((0,))])
def test_what_is_done_while_a_moment_is_sought_is_done_there(listener, then):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Step(Unit.UPDATE, 5000))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 5000)
    listener.send(Seek(3777))
    listener.send(then)
    frame = listener.until(lambda frame: frame.obeyed == 4 and frame.status is Status.PAUSED)
    assert frame.snapshots[0].state.update == 3777
    marks = {mark.update for mark in frame.course.marks if mark.kind != "best"}
    assert marks == (set() if isinstance(then, Step) else {3777})


def test_a_pause_that_spares_what_is_sought_lets_it_arrive(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Seek(20_000))
    listener.send(Pause(seeks=False))
    listener.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 20_000)


def test_play_while_a_moment_is_sought_is_a_run_like_any_other(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Seek(10**9))
    listener.send(Run())
    listener.send(SetParameters((0,), (0.5,)))
    frame = listener.until(lambda frame: frame.obeyed == 4)
    assert frame.status is Status.TRAINING
    listener.send(Pause(seeks=False))
    listener.until(lambda frame: frame.status is Status.PAUSED)


def test_a_pause_is_heard_though_an_edit_waits_for_a_moment_far_ahead(listener):
    listener.send(Open(problem(stop={"epochs": None}), "test"))
    listener.send(Seek(10**9))
    listener.send(SetParameters((0,), (0.5,)))
    listener.send(Pause())
    frame = listener.until(lambda frame: frame.obeyed == 4 and frame.status is Status.PAUSED)
    assert 0 < frame.snapshots[0].state.update < 10**9
