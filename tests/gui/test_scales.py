"""Numbers as they are written on the screen."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.gui.scales import significant


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (0.0, 4, "0.000"), (-0.0, 4, "0.000"), (9.9996, 4, "10.00"), (0.00099996, 4, "0.001000"), (-1.5, 3, "−1.50"),
        (12345.6, 4, "12346"), (math.nan, 4, "–"), (math.inf, 3, "∞"),
    ],
)  # fmt: skip
def test_a_number_has_as_many_digits_as_are_asked_for(value, digits, said):
    assert significant(value, digits) == said


@given(st.floats(1e-4, 9e5), st.integers(2, 5))
def test_what_is_said_is_the_number_to_that_many_digits(value, digits):
    said = float(significant(value, digits))
    assert said == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))
