"""A landscape is a problem like any other: every optimiser, step, phase and race works on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.data.landscape import landscape_dataset
from ann_studio.learning import phases, supervised
from ann_studio.learning.experiment import Landscape, from_plain, replace
from ann_studio.learning.problem import Problem, ProblemError, pose, racers_of, with_learning
from ann_studio.learning.trainer import Outcome, Trainer
from ann_studio.nn import kernels
from ann_studio.nn.kernels.landscapes import landscape_value
from ann_studio.nn.landscapes import LANDSCAPES
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.nn.rules import HYPER


def landscape(name: str = "local_minima", *, learning: dict[str, Any] | None = None, **fields: Any) -> Problem:
    """A landscape; `fields` are those of the data, and, with a capital letter, sections of the experiment."""
    sections = {key.lower(): fields.pop(key) for key in list(fields) if key[0].isupper()}
    tree = {
        "format": "ann-studio experiment",
        "version": 1,
        "seed": 3,
        "data": {"kind": "landscape", "name": name, **fields},
        "network": {},
        "learning": {"kind": "supervised", **(learning or {})},
    }
    experiment = from_plain(tree | sections)
    assert isinstance(experiment.data, Landscape)
    return pose(experiment, landscape_dataset(experiment.data.samples, experiment.data.noise, experiment.seed))


def slope_at(name: str, theta: np.ndarray) -> np.ndarray:
    return np.array(LANDSCAPES[name].gradient(theta[0], theta[1]))


# --- the problem ----------------------------------------------------------------------------------------------------
@given(
    data=st.builds(
        Landscape,
        name=st.sampled_from(list(LANDSCAPES)),
        start=st.tuples(*[st.floats(-1000, 1000)] * 2),
        noise=st.floats(0, 100),
        samples=st.integers(2, 1000),
    ),
    seed=st.integers(0, 2**53),
)
def test_any_landscape_starts_at_its_start_and_costs_what_the_formula_says(data, seed):
    offsets = landscape_dataset(data.samples, data.noise, seed)
    for column in (offsets.inputs, offsets.targets):
        assert column.shape == (data.samples if data.noise else 1, 1)
        assert np.cumsum(column)[-1] == 0.0  # not nearly
        assert np.cumsum(column[::-1])[-1] == 0.0
        assert np.abs(column).max() <= 12 * data.noise
    tree = {"format": "ann-studio experiment", "version": 1, "seed": seed, "network": {}}
    problem = pose(from_plain(tree | {"data": {"kind": "landscape", "name": data.name}}), offsets)
    problem = pose(replace(problem.experiment, "data", data), offsets)
    assert problem.architecture.sizes == (1, 1)
    assert problem.first_theta.tolist() == list(data.start)
    assert len(problem.validation) == len(problem.test) == 0
    code = kernels.LANDSCAPE_CODES[data.name]
    cost = supervised.evaluate(problem, problem.first_theta, problem.train)
    assert cost == landscape_value(code, *problem.first_theta)


def test_the_noise_is_as_large_as_asked_and_another_for_another_seed():
    one, other = landscape_dataset(1000, 3.0, 1), landscape_dataset(1000, 3.0, 2)
    for dataset in (one, other):
        for column in (dataset.inputs, dataset.targets):
            assert column.std() == pytest.approx(3.0, rel=0.1)
    assert not np.array_equal(one.inputs, other.inputs)
    assert not landscape_dataset(9, 0.0, 1).inputs.any()


def test_without_noise_an_epoch_is_one_step_by_the_exact_gradient_whatever_the_batch():
    alone, whole = (Trainer(landscape(learning={"batch_size": size})) for size in (1, "full"))
    for trainer in (alone, whole):
        trainer.run(epochs=30)
    assert alone.state.update == whole.state.update == 30
    assert alone.theta.tobytes() == whole.theta.tobytes()
    assert phases.phase_count(alone.problem, alone.state) == 2


def test_what_was_resolved_can_be_posed_again():
    problem = landscape(noise=1.0)
    again = pose(problem.experiment, problem.dataset)
    assert again.experiment == problem.experiment
    assert again.experiment.learning.loss is None


def test_given_weights_are_where_it_starts():
    given_weights = {"kind": "given", "weights": [{"w": [[0.25]], "b": [-0.5]}]}
    assert landscape(Initial=given_weights).first_theta.tolist() == [0.25, -0.5]
    random_weights = {"kind": "random", "scheme": "normal"}
    assert landscape(start=[0.1, 0.2], Initial=random_weights).first_theta.tolist() == [0.1, 0.2]


@pytest.mark.parametrize(
    ("section", "value", "path"),
    [
        ("Network", {"hidden": [{"units": 2}]}, r"\$\.network\.hidden"),
        ("Network", {"output_activation": "tanh"}, r"\$\.network\.output_activation"),
        ("Features", ["x1^2"], r"\$\.features"),
        ("Standardize", True, r"\$\.standardize"),
        ("Split", {"train": 0.5, "validation": 0.5}, r"\$\.split"),
        ("learning", {"loss": "mse"}, r"\$\.learning\.loss"),
        ("learning", {"regularizer": {"kind": "l2"}}, r"\$\.learning\.regularizer"),
        ("Race", [{"learning": {"kind": "supervised", "loss": "mae"}}], r"\$\.race\[0\]\.learning\.loss"),
    ],
)
def test_what_a_landscape_cannot_have_is_named_with_its_place(section, value, path):
    with pytest.raises(ProblemError, match=rf"^{path}: .*leave (it|them|the layers) out$"):
        landscape(**{section: value})


def test_another_rule_of_learning_is_checked_too():
    problem = landscape(noise=1.0)
    other = with_learning(problem, replace(problem.experiment, "learning.batch_size", 2))
    assert supervised.batch_size(other) == 2
    for path, value in (("learning.loss", "mse"), ("learning.regularizer", {"kind": "l1"})):
        with pytest.raises(ProblemError, match=path.replace(".", r"\.")):
            with_learning(problem, replace(problem.experiment, path, value))


def test_racers_descend_the_same_landscape():
    race = [{"learning": {"kind": "supervised", "batch_size": size}} for size in ("full", 1)]
    problem = landscape(noise=1.0, Race=race)
    batch, stochastic = racers_of(problem)
    assert (supervised.batch_size(batch), supervised.batch_size(stochastic)) == (8, 1)
    assert batch.first_theta is stochastic.first_theta is problem.first_theta
    for racer in (batch, stochastic):
        assert Trainer(racer).run(epochs=3) is Outcome.LIMIT


# --- updates --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_optimiser_moves_on_every_landscape_as_in_the_book(name, optimizer):
    """Batches of 3, 3 and 2 noisy gradients, several epochs; each update from the engine's own theta and slots."""
    learning = {"optimizer": {"kind": optimizer}, "batch_size": 3}
    problem = landscape(name, start=[1.2, 0.7], noise=0.5, learning=learning)
    hyper = np.array([problem.experiment.learning.optimizer.learning_rate, *HYPER[optimizer][1:]])
    state = supervised.start(problem)
    offsets = np.concatenate([problem.train.inputs, problem.train.targets], axis=1)
    order = np.arange(8)
    for update in range(9):
        if state.position == 0:
            kernels.sample_order(3, 3, state.epoch, order)
        rows = order[state.position : state.position + 3]
        gradient = slope_at(name, state.theta) + offsets[rows].mean(axis=0)
        theta, slots = OPTIMIZERS[optimizer].step(state.theta, state.slots, gradient, update + 1, hyper)
        state = supervised.advance(problem, state, to_update=update + 1).state
        np.testing.assert_allclose(state.theta, theta, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(state.slots, slots, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_full_batch_follows_the_landscape_whatever_the_noise(name):
    learning = {"batch_size": "full", "optimizer": {"kind": "sgd", "learning_rate": 1e-4}}
    silent, noisy = (Trainer(landscape(name, noise=noise, learning=learning)) for noise in (0.0, 50.0))
    for trainer in (silent, noisy):
        trainer.run(updates=100)
    assert np.array_equal(silent.theta, noisy.theta)
    assert silent.snapshot().train_loss == noisy.snapshot().train_loss


@pytest.mark.parametrize("batch", [1, 3, "full"])
def test_chunks_change_no_bit(batch):
    problem = landscape(noise=2.0, learning={"batch_size": batch})
    straight, chopped = Trainer(problem), Trainer(problem)
    straight.run(updates=57)
    for _ in range(19):
        chopped.run(updates=3)
    assert np.array_equal(straight.theta, chopped.theta)


def test_a_cost_below_zero_is_no_target():
    problem = landscape(start=[-0.9, 0.1], learning={"optimizer": {"kind": "sgd", "learning_rate": 1e-3}})
    trainer = Trainer(problem)
    assert trainer.snapshot().train_loss < -4
    assert trainer.run() is Outcome.EPOCHS
    assert trainer.state.epoch == 500


def test_a_rate_that_is_too_high_is_seen_to_diverge():
    learning = {"optimizer": {"kind": "sgd", "learning_rate": 1.0}, "batch_size": "full"}
    trainer = Trainer(landscape("rosenbrock", learning=learning))
    assert trainer.run() is Outcome.DIVERGED
    assert np.isfinite(trainer.theta).all()
    assert np.isfinite(trainer.snapshot().train_loss)


# --- facts ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "optimizer", "steps"),
    [("local_minima", "sgd", 587), ("bowl", "sgd", 2850), ("local_minima", "momentum", 153), ("bowl", "momentum", 228)],
)
def test_descent_takes_so_many_steps_until_it_is_flat(name, optimizer, steps):
    """From (1.5, 1.5) at rate 0.001 until no partial derivative is 0.01; momentum 0.9 by PyTorch's definition."""
    learning = {"optimizer": {"kind": optimizer, "learning_rate": 0.001}, "batch_size": "full"}
    trainer = Trainer(landscape(name, learning=learning))
    while np.abs(slope_at(name, trainer.theta)).max() >= 0.01:
        trainer.run(updates=1)
    assert trainer.state.update == steps
    if name == "local_minima":
        np.testing.assert_allclose(trainer.theta, [0.905, 0.0], atol=5e-4)
        assert trainer.snapshot().train_loss == pytest.approx(-1.0927, abs=5e-5)


# --- inside an update -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", [1, 3, "full"])
def test_the_gradient_grows_sample_by_sample(batch):
    problem = landscape(noise=1.0, learning={"batch_size": batch, "optimizer": {"kind": "adam"}})
    trainer = Trainer(problem)
    trainer.run(updates=1)
    state, size = trainer.state, supervised.batch_size(problem)
    assert phases.phase_count(problem, state) == size + 1
    offsets = np.concatenate([problem.train.inputs, problem.train.targets], axis=1)
    total, slope = np.zeros(2), slope_at("local_minima", state.theta)
    cost = float(LANDSCAPES["local_minima"].value(*state.theta))
    for index in range(size):
        phase = phases.phase(problem, state, index)
        total += (slope + offsets[phase.row]) / size
        assert (phase.kind, phase.index, phase.count, phase.sample) == ("backward", index, size + 1, index)
        assert phase.loss == pytest.approx(cost + offsets[phase.row] @ state.theta, rel=1e-12)
        np.testing.assert_allclose(phase.gradient, total, rtol=1e-12, atol=1e-13)
        assert phase.next_theta is None
    last = phases.phase(problem, state, size)
    assert last.kind == "update"
    np.testing.assert_allclose(last.gradient, total, rtol=1e-12, atol=1e-13)
    trainer.run(updates=1)
    assert np.array_equal(last.next_theta, trainer.theta)


def test_steps_by_phase_and_sample_lead_to_the_update():
    problem = landscape(noise=1.0, learning={"batch_size": 3})
    by_phase, by_sample, straight = Trainer(problem), Trainer(problem), Trainer(problem)
    kinds = []
    while by_phase.state.update == 0:
        by_phase.step_phase()
        kinds.append(by_phase.phase.kind if by_phase.phase else "done")
    assert kinds == ["backward"] * 3 + ["update", "done"]
    steps = 0
    while by_sample.state.update == 0:
        by_sample.step_sample()
        steps += 1
    assert steps == 3
    straight.step_update()
    assert np.array_equal(by_phase.theta, straight.theta)
    assert np.array_equal(by_sample.theta, straight.theta)


def test_it_has_no_model():
    trainer = Trainer(landscape())
    for ask in (lambda: trainer.model, lambda: trainer.predict(np.zeros((1, 1)))):
        with pytest.raises(ProblemError, match="no model"):
            ask()


def test_a_seed_orders_gradients_where_there_are_no_samples():
    trainer = Trainer(landscape("bowl", noise=0.1, samples=8))
    trainer.change_learning(replace(trainer.experiment, "learning.seed", 3))
    assert trainer.history.undo_label == "Change of order of the gradients"
