"""The relief of a height field: triangles with a depth buffer, then the colour of each pixel, then paths upon it.

Heights lie on a square grid, row r towards north, column c towards east, between 0 and 1; NaN is a hole. Points of the
grid are told as (column, row). In the world the grid spans −1 to 1 in both directions.

A `view` is an array of numbers, by the names below: three unit vectors of the camera, where its middle lies in the
picture, and the light. Nearness is 1/distance along the line of sight: of all that is projected it alone is linear
between the pixels of a plane.
"""

# mypy: allow-untyped-defs

from __future__ import annotations

import numpy as np

from ann_studio.nn.kernels.compiled import compiled

RIGHT, UP, TOWARDS, LIGHT, HALF = 0, 3, 6, 9, 12  #: three numbers each; HALF lies between light and viewer
DISTANCE, FOCAL, MIDDLE_X, MIDDLE_Y, TALL, BASE = 15, 16, 17, 18, 19, 20
VIEW = 21  #: numbers of a view

#: How a pixel is lit: what is bright without light, what the light adds, the gloss; strength of lines and of the mesh.
AMBIENT, DIFFUSE, GLOSS, CONTOUR, MESH, RIM, WALL = 0, 1, 2, 3, 4, 5, 6
#: Pixels nearer to a surface than this (in the world) count as lying on it.
CLEARANCE = 0.03
_FAR = 1e30
_PARTS = 50  #: straight pieces of a path from one border to the other
_WALL = -2.0  #: the column of pixels on the first of four walls; then −3, −4, −5


@compiled
def place(view, x, y, z):
    """Where a point of the world is seen: pixel x, pixel y and nearness; a nearness of 0 is behind the viewer."""
    z -= 0.5 * view[TALL]
    distance = view[DISTANCE] - (x * view[TOWARDS] + y * view[TOWARDS + 1] + z * view[TOWARDS + 2])
    if not distance > 0.05:
        return 0.0, 0.0, 0.0
    across = x * view[RIGHT] + y * view[RIGHT + 1] + z * view[RIGHT + 2]
    up = x * view[UP] + y * view[UP + 1] + z * view[UP + 2]
    scale = view[FOCAL] / distance
    return view[MIDDLE_X] + scale * across, view[MIDDLE_Y] - scale * up, 1.0 / distance


@compiled
def height_at(heights, column, row):
    """Bilinear height at a point of the grid; NaN outside and in holes."""
    last = len(heights) - 1
    if not (0.0 <= column <= last and 0.0 <= row <= last):
        return np.nan
    c, r = min(int(column), last - 1), min(int(row), last - 1)
    x, y = column - c, row - r
    low = heights[r, c] * (1 - x) + heights[r, c + 1] * x
    return low * (1 - y) + (heights[r + 1, c] * (1 - x) + heights[r + 1, c + 1] * x) * y


@compiled
def place_points(view, heights, points, lift, out):
    """Pixel x, pixel y and distance of `points` (column, row, height; a height of NaN is the surface's)."""
    half = 0.5 * (len(heights) - 1)
    for k in range(len(points)):
        height = points[k, 2]
        if height != height:
            height = height_at(heights, points[k, 0], points[k, 1])
        x, y, near = place(view, points[k, 0] / half - 1, points[k, 1] / half - 1, (height + lift) * view[TALL])
        known = near > 0.0 and height == height
        out[k, 0] = x if known else np.nan
        out[k, 1] = y if known else np.nan
        out[k, 2] = 1.0 / near if known else np.nan


