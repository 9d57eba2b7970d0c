"""A runner and the reading end of its mailbox, for the tests of the engine."""

from __future__ import annotations

import time
from collections.abc import Callable

from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Frame, Status
from ann_studio.engine.runner import Runner

#: Seconds after which a frame that does not come is a hang.
HANG = 20.0


class Listener:
    """A runner and the reading end of its mailbox."""

    def __init__(self) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self.runner = Runner(self.frames)
        self.runner.start()
        self.send = self.runner.send

    def until(self, reached: Callable[[Frame], bool]) -> Frame:
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            frame = self.frames.wait(0.5)
            if frame is not None and frame.snapshots and reached(frame):
                return frame
        raise AssertionError("the frame did not come")

    def settled(self) -> Frame:
        return self.until(lambda frame: frame.status not in (Status.TRAINING, Status.PREPARING))

    def frame(self) -> Frame:
        """The next frame, whatever it says."""
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            frame = self.frames.wait(0.5)
            if frame is not None:
                return frame
        raise AssertionError("the frame did not come")
