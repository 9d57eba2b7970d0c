"""The doctor's findings: each illness is found where it is, with true numbers, and none in a healthy run."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import msgspec
import numpy as np
import pytest

from ann_studio.analysis.curvature import gradient, hessian
from ann_studio.analysis.diagnosis import KINDS, Case, Hint, diagnose, treat
from ann_studio.analysis.diagnosis.baseline import constant_cost
from ann_studio.analysis.diagnosis.explosion import (
    EXPLODED,
    before_explosion,
    clip_length,
    is_exploding,
    origin_of,
)
from ann_studio.analysis.diagnosis.treatment import changed
from ann_studio.analysis.diagnosis.units import DEAD, layer_states
from ann_studio.analysis.diagnosis.words import figure
from ann_studio.analysis.neuron import over_training
from ann_studio.analysis.saturation import FLAT, SATURATED
from ann_studio.learning.experiment import Experiment, replace
from ann_studio.learning.phases import batch_rows
from ann_studio.learning.problem import Problem, pose, with_learning
from ann_studio.learning.supervised import NEVER, Interrupted, advance, evaluate, start
from ann_studio.learning.trainer import Outcome, Trainer
from ann_studio.nn.architecture import views
from ann_studio.nn.backprop import forward
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import experiments, resource

ADAM, SGD = "adam", "sgd"


def shipped(file: str, **changes: Any) -> Trainer:
    """A shipped experiment with changes; ``__`` stands for a dot."""
    experiment: Experiment = load_experiment(resource("experiments", file))
    experiment = msgspec.structs.replace(experiment, race=())
    for path, value in changes.items():
        experiment = replace(experiment, path.replace("__", "."), value)
    return Trainer(pose(experiment, load_dataset(experiment)))


def by(kind: str, rate: float, **more: float) -> dict[str, Any]:
    return {"kind": kind, "learning_rate": rate, **more}


def case_of(trainer: Trainer, epochs: int = 0) -> Case:
    outcome = trainer.run(epochs=epochs) if epochs else Outcome.LIMIT
    return Case(trainer.problem, trainer.snapshot(), outcome is Outcome.DIVERGED)


def hint_of(case: Case) -> Hint:
    finding = diagnose(case)
    assert finding is not None
    return finding.hint


def layers(*names: str, units: int = 6) -> list[dict[str, Any]]:
    return [{"units": units, "activation": name} for name in names]


# --- healthy runs ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", experiments().values(), ids=lambda path: path.stem)
def test_no_shipped_experiment_is_ill_at_any_moment(path):
    experiment = msgspec.structs.replace(load_experiment(path), race=())
    trainer = Trainer(pose(experiment, load_dataset(experiment)))
    for epoch in (0, 1, 2, 5, 10, 20, 31, 40, 60, 100, 200, 400):
        if epoch <= (experiment.stop.epochs or 0):
            trainer.run(epochs=epoch - trainer.state.epoch)
            case = case_of(trainer)
            finding = diagnose(case)
            said = finding and treat(trainer.problem, trainer.state, finding, NEVER)
            assert said is None, f"epoch {epoch}: {said}"


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_wants_to_hear_is_not_looked_for(kind):
    ill = case_of(shipped("01-spiral.json", initial={"kind": "random", "scheme": "zeros"}))
    assert diagnose(ill, frozenset({"symmetry"})) is None
    assert (diagnose(ill, frozenset({kind})) is None) == (kind == "symmetry")


# --- explosion ------------------------------------------------------------------------------------------------------
def test_a_run_that_diverged_is_explained_by_the_curvature_where_it_began():
    trainer = shipped("04-sine.json", learning__optimizer=by(SGD, 5.0))
    case = case_of(trainer, 30)
    assert case.diverged
    moment = before_explosion(case, NEVER)
    best = case.snapshot.trace[0, 2]
    assert moment.loss == evaluate(trainer.problem, moment.theta, trainer.problem.train) <= EXPLODED * best
    after = Trainer(trainer.problem)
    after.seek(moment.update)
    assert np.array_equal(after.theta, moment.theta)
    after.step_update()
    assert after.snapshot().train_loss > EXPLODED * best
    hint = hint_of(case)
    found = dict(hint.evidence)
    curvature = np.linalg.eigvalsh(hessian(trainer.problem, moment.theta))[-1]
    assert found[f"λmax at update {moment.update}"] == pytest.approx(curvature, rel=1e-3)
    assert found["2/λmax"] == pytest.approx(2 / curvature, rel=1e-3)
    assert found["η"] == 5.0
    assert f"cost at update {trainer.state.update}" in found
    assert f"η = 5 is above 2/λmax = {figure(2 / curvature)}" in hint.sentence
    assert hint.remedies[0].changes == (("learning.optimizer.learning_rate", float(f"{1 / curvature:.1e}")),)
    assert hint.remedies[0].back == moment.update


def test_the_weights_that_grew_are_those_of_the_layer_that_is_marked():
    trainer = shipped("04-sine.json", learning__optimizer=by(SGD, 5.0))
    case = case_of(trainer, 30)
    hint, moment = hint_of(case), before_explosion(case, NEVER)
    assert hint.layer is not None
    before, now = (
        float(np.abs(views(trainer.problem.architecture, theta)[hint.layer - 1][0]).max())
        for theta in (moment.theta, trainer.theta)
    )
    within = trainer.state.update - moment.update
    assert f"grew from {figure(before)} to {figure(now)} within {within} updates" in hint.sentence


def planted(layer: int, value: float) -> tuple[Problem, Any]:
    """A network of three layers, one of whose weights is so large."""
    trainer = shipped(
        "04-sine.json", network__hidden=layers("relu", "relu"), learning__optimizer=by(SGD, 0.1),
        learning__batch_size="full", initial={"kind": "random", "scheme": "he", "bias": 0.1},
    )  # fmt: skip
    theta = trainer.problem.first_theta.copy()
    weights = views(trainer.problem.architecture, theta)[layer][0]
    weights[:] = value
    return trainer.problem, dataclasses.replace(start(trainer.problem), theta=theta)


def first_not_finite(problem: Problem, theta: np.ndarray, rows: Any) -> int | None:
    """The first layer of the book's forward pass, one of these samples after the other, whose z are not finite."""
    with np.errstate(all="ignore"):
        passed = forward(problem.architecture, theta, problem.train.inputs)
    return next(
        (k + 1 for row in rows for k, z in enumerate(passed.pre_activations) if not np.isfinite(z[row]).all()), None
    )


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_pre_activations_that_overflow_are_found_in_their_layer(layer):
    problem, state = planted(layer, 1e308)
    expected = first_not_finite(problem, state.theta, batch_rows(problem, state))
    assert expected is not None
    found = origin_of(problem, state, NEVER)
    assert (found.layer, found.what, found.finite) == (expected, "pre-activations", False)