# --- the surface ----------------------------------------------------------------------------------------------------
@compiled
def _triangle(nears, columns, rows, x, y, near, column, row, a, b, c):
    """Fill, where it is nearer than all so far, the triangle of corners `a`, `b` and `c`; each array is of corners."""
    x0, y0, x1, y1, x2, y2 = x[a], y[a], x[b], y[b], x[c], y[c]
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if not abs(area) > 1e-12 or near[a] == 0.0 or near[b] == 0.0 or near[c] == 0.0:
        return
    tall, wide = nears.shape
    left = max(0, int(np.ceil(max(min(x0, x1, x2), -1.0) - 0.5)))
    right = min(wide - 1, int(np.floor(min(max(x0, x1, x2), wide + 1.0) - 0.5)))
    top = max(0, int(np.ceil(max(min(y0, y1, y2), -1.0) - 0.5)))
    bottom = min(tall - 1, int(np.floor(min(max(y0, y1, y2), tall + 1.0) - 0.5)))
    if left > right or top > bottom:
        return
    by = 1.0 / area
    b_x, b_y = (y2 - y0) * by, -(x2 - x0) * by
    c_x, c_y = -(y1 - y0) * by, (x1 - x0) * by
    near_b, near_c = near[b] - near[a], near[c] - near[a]
    column_b, column_c = column[b] - column[a], column[c] - column[a]
    row_b, row_c = row[b] - row[a], row[c] - row[a]
    for py in range(top, bottom + 1):
        for px in range(left, right + 1):
            dx, dy = px + 0.5 - x0, py + 0.5 - y0
            of_b, of_c = dx * b_x + dy * b_y, dx * c_x + dy * c_y
            # a hair more than the triangle, so that none of the pixels between two is lost
            if of_b >= -1e-6 and of_c >= -1e-6 and of_b + of_c <= 1.000001:
                found = near[a] + of_b * near_b + of_c * near_c
                if found > nears[py, px]:
                    nears[py, px] = found
                    columns[py, px] = column[a] + of_b * column_b + of_c * column_c
                    rows[py, px] = row[a] + of_b * row_b + of_c * row_c


@compiled
def fill(view, heights, nears, columns, rows):
    """Which point of the surface or of its walls each pixel shows.

    Parameters
    ----------
    nears, columns, rows
        Are filled, one number a pixel: nearness (0: nothing is there) and the point of the grid. On a wall the column
        is −2 to −5 (south, east, north, west), and the row the height.
    """
    side = len(heights)
    half = 0.5 * (side - 1)
    nears[:] = 0.0
    xs, ys, ns = np.empty((2, side)), np.empty((2, side)), np.empty((2, side))
    x, y, near, column, row = np.empty(4), np.empty(4), np.empty(4), np.empty(4), np.empty(4)
    for r in range(side):
        now, before = r & 1, 1 - (r & 1)
        for c in range(side):
            xs[now, c], ys[now, c], ns[now, c] = place(view, c / half - 1, r / half - 1, heights[r, c] * view[TALL])
        if r == 0:
            continue
        for c in range(side - 1):
            lowest = heights[r, c] + heights[r, c + 1] + heights[r - 1, c] + heights[r - 1, c + 1]
            if lowest != lowest:
                continue
            for k in range(4):
                # around the cell: near left, near right, far right, far left
                line, at = (before if k < 2 else now), c + (1 if k in (1, 2) else 0)
                x[k], y[k], near[k] = xs[line, at], ys[line, at], ns[line, at]
                column[k], row[k] = at, (r - 1 if k < 2 else r)
            _triangle(nears, columns, rows, x, y, near, column, row, 0, 1, 2)
            _triangle(nears, columns, rows, x, y, near, column, row, 0, 2, 3)
    for wall in range(4):
        for k in range(side - 1):
            _wall(view, heights, nears, columns, rows, wall, k, x, y, near, column, row)


@compiled
def _wall(view, heights, nears, columns, rows, wall, k, x, y, near, column, row):
    """One piece of a wall, from the border of the surface down to the base."""
    last, tall, base = len(heights) - 1, view[TALL], view[BASE]
    for end in range(2):
        at = k + end
        r = 0 if wall == 0 else last if wall == 2 else at
        c = last if wall == 1 else 0 if wall == 3 else at
        height = heights[r, c]
        if height != height:
            return
        for low in range(2):
            corner = 3 * low if end == 0 else 1 + low
            z = base if low else height
            x[corner], y[corner], near[corner] = place(view, 2 * c / last - 1, 2 * r / last - 1, z * tall)
            column[corner], row[corner] = _WALL - wall, z
    _triangle(nears, columns, rows, x, y, near, column, row, 0, 1, 2)
    _triangle(nears, columns, rows, x, y, near, column, row, 0, 2, 3)


