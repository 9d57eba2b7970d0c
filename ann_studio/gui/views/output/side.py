"""What stands beside the picture of the output: figures, and what the markers mean."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ann_studio.gui.controls import Elided, Steady
from ann_studio.gui.theme import Theme
from ann_studio.gui.views.output.ghost import ghost_pen
from ann_studio.gui.views.output.points import paint_points, paint_ring


class Key(QWidget):
    """A marker and its meaning."""

    def __init__(self) -> None:
        super().__init__()
        self.used = False  #: whether there is something to mean; where there is no room it is hidden all the same
        self.kind = "filled"
        self._mark = QLabel()
        self._mark.setFixedWidth(16)
        self._text = Elided(name="keyText")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)

    def show_key(self, text: str, colour: str, theme: Theme, kind: str = "filled") -> None:
        """Show a marker: of a ``class``, ``filled``, a ``ring``, ``chosen`` or a ``ghost``."""
        self.kind = kind
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(int(16 * ratio), int(16 * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        if kind == "chosen":
            painter.scale(0.7, 0.7)
            paint_ring(painter, QPointF(11.4, 11.4), theme)
        elif kind == "ghost":
            painter.setPen(ghost_pen(theme))
            painter.drawLine(QPointF(0, 8), QPointF(16, 8))
        else:
            paint_points(painter, [QPointF(8, 8)], [QColor(colour)], 10, theme, rings=kind == "ring")
        painter.end()
        self._mark.setPixmap(pixmap)
        self._text.setText(text)

    @property
    def text(self) -> str:
        """The meaning."""
        return self._text.text()


class Figure(QWidget):
    """A label above a large number."""

    def __init__(self) -> None:
        super().__init__()
        self.label, self.value = Elided(name="readoutLabel"), Steady("–", "readoutValue")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.label)
        layout.addWidget(self.value)

    def show_figure(self, label: str, value: str) -> None:
        """Show a number; only what changed is set."""
        if (self.label.text(), self.value.text()) != (label, value):
            if self.label.text() != label:
                self.label.setText(label)
            self.value.setText(value)
            self.setAccessibleName(f"{label} {value}")
