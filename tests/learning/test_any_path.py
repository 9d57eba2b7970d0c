"""Whatever way a trainer is led, by steps, seeks, edits, undos and branches: the bits are those of a straight run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ann_studio.learning import edits as hands
from ann_studio.learning import experiment as settings_of
from ann_studio.learning import reshaping, supervised
from ann_studio.learning.edits import ParameterError
from ann_studio.learning.problem import Problem, ProblemError, with_learning
from ann_studio.learning.state import State, Subject
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
    "learning.clip_norm": [None, 0.1, 2.0],
}
RESHAPES = (
    [reshaping.AddNeuron(layer) for layer in range(3)]
    + [reshaping.RemoveNeuron(layer, unit) for layer in range(2) for unit in range(3)]
    + [reshaping.AddLayer(layer, "tanh") for layer in range(2)]
    + [reshaping.RemoveLayer(0)]
)
#: An entry of theta that every network here has.
INDICES = st.integers(0, 4)


@dataclass
class Node:
    """An edit, as the test remembers it: the story up to it, and where its stretch was left."""

    parent: int | None
    problem: Problem  # at the start of the story
    edits: tuple[tuple[int, str, Any], ...]  # (update, kind, value) since then
    begins: int  # the update just after its edit
    made_at: int  # the update of the parent at which it was made
    made: int  # the furthest update of its stretch
    left_at: int
    fresh: bool = False
    redo: int | None = field(default=None)


def by_hand(posed: Problem, state: State, kind: str, value: Any) -> tuple[Problem, State]:
    """What an edit makes of a state, by the pure functions alone."""
    match kind:
        case "parameter":
            return posed, hands.with_values(state, *value)[1]
        case "prune":
            return posed, hands.pruned(state, value)[1]
        case "restore":
            return posed, hands.restored(state, value)[1]
        case "freeze":
            return posed, hands.frozen(state, value[0], on=value[1])[1]
        case "reshape":
            return reshaping.reshaped(posed, state, value)
    before = posed.experiment.learning.optimizer
    posed = with_learning(posed, value)
    if type(posed.experiment.learning.optimizer) is not type(before):
        state = replace(state, slots=supervised.empty_slots(posed), optimizer_steps=0)
    return posed, state


def straight(node: Node, update: int) -> tuple[Problem, State, np.ndarray]:
    """The story told without a detour, by the pure functions alone."""
    posed = node.problem
    state = supervised.start(posed)

    def row() -> np.ndarray:
        losses = [supervised.evaluate(posed, state.theta, part) for part in (posed.train, posed.validation)]
        return np.array([[state.epoch + state.position / len(posed.train), state.update, *losses]])

    trace = [row()]

    def go(to: int) -> None:
        nonlocal state
        progress = supervised.advance(posed, state, to_update=to)
        state = progress.state
        trace.append(progress.trace)

    for at, kind, value in node.edits:
        go(at)
        posed, state = by_hand(posed, state, kind, value)
        if kind == "reshape":
            trace = [row()]  # of another network
    go(update)
    return posed, state, np.concatenate(trace)


class Wandering(RuleBasedStateMachine):
    """A trainer that is led about, and the story of how it came to be where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.trainer = Trainer(POSED)
        self.nodes = [Node(None, POSED, (), 0, 0, 0, 0, fresh=True)]
        self.tip = 0
        self.gesture = 0

    # --- the story --------------------------------------------------------------------------------------------------
    @property
    def line(self) -> list[int]:
        found = [self.tip]
        while not self.nodes[found[-1]].fresh:
            found.append(self.nodes[found[-1]].parent)
        return found[::-1]

    @property
    def update(self) -> int:
        return self.trainer.state.update

    def at(self, update: int) -> int:
        return [node for node in self.line if self.nodes[node].begins <= update][-1]

    @property
    def here(self) -> int:
        return self.at(self.update)

    def note(self) -> None:
        """The run has moved along its line."""
        node = self.nodes[self.here]
        node.made = max(node.made, self.update)

    def leave(self) -> None:
        tip = self.nodes[self.tip]
        tip.left_at = self.update if self.here == self.tip else tip.made

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
        self.note()

    @rule(count=st.integers(1, 40))
    def step_phases(self, count: int) -> None:
        for _ in range(count):
            self.trainer.step_phase()
            self.note()

    @rule()
    def step_sample(self) -> None:
        self.trainer.step_sample()
        self.note()

    @rule()
    def step_update(self) -> None:
        before = self.update
        self.trainer.step_update()
        assert self.update == before + 1
        self.note()

    @rule()
    def step_epoch(self) -> None:
        before = self.trainer.state.epoch
        self.trainer.step_epoch()
        assert (self.trainer.state.epoch, self.trainer.state.position) == (before + 1, 0)
        self.note()

    @rule(update=st.integers(-2, 150))
    def seek(self, update: int) -> None:
        self.trainer.seek(update)
        assert self.update == max(update, 0)
        self.note()

    @rule(unit=st.sampled_from(["phase", "sample", "update", "epoch"]), count=st.integers(1, 3))
    def step_back(self, unit: str, count: int) -> None:
        for _ in range(count):
            before, phase = self.trainer.state, self.trainer.phase_index
            self.trainer.step_back(unit)
            after, shown = self.trainer.state, self.trainer.phase_index
            if (before.update, phase) == (0, None):
                assert (after.update, shown) == (0, None)
            elif unit == "epoch":
                assert (after.epoch, after.position, shown) == (
                    before.epoch - (before.position == 0 and phase is None), 0, None,
                )  # fmt: skip
            elif unit == "update":
                assert (after.update, shown) == (before.update - (phase is None), None)
            else:
                place, there = (-1 if index is None else index for index in (phase, shown))
                assert (after.update, there) < (before.update, place)

    @rule(part=st.sampled_from(["train", "validation"]))
    def look_at_a_sample_and_at_the_batch_again(self, part: Any) -> None:
        before = self.trainer.state
        self.trainer.examine(Subject(part, 3))
        for _ in range(5):
            self.trainer.step_phase()
        self.trainer.step_back("phase")
        self.trainer.examine(None)
        assert self.trainer.state is before

    # --- editing ----------------------------------------------------------------------------------------------------
    def edited(self, node: Node) -> None:
        parent = self.here
        self.leave()
        self.nodes[parent].redo = len(self.nodes)
        self.nodes.append(node)
        self.tip = len(self.nodes) - 1
        self.gesture = 0

    def continued(self, kind: str, value: Any) -> None:
        here = self.here
        story = (*self.nodes[here].edits, (self.update, kind, value))
        self.edited(Node(here, self.nodes[here].problem, story, *[self.update] * 4))

    @rule(path=st.sampled_from(list(SETTINGS)), which=st.integers(0, 2))
    def change_learning(self, path: str, which: int) -> None:
        changed = settings_of.replace(self.trainer.experiment, path, SETTINGS[path][which])
        if changed != self.trainer.experiment:
            self.continued("learning", changed)
        self.trainer.change_learning(changed)

    def hand(self, kind: str, value: Any, act: Any) -> None:
        """Edit by `act`, unless that is refused, as it then is by the pure functions."""
        try:
            by_hand(self.trainer.problem, self.trainer.state, kind, value)
        except (ParameterError, ProblemError) as error:
            refusal = error
        else:
            self.continued(kind, value)
            act()
            return
        before = self.trainer.history.nodes
        with pytest.raises(type(refusal), match=f"^{re.escape(str(refusal))}$"):
            act()
        assert self.trainer.history.nodes == before

    @rule(index=INDICES, value=st.floats(-1, 1))
    def set_parameter(self, index: int, value: float) -> None:
        if index < len(self.trainer.theta) and (index not in self.trainer.state.pruned or not value):
            after = hands.with_values(self.trainer.state, (index,), (value,))[1]
            if after.theta.tobytes() == self.trainer.theta.tobytes():
                return  # what changes nothing is no edit
        self.hand("parameter", ((index,), (value,)), lambda: self.trainer.set_parameter(index, value))

    @rule(index=INDICES, values=st.lists(st.floats(-1, 1), min_size=2, max_size=4))
    def drag_a_weight(self, index: int, values: list[float]) -> None:
        if index in self.trainer.state.pruned or index >= len(self.trainer.theta):
            return
        values = [*values[:-1], values[-1] + (values[-1] == self.trainer.theta[index])]
        values = [value for k, value in enumerate(values) if k == len(values) - 1 or value != self.trainer.theta[index]]
        gesture = 1 + len(self.nodes)
        count = len(self.trainer.history.nodes)
        self.continued("parameter", ((index,), (values[-1],)))
        for value in values:
            self.trainer.set_parameters((index,), (value,), gesture)
        assert len(self.trainer.history.nodes) == count + 1

    @rule(indices=st.lists(INDICES, min_size=1, max_size=3, unique=True))
    def prune(self, indices: list[int]) -> None:
        self.hand("prune", indices, lambda: self.trainer.prune(indices))

    @rule(indices=st.lists(INDICES, min_size=1, max_size=5, unique=True))
    def restore(self, indices: list[int]) -> None:
        self.hand("restore", indices, lambda: self.trainer.restore(indices))

    @rule(indices=st.lists(INDICES, min_size=1, max_size=3, unique=True), on=st.booleans())
    def freeze(self, indices: list[int], on: bool) -> None:
        self.hand("freeze", (indices, on), lambda: self.trainer.freeze(indices, on=on))

    @rule(change=st.sampled_from(RESHAPES))
    def reshape(self, change: reshaping.Change) -> None:
        self.hand("reshape", change, lambda: self.trainer.reshape(change))

    @rule()
    def reset(self) -> None:
        self.edited(Node(self.here, self.trainer.problem, (), 0, self.update, 0, 0, fresh=True))
        self.trainer.reset()

    # --- going about in the history ---------------------------------------------------------------------------------
    @precondition(lambda self: self.nodes[self.tip].parent is not None)
    @rule()
    def undo(self) -> None:
        self.leave()
        node = self.nodes[self.tip]
        assert node.parent is not None
        self.nodes[node.parent].redo = self.tip
        self.tip = node.parent
        self.trainer.undo()
        assert self.update == node.made_at
        assert self.trainer.phase is None

    @precondition(lambda self: self.nodes[self.tip].redo is not None)
    @rule()
    def redo(self) -> None:
        child = self.nodes[self.tip].redo
        assert child is not None
        self.leave()
        self.tip = child
        self.trainer.redo()
        assert self.update == self.nodes[child].left_at

    @rule(which=st.integers(0, 100))
    def visit(self, which: int) -> None:
        node = which % len(self.nodes)
        self.leave()
        at, parent = node, self.nodes[node].parent
        while parent is not None:
            self.nodes[parent].redo = at
            at, parent = parent, self.nodes[parent].parent
        self.tip = node
        self.trainer.visit(node)
        assert self.update == self.nodes[node].left_at

    # --- what must hold ---------------------------------------------------------------------------------------------
    @invariant()
    def the_bits_are_those_of_a_straight_run(self) -> None:
        posed, state, trace = straight(self.nodes[self.here], self.update)
        present = self.trainer.state
        assert present.theta.tobytes() == state.theta.tobytes()
        assert present.slots.tobytes() == state.slots.tobytes()
        assert (present.pruned.tolist(), present.frozen.tolist()) == (state.pruned.tolist(), state.frozen.tolist())
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

    @invariant()
    def the_course_is_that_of_the_line(self) -> None:
        course, line = self.trainer.course, self.line
        assert [mark.update for mark in course.marks if mark.kind == "edit"] == [
            self.nodes[node].begins for node in line[1:]
        ]
        assert course.reached[1] == self.nodes[self.tip].made
        assert self.trainer.history.here == self.here
        assert self.trainer.history.undo_label == "" or self.nodes[self.tip].parent is not None

    @invariant()
    def what_is_pruned_is_0(self) -> None:
        state = self.trainer.state
        assert not state.theta[state.pruned].any()


TestWandering = Wandering.TestCase
TestWandering.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
