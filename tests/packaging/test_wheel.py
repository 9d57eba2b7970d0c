"""The wheel carries all that the program needs: built, installed elsewhere and used from there.

There nothing is compiled yet, which takes more than a minute: once for all that is shown of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

#: run from another folder by a Python that finds the wheel's files first
USE = """
import sys
from pathlib import Path

import ann_studio as ann
from ann_studio.storage.resources import experiments, resource

site = Path(sys.argv[1])
assert Path(ann.__file__).is_relative_to(site), ann.__file__
assert resource().is_relative_to(site), resource()

from PySide6.QtGui import QGuiApplication, QIcon
application = QGuiApplication(["test"])
icons = [icon for icon in resource("icons").iterdir() if icon.suffix in (".svg", ".png")]
assert icons
for icon in icons:
    assert not QIcon(str(icon)).pixmap(32, 32).isNull(), icon

assert experiments()
for title, path in experiments().items():
    trainer = ann.trainer(ann.load(path))
    before = trainer.theta.copy()
    trainer.run(epochs=2)
    assert trainer.snapshot().train_loss >= 0, title
    assert (trainer.theta != before).any(), title
print(len(icons), len(experiments()))
"""

#: whether the engine is compiled and can be, before and after; where it is, and what it learns
LEARN = """
import json
from pathlib import Path

import ann_studio
from ann_studio.engine import compiler
from ann_studio.learning.experiment import from_plain

before = [compiler.is_compiled(), compiler.has_cache()]
tree = {
    "format": "ann-studio experiment", "version": 1, "data": {"kind": "generated", "name": "circle", "samples": 60},
    "network": {"hidden": [{"units": 4, "activation": "tanh"}, {"units": 3, "activation": "tanh"}]},
    "learning": {"kind": "supervised", "batch_size": 7, "optimizer": {"kind": "adam", "learning_rate": 0.02}},
}
trainer = ann_studio.trainer(from_plain(tree))
trainer.run(epochs=300)
after = [compiler.is_compiled(), compiler.has_cache()]
folders = sorted({entry.stats.cache_path for entry in compiler.entries()})
print(json.dumps({"before": before, "after": after, "folders": folders, "theta": trainer.theta.tolist()}))
"""


def python(*arguments: str | Path, cwd: Path, path: Path | None = None) -> str:
    """What a child Python prints; its error output is shown if it fails."""
    environment: Mapping[str, str] = os.environ
    if path:
        # the machine code lies beside the files, so that none of an earlier installation is found
        environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
        environment = environment | {"PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the source archive, as a distributor does: so the archive is complete too."""
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert len([*folder.glob("ann_studio-*.tar.gz")]) == 1
    return next(folder.glob("ann_studio-*.whl"))


def test_the_wheel_carries_the_resources_and_nothing_of_the_workshop(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {f.relative_to(ROOT).as_posix() for f in ROOT.joinpath("resources").rglob("*") if f.is_file()}
    assert {f"ann_studio/{name}" for name in shipped} <= {*names}
    assert "ann_studio/bench/native.c" in names
    assert {name.split("/")[0] for name in names} == {"ann_studio", wheel.name.split("-py3")[0] + ".dist-info"}
    assert not [name for name in names if "__pycache__" in name]


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel is installed."""
    folder = tmp_path_factory.mktemp("site")
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    python(*pip, "--target", folder, wheel, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def first(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the first process finds and learns there; it has all of the engine compiled."""
    return json.loads(python("-c", LEARN, cwd=tmp_path_factory.mktemp("first"), path=site))


def test_the_process_that_finds_nothing_compiled_computes_the_same_bits(
    first: dict[str, Any], site: Path, tmp_path: Path
) -> None:
    assert (first["before"], first["after"]) == ([False, True], [True, True])
    assert all(Path(folder).is_relative_to(site) for folder in first["folders"])
    here, second = json.loads(python("-c", LEARN, cwd=ROOT)), json.loads(python("-c", LEARN, cwd=tmp_path, path=site))
    assert second["before"] == [True, True]
    assert not {*here["folders"]} & {*first["folders"]}
    assert first["theta"] == second["theta"] == here["theta"]


@pytest.mark.usefixtures("first")
def test_installed_elsewhere_it_opens_its_icons_and_trains_its_experiments(site: Path, tmp_path: Path) -> None:
    assert python("-c", USE, site, cwd=tmp_path, path=site)
