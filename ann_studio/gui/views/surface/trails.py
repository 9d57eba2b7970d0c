"""Paths as pixels: every update as a hairline, found once and kept; the epoch means as a line with a casing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ann_studio.analysis.planes import Plane
from ann_studio.gui.views.surface.scale import Scale
from ann_studio.learning.path import Path, epoch_means

Matrix = NDArray[np.float64]
Places = NDArray[np.int64]

#: Epochs of which each has its own mean; beyond twice as many two have one together, beyond four times four, …
_OWN_MEANS = 64
#: Nearer than this, in pixels, points of a thick line are as one.
_NEAR = 4.5
#: Pixels from one marker on a line to the next.
_BETWEEN_MARKERS = 42.0
#: Share of their colour that hairlines have at most.
_PALE = 0.62
#: Pixels beyond which nothing is drawn; NaN is beyond all.
_FAR = 1e12
_LINE, _CASING = 2.4, 5.0  #: widths


class Trail:
    """One run's path over a plane, seen at a scale. It grows bit by bit, as paths do."""

    def __init__(self) -> None:
        self._plane: Plane | None = None
        self._scale: Scale | None = None
        self._thetas: Matrix | None = None
        self._buffer: object = None
        self._means = Means(1)
        self._size = (0, 0)
        self._drawn = 0
        self._mask = np.zeros((0, 0), dtype=np.uint8)
        #: Coordinates on the plane, shape ``(n, 2)``.
        self.points: Matrix = np.empty((0, 2))
        #: Positions of the pixels of its hairlines in an image, and the share of its colour in each, of 256.
        self.places: Places = np.empty(0, dtype=np.int64)
        self.shares: NDArray[np.uint32] = np.empty(0, dtype=np.uint32)
        #: Grows whenever its pixels change.
        self.version = 0
        #: The thick line, in pixels; what of it is painted; and where its markers may be.
        self.line: Matrix = np.empty((0, 2))
        self.strokes: list[QLineF] = []
        self.markers: list[QPointF] = []

    def show(self, path: Path, updates_per_epoch: int, plane: Plane, scale: Scale, ratio: float) -> None:
        """Show a path on a plane at a scale, on a screen with `ratio` device pixels to a pixel."""
        part = device_part(scale, ratio)
        size = (part.height(), part.width())
        grown = plane.is_seen_as(self._plane) and path.thetas.base is not None and path.thetas.base is self._buffer
        if not grown or len(path) < len(self.points):
            self.points, self._drawn = np.empty((0, 2)), 0
        same = scale == self._scale and size == self._size and self._drawn > 0
        other = not len(self.points) or updates_per_epoch != self._means.updates_per_epoch
        if same and not other and len(path) == len(self.points):
            return
        self._plane, self._scale, self._size, self._buffer = plane, scale, size, path.thetas.base
        if other:
            self._means = Means(updates_per_epoch)
        fresh = path.thetas[len(self.points) :]
        self.points = np.concatenate([self.points, plane.project(fresh)]) if len(fresh) else self.points
        if not same:
            self._mask, self._drawn = np.zeros(size, dtype=np.uint8), 0
        self._draw_hairs(scale, ratio)
        self.line = thinned(scale.pixels(self._means.follow(Path(path.updates, self.points))))
        self.strokes, self.markers = strokes(self.line, scale), marker_places(self.line)

    def _draw_hairs(self, scale: Scale, ratio: float) -> None:
        first = max(self._drawn - 1, 0)
        part = device_part(scale, ratio)
        # A pixel's centre lies half a pixel from its corner.
        pixels = scale.pixels(self.points[first:]) * ratio - np.array([part.x() + 0.5, part.y() + 0.5])
        height, width = self._size
        mask, (places, coverage) = self._mask.ravel(), hairs(pixels, width, height)
        fresh = np.unique(places[(mask[places] == 0) & (coverage > 0)]) if first else None
        np.maximum.at(mask, places, coverage)
        # To look through all of the mask takes longer than to sort the few that are new.
        self.places = np.flatnonzero(mask) if fresh is None else np.concatenate([self.places, fresh])
        self.shares = (mask[self.places] * _PALE).astype(np.uint32)
        self._drawn = len(self.points)
        self.version += 1

    def crowd(self, left: float, top: float, width: float, height: float, ratio: float) -> int:
        """Pixels of its hairlines in a rectangle, from the corner of the picture."""
        x, y = max(0, int(left * ratio)), max(0, int(top * ratio))
        part = self._mask[y : y + int(height * ratio), x : x + int(width * ratio)]
        return int(np.count_nonzero(part))


