"""The strip at the foot of the graph that says what an edit did, with two ways on; it lies over the legend."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from ann_studio.engine.messages import Effect
from ann_studio.gui.controls import Elided, Saying, describe, retitle
from ann_studio.gui.icons import icon
from ann_studio.gui.parameters import fitted
from ann_studio.gui.theme import Theme
from ann_studio.gui.views.network.effect import figures_words, headline, validation_words
from ann_studio.gui.views.network.layout import LEGEND
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State

#: Height of the strip, which the legend below it has anyway.
HEIGHT = LEGEND
#: From these widths on there is room for all words on the buttons, and for some.
_ALL_WORDS, _SOME_WORDS = 600, 420


class EffectStrip(QFrame):
    """Label, cost and accuracy before and after, Undo, and "Train on around it"."""

    undone = Signal()
    trainedOn = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("effectStrip")
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.label, self.figures = Elided(name="stripStrong"), Saying(name="stripFigures")
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
        layout.setContentsMargins(10, 2, 6, 2)
        layout.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        for line in (self.label, self.figures):
            line.setFixedHeight((HEIGHT - 4) // 2)
            words.addWidget(line)
        layout.addLayout(words, 1)
        for button in (self.undo, self.train_on):
            layout.addWidget(button)
        self._effect: Effect | None = None
        self._headline = self._figures = ""
        self._around = "Train on"
        self.hide()

    def minimumSizeHint(self) -> QSize:
        """It takes the width that the graph has."""
        return QSize(0, HEIGHT)

    def show_effect(self, effect: Effect | None, problem: Problem, state: State) -> None:
        """Say what an edit did that led to `state`; None: nothing was done just now."""
        if effect is self._effect:
            return
        self._effect = effect
        if effect is None:
            self.hide()
            return
        label, figures = headline(effect, problem, state), figures_words(effect.before, effect.after)
        self._headline, self._figures = label, figures
        self._around = "Train on around it" if len(effect.indices) else "Train on"
        validation = validation_words(effect.before, effect.after)
        self.setToolTip(validation)
        said = " · ".join(each for each in (label, figures, validation) if each)
        self.setAccessibleName("Effect of the edit")
        self.setAccessibleDescription(said)
        self._fit()
        self.show()
        self.raise_()

    def allow_undo(self, on: bool) -> None:
        """Whether this edit is the one that would be taken back."""
        self.undo.setEnabled(on)
        self.undo.setToolTip(
            "Take the edit back (Ctrl+Z)" if on else "There are edits further on, which go first (Ctrl+Z)"
        )

    def _fit(self) -> None:
        width = self.width()
        some = ("", "Train on") if width >= _SOME_WORDS else ("", "")
        words = ("Undo", self._around) if width >= _ALL_WORDS else some
        for button, text in zip((self.undo, self.train_on), words, strict=True):
            retitle(button, text)
        layout = self.layout()
        assert layout is not None
        layout.activate()
        shorter = self._figures.replace(" % →", " →")
        offers = (self._figures, shorter, shorter.replace("accuracy", "acc."))
        measure, room = self.figures.fontMetrics().horizontalAdvance, self.figures.width()
        self.figures.setText(next((offer for offer in offers if measure(offer) <= room), shorter))
        self.label.setText(fitted(self._headline, self.label.width(), self.label.fontMetrics().horizontalAdvance))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow card say less."""
        super().resizeEvent(event)
        self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.undo.setIcon(icon("arrow-u-up-left", theme))
        self.train_on.setIcon(icon("play", theme))
