"""When the doctor is asked, what becomes of the answers, and what a click on a remedy does.

A hint belongs to the run as it stood when it was asked about: one that comes too late is dropped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from ann_studio.analysis.diagnosis import Hint, Remedy
from ann_studio.analysis.diagnosis.treatment import changed
from ann_studio.engine.messages import ADVICE, Advice, Consultation, Frame, Run, Seek, Status
from ann_studio.gui.bridge import Bridge
from ann_studio.gui.editor import Editor
from ann_studio.gui.hint_card import HintCard
from ann_studio.learning.experiment import InvalidExperiment
from ann_studio.learning.problem import Problem

#: Seconds from one question to the next while a network trains, and so many times as long as the last answer took.
_EVERY, _SPARING = 2.0, 20.0
#: Milliseconds for which a run stands still before the doctor is asked.
_STILL = 200
_AT_REST = (Status.READY, Status.PAUSED, Status.FINISHED, Status.DIVERGED)
_SETTING = "hints"


@dataclass(frozen=True, eq=False)
class _Errand:
    """A remedy under way: back to an update, or to a problem that is being posed."""

    remedy: Remedy
    problem: Problem
    sent: int


class Doctor(QObject):
    """The doctor of a window.

    Parameters
    ----------
    bridge, editor
        Of the window.
    card
        Where hints are shown.
    settings
        Where it is remembered whether hints are wanted.
    """

    marked = Signal(object)  #: the layer where something is wrong, from 1, or None

    def __init__(self, bridge: Bridge, editor: Editor, card: HintCard, settings: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._editor, self._card, self._settings = bridge, editor, card, settings
        self.on = str(settings.value(_SETTING, "true")) != "false"
        self._frame: Frame | None = None
        self._asked: Consultation | None = None
        self._about: Frame | None = None  #: the frame that was asked about last, as long as the run stands there
        self._waiting = False  #: for the last answer to the last question
        self._resume = 0.0
        self._declined: set[str] = set()
        self._shown: tuple[Hint, Frame] | None = None  #: the hint, and the frame that it is about
        self._mark: int | None = None
        self._errand: _Errand | None = None
        # A hand that drags a weight or the timeline makes a frame of rest for each of its steps.
        self._stillness = QTimer(self)
        self._stillness.setSingleShot(True)
        self._stillness.setInterval(_STILL)
        self._stillness.timeout.connect(self._ask_if_due)
        bridge.advised.connect(self._hear)
        card.taken.connect(self.take)
        card.declined.connect(self.decline)

    # --- frames -----------------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Look at a frame: whether a hint still holds, an errand can go on, or a question is due."""
        before, self._frame = self._frame, frame
        if frame.problem is None or not frame.snapshots:
            return
        if before is None or before.problem is None or before.problem.first_theta is not frame.problem.first_theta:
            self._declined.clear()
        if self._about is not None and not _is_same(self._about, frame):
            self._about = None
        if self._shown is not None and not self._may_stay(*self._shown, frame):
            self._clear()
        self._go_on(frame)
        if frame.status in (Status.READY, Status.PAUSED):
            self._stillness.start()
        else:
            self._ask_if_due()

    def _ask_if_due(self) -> None:
        frame = self._frame
        if frame is not None and frame.snapshots and self.on and self._errand is None and self._is_due(frame):
            self._ask(frame)

    def _may_stay(self, hint: Hint, about: Frame, frame: Frame) -> bool:
        """Whether a hint may stay until the frame was looked at; a cost that exploded was the run's way to diverge."""
        ended = hint.kind == "explosion" and frame.status is Status.DIVERGED and about.status is not Status.DIVERGED
        # Of a run that is led to and fro it stays until the doctor has looked again, so that nothing flickers.
        moved = Status.DIVERGED not in (about.status, frame.status)
        return _still_holds(about, frame) or ((ended or moved) and about.problem is frame.problem)

    def told(self, frame: Frame) -> str:
        """The frame's message, without its advice where a hint is about to say it better."""
        hinted = self.on and "explosion" not in self._declined
        return frame.message.removesuffix(ADVICE) if hinted else frame.message

    def _is_due(self, frame: Frame) -> bool:
        """Whether there is something new to be asked."""
        if frame.status is Status.TRAINING:
            return not self._waiting and time.monotonic() >= self._resume
        return frame.status in _AT_REST and self._about is None

    def _ask(self, frame: Frame) -> None:
        request = 1 if self._asked is None else self._asked.request + 1
        # While it trains, a hint stays as it was said: its numbers name their update, and no button moves away.
        known = self._shown[0] if self._shown is not None and frame.status is Status.TRAINING else None
        self._asked = Consultation(request, frame, frozenset(self._declined), known)
        self._about, self._waiting = frame, True
        self._resume = time.monotonic() + _EVERY
        self._bridge.consult(self._asked)

    # --- answers ----------------------------------------------------------------------------------------------------
    def _hear(self, advice: Advice) -> None:
        asked, frame = self._asked, self._frame
        if asked is None or frame is None or advice.consultation is not asked:
            return
        if advice.final:
            self._waiting = False
            self._resume = max(self._resume, time.monotonic() + _SPARING * advice.seconds)
        hint = advice.hint
        if not self.on or self._errand is not None or not _still_holds(asked.frame, frame):
            return
        if hint is None or hint.kind in self._declined:
            self._clear()
            return
        if self._shown is not None and hint.is_like(self._shown[0]) and not advice.final:
            return  # its remedies stay until they were tried again
        self._shown = (hint, asked.frame)
        self._card.show_hint(hint, final=advice.final)
        self._mark_layer(hint.layer)

    def _clear(self) -> None:
        self._shown = None
        self._card.clear()
        self._mark_layer(None)

    def _mark_layer(self, layer: int | None) -> None:
        if layer != self._mark:
            self._mark = layer
            self.marked.emit(layer)

    # --- what the user does -----------------------------------------------------------------------------------------
    def switch(self, on: bool) -> None:
        """Give hints, or none."""
        self.on, self._asked, self._about = on, None, None
        self._settings.setValue(_SETTING, "true" if on else "false")
        self._waiting = False
        if not on:
            self._clear()
        elif self._frame is not None:
            self.show_frame(self._frame)

    def decline(self) -> None:
        """Say nothing more of this kind in this run; the layer stays marked while the run stands where it diverged."""
        if self._shown is None:
            return
        hint, _ = self._shown
        self._declined.add(hint.kind)
        if self._frame is not None and self._frame.status is Status.DIVERGED:
            self._card.clear()
        else:
            self._clear()

    def take(self, remedy: Remedy) -> None:
        """Do what helps: go back and on with other settings, or start afresh."""
        frame, document = self._frame, self._editor.document
        if frame is None or frame.problem is None or document is None:
            return
        if not self._editor.is_settled(frame):
            self._editor.refused.emit("Another change is on its way; try again in a moment", None)
            return
        self._clear()
        if remedy.back is None:
            self._change(remedy)
            self._errand = _Errand(remedy, frame.problem, self._bridge.sent)
        elif frame.snapshots[0].state.update == remedy.back and frame.status is not Status.DIVERGED:
            self._change_and_run(remedy)
        else:
            self._bridge.send(Seek(remedy.back))
            self._errand = _Errand(remedy, frame.problem, self._bridge.sent)

    def _go_on(self, frame: Frame) -> None:
        """Go on with a remedy once the runner is where it leads."""
        errand = self._errand
        if errand is None:
            return
        if errand.remedy.back is not None:
            if self._bridge.sent != errand.sent:
                self._errand = None  # the user wants something else by now
            elif frame.obeyed >= errand.sent and frame.status in _AT_REST:
                self._errand = None
                if frame.snapshots[0].state.update == errand.remedy.back:
                    self._change_and_run(errand.remedy)
        elif self._editor.is_settled(frame):
            self._errand = None
            if frame.problem is not errand.problem:
                self._bridge.send(Run())

    def _change_and_run(self, remedy: Remedy) -> None:
        before = self._bridge.sent
        self._change(remedy)
        if self._bridge.sent > before:
            self._bridge.send(Run())

    def _change(self, remedy: Remedy) -> None:
        assert self._editor.document is not None
        try:
            self._editor.change(changed(self._editor.document.experiment, remedy))
        except InvalidExperiment as error:
            self._editor.refused.emit(str(error), error)


def _is_same(one: Frame, other: Frame) -> bool:
    """Whether two frames show the same run at the same place."""
    return (
        one.problem is other.problem
        and one.status is other.status
        and bool(one.snapshots)
        and bool(other.snapshots)
        and one.snapshots[0].state is other.snapshots[0].state
    )


def _still_holds(about: Frame, frame: Frame) -> bool:
    """Whether what is said of one frame may be said of the other until it was looked at: it is there still, or further.

    A run that diverged says nothing of what follows; one that was taken back is as it was then.
    """
    if _is_same(about, frame):
        return True
    if about.problem is not frame.problem or Status.DIVERGED in (about.status, frame.status) or not frame.snapshots:
        return False
    return frame.snapshots[0].state.update >= about.snapshots[0].state.update
