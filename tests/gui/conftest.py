"""The real window, offscreen, with settings of its own."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from ann_studio.engine.messages import Frame, Status
from ann_studio.gui.main_window import MainWindow
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource

#: Milliseconds after which a frame that does not come is a hang.
HANG = 30_000


class Studio:
    """A window, and ways to wait for it."""

    def __init__(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        self.window, self.qtbot, self.folder = window, qtbot, tmp_path

    @property
    def frame(self) -> Frame:
        assert self.window.frame is not None
        return self.window.frame

    @property
    def snapshot(self):
        return self.frame.snapshots[0]

    def until(self, reached: Callable[[Frame], bool]) -> Frame:
        """Process events until the newest frame is as asked."""
        window = self.window
        self.qtbot.waitUntil(
            lambda: window.frame is not None and bool(window.frame.snapshots) and bool(reached(window.frame)),
            timeout=HANG,
        )
        return self.frame

    def open(self, name: str) -> Frame:
        """Open a shipped experiment and wait until the runner has it."""
        before = self.window.problem
        self.window.editor.open(load_experiment(resource("experiments", name)))
        return self.until(
            lambda frame: frame.problem is not before and frame.status is Status.READY and frame.pictures is not None
        )

    def click(self, button) -> None:
        """Click a button with the left mouse button."""
        from PySide6.QtCore import Qt

        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def make_window(folder: Path) -> MainWindow:
    """A window that remembers in `folder`."""
    return MainWindow(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def studio(qtbot, tmp_path) -> Iterator[Studio]:
    """The window with the first experiment opened."""
    window = make_window(tmp_path)
    window.start()
    window.resize(1600, 1000)
    window.show()
    studio = Studio(window, qtbot, tmp_path)
    studio.open("02-circle.json")
    yield studio
    window.document = None
    assert window.close()
    window.deleteLater()
    QApplication.processEvents()
    gc.unfreeze()  # the window itself is not to stay
