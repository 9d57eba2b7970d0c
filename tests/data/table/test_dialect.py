"""Delimiter and header are found."""

from __future__ import annotations

import pytest

from tests.data.table.tables import read


# --- delimiter -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1;2\n", ";"),
        ("a\tb\n1\t2\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("1,5;2,5\n3,5;4,5\n", ";"),  # three cells by commas, two numbers by semicolons
        ("name;place\nDoe, J.;Bonn\nRoe;Köln, Rhein\n", ";"),
        ("a,b\n1,x;y\n2,z;w\n", ","),
        ("Name, first\tAge\nAnn\t3\nBob\t4\n", "\t"),
        ('a;"b,c"\n1;"2,3"\n', ";"),
        ("only\n1\n2\n", ","),
    ],
)
def test_the_delimiter_is_what_gives_even_rows_of_numbers(content, delimiter):
    assert read(content).delimiter == delimiter


# --- header ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content",
    [
        "size,colour\n1,red\n2,blue\n",
        "colour,taste\nred,sweet\nred,sour\n",  # all words, each another
        "size,size\n1,2\n3,4\n",
        "size,\n1,2\n3,4\n",
        "size,2020\n1,2\n3,4\n",
        "size,weight\n?,2\n3,NA\n",
        "size\n1\n2\n",
    ],
)
def test_words_above_numbers_or_all_different_words_are_a_header(content):
    table = read(content)
    assert table.lines[0] == 2
    assert table.header[0] == content[: content.index("\n")].split(",")[0]


@pytest.mark.parametrize(
    "content", ["1,2\n3,4\n", "5.1,3.5,setosa\n4.9,3.0,virginica\n", "p,x,x\ne,x,s\n", ",2\n3,4\n", "NA,2\n3,4\n"]
)
def test_a_first_row_like_the_others_is_data(content):
    table = read(content)
    assert table.lines[0] == 1
    assert table.header == tuple(f"column {k + 1}" for k in range(len(table.columns)))


def test_names_that_repeat_or_are_empty_are_numbered():
    header = read("a,a, a ,,column 4,a (2)\n1,2,3,4,5,6\n").header
    assert header == ("a", "a (2)", "a (3)", "column 4", "column 4 (2)", "a (2) (2)")


def test_a_name_of_several_lines_becomes_one():
    assert read('"the\n name\t",b\n1,2\n').header == ("the name", "b")