@compiled
def _light(view, look, x, y, z):
    """Brightness of a surface with this normal, and its gloss."""
    size = 1.0 / np.sqrt(x * x + y * y + z * z)
    direct = (x * view[LIGHT] + y * view[LIGHT + 1] + z * view[LIGHT + 2]) * size
    mirrored = max(0.0, (x * view[HALF] + y * view[HALF + 1] + z * view[HALF + 2]) * size)
    mirrored *= mirrored
    mirrored *= mirrored
    mirrored *= mirrored
    return look[AMBIENT] + look[DIFFUSE] * max(0.0, direct), look[GLOSS] * mirrored * mirrored


@compiled
def light(view, heights, look, lit):
    """Brightness and gloss of each point of the grid, into `lit` (side, side, 2)."""
    side = len(heights)
    for r in range(side):
        for c in range(side):
            x = _slope(heights[r, max(c - 1, 0)], heights[r, c], heights[r, min(c + 1, side - 1)], c, side)
            y = _slope(heights[max(r - 1, 0), c], heights[r, c], heights[min(r + 1, side - 1), c], r, side)
            lit[r, c, 0], lit[r, c, 1] = _light(view, look, -x * view[TALL], -y * view[TALL], 1.0)


@compiled
def _slope(before, here, after, at, side):
    """How steep the heights are between two neighbours of a point, per unit of the world."""
    if before != before:
        before = here
    if after != after:
        after = here
    steps = 1.0 if at == 0 or at == side - 1 else 2.0
    slope = (after - before) * (side - 1) / (2.0 * steps)
    return slope if slope == slope else 0.0


@compiled
def grain(view, heights, cells):
    """How column and row change from pixel to pixel in each cell, into `cells` (side − 1, side − 1, 4).

    Columns per pixel to the right and downwards, then rows.
    """
    side = len(heights)
    half = 0.5 * (side - 1)
    for r in range(side - 1):
        for c in range(side - 1):
            x00, y00, _ = place(view, c / half - 1, r / half - 1, heights[r, c] * view[TALL])
            x10, y10, _ = place(view, (c + 1) / half - 1, r / half - 1, heights[r, c + 1] * view[TALL])
            x01, y01, _ = place(view, c / half - 1, (r + 1) / half - 1, heights[r + 1, c] * view[TALL])
            x11, y11, _ = place(view, (c + 1) / half - 1, (r + 1) / half - 1, heights[r + 1, c + 1] * view[TALL])
            c_x, c_y = 0.5 * (x10 - x00 + x11 - x01), 0.5 * (y10 - y00 + y11 - y01)
            r_x, r_y = 0.5 * (x01 - x00 + x11 - x10), 0.5 * (y01 - y00 + y11 - y10)
            area = c_x * r_y - c_y * r_x
            if not abs(area) > 1e-6:
                area = 1e-6
            cells[r, c, 0], cells[r, c, 1] = r_y / area, -r_x / area
            cells[r, c, 2], cells[r, c, 3] = -c_y / area, c_x / area


@compiled
def _line(distance, change, half, spacing):
    """How much of a pixel a line covers that is `distance` away where a pixel counts `change`; less where many lie."""
    per_pixel = 1.0 / max(change, 1e-9)
    covered = min(1.0, max(0.0, half + 0.5 - distance * per_pixel))
    return covered * min(1.0, max(0.0, spacing * per_pixel / (4.0 * half) - 0.75))


