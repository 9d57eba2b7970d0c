"""The trainer: same seed, same bits, whatever the chunks, steps, seeks, edits and undos."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.learning import phases, supervised
from ann_studio.learning.experiment import from_plain, replace
from ann_studio.learning.problem import pose
from ann_studio.learning.reshaping import AddNeuron
from ann_studio.learning.trainer import Outcome, Trainer
from ann_studio.nn.backprop import forward, gradient, loss
from tests.learning.problems import experiment, numbers, problem, two_classes

SETTINGS = {
    "sgd": {"optimizer": {"kind": "sgd", "learning_rate": 0.1}, "batch_size": 1},
    "adam": {"optimizer": {"kind": "adam", "learning_rate": 0.01}, "batch_size": 6},
    "rprop": {"optimizer": {"kind": "rprop"}, "batch_size": "full", "regularizer": {"kind": "l2", "strength": 0.01}},
}


def learning(name: str) -> dict[str, object]:
    return {"kind": "supervised", **SETTINGS[name]}


def same(first: Trainer, second: Trainer) -> bool:
    return (
        np.array_equal(first.state.theta, second.state.theta)
        and np.array_equal(first.state.slots, second.state.slots)
        and (first.state.update, first.state.epoch, first.state.position)
        == (second.state.update, second.state.epoch, second.state.position)
        and np.array_equal(first.snapshot().trace, second.snapshot().trace, equal_nan=True)
    )


@pytest.mark.parametrize("name", SETTINGS)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(["samples", "updates", "phase", "sample", "seek"]), st.integers(1, 60)), max_size=12
    )
)
@settings(max_examples=25)
def test_chunks_steps_and_seeks_change_no_bit(name, moves):
    posed = problem(learning=learning(name))
    straight, wandering = Trainer(posed), Trainer(posed)
    for kind, count in moves:
        match kind:
            case "samples":
                wandering.advance(samples=count, obey=False)
            case "updates":
                wandering.run(updates=count)
            case "phase":
                for _ in range(count):
                    wandering.step_phase()
            case "sample":
                wandering.step_sample()
            case _:
                wandering.seek(count)
    straight.run(updates=wandering.state.update)
    assert same(straight, wandering)


@given(
    edits=st.lists(
        st.one_of(
            st.tuples(st.just("train"), st.integers(1, 25)),
            st.tuples(st.just("rate"), st.sampled_from([0.01, 0.05, 0.3])),
            st.tuples(st.just("optimizer"), st.sampled_from(["sgd", "adam", "momentum"])),
            st.tuples(st.just("batch"), st.sampled_from([1, 5, "full"])),
            st.tuples(st.just("parameter"), st.integers(0, 16)),
            st.tuples(st.just("undo"), st.none()),
            st.tuples(st.just("redo"), st.none()),
        ),
        max_size=14,
    )
)
@settings(max_examples=40)
def test_undo_and_redo_return_to_the_very_state(edits):
    trainer = Trainer(problem())
    for kind, value in edits:
        before = trainer.moment
        match kind:
            case "train":
                trainer.run(updates=value)
                continue
            case "rate":
                trainer.change_learning(replace(trainer.experiment, "learning.optimizer.learning_rate", value))
            case "optimizer":
                trainer.change_learning(replace(trainer.experiment, "learning.optimizer", {"kind": value}))
            case "batch":
                trainer.change_learning(replace(trainer.experiment, "learning.batch_size", value))
            case "parameter":
                trainer.set_parameter(value, 0.5)
            case "undo" if trainer.history.undo_label:
                left = trainer.moment
                trainer.undo()
                trainer.redo()
                assert trainer.moment.state is left.state
                trainer.undo()
                continue
            case "redo" if trainer.history.redo_label:
                trainer.redo()
                continue
            case _:
                continue
        if trainer.state is before.state and trainer.problem is before.problem:
            continue  # what changes nothing is no edit
        after = trainer.moment
        trainer.undo()
        assert trainer.state is before.state
        assert trainer.problem is before.problem
        trainer.redo()
        assert trainer.state is after.state


def test_a_run_is_edited_once_a_hand_was_at_it_until_that_is_undone_or_it_starts_afresh():
    trainer = Trainer(problem())
    rate = "learning.optimizer.learning_rate"
    trainer.change_learning(replace(trainer.experiment, rate, 0.2))
    assert not trainer.edited  # before the first update it is a run of the new rate
    trainer.run(updates=3)
    for edit in (
        lambda: trainer.set_parameter(0, 1.0),
        lambda: trainer.prune((0,)),
        lambda: trainer.change_learning(replace(trainer.experiment, rate, 0.1)),
    ):
        edit()
        assert trainer.edited
        trainer.run(updates=3)
        assert trainer.edited
        trainer.rewind(0)
        assert not trainer.edited  # before the edit
        trainer.run(updates=6)
        assert trainer.edited
        trainer.undo()
        assert not trainer.edited
    trainer.change_learning(replace(trainer.experiment, "name", "other"))
    assert not trainer.edited
    trainer.set_parameter(0, 1.0)
    trainer.reset()
    assert not trainer.edited
    trainer.set_parameter(0, 1.0)
    assert trainer.edited


def test_an_edit_after_an_undo_keeps_the_branch_that_was_left():
    trainer = Trainer(problem())
    trainer.run(updates=3)
    trainer.set_parameter(0, 1.0)
    trainer.run(updates=2)
    branch = trainer.state
    trainer.undo()
    trainer.set_parameter(1, 2.0)
    assert any(node.left.state is branch for node in trainer.history.nodes)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_phases_of_an_update_are_those_of_the_book(name):
    trainer = Trainer(problem(learning=learning(name)))
    trainer.run(updates=2)
    posed, state = trainer.problem, trainer.state
    count = phases.phase_count(posed, state)
    found = [phases.phase(posed, state, index) for index in range(count)]
    layers = posed.architecture.layers
    assert [phase.kind for phase in found[: 2 * layers + 1]] == ["forward"] * layers + ["cost"] + ["backward"] * layers
    rows = [phase.row for phase in found if phase.kind == "cost"]
    inputs, targets = posed.train.inputs[rows], posed.train.targets[rows]
    book = forward(posed.architecture, state.theta, inputs)
    for position, row in enumerate(rows):
        last = found[position * (2 * layers + 1) + 2 * layers]
        assert last.row == row
        for layer in range(layers):
            z, a = last.pre_activations[layer], last.activations[layer + 1]
            np.testing.assert_allclose(z, book.pre_activations[layer][position], rtol=0, atol=1e-12)
            np.testing.assert_allclose(a, book.activations[layer + 1][position], rtol=0, atol=1e-12)
        single = loss(posed.architecture, state.theta, inputs[[position]], targets[[position]], "binary_cross_entropy")
        assert last.loss == pytest.approx(single, abs=1e-12)
    final = found[-1]
    assert final.kind == "update"
    expected = gradient(posed.architecture, state.theta, inputs, targets, "binary_cross_entropy")
    np.testing.assert_allclose(final.gradient, expected, rtol=0, atol=1e-12)
    trainer.run(updates=1)
    assert np.array_equal(final.next_theta, trainer.theta)


def test_backward_fills_the_gradient_layer_by_layer():
    posed = problem()
    state = supervised.start(posed)
    layers, offset = posed.architecture.layers, posed.architecture.offset(1)
    first_back = phases.phase(posed, state, layers + 1)
    assert first_back.deltas[0] is None
    assert first_back.deltas[1] is not None
    assert (first_back.gradient[:offset] == 0).all()
    assert (first_back.gradient[offset:] != 0).any()


def test_stepping_samples_goes_through_the_batch_and_then_updates():
    trainer = Trainer(problem(learning=learning("adam")))
    for sample in range(5):
        trainer.step_sample()
        assert trainer.phase is not None
        assert (trainer.phase.sample, trainer.state.update) == (sample, 0)
    trainer.step_sample()
    assert (trainer.phase, trainer.state.update) == (None, 1)


def test_an_epoch_ends_with_a_smaller_batch():
    trainer = Trainer(problem(two_classes(40), split={"train": 1.0, "validation": 0.0, "test": 0.0}))
    trainer.step_epoch()
    assert (trainer.state.update, trainer.state.epoch, trainer.state.position) == (6, 1, 0)


def test_reset_returns_to_the_same_first_weights():
    trainer = Trainer(problem())
    trainer.run(epochs=3)
    trainer.reset()
    assert np.array_equal(trainer.theta, trainer.problem.first_theta)
    assert trainer.state.update == 0


def test_a_live_change_keeps_the_weights_and_another_optimiser_forgets():
    trainer = Trainer(problem(learning=learning("adam")))
    trainer.run(updates=4)
    theta = trainer.theta.copy()
    trainer.change_learning(replace(trainer.experiment, "learning.optimizer.learning_rate", 0.5))
    assert np.array_equal(trainer.theta, theta)
    assert trainer.state.slots.any()
    trainer.change_learning(replace(trainer.experiment, "learning.optimizer", {"kind": "momentum"}))
    assert np.array_equal(trainer.theta, theta)
    assert not trainer.state.slots.any()
    assert trainer.state.optimizer_steps == 0


def test_the_stop_rules_are_obeyed():
    trainer = Trainer(problem())
    assert trainer.run() is Outcome.EPOCHS
    assert trainer.state.epoch == 20
    aimed = Trainer(problem(stop={"epochs": 10_000, "target_loss": 0.4}))
    assert aimed.run() is Outcome.TARGET
    losses = aimed.snapshot().trace[:, 2]
    assert losses[-1] <= 0.4 < losses[-2]


def test_the_trace_holds_the_losses_of_every_epoch():
    trainer = Trainer(problem())
    trainer.run(epochs=4)
    rows = trainer.snapshot().trace
    assert rows[:, 0].tolist() == [0, 1, 2, 3, 4]
    posed = trainer.problem
    for part, value in ((posed.train, rows[-1, 2]), (posed.validation, rows[-1, 3])):
        book = loss(posed.architecture, trainer.theta, part.inputs, part.targets, "binary_cross_entropy")
        assert value == pytest.approx(book, abs=1e-12)


def test_the_snapshot_after_a_hand_made_change_shows_its_cost():
    trainer = Trainer(problem())
    trainer.run(epochs=2)
    trainer.set_parameter(0, 3.0)
    posed = trainer.problem
    book = loss(posed.architecture, trainer.theta, posed.train.inputs, posed.train.targets, "binary_cross_entropy")
    assert trainer.snapshot().train_loss == pytest.approx(book, abs=1e-12)


@pytest.mark.parametrize("chunk", [1, 9, 10_000])
def test_divergence_stops_at_the_last_finite_update_whatever_the_chunks(chunk):
    posed = pose(
        experiment(
            network={"hidden": [{"units": 4, "activation": "relu"}]},
            learning={"kind": "supervised", "batch_size": 5, "optimizer": {"kind": "sgd", "learning_rate": 30.0}},
            stop={"epochs": 300},
        ),
        numbers(),
    )
    trainer, outcome = Trainer(posed), Outcome.LIMIT
    while outcome is Outcome.LIMIT:
        outcome = trainer.advance(samples=chunk)
    assert outcome is Outcome.DIVERGED
    assert np.isfinite(trainer.theta).all()
    assert np.isfinite(trainer.snapshot().train_loss)
    following = supervised.advance(posed, trainer.state, to_update=trainer.state.update + 1).state
    following_loss = supervised.evaluate(posed, following.theta, posed.train)
    assert not (np.isfinite(following.theta).all() and np.isfinite(following_loss))
    reference = Trainer(posed)
    reference.run()
    assert trainer.state.update == reference.state.update


def test_a_weight_that_is_no_number_is_refused():
    trainer = Trainer(problem())
    for index, value in ((0, float("nan")), (10**6, 1.0), (-1, 1.0)):
        with pytest.raises(ValueError, match="parameter"):
            trainer.set_parameter(index, value)
    assert trainer.history.undo_label == ""


def test_the_worked_example_of_backpropagation():
    """Mazur, "A step by step backpropagation example" (2015): 2-2-2 sigmoid, rate 0.5."""
    tree = {
        "format": "ann-studio experiment",
        "version": 1,
        "data": {"kind": "inline", "inputs": [[0.05, 0.10]], "targets": [[0.01, 0.99]]},
        "network": {"hidden": [{"units": 2, "activation": "sigmoid"}], "output_activation": "sigmoid"},
        "initial": {
            "kind": "given",
            "weights": [
                {"w": [[0.15, 0.25], [0.20, 0.30]], "b": [0.35, 0.35]},
                {"w": [[0.40, 0.50], [0.45, 0.55]], "b": [0.60, 0.60]},
            ],
        },
        "learning": {
            "kind": "supervised",
            "loss": "mse",
            "optimizer": {"kind": "sgd", "learning_rate": 0.5},
            "batch_size": 1,
        },
    }
    from ann_studio.storage.datasets import load_dataset

    loaded = from_plain(tree)
    trainer = Trainer(pose(loaded, load_dataset(loaded)))
    np.testing.assert_allclose(trainer.model.outputs(np.array([[0.05, 0.10]])), [[0.751365, 0.772928]], atol=5e-7)
    assert trainer.snapshot().train_loss == pytest.approx(0.298371, abs=5e-7)
    trainer.run(updates=1)
    architecture = trainer.problem.architecture
    assert trainer.theta[architecture.weight_index(1, 0, 0)] == pytest.approx(0.358916, abs=5e-7)
    assert trainer.theta[architecture.weight_index(0, 0, 0)] == pytest.approx(0.149781, abs=5e-7)


def test_states_are_values():
    trainer = Trainer(problem())
    before = dataclasses.replace(trainer.state)
    theta = before.theta.copy()
    trainer.run(epochs=2)
    assert np.array_equal(before.theta, theta)


# --- losses and stop rules ------------------------------------------------------------------------------------------
def test_a_weight_set_by_hand_has_not_reached_the_target_that_was_reached_before():
    trainer = Trainer(problem(stop={"epochs": None, "target_loss": 0.4}))
    assert trainer.run() is Outcome.TARGET
    assert trainer.run() is Outcome.TARGET
    trainer.set_parameter(0, 30.0)
    assert trainer.snapshot().train_loss > 0.4
    assert trainer.stopped() is Outcome.LIMIT
    before = trainer.state.update
    trainer.run()
    assert trainer.state.update > before
    trainer.undo()
    assert trainer.stopped() is Outcome.TARGET


@pytest.mark.parametrize("obey", [True, False])
def test_a_stop_rule_behind_the_present_moves_nothing_that_obeys(obey):
    trainer = Trainer(problem())
    trainer.run(epochs=5)
    trainer.change_learning(replace(trainer.experiment, "stop.epochs", 3))
    outcome = trainer.advance(to_epoch=7, obey=obey)
    assert (outcome, trainer.state.epoch) == ((Outcome.EPOCHS, 5) if obey else (Outcome.LIMIT, 7))


def test_a_target_behind_the_present_is_reached_at_once():
    trainer = Trainer(problem())
    trainer.run(epochs=5)
    trainer.change_learning(replace(trainer.experiment, "stop.target_loss", 100.0))
    assert trainer.run() is Outcome.TARGET
    assert trainer.state.epoch == 5


def test_losses_that_take_long_are_those_of_the_last_epoch_and_say_so(monkeypatch):
    trainer = Trainer(problem())
    trainer.run(epochs=2)
    monkeypatch.setattr("ann_studio.learning.trainer._EVALUATION_BUDGET", 0)
    last = trainer.snapshot(exact=False)
    assert last.losses_update == trainer.state.update
    trainer.run(updates=1)
    shown = trainer.snapshot(exact=False)
    assert shown.losses_update == trainer.state.update - 1
    assert (shown.train_loss, shown.validation_loss) == (last.train_loss, last.validation_loss)
    assert trainer.snapshot().losses_update == trainer.state.update


def test_losses_that_take_long_are_unknown_after_a_hand_made_change(monkeypatch):
    trainer = Trainer(problem())
    trainer.run(epochs=2)
    before = trainer.snapshot().train_loss
    monkeypatch.setattr("ann_studio.learning.trainer._EVALUATION_BUDGET", 0)
    trainer.set_parameter(0, 3.0)
    assert np.isnan(trainer.snapshot(exact=False).train_loss)
    trainer.undo()
    assert trainer.snapshot(exact=False).train_loss == before
    trainer.redo()
    assert np.isnan(trainer.snapshot(exact=False).train_loss)
    trainer.step_epoch()
    assert np.isfinite(trainer.snapshot(exact=False).train_loss)


def test_coming_to_rest_where_the_loss_is_not_finite_leads_back():
    posed = pose(
        experiment(
            network={"hidden": [{"units": 4, "activation": "relu"}]},
            learning={"kind": "supervised", "batch_size": 1, "optimizer": {"kind": "sgd", "learning_rate": 900.0}},
        ),
        numbers(),
    )
    trainer = Trainer(posed)
    while np.isfinite(trainer.snapshot().train_loss):
        assert trainer.check() is Outcome.LIMIT
        last = trainer.state
        trainer.step_update()
    assert trainer.check() is Outcome.DIVERGED
    assert trainer.state.update == last.update
    assert trainer.theta.tobytes() == last.theta.tobytes()


# --- history --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "value", "label"),
    [
        ("learning.optimizer.learning_rate", 0.5, "Change of learning rate"),
        ("learning.optimizer", {"kind": "adam"}, "Change of optimiser"),
        ("learning.batch_size", 3, "Change of batch size"),
        ("learning.seed", 3, "Change of order of the samples"),
        ("learning.regularizer", {"kind": "l2"}, "Change of regularisation"),
        ("stop.epochs", 3, "Change of stop rules"),
        ("name", "Circle", "Change of name"),
    ],
)
def test_an_edit_is_called_by_what_it_changes(path, value, label):
    trainer = Trainer(problem())
    trainer.change_learning(replace(trainer.experiment, path, value))
    assert trainer.history.undo_label == label


def test_a_change_that_changes_nothing_is_no_edit():
    trainer = Trainer(problem())
    trainer.run(updates=3)
    trainer.change_learning(trainer.experiment)
    assert trainer.history.undo_label == ""


def test_a_reset_and_other_data_can_be_undone():
    trainer = Trainer(problem())
    first = trainer.problem
    trainer.run(updates=9)
    before = trainer.state
    trainer.reset()
    trainer.open(problem(seed=6), "Other data")
    assert trainer.history.undo_label == "Other data"
    trainer.undo()
    assert trainer.history.undo_label == "Reset"
    trainer.undo()
    assert trainer.state is before
    assert trainer.problem is first


def test_a_seek_after_an_undo_reaches_the_beginning():
    trainer, straight = Trainer(problem()), Trainer(problem())
    trainer.run(updates=40)
    trainer.change_learning(replace(trainer.experiment, "learning.batch_size", 1))
    trainer.run(updates=5)
    trainer.undo()
    trainer.seek(7)
    straight.run(updates=7)
    assert same(trainer, straight)


def test_another_cost_begins_the_trace_anew_and_undo_brings_the_old_one_back():
    trainer = Trainer(problem())
    trainer.run(epochs=3)
    trainer.run(updates=2)
    trace = trainer.snapshot().trace.copy()
    trainer.change_learning(replace(trainer.experiment, "learning.loss", "mse"))
    rows = trainer.snapshot().trace
    within = trainer.state.position / len(trainer.problem.train)
    assert 0 < within < 1
    assert rows[:, :2].tolist() == [[3 + within, trainer.state.update]]
    assert rows[0, 2] == supervised.evaluate(trainer.problem, trainer.theta, trainer.problem.train)
    trainer.undo()
    assert np.array_equal(trainer.snapshot().trace, trace)


# --- interruption ---------------------------------------------------------------------------------------------------
MOVES = {
    "run": lambda trainer: trainer.run(epochs=2),
    "update": lambda trainer: trainer.step_update(),
    "epoch": lambda trainer: trainer.step_epoch(),
    "reset": lambda trainer: trainer.reset(),
    "open": lambda trainer: trainer.open(problem(seed=6), "Other data"),
    "cost": lambda trainer: trainer.change_learning(replace(trainer.experiment, "learning.loss", "mse")),
    "seek on": lambda trainer: trainer.seek(200),
}


@pytest.mark.parametrize("name", MOVES)
def test_an_interrupted_trainer_stands_where_it_stood(name):
    flag = np.zeros(1, dtype=np.int64)
    trainer, undisturbed = Trainer(problem(), flag), Trainer(problem())
    for each in (trainer, undisturbed):
        each.run(updates=5)
    before, history = trainer.moment, trainer.history
    flag[0] = 1
    with pytest.raises(supervised.Interrupted):
        MOVES[name](trainer)
    assert trainer.state is before.state
    assert trainer.problem is before.problem
    assert trainer.history is history
    assert np.array_equal(trainer.moment.trace, before.trace)
    flag[0] = 0
    for each in (trainer, undisturbed):
        MOVES[name](each)
    assert same(trainer, undisturbed)


def test_a_search_for_the_last_finite_moment_that_is_interrupted_can_be_made_again(monkeypatch):
    posed = pose(
        experiment(
            network={"hidden": [{"units": 4, "activation": "relu"}]},
            learning={"kind": "supervised", "batch_size": 5, "optimizer": {"kind": "sgd", "learning_rate": 30.0}},
            stop={"epochs": 300},
        ),
        numbers(),
    )
    flag = np.zeros(1, dtype=np.int64)
    trainer, undisturbed = Trainer(posed, flag), Trainer(posed)
    assert undisturbed.run() is Outcome.DIVERGED
    with monkeypatch.context() as patch:

        def interrupted(*_):
            raise supervised.Interrupted

        patch.setattr("ann_studio.learning.trainer.last_finite", interrupted)
        with pytest.raises(supervised.Interrupted):
            trainer.run()
    assert trainer.run() is Outcome.DIVERGED
    assert same(trainer, undisturbed)


@pytest.mark.parametrize("chunk", [1, 40, 1000])
def test_the_trace_of_a_slow_divergence_is_kept_up_to_its_last_finite_epoch(chunk):
    """A straight line fitted in too large steps: its error grows by a constant factor until its square overflows."""
    posed = pose(
        experiment(
            network={"hidden": []},
            learning={"kind": "supervised", "batch_size": "full", "optimizer": {"kind": "sgd", "learning_rate": 5.0}},
            stop={"epochs": 10_000},
        ),
        numbers(),
    )
    straight, chunked, outcome = Trainer(posed), Trainer(posed), Outcome.LIMIT
    assert straight.run() is Outcome.DIVERGED
    while outcome is Outcome.LIMIT:
        outcome = chunked.advance(samples=chunk)
    assert outcome is Outcome.DIVERGED
    assert same(straight, chunked)
    trace = straight.snapshot().trace
    assert trace[-1, 0] == straight.state.epoch > 100
    assert np.isfinite(trace).all()
    following = supervised.advance(posed, straight.state, to_epoch=straight.state.epoch + 1)
    assert np.isfinite(following.state.theta).all()
    assert not np.isfinite(following.trace[-1, 2])


# --- going back -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("unit", ["phase", "sample"])
def test_steps_back_are_the_mirror_of_steps_forward(unit):
    trainer = Trainer(problem(two_classes(40), learning=learning("adam")))
    step = trainer.step_phase if unit == "phase" else trainer.step_sample
    places = [(trainer.state.update, trainer.phase_index)]
    for _ in range(70):
        step()
        places.append((trainer.state.update, trainer.phase_index))
    assert places[-1][0] > 1
    for place in reversed(places[:-1]):
        trainer.step_back(unit)
        assert (trainer.state.update, trainer.phase_index) == place


def test_a_gesture_that_others_stand_on_is_not_changed_any_more():
    trainer = Trainer(problem())
    trainer.run(updates=3)
    trainer.set_parameters((0,), (0.5,), 1)
    trainer.set_parameter(1, 1.0)
    trainer.undo()
    trainer.set_parameters((0,), (0.9,), 1)
    assert len(trainer.history.nodes) == 4
    trainer.undo()
    trainer.undo()
    trainer.redo()
    trainer.visit(2)
    assert trainer.theta[0] == 0.5


def test_what_lies_behind_is_shown_across_a_change_of_the_network_but_not_of_the_cost():
    trainer = Trainer(problem())
    trainer.run(epochs=4)
    trainer.reshape(AddNeuron(0))
    trainer.run(epochs=3)
    last = trainer.state.update
    trainer.seek(trainer.history.nodes[0].made.state.update // 2)
    assert trainer.snapshot().future[:, 0].tolist() == [3, 4, 5, 6, 7]
    trainer.seek(last)
    trainer.change_learning(replace(trainer.experiment, "learning.loss", "mae"))
    trainer.run(epochs=2)
    trainer.seek(1)
    assert trainer.snapshot().future[-1, 0] == 7
