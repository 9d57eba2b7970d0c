"""The log in the platform's place, and the report that a person can copy into a message."""

from __future__ import annotations

import logging
import platform
import sys
from importlib import metadata
from logging.handlers import RotatingFileHandler
from pathlib import Path

import platformdirs

from ann_studio import __version__

_PARTS = ("PySide6-Essentials", "numpy", "numba", "msgspec", "onnx")


def log_path() -> Path:
    """Where the log lies; its folder may not exist yet."""
    return Path(platformdirs.user_log_dir("ann-studio", appauthor=False)) / "ann-studio.log"


def start_logging() -> None:
    """Write the program's log to `log_path`, at most two files of 1 MB; on standard error if that cannot be."""
    handler: logging.Handler
    try:
        path = log_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=2**20, backupCount=1, encoding="utf-8", delay=True)
    except OSError as error:
        handler = logging.StreamHandler()
        print(f"no log is kept: {log_path()}: {error.strerror}", file=sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("ann_studio")
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.info("ANN Studio %s on %s", __version__, platform.platform())


def problem_report(lines: int = 200) -> str:
    """Versions, machine and the last lines of the log as one text."""
    versions = [f"ANN Studio {__version__}", f"Python {platform.python_version()}", platform.platform()]
    for part in _PARTS:
        try:
            versions.append(f"{part} {metadata.version(part)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{part} is not installed")
    try:
        tail = log_path().read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    except OSError:
        tail = ["(there is no log)"]
    return "\n".join([*versions, "", f"Log ({log_path()}):", *tail]) + "\n"
