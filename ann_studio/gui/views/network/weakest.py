"""The small window that asks how many of the weakest weights are to be deleted, and says what that means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ann_studio.gui.controls import describe, field_row, named
from ann_studio.gui.fields import Slider, Stepper
from ann_studio.gui.theme import number
from ann_studio.learning.pruning import moving, weakest
from ann_studio.learning.state import Positions
from ann_studio.nn.architecture import Architecture

_FIRST = 20  #: per cent that are offered at first


class PruneDialog(QDialog):
    """Asks for a percentage."""

    chosen = Signal(object)  #: positions in ``theta``

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Prune the weakest weights")
        self.setMinimumWidth(420)
        self.positions: Positions = np.empty(0, dtype=np.int64)
        self._architecture: Architecture | None = None
        self._theta: NDArray[np.float64] = np.zeros(0)
        self._held: Positions = self.positions
        hint = "How many per cent of the weights that are neither deleted nor frozen"
        self.percent = Stepper("Per cent of the weights", hint, 1, 100)
        self.percent.setFixedWidth(96)
        self.slider = Slider("Share of the weights", hint, 100)
        self.slider.setMinimum(1)
        self.slider.setTracking(True)
        self.said = named(QLabel(), "fieldValue")
        self.said.setWordWrap(True)
        self.prune = QPushButton("Prune")
        self.prune.setProperty("kind", "primary")
        self.prune.setDefault(True)
        describe(self.prune, "Prune", "Delete these connections and keep them at 0 through all training (Enter)")
        cancel = QPushButton("Cancel")
        describe(cancel, "Cancel", "Leave all weights as they are (Esc)")
        self._lay_out(cancel)
        self.percent.chosen.connect(self.set_percent)
        self.slider.valueChanged.connect(self.set_percent)
        self.prune.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self.accepted.connect(lambda: self.chosen.emit(self.positions))
        self.set_percent(_FIRST)
        self.percent.field.setFocus()
        self.percent.field.selectAll()

    def _lay_out(self, cancel: QPushButton) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        explained = QLabel(
            "Deletes the weights that are smallest in size. Biases and frozen weights stay; Undo brings all back."
        )
        explained.setWordWrap(True)
        layout.addWidget(explained)
        layout.addWidget(field_row("Per cent", self.percent))
        layout.addWidget(self.slider)
        layout.addWidget(self.said)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.prune)
        layout.addLayout(buttons)

    def set_percent(self, percent: object) -> None:
        """Offer the weakest `percent` per cent, which may be what somebody typed."""
        if not isinstance(percent, int) or not 1 <= percent <= 100:
            self.said.setText("Per cent are a whole number from 1 to 100")
            return
        self.percent.show_value(percent)
        self.slider.show_position(percent)
        self._preview()

    def show_weights(self, architecture: Architecture, theta: NDArray[np.float64], held: Positions) -> None:
        """Go by these weights from now on, without those that are held: deleted already, or frozen."""
        self._architecture, self._theta, self._held = architecture, theta, held
        self._preview()

    def _preview(self) -> None:
        if self._architecture is None:
            return
        theta, share = self._theta, self.percent.value / 100
        self.positions = weakest(self._architecture, theta, self._held, share)
        left = len(moving(self._architecture, self._held))
        count = len(self.positions)
        if count:
            largest = number(float(np.abs(theta[self.positions]).max()))
            self.said.setText(f"{count:,} of {left:,} weights, none larger than {largest} in size")
        else:
            self.said.setText(f"None of {left:,} weights" if left else "All weights are deleted already, or frozen")
        self.prune.setEnabled(count > 0)
