"""Long work beside the window: once it takes a while, the notice names it and can cancel it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from ann_studio.gui.bridge import Bridge, Job, Work
from ann_studio.gui.notice import Notice

#: Milliseconds after which work is spoken of.
_PATIENCE = 300


class LongWork(QObject):
    """What is under way, and its place in the notice."""

    def __init__(self, bridge: Bridge, notice: Notice, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._notice = bridge, notice
        #: Work that was spoken of: the job, its name, and what is to be done if the user gives it up.
        self._long: list[tuple[Job, str, Callable[[], None]]] = []

    def run(
        self,
        name: str,
        work: Work,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        given_up: Callable[[], None] = lambda: None,
    ) -> Job:
        """Start `work`, see `Job`; `given_up` is called if the user cancels it by the notice."""
        patience = QTimer(self)
        patience.setSingleShot(True)

        def ended(answer: Callable[[Any], None], result: Any) -> None:
            self._forget(job)
            answer(result)

        def speak() -> None:
            patience.deleteLater()
            if job.thread.is_alive() and not job.cancelled:
                self._long.append((job, name, given_up))
                self._tell()

        job = self._bridge.run_job(work, partial(ended, done), partial(ended, failed))
        patience.timeout.connect(speak)
        patience.start(_PATIENCE)
        return job

    def cancel(self, job: Job) -> None:
        """Give a job up because something else takes its place."""
        job.cancel()
        self._forget(job)

    def _forget(self, job: Job) -> None:
        """A job has ended: the notice names another one that goes on, or rests."""
        if any(each is job for each, *_ in self._long):
            self._long = [entry for entry in self._long if entry[0] is not job]
            self._tell()

    def _tell(self) -> None:
        if not self._long:
            self._notice.rest()
            return
        job, name, given_up = self._long[-1]

        def give_up() -> None:
            self.cancel(job)
            given_up()

        self._notice.busy(f"{name} …", give_up)
