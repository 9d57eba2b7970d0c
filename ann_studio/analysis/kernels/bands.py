"""A grid of numbers as a picture of bands."""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np

from ann_studio.nn.kernels.compiled import compiled


@compiled
def paint_bands(values, levels, colours, out):
    """Interpolate a grid bilinearly to the size of a picture, and colour each pixel by the band that it lies in.

    Parameters
    ----------
    values
        Shape ``(rows, columns)``, finite, at least 2 × 2. The outermost points lie on the borders of the picture; row 0
        is its bottom.
    levels
        Ascending: what parts the bands. A value at a level belongs to the band above it.
    colours
        One for each band, one more than there are levels.
    out
        Receives the colour at the middle of each pixel; row 0 is the top.
    """
    height, width = out.shape
    rows, columns = values.shape
    line = np.empty(columns)
    for row in range(height):
        place = (height - row - 0.5) / height * (rows - 1)
        below = min(int(place), rows - 2)
        share = place - below
        for column in range(columns):
            line[column] = values[below, column] + share * (values[below + 1, column] - values[below, column])
        band = 0
        for pixel in range(width):
            place = (pixel + 0.5) / width * (columns - 1)
            left = min(int(place), columns - 2)
            value = line[left] + (place - left) * (line[left + 1] - line[left])
            # neighbours mostly lie in the same band
            while band < levels.shape[0] and value >= levels[band]:
                band += 1
            while band > 0 and value < levels[band - 1]:
                band -= 1
            out[row, pixel] = colours[band]
