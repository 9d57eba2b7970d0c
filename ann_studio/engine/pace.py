"""How many steps are due: the only place where the runner looks at a clock for `Speed`."""

from __future__ import annotations

import math
import time

from ann_studio.engine.messages import Speed

#: After a hold-up at most this many seconds of steps are made up for.
_CATCH_UP = 0.25


class Pace:
    """Counts the steps that a `Speed` asks for."""

    def __init__(self, speed: Speed) -> None:
        self.speed = speed
        self._next = time.perf_counter()

    @property
    def unlimited(self) -> bool:
        """Whether the speed is "as fast as it goes"."""
        return math.isinf(self.speed.rate)

    def restart(self) -> None:
        """Make the first step due now."""
        self._next = time.perf_counter()

    def due(self) -> int:
        """Steps due now; they count as made."""
        now = time.perf_counter()
        if now < self._next:
            return 0
        self._next = max(self._next, now - _CATCH_UP)
        count = int((now - self._next) * self.speed.rate) + 1
        self._next += count / self.speed.rate
        return count

    def wait(self) -> float:
        """Seconds until the next step is due."""
        return max(0.0, self._next - time.perf_counter())
