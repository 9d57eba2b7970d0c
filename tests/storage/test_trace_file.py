"""The log of a run has a row an epoch, and is there only after a run that ended well."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from ann_studio.storage.atomic import WriteError
from ann_studio.storage.trace_file import TraceFile

ROWS = np.array([[0, 0, 0.7, np.nan], [1, 25, 0.1 + 0.2, np.nan], [2, 50, 1e-17, np.inf]])


def test_the_numbers_are_read_back_bit_for_bit_and_what_is_absent_is_empty(tmp_path):
    with TraceFile(tmp_path / "t.csv") as trace_file:
        trace_file.write(ROWS[:1])
        trace_file.write(ROWS[1:])
    header, *rows = csv.reader((tmp_path / "t.csv").read_bytes().decode().split("\n")[:-1])
    assert header == ["epoch", "update", "train_loss", "validation_loss"]
    assert [row[:2] for row in rows] == [["0", "0"], ["1", "25"], ["2", "50"]]
    assert [float(row[2]) for row in rows] == ROWS[:, 2].tolist()
    assert [row[3] for row in rows] == ["", "", "inf"]


@pytest.mark.parametrize("end", [ValueError, KeyboardInterrupt])
def test_a_run_that_is_broken_off_leaves_nothing_at_any_time(end, tmp_path):
    during: list[Path] = []

    def run() -> None:
        with TraceFile(tmp_path / "t.csv") as trace_file:
            trace_file.write(ROWS)
            during.extend(tmp_path.iterdir())
            raise end

    with pytest.raises(end):
        run()
    assert [*during, *tmp_path.iterdir()] == []


def test_a_place_that_cannot_hold_it_is_told_before_the_run(tmp_path):
    with pytest.raises(WriteError, match="there is no folder"), TraceFile(tmp_path / "no" / "t.csv"):
        pytest.fail("the run began")


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with TraceFile(None) as trace_file:
        trace_file.write(ROWS)
    assert list(tmp_path.iterdir()) == []
