"""The bridge between the window and the threads: commands go out, frames and answers come in as signals."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ann_studio.engine.doctor import Doctor
from ann_studio.engine.illustrator import Illustrator
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    Advice,
    Command,
    Consultation,
    Frame,
    Inspected,
    Inspection,
    Sounded,
    Sounding,
    Status,
    Survey,
    Surveyed,
    Unanswered,
)
from ann_studio.engine.runner import Runner
from ann_studio.engine.surveyor import Surveyor
from ann_studio.learning.supervised import Flag

_log = logging.getLogger(__name__)

#: Seconds from one painted frame to the next at most, if that takes as long as the longest of the last few.
_REFRESH, _FEW = 0.016, 4
#: From frame to frame there are at least so many times as long as it takes to show and paint one: the rest of the
#: machine is the trainer's. Where that would be longer than is fluid, in seconds, it is less.
_SPARING, _FLUID, _LEAST_SPARING = 1.5, 0.03, 1.1
#: Seconds that are spared at most, for a screen that stood still, say while it was locked, takes long once.
_LONGEST = 0.1
#: Milliseconds between two looks into the mailbox while a frame is late, and while none is expected.
_SOON, _LATER = 2, 15
#: Seconds after a frame until none is expected.
_EXPECTED = 0.05

Work = Callable[[Callable[[], bool]], Any]


class Job:
    """Long work on a thread of its own, that can be cancelled.

    Parameters
    ----------
    work
        Called on the thread with a function that tells whether it was cancelled.
    done, failed
        Called on the window's thread with the result, or with the exception. Neither is called after `cancel`.
    interrupt
        A flag that `cancel` raises, for work in compiled loops.
    """

    def __init__(
        self,
        work: Work,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        interrupt: Flag | None = None,
    ) -> None:
        self.done, self.failed, self._interrupt = done, failed, interrupt
        self._cancelled = threading.Event()
        self._work = work
        self.thread = threading.Thread(target=self._run, name="job", daemon=True)
        self.answers: queue.SimpleQueue[tuple[Job, Any, Exception | None]] | None = None

    def cancel(self) -> None:
        """Give up; the answer is dropped."""
        self._cancelled.set()
        if self._interrupt is not None:
            self._interrupt[0] = 1

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    def _run(self) -> None:
        assert self.answers is not None
        try:
            self.answers.put((self, self._work(self._cancelled.is_set), None))
        except Exception as error:
            # Its message may hold names and cells of the user's, which are no business of a report; what nobody
            # expected is logged in full by the window.
            _log.info("a job ended with %s", type(error).__name__)
            self.answers.put((self, None, error))


class Bridge(QObject):
    """Owns the runner and the illustrator for as long as the window lives."""

    framed = Signal(object)  #: the newest `Frame`, at most once per screen refresh
    completed = Signal(object)  #: a `Frame` that was shown, with pictures that had to be waited for
    surveyed = Signal(object)  #: a `Surveyed`
    sounded = Signal(object)  #: a `Sounded`
    inspected = Signal(object)  #: an `Inspected`
    unanswered = Signal(object)  #: an `Unanswered`
    advised = Signal(object)  #: an `Advice`
    rested = Signal()  #: no frame came for a while; again and again until there is one

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        frames: Mailbox[Frame] = Mailbox()
        self._illustrated: Mailbox[Frame] = Mailbox()
        self._runner = Runner(frames)
        self._late: Mailbox[Frame] = Mailbox()
        self._illustrator = Illustrator(frames, self._illustrated, self._late)
        self._surveyed: Mailbox[Surveyed] = Mailbox()
        self._sounded: Mailbox[Sounded] = Mailbox()
        self._inspected: Mailbox[Inspected] = Mailbox()
        self._unanswered: Mailbox[Unanswered] = Mailbox()
        self._surveyor = Surveyor(self._surveyed, self._sounded, self._inspected, self._unanswered)
        self._advised: Mailbox[Advice] = Mailbox()
        self._doctor = Doctor(self._advised)
        self._answers: queue.SimpleQueue[tuple[Job, Any, Exception | None]] = queue.SimpleQueue()
        self._jobs: list[Job] = []
        self.sent = 0  #: commands so far; `Frame.obeyed` counts them at the other end
        self._shown: Frame | None = None
        self._shown_at = self._looked_at = 0.0
        self._busy: deque[float] = deque(maxlen=_FEW)  #: seconds that it took to show and paint the last frames
        self._timer, self._painted = QTimer(self), QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)
        # Without an interval it fires once all else is done: once the frame has been painted.
        self._painted.setSingleShot(True)
        self._painted.timeout.connect(self._wait_for_next)

    def start(self) -> None:
        """Start the threads and the timer."""
        self._runner.start()
        self._illustrator.start()
        self._surveyor.start()
        self._doctor.start()
        self._timer.start(0)

    def send(self, command: Command) -> None:
        """Hand a command to the runner."""
        self.sent += 1
        self._runner.send(command)

    def want(self, wanted: frozenset[str], now: frozenset[str] | None = None) -> None:
        """Which pictures the views need, and which of them now; see `Illustrator.want`."""
        self._illustrator.want(wanted, now)

    def survey(self, wanted: Survey) -> None:
        """Have a surface drawn; the answers come by `surveyed`."""
        self._surveyor.survey(wanted)

    def sound(self, wanted: Sounding) -> None:
        """Have a valley drawn; the answer comes by `sounded`."""
        self._surveyor.sound(wanted)

    def inspect(self, wanted: Inspection) -> None:
        """Have a network looked into; the answer comes by `inspected`."""
        self._surveyor.inspect(wanted)

    def consult(self, wanted: Consultation) -> None:
        """Ask the doctor; the answers come by `advised`."""
        self._doctor.consult(wanted)

    def run_job(
        self,
        work: Work,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        interrupt: Flag | None = None,
    ) -> Job:
        """Start long work; see `Job`."""
        job = Job(work, done, failed, interrupt)
        job.answers = self._answers
        self._jobs.append(job)
        job.thread.start()
        return job

    def cancel_jobs(self) -> None:
        """Give up all work under way."""
        for job in self._jobs:
            job.cancel()

    def close(self) -> bool:
        """Join every thread; whether all ended within two seconds."""
        self._timer.stop()
        self._painted.stop()
        self.cancel_jobs()
        joined = [self._runner.close(), self._illustrator.close(), self._surveyor.close(), self._doctor.close()]
        for job in self._jobs:
            job.thread.join(2.0)
            joined.append(not job.thread.is_alive())
        return all(joined)

    @property
    def busy(self) -> float:
        """Seconds that it took to show and paint the last frame; 0 before the first."""
        return self._busy[-1] if self._busy else 0.0

    def _look(self) -> None:
        """Hand on what has come, and look again in time."""
        now = self._looked_at = time.perf_counter()
        frame, late = self._illustrated.letter, self._late.take()
        if frame is not None:
            self._shown_at = now
            self.framed.emit(frame)
        if late is not None:
            self.completed.emit(late)
        surveyed, sounded, inspected = self._surveyed.take(), self._sounded.take(), self._inspected.take()
        if surveyed is not None:
            self.surveyed.emit(surveyed)
        if sounded is not None:
            self.sounded.emit(sounded)
        if inspected is not None:
            self.inspected.emit(inspected)
        unanswered = self._unanswered.take()
        if unanswered is not None:
            self.unanswered.emit(unanswered)
        advice = self._advised.take()
        if advice is not None:
            self.advised.emit(advice)
        waited = now - self._shown_at
        if frame is None and waited > _EXPECTED:
            self.rested.emit()
        self._hand_over_answers()
        self._shown = frame
        if any(each is not None for each in (frame, late, surveyed, sounded, inspected, advice)):
            self._painted.start(0)
        else:
            self._timer.start(_SOON if waited < _EXPECTED else _LATER)

    def _wait_for_next(self) -> None:
        """The frame has been painted: wait as long as the next one may take to come."""
        # Not before: the illustrator goes on at once, and while it works beside painter and trainer, one of two
        # processors has to serve two of the three.
        if self._shown is not None:
            self._illustrated.drop(self._shown)
        busy = time.perf_counter() - self._looked_at
        self._busy.append(busy)
        trains = self._shown is not None and self._shown.status is Status.TRAINING
        # While nothing trains, nobody is to be spared: what a hand drags follows it.
        wait = breath(busy, max(self._busy)) if trains else _REFRESH - busy
        self._timer.start(round(1000 * max(wait, 0.001)))

    def _hand_over_answers(self) -> None:
        """Tell of the jobs that have ended."""
        while not self._answers.empty():
            job, result, error = self._answers.get()
            self._jobs.remove(job)
            if job.cancelled:
                continue
            if error is None:
                job.done(result)
            else:
                job.failed(error)


def breath(busy: float, longest: float) -> float:
    """Seconds from a painted frame to the next look.

    Parameters
    ----------
    busy
        Seconds that it took to show and paint the frame.
    longest
        The same for the slowest of the last few.
    """
    spared = min((_SPARING - 1) * busy, max(_FLUID - busy, (_LEAST_SPARING - 1) * busy), _LONGEST)
    return max(_REFRESH - longest, spared)
