"""The window of the restart lab: a form, the minima, and the picture."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QFileDialog, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ann_studio.gui.bridge import Bridge, Job
from ann_studio.gui.controls import Switch, flat_button, named, tab_in_reading_order
from ann_studio.gui.dialogs.restarts.asking import Asked
from ann_studio.gui.dialogs.restarts.figure import Picture
from ann_studio.gui.dialogs.restarts.findings import (
    Comparison,
    as_csv,
    compared,
    experiment_of,
    run_series,
    table,
    titles,
    verdict,
    with_batch,
)
from ann_studio.gui.dialogs.restarts.form import Form
from ann_studio.gui.dialogs.restarts.legend import Legend
from ann_studio.gui.hint import Hint
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import GAP, Theme
from ann_studio.gui.view import Card
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.learning.restarts import RestartError, restarted
from ann_studio.storage.atomic import WriteError, write_atomically

_log = logging.getLogger(__name__)

#: Milliseconds between two looks at the progress.
_LOOK = 50
#: Share of a batch size that must be done before the time that is left can be told.
_TELLING = 0.04
#: Width of the settings, and of the bar that scrolls them, which lies in the gap beside them.
_COLUMN, _BAR = 272, 12
_NOTE = "A run belongs to the minimum at which it settles when full-batch descent leads it on from where it ended."


class RestartLab(QDialog):
    """Runs the same experiment from many seeds, and shows which minimum each run reached.

    Parameters
    ----------
    bridge
        Runs the work on a thread; the training of the window goes on meanwhile.
    problem
        What is learned.
    """

    replay = Signal(object)  #: the run that was asked for, as an `Experiment`

    def __init__(self, parent: QWidget | None, bridge: Bridge, problem: Problem, theme: Theme) -> None:
        super().__init__(parent)
        self.bridge, self.problem = bridge, problem
        self.comparison: Comparison | None = None
        self._asked: Asked | None = None
        self._job: Job | None = None
        self._share, self._begun, self._spent = 0.0, 0.0, 0.0
        self.setWindowTitle("Restart lab")
        self.setModal(False)
        self.resize(1000, 680)
        self.setMinimumSize(780, 520)
        self.form, self.legend, self.picture = Form(problem, _meaning_of_seeds(problem)), Legend(), Picture()
        self.verdict = Hint("What was found")
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self._look)
        self._build()
        self.form.started.connect(self.run)
        self.form.cancelled.connect(self.cancel)
        self.picture.chosen.connect(self._replay)
        self.set_theme(theme)
        tab_in_reading_order(self)
        self.form.runs.setFocus()

    # --- building ---------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        minima = Card("Minima")
        minima.body.addWidget(self.legend)
        minima.body.addStretch(1)
        note = named(QLabel(_NOTE), "keyText")
        note.setWordWrap(True)
        minima.body.addWidget(note)
        column = named(QWidget(), "column")
        left = QVBoxLayout(column)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(GAP)
        left.addWidget(self.form)
        left.addWidget(minima, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, GAP, GAP)
        layout.setSpacing(GAP - _BAR)
        column.setFixedWidth(_COLUMN)
        settings = _scrolled(column)
        settings.setFixedWidth(_COLUMN + _BAR)
        layout.addWidget(settings)
        layout.addWidget(self._costs(), 1)

    def _costs(self) -> Card:
        self.card = Card("Final costs")
        self.log = Switch("Log counts", "Count runs on a logarithmic scale, so that few of them are seen beside many")
        self.log.setShortcut("Alt+L")
        self.log.switched.connect(self.picture.set_log)
        self.copy = flat_button("Copy", "Copy the runs", "Batch size, seed, final cost and minimum of each run (Alt+C)")
        self.copy.setShortcut("Alt+C")
        self.copy.clicked.connect(self.copy_numbers)
        self.store = flat_button("Save…", "Save the runs", "Write the runs as a CSV file (Ctrl+S)")
        self.store.setShortcut("Ctrl+S")
        self.store.clicked.connect(self._ask_save)
        for control in (self.log, self.copy, self.store):
            self.card.header.addWidget(control)
        self.card.body.addWidget(_scrolled(self.picture), 1)
        self.card.body.addWidget(self.verdict)
        self._show_name()
        self._enable()
        return self.card

    def _show_name(self) -> None:
        runs = "" if self._asked is None else f" · {self._asked.runs:,} runs of each batch size"
        self.card.describe((self.problem.experiment.name or "Untitled") + runs)

    def _enable(self) -> None:
        for button in (self.copy, self.store):
            button.setEnabled(self.comparison is not None)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        for part in (self.form, self.legend, self.picture, self.verdict):
            part.set_theme(theme)
        self.copy.setIcon(icon("copy", theme, theme.text_2))
        self.store.setIcon(icon("floppy-disk", theme, theme.text_2))

    # --- work -------------------------------------------------------------------------------------------------------
    @property
    def is_working(self) -> bool:
        """Whether runs are under way."""
        return self._job is not None

    def run(self, asked: Asked) -> None:
        """Train all runs of all batch sizes, one batch size after the other."""
        self.cancel()
        self._asked, self._spent = asked, 0.0
        self._show(None)
        self.verdict.say("")
        self.picture.begin(
            tuple(with_batch(self.problem, size) for size in asked.sizes), titles(self.problem, asked.sizes)
        )
        self._show_name()
        self.form.show_working(True)
        self._next()
        self._timer.start()

    def _next(self) -> None:
        """Begin with the next batch size."""
        problem, asked, flag = self.problem, self._asked, np.zeros(1, dtype=np.int64)
        assert asked is not None
        done = () if self.comparison is None else self.comparison.series
        self._share, self._begun = 0.0, time.monotonic()

        def note(share: float) -> None:
            self._share = share

        def work(cancelled: Callable[[], bool]) -> Comparison:
            return compared((*done, run_series(problem, asked, asked.sizes[len(done)], note, flag)), flag)

        self._job = self.bridge.run_job(work, self._take, self._fail, flag)

    def _take(self, comparison: Comparison) -> None:
        """A batch size is done."""
        assert self._asked is not None
        self._spent += time.monotonic() - self._begun
        self._show(comparison)
        if len(comparison.series) < len(self._asked.sizes):
            self._next()
            return
        self._end()
        runs = sum(len(each) for each in comparison.series)
        self.form.say(f"{runs:,} runs in {_duration(self._spent)}")

    def _fail(self, error: Exception) -> None:
        self._end()
        self.form.say("")
        if isinstance(error, RestartError):
            self.form.refuse(f"{error}.")
        elif isinstance(error, MemoryError):
            self.form.refuse("There is not enough memory for so many runs; ask for fewer.")
        else:
            _log.error("unexpected", exc_info=error)
            self.form.refuse("This should not have happened. See Help, Report a problem.")

    def cancel(self) -> None:
        """Give up the runs under way; batch sizes that are done are kept."""
        if self._job is None or self._asked is None:
            return
        self._job.cancel()
        self._end()
        done = 0 if self.comparison is None else len(self.comparison.series)
        self.form.say(f"Cancelled: {done} of {len(self._asked.sizes)} batch sizes done")

    def _end(self) -> None:
        self._job = None
        self._timer.stop()
        self.picture.stop()
        self.form.show_working(False)
        if self.comparison is not None:
            self.verdict.say(verdict(self.comparison))

    def _show(self, comparison: Comparison | None) -> None:
        self.comparison = comparison
        self.picture.show_comparison(comparison)
        self.legend.show_comparison(comparison)
        self._enable()

    def _look(self) -> None:
        """Show how far it is."""
        assert self._asked is not None
        done = 0 if self.comparison is None else len(self.comparison.series)
        sizes, share = len(self._asked.sizes), self._share
        text = f"{100 * (done + share) / sizes:.0f} %"
        if share >= 1:
            text += " · telling the minima apart"
        elif share >= _TELLING:
            left = self._seconds_left(done, share)
            text += f" · about {_duration(left)} left"
        self.form.show_progress((done + share) / sizes, text)

    def _seconds_left(self, done: int, share: float) -> float:
        """As long as this batch size still takes, and as long for each of the others as it took on average."""
        assert self._asked is not None
        whole = (time.monotonic() - self._begun) / share
        mean = (self._spent + whole) / (done + 1)
        return (1 - share) * whole + (len(self._asked.sizes) - done - 1) * mean

    # --- what is taken away -----------------------------------------------------------------------------------------
    def _replay(self, series: int, run: int) -> None:
        assert self.comparison is not None
        runs = self.comparison.series[series]
        self.replay.emit(experiment_of(runs, int(runs.seeds[run])))

    def numbers(self) -> str:
        """The runs as tab-separated text for a spreadsheet; empty if there are none."""
        return "" if self.comparison is None else "\n".join("\t".join(row) for row in table(self.comparison))

    def copy_numbers(self) -> None:
        """Put the runs on the clipboard."""
        QGuiApplication.clipboard().setText(self.numbers())
        self.form.say("Copied")

    def _ask_save(self) -> None:
        name = f"{self.problem.experiment.name or 'restarts'}-restarts.csv"
        path, _ = QFileDialog.getSaveFileName(self, "Save runs", str(Path.home() / name), "Tables (*.csv)")
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Write the runs as a CSV file, whole or not at all."""
        if self.comparison is None:
            return
        try:
            write_atomically(path, as_csv(self.comparison))
        except WriteError as error:
            self.form.refuse(str(error))
        else:
            self.form.refuse("")
            self.form.say(f"Saved {path.name}")

    # --- end --------------------------------------------------------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape cancels what is under way; else it closes the window."""
        if event.key() == Qt.Key.Key_Escape and self.is_working:
            self.cancel()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Closing cancels."""
        self.cancel()
        super().done(result)


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _meaning_of_seeds(problem: Problem) -> str:
    first, second = (restarted(problem, seed).first_theta for seed in (0, 1))
    things = "noisy gradients" if isinstance(problem.experiment.data, Landscape) else "samples"
    order = f"another order of the {things}"
    return order if np.array_equal(first, second) else f"other first weights and {order}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