def test_a_cost_or_a_gradient_that_overflows_is_found():
    problem, state = planted(2, 1e200)
    assert first_not_finite(problem, state.theta, batch_rows(problem, state)) is None
    found = origin_of(problem, state, NEVER)
    assert (found.layer, found.what, found.finite) == (3, "cost", False)


def test_weights_that_overflow_in_the_update_are_found():
    problem, state = planted(2, 1e150)
    rate = msgspec.structs.replace(problem.experiment.learning.optimizer, learning_rate=1000.0)
    learning = msgspec.structs.replace(problem.experiment.learning, optimizer=rate)
    problem = with_learning(problem, msgspec.structs.replace(problem.experiment, learning=learning))
    after = advance(problem, state, to_update=1, losses=False).state.theta
    expected = next(
        (k + 1 for k, (w, _) in enumerate(views(problem.architecture, after)) if not np.isfinite(w).all()), None
    )
    found = origin_of(problem, state, NEVER)
    if expected is not None:
        assert (found.layer, found.what, found.finite) == (expected, "weights", False)
    else:
        rows = range(len(problem.train))
        assert (found.layer, found.what) == (first_not_finite(problem, after, rows), "pre-activations")


def test_where_all_is_finite_the_layer_is_that_whose_weights_change_most():
    trainer = shipped("01-spiral.json", learning__optimizer=by(SGD, 0.5))
    trainer.run(epochs=1)
    after = advance(trainer.problem, trainer.state, to_update=trainer.state.update + 1).state.theta
    pairs = zip(
        views(trainer.problem.architecture, after), views(trainer.problem.architecture, trainer.theta), strict=True
    )
    changes = [np.linalg.norm(w - v) / np.linalg.norm(v) for (w, _), (v, _) in pairs]
    found = origin_of(trainer.problem, trainer.state, NEVER)
    assert (found.layer, found.finite) == (int(np.argmax(changes)) + 1, True)


