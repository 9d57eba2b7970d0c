"""What the window says to the runner (commands) and what it hears (frames). All of it immutable."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from ann_studio.analysis.pictures import Pictures
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Snapshot


class Status(enum.Enum):
    """What the runner does; buttons and chip show this, never what was clicked."""

    PREPARING = "Preparing"  # the engine is being compiled
    READY = "Ready"  # before the first update
    TRAINING = "Training"
    PAUSED = "Paused"
    FINISHED = "Finished"  # a stop rule was met
    DIVERGED = "Diverged"  # paused at the last finite moment
    FAILED = "Failed"  # an exception; `Frame.error` has its traceback


class Unit(enum.Enum):
    """What a step counts."""

    PHASE = "phase"
    SAMPLE = "sample"
    UPDATE = "update"
    EPOCH = "epoch"


@dataclass(frozen=True)
class Speed:
    """How fast `Run` goes: `rate` units a second; a rate of infinity is as fast as it goes."""

    rate: float
    unit: Unit


@dataclass(frozen=True, eq=False)
class Open:
    """Start afresh with this problem (undoable)."""

    problem: Problem
    reason: str


@dataclass(frozen=True)
class ChangeLearning:
    """Use another learning section from the next update on, keeping the weights (undoable).

    `experiment` may differ from the running one in name, learning (but for the loss) and stop rules only.
    """

    experiment: Experiment


@dataclass(frozen=True)
class Run:
    """Train until a stop rule or `Pause`."""


@dataclass(frozen=True)
class Pause:
    """Stop at a step boundary, at once: an update under way is dropped."""


@dataclass(frozen=True)
class Step:
    """Advance to the `count`-th next boundary of `unit`, then pause."""

    unit: Unit
    count: int = 1


@dataclass(frozen=True)
class Reset:
    """Return to the first weights."""


@dataclass(frozen=True)
class SetSpeed:
    """Choose how fast `Run` goes."""

    speed: Speed


@dataclass(frozen=True)
class SetParameter:
    """Set one entry of ``theta`` (undoable); discards the unfinished update."""

    index: int
    value: float


@dataclass(frozen=True)
class Prune:
    """Set these entries of ``theta`` to 0 and keep them there (undoable); discards the unfinished update."""

    indices: tuple[int, ...]


@dataclass(frozen=True)
class Seek:
    """Go to this update of the run, past or future; before an edit, without it (it is undone, `Redo` leads back)."""

    update: int


@dataclass(frozen=True)
class Undo:
    """Go back to the moment of the last edit, without it."""


@dataclass(frozen=True)
class Redo:
    """Return to the branch that the last `Undo` left."""


@dataclass(frozen=True)
class Close:
    """End the thread."""


Command = (
    Open | ChangeLearning | Run | Pause | Step | Reset | SetSpeed | SetParameter | Prune | Seek | Undo | Redo | Close
)


@dataclass(frozen=True, eq=False)
class Frame:
    """The state of the runner, newest wins.

    Parameters
    ----------
    serial
        Grows by one with every frame.
    problem
        What is being learned; None before the first `Open`.
    snapshots
        One per run, the main run first; empty before the first `Open`.
    speed
        The chosen speed.
    epoch_rate
        Measured epochs a second while training, else 0.
    message
        One sentence about the last change ("Weights start afresh: another data set"), may be empty.
    error
        Traceback if `status` is FAILED, else empty.
    obeyed
        How many of the commands sent so far have been carried out or refused.
    undo, redo
        What `Undo` and `Redo` would do, in words; empty if there is nothing.
    pictures
        Maps and predictions of the main snapshot's very parameters; None until they are computed.
    """

    serial: int
    status: Status
    problem: Problem | None
    snapshots: tuple[Snapshot, ...]
    speed: Speed
    epoch_rate: float
    message: str = ""
    error: str = ""
    obeyed: int = 0
    undo: str = ""
    redo: str = ""
    pictures: Pictures | None = None