def device_part(scale: Scale, ratio: float) -> QRect:
    """The pixels of the screen that a scale's area covers."""
    return QRectF(scale.area.topLeft() * ratio, scale.area.size() * ratio).toAlignedRect()


class Means:
    """The mean points of the epochs; of late epochs those of two, four, … together, so that there are never many.

    A path of full batches, where each epoch is one update, is its own mean. What cannot change any more as the path
    grows is kept.
    """

    def __init__(self, updates_per_epoch: int) -> None:
        self.updates_per_epoch = updates_per_epoch
        self._span, self._low = updates_per_epoch, 0
        self._kept: Matrix | None = None

    def follow(self, path: Path) -> Matrix:
        """The means ``(m, columns)`` of a path; it begins with all of the last one."""
        if self.updates_per_epoch <= 1:
            return path.thetas
        kept = path.thetas[:1] if self._kept is None else self._kept
        span, low = self._span, self._low
        while low < len(path) - 1:
            end = int(path.updates[0]) // span * span + 2 * _OWN_MEANS * span
            high = int(np.searchsorted(path.updates, end, side="right"))
            if high - 1 > low:
                part = epoch_means(Path(path.updates[low:high], path.thetas[low:high]), span)
                kept = np.concatenate([kept, part.thetas[1:]])
                low = high - 1
            span *= 2
            if high < len(path):
                self._kept, self._span, self._low = kept, span, low
        return kept


def thinned(pixels: Matrix) -> Matrix:
    """A line without the points that lie within a few pixels of each other, but with both its ends."""
    if not np.abs(pixels).max(initial=0.0) < _FAR:
        pixels = pixels[(np.abs(pixels) < _FAR).all(axis=1)]
    if len(pixels) < 3:
        return pixels
    steps = pixels[1:] - pixels[:-1]
    walked = np.zeros(len(pixels))
    np.cumsum(np.hypot(steps[:, 0], steps[:, 1]), out=walked[1:])
    stretch = np.floor(walked / _NEAR)
    kept = np.ones(len(pixels), dtype=np.bool_)
    kept[1:-1] = stretch[1:-1] > stretch[:-2]
    return pixels[kept]


def clipped(lines: Matrix, left: float, top: float, right: float, bottom: float) -> Matrix:
    """The parts ``(m, 4)`` of straight lines ``(n, 4)`` that lie in a rectangle (Liang and Barsky 1984)."""
    across, down = lines[:, ::2], lines[:, 1::2]
    if len(lines) and left <= across.min() and across.max() <= right and top <= down.min() and down.max() <= bottom:
        return lines  # as most often; NaN would not be inside
    lines = lines[(np.abs(lines) < _FAR).all(axis=1)]
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    enter, leave = np.zeros(len(lines)), np.ones(len(lines))
    inside = np.ones(len(lines), dtype=np.bool_)
    for axis, (low, high) in enumerate(((left, right), (top, bottom))):
        at, by = start[:, axis], step[:, axis]
        flat = np.abs(by) < 1 / _FAR
        inside &= ~flat | ((at >= low) & (at <= high))
        divisor = np.where(flat, 1.0, by)
        first, second = (low - at) / divisor, (high - at) / divisor
        enter = np.where(flat, enter, np.maximum(enter, np.minimum(first, second)))
        leave = np.where(flat, leave, np.minimum(leave, np.maximum(first, second)))
    seen = inside & (enter <= leave)
    start, step, enter, leave = start[seen], step[seen], enter[seen, None], leave[seen, None]
    return np.concatenate([start + enter * step, start + leave * step], axis=1)


