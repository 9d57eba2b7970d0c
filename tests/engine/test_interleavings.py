"""Commands at any moment, in any order: what the runner shows is true, and what it has learned is always the same."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from ann_studio.engine.messages import (
    ChangeLearning,
    Command,
    Examine,
    Frame,
    Freeze,
    Open,
    Pause,
    Prune,
    RaceBranch,
    Redo,
    Reset,
    Reshape,
    Restore,
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
    Visit,
)
from ann_studio.engine.runner import Runner
from ann_studio.learning import phases, supervised
from ann_studio.learning.experiment import replace
from ann_studio.learning.problem import Problem
from ann_studio.learning.reshaping import AddLayer, AddNeuron, RemoveLayer, RemoveNeuron
from ann_studio.learning.state import State, Subject
from ann_studio.learning.trainer import Trainer
from tests.engine.listening import HANG, Listener
from tests.learning.problems import numbers, problem, two_classes

POSED = problem(two_classes(60), stop={"epochs": 150})
SPEEDS = [Speed(float("inf"), Unit.EPOCH), Speed(200, Unit.PHASE), Speed(500, Unit.UPDATE), Speed(2000, Unit.EPOCH)]


def any_command(choice: random.Random) -> Command:
    rates = [0.01, 0.05, 0.2]
    commands: list[Command] = [
        Run(),
        Run(),
        Run(),
        Pause(),
        Step(choice.choice(list(Unit)), choice.randint(1, 9)),
        Step(choice.choice(list(Unit))),
        Seek(choice.randint(0, 1500)),
        SetSpeed(choice.choice(SPEEDS)),
        ChangeLearning(replace(POSED.experiment, "learning.optimizer.learning_rate", choice.choice(rates))),
        ChangeLearning(replace(POSED.experiment, "learning.optimizer", {"kind": "adam"})),
        ChangeLearning(replace(POSED.experiment, "stop.epochs", choice.choice([5, 60, None]))),
        SetParameters((choice.randrange(POSED.architecture.parameters),), (choice.uniform(-1, 1),)),
        Prune((choice.randrange(POSED.architecture.parameters),)),
        StepBack(choice.choice(list(Unit)), choice.randint(1, 3)),
        Examine(
            choice.choice([None, None, Subject("train", 3), Subject("validation", 1), Subject("own", 0, (0.1, 0.2))])
        ),
        Restore((choice.randrange(POSED.architecture.parameters),)),
        Freeze((choice.randrange(POSED.architecture.parameters),), choice.random() < 0.7),
        Reshape(choice.choice([AddNeuron(0), RemoveNeuron(0, 1), AddLayer(1, "tanh"), RemoveLayer(1)])),
        Visit(choice.randrange(4)),
        RaceBranch(choice.randrange(4), choice.random() < 0.7),
        ToggleBookmark(),
        Undo(),
        Redo(),
        Reset(),
    ]
    return choice.choice(commands)


def check_frame(frame: Frame, before: Frame | None) -> None:
    """Everything in a frame belongs together."""
    assert frame.status not in (Status.FAILED, Status.DIVERGED), frame.error
    assert before is None or frame.serial > before.serial
    assert frame.error == ""
    if frame.status is not Status.TRAINING:
        assert frame.epoch_rate == 0
    assert frame.problem is not None
    posed, snapshot = frame.problem, frame.snapshots[0]
    state, phase = snapshot.state, snapshot.phase
    inside = phase is not None and phase.subject is None
    assert frame.status is not Status.READY or (state.update == 0 and not inside)
    assert snapshot.trace[-1, 1] <= state.update
    assert snapshot.losses_update == state.update
    assert snapshot.train_loss == supervised.evaluate(posed, state.theta, posed.train)
    assert snapshot.validation_loss == supervised.evaluate(posed, state.theta, posed.validation)
    if phase is not None and phase.subject is not None:
        again = phases.subject_phase(posed, state, phase.subject, phase.index)
    elif phase is not None:
        again = phases.phase(posed, state, phase.index)
    if phase is not None:
        assert phase.gradient.tobytes() == again.gradient.tobytes()
        assert (phase.count, phase.row, phase.kind) == (again.count, again.row, again.kind)


def check_history(trainer: Trainer) -> None:
    """From edit to edit, and from the last one to now, the way is that of a straight run."""
    nodes, path, at = trainer.history.nodes, [], trainer.history.here
    while nodes[at].parent is not None:
        path.append(at)
        at = nodes[at].parent
    posed, state = nodes[at].after.problem, nodes[at].after.state
    assert state.theta.tobytes() == posed.first_theta.tobytes()
    for step in reversed(path):
        before = nodes[step].before
        check_same(posed, state, before.state)
        posed, state = nodes[step].after.problem, nodes[step].after.state
    check_same(posed, state, trainer.state)


def check_same(posed: Problem, start: State, there: State) -> None:
    straight = supervised.advance(posed, start, to_update=there.update).state
    assert straight.update == there.update
    assert straight.theta.tobytes() == there.theta.tobytes()
    assert straight.slots.tobytes() == there.slots.tobytes()


@pytest.mark.parametrize("seed", range(8))
def test_any_interleaving_shows_true_frames_and_learns_the_bits_of_a_straight_run(seed):
    choice, listening, before = random.Random(seed), Listener(), None
    listening.send(Open(POSED, "test"))
    listening.until(lambda frame: frame.status is Status.READY)
    for _ in range(60):
        listening.send(any_command(choice))
        time.sleep(choice.choice([0, 0, 0.001, 0.004]))
        frame = listening.frames.take()
        if frame is not None and frame.snapshots:
            check_frame(frame, before)
            before = frame
    assert listening.runner.close()
    trainer = listening.runner._race.main
    check_history(trainer)
    assert len(trainer.history.nodes) > 1


@pytest.mark.parametrize("seed", range(4))
def test_the_last_command_has_the_last_word(seed):
    choice, listening = random.Random(seed), Listener()
    listening.send(Open(POSED, "test"))
    for _ in range(40):
        listening.send(any_command(choice))
    listening.send(Reset())
    listening.send(Step(Unit.UPDATE, 123))
    frame = listening.until(lambda frame: frame.status is Status.PAUSED and frame.snapshots[0].state.update == 123)
    straight = supervised.advance(frame.problem, supervised.start(frame.problem), to_update=123).state
    assert frame.snapshots[0].state.theta.tobytes() == straight.theta.tobytes()
    assert listening.runner.close()


# --- every command in every status ----------------------------------------------------------------------------------
WILD = {"kind": "supervised", "optimizer": {"kind": "sgd", "learning_rate": 900.0}}
RELU = {"hidden": [{"units": 3, "activation": "relu"}]}


def lead_to(listening: Listener, status: Status, monkeypatch: pytest.MonkeyPatch) -> Frame:
    wild = status is Status.DIVERGED
    posed = problem(numbers(), learning=WILD, network=RELU) if wild else problem(stop={"epochs": 9})
    listening.send(Open(posed, "test"))
    frame = listening.until(lambda frame: frame.status is Status.READY)
    if status is Status.PAUSED:
        listening.send(Step(Unit.UPDATE, 7))
    elif status is Status.TRAINING:
        listening.send(SetSpeed(Speed(0.01, Unit.PHASE)))
        listening.send(Run())
    elif status is not Status.READY:
        with monkeypatch.context() as patch:
            if status is Status.FAILED:
                patch.setattr(Trainer, "advance", lambda *_, **__: 1 / 0)
            listening.send(Run())
            return listening.until(lambda frame: frame.status is status)
    return frame if status is Status.READY else listening.until(lambda frame: frame.status is status)


#: What each command may lead to, when all has come to rest, from anywhere.
COMMANDS: dict[str, tuple[Command, set[Status]]] = {
    "open": (Open(POSED, "other"), {Status.READY}),
    "change": (ChangeLearning(POSED.experiment), {Status.READY, Status.PAUSED, Status.TRAINING}),
    "run": (Run(), {Status.FINISHED, Status.DIVERGED, Status.TRAINING}),
    "step": (Step(Unit.UPDATE), {Status.PAUSED, Status.DIVERGED}),
    "step phase": (Step(Unit.PHASE), {Status.PAUSED}),
    "reset": (Reset(), {Status.READY}),
    "set": (SetParameters((0,), (0.5,)), {Status.PAUSED, Status.TRAINING}),
    "prune": (Prune((0,)), {Status.PAUSED, Status.TRAINING}),
    "seek": (Seek(3), {Status.PAUSED, Status.DIVERGED}),
    "seek start": (Seek(0), {Status.READY}),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PREPARING])
def test_every_command_is_obeyed_in_every_status(listener, monkeypatch, status, name):
    command, expected = COMMANDS[name]
    before = lead_to(listener, status, monkeypatch)
    if isinstance(command, ChangeLearning):
        command = ChangeLearning(replace(before.problem.experiment, "learning.optimizer.learning_rate", 0.001))
    listener.send(command)
    frame = listener.until(lambda frame: frame.serial > before.serial and frame.status in expected)
    assert frame.error == ""
    assert np.isfinite(frame.snapshots[0].state.theta).all()
    assert np.isfinite(frame.snapshots[0].train_loss)


@pytest.mark.parametrize("command", [Pause(), SetSpeed(Speed(5, Unit.EPOCH))])
@pytest.mark.parametrize("status", [Status.READY, Status.PAUSED, Status.FINISHED, Status.DIVERGED, Status.FAILED])
def test_a_pause_or_a_speed_moves_nothing_that_rests(listener, monkeypatch, status, command):
    before = lead_to(listener, status, monkeypatch)
    listener.send(command)
    frame = listener.until(lambda frame: frame.serial > before.serial)
    assert frame.status is status
    assert frame.snapshots[0].state is before.snapshots[0].state
    assert bool(frame.error) == (status is Status.FAILED)


def test_at_rest_the_runner_waits_and_says_nothing(listener):
    waits: list[float | None] = []
    patience = Runner._patience
    listener.runner._patience = lambda: waits.append(patience(listener.runner)) or waits[-1]
    listener.send(Open(POSED, "test"))
    for command in (Step(Unit.UPDATE), Step(Unit.PHASE), Seek(0)):
        listener.send(command)
        listener.settled()
    end = time.monotonic() + HANG
    while not waits or waits[-1] is not None:
        assert time.monotonic() < end
        time.sleep(0.01)
    turns = len(waits)
    time.sleep(0.2)
    assert len(waits) == turns
    assert listener.frames.take() is None or len(waits) == turns
