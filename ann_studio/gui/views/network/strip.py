"""The strip at the foot of the graph that says what an edit did, with two ways on; it lies over the legend."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from ann_studio.engine.messages import Effect
from ann_studio.gui.controls import Elided, describe, retitle
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import Theme
from ann_studio.gui.views.network.effect import figures_words, validation_words
from ann_studio.gui.views.network.layout import LEGEND

#: Height of the strip, which the legend below it has anyway.
HEIGHT = LEGEND - 2
#: From these widths on there is room for the accuracy too, and for words on the buttons.
_WITH_ACCURACY, _WITH_WORDS = 560, 420


class EffectStrip(QFrame):
    """Label, cost and accuracy before and after, Undo, and "Train on around it"."""

    undone = Signal()
    trainedOn = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("effectStrip")
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.label, self.cost, self.accuracy = Elided(name="stripStrong"), QLabel(), QLabel()
        self.cost.setObjectName("stripText")
        self.accuracy.setObjectName("stripText")
        self.undo, self.train_on = QPushButton("Undo"), QPushButton("Train on around it")
        for button in (self.undo, self.train_on):
            button.setProperty("kind", "compact")
        describe(self.undo, "Undo the edit", "Take the edit back (Ctrl+Z)")
        describe(
            self.train_on,
            "Train on around the edit",
            "Freeze what was set by hand, and train the others (Ctrl+Enter)",
        )
        self.undo.clicked.connect(self.undone)
        self.train_on.clicked.connect(self.trainedOn)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 6, 0)
        layout.setSpacing(12)
        layout.addWidget(self.label, 1)
        for words in (self.cost, self.accuracy):
            layout.addWidget(words)
        for button in (self.undo, self.train_on):
            layout.addWidget(button)
        self._words: tuple[str, str] = ("", "")
        self.hide()

    def minimumSizeHint(self) -> QSize:
        """It takes the width that the graph has."""
        return QSize(0, HEIGHT)

    def show_effect(self, effect: Effect | None) -> None:
        """Say what an edit did; None: nothing was done just now."""
        if effect is None:
            self.hide()
            return
        cost, accuracy = self._words = figures_words(effect.before, effect.after)
        self.label.setText(effect.label)
        self.cost.setText(cost)
        self.accuracy.setText(accuracy)
        validation = validation_words(effect.before, effect.after)
        self.setToolTip(validation)
        said = " · ".join(each for each in (effect.label, cost, accuracy, validation) if each)
        self.setAccessibleName("Effect of the edit")
        self.setAccessibleDescription(said)
        self._fit()
        self.show()
        self.raise_()

    def _fit(self) -> None:
        width = self.width()
        self.accuracy.setVisible(bool(self._words[1]) and width >= _WITH_ACCURACY)
        for button, text in ((self.undo, "Undo"), (self.train_on, "Train on around it")):
            retitle(button, text if width >= _WITH_WORDS else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow card say less."""
        super().resizeEvent(event)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.undo.setIcon(icon("arrow-u-up-left", theme))
        self.train_on.setIcon(icon("play", theme))