@compiled
def colour(view, heights, lit, cells, look, nears, columns, rows, colours, inks, levels, mesh, ground, image, depth):
    """The colour and the distance of each pixel of the picture, from what `fill` found for its samples.

    Parameters
    ----------
    nears, columns, rows
        As many samples of each pixel of the picture along each side as they are larger.
    colours
        256, from height 0 to 1.
    inks
        Colour of contours and mesh, of the border, and what walls are mixed with.
    levels
        The level nearest to each height, in steps of one of its length, and how far it is to the next; shape (n, 2).
    mesh
        Cells of the grid from one line of the mesh to the next.
    ground
        Where there is nothing: 0xAARRGGBB, premultiplied.
    """
    tall, wide = image.shape
    samples = len(nears) // tall
    walls = np.empty((4, 256, 3), dtype=np.float32)
    _colour_walls(view, look, colours, inks, walls)
    sums, nearest = np.empty((wide, 4), dtype=np.float32), np.empty(wide, dtype=np.float32)
    share = np.float32(1.0 / (samples * samples))
    for y in range(tall):
        sums[:], nearest[:] = 0.0, 0.0
        for k in range(samples):
            _add_row(
                heights, lit, cells, look, nears[y * samples + k], columns[y * samples + k], rows[y * samples + k],
                samples, colours, walls, inks, levels, mesh, ground, sums, nearest,
            )  # fmt: skip
        for x in range(wide):
            image[y, x] = _packed(sums[x, 3] * share, sums[x, 0] * share, sums[x, 1] * share, sums[x, 2] * share)
            depth[y, x] = 1.0 / nearest[x] if nearest[x] > 0.0 else np.inf


@compiled
def _packed(alpha, red, green, blue):
    """Four channels of 0 to 255 as 0xAARRGGBB."""
    return np.uint32(
        (np.int64(alpha + 0.5) << 24) | (np.int64(red + 0.5) << 16) | (np.int64(green + 0.5) << 8)
        | np.int64(blue + 0.5)
    )  # fmt: skip


@compiled
def _shone(channel, shade, bright, white):
    """A channel mixed with that of the shade by what brightness lacks to 1, and whitened."""
    channel += (shade - channel) * max(0.0, 1.0 - bright)
    return channel + (255.0 - channel) * white


@compiled
def _colour_walls(view, look, colours, inks, walls):
    """The colours of the ground that the four walls cut through, by its height."""
    for wall in range(4):
        x, y = (1.0 if wall == 1 else -1.0 if wall == 3 else 0.0), (1.0 if wall == 2 else -1.0 if wall == 0 else 0.0)
        bright, _ = _light(view, look, x, y, 0.0)
        for k in range(256):
            for channel in range(3):
                shift = 16 - 8 * channel
                mixed = float((colours[k] >> shift) & 0xFF)
                mixed += (float((inks[2] >> shift) & 0xFF) - mixed) * look[WALL]
                walls[wall, k, channel] = _shone(mixed, float((inks[3] >> shift) & 0xFF), bright, 0.0)


