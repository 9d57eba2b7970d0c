"""What the relief shows, in words."""

from __future__ import annotations

from collections.abc import Sequence

from ann_studio.analysis.relief import Camera, Terrain
from ann_studio.gui.theme import number
from ann_studio.gui.views.relief.scene import Trail

_SIDES = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def side(azimuth: float) -> str:
    """The nearest of eight directions; north is where the second axis points."""
    return _SIDES[round(azimuth / 45.0) % 8]


def description(names: tuple[str, str], shown: Terrain, camera: Camera, trails: Sequence[Trail]) -> str:
    """One or two sentences for those who do not see the picture."""
    first = (
        f"Relief of the cost over {names[0]} and {names[1]}, from {number(shown.low, 4)} to {number(shown.high, 4)}"
        f"{' and more' if shown.cut else ''}, seen from the {side(camera.azimuth)}, {camera.elevation:.0f}° above"
    )
    return "; ".join([first, *(f"{trail.name} at {number(trail.cost, 4)}" for trail in trails)])
