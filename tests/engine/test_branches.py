"""Branches of a run that race it: each is at every moment what its own line makes of it, by the clock of the race."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.engine.messages import Clock
from ann_studio.engine.race import Race
from ann_studio.learning import supervised
from ann_studio.learning.course import update_of_samples
from ann_studio.learning.experiment import replace
from ann_studio.learning.history import NothingThere
from ann_studio.learning.race import MOST_RACERS
from ann_studio.learning.reshaping import AddNeuron
from ann_studio.learning.trainer import Trainer
from tests.learning.problems import problem, two_classes

POSED = problem(two_classes(40), stop={"epochs": None})


def branched() -> Race:
    """A race whose main run has left, at update 20, a line with an edit at 30 that went to 50."""
    race = Race(POSED)
    race.main.seek(30)
    race.main.set_parameter(0, 1.0)
    race.main.seek(50)
    race.main.seek(20)
    before = race.main.history
    race.main.set_parameter(1, -1.0)
    assert "races this one" in race.welcome(before)
    return race


def gathered(race: Race) -> Race:
    while not race.is_together:
        race.gather()
    return race


def as_it_was(update: int) -> supervised.State:
    """The line that was left, told straight."""
    straight = Trainer(POSED)
    straight.run(updates=min(30, update))
    if update >= 30:
        straight.set_parameter(0, 1.0)
        straight.run(updates=update - 30)
    return straight.state


def test_a_branch_is_at_the_same_place_by_the_clock_with_its_edits():
    race = gathered(branched())
    for to in (25, 30, 47, 90):
        race.advance(to_update=to, obey=False)
        assert race.is_together
        branch = race.trainers[1]
        assert branch.state.update == to
        assert branch.state.theta.tobytes() == as_it_was(to).theta.tobytes()
    snapshots, standings = race.snapshots()
    assert [standing.name for standing in standings] == ["Mini-batch", "Branch at 30"]
    assert (standings[1].branch, len(snapshots)) == (1, 2)


@pytest.mark.parametrize("again", [False, True])
def test_a_run_that_was_left_before_any_edit_is_called_so(again):
    race = Race(POSED)
    if again:
        race.main.run(updates=5)
        race.main.reset()
    race.main.seek(30)
    race.main.seek(20)
    before = race.main.history
    race.main.set_parameter(1, -1.0)
    race.welcome(before)
    _, standings = gathered(race).snapshots()
    assert [standing.name for standing in standings] == ["Mini-batch", "Unedited run"]


def test_going_back_takes_the_branch_along():
    race = gathered(branched())
    race.advance(to_update=60, obey=False)
    race.main.seek(33)
    assert gathered(race).trainers[1].state.theta.tobytes() == as_it_was(33).theta.tobytes()


def test_what_the_main_run_does_the_branch_never_sees():
    race = gathered(branched())
    race.advance(to_update=40, obey=False)
    branch = race.trainers[1]
    path, nodes = branch.snapshot().path.thetas.copy(), len(branch.history.nodes)
    race.main.set_parameter(2, 5.0)
    race.advance(to_update=80, obey=False)
    assert len(branch.history.nodes) == nodes
    assert branch.snapshot().path.thetas[: len(path)].tobytes() == path.tobytes()
    race.main.undo()
    race.main.undo()
    assert gathered(race).main.state.update == 20


def test_made_main_a_branch_is_returned_to_and_the_line_that_is_left_races_it():
    race = gathered(branched())
    race.advance(to_update=45, obey=False)
    mine = race.main.theta.copy()
    race.exchange(1)
    race.main.seek(45)
    gathered(race)
    assert race.main.theta.tobytes() == as_it_was(45).theta.tobytes()
    assert [standing.branch for standing in race.snapshots()[1]] == [None, 2]
    assert race.trainers[1].theta.tobytes() == mine.tobytes()


def test_a_branch_that_is_left_out_races_no_more_and_the_main_run_cannot_race_itself():
    race = gathered(branched())
    race.leave(1)
    assert len(race.trainers) == 1
    with pytest.raises(NothingThere, match="itself"):
        race.join(race.main.history.tip)
    with pytest.raises(NothingThere, match="no such branch"):
        race.join(99)


def test_another_network_is_not_raced_by_branches_of_the_old_one():
    race = gathered(branched())
    race.main.reshape(AddNeuron(0))
    gathered(race)
    assert len(race.trainers) == 1
    with pytest.raises(NothingThere, match="another network"):
        race.join(0)
    race.main.undo()
    assert len(gathered(race).trainers) == 2


def test_branches_of_other_data_are_forgotten_and_take_no_place():
    race = gathered(branched())
    race.main.open(problem(two_classes(30), seed=9), "Other data")
    race.tidy()
    assert len(gathered(race).trainers) == 1
    race.main.undo()
    assert len(gathered(race).trainers) == 1


def test_only_as_many_race_as_can_be_told_apart():
    race = Race(POSED)
    race.main.seek(10)
    for turn in range(MOST_RACERS + 2):
        race.main.seek(5)
        before = race.main.history
        race.main.set_parameter(0, float(turn))
        said = race.welcome(before)
        race.main.seek(10 + turn)
    assert said == "The run as it was stays as a branch"
    assert len(gathered(race).trainers) == MOST_RACERS + 1
    names = [standing.name for standing in race.snapshots()[1]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("clock", list(Clock))
def test_by_every_clock_a_branch_with_another_batch_size_has_gone_as_far(clock):
    race = Race(POSED)
    race.clock = clock
    race.main.seek(10)
    race.main.change_learning(replace(POSED.experiment, "learning.batch_size", 3))
    race.main.seek(40)
    race.main.seek(7)
    before = race.main.history
    race.main.set_parameter(0, 1.0)
    assert race.welcome(before)
    for to in (9, 16, 33):
        race.main.seek(to)
        main, branch = (trainer.state for trainer in gathered(race).trainers)
        if clock is Clock.UPDATES:
            assert branch.update == to
            continue
        samples = supervised.samples_of(POSED, main)
        following = race.trainers[1]
        assert supervised.samples_of(POSED, branch) <= samples
        following.step_update()
        assert supervised.samples_of(POSED, following.state) > samples


@given(
    batches=st.lists(st.tuples(st.sampled_from([1, 3, 7, "full"]), st.integers(1, 20)), min_size=1, max_size=4),
    samples=st.integers(0, 300),
)
@settings(max_examples=40, deadline=None)
def test_updates_are_counted_from_samples_along_a_line_of_many_batch_sizes(batches, samples):
    trainer = Trainer(POSED)
    for size, updates in batches:
        trainer.change_learning(replace(trainer.experiment, "learning.batch_size", size))
        trainer.run(updates=updates)
    found = update_of_samples(trainer.history, samples)
    trainer.seek(found)
    assert supervised.samples_of(POSED, trainer.state) <= samples
    trainer.step_update()
    assert supervised.samples_of(POSED, trainer.state) > samples
