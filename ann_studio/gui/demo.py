"""Where there is no display: the real window, trained on Qt's offscreen platform, and what it leaves in a folder."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ann_studio.learning.trainer import Trainer

if TYPE_CHECKING:
    from ann_studio.gui.main_window import MainWindow

FOLDER = "ann-studio-demo"
#: Of an experiment that has no stop rule.
_EPOCHS = 500
#: Seconds that the window may take to come to the trained network.
_PATIENCE = 120


def run_demo(reason: str, file: Path | None) -> int:
    """Train the default experiment (or `file`) with a progress bar; returns the exit code.

    Leaves ``screenshot.png``, ``model.onnx`` and ``trace.csv`` in `FOLDER` in the working folder.
    """
    import ann_studio as ann
    from ann_studio.learning.experiment import Stop, replace
    from ann_studio.storage.experiment_file import load_experiment
    from ann_studio.storage.resources import experiments
    from ann_studio.storage.table_experiment import experiment_for_table

    print(f"ANN Studio cannot open its window: {reason}.", file=sys.stderr)
    print("It trains an experiment without one instead.", file=sys.stderr)
    if file is None:
        experiment = load_experiment(next(iter(experiments().values())))
    else:
        experiment = load_experiment(file) if file.suffix.lower() == ".json" else experiment_for_table(file)
    if experiment.stop == Stop(epochs=None):
        experiment = replace(experiment, "stop.epochs", _EPOCHS)
    folder = Path.cwd() / FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OSError(f"{folder}: cannot be made ({error.strerror}); start in another folder") from None
    trainer = ann.trainer(experiment)
    _train(trainer, folder / "trace.csv")
    result = ann.export(trainer, folder / "model.onnx")
    message = f"model.onnx: greatest difference {result.greatest_difference:.2g} over {result.rows} rows"
    written = _screenshot(trainer, folder / "screenshot.png")
    print(f"Trained to epoch {trainer.state.epoch}, train cost {trainer.snapshot().train_loss:.4g}; {message}.")
    print(f"Look into {folder}: {'screenshot.png, ' if written else ''}model.onnx, trace.csv")
    return 0


def _train(trainer: Trainer, log: Path) -> None:
    from ann_studio.storage.progress import train_with_progress
    from ann_studio.storage.trace_file import TraceFile

    with TraceFile(log) as trace_file:
        train_with_progress(trainer, trace_file, visible=True)


def _screenshot(trainer: Trainer, path: Path) -> bool:
    """Picture of the real window showing the trained network; whether Qt could make one."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        from PySide6.QtCore import QSettings
        from PySide6.QtWidgets import QApplication

        from ann_studio.gui.app import prepare
        from ann_studio.gui.main_window import MainWindow
    except ImportError as error:
        print(f"There is no screenshot, since Qt cannot be loaded ({error}).", file=sys.stderr)
        return False
    application = QApplication.instance() or QApplication([])
    prepare(application)
    with tempfile.TemporaryDirectory() as folder:
        # The settings of the user's own window stay as they are.
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(settings)
        saved = _picture(application, window, trainer, path)
        window.document = None
        window.close()
        settings.sync()
    return saved


def _picture(application: Any, window: MainWindow, trainer: Trainer, path: Path) -> bool:
    """Bring the window to the state of `trainer` and save its picture."""
    from ann_studio.engine.messages import Seek, Status

    window.start()
    window.resize(1600, 1000)
    window.editor.open(trainer.experiment)
    window.show()
    update, deadline = trainer.state.update, time.monotonic() + _PATIENCE
    asked = False
    while time.monotonic() < deadline:
        application.processEvents()
        time.sleep(0.01)
        frame = window.frame
        if frame is None or not frame.snapshots or frame.status is Status.PREPARING:
            continue
        if not asked:
            window.bridge.send(Seek(update))
            asked = True
        elif frame.snapshots[0].state.update == update and frame.pictures is not None:
            break
    else:
        print("There is no screenshot: drawing the trained network takes too long here.", file=sys.stderr)
        return False
    window.notice.hide()
    application.processEvents()
    return bool(window.grab().save(str(path)))
