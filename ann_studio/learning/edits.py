"""What a hand does to the parameters of a state: pure functions that say in words what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ann_studio.learning.state import Positions, State


class ParameterError(ValueError):
    """There is no such parameter, or it cannot have that value; the message says which."""


Edited = tuple[str, State]  #: what was done, in words, and what came of it


def with_values(state: State, indices: Sequence[int], values: Sequence[float]) -> Edited:
    """Entries of ``theta`` set to `values`.

    Raises
    ------
    ParameterError
        If there is no such parameter, a value is not finite, or a pruned one is to be other than 0.
    """
    wanted = _positions(state, indices)
    theta = state.theta.copy()
    numbers = np.array(values, dtype=np.float64)
    bad = numbers[~np.isfinite(numbers)]
    if len(bad):
        raise ParameterError(f"a parameter must be a finite number, not {bad[0]}")
    if (np.isin(wanted, state.pruned) & (numbers != 0)).any():
        raise ParameterError("this connection was deleted and stays 0; restore it first")
    theta[wanted] = numbers
    theta[state.pruned] = 0.0  # and not −0
    label = "Parameter set by hand" if len(indices) == 1 else "Parameters set by hand"
    return label, replace(state, theta=theta)


def pruned(state: State, indices: Sequence[int]) -> Edited:
    """Entries of ``theta`` set to 0, to be kept there through all further training.

    Raises
    ------
    ParameterError
        If there is no such parameter, or all of them were pruned before.
    """
    gone = np.union1d(state.pruned, _positions(state, indices))
    count = len(gone) - len(state.pruned)
    if not count:
        raise ParameterError("there is nothing to delete")
    theta = state.theta.copy()
    theta[gone] = 0.0
    label = "Connection deleted" if count == 1 else f"{count:,} connections deleted"
    return label, replace(state, theta=theta, pruned=gone, frozen=np.setdiff1d(state.frozen, gone))


def restored(state: State, indices: Sequence[int]) -> Edited:
    """Pruned entries of ``theta`` left to training again, from 0.

    Raises
    ------
    ParameterError
        If there is no such parameter, or none of them was pruned.
    """
    back = np.intersect1d(state.pruned, _positions(state, indices))
    if not len(back):
        raise ParameterError("there is no deleted connection to restore")
    label = "Connection restored" if len(back) == 1 else f"{len(back):,} connections restored"
    return label, replace(state, pruned=np.setdiff1d(state.pruned, back))


def frozen(state: State, indices: Sequence[int], *, on: bool) -> Edited:
    """Entries of ``theta`` kept as they are through all further training, or no longer.

    Raises
    ------
    ParameterError
        If there is no such parameter, or nothing would change. What was pruned is not frozen besides.
    """
    wanted = _positions(state, indices)
    after = np.union1d(state.frozen, np.setdiff1d(wanted, state.pruned)) if on else np.setdiff1d(state.frozen, wanted)
    count = abs(len(after) - len(state.frozen))
    word = "frozen" if on else "unfrozen"
    if not count:
        raise ParameterError(f"there is nothing to be {word}")
    return f"Parameter {word}" if count == 1 else f"{count:,} parameters {word}", replace(state, frozen=after)


def _positions(state: State, indices: Sequence[int]) -> Positions:
    """The same positions, once they are known to exist."""
    size, wanted = len(state.theta), np.array(indices, dtype=np.int64)
    missing = wanted[(wanted < 0) | (wanted >= size)]
    if len(missing):
        raise ParameterError(f"there is no parameter {missing[0]}; the network has {size}")
    return wanted
