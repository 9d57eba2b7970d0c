"""The doctor: a thread that looks whether anything is wrong with a run, and what helps.

It has one place for a question: a newer one takes the place of the last, and interrupts the answer to it.
"""

from __future__ import annotations

import logging
import threading
import time

import numpy as np

from ann_studio.analysis.diagnosis import Case, diagnose, treat
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Advice, Consultation, Frame, Status
from ann_studio.learning.supervised import Flag, Interrupted

_log = logging.getLogger(__name__)

#: How the labels of edits begin that change no parameter, see `ann_studio.learning.history.change_label`.
_OF_SETTINGS = "Change of "


class Doctor:
    """Answers each `Consultation`, first with what is wrong, then also with what came of the remedies on a copy.

    Parameters
    ----------
    advised
        Where answers go.
    """

    def __init__(self, advised: Mailbox[Advice]) -> None:
        self._advised = advised
        self._questions: Mailbox[Consultation] = Mailbox()
        self._asked = threading.Event()
        self._interrupt: Flag = np.zeros(1, dtype=np.int64)
        self._closing = False
        self._complaint = ""
        self._thread = threading.Thread(target=self._live, name="doctor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def consult(self, question: Consultation) -> None:
        """Answer this; what is being answered is given up."""
        self._questions.put(question)
        self._interrupt[0] = 1
        self._asked.set()

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self._closing = True
        self._interrupt[0] = 1
        self._asked.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _live(self) -> None:
        while not self._closing:
            self._asked.wait()
            self._asked.clear()
            # Lowered before the question is taken: whatever raises it from now on is about a later one.
            self._interrupt[0] = 0
            question = self._questions.take()
            if question is None or self._closing:
                continue
            try:
                self._answer(question)
            except Interrupted:
                self._questions.put_back(question)
                # By a newer question, else by its own, which was there before the flag.
                self._asked.set()
            except Exception as error:
                # A doctor who errs must not end the thread, nor fill the log.
                if self._complaint != repr(error):
                    self._complaint = repr(error)
                    _log.exception("a run could not be examined")
                self._advised.put(Advice(question, None, final=True, seconds=0.0))

    def _answer(self, question: Consultation) -> None:
        frame, began = question.frame, time.monotonic()
        problem, snapshot = frame.problem, frame.snapshots[0]
        assert problem is not None
        case = Case(problem, snapshot, frame.status is Status.DIVERGED, edited=_last_edit(frame))
        finding = diagnose(case, question.without, self._interrupt)
        hint, known = None, question.known
        if finding is not None and known is not None and finding.hint.is_like(known):
            hint = known
        elif finding is not None:
            if finding.certain:
                self._advised.put(Advice(question, finding.hint, final=False, seconds=time.monotonic() - began))
            hint = treat(problem, snapshot.state, finding, self._interrupt)
        self._advised.put(Advice(question, hint, final=True, seconds=time.monotonic() - began))


def _last_edit(frame: Frame) -> int:
    """The update at which a hand last changed parameters or network, up to the present one; −1 if none did."""
    here = frame.snapshots[0].state.update
    marks = () if frame.course is None else frame.course.marks
    by_hand = (mark for mark in marks if mark.kind == "edit" and not mark.label.startswith(_OF_SETTINGS))
    return max((mark.update for mark in by_hand if mark.update <= here), default=-1)
