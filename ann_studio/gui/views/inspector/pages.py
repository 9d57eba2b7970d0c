"""What the inspector can show, as values: each is made of one frame, and painted without any more arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import NeuronAt

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Saying:
    """A sentence instead of a picture."""

    text: str


@dataclass(frozen=True)
class Term:
    """A bar: w·a of one unit, the bias, or the sum of those that have none of their own."""

    label: str
    value: float
    source: int | None = None


@dataclass(frozen=True, eq=False)
class NeuronNow:
    """A neuron at one sample.

    Parameters
    ----------
    terms
        w·a of the units of the layer before, in order; of very many the strongest.
    others
        How many more there are, and their sum.
    activation
        Its function, by name, and what a is called: ``tanh(z)``.
    sample
        Which sample, in words.
    share
        What is said of all samples, may be empty.
    """

    at: NeuronAt
    terms: tuple[Term, ...]
    others: tuple[int, float]
    activation: str
    called: str
    sample: str
    share: str


@dataclass(frozen=True)
class Fact:
    """A number with its name; `of` says of what it is."""

    label: str
    value: str
    of: str = ""


@dataclass(frozen=True, eq=False)
class Past:
    """Parameters over the run.

    Parameters
    ----------
    updates
        Of the moments, shape ``(n,)``.
    values
        One column a weight, shape ``(n, weights)``.
    labels
        Name of each weight.
    bias
        Shape ``(n,)``, or None.
    end
        Update up to which the run was made; the playhead is the last of `updates`.
    note
        What is not shown, may be empty.
    """

    updates: NDArray[np.int64]
    values: Array
    labels: tuple[str, ...]
    bias: Array | None
    end: int
    note: str = ""


@dataclass(frozen=True, eq=False)
class EdgeNow:
    """A connection: its numbers, and its history in small."""

    value: float
    facts: tuple[Fact, ...]
    state: str
    past: Past


@dataclass(frozen=True)
class Tile:
    """A map with its name: ``(side, side)`` values, and the activation by whose bounds they are coloured."""

    values: Array = field(compare=False)
    activation: str
    name: str


@dataclass(frozen=True, eq=False)
class Maps:
    """Maps over the plane of two inputs (of one: the same from top to bottom), or weights as a picture.

    Parameters
    ----------
    tiles
        One; of a connection both of its ends.
    axes
        Names of the inputs and their range; of weights empty.
    ends
        What the two ends of the colours mean.
    between
        What stands between two tiles.
    here
        Where the sample that is shown lies, from 0 to 1 from the left and from the top; None if in no map.
    facts
        What stands beside a single map.
    """

    tiles: tuple[Tile, ...]
    axes: tuple[str, ...]
    extent: tuple[float, float, float, float]
    ends: tuple[str, str]
    between: str = ""
    here: tuple[float, float] | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, eq=False)
class Layers:
    """All layers over time.

    Parameters
    ----------
    names
        Of each layer after the input.
    chosen
        The one that is shown large; −1: none.
    """

    history: LayerHistory
    names: tuple[str, ...]
    chosen: int


Page = Saying | NeuronNow | EdgeNow | Past | Maps | Layers
