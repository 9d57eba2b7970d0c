"""Runs of a race: always at the same place of the clock, and each as if it were alone."""

import math
import random
import time
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from ann_studio.engine.messages import (
    ChangeLearning,
    Clock,
    MakeMain,
    Open,
    Pause,
    Redo,
    Reset,
    Run,
    Seek,
    SetClock,
    SetParameters,
    SetSpeed,
    Speed,
    Status,
    Step,
    Undo,
    Unit,
)
from ann_studio.engine.race import Race
from ann_studio.learning.experiment import Racer, Supervised
from ann_studio.learning.history import NothingThere
from ann_studio.learning.problem import Problem, pose
from ann_studio.learning.supervised import Interrupted, batch_size, samples_of, updates_at
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource
from tests.engine.listening import Listener


def racers(problem_or_learning: Supervised, *sizes: int | str) -> tuple[Racer, ...]:
    return tuple(Racer(msgspec.structs.replace(problem_or_learning, batch_size=size)) for size in sizes)


def posed(batch: int | str, *others: int | str, epochs: int | None = None) -> Problem:
    experiment = load_experiment(resource("experiments", "trap.json"))
    learning = msgspec.structs.replace(experiment.learning, batch_size=batch)
    stop = msgspec.structs.replace(experiment.stop, epochs=epochs)
    experiment = msgspec.structs.replace(experiment, learning=learning, race=racers(learning, *others), stop=stop)
    return pose(experiment, load_dataset(experiment))


def check(frame) -> None:
    """Every run of the frame stands at the end of its last update that is complete by the clock."""
    for snapshot, standing in zip(frame.snapshots, frame.standings, strict=True):
        problem, state = standing.problem, snapshot.state
        if standing.out or standing.branch is not None:
            continue  # those of branches are told by tests/engine/test_branches.py
        if frame.clock is Clock.UPDATES:
            assert state.update == frame.reached
        else:
            rows = len(problem.train)
            samples = round(frame.reached * (rows if frame.clock is Clock.EPOCHS else 1))
            assert state.update == updates_at(problem, samples)
            assert samples_of(problem, state) <= samples < samples_of(problem, state) + batch_size(problem)
            assert state.epoch == samples // rows
        alone = Trainer(problem)
        alone.seek(state.update)
        if snapshot is not frame.snapshots[0]:
            assert alone.theta.tobytes() == state.theta.tobytes()


@pytest.mark.parametrize("clock", list(Clock))
def test_runs_stand_at_the_same_place_in_every_frame(clock):
    listening = Listener()
    listening.send(Open(posed("full", 3, 1), "test"))
    listening.send(SetClock(clock))
    listening.send(SetSpeed(Speed(300, Unit.UPDATE)))
    listening.send(Run())
    seen = 0
    deadline = time.monotonic() + 20
    while seen < 40 and time.monotonic() < deadline:
        frame = listening.frames.wait(0.2)
        if frame is not None and len(frame.snapshots) == 3:
            check(frame)
            seen += 1
    assert seen == 40
    assert listening.runner.close()


@pytest.mark.parametrize("unit", [Unit.PHASE, Unit.SAMPLE])
@pytest.mark.parametrize("main", ["full", 1])
def test_steps_inside_an_update_take_the_others_along(unit, main):
    race = Race(posed(main, "full", 3, 1))
    rows = len(race.main.problem.train)
    for _ in range(60):
        (race.step_phase if unit is Unit.PHASE else race.step_sample)()
        snapshots, standings = race.snapshots()
        assert len(snapshots) == 4
        for snapshot, standing in zip(snapshots[1:], standings[1:], strict=True):
            assert snapshot.state.update == updates_at(standing.problem, round(race.reached * rows))
    assert race.samples > rows // 2


def test_a_race_at_full_speed_goes_by_whole_epochs():
    race = Race(posed(1, "full", 2))
    race.advance(samples=1001)
    snapshots, _ = race.snapshots()
    assert [snapshot.state.position for snapshot in snapshots] == [0, 0, 0]
    assert [snapshot.state.epoch for snapshot in snapshots] == [126] * 3


def test_each_racer_gets_the_bits_of_a_run_of_its_own():
    race = Race(posed("full", 2, 1))
    race.advance(samples=800)
    for snapshot, standing in zip(*race.snapshots(), strict=True):
        alone = Trainer(standing.problem)
        alone.run(epochs=100)
        assert alone.theta.tobytes() == snapshot.state.theta.tobytes()


