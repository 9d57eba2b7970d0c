"""What is flat is so by the slopes of the book."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.analysis.neuron import curve
from ann_studio.analysis.saturation import FLAT, has_two_ends, is_flat, is_flat_at
from ann_studio.nn.activations import ACTIVATIONS

#: Greatest slopes by hand.
GREATEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0, "elu": 1.0, "softplus": 1.0, "softsign": 1.0, "softmax": 0.25}


@pytest.mark.parametrize("name", [*ACTIVATIONS, "softmax"])
def test_flat_is_a_slope_of_less_than_a_hundredth_of_the_greatest(name):
    z = np.linspace(-30, 30, 2001)
    a = curve(name, z, 0.0)
    flat = is_flat(name, z, a)
    if name in ("linear", "leaky_relu", "sin"):
        assert not flat.any()
    elif name in GREATEST:
        slope = a * (1 - a) if name == "softmax" else ACTIVATIONS[name].slope(z)
        assert np.array_equal(flat, slope < FLAT * GREATEST[name])
    else:
        assert flat[0]
        assert not flat[-1]


@pytest.mark.parametrize("name", [name for name in [*ACTIVATIONS, "softmax"] if has_two_ends(name)])
def test_what_has_two_ends_is_flat_at_both_and_a_alone_tells_where(name):
    z = np.linspace(-30, 30, 2001)
    a = curve(name, z, 0.0)
    flat = is_flat_at(name, a)
    assert flat[0]
    assert not flat[1000]
    assert flat[-1]
    assert np.array_equal(flat, is_flat(name, z, a))
