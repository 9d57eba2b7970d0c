"""The log lies where the platform keeps logs, and a report of a problem is one text with all that is asked for."""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import platformdirs
import pytest

import ann_studio
from ann_studio.storage import log_file
from ann_studio.storage.log_file import log_path, problem_report, start_logging


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A log of its own, and the program's logger as it was afterwards."""
    path = tmp_path / "logs" / "ann-studio.log"
    monkeypatch.setattr(log_file, "log_path", lambda: path)
    logger = logging.getLogger("ann_studio")
    handlers, level = [*logger.handlers], logger.level
    yield path
    for handler in [each for each in logger.handlers if each not in handlers]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)


def test_the_log_lies_in_the_platforms_place():
    assert log_path().is_relative_to(platformdirs.user_log_dir("ann-studio", appauthor=False))


def test_what_modules_log_is_in_the_file(log):
    start_logging()
    logging.getLogger("ann_studio.engine.runner").warning("größer als %s", 3)
    first, second = log.read_text(encoding="utf-8").splitlines()
    assert f"ANN Studio {ann_studio.__version__}" in first
    assert second.endswith("WARNING ann_studio.engine.runner: größer als 3")


def test_the_log_does_not_grow_without_end(log):
    start_logging()
    for _ in range(30):
        logging.getLogger("ann_studio").info("x" * 100_000)
    sizes = [file.stat().st_size for file in log.parent.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= 2**20


def test_without_a_place_for_the_log_the_program_starts_all_the_same(log, capsys):
    log.parent.write_text("a file where the folder should be")
    start_logging()
    logging.getLogger("ann_studio").warning("still told")
    err = capsys.readouterr().err
    assert "no log is kept" in err
    assert "still told" in err


def test_the_report_has_versions_machine_and_the_end_of_the_log(log):
    log.parent.mkdir()
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(300)) + b"\xff\n")
    report = problem_report(lines=3)
    for words in (
        f"ANN Studio {ann_studio.__version__}",
        f"Python {platform.python_version()}",
        platform.platform(),
        f"numpy {np.__version__}",
        f"onnx {metadata.version('onnx')}",
        f"Log ({log}):\nline 298\nline 299\n",
    ):
        assert words in report
    assert "line 297" not in report


def test_the_report_says_what_is_not_there(log, monkeypatch):
    def version(part: str) -> str:
        raise metadata.PackageNotFoundError(part)

    monkeypatch.setattr(log_file.metadata, "version", version)
    report = problem_report()
    assert "PySide6-Essentials is not installed" in report
    assert "(there is no log)" in report