def hairs(pixels: Matrix, width: int, height: int) -> tuple[Places, NDArray[np.uint8]]:
    """Pixels of the lines from each of `pixels` ``(n, 2)`` to the next, and how far each is covered (Wu 1991).

    Returns
    -------
    places, coverage
        Positions in an image of this size, row by row, and 0 to 255; a pixel may come more than once.
    """
    ends = clipped(np.concatenate([pixels[:-1], pixels[1:]], axis=1), 0, 0, width - 1, height - 1)
    steep = np.abs(ends[:, 3] - ends[:, 1]) > np.abs(ends[:, 2] - ends[:, 0])
    ends[steep] = ends[steep][:, [1, 0, 3, 2]]
    back = ends[:, 2] < ends[:, 0]
    ends[back] = ends[back][:, [2, 3, 0, 1]]
    first, last = (np.rint(ends[:, k]).astype(np.int64) for k in (0, 2))
    counts = last - first + 1
    line = np.repeat(np.arange(len(ends)), counts)
    along = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    slope = (ends[:, 3] - ends[:, 1]) / np.maximum(ends[:, 2] - ends[:, 0], 1.0)
    across = ends[line, 1] + slope[line] * np.clip(along - ends[line, 0], 0, (ends[:, 2] - ends[:, 0])[line])
    most = np.where(steep, width, height)[line] - 1
    # clipping may end a rounding error outside
    across = np.clip(across, 0, most)
    lower = np.floor(across).astype(np.int64)
    share = across - lower
    stride = np.where(steep, width, 1)[line], np.where(steep, 1, width)[line]
    places = [along * stride[0] + np.minimum(lower + k, most) * stride[1] for k in (0, 1)]
    coverage = [(255 * part + 0.5).astype(np.uint8) for part in (1 - share, share)]
    return np.concatenate(places), np.concatenate(coverage)


def paint_hairs(pixels: NDArray[np.uint32], trail: Trail, colour: str) -> None:
    """Paint a trail's hairlines into the pixels ``0xFFRRGGBB`` of an image, paler than its colour."""
    hue = np.uint32(QColor(colour).rgb())
    ground, share = pixels[trail.places], trail.shares
    painted = np.full(len(ground), 0xFF000000, dtype=np.uint32)
    # Two channels at a time, each with room for a product.
    for shift in (0, 8):
        below, above = (ground >> shift) & 0xFF00FF, (hue >> np.uint32(shift)) & np.uint32(0xFF00FF)
        painted |= (((below * (256 - share) + above * share) >> 8) & 0xFF00FF) << shift
    pixels[trail.places] = painted | 0xFF000000


def strokes(line: Matrix, scale: Scale) -> list[QLineF]:
    """The parts of a thick line that lie in the picture."""
    area = scale.area
    ends = np.concatenate([line[:-1], line[1:]], axis=1)
    parts = clipped(ends, area.left(), area.top(), area.right(), area.bottom())
    # Column by column: a list a row would keep the garbage collector busy.
    return [QLineF(*each) for each in zip(*parts.T.tolist(), strict=True)]


def marker_places(line: Matrix) -> list[QPointF]:
    """Points of a line some way apart, for its markers."""
    found: list[QPointF] = []
    x, y = line.T.tolist() if len(line) else ([0.0], [0.0])
    last_x, last_y = x[0], y[0]
    for a, b in zip(x, y, strict=True):
        if (a - last_x) ** 2 + (b - last_y) ** 2 >= _BETWEEN_MARKERS**2:
            last_x, last_y = a, b
            found.append(QPointF(a, b))
    return found


def paint_line(painter: QPainter, lines: list[QLineF], colour: str, casing: str) -> None:
    """Paint a thick line on its casing.

    Line by line: as one polyline that crosses itself it would take Qt fifteen times as long.
    """
    for hue, width in ((casing, _CASING), (colour, _LINE)):
        pen = QPen(QColor(hue), width)
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLines(lines)
