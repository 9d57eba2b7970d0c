"""The engine's own exp, tanh and sigmoid, against the same functions in decimal arithmetic of 60 digits."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ann_studio.nn.kernels.elementary import exp, expm1_below_0, log1p_up_to_1, log_from_1, sigmoid, tanh

WIDE = Context(prec=60, Emin=-999_999, Emax=999_999)
ROOM = 4  # units in the last place
LEAST_NORMAL = np.finfo(np.float64).tiny


def decimal_exp(x: Decimal) -> Decimal:
    return WIDE.exp(x)


def decimal_expm1(x: Decimal) -> Decimal:
    if abs(x) > Decimal("1e-20"):
        return WIDE.subtract(WIDE.exp(x), Decimal(1))
    return WIDE.add(x, WIDE.divide(WIDE.multiply(x, x), Decimal(2)))


def decimal_tanh(x: Decimal) -> Decimal:
    e = decimal_expm1(WIDE.multiply(Decimal(-2), abs(x)))
    size = WIDE.divide(-e, WIDE.add(e, Decimal(2)))
    return size.copy_sign(x)


def decimal_sigmoid(x: Decimal) -> Decimal:
    e = WIDE.exp(-abs(x))
    return WIDE.divide(Decimal(1) if x >= 0 else e, WIDE.add(Decimal(1), e))


def decimal_log1p(x: Decimal) -> Decimal:
    if x > Decimal("1e-20"):
        return WIDE.ln(WIDE.add(Decimal(1), x))
    return WIDE.subtract(x, WIDE.divide(WIDE.multiply(x, x), Decimal(2)))


FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[Decimal], Decimal], float, float]] = {
    "exp": (exp, decimal_exp, -760.0, 709.78),
    "expm1_below_0": (expm1_below_0, decimal_expm1, -760.0, 0.0),
    "tanh": (tanh, decimal_tanh, -50.0, 50.0),
    "sigmoid": (sigmoid, decimal_sigmoid, -760.0, 760.0),
    "log1p_up_to_1": (log1p_up_to_1, decimal_log1p, 0.0, 1.0),
    "log_from_1": (log_from_1, WIDE.ln, 1.0, 1.7976931348623157e308),
}


def assert_right(name: str, x: float) -> None:
    function, exact, _, _ = FUNCTIONS[name]
    found, expected = function(x), exact(Decimal(x))
    # a result too small to be normal has the spacing of the least number
    spacing = np.spacing(abs(float(expected)))
    assert abs(Decimal(found) - expected) <= ROOM * Decimal(spacing), f"{name}({x!r}) = {found!r}, not {expected:.20}"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_right_to_four_units_in_the_last_place_all_over_their_range(name):
    _, _, low, high = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    sizes = 10.0 ** rng.uniform(-17, np.log10(max(-low, high)), 300)
    places = np.concatenate([rng.uniform(low, high, 300), sizes, -sizes])
    just_above_1 = 1.0 + sizes
    near_halves = np.log(2.0) * (np.arange(-80, 80) + 0.5)  # where the argument's reduction changes over
    for x in np.concatenate([places, just_above_1, near_halves]):
        if low <= x <= high:
            assert_right(name, float(x))


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
@settings(max_examples=200)
def test_functions_are_right_at_any_normal_number(name, data):
    _, _, low, high = FUNCTIONS[name]
    assert_right(name, data.draw(st.floats(low, high, allow_subnormal=False)))


@given(st.floats(min_value=50.0, allow_nan=False))
@example(float("inf"))
def test_tanh_and_sigmoid_end_at_their_bounds(x):
    assert (tanh(x), tanh(-x)) == (1.0, -1.0)
    assert sigmoid(x) == 1.0
    assert sigmoid(-max(x, 746.0)) == 0.0


@given(st.floats(max_value=-745.2, allow_nan=False))
def test_exp_of_what_is_far_below_0_is_0(x):
    assert exp(x) == 0.0
    assert expm1_below_0(x) == -1.0


@given(st.floats(min_value=709.79, allow_nan=False))
def test_exp_of_what_is_too_large_is_infinite(x):
    assert exp(x) == np.inf


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_no_number_stays_so(name):
    assert np.isnan(FUNCTIONS[name][0](float("nan")))


def test_infinities_and_zeros():
    assert (exp(float("-inf")), exp(0.0), exp(-0.0)) == (0.0, 1.0, 1.0)
    assert expm1_below_0(float("-inf")) == -1.0
    assert expm1_below_0(0.0) == log1p_up_to_1(0.0) == log_from_1(1.0) == 0.0
    assert log_from_1(float("inf")) == float("inf")
    assert (sigmoid(0.0), sigmoid(float("-inf"))) == (0.5, 0.0)
    assert np.signbit(tanh(-0.0))
    assert not np.signbit(tanh(0.0))


@given(st.floats(-LEAST_NORMAL, LEAST_NORMAL))
def test_numbers_too_small_to_be_normal_pass_through_tanh(x):
    assert tanh(x) == x


@given(st.floats(-745.0, -708.5))
def test_results_too_small_to_be_normal_are_right_to_their_spacing(x):
    expected = float(decimal_exp(Decimal(x)))
    assert abs(exp(x) - expected) <= 2 * 5e-324
    assert abs(sigmoid(x) - expected) <= 2 * 5e-324
