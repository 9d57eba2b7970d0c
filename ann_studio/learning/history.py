"""What was done, as an immutable tree: undo and redo without limit, and no branch is ever lost.

A node is an edit (new data, another learning rate, a weight set by hand) and the stretch of the run that it led to. The
nodes from the last fresh start to the `tip` are the present line: the whole run, edits and all, through which the
timeline moves. The playhead stands in the stretch of the node `here`, which may be any of the line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.experiment import Experiment, Landscape
from ann_studio.learning.path import Path
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State


@dataclass(frozen=True, eq=False)
class Moment:
    """A playhead: what is being learned, how far it is, and trace and path up to there.

    Parameters
    ----------
    measured
        Whether the last row of the trace, if it is of this very update, is of these very parameters: it is not once
        one of them was set by hand.
    edited
        Whether a hand has set parameters on the way here, or changed the way to learn: this run is not that which its
        experiment makes from the first parameters.
    """

    problem: Problem
    state: State
    trace: NDArray[np.float64]
    path: Path
    measured: bool = True
    edited: bool = False


@dataclass(frozen=True, eq=False)
class Node:
    """An edit, and what followed it until the next one.

    Parameters
    ----------
    parent
        Position of the node that it was made on; None for the root.
    label
        What it did, in words ("Change of learning rate").
    before
        The moment at which it was made, without it; None for the root.
    after
        Where its stretch begins: the same moment with it, or the first weights where it starts afresh.
    made
        The furthest moment of its stretch that the run ever came to.
    left
        The moment at which this branch was last left, where `redo` leads.
    redo
        The child to which `redo` leads; None if there is none.
    fresh
        Whether another run begins with it: the line does not go further back.
    gesture
        Number of the drag by which it was made; 0 for none.
    settings
        Whether it changed settings alone: neither parameters nor the network.
    """

    parent: int | None
    label: str
    before: Moment | None
    after: Moment
    made: Moment
    left: Moment
    redo: int | None = None
    fresh: bool = False
    gesture: int = 0
    settings: bool = False


@dataclass(frozen=True)
class Bookmark:
    """A moment that somebody wants to find again: an update in the stretch of a node."""

    node: int
    update: int


class NothingThere(LookupError):  # noqa: N818 (said to the user, not an error)
    """There is nothing to undo or redo."""


@dataclass(frozen=True, eq=False)
class History:
    """The tree, the end of the present line, and the node in whose stretch the playhead stands."""

    nodes: tuple[Node, ...]
    tip: int = 0
    here: int = 0
    bookmarks: tuple[Bookmark, ...] = ()

    @property
    def start(self) -> Moment:
        """Where the present stretch begins: just after its edit."""
        return self.nodes[self.here].after

    @cached_property
    def line(self) -> tuple[int, ...]:
        """Nodes of the present line, from its fresh start to its tip."""
        found = [self.tip]
        while not self.nodes[found[-1]].fresh:
            parent = self.nodes[found[-1]].parent
            assert parent is not None
            found.append(parent)
        return tuple(reversed(found))

    @property
    def following(self) -> int | None:
        """The node of the line behind the present one; None at its tip."""
        line = self.line
        at = line.index(self.here) + 1
        return line[at] if at < len(line) else None

    def at(self, update: int) -> int:
        """The node of the line in whose stretch an update lies; that of an edit belongs to the edit's."""
        return next(
            (node for node in reversed(self.line) if self.nodes[node].after.state.update <= update), self.line[0]
        )

    @property
    def undo_label(self) -> str:
        """What `undo` would take back; empty if there is nothing."""
        node = self.nodes[self.tip]
        return node.label if node.parent is not None else ""

    @property
    def redo_label(self) -> str:
        """What `redo` would do again; empty if there is nothing."""
        child = self.nodes[self.tip].redo
        return "" if child is None else self.nodes[child].label


def begin(moment: Moment) -> History:
    """A history whose root is `moment`."""
    return History((Node(None, "Start", None, moment, moment, moment, fresh=True),))


def changed(history: History, node: int, **changes: Any) -> History:
    """The history with other fields of a node."""
    nodes = list(history.nodes)
    nodes[node] = replace(nodes[node], **changes)
    return replace(history, nodes=tuple(nodes))


