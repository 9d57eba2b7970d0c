"""The panel in which a plane is chosen: which kind, and what it goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from ann_studio.analysis.planes import PlaneChoice
from ann_studio.gui.controls import Choice, describe, field_row, named
from ann_studio.gui.fields import NumberField
from ann_studio.gui.parameters import title
from ann_studio.learning.problem import Problem

KINDS = (
    ("Two parameters", "parameters"),
    ("Three points", "points"),
    ("Principal plane", "principal"),
    ("Random directions", "random"),
)
_WORDS = {
    "parameters": "The others stay as they are at present. Click an edge or a bias to pick it.",
    "points": "The plane through where the run stood after three epochs.",
    "principal": "The plane in which the path of the main run varies most.",
    "random": "Two random directions around the present point, as long as each unit's weights.",
}
#: More parameters are not listed but numbered.
_LISTED = 300
_WIDTH = 320


class PlanesPanel(QFrame):
    """Shows a choice of plane and reports another.

    Parameters
    ----------
    button
        What opens and closes it.
    """

    chosen = Signal(object)  #: a `PlaneChoice`
    refused = Signal(str)  #: a sentence
    closed = Signal()

    def __init__(self, parent: QWidget, button: QWidget) -> None:
        super().__init__(parent)
        self.button = button
        self.setObjectName("card")
        self.setAccessibleName("Plane of the error surface")
        self.setFixedWidth(_WIDTH)
        self._choice = PlaneChoice()
        self._parameters = 2
        #: The number of the update at which an epoch ended, and the last epoch there is.
        self.update_of: Callable[[int], int] = lambda epoch: epoch
        self.epoch_of: Callable[[int], int] = lambda update: update
        self.kind = Choice("Kind of plane", "Over which plane the cost is shown (Alt+P)", KINDS)
        self.across = Choice("Parameter across", "The parameter along the horizontal axis (Up and Down)")
        self.up = Choice("Parameter upwards", "The parameter along the vertical axis (Up and Down)")
        self.numbers = tuple(
            NumberField(f"Number of the parameter {where}", f"From 1, as they lie in the list of weights: {where}")
            for where in ("across", "upwards")
        )
        self.epochs = tuple(
            NumberField(f"Epoch of point {k}", f"Point {k} of the plane: an epoch of the run (Enter)", width=58)
            for k in (1, 2, 3)
        )
        self.another = QPushButton("Another pair")
        describe(self.another, "Another random pair", "Take two other random directions (Alt+A)")
        self.another.setShortcut("Alt+A")
        self.words = named(QLabel(), "keyText")
        self.words.setWordWrap(True)
        self.rows: dict[str, tuple[QWidget, ...]] = {
            "parameters": (field_row("Across", self.across), field_row("Upwards", self.up)),
            "numbers": (field_row("Across", self.numbers[0]), field_row("Upwards", self.numbers[1])),
            "points": (field_row("Epochs", *self.epochs),),
            "random": (self.another,),
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(field_row("Plane", self.kind))
        for rows in self.rows.values():
            for row in rows:
                layout.addWidget(row)
        layout.addWidget(self.words)
        self._connect()
        self.hide()

    def _connect(self) -> None:
        self.kind.chosen.connect(self._choose_kind)
        self.across.chosen.connect(lambda index: self._choose_parameters(index, self._choice.second))
        self.up.chosen.connect(lambda index: self._choose_parameters(self._choice.first, index))
        for k, field in enumerate(self.numbers):
            field.typed.connect(lambda typed, k=k: self._choose_number(k, typed))
        for k, field in enumerate(self.epochs):
            field.typed.connect(lambda typed, k=k: self._choose_epoch(k, typed))
        self.another.clicked.connect(lambda: self.chosen.emit(replace(self._choice, seed=self._choice.seed + 1)))

    def show_choice(self, choice: PlaneChoice, problem: Problem) -> None:
        """Show a choice of plane for a network."""
        parameters = problem.architecture.parameters
        self._choice, self._parameters = choice, parameters
        self.kind.show_value(choice.kind)
        listed = parameters <= _LISTED
        if listed:
            options = [(title(problem, k), k) for k in range(parameters)]
            for box, index in ((self.across, choice.first), (self.up, choice.second)):
                box.set_options(options)
                box.show_value(index)
        for field, index in zip(self.numbers, (choice.first, choice.second), strict=True):
            field.show_value(index + 1)
        for field, update in zip(self.epochs, choice.updates, strict=True):
            field.show_value(self.epoch_of(update))
        shown = {"parameters": "parameters" if listed else "numbers"}.get(choice.kind, choice.kind)
        for kind, rows in self.rows.items():
            for row in rows:
                row.setVisible(kind == shown)
        self.words.setText(_WORDS[choice.kind])
        self.adjustSize()

    # --- what the user does -----------------------------------------------------------------------------------------
    def _choose_kind(self, kind: str) -> None:
        choice = replace(self._choice, kind=kind)  # type: ignore[arg-type]
        if kind == "points":
            last = self.epoch_of(-1)
            updates = (self.update_of(0), self.update_of(last // 2), self.update_of(last))
            if len(set(updates)) < 3:
                self._refuse("A plane through three points needs two epochs of training")
                return
            choice = replace(choice, updates=updates)
        self.chosen.emit(choice)

    def _choose_parameters(self, first: int, second: int) -> None:
        """Another parameter for one axis; where it is that of the other axis, they change places."""
        if first == second:
            first, second = self._choice.second, self._choice.first
        self.chosen.emit(replace(self._choice, first=first, second=second))

    def _choose_number(self, k: int, typed: object) -> None:
        if not isinstance(typed, int) or not 1 <= typed <= self._parameters:
            self._refuse(f"There are parameters 1 to {self._parameters:,}")
            return
        pair = [self._choice.first, self._choice.second]
        pair[k] = typed - 1
        self._choose_parameters(*pair)

    def _choose_epoch(self, k: int, typed: object) -> None:
        last = self.epoch_of(-1)
        if not isinstance(typed, int) or not 0 <= typed <= last:
            self._refuse(f"The run has the epochs 0 to {last:,}")
            return
        updates = list(self._choice.updates)
        updates[k] = self.update_of(typed)
        if len(set(updates)) < 3:
            self._refuse("The three points must be of three different epochs")
            return
        self.chosen.emit(replace(self._choice, updates=(updates[0], updates[1], updates[2])))

    def _refuse(self, sentence: str) -> None:
        """Say in one sentence what cannot be; everything stays as it is."""
        choice = self._choice
        self.kind.show_value(choice.kind)
        for field, index in zip(self.numbers, (choice.first, choice.second), strict=True):
            field.show_value(index + 1)
        for field, update in zip(self.epochs, choice.updates, strict=True):
            field.show_value(self.epoch_of(update))
        self.words.setText(sentence)
        self.refused.emit(sentence)

    # --- being closed -----------------------------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        """Look out for what closes it."""
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def hideEvent(self, event: QHideEvent) -> None:
        """There is nothing to be closed."""
        QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape closes it, wherever the keys go, and so does a press anywhere else in the window."""
        if not isinstance(watched, QWidget) or watched.window() is not self.window():
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return True
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            at = event.globalPosition().toPoint()
            if not any(_covers(part, at) for part in (self, self.button)):
                self.closed.emit()
        return False


def _covers(widget: QWidget, at: QPoint) -> bool:
    """Whether a point of the screen lies on a widget."""
    return widget.rect().contains(widget.mapFromGlobal(at))
