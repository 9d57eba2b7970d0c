"""Start of the window: the display is checked before Qt is, since Qt ends the process where there is none."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ann_studio.gui.display import missing_display, missing_libraries
from ann_studio.storage.log_file import start_logging

if TYPE_CHECKING:
    from ann_studio.gui.main_window import MainWindow

_log = logging.getLogger(__name__)


def run(file: Path | None, made: Callable[[MainWindow], None] | None = None) -> int:
    """Open the window, optionally with an experiment or a table; returns the exit code.

    `made` is called with the window before it is shown. Where there is no display, the default experiment is trained
    without one, see `ann_studio.gui.demo`.
    """
    start_logging()
    reason = missing_display() or missing_libraries()
    if reason:
        from ann_studio.gui.demo import run_demo

        return run_demo(reason, file)
    return _run_window(file, made)


def _run_window(file: Path | None, made: Callable[[MainWindow], None] | None) -> int:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    # Until all is loaded, every look through it is too early; the window takes over, see `ann_studio.gui.garbage`.
    gc.disable()
    from ann_studio.gui.main_window import MainWindow
    from ann_studio.storage.resources import experiments

    application = QApplication.instance() or QApplication(sys.argv[:1])
    prepare(application)
    window = MainWindow(QSettings("ANN Studio", "ann-studio"))
    if file is None:
        window.files.open_shipped(next(iter(experiments().values())), play=True)
    else:
        window.files.open_shipped(next(iter(experiments().values())))
        window.files.open_path(file)
    if made is not None:
        made(window)
    window.show()
    start_after_paint(window)
    return int(application.exec())


def start_after_paint(window: MainWindow) -> None:
    """Start the threads once the window is there to be seen: what they load first would hold its first paint up."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                window.removeEventFilter(self)
                QTimer.singleShot(0, window.start)
            return False

    window.installEventFilter(FirstPaint(window))


def prepare(application: object) -> None:
    """Name, icon and switch interval; once per process."""
    from PySide6.QtGui import QGuiApplication, QIcon
    from threadpoolctl import threadpool_limits

    from ann_studio.storage.resources import icon

    assert isinstance(application, QGuiApplication)
    application.setApplicationName("ann-studio")
    application.setApplicationDisplayName("ANN Studio")
    application.setDesktopFileName("ann-studio")
    application.setWindowIcon(QIcon(str(icon("ann-studio.svg"))))
    # A safety net beside the rule that all training lets go of Python's lock.
    sys.setswitchinterval(1e-4)
    # Matrices are small here, and the cores are those of trainer and window: threads of BLAS would fight for them.
    threadpool_limits(1)
    _log.info("Qt platform %s, process %s", QGuiApplication.platformName(), os.getpid())
