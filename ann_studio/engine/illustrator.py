"""The illustrator: a thread between runner and window that adds pictures to the newest frame.

A frame and its pictures travel together, so the window never shows maps of other parameters than the edges it draws.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import numpy as np

from ann_studio.analysis.pictures import Pictures, compute_pictures
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Frame, Status
from ann_studio.learning.supervised import Flag, Interrupted

_log = logging.getLogger(__name__)


class Illustrator:
    """Takes frames from one mailbox, adds `Frame.pictures`, and puts them into another."""

    def __init__(self, frames: Mailbox[Frame], illustrated: Mailbox[Frame]) -> None:
        self._frames, self._illustrated = frames, illustrated
        self._wanted: frozenset[str] = frozenset()
        self._newest: tuple[Frame, frozenset[str]] | None = None
        self._last: tuple[object, object, frozenset[str], Pictures] | None = None
        self._complaint = ""
        self._closing: Flag = np.zeros(1, dtype=np.int64)
        self._thread = threading.Thread(target=self._live, name="illustrator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def want(self, wanted: frozenset[str]) -> None:
        """Which pictures the visible views need, see `compute_pictures`; the newest frame comes again with them."""
        self._wanted = wanted

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self._closing[0] = 1
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _live(self) -> None:
        while not self._closing[0]:
            # A frame that the window has not taken yet is not overtaken: that would only cost the trainer time.
            if not self._illustrated.wait_empty(0.1):
                continue
            frame = self._frames.wait(0.1) or self._owed()
            if frame is None:
                continue
            try:
                self._illustrated.put(self._illustrate(frame))
            except Interrupted:
                return

    def _owed(self) -> Frame | None:
        """The newest frame, if other pictures of it are wanted by now: paused, no other one would come."""
        if self._newest is None or self._newest[1] == self._wanted:
            return None
        return self._newest[0]

    def _illustrate(self, frame: Frame) -> Frame:
        wanted = self._wanted
        self._newest = (frame, wanted)
        if frame.problem is None or not frame.snapshots or frame.status is Status.PREPARING:
            return frame
        theta, last = frame.snapshots[0].state.theta, self._last
        if last is not None and last[0] is frame.problem and last[1] is theta and last[2] == wanted:
            return replace(frame, pictures=last[3])
        try:
            pictures = compute_pictures(frame.problem, theta, wanted, self._closing)
        except Interrupted:
            raise
        except Exception as error:
            # A picture that fails must not stop the truth it illustrates, nor fill the log frame by frame.
            if self._complaint != repr(error):
                self._complaint = repr(error)
                _log.exception("pictures could not be computed")
            return frame
        self._last = (frame.problem, theta, wanted, pictures)
        return replace(frame, pictures=pictures)
