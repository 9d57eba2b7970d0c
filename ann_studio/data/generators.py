"""Seeded generators of points, and the small fixed sets that textbooks use.

The plane data follow TensorFlow Playground's ``dataset.ts`` in shape and range (about −6 to 6); noise 0 to 1 is its
noise 0 to 100 %. Two-class data have the labels ("B", "A"); index 1 is class A, drawn blue.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers

Matrix = NDArray[np.float64]
Make = Callable[[np.random.Generator, int, float], tuple[Matrix, Matrix]]

_STREAM = 0


@dataclass(frozen=True)
class Generator:
    """A source of points.

    Parameters
    ----------
    title
        What the window calls it.
    make
        ``(random, samples, noise) → (inputs, targets)``, targets as in `Dataset.targets`.
    classes
        Whether the target is class B or A; else it is a number.
    fixed
        Whether it is a fixed set of points that ignores samples, noise and seed.
    inputs
        Number of input columns.
    """

    title: str
    make: Make
    classes: bool = True
    fixed: bool = False
    inputs: int = 2


def _halves(samples: int) -> tuple[int, int]:
    return samples - samples // 2, samples // 2


def _labels(first: int, second: int) -> Matrix:
    """Class A for the first rows, B for the others."""
    return np.concatenate([np.ones(first), np.zeros(second)])[:, None]


def _square(random: np.random.Generator, samples: int, half: float) -> Matrix:
    return random.uniform(-half, half, (samples, 2))


def _circle(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """Class A within half the radius 5, class B from 0.7 of it outwards; noise moves the border of the labels."""
    inner, outer = _halves(samples)
    radius = np.concatenate([random.uniform(0, 2.5, inner), random.uniform(3.5, 5, outer)])
    angle = random.uniform(0, 2 * math.pi, samples)
    points = np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
    shifted = points + _square(random, samples, 5) * noise
    return points, (np.hypot(shifted[:, 0], shifted[:, 1]) < 2.5).astype(np.float64)[:, None]


def _xor(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """Class A where x1·x2 ≥ 0, kept 0.3 away from the axes."""
    points = _square(random, samples, 5)
    points += np.where(points > 0, 0.3, -0.3)
    shifted = points + _square(random, samples, 5) * noise
    return points, (shifted[:, 0] * shifted[:, 1] >= 0).astype(np.float64)[:, None]


def _gauss(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """Two clouds around (2, 2) and (−2, −2), of variance 0.5 without noise and 7.5 with all of it."""
    first, second = _halves(samples)
    centres = np.concatenate([np.full((first, 2), 2.0), np.full((second, 2), -2.0)])
    deviation = math.sqrt(0.5 + 7 * noise)
    return centres + deviation * random.standard_normal((samples, 2)), _labels(first, second)


def _spiral(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """Two arms of 1.75 turns out to radius 5, half a turn apart."""
    first, second = _halves(samples)
    share = np.concatenate([np.arange(first) / max(first, 1), np.arange(second) / max(second, 1)])
    start = np.concatenate([np.zeros(first), np.full(second, math.pi)])
    angle = 1.75 * share * 2 * math.pi + start
    points = 5 * share[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return points + random.uniform(-1, 1, (samples, 2)) * noise, _labels(first, second)


def _moons(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """Two half circles of radius 3, one upside down and shifted into the other."""
    first, second = _halves(samples)
    upper, lower = random.uniform(0, math.pi, first), random.uniform(0, math.pi, second)
    points = np.concatenate(
        [
            np.stack([3 * np.cos(upper) - 1.5, 3 * np.sin(upper) - 0.75], axis=1),
            np.stack([1.5 - 3 * np.cos(lower), 0.75 - 3 * np.sin(lower)], axis=1),
        ]
    )
    return points + 1.5 * noise * random.standard_normal((samples, 2)), _labels(first, second)


def _plane(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """The plane y = (x1 + x2) / 10, so −1.2 to 1.2; noise moves the point at which y is read."""
    points = _square(random, samples, 6)
    shifted = points + _square(random, samples, 6) * noise
    return points, (shifted.sum(axis=1) / 10)[:, None]


#: Centres and signs of the hills and hollows.
_HILLS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


def hills(points: Matrix) -> NDArray[np.float64]:
    """Height at `points` ``(n, 2)``: of all cones of radius 2 the value that is largest in size, −1 to 1."""
    values = np.stack(
        [sign * np.clip(1 - np.hypot(points[:, 0] - x, points[:, 1] - y) / 2, 0, 1) for x, y, sign in _HILLS]
    )
    return np.asarray(values[np.abs(values).argmax(axis=0), np.arange(len(points))])


def _hills(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    points = _square(random, samples, 6)
    return points, hills(points + _square(random, samples, 6) * noise)[:, None]


def _sine(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """The curve y = sin x on −6 to 6, with normal noise."""
    x = random.uniform(-6, 6, (samples, 1))
    return x, np.sin(x) + noise * random.standard_normal((samples, 1))


def _gate(*truth: int) -> Make:
    """The four points of a logic gate, in the order 00, 01, 10, 11."""
    inputs = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return lambda random, samples, noise: (inputs.copy(), np.array(truth, dtype=np.float64)[:, None])


def _trap(random: np.random.Generator, samples: int, noise: float) -> tuple[Matrix, Matrix]:
    """Eight points on which one sigmoid neuron has a local and a global minimum (tests/facts/local_minimum.json)."""
    x = np.array([-0.4, -0.3, 1.5, 3.3, -1.6, -1.4, -1.8, -0.6])
    y = np.array([0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.9])
    return x[:, None], y[:, None]


GENERATORS: dict[str, Generator] = {
    "circle": Generator("Circle", _circle),
    "xor": Generator("XOR", _xor),
    "gauss": Generator("Gauss", _gauss),
    "spiral": Generator("Spiral", _spiral),
    "moons": Generator("Moons", _moons),
    "plane": Generator("Plane", _plane, classes=False),
    "hills": Generator("Hills", _hills, classes=False),
    "sine": Generator("Sine", _sine, classes=False, inputs=1),
    "and": Generator("AND gate", _gate(0, 0, 0, 1), fixed=True),
    "or": Generator("OR gate", _gate(0, 1, 1, 1), fixed=True),
    "xor_gate": Generator("XOR gate", _gate(0, 1, 1, 0), fixed=True),
    "nand": Generator("NAND gate", _gate(1, 1, 1, 0), fixed=True),
    "trap": Generator("The trap", _trap, classes=False, fixed=True, inputs=1),
}


def generate(name: str, samples: int, noise: float, seed: int) -> Dataset:
    """Points of the generator `name`.

    Parameters
    ----------
    samples
        Number of points; fixed sets ignore it.
    noise
        0 to 1.
    seed
        The same seed gives the same points, to the bit.

    Raises
    ------
    KeyError
        If there is no such generator.
    """
    generator = GENERATORS[name]
    inputs, targets = generator.make(np.random.default_rng([seed, _STREAM]), samples, noise)
    columns = tuple(NumberColumn(f"x{k + 1}") for k in range(inputs.shape[1]))
    target = Classes("class", ("B", "A")) if generator.classes else Numbers(("y",))
    return Dataset(columns, inputs, target, targets)
