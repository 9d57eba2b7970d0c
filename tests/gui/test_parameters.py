"""What parameters and planes are called on the screen."""

from __future__ import annotations

import pytest

from ann_studio.analysis.planes import PlaneChoice
from ann_studio.gui.parameters import axis_names, brief, fitted, title
from ann_studio.learning.problem import Problem, pose
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource


def posed(name: str) -> Problem:
    experiment = load_experiment(resource("experiments", name))
    return pose(experiment, load_dataset(experiment))


@pytest.mark.parametrize(("name", "names"), [("trap.json", ("weight w", "bias b")), ("landscape.json", ("x", "z"))])
def test_two_parameters_are_named_plainly(name, names):
    assert axis_names(posed(name), PlaneChoice()) == names


@pytest.mark.parametrize("name", ["02-circle.json", "iris.json", "04-sine.json"])
def test_every_parameter_has_a_name_of_its_own_by_what_it_connects(name):
    problem = posed(name)
    architecture = problem.architecture
    titles = [title(problem, index) for index in range(architecture.parameters)]
    assert len(set(titles)) == len(titles)
    for layer in range(architecture.layers):
        for target in range(architecture.sizes[layer + 1]):
            assert titles[architecture.bias_index(layer, target)].startswith("bias of ")
    assert axis_names(problem, PlaneChoice("parameters", 1, 0)) == (titles[1], titles[0])


def test_the_other_kinds_of_plane_have_names_of_their_own():
    problem = posed("02-circle.json")
    pairs = [axis_names(problem, PlaneChoice(kind, updates=(0, 1200, 7))) for kind in ("points", "principal", "random")]
    assert pairs[0] == ("from update 0 towards 1,200", "across, towards 7")
    assert len({name for pair in pairs for name in pair}) == 6


def test_short_names_are_shorter_and_still_names_of_their_own():
    problem = posed("02-circle.json")
    titles = [title(problem, index) for index in range(problem.architecture.parameters)]
    short = [brief(name) for name in titles]
    assert len(set(short)) == len(short)
    assert max(map(len, short)) <= 14
    assert brief("hidden 1 neuron 2 → hidden 2 neuron 1") == "h1 n2 → h2 n1"
    for kind in ("points", "principal", "random"):
        pair = [brief(name) for name in axis_names(problem, PlaneChoice(kind, updates=(0, 1200, 7)))]
        assert len(set(pair)) == 2
        assert max(map(len, pair)) <= 15
    assert brief("weight w") == "weight w"


def test_a_name_is_shortened_only_where_it_has_no_room():
    name = "x₁ → hidden 1 neuron 2"
    assert fitted(name, len(name), len) == name
    assert fitted(name, len(name) - 1, len) == "x₁ → h1 n2"
