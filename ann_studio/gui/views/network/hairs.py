"""Hairlines as pixels: where those of each line lie is found once, and then thousands are painted by one assignment.

Qt's painter takes 2 µs for each line of one pixel's width, and Python a good part of that to hand it over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Array = NDArray[np.float64]


class Hairs:
    """The pixels of straight lines.

    Parameters
    ----------
    ends
        ``(lines, 4)``: x and y of both ends, in device pixels.
    width, height
        Of the image, in device pixels.
    kept
        Lines of which the pixels are kept; more cannot be painted at a time.
    """

    def __init__(self, ends: Array, width: int, height: int, kept: int) -> None:
        self._ends, self._width, self._height = ends.astype(np.float32), width, height
        reach = np.abs(self._ends[:, 2:] - self._ends[:, :2])
        # shorter than a pixel, so that rounding leaves none out
        self._steps = np.ceil(reach.max(axis=1)) + 1
        longest = int(self._steps.max(initial=1.0)) + 1
        #: A line a slot: positions in the image, the last one again and again up to the longest line's length.
        self._slots = np.zeros((min(len(ends), kept), longest), dtype=np.intp)
        self._slot_of = np.full(len(ends), -1, dtype=np.int64)

    def paint(self, image: QImage, lines: NDArray[np.int64], colours: NDArray[np.uint32]) -> None:
        """Paint some of the lines, first ones below, in colours ``0xFFRRGGBB``; the image is of the format RGB32."""
        if not len(lines):
            return
        self._find(lines)
        pixels = np.frombuffer(image.bits(), dtype=np.uint32)
        places = self._slots[self._slot_of[lines]].ravel()
        # Of several values for the same pixel the last one stays.
        pixels[places] = np.repeat(colours, self._slots.shape[1])

    def _find(self, lines: NDArray[np.int64]) -> None:
        """See to it that the pixels of these lines are known, if need be instead of others."""
        missing = lines[self._slot_of[lines] < 0]
        if not len(missing):
            return
        free = np.ones(len(self._slots), dtype=np.bool_)
        free[self._slot_of[lines[self._slot_of[lines] >= 0]]] = False
        slots = np.flatnonzero(free)[: len(missing)]
        self._slot_of[np.isin(self._slot_of, slots)] = -1
        self._slot_of[missing] = slots
        self._slots[slots] = self._pixels_of(missing)

    def _pixels_of(self, lines: NDArray[np.int64]) -> NDArray[np.intp]:
        x0, y0, x1, y1 = self._ends[lines].T[:, :, None]
        share = np.minimum(np.arange(self._slots.shape[1], dtype=np.float32) / self._steps[lines, None], 1)
        x = np.clip(x0 + (x1 - x0) * share, 0, self._width - 1).astype(np.intp)
        y = np.clip(y0 + (y1 - y0) * share, 0, self._height - 1).astype(np.intp)
        return np.asarray(y * self._width + x)
