"""Pictures of the real window, really trained: every workspace in both themes, as PNG under ``shots/``.

Run by ``make shots``. A person is to look at each of them.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from ann_studio.engine.messages import Examine, Run, Seek, SetParameters, Status, Step, ToggleBookmark, Unit
from ann_studio.gui.app import prepare
from ann_studio.gui.dialogs.import_table import ImportDialog
from ann_studio.gui.dialogs.report import ReportDialog
from ann_studio.gui.main_window import MainWindow
from ann_studio.gui.points import NeuronPoint, WeightPoint
from ann_studio.gui.theme import THEMES
from ann_studio.learning.experiment import replace
from ann_studio.learning.state import Snapshot, Subject
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import experiments, resource
from ann_studio.storage.tables import load_table

OUT = Path(__file__).parents[1] / "shots"
#: Every experiment at the two sizes that most screens have: file and epoch.
_TRAINED = {
    "main": ("01-spiral.json", 700),
    "circle": ("02-circle.json", 100),
    "gate": ("03-xor-gate.json", 300),
    "sine": ("04-sine.json", 300),
    "hills": ("05-hills.json", 150),
    "iris": ("iris.json", 150),
    "digits": ("digits.json", 20),
    "worked": ("worked-example.json", 10),
}
_SIZES = {"1280": (1280, 800), "1920": (1920, 1080)}
#: How far a ball may be painted from where it is, in the unit of the axes: a fraction of a pixel.
_NEAR = 1e-6
#: Epochs at which the race in the trap is pictured.
_RACE = (0, 5, 25, 100)
#: An optimiser with which a run diverges.
_WILD = {"kind": "sgd", "learning_rate": 5.0}
#: What is rendered: name, experiment file, epoch, window size.
SCENES = [
    ("main-1600", "01-spiral.json", 700, (1600, 1000)),
    ("main-960", "01-spiral.json", 700, (960, 640)),
    *(
        (f"{name}-{width}", file, epoch, size)
        for name, (file, epoch) in _TRAINED.items()
        for width, size in _SIZES.items()
    ),
]


def wait(application: QApplication, window: MainWindow, reached: object, seconds: float = 120.0) -> None:
    """Process events until `reached` is true of the newest frame."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        application.processEvents()
        time.sleep(0.005)
        frame = window.frame
        if frame is not None and frame.snapshots and frame.status is not Status.PREPARING and reached(frame):  # type: ignore[operator]
            break
    else:
        raise SystemExit("the window did not come to the state asked for")
    window.notice.hide()
    for _ in range(10):
        application.processEvents()
        time.sleep(0.01)


def scene(
    application: QApplication, window: MainWindow, name: str, file: str, epoch: int, size: tuple[int, int]
) -> None:
    """Train one experiment to an epoch and picture it in both themes."""
    window.resize(*size)
    before = window.problem
    window.editor.open(load_experiment(resource("experiments", file)))
    wait(application, window, lambda frame: frame.problem is not None and frame.problem is not before)
    window.bridge.send(Step(Unit.EPOCH, epoch))
    wait(application, window, lambda frame: frame.snapshots[0].state.epoch == epoch and frame.pictures is not None)
    _picture(application, window, name)


def main() -> None:
    """Render all scenes and dialogs."""
    OUT.mkdir(exist_ok=True)
    only = sys.argv[1:]
    application = QApplication([])
    prepare(application)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        window.start()
        window.editor.open(load_experiment(next(iter(experiments().values()))))
        window.show()
        wait(application, window, lambda frame: frame.problem is not None)
        for name, file, epoch, size in SCENES:
            if not only or name in only:
                scene(application, window, name, file, epoch, size)
        if not only or "race" in only:
            for width, size in {"1600": (1600, 1000), **_SIZES}.items():
                race_scenes(application, window, width, size)
        if not only or "phase" in only:
            for width, size in _SIZES.items():
                phase_scene(application, window, width, size)
        if not only or "microscope" in only:
            for width, size in {"1600": (1600, 1000), **_SIZES}.items():
                microscope_scenes(application, window, width, size)
        if not only or "inside" in only:
            for width, size in {"1600": (1600, 1000), **_SIZES}.items():
                inside_scenes(application, window, width, size)
        if not only or "dialogs" in only:
            dialogs(application, window)
        window.document = None
        window.close()


def race_scenes(application: QApplication, window: MainWindow, width: str, size: tuple[int, int]) -> None:
    """The race in the trap, with its surface, relief and valley."""
    window.resize(*size)
    before = window.problem
    window.editor.open(load_experiment(resource("experiments", "trap.json")))
    wait(application, window, lambda frame: frame.problem is not before and len(frame.snapshots) == 3)
    for epoch in _RACE:
        here = window.frame.snapshots[0].state.epoch  # type: ignore[union-attr]
        if epoch > here:
            window.bridge.send(Step(Unit.EPOCH, epoch - here))
        wait(application, window, lambda frame, epoch=epoch: frame.snapshots[0].state.epoch == epoch)
        for theme in THEMES.values():
            window.set_theme(theme)
            settle(application)
            for snapshot, at in _balls(window):
                if np.abs(snapshot.state.theta - at).max() > _NEAR:
                    raise SystemExit(f"a ball is painted at {at}, and its run is at {snapshot.state.theta}")
            window.grab().save(str(OUT / f"race-{epoch}-{width}-{theme.name}.png"))
    if window.workspaces.pairs:
        window.swap_views()
        for theme in THEMES.values():
            window.set_theme(theme)
            settle(application)
            window.grab().save(str(OUT / f"race-cost-{width}-{theme.name}.png"))
        window.swap_views()
    window.show_workspace("network")


