"""Each column is recognised for what it is."""

from __future__ import annotations

import gc
import math
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ann_studio.data.table import ColumnInfo, TableError, describe, is_missing, suggest_target
from ann_studio.data.table.cells import parse_number
from ann_studio.data.table.columns import numbers
from tests.data.table.tables import checked, of_columns

ROWS = 40
OTHER = {"x": [str(k % 7 / 2) for k in range(ROWS)], "y": [str(k % 3) for k in range(ROWS)]}


def kind(cells: list[str], name: str = "it", delimiter: str = ",") -> str:
    """Of a column in the midst of others."""
    x, y = OTHER["x"][: len(cells)], OTHER["y"][: len(cells)]
    return describe(of_columns(delimiter, x=x, **{name: cells}, y=y))[1].kind


def repeated(*texts: str) -> list[str]:
    return [texts[k % len(texts)] for k in range(ROWS)]


# --- cells -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "-nan", "NULL", "?", "-", "#N/A", "#DIV/0!", " NA "])
def test_these_cells_are_missing(cell):
    assert is_missing(cell)


@pytest.mark.parametrize("cell", ["0", "none", "no", "nana", "--", "."])
def test_these_cells_are_not_missing(cell):
    assert not is_missing(cell)


@pytest.mark.parametrize("cell", ["1_000", "nan", "", "1,234.5", "12 kg", "0x1f", "1/2", "True", "1.2.3"])
def test_these_cells_are_no_numbers(cell):
    assert parse_number(cell) is None
    assert parse_number(cell, decimal_comma=True) is None


NUMBERISH = st.one_of(
    st.floats().map(repr),
    st.floats().map(lambda value: repr(value).replace(".", ",")),
    st.text("0123456789+-.,eE_ naif\u00a0", max_size=6),
    st.sampled_from(["", "NA", "-", "?", "inf", "-Infinity", "1e999", "nan", "١٢", "1_0", "a"]),
)


@given(st.lists(NUMBERISH, min_size=1, max_size=6), st.sampled_from(",;"))
@example(["1,5", "1_0"], ";")
@example(["nan", "-nan", "+NaN", "NA"], ",")
def test_a_column_holds_numbers_if_each_cell_that_is_there_does(cells, delimiter):
    expected = [math.nan if is_missing(cell) else parse_number(cell, delimiter == ";") for cell in cells]
    table = of_columns(delimiter, a=cells)
    if None in expected:
        assert numbers(table, 0) is None
    elif any(map(math.isinf, expected)):
        row = next(row for row, value in enumerate(expected) if math.isinf(value))
        with pytest.raises(TableError) as caught:
            numbers(table, 0)
        assert checked(caught.value).startswith(f', line {row + 2}, column 1 ("a"): ')
    else:
        np.testing.assert_array_equal(numbers(table, 0), expected)


def test_numbers_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        numbers(of_columns(a=["1", "2"]), 0)[0] = 5


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_an_infinite_number_is_named_by_line_and_column(cell):
    with pytest.raises(TableError) as caught:
        numbers(of_columns(a=["1", "2"], b=["3", cell]), 1)
    assert checked(caught.value) == (
        f', line 3, column 2 ("b"): {cell} is infinite or too large; correct it or leave it empty'
    )


# --- kinds -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("expected", "cells"),
    [
        ("number", [str(k * 1.5) for k in range(ROWS)]),
        ("number", repeated("1", "2", "")),
        ("number", [str(2000 - k) for k in range(ROWS)]),
        ("text", repeated("red", "green", "blue", "")),
        ("text", repeated("yes", "no")),
        ("text", repeated("0", "1", "2", "3+")),
        ("text", repeated("a value of words", "another one")),
        ("text", ["ann", "bob", "cid"]),
        ("constant", ["7"] * ROWS),
        ("constant", repeated("7.0", "7", "")),
        ("constant", repeated("yes", "")),
        ("empty", repeated("", "NA", "?")),
        ("free_text", [f"comment number {k}" for k in range(ROWS)]),
        ("free_text", [f"word{k % 25}" for k in range(ROWS)]),
        ("free_text", ["unknown", *(str(k * 1.5) for k in range(1, ROWS))]),  # numbers and a stray word
        ("identifier", [f"A-{k:05}" for k in range(ROWS)]),
        ("identifier", [f"p{k}" for k in range(12)]),  # few, but another in each row
    ],
)
def test_a_column_is_recognised(expected, cells):
    assert kind(cells) == expected


