"""Cells become numbers, and what cannot is set aside with a word or refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.data.dataset import Dataset, NumberColumn, TextColumn
from ann_studio.data.table import Table, TableError, conversion, encode_rows, to_dataset
from tests.data.table.tables import checked, of_columns

ROWS = 40
X = [str(k % 7 / 2) for k in range(ROWS)]
Y = ["ab"[k % 2] for k in range(ROWS)]


def refused(table: Table, *target: str, **choices: object) -> str:
    with pytest.raises(TableError) as caught:
        to_dataset(table, target, **choices)
    return checked(caught.value)


def noted(**columns: list[str]) -> tuple[str, ...]:
    """The notes on `columns` beside an ordinary input and target."""
    return to_dataset(of_columns(**columns, x=X, y=Y), ["y"]).notes


# --- inputs ----------------------------------------------------------------------------------------------------------
def test_all_other_columns_are_inputs_in_their_order():
    table = of_columns(a=["1", "2", "3"], y=["u", "v", "u"], c=["red", "blue", "red"], b=["3", "5", "4"])
    dataset = to_dataset(table, ["y"])
    assert dataset.columns == (NumberColumn("a"), TextColumn("c", ("blue", "red")), NumberColumn("b"))
    assert dataset.input_names == ("a", "c=blue", "c=red", "b")
    np.testing.assert_array_equal(dataset.inputs, [[1, 0, 1, 3], [2, 1, 0, 5], [3, 0, 1, 4]])


def test_inputs_can_be_chosen_and_keep_the_chosen_order():
    table = of_columns(a=["1", "2"], b=["3", "4"], c=["5", "6"], y=["u", "v"])
    assert to_dataset(table, ["y"], ["c", "a"]).inputs.tolist() == [[5, 1], [6, 2]]


@given(st.lists(st.sampled_from(["red", "green ", " blue", "", "NA", "green"]), min_size=3, max_size=ROWS))
def test_a_text_becomes_one_input_a_value(cells):
    known = sorted({cell.strip() for cell in cells} - {"", "NA"})
    table = of_columns(c=cells, x=X[: len(cells)], y=Y[: len(cells)])
    if len(known) < 2:
        return
    dataset = to_dataset(table, ["y"], missing="fill")
    assert dataset.columns[0] == TextColumn("c", tuple(known))
    expected = [[float(cell.strip() == value) for value in known] for cell in cells]
    np.testing.assert_array_equal(dataset.inputs[:, : len(known)], expected)


# --- set aside with a word -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ([f"A-{k:05}" for k in range(ROWS)], "“it” is an identifier and was set aside."),
        ([f"2024-01-{k % 28 + 1:02}" for k in range(ROWS)], "“it” holds dates and was set aside."),
        (["7"] * ROWS, "“it” is the same in every row and was set aside."),
        ([""] * ROWS, "“it” is empty and was set aside."),
        (
            [f"comment number {k}" for k in range(ROWS)],
            "“it” holds free text, such as “comment number 0”, and was set aside.",
        ),
        (
            ["1", "12 kg", *(str(k * 1.5) for k in range(2, ROWS))],
            "“it” holds numbers, but “12 kg” in line 3, and was set aside.",
        ),
    ],
)
def test_what_no_network_can_use_is_set_aside_with_a_word(cells, word):
    assert noted(it=cells) == (word,)


def test_an_ordinary_table_needs_no_word():
    assert noted() == ()


def test_a_column_that_is_constant_once_rows_were_left_out_is_set_aside():
    table = of_columns(c=["A", "A", "B"], d=["1", "1", "2"], x=["1", "2", ""], y=["u", "v", "u"])
    dataset = to_dataset(table, ["y"])
    assert dataset.columns == (NumberColumn("x"),)
    assert dataset.notes == (
        "1 row with missing cells left out, most in “x”.",
        "“c” is the same in every row that was kept and was set aside.",
        "“d” is the same in every row that was kept and was set aside.",
    )


def test_texts_of_rows_that_were_left_out_are_no_inputs():
    table = of_columns(c=["A", "B", "C"], x=["1", "2", ""], y=["u", "v", "u"])
    assert to_dataset(table, ["y"]).columns[0] == TextColumn("c", ("A", "B"))


def test_an_input_that_was_asked_for_stays_though_constant():
    table = of_columns(c=["7", "7"], x=["1", "2"], y=["u", "v"])
    assert to_dataset(table, ["y"], ["c", "x"]).inputs.tolist() == [[7, 1], [7, 2]]


# --- missing cells ---------------------------------------------------------------------------------------------------
CELLS = st.one_of(st.just(""), st.integers(0, 9).map(lambda value: f"{value}.5"))


@given(st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["u", "v", ""])), min_size=2, max_size=30))
def test_missing_cells_are_counted_and_dropped_or_filled(rows):
    a, b, y = map(list, zip(*rows, strict=True))
    raw = np.array([[float(cell or "nan") for cell in row[:2]] for row in rows])
    target = np.array([{"u": 0.0, "v": 1.0, "": np.nan}[cell] for cell in y])
    for missing in ("drop", "fill"):
        known = ~np.isnan(target)
        gaps = np.isnan(raw).any(axis=1) & known
        if missing == "drop":
            known &= ~gaps
        if len(np.unique(target[known])) < 2 or any(len(np.unique(c[known & ~np.isnan(c)])) < 2 for c in raw.T):
            continue
        dataset = to_dataset(of_columns(a=a, b=b, y=y), ["y"], missing=missing)
        np.testing.assert_array_equal(dataset.inputs, raw[known])
        np.testing.assert_array_equal(dataset.targets[:, 0], target[known])
        assert dataset.fill_missing == (missing == "fill")
        counts = [int(note.split()[0]) for note in dataset.notes]
        assert counts == [int(count) for count in (np.isnan(target).sum(), gaps.sum()) if count]


def test_missing_cells_of_columns_that_are_no_input_cost_no_row():
    table = of_columns(id=["A", "", "C"], w=["", "", ""], x=["1", "2", "3"], y=["u", "v", "u"])
    assert to_dataset(table, ["y"], ["x"]).rows == 3


def test_a_missing_text_that_is_filled_is_none_of_the_values():
    table = of_columns(c=["red", "", "blue"], x=["1", "2", "3"], y=["u", "v", "u"])
    assert to_dataset(table, ["y"], missing="fill").inputs[1].tolist() == [0, 0, 2]


def test_a_table_of_which_no_row_would_be_left_is_refused_with_the_other_choice():
    table = of_columns(a=["1", "", "", "2"], b=["", "2", "3", ""], y=["u", "v", "u", "v"])
    assert refused(table, "y") == ": every row has a missing cell, most in “a”; fill them or leave it out"
    assert to_dataset(table, ["y"], missing="fill").rows == 4


# --- refused ---------------------------------------------------------------------------------------------------------
def test_a_column_that_is_not_there_is_refused_with_those_that_are_like_it():
    table = of_columns(species=["u", "v"], width=["1", "2"])
    assert refused(table, "Species") == (': there is no column "Species"; choose one of its columns, such as "species"')
    assert refused(table, "qqq") == (
        ': there is no column "qqq"; choose one of its columns, such as "species", "width"'
    )


def test_a_single_column_is_refused():
    assert refused(of_columns(y=["1", "2"]), "y") == (
        ": only one column; separate the cells by commas, semicolons or tabs"
    )


def test_a_single_row_is_refused():
    assert refused(of_columns(x=["1"], y=["2"]), "y") == ", line 2: this is the only row; add rows"


def test_a_table_without_a_column_for_the_input_is_refused():
    table = of_columns(c=["7", "7", "7"], y=["1", "2", "1"])
    message = refused(table, "y")
    assert message.startswith(": no column is left that could be an input; “c” is the same in every row")
    table = of_columns(x=["1", "1", "2", ""], z=["3", "3", "", "4"], y=["a", "b", "a", "b"])
    assert refused(table, "y").endswith("“x” is the same in every row that was kept and was set aside; add other rows")


@pytest.mark.parametrize(
    ("target", "inputs", "word"),
    [
        (["y", "y"], None, 'column 2 ("y"): named twice as target'),
        (["y"], ["x", "x"], 'column 1 ("x"): named twice as input'),
        (["y"], ["y"], 'column 2 ("y"): both target and input'),
        (["y"], [], "no input column is chosen"),
        (["y"], ["z"], 'there is no column "z"'),
        (["y"], ["x", "when"], 'column 3 ("when"): holds dates and cannot be an input'),
    ],
)
def test_choices_that_make_no_sense_are_refused(target, inputs, word):
    table = of_columns(x=X, y=Y, when=[f"2024-01-{k % 28 + 1:02}" for k in range(ROWS)])
    assert word in refused(table, *target, inputs=inputs)


@pytest.mark.parametrize("cell", ["inf", "1e999", "-1e76"])
def test_a_number_too_large_to_be_scaled_is_named_by_line_and_column(cell):
    table = of_columns(x=["1", cell, "3"], y=["u", "v", "u"])
    assert refused(table, "y").startswith(f', line 3, column 1 ("x"): {cell} is infinite or too large')


def test_too_large_a_number_in_a_column_that_is_no_input_does_not_matter():
    table = of_columns(x=["1", "2"], w=["1", "inf"], y=["u", "v"])
    assert to_dataset(table, ["y"], ["x"]).rows == 2


def test_more_inputs_than_the_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr(conversion, "MOST_INPUTS", 100)
    assert refused(of_columns(a=X, b=X, c=X, y=Y), "y").startswith(": 40 rows of 3 inputs need too much memory")


# --- new rows --------------------------------------------------------------------------------------------------------
def test_new_rows_are_encoded_as_those_that_were_learned():
    columns = {"c": ["red", "blue", "red", "red"], "x": ["1", "2", "3", "4"]}
    dataset = to_dataset(of_columns(**columns, y=["u", "v", "u", "v"]), ["y"])
    again = of_columns(x=columns["x"], extra=["?"] * 4, c=columns["c"])
    np.testing.assert_array_equal(encode_rows(again, dataset.columns), dataset.inputs)


def test_gaps_and_unknown_texts_of_new_rows_are_marked():
    columns = (TextColumn("c", ("blue", "red")), NumberColumn("x"))
    table = of_columns(c=["red", "mauve", ""], x=["1", "", "1e200"])
    np.testing.assert_array_equal(encode_rows(table, columns), [[0, 1, 1], [0, 0, np.nan], [0, 0, 1e200]])


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (of_columns(x=["1", "tall"]), ", line 3, column 1 (\"x\"): 'tall' is not a number; correct it"),
        (of_columns(z=["1", "2"]), ': there is no column "x"'),
        (of_columns(x=["1", "inf"]), ', line 3, column 1 ("x"): inf is infinite'),
    ],
)
def test_new_rows_that_do_not_fit_are_refused_with_the_place(table, word):
    with pytest.raises(TableError) as caught:
        encode_rows(table, (NumberColumn("x"),))
    assert checked(caught.value).startswith(word)


def test_a_dataset_of_a_table_is_raw():
    dataset = to_dataset(of_columns(x=["1000", "2000", "3000"], y=["u", "v", "u"]), ["y"])
    assert isinstance(dataset, Dataset)
    assert dataset.inputs[:, 0].tolist() == [1000, 2000, 3000]