def edit(
    history: History,
    label: str,
    present: Moment,
    after: Moment,
    *,
    fresh: bool = False,
    left: Moment | None = None,
    gesture: int = 0,
    settings: bool = False,
) -> History:
    """Record an edit made at `present`, in the stretch of `here`; its node becomes the tip of the line.

    Parameters
    ----------
    after
        Where its stretch begins.
    left
        A moment of the stretch that is known already, and where the playhead is to stand; None: its beginning.
    """
    known = after if left is None else left
    new = Node(history.here, label, present, after, known, known, fresh=fresh, gesture=gesture, settings=settings)
    history = changed(_left(history, present), history.here, redo=len(history.nodes))
    return replace(history, nodes=(*history.nodes, new), tip=len(history.nodes), here=len(history.nodes))


def amend(history: History, after: Moment) -> History:
    """Let the last edit have led to `after` instead."""
    return changed(history, history.tip, after=after, made=after, left=after)


def undo(history: History, present: Moment) -> tuple[History, Moment]:
    """Go back to the moment of the last edit of the line, without it; `present` is kept for `redo`.

    Raises
    ------
    NothingThere
        If there is nothing to undo.
    """
    node = history.nodes[history.tip]
    if node.parent is None or node.before is None:
        raise NothingThere("there is nothing to undo")
    history = changed(_left(history, present), node.parent, redo=history.tip)
    return replace(history, tip=node.parent, here=node.parent), node.before


def redo(history: History, present: Moment) -> tuple[History, Moment]:
    """Return to the branch that the last `undo` left, where it was left.

    Raises
    ------
    NothingThere
        If there is nothing to redo.
    """
    child = history.nodes[history.tip].redo
    if child is None:
        raise NothingThere("there is nothing to redo")
    return visit(history, child, present)


def visit(history: History, node: int, present: Moment) -> tuple[History, Moment]:
    """Go to the line that ends in a node, where it was left; `undo` and `redo` then move along this line.

    Raises
    ------
    NothingThere
        If there is no such node.
    """
    if not 0 <= node < len(history.nodes):
        raise NothingThere("there is no such branch")
    history = _left(history, present)
    at, parent = node, history.nodes[node].parent
    while parent is not None:
        history = changed(history, parent, redo=at)
        at, parent = parent, history.nodes[parent].parent
    return replace(history, tip=node, here=node), history.nodes[node].left


def _left(history: History, present: Moment) -> History:
    """The history as it is when the line is left at `present`: from further back, as if it was left at its end."""
    tip = history.tip
    return changed(history, tip, left=present if history.here == tip else history.nodes[tip].made)


def branches(history: History) -> tuple[int, ...]:
    """Nodes in which a line ends that leads somewhere of its own: those without an edit, or that went on past it."""
    last: dict[int, int] = {}
    for node in history.nodes:
        if node.parent is not None and node.before is not None:
            last[node.parent] = max(last.get(node.parent, 0), node.before.state.update)
    return tuple(
        position
        for position, node in enumerate(history.nodes)
        if position == history.tip or position not in last or node.made.state.update > last[position]
    )


#: What a person calls the settings that can be changed live.
_WORDS = {
    "run_name": "name of the run",
    "loss": "cost",
    "optimizer": "optimiser",
    "batch_size": "batch size",
    "reshuffle": "shuffling",
    "regularizer": "regularisation",
    "clip_norm": "gradient clipping",
    "stop": "stop rules",
    "seed": "order of the samples",
}


def change_label(old: Experiment, new: Experiment) -> str:
    """What changed between two experiments that differ in learning, stop rules, race and name alone, in words."""
    names = _changed(old.learning, new.learning)
    first, second = old.learning.optimizer, new.learning.optimizer
    if "optimizer" in names and type(first) is type(second):
        names[names.index("optimizer")] = ", ".join(_changed(first, second)).replace("_", " ")
    names += [name for name in _changed(old, new) if name in ("stop", "name", "run_name", "race")]
    words = _WORDS | {"seed": "order of the gradients"} if isinstance(old.data, Landscape) else _WORDS
    return "Change of " + ", ".join(words.get(name, name) for name in names)


def _changed(old: Any, new: Any) -> list[str]:
    """Fields in which two structs of one type differ."""
    return [name for name in old.__struct_fields__ if getattr(old, name) != getattr(new, name)]
