"""The doctor: a thread that looks whether anything is wrong with a run, and what helps.

It has one place for a question: a newer one takes the place of the last, and interrupts the answer to it.
"""

from __future__ import annotations

import time

from ann_studio.analysis.diagnosis import Case, diagnose, treat
from ann_studio.engine.clerk import Clerk, Desk
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Advice, Consultation, Frame, Status


class Doctor(Clerk):
    """Answers each `Consultation`, first with what is wrong, then also with what came of the remedies on a copy.

    Parameters
    ----------
    advised
        Where answers go.
    """

    def __init__(self, advised: Mailbox[Advice]) -> None:
        super().__init__("doctor", "a run could not be examined")
        self._advised = advised
        self._questions = Desk(self._answer, self._fail)
        self._desks = (self._questions,)

    def consult(self, question: Consultation) -> None:
        """Answer this; what is being answered is given up."""
        self._ask(self._questions, question)

    def _fail(self, question: Consultation) -> None:
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
    by_hand = (mark for mark in marks if mark.kind == "edit" and not mark.settings)
    return max((mark.update for mark in by_hand if mark.update <= here), default=-1)
