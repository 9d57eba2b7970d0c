"""Whose turn it is: of a fast run one part shows every frame and the others take turns; at rest all show the last.

Each part shows a whole frame or nothing, and none goes back to an older one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ann_studio.engine.messages import Frame, Status
from ann_studio.learning.problem import Problem

#: Frames that follow each other sooner than this, in seconds, are too many for all parts.
_FAST = 0.045
#: Seconds in which each part has had its turn, where the window is not busy.
_ROUND = 0.09
#: A window is busy where frames come within so many times as long as it took to show and paint the last one. It shows
#: them to one part more than the first at most, and after a frame that took longer than so many seconds to none.
_BUSY, _LONG = 2.0, 0.02


class Shows(Protocol):
    """A part of the window that shows frames."""

    def show_frame(self, frame: Frame) -> None:
        """Show this frame."""

    def isVisible(self) -> bool:
        """Whether it is there to be seen."""


@dataclass
class Turn:
    """Parts that show the same frame.

    Parameters
    ----------
    parts
        They stand side by side.
    needs
        Kinds of pictures without which they have nothing to show.
    shown
        Serial of the last frame of which they show all; −1 before the first.
    """

    parts: Sequence[Shows]
    needs: frozenset[str] = frozenset()
    shown: int = -1

    def can_show(self, frame: Frame) -> bool:
        """Whether the frame has the pictures that are needed, or never will."""
        return frame.pictures is None or self.needs <= frame.pictures.kinds

    @property
    def is_seen(self) -> bool:
        """Whether any of the parts is there to be seen."""
        return any(part.isVisible() for part in self.parts)

    def is_behind(self, frame: Frame) -> bool:
        """Whether there is more of the frame to be shown than was."""
        return self.shown < frame.serial and self.is_seen

    def show(self, frame: Frame) -> None:
        """Show the frame where it is to be seen."""
        for part in self.parts:
            if part.isVisible():
                part.show_frame(frame)
                self.shown = frame.serial if self.can_show(frame) else frame.serial - 1


class Turns:
    """Shares frames out.

    Parameters
    ----------
    first
        What shows every frame.
    others
        Who takes turns.
    """

    def __init__(self, first: Turn, others: Sequence[Turn]) -> None:
        self._first, self._others = first, list(others)
        self._frame: Frame | None = None
        self._came = 0.0
        self._at_a_time = len(self._others)

    @property
    def all_pictures(self) -> frozenset[str]:
        """Kinds of pictures that all parts need."""
        return self._first.needs.union(*(turn.needs for turn in self._others))

    @property
    def next_pictures(self) -> frozenset[str]:
        """Kinds of pictures for those whose turn is next."""
        seen = [turn for turn in self._others if turn.is_seen]
        return self._first.needs.union(*(turn.needs for turn in seen[: max(self._at_a_time, 1)]))

    def show(self, frame: Frame, now: float, busy: float = 0.0) -> None:
        """Show a frame.

        Parameters
        ----------
        now
            When it came, in seconds.
        busy
            Seconds that it took to show and paint the last one.
        """
        last, count = self._frame, sum(turn.is_seen for turn in self._others)
        gap, self._came = now - self._came, now
        same = last is not None and _is_of(frame.problem, last.problem) and last.status is frame.status
        if not same or (frame.status is not Status.TRAINING and not _is_of_one_gesture(frame, last)):
            self._at_a_time = count
        elif gap < _BUSY * busy:
            self._at_a_time = 0 if busy > _LONG and self._at_a_time else 1
        else:
            self._at_a_time = min(count, math.ceil(count * gap / _ROUND)) if gap < _FAST else count
        self._share_out(frame, self._at_a_time)

    def show_all(self, frame: Frame) -> None:
        """Show a frame to whoever is to be seen, for some have just come into sight."""
        self._share_out(frame, len(self._others))

    def _share_out(self, frame: Frame, count: int) -> None:
        """Show a frame to the first and to the next `count` of the others."""
        last, self._frame = self._frame, frame
        # Of another network even half a picture says more than that of the last one.
        other = last is None or not _is_of(frame.problem, last.problem)
        self._first.show(frame)
        ready = [turn for turn in self._others if turn.is_seen and (other or turn.can_show(frame))]
        for turn in ready[:count]:
            turn.show(frame)
            self._others.remove(turn)
            self._others.append(turn)

    def show_late(self, frame: Frame) -> None:
        """Show a frame whose last pictures have come after it was shown, to those who waited for them."""
        if self._frame is None or frame.problem is not self._frame.problem:
            return
        if frame.serial == self._frame.serial:
            self._frame = frame
        for turn in self._others:
            if turn.needs and turn.is_behind(frame):
                turn.show(frame)

    def rest(self) -> bool:
        """Show the last frame to all who are behind, since no other has come; whether none stays behind."""
        frame = self._frame
        if frame is None:
            return True
        for turn in self._others:
            if turn.is_behind(frame) and turn.can_show(frame):
                turn.show(frame)
        return not any(turn.is_behind(frame) for turn in self._others)


def _is_of_one_gesture(frame: Frame, last: Frame | None) -> bool:
    """Whether a hand drags a value: both tell of edits of the same moment."""
    if last is None or frame.effect is None or last.effect is None:
        return False
    return frame.effect.theta is last.effect.theta


def _is_of(problem: Problem | None, other: Problem | None) -> bool:
    """Whether both are of the same data and network."""
    if problem is None or other is None:
        return problem is other
    return problem.dataset is other.dataset and problem.architecture == other.architecture
