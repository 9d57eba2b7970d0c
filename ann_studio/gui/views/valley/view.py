"""The valley view: a card with the cost along one parameter or along the gradient."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ann_studio.analysis.slice import SliceChoice
from ann_studio.engine.messages import Frame, SetParameters, Sounded, Sounding, Status, Unanswered
from ann_studio.gui.controls import Choice, Switch
from ann_studio.gui.hint import HEIGHT, Hint
from ann_studio.gui.parameters import brief, title
from ann_studio.gui.theme import Theme
from ann_studio.gui.view import View
from ann_studio.gui.views.valley import words
from ann_studio.gui.views.valley.canvas import Canvas
from ann_studio.learning.problem import Problem

#: Parameters that can all be listed; of larger networks those that were clicked are.
_LISTED, _OFFERED = 40, 8
_CHOICE = (96, 240, 0.3)  #: width: at least, at most, and as a part of the card's
_FRAME = 44  #: what a title needs beside its letters
#: Height that the picture keeps before the sentence below it has any room.
_LEAST_PICTURE = 130
#: Below this width the axis says what the subtitle says elsewhere.
_NARROW = 520
#: The nearest that the ball comes to the border, as a part of the width.
_BORDER = 0.06
#: Turns that follow each other sooner than this, in seconds, are fast.
_FAST = 0.12
_GRADIENT = SliceChoice(None)
Range = tuple[float, float]


class ValleyView(View):
    """The card of the valley.

    It asks for one slice at a time: a new one as soon as the last was answered and the parameters have changed since.
    While frames of training follow each other fast, it shows the answer at its next turn, so that no frame has to
    paint more than its share.
    """

    sounding_wanted = Signal(object)  #: a `Sounding`; the newest wins

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Valley", parent)
        self.canvas, self.hint = Canvas(), Hint("Largest stable learning rate")
        self.explain(self.canvas.toolTip())
        self.canvas.chosen.connect(self._set)
        self.canvas.zoomed.connect(self._zoom)
        self.along = Choice("Along", "Along which parameter the cost is drawn; click an edge or a bias to choose it")
        self.along.setProperty("kind", "compact")
        self.along.brief = brief
        self.along.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.along.setMinimumWidth(_CHOICE[0])
        self.along.chosen.connect(self._choose)
        self.curvature = Switch("Curvature", "Second derivative: parabola, Newton’s step, largest stable rate (Alt+K)")
        self.curvature.setShortcut("Alt+K")
        self.curvature.toggled.connect(self._switch)
        self.header.addWidget(self.along)
        self.header.addWidget(self.curvature)
        self.body.addWidget(self.canvas, 1)
        self.body.addWidget(self.hint)
        self.choice = SliceChoice(0)
        self.sounded: Sounded | None = None
        self._frame: Frame | None = None
        self._asked: Sounding | None = None  #: the newest request
        self._range: Range | None = None
        self._is_zoomed = False
        self._clicked: list[int] = []
        self._failed = False  #: nothing will come of what was asked
        self._arrived: Sounded | None = None  #: the answer that is shown at the next turn
        self._is_awaited = False  #: a user has asked for another slice, and waits for it
        self._turn_at, self._round = 0.0, math.inf  #: when the last turn was, and seconds since the one before

    # --- what there is ----------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Ask for the valley of the main run, unless it is known or asked for."""
        if frame.problem is None or not frame.snapshots or frame.status is Status.PREPARING:
            return
        if frame is not self._frame:
            now = time.monotonic()
            self._turn_at, self._round = now, now - self._turn_at
        if self._arrived is not None:
            self._show(self._arrived)
        before = self._frame.problem if self._frame is not None else None
        self._frame = frame
        if before is None or not _is_same_network(before, frame.problem):
            self._clicked.clear()
            self._range, self._is_zoomed = None, False
            self.sounded = None
            self.canvas.forget()
            self.describe("")
            self.hint.say("")
            if (self.choice.parameter or 0) >= frame.problem.architecture.parameters:
                self.choice = SliceChoice(0)
            self._show_choices(frame.problem)
        self._ask()

    def show_sounded(self, sounded: Sounded) -> None:
        """Show the answer to the newest request; others are out of date."""
        if self._asked is None or sounded.sounding.request != self._asked.request:
            return
        fast = self._frame is not None and self._frame.status is Status.TRAINING and self._round < _FAST
        if fast and self.sounded is not None and not self._is_awaited:
            self._arrived = sounded
            return
        self._show(sounded)
        self._ask()

    def _show(self, sounded: Sounded) -> None:
        self._arrived, self._is_awaited, self.sounded = None, False, sounded
        positions = sounded.slice.positions
        self._range = (float(positions[0]), float(positions[-1]))
        self.canvas.show_sounded(sounded)
        self._say(self.canvas.sounded)

    def show_unanswered(self, unanswered: Unanswered) -> None:
        """A sounding failed: the last one stays until the ball has moved."""
        self._failed = self._failed or unanswered.wanted is self._asked

    def _say(self, shown: Sounded | None) -> None:
        if shown is not None:
            narrow = self.width() < _NARROW
            self.canvas.set_caption(narrow)
            self.describe("" if narrow else words.subtitle(shown))
            self.hint.say(*(words.stability(shown) if self.canvas.second else ("",)))
        self._share_room()

    def _share_room(self) -> None:
        """Give the sentence a line of its own where the picture keeps enough height, else one among the numbers."""
        room = self.body.geometry().height() - self.body.spacing()
        self.hint.allow(min(room - _LEAST_PICTURE, HEIGHT))
        self.canvas.set_limit(self.hint.isHidden())

    def minimumSizeHint(self) -> QSize:
        """Room for the picture; the sentence comes where there is more."""
        least = super().minimumSizeHint()
        sentence = 0 if self.hint.isHidden() else self.hint.minimumHeight() + self.body.spacing()
        return QSize(least.width(), least.height() - sentence)

    def offer(self, index: int) -> None:
        """Draw the cost along this entry of ``theta``, which was clicked elsewhere."""
        if self._frame is None or self._frame.problem is None:
            return
        problem = self._frame.problem
        if not 0 <= index < problem.architecture.parameters:
            return
        if index in self._clicked:
            self._clicked.remove(index)
        self._clicked = [index, *self._clicked][:_OFFERED]
        self._choose(SliceChoice(index))
        self._show_choices(problem)

    def _show_choices(self, problem: Problem) -> None:
        count = problem.architecture.parameters
        listed = list(range(count)) if count <= _LISTED else self._clicked or [0]
        short = count == 2
        options: list[tuple[str, object]] = [
            (f"along {title(problem, k)}" if short else title(problem, k), SliceChoice(k)) for k in listed
        ]
        options.append(("along gradient" if short else "the gradient", _GRADIENT))
        if self.choice not in [value for _, value in options]:
            self.choice = SliceChoice(listed[0])
        self.along.set_options(options)
        self.along.show_value(self.choice)
        self._size_choice()

    def _size_choice(self) -> None:
        """As wide as its titles need, if that leaves room for the subtitle; where there is none, as there is room."""
        metrics, (least, most, share) = self.along.fontMetrics(), _CHOICE
        widest = max((metrics.horizontalAdvance(self.along.itemText(k)) for k in range(self.along.count())), default=0)
        room = share * self.width()
        if self.width() < _NARROW:
            others = self.title.sizeHint().width() + self.curvature.sizeHint().width()
            room = self.header.geometry().width() - others - 4 * self.header.spacing()
        self.along.setMaximumWidth(round(max(least, min(widest + _FRAME, most, room))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow card has less room for the choice, and none for a subtitle."""
        super().resizeEvent(event)
        self._size_choice()
        self._say(self.canvas.sounded)

    # --- requests ---------------------------------------------------------------------------------------------------
    def _ask(self) -> None:
        """Ask for a slice if it is to be seen, there is need of one and none is under way."""
        frame, asked = self._frame, self._asked
        if frame is None or not self.isVisible():
            return
        if asked is not None and asked.choice == self.choice and asked.frame.problem is frame.problem:
            answered = self._failed or (self.sounded is not None and self.sounded.sounding.request == asked.request)
            same = np.array_equal(asked.frame.snapshots[0].state.theta, frame.snapshots[0].state.theta)
            if same and answered:
                self._date(asked, frame)
            if same or not answered:
                return
        self._send(frame, self._extent(frame))

    def _date(self, asked: Sounding, frame: Frame) -> None:
        """Say of a later frame what is known: the parameters are the same."""
        if self.sounded is not None and not self._failed and asked.frame is not frame:
            self._asked = replace(asked, frame=frame)
            self.sounded = replace(self.sounded, sounding=self._asked)
            self.canvas.show_sounded(self.sounded)
            self._say(self.canvas.sounded)

    def _send(self, frame: Frame, extent: Range | None) -> None:
        self._arrived = None
        request = 1 if self._asked is None else self._asked.request + 1
        self._asked, self._failed = Sounding(request, frame, self.choice, extent), False
        self.sounding_wanted.emit(self._asked)

    def _extent(self, frame: Frame) -> Range | None:
        """The range to be seen: the last one, unless the ball comes near to its border."""
        if self._range is None:
            return None
        low, high = self._range
        parameter, border = self.choice.parameter, _BORDER * (high - low)
        here = 0.0 if parameter is None else float(frame.snapshots[0].state.theta[parameter])
        if low + border <= here <= high - border:
            return self._range
        half = (high - low) / 2
        return (here - half, here + half) if self._is_zoomed else None

    def _choose(self, choice: SliceChoice) -> None:
        if choice != self.choice:
            self.choice = choice
            self._range, self._is_zoomed = None, False
            self._is_awaited = True
            self.canvas.forget_scale()
            self.along.show_value(choice)
            self._ask()

    def _zoom(self, factor: float) -> None:
        """Show a range that is `factor` times as wide, around the ball; 0: what is sensible."""
        if self._frame is None or self.sounded is None:
            return
        self._is_zoomed = factor > 0
        if not factor:
            self._range = None
        elif self._range is not None:
            here, (low, high) = self.sounded.slice.here, self._range
            self._range = (here + (low - here) * factor, here + (high - here) * factor)
        self._is_awaited = True
        self.canvas.forget_scale()
        self._send(self._frame, self._range)

    # --- what the user does -----------------------------------------------------------------------------------------
    def _set(self, position: float) -> None:
        """Set the parameters where the ball was let go."""
        shown = self.canvas.sounded
        assert shown is not None
        parameter = shown.slice.choice.parameter
        if parameter is not None:
            self.commanded.emit(SetParameters((parameter,), (position,)))
            return
        pruned = shown.sounding.frame.snapshots[0].state.pruned
        indices = np.setdiff1d(np.arange(len(shown.slice.theta)), pruned)
        values = (shown.slice.theta + position * shown.slice.direction)[indices]
        self.commanded.emit(SetParameters(tuple(indices.tolist()), tuple(values.tolist())))

    def _switch(self, on: bool) -> None:
        self.canvas.set_second(on)
        self._say(self.canvas.sounded)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.canvas.set_theme(theme)
        self.hint.set_theme(theme)

    def picture_widget(self) -> QWidget:
        """The picture without its card."""
        return self.canvas

    def numbers(self) -> str:
        """What is known of the ball, then positions and costs, with all digits."""
        shown = self.canvas.sounded
        if shown is None:
            return ""
        valley = shown.slice
        names = ("here", "cost", "slope", "curvature", "step", "newton_step", "stable_rate")
        lines = [f"{name.replace('_', ' ')}\t{getattr(valley, name)!r}" for name in names]
        pairs = zip(valley.positions.tolist(), valley.costs.tolist(), strict=True)
        return "\n".join([*lines, "position\tcost", *(f"{position!r}\t{cost!r}" for position, cost in pairs)])


def _is_same_network(one: Problem, other: Problem) -> bool:
    return one.dataset is other.dataset and one.architecture == other.architecture
