"""The illustrator: a thread between runner and window that adds pictures to the newest frame.

A frame and its pictures travel together, so the window never shows maps of other parameters than the edges it draws.
Pictures that would hold frames up are late: they come with the frame that they are of, once they are done, and newer
frames pass meanwhile with those pictures that are quick.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ann_studio.analysis.pictures import Pictures, compute_pictures, joined, multiply_adds
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Frame, Status
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import Flag, Interrupted

_log = logging.getLogger(__name__)

#: Pictures that are quick, whatever the data.
_QUICK = frozenset({"maps"})
#: What is shown of the time before an edit.
_GHOSTLY = frozenset({"region"})
#: Multiply-adds of other pictures that may hold a frame up.
_AT_ONCE = 8_000_000
#: While a network trains, the machine is left alone for so many times as long as late pictures have taken.
_REST = 3.0
#: Seconds between two looks at what else there is to do.
_PATIENCE = 0.004


class _Overtaken(Exception):  # noqa: N818 (no error)
    """Late pictures are of no use any more: the run rests elsewhere, or is another."""


class Illustrator:
    """Adds `Frame.pictures` to frames.

    Parameters
    ----------
    frames
        Where they come from.
    illustrated
        Where the newest frame goes, with its quick pictures at least.
    late
        Where a frame goes whose late pictures were done after it had been shown.
    """

    def __init__(self, frames: Mailbox[Frame], illustrated: Mailbox[Frame], late: Mailbox[Frame]) -> None:
        self._frames, self._illustrated, self._late = frames, illustrated, late
        nothing: frozenset[str] = frozenset()
        self._wish = (nothing, nothing)
        #: The newest frame, and the kinds of pictures that were given with it.
        self._newest: tuple[Frame, frozenset[str]] | None = None
        self._last: tuple[Problem, object, Pictures] | None = None
        self._ghost: tuple[Problem, object, Pictures] | None = None
        self._resume = 0.0
        self._complaint = ""
        self._closing: Flag = np.zeros(1, dtype=np.int64)
        self._thread = threading.Thread(target=self._live, name="illustrator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def want(self, wanted: frozenset[str], now: frozenset[str] | None = None) -> None:
        """Say which pictures the visible views need, see `compute_pictures`.

        Parameters
        ----------
        now
            Those of them that are to come with the next frame of a network that trains, or in which a hand drags a
            value; by default all. Other frames have all of them. If none comes, the newest one comes again with those
            that it had not.
        """
        self._wish = (wanted, wanted if now is None else wanted & now)

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self._closing[0] = 1
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- the loop ---------------------------------------------------------------------------------------------------
    def _live(self) -> None:
        while not self._closing[0]:
            # A frame that the window has not taken yet is not overtaken: that would only cost the trainer time. One
            # that tells what the user is waiting for is not held up.
            if not self._illustrated.wait_empty(_PATIENCE) and not _is_pressing(self._frames.letter):
                continue
            frame = self._frames.wait(8 * _PATIENCE) or self._owed()
            if frame is None:
                continue
            try:
                self._serve(frame)
            except Interrupted:
                return

    def _owed(self) -> Frame | None:
        """The newest frame, if other pictures of it are wanted by now and no other frame has come."""
        if self._newest is None:
            return None
        frame, given = self._newest
        missing = self._wanted_of(frame) - given
        if frame.status is Status.TRAINING and time.monotonic() < self._resume:
            missing -= self._late_kinds(frame, missing)
        return frame if missing else None

    def _serve(self, frame: Frame) -> None:
        """Hand a frame on, and afterwards once more with its late pictures."""
        wanted = self._wanted_of(frame)
        late = self._late_kinds(frame, wanted)
        is_news = self._newest is None or self._newest[0] is not frame or not (wanted - late) <= self._newest[1]
        if is_news:
            self._illustrated.put(self._illustrate(frame, wanted - late))
            self._newest = (frame, wanted - late)
        rests = frame.status is Status.TRAINING and time.monotonic() < self._resume
        if not late or rests:
            return
        began = time.monotonic()
        try:
            done = self._illustrate(frame, wanted, lambda: self._let_pass(frame))
        except _Overtaken:
            return
        if self._newest is not None and self._newest[0] is frame:
            self._newest = (frame, wanted)
        self._late.put(done)
        self._resume = time.monotonic() + _REST * (time.monotonic() - began)

    def _let_pass(self, drawn: Frame) -> None:
        """Hand a newer frame on while late pictures are drawn."""
        newer = self._frames.letter
        if newer is None:
            return
        if _is_pressing(newer) or newer.problem is not drawn.problem:
            raise _Overtaken
        if self._illustrated.empty and (taken := self._frames.take()) is not None:
            kinds = self._wanted_of(taken) & _QUICK
            self._illustrated.put(self._illustrate(taken, kinds))
            self._newest = (taken, kinds)

    # --- pictures ---------------------------------------------------------------------------------------------------
    def _wanted_of(self, frame: Frame) -> frozenset[str]:
        wanted, now = self._wish
        return now if frame.status is Status.TRAINING or self._is_dragged(frame) else wanted

    def _is_dragged(self, frame: Frame) -> bool:
        """Whether a hand drags a value: the frame and the newest one tell of edits of the same moment."""
        last = None if self._newest is None else self._newest[0].effect
        return last is not None and frame.effect is not None and frame.effect.theta is last.theta

    def _late_kinds(self, frame: Frame, wanted: frozenset[str]) -> frozenset[str]:
        """Those of `wanted` that would hold the frame up."""
        slow = wanted - _QUICK
        if frame.problem is None or not slow or multiply_adds(frame.problem, slow) <= _AT_ONCE:
            return frozenset()
        return slow

    def _illustrate(self, frame: Frame, wanted: frozenset[str], between: Callable[[], None] = lambda: None) -> Frame:
        """The frame with the pictures that are wanted, and those that there are of the same parameters."""
        if frame.problem is None or not frame.snapshots or frame.status is Status.PREPARING:
            return frame
        theta, last = frame.snapshots[0].state.theta, self._last
        pictures = last[2] if last is not None and last[0] is frame.problem and last[1] is theta else None
        missing = wanted if pictures is None else wanted - pictures.kinds
        try:
            if pictures is None:
                pictures = compute_pictures(frame.problem, theta, missing, self._closing, between)
            elif missing:
                others = compute_pictures(frame.problem, theta, missing, self._closing, between)
                pictures = joined(pictures, others)
            ghost = self._ghost_of(frame, wanted, between)
        except (Interrupted, _Overtaken):
            raise
        except Exception as error:
            # A picture that fails must not stop the truth it illustrates, nor fill the log frame by frame.
            if self._complaint != repr(error):
                self._complaint = repr(error)
                _log.exception("pictures could not be computed")
            return frame
        self._last = (frame.problem, theta, pictures)
        return replace(frame, pictures=pictures, ghost=ghost)

    def _ghost_of(self, frame: Frame, wanted: frozenset[str], between: Callable[[], None]) -> Pictures | None:
        """What was there before the last edit, computed once for all edits of a gesture."""
        effect, ghost, last = frame.effect, self._ghost, self._last
        if effect is None or not wanted >= _GHOSTLY:
            return None
        if ghost is not None and ghost[0] is effect.problem and ghost[1] is effect.theta:
            return ghost[2]
        # Most often it was on the screen a moment ago.
        if last is not None and last[0] is effect.problem and last[1] is effect.theta and last[2].kinds >= _GHOSTLY:
            found = last[2]
        else:
            found = compute_pictures(effect.problem, effect.theta, _GHOSTLY, self._closing, between)
        self._ghost = (effect.problem, effect.theta, found)
        return found


def _is_pressing(frame: Frame | None) -> bool:
    """Whether a frame tells of something that the user waits for."""
    return frame is not None and frame.status is not Status.TRAINING
