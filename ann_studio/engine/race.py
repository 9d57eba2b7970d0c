"""The race: the main run and those that go with it, all at the same place by one clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ann_studio.engine.messages import Clock, Standing
from ann_studio.learning.course import update_of_samples
from ann_studio.learning.experiment import Racer
from ann_studio.learning.history import History, NothingThere
from ann_studio.learning.problem import Problem, racers_of
from ann_studio.learning.race import MOST_RACERS, titles_of
from ann_studio.learning.state import Snapshot
from ann_studio.learning.supervised import UNLIMITED, Flag, Interrupted, batch_size, same_cost, samples_of, updates_at
from ann_studio.learning.trainer import Outcome, Trainer

#: Samples that a run which has just joined goes through at a time, on its way to the others.
_CATCH_UP = 20_000


@dataclass
class Follower:
    """A run, and what is known of it beside its state.

    Parameters
    ----------
    trainer
        The run.
    seconds
        Time that the engine has spent on it.
    end
        The update after which it diverged; None while it has not.
    branch
        The node of the main run's history in which the branch ends that it is; None for a racer of the experiment.
    compared
        Its problem, another one, and whether they have the same cost, as last asked.
    """

    trainer: Trainer
    seconds: float = 0.0
    end: int | None = None
    branch: int | None = None
    compared: tuple[Problem, Problem, bool] | None = None

    def is_of(self, problem: Problem) -> bool:
        """Whether it descends the cost of `problem`; large sets are compared once."""
        mine, known = self.trainer.problem, self.compared
        if known is None or known[0] is not mine or known[1] is not problem:
            self.compared = known = (mine, problem, same_cost(mine, problem))
        return known[2]


class Race:
    """The runs of an experiment: one that is main, its racers, and branches of the main one.

    Whatever moves the main run by this object takes the racers along: each to the end of its last update that is
    complete by the clock. What is done to the main trainer directly is followed by `gather`.

    Parameters
    ----------
    problem
        Of the main run.
    interrupt
        See `Trainer`.
    """

    def __init__(self, problem: Problem, interrupt: Flag | None = None) -> None:
        self._interrupt = interrupt
        self.main = Trainer(problem, interrupt)
        self.clock = Clock.EPOCHS
        self._followers: list[Follower] = []
        self._branches: list[Follower] = []
        self._seconds = 0.0  #: of the main run
        self._entered: Problem | None = None
        self._enter()

    # --- where it stands --------------------------------------------------------------------------------------------
    @property
    def is_together(self) -> bool:
        """Whether every run is where the clock says."""
        return self.main.problem is self._entered and self._first_behind() == len(self._others)

    @property
    def _others(self) -> list[Follower]:
        """Racers, and those branches that are of the cost of the main run and not that run itself."""
        problem, tip = self.main.problem, self.main.history.tip
        branches = [each for each in self._branches if each.branch != tip and each.is_of(problem)]
        return [*self._followers, *branches[: MOST_RACERS - len(self._followers)]]

    @property
    def samples(self) -> int:
        """Gradient evaluations of the main run, those inside the update that is shown included."""
        main = self.main
        return samples_of(main.problem, main.state) + main.samples_shown

    @property
    def reached(self) -> float:
        """How far the race is by its clock."""
        if self.clock is Clock.UPDATES:
            return self.main.state.update
        return self.samples if self.clock is Clock.GRADIENTS else self.samples / len(self.main.problem.train)

    @property
    def trainers(self) -> tuple[Trainer, ...]:
        """The runs, the main one first; wherever they are."""
        return (self.main, *(follower.trainer for follower in self._others))

    def snapshots(self) -> tuple[tuple[Snapshot, ...], tuple[Standing, ...]]:
        """The runs that are where the clock says: the main one, and racers up to the first that is on its way."""
        shown = self._others[: self._first_behind()] if self.main.problem is self._entered else []
        runs = [Follower(self.main, self._seconds), *shown]
        names = [*titles_of(self.main.experiment, len(self.main.problem.train)), *self._branch_names()]
        return (
            tuple(run.trainer.snapshot(exact=False) for run in runs),
            tuple(
                Standing(name, run.trainer.problem, run.seconds, self._out(run), run.trainer.edited, run.branch)
                for name, run in zip(names, runs, strict=False)
            ),
        )

    def _branch_names(self) -> list[str]:
        """``Branch at 412``, its last edit; of several at one update the second is ``Branch at 412 (2)``."""
        names: list[str] = []
        for follower in self._others[len(self._followers) :]:
            history = follower.trainer.history
            last = history.nodes[history.tip]
            name = "Unedited run" if last.fresh else f"Branch at {last.after.state.update:,}"
            count = sum(other == name or other.startswith(f"{name} (") for other in names)
            names.append(f"{name} ({count + 1})" if count else name)
        return names

    # --- moving -----------------------------------------------------------------------------------------------------
    def advance(
        self, *, to_update: int = UNLIMITED, to_epoch: int = UNLIMITED, samples: int = UNLIMITED, obey: bool = True
    ) -> Outcome:
        """As `Trainer.advance`; runs that race by whole epochs where a piece is that long."""
        state, rows = self.main.state, len(self.main.problem.train)
        if self._others and samples < UNLIMITED:
            if self.clock is Clock.UPDATES:
                # So many updates that none of the runs goes through more samples.
                dearest = max(batch_size(trainer.problem) for trainer in self.trainers)
                to_update = min(to_update, state.update + max(1, samples // dearest))
            elif samples >= rows:
                to_epoch, samples = min(to_epoch, state.epoch + -(-samples // rows)), UNLIMITED
        return self._move(lambda: self.main.advance(to_update=to_update, to_epoch=to_epoch, samples=samples, obey=obey))

    def step_phase(self) -> Outcome:
        """As `Trainer.step_phase`."""
        return self._move(self.main.step_phase)

    def step_sample(self) -> Outcome:
        """As `Trainer.step_sample`."""
        return self._move(self.main.step_sample)

    def gather(self) -> None:
        """Bring the racers a piece nearer to where the main run is; once they are there, `is_together` says so.

        Raises
        ------
        ann_studio.learning.supervised.Interrupted
            As the methods of `Trainer`.
        """
        self._enter()
        for follower in self._others:
            if self._is_behind(follower):
                self._follow(follower, _CATCH_UP)
                return

    def exchange(self, run: int) -> None:
        """Make a racer the main run and the main run a racer.

        Raises
        ------
        NothingThere
            If there is no such racer, or it is still on its way to the main run.
        """
        self._enter()
        if not 1 <= run <= len(self._others):
            raise NothingThere("there is no such run in the race")
        branch = self._others[run - 1].branch
        if branch is not None:
            before = self.main.history.tip
            self.leave(branch)
            self.main.visit(branch)
            self.join(before)
            return
        follower, experiment = self._followers[run - 1], self.main.experiment
        if follower.end is None and self._is_behind(follower):
            raise NothingThere("this run is still on its way to the main run; try again in a moment")
        rival = follower.trainer
        names = titles_of(self.main.experiment, len(self.main.problem.train))
        race = list(experiment.race)
        name = race[run - 1].name  # it goes with the run
        race[run - 1] = Racer(experiment.learning, experiment.run_name)
        after = msgspec.structs.replace(experiment, learning=rival.experiment.learning, run_name=name, race=tuple(race))
        self.main.exchange(rival, after, f"{names[run]} made the main run")
        self._seconds = follower.seconds

    def reset(self) -> None:
        """Take all runs back to the first weights."""
        self.main.reset()
        self._seconds = 0.0
        for follower in self._followers:
            follower.seconds = 0.0

    # --- branches ---------------------------------------------------------------------------------------------------
    def join(self, node: int) -> None:
        """Let the branch that ends in a node of the main run's history race it.

        Raises
        ------
        NothingThere
            If there is no such branch, it is the main run itself, or as many race as can be told apart.
        """
        if any(each.branch == node for each in self._branches):
            return
        if node == self.main.history.tip:
            raise NothingThere("this is the main run itself")
        if len(self._others) >= MOST_RACERS:
            raise NothingThere(f"at most {MOST_RACERS + 1} runs race; remove one first")
        follower = Follower(self.main.fork(node), branch=node)
        if not follower.is_of(self.main.problem):
            raise NothingThere("this branch is of another network, data or cost, and cannot race this run")
        self._branches.append(follower)

    def tidy(self) -> None:
        """Forget branches that the main run has returned to, and those of other data."""
        tip, dataset = self.main.history.tip, self.main.problem.dataset
        self._branches = [
            each for each in self._branches if each.branch != tip and each.trainer.problem.dataset is dataset
        ]

    def leave(self, node: int) -> None:
        """Let the branch race no longer."""
        self._branches = [each for each in self._branches if each.branch != node]

    def welcome(self, before: History) -> str:
        """After an edit of the main run that left a line which had gone further: let that line race it.

        Parameters
        ----------
        before
            The history before the edit.

        Returns
        -------
        str
            What happened, in words; empty if nothing did.
        """
        now = self.main.history
        if len(now.nodes) == len(before.nodes) or now.nodes[now.tip].fresh:
            return ""
        edit, left = now.nodes[now.tip].before, now.nodes[before.tip].made
        if edit is None or left.state.update <= edit.state.update or not same_cost(left.problem, self.main.problem):
            return ""
        if len(self._others) >= MOST_RACERS:
            return "The run as it was stays as a branch"
        self.join(before.tip)
        return "The run as it was stays as a branch, and races this one"

    # --- inside -----------------------------------------------------------------------------------------------------
    def _move(self, move: Callable[[], Outcome]) -> Outcome:
        began = time.perf_counter()
        outcome = move()
        self._seconds += time.perf_counter() - began
        try:
            for follower in self._others:
                self._follow(follower, UNLIMITED)
        except Interrupted:
            pass  # the main run has moved; the others are gathered once there is time
        return outcome

    def _enter(self) -> None:
        """Have a follower for each racer of the main run's experiment; those that raced before go on."""
        problem = self.main.problem
        if problem is self._entered:
            return
        if self._entered is not None and self._entered.first_theta is not problem.first_theta:
            self._seconds = 0.0
        known, followers = list(self._followers), []
        for learned in racers_of(problem):
            same = next((each for each in known if _is_same(each.trainer.problem, learned)), None)
            if same is None:
                same = Follower(Trainer(learned, self._interrupt))
            else:
                known.remove(same)
                same.trainer.problem = learned
            followers.append(same)
        # Not before all are there: to make one may be interrupted.
        self._followers, self._entered = followers, problem

    def _due(self, follower: Follower) -> int:
        """The update at the end of which a racer stands by the clock, if it gets there."""
        if self.clock is Clock.UPDATES:
            return self.main.state.update
        if follower.branch is not None:
            return update_of_samples(follower.trainer.history, self.samples)
        return updates_at(follower.trainer.problem, self.samples)

    def _goal(self, follower: Follower) -> int:
        """The update to which a racer is to go."""
        due = self._due(follower)
        return due if follower.end is None else min(due, follower.end)

    def _out(self, follower: Follower) -> str:
        end = follower.end
        return "" if end is None or self._due(follower) <= end else f"diverged after update {end:,}"

    def _is_behind(self, follower: Follower) -> bool:
        return follower.trainer.state.update != self._goal(follower)

    def _first_behind(self) -> int:
        others = self._others
        return next((k for k, each in enumerate(others) if self._is_behind(each)), len(others))

    def _follow(self, follower: Follower, samples: int) -> None:
        trainer, goal = follower.trainer, self._goal(follower)
        if goal == trainer.state.update:
            return
        began = time.perf_counter()
        trainer.rewind(goal)
        if trainer.advance(to_update=goal, samples=samples, obey=False) is Outcome.DIVERGED:
            follower.end = trainer.state.update
        follower.seconds += time.perf_counter() - began


def _is_same(first: Problem, second: Problem) -> bool:
    """Whether a run of one is a run of the other."""
    return (
        first.dataset is second.dataset
        and first.first_theta is second.first_theta
        and first.experiment.learning == second.experiment.learning
        and first.experiment.seed == second.experiment.seed
    )