@pytest.mark.parametrize("optimizer", [by(SGD, 900.0), by("momentum", 50.0), by(ADAM, 900.0)])
def test_a_cost_that_explodes_and_stays_finite_is_found_and_a_rate_that_was_tried_brings_it_down(optimizer):
    trainer = shipped("01-spiral.json", learning__optimizer=optimizer)
    case = case_of(trainer, 30)
    finding = diagnose(case)
    assert finding is not None
    assert (case.diverged, finding.hint.kind) == (False, "explosion")
    hint = treat(trainer.problem, trainer.state, finding, NEVER)
    assert hint is not None
    remedy = hint.remedies[0]
    experiment = changed(trainer.experiment, remedy)
    assert experiment.learning.optimizer.learning_rate < optimizer["learning_rate"] / 2
    posed = with_learning(trainer.problem, experiment)
    there = before_explosion(case, NEVER)
    assert remedy.back == there.update <= 2
    end = advance(posed, dataclasses.replace(start(posed), theta=there.theta), to_epoch=20).state
    cost = evaluate(posed, end.theta, posed.train)
    assert remedy.tried == f"cost {figure(cost)} after 20 epochs"
    assert cost < there.loss


def test_a_raised_rate_is_told_from_the_epoch_at_which_it_was_raised():
    """The best epoch is long past, but the run was well until the rate was changed."""
    trainer = shipped("04-sine.json", learning__optimizer=by(SGD, 0.05))
    trainer.run(epochs=60)
    raised, cost = trainer.state.update, trainer.snapshot().train_loss
    trainer.change_learning(replace(trainer.experiment, "learning.optimizer.learning_rate", 5.0))
    case = case_of(trainer, 30)
    assert case.diverged
    moment = before_explosion(case, NEVER)
    assert raised - 2 <= moment.update <= raised + 2
    assert moment.loss <= EXPLODED * cost


def test_a_cost_that_a_hand_has_raised_is_no_explosion():
    trainer = shipped("04-sine.json")
    trainer.run(epochs=50)
    edited = trainer.state.update
    trainer.set_parameters([20], [90.0])
    trainer.run(updates=1)
    snapshot = trainer.snapshot()
    assert snapshot.train_loss > 20 * snapshot.trace[:51, 2].min()
    assert is_exploding(Case(trainer.problem, snapshot))
    assert diagnose(Case(trainer.problem, snapshot, edited=edited)) is None


def test_clipping_is_to_the_median_length_of_the_healthy_gradients():
    trainer = shipped("04-sine.json", learning__optimizer=by(SGD, 0.5))
    case = case_of(trainer, 30)
    moment = before_explosion(case, NEVER)
    path = case.snapshot.path
    lengths = [np.linalg.norm(gradient(trainer.problem, theta)) for theta in path.thetas[: moment.update + 1]]
    assert clip_length(case, moment, NEVER) == float(f"{np.median(lengths):.1e}")
    finding = diagnose(case)
    assert finding is not None
    hint = treat(trainer.problem, trainer.state, finding, NEVER)
    assert hint is not None
    clipped = next(remedy for remedy in hint.remedies if remedy.label.startswith("Clip"))
    assert changed(trainer.experiment, clipped).learning.clip_norm == clip_length(case, moment, NEVER)


