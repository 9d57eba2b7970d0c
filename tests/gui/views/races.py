"""Frames of true races, made of trainers that go by one clock."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

import ann_studio as ann
from ann_studio.engine.messages import Clock, Frame, Speed, Standing, Status, Unit
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.race import entries, titles_of
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource


def trap(**learning: object) -> Experiment:
    """The shipped trap."""
    experiment = load_experiment(resource("experiments", "trap.json"))
    return msgspec.structs.replace(experiment, learning=msgspec.structs.replace(experiment.learning, **learning))


def racing(experiment: Experiment, epochs: int) -> list[Trainer]:
    """Trainers of all runs of an experiment, after some epochs."""
    trainers = []
    for entry in entries(experiment):
        trainer = ann.trainer(msgspec.structs.replace(experiment, learning=entry.learning, seed=entry.seed))
        trainer.run(epochs=epochs)
        trainers.append(trainer)
    return trainers


def race_frame(trainers: Sequence[Trainer], experiment: Experiment, **fields: object) -> Frame:
    """What the window is shown of a race."""
    snapshots = tuple(trainer.snapshot() for trainer in trainers)
    main = trainers[0].problem
    names = titles_of(experiment, len(main.train))
    problems = [trainer.problem for trainer in trainers]
    standings = tuple(
        Standing(name, problem, 0.01 * (k + 1)) for k, (name, problem) in enumerate(zip(names, problems, strict=True))
    )
    given = {"standings": standings, "clock": Clock.EPOCHS, "reached": float(snapshots[0].state.epoch), **fields}
    return Frame(1, Status.PAUSED, main, snapshots, Speed(1, Unit.EPOCH), 0.0, **given)
