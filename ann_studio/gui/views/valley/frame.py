"""Where the valley lies in the picture: scales, ranges that rest, and room for what is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from ann_studio.analysis.slice import Slice

Array = NDArray[np.float64]
Range = tuple[float, float]
#: Room above and below the curve as a part of its height, and how little of the picture a curve may take.
_ABOVE, _BELOW, _LEAST_SHARE = 0.07, 0.18, 0.55
#: A wall so many times as high as the middle of the curve goes out of the picture.
_GREATEST = 1e300  #: beyond, arithmetic with the ends of an axis overflows
_WALL = 20.0
#: Pixels around the ball, those above its point that it needs itself, and the part of the height that text may take.
_BALL, _OWN, _DEEPEST = 22.0, 20.0, 0.6


@dataclass(frozen=True)
class Stage:
    """A rectangle of pixels that shows positions along a line and costs."""

    area: QRectF
    positions: Range
    costs: Range

    def x(self, position: float) -> float:
        """Where a position is."""
        low, high = self.positions
        return self.area.left() + (position - low) / (high - low) * self.area.width()

    def y(self, cost: float) -> float:
        """Where a cost is; never so far outside that a painter could not draw it."""
        low, high = self.costs
        share = min(max((cost - low) / (high - low), -4.0), 5.0)
        return self.area.bottom() - share * self.area.height()

    def point(self, position: float, cost: float) -> QPointF:
        """Where a point of the curve is."""
        return QPointF(self.x(position), self.y(cost))

    def position(self, x: float) -> float:
        """Which position is at a pixel, within the picture."""
        low, high = self.positions
        share = min(max((x - self.area.left()) / self.area.width(), 0.0), 1.0)
        return low + share * (high - low)

    def pixels(self, positions: Array, costs: Array) -> list[list[QPointF]]:
        """The curve in pixels, in pieces: where the cost is no number there is a gap."""
        low, high = self.costs
        share = np.clip((costs - low) / (high - low), -4.0, 5.0)
        x = (
            self.area.left()
            + (positions - self.positions[0]) / (self.positions[1] - self.positions[0]) * self.area.width()
        )
        y = self.area.bottom() - share * self.area.height()
        known = ~np.isnan(costs)
        cuts = np.flatnonzero(np.diff(known)) + 1
        pieces = []
        for piece in np.split(np.arange(len(costs)), cuts):
            if len(piece) > 1 and known[piece[0]]:
                pieces.append([QPointF(a, b) for a, b in zip(x[piece].tolist(), y[piece].tolist(), strict=True)])
        return pieces

    def turn(self, slope: float) -> QPointF:
        """Direction of the tangent in pixels, of length 1, to the right."""
        across = self.area.width() / (self.positions[1] - self.positions[0])
        up = slope * self.area.height() / (self.costs[1] - self.costs[0])
        if not math.isfinite(up):
            up = math.copysign(1e9, slope)
        length = math.hypot(across, up)
        return QPointF(across / length, -up / length)


@dataclass(frozen=True)
class Box:
    """Room for a text above the curve: pixels from the left end of the area, and how far it reaches down."""

    left: float
    right: float
    depth: float


def cost_at(valley: Slice, position: float) -> float:
    """The cost at a position, between two points of the slice on the line through them; NaN outside."""
    return float(np.interp(position, valley.positions, valley.costs, left=math.nan, right=math.nan))


def needed(valley: Slice, width: float, height: float, boxes: Sequence[Box]) -> Range:
    """The costs that a picture of this size needs: the curve but for high walls, the ball, and room for the boxes."""
    known = np.append(valley.costs, valley.cost)
    known = known[np.abs(known) < _GREATEST]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    wall = low + _WALL * (float(np.median(known)) - low)
    if abs(valley.cost) < _GREATEST:
        wall = max(wall, valley.cost)
    if wall > low:
        high = min(high, wall)
    span = max(high - low, 0.02 * abs(high), 1e-9)
    floor = low - _BELOW * span
    top = low + span * (1 + _ABOVE)
    first, last = float(valley.positions[0]), float(valley.positions[-1])
    places = (valley.positions - first) / (last - first) * width
    ball = (valley.here - first) / (last - first) * width
    if math.isfinite(valley.cost):
        top = max(top, _clear(floor, valley.cost, height, _OWN))
    for box in boxes:
        under = valley.costs[(places >= box.left) & (places <= box.right) & (valley.costs <= high)]
        if len(under):
            top = max(top, _clear(floor, float(under.max()), height, box.depth))
        if box.left - _BALL < ball < box.right + _BALL and math.isfinite(valley.cost):
            top = max(top, _clear(floor, valley.cost, height, box.depth + _BALL))
    return floor, top


def _clear(floor: float, cost: float, height: float, depth: float) -> float:
    """Upper end of the axis by which a cost lies so many pixels below it; in a very low picture, fewer."""
    return floor + (cost - floor) * height / (height - min(depth, _DEEPEST * height))


def rest(held: Range | None, wanted: Range) -> Range:
    """The range to show: the one that is held, unless what is wanted does not fit or takes too little of it."""
    if held is None:
        return wanted
    fits = held[0] <= wanted[0] + 1e-12 and wanted[1] <= held[1] + 1e-12
    if fits and wanted[1] - wanted[0] >= _LEAST_SHARE * (held[1] - held[0]):
        return held
    span = wanted[1] - wanted[0]
    return wanted[0] - 0.04 * span, wanted[1] + 0.08 * span
