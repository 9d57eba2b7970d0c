"""The state of a run as a value, and what one update looks like from inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning.path import Path

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class State:
    """Where a run stands, always between two updates.

    Parameters
    ----------
    theta
        Parameters, shape ``(parameters,)``. Read-only.
    slots
        The optimiser's own memory, shape ``(slots of the optimiser, parameters)``. Read-only.
    update
        Updates made since the start.
    epoch
        Complete passes over the training set.
    position
        Samples of the present epoch already used.
    optimizer_steps
        Updates since the optimiser's memory was last empty (Adam's t).
    pruned
        Positions in `theta` that were set to 0 and stay 0 through all training, ascending. Read-only.
    frozen
        Positions in `theta` that keep their value through all training, ascending; none of them is pruned. Read-only.
    """

    theta: Vector
    slots: Matrix
    update: int
    epoch: int
    position: int
    optimizer_steps: int
    pruned: Positions = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    frozen: Positions = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def held(self) -> Positions:
        """Positions in `theta` that training does not move, ascending."""
        if not len(self.frozen):
            return self.pruned
        return np.union1d(self.pruned, self.frozen)


PhaseKind = Literal["forward", "cost", "backward", "update"]
Part = Literal["train", "validation", "own"]


@dataclass(frozen=True)
class Subject:
    """A sample that is looked at whatever the batch is, without being learned from.

    Parameters
    ----------
    part
        Where it is from; "own" is an input that somebody typed.
    row
        Row of the part; unused where `part` is "own".
    inputs
        Raw inputs as in `Dataset.inputs`, where `part` is "own"; it has no target.
    """

    part: Part
    row: int = 0
    inputs: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Phase:
    """One moment inside the next update: a sample of the batch at one layer.

    The phases of an update are, for each sample of the batch in turn: forward through layer 0, 1, …, cost, backward
    through the last layer, …, 0; and at the end of the batch one update. Those of a landscape are one "backward", of no
    layer, for each sample, and the update; its layers have no numbers. A sample that is only looked at (`subject`) has
    the phases of one sample and no update; without a target it has those of forward alone.

    Parameters
    ----------
    index, count
        This is phase `index` (from 0) of the `count` phases of the update.
    kind
        What was just done.
    layer
        The layer after the input (0 = first hidden) at which it was done; −1 for cost and update.
    sample
        Position of the sample in the batch, from 0; for "update" the last one.
    batch
        Samples in the batch.
    row
        Row of the sample in its part of the data, which is the training part unless `subject` says otherwise.
    targets
        y of the sample, shape ``(outputs,)``; None of an input of somebody's own.
    pre_activations, activations
        z of each layer after the input and a of each layer (input first), as far as known for this sample.
    loss
        The loss of this sample, once the cost is known.
    deltas
        δ of each layer after the input, None where not yet known.
    gradient
        Mean gradient of the batch as far as accumulated, i.e. the sum so far divided by `batch`; shape of ``theta``.
    sample_gradient
        ∂C/∂theta of this sample alone, as far as the error has come back; 0 elsewhere. Shape of ``theta``.
    next_theta
        The parameters after the update; only with kind "update".
    subject
        The sample that is looked at; None for one of the batch.
    """

    index: int
    count: int
    kind: PhaseKind
    layer: int
    sample: int
    batch: int
    row: int
    targets: Vector | None
    pre_activations: tuple[Vector, ...]
    activations: tuple[Vector, ...]
    loss: float | None
    deltas: tuple[Vector | None, ...]
    gradient: Vector
    sample_gradient: Vector
    next_theta: Vector | None
    subject: Subject | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What can be said of one run at one moment.

    Parameters
    ----------
    state
        The state that every view shows.
    phase
        The moment inside the next update that is shown; None between updates.
    trace
        A row an epoch so far, columns ``epoch, update, train_loss, validation_loss``; NaN where there is no such set.
        Of very many epochs only every second, every fourth and so on, see `ann_studio.learning.trace`.
    train_loss, validation_loss
        At `losses_update`; NaN where there is no such set, or where evaluating it would take too long and the last one
        known is of this update, but from before a parameter was set by hand.
    losses_update
        The update that the losses belong to: that of `state`, or of the last complete epoch where evaluating the
        whole set for each picture would take too long.
    path
        Where the run has been, the present point not always included.
    future
        Rows as in `trace` of epochs that the run has been to and that lie behind the playhead.
    """

    state: State
    phase: Phase | None
    trace: Matrix
    train_loss: float
    validation_loss: float
    losses_update: int
    path: Path
    future: Matrix = field(default_factory=lambda: np.empty((0, 4)))