def test_a_landscape_explodes_in_no_layer():
    trainer = shipped("landscape.json", learning__optimizer=by(SGD, 2.0))
    hint = hint_of(case_of(trainer, 3))
    assert (hint.kind, hint.layer) == ("explosion", None)
    assert "The parameters went from" in hint.sentence
    assert not any("weights" in remedy.label for remedy in hint.remedies)


def test_a_start_that_is_not_finite_is_no_crash():
    trainer = shipped("04-sine.json", initial={"kind": "random", "scheme": "normal", "scale": 1000.0})
    theta = np.full(trainer.problem.architecture.parameters, 1e200)
    posed = dataclasses.replace(trainer.problem, first_theta=theta)
    case = Case(posed, Trainer(posed).snapshot(), diverged=True)
    finding = diagnose(case)
    assert finding is not None
    hint = treat(posed, start(posed), finding, NEVER)
    assert hint is not None
    assert hint.remedies[0].label == "New Xavier weights, start again"


# --- symmetry -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bias", [0.0, 0.3])
@pytest.mark.parametrize("epochs", [0, 5])
def test_neurons_that_are_all_the_same_are_found_and_get_the_same_gradient(bias, epochs):
    trainer = shipped("01-spiral.json", initial={"kind": "random", "scheme": "zeros", "bias": bias})
    case = case_of(trainer, epochs)
    hint = hint_of(case)
    assert (hint.kind, hint.layer) == ("symmetry", 1)
    found = dict(hint.evidence)
    slopes = views(trainer.problem.architecture, gradient(trainer.problem, trainer.theta))
    rows = np.concatenate([slopes[0][0].T, slopes[0][1][:, None], slopes[1][0]], axis=1)
    assert found["neurons alike"] == 8
    assert found["length of each one's gradient"] == pytest.approx(np.linalg.norm(rows[0]), abs=1e-12)
    assert found["greatest difference"] == pytest.approx(np.abs(rows - rows[0]).max(), abs=1e-12)
    assert found["greatest difference"] <= 1e-12
    remedied = pose(changed(trainer.experiment, hint.remedies[0]), trainer.problem.dataset)
    assert diagnose(Case(remedied, Trainer(remedied).snapshot())) is None


def test_two_neurons_of_many_that_are_alike_are_no_illness_nor_are_deleted_ones():
    trainer = shipped("02-circle.json")
    architecture = trainer.problem.architecture
    weights = views(architecture, np.arange(architecture.parameters, dtype=np.float64))
    for unit in (0, 1):
        indices = [*weights[0][0][:, unit], weights[0][1][unit], *weights[1][0][unit]]
        trainer.prune([int(index) for index in indices])
    assert diagnose(case_of(trainer)) is None
    everything = [int(index) for index in np.concatenate([weights[1][0].ravel(), weights[1][1], weights[2][0].ravel()])]
    trainer.prune(everything)  # both neurons of hidden 2
    assert diagnose(case_of(trainer)) is None


# --- dead and saturated ---------------------------------------------------------------------------------------------
def test_the_states_of_layers_are_counted_as_the_book_has_them():
    trainer = shipped("iris.json", network__hidden=layers("relu", "tanh", "sigmoid"))
    trainer.run(epochs=3)
    problem = trainer.problem
    theta = trainer.theta * 3
    passed = forward(problem.architecture, theta, problem.train.inputs)
    relu, tanh, sigmoid = passed.pre_activations[:3]
    found = layer_states(problem, theta, np.empty(0, dtype=np.int64), NEVER)
    assert [state.layer for state in found] == [1, 2, 3]
    assert found[0].dead == int((relu.max(axis=0) <= 0).sum())
    assert found[1].saturated == pytest.approx(float((1 - np.tanh(tanh) ** 2 < FLAT).mean()), abs=1e-12)
    slope = np.exp(-sigmoid) / (1 + np.exp(-sigmoid)) ** 2
    assert found[2].saturated == pytest.approx(float((slope < FLAT * 0.25).mean()), abs=1e-12)
    assert found[0].saturated == found[1].dead == found[2].dead == 0
    inspected = over_training(problem, theta).flat
    assert [state.saturated for state in found[1:]] == pytest.approx([inspected[1].mean(), inspected[2].mean()])


