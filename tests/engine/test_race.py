"""Runs of a race: always at the same place of the clock, and each as if it were alone."""

import math
import random
import time

import msgspec
import numpy as np
import pytest

from ann_studio.engine.messages import (
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
from ann_studio.learning.problem import Problem, pose
from ann_studio.learning.supervised import batch_size, samples_of, updates_at
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
        if standing.out:
            continue
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
