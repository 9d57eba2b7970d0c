"""What was done, as an immutable tree: undo and redo without limit, and no branch is ever lost.

A node is an edit (new data, another learning rate, a weight set by hand). It remembers the moment at which it was made,
what that led to, and the moment at which it was last left, so that undo and redo return to exactly these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """An edit.

    Parameters
    ----------
    parent
        Position of the node that it was made on; None for the root.
    label
        What it did, in words ("Change of learning rate").
    before
        The moment at which it was made, without it; None for the root.
    after
        The same moment with it: where this branch begins.
    left
        The moment at which this branch was last left.
    redo
        The child to which `redo` leads; None if there is none.
    """

    parent: int | None
    label: str
    before: Moment | None
    after: Moment
    left: Moment
    redo: int | None = None


class NothingThere(LookupError):  # noqa: N818 (said to the user, not an error)
    """There is nothing to undo or redo."""


@dataclass(frozen=True, eq=False)
class History:
    """The tree and where we are in it."""

    nodes: tuple[Node, ...]
    here: int = 0

    @property
    def start(self) -> Moment:
        """Where the present branch begins: just after its edit."""
        return self.nodes[self.here].after

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
    return History((Node(None, "Start", None, moment, moment),))


def edit(history: History, label: str, present: Moment, after: Moment) -> History:
    """Record an edit made at `present` that led to `after`."""
    nodes = list(history.nodes)
    nodes[history.here] = replace(nodes[history.here], left=present, redo=len(nodes))
    nodes.append(Node(history.here, label, present, after, after))
    return History(tuple(nodes), len(nodes) - 1)


def undo(history: History, present: Moment) -> tuple[History, Moment]:
    """Go back to the moment of the last edit, without it; `present` is kept for `redo`.

    Raises
    ------
    NothingThere
        If there is nothing to undo.
    """
    node = history.nodes[history.here]
    if node.parent is None or node.before is None:
        raise NothingThere("there is nothing to undo")
    nodes = list(history.nodes)
    nodes[history.here] = replace(node, left=present)
    nodes[node.parent] = replace(nodes[node.parent], redo=history.here)
    return History(tuple(nodes), node.parent), node.before


def redo(history: History, present: Moment) -> tuple[History, Moment]:
    """Return to the branch that the last `undo` left, where it was left.

    Raises
    ------
    NothingThere
        If there is nothing to redo.
    """
    child = history.nodes[history.here].redo
    if child is None:
        raise NothingThere("there is nothing to redo")
    nodes = list(history.nodes)
    nodes[history.here] = replace(nodes[history.here], left=present)
    return History(tuple(nodes), child), nodes[child].left


#: What a person calls the settings that can be changed live.
_WORDS = {
    "run_name": "name of the run",
    "loss": "cost",
    "optimizer": "optimiser",
    "batch_size": "batch size",
    "reshuffle": "shuffling",
    "regularizer": "regularisation",
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
