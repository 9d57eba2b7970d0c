"""Tables are read exactly or refused in one line with the place and the remedy."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ann_studio.data.table import Table, TableError, read_table
from ann_studio.data.table.columns import numbers
from ann_studio.data.table.reading import MOST_COLUMNS
from tests.data.table.tables import NAME, checked, read, refusal

DELIMITERS = [",", ";", "\t", "|"]
LINE_ENDS = ["\n", "\r\n", "\r"]
finite = st.floats(allow_nan=False, allow_infinity=False)


def grids(cells: st.SearchStrategy, columns: tuple[int, int] = (2, 5)) -> st.SearchStrategy:
    """Rows of equally many cells."""
    return st.integers(*columns).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8)
    )


def written(header: list[str], rows: list[list], **dialect: object) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, **dialect)
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


# --- what is read is what was written --------------------------------------------------------------------------------
@given(grids(finite), st.sampled_from(DELIMITERS), st.sampled_from(LINE_ENDS), st.booleans(), st.integers(0, 3))
@example([[-0.0, 5e-324], [1.7976931348623157e308, 0.1]], ";", "\r\n", True, 2)
def test_finite_numbers_come_back_to_the_bit(rows, delimiter, line_end, with_mark, blank_lines):
    header = [f"c{k}" for k in range(len(rows[0]))]
    text = written(header, rows, delimiter=delimiter, lineterminator=line_end) + line_end * blank_lines
    table = read(text.encode("utf-8-sig" if with_mark else "utf-8"))
    assert (table.delimiter, list(table.header)) == (delimiter, header)
    found = np.stack([numbers(table, k) for k in range(len(header))], axis=1)
    assert found.tobytes() == np.array(rows, dtype=np.float64).tobytes()


@given(grids(finite))
def test_decimal_commas_between_semicolons_come_back_to_the_bit(rows):
    cells = [[repr(value).replace(".", ",") for value in row] for row in rows]
    table = read(written([f"c{k}" for k in range(len(rows[0]))], cells, delimiter=";"))
    found = np.stack([numbers(table, k) for k in range(len(rows[0]))], axis=1)
    assert found.tobytes() == np.array(rows, dtype=np.float64).tobytes()


@given(
    grids(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9), (3, 3)),
    st.sampled_from(DELIMITERS),
    st.sampled_from(LINE_ENDS),
)
def test_quoted_texts_come_back_as_they_were(rows, delimiter, line_end):
    text = written(
        ["first", "second", "third"], rows, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL
    )
    table = read(text)
    assert table.header == ("first", "second", "third")
    assert list(zip(*table.columns, strict=True)) == [tuple(row) for row in rows]


def test_rows_know_the_line_in_which_they_begin():
    table = read('a,b\n1,"two\nlines"\n\n3,x\r\n4,"y"\n')
    assert table.lines == (2, 5, 6)
    assert table.cell(1, 1) == 'mine.csv, line 5, column 2 ("b")'


# --- whatever the bytes are ------------------------------------------------------------------------------------------
@given(st.one_of(st.binary(), st.text(',;\t|"\n\r 1a.-é\ufeff').map(str.encode), st.text().map(str.encode)))
@example(b'""\n')
@example(b"\xef\xbb\xbf\xff")
@example(b"\xff\0")
@example(b'"sep=;"\n')
def test_any_bytes_are_a_table_or_one_line_that_begins_with_the_name(raw):
    try:
        table = read_table(io.BytesIO(raw), NAME)
    except TableError as error:
        checked(error)
    else:
        assert isinstance(table, Table)
        assert len(set(table.header)) == len(table.header) == len(table.columns)
        assert {len(column) for column in table.columns} == {len(table.lines)}
        assert len(table.lines) > 0


def test_a_name_of_several_lines_is_told_on_one():
    with pytest.raises(TableError) as caught:
        read_table(io.BytesIO(b""), "my\nfile\x1b.csv")
    assert str(caught.value).startswith("my file .csv: ")


# --- files as programs write them ------------------------------------------------------------------------------------
def test_excel_in_europe_writes_mark_semicolons_decimal_commas_and_empty_rows():
    table = read('\ufeff"Größe";"Preis"\r\n1,5;2\r\n2,5;3\r\n;\r\n\r\n'.encode())
    assert table.header == ("Größe", "Preis")
    np.testing.assert_array_equal(numbers(table, 0), [1.5, 2.5, np.nan])


@pytest.mark.parametrize("line", ["sep=;\n", "SEP=;\r\n", '"sep=;"\r\n', "sep=;;\n"])
def test_a_line_that_tells_excel_the_delimiter_is_no_row(line):
    table = read(f"{line}a;b\n1,5;2\n")
    assert (table.header, table.lines) == (("a", "b"), (3,))


@pytest.mark.parametrize(
    "content", ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n", "a,b,\n1,2\n3,4\n", "a,b\n1,2,,,\n3,4\n"]
)
def test_delimiters_at_the_end_of_a_line_cost_no_row(content):
    table = read(content)
    assert table.header[:2] == ("a", "b")
    assert table.columns[:2] == (("1", "3"), ("2", "4"))
    assert not any("".join(column) for column in table.columns[2:])


def test_spaces_after_a_delimiter_do_not_count():
    assert read('a, b\n1, "x, y"\n2, z\n').columns == (("1", "2"), ("x, y", "z"))


# --- bad files -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("content", ["", "\n\n \r\n", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_called_empty(content):
    assert refusal(content) == ": the file is empty; choose one with a header and rows"


def test_a_binary_file_is_named_by_line_and_character():
    assert refusal(b"a,b\n1,\x00\x01\n").startswith(", line 2, character 3: this is a binary file; save it as CSV")


def test_a_workbook_is_called_one():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "workbook" in refusal(stream.getvalue())
    assert 'save it as CSV (in Excel: "CSV UTF-8")' in refusal(stream.getvalue())


def test_a_packed_file_is_to_be_unpacked():
    assert "unpack it first" in refusal(gzip.compress(b"a,b\n1,2\n"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_unicode_text_of_excel_is_called_utf_16(encoding):
    message = refusal("a\tb\r\n1\t2\r\n".encode(encoding))
    assert 'UTF-16, as Excel\'s "Unicode Text" is' in message
    assert 'in Excel: "CSV UTF-8"' in message


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_what_is_not_utf_8_is_named_by_line_and_character(mark, end):
    place = ", line 2, character 6: not UTF-8"
    assert refusal(mark + "naïve,b".encode() + end + "1,ñaé".encode()[:-2] + b"e\xe9,2" + end).startswith(place)
    assert refusal(mark + b"caf\xe9,b" + end + b"1,2" + end).startswith(", line 1, character 4: not UTF-8")


@given(grids(finite, (2, 4)), st.data())
def test_a_ragged_row_is_named_by_line_and_column(rows, data):
    rows = [[repr(value) for value in row] for row in rows]
    width = len(rows[0])
    position = data.draw(st.integers(0, len(rows) - 1))
    longer = data.draw(st.booleans())
    rows[position] = rows[position] + ["7"] if longer else rows[position][:-1]
    message = refusal(written([f"c{k}" for k in range(width)], rows))
    found = width + 1 if longer else width - 1
    assert message.startswith(f", line {position + 2}, column {width + longer}: {width} cells expected as in line 1")
    assert f", {found} cell" in message
    assert message.endswith("quote a cell that contains a comma" if longer else "add what is missing")


def test_lines_above_the_header_are_to_be_removed():
    message = refusal("Report of May\n\na;b;c\n1;2;3\n")
    assert message == ", line 3: 3 cells found, but a single one in line 1; remove what stands above the header"


@pytest.mark.parametrize("content", ["x y z\n1 2 3\n4 5 6\n", "  x    y\n 1.5   2\n 3    4\n", "a long name\n1 2\n3 4"])
def test_cells_separated_by_spaces_are_refused_kindly(content):
    assert refusal(content) == (
        ", line 1: the cells are separated by spaces; separate them by commas, semicolons or tabs"
    )


def test_an_open_quotation_mark_is_named_by_its_line():
    assert refusal('a,b\n1,2\n3,"4\n5,6\n') == (
        ", line 3: a quotation mark is opened and never closed; close it or remove it"
    )


def test_text_behind_a_closing_mark_is_named_by_its_line():
    assert refusal('a,b\n1,"2"x\n').startswith(", line 2: text follows a closing quotation mark")


def test_an_endless_cell_is_named_by_its_line():
    message = refusal('a,b\n1,"' + "x\n" * 100_000 + '"\n')
    assert message.startswith(", line 2: a cell is longer than 131,072 characters")


@pytest.mark.parametrize("content", ["a,b\n", "a,b", "\n\na;b\n\n"])
def test_a_header_without_rows_is_called_that(content):
    assert refusal(content).endswith(": there is a header and no row below it; add rows")


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_a_million_columns_are_refused_before_they_are_read(delimiter, monkeypatch):
    monkeypatch.setattr(csv, "reader", None)
    message = refusal(delimiter.join(["a"] * 1_000_000) + "\n")
    assert message == f", line 1: 1,000,000 columns; at most {MOST_COLUMNS:,} can be read, so leave some out"


def test_as_many_columns_as_can_be_read_are_read():
    row = ",".join(["1"] * MOST_COLUMNS)
    assert len(read(f"{row}\n{row}\n").columns) == MOST_COLUMNS
