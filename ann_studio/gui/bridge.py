"""The bridge between the window and the threads: commands go out, frames and answers come in as signals."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ann_studio.engine.illustrator import Illustrator
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Command, Frame
from ann_studio.engine.runner import Runner

_log = logging.getLogger(__name__)

#: Milliseconds between two looks into the mailbox: once per screen refresh.
_TICK = 15

Work = Callable[[Callable[[], bool]], Any]


class Job:
    """Long work on a thread of its own, that can be cancelled.

    Parameters
    ----------
    work
        Called on the thread with a function that tells whether it was cancelled.
    done, failed
        Called on the window's thread with the result, or with the exception. Neither is called after `cancel`.
    """

    def __init__(self, work: Work, done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        self.done, self.failed = done, failed
        self._cancelled = threading.Event()
        self._work = work
        self.thread = threading.Thread(target=self._run, name="job", daemon=True)
        self.answers: queue.SimpleQueue[tuple[Job, Any, Exception | None]] | None = None

    def cancel(self) -> None:
        """Give up; the answer is dropped."""
        self._cancelled.set()

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

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        frames: Mailbox[Frame] = Mailbox()
        self._illustrated: Mailbox[Frame] = Mailbox()
        self._runner = Runner(frames)
        self._illustrator = Illustrator(frames, self._illustrated)
        self._answers: queue.SimpleQueue[tuple[Job, Any, Exception | None]] = queue.SimpleQueue()
        self._jobs: list[Job] = []
        self.sent = 0  #: commands so far; `Frame.obeyed` counts them at the other end
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Start the threads and the timer."""
        self._runner.start()
        self._illustrator.start()
        self._timer.start()

    def send(self, command: Command) -> None:
        """Hand a command to the runner."""
        self.sent += 1
        self._runner.send(command)

    def want(self, wanted: frozenset[str]) -> None:
        """Which pictures the visible views need."""
        self._illustrator.want(wanted)

    def run_job(self, work: Work, done: Callable[[Any], None], failed: Callable[[Exception], None]) -> Job:
        """Start long work; see `Job`."""
        job = Job(work, done, failed)
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
        self.cancel_jobs()
        joined = [self._runner.close(), self._illustrator.close()]
        for job in self._jobs:
            job.thread.join(2.0)
            joined.append(not job.thread.is_alive())
        return all(joined)

    def _look(self) -> None:
        frame = self._illustrated.take()
        if frame is not None:
            self.framed.emit(frame)
        while not self._answers.empty():
            job, result, error = self._answers.get()
            self._jobs.remove(job)
            if job.cancelled:
                continue
            if error is None:
                job.done(result)
            else:
                job.failed(error)
