"""The race in the trap, through the real window: where each ball is at the epochs that are pictured."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.engine.messages import Clock, SetClock, Status, Step, Unit
from ann_studio.learning.supervised import updates_at
from ann_studio.learning.trainer import Trainer

LOCAL, GLOBAL = np.array([0.1493748, 0.0460642]), np.array([4.2631439, 4.2574721])
RUNS = ("Batch", "Mini-batch", "Stochastic")


@pytest.fixture
def race(studio):
    studio.open("trap.json")
    studio.until(lambda frame: len(frame.snapshots) == 3)
    view = studio.window.surface_view
    studio.qtbot.waitUntil(lambda: view.canvas.surveyed is not None and view.canvas.surveyed.final, timeout=30_000)
    return studio


def reach(race, epoch: int):
    here = race.snapshot.state.epoch
    if epoch > here:
        race.window.bridge.send(Step(Unit.EPOCH, epoch - here))
    return race.until(lambda frame: frame.snapshots[0].state.epoch == epoch and frame.status is not Status.TRAINING)


def test_the_trap_opens_in_the_descent_workspace_with_three_runs_from_one_start(race):
    window = race.window
    assert window.workspaces.name == "descent"
    assert window.surface_view.isVisible()
    assert not window.output_view.isVisible()
    assert tuple(standing.name for standing in race.frame.standings) == RUNS
    assert {tuple(snapshot.state.theta.tolist()) for snapshot in race.frame.snapshots} == {(-2.0, 0.0)}


def test_every_ball_is_painted_where_its_run_is(race):
    canvas = race.window.surface_view.canvas
    for epoch in (0, 5, 25, 100):
        snapshots, standings = (frame := reach(race, epoch)).snapshots, frame.standings
        race.qtbot.waitUntil(
            lambda snapshots=snapshots: all(run.theta is snapshots[run.place].state.theta for run in canvas.runs)
        )
        scale = canvas.scale()
        for run in canvas.shown_runs():
            alone = Trainer(standings[run.place].problem)
            alone.run(epochs=epoch)
            assert alone.theta.tobytes() == snapshots[run.place].state.theta.tobytes(), epoch
            assert scale.to_point(canvas.ball(run)) == pytest.approx(alone.theta.tolist(), abs=1e-9), epoch


def test_after_a_hundred_epochs_batch_descent_is_trapped_and_the_others_are_out(race):
    frame = reach(race, 100)
    batch, mini, stochastic = (snapshot.state.theta for snapshot in frame.snapshots)
    assert np.abs(batch - LOCAL).max() < 1e-3
    assert np.linalg.norm(mini - GLOBAL) < 1
    assert np.linalg.norm(stochastic - GLOBAL) < 1
    costs = [snapshot.train_loss for snapshot in frame.snapshots]
    assert costs == pytest.approx([0.0785, 0.0522, 0.0522], abs=3e-4)


def test_the_cost_plot_draws_every_run_and_leaves_out_what_the_eye_hides(race):
    frame = reach(race, 5)
    plot, eye = race.window.loss_view.plot, race.window.race_card.racers[0].eye

    def shown() -> list[tuple[str, float, float]]:
        runs = [] if plot.race is None else plot.race.runs
        return [(run.name, run.at(len(run) - 1), run.cost(len(run) - 1)) for run in runs]

    every = [(name, 5, snapshot.train_loss) for name, snapshot in zip(RUNS, frame.snapshots, strict=True)]
    race.qtbot.waitUntil(lambda: shown() == every)
    eye.click()
    assert shown() == every[1:]
    eye.click()
    assert shown() == every


def test_the_minima_that_are_shown_are_those_of_the_facts(race):
    minima = race.window.surface_view.canvas.surveyed.minima
    assert np.abs(minima[0].theta - GLOBAL).max() < 1e-6
    assert any(np.abs(minimum.theta - LOCAL).max() < 1e-6 for minimum in minima)


def test_another_clock_takes_the_runs_to_its_place(race):
    reach(race, 5)
    race.window.bridge.send(SetClock(Clock.UPDATES))
    frame = race.until(lambda frame: frame.clock is Clock.UPDATES and len(frame.snapshots) == 3)
    assert [snapshot.state.update for snapshot in frame.snapshots] == [5, 5, 5]
    race.window.bridge.send(SetClock(Clock.GRADIENTS))
    frame = race.until(lambda frame: frame.clock is Clock.GRADIENTS and len(frame.snapshots) == 3)
    assert [snapshot.state.update for snapshot in frame.snapshots] == [
        updates_at(standing.problem, 40) for standing in frame.standings
    ]
