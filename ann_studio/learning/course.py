"""The course of a run: how far it was made, and what lies along it. What the timeline shows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from ann_studio.learning import history as tree
from ann_studio.learning.history import History
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State, Vector
from ann_studio.learning.supervised import batch_size, samples_of


@dataclass(frozen=True)
class Mark:
    """A moment of the line to which one may want to go back.

    Parameters
    ----------
    kind
        An edit, a bookmark, or the end of the epoch with the least validation loss.
    update, epoch
        Where it is; epochs with their fraction.
    label
        What it is, in words.
    settings
        Whether it is an edit of settings alone, see `ann_studio.learning.history.Node`.
    """

    kind: Literal["edit", "bookmark", "best"]
    update: int
    epoch: float
    label: str
    settings: bool = False


@dataclass(frozen=True)
class Branch:
    """A line that was left.

    Parameters
    ----------
    node
        Its last node, see `ann_studio.learning.history.visit`.
    label
        The edit that it ends with, in words.
    begins, reached
        The update of that edit, and how far it came.
    """

    node: int
    label: str
    begins: int
    reached: int


@dataclass(frozen=True)
class Course:
    """Where a run has been and can be shown again.

    Parameters
    ----------
    knots
        ``(epoch, update)`` of the line's beginning, of each edit and of its end. In between epochs go by evenly.
    marks
        In the order of their updates.
    branches
        Lines that were left, the oldest first.
    """

    knots: tuple[tuple[float, int], ...]
    marks: tuple[Mark, ...]
    branches: tuple[Branch, ...]

    @property
    def reached(self) -> tuple[float, int]:
        """Epoch and update of its end."""
        return self.knots[-1]

    def update_at(self, epoch: float) -> int:
        """The update that is nearest to an epoch, within the course."""
        epochs, updates = zip(*self.knots, strict=True)
        return round(float(np.interp(epoch, epochs, updates)))

    def epoch_at(self, update: int) -> float:
        """The epoch at an update, with its fraction, within the course."""
        epochs, updates = zip(*self.knots, strict=True)
        return float(np.interp(update, updates, epochs))


def epoch_of(problem: Problem, state: State) -> float:
    """Epochs gone through, with their fraction."""
    return state.epoch + state.position / len(problem.train)


@dataclass(frozen=True)
class Skeleton:
    """What of a course stays the same while the run goes on: knots and marks of its edits, bookmarks, branches."""

    knots: tuple[tuple[float, int], ...]
    marks: tuple[Mark, ...]
    bookmarks: tuple[int, ...]
    branches: tuple[Branch, ...]


def skeleton_of(history: History) -> Skeleton:
    """The course of the present line, as far as the history alone tells it."""
    line = history.line
    knots, marks = [], []
    for node in line:
        edit = history.nodes[node]
        after = edit.after
        knots.append((epoch_of(after.problem, after.state), after.state.update))
        if node != line[0]:
            marks.append(Mark("edit", knots[-1][1], knots[-1][0], edit.label, edit.settings))
    ends = {node: history.nodes[following].after.state.update for node, following in pairwise(line)}
    bookmarks = tuple(
        mark.update
        for mark in history.bookmarks
        if mark.node in line and mark.update <= ends.get(mark.node, mark.update)
    )
    left = [(node, history.nodes[node]) for node in tree.branches(history) if node != history.tip]
    branches = tuple(Branch(node, each.label, each.after.state.update, each.made.state.update) for node, each in left)
    return Skeleton(tuple(knots), tuple(marks), bookmarks, branches)


def course_of(skeleton: Skeleton, problem: Problem, reached: State, best: Vector | None) -> Course:
    """The course of the present line.

    Parameters
    ----------
    problem, reached
        Of its end.
    best
        Row of the trace with the least validation loss; None where there is none.
    """
    knots = (*skeleton.knots, (epoch_of(problem, reached), reached.update))
    marks = list(skeleton.marks)
    if skeleton.bookmarks:
        bare = Course(knots, (), ())
        marks += [Mark("bookmark", update, bare.epoch_at(update), "Bookmark") for update in skeleton.bookmarks]
    if best is not None:
        epoch, update = float(best[0]), int(best[1])
        marks.append(Mark("best", update, epoch, f"Least validation cost, epoch {epoch:,.0f}"))
    return Course(knots, tuple(sorted(marks, key=lambda mark: mark.update)), skeleton.branches)


def update_of_epoch(problem: Problem, start: State, epoch: int) -> int:
    """The update at which an epoch begins, in a stretch that begins at `start`, which is not behind it."""
    rows, size = len(problem.train), batch_size(problem)
    if start.epoch >= epoch:
        return start.update
    rest = -(-(rows - start.position) // size)
    return start.update + rest + (epoch - start.epoch - 1) * -(-rows // size)


def update_of_samples(history: History, samples: int) -> int:
    """Updates that are complete once so many samples were gone through on the present line."""
    line = [history.nodes[node].after for node in history.line]
    start = next((after for after in reversed(line) if samples_of(after.problem, after.state) <= samples), line[0])
    rows, size = len(start.problem.train), batch_size(start.problem)
    more = max(0, samples - samples_of(start.problem, start.state))
    rest = rows - start.state.position  # of the epoch in which it begins
    if more < rest:
        return start.state.update + more // size
    epochs, within = divmod(more - rest, rows)
    return start.state.update + -(-rest // size) + epochs * -(-rows // size) + within // size
