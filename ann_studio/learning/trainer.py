"""The trainer: one run that can be advanced, stepped, reset, edited and taken back. Deterministic.

It knows no clock and no thread: the window's runner and the command line drive it with budgets and get the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ann_studio.learning import edits, phases, supervised
from ann_studio.learning import history as tree
from ann_studio.learning.course import Course, update_of_epoch
from ann_studio.learning.divergence import last_finite
from ann_studio.learning.edits import Edited, ParameterError
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.history import History, Moment
from ann_studio.learning.model import Model
from ann_studio.learning.path import Path, first_point
from ann_studio.learning.playhead import Playhead
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.reshaping import Change, label_of, reshaped
from ann_studio.learning.state import Phase, Snapshot, State, Subject
from ann_studio.learning.supervised import UNLIMITED, Ended, Flag

__all__ = ["Landing", "Outcome", "ParameterError", "Trainer"]

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
#: Where inside the update that follows a step back ends: nowhere, at its last phase, or at the end of its last sample
#: but one.
Landing = Literal["", "last phase", "last sample"]

#: Multiply-adds that may be spent on the losses of one snapshot; beyond, those of the last epoch are shown.
_EVALUATION_BUDGET = 10_000_000
_NO_ROWS: Matrix = np.empty((0, 4))


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
    interrupt
        A flag by which another thread interrupts whatever the engine does for this trainer: the method that is at it
        raises `ann_studio.learning.supervised.Interrupted` and leaves everything as it was, but for a phase that was
        shown, or stands at an edit of the line on the way. None if nobody will.
    """

    def __init__(self, problem: Problem, interrupt: Flag | None = None) -> None:
        self._interrupt: Flag = np.zeros(1, dtype=np.int64) if interrupt is None else interrupt
        self.phase_index: int | None = None
        self.subject: Subject | None = None  #: the sample that is looked at instead of the batch
        self.fresh_rows = _NO_ROWS  #: all rows of the trace that the last `advance` made
        self._head = Playhead(self._first_moment(problem))
        self._subject_of = problem  #: when a sample was last chosen

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
    def problem(self) -> Problem:
        """What is learned at present."""
        return self._head.problem

    @problem.setter
    def problem(self, problem: Problem) -> None:
        self._head.problem = problem

    @property
    def state(self) -> State:
        """Where the run stands."""
        return self._head.state

    @property
    def edited(self) -> bool:
        """Whether a hand was at it on the way, see `Moment`."""
        return self._head.edited

    @property
    def history(self) -> History:
        """What was done."""
        return self._head.history

    @property
    def history_bytes(self) -> tuple[int, int, int]:
        """Memory that the checkpoints, the trace and the path take, each within its budget."""
        return self._head.bytes

    @property
    def moment(self) -> Moment:
        """Where the run stands, and how it came there."""
        return self._head.moment

    @property
    def course(self) -> Course:
        """Where the run has been, up to its end, wherever the playhead stands."""
        return self._head.course

    @property
    def phase(self) -> Phase | None:
        """The moment inside the next update, or of the sample that is looked at, that is shown; None if none is."""
        if self.phase_index is None:
            return None
        if self.subject is not None:
            return phases.subject_phase(self.problem, self.state, self.subject, self.phase_index)
        return phases.phase(self.problem, self.state, self.phase_index, self._interrupt)

    @property
    def samples_shown(self) -> int:
        """Samples of the next update that were gone through by the phase that is shown."""
        if self.phase_index is None or self.subject is not None:
            return 0
        return phases.samples_by(self.problem, self.state, self.phase_index)

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
        here, head = self.state.update, self._head
        return Snapshot(
            self.state, self.phase, head.stretch.rows(here), *losses, update, head.stretch.path_until(here), head.future
        )

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
        stop, last = self.experiment.stop, self._head.last
        if stop.target_loss is not None and self.state.position == 0 and self._head.measured:
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
        return self._go(to_epoch=to_epoch, to_update=to_update, obey=epochs is None and updates is None)

    def _go(self, *, to_update: int = UNLIMITED, to_epoch: int = UNLIMITED, obey: bool = False) -> Outcome:
        """As `advance`, and on over all edits on the way."""
        outcome, rows = Outcome.LIMIT, _NO_ROWS
        while outcome is Outcome.LIMIT and self.state.update < to_update and self.state.epoch < to_epoch:
            outcome = self.advance(to_update=to_update, to_epoch=to_epoch, obey=obey)
            rows = self.fresh_rows = np.concatenate([rows, self.fresh_rows])
        return outcome

    def advance(
        self,
        *,
        to_update: int = UNLIMITED,
        to_epoch: int = UNLIMITED,
        samples: int = UNLIMITED,
        obey: bool = True,
    ) -> Outcome:
        """Train up to an update, an epoch or a number of samples, discarding a phase of the update that is shown.

        Where the line has an edit on the way, it ends behind the edit, by `Outcome.LIMIT`: the run goes on by what the
        edit made of it.

        Parameters
        ----------
        samples
            Stop at the first end of an update at which this many samples have been used.
        obey
            Stop at the experiment's stop rules.
        """
        self._leave_phase()
        self.fresh_rows = _NO_ROWS
        edit = self._head.next_edit
        outcome = self._advance(min(to_update, edit), to_epoch, samples, obey=obey)
        if outcome is Outcome.DIVERGED or self.state.update < edit:
            return outcome
        self._head.go_over_edits()
        self._keep_subject()
        return Outcome.LIMIT

    def _advance(self, to_update: int, to_epoch: int, samples: int, *, obey: bool) -> Outcome:
        """As `advance`, within the present stretch."""
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
            path_base=self._head.stretch.path.base,
            interrupt=self._interrupt,
        )
        if progress.ended is Ended.NOT_FINITE:
            self._return_to_last_finite(progress)
            return Outcome.DIVERGED
        self._head.accept(progress)
        self.fresh_rows = np.concatenate([self.fresh_rows, progress.trace])
        if progress.ended is Ended.TARGET_REACHED:
            return Outcome.TARGET
        return Outcome.EPOCHS if self.state.epoch >= last_epoch else Outcome.LIMIT

    def step_phase(self) -> Outcome:
        """Show the next phase of the next update; after its last phase make the update.

        Of a sample that is looked at show the next phase, after the last one the first; nothing is learned.
        """
        if self.subject is not None:
            self._turn_phase(1)
            return Outcome.LIMIT
        index = -1 if self.phase_index is None else self.phase_index
        if index + 1 < phases.phase_count(self.problem, self.state):
            self.phase_index = index + 1
            return Outcome.LIMIT
        return self.step_update()

    def step_sample(self) -> Outcome:
        """Go through the next sample of the batch, forward and backward; after the last one make the update.

        Of a sample that is looked at show all phases.
        """
        if self.subject is not None:
            self.examine(self.subject)
            return Outcome.LIMIT
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
        return self._go(to_epoch=self.state.epoch + 1)

    def seek(self, update: int) -> Outcome:
        """Go to an update of this run, past or future, by training on from where `rewind` leads."""
        self.rewind(update)
        return self._go(to_update=update)

    def rewind(self, update: int) -> None:
        """Stand at the latest state that is known at or before `update`, past or future, and show no phase of it.

        Edits of the line stay: at an edit's update and behind it the run is as the edit made it.
        """
        self._leave_phase()
        self._head.rewind(max(update, 0))
        self._keep_subject()

    def step_back(self, unit: str) -> Outcome:
        """Go back to the last boundary of a "phase", "sample", "update" or "epoch"; at the beginning stay."""
        update, landing = self.target_of_step_back(unit)
        outcome = self.seek(update) if update != self.state.update else Outcome.LIMIT
        self.land(landing)
        return outcome

    def target_of_step_back(self, unit: str) -> tuple[int, Landing]:
        """Where `step_back` leads: an update, and where to `land` once the run has been sought there.

        Within the present update, and of a sample that is looked at, it has already been gone to.
        """
        here = self.state.update
        if self.subject is not None and unit in ("phase", "sample"):
            self._turn_phase(-1)
            return here, ""
        if unit == "epoch":
            begin = self._begin_of_epoch()
            self._leave_phase()
            return begin, ""
        index = self.phase_index if self.subject is None else None
        if index is not None:
            per_sample = phases.phases_per_sample(self.problem)
            back = {"phase": index, "sample": index // per_sample * per_sample}.get(unit, 0) - 1
            if unit == "sample" and index == phases.phase_count(self.problem, self.state) - 1:
                back -= per_sample  # of the last sample only its update is left
            self.phase_index = back if back >= 0 else None
            return here, ""
        landing: Landing = {"phase": "last phase", "sample": "last sample"}.get(unit, "")  # type: ignore[assignment]
        return (here - 1, landing) if here > self._head.begin.update else (here, "")

    def land(self, landing: Landing) -> None:
        """Show a phase of the update that follows the present moment."""
        if not landing or self.subject is not None:
            return
        count = phases.phase_count(self.problem, self.state)
        index = count - 1 if landing == "last phase" else count - 2 - phases.phases_per_sample(self.problem)
        self.phase_index = index if index >= 0 else None

    def _begin_of_epoch(self) -> int:
        """The update at which the present epoch begins, or the one before where we stand at its beginning."""
        state = self.state
        epoch = (
            state.epoch
            if state.position or (self.phase_index is not None and self.subject is None)
            else (state.epoch - 1)
        )
        for node in reversed(self.history.line):
            start = self.history.nodes[node].after
            if start.state.update <= state.update and (start.state.epoch, start.state.position) <= (epoch, 0):
                return min(state.update, update_of_epoch(start.problem, start.state, epoch))
        return self._head.begin.update

    # --- looking at a sample ----------------------------------------------------------------------------------------
    def examine(self, subject: Subject | None) -> None:
        """Look at a sample, all phases of which are shown at first; None: at the batch again.

        Raises
        ------
        ann_studio.learning.phases.SubjectError
            If there is no such sample.
        """
        if subject is not None:
            phases.check_subject(self.problem, subject)
        self.subject, self._subject_of = subject, self.problem
        self.phase_index = None if subject is None else phases.subject_phases(self.problem, subject) - 1

    def _turn_phase(self, by: int) -> None:
        assert self.subject is not None
        assert self.phase_index is not None
        self.phase_index = (self.phase_index + by) % phases.subject_phases(self.problem, self.subject)

    def _leave_phase(self) -> None:
        """Show no phase of the update any more; those of a sample that is looked at stay."""
        if self.subject is None:
            self.phase_index = None

    # --- editing ----------------------------------------------------------------------------------------------------
    def open(self, problem: Problem, label: str) -> None:
        """Start afresh with another problem."""
        self._edit(label, self._first_moment(problem), fresh=True)

    def reset(self) -> None:
        """Return to the first weights."""
        self._edit("Reset", self._first_moment(self.problem), fresh=True)

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
        self._edit(tree.change_label(self.experiment, problem.experiment), after, settings=True)

    def set_parameter(self, index: int, value: float) -> None:
        """Set one entry of ``theta``.

        Raises
        ------
        ParameterError
            If there is no such parameter or the value is not finite.
        """
        self.set_parameters((index,), (value,))

    def set_parameters(self, indices: Sequence[int], values: Sequence[float], gesture: int = 0) -> None:
        """Set several entries of ``theta`` at once; where they have these values already, nothing happens.

        Parameters
        ----------
        gesture
            Values set one after the other with the same number other than 0 are one edit.

        Raises
        ------
        ParameterError
            As `set_parameter`; then none is set.
        """
        label, state = edits.with_values(self.state, indices, values)
        if state.theta.tobytes() != self.theta.tobytes():
            self._put((label, state), gesture)

    def prune(self, indices: Sequence[int]) -> None:
        """Set entries of ``theta`` to 0 and keep them there, see `ann_studio.learning.edits.pruned`."""
        self._put(edits.pruned(self.state, indices))

    def restore(self, indices: Sequence[int]) -> None:
        """Let pruned entries of ``theta`` be trained again, see `ann_studio.learning.edits.restored`."""
        self._put(edits.restored(self.state, indices))

    def freeze(self, indices: Sequence[int], *, on: bool = True) -> None:
        """Keep entries of ``theta`` as they are, or no longer, see `ann_studio.learning.edits.frozen`."""
        self._put(edits.frozen(self.state, indices, on=on))

    def reshape(self, change: Change) -> None:
        """Add or remove a neuron or a layer, keeping the rest.

        Raises
        ------
        ProblemError
            See `ann_studio.learning.reshaping.reshaped`.
        """
        problem, state = reshaped(self.problem, self.state, change)
        path = first_point(state.update, state.theta)
        moment = Moment(problem, state, self._row(problem, state), path, edited=True)
        self._edit(label_of(change), moment)

    def exchange(self, rival: Trainer, experiment: Experiment, label: str) -> None:
        """Go on from where `rival` stands, by the learning section and with the race of `experiment`.

        Raises
        ------
        ProblemError
            As `change_learning`.
        """
        problem = with_learning(self.problem, experiment)
        first = replace(rival.history.start, problem=problem)
        self._edit(label, first, fresh=True, there=replace(rival.moment, problem=problem))

    def undo(self) -> None:
        """Go back to the moment of the last edit, without it. Raises `NothingThere` if there is none."""
        self._head.undo()
        self._arrive()

    def redo(self) -> None:
        """Return to the branch that the last undo left. Raises `NothingThere` if there is none."""
        self._head.redo()
        self._arrive()

    def visit(self, node: int) -> None:
        """Return to a branch, see `ann_studio.learning.course.Branch`. Raises `NothingThere` if there is none."""
        self._head.visit(node)
        self._arrive()

    def fork(self, node: int) -> Trainer:
        """Another trainer on the branch that ends in a node; what either does the other never sees.

        Raises
        ------
        NothingThere
            If there is no such branch.
        """
        other = copy(self)
        other._head = self._head.fork(node)
        other.subject = other.phase_index = None
        return other

    def toggle_bookmark(self) -> bool:
        """Bookmark the present update, or take its bookmark away; whether there is one now."""
        return self._head.toggle_bookmark()

    # --- inside -----------------------------------------------------------------------------------------------------
    def _put(self, edited: Edited, gesture: int = 0) -> None:
        """Stand at a state that a hand has made of the present one."""
        self._head.put(*edited, gesture)
        self._arrive()

    def _edit(
        self, label: str, after: Moment, *, fresh: bool = False, there: Moment | None = None, settings: bool = False
    ) -> None:
        """Record an edit and stand at the beginning of its stretch, or `there` in it."""
        self._head.edit(label, after, fresh=fresh, there=there, settings=settings)
        self._arrive()

    def _arrive(self) -> None:
        """Show no phase of what was left."""
        self._leave_phase()
        self._keep_subject()

    def _keep_subject(self) -> None:
        """Look at the batch again where there is no such sample any more; a row of other data is another sample."""
        if self.subject is None:
            return
        try:
            phases.check_subject(self.problem, self.subject)
        except phases.SubjectError:
            self.examine(None)
            return
        before = self._subject_of
        if before.dataset is not self.problem.dataset or not np.array_equal(before.train.rows, self.problem.train.rows):
            self.examine(None)
            return
        count = phases.subject_phases(self.problem, self.subject)
        self.phase_index = min(count - 1 if self.phase_index is None else self.phase_index, count - 1)

    def _return_to_last_finite(self, progress: supervised.Progress) -> None:
        """Stand at the last update whose parameters and training loss are finite, see `last_finite`.

        The search begins at the last epoch whose loss is known to be finite, which chunks do not change.
        """
        finite = progress.trace[np.isfinite(progress.trace[:, 2])]
        known = int(finite[-1, 1] if len(finite) else self._head.last[1])
        low = self._head.stretch.checkpoints.before(known)
        if low.update < known:
            low = supervised.advance(self.problem, low, to_update=known, interrupt=self._interrupt).state
        low = last_finite(self.problem, low, progress.state, self._interrupt)
        self._head.stretch.accept(replace(progress, state=low, trace=finite))
        self._head.enter(low)
        self.fresh_rows = np.concatenate([self.fresh_rows, finite])
        self._leave_phase()

    def _losses_to_show(self, exact: bool) -> tuple[int, tuple[float, float]]:
        """An update and the losses at it, see `snapshot`."""
        last = self._head.last
        update, here = int(last[1]), int(last[1]) == self.state.update
        if here and self._head.measured:
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
