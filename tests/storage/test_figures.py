"""The figures of a run are numbers of JSON, and those that are none are null."""

from __future__ import annotations

import json
import math

import numpy as np

import ann_studio as ann
from ann_studio.storage.figures import figures
from ann_studio.storage.resources import resource


def trainer(name: str) -> ann.Trainer:
    return ann.trainer(ann.load(resource("experiments", f"{name}.json")))


def test_numbers_are_measured_in_their_unit_on_the_validation_set() -> None:
    run = trainer("05-hills")
    run.run(epochs=20)
    problem = run.problem
    found = figures(run, test=False)
    for prefix, part in (("train_", problem.train), ("", problem.validation)):
        truth = problem.dataset.targets[part.rows]
        errors = (run.predict(problem.dataset.inputs[part.rows]) - truth) ** 2
        assert math.isclose(found[f"{prefix}rmse"], np.sqrt(errors.mean()), rel_tol=1e-9)
        r2 = 1 - errors.sum() / ((truth - truth.mean()) ** 2).sum()
        assert math.isclose(found[f"{prefix}r2"], r2, rel_tol=1e-9)


def test_what_is_not_finite_is_null() -> None:
    run = trainer("05-hills")
    run.set_parameter(len(run.theta) - 1, 1e300)
    found = figures(run, test=True)
    assert (found["train_loss"], found["rmse"], found["r2"]) == (None, None, None)
    json.dumps(found, allow_nan=False)


def test_a_landscape_has_a_cost_and_nothing_to_be_right_about() -> None:
    run = trainer("landscape")
    run.run(epochs=2)
    found = figures(run, test=True)
    assert found == {"epochs": 2, "updates": 16, "train_loss": run.snapshot().train_loss}
