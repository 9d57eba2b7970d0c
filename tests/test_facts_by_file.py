"""What PyTorch and TensorFlow Playground computed is computed again from an experiment file, by the library alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ann_studio as ann
from ann_studio.analysis.metrics import performance
from ann_studio.nn.architecture import views

FACTS = Path(__file__).parent / "facts"
TORCH = json.loads((FACTS / "torch_trajectories.json").read_text("utf-8"))["cases"]
PLAYGROUND = json.loads((FACTS / "tf_playground_default.json").read_text("utf-8"))
#: As the facts' note says; whatever is not named is PyTorch's default, and so must be ours.
OPTIMIZERS: dict[str, dict[str, float]] = {
    "sgd": {"learning_rate": 0.1},
    "momentum": {"learning_rate": 0.05, "momentum": 0.9},
    "nesterov": {"learning_rate": 0.05, "momentum": 0.9},
    "adagrad": {"learning_rate": 0.05},
    "adadelta": {"learning_rate": 1.0},
    "rmsprop": {"learning_rate": 0.01},
    "adam": {"learning_rate": 0.02},
    "adamw": {"learning_rate": 0.02, "weight_decay": 0.01},
    "rprop": {"learning_rate": 0.01},
}


def trainer(folder: Path, tree: dict[str, Any]) -> ann.Trainer:
    """Write an experiment file and open it."""
    path = folder / "fact.json"
    path.write_text(json.dumps({"format": "ann-studio experiment", "version": 1, **tree}), "utf-8")
    return ann.trainer(ann.load(path))


@pytest.mark.parametrize("fact", TORCH, ids=["-".join([case["loss"], case["optimizer"]]) for case in TORCH])
def test_a_file_follows_pytorchs_trajectory(fact, tmp_path):
    *hidden, output = fact["activations"]
    pairs = zip(fact["parameters"][::2], fact["parameters"][1::2], strict=True)
    run = trainer(
        tmp_path,
        {
            "data": {"kind": "inline", "inputs": fact["inputs"], "targets": fact["targets"]},
            "network": {
                "hidden": [{"units": n, "activation": a} for n, a in zip(fact["sizes"][1:-1], hidden, strict=True)],
                "output_activation": output,
            },
            "initial": {"kind": "given", "weights": [{"w": weights, "b": biases} for weights, biases in pairs]},
            "learning": {
                "kind": "supervised",
                "loss": fact["loss"],
                "optimizer": {"kind": fact["optimizer"], **OPTIMIZERS[fact["optimizer"]]},
                "batch_size": "full",
            },
        },
    )
    for update, loss in enumerate(fact["losses"]):
        run.run(updates=update - run.state.update)
        assert run.snapshot().train_loss == pytest.approx(loss, rel=0, abs=1e-9), f"update {update}"
        if str(update) in fact["parameters_after"]:
            expected = np.full_like(run.theta, np.nan)
            parts = iter(fact["parameters_after"][str(update)])
            for weights, biases in views(run.problem.architecture, expected):
                weights[:], biases[:] = next(parts), next(parts)
            np.testing.assert_allclose(run.theta, expected, rtol=0, atol=1e-9, err_msg=f"update {update}")


def test_a_file_follows_the_default_experiment_of_tensorflow_playground(tmp_path):
    def rows(part: str) -> dict[str, Any]:
        points = PLAYGROUND[part]
        return {"inputs": [[p["x"], p["y"]] for p in points], "targets": [[p["label"]] for p in points]}

    run = trainer(
        tmp_path,
        {
            "data": {"kind": "inline", **rows("train"), "validation": rows("test")},
            "network": {
                "hidden": [{"units": 4, "activation": "tanh"}, {"units": 2, "activation": "tanh"}],
                "output_activation": "tanh",
            },
            "initial": {
                "kind": "given",
                "weights": [
                    {"w": np.array([unit["w"] for unit in units]).T.tolist(), "b": [unit["b"] for unit in units]}
                    for units in PLAYGROUND["net"]
                ],
            },
            "learning": {
                "kind": "supervised",
                "loss": "mse",
                "optimizer": {"kind": "sgd", "learning_rate": 0.03},
                "batch_size": 10,
                "reshuffle": False,
            },
        },
    )
    for epoch, train_loss, test_loss, accuracy in PLAYGROUND["out"]:
        run.run(epochs=epoch - run.state.epoch)
        now = run.snapshot()
        assert [now.train_loss, now.validation_loss] == pytest.approx([train_loss, test_loss], rel=0, abs=1e-9)
        assert performance(run.problem, run.theta, run.problem.validation).accuracy == pytest.approx(accuracy)
