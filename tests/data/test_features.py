"""Features: each name is its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ann_studio.data.features import EXTRA, expand, parse, pretty

WIDTH = 3
PLAIN = {f"x{i}": (lambda row, i=i: row[i - 1]) for i in range(1, WIDTH + 1)}
SQUARES = {f"x{i}^2": (lambda row, i=i: row[i - 1] ** 2) for i in range(1, WIDTH + 1)}
SINES = {f"sin(x{i})": (lambda row, i=i: math.sin(row[i - 1])) for i in range(1, WIDTH + 1)}
PRODUCTS = {
    f"x{i}*x{j}": (lambda row, i=i, j=j: row[i - 1] * row[j - 1])
    for i in range(1, WIDTH + 1)
    for j in range(1, WIDTH + 1)
}
FORMULAS = PLAIN | SQUARES | SINES | PRODUCTS


@given(
    raw=arrays.arrays(np.float64, st.tuples(st.integers(0, 6), st.just(WIDTH)), elements=st.floats(-1e6, 1e6)),
    names=st.lists(st.sampled_from(sorted(FORMULAS)), max_size=8),
)
def test_a_feature_is_its_formula(raw, names):
    before = raw.copy()
    shown = expand(raw, names)
    assert shown.shape == (len(raw), len(names))
    for row, values in zip(raw, shown, strict=True):
        for name, value in zip(names, values, strict=True):
            assert value == pytest.approx(FORMULAS[name](row), rel=1e-15, abs=1e-15)
    shown[:] = 7.0
    assert np.array_equal(raw, before)


def test_plain_features_are_the_raw_columns_to_the_bit():
    raw = np.random.default_rng(1).normal(size=(20, 4))
    assert np.array_equal(expand(raw, ["x1", "x2", "x3", "x4"]), raw)
    assert np.array_equal(expand(raw, ["x3", "x1"]), raw[:, [2, 0]])


def test_every_feature_that_the_window_offers_can_be_computed():
    assert expand(np.array([[2.0, 3.0]]), EXTRA).tolist() == [[4, 9, 6, math.sin(2), math.sin(3)]]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("x1", ("plain", (0,))),
        ("x12", ("plain", (11,))),
        ("x2^2", ("square", (1,))),
        ("x3*x1", ("product", (2, 0))),
        (" x1 * x2 ", ("product", (0, 1))),
        ("sin(x2)", ("sine", (1,))),
    ],
)
def test_a_name_is_split_into_kind_and_columns(name, found):
    assert parse(name, 12) == found


NONSENSE = ("", "x", "y1", "x-1", "x1^3", "x1+x2", "x1*x2*x3", "cos(x1)", "sin(x1*x2)", "sin x1", "X1")


@pytest.mark.parametrize("name", NONSENSE)
def test_what_is_no_feature_is_refused_with_those_that_are(name):
    with pytest.raises(ValueError, match=r"unknown feature .* write x1, x1\^2, x1\*x2 or sin\(x1\)"):
        parse(name, 2)


@pytest.mark.parametrize(("name", "number"), [("x0", 0), ("x3", 3), ("x1*x9", 9), ("x9*x1", 9), ("sin(x3)", 3)])
def test_a_column_that_is_not_there_is_named(name, number):
    with pytest.raises(ValueError, match=f"asks for input {number} of 2"):
        parse(name, 2)


def test_features_are_shown_as_a_person_writes_them():
    assert [pretty(name) for name in ("x1", "x12^2", "x1*x2", "sin(x2)")] == ["x₁", "x₁₂²", "x₁·x₂", "sin x₂"]