def settle(application: QApplication) -> None:
    """Let surface, relief and valley come to rest."""
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.005)


def _balls(window: MainWindow) -> list[tuple[Snapshot, np.ndarray]]:
    """Each run with the place on the axes where its ball is painted."""
    canvas = window.surface_view.canvas
    scale = canvas.scale()
    assert scale is not None
    assert window.frame is not None
    balls = [(window.frame.snapshots[run.place], canvas.ball(run)) for run in canvas.shown_runs()]
    return [(snapshot, np.array(scale.to_point(point))) for snapshot, point in balls if point is not None]


def phase_scene(application: QApplication, window: MainWindow, width: str, size: tuple[int, int]) -> None:
    """The window in the middle of a backward pass."""
    scene(application, window, f"phase-{width}", "01-spiral.json", 40, size)
    window.bridge.send(Seek(window.frame.snapshots[0].state.update))  # type: ignore[union-attr]
    for kind, steps in (("forward", 2), ("backward", 3)):
        window.bridge.send(Step(Unit.PHASE, steps))
        wait(
            application,
            window,
            lambda frame, kind=kind: frame.snapshots[0].phase is not None and frame.snapshots[0].phase.kind == kind,
        )
        for theme in THEMES.values():
            window.set_theme(theme)
            application.processEvents()
            window.grab().save(str(OUT / f"phase-{kind}-{width}-{theme.name}.png"))


def microscope_scenes(application: QApplication, window: MainWindow, width: str, size: tuple[int, int]) -> None:
    """The steps of the worked example under the microscope, and one of larger networks."""
    for name, file, steps in (
        ("worked", "worked-example.json", (2, 3, 5, 6)),
        ("spiral", "01-spiral.json", (18,)),
        ("digits", "digits.json", (4,)),
    ):
        scene(application, window, f"microscope-{name}-{width}", file, 0, size)
        window.show_workspace("microscope")
        done = 0
        for step in steps:
            window.bridge.send(Step(Unit.PHASE, step - done))
            done = step
            wait(
                application,
                window,
                lambda frame, index=step - 1: (
                    frame.snapshots[0].phase is not None and frame.snapshots[0].phase.index == index
                ),
            )
            for theme in THEMES.values():
                window.set_theme(theme)
                settle(application)
                window.grab().save(str(OUT / f"microscope-{name}-{step}-{width}-{theme.name}.png"))
        window.show_workspace("network")


def inside_scenes(application: QApplication, window: MainWindow, width: str, size: tuple[int, int]) -> None:
    """A neuron and an edge under the inspector, a weight changed by hand, a line with a branch, and a hint."""
    inspector, graph = window.inspector_view, window.network_view.graph
    scene(application, window, f"inside-{width}", "01-spiral.json", 300, size)
    graph.select(NeuronPoint(2, 1))
    window.workspaces.reveal(inspector)
    window.bridge.send(Examine(Subject("train", 5)))
    wait(application, window, lambda frame: frame.snapshots[0].phase is not None)
    for tab in ("now", "map", "history", "layers"):
        inspector.tabs.button(tab).click()
        _picture(application, window, f"inside-{tab}-{width}")
    inspector.tabs.button("now").click()
    graph.select(WeightPoint(2, 0, 0))
    _picture(application, window, f"inside-edge-{width}")
    window.bridge.send(Examine(None))
    window.bridge.send(ToggleBookmark())
    assert window.frame is not None
    assert window.problem is not None
    window.bridge.send(Seek(window.frame.snapshots[0].state.update // 2))
    window.bridge.send(SetParameters((window.problem.architecture.weight_index(2, 0, 0),), (2.5,)))
    wait(application, window, lambda frame: frame.effect is not None and frame.pictures is not None)
    window.workspaces.reveal(window.output_view)
    _picture(application, window, f"inside-hand-{width}")
    window.bridge.send(Step(Unit.EPOCH, 60))
    wait(application, window, lambda frame: len(frame.snapshots) > 1 and frame.status is Status.PAUSED)
    _picture(application, window, f"inside-branch-{width}")
    graph.select(None)
    wild = replace(load_experiment(resource("experiments", "04-sine.json")), "learning.optimizer", _WILD)
    before = window.problem
    window.editor.open(wild)
    wait(application, window, lambda frame: frame.problem is not before)
    window.bridge.send(Run())
    wait(application, window, lambda _: window.hint_card.isVisible() and not window.hint_card.trying.isVisible())
    _picture(application, window, f"inside-hint-{width}")


def _picture(application: QApplication, window: MainWindow, name: str) -> None:
    """Picture the window in both themes, once nothing in it changes any more."""
    for theme in THEMES.values():
        window.set_theme(theme)
        settle(application)
        window.grab().save(str(OUT / f"{name}-{theme.name}.png"))


def dialogs(application: QApplication, window: MainWindow) -> None:
    """The dialogs, in both themes."""
    path = resource("datasets", "iris.csv")
    for theme in THEMES.values():
        window.set_theme(theme)
        for name, dialog in (
            ("import", ImportDialog(window, load_table(path), path)),
            ("report", ReportDialog(window)),
        ):
            dialog.open()
            for _ in range(6):
                application.processEvents()
            dialog.grab().save(str(OUT / f"dialog-{name}-{theme.name}.png"))
            dialog.close()


if __name__ == "__main__":
    main()