@pytest.mark.parametrize(("alive", "ill"), [(0, True), (1, True), (2, True), (3, False), (8, False)])
def test_a_relu_layer_is_dead_where_three_quarters_of_it_are(alive, ill):
    trainer = shipped("01-spiral.json", network__hidden=layers("relu", units=8))
    theta = trainer.problem.first_theta.copy()
    views(trainer.problem.architecture, theta)[0][1][: 8 - alive] = -1e3
    posed = dataclasses.replace(trainer.problem, first_theta=theta)
    finding = diagnose(Case(posed, Trainer(posed).snapshot()))
    assert (finding is not None) == ill == (8 - alive >= DEAD * 8)
    if finding is not None:
        assert (finding.hint.kind, finding.hint.layer) == ("dead", 1)
        assert dict(finding.hint.evidence) == {"dead units of hidden 1": 8 - alive, "units": 8, "samples": 252}
        assert finding.certain == (alive == 0)
        hint = treat(posed, start(posed), finding, NEVER)
        assert hint is not None
        healed = pose(changed(posed.experiment, hint.remedies[0]), posed.dataset)
        assert diagnose(Case(healed, Trainer(healed).snapshot())) is None


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize(("scale", "ill"), [(1000.0, True), (1.0, False)])
def test_a_layer_is_saturated_where_its_weights_are_far_too_large(activation, scale, ill):
    trainer = shipped(
        "01-spiral.json", network__hidden=layers(activation, activation),
        initial={"kind": "random", "scheme": "normal", "scale": scale},
    )  # fmt: skip
    case = case_of(trainer)
    finding = diagnose(case)
    assert (finding is not None) == ill
    if finding is not None:
        share = max(
            each.saturated for each in layer_states(trainer.problem, case.theta, case.snapshot.state.held, NEVER)
        )
        assert share > SATURATED
        assert (finding.hint.kind, finding.hint.evidence[0][1]) == ("saturation", share)
        hint = treat(trainer.problem, trainer.state, finding, NEVER)
        assert hint is not None
        healed = pose(changed(trainer.experiment, hint.remedies[0]), trainer.problem.dataset)
        assert diagnose(Case(healed, Trainer(healed).snapshot())) is None


def test_a_saturated_network_that_has_learned_is_left_in_peace():
    """Sure answers are what saturation is for."""
    trainer = shipped("03-xor-gate.json", learning__optimizer=by(SGD, 5.0))
    assert diagnose(case_of(trainer, 2000)) is None
    trainer.set_parameters(range(len(trainer.theta)), (trainer.theta * 20).tolist())
    states = layer_states(trainer.problem, trainer.theta, trainer.state.held, NEVER)
    assert states[0].saturated > SATURATED
    assert diagnose(case_of(trainer)) is None


# --- a flat cost ----------------------------------------------------------------------------------------------------
def test_a_cost_that_stands_still_far_from_its_goal_is_found_if_something_helps():
    trainer = shipped("02-circle.json", network__hidden=layers(*["sigmoid"] * 4), learning__optimizer=by(SGD, 0.03))
    case = case_of(trainer, 40)
    finding = diagnose(case)
    assert finding is not None
    hint = treat(trainer.problem, trainer.state, finding, NEVER)
    assert hint is not None
    assert hint.kind == "plateau"
    found = dict(hint.evidence)
    assert found["length of the gradient"] == pytest.approx(
        np.linalg.norm(gradient(trainer.problem, trainer.theta)), rel=1e-12
    )
    assert found["cost of always the mean"] == pytest.approx(0.5, rel=1e-2)
    better = pose(changed(trainer.experiment, hint.remedies[0]), trainer.problem.dataset)
    again = Trainer(better)
    again.run(epochs=60)
    assert again.snapshot().train_loss < 0.9 * case.snapshot.train_loss


