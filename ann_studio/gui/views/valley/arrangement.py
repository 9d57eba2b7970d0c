"""Where the numbers of the valley stand: above the curve while it keeps enough height, else beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ann_studio.gui.views.valley.frame import Box
from ann_studio.gui.views.valley.words import Line

#: Height of a line of text, and room below the last one.
LINE, BELOW = 20.0, 6.0
#: Pixels between two blocks of text, and between the curve and a column beside it.
_BETWEEN, GAP = 12.0, 14.0
#: Height that the curve keeps below text in one corner, and below text in both, in pixels.
_UNDER_ONE, _UNDER_TWO = 54.0, 64.0
#: Width that the curve keeps beside a column.
_BESIDE = 110.0
#: Room that blocks take at least, in full, in short, and in a column: the picture is not rearranged by one more digit.
_FULL, _SHORT, _COLUMN = 250.0, 150.0, 176.0

Block = tuple[Line, ...]


@dataclass(frozen=True)
class Arrangement:
    """Blocks of text in a picture.

    Parameters
    ----------
    blocks
        The text of each.
    boxes
        Room that each takes above the curve; none where they stand beside it.
    column
        Width of the column beside the curve; 0 where there is none.
    """

    blocks: tuple[Block, ...]
    boxes: tuple[Box, ...]
    column: float = 0.0


def arrange(
    full: Sequence[Block], short: Sequence[Block], width: float, height: float, measure: Callable[[Block], float]
) -> Arrangement:
    """Find room for blocks of text in a picture of this size.

    Parameters
    ----------
    full, short
        One or two blocks, in all their words and in few.
    measure
        The width of a block in pixels.
    """
    for blocks, least in ((full, _FULL), (short, _SHORT)):
        widths = [max(least, measure(block)) for block in blocks]
        fits = sum(widths) + _BETWEEN * (len(blocks) - 1) <= width
        if fits and height - _depth(blocks) >= (_UNDER_ONE if len(blocks) == 1 else _UNDER_TWO):
            return _above(blocks, width, measure)
    for blocks, least in ((full, _FULL), (short, _SHORT)):
        one = _together(blocks)
        if height - _depth([one]) >= _UNDER_TWO and max(least, measure(one)) <= width:
            return _above([one], width, measure)
    one = _together(short)
    column = max(_COLUMN, measure(one))
    if width - column - GAP >= _BESIDE:
        return Arrangement((one,), (), column)
    return _above([one], width, measure)


def _together(blocks: Sequence[Block]) -> Block:
    return tuple(line for block in blocks for line in block)


def _depth(blocks: Sequence[Block]) -> float:
    return max(LINE * len(block) + BELOW for block in blocks)


def _above(blocks: Sequence[Block], width: float, measure: Callable[[Block], float]) -> Arrangement:
    """The first block at the right, the second at the left."""
    depths = [LINE * len(block) + BELOW for block in blocks]
    boxes = [Box(width - measure(blocks[0]) - 6, width, depths[0])]
    if len(blocks) == 2:
        boxes.append(Box(0, measure(blocks[1]) + 6, depths[1]))
    return Arrangement(tuple(blocks), tuple(boxes))
