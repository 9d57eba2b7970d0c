"""Each import contract of pyproject.toml bites: a planted violation breaks it, and it alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = "Each floor imports only floors below it"
QT = "Qt is imported in gui alone"
PURE = "nn, data, learning and analysis know no thread, no clock and no file"
VIEWS = "No view imports another"
ONE_DIRECTION = "A view reaches the runner by commands alone"

#: what is planted: the contract that must break, the file and what is added to it
PLANTS = {
    "nn imports data": (FLOORS, {"nn/losses.py": "import ann_studio.data.dataset"}),
    "data imports learning": (FLOORS, {"data/dataset.py": "import ann_studio.learning.experiment"}),
    "learning imports analysis": (FLOORS, {"learning/state.py": "import ann_studio.analysis.pictures"}),
    "analysis imports engine": (FLOORS, {"analysis/planted.py": "import ann_studio.engine.messages"}),
    "storage imports its sibling engine": (FLOORS, {"storage/resources.py": "import ann_studio.engine.messages"}),
    "engine imports its sibling storage": (FLOORS, {"engine/messages.py": "import ann_studio.storage.resources"}),
    "engine imports gui": (FLOORS, {"engine/messages.py": "import ann_studio.gui.theme"}),
    "lessons imports gui": (
        FLOORS,
        {"lessons/__init__.py": "", "lessons/planted.py": "import ann_studio.gui.theme"},
    ),
    "storage imports lessons": (
        FLOORS,
        {"lessons/__init__.py": "", "storage/resources.py": "import ann_studio.lessons"},
    ),
    "gui imports its sibling cli": (FLOORS, {"gui/planted.py": "import ann_studio.cli"}),
    "cli imports more of gui than the app": (FLOORS, {"cli.py": "import ann_studio.gui.theme"}),
    "cli imports more of the benchmark than its start": (FLOORS, {"cli.py": "import ann_studio.bench.speed"}),
    "gui imports the benchmarks that drive it": (FLOORS, {"gui/planted.py": "import ann_studio.bench.tasks"}),
    "engine imports bench": (FLOORS, {"engine/messages.py": "import ann_studio.bench.tasks"}),
    "an import hidden in a function": (FLOORS, {"nn/losses.py": "def f():\n    import ann_studio.data.dataset"}),
    "a package without a floor": (FLOORS, {"basement.py": ""}),
    "the library imports Qt": (QT, {"__init__.py": "import PySide6.QtCore"}),
    "the command line imports Qt": (QT, {"cli.py": "def f():\n    import PySide6.QtWidgets"}),
    "another benchmark imports Qt": (QT, {"bench/planted.py": "import PySide6.QtCore"}),
    "engine imports Qt": (QT, {"engine/messages.py": "from PySide6.QtCore import QThread"}),
    "engine imports shiboken": (QT, {"engine/messages.py": "import shiboken6"}),
    "analysis imports pyqtgraph": (QT, {"analysis/pictures.py": "import pyqtgraph as pg"}),
    "storage imports qtawesome": (QT, {"storage/resources.py": "import qtawesome"}),
    "nn starts a thread": (PURE, {"nn/losses.py": "import threading"}),
    "nn opens a path": (PURE, {"nn/losses.py": "from pathlib import Path"}),
    "data asks the system": (PURE, {"data/dataset.py": "import os.path"}),
    "learning reads the clock": (PURE, {"learning/state.py": "def f():\n    from time import perf_counter"}),
    "learning starts a process": (PURE, {"learning/state.py": "import multiprocessing.shared_memory"}),
    "analysis has a pool": (PURE, {"analysis/pictures.py": "from concurrent.futures import ThreadPoolExecutor"}),
    "a view imports another": (
        VIEWS,
        {"gui/views/planted_a.py": "", "gui/views/planted_b.py": "from ann_studio.gui.views import planted_a"},
    ),
    "a view imports another through a third file": (
        VIEWS,
        {
            "gui/views/planted_a.py": "",
            "gui/planted.py": "import ann_studio.gui.views.planted_a",
            "gui/views/planted_b.py": "import ann_studio.gui.planted",
        },
    ),
    "a view imports the bridge": (ONE_DIRECTION, {"gui/views/planted.py": "import ann_studio.gui.bridge"}),
    "a view imports the mailbox": (ONE_DIRECTION, {"gui/views/planted.py": "from ann_studio.engine import mailbox"}),
    "a view imports the runner": (ONE_DIRECTION, {"gui/views/planted.py": "import ann_studio.engine.runner"}),
    "a view imports the runner through a third file": (
        ONE_DIRECTION,
        {"gui/planted.py": "import ann_studio.engine.runner", "gui/views/planted.py": "import ann_studio.gui.planted"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str] | str]:
    """Broken contracts for each plant, and for "nothing"."""
    copy = tmp_path_factory.mktemp("planted")
    shutil.copytree(ROOT / "ann_studio", copy / "ann_studio", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    (copy / "ann_studio" / "lessons").mkdir(exist_ok=True)
    plants: dict[str, dict[str, str]] = {"nothing": {}}
    for name, (_, files) in PLANTS.items():
        plants[name] = {f"ann_studio/{file}": code for file, code in files.items()}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("lint_plants.py")],
        cwd=copy,
        env=os.environ | {"COLUMNS": "200"},
        input=json.dumps(plants),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[str] | str] = json.loads(done.stdout)
    return answer


def test_without_a_plant_every_contract_is_kept(verdicts: dict[str, list[str] | str]) -> None:
    assert verdicts["nothing"] == []


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_import_breaks_its_contract_alone(plant: str, verdicts: dict[str, list[str] | str]) -> None:
    assert verdicts[plant] == [PLANTS[plant][0]]


def test_every_contract_has_a_plant() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {contract for contract, _ in PLANTS.values()}
