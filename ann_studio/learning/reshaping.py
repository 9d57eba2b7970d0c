"""Neurons and layers added to or removed from a trained network, the rest of which is kept.

What is added leaves the output as it was where the activations allow it: a new neuron has drawn weights in and zeros
out; a new layer passes on what it gets, by the identity.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import (
    MOST_LAYERS,
    MOST_UNITS,
    Activation,
    Adagrad,
    Experiment,
    GivenWeights,
    Hidden,
    Landscape,
    LayerWeights,
    Rprop,
)
from ann_studio.learning.problem import Problem, ProblemError, pose
from ann_studio.learning.state import State
from ann_studio.nn.architecture import Architecture, views
from ann_studio.nn.initializers import first_theta

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Positions = NDArray[np.int64]

#: Stream of random numbers of the weights of new neurons.
_NEW_NEURONS = 4


@dataclass(frozen=True)
class AddNeuron:
    """A neuron more in hidden layer `layer` (0 = the first), behind the others."""

    layer: int


@dataclass(frozen=True)
class RemoveNeuron:
    """Hidden layer `layer` without neuron `unit`."""

    layer: int
    unit: int


@dataclass(frozen=True)
class AddLayer:
    """A hidden layer more, which becomes hidden layer `layer`, as wide as what is below it."""

    layer: int
    activation: Activation


@dataclass(frozen=True)
class RemoveLayer:
    """No hidden layer `layer` any more; what was above it sees, through the product of both, what was below it."""

    layer: int


Change = AddNeuron | RemoveNeuron | AddLayer | RemoveLayer


def label_of(change: Change) -> str:
    """What `Undo` calls it."""
    match change:
        case AddNeuron(layer):
            return f"Neuron added to hidden layer {layer + 1}"
        case RemoveNeuron(layer, unit):
            return f"Neuron {unit + 1} of hidden layer {layer + 1} removed"
        case AddLayer(layer):
            return f"Hidden layer {layer + 1} added"
        case RemoveLayer(layer):
            return f"Hidden layer {layer + 1} removed"


def reshaped(problem: Problem, state: State, change: Change) -> tuple[Problem, State]:
    """The problem with the changed network, and the state with what there was of its parameters.

    The optimiser has no memory of new parameters yet; as its count of updates goes on, Adam and its kin move these more
    at first. First weights that were given are changed alike; drawn ones are
    drawn anew for the new network.

    Raises
    ------
    ProblemError
        If there is no such layer or neuron, or the network would have no neuron in a layer, or too many layers.
    """
    experiment = problem.experiment
    if isinstance(experiment.data, Landscape):
        raise ProblemError("a landscape has no network that could be changed")
    hidden = _hidden(experiment.network.hidden, change, problem.architecture.sizes)
    network = msgspec.structs.replace(experiment.network, hidden=hidden)
    architecture = Architecture(
        (problem.architecture.sizes[0], *(each.units for each in hidden), problem.architecture.sizes[-1]),
        (*(each.activation for each in hidden), str(network.output_activation)),
    )
    after = msgspec.structs.replace(experiment, network=network)
    fresh = _fresh(after, architecture, state.update)
    layout = _Layout(problem.architecture, architecture, change)
    if isinstance(experiment.initial, GivenWeights):
        first = layout.carried(problem.first_theta, fresh)
        layers = [
            LayerWeights(tuple(map(tuple, weights.tolist())), tuple(biases.tolist()))
            for weights, biases in views(architecture, first)
        ]
        after = msgspec.structs.replace(after, initial=GivenWeights(tuple(layers)))
    posed = pose(after, problem.dataset)
    empty = np.zeros((len(state.slots), architecture.parameters))
    optimizer = experiment.learning.optimizer
    if isinstance(optimizer, Rprop):
        empty[1] = optimizer.learning_rate  # the first step, which is kept there
    elif isinstance(optimizer, Adagrad):
        empty[0] = optimizer.initial_accumulator_value
    slots = [layout.carried(slot, nothing, empty=True) for slot, nothing in zip(state.slots, empty, strict=True)]
    return posed, dataclasses.replace(
        state,
        theta=layout.carried(state.theta, fresh),
        slots=np.array(slots).reshape(len(state.slots), architecture.parameters),
        pruned=layout.moved(state.pruned),
        frozen=layout.moved(state.frozen),
    )


def _hidden(hidden: tuple[Hidden, ...], change: Change, sizes: tuple[int, ...]) -> tuple[Hidden, ...]:
    layers, at = list(hidden), change.layer
    last = len(layers) - (0 if isinstance(change, AddLayer) else 1)
    if not 0 <= at <= last:
        raise ProblemError(f"there is no hidden layer {at + 1}; the network has {len(layers)}")
    match change:
        case AddNeuron():
            if layers[at].units >= MOST_UNITS:
                raise ProblemError(f"a layer has at most {MOST_UNITS:,} neurons")
            layers[at] = msgspec.structs.replace(layers[at], units=layers[at].units + 1)
        case RemoveNeuron(_, unit):
            units = layers[at].units
            if not 0 <= unit < units:
                raise ProblemError(f"there is no neuron {unit + 1} in hidden layer {at + 1}; it has {units}")
            if units == 1:
                raise ProblemError(f"this is the only neuron of hidden layer {at + 1}; remove the layer instead")
            layers[at] = msgspec.structs.replace(layers[at], units=units - 1)
        case AddLayer(_, activation):
            if len(layers) >= MOST_LAYERS:
                raise ProblemError(f"a network has at most {MOST_LAYERS} hidden layers")
            if sizes[at] > MOST_UNITS:
                raise ProblemError(
                    f"the layer would be as wide as what is below it, and has at most {MOST_UNITS:,} neurons"
                )
            layers.insert(at, Hidden(sizes[at], activation))
        case RemoveLayer():
            del layers[at]
    return tuple(layers)


def _fresh(experiment: Experiment, architecture: Architecture, update: int) -> Vector:
    """Parameters drawn for what is new, by the scheme of the experiment; always the same at the same update."""
    initial = experiment.initial
    random = np.random.default_rng([experiment.seed, _NEW_NEURONS, update, architecture.parameters])
    if isinstance(initial, GivenWeights):
        return first_theta(architecture, "xavier", 1.0, 0.0, random)
    return first_theta(architecture, initial.scheme, initial.scale, initial.bias, random)


class _Layout:
    """Where the parameters of the network before a change lie in the one after it."""

    def __init__(self, before: Architecture, after: Architecture, change: Change) -> None:
        self._before, self._after, self._change = before, after, change

    def carried(self, theta: Vector, fresh: Vector, *, empty: bool = False) -> Vector:
        """Parameters of the network after the change: those there were, and `fresh` ones where there were none.

        Parameters
        ----------
        empty
            These are no parameters but what belongs to each: nothing belongs to new ones.
        """
        result = fresh.copy()
        change, old, new = self._change, views(self._before, theta), views(self._after, result)
        at = change.layer
        match change:
            case AddNeuron():
                units = self._before.sizes[at + 1]
                new[at][0][:, :units], new[at][1][:units] = old[at]
                new[at + 1][0][:units], new[at + 1][1][:] = old[at + 1]
                new[at + 1][0][units] = 0.0
                rest = {layer: layer for layer in range(len(old)) if layer not in (at, at + 1)}
            case RemoveNeuron(_, unit):
                new[at][0][:], new[at][1][:] = np.delete(old[at][0], unit, axis=1), np.delete(old[at][1], unit)
                new[at + 1][0][:], new[at + 1][1][:] = np.delete(old[at + 1][0], unit, axis=0), old[at + 1][1]
                rest = {layer: layer for layer in range(len(old)) if layer not in (at, at + 1)}
            case AddLayer():
                new[at][0][:] = 0.0 if empty else np.eye(len(new[at][0]))
                new[at][1][:] = 0.0
                rest = {layer: layer + (layer >= at) for layer in range(len(old))}
            case RemoveLayer():
                (first, first_bias), (second, second_bias) = old[at], old[at + 1]
                # As if the layer were linear.
                new[at][0][:] = 0.0 if empty else first @ second
                new[at][1][:] = 0.0 if empty else first_bias @ second + second_bias
                rest = {layer: layer - (layer > at) for layer in range(len(old)) if layer not in (at, at + 1)}
        for source, target in rest.items():
            new[target][0][:], new[target][1][:] = old[source]
        return result

    def moved(self, positions: Positions) -> Positions:
        """Where these positions are now, ascending; those that are gone are left out."""
        if not len(positions):
            return positions
        marked = np.zeros(self._before.parameters)
        marked[positions] = 1.0
        return np.flatnonzero(self.carried(marked, np.zeros(self._after.parameters), empty=True))
