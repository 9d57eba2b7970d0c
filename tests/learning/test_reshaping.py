"""Neurons and layers come and go, and the network goes on saying what it said wherever it can."""

from __future__ import annotations

import dataclasses

import msgspec
import numpy as np
import pytest

from ann_studio.learning import edits, reshaping
from ann_studio.learning.experiment import GivenWeights, LayerWeights, RandomWeights
from ann_studio.learning.problem import ProblemError
from ann_studio.learning.reshaping import AddLayer, AddNeuron, RemoveLayer, RemoveNeuron, label_of, reshaped
from ann_studio.learning.supervised import advance, outputs, start
from ann_studio.nn.architecture import views
from tests.learning.problems import numbers, problem, two_classes


def posed(*hidden: tuple[int, str], data=None, **sections):
    layers = [{"units": units, "activation": activation} for units, activation in hidden]
    learning = {"kind": "supervised", "optimizer": {"kind": "adam", "learning_rate": 0.05}, "batch_size": 7}
    return problem(data or two_classes(), **({"network": {"hidden": layers}, "learning": learning} | sections))


def trained(asked, updates: int = 25):
    return advance(asked, start(asked), to_update=updates).state


def said(asked, theta):
    return outputs(asked, theta, asked.train.inputs)


def same(asked, state, change, tolerance):
    """The network after a change, once it was seen to say what it said before."""
    other, after = reshaped(asked, state, change)
    np.testing.assert_allclose(said(other, after.theta), said(asked, state.theta), rtol=0, atol=tolerance)
    assert (after.update, after.epoch, after.position) == (state.update, state.epoch, state.position)
    assert tuple(layer.units for layer in other.experiment.network.hidden) == other.architecture.sizes[1:-1]
    assert other.dataset is asked.dataset
    return other, after


# --- what is kept ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear", "sin"])
@pytest.mark.parametrize("layer", [0, 1])
def test_a_new_neuron_changes_nothing_that_the_network_says(layer, activation):
    asked = posed((4, activation), (3, activation))
    other, after = same(asked, trained(asked), AddNeuron(layer), 1e-15)
    units = asked.architecture.sizes[layer + 1]
    assert other.architecture.sizes[layer + 1] == units + 1
    weights, biases = views(other.architecture, after.theta)[layer]
    assert (weights[:, units] != 0).any(), "it has something to begin with"
    assert not views(other.architecture, after.theta)[layer + 1][0][units].any()
    old_weights, old_biases = views(asked.architecture, trained(asked).theta)[layer]
    assert weights[:, :units].tolist() == old_weights.tolist()
    assert biases[:units].tolist() == old_biases.tolist()


