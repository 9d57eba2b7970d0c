"""What is offered instead of a wrong name is accepted in its place, and only that is."""

from __future__ import annotations

import pytest

from ann_studio.learning.experiment import InvalidExperiment, from_plain, replace, to_plain
from ann_studio.nn.landscapes import LANDSCAPES
from ann_studio.nn.optimizers import OPTIMIZERS
from ann_studio.storage.allowed import choices
from ann_studio.storage.experiment_file import describe

TREE = {
    "format": "ann-studio experiment",
    "version": 1,
    "data": {"kind": "generated", "name": "circle"},
    "network": {"hidden": [{"units": 3}]},
    "race": [{"learning": {"kind": "supervised"}}],
}
#: Place in the file, and as a setting.
NAMES = {
    "$.data.name": "data.name",
    "$.network.hidden[0].activation": "network.hidden.0.activation",
    "$.learning.batch_size": "learning.batch_size",
    "$.learning.loss": "learning.loss",
    "$.race[0].learning.batch_size": "race.0.learning.batch_size",
}
WORDS = {"null": None, "a whole number": 3}


@pytest.mark.parametrize("place", NAMES)
def test_each_choice_is_accepted_where_it_is_offered(place):
    experiment = from_plain(TREE)
    offered = choices(place, TREE)
    assert offered
    for each in offered:
        replace(experiment, NAMES[place], WORDS.get(each, each))
    with pytest.raises(InvalidExperiment):
        replace(experiment, NAMES[place], "no such name")


def test_a_section_of_several_kinds_offers_the_names_of_its_own():
    landscape = TREE | {"data": {"kind": "landscape", "name": "bowl"}}
    assert set(choices("$.data.name", landscape)) == set(LANDSCAPES)
    assert set(choices("$.data.name", TREE)) & set(LANDSCAPES) == {"hills"}  # which both have
    assert set(choices("$.learning.optimizer.kind", TREE)) == set(OPTIMIZERS)
    assert set(choices("$.data.kind", TREE)) == {"generated", "table", "inline", "landscape"}


def test_a_change_of_kind_offers_the_names_of_the_new_kind():
    with pytest.raises(InvalidExperiment) as error:
        replace(from_plain(TREE), "data.kind", "landscape")  # which has no circle
    assert "'circle'; it may be beale, bowl, " in describe(error.value)
    assert "moons" not in describe(error.value)


@pytest.mark.parametrize("place", ["$", "$.name", "$.seed", "$.race", "$.network.hidden[7].units", "$.nowhere.kind"])
def test_where_there_are_no_names_none_are_offered(place):
    assert choices(place, TREE) == []
    assert choices(place, to_plain(from_plain(TREE))) == []
