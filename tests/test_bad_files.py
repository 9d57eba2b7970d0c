"""A bad file is one line and exit code 2, and leaves nothing behind: for each kind, and for a hundred more."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ann_studio import cli

NAME, MODEL, LOG = "table.csv", "out.onnx", "t.csv"


def run(*arguments: object) -> tuple[int, str, str]:
    """Run ``ann-studio`` in this process: exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["ann-studio", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return ended.value.code or 0, out.getvalue(), err.getvalue()


def train(content: bytes, target: str, folder: Path, *more: object) -> str:
    """Train on a table with such a content; what is said on standard error, nothing if it succeeds."""
    path = folder / NAME
    path.write_bytes(content)
    export, log = folder / MODEL, folder / LOG
    code, out, err = run(
        "train", path, "--target", target, "--epochs", 1, "--quiet", "--export", export, "--log", log, *more
    )
    left = {entry.name for entry in folder.iterdir()}
    assert out == ""
    if code == 0:
        assert err == ""
        assert left == {NAME, MODEL, LOG}
        return ""
    assert code == 2
    # what is said of the table, or of an experiment that does not suit it, with a JSON path
    assert err.startswith((f"error: {NAME}", f"error: {path}: $"))
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    assert left == {NAME}
    assert path.read_bytes() == content
    return err


LINES = "".join(f"{k},{k % 7 / 2},{'ab'[k % 2]}\n" for k in range(30))
GOOD = f"x,w,y\n{LINES}"
BAD = {
    "empty": (b"", "the file is empty"),
    "blank lines": (b"\r\n\r\n", "the file is empty"),
    "binary": (GOOD.encode() + b"\0\1\2", "line 32, character 1: this is a binary file"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is a binary file"),
    "workbook": (b"PK\x03\x04\x14\0\x06\0", "save it as CSV"),
    "packed": (gzip.compress(GOOD.encode()), "unpack it"),
    "ragged, short": (f"{GOOD}1,2\n".encode(), "line 32, column 3: 3 cells expected as in line 1, 2 cells found"),
    "ragged, long": (f"{GOOD}1,2,a,4\n".encode(), "line 32, column 4: 3 cells expected as in line 1, 4 cells found"),
    "title above": (f"A report\n\n{GOOD}".encode(), "line 3: 3 cells found, but a single one in line 1"),
    "one class": (GOOD.replace(",b\n", ",a\n").encode(), "column 3 (\"y\"): only one class ('a')"),
    "one number": (b"x,y\n1,0.5\n2,0.5\n3,0.5\n", 'column 2 ("y"): the target is the same in every row'),
    "many classes": (("x,y\n" + "".join(f"{k % 9},c {k}\n" for k in range(300))).encode(), "300 classes, at most 100"),
    "a million columns": (b",".join([b"y"] * 1_000_000) + b"\n", "line 1: 1,000,000 columns"),
    "not UTF-8": (f"{GOOD}1,2,é\n".encode("latin-1"), "line 32, character 5: not UTF-8"),
    "UTF-16": (GOOD.encode("utf-16"), "UTF-16"),
    "header alone": (b"x,w,y\n", "line 1: there is a header and no row below it"),
    "single row": (b"x,w,y\n1,2,a\n", "line 2: this is the only row"),
    "open quotation": (f'{GOOD}1,"2,a\n3,4,b\n'.encode(), "line 32: a quotation mark is opened and never closed"),
    "infinite": (f"{GOOD}1,inf,a\n".encode(), 'line 32, column 2 ("w"): inf is infinite'),
    "too large": (f"{GOOD}1,1e400,a\n".encode(), 'line 32, column 2 ("w"): 1e400 is infinite or too large'),
    "no such target": (GOOD.replace("y", "z").encode(), 'there is no column "y"'),
    "no target cells": (b"x,y\n1,\n2,\n3,\n", 'column 2 ("y"): no row has a target'),
    "stray word": (
        ("x,y\n" + "".join(f"{k % 7},{k * 1.5}\n" for k in range(30)) + "1,much\n").encode(),
        "line 32, column 2 (\"y\"): 'much' is not a number",
    ),
    "spaces": (GOOD.replace(",", "  ").encode(), "line 1: the cells are separated by spaces"),
    "one column": (b"y\n1\n2\n3\n", "only one column"),
    "no input": (b"c,y\n7,a\n7,b\n7,a\n", "no column is left that could be an input"),
    "gaps in each row": (b"x,w,y\n1,,a\n,2,b\n3,,a\n,4,b\n", "every row has a missing cell"),
}


def test_the_good_file_from_which_the_bad_ones_are_made_is_learned(tmp_path):
    assert train(GOOD.encode(), "y", tmp_path) == ""


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_one_line_with_place_and_remedy(kind, tmp_path):
    content, words = BAD[kind]
    message = train(content, "y", tmp_path)
    assert message.startswith(f"error: {NAME}")
    assert words in message
    assert "; " in message or ", so " in message


def test_a_file_that_is_not_there_and_a_folder_are_one_line(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        code, out, err = run("train", path, "--target", "y", "--export", tmp_path / MODEL, "--log", tmp_path / LOG)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert err.startswith(f"error: {path}: cannot be read")
        assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_there_before_outlives_a_bad_table(tmp_path):
    (tmp_path / MODEL).write_bytes(b"an earlier model")
    (tmp_path / LOG).write_bytes(b"an earlier log")
    (tmp_path / NAME).write_bytes(b"x,y\n1\n")
    code, _, _ = run("train", tmp_path / NAME, "--target", "y", "--export", tmp_path / MODEL, "--log", tmp_path / LOG)
    assert code == 2
    assert (tmp_path / MODEL).read_bytes() == b"an earlier model"
    assert (tmp_path / LOG).read_bytes() == b"an earlier log"
    assert len(list(tmp_path.iterdir())) == 3


def test_what_was_set_aside_or_left_out_of_a_good_file_is_told(tmp_path):
    (tmp_path / NAME).write_text(GOOD.replace("\n", ",7\n").replace("y,7", "y,c") + "30,,a,7\n", encoding="utf-8")
    told = (
        "note: “x” is an identifier and was set aside.\n"
        "note: “c” is the same in every row and was set aside.\n"
        "note: 1 row with missing cells left out, most in “w”.\n"
    )
    for quiet, expected in ([], told), (["--quiet"], ""):
        code, _, err = run("train", tmp_path / NAME, "--target", "y", "--epochs", 1, "--json", *quiet)
        assert (code, err) == (0, expected)


def test_a_bad_table_of_new_rows_is_one_line_and_writes_nothing(tmp_path):
    train(GOOD.encode(), "y", tmp_path)
    for content in (b"", b"x,w\n1\n", b"x,w\n1,\xe9\n", b"x,v\n1,2\n", b"x,w\n1,much\n2,3\n"):
        (tmp_path / NAME).write_bytes(content)
        code, out, err = run("predict", tmp_path / MODEL, tmp_path / NAME, "--out", tmp_path / "new.csv")
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert err.startswith("error: ")
        assert NAME in err
        assert not (tmp_path / "new.csv").exists()


def test_new_rows_of_a_single_column_are_no_bad_file(tmp_path):
    train(b"x,y\n" + b"".join(b"%d,%d\n" % (k % 9, k % 3) for k in range(30)), "y", tmp_path)
    (tmp_path / "new.csv").write_bytes(b"x\n1\n2\n")
    code, out, err = run("predict", tmp_path / MODEL, tmp_path / "new.csv")
    assert (code, err) == (0, "")
    assert [row["x"] for row in csv.DictReader(out.splitlines())] == ["1", "2"]


# --- a hundred files -------------------------------------------------------------------------------------------------
KINDS = [
    st.integers(0, 2).map(str),
    st.floats(-1e3, 1e3).map(repr),
    st.floats(-1e3, 1e3).map(lambda value: repr(value).replace(".", ",")),
    st.floats().map(repr),
    st.sampled_from(["red", "green", "blue", ""]),
    st.sampled_from(["", "NA", "?", "7", "1e70", "inf", "1e80", "2024-01-31", 'say "no"', "two\nlines"]),
    st.text(max_size=5),
]


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table as a program might write it, with a column `y` and others of many kinds."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=draw(st.sampled_from([1, 2, 2])), max_size=4))
    rows = draw(st.lists(st.tuples(*kinds), min_size=draw(st.sampled_from([0, 5, 10, 10])), max_size=25))
    stream = io.StringIO(newline="")
    delimiter, line_end = draw(st.sampled_from(",,;;\t|")), draw(st.sampled_from(["\n", "\r\n"]))
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end)
    writer.writerow([*"abc"[: len(kinds) - 1], "y"])
    writer.writerows(rows)
    return stream.getvalue()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The bytes of a table in some encoding, into which something was put, or of which something was cut away."""
    raw = draw(tables()).encode(draw(st.sampled_from(["utf-8"] * 6 + ["utf-8-sig", "utf-16"])), "replace")
    harm = draw(st.sampled_from([b",", b'"', b"\n", b"\r", b" ", b"\0", b"\xe9", b";;", b"_", b""]))
    place = draw(st.integers(0, len(raw)))
    return raw[:place] + harm + raw[min(len(raw), place + draw(st.integers(0, 3))) :]


FILES = st.one_of(
    tables().map(lambda text: text.encode("utf-8", "replace")),
    damaged(),
    st.binary(max_size=200),
    st.text(max_size=200).map(str.encode),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(FILES, st.sampled_from(["y", "y", "y", "column 2"]), st.sampled_from(["drop", "fill"]))
def test_any_file_is_learned_or_refused_in_one_line(content, target, missing):
    with tempfile.TemporaryDirectory() as folder:
        train(content, target, Path(folder), "--set", f"data.missing={missing}")
