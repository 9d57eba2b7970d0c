"""Sparse states of a run, from which any past moment is made again by training on from the nearest one."""

from __future__ import annotations

from bisect import bisect_right

from ann_studio.learning.state import State

#: Memory for checkpoints in bytes.
BUDGET = 64 * 2**20
#: Bytes of a state beyond the numbers in its arrays, as measured.
_OBJECTS = 700


class Checkpoints:
    """States in the order of their updates, thinned as the run grows so that they stay within their budget."""

    def __init__(self, first: State) -> None:
        self._states = [first]
        self._interval = 1
        self.budget = BUDGET  #: in bytes

    def add(self, state: State) -> None:
        """Keep `state` if it is far enough from those kept before and behind it."""
        at = bisect_right(self._states, state.update, key=_update)
        if at == 0 or state.update < self._states[at - 1].update + self._interval:
            return
        if at < len(self._states) and self._states[at].update < state.update + self._interval:
            return
        self._states.insert(at, state)
        self.thin()

    def thin(self) -> None:
        """Let go of states until the budget is kept."""
        while len(self._states) > 2 and self.bytes > self.budget:
            del self._states[1::2]
            length = self._states[-1].update - self._states[0].update
            self._interval = max(2 * self._interval, length // len(self._states))

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        return len(self._states) * (self._states[-1].theta.nbytes + self._states[-1].slots.nbytes + _OBJECTS)

    def before(self, update: int) -> State:
        """The last state kept at or before `update`."""
        return self._states[max(0, bisect_right(self._states, update, key=_update) - 1)]

    def copy(self) -> Checkpoints:
        """The same states, for another run that begins alike."""
        other = Checkpoints(self._states[0])
        other._states, other._interval, other.budget = list(self._states), self._interval, self.budget
        return other


class Shelf:
    """Checkpoints of stretches that a run is not in at present, by their nodes; the oldest go first."""

    def __init__(self) -> None:
        self._kept: dict[int, Checkpoints] = {}
        self.bytes = 0

    def put(self, node: int, checkpoints: Checkpoints) -> None:
        """Keep the checkpoints of a stretch, thinned to half of the budget, and let go of others until all keep it."""
        self.take(node)
        checkpoints.budget = BUDGET // 2
        checkpoints.thin()
        self._kept[node] = checkpoints
        self.bytes += checkpoints.bytes
        while len(self._kept) > 1 and self.bytes > BUDGET // 2:
            self.take(next(iter(self._kept)))

    def take(self, node: int) -> Checkpoints | None:
        """Hand out the checkpoints of a stretch, if they are still there."""
        found = self._kept.pop(node, None)
        self.bytes -= 0 if found is None else found.bytes
        return found

    def copy(self) -> Shelf:
        """The same checkpoints, for another run with the same history."""
        other = Shelf()
        other._kept = {node: kept.copy() for node, kept in self._kept.items()}
        other.bytes = self.bytes
        return other


def _update(state: State) -> int:
    return state.update
