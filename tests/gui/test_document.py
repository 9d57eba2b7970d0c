"""Which edits keep the weights, what they take with them, and what they become for the runner."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pytest

import ann_studio as ann
from ann_studio.engine.messages import ChangeLearning, Open
from ann_studio.gui.document import Document, command_for, consistent, is_live, on_landscape, reason_for, started_from
from ann_studio.learning.experiment import Adam, GivenWeights, Landscape, Racer, RandomWeights, replace
from ann_studio.learning.problem import pose
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.resources import experiments, resource
from tests.gui.views.frames import experiment

SHIPPED = list(experiments().values())


def never() -> bool:
    return False


def posed(file: str | None = None):
    return ann.trainer(ann.load(file) if file else experiment()).problem


def edited(problem, path, value):
    """The command for an edit as the window makes it."""
    old = problem.experiment
    new = consistent(old, replace(old, path, value), path)
    return command_for(problem, new, reason_for(old, new), never)


LIVE = [
    ("learning.optimizer.learning_rate", 0.5), ("learning.optimizer", {"kind": "sgd"}), ("learning.batch_size", "full"),
    ("learning.reshuffle", False), ("learning.regularizer", {"kind": "l2", "strength": 0.1}), ("stop.epochs", 7),
    ("stop.target_loss", 0.1), ("learning.clip_norm", 1.0), ("name", "Mine"), ("learning.loss", "mse"),
]  # fmt: skip
AFRESH = [
    ("network.hidden.0.units", 9, "another network"), ("network.hidden", [], "another network"),
    ("network.hidden.0.activation", "relu", "another network"),
    ("network.output_activation", "linear", "another network"),
    ("data", {"kind": "generated", "name": "xor"}, "other data"), ("data.noise", 0.3, "other data"),
    ("split", {"train": 0.6, "validation": 0.4, "test": 0.0}, "another split"), ("features", ["x1"], "other inputs"),
    ("standardize", True, "other inputs"), ("seed", 8, "new weights"), ("initial.scheme", "he", "new weights"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), LIVE, ids=[path for path, _ in LIVE])
def test_live_settings_keep_the_weights(path, value):
    problem = posed()
    command = edited(problem, path, value)
    assert isinstance(command, ChangeLearning)
    assert is_live(problem.experiment, command.experiment)


@pytest.mark.parametrize(("path", "value", "why"), AFRESH, ids=[path for path, _, _ in AFRESH])
def test_architecture_and_data_start_afresh_and_say_why(path, value, why):
    command = edited(posed(), path, value)
    assert isinstance(command, Open)
    assert command.reason == f"Starts afresh: {why}"


def test_data_that_did_not_change_are_not_read_again():
    problem = posed()
    assert edited(problem, "network.hidden", []).problem.dataset is problem.dataset
    assert edited(problem, "seed", 99).problem.dataset is not problem.dataset


def test_another_output_takes_the_cost_with_it_and_another_cost_the_output():
    problem = posed()
    assert problem.experiment.learning.loss == "binary_cross_entropy"
    command = edited(problem, "network.output_activation", "tanh")
    assert command.problem.experiment.learning.loss == "mse"
    command = edited(command.problem, "learning.loss", "binary_cross_entropy")
    assert command.problem.experiment.network.output_activation == "sigmoid"


@pytest.mark.parametrize("name", ["plane", "sine", "spiral", "xor_gate", "trap"])
@pytest.mark.parametrize("file", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_every_data_set_can_follow_every_shipped_experiment(file, name):
    problem = posed(file)
    if getattr(problem.experiment.data, "name", "") == name:
        return
    new = edited(problem, "data", {"kind": "generated", "name": name}).problem
    assert np.isfinite(new.train.inputs).all()
    if isinstance(problem.experiment.data, Landscape):  # it had no network
        assert new.architecture.sizes[1:-1] == (4, 2)
    else:
        assert new.experiment.network.hidden == problem.experiment.network.hidden


def test_a_landscape_takes_the_way_to_learn_along_and_starts_where_it_is_told():
    problem = posed(resource("experiments", "trap.json"))
    there = on_landscape(problem.experiment, "rosenbrock")
    posed_there = command_for(problem, there, "test", lambda: False).problem
    assert posed_there.first_theta.tolist() == [-1.2, 1.0]
    assert posed_there.experiment.race == ()  # without noise they would be the same run
    noisy = on_landscape(replace(there, "data.noise", 1.0), "bowl")
    again = msgspec.structs.replace(noisy, race=problem.experiment.race)
    assert [racer.learning.batch_size for racer in on_landscape(again, "beale").race] == [2, 1]
    moved = started_from(posed_there.experiment, posed_there.architecture, np.array([0.5, -0.25]))
    assert command_for(posed_there, moved, "test", lambda: False).problem.first_theta.tolist() == [0.5, -0.25]


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("data.start", [0.5, -1.0], "another start"), ("data.noise", 2.0, "other gradient noise"),
        ("data.name", "bowl", "another landscape"), ("data", {"kind": "generated", "name": "xor"}, "other data"),
    ],
)  # fmt: skip
def test_what_is_other_on_a_landscape_is_named_and_undo_calls_it_so(path, value, why):
    problem = posed(resource("experiments", "landscape.json"))
    command = edited(problem, path, value)
    assert (command.reason, command.label) == (f"Starts afresh: {why}", why.capitalize())
    there = on_landscape(posed().experiment, "bowl")
    assert reason_for(posed().experiment, there) == "a landscape"


def test_a_start_that_was_given_by_weights_can_be_moved():
    problem = posed(resource("experiments", "landscape.json"))
    given = {"kind": "given", "weights": [{"w": [[0.25]], "b": [-0.5]}]}
    problem = edited(problem, "initial", given).problem
    assert problem.first_theta.tolist() == [0.25, -0.5]
    assert edited(problem, "data.start", [1.0, 0.5]).problem.first_theta.tolist() == [1.0, 0.5]
    moved = started_from(problem.experiment, problem.architecture, np.array([0.5, -0.25]))
    assert command_for(problem, moved, "test", never).problem.first_theta.tolist() == [0.5, -0.25]


def test_with_the_noise_go_the_runs_that_it_told_apart():
    problem = posed(resource("experiments", "landscape.json"))
    rule = problem.experiment.learning
    racers = [msgspec.structs.replace(rule, **change) for change in ({"batch_size": "full"}, {"seed": 7})]
    racers.append(msgspec.structs.replace(rule, optimizer=Adam()))
    race = tuple(Racer(learning) for learning in racers)
    problem = command_for(problem, msgspec.structs.replace(problem.experiment, race=race), "test", never)
    noisy = pose(problem.experiment, load_dataset(problem.experiment))
    assert len(noisy.experiment.race) == 3
    assert [racer.learning.optimizer for racer in edited(noisy, "data.noise", 0.0).problem.experiment.race] == [Adam()]
    assert len(edited(noisy, "data.noise", 0.1).problem.experiment.race) == 3


def test_a_network_starts_where_it_is_told_and_its_race_with_it():
    problem = posed(resource("experiments", "trap.json"))
    moved = started_from(problem.experiment, problem.architecture, np.array([1.5, -0.5]))
    new = command_for(problem, moved, "test", lambda: False).problem
    assert new.first_theta.tolist() == [1.5, -0.5]
    assert reason_for(problem.experiment, moved) == "another start"
    assert new.experiment.race == problem.experiment.race


def test_given_weights_stay_with_their_architecture_and_give_way_to_another():
    problem = posed(resource("experiments", "worked-example.json"))
    given = problem.experiment.initial
    assert isinstance(given, GivenWeights)
    wider = edited(problem, "network.hidden.0.units", 5).problem
    assert (wider.architecture.sizes, wider.experiment.initial) == ((2, 5, 2), RandomWeights())
    other = edited(problem, "network.hidden.0.activation", "tanh").problem
    assert other.experiment.initial == given
    assert np.array_equal(other.first_theta, problem.first_theta)


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path):
    table = {"kind": "table", "path": str(tmp_path / "no.csv"), "target": ["y"]}
    with pytest.raises(ValueError, match=r"no\.csv"):
        edited(posed(), "data", table)


def test_a_document_is_dirty_where_it_differs_from_its_file():
    asked = experiment()
    document = Document(asked, None, asked)
    assert not document.dirty
    changed = dataclasses.replace(document, experiment=replace(asked, "seed", 3))
    assert changed.dirty
    assert not dataclasses.replace(changed, experiment=replace(changed.experiment, "seed", asked.seed)).dirty


def test_a_document_is_called_by_its_name_else_by_its_file():
    asked = experiment()
    assert Document(asked, None, asked).title == "Untitled"
    assert Document(asked, Path("a/mine.json"), asked).title == "mine"
    assert Document(replace(asked, "name", "Rings"), Path("a/mine.json"), asked).title == "Rings"
