"""The form of the lab: how many runs, how long, which batch sizes, and the button that starts and cancels."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ann_studio.gui.controls import Elided, describe, field_row, flat_button, named, retitle
from ann_studio.gui.dialogs.restarts.asking import MOST_EPOCHS, Asked, AskError, offered, read, written
from ann_studio.gui.fields import NumberField
from ann_studio.gui.hint import Hint
from ann_studio.gui.theme import Theme
from ann_studio.gui.view import Card
from ann_studio.learning.problem import Problem
from ann_studio.learning.restarts import MOST_SEEDS

_LABELS = 84


class Form(Card):
    """What is asked for."""

    started = Signal(object)  #: an `Asked`
    cancelled = Signal()

    def __init__(self, problem: Problem, seeds_mean: str) -> None:
        super().__init__("Runs")
        self._problem, self._working = problem, False
        self._typing: QWidget | None = None  #: the field that had the keys before it was disabled
        self.runs = NumberField("Runs", f"Runs of each batch size, 1 to {MOST_SEEDS:,}: one for each seed from 0 on")
        self.epochs = NumberField("Epochs", f"Epochs that each run is trained, 1 to {MOST_EPOCHS:,}")
        self.sizes = QLineEdit()
        describe(self.sizes, "Batch sizes", "Samples per update, several at once: full, or whole numbers, with commas")
        self.sizes.setProperty("kind", "compact")
        self.sizes.setProperty("ownsSpace", True)
        self.settle = NumberField(
            "Settle epochs", "Steps of full-batch descent that lead each run to its minimum when its training is over"
        )
        self.rate = NumberField(
            "Settle rate", "First learning rate of those steps; it is halved where the cost would rise"
        )
        self.note = named(QLabel(f"Each seed is {seeds_mean}."), "keyText")
        self.note.setWordWrap(True)
        self._build()
        self._show(offered(problem))

    def _build(self) -> None:
        self.more = flat_button("More", "More settings: Runs", "Show how runs are led to their minima")
        self.more.setCheckable(True)
        self.folded = QWidget()
        folded = QVBoxLayout(self.folded)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(8)
        folded.addWidget(field_row("Settle epochs", self.settle, width=_LABELS))
        folded.addWidget(field_row("Settle rate", self.rate, width=_LABELS))
        self.folded.hide()
        self.more.toggled.connect(self._fold)
        self.button = QPushButton("Run")
        self.button.setShortcut("Ctrl+Return")
        self.button.clicked.connect(self.press)
        self.button.setAutoDefault(False)
        self.bar = named(QProgressBar(), "runsDone")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("Progress")
        self.status = Elided(name="keyText")
        self.refusal = Hint("What is wrong")
        self.header.addWidget(self.more)
        for row in (
            field_row("Runs", self.runs, width=_LABELS),
            field_row("Epochs", self.epochs, width=_LABELS),
            field_row("Batch sizes", self.sizes, width=_LABELS),
            self.folded, self.note, self.button, self.bar, self.status, self.refusal,
        ):  # fmt: skip
            self.body.addWidget(row)
        self.show_working(False)

    def _fold(self, open_: bool) -> None:
        self.folded.setVisible(open_)
        self.more.setText("Less" if open_ else "More")

    def _show(self, asked: Asked) -> None:
        self.runs.show_value(asked.runs)
        self.epochs.show_value(asked.epochs)
        self.sizes.setText(written(asked.sizes))
        self.settle.show_value(asked.settling.epochs)
        self.rate.show_value(asked.settling.rate)

    def fields(self) -> tuple[QLineEdit, ...]:
        """What can be typed into, in the order in which it is read."""
        return (self.runs, self.epochs, self.sizes, self.settle, self.rate)

    def press(self) -> None:
        """Start with what the fields say, or cancel what is under way."""
        if self._working:
            self.cancelled.emit()
            return
        try:
            asked = read(self._problem, *(field.text() for field in self.fields()))
        except AskError as error:
            self._point_out(error)
            return
        self.refuse("")
        self.started.emit(asked)

    def _point_out(self, error: AskError) -> None:
        self.refuse(str(error))
        field: QLineEdit = getattr(self, error.field)
        if error.field in ("settle", "rate"):
            self.more.setChecked(True)
        field.setFocus()
        field.selectAll()

    def refuse(self, sentence: str) -> None:
        """Say in one sentence what cannot be; nothing hides the line."""
        self.refusal.say(sentence, "warning")

    def show_working(self, working: bool) -> None:
        """Be a form to start with, or a button to cancel with."""
        self._working = working
        fields = self.fields()
        if working:
            self._typing = next((field for field in fields if field.hasFocus()), None)
        for field in fields:
            field.setEnabled(not working)
        if not working and self._typing is not None and self.button.hasFocus():
            self._typing.setFocus()
        retitle(self.button, "Cancel" if working else "Run")
        self.button.setProperty("kind", "" if working else "primary")
        self.button.style().unpolish(self.button)
        self.button.style().polish(self.button)
        # A second Enter would cancel what the first one has begun.
        self.button.setDefault(not working)
        if working:
            describe(self.button, "Cancel", "Stop; batch sizes that are done are kept (Esc, Ctrl+Enter)")
        else:
            describe(self.button, "Run", "Train all runs of all batch sizes (Enter, Ctrl+Enter)")
        self.bar.setVisible(working)
        self.status.setVisible(bool(self.status.text()))

    def show_progress(self, share: float, text: str) -> None:
        """Show how much is done, 0 to 1, and say it."""
        self.bar.setValue(round(1000 * share))
        self.say(text)

    def say(self, text: str) -> None:
        """Say how far it is."""
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.refusal.set_theme(theme)