def test_decimal_commas_are_numbers_between_semicolons_alone():
    cells = [f"{k},5" for k in range(ROWS)]
    assert kind(cells, delimiter=";") == "number"
    assert kind(cells, delimiter="\t") != "number"


@pytest.mark.parametrize(
    "form",
    [
        "2024-01-{:02}", "{}.1.2024", "1/{}/24", "2024/1/{}", "2024-01-{:02}T12:30:00Z", "2024-01-{:02} 12:30",
        "12:{:02}", "8:{:02}:59.5", "{} Jan 2024", "{}-Jan-24", "January {}, 2024", "Sept {} 2024",
    ],
)  # fmt: skip
def test_dates_and_times_are_dates(form):
    assert kind([form.format(k % 28 + 1) for k in range(ROWS)]) == "date"
    assert kind([form.format(k % 2 + 11) for k in range(ROWS)]) == "date"


def test_months_are_dates():
    assert kind(repeated("2024-01", "2024-12")) == "date"
    assert kind(repeated("Jan 2024", "May 2025")) == "date"


@pytest.mark.parametrize("name", ["id", "ID", "PassengerId", "customer_id", "user id", "uuid", "Unnamed: 0", "Nr"])
def test_whole_numbers_that_never_repeat_under_such_a_name_are_an_identifier(name):
    assert kind([str(k * 17 % 1009) for k in range(ROWS)], name) == "identifier"
    assert kind(repeated("1", "2", "3"), name) == "number"
    assert kind([str(k * 1.5) for k in range(ROWS)], name) == "number"


@pytest.mark.parametrize("name", ["width", "acid", "grid", "nodes", "solid", "Paid"])
def test_names_that_merely_end_so_are_no_identifier(name):
    assert kind([str(k * 17 % 1009) for k in range(ROWS)], name) == "number"


def test_numbered_rows_are_an_identifier_only_in_the_first_column_beside_two_others():
    count = [str(k + 1) for k in range(ROWS)]
    assert describe(of_columns(n=count, **OTHER))[0].kind == "identifier"
    assert describe(of_columns(**OTHER, n=count))[2].kind == "number"
    assert describe(of_columns(n=count, y=OTHER["y"]))[0].kind == "number"
    assert describe(of_columns(n=[str(k + 1990) for k in range(ROWS)], **OTHER))[0].kind == "number"


def test_distinct_and_missing_cells_are_counted():
    table = of_columns(a=["1", "1.0", "", "2"], b=[" x", "x", "NA", "?"])
    assert describe(table) == (ColumnInfo("a", "number", 2, 1), ColumnInfo("b", "constant", 1, 2))


# --- target ----------------------------------------------------------------------------------------------------------
def test_the_target_is_suggested_by_its_name_or_stands_last():
    assert suggest_target(of_columns(Species=OTHER["y"], a=OTHER["x"], b=OTHER["x"])) == "Species"
    assert suggest_target(of_columns(a=OTHER["x"], b=OTHER["y"], c=["1"] * ROWS)) == "b"
    assert suggest_target(of_columns(a=["1"] * ROWS, b=["2"] * ROWS)) == "b"


# --- what is kept with the table -------------------------------------------------------------------------------------
def test_what_was_found_out_comes_along_from_another_process():
    table = of_columns(**OTHER)
    known = describe(table)
    again = pickle.loads(pickle.dumps(table))
    assert again.findings.keys() == table.findings.keys()
    assert describe(again) == known


def test_a_table_is_forgotten_with_what_was_found_out():
    table = of_columns(**OTHER)
    describe(table)
    gone = weakref.ref(table)
    del table
    gc.collect()
    assert gone() is None
