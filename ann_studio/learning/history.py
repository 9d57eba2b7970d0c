"""What was done, as an immutable tree: undo and redo without limit, and no branch is ever lost.

A node is an edit (new data, another learning rate, a weight set by hand). It remembers the moment at which it was made
and the moment at which it was last left, so that undo and redo return to exactly these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State


@dataclass(frozen=True, eq=False)
class Moment:
    """A playhead: what is being learned, how far it is, and the trace up to there."""

    problem: Problem
    state: State
    trace: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Node:
    """An edit.

    Parameters
    ----------
    parent
        Position of the node that it was made on; None for the root.
    label
        What it did, in words ("Learning rate 0.1").
    before
        The moment at which it was made, without it; None for the root.
    left
        The moment at which this branch was last left.
    redo
        The child to which `redo` leads; None if there is none.
    """

    parent: int | None
    label: str
    before: Moment | None
    left: Moment
    redo: int | None = None


@dataclass(frozen=True, eq=False)
class History:
    """The tree and where we are in it."""

    nodes: tuple[Node, ...]
    here: int = 0

    @property
    def undo_label(self) -> str:
        """What `undo` would take back; empty if there is nothing."""
        node = self.nodes[self.here]
        return node.label if node.parent is not None else ""

    @property
    def redo_label(self) -> str:
        """What `redo` would do again; empty if there is nothing."""
        child = self.nodes[self.here].redo
        return "" if child is None else self.nodes[child].label


def begin(moment: Moment) -> History:
    """A history whose root is `moment`."""
    return History((Node(None, "Start", None, moment),))


def edit(history: History, label: str, present: Moment, after: Moment) -> History:
    """Record an edit made at `present` that led to `after`."""
    nodes = list(history.nodes)
    nodes[history.here] = replace(nodes[history.here], left=present, redo=len(nodes))
    nodes.append(Node(history.here, label, present, after))
    return History(tuple(nodes), len(nodes) - 1)


def undo(history: History, present: Moment) -> tuple[History, Moment]:
    """Go back to the moment of the last edit, without it; `present` is kept for `redo`.

    Raises
    ------
    LookupError
        If there is nothing to undo.
    """
    node = history.nodes[history.here]
    if node.parent is None or node.before is None:
        raise LookupError("there is nothing to undo")
    nodes = list(history.nodes)
    nodes[history.here] = replace(node, left=present)
    nodes[node.parent] = replace(nodes[node.parent], redo=history.here)
    return History(tuple(nodes), node.parent), node.before


def redo(history: History, present: Moment) -> tuple[History, Moment]:
    """Return to the branch that the last `undo` left, where it was left.

    Raises
    ------
    LookupError
        If there is nothing to redo.
    """
    child = history.nodes[history.here].redo
    if child is None:
        raise LookupError("there is nothing to redo")
    nodes = list(history.nodes)
    nodes[history.here] = replace(nodes[history.here], left=present)
    return History(tuple(nodes), child), nodes[child].left
