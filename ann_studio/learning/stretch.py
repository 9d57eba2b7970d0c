"""A stretch of a run, from one edit to wherever it came: its trace and path as a whole, and checkpoints.

Going back in it forgets nothing: what was made is shown up to the playhead, and made again beyond, to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.checkpoints import Checkpoints
from ann_studio.learning.history import Moment
from ann_studio.learning.path import Path, PathRecorder
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State
from ann_studio.learning.supervised import Progress
from ann_studio.learning.trace import Trace

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


class Stretch:
    """What is known of a run from one edit on.

    Parameters
    ----------
    after
        The moment at which it begins.
    made
        The furthest moment that is known.
    before
        The stretch that is left for this one, whose trace and path may go on; None: they are to have their own.
    checkpoints
        Of an earlier visit; None if there are none.
    """

    def __init__(
        self, after: Moment, made: Moment, before: Stretch | None = None, checkpoints: Checkpoints | None = None
    ) -> None:
        self.start, self.reached = after, made.state
        self._trace: Trace
        self.path: PathRecorder
        self._trace = Trace(made.trace) if before is None else before._trace.going_on(made.trace)
        self.path = PathRecorder(made.path) if before is None else before.path.going_on(made.path)
        self.checkpoints = Checkpoints(after.state) if checkpoints is None else checkpoints
        self.checkpoints.add(made.state)
        #: Row of the trace with the least validation loss; None where there is none.
        self.best: Vector | None = None
        self._note_best(made.trace)

    @property
    def bytes(self) -> tuple[int, int, int]:
        """Memory that checkpoints, trace and path take."""
        return self.checkpoints.bytes, self._trace.bytes, self.path.bytes

    def accept(self, progress: Progress) -> None:
        """Take in where training has led, as far as that was not known."""
        known, state = self.reached.update, progress.state
        self.checkpoints.add(state)
        if state.update <= known:
            return
        ends = progress.trace[:, 1]
        rows = progress.trace[(ends > known) & (ends <= state.update)]
        self._trace.append(rows)
        self._note_best(rows)
        updates = progress.path.updates
        fresh = (updates > known) & (updates <= state.update)
        self.path.append(updates[fresh], progress.path.thetas[fresh])
        self.reached = state

    def _note_best(self, rows: Matrix) -> None:
        finite = rows[np.isfinite(rows[:, 3])]
        if len(finite):
            best = finite[int(finite[:, 3].argmin())]
            if self.best is None or best[3] < self.best[3]:
                self.best = best.copy()

    def last_row(self, update: int) -> Vector:
        """The newest row of the trace that is known at or before an update."""
        if self._trace.last[1] <= update:
            return self._trace.last
        rows = self._trace.rows
        return np.asarray(rows[max(0, int(np.searchsorted(rows[:, 1], update, side="right")) - 1)])

    def rows(self, update: int) -> Matrix:
        """The trace up to an update; a view that stays valid."""
        rows = self._trace.rows
        if self.reached.update <= update:
            return rows
        return rows[: max(1, int(np.searchsorted(rows[:, 1], update, side="right")))]

    def rows_after(self, update: int) -> Matrix:
        """The trace behind an update; a view that stays valid."""
        rows = self._trace.rows
        return rows[int(np.searchsorted(rows[:, 1], update, side="right")) :]

    def path_until(self, update: int) -> Path:
        """The path up to an update; views that stay valid."""
        path = self.path.path
        if self.reached.update <= update:
            return path
        kept = max(1, int(np.searchsorted(path.updates, update, side="right")))
        return Path(path.updates[:kept], path.thetas[:kept])

    def moment(self, problem: Problem, state: State, *, measured: bool, edited: bool) -> Moment:
        """The moment of a state of this stretch."""
        rows, last = self.rows(state.update), self.last_row(state.update)
        complete = rows if rows[-1, 1] == last[1] else np.concatenate([rows, last[None]])
        return Moment(problem, state, complete, self.path_until(state.update), measured, edited)
