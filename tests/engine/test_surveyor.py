"""The surveyor: the newest question is answered, none is lost, and none ends the thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from ann_studio.analysis import contours, layers, neuron, slice, surface
from ann_studio.analysis.neuron import OverTraining, over_training
from ann_studio.analysis.planes import PlaneChoice
from ann_studio.analysis.slice import SliceChoice
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    Frame,
    Inspected,
    Inspection,
    Sounded,
    Sounding,
    Speed,
    Standing,
    Status,
    Survey,
    Surveyed,
    Unanswered,
    Unit,
)
from ann_studio.engine.surveyor import Surveyor
from ann_studio.learning.experiment import Experiment
from ann_studio.learning.problem import pose
from ann_studio.learning.supervised import Interrupted, evaluate
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource

HANG = 20.0


def frame_of(name: str, epochs: int = 3, status: Status = Status.PAUSED) -> Frame:
    experiment: Experiment = load_experiment(resource("experiments", name))
    trainer = Trainer(pose(msgspec.structs.replace(experiment, race=()), load_dataset(experiment)))
    trainer.run(epochs=epochs)
    standing = Standing("main", trainer.problem, 0.0)
    return Frame(1, status, trainer.problem, (trainer.snapshot(),), Speed(1, Unit.EPOCH), 0.0, standings=(standing,))


class Asked:
    """A surveyor, and what it answers."""

    def __init__(self) -> None:
        self.surveyed: Mailbox[Surveyed] = Mailbox()
        self.sounded: Mailbox[Sounded] = Mailbox()
        self.unanswered: Mailbox[Unanswered] = Mailbox()
        self.inspected: Mailbox[Inspected] = Mailbox()
        self.surveyor = Surveyor(self.surveyed, self.sounded, self.inspected, self.unanswered)
        self.surveyor.start()

    def final(self, request: int) -> Surveyed:
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            answer = self.surveyed.wait(0.2)
            if answer is not None and answer.final and answer.survey.request == request:
                return answer
        raise AssertionError("no final answer came")

    def inspection(self, request: int) -> Inspected:
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            answer = self.inspected.wait(0.2)
            if answer is not None and answer.inspection.request == request:
                return answer
        raise AssertionError("no answer came")


@pytest.fixture
def asked() -> Iterator[Asked]:
    asked = Asked()
    yield asked
    assert asked.surveyor.close()


def survey(request: int, frame: Frame, side: int = 21, kind: str = "parameters") -> Survey:
    choice = PlaneChoice(kind, updates=(0, 1, 3))  # type: ignore[arg-type]
    return Survey(request, frame, choice, None, None, side, False, (60, 40))


@pytest.mark.parametrize("kind", ["parameters", "points", "principal", "random"])
def test_a_survey_is_answered_with_the_true_costs_of_its_plane(asked, kind):
    frame = frame_of("02-circle.json")
    asked.surveyor.survey(survey(1, frame, 9, kind))
    found = asked.final(1)
    s0, s1, t0, t1 = found.surface.extent
    theta = found.surface.plane.lift(np.array([[s0 + (s1 - s0) * 3 / 8, t0 + (t1 - t0) * 5 / 8]]))[0]
    assert found.surface.values[5, 3] == pytest.approx(evaluate(frame.problem, theta, frame.problem.train), rel=1e-12)
    assert found.contours.bands.shape == (40, 60)
    assert found.progress == 1.0
    assert len(found.left_out) == 1
    assert not found.exact


def test_of_a_large_surface_coarse_ones_come_first(asked):
    sides = []
    asked.surveyor.survey(survey(1, frame_of("digits.json", 1), 51))
    end = time.monotonic() + HANG
    while time.monotonic() < end:
        answer = asked.surveyed.wait(0.2)
        if answer is not None:
            sides.append(answer.surface.side)
            if answer.final:
                break
    assert sides == sorted(sides)
    assert sides[-1] == 51
    assert sides[0] < 51


def test_the_newest_question_wins_and_the_last_is_always_answered(asked):
    frame = frame_of("02-circle.json")
    for request in range(1, 200):
        asked.surveyor.survey(survey(request, frame))
        asked.surveyor.sound(Sounding(request, frame, SliceChoice(0), None))
        if request % 20 == 0:
            time.sleep(0.003)
    asked.final(199)
    end = time.monotonic() + HANG
    while time.monotonic() < end:
        answer = asked.sounded.wait(0.2)
        if answer is not None and answer.sounding.request == 199:
            return
    raise AssertionError("the last valley did not come")


def test_a_question_that_was_interrupted_by_itself_is_asked_again(asked, monkeypatch):
    compute, calls = surface.compute, []

    def interrupted_once(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise Interrupted
        return compute(*arguments)

    monkeypatch.setattr(surface, "compute", interrupted_once)
    asked.surveyor.survey(survey(1, frame_of("trap.json")))
    assert asked.final(1).exact
    assert len(calls) == 2


def test_what_fails_is_told_and_the_next_question_is_answered(asked, monkeypatch):
    def fails(*_arguments, **_more):
        raise ZeroDivisionError("planted")

    frame = frame_of("trap.json")
    with monkeypatch.context() as patched:
        patched.setattr(contours, "draw", fails)
        patched.setattr(slice, "cut", fails)
        wanted = survey(1, frame)
        asked.surveyor.survey(wanted)
        assert asked.unanswered.wait(HANG).wanted is wanted
        sounding = Sounding(1, frame, SliceChoice(0), None)
        asked.surveyor.sound(sounding)
        assert asked.unanswered.wait(HANG).wanted is sounding
    asked.surveyor.survey(survey(2, frame))
    assert len(asked.final(2).minima) >= 2


def test_it_ends_soon_even_in_the_midst_of_a_large_surface(asked):
    asked.surveyor.survey(survey(1, frame_of("digits.json", 1), 201))
    time.sleep(0.2)
    began = time.monotonic()
    assert asked.surveyor.close()
    assert time.monotonic() - began < 2.0


def test_an_inspection_is_answered_with_the_true_numbers_of_its_frame(asked):
    frame = frame_of("02-circle.json")
    theta = frame.snapshots[0].state.theta
    asked.surveyor.inspect(Inspection(1, frame, "training"))
    found = asked.inspection(1).found
    assert isinstance(found, OverTraining)
    assert found.theta is theta
    assert np.array_equal(found.gradient, over_training(frame.problem, theta).gradient)
    asked.surveyor.inspect(Inspection(2, frame, "layers"))
    history = asked.inspection(2).found
    expected = layers.layer_history(frame.problem, frame.snapshots[0])
    for mine, its in zip(history.activations, expected.activations, strict=True):
        assert np.array_equal(mine.counts, its.counts)


def test_of_many_inspections_the_last_is_answered_and_none_under_way_is_waited_for(asked, monkeypatch):
    large, small = frame_of("digits.json", 1), frame_of("02-circle.json")
    began = threading.Event()

    def endless(problem, theta, interrupt):
        began.set()
        while not interrupt[0]:
            time.sleep(0.002)
        raise Interrupted

    with monkeypatch.context() as patched:
        patched.setattr(neuron, "over_training", endless)
        asked.surveyor.inspect(Inspection(1, large, "training"))
        assert began.wait(HANG)
        wanted = time.monotonic()
        asked.surveyor.inspect(Inspection(2, small, "layers"))
        asked.inspection(2)
        assert time.monotonic() - wanted < 5.0
    for request in range(3, 60):
        asked.surveyor.inspect(Inspection(request, small, "training"))
        asked.surveyor.sound(Sounding(request, small, SliceChoice(0), None))
    asked.inspection(59)


def test_a_valley_does_not_wait_for_the_layers(asked, monkeypatch):
    frame, order = frame_of("02-circle.json"), []
    whole = layers.layer_history

    def slow(problem, snapshot, interrupt, between):
        def between_and_ask():
            if not order:
                order.append("asked")
                asked.surveyor.sound(Sounding(1, frame, SliceChoice(0), None))
            between()

        found = whole(problem, snapshot, interrupt, between_and_ask)
        order.append("valley" if not asked.sounded.empty else "no valley")
        return found

    monkeypatch.setattr(layers, "layer_history", slow)
    asked.surveyor.inspect(Inspection(1, frame, "layers"))
    asked.inspection(1)
    assert order == ["asked", "valley"]


def test_an_inspection_that_fails_is_told(asked, monkeypatch):
    monkeypatch.setattr(neuron, "over_training", None)
    wanted = Inspection(1, frame_of("trap.json"), "training")
    asked.surveyor.inspect(wanted)
    assert asked.unanswered.wait(HANG).wanted is wanted
