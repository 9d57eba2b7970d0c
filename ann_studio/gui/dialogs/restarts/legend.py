"""The legend: each minimum's look, its cost, and where it lies."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.gui.dialogs.restarts.figure import digits_of
from ann_studio.gui.dialogs.restarts.findings import Comparison
from ann_studio.gui.dialogs.restarts.look import Kind, kinds, paint_swatch
from ann_studio.gui.painting import painting
from ann_studio.gui.theme import LIGHT, Theme, font, number

_ROW, _SWATCH = 46, 28
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class Legend(QWidget):
    """A row for each kind of minimum."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = LIGHT
        self._comparison: Comparison | None = None
        self._kinds: tuple[Kind, ...] = ()
        self.setAccessibleName("Minima")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A row for each."""
        return QSize(200, _ROW * max(1, len(self._kinds)))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show the minima that were found."""
        self._comparison = comparison
        self._dress()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self._dress()

    def _dress(self) -> None:
        self._kinds = () if self._comparison is None else kinds(self._comparison, self.theme)
        said = "; ".join(", ".join((kind.name, *self.words(kind))) for kind in self._kinds)
        self.setAccessibleDescription(said)
        self.setToolTip(said)
        self.updateGeometry()
        self.update()

    def words(self, kind: Kind) -> tuple[str, str]:
        """What is said of a kind: its cost, and what else is known."""
        assert self._comparison is not None
        minima = self._comparison.minima
        if kind.minima == (-1,):
            return ("no finite cost", "halve the learning rate")
        losses = [minimum.loss for minimum in minima]
        digits = digits_of(losses)
        if len(kind.minima) > 1:
            ends = [number(minima[k].loss, digits) for k in (kind.minima[0], kind.minima[-1])]
            return (f"{len(kind.minima):,} more minima", f"cost {ends[0]} … {ends[1]}")
        minimum = minima[kind.minima[0]]
        facts = ["lowest"] if kind.minima == (0,) and len(minima) > 1 else []
        if len(minimum.theta) == 2:
            facts.append("({})".format(", ".join(number(value, 2) for value in minimum.theta.tolist())))
        if minimum.falling:
            facts.append("still going down")
        return (f"cost {number(minimum.loss, digits)}", " · ".join(facts))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Swatches with letters, and two lines of words beside each."""
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            if not self._kinds:
                painter.setFont(font(13))
                painter.setPen(QColor(self.theme.text_3))
                painter.drawText(self.rect(), _LEFT, "none yet")
            for row, kind in enumerate(self._kinds):
                self._paint_row(painter, kind, float(row * _ROW))

    def _paint_row(self, painter: QPainter, kind: Kind, top: float) -> None:
        theme = self.theme
        swatch = QRectF(0, top + 6, _SWATCH, _SWATCH)
        paint_swatch(painter, swatch, kind, theme, self.devicePixelRatioF())
        if len(kind.name) <= 2:
            plate = QRectF(swatch.center().x() - 9, swatch.center().y() - 9, 18, 18)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.card))
            painter.drawRoundedRect(plate, 5, 5)
            painter.setPen(QColor(kind.colour))
            painter.setFont(font(13, 700))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, kind.name)
        first, second = self.words(kind)
        if len(kind.name) > 2:
            first = f"{kind.name}: {first}"
        left = _SWATCH + 12
        painter.setFont(font(14, 600))
        painter.setPen(QColor(theme.text))
        room = QRectF(left, top + (2 if second else 11), self.width() - left, 20)
        painter.drawText(
            room, _LEFT, painter.fontMetrics().elidedText(first, Qt.TextElideMode.ElideRight, int(room.width()))
        )
        painter.setFont(font(12))
        painter.setPen(QColor(theme.text_2))
        room = QRectF(left, top + 21, self.width() - left, 17)
        painter.drawText(
            room, _LEFT, painter.fontMetrics().elidedText(second, Qt.TextElideMode.ElideRight, int(room.width()))
        )
