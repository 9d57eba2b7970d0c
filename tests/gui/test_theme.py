"""The claims of the design language about colour, computed anew."""

from __future__ import annotations

import itertools
import re

import pytest

from ann_studio.gui.style import palette, style_sheet
from ann_studio.gui.theme import DARK, LIGHT, THEMES, color_table, mix, number
from ann_studio.gui.views.output.confusion import shade

BOTH = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
#: Foreground and background of every text that the window writes.
TEXTS = [
    *itertools.product(("text", "text_2", "text_3"), ("card", "background", "sunken")),
    *itertools.product(("text", "text_2"), ("accent_soft",)),
    ("on_accent", "accent"), ("accent", "card"), ("accent", "accent_soft"), ("card", "text"),
    ("validation", "card"), ("train", "card"), ("positive", "card"), ("negative", "card"),
    ("backward", "backward_soft"), ("warning", "warning_soft"), ("error", "error_soft"), ("done", "done_soft"),
]  # fmt: skip


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@BOTH
@pytest.mark.parametrize(("ink", "ground"), TEXTS, ids=[f"{ink}-on-{ground}" for ink, ground in TEXTS])
def test_every_text_can_be_read(theme, ink, ground):
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 4.5


@BOTH
def test_outlines_of_controls_can_be_seen(theme):
    assert 3.2 <= contrast(theme.outline, theme.card) <= 4.45


@BOTH
@pytest.mark.parametrize("path", ["batch", "mini_batch", "stochastic"])
def test_paths_stand_out_from_their_casing(theme, path):
    assert contrast(getattr(theme, path), theme.casing) >= 4.45


@BOTH
def test_points_of_every_class_stand_out_from_their_casing(theme):
    assert min(contrast(colour, theme.casing) for colour in theme.classes) >= 3
    assert len(set(theme.classes)) == len(theme.classes)


@BOTH
@pytest.mark.parametrize("hue", ["positive", "negative"])
def test_numbers_in_the_confusion_matrix_can_be_read(theme, hue):
    for share in (0.0, 0.01, 0.3, 0.6, 1.0):
        assert contrast(theme.text, shade(theme.sunken, getattr(theme, hue), share).name()) >= 4.5


@BOTH
def test_a_strong_edge_can_be_seen(theme):
    for hue in (theme.positive, theme.negative):
        for t in (0.25, 0.5, 1.0):
            assert contrast(mix(theme.card, hue, 0.5 + 0.5 * t**0.6).name(), theme.card) >= 2.9
        assert contrast(mix(theme.card, hue, 0.5).name(), theme.card) >= 2.0


def test_the_colours_are_those_of_the_design_language():
    assert (LIGHT.accent, LIGHT.positive, LIGHT.negative) == ("#5443C9", "#1C6FD1", "#B85400")
    assert (DARK.accent, DARK.positive, DARK.negative) == ("#A99DFF", "#5AA7F7", "#F59338")
    assert LIGHT.activation_map == ("#DD7413", "#EFB77C", "#F6F3EE", "#8DB9EC", "#2273CF")
    assert DARK.activation_map == ("#F08A2C", "#8A5323", "#1D242E", "#26578C", "#4E9DF5")


@BOTH
def test_the_colour_table_goes_through_its_stops(theme):
    table = color_table(theme.activation_map)
    assert len(table) == 256
    for position, stop in zip((0, 255), (theme.activation_map[0], theme.activation_map[-1]), strict=True):
        assert f"#{int(table[position]) & 0xFFFFFF:06X}" == stop


@BOTH
@pytest.mark.usefixtures("qapp")  # it asks which fonts there are
def test_the_style_sheet_knows_every_name_it_uses(theme):
    sheet = style_sheet(theme)
    assert "%(" not in sheet
    used = set(re.findall(r"#[0-9A-F]{6}\b", sheet))
    assert used <= {value for value in vars(theme).values() if isinstance(value, str)}


@BOTH
def test_disabled_text_is_the_third_text_colour(theme):
    colours = palette(theme)
    assert colours.color(colours.ColorGroup.Disabled, colours.ColorRole.WindowText).name().upper() == theme.text_3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"), (-1.2345, "−1.234"), (1.0005, "1.000"), (float("nan"), "–"), (float("inf"), "∞"),
        (-float("inf"), "−∞"), (4.2e-5, "4.20e−05"), (-1e7, "−1.00e+07"), (0.0005, "0.001"), (999999.4, "999999.400"),
    ],
)  # fmt: skip
def test_numbers_have_a_true_minus_and_no_needless_digits(value, text):
    assert number(value) == text