def test_a_racer_that_joins_late_comes_to_the_others():
    race = Race(posed("full"))
    race.main.run(epochs=20_000)
    learning = race.main.experiment.learning
    race.main.change_learning(msgspec.structs.replace(race.main.experiment, race=racers(learning, 1)))
    assert not race.is_together
    assert len(race.snapshots()[0]) == 1
    pieces = 0
    while not race.is_together:
        race.gather()
        pieces += 1
    assert pieces > 2
    (main, racer), standings = race.snapshots()
    assert main.state.epoch == racer.state.epoch == 20_000
    assert [standing.name for standing in standings] == ["Batch", "Stochastic"]
    race.main.undo()
    race.gather()
    assert len(race.snapshots()[0]) == 1


def test_a_racer_that_diverges_is_out_and_the_others_go_on():
    problem = posed("full", 1)
    learning = msgspec.structs.replace(
        problem.experiment.learning,
        loss="mse",
        optimizer=msgspec.structs.replace(problem.experiment.learning.optimizer, learning_rate=1000.0),
    )
    experiment = load_experiment(resource("experiments", "04-sine.json"))
    sine = msgspec.structs.replace(
        experiment,
        race=(Racer(msgspec.structs.replace(learning, batch_size=10)),),
        learning=msgspec.structs.replace(experiment.learning),
    )
    race = Race(pose(sine, load_dataset(sine)))
    for _ in range(50):
        race.advance(samples=1000)
    (main, racer), (_, standing) = race.snapshots()
    assert standing.out == f"diverged after update {racer.state.update:,}"
    assert np.isfinite(racer.state.theta).all()
    assert main.state.epoch > racer.state.epoch
    race.main.rewind(0)
    race.gather()
    (main, racer), (_, standing) = race.snapshots()
    assert main.state.update == racer.state.update == 0


def test_the_main_run_changes_places_with_a_racer_and_undo_brings_it_back():
    race = Race(posed("full", 2, 1))
    race.advance(samples=400)
    before = race.snapshots()
    race.exchange(2)
    while not race.is_together:
        race.gather()
    after = race.snapshots()
    assert [standing.name for standing in after[1]] == ["Stochastic", "Mini-batch", "Batch"]
    for old, new in ((2, 0), (1, 1), (0, 2)):
        assert after[0][new].state.theta.tobytes() == before[0][old].state.theta.tobytes()
        assert after[0][new].trace.tobytes() == before[0][old].trace.tobytes()
        assert after[0][new].path.thetas.tobytes() == before[0][old].path.thetas.tobytes()
    race.main.undo()
    while not race.is_together:
        race.gather()
    assert [standing.name for standing in race.snapshots()[1]] == ["Batch", "Mini-batch", "Stochastic"]


def test_a_name_goes_with_its_run():
    problem = posed("full", 2, 1)
    race = problem.experiment.race
    named = (race[0], msgspec.structs.replace(race[1], name="Drunk"))
    race = Race(replace(problem, experiment=msgspec.structs.replace(problem.experiment, race=named, run_name="Sober")))

    def names() -> list[str]:
        while not race.is_together:
            race.gather()
        return [standing.name for standing in race.snapshots()[1]]

    assert names() == ["Sober", "Mini-batch", "Drunk"]
    race.exchange(2)
    assert names() == ["Drunk", "Mini-batch", "Sober"]
    race.exchange(1)
    assert names() == ["Mini-batch", "Drunk", "Sober"]
    race.exchange(2)
    assert names() == ["Sober", "Drunk", "Mini-batch"]


def test_a_hand_at_the_main_run_is_told_and_does_not_go_with_a_racer():
    race = Race(posed("full", 2))
    race.advance(samples=80)
    race.main.set_parameter(0, 1.0)
    race.advance(samples=80)
    assert [standing.edited for standing in race.snapshots()[1]] == [True, False]
    race.exchange(1)
    while not race.is_together:
        race.gather()
    assert [standing.edited for standing in race.snapshots()[1]] == [False, False]
    race.main.undo()
    while not race.is_together:
        race.gather()
    assert [standing.edited for standing in race.snapshots()[1]] == [True, False]


