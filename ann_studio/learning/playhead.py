"""The playhead: where a run stands in its history, and what is known of the stretch around it.

It moves along the present line, from edit to edit, and takes edits in. It knows nothing of the engine: states come from
the trainer, and whatever was not made yet is for the trainer to make.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning import history as tree
from ann_studio.learning.checkpoints import BUDGET, Checkpoints, Shelf
from ann_studio.learning.course import Course, course_of, skeleton_of
from ann_studio.learning.history import Bookmark, History, Moment
from ann_studio.learning.path import PathRecorder, first_point
from ann_studio.learning.state import State
from ann_studio.learning.stretch import Stretch
from ann_studio.learning.supervised import UNLIMITED, Progress

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


class Playhead:
    """A moment of a history.

    Parameters
    ----------
    first
        The moment before the first update, with which the history begins.

    Attributes
    ----------
    problem, state
        What is learned, and how far it is.
    measured, edited
        See `ann_studio.learning.history.Moment`.
    last
        The newest row of the trace that is known here.
    """

    def __init__(self, first: Moment) -> None:
        self.history: History = tree.begin(first)
        self.problem, self.state = first.problem, first.state
        self._skeleton = (self.history, skeleton_of(self.history))
        self._shelf = Shelf()
        self._node, self.stretch = 0, Stretch(first, first)  #: the stretch that we are in, and its node
        self._stand_at(first)

    # --- what is known here -----------------------------------------------------------------------------------------
    @property
    def bytes(self) -> tuple[int, int, int]:
        """Memory that checkpoints, trace and path take."""
        checkpoints, trace, path = self.stretch.bytes
        return checkpoints + self._shelf.bytes, trace, path

    @property
    def moment(self) -> Moment:
        """Where we stand, and how the run came there."""
        return self.stretch.moment(self.problem, self.state, measured=self.measured, edited=self.edited)

    @property
    def begin(self) -> State:
        """Where the line begins."""
        return self.history.nodes[self.history.line[0]].after.state

    @property
    def course(self) -> Course:
        """The line up to its end, wherever we stand."""
        history, skeleton = self._skeleton
        if history is not self.history:
            skeleton = skeleton_of(self.history)
            self._skeleton = (self.history, skeleton)
        if self._is_at_tip:
            return course_of(skeleton, self.problem, self.stretch.reached, self.stretch.best)
        end = self.history.nodes[self.history.tip].made
        rows = end.trace[np.isfinite(end.trace[:, 3])]
        best = rows[int(rows[:, 3].argmin())] if len(rows) else None
        return course_of(skeleton, end.problem, end.state, best)

    @property
    def future(self) -> Matrix:
        """Rows of the trace of the line that lie behind us."""
        here, nodes = self.state.update, self.history.nodes
        if self._is_at_tip:
            return self.stretch.rows_after(here)
        line = self.history.line
        loss, pieces, start = self.problem.experiment.learning.loss, [], here
        for position in range(line.index(self.history.here), len(line)):
            node, at = nodes[line[position]], line[position]
            if node.made.problem.experiment.learning.loss != loss:
                break  # what follows is another cost
            end = nodes[line[position + 1]].after.state.update if position + 1 < len(line) else UNLIMITED
            rows = self.stretch.rows_after(here) if at == self.history.here else node.made.trace
            first, last = np.searchsorted(rows[:, 1], (start, end), side="right")
            pieces.append(rows[first:last])
            start = end
        return np.concatenate(pieces)

    @property
    def _is_at_tip(self) -> bool:
        return self.history.here == self.history.tip

    @property
    def next_edit(self) -> int:
        """The update at which the line goes on by an edit; `UNLIMITED` at its tip."""
        following = self.history.following
        return UNLIMITED if following is None else self.history.nodes[following].after.state.update

    # --- moving along the line --------------------------------------------------------------------------------------
    def accept(self, progress: Progress) -> None:
        """Go where training has led."""
        if progress.state.update > self.state.update:
            self.measured = True
        self.state = progress.state
        self.stretch.accept(progress)
        if len(progress.trace):
            self.last = progress.trace[-1].copy()

    def go_over_edits(self) -> None:
        """Where the line has an edit at the present update, stand behind it."""
        while self.next_edit == self.state.update:
            following = self.history.following
            assert following is not None
            self._move_to(following)

    def rewind(self, update: int) -> None:
        """Stand at the latest state that is known at or before an update of the line."""
        node = self.history.at(update)
        if node != self.history.here:
            self._move_to(node)
        # Here may be nearer than what was kept, and is at any rate no further.
        nearest = self.stretch.checkpoints.before(update)
        if not nearest.update <= self.state.update <= update:
            self.enter(nearest)

    def enter(self, state: State) -> None:
        """Stand at a state of the present stretch."""
        self.state = state
        self.last = self.stretch.last_row(state.update)
        self.measured = self._measured_at(state)

    # --- editing ----------------------------------------------------------------------------------------------------
    def edit(
        self, label: str, after: Moment, *, fresh: bool = False, there: Moment | None = None, settings: bool = False
    ) -> None:
        """Record an edit and stand at the beginning of its stretch, or `there` in it."""
        self._save()
        self.history = tree.edit(self.history, label, self.moment, after, fresh=fresh, left=there, settings=settings)
        self._come_to(after if there is None else there)

    def put(self, label: str, state: State, gesture: int) -> None:
        """Stand at a state that a hand has made of the present one; see `Trainer.set_parameters` of gestures."""
        last = self.history.nodes[self.history.tip]
        goes_on = gesture and last.gesture == gesture and last.after.state is self.state and last.redo is None
        if goes_on and last.before is not None:
            # The gesture goes on, and nothing has happened since: it is one edit.
            after = _after_hand(last.before, state, PathRecorder(last.before.path))
            self.history = tree.amend(self.history, after)
            self.stretch = Stretch(after, after)
            self._stand_at(after)
            return
        present = self.moment
        self._save()
        after = _after_hand(present, state, self.stretch.path.going_on(present.path))
        self.history = tree.edit(self.history, label, present, after, gesture=gesture)
        self._come_to(after)

    def undo(self) -> None:
        """Go back to the moment of the last edit, without it; raises `NothingThere` if there is none."""
        self._save()
        self.history, moment = tree.undo(self.history, self.moment)
        self._come_to(moment)

    def redo(self) -> None:
        """Return to the branch that the last undo left; raises `NothingThere` if there is none."""
        self._save()
        self.history, moment = tree.redo(self.history, self.moment)
        self._come_to(moment)

    def visit(self, node: int) -> None:
        """Return to the branch that ends in a node; raises `NothingThere` if there is none."""
        self._save()
        self.history, moment = tree.visit(self.history, node, self.moment)
        self._come_to(moment)

    def fork(self, node: int) -> Playhead:
        """Another playhead on the branch that ends in a node; what either does the other never sees."""
        self._save()
        other = copy(self)
        other.history, moment = tree.visit(self.history, node, self.moment)
        other._shelf = self._shelf.copy()
        other._shelf.put(self._node, self.stretch.checkpoints.copy())
        # A trace and a path of its own: two runs must not grow into the same buffers.
        other._begin_stretch(node, None, other._shelf.take(node))
        other._stand_at(moment)
        return other

    def toggle_bookmark(self) -> bool:
        """Bookmark the present update, or take its bookmark away; whether there is one now."""
        mark, marks = Bookmark(self.history.here, self.state.update), self.history.bookmarks
        there = mark not in marks
        kept = (*marks, mark) if there else tuple(each for each in marks if each != mark)
        self.history = replace(self.history, bookmarks=kept)
        return there

    # --- inside -----------------------------------------------------------------------------------------------------
    def _save(self) -> None:
        """Have the tree know how far the present stretch was made, before it is left."""
        here, stretch = self.history.here, self.stretch
        node = self.history.nodes[here]
        if node.made.state is not stretch.reached or node.made.problem is not self.problem:
            measured = self._measured_at(stretch.reached)
            made = stretch.moment(self.problem, stretch.reached, measured=measured, edited=self.edited)
            self.history = tree.changed(self.history, here, made=made)

    def _come_to(self, moment: Moment) -> None:
        """Stand at a moment of the stretch in which the history says that we are."""
        self._shelf.put(self._node, self.stretch.checkpoints)
        self._begin_stretch(self.history.here, self.stretch, self._shelf.take(self.history.here))
        self._stand_at(moment)

    def _move_to(self, node: int) -> None:
        """Stand at the beginning of another stretch of the line."""
        self._save()
        self.history = replace(self.history, here=node)
        self._come_to(self.history.nodes[node].after)

    def _begin_stretch(self, node: int, before: Stretch | None, checkpoints: Checkpoints | None) -> None:
        there = self.history.nodes[node]
        self._node, self.stretch = node, Stretch(there.after, there.made, before, checkpoints)
        self.stretch.checkpoints.budget = BUDGET - self._shelf.bytes
        self.stretch.checkpoints.thin()

    def _stand_at(self, moment: Moment) -> None:
        self.problem, self.edited = moment.problem, moment.edited
        self.enter(moment.state)
        self.measured = moment.measured

    def _measured_at(self, state: State) -> bool:
        # The trace is of where training has led; only an edit, with which a stretch begins, may be of other parameters.
        start = self.stretch.start
        return start.measured if state.update == start.state.update else True


def _after_hand(present: Moment, state: State, path: PathRecorder) -> Moment:
    """The moment that a hand has made of the present one; `path` goes on from that of the present one."""
    if np.array_equal(state.theta, present.state.theta):
        return replace(present, state=state, edited=True)
    if state.update == 0:
        # Before the first update it is where the path begins.
        return replace(present, state=state, path=first_point(0, state.theta), measured=False, edited=True)
    # Both ends of the jump belong to the path.
    ends = [present.state.theta, state.theta][int(present.path.updates[-1] == state.update) :]
    path.append(np.full(len(ends), state.update), np.stack(ends))
    return replace(present, state=state, path=path.path, measured=False, edited=True)
