"""From a frame to the maps of a neuron or of both ends of a connection."""

from __future__ import annotations

import math
import re

import numpy as np

from ann_studio.analysis.neuron import passed_forward, shown_subject
from ann_studio.analysis.pictures import Pictures, is_line, is_plane
from ann_studio.data.features import pretty
from ann_studio.engine.messages import Frame
from ann_studio.gui.parameters import brief, unit_name
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.shades import bounds
from ann_studio.gui.theme import number
from ann_studio.gui.views.inspector import words
from ann_studio.gui.views.inspector.pages import Fact, Maps, Page, Saying, Tile
from ann_studio.learning.problem import Problem

#: Weights from so many inputs on are shown as a picture, where these are the pixels of one.
_PIXELS_FROM = 16
_NO_MAP = "A map needs one or two numeric inputs; these data have {:,}"


def mapped(frame: Frame, target: NeuronPoint | WeightPoint) -> Page:
    """The heat map of a neuron, or of both ends of a connection."""
    problem, pictures = frame.problem, frame.pictures
    assert problem is not None
    dataset = problem.dataset
    if not is_plane(dataset) and not is_line(dataset):
        return _pixels(frame, target) or Saying(_mean(problem, pictures, target))
    if pictures is None or pictures.maps is None:
        return Saying("The map appears here")
    tiles: tuple[Tile, ...]
    if isinstance(target, NeuronPoint):
        tiles = (_tile(problem, pictures, target.layer, target.unit),)
        between = ""
    else:
        ends = ((target.layer, target.source), (target.layer + 1, target.target))
        tiles = tuple(_tile(problem, pictures, *end) for end in ends)
        index = problem.architecture.weight_index(target.layer, target.source, target.target)
        between = f"w {number(float(frame.snapshots[0].state.theta[index]), 2, sign=True)}"
    axes = tuple(pretty(column.name) for column in dataset.columns)
    facts = _about_sample(frame, target) if isinstance(target, NeuronPoint) else ()
    return Maps(tiles, axes, pictures.extent, _ends(tiles), between, _here(frame, pictures.extent), facts)


def _here(frame: Frame, extent: tuple[float, float, float, float]) -> tuple[float, float] | None:
    """Where in a map the sample lies that is shown."""
    problem, subject = frame.problem, shown_subject(frame.snapshots[0].phase)
    assert problem is not None
    raw = np.array(subject.inputs)
    if subject.part != "own":
        part = problem.train if subject.part == "train" else problem.validation
        raw = problem.dataset.inputs[part.rows[subject.row]]
    x0, x1, y0, y1 = extent
    across = float((raw[0] - x0) / (x1 - x0))
    down = float((y1 - raw[1]) / (y1 - y0)) if len(raw) > 1 else 0.5
    return (across, down) if 0 <= across <= 1 and 0 <= down <= 1 else None


def _about_sample(frame: Frame, target: NeuronPoint) -> tuple[Fact, ...]:
    """What a neuron computes for the sample that is shown."""
    problem, snapshot = frame.problem, frame.snapshots[0]
    assert problem is not None
    passed = passed_forward(problem, snapshot.state, snapshot.phase)
    value = number(float(passed.activations[target.layer][target.unit]), sign=True)
    return (Fact("value" if target.layer == 0 else "a", value, words.sample_name(problem, snapshot.phase)),)


def _tile(problem: Problem, pictures: Pictures, layer: int, unit: int) -> Tile:
    assert pictures.maps is not None
    activation = problem.architecture.activations[layer - 1] if layer else ""
    return Tile(pictures.maps[layer][unit], activation, brief(unit_name(problem, layer, unit)))


def _ends(tiles: tuple[Tile, ...]) -> tuple[str, str]:
    """What the ends of the colours mean: numbers where they are the same for all maps."""
    found = {_range(tile) for tile in tiles}
    if len(found) > 1:
        return "low", "high"
    low, high = found.pop()
    if low == high:
        return "", number(high + 0.0, 2)  # the same everywhere
    return number(low, 2), number(high, 2, sign=low < 0)


def _range(tile: Tile) -> tuple[float, float]:
    low, high = bounds(tile.activation)
    if math.isfinite(low) and math.isfinite(high):
        return low, high
    finite = tile.values[np.isfinite(tile.values)]
    size = float(np.abs(finite).max(initial=0.0))
    return -size, size


def _pixels(frame: Frame, target: NeuronPoint | WeightPoint) -> Maps | None:
    """The weights of a neuron of the first layer as a picture, where the inputs are the pixels of one."""
    problem = frame.problem
    assert problem is not None
    layer, unit = (target.layer, target.unit) if isinstance(target, NeuronPoint) else (target.layer + 1, target.target)
    found = pixels(problem) if layer == 1 else None
    if found is None:
        return None
    side, places = found
    first, shown = problem.architecture.weight_index(0, 0, unit), np.zeros(side * side)
    shown[places] = frame.snapshots[0].state.theta[first : first + len(places)]
    tile = Tile(shown.reshape(side, side), "", f"the weights of {unit_name(problem, 1, unit)} as pixels")
    return Maps((tile,), (), (0.0, 0.0, 0.0, 0.0), _ends((tile,)), facts=_about_pixels(frame, target))


def pixels(problem: Problem) -> tuple[int, list[int]] | None:
    """Side of the picture whose pixels the inputs are, and where in it each lies; None if they seem to be none.

    They are where all are called by one name and a number, as ``p0`` to ``p63``; some may be missing.
    """
    features = problem.experiment.features
    assert features is not None
    if len(features) < _PIXELS_FROM or any(re.fullmatch(r"x\d+", name) is None for name in features):
        return None
    names = [problem.dataset.input_names[int(name[1:]) - 1] for name in features]
    parts = [re.fullmatch(r"(.*?)(\d+)", name) for name in names]
    numbers = [int(part[2]) for part in parts if part is not None]
    if len(numbers) < len(names) or len({part[1] for part in parts if part is not None}) > 1:
        return None
    # Counted from 0 or from 1: the last one tells.
    for first in (0, 1):
        side = math.isqrt(max(numbers) + 1 - first)
        if side * side == max(numbers) + 1 - first and min(numbers) >= first:
            return side, [number - first for number in numbers]
    return None


def _about_pixels(frame: Frame, target: NeuronPoint | WeightPoint) -> tuple[Fact, ...]:
    about = _about_sample(frame, target) if isinstance(target, NeuronPoint) else ()
    return (Fact("", "", "its weights, pixel by pixel"), *about)


def _mean(problem: Problem, pictures: Pictures | None, target: NeuronPoint | WeightPoint) -> str:
    sentence = _NO_MAP.format(len(problem.dataset.columns))
    if isinstance(target, WeightPoint) or pictures is None or pictures.activity is None:
        return sentence
    mean = number(float(pictures.activity[target.layer][target.unit]))
    return f"{sentence}. Its mean over training samples is {mean}"
