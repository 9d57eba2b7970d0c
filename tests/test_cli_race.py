"""``ann-studio race``: runs side by side on one clock, each with the figures it has alone."""

from __future__ import annotations

import csv
import json
import sys

import pytest

import ann_studio as ann
from ann_studio import cli
from ann_studio.learning.experiment import replace
from ann_studio.storage.experiment_file import save_experiment
from ann_studio.storage.resources import resource

TRAP = resource("experiments", "trap.json")
CIRCLE = resource("experiments", "02-circle.json")


@pytest.fixture
def studio(capfd, monkeypatch):
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ann-studio", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return ended.value.code or 0, out, err

    return run


def test_the_trap_holds_batch_descent_and_lets_the_others_go(studio, tmp_path):
    log = tmp_path / "race.csv"
    code, out, err = studio("race", TRAP, "--json", "--log", log)
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["run"] for row in rows] == ["Batch", "Mini-batch", "Stochastic"]
    assert [(row["epochs"], row["updates"], row["gradients"]) for row in rows] == [
        (300, 300, 2400), (300, 1200, 2400), (300, 2400, 2400),
    ]  # fmt: skip
    assert rows[0]["theta"] == pytest.approx([0.149, 0.046], abs=1e-3)
    assert rows[0]["train_loss"] == pytest.approx(0.0785, abs=1e-4)
    for row in rows[1:]:
        assert row["theta"] == pytest.approx([4.263, 4.257], abs=0.5)
        assert row["train_loss"] == pytest.approx(0.0522, abs=2e-4)
    assert min(row["gap"] for row in rows) == 0
    with log.open(encoding="utf-8", newline="") as stream:
        logged = list(csv.DictReader(stream))
    assert len(logged) == 3 * 301
    assert [row["epoch"] for row in logged] == [str(epoch) for epoch in range(301) for _ in range(3)]
    ends = {row["run"]: float(row["train_loss"]) for row in logged[-3:]}
    assert ends == {row["run"]: row["train_loss"] for row in rows}


def test_each_run_has_the_figures_of_a_training_alone(studio):
    _, out, _ = studio("race", CIRCLE, "--epochs", 12, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["run"] for row in rows} == {"Batch", "Mini-batch", "Stochastic"}
    for row in rows:
        size = {"Batch": "full", "Mini-batch": 10, "Stochastic": 1}[row["run"]]
        trainer = ann.trainer(replace(ann.load(CIRCLE), "learning.batch_size", size))
        trainer.run(epochs=12)
        assert row["train_loss"] == trainer.snapshot().train_loss


@pytest.mark.parametrize("clock", ["updates", "gradients"])
def test_runs_race_by_another_clock(studio, clock, tmp_path):
    log = tmp_path / "race.csv"
    code, out, _ = studio("race", TRAP, "--epochs", 10, "--clock", clock, "--json", "--log", log)
    rows = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len({row[clock] for row in rows}) == 1
    assert log.read_text("utf-8").startswith("run,epoch,update,")


def test_several_files_race_by_their_ways_to_learn(studio, tmp_path):
    trap = replace(ann.load(TRAP), "race", [])
    files = []
    for kind in ("sgd", "adam"):
        save_experiment(
            replace(trap, "learning.optimizer", {"kind": kind, "learning_rate": 0.5}), tmp_path / f"{kind}.json"
        )
        files.append(tmp_path / f"{kind}.json")
    code, out, err = studio("race", *files, "--epochs", 20, "--json")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 2
    code, _, err = studio("race", files[0], CIRCLE)
    assert code == 2
    assert "$.data: differs from" in err
    code, _, err = studio("race", files[0], *([files[1]] * 8))
    assert (code, err.count("\n")) == (2, 1)
    assert "at most eight runs can race" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([TRAP, "--clock", "hours"], "--clock hours: expected one of epochs, updates, gradients"),
        ([TRAP, "--set", "race.0.learning.loss=mae"], "$.race[0].learning.loss: mae is not the cost of the main run"),
        ([TRAP, "--set", "stop.epochs=null"], "$.stop: there is no rule to stop by"),
        (["nothing.json"], "nothing.json"),
    ],
)
def test_what_cannot_race_is_one_line(studio, arguments, message, tmp_path):
    code, out, err = studio("race", *arguments, "--log", tmp_path / "race.csv")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not list(tmp_path.iterdir())


def test_names_with_commas_stay_one_cell(studio, tmp_path):
    log = tmp_path / "race.csv"
    code, _, _ = studio("race", TRAP, "--epochs", 2, "--set", 'race.0.name="two, by two"', "--log", log, "--quiet")
    assert code == 0
    with log.open(encoding="utf-8", newline="") as stream:
        assert {row["run"] for row in csv.DictReader(stream)} == {"Batch", "two, by two", "Stochastic"}


def test_where_the_gradient_is_exact_optimisers_race_instead_of_batches(studio, tmp_path):
    landscape = ann.load(resource("experiments", "landscape.json"))
    exact = tmp_path / "exact.json"
    save_experiment(replace(landscape, "data.noise", 0.0), exact)
    code, out, err = studio("race", exact, "--epochs", 3, "--json")
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["run"] for row in rows] == ["Gradient descent", "Momentum", "RMSprop", "Adam"]
    assert all(row["updates"] == row["gradients"] == 3 for row in rows)
    assert len({tuple(row["theta"]) for row in rows}) == 4
