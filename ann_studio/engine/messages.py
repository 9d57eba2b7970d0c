"""What the window says to the runner (commands) and what it hears (frames). All of it immutable."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from ann_studio.analysis.contours import Contours
from ann_studio.analysis.curvature import Minimum
from ann_studio.analysis.diagnosis import Hint
from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import OverTraining
from ann_studio.analysis.pictures import Pictures
from ann_studio.analysis.planes import Extent, Plane, PlaneChoice
from ann_studio.analysis.slice import Slice, SliceChoice
from ann_studio.analysis.surface import Surface
from ann_studio.learning.course import Course
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.problem import Problem
from ann_studio.learning.reshaping import Change
from ann_studio.learning.state import Positions, Snapshot, Subject, Vector


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


class Clock(enum.Enum):
    """What the runs of a race have in common: at each moment all have come as far by this count."""

    EPOCHS = "epochs"
    UPDATES = "updates"
    GRADIENTS = "gradients"  # gradient evaluations: samples gone through


@dataclass(frozen=True)
class Speed:
    """How fast `Run` goes: `rate` units a second; a rate of infinity is as fast as it goes."""

    rate: float
    unit: Unit


@dataclass(frozen=True, eq=False)
class Open:
    """Start afresh with this problem (undoable).

    Parameters
    ----------
    reason
        One sentence that is said of it.
    label
        What `Undo` calls it; empty: as the sentence.
    """

    problem: Problem
    reason: str
    label: str = ""


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
    """Stop at a step boundary, at once: an update under way is dropped.

    Parameters
    ----------
    seeks
        Whether a moment that is being sought is given up too.
    """

    seeks: bool = True


@dataclass(frozen=True)
class Step:
    """Advance to the `count`-th next boundary of `unit`, then pause."""

    unit: Unit
    count: int = 1


@dataclass(frozen=True)
class StepBack:
    """Go back to the `count`-th last boundary of `unit`, and pause; the past is made again, to the bit."""

    unit: Unit
    count: int = 1


@dataclass(frozen=True)
class Examine:
    """Look at this sample instead of at the batch; None: at the batch again. Phases are then those of the sample."""

    subject: Subject | None


@dataclass(frozen=True)
class Reset:
    """Return to the first weights."""


@dataclass(frozen=True)
class SetSpeed:
    """Choose how fast `Run` goes."""

    speed: Speed


@dataclass(frozen=True)
class Prune:
    """Set these entries of ``theta`` to 0 and keep them there (undoable); discards the unfinished update."""

    indices: tuple[int, ...]


@dataclass(frozen=True)
class Restore:
    """Let entries of ``theta`` that were pruned be trained again, from 0 (undoable)."""

    indices: tuple[int, ...]


@dataclass(frozen=True)
class Freeze:
    """Keep these entries of ``theta`` as they are through all training, or no longer (undoable)."""

    indices: tuple[int, ...]
    frozen: bool = True


@dataclass(frozen=True)
class Reshape:
    """Add or remove a neuron or a layer, keeping the rest (undoable)."""

    change: Change


@dataclass(frozen=True)
class Seek:
    """Go to this update of the run, past or future; edits on the way stay."""

    update: int


@dataclass(frozen=True)
class Undo:
    """Go back to the moment of the last edit, without it."""


@dataclass(frozen=True)
class Redo:
    """Return to the branch that the last `Undo` left."""


@dataclass(frozen=True)
class Visit:
    """Return to a branch that was left, by its node: see `ann_studio.learning.course.Branch`."""

    node: int


@dataclass(frozen=True)
class RaceBranch:
    """Let a branch that was left race the main run, or no longer; see `Visit`."""

    node: int
    racing: bool = True


@dataclass(frozen=True)
class ToggleBookmark:
    """Bookmark the present moment, or take its bookmark away."""


@dataclass(frozen=True)
class SetClock:
    """Choose the clock of the race; the runs come to the same place by it."""

    clock: Clock


@dataclass(frozen=True)
class MakeMain:
    """Make run number `run` (from 1; 0 is the main one) the main network, and the main network a racer (undoable).

    A branch that races is returned to, see `Visit`; the line that is left races it.
    """

    run: int


@dataclass(frozen=True)
class SetParameters:
    """Set several entries of ``theta`` at once (undoable); discards the unfinished update.

    Parameters
    ----------
    gesture
        Values set in one drag, or by one key that is held down, have the same number other than 0: together they are
        one edit.
    """

    indices: tuple[int, ...]
    values: tuple[float, ...]
    gesture: int = 0


@dataclass(frozen=True)
class Close:
    """End the thread."""


Command = (
    Open
    | ChangeLearning
    | Run
    | Pause
    | Step
    | StepBack
    | Examine
    | Reset
    | SetSpeed
    | Prune
    | Restore
    | Freeze
    | Reshape
    | Seek
    | Undo
    | Redo
    | Visit
    | RaceBranch
    | ToggleBookmark
    | SetClock
    | MakeMain
    | SetParameters
    | Close
)


@dataclass(frozen=True, eq=False)
class Standing:
    """What is known of a run beside its snapshot.

    Parameters
    ----------
    name
        What a person calls it: "Batch", "Mini-batch", "Stochastic", or as it was named.
    problem
        What it learns and how.
    seconds
        Time that the engine has spent on it.
    out
        Why it moves no more while others do ("diverged after update 12"); else empty.
    edited
        Whether a hand has set parameters or changed the way to learn since the first update.
    branch
        The node of the branch that it is; None for runs of the experiment.
    """

    name: str
    problem: Problem
    seconds: float
    out: str = ""
    edited: bool = False
    branch: int | None = None


@dataclass(frozen=True)
class Figures:
    """What is said of parameters in numbers; NaN where it does not apply or would take too long to find.

    Parameters
    ----------
    train_loss, validation_loss
        As in `Snapshot`.
    train_accuracy, validation_accuracy
        Share of right classes, 0 to 1.
    """

    train_loss: float
    validation_loss: float
    train_accuracy: float
    validation_accuracy: float


@dataclass(frozen=True, eq=False)
class Effect:
    """What an edit of parameters or of the network did at once.

    Parameters
    ----------
    label
        What was done, in words.
    indices
        Entries of ``theta`` that it touched, ascending; empty where the network is another one since.
    problem, theta
        What was there before.
    before, after
        Figures without it and with it.
    """

    label: str
    indices: Positions
    problem: Problem
    theta: Vector
    before: Figures
    after: Figures


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
    standings
        One per snapshot.
    clock
        By what the runs go together.
    reached
        How far they have come by that clock: epochs, updates or gradient evaluations. Each run stands at the end of its
        last update that is complete by then.
    course
        Where the main run has been and can be shown again; None before the first `Open`.
    effect
        What the last edit of parameters or network did, while the run stands at its moment; else None.
    ghost
        Region or curve of what was there before the edit that `effect` tells of; None until it is computed.
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
    standings: tuple[Standing, ...] = ()
    clock: Clock = Clock.EPOCHS
    reached: float = 0.0
    course: Course | None = None
    effect: Effect | None = None
    ghost: Pictures | None = None


# --- surveys --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Survey:
    """What the surveyor is to draw: the surface around a frame's runs. The newest request wins.

    Parameters
    ----------
    request
        Grows by one with every request.
    frame
        Whose main run, cost and paths.
    choice
        Which plane.
    plane
        Draw over this plane as it is (after zooming); None: make one of `choice` and `frame`.
    extent
        What is to be seen; None: all paths and what lies around them.
    side
        Grid points along each side at the finest; coarser surfaces come first.
    log
        Colours and levels by the logarithm of the cost.
    size
        Width and height of the picture in pixels.
    """

    request: int
    frame: Frame
    choice: PlaneChoice
    plane: Plane | None
    extent: Extent | None
    side: int
    log: bool
    size: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Surveyed:
    """An answer to a `Survey`; the last of several, from coarse to fine, is `final`.

    Parameters
    ----------
    survey
        What was asked.
    surface, contours
        The surface, and its picture of the size that was asked for.
    exact
        Whether the plane is all there is: the network has two parameters.
    explained
        Share of the variance of the main run's path that lies in the plane; NaN for a path of one point.
    left_out
        For each run the cost at its true point minus the cost at the nearest point of the plane.
    minima
        Minima that were found nearby, the lowest first.
    progress
        From 0 to 1, the share of all work that is done.
    final
        Whether no finer one follows.
    """

    survey: Survey
    surface: Surface
    contours: Contours
    exact: bool
    explained: float
    left_out: tuple[float, ...]
    minima: tuple[Minimum, ...]
    progress: float
    final: bool


@dataclass(frozen=True, eq=False)
class Sounding:
    """A request for the valley of a frame's main run; the newest wins. `extent` None: as wide as is sensible."""

    request: int
    frame: Frame
    choice: SliceChoice
    extent: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Inspection:
    """A request about a frame's main run; the newest wins, whatever it is about.

    Parameters
    ----------
    about
        How its network fares over the training set now, or its layers over time.
    """

    request: int
    frame: Frame
    about: Literal["training", "layers"]


