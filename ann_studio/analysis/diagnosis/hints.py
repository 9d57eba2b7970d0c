"""What the doctor says: a hint with its evidence and its remedies."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Snapshot

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Kind = Literal["explosion", "symmetry", "dead", "saturation", "plateau"]


@dataclass(frozen=True, eq=False)
class Case:
    """What is looked at.

    Parameters
    ----------
    problem, snapshot
        Of the run.
    diverged
        Whether it stopped at its last finite moment.
    edited
        The update at which a hand last changed parameters or network; what was before says nothing of training since.
        −1 if none did.
    """

    problem: Problem
    snapshot: Snapshot
    diverged: bool = False
    edited: int = -1

    @property
    def trace(self) -> Matrix:
        """The rows of the trace since the last edit; a view, for there may be half a million of them."""
        rows = self.snapshot.trace
        return rows[bisect_right(rows[:, 1], self.edited) :]

    @property
    def theta(self) -> Vector:
        """The present parameters."""
        return self.snapshot.state.theta


@dataclass(frozen=True)
class Remedy:
    """What helps, or may.

    Parameters
    ----------
    label
        What is to be done, in a few words: "Set η to 0.055".
    changes
        Dotted paths in the experiment and their new values, see `ann_studio.learning.experiment.replace`.
    back
        The update to which the run goes back before it goes on; None where it starts afresh.
    tried
        What came of it on a copy: "cost 0.08 after 20 epochs"; empty where nobody tried.
    """

    label: str
    changes: tuple[tuple[str, Any], ...]
    back: int | None = None
    tried: str = ""


@dataclass(frozen=True)
class Hint:
    """One thing that is wrong with a run.

    Parameters
    ----------
    kind
        Which illness.
    title
        In a few words.
    sentence
        What happened and why.
    evidence
        What was measured: names and numbers.
    layer
        Where it is, from 1 as in `Architecture.sizes`; None if it is nowhere in particular.
    remedies
        What helps, the best first.
    """

    kind: Kind
    title: str
    sentence: str
    evidence: tuple[tuple[str, float], ...]
    layer: int | None = None
    remedies: tuple[Remedy, ...] = ()

    def is_like(self, other: Hint) -> bool:
        """Whether both are about the same thing, if with other numbers."""
        return (self.kind, self.title, self.layer) == (other.kind, other.title, other.layer)


@dataclass(frozen=True, eq=False)
class Finding:
    """A hint before its remedies were tried.

    Parameters
    ----------
    hint
        With remedies in the order in which they are to be tried.
    theta
        From where those go on that do not start afresh.
    below
        A remedy helps if the cost falls below this.
    epochs
        Epochs of a trial, where so many are affordable.
    certain
        Whether the hint is worth saying even if none of its remedies helps soon.
    """

    hint: Hint
    theta: Vector
    below: float
    epochs: int = 20
    certain: bool = True
