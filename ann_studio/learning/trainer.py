"""The trainer: one run that can be advanced, stepped, reset, edited and taken back. Deterministic.

It knows no clock and no thread: the window's runner and the command line drive it with budgets and get the same bits.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning import history as tree
from ann_studio.learning import supervised
from ann_studio.learning.checkpoints import Checkpoints
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.history import Moment
from ann_studio.learning.model import Model
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.state import Phase, Snapshot, State
from ann_studio.learning.supervised import UNLIMITED, Ended
from ann_studio.learning.trace import Trace

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Multiply-adds that may be spent on the losses of one snapshot; beyond, those of the last epoch are shown.
_EVALUATION_BUDGET = 10_000_000


class Outcome(Enum):
    """Where `Trainer.advance` ended."""

    LIMIT = "limit"  # the budget is used up
    EPOCHS = "epochs"  # the stop rule for epochs
    TARGET = "target"  # the stop rule for the loss
    DIVERGED = "diverged"  # at the last finite moment


class Trainer:
    """One run.

    Parameters
    ----------
    problem
        What is to be learned, see `ann_studio.learning.problem.pose`.
    """

    def __init__(self, problem: Problem) -> None:
        self._enter(_first_moment(problem))
        self.history = tree.begin(self.moment)

    # --- what there is ----------------------------------------------------------------------------------------------
    @property
    def experiment(self) -> Experiment:
        """The experiment, with everything resolved."""
        return self.problem.experiment

    @property
    def theta(self) -> Vector:
        """The present parameters; not to be written to (use `set_parameter`)."""
        return self.state.theta

    @property
    def moment(self) -> Moment:
        """Problem, state and trace at present."""
        return Moment(self.problem, self.state, self._trace.rows)

    @property
    def phase(self) -> Phase | None:
        """The moment inside the next update that is shown; None between updates."""
        if self.phase_index is None:
            return None
        return supervised.phase(self.problem, self.state, self.phase_index)

    @property
    def model(self) -> Model:
        """The network with everything around it, as exported."""
        problem = self.problem
        return Model(problem.experiment.name, problem.architecture, self.state.theta, problem.preparation)

    def predict(self, inputs: Matrix) -> Matrix:
        """Class indices ``(rows, 1)`` or numbers in their unit, for raw inputs as in `Dataset.inputs`."""
        return self.model.predict(np.atleast_2d(np.asarray(inputs, dtype=np.float64)))

    def snapshot(self, *, exact: bool = True) -> Snapshot:
        """What can be said of the run at present.

        Parameters
        ----------
        exact
            Evaluate the losses at the present parameters. If False and that would take long, those of the last
            complete epoch are given, and `Snapshot.losses_update` says so.
        """
        last = self._trace.rows[-1]
        update, losses = int(last[1]), (float(last[2]), float(last[3]))
        samples = len(self.problem.train) + len(self.problem.validation)
        cheap = samples * self.problem.architecture.parameters <= _EVALUATION_BUDGET
        # A parameter set by hand moves theta without an update; the row of that update is then of other parameters.
        if (update != self.state.update or self._touched) and (exact or cheap):
            update, losses = self.state.update, self._losses()
        return Snapshot(self.state, self.phase, self._trace.rows, *losses, update)

    # --- moving -----------------------------------------------------------------------------------------------------
    def run(self, epochs: int | None = None, updates: int | None = None) -> Outcome:
        """Train for so many more epochs or updates, or without either until a stop rule is met."""
        to_epoch = UNLIMITED if epochs is None else self.state.epoch + epochs
        to_update = UNLIMITED if updates is None else self.state.update + updates
        return self.advance(to_epoch=to_epoch, to_update=to_update, obey=epochs is None and updates is None)

    def advance(
        self,
        *,
        to_update: int = UNLIMITED,
        to_epoch: int = UNLIMITED,
        samples: int = UNLIMITED,
        obey: bool = True,
    ) -> Outcome:
        """Train up to an update, an epoch or a number of samples, discarding a phase that is being shown.

        Parameters
        ----------
        samples
            Stop at the first end of an update at which this many samples have been used.
        obey
            Stop at the experiment's stop rules.
        """
        stop = self.experiment.stop
        last_epoch = UNLIMITED if stop.epochs is None or not obey else stop.epochs
        target = -1.0 if stop.target_loss is None or not obey else stop.target_loss
        if self.state.position == 0 and self._trace.rows[-1, 2] <= target:
            return Outcome.TARGET
        if self.state.epoch >= last_epoch:
            return Outcome.EPOCHS
        self.phase_index = None
        limit = min(to_epoch, last_epoch)
        progress = supervised.advance(
            self.problem, self.state, to_update=to_update, to_epoch=limit, samples=samples, target_loss=target
        )
        if progress.ended is Ended.NOT_FINITE:
            self._return_to_last_finite(progress)
            return Outcome.DIVERGED
        self._accept(progress)
        if progress.ended is Ended.TARGET_REACHED:
            return Outcome.TARGET
        return Outcome.EPOCHS if self.state.epoch >= last_epoch else Outcome.LIMIT

    def step_phase(self) -> Outcome:
        """Show the next phase of the next update; after its last phase make the update."""
        index = -1 if self.phase_index is None else self.phase_index
        if index + 1 < supervised.phase_count(self.problem, self.state):
            self.phase_index = index + 1
            return Outcome.LIMIT
        return self.step_update()

    def step_sample(self) -> Outcome:
        """Go through the next sample of the batch, forward and backward; after the last one make the update."""
        per_sample = 2 * self.problem.architecture.layers + 1
        index = -1 if self.phase_index is None else self.phase_index
        count = supervised.phase_count(self.problem, self.state)
        following = (index + 1) // per_sample * per_sample + per_sample - 1
        if following < count - 2:
            self.phase_index = following
            return Outcome.LIMIT
        return self.step_update()

    def step_update(self) -> Outcome:
        """Make the next update."""
        return self.advance(to_update=self.state.update + 1, obey=False)

    def step_epoch(self) -> Outcome:
        """Go to the end of the present epoch."""
        return self.advance(to_epoch=self.state.epoch + 1, obey=False)

    def seek(self, update: int) -> Outcome:
        """Go to an update of this run, past or future, by training on from the nearest state kept."""
        self.phase_index = None
        if update < self.state.update:
            self._enter_state(self._checkpoints.before(max(update, 0)))
        if update > self.state.update:
            return self.advance(to_update=update, obey=False)
        return Outcome.LIMIT

    # --- editing ----------------------------------------------------------------------------------------------------
    def open(self, problem: Problem, label: str) -> None:
        """Start afresh with another problem."""
        self._edit(label, _first_moment(problem))

    def reset(self) -> None:
        """Return to the first weights."""
        self._edit("Reset", _first_moment(self.problem))

    def change_learning(self, experiment: Experiment) -> None:
        """Use the learning section and stop rules of `experiment` from the next update on, keeping the weights.

        Another optimiser starts with an empty memory; another loss makes the trace begin anew at this update.

        Raises
        ------
        ProblemError
            If the new loss does not fit the network and data.
        """
        problem = with_learning(self.problem, experiment)
        old, new = self.experiment.learning, problem.experiment.learning
        state, rows = self.state, self._trace.rows
        if type(old.optimizer) is not type(new.optimizer):
            state = replace(state, slots=supervised.empty_slots(problem), optimizer_steps=0)
        if old.loss != new.loss:
            rows = _row(problem, state)
        self._edit(_difference(old, new), Moment(problem, state, rows))

    def set_parameter(self, index: int, value: float) -> None:
        """Set one entry of ``theta``.

        Raises
        ------
        ValueError
            If there is no such parameter or the value is not finite.
        """
        if not 0 <= index < len(self.state.theta):
            raise ValueError(f"there is no parameter {index}; the network has {len(self.state.theta)}")
        if not np.isfinite(value):
            raise ValueError(f"a parameter must be a finite number, not {value}")
        theta = self.state.theta.copy()
        theta[index] = value
        self._edit("Parameter set by hand", replace(self.moment, state=replace(self.state, theta=theta)))
        self._touched = True

    def undo(self) -> None:
        """Go back to the moment of the last edit, without it. Raises `LookupError` if there is none."""
        self.history, moment = tree.undo(self.history, self.moment)
        self._enter(moment)

    def redo(self) -> None:
        """Return to the branch that the last undo left. Raises `LookupError` if there is none."""
        self.history, moment = tree.redo(self.history, self.moment)
        self._enter(moment)

    # --- inside -----------------------------------------------------------------------------------------------------
    def _edit(self, label: str, after: Moment) -> None:
        self.history = tree.edit(self.history, label, self.moment, after)
        self._enter(after)

    def _enter(self, moment: Moment) -> None:
        self.problem = moment.problem
        self._trace = Trace(moment.trace)
        self._checkpoints = Checkpoints(moment.state)
        self._enter_state(moment.state)

    def _enter_state(self, state: State) -> None:
        self.state = state
        self.phase_index: int | None = None
        # Conservative: after any jump the losses are computed rather than read from the trace.
        self._touched = True
        self._trace.truncate(state.update)

    def _accept(self, progress: supervised.Progress) -> None:
        if progress.state.update > self.state.update:
            self._touched = False
        self.state = progress.state
        self._trace.append(progress.trace)
        self._checkpoints.add(progress.state)

    def _losses(self) -> tuple[float, float]:
        problem, theta = self.problem, self.state.theta
        return (
            supervised.evaluate(problem, theta, problem.train),
            supervised.evaluate(problem, theta, problem.validation),
        )

    def _return_to_last_finite(self, progress: supervised.Progress) -> None:
        """Stand at the last update whose parameters and training loss are finite.

        The search begins at the last epoch whose loss is known to be finite, so that chunks do not change what it
        finds.
        """
        finite = progress.trace[np.isfinite(progress.trace[:, 2])]
        self._trace.append(finite)
        start = int(self._trace.rows[-1, 1])
        low = self._checkpoints.before(start)
        if low.update < start:
            low = supervised.advance(self.problem, low, to_update=start).state
        high = progress.state.update
        while high - low.update > 1:
            middle = supervised.advance(self.problem, low, to_update=(low.update + high) // 2).state
            if self._is_finite(middle):
                low = middle
            else:
                high = middle.update
        self._enter_state(low)

    def _is_finite(self, state: State) -> bool:
        if not np.isfinite(state.theta).all():
            return False
        return bool(np.isfinite(supervised.evaluate(self.problem, state.theta, self.problem.train)))


def _row(problem: Problem, state: State) -> Matrix:
    """A trace that begins at `state`."""
    losses = [supervised.evaluate(problem, state.theta, part) for part in (problem.train, problem.validation)]
    return np.array([[state.epoch, state.update, *losses]])


def _first_moment(problem: Problem) -> Moment:
    state = supervised.start(problem)
    return Moment(problem, state, _row(problem, state))


def _difference(old: object, new: object) -> str:
    """What changed between two learning sections, in words."""
    changed = [
        name.replace("_", " ")
        for name in getattr(old, "__struct_fields__", ())
        if getattr(old, name) != getattr(new, name)
    ]
    return "Change of " + (", ".join(changed) or "settings")


