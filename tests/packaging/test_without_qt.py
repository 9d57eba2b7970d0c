"""The library and the command line work where PySide6 is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEADLESS = """
import importlib.abc
import pkgutil
import sys


class NoQt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "pyqtgraph", "qtawesome", "qtpy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NoQt())

import ann_studio as ann
import ann_studio.cli

for module in pkgutil.walk_packages(ann.__path__, "ann_studio."):
    if not module.name.startswith(("ann_studio.gui", "ann_studio.__main__")):
        __import__(module.name)

from ann_studio.storage.resources import experiments

trainer = ann.trainer(ann.load(next(iter(experiments().values()))))
before = trainer.snapshot().train_loss
trainer.run(epochs=5)
assert trainer.snapshot().train_loss < before
ann.export(trainer, sys.argv[1])
"""


def test_the_core_trains_and_exports_with_pyside6_absent(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    done = subprocess.run([sys.executable, "-c", HEADLESS, model], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert model.stat().st_size > 0