@dataclass(frozen=True, eq=False)
class Unanswered:
    """Word that a request failed, so that another may be asked for; why is in the log."""

    wanted: Survey | Sounding | Inspection


@dataclass(frozen=True, eq=False)
class Sounded:
    """An answer to a `Sounding`."""

    sounding: Sounding
    slice: Slice


@dataclass(frozen=True, eq=False)
class Inspected:
    """An answer to an `Inspection`."""

    inspection: Inspection
    found: OverTraining | LayerHistory


# --- the doctor -----------------------------------------------------------------------------------------------------
#: What the runner adds to its word of a divergence; where the doctor gives a hint, it is left out.
ADVICE = " Try a smaller learning rate"


@dataclass(frozen=True, eq=False)
class Consultation:
    """A question to the doctor: is anything wrong with a frame's main run? The newest wins.

    Parameters
    ----------
    request
        Grows by one with every request.
    frame
        Whose main run.
    without
        Kinds of hints that nobody wants to hear.
    known
        The hint that is shown: if it is still what is wrong, its remedies need not be tried again.
    """

    request: int
    frame: Frame
    without: frozenset[str] = frozenset()
    known: Hint | None = None


@dataclass(frozen=True, eq=False)
class Advice:
    """An answer to a `Consultation`.

    Parameters
    ----------
    consultation
        What was asked.
    hint
        The one thing that is wrong; None if nothing is.
    final
        Whether its remedies were tried. If not, that is being done, and another answer follows.
    seconds
        How long it took.
    """

    consultation: Consultation
    hint: Hint | None
    final: bool
    seconds: float
