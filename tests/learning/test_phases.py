"""The inside of an update, for any small network: every number is the book's, and the last is where training goes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers
from ann_studio.learning import phases, supervised
from ann_studio.learning.experiment import replace
from ann_studio.learning.problem import Problem, pose
from ann_studio.learning.state import Phase, State, Subject
from ann_studio.learning.trainer import Trainer
from ann_studio.nn.activations import ACTIVATIONS
from ann_studio.nn.backprop import deltas, forward, gradient, loss
from tests.learning.problems import experiment
from tests.nn.networks import PAIRS
from tests.nn.rules import HYPER

#: What is computed in another order than in the book differs by a few roundings.
CLOSE = {"rtol": 1e-11, "atol": 1e-12}
#: gelu, silu and the like have slopes that may cancel; kinks are met with probability 0.
HIDDEN = list(ACTIVATIONS)


def data(name: str, output: str, inputs: int, outputs: int, rows: int, seed: int) -> Dataset:
    """Targets that the loss called `name` and the output activation are defined for."""
    random = np.random.default_rng(seed)
    columns = tuple(NumberColumn(f"c{k}") for k in range(inputs))
    x = random.normal(size=(rows, inputs))
    if name in ("binary_cross_entropy", "cross_entropy"):
        classes = 2 if output == "sigmoid" else outputs
        labels = tuple(str(k) for k in range(classes))
        return Dataset(columns, x, Classes("class", labels), (np.arange(rows) % classes).astype(float)[:, None])
    return Dataset(columns, x, Numbers(tuple(f"y{k}" for k in range(outputs))), random.normal(size=(rows, outputs)))


@st.composite
def moments(draw: st.DrawFn) -> tuple[Problem, State]:
    """A problem, some updates after its start."""
    output, name = draw(st.sampled_from(PAIRS))
    inputs, outputs, rows = draw(st.integers(1, 3)), draw(st.integers(2, 3)), draw(st.integers(3, 9))
    hidden = draw(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(HIDDEN)), max_size=3))
    learning: dict[str, Any] = {
        "kind": "supervised",
        "loss": name,
        "optimizer": {"kind": draw(st.sampled_from(list(HYPER))), "learning_rate": 0.01},
        "batch_size": draw(st.sampled_from([1, 2, 4, "full"])),
        "reshuffle": draw(st.booleans()),
        "regularizer": {"kind": draw(st.sampled_from(["none", "l1", "l2"]))},
    }
    chosen = experiment(
        seed=draw(st.integers(0, 1000)),
        network={"hidden": [{"units": n, "activation": f} for n, f in hidden], "output_activation": output},
        learning=learning,
        split={"train": 1.0, "validation": 0.0, "test": 0.0},
    )
    posed = pose(chosen, data(name, output, inputs, outputs, rows, draw(st.integers(0, 1000))))
    return posed, supervised.advance(posed, supervised.start(posed), to_update=draw(st.integers(0, 7))).state


def rows_of(posed: Problem, state: State) -> list[int]:
    """The batch of the next update, as its phases name it."""
    per_sample = 2 * posed.architecture.layers + 1
    count = phases.phase_count(posed, state) // per_sample
    return [phases.phase(posed, state, k * per_sample).row for k in range(count)]


def check_sample(posed: Problem, state: State, phase: Phase) -> None:
    """z, a and loss of the sample that the phase shows, as far as they are known."""
    layers, name = posed.architecture.layers, str(posed.experiment.learning.loss)
    x, y = posed.train.inputs[[phase.row]], posed.train.targets[[phase.row]]
    book = forward(posed.architecture, state.theta, x)
    known = {"forward": phase.layer + 1}.get(phase.kind, layers)
    assert (len(phase.pre_activations), len(phase.activations)) == (known, known + 1)
    for found, expected in zip(phase.pre_activations, book.pre_activations, strict=False):
        np.testing.assert_allclose(found, expected[0], **CLOSE)
    for found, expected in zip(phase.activations, book.activations, strict=False):
        np.testing.assert_allclose(found, expected[0], **CLOSE)
    if phase.kind == "forward":
        assert phase.loss is None
    else:
        single = loss(posed.architecture, state.theta, x, y, name)
        assert phase.loss == pytest.approx(single, rel=1e-11, abs=1e-12)


def check_backward(posed: Problem, state: State, phase: Phase, rows: list[int]) -> None:
    """δ of the layers passed, and the gradient of the samples and layers passed."""
    architecture, name = posed.architecture, str(posed.experiment.learning.loss)
    x, y = posed.train.inputs[[phase.row]], posed.train.targets[[phase.row]]
    book = deltas(architecture, state.theta, forward(architecture, state.theta, x), y, name)
    reached = {"backward": phase.layer, "update": 0}.get(phase.kind, architecture.layers)
    for layer, delta in enumerate(phase.deltas):
        assert (delta is None) == (layer < reached)
        if delta is not None:
            np.testing.assert_allclose(delta, book[layer][0], **CLOSE)

    def share(row: int) -> np.ndarray:
        one = gradient(architecture, state.theta, posed.train.inputs[[row]], posed.train.targets[[row]], name)
        return one / len(rows)

    expected = sum((share(row) for row in rows[: phase.sample]), np.zeros_like(state.theta))
    passed = architecture.offset(reached)
    expected[passed:] += share(phase.row)[passed:]
    np.testing.assert_allclose(phase.gradient, expected, **CLOSE)
    alone = share(phase.row) * len(rows)
    alone[:passed] = 0.0
    np.testing.assert_allclose(phase.sample_gradient, alone, **CLOSE)


@given(moment=moments())
@settings(max_examples=120)
def test_every_phase_is_the_books(moment):
    posed, state = moment
    layers, rows = posed.architecture.layers, rows_of(posed, state)
    kinds = [("forward", k) for k in range(layers)] + [("cost", -1)]
    kinds += [("backward", k) for k in reversed(range(layers))]
    count = phases.phase_count(posed, state)
    assert count == len(rows) * len(kinds) + 1
    for index in range(count):
        phase = phases.phase(posed, state, index)
        sample = min(index // len(kinds), len(rows) - 1)
        assert (phase.kind, phase.layer) == (kinds[index % len(kinds)] if index < count - 1 else ("update", -1))
        assert (phase.index, phase.count, phase.sample, phase.batch) == (index, count, sample, len(rows))
        assert phase.row == rows[sample]
        check_sample(posed, state, phase)
        check_backward(posed, state, phase, rows)


@given(moment=moments())
@settings(max_examples=120)
def test_the_gradient_of_the_last_phase_is_the_batchs_and_the_next_theta_is_where_training_goes(moment):
    posed, state = moment
    rows, name = rows_of(posed, state), str(posed.experiment.learning.loss)
    last = phases.phase(posed, state, phases.phase_count(posed, state) - 1)
    inputs, targets = posed.train.inputs[rows], posed.train.targets[rows]
    book = gradient(posed.architecture, state.theta, inputs, targets, name)
    np.testing.assert_allclose(last.gradient, book, **CLOSE)
    after = supervised.advance(posed, state, to_update=state.update + 1).state
    assert last.next_theta is not None
    assert last.next_theta.tobytes() == after.theta.tobytes()


#: Without kinks, so that differences are derivatives.
SMOOTH = ("linear", "sigmoid", "tanh", "elu", "softplus", "silu", "gelu", "sin", "softmax")


@given(moment=moments())
@settings(max_examples=60)
def test_the_gradient_of_a_sample_is_that_of_finite_differences_of_its_cost(moment):
    posed, state = moment
    architecture, name = posed.architecture, str(posed.experiment.learning.loss)
    if not set(architecture.activations) <= set(SMOOTH) or name in ("mae", "huber"):
        return
    last = phases.phase(posed, state, phases.phase_count(posed, state) - 1)
    x, y = posed.train.inputs[[last.row]], posed.train.targets[[last.row]]
    step = 1e-6
    for index in range(architecture.parameters):
        ends = []
        for sign in (1, -1):
            theta = state.theta.copy()
            theta[index] += sign * step
            ends.append(loss(architecture, theta, x, y, name))
        found = (ends[0] - ends[1]) / (2 * step)
        assert last.sample_gradient[index] == pytest.approx(found, rel=1e-5, abs=1e-7)


@given(moment=moments(), part=st.sampled_from(["train", "validation", "own"]), row=st.integers(0, 2))
@settings(max_examples=120)
def test_a_sample_that_is_looked_at_has_the_numbers_of_the_book_and_changes_nothing(moment, part, row):
    posed, state = moment
    posed = pose(replace(posed.experiment, "split", {"train": 0.5, "validation": 0.5}), posed.dataset)
    samples = posed.train if part == "train" else posed.validation
    row = min(row, len(samples) - 1)
    subject = Subject(part, row)
    if part == "own":
        subject = Subject("own", inputs=tuple(posed.dataset.inputs[row].tolist()))
    layers, name, theta = posed.architecture.layers, str(posed.experiment.learning.loss), state.theta.copy()
    count = phases.subject_phases(posed, subject)
    assert count == (layers if part == "own" else 2 * layers + 1)
    found = [phases.subject_phase(posed, state, subject, index) for index in range(count)]
    assert state.theta.tobytes() == theta.tobytes()
    assert [(phase.index, phase.count, phase.subject, phase.next_theta) for phase in found] == [
        (index, count, subject, None) for index in range(count)
    ]
    x = posed.preparation.inputs(posed.dataset.inputs[[row]]) if part == "own" else samples.inputs[[row]]
    book = forward(posed.architecture, theta, x)
    for z, expected in zip(found[-1].pre_activations, book.pre_activations, strict=True):
        np.testing.assert_allclose(z, expected[0], **CLOSE)
    for a, expected in zip(found[-1].activations, book.activations, strict=True):
        np.testing.assert_allclose(a, expected[0], **CLOSE)
    if part == "own":
        assert found[-1].targets is None
        assert found[-1].loss is None
        return
    y = samples.targets[[row]]
    np.testing.assert_array_equal(found[0].targets, y[0])
    assert found[-1].loss == pytest.approx(loss(posed.architecture, theta, x, y, name), rel=1e-11, abs=1e-12)
    np.testing.assert_allclose(found[-1].sample_gradient, gradient(posed.architecture, theta, x, y, name), **CLOSE)
    for delta, expected in zip(found[-1].deltas, deltas(posed.architecture, theta, book, y, name), strict=True):
        np.testing.assert_allclose(delta, expected[0], **CLOSE)


def test_what_is_no_sample_cannot_be_looked_at():
    posed = pose(experiment(), data("binary_cross_entropy", "sigmoid", 2, 1, 30, 0))
    trainer = Trainer(posed)
    for subject, said in (
        (Subject("train", 99), "there is no sample 100: the train part has"),
        (Subject("validation", -1), "there is no sample 0"),
        (Subject("own", inputs=(1.0,)), "an input has 2 numbers, not 1"),
        (Subject("own", inputs=(1.0, float("inf"))), "finite numbers"),
    ):
        with pytest.raises(phases.SubjectError, match=said):
            trainer.examine(subject)
    assert (trainer.subject, trainer.phase) == (None, None)


def test_a_sample_stays_under_the_glass_while_training_goes_on():
    posed = pose(experiment(), data("binary_cross_entropy", "sigmoid", 2, 1, 30, 0))
    trainer, straight = Trainer(posed), Trainer(posed)
    trainer.examine(Subject("train", 2))
    for _ in range(3):
        trainer.step_phase()
    assert trainer.phase_index == 2
    trainer.step_sample()
    assert (trainer.phase_index, trainer.state.update) == (4, 0)
    trainer.run(updates=5)
    straight.run(updates=5)
    assert trainer.theta.tobytes() == straight.theta.tobytes()
    phase = trainer.phase
    assert phase.subject == Subject("train", 2)
    x = posed.train.inputs[[2]]
    np.testing.assert_allclose(phase.activations[-1], forward(posed.architecture, trainer.theta, x).activations[-1][0])
    trainer.examine(None)
    assert trainer.phase is None


@given(moment=moments())
@settings(max_examples=40)
def test_the_batches_of_an_epoch_are_every_sample_once(moment):
    posed, state = moment
    state = supervised.advance(posed, state, to_epoch=state.epoch + 1).state
    epoch, seen = state.epoch, []
    while state.epoch == epoch:
        seen += rows_of(posed, state)
        state = supervised.advance(posed, state, to_update=state.update + 1).state
    assert sorted(seen) == list(range(len(posed.train)))


def test_stepping_through_every_phase_makes_the_update_of_a_straight_run():
    posed = pose(experiment(), data("binary_cross_entropy", "sigmoid", 2, 1, 30, 0))
    stepped, straight = Trainer(posed), Trainer(posed)
    count = phases.phase_count(posed, stepped.state)
    for index in range(count):
        stepped.step_phase()
        assert stepped.phase_index == index
        assert stepped.state.update == 0
    stepped.step_phase()
    assert (stepped.phase, stepped.state.update) == (None, 1)
    straight.run(updates=1)
    assert stepped.theta.tobytes() == straight.theta.tobytes()
