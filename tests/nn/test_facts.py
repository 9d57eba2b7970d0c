"""What PyTorch and TensorFlow Playground computed is computed again by the engine, and by the book."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.backprop import gradient
from ann_studio.nn.backprop import loss as book_loss
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.nn.networks import Case, Rule, Run, engine_activations, engine_gradient, engine_loss
from tests.nn.rules import HYPER

FACTS = Path(__file__).parents[1] / "facts"
TORCH = json.loads((FACTS / "torch_trajectories.json").read_text("utf-8"))["cases"]
TORCH_IDS = ["-".join([*case["activations"], case["loss"], case["optimizer"]]) for case in TORCH]
PLAYGROUND = json.loads((FACTS / "tf_playground_default.json").read_text("utf-8"))
NEURONS = json.loads((FACTS / "local_minimum.json").read_text("utf-8"))["neurons"]
CLOSE = {"rtol": 0, "atol": 1e-9}


def flat(architecture: Architecture, parts: list[Any]) -> np.ndarray:
    """[W1, b1, W2, b2, …] as theta."""
    theta = np.full(architecture.parameters, np.nan)
    for layer, (weights, biases) in enumerate(views(architecture, theta)):
        weights[:], biases[:] = parts[2 * layer], parts[2 * layer + 1]
    assert np.isfinite(theta).all()
    return theta


def case_of(fact: dict[str, Any]) -> Case:
    architecture = Architecture(tuple(fact["sizes"]), tuple(fact["activations"]))
    theta = flat(architecture, fact["parameters"])
    return Case(architecture, theta, np.array(fact["inputs"]), np.array(fact["targets"]), fact["loss"])


# --- PyTorch --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fact", TORCH, ids=TORCH_IDS)
def test_the_first_gradient_is_pytorchs(fact):
    case = case_of(fact)
    expected = flat(case.architecture, fact["first_gradient"])
    np.testing.assert_allclose(engine_gradient(case), expected, rtol=0, atol=1e-12)
    book = gradient(case.architecture, case.theta, case.inputs, case.targets, case.loss)
    np.testing.assert_allclose(book, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fact", TORCH, ids=TORCH_IDS)
def test_the_engine_follows_pytorchs_trajectory(fact):
    case, optimizer = case_of(fact), fact["optimizer"]
    updates = len(fact["losses"]) - 1
    slots = np.zeros((OPTIMIZERS[optimizer].slots, len(case.theta)))
    run = Run(case, Rule(optimizer, HYPER[optimizer]), slots)
    assert engine_loss(case) == pytest.approx(fact["losses"][0], abs=1e-9)
    for update in range(1, updates + 1):
        run.advance(updates=update)
        if str(update) in fact["parameters_after"]:
            expected = flat(case.architecture, fact["parameters_after"][str(update)])
            np.testing.assert_allclose(run.theta, expected, **CLOSE, err_msg=f"update {update}")
    np.testing.assert_allclose(run.trace[:, 2], fact["losses"][1:], **CLOSE)
    assert run.trace[:, 1].tolist() == list(range(1, updates + 1))


def book_trajectory(case: Case, optimizer: str, updates: int) -> tuple[list[float], list[np.ndarray]]:
    """Losses and thetas before the first and after every update."""
    theta, slots = case.theta, np.zeros((OPTIMIZERS[optimizer].slots, len(case.theta)))
    losses, thetas = [], []
    for t in range(updates + 1):
        losses.append(book_loss(case.architecture, theta, case.inputs, case.targets, case.loss))
        thetas.append(theta)
        slopes = gradient(case.architecture, theta, case.inputs, case.targets, case.loss)
        theta, slots = OPTIMIZERS[optimizer].step(theta, slots, slopes, t + 1, np.array(HYPER[optimizer]))
    return losses, thetas


@pytest.mark.parametrize("fact", TORCH, ids=TORCH_IDS)
def test_the_book_follows_pytorchs_trajectory(fact):
    case = case_of(fact)
    losses, thetas = book_trajectory(case, fact["optimizer"], len(fact["losses"]) - 1)
    np.testing.assert_allclose(losses, fact["losses"], **CLOSE)
    for update, parts in fact["parameters_after"].items():
        np.testing.assert_allclose(thetas[int(update)], flat(case.architecture, parts), **CLOSE)


@pytest.mark.parametrize("fact", TORCH, ids=TORCH_IDS)
def test_engine_and_book_part_no_further_than_rounding_explains(fact):
    """At most a hundred times as far as the book parts from itself when each parameter is nudged by one ulp."""
    case, optimizer = case_of(fact), fact["optimizer"]
    _, thetas = book_trajectory(case, optimizer, 50)
    spread = np.zeros(51)
    for seed in range(5):
        towards = np.where(np.random.default_rng(seed).integers(0, 2, len(case.theta)), np.inf, -np.inf)
        nudged = Case(case.architecture, np.nextafter(case.theta, towards), case.inputs, case.targets, case.loss)
        _, others = book_trajectory(nudged, optimizer, 50)
        spread = np.maximum(spread, [np.abs(a - b).max() for a, b in zip(thetas, others, strict=True)])
    run = Run(case, Rule(optimizer, HYPER[optimizer]), np.zeros((OPTIMIZERS[optimizer].slots, len(case.theta))))
    for update in range(1, 51):
        run.advance(updates=update)
        assert np.abs(run.theta - thetas[update]).max() <= 100 * spread[: update + 1].max(), f"update {update}"


# --- TensorFlow Playground ------------------------------------------------------------------------------------------
def test_the_engine_follows_the_default_experiment_of_tensorflow_playground():
    architecture = Architecture((2, 4, 2, 1), ("tanh", "tanh", "tanh"))
    theta = np.full(architecture.parameters, np.nan)
    for (weights, biases), units in zip(views(architecture, theta), PLAYGROUND["net"], strict=True):
        weights[:] = np.array([unit["w"] for unit in units]).T
        biases[:] = [unit["b"] for unit in units]
    train, test = (
        Case(
            architecture,
            theta,
            np.array([[point["x"], point["y"]] for point in PLAYGROUND[part]]),
            np.array([[float(point["label"])] for point in PLAYGROUND[part]]),
            "mse",
        )
        for part in ("train", "test")
    )
    run = Run(train, Rule(hyper=(0.03,), batch=10), np.empty((0, len(theta))), validation=test)
    for epoch, train_loss, test_loss, accuracy in PLAYGROUND["out"]:
        run.advance(epochs=epoch)
        now = [Case(architecture, run.theta, part.inputs, part.targets, "mse") for part in (train, test)]
        assert [engine_loss(part) for part in now] == pytest.approx([train_loss, test_loss], rel=0, abs=1e-9)
        if epoch:
            assert run.trace[-1].tolist() == [epoch, 25 * epoch, *(engine_loss(part) for part in now)]
        right = np.sign(engine_activations(now[1])[:, -1]) == test.targets[:, 0]
        assert right.mean() == pytest.approx(accuracy)


# --- the local minimum ----------------------------------------------------------------------------------------------
def neuron_at(neuron: dict[str, Any], place: dict[str, float]) -> Case:
    inputs, targets = np.array(neuron["x"])[:, None], np.array(neuron["y"])[:, None]
    return Case(Architecture((1, 1), ("sigmoid",)), np.array([place["w"], place["b"]]), inputs, targets, "mse")


@pytest.mark.parametrize("place", ["start", "global_minimum", "local_minimum"])
@pytest.mark.parametrize("neuron", NEURONS, ids=[neuron["name"] for neuron in NEURONS])
def test_the_cost_at_each_place_of_the_trap_is_the_facts(neuron, place):
    case = neuron_at(neuron, neuron[place])
    assert engine_loss(case) == pytest.approx(neuron[place]["cost"], abs=1e-12)
    if place != "start":
        assert np.linalg.norm(engine_gradient(case)) < 1e-9


@pytest.mark.parametrize("neuron", NEURONS, ids=[neuron["name"] for neuron in NEURONS])
def test_the_full_batch_never_leaves_the_local_minimum(neuron):
    run = Run(neuron_at(neuron, neuron["start"]), Rule(hyper=(2.0,)), np.empty((0, 2)))
    run.advance(epochs=3000, room=3000)
    local = neuron["local_minimum"]
    np.testing.assert_allclose(run.theta, [local["w"], local["b"]], atol=1e-6)
    assert run.trace[-1, 2] == pytest.approx(local["cost"], abs=1e-12)


def test_stochastic_descent_leaves_the_local_minimum_as_often_as_the_facts_say():
    """Twenty seeds of batch 1 at rate 1: all of them, after 25 epochs polished by the full batch."""
    neuron = NEURONS[0]
    assert neuron["basin_of_global_after_epochs"]["lr=1.0,batch=1"]["25"] == 1.0
    best = neuron["global_minimum"]
    for seed in range(20):
        start = neuron_at(neuron, neuron["start"])
        free = Run(start, Rule(hyper=(1.0,), batch=1, reshuffle=True, seed=seed), np.empty((0, 2)))
        free.advance(epochs=25)
        polished = Case(start.architecture, free.theta, start.inputs, start.targets, "mse")
        calm = Run(polished, Rule(hyper=(2.0,)), np.empty((0, 2)))
        calm.advance(epochs=3000, room=3000)
        assert np.hypot(calm.theta[0] - best["w"], calm.theta[1] - best["b"]) < 1, f"seed {seed}"
