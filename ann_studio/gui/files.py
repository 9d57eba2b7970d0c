"""Files: what the window opens, saves, exports and predicts, each in the background where it takes long."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtWidgets import QFileDialog, QMessageBox

from ann_studio import __version__
from ann_studio.data.dataset import Dataset
from ann_studio.data.table import Table
from ann_studio.gui.dialogs.import_table import ImportDialog
from ann_studio.gui.dialogs.report import ReportDialog
from ann_studio.learning.experiment import Experiment, TableData
from ann_studio.learning.model import Model
from ann_studio.storage.atomic import refusal
from ann_studio.storage.experiment_file import ExperimentError, load_experiment, save_experiment
from ann_studio.storage.resources import experiments, resource
from ann_studio.storage.table_experiment import experiment_for_read_table
from ann_studio.storage.tables import load_table_in_child

if TYPE_CHECKING:
    from ann_studio.gui.main_window import MainWindow
    from ann_studio.storage.exports import Verification
    from ann_studio.storage.predictions import Predictions

_log = logging.getLogger(__name__)

_RECENT = 10
_EXPERIMENTS = "Experiments (*.json)"
_TABLES = "Tables (*.csv *.tsv *.txt *.dat);;All files (*)"
_ANYTHING = "Experiments and tables (*.json *.csv *.tsv *.txt *.dat);;All files (*)"


class Files:
    """File operations of one window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    # --- opening ----------------------------------------------------------------------------------------------------
    def new(self) -> None:
        """Open the first experiment."""
        if self.may_close():
            self.open_shipped(next(iter(experiments().values())), play=False)

    def ask_open(self) -> None:
        """Ask for a file and open it."""
        self._ask_existing("Open", _ANYTHING, self.open_path)

    def ask_table(self) -> None:
        """Ask for a table and import it."""
        self._ask_existing("Open table", _TABLES, self.open_table)

    def open_path(self, path: Path) -> None:
        """Open an experiment or a table."""
        if path.suffix.lower() == ".json":
            self.open_experiment_file(path)
        else:
            self.open_table(path)

    def open_experiment_file(self, path: Path) -> None:
        """Open an experiment that the user saved."""
        try:
            experiment = load_experiment(path)
        except ExperimentError as error:
            self._window.refuse(str(error))
            return
        if self.may_close():
            self._window.editor.open(experiment, path)

    def open_shipped(self, path: Path, *, play: bool = False) -> None:
        """Open an experiment that came with the program; saving it asks for a place."""
        try:
            experiment = load_experiment(path)
        except ExperimentError as error:
            self._window.refuse(str(error))
            return
        if self._may_leave():
            self._window.editor.open(experiment, None, play=play)

    def open_shipped_table(self, name: str) -> None:
        """Open the experiment that comes with one of the shipped tables (``iris``, ``digits``)."""
        self.open_shipped(resource("experiments", f"{name}.json"))

    def open_table(self, path: Path) -> None:
        """Read a table in the background and ask what is to be learned from it."""

        def done(table: Table) -> None:
            dialog = ImportDialog(self._window, table, path)
            dialog.accepted.connect(lambda: self._import(dialog, table, path))
            dialog.setAttribute(self._delete_on_close())
            dialog.open()

        self._window.long_work.run(
            f"Reading {path.name}", lambda cancelled: load_table_in_child(path, cancelled), done, self._failed
        )

    def _import(self, dialog: ImportDialog, table: Table, path: Path) -> None:
        experiment = msgspec.structs.replace(experiment_for_read_table(table, path), data=dialog.data)
        if self._may_leave():
            self._window.editor.open(experiment, None, then=lambda: self.remember(path))

    # --- saving -----------------------------------------------------------------------------------------------------
    def save(self) -> bool:
        """Save the experiment where it lies; whether it was begun."""
        document = self._window.document
        if document is None:
            return False
        if document.path is None:
            return self.save_as()
        return self._save_to(document.path)

    def save_as(self) -> bool:
        """Ask for a place and save the experiment there."""
        name = self._window.document.title if self._window.document is not None else "experiment"
        path = self._ask_new("Save experiment", f"{name}.json", _EXPERIMENTS)
        if path is None:
            return False
        if path.suffix.lower() != ".json":
            path = path.with_name(f"{path.name}.json")
            # The dialog has asked about the name that was typed, not about this one.
            if path.exists() and not self._may_replace(path):
                return False
        return self._save_to(path)

    def _may_replace(self, path: Path) -> bool:
        answer = QMessageBox.question(self._window, "ANN Studio", f"Replace {path.name}?")
        return answer == QMessageBox.StandardButton.Yes

    def _save_to(self, path: Path) -> bool:
        document = self._window.document
        assert document is not None
        if self._is_refused(path, _tables(document.experiment)):
            return False
        try:
            save_experiment(document.experiment, path)
        except ExperimentError as error:
            self._window.refuse(str(error))
            return False
        self._window.document = type(document)(document.experiment, path, document.experiment)
        self.remember(path)
        self._window.notice.say(f"Saved {path}", "done")
        self._window._show_title()
        return True

    def may_close(self) -> bool:
        """Ask about unsaved settings; whether the present document may go."""
        document = self._window.document
        if document is None or not document.dirty:
            return True
        box = QMessageBox(self._window)
        box.setWindowTitle("ANN Studio")
        box.setText(f"Save the changes to “{document.title}”?")
        box.setInformativeText("Otherwise its settings are lost.")
        box.setStandardButtons(
            QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel
        )
        answer = box.exec()
        if answer == QMessageBox.StandardButton.Save:
            return self.save()
        return answer == QMessageBox.StandardButton.Discard

    def _may_leave(self) -> bool:
        """Ask about unsaved settings of a file of the user's; whatever has no file comes back by undo."""
        document = self._window.document
        return document is None or document.path is None or self.may_close()

    # --- taking home ------------------------------------------------------------------------------------------------
    def ask_export(self) -> None:
        """Ask for a place and export the model there."""
        if self._window.problem is None or self._window.frame is None:
            return
        # Here and below, when it is asked for: ONNX takes as long to import as the window to be painted.
        from ann_studio.storage.exports import FORMATS

        patterns = ";;".join(f"{suffix[1:].upper()} model (*{suffix})" for suffix in FORMATS)
        name = self._window.document.title if self._window.document is not None else "model"
        path = self._ask_new("Export model", f"{name}.onnx", patterns)
        if path is not None:
            self.export(path)

    def export(self, path: Path) -> None:
        """Write the model as it is at this moment, checked in a child process before it is called saved."""
        if self._is_refused(path, self._read()):
            return
        from ann_studio.storage.exports import export_model_in_child

        model, dataset = self._model()

        def done(result: Verification) -> None:
            self._window.notice.say(
                f"Saved {path.name}: loaded again and computed by {result.checked_by}, greatest difference"
                f" {result.greatest_difference:.1e} over {result.rows:,} rows",
                "done",
            )

        self._window.long_work.run(
            f"Writing and checking {path.name}",
            lambda cancelled: export_model_in_child(model, dataset, path, cancelled),
            done,
            self._failed,
        )

    def ask_predict(self) -> None:
        """Ask for a table of new rows and where to write their predictions."""
        if self._window.problem is not None:
            self._ask_existing("Predict a table", _TABLES, self._ask_predictions)

    def _ask_predictions(self, table: Path) -> None:
        out = self._ask_new("Save predictions", str(table.with_name(f"{table.stem}-predicted.csv")), "Tables (*.csv)")
        if out is not None:
            self.predict(table, out)

    def predict(self, table: Path, out: Path) -> None:
        """Predict the rows of `table` with the model as it is at this moment."""
        if self._is_refused(out, [table, *self._read()]):
            return
        from ann_studio.storage.exports import export_model_in_child
        from ann_studio.storage.predictions import predict_table_in_child, save_predictions

        model, dataset = self._model()

        def work(cancelled: Callable[[], bool]) -> Any:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.onnx"
                export_model_in_child(model, dataset, path, cancelled)
                predictions = predict_table_in_child(path, table, cancelled)
            save_predictions(predictions, out)
            return predictions

        self._window.long_work.run(
            f"Predicting {table.name}",
            work,
            lambda result: self._window.notice.say(_predicted(result, out), "done"),
            self._failed,
        )

    def _read(self) -> list[Path]:
        """The files that the present document is read from."""
        document = self._window.document
        if document is None:
            return []
        return [*_tables(document.experiment), *([document.path] if document.path else [])]

    def _is_refused(self, path: Path, read: list[Path]) -> bool:
        """Say at once what would make writing `path` fail, and write nothing over what is read."""
        reason = refusal(path, read)
        if reason:
            self._window.refuse(f"{path}: {reason}")
        return bool(reason)

    def _model(self) -> tuple[Model, Dataset]:
        """The network of this moment, and the data to check it on."""
        frame = self._window.frame
        assert frame is not None
        assert frame.problem is not None
        return frame.problem.model(frame.snapshots[0].state.theta), frame.problem.dataset

    def _failed(self, error: Exception) -> None:
        self._window.refuse(str(error), error)

    # --- the rest ---------------------------------------------------------------------------------------------------
    def report(self) -> None:
        """Show versions and log as one text to copy."""
        frame = self._window.frame
        dialog = ReportDialog(self._window, frame.error if frame is not None else "")
        dialog.setAttribute(self._delete_on_close())
        dialog.open()

    def about(self) -> None:
        """Say what this program is."""
        box = QMessageBox(self._window)
        box.setWindowTitle("About ANN Studio")
        box.setText(f"<b>ANN Studio {__version__}</b>")
        box.setInformativeText(
            "See how an artificial neural network learns."
            " Every number on the screen is the true number of the running network."
        )
        box.setAttribute(self._delete_on_close())
        box.open()

    def remember(self, path: Path) -> None:
        """Put `path` first among the recent files."""
        recent = [str(path.resolve()), *(str(known) for known in self.recent() if known != path.resolve())]
        self._window.settings.setValue("recent", recent[:_RECENT])

    def recent(self) -> list[Path]:
        """Recent files, newest first."""
        stored = self._window.settings.value("recent", [])
        # A list of one comes back from some platforms as its only entry.
        entries = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return [Path(str(text)) for text in entries]

    def _delete_on_close(self) -> Any:
        from PySide6.QtCore import Qt

        return Qt.WidgetAttribute.WA_DeleteOnClose

    def _ask_existing(self, title: str, patterns: str, then: Callable[[Path], None]) -> None:
        path, _ = QFileDialog.getOpenFileName(self._window, title, self._folder(), patterns)
        if path:
            then(Path(path))

    def _ask_new(self, title: str, name: str, patterns: str) -> Path | None:
        start = name if Path(name).is_absolute() else str(Path(self._folder()) / name)
        path, _ = QFileDialog.getSaveFileName(self._window, title, start, patterns)
        return Path(path) if path else None

    def _folder(self) -> str:
        recent = self.recent()
        return str(recent[0].parent if recent and recent[0].parent.is_dir() else Path.home())


def _predicted(predictions: Predictions, out: Path) -> str:
    done = predictions.rows - predictions.skipped
    count = f"{done:,} of {predictions.rows:,}" if predictions.skipped else f"{done:,}"
    return " ".join([f"Predicted {count} rows: {out}.", *predictions.notes])


def _tables(experiment: Experiment) -> list[Path]:
    """The table that an experiment reads, if it reads one."""
    return [Path(experiment.data.path)] if isinstance(experiment.data, TableData) else []