@compiled
def _add_row(
    heights, lit, cells, look, nears, columns, rows, samples, colours, walls, inks, levels, mesh, ground, sums, nearest
):
    """Add the colours of a row of samples to `sums` (red, green, blue, alpha of each pixel).

    All in one, for numba counts references to arrays with each call.
    """
    last, half = len(heights) - 1, 0.5 * samples
    contour, meshed, rim = look[CONTOUR], look[MESH], look[RIM]
    ink_r, ink_g, ink_b = float((inks[0] >> 16) & 0xFF), float((inks[0] >> 8) & 0xFF), float(inks[0] & 0xFF)
    rim_r, rim_g, rim_b = float((inks[1] >> 16) & 0xFF), float((inks[1] >> 8) & 0xFF), float(inks[1] & 0xFF)
    dim_r, dim_g, dim_b = float((inks[3] >> 16) & 0xFF), float((inks[3] >> 8) & 0xFF), float(inks[3] & 0xFF)
    for px in range(len(nears)):
        pixel = px // samples
        if not nears[px] > 0.0:
            sums[pixel, 0] += (ground >> 16) & 0xFF
            sums[pixel, 1] += (ground >> 8) & 0xFF
            sums[pixel, 2] += ground & 0xFF
            sums[pixel, 3] += ground >> 24
            continue
        nearest[pixel] = max(nearest[pixel], nears[px])
        sums[pixel, 3] += 255.0
        if columns[px] < -1.0:
            wall, at = int(_WALL - columns[px] + 0.5), int(255.0 * min(1.0, max(0.0, rows[px])))
            for channel in range(3):
                sums[pixel, channel] += walls[wall, at, channel]
            continue
        column, row = min(max(float(columns[px]), 0.0), last), min(max(float(rows[px]), 0.0), last)
        c, r = min(int(column), last - 1), min(int(row), last - 1)
        x, y = column - c, row - r
        # the height, and how it changes
        h00, h10, h01, h11 = heights[r, c], heights[r, c + 1], heights[r + 1, c], heights[r + 1, c + 1]
        south, north = h00 + (h10 - h00) * x, h01 + (h11 - h01) * x
        height = south + (north - south) * y
        if not height >= 0.0:
            height = 0.0
        height = min(height, 1.0)
        by_column, by_row = (h10 - h00) * (1.0 - y) + (h11 - h01) * y, north - south
        c_x, c_y, r_x, r_y = cells[r, c, 0], cells[r, c, 1], cells[r, c, 2], cells[r, c, 3]
        h_x, h_y = by_column * c_x + by_row * r_x, by_column * c_y + by_row * r_y
        steep, across, along = (
            np.sqrt(h_x * h_x + h_y * h_y),
            np.sqrt(c_x * c_x + c_y * c_y),
            np.sqrt(r_x * r_x + r_y * r_y),
        )
        # the light on it
        w00, w10, w01, w11 = (1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y
        bright = w00 * lit[r, c, 0] + w10 * lit[r, c + 1, 0] + w01 * lit[r + 1, c, 0] + w11 * lit[r + 1, c + 1, 0]
        white = w00 * lit[r, c, 1] + w10 * lit[r, c + 1, 1] + w01 * lit[r + 1, c, 1] + w11 * lit[r + 1, c + 1, 1]
        white = min(1.0, white + max(0.0, bright - 1.0))
        rgb = colours[int(255.0 * height + 0.5)]
        red = _shone(float((rgb >> 16) & 0xFF), dim_r, bright, white)
        green = _shone(float((rgb >> 8) & 0xFF), dim_g, bright, white)
        blue = _shone(float(rgb & 0xFF), dim_b, bright, white)
        # the lines on it
        at = int(height * (len(levels) - 1) + 0.5)
        ink = contour * _line(abs(height - levels[at, 0]), steep, half, levels[at, 1])
        if meshed > 0.0:
            off_column, off_row = column - mesh * int(column / mesh + 0.5), row - mesh * int(row / mesh + 0.5)
            lines = max(_line(abs(off_column), across, half, mesh), _line(abs(off_row), along, half, mesh))
            ink = max(ink, meshed * lines)
        red, green, blue = red + (ink_r - red) * ink, green + (ink_g - green) * ink, blue + (ink_b - blue) * ink
        to_column, to_row = min(column, last - column), min(row, last - row)
        edge = rim * max(_line(to_column, across, half, _FAR), _line(to_row, along, half, _FAR))
        sums[pixel, 0] += red + (rim_r - red) * edge
        sums[pixel, 1] += green + (rim_g - green) * edge
        sums[pixel, 2] += blue + (rim_b - blue) * edge


# --- paths ----------------------------------------------------------------------------------------------------------
@compiled
def drape(view, heights, points, lift, depth, half, rim, apart, hidden, box):
    """Lay a line on the surface and note how far each pixel is from it.

    Parameters
    ----------
    points
        (column, row) of its points, shape (n, 2). Where it leaves the grid, and at NaN, it is broken.
    lift
        How far above the surface it lies, in heights.
    half, rim
        Half the width of the line, and what the casing adds on each side, in pixels.
    apart, hidden, box
        One number a pixel: the squared distance of the nearest piece of the line, at most that of the casing's end;
        and whether the surface hides that piece. The box holds all pixels that were noted: left, top, right, bottom.
        They are changed only, so that a line can go on where it ended.
    """
    reach, done = half + rim + 0.5, half * half
    last = len(heights) - 1.0
    x0, y0, near0 = 0.0, 0.0, 0.0
    for k in range(len(points)):
        column, row = points[k, 0], points[k, 1]
        x1, y1, near1 = 0.0, 0.0, 0.0
        if 0.0 <= column <= last and 0.0 <= row <= last:
            height = height_at(heights, column, row)
            if height == height:
                x1, y1, near1 = place(view, 2 * column / last - 1, 2 * row / last - 1, (height + lift) * view[TALL])
        if k > 0:
            # Most pieces are short, and then each point has to be found but once.
            short = max(abs(column - points[k - 1, 0]), abs(row - points[k - 1, 1])) * _PARTS <= last
            if short and near0 > 0.0 and near1 > 0.0:
                _segment(x0, y0, near0, x1, y1, near1, depth, reach, done, apart, hidden, box)
            else:
                _drape(
                    view, heights, points[k - 1, 0], points[k - 1, 1], column, row, lift, depth, reach, done,
                    apart, hidden, box,
                )  # fmt: skip
        x0, y0, near0 = x1, y1, near1


@compiled
def ink(image, apart, hidden, box, core, casing, half, rim, strength, faint):
    """Draw a line into the picture, fainter where the surface hides it, from what `drape` noted.

    Parameters
    ----------
    core, casing
        Colours 0xAARRGGBB.
    strength, faint
        How opaque it is, and by what factor less where it is hidden.
    """
    tall, wide = image.shape
    reach = half + rim + 0.5
    for y in range(max(0, box[1]), min(tall, box[3] + 1)):
        for x in range(max(0, box[0]), min(wide, box[2] + 1)):
            if apart[y, x] < reach * reach:
                distance = np.sqrt(apart[y, x])
                covered = min(1.0, max(0.0, half + 0.5 - distance))
                around = min(1.0, max(0.0, reach - distance))
                below = image[y, x]
                if hidden[y, x]:
                    below = _over(below, core, covered * strength * faint)
                else:
                    if rim > 0.0:
                        below = _over(below, casing, around * strength)
                    below = _over(below, core, covered * strength)
                image[y, x] = below


@compiled
def _over(below, rgb, share):
    """A pixel under a share of an opaque colour."""
    alpha, red, green, blue = below >> 24, (below >> 16) & 0xFF, (below >> 8) & 0xFF, below & 0xFF
    return _packed(
        alpha + (255.0 - alpha) * share,
        red + (((rgb >> 16) & 0xFF) - red) * share,
        green + (((rgb >> 8) & 0xFF) - green) * share,
        blue + ((rgb & 0xFF) - blue) * share,
    )


@compiled
def _drape(view, heights, c0, r0, c1, r1, lift, depth, reach, done, apart, hidden, box):
    """Lay one straight piece of a path over the surface."""
    last = len(heights) - 1.0
    begin, end = _clipped(c0, c1 - c0, last, 0.0, 1.0)
    begin, end = _clipped(r0, r1 - r0, last, begin, end)
    if not begin <= end:
        return
    length = max(abs(c1 - c0), abs(r1 - r0)) * (end - begin)
    parts = int(min(float(_PARTS), max(1.0, np.ceil(length / last * _PARTS))))
    half = 0.5 * last
    x0, y0, near0 = 0.0, 0.0, 0.0
    for k in range(parts + 1):
        share = begin + (end - begin) * k / parts
        column, row = min(max(c0 + (c1 - c0) * share, 0.0), last), min(max(r0 + (r1 - r0) * share, 0.0), last)
        height = height_at(heights, column, row)
        x1, y1, near1 = place(view, column / half - 1, row / half - 1, (height + lift) * view[TALL])
        if height != height:
            near1 = 0.0
        if k > 0 and near0 > 0.0 and near1 > 0.0:
            _segment(x0, y0, near0, x1, y1, near1, depth, reach, done, apart, hidden, box)
        x0, y0, near0 = x1, y1, near1


@compiled
def _clipped(start, by, last, begin, end):
    """The part of a way, of the part from `begin` to `end`, on which ``start + share·by`` lies between 0 and `last`."""
    if by == 0.0:
        return (begin, end) if 0.0 <= start <= last else (1.0, 0.0)
    first, second = -start / by, (last - start) / by
    if not np.isfinite(first + second):
        return 1.0, 0.0
    return max(begin, min(first, second)), min(end, max(first, second))


@compiled
def _segment(x0, y0, near0, x1, y1, near1, depth, reach, done, apart, hidden, box):
    """Note for the pixels around a segment how far it is and whether the surface hides it.

    Nearer than the square root of `done` a pixel is covered.
    """
    tall, wide = depth.shape
    if max(x0, x1) < -reach or min(x0, x1) > wide + reach or max(y0, y1) < -reach or min(y0, y1) > tall + reach:
        return
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    # Where a path has been many times, one more piece of it changes nothing.
    checks = int(max(abs(dx), abs(dy)) * 0.67) + 2
    new = False
    for k in range(checks):
        share = k / (checks - 1.0)
        x, y = int(x0 + share * dx), int(y0 + share * dy)
        if 0 <= x < wide and 0 <= y < tall and apart[y, x] > done:
            new = True
            break
    if not new:
        return
    by_length, by_height = 1.0 / max(length, 1e-12), 1.0 / dy if abs(dy) > 1e-6 else 0.0
    box[0], box[1] = min(box[0], int(min(x0, x1) - reach)), min(box[1], int(min(y0, y1) - reach))
    box[2], box[3] = max(box[2], int(max(x0, x1) + reach)), max(box[3], int(max(y0, y1) + reach))
    for y in range(max(0, int(min(y0, y1) - reach)), min(tall - 1, int(max(y0, y1) + reach)) + 1):
        begin, end = 0.0, 1.0
        if by_height != 0.0:
            # the part of the segment that is near this row
            first, second = (y + 0.5 - reach - y0) * by_height, (y + 0.5 + reach - y0) * by_height
            begin, end = min(1.0, max(0.0, min(first, second))), max(0.0, min(1.0, max(first, second)))
        left, right = min(x0 + begin * dx, x0 + end * dx) - reach, max(x0 + begin * dx, x0 + end * dx) + reach
        for x in range(max(0, int(left)), min(wide - 1, int(right)) + 1):
            px, py = x + 0.5 - x0, y + 0.5 - y0
            share = min(1.0, max(0.0, (px * dx + py * dy) * by_length))
            px, py = px - share * dx, py - share * dy
            squared = px * px + py * py
            if squared < apart[y, x]:
                apart[y, x] = squared
                far = 1.0 / (near0 + share * (near1 - near0))
                hidden[y, x] = _is_hidden(depth, x0 + share * dx, y0 + share * dy, far)


@compiled
def _is_hidden(depth, x, y, distance):
    """Whether something stands before what is seen at a place of the picture, and not just a slope nearly edge on."""
    tall, wide = depth.shape
    column, row = int(min(max(x, 0.0), wide - 1.0)), int(min(max(y, 0.0), tall - 1.0))
    for near in range(max(row - 1, 0), min(row + 2, tall)):
        if not depth[near, column] < distance - CLEARANCE:
            return 0
    return 1


@compiled
def hide(depth, placed, out):
    """Whether each of `placed` (pixel x, pixel y, distance) is hidden; 1 also for no point at all."""
    for k in range(len(placed)):
        known = placed[k, 2] == placed[k, 2]
        out[k] = _is_hidden(depth, placed[k, 0], placed[k, 1], placed[k, 2]) if known else 1
