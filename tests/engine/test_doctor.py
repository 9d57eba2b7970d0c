"""The doctor's thread: the newest question is answered, in two steps; no failure ends it, and it gives up at once."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from ann_studio.analysis.diagnosis import Hint
from ann_studio.engine import doctor as module
from ann_studio.engine.doctor import Doctor
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Advice, Consultation, Frame, Speed, Status, Unit
from ann_studio.learning.experiment import Experiment, replace
from ann_studio.learning.problem import pose
from ann_studio.learning.trainer import Outcome, Trainer
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource
from tests.learning.problems import problem, two_classes

HANG = 20.0
WILD = {"kind": "sgd", "learning_rate": 5.0}


def frame_of(name: str, epochs: int = 0, **changes: Any) -> Frame:
    experiment: Experiment = msgspec.structs.replace(load_experiment(resource("experiments", name)), race=())
    for path, value in changes.items():
        experiment = replace(experiment, path.replace("__", "."), value)
    trainer = Trainer(pose(experiment, load_dataset(experiment)))
    outcome = trainer.run(epochs=epochs) if epochs else Outcome.LIMIT
    status = Status.DIVERGED if outcome is Outcome.DIVERGED else Status.PAUSED
    return Frame(1, status, trainer.problem, (trainer.snapshot(),), Speed(1, Unit.EPOCH), 0.0)


class Asked:
    """A doctor, and what it answers."""

    def __init__(self) -> None:
        self.advised: Mailbox[Advice] = Mailbox()
        self.doctor = Doctor(self.advised)
        self.doctor.start()

    def final(self, request: int) -> Advice:
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            answer = self.advised.wait(0.2)
            if answer is not None and answer.final and answer.consultation.request == request:
                return answer
        raise AssertionError("no final answer came")


@pytest.fixture
def asked() -> Iterator[Asked]:
    asked = Asked()
    yield asked
    assert asked.doctor.close()


def test_a_healthy_run_gets_no_hint(asked):
    asked.doctor.consult(Consultation(1, frame_of("02-circle.json", 3)))
    assert asked.final(1).hint is None


def test_a_run_that_diverged_gets_a_hint_whose_remedies_were_tried(asked):
    asked.doctor.consult(Consultation(1, frame_of("04-sine.json", 30, learning__optimizer=WILD)))
    hint = asked.final(1).hint
    assert hint is not None
    assert hint.kind == "explosion"
    assert all(remedy.tried for remedy in hint.remedies)


def test_what_is_wrong_is_said_before_the_remedies_were_tried(asked, monkeypatch):
    monkeypatch.setattr(module, "treat", lambda *_: time.sleep(0.5))
    asked.doctor.consult(Consultation(1, frame_of("04-sine.json", 30, learning__optimizer=WILD)))
    first = asked.advised.wait(HANG)
    assert first is not None
    assert (first.final, first.hint is not None) == (False, True)


def test_a_hint_that_is_known_is_not_tried_again(asked, monkeypatch):
    frame = frame_of("04-sine.json", 30, learning__optimizer=WILD)
    asked.doctor.consult(Consultation(1, frame))
    known = asked.final(1).hint
    assert isinstance(known, Hint)

    def fail(*_: object) -> None:
        raise AssertionError("tried again")

    monkeypatch.setattr(module, "treat", fail)
    asked.doctor.consult(Consultation(2, frame, known=known))
    assert asked.final(2).hint is known


def test_of_many_questions_the_last_is_answered(asked):
    healthy, ill = frame_of("02-circle.json"), frame_of("04-sine.json", 30, learning__optimizer=WILD)
    for request in range(1, 30):
        asked.doctor.consult(Consultation(request, healthy if request % 2 else ill))
    assert asked.final(29).hint is None


def test_a_failure_is_no_hint_and_the_next_question_is_answered(asked, monkeypatch):
    frame = frame_of("04-sine.json", 30, learning__optimizer=WILD)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(module, "diagnose", fail)
        asked.doctor.consult(Consultation(1, frame))
        assert asked.final(1).hint is None
    asked.doctor.consult(Consultation(2, frame))
    assert asked.final(2).hint is not None


def test_a_change_of_settings_is_no_edit_of_what_is_examined(asked, monkeypatch):
    """Costs are compared since a hand last changed parameters or network, up to the moment that is shown."""
    trainer = Trainer(problem())
    cases = []
    monkeypatch.setattr(module, "diagnose", lambda case, *_: cases.append(case))

    def edited_of(request: int) -> int:
        frame = Frame(1, Status.PAUSED, trainer.problem, (trainer.snapshot(),), Speed(1, Unit.EPOCH), 0.0)
        asked.doctor.consult(Consultation(request, dataclasses.replace(frame, course=trainer.course)))
        asked.final(request)
        return cases[-1].edited

    trainer.run(updates=3)
    trainer.change_learning(replace(trainer.experiment, "learning.optimizer.learning_rate", 0.123))
    assert edited_of(1) == -1
    trainer.run(updates=2)
    trainer.set_parameter(0, 0.5)
    trainer.run(updates=1)
    trainer.change_learning(replace(trainer.experiment, "learning.optimizer.learning_rate", 0.2))
    assert edited_of(2) == 5
    assert [mark.settings for mark in trainer.course.marks if mark.kind == "edit"] == [True, False, True]
    trainer.seek(4)
    assert edited_of(3) == -1


def test_long_work_is_given_up_at_once():
    """A gradient takes seconds, and there are hundreds of them: without the flag it would take minutes."""
    network = {"hidden": [{"units": 400, "activation": "tanh"}, {"units": 400, "activation": "tanh"}]}
    posed = problem(two_classes(20_000), network=network)
    trainer = Trainer(posed)
    frame = Frame(1, Status.DIVERGED, posed, (trainer.snapshot(exact=False),), Speed(1, Unit.EPOCH), 0.0)
    asked = Asked()
    asked.doctor.consult(Consultation(1, frame))
    time.sleep(0.3)
    began = time.monotonic()
    asked.doctor.consult(Consultation(2, frame_of("02-circle.json")))
    assert asked.final(2).hint is None
    assert time.monotonic() - began < 5
    assert asked.doctor.close()