@pytest.mark.parametrize("seed", range(8))
def test_any_commands_leave_the_runs_together(seed):
    choice, listening = random.Random(seed), Listener()
    listening.send(Open(posed("full", 3, 1), "test"))
    listening.until(lambda frame: frame.status is Status.READY)
    for _ in range(50):
        command = choice.choice(
            [
                Run(), Pause(), Reset(), Undo(), Redo(), Step(Unit.EPOCH), Step(Unit.SAMPLE, 2), Step(Unit.PHASE),
                Seek(choice.randrange(300)), SetClock(choice.choice(list(Clock))), MakeMain(choice.randrange(1, 4)),
                SetParameters((0,), (choice.uniform(-3, 3),)),
                SetSpeed(Speed(choice.choice([50.0, math.inf]), Unit.EPOCH)),
            ]
        )  # fmt: skip
        listening.send(command)
        time.sleep(choice.choice([0, 0.001, 0.004]))
        frame = listening.frames.take()
        if frame is not None and frame.snapshots and frame.snapshots[0].state.update < 20_000:
            check(frame)
    listening.send(Pause())
    assert listening.runner.close()


# --- commands that come together ------------------------------------------------------------------------------------
def test_a_racer_of_another_network_cannot_become_the_main_run():
    race = Race(posed("full", 1))
    race.advance(samples=80)
    circle = load_experiment(resource("experiments", "02-circle.json"))
    race.main.open(pose(circle, load_dataset(circle)), "test")
    with pytest.raises(NothingThere):
        race.exchange(1)
    assert len(race.main.theta) == race.main.problem.architecture.parameters


def test_a_racer_that_was_just_removed_or_added_cannot_become_the_main_run():
    race = Race(posed("full", 2, 1))
    race.advance(samples=800)
    experiment = race.main.experiment
    race.main.change_learning(msgspec.structs.replace(experiment, race=()))
    with pytest.raises(NothingThere):
        race.exchange(2)
    race.main.change_learning(experiment)
    with pytest.raises(NothingThere, match="on its way"):
        race.exchange(2)
    assert race.main.state.update == 100


def test_a_racer_that_fails_is_told_once(monkeypatch):
    listening = Listener()
    listening.send(Open(posed("full"), "test"))
    listening.until(lambda frame: frame.status is Status.READY)
    calls = []

    def fails(*_arguments):
        calls.append(1)
        raise MemoryError("planted")

    monkeypatch.setattr("ann_studio.engine.race.Trainer", fails)
    learning = listening.runner._race.main.experiment
    listening.send(ChangeLearning(msgspec.structs.replace(learning, race=racers(learning.learning, 1))))
    listening.until(lambda frame: frame.status is Status.FAILED)
    time.sleep(0.2)
    assert len(calls) == 1
    assert listening.runner.close()


def test_what_had_diverged_is_not_out_before_it_did():
    problem = posed("full", 1)
    race = Race(problem)
    race.advance(samples=80)
    race._followers[0].end = 40
    race.main.rewind(0)
    while not race.is_together:
        race.gather()
    assert race.snapshots()[1][1].out == ""
    race.advance(samples=80)
    assert race.snapshots()[1][1].out == "diverged after update 40"


def test_an_interrupt_while_a_racer_joins_loses_none_of_the_others():
    flag = np.zeros(1, dtype=np.int64)
    race = Race(posed("full", 1), flag)
    race.advance(samples=8000)
    experiment = race.main.experiment
    before = race._followers[0].trainer
    race.main.change_learning(
        msgspec.structs.replace(experiment, race=experiment.race + racers(experiment.learning, 2))
    )
    flag[0] = 1
    with pytest.raises(Interrupted):
        race.gather()
    flag[0] = 0
    while not race.is_together:
        race.gather()
    assert race._followers[0].trainer is before


def test_by_the_clock_of_updates_no_run_goes_through_more_samples_than_a_piece_has():
    race = Race(posed(1, "full"))
    race.clock = Clock.UPDATES
    race.advance(samples=800)
    assert race.main.state.update == 100
    assert samples_of(race._followers[0].trainer.problem, race._followers[0].trainer.state) == 800


def test_all_runs_begin_their_time_anew_at_a_reset():
    race = Race(posed("full", 1))
    race.advance(samples=8000)
    assert all(standing.seconds > 0 for standing in race.snapshots()[1])
    race.reset()
    while not race.is_together:
        race.gather()
    assert race.snapshots()[1][0].seconds == 0.0


def test_each_noisy_gradient_of_a_landscape_counts():
    experiment = load_experiment(resource("experiments", "landscape.json"))
    learning = msgspec.structs.replace(experiment.learning, batch_size="full")
    experiment = msgspec.structs.replace(experiment, learning=learning, race=racers(learning, 1))
    race = Race(pose(experiment, load_dataset(experiment)))
    race.clock = Clock.GRADIENTS
    for k in range(1, 4):
        race.step_phase()
        assert race.reached == k
        assert race.snapshots()[0][1].state.update == k
