"""What the descent workspace computes is what is timed, and each figure is what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.analysis import surface
from ann_studio.bench import descent, report
from ann_studio.bench.tasks import RACES, TASKS, raced, trap
from ann_studio.engine.messages import Clock
from ann_studio.learning.supervised import evaluate, samples_of


def test_surfaces_are_those_of_the_training_sets_of_250_samples(monkeypatch):
    drawn = []
    compute = surface.compute
    monkeypatch.setattr(surface, "compute", lambda *all_: drawn.append(compute(*all_)) or drawn[-1])
    small, large = descent.surfaces(2, 0.001)
    assert (small["task"], small["parameters"]) == ("2-4-2-1", TASKS["2-4-2-1"].problem(10).architecture.parameters)
    assert (large["task"], large["parameters"]) == ("2-8-8-8-1", 177)
    for result in (small, large):
        assert (result["samples"], result["side"]) == (250, 101)
        assert 0 < result["seconds"]["min"] <= result["seconds"]["median"]
    assert small["seconds"]["min"] < large["seconds"]["max"]
    first = drawn[0]
    assert first.values.shape == (101, 101)
    middle = evaluate(first.problem, first.problem.first_theta, first.problem.train)
    assert first.values[50, 50] == pytest.approx(middle, rel=1e-12)
    (grid,) = report.surface_grids([small, large])
    assert [row[0] for row in grid.rows] == [
        "2-4-2-1, 250 samples, 25 parameters", "2-8-8-8-1, 250 samples, 177 parameters",
    ]  # fmt: skip


def test_restarts_are_trained_alone_and_settled_besides(monkeypatch):
    monkeypatch.setattr(descent, "SEEDS", 20)
    asked, looks = [], []
    run = descent.run_restarts

    def watch(problem, seeds, epochs, settling):
        asked.append((problem.experiment.learning.batch_size, seeds.tolist(), epochs, settling.epochs))
        return run(problem, seeds, epochs, settling)

    monkeypatch.setattr(descent, "run_restarts", watch)
    results = descent.restarts(2, lambda: looks.append(1))
    assert [result["batch"] for result in results] == ["full", 2, 1]
    assert len(looks) == 2 * 2 * 3
    seeds = list(range(20))
    each = [(batch, seeds, 100, settling) for batch in ("full", 2, 1) for settling in (0, 3000)]
    assert asked == each + each[::-1]
    for result in results:
        assert (result["seeds"], result["epochs"]) == (20, 100)
        assert result["threads"] == descent.cores()
        assert result["trained"]["min"] > 0
    (grid,) = report.restart_grids(results)
    assert [row[0] for row in grid.rows] == ["batch full", "batch 2", "batch 1"]


@pytest.mark.parametrize("name", RACES)
def test_a_race_by_epochs_does_the_work_of_its_runs_alone(name):
    problem = raced(name)
    race = descent._Course(problem, Clock.EPOCHS)
    alone = [descent._Course(each, Clock.EPOCHS) for each in descent._runs(problem)]
    for course in (race, *alone):
        course.train(7)
    assert len(race.race.trainers) == len(alone) == 3
    for trainer, course in zip(race.race.trainers, alone, strict=True):
        assert trainer.state.epoch == 7
        assert np.array_equal(trainer.theta, course.race.main.theta)
        assert len(course.race.trainers) == 1
    assert race.samples == sum(course.samples for course in alone) == 3 * 7 * len(problem.train)


def test_a_race_on_another_clock_counts_what_every_run_has_done():
    course = descent._Course(raced("race trap"), Clock.UPDATES)
    course.train(5)
    trainers = course.race.trainers
    assert {trainer.state.update for trainer in trainers} == {5}
    assert course.samples == sum(samples_of(each.problem, each.state) for each in trainers) == 5 * (8 + 2 + 1)


def test_races_are_told_with_their_share():
    small, second = descent.races(2, 0.001)
    assert (small["task"], second["task"], second["runs"]) == (*RACES, 3)
    assert set(small["samples_per_second"]) == {"epochs", "updates", "gradients", "alone"}
    assert all(rate["min"] > 0 for rate in small["samples_per_second"].values())
    (grid,) = report.race_grids([small, second])
    assert grid.heads == ["", "race 2-6-4-1, 3 runs", "race trap, 3 runs"]
    assert grid.rows[-1][0] == "By epochs, of one after the other"


def test_the_trap_is_the_one_that_comes_with_the_program():
    assert len(trap().train) == 8
    assert trap().first_theta.tolist() == [-2.0, 0.0]
