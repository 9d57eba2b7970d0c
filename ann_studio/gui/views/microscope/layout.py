"""Where things stand on the stage: a pure function of the network's shape and the room, without any painting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QPointF, QRectF

Detail = Literal["full", "middle", "small"]

TOP, BOTTOM = 40.0, 44.0  #: room above and below the neurons: names of the layers, the legend
_SIDE = 4.0
#: Least distance of two neurons by how much is said of each, and the height of its card.
_PITCH: dict[Detail, float] = {"full": 126.0, "middle": 84.0, "small": 32.0}
_HEIGHT: dict[Detail, float] = {"full": 88.0, "middle": 50.0, "small": 26.0}
_WIDTH: dict[Detail, float] = {"full": 132.0, "middle": 132.0, "small": 96.0}
_NARROW: dict[Detail, float] = {"full": 104.0, "middle": 112.0, "small": 82.0}
_INPUT, _INPUT_HEIGHT = 92.0, 62.0
_TARGET, _TARGET_NARROW, _TARGET_GAP = 178.0, 124.0, 26.0
_ROOMY, _LEAST_GAP = 190.0, 52.0
_REST = 24.0  #: height of the line that says how many are left out
PILL = 22.0  #: height of the pill with δ below a neuron


@dataclass(frozen=True)
class Column:
    """One layer.

    Parameters
    ----------
    layer
        0 is the input.
    x, width
        Left edge and width of its cards.
    slots
        Top edges of the cards, from top to bottom.
    height
        Of a card.
    detail
        How much is said of each neuron.
    units
        Units of the layer; more than slots where there is no room for all.
    """

    layer: int
    x: float
    width: float
    slots: tuple[float, ...]
    height: float
    detail: Detail
    units: int

    def rect(self, slot: int) -> QRectF:
        """The card in a slot."""
        return QRectF(self.x, self.slots[slot], self.width, self.height)

    @property
    def rest_at(self) -> QPointF:
        """Middle of the line below the last card."""
        return QPointF(self.x + self.width / 2, self.slots[-1] + self.height + _REST)


@dataclass(frozen=True, eq=False)
class Layout:
    """The whole stage.

    Parameters
    ----------
    columns
        The layers that there is room for, in order.
    target_x, target_width
        Where targets and errors stand, beside the last layer; the width is 0 where it is out of sight.
    """

    columns: tuple[Column, ...]
    target_x: float
    target_width: float

    def column(self, layer: int) -> Column | None:
        """The column of a layer, 0 being the input; None if it is out of sight."""
        return next((column for column in self.columns if column.layer == layer), None)

    def target_rect(self, slot: int) -> QRectF:
        """The box beside an output."""
        column = self.columns[-1]
        rect = column.rect(slot)
        height = 104.0 if column.detail == "full" else column.height
        return QRectF(self.target_x, rect.center().y() - height / 2, self.target_width, height)


def lay_out(sizes: tuple[int, ...], width: float, height: float, centre: int) -> Layout:
    """Lay out a network of these layer sizes; where there is no room for all layers, those around layer `centre`."""
    target = _TARGET if width >= 860 else _TARGET_NARROW
    return _lay_out(sizes, width, height, target, _window(len(sizes), width - target - _TARGET_GAP, centre))


@lru_cache(maxsize=64)
def _lay_out(sizes: tuple[int, ...], width: float, height: float, target: float, seen: range) -> Layout:
    """The layers that are `seen`; the same layout again for the same arguments."""
    room = max(height - TOP - BOTTOM, 80.0)
    shapes = [_shape(units, room, layer == 0) for layer, units in enumerate(sizes)]
    last = seen[-1] == len(sizes) - 1
    target = target if last else 0.0
    free = width - 2 * _SIDE - (target + _TARGET_GAP if last else 0.0)
    wide = {layer: _width(shapes[layer][0], layer == 0) for layer in seen}
    gaps = max(len(seen) - 1, 1)
    if (free - sum(wide.values())) / gaps < _ROOMY:
        wide = {layer: min(wide[layer], _NARROW[shapes[layer][0]]) for layer in seen}
    gap = min((free - sum(wide.values())) / gaps, 340.0)
    x = _SIDE + max(0.0, (free - sum(wide.values()) - gap * gaps) / 2)
    columns = []
    for layer in seen:
        detail, count, pitch = shapes[layer]
        high = _INPUT_HEIGHT if layer == 0 and detail == "full" else _HEIGHT[detail]
        rest = _REST if count < sizes[layer] else 0.0
        pill = PILL if detail != "small" and layer else 0.0
        top = TOP + (room - rest - (pitch * (count - 1) + high + pill)) / 2
        slots = tuple(round(top + pitch * k) + 0.5 for k in range(count))
        columns.append(Column(layer, round(x) + 0.5, wide[layer], slots, high, detail, sizes[layer]))
        x += wide[layer] + gap
    end = columns[-1].x + columns[-1].width + _TARGET_GAP
    return Layout(tuple(columns), round(end) + 0.5, target)


def _width(detail: Detail, first: bool) -> float:
    return min(_INPUT, _WIDTH[detail]) if first else _WIDTH[detail]


def _shape(units: int, room: float, first: bool) -> tuple[Detail, int, float]:
    """How much is said of each unit of a layer, how many are shown, and how far apart they stand."""
    for detail in ("full", "middle", "small"):
        pitch = 92.0 if first and detail == "full" else _PITCH[detail]
        if units * pitch <= room:
            return detail, units, min(room / units, 2.6 * pitch)
    shown = max(1, int((room - _REST) // _PITCH["small"]))
    return "small", shown, (room - _REST) / shown


def _window(layers: int, room: float, centre: int) -> range:
    """The layers that there is room for, around one of them."""
    most = max(2, int((room + _LEAST_GAP) // (_NARROW["small"] + _LEAST_GAP)))
    if layers <= most:
        return range(layers)
    first = min(max(0, centre - most // 2), layers - most)
    return range(first, first + most)
