"""Everything for which the runner looks at a clock: which steps are due, how long a chunk takes, epochs a second."""

from __future__ import annotations

import math
import time

from ann_studio.engine.messages import Speed

#: After a hold-up at most this many seconds of steps are made up for.
_CATCH_UP = 0.25
#: Seconds that one call of the engine should take: short enough to obey at once, long enough to cost nothing.
_CHUNK_TIME = 0.008
#: Multiply-adds of a forward pass that take some `_CHUNK_TIME` together with their way back: a first guess.
_FIRST_GUESS = 2_000_000
#: Seconds over which epochs are counted.
_METER_SPAN = 0.5


class Pace:
    """Counts the steps that a `Speed` asks for."""

    def __init__(self, speed: Speed) -> None:
        self.speed = speed
        self._next = time.perf_counter()

    @property
    def unlimited(self) -> bool:
        """Whether the speed is "as fast as it goes"."""
        return math.isinf(self.speed.rate)

    def change(self, speed: Speed) -> None:
        """Go on at another speed; the next step is due when it was, or at the new speed's interval if that is sooner.

        So that a slider on its way does not make a step at each of its places.
        """
        self.speed = speed
        now = time.perf_counter()
        self._next = min(max(self._next, now), now + 1 / speed.rate)

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


class Chunk:
    """How many samples one call of the engine should be given, learned from how long the last ones took.

    Parameters
    ----------
    parameters
        Of the network, for a first guess: a network a thousand times as large must not begin with the old chunk.
    """

    def __init__(self, parameters: int) -> None:
        self.samples = min(1000, max(1, _FIRST_GUESS // parameters))
        self._began = 0.0

    def begin(self) -> None:
        """The engine is called now."""
        self._began = time.perf_counter()

    def end(self, used: int) -> None:
        """The engine has returned, having used so many samples: all that it was given, or fewer at a limit."""
        took = max(time.perf_counter() - self._began, 1e-6)
        # By at most a factor of two a time: a hold-up of the machine is not the engine's doing.
        factor = min(max(_CHUNK_TIME / took, 0.5), 2.0)
        if used >= self.samples or factor < 1:
            self.samples = max(1, int(self.samples * factor))


class Meter:
    """Epochs a second over the last half second or so."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget: what follows is another stretch."""
        self.rate = 0.0
        self._began: tuple[float, float] | None = None

    def note(self, epochs: float) -> None:
        """So many epochs were reached just now."""
        now = time.perf_counter()
        if self._began is None:
            self._began = (now, epochs)
        elif now - self._began[0] > _METER_SPAN:
            self.rate = (epochs - self._began[1]) / (now - self._began[0])
            self._began = (now, epochs)
