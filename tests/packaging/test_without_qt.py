"""The library and the command line work where PySide6 is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ann_studio.storage.resources import resource

NO_QT = """
import importlib.abc
import sys


class NoQt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph", "qtawesome", "qtpy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NoQt())

"""

LIBRARY = """
import pkgutil
import ann_studio as ann

qt = ("gui", "__main__", "bench.paint", "bench.start", "bench.travel", "bench.window")
for module in pkgutil.walk_packages(ann.__path__, "ann_studio."):
    if not module.name.removeprefix("ann_studio.").startswith(qt):
        __import__(module.name)

from ann_studio.storage.resources import experiments

trainer = ann.trainer(ann.load(next(iter(experiments().values()))))
before = trainer.snapshot().train_loss
trainer.run(epochs=5)
assert trainer.snapshot().train_loss < before
ann.export(trainer, sys.argv[1])
"""

COMMAND_LINE = """
from ann_studio import cli
cli.main()
"""


def python(code: str, *arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a child Python that has no Qt."""
    command = [sys.executable, "-c", NO_QT + code, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_the_core_trains_and_exports_with_pyside6_absent(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    done = python(LIBRARY, model, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert model.stat().st_size > 0


def test_the_command_line_trains_and_predicts_with_pyside6_absent(tmp_path: Path) -> None:
    iris = resource("datasets", "iris.csv")
    outputs = ["--export", "iris.onnx", "--log", "trace.csv"]
    done = python(COMMAND_LINE, "train", iris, "--target", "species", "--quiet", *outputs, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = python(COMMAND_LINE, "predict", "iris.onnx", iris, cwd=tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 151), done.stderr


def test_the_window_that_cannot_open_says_so_in_one_line(tmp_path: Path) -> None:
    done = python(COMMAND_LINE, cwd=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: the window needs Qt, which cannot be loaded")
    assert done.stderr.count("\n") == 1
