"""The wheel carries all that the program needs: built, installed elsewhere and used from there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

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


def python(*arguments: str | Path, cwd: Path, path: Path | None = None) -> str:
    """What a child Python prints; its error output is shown if it fails."""
    environment = os.environ | {"PYTHONPATH": str(path)} if path else os.environ
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


def test_installed_elsewhere_it_opens_its_icons_and_trains_its_experiments(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index")
    python(*pip, "--target", site, wheel, cwd=elsewhere)
    assert python("-c", USE, site, cwd=elsewhere, path=site)