def test_the_best_that_a_network_can_do_is_no_flat_cost():
    for network in (layers("tanh", units=1), []):
        trainer = shipped("02-circle.json", network__hidden=network, stop={"epochs": None})
        case = case_of(trainer, 400)
        assert case.snapshot.train_loss > 0.5 * constant_cost(trainer.problem)
        finding = diagnose(case)
        assert finding is None or treat(trainer.problem, trainer.state, finding, NEVER) is None


def test_a_cost_below_its_target_is_no_flat_one():
    changes = {"network__hidden": layers(*["sigmoid"] * 4), "learning__optimizer": by(SGD, 0.03)}
    case = case_of(shipped("02-circle.json", **changes, stop={"epochs": None, "target_loss": 0.6}), 40)
    assert diagnose(case) is None


@pytest.mark.parametrize(
    ("file", "loss"),
    [("01-spiral.json", "binary_cross_entropy"), ("iris.json", "cross_entropy"), ("04-sine.json", "mse"),
     ("04-sine.json", "mae"), ("04-sine.json", "huber")],
)  # fmt: skip
def test_no_other_constant_costs_less(file, loss):
    trainer = shipped(file, network__hidden=[], learning__loss=loss)
    problem = trainer.problem
    theta = np.zeros(problem.architecture.parameters)
    biases = views(problem.architecture, theta)[0][1]
    costs = []
    for shift in np.linspace(-2, 2, 81):
        biases[0] = shift
        costs.append(evaluate(problem, theta, problem.train))
    assert constant_cost(problem) <= min(costs) + (5e-3 if loss == "huber" else 1e-12)


# --- remedies and words ---------------------------------------------------------------------------------------------
def test_every_remedy_can_be_had_from_the_experiment():
    cases = [
        case_of(shipped("04-sine.json", learning__optimizer=by(SGD, 5.0)), 30),
        case_of(shipped("01-spiral.json", initial={"kind": "random", "scheme": "normal", "scale": 1000.0})),
        case_of(shipped("worked-example.json", learning__optimizer=by(SGD, 900.0), initial__weights=[
            {"w": [[0.0, 0.0], [0.0, 0.0]], "b": [0.0, 0.0]}, {"w": [[0.0, 0.0], [0.0, 0.0]], "b": [0.0, 0.0]},
        ])),
    ]  # fmt: skip
    for case in cases:
        for remedy in hint_of(case).remedies:
            experiment = changed(case.problem.experiment, remedy)
            assert experiment != case.problem.experiment
            pose(experiment, case.problem.dataset)


def test_whatever_is_examined_can_be_interrupted():
    raised = np.ones(1, dtype=np.int64)
    case = case_of(shipped("04-sine.json", learning__optimizer=by(SGD, 5.0)), 30)
    with pytest.raises(Interrupted):
        diagnose(case, interrupt=raised)
    finding = diagnose(case)
    assert finding is not None
    with pytest.raises(Interrupted):
        treat(case.problem, case.snapshot.state, finding, raised)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1147, "0.11"), (900.0, "900"), (2.04e154, "2·10¹⁵⁴"), (-3.14, "−3.1"), (0.0, "0"), (1.5e-7, "1.5·10⁻⁷"),
     (28530.0, "29,000"), (math.inf, "∞"), (math.nan, "no number"), (0.999, "1"), (1.0, "1"), (99.96, "100")],
)  # fmt: skip
def test_numbers_are_said_with_two_digits(value, text):
    assert figure(value) == text
