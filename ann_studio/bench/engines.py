"""The program's own engine as the benchmark drives it: alone, and as the window runs it.

Every engine, here and in `native` and `peers`, is a `Course` on one task: it goes back to the first weights, trains so
many epochs, and tells its parameters.
"""

from __future__ import annotations

import dataclasses
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from ann_studio.engine.drive import Drive
from ann_studio.engine.race import Race
from ann_studio.learning import supervised
from ann_studio.learning.experiment import Stop
from ann_studio.learning.problem import Problem

Vector = NDArray[np.float64]


class Course(Protocol):
    """One engine on one task."""

    def reset(self) -> None:
        """Go back to the first weights."""

    def train(self, epochs: int) -> None:
        """Train; this is what is timed."""

    def theta(self) -> Vector:
        """The parameters as they lie in this program, see `ann_studio.nn.architecture`."""


class Unavailable(Exception):  # noqa: N818 - no error, a peer that is not here
    """An engine cannot take part; the message is one sentence with the remedy."""


class Alone:
    """The engine in one call, with no losses and no trace."""

    title = "ANN Studio, engine alone"

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self.reset()

    def reset(self) -> None:
        """Go back to the first weights."""
        self._state = supervised.start(self._problem)

    def train(self, epochs: int) -> None:
        """Train."""
        to_epoch = self._state.epoch + epochs
        self._state = supervised.advance(self._problem, self._state, to_epoch=to_epoch, losses=False).state

    def theta(self) -> Vector:
        """The parameters."""
        return self._state.theta


class AsRun:
    """The trainer in the hands of the window's drive: chunks, trace, losses of both sets every epoch, checkpoints."""

    title = "ANN Studio, as run"

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._drive = Drive()  # kept, since it learns how much 8 ms of work are
        self.reset()

    def reset(self) -> None:
        """Go back to the first weights, with a trainer that has learned nothing yet."""
        self.race = Race(self._problem)

    def train(self, epochs: int) -> None:
        """Train as Play does, up to a stop rule."""
        trainer = self.race.main
        experiment = msgspec.structs.replace(trainer.experiment, stop=Stop(epochs=trainer.state.epoch + epochs))
        trainer.problem = dataclasses.replace(trainer.problem, experiment=experiment)
        self._drive.run(self.race, again=False)
        while self._drive.work(self.race) is None:
            pass

    def theta(self) -> Vector:
        """The parameters."""
        return self.race.main.theta
