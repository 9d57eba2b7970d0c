"""The restart lab on all cores: the facts of the trap, whatever the number of threads, and broken off at once."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_studio.data.inline import inline_dataset
from ann_studio.engine.restarter import run_restarts
from ann_studio.learning.experiment import from_plain
from ann_studio.learning.problem import Problem, pose
from ann_studio.learning.restarts import RestartError, Settling, grouped
from ann_studio.learning.supervised import Interrupted
from tests.learning.problems import problem

NEURONS = json.loads((Path(__file__).parents[1] / "facts" / "local_minimum.json").read_text("utf-8"))["neurons"]
CASES = [(number, key) for number in (0, 1) for key in NEURONS[number]["basin_of_global_after_epochs"]]
#: "then polished by 3000 full-batch epochs at learning rate 2"
POLISH = Settling(epochs=3000, rate=2.0)


def neuron(fact: dict[str, Any], rate: float, batch: int) -> Problem:
    inputs, targets = [[x] for x in fact["x"]], [[y] for y in fact["y"]]
    start = {"w": [[fact["start"]["w"]]], "b": [fact["start"]["b"]]}
    tree = {
        "format": "ann-studio experiment",
        "version": 1,
        "data": {"kind": "inline", "inputs": inputs, "targets": targets},
        "network": {"output_activation": "sigmoid"},
        "initial": {"kind": "given", "weights": [start]},
        "learning": {
            "kind": "supervised",
            "loss": "mse",
            "batch_size": batch,
            "optimizer": {"kind": "sgd", "learning_rate": rate},
        },
    }
    return pose(from_plain(tree), inline_dataset(inputs, targets, task="numbers"))


@pytest.mark.parametrize(("number", "key"), CASES)
def test_as_many_seeds_reach_the_global_minimum_as_the_facts_say(number, key):
    """The facts are of 1000 seeds; a hundred are tried where all reach it, or none, or as many as epochs before."""
    fact = NEURONS[number]
    rate, batch = (float(part.partition("=")[2]) for part in key.split(","))
    posed, target = neuron(fact, rate, int(batch)), fact["global_minimum"]
    known = {0.0, 1.0}
    for epochs, share in fact["basin_of_global_after_epochs"][key].items():
        seeds = 100 if share in known else 1000
        known.add(share)
        restarts = run_restarts(posed, np.arange(seeds), int(epochs), POLISH)
        near = np.linalg.norm(restarts.settled - [target["w"], target["b"]], axis=1) < 1
        assert abs(near.mean() - share) <= 4 * np.sqrt(share * (1 - share) * (1 / 1000 + 1 / seeds)) + 0.005, epochs
        if not near.any():
            continue
        best = grouped(restarts)[0]
        assert np.array_equal(best.runs, np.flatnonzero(near))
        assert best.loss == pytest.approx(target["cost"], abs=1e-9)
        np.testing.assert_allclose(best.theta, [target["w"], target["b"]], atol=1e-6)


def test_threads_change_no_bit():
    posed = neuron(NEURONS[1], 8.0, 2)
    one, many = (run_restarts(posed, np.arange(150), 30, Settling(50, 2.0), workers=n) for n in (1, 5))
    for name in ("thetas", "losses", "settled", "settled_losses"):
        assert np.array_equal(getattr(one, name), getattr(many, name))
    assert len(np.unique(one.losses)) > 100


def test_progress_is_told_from_nothing_to_all():
    told: list[float] = []
    run_restarts(problem(), np.arange(100), 2, Settling(0), progress=told.append, workers=2)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert told == sorted(told)
    assert len(told) > 10


def test_it_is_broken_off_in_the_middle_of_a_run():
    flag = np.zeros(1, dtype=np.int64)
    raised: list[float] = []

    def give_up() -> None:
        raised.append(time.monotonic())
        flag[0] = 1

    timer = threading.Timer(0.3, give_up)
    timer.start()
    before = threading.active_count()
    with pytest.raises(Interrupted):
        run_restarts(problem(), np.arange(10_000), 1_000_000, Settling(1000), interrupt=flag)
    # Some milliseconds, and 0.1 s if the kernel is just being loaded; the parts under way would take a minute.
    assert time.monotonic() - raised[0] < 5.0
    timer.join()
    assert threading.active_count() <= before


def test_too_many_runs_are_refused():
    with pytest.raises(RestartError):
        run_restarts(problem(), np.arange(20_000), 1, Settling(0))
