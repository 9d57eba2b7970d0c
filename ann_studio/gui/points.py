"""What can be pointed at in a network, in whichever view: a neuron or an edge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NeuronPoint:
    """A neuron: `unit` of `layer`, where layer 0 is the input."""

    layer: int
    unit: int


@dataclass(frozen=True)
class WeightPoint:
    """An edge: from unit `source` to unit `target` of `layer` (0 = first after the input)."""

    layer: int
    source: int
    target: int


Point = NeuronPoint | WeightPoint | None
