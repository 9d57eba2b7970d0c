"""The design language as values: colours, type and spacing.

Colours are checked for contrast and for colour-blind readers; every colour that carries meaning has a second cue (dash,
marker, ring) that the view must draw as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont, QFontDatabase

GAP = 16  #: margin, gap and card padding in pixels
RADIUS_CARD = 12
RADIUS_CONTROL = 8
CONTROL = 34  #: height of a control inside a card


@dataclass(frozen=True)
class Theme:
    """One set of colours, all ``#RRGGBB``."""

    name: str
    background: str
    card: str
    sunken: str
    hairline: str
    outline: str
    text: str
    text_2: str
    text_3: str
    accent: str
    accent_soft: str
    on_accent: str
    positive: str
    negative: str
    batch: str
    mini_batch: str
    stochastic: str
    train: str
    validation: str
    backward: str
    backward_soft: str
    warning: str
    warning_soft: str
    error: str
    error_soft: str
    done: str
    done_soft: str
    casing: str
    activation_map: tuple[str, str, str, str, str]
    region_strength: float
    surface_map: tuple[str, str, str, str, str, str]
    classes: tuple[str, ...]


LIGHT = Theme(
    name="light",
    background="#F3F5F8",
    card="#FFFFFF",
    sunken="#EEF1F5",
    hairline="#DCE1E8",
    outline="#7D8796",
    text="#12161D",
    text_2="#47515F",
    text_3="#626D7C",
    accent="#5443C9",
    accent_soft="#ECEAFB",
    on_accent="#FFFFFF",
    positive="#1C6FD1",
    negative="#B85400",
    batch="#12161D",
    mini_batch="#008550",
    stochastic="#C732A9",
    train="#12161D",
    validation="#5443C9",
    backward="#C9186A",
    backward_soft="#FCE9F1",
    warning="#7A4B00",
    warning_soft="#FFF3D6",
    error="#B3261E",
    error_soft="#FDECEA",
    done="#1B7A3D",
    done_soft="#E4F5EA",
    casing="#FFFFFF",
    activation_map=("#DD7413", "#EFB77C", "#F6F3EE", "#8DB9EC", "#2273CF"),
    region_strength=0.5,
    surface_map=("#FFFAEB", "#F0F3E4", "#D9E8E1", "#BCD6DC", "#A3BFD5", "#97ABCB"),
    classes=(
        "#B85400",
        "#1C6FD1",
        "#008550",
        "#C732A9",
        "#7A4B00",
        "#5443C9",
        "#0E7C86",
        "#B3261E",
        "#626D7C",
        "#3D6B00",
    ),
)

DARK = Theme(
    name="dark",
    background="#0E1218",
    card="#171C24",
    sunken="#222933",
    hairline="#2C3542",
    outline="#738092",
    text="#F1F4F8",
    text_2="#B9C3D0",
    text_3="#93A0B0",
    accent="#A99DFF",
    accent_soft="#2C2950",
    on_accent="#14102E",
    positive="#5AA7F7",
    negative="#F59338",
    batch="#F4F6FA",
    mini_batch="#24B26B",
    stochastic="#EB3BC7",
    train="#F1F4F8",
    validation="#A99DFF",
    backward="#FF6FA8",
    backward_soft="#3A1D2C",
    warning="#FFCB66",
    warning_soft="#3A2E12",
    error="#FF8A80",
    error_soft="#3D1F1E",
    done="#6BD58F",
    done_soft="#16321F",
    casing="#0B0F14",
    activation_map=("#F08A2C", "#8A5323", "#1D242E", "#26578C", "#4E9DF5"),
    region_strength=0.7,
    surface_map=("#5E9C9B", "#447C87", "#335F75", "#294862", "#20344A", "#18222F"),
    classes=(
        "#F59338",
        "#5AA7F7",
        "#24B26B",
        "#EB3BC7",
        "#FFCB66",
        "#A99DFF",
        "#45C4CF",
        "#FF8A80",
        "#93A0B0",
        "#9CCB57",
    ),
)

THEMES = {"light": LIGHT, "dark": DARK}


def mix(first: str, second: str, share: float) -> QColor:
    """Opaque blend of two colours: `share` 0 is `first`, 1 is `second`. Translucent pens are ten times slower."""
    a, b = QColor(first), QColor(second)
    return QColor(
        round(a.red() + (b.red() - a.red()) * share),
        round(a.green() + (b.green() - a.green()) * share),
        round(a.blue() + (b.blue() - a.blue()) * share),
    )


@lru_cache(maxsize=16)
def color_table(stops: tuple[str, ...], card: str = "", strength: float = 1.0) -> NDArray[np.uint32]:
    """256 colours (``0xAARRGGBB``, for QImage.Format_RGB32) through `stops`, mixed with `card` to `strength`."""
    rgb = np.array([[int(stop[k : k + 2], 16) for k in (1, 3, 5)] for stop in stops], dtype=np.float64)
    if card:
        base = np.array([int(card[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64)
        rgb = base + (rgb - base) * strength
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, np.arange(len(stops)), rgb[:, k]).round().astype(np.uint32) for k in range(3)]
    return np.asarray(0xFF000000 | channels[0] << 16 | channels[1] << 8 | channels[2], dtype=np.uint32)


@lru_cache(maxsize=1)
def family() -> str:
    """Inter where the system has it, else the platform's own interface font."""
    families = QFontDatabase.families()
    for name in ("Inter", "Inter Variable"):
        if name in families:
            return name
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


@lru_cache(maxsize=64)
def font(pixels: int, weight: int = 400, *, italic: bool = False) -> QFont:
    """The interface font at a size in pixels, with tabular digits and no hinting; shared, so not to be changed."""
    result = QFont(family())
    result.setPixelSize(pixels)
    result.setWeight(QFont.Weight(weight))
    result.setItalic(italic)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if hasattr(result, "setFeature"):
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def number(value: float, digits: int = 3, *, sign: bool = False) -> str:
    """A number for the screen: fixed digits, a true minus sign, "–" where there is none.

    Very large and very small values are written with a power of ten (``4.2e−05``).
    """
    if value != value:
        return "–"
    if value in (float("inf"), float("-inf")):
        text = "∞" if value > 0 else "-∞"
    elif value != 0 and not 0.5 * 10**-digits <= abs(value) < 1e6:
        text = f"{value:.{max(digits - 1, 1)}e}"
    else:
        text = f"{value:.{digits}f}"
    if sign and value > 0:
        text = "+" + text
    return text.replace("-", "−")