def test_the_same_neuron_is_added_at_the_same_update_again():
    asked = posed((4, "tanh"))
    state = trained(asked)
    first, second = (reshaped(asked, state, AddNeuron(0))[1].theta for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_it_learns_from_then_on():
    asked = posed((4, "tanh"))
    other, after = reshaped(asked, trained(asked), AddNeuron(0))
    then = advance(other, after, to_update=after.update + 5).state
    assert views(other.architecture, then.theta)[1][0][4].all()


@pytest.mark.parametrize(
    ("hidden", "layer", "activation"),
    [
        ([(4, "tanh"), (3, "tanh")], 0, "linear"),
        ([(4, "tanh"), (3, "tanh")], 1, "linear"),
        ([(4, "tanh"), (3, "tanh")], 2, "linear"),
        ([(4, "relu"), (3, "tanh")], 1, "relu"),
        ([(4, "tanh"), (3, "relu")], 2, "relu"),
        ([], 0, "linear"),
    ],
)
def test_a_new_layer_passes_on_what_it_gets(hidden, layer, activation):
    asked = posed(*hidden)
    other, _ = same(asked, trained(asked), AddLayer(layer, activation), 1e-15)
    sizes = asked.architecture.sizes
    assert other.architecture.sizes == (*sizes[: layer + 1], sizes[layer], *sizes[layer + 1 :])
    assert other.architecture.activations[layer] == activation


@pytest.mark.parametrize("unit", [0, 1, 3])
def test_a_neuron_that_says_nothing_can_go(unit):
    asked = posed((4, "tanh"), (3, "tanh"))
    state = trained(asked)
    theta = state.theta.copy()
    views(asked.architecture, theta)[1][0][unit] = 0.0
    state = dataclasses.replace(state, theta=theta)
    other, after = same(asked, state, RemoveNeuron(0, unit), 1e-15)
    old, new = views(asked.architecture, theta), views(other.architecture, after.theta)
    assert new[0][0].tolist() == np.delete(old[0][0], unit, axis=1).tolist()
    assert new[1][0].tolist() == np.delete(old[1][0], unit, axis=0).tolist()
    assert new[2][0].tolist() == old[2][0].tolist()


@pytest.mark.parametrize(("hidden", "layer"), [([(4, "linear")], 0), ([(4, "tanh"), (3, "linear")], 1)])
def test_a_linear_layer_can_go(hidden, layer):
    asked = posed(*hidden)
    other, _ = same(asked, trained(asked), RemoveLayer(layer), 1e-12)
    assert len(other.experiment.network.hidden) == len(hidden) - 1


def test_what_was_added_can_be_removed_again():
    asked = posed((4, "tanh"), (3, "tanh"))
    state = trained(asked)
    for add, remove in ((AddNeuron(1), RemoveNeuron(1, 3)), (AddLayer(1, "linear"), RemoveLayer(1))):
        other, between = reshaped(asked, state, add)
        back, after = reshaped(other, between, remove)
        assert back.architecture == asked.architecture
        np.testing.assert_allclose(after.theta, state.theta, rtol=0, atol=1e-15)


def test_numbers_keep_their_unit():
    asked = posed((4, "tanh"), data=numbers())
    state = trained(asked)
    other, after = reshaped(asked, state, AddNeuron(0))
    raw = asked.dataset.inputs
    np.testing.assert_allclose(
        other.model(after.theta).predict(raw), asked.model(state.theta).predict(raw), rtol=1e-13, atol=0
    )


# --- what belongs to a parameter -------------------------------------------------------------------------------------
CHANGES = [
    AddNeuron(0), AddNeuron(1), RemoveNeuron(0, 1), RemoveNeuron(1, 0), RemoveNeuron(1, 2),
    AddLayer(0, "tanh"), AddLayer(1, "tanh"), AddLayer(2, "tanh"), RemoveLayer(0), RemoveLayer(1),
]  # fmt: skip


def tagged(asked, change):
    """Where each parameter is after a change: found by numbers that only it has."""
    tags = np.arange(1.0, asked.architecture.parameters + 1) * 1000.125
    state = dataclasses.replace(start(asked), theta=tags)
    _, after = reshaped(asked, state, change)
    return {int(old): int(new) for new, tag in enumerate(after.theta) for old in np.flatnonzero(tags == tag)}


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_what_is_held_travels_with_its_parameter(change):
    asked = posed((4, "tanh"), (3, "tanh"))
    where, size = tagged(asked, change), asked.architecture.parameters
    pruned, frozen = range(0, size, 3), range(1, size, 3)
    state = edits.frozen(edits.pruned(trained(asked), pruned)[1], frozen, on=True)[1]
    other, after = reshaped(asked, state, change)
    assert after.pruned.tolist() == sorted(where[k] for k in pruned if k in where)
    assert after.frozen.tolist() == sorted(where[k] for k in frozen if k in where)
    assert not after.theta[after.pruned].any()
    then = advance(other, after, to_update=after.update + 4).state
    assert then.theta[after.held].tobytes() == after.theta[after.held].tobytes()


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_optimiser_s_memory_travels_too_and_of_what_is_new_it_is_empty(change):
    asked = posed((4, "tanh"), (3, "tanh"))
    where, state = tagged(asked, change), trained(asked)
    other, after = reshaped(asked, state, change)
    expected = np.zeros((len(state.slots), other.architecture.parameters))
    for old, new in where.items():
        expected[:, new] = state.slots[:, old]
    assert after.slots.tolist() == expected.tolist()
    assert after.optimizer_steps == state.optimizer_steps


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_first_weights_that_were_given_are_changed_alike(change):
    drawn = posed((4, "tanh"), (3, "tanh"))
    layers = tuple(
        LayerWeights(tuple(map(tuple, weights.tolist())), tuple(biases.tolist()))
        for weights, biases in views(drawn.architecture, drawn.first_theta)
    )
    given = msgspec.to_builtins(GivenWeights(layers))
    asked = posed((4, "tanh"), (3, "tanh"), initial=given)
    other, after = reshaped(asked, start(asked), change)
    assert isinstance(other.experiment.initial, GivenWeights)
    assert other.first_theta.tolist() == after.theta.tolist(), "before the first update both are the same"
    assert isinstance(reshaped(drawn, start(drawn), change)[0].experiment.initial, RandomWeights)


# --- what cannot be --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (AddNeuron(2), "there is no hidden layer 3; the network has 2"),
        (AddNeuron(-1), "there is no hidden layer 0; the network has 2"),
        (RemoveNeuron(0, 4), "there is no neuron 5 in hidden layer 1; it has 4"),
        (RemoveNeuron(0, -1), "there is no neuron 0 in hidden layer 1; it has 4"),
        (RemoveNeuron(1, 0), "this is the only neuron of hidden layer 2; remove the layer instead"),
        (AddLayer(3, "tanh"), "there is no hidden layer 4; the network has 2"),
        (RemoveLayer(2), "there is no hidden layer 3; the network has 2"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_a_sentence(change, sentence):
    asked = posed((4, "tanh"), (1, "tanh"))
    with pytest.raises(ProblemError) as refused:
        reshaped(asked, start(asked), change)
    assert str(refused.value) == sentence


def test_a_network_has_no_more_layers_and_a_layer_no_more_neurons_than_a_file_may_have():
    deep = posed(*[(1, "tanh")] * 32)
    with pytest.raises(ProblemError, match="a network has at most 32 hidden layers"):
        reshaped(deep, start(deep), AddLayer(0, "tanh"))
    wide = posed((4096, "tanh"))
    with pytest.raises(ProblemError, match="a layer has at most 4,096 neurons"):
        reshaped(wide, start(wide), AddNeuron(0))


def test_a_new_layer_is_not_wider_than_a_layer_may_be(monkeypatch):
    """What is below it may be: a table has any number of columns."""
    monkeypatch.setattr(reshaping, "MOST_UNITS", 1)
    asked = posed((1, "tanh"))
    reshaped(asked, start(asked), AddLayer(1, "tanh"))
    with pytest.raises(ProblemError, match="would be as wide as what is below it, and has at most 1 neurons"):
        reshaped(asked, start(asked), AddLayer(0, "tanh"))


def test_what_undo_calls_it():
    labels = {
        AddNeuron(0): "Neuron added to hidden layer 1",
        RemoveNeuron(1, 2): "Neuron 3 of hidden layer 2 removed",
        AddLayer(0, "tanh"): "Hidden layer 1 added",
        RemoveLayer(1): "Hidden layer 2 removed",
    }
    assert {change: label_of(change) for change in labels} == labels
