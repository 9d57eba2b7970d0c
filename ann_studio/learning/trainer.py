"""The trainer: one run that can be advanced, stepped, reset, edited and taken back. Deterministic.

It knows no clock and no thread: the window's runner and the command line drive it with budgets and get the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning import history as tree
from ann_studio.learning import phases, supervised
from ann_studio.learning.checkpoints import Checkpoints
from ann_studio.learning.divergence import last_finite
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.history import Moment
from ann_studio.learning.model import Model
from ann_studio.learning.path import Path, PathRecorder, first_point
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.state import Phase, Snapshot, State
from ann_studio.learning.supervised import UNLIMITED, Ended, Flag
from ann_studio.learning.trace import Trace

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

#: Multiply-adds that may be spent on the losses of one snapshot; beyond, those of the last epoch are shown.
_EVALUATION_BUDGET = 10_000_000
_NO_ROWS: Matrix = np.empty((0, 4))


class Outcome(Enum):
    """Where `Trainer.advance` ended."""

    LIMIT = "limit"  # the budget is used up
    EPOCHS = "epochs"  # the stop rule for epochs
    TARGET = "target"  # the stop rule for the loss
    DIVERGED = "diverged"  # at the last finite moment


class ParameterError(ValueError):
    """There is no such parameter, or it cannot have that value; the message says which."""


class Trainer:
    """One run.

    Parameters
    ----------
    problem
        What is to be learned, see `ann_studio.learning.problem.pose`.
    interrupt
        A flag by which another thread interrupts whatever the engine does for this trainer: the method that is at it
        raises `ann_studio.learning.supervised.Interrupted` and leaves everything as it was, but for a phase that was
        shown. None if nobody will.
    """

    def __init__(self, problem: Problem, interrupt: Flag | None = None) -> None:
        self._interrupt: Flag = np.zeros(1, dtype=np.int64) if interrupt is None else interrupt
        self.phase_index: int | None = None
        self.fresh_rows = _NO_ROWS  #: all rows of the trace that the last `advance` made
        first = self._first_moment(problem)
        self.history = tree.begin(first)
        self._path = PathRecorder(first.path)
        self._enter(first)

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
    def history_bytes(self) -> tuple[int, int, int]:
        """Memory that the checkpoints, the trace and the path take, each within its budget."""
        return self._checkpoints.bytes, self._trace.bytes, self._path.bytes

    @property
    def moment(self) -> Moment:
        """Where the run stands, and how it came there."""
        return Moment(self.problem, self.state, self._trace.complete, self._path.path, self._measured, self.edited)

    @property
    def phase(self) -> Phase | None:
        """The moment inside the next update that is shown; None between updates."""
        if self.phase_index is None:
            return None
        return phases.phase(self.problem, self.state, self.phase_index, self._interrupt)

    @property
    def samples_shown(self) -> int:
        """Samples of the next update that were gone through by the phase that is shown."""
        return 0 if self.phase_index is None else phases.samples_by(self.problem, self.state, self.phase_index)

    @property
    def model(self) -> Model:
        """The network with everything around it, as exported."""
        return self.problem.model(self.state.theta)

    def predict(self, inputs: Matrix) -> Matrix:
        """Class indices ``(rows, 1)`` or numbers in their unit, for raw inputs as in `Dataset.inputs`."""
        return self.model.predict(np.atleast_2d(np.asarray(inputs, dtype=np.float64)))

    def snapshot(self, *, exact: bool = True) -> Snapshot:
        """What can be said of the run at present.

        Parameters
        ----------
        exact
            Evaluate the losses at the present parameters. If False and that would take long, those of the last
            complete epoch are given, and `Snapshot.losses_update` says so; they are NaN where that epoch ended at this
            very update and a parameter was set by hand since.
        """
        update, losses = self._losses_to_show(exact)
        return Snapshot(self.state, self.phase, self._trace.rows, *losses, update, self._path.path)

    def check(self) -> Outcome:
        """Look whether the training loss is finite here, where that does not take long; else go back to where it was.

        Training itself looks at the ends of epochs alone, so that chunks do not change where it ends. This is for
        whoever comes to rest in between.
        """
        if self._is_cheap() and not np.isfinite(self._losses_to_show(exact=False)[1][0]):
            nothing = Path(np.empty(0, dtype=np.int64), np.empty((0, len(self.state.theta))))
            self._return_to_last_finite(supervised.Progress(self.state, _NO_ROWS, Ended.NOT_FINITE, nothing))
            return Outcome.DIVERGED
        return Outcome.LIMIT

    def stopped(self) -> Outcome:
        """The stop rule that the present moment meets; `Outcome.LIMIT` if it meets none."""
        stop, last = self.experiment.stop, self._trace.last
        if stop.target_loss is not None and self.state.position == 0 and self._measured:
            # Of a very long run the trace has lost the rows of most epochs that one can go back to.
            here = int(last[1]) == self.state.update
            loss = float(last[2]) if here else self._losses(self.problem, self.state)[0]
            if loss <= stop.target_loss:
                return Outcome.TARGET
        if stop.epochs is not None and self.state.epoch >= stop.epochs:
            return Outcome.EPOCHS
        return Outcome.LIMIT

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
        self.phase_index = None
        self.fresh_rows = _NO_ROWS
        stop = self.experiment.stop
        if obey and (outcome := self.stopped()) is not Outcome.LIMIT:
            return outcome
        last_epoch = UNLIMITED if stop.epochs is None or not obey else stop.epochs
        target = -math.inf if stop.target_loss is None or not obey else stop.target_loss
        progress = supervised.advance(
            self.problem,
            self.state,
            to_update=to_update,
            to_epoch=min(to_epoch, last_epoch),
            samples=samples,
            target_loss=target,
            path_base=self._path.base,
            interrupt=self._interrupt,
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
        if index + 1 < phases.phase_count(self.problem, self.state):
            self.phase_index = index + 1
            return Outcome.LIMIT
        return self.step_update()

    def step_sample(self) -> Outcome:
        """Go through the next sample of the batch, forward and backward; after the last one make the update."""
        per_sample = phases.phases_per_sample(self.problem)
        index = -1 if self.phase_index is None else self.phase_index
        count = phases.phase_count(self.problem, self.state)
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
        """Go to an update of this run, past or future, by training on from where `rewind` leads."""
        self.rewind(update)
        if update > self.state.update:
            return self.advance(to_update=update, obey=False)
        return Outcome.LIMIT

    def rewind(self, update: int) -> None:
        """Return to the latest state kept at or before `update`, if that is past, and show no phase.

        Of edits made later than `update` none holds there: they are undone, and `redo` leads back to what followed.
        """
        self.phase_index = None
        update = max(update, 0)
        while update < self.history.start.state.update:
            self.undo()
        if update < self.state.update:
            self._enter_state(self._checkpoints.before(update))

    # --- editing ----------------------------------------------------------------------------------------------------
    def open(self, problem: Problem, label: str) -> None:
        """Start afresh with another problem."""
        self._edit(label, self._first_moment(problem))

    def reset(self) -> None:
        """Return to the first weights."""
        self._edit("Reset", self._first_moment(self.problem))

    def change_learning(self, experiment: Experiment) -> None:
        """Use the learning section and stop rules of `experiment` from the next update on, keeping the weights.

        Another optimiser starts with an empty memory; another loss makes the trace begin anew at this update. Where
        nothing differs, nothing happens.

        Raises
        ------
        ProblemError
            If the new loss does not fit the network and data.
        """
        problem = with_learning(self.problem, experiment)
        if problem.experiment == self.experiment:
            return
        old, new = self.experiment.learning, problem.experiment.learning
        after = replace(self.moment, problem=problem)
        if type(old.optimizer) is not type(new.optimizer):
            state = replace(self.state, slots=supervised.empty_slots(problem), optimizer_steps=0)
            after = replace(after, state=state)
        if old != new and self.state.update > 0:
            after = replace(after, edited=True)
        if old.loss != new.loss:
            after = replace(after, trace=self._row(problem, after.state), measured=True)
        self._edit(tree.change_label(self.experiment, problem.experiment), after)

    def set_parameter(self, index: int, value: float) -> None:
        """Set one entry of ``theta``.

        Raises
        ------
        ParameterError
            If there is no such parameter or the value is not finite.
        """
        self.set_parameters((index,), (value,))

    def set_parameters(self, indices: Sequence[int], values: Sequence[float]) -> None:
        """Set several entries of ``theta`` at once.

        Raises
        ------
        ParameterError
            As `set_parameter`; then none is set.
        """
        for index, value in zip(indices, values, strict=True):
            self._check_parameter(index, value)
        theta = self.state.theta.copy()
        theta[list(indices)] = values
        label = "Parameter set by hand" if len(indices) == 1 else "Parameters set by hand"
        self._put(label, replace(self.state, theta=theta))

    def prune(self, indices: Sequence[int]) -> None:
        """Set entries of ``theta`` to 0 and keep them there through all further training.

        Raises
        ------
        ParameterError
            If there is no such parameter, or all of them were pruned before.
        """
        size = len(self.state.theta)
        for index in indices:
            if not 0 <= index < size:
                raise ParameterError(f"there is no parameter {index}; the network has {size}")
        pruned = np.union1d(self.state.pruned, np.array(indices, dtype=np.int64))
        new = len(pruned) - len(self.state.pruned)
        if not new:
            raise ParameterError("there is nothing to delete")
        theta = self.state.theta.copy()
        theta[pruned] = 0.0
        state = replace(self.state, theta=theta, pruned=pruned)
        label = "Connection deleted" if new == 1 else f"{new:,} connections deleted"
        self._put(label, state)

    def exchange(self, rival: Trainer, experiment: Experiment, label: str) -> None:
        """Go on from where `rival` stands, by the learning section and with the race of `experiment`.

        Raises
        ------
        ProblemError
            As `change_learning`.
        """
        there = replace(rival.moment, problem=with_learning(self.problem, experiment))
        self._edit(label, there)

    def undo(self) -> None:
        """Go back to the moment of the last edit, without it. Raises `NothingThere` if there is none."""
        self.history, moment = tree.undo(self.history, self.moment)
        self._enter(moment)

    def redo(self) -> None:
        """Return to the branch that the last undo left. Raises `NothingThere` if there is none."""
        self.history, moment = tree.redo(self.history, self.moment)
        self._enter(moment)

    # --- inside -----------------------------------------------------------------------------------------------------
    def _check_parameter(self, index: int, value: float) -> None:
        if not 0 <= index < len(self.state.theta):
            raise ParameterError(f"there is no parameter {index}; the network has {len(self.state.theta)}")
        if not np.isfinite(value):
            raise ParameterError(f"a parameter must be a finite number, not {value}")
        if value and index in self.state.pruned:
            raise ParameterError("this connection was deleted and stays 0; undo brings it back")

    def _put(self, label: str, state: State) -> None:
        """Stand at a state that a hand has made of the present one."""
        if state.update == 0:
            # Before the first update it is where the path begins.
            path = first_point(0, state.theta)
            self._edit(label, replace(self.moment, state=state, path=path, measured=False, edited=True))
            return
        before = self.moment
        # Both ends of the jump belong to the path. It grows behind what the moment before the edit has of it.
        ends = [self.state.theta, state.theta][int(before.path.updates[-1] == state.update) :]
        self._path.append(np.full(len(ends), state.update), np.stack(ends))
        after = replace(before, state=state, path=self._path.path, measured=False, edited=True)
        self.history = tree.edit(self.history, label, before, after)
        self._enter(after)

    def _edit(self, label: str, after: Moment) -> None:
        self.history = tree.edit(self.history, label, self.moment, after)
        self._enter(after)

    def _enter(self, moment: Moment) -> None:
        """Stand at `moment` of the present branch."""
        self.problem = moment.problem
        self._trace = Trace(moment.trace)
        self._path = self._path.going_on(moment.path)
        self._checkpoints = Checkpoints(self.history.start.state)
        self._checkpoints.add(moment.state)
        self._enter_state(moment.state)
        self._measured = moment.measured
        #: Whether a hand was at it on the way, see `Moment`.
        self.edited = moment.edited

    def _enter_state(self, state: State) -> None:
        self.state = state
        self.phase_index = None
        self._trace.truncate(state.update)
        self._path.truncate(state.update)
        # The trace is of where training has led; only an edit, with which a branch begins, may be of other parameters.
        start = self.history.start
        self._measured = start.measured if state.update == start.state.update else True

    def _accept(self, progress: supervised.Progress) -> None:
        if progress.state.update > self.state.update:
            self._measured = True
        self.state = progress.state
        self._add_to_trace(progress.trace)
        self._path.append(progress.path.updates, progress.path.thetas)
        self._checkpoints.add(progress.state)

    def _add_to_trace(self, rows: Matrix) -> None:
        self._trace.append(rows)
        self.fresh_rows = rows

    def _return_to_last_finite(self, progress: supervised.Progress) -> None:
        """Stand at the last update whose parameters and training loss are finite, see `last_finite`.

        The search begins at the last epoch whose loss is known to be finite, which chunks do not change.
        """
        finite = progress.trace[np.isfinite(progress.trace[:, 2])]
        known = int(finite[-1, 1] if len(finite) else self._trace.last[1])
        low = self._checkpoints.before(known)
        if low.update < known:
            low = supervised.advance(self.problem, low, to_update=known, interrupt=self._interrupt).state
        low = last_finite(self.problem, low, progress.state, self._interrupt)
        self._add_to_trace(finite)
        self._path.append(progress.path.updates, progress.path.thetas)
        self._enter_state(low)

    def _losses_to_show(self, exact: bool) -> tuple[int, tuple[float, float]]:
        """An update and the losses at it, see `snapshot`."""
        last = self._trace.last
        update, here = int(last[1]), int(last[1]) == self.state.update
        if here and self._measured:
            return update, (float(last[2]), float(last[3]))
        if exact or self._is_cheap():
            return self.state.update, self._losses(self.problem, self.state)
        return update, (float("nan"), float("nan")) if here else (float(last[2]), float(last[3]))

    def _is_cheap(self) -> bool:
        """Whether the losses can be evaluated for every picture."""
        samples = len(self.problem.train) + len(self.problem.validation)
        return samples * self.problem.architecture.parameters <= _EVALUATION_BUDGET

    def _losses(self, problem: Problem, state: State) -> tuple[float, float]:
        train, validation = (
            supervised.evaluate(problem, state.theta, part, self._interrupt)
            for part in (problem.train, problem.validation)
        )
        return train, validation

    def _row(self, problem: Problem, state: State) -> Matrix:
        """A trace that begins at `state`."""
        epoch = state.epoch + state.position / len(problem.train)
        return np.array([[epoch, state.update, *self._losses(problem, state)]])

    def _first_moment(self, problem: Problem) -> Moment:
        state = supervised.start(problem)
        return Moment(problem, state, self._row(problem, state), first_point(0, state.theta))
