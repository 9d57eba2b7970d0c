"""The illustrator: a thread between runner and window that adds pictures to the newest frame.

A frame and its pictures travel together, so the window never shows maps of other parameters than the edges it draws.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

from ann_studio.analysis.pictures import Pictures, compute_pictures
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Frame, Status

_log = logging.getLogger(__name__)


class Illustrator:
    """Takes frames from one mailbox, adds `Frame.pictures`, and puts them into another."""

    def __init__(self, frames: Mailbox[Frame], illustrated: Mailbox[Frame]) -> None:
        self._frames, self._illustrated = frames, illustrated
        self._wanted: frozenset[str] = frozenset()
        self._last: tuple[object, object, frozenset[str], Pictures] | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._live, name="illustrator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def want(self, wanted: frozenset[str]) -> None:
        """Which pictures the visible views need, see `compute_pictures`."""
        self._wanted = wanted

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self._closing.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _live(self) -> None:
        while not self._closing.is_set():
            # A frame that the window has not taken yet is not overtaken: that would only cost the trainer time.
            if not self._illustrated.wait_empty(0.1):
                continue
            frame = self._frames.wait(0.1)
            if frame is not None:
                self._illustrated.put(self._illustrate(frame))

    def _illustrate(self, frame: Frame) -> Frame:
        if frame.problem is None or not frame.snapshots or frame.status is Status.PREPARING:
            return frame
        theta, wanted = frame.snapshots[0].state.theta, self._wanted
        last = self._last
        if last is not None and last[0] is frame.problem and last[1] is theta and last[2] == wanted:
            return replace(frame, pictures=last[3])
        try:
            pictures = compute_pictures(frame.problem, theta, wanted)
        except Exception:
            # A picture that fails must not stop the truth it illustrates.
            _log.exception("pictures could not be computed")
            return frame
        self._last = (frame.problem, theta, wanted, pictures)
        return replace(frame, pictures=pictures)
