"""The toolbar: what the run is, how it moves, and its three main numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QGuiApplication, QIcon, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ann_studio.engine.messages import Frame, Pause, Reset, Run, SetSpeed, Speed, Status, Step, Unit
from ann_studio.gui.controls import Saying, describe, named
from ann_studio.gui.icons import icon
from ann_studio.gui.painting import painting
from ann_studio.gui.scales import significant
from ann_studio.gui.theme import LIGHT, Theme, font
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.storage.resources import icon as resource_icon

#: The positions of the speed slider, slow to fast.
SPEEDS: tuple[Speed, ...] = (
    Speed(1, Unit.PHASE),
    Speed(3, Unit.PHASE),
    Speed(10, Unit.PHASE),
    Speed(3, Unit.SAMPLE),
    Speed(10, Unit.SAMPLE),
    Speed(10, Unit.UPDATE),
    Speed(30, Unit.UPDATE),
    Speed(3, Unit.EPOCH),
    Speed(12, Unit.EPOCH),
    Speed(30, Unit.EPOCH),
    Speed(100, Unit.EPOCH),
    Speed(300, Unit.EPOCH),
    Speed(math.inf, Unit.EPOCH),
)

#: Digits of a cost.
_DIGITS = 4
#: Heights of a readout's number in pixels; the first for which there is room.
_HEIGHTS = (20, 17, 15, 13)
_BEFORE_UNIT = 6
#: Widths of the three readouts in pixels, and where there is little room.
_ROOMS, _SHORT_ROOMS = (128, 110, 110), (92, 86, 96)
#: Least and greatest width of logo and name.
_NAME = (140, 280)


@dataclass(frozen=True)
class _Saying:
    """How much the toolbar says."""

    rooms: tuple[int, int, int] = _SHORT_ROOMS
    name: bool = False
    steps: bool = False
    speed: bool = False
    speed_title: bool = False


#: From all that may be said to the least.
_SAYINGS = (
    _Saying(_ROOMS, name=True, steps=True, speed=True, speed_title=True),
    _Saying(_ROOMS, name=True, steps=True, speed=True),
    _Saying(name=True, steps=True, speed=True),
    _Saying(steps=True, speed=True),
    _Saying(speed=True),
    _Saying(),
)

#: Chip of each status: icon and the theme's colour pair.
_CHIPS = {
    Status.PREPARING: ("hourglass-medium", "warning"),
    Status.READY: ("circle", "accent"),
    Status.TRAINING: ("play", "done"),
    Status.PAUSED: ("pause", "warning"),
    Status.FINISHED: ("check", "done"),
    Status.DIVERGED: ("warning", "error"),
    Status.FAILED: ("bug", "error"),
}


def speed_text(speed: Speed, sample: str = "sample") -> str:
    """``12 epochs/s``, ``1 phase/s``, ``full speed``; `sample` is what samples are called."""
    if math.isinf(speed.rate):
        return "full speed"
    unit = sample if speed.unit is Unit.SAMPLE else speed.unit.value
    return f"{speed.rate:g} {unit}{'' if speed.rate == 1 else 's'}/s"


class Readout(QWidget):
    """A label above a large number, with a small unit behind it.

    It paints itself, since it changes many times a second: labels would lay out the whole toolbar each time. Its width
    is fixed, so that nothing beside it moves: where there is no room the unit goes, then the number is smaller.

    Parameters
    ----------
    room
        Width in pixels.
    """

    def __init__(self, label: str, room: int) -> None:
        super().__init__()
        self._theme: Theme = LIGHT
        self._name, self._text, self._unit, self.exact = label, "–", "", ""
        self.setFixedWidth(room)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        # It paints all of itself, so that nothing below it need be painted.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.update()

    def rename(self, label: str) -> None:
        """Stand for something else."""
        if label != self._name:
            self._name = label
            self._say()
            self.update()

    def _say(self) -> None:
        self.setAccessibleName(f"{self._name} {self._text} {self._unit}".strip())

    def show_value(self, text: str, unit: str = "", hint: str = "", exact: float | None = None) -> None:
        """Show `text` and a small `unit` behind it; only what changed is set. `exact` is what "Copy" copies."""
        self.exact = text if exact is None else repr(exact)
        if (self._text, self._unit) != (text, unit):
            self._text, self._unit = text, unit
            self._say()
            self.update()
        if self.toolTip() != hint:
            self.setToolTip(hint)

    def fitted(self) -> tuple[int, str]:
        """Height of the number in pixels, and the unit as far as it has room."""
        room = self.width()
        size = next((size for size in _HEIGHTS if self.needed(size) <= room), _HEIGHTS[-1])
        # The unit stays or goes for good: it names the greatest number there will be.
        last = QFontMetrics(font(size, 600)).horizontalAdvance(self._unit.removeprefix("of "))
        needed = max(self.needed(size), last) + _BEFORE_UNIT + QFontMetrics(font(13)).horizontalAdvance(self._unit)
        return size, self._unit if needed <= room else ""

    def needed(self, size: int) -> int:
        """Width of the number at this height, without its unit."""
        return QFontMetrics(font(size, 600)).horizontalAdvance(self._text)

    def _unit_at(self, size: int) -> int:
        return self.needed(size) + _BEFORE_UNIT

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the three texts."""
        middle, (size, unit) = self.height() // 2, self.fitted()
        with painting(self) as painter:
            painter.fillRect(self.rect(), QColor(self._theme.card))
            painter.setFont(font(13))
            painter.setPen(QColor(self._theme.text_2))
            painter.drawText(0, middle - 7, self._name)
            painter.drawText(self._unit_at(size), middle + 16, unit)
            painter.setFont(font(size, 600))
            painter.setPen(QColor(self._theme.text))
            painter.drawText(0, middle + 16, self._text)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy the number in full."""
        menu = QMenu(self)
        menu.addAction(f"Copy {self._name.lower()} {self.exact}").triggered.connect(self.copy)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """Put the number on the clipboard, with all its digits."""
        QGuiApplication.clipboard().setText(self.exact)


class Transport(QFrame):
    """Reset, steps, play and pause, speed, readouts and the state chip."""

    commanded = Signal(object)  #: a command of `ann_studio.engine.messages`
    theme_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolbar")
        self._status = Status.READY
        self._theme: Theme | None = None
        self._problem: Problem | None = None
        self._sample = "sample"  #: what a sample is called
        self.title = named(QLabel("ANN Studio"), "appTitle")
        self.subtitle = Saying(name="appSubtitle")
        self.logo = QLabel()
        self.logo.setFixedSize(32, 32)
        self.reset = self._button("Reset", "Start again from the first weights (Ctrl+Home)", icon_only=True)
        self.phase = self._button("Phase", "One phase of the next update (→)")
        self.sample = self._button("Sample", "Through one sample, forward and backward (Shift+→)")
        self.epoch = self._button("Epoch", "To the end of the epoch (Ctrl+→)")
        self.play = self._button("Play", "Train, or pause (Space)", primary=True)
        self.speed = QSlider(Qt.Orientation.Horizontal)
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setFixedWidth(112)
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("How fast Play goes: from one phase a second to as fast as it can (− and +)")
        self.speed_label = named(QLabel(""), "speedLabel")
        self.epochs = Readout("Epoch", _ROOMS[0])
        self.train_loss = Readout("Train cost", _ROOMS[1])
        self.validation_loss = Readout("Validation cost", _ROOMS[2])
        self.chip = named(QPushButton("Ready"), "chip")
        self.chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.chip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.theme_button = named(QToolButton(), "flat")
        self.theme_button.setAccessibleName("Light or dark")
        self.theme_button.setToolTip("Switch between light and dark (Ctrl+Shift+L)")
        self._lay_out()
        self._connect()
        self.speed.setValue(9)
        self._show_speed(SPEEDS[9])

    def _button(self, text: str, hint: str, *, primary: bool = False, icon_only: bool = False) -> QPushButton:
        button = QPushButton("" if icon_only else text)
        button.setAccessibleName(text)
        button.setToolTip(hint)
        if primary:
            button.setProperty("kind", "primary")
        button.setMinimumHeight(40)
        button.setIconSize(QSize(16, 16))
        if icon_only:
            button.setFixedWidth(40)
        return button

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addStretch(1)
        names.addWidget(self.title)
        names.addWidget(self.subtitle)
        names.addStretch(1)
        brand = QWidget()
        brand_row = QHBoxLayout(brand)
        brand_row.setContentsMargins(0, 0, 0, 0)
        brand_row.setSpacing(12)
        brand_row.addWidget(self.logo)
        brand_row.addLayout(names, 1)
        self.brand = brand
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(8)
        layout.addWidget(brand)
        layout.addSpacing(8)
        for button in (self.reset, self.phase, self.sample, self.epoch, self.play):
            layout.addWidget(button)
        layout.addSpacing(8)
        self.speed_title = named(QLabel("Speed"), "speedLabel")
        layout.addWidget(self.speed_title)
        layout.addWidget(self.speed)
        layout.addWidget(self.speed_label)
        layout.addStretch(1)
        for readout in (self.epochs, self.train_loss, self.validation_loss):
            layout.addWidget(readout)
            layout.addSpacing(8)
        layout.addWidget(self.chip)
        layout.addWidget(self.theme_button)
        self.setFixedHeight(64)

    def _connect(self) -> None:
        send = self.commanded.emit
        self.reset.clicked.connect(lambda: send(Reset()))
        self.phase.clicked.connect(lambda: send(Step(Unit.PHASE)))
        self.sample.clicked.connect(lambda: send(Step(Unit.SAMPLE)))
        self.epoch.clicked.connect(lambda: send(Step(Unit.EPOCH)))
        self.play.clicked.connect(self.toggle)
        self.speed.valueChanged.connect(lambda position: send(SetSpeed(SPEEDS[position])))
        self.theme_button.clicked.connect(self.theme_toggled)

    def toggle(self) -> None:
        """Play if the runner stands, pause if it trains."""
        self.commanded.emit(Pause() if self._status is Status.TRAINING else Run())

    def step_button(self, unit: Unit) -> QPushButton:
        """The button that steps by `unit`."""
        return {Unit.PHASE: self.phase, Unit.SAMPLE: self.sample, Unit.EPOCH: self.epoch}[unit]

    def change_speed(self, by: int) -> None:
        """Move the speed slider by so many positions."""
        self.speed.setValue(self.speed.value() + by)

    def resizeEvent(self, event: object) -> None:
        """Give way in a narrow window."""
        self._give_way()

    def _give_way(self) -> None:
        """Say as much as there is room for; what is left over is the name's."""
        layout = self.layout()
        assert layout is not None
        for saying in _SAYINGS:
            self._say(saying)
            spare = self.width() - layout.minimumSize().width()
            if spare >= 0:
                break
        if saying.name:
            self.brand.setFixedWidth(min(_NAME[1], _NAME[0] + max(0, spare)))

    def _say(self, saying: _Saying) -> None:
        self.brand.setFixedWidth(_NAME[0] if saying.name else self.logo.width())
        for label in (self.title, self.subtitle):
            label.setVisible(saying.name)
        self.speed.setFixedWidth(112 if saying.speed_title else 72)
        self.speed_title.setVisible(saying.speed_title)
        self.speed_label.setVisible(saying.speed)
        words = ((self.phase, "Phase"), (self.sample, self._sample.capitalize()), (self.epoch, "Epoch"))
        for button, text in words:
            button.setText(text if saying.steps else "")
        for readout, room in zip((self.epochs, self.train_loss, self.validation_loss), saying.rooms, strict=True):
            readout.setFixedWidth(room)

    def _suit(self, problem: Problem) -> None:
        """A landscape has no samples, but noisy gradients or one that is exact, and no validation."""
        landscape = isinstance(problem.experiment.data, Landscape)
        self._sample = "gradient" if landscape else "sample"
        through = "one noisy gradient" if landscape else "one sample, forward and backward"
        describe(self.sample, self._sample.capitalize(), f"Through {through} (Shift+→)")
        self.sample.setVisible(not landscape or len(problem.train) > 1)
        self.reset.setToolTip(f"Start again from the {'start' if landscape else 'first weights'} (Ctrl+Home)")
        self.train_loss.rename("Cost" if landscape else "Train cost")
        self.validation_loss.setVisible(not landscape)
        self._give_way()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        for readout in (self.epochs, self.train_loss, self.validation_loss):
            readout.set_theme(theme)
        self.logo.setPixmap(QIcon(str(resource_icon("ann-studio.svg"))).pixmap(32, 32))
        self.reset.setIcon(icon("arrow-counter-clockwise", theme))
        self.phase.setIcon(icon("caret-right", theme))
        self.sample.setIcon(icon("caret-double-right", theme))
        self.epoch.setIcon(icon("skip-forward", theme))
        self.theme_button.setIcon(icon("moon" if theme.name == "light" else "sun", theme))
        self._show_status(self._status)
        self._hold_widths()

    def _hold_widths(self) -> None:
        """Give what changes its words room for the longest, so that nothing moves when it does."""
        for button, words in (
            (self.play, ("Play", "Pause")), (self.chip, tuple(status.value for status in Status)),
        ):  # fmt: skip
            before = button.text()
            button.setMinimumWidth(0)
            widths = []
            for word in words:
                button.setText(word)
                widths.append(button.sizeHint().width())
            button.setText(before)
            button.setMinimumWidth(max(widths))
        metrics = self.speed_label.fontMetrics()
        said = (speed_text(speed, sample) for speed in SPEEDS for sample in ("sample", "gradient"))
        self.speed_label.setFixedWidth(max(map(metrics.horizontalAdvance, said)) + 2)
        self._give_way()

    def show_name(self, name: str, architecture: str, path: str) -> None:
        """Show what is run; the tooltip has the whole of it, and the file that it is kept in. Some have no network."""
        self.subtitle.setText(" · ".join(filter(None, (name, architecture))))
        self.subtitle.setToolTip("\n".join(filter(None, (self.subtitle.text(), path))))

    def show_frame(self, frame: Frame) -> None:
        """Show what the runner does and where it is."""
        self._show_speed(frame.speed)
        if frame.status is not self._status:
            self._show_status(frame.status)
        self.chip.setToolTip(frame.message)
        ready = bool(frame.snapshots) and frame.status not in (Status.PREPARING, Status.FAILED)
        for button in (self.phase, self.sample, self.epoch, self.play):
            button.setEnabled(ready)
        self.reset.setEnabled(ready or frame.status is Status.FAILED)
        if frame.problem is None or not frame.snapshots:
            return
        if frame.problem is not self._problem:
            self._problem = frame.problem
            self._suit(frame.problem)
        snapshot, stop = frame.snapshots[0], frame.problem.experiment.stop.epochs
        self.epochs.show_value(
            f"{snapshot.state.epoch:,}", "" if stop is None or snapshot.state.epoch > stop else f"of {stop:,}"
        )
        stale = snapshot.losses_update != snapshot.state.update
        hint = f"of the last complete epoch (update {snapshot.losses_update:,})" if stale else ""
        self.train_loss.show_value(significant(snapshot.train_loss, _DIGITS), "", hint, snapshot.train_loss)
        self.validation_loss.show_value(
            significant(snapshot.validation_loss, _DIGITS), "", hint, snapshot.validation_loss
        )

    def _show_speed(self, speed: Speed) -> None:
        text = speed_text(speed, self._sample)
        if text == self.speed_label.text():
            return
        self.speed_label.setText(text)
        self.speed.setAccessibleDescription(text)

    def _show_status(self, status: Status) -> None:
        self._status = status
        training = status is Status.TRAINING
        self.play.setText("Pause" if training else "Play")
        self.play.setAccessibleName("Pause" if training else "Play")
        name, colour = _CHIPS[status]
        self.chip.setText(status.value)
        self.chip.setAccessibleName(f"State: {status.value}")
        self.chip.setProperty("tone", colour)
        self.chip.style().unpolish(self.chip)
        self.chip.style().polish(self.chip)
        if self._theme is not None:
            on_accent = self._theme.on_accent
            self.play.setIcon(icon("pause-fill" if training else "play-fill", self._theme, on_accent))
            self.chip.setIcon(icon(name, self._theme, getattr(self._theme, colour)))
