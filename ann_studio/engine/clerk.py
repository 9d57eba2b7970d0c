"""A clerk: a thread that answers what it is asked, of each kind the newest request alone.

A request that is newer takes the place of the last, and may interrupt the answer to it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import numpy as np

from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Consultation, Inspection, Sounding, Status, Survey
from ann_studio.learning.supervised import Flag, Interrupted

_log = logging.getLogger(__name__)

Request = TypeVar("Request", bound=Consultation | Inspection | Sounding | Survey)

#: While a network trains, the machine is left alone for so many times as long as an answer has taken.
_REST = 2.0
#: Seconds between two looks at requests that lie there.
_PATIENCE = 0.05


class Desk(Generic[Request]):
    """Where requests of one kind lie, who answers them, and since when there was rest enough after the last.

    Parameters
    ----------
    answer
        Called in the clerk's thread.
    fail
        Called with a request whose answer has failed.
    rest
        Seconds from one answer to the next at least, while a network trains, and `_REST` times as long as the last
        took; 0 for no rest at all.
    """

    def __init__(self, answer: Callable[[Request], None], fail: Callable[[Request], None], rest: float = 0.0) -> None:
        self.requests: Mailbox[Request] = Mailbox()
        self.answer, self.fail = answer, fail
        self.rest, self.resume = rest, 0.0


class Clerk:
    """A thread that goes from desk to desk.

    Parameters
    ----------
    name
        Of the thread.
    complaint
        What the log says of an answer that failed.
    """

    def __init__(self, name: str, complaint: str) -> None:
        self._desks: tuple[Desk[Any], ...] = ()  # in the order in which they are served
        self._complaint, self._last_error = complaint, ""
        self._asked = threading.Event()
        self._interrupt: Flag = np.zeros(1, dtype=np.int64)
        self._closing = False
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self._closing = True
        self._interrupt[0] = 1
        self._asked.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _ask(self, desk: Desk[Request], wanted: Request, urgent: Callable[[], bool] = lambda: True) -> None:
        """Lay a request on a desk; if it is urgent, which is asked once it lies there, give up the present answer."""
        desk.requests.put(wanted)
        if urgent():
            self._interrupt[0] = 1
        self._asked.set()

    def _live(self) -> None:
        while not self._closing:
            self._asked.wait(self._patience())
            self._asked.clear()
            # Lowered before a request is taken: whatever raises it from now on is about a later one.
            self._interrupt[0] = 0
            if self._closing:
                return
            for desk in self._desks:
                self._serve(desk)

    def _patience(self) -> float | None:
        """Seconds until there is something to do, if nothing is asked before; None if nothing lies there."""
        waiting = [desk.resume for desk in self._desks if not desk.requests.empty]
        return min(_PATIENCE, max(0.001, min(waiting) - time.monotonic())) if waiting else None

    def _serve(self, desk: Desk[Request]) -> None:
        """Answer the newest request, if there is one and its time has come."""
        request = desk.requests.letter
        if request is None or (request.frame.status is Status.TRAINING and time.monotonic() < desk.resume):
            return
        wanted = desk.requests.take()
        if wanted is None:
            return
        began = time.monotonic()
        try:
            desk.answer(wanted)
        except Interrupted:
            # By a newer request, else by its own, which was there before the flag.
            desk.requests.put_back(wanted)
        except Exception as error:
            # An answer that fails must not end the thread, nor fill the log.
            if self._last_error != repr(error):
                self._last_error = repr(error)
                _log.exception(self._complaint)
            desk.fail(wanted)
        if desk.rest:
            now = time.monotonic()
            desk.resume = now + max(desk.rest, _REST * (now - began))
