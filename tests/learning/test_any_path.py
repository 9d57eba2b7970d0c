"""Whatever way a trainer is led, through steps, seeks, edits, undos and redos: the bits are those of a straight run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ann_studio.learning import experiment as settings_of
from ann_studio.learning import supervised
from ann_studio.learning.problem import Problem, with_learning
from ann_studio.learning.state import State
from ann_studio.learning.trainer import Outcome, Trainer
from tests.learning.problems import problem, two_classes

#: Samples, batch and stop rule, so that an epoch ends with a smaller batch and random walks meet the rule.
POSED = problem(two_classes(40), stop={"epochs": 12})
EPOCHS = 12
#: What is changed live, and to what.
SETTINGS: dict[str, list[Any]] = {
    "learning.optimizer.learning_rate": [0.01, 0.05, 0.3],
    "learning.batch_size": [1, 7, "full"],
    "learning.regularizer": [{"kind": "none"}, {"kind": "l1"}, {"kind": "l2"}],
    "learning.optimizer": [{"kind": "sgd"}, {"kind": "adam"}, {"kind": "rprop"}],
}


@dataclass
class Branch:
    """What an edit led to, as the test remembers it: where it began, and what was done on the way there."""

    parent: int | None
    problem: Problem  # at the start of the story
    edits: tuple[tuple[int, str, Any], ...]  # (update, kind, value) since then
    begins: int  # the update just after its edit
    made_at: int  # the update of the parent at which it was made
    left_at: int
    redo: int | None = field(default=None)


def straight(branch: Branch, update: int) -> tuple[Problem, State, np.ndarray]:
    """The story told without a detour, by the pure functions alone."""
    posed = branch.problem
    state = supervised.start(posed)
    losses = [supervised.evaluate(posed, state.theta, part) for part in (posed.train, posed.validation)]
    trace = [np.array([[0.0, 0.0, *losses]])]

    def go(to: int) -> None:
        nonlocal state
        progress = supervised.advance(posed, state, to_update=to)
        state = progress.state
        trace.append(progress.trace)

    for at, kind, value in branch.edits:
        go(at)
        if kind == "parameter":
            index, number = value
            theta = state.theta.copy()
            theta[index] = number
            state = replace(state, theta=theta)
            continue
        before = posed.experiment.learning.optimizer
        posed = with_learning(posed, value)
        if type(posed.experiment.learning.optimizer) is not type(before):
            state = replace(state, slots=supervised.empty_slots(posed), optimizer_steps=0)
    go(update)
    return posed, state, np.concatenate(trace)


class Wandering(RuleBasedStateMachine):
    """A trainer that is led about, and the story of how it came to be where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.trainer = Trainer(POSED)
        self.branches = [Branch(None, POSED, (), 0, 0, 0)]
        self.here = 0

    @property
    def branch(self) -> Branch:
        return self.branches[self.here]

    @property
    def update(self) -> int:
        return self.trainer.state.update

    # --- moving -----------------------------------------------------------------------------------------------------
    @rule(samples=st.integers(1, 120), obey=st.booleans())
    def advance(self, samples: int, obey: bool) -> None:
        before = self.update
        outcome = self.trainer.advance(samples=samples, obey=obey)
        if obey and outcome is Outcome.EPOCHS:
            assert self.trainer.state.epoch == EPOCHS or self.update == before
        else:
            assert outcome is Outcome.LIMIT
            assert self.update > before

    @rule(count=st.integers(1, 40))
    def step_phases(self, count: int) -> None:
        for _ in range(count):
            self.trainer.step_phase()

    @rule()
    def step_sample(self) -> None:
        self.trainer.step_sample()

    @rule()
    def step_update(self) -> None:
        before = self.update
        self.trainer.step_update()
        assert self.update == before + 1

    @rule()
    def step_epoch(self) -> None:
        before = self.trainer.state.epoch
        self.trainer.step_epoch()
        assert (self.trainer.state.epoch, self.trainer.state.position) == (before + 1, 0)

    @rule(update=st.integers(-2, 150))
    def seek(self, update: int) -> None:
        sought = max(update, 0)
        at = self.update
        while sought < self.branch.begins:
            self.branch.left_at = at
            at = self.branch.made_at
            assert self.branch.parent is not None
            self.branches[self.branch.parent].redo = self.here
            self.here = self.branch.parent
        self.trainer.seek(update)
        assert self.update == sought

    # --- editing ----------------------------------------------------------------------------------------------------
    def edited(self, branch: Branch) -> None:
        self.branch.left_at = branch.made_at
        self.branch.redo = len(self.branches)
        self.branches.append(branch)
        self.here = len(self.branches) - 1

    def continued(self, kind: str, value: Any) -> None:
        edits = (*self.branch.edits, (self.update, kind, value))
        self.edited(Branch(self.here, self.branch.problem, edits, self.update, self.update, self.update))

    @rule(path=st.sampled_from(list(SETTINGS)), which=st.integers(0, 2))
    def change_learning(self, path: str, which: int) -> None:
        changed = settings_of.replace(self.trainer.experiment, path, SETTINGS[path][which])
        if changed != self.trainer.experiment:
            self.continued("learning", changed)
        self.trainer.change_learning(changed)

    @rule(index=st.integers(0, POSED.architecture.parameters - 1), value=st.floats(-1, 1))
    def set_parameter(self, index: int, value: float) -> None:
        self.continued("parameter", (index, value))
        self.trainer.set_parameter(index, value)

    @rule()
    def reset(self) -> None:
        self.edited(Branch(self.here, self.trainer.problem, (), 0, self.update, 0))
        self.trainer.reset()

    @precondition(lambda self: self.branch.parent is not None)
    @rule()
    def undo(self) -> None:
        branch = self.branch
        branch.left_at = self.update
        assert branch.parent is not None
        self.branches[branch.parent].redo = self.here
        self.here = branch.parent
        self.trainer.undo()
        assert self.update == branch.made_at
        assert self.trainer.phase is None

    @precondition(lambda self: self.branch.redo is not None)
    @rule()
    def redo(self) -> None:
        self.branch.left_at = self.update
        assert self.branch.redo is not None
        self.here = self.branch.redo
        self.trainer.redo()
        assert self.update == self.branch.left_at

    # --- what must hold ---------------------------------------------------------------------------------------------
    @invariant()
    def the_bits_are_those_of_a_straight_run(self) -> None:
        posed, state, trace = straight(self.branch, self.update)
        present = self.trainer.state
        assert present.theta.tobytes() == state.theta.tobytes()
        assert present.slots.tobytes() == state.slots.tobytes()
        clock = (state.update, state.epoch, state.position, state.optimizer_steps)
        assert (present.update, present.epoch, present.position, present.optimizer_steps) == clock
        assert self.trainer.snapshot().trace.tobytes() == trace.tobytes()
        assert self.trainer.experiment == posed.experiment

    @invariant()
    def the_losses_are_those_of_the_parameters(self) -> None:
        snapshot, posed = self.trainer.snapshot(), self.trainer.problem
        assert snapshot.losses_update == self.update
        assert snapshot.train_loss == supervised.evaluate(posed, self.trainer.theta, posed.train)
        assert snapshot.validation_loss == supervised.evaluate(posed, self.trainer.theta, posed.validation)


TestWandering = Wandering.TestCase
TestWandering.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
