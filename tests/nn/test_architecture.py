"""Where each weight and bias lies in theta."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.nn.architecture import Architecture, views
from tests.nn.networks import weight_mask

SIZES = st.lists(st.integers(1, 6), min_size=2, max_size=6).map(tuple)


def network(sizes: tuple[int, ...]) -> Architecture:
    return Architecture(sizes, ("tanh",) * (len(sizes) - 1))


@given(sizes=SIZES)
def test_every_parameter_has_one_place_and_the_index_functions_name_it(sizes):
    architecture = network(sizes)
    theta = np.arange(float(architecture.parameters))
    found = []
    for layer, (weights, biases) in enumerate(views(architecture, theta)):
        assert weights.shape == (sizes[layer], sizes[layer + 1])
        assert biases.shape == (sizes[layer + 1],)
        for target in range(sizes[layer + 1]):
            assert biases[target] == architecture.bias_index(layer, target)
            assert architecture.ends_of(architecture.bias_index(layer, target)) == (layer, None, target)
            for source in range(sizes[layer]):
                index = architecture.weight_index(layer, source, target)
                assert weights[source, target] == index
                assert architecture.ends_of(index) == (layer, source, target)
        found += [*weights.ravel(), *biases]
    assert sorted(found) == theta.tolist()


@given(sizes=SIZES)
def test_what_is_written_to_a_view_is_in_theta_and_the_mask_tells_weights_from_biases(sizes):
    architecture = network(sizes)
    theta = np.full(architecture.parameters, np.nan)
    for weights, biases in views(architecture, theta):
        weights[:] = 1.0
        biases[:] = 0.0
    assert np.array_equal(theta == 1.0, weight_mask(architecture))
    assert np.array_equal(theta == 0.0, ~weight_mask(architecture))


@given(sizes=SIZES)
def test_layers_lie_one_behind_the_other(sizes):
    architecture = network(sizes)
    assert [architecture.offset(layer) for layer in range(architecture.layers)] == [
        architecture.weight_index(layer, 0, 0) for layer in range(architecture.layers)
    ]
    assert architecture.offset(architecture.layers) == architecture.parameters


def test_2_6_4_1_has_51_parameters_and_says_its_name():
    architecture = Architecture((2, 6, 4, 1), ("tanh", "relu", "sigmoid"))
    assert architecture.parameters == (2 + 1) * 6 + (6 + 1) * 4 + (4 + 1) * 1
    assert architecture.layers == 3
    assert str(architecture) == "2–6–4–1"


@pytest.mark.parametrize(
    ("sizes", "activations"), [((2,), ()), ((), ()), ((2, 1), ()), ((2, 3, 1), ("tanh",)), ((2, 1), ("tanh", "tanh"))]
)
def test_each_layer_after_the_input_needs_one_activation(sizes, activations):
    with pytest.raises(ValueError, match="layer sizes need"):
        Architecture(sizes, activations)
