"""The illustrator: pictures belong to the very parameters of their frame, and a failing one stops nothing."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from ann_studio.analysis.pictures import Pictures, compute_pictures
from ann_studio.engine import illustrator
from ann_studio.engine.effects import Effects
from ann_studio.engine.illustrator import Illustrator
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import Frame, Open, Run, SetParameters, Speed, Status, Step, Unit
from ann_studio.engine.runner import Runner
from ann_studio.learning.problem import Problem
from ann_studio.learning.reshaping import RemoveNeuron
from ann_studio.learning.trainer import Trainer
from tests.engine.listening import HANG
from tests.learning.problems import numbers, problem, two_classes

ALL = frozenset({"maps", "region", "performance"})


class Studio:
    """An illustrator between its mailboxes."""

    def __init__(self) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self.illustrated: Mailbox[Frame] = Mailbox()
        self.late: Mailbox[Frame] = Mailbox()
        self.illustrator = Illustrator(self.frames, self.illustrated, self.late)
        self.illustrator.want(ALL)
        self.illustrator.start()

    def until(self, reached: Callable[[Frame], bool]) -> Frame:
        end = time.monotonic() + HANG
        while time.monotonic() < end:
            frame = self.illustrated.wait(0.2)
            if frame is not None and reached(frame):
                return frame
        raise AssertionError("the frame did not come")


@pytest.fixture
def studio() -> Iterator[Studio]:
    drawing = Studio()
    yield drawing
    assert drawing.illustrator.close()


def frame_of(trainer: Trainer, serial: int = 1, status: Status = Status.PAUSED) -> Frame:
    return Frame(serial, status, trainer.problem, (trainer.snapshot(),), Speed(1, Unit.EPOCH), 0.0)


def same(first: Pictures, second: Pictures) -> bool:
    assert first.region is not None
    assert first.train is not None
    return (
        np.array_equal(first.region, second.region)
        and all(np.array_equal(a, b) for a, b in zip(first.maps, second.maps, strict=True))
        and np.array_equal(first.train.predictions, second.train.predictions)
    )


def test_every_picture_is_of_the_parameters_of_its_frame_while_training_and_editing(studio):
    runner = Runner(studio.frames)
    runner.start()
    runner.send(Open(problem(stop={"epochs": None}), "test"))
    runner.send(Run())
    seen = []
    for turn in range(12):
        frame = studio.until(lambda frame: frame.pictures is not None)
        expected = compute_pictures(frame.problem, frame.snapshots[0].state.theta, ALL)
        assert same(frame.pictures, expected)
        seen.append(frame.snapshots[0].state.update)
        if turn % 4 == 3:
            runner.send(SetParameters((turn,), (0.5,)))
    assert runner.close()
    assert len(set(seen)) > 3


def test_the_same_parameters_are_not_drawn_twice(studio, monkeypatch):
    drawn = []
    monkeypatch.setattr(illustrator, "compute_pictures", lambda *asked: drawn.append(asked) or compute_pictures(*asked))
    trainer = Trainer(problem())
    for serial in (1, 2, 3):
        studio.frames.put(frame_of(trainer, serial))
        studio.until(lambda frame, serial=serial: frame.serial == serial and frame.pictures is not None)
    assert len(drawn) == 1
    trainer.step_update()
    studio.frames.put(frame_of(trainer, 4))
    studio.until(lambda frame: frame.serial == 4)
    assert len(drawn) == 2


def test_a_view_that_is_opened_while_nothing_moves_gets_its_pictures(studio):
    studio.illustrator.want(frozenset({"maps"}))
    studio.frames.put(frame_of(Trainer(problem())))
    frame = studio.until(lambda frame: frame.pictures is not None)
    assert frame.pictures.region is None
    studio.illustrator.want(ALL)
    again = studio.until(lambda frame: frame.pictures.region is not None)
    assert again.serial == frame.serial


def test_a_training_frame_has_what_is_wanted_now_and_comes_again_with_the_rest_if_no_other_comes(studio):
    studio.illustrator.want(ALL, frozenset({"maps"}))
    trainer = Trainer(problem())
    trainer.step_update()
    studio.frames.put(frame_of(trainer, 1, Status.TRAINING))
    first = studio.until(lambda frame: frame.serial == 1)
    assert first.pictures.kinds == {"maps"}
    assert (first.pictures.region, first.pictures.train) == (None, None)
    studio.illustrator.want(ALL)
    again = studio.until(lambda frame: frame.serial == 1 and frame.pictures.kinds == ALL)
    assert again.pictures.maps is first.pictures.maps, "what there is is not drawn again"
    assert same(again.pictures, compute_pictures(trainer.problem, trainer.theta, ALL))


def test_a_resting_frame_has_all_pictures_whatever_is_wanted_now(studio):
    studio.illustrator.want(ALL, frozenset({"maps"}))
    studio.frames.put(frame_of(Trainer(problem()), 1, Status.PAUSED))
    assert studio.until(lambda frame: frame.serial == 1).pictures.kinds == ALL


def test_a_resting_frame_does_not_wait_until_the_window_has_taken_the_last_one(studio):
    trainer = Trainer(problem())
    studio.frames.put(frame_of(trainer, 1, Status.TRAINING))
    end = time.monotonic() + HANG
    while studio.illustrated.empty and time.monotonic() < end:
        time.sleep(0.001)
    studio.frames.put(frame_of(trainer, 2, Status.PAUSED))
    while studio.illustrated.letter.serial == 1 and time.monotonic() < end:
        time.sleep(0.001)
    assert studio.illustrated.letter.serial == 2


class Slow:
    """Late pictures that call `between` until they are let go."""

    def __init__(self) -> None:
        self.drawn: list[frozenset[str]] = []
        self.go, self.begun = threading.Event(), threading.Event()

    def compute(self, asked, theta, wanted, interrupt, between):
        self.drawn.append(wanted)
        while wanted - {"maps"} and not self.go.is_set():
            self.begun.set()
            between()
            time.sleep(0.001)
        return compute_pictures(asked, theta, wanted, interrupt)


@pytest.fixture
def slow(studio, monkeypatch):
    """All but maps is late, and takes until it is let go."""
    slow = Slow()
    monkeypatch.setattr(illustrator, "compute_pictures", slow.compute)
    monkeypatch.setattr(illustrator, "_AT_ONCE", 0)
    return slow


def test_frames_pass_while_late_pictures_are_drawn_which_come_with_their_own_frame(studio, slow):
    trainer, thetas = Trainer(problem()), {}
    for serial in range(1, 6):
        trainer.step_update()
        thetas[serial] = trainer.theta
        studio.frames.put(frame_of(trainer, serial, Status.TRAINING))
        frame = studio.until(lambda frame, serial=serial: frame.serial == serial)
        assert frame.pictures.kinds == {"maps"}
        assert slow.begun.wait(HANG)
    slow.go.set()
    late = studio.late.wait(HANG)
    assert (late.serial, late.snapshots[0].state.theta) == (1, thetas[1])
    assert same(late.pictures, compute_pictures(trainer.problem, thetas[1], ALL))


def test_late_pictures_are_given_up_where_the_run_comes_to_rest_elsewhere(studio, slow):
    trainer = Trainer(problem())
    trainer.step_update()
    studio.frames.put(frame_of(trainer, 1, Status.TRAINING))
    assert studio.until(lambda frame: frame.serial == 1).pictures.kinds == {"maps"}
    assert slow.begun.wait(HANG)
    trainer.step_update()
    studio.frames.put(frame_of(trainer, 2, Status.PAUSED))
    assert studio.until(lambda frame: frame.serial == 2).pictures.kinds == {"maps"}
    slow.go.set()
    late = studio.late.wait(HANG)
    assert (late.serial, late.pictures.kinds) == (2, ALL)
    assert same(late.pictures, compute_pictures(trainer.problem, trainer.theta, ALL))


def test_a_failing_picture_lets_its_frame_through_and_is_logged_once(studio, monkeypatch, caplog):
    monkeypatch.setattr(illustrator, "compute_pictures", lambda *_: 1 / 0)
    trainer = Trainer(problem())
    with caplog.at_level(logging.ERROR):
        for serial in (1, 2, 3):
            trainer.step_update()
            studio.frames.put(frame_of(trainer, serial))
            assert studio.until(lambda frame, serial=serial: frame.serial == serial).pictures is None
    assert len(caplog.records) == 1
    monkeypatch.setattr(illustrator, "compute_pictures", compute_pictures)
    studio.frames.put(frame_of(trainer, 4))
    assert studio.until(lambda frame: frame.serial == 4).pictures is not None


def test_frames_without_a_network_or_an_engine_pass_as_they_are(studio):
    studio.frames.put(Frame(1, Status.READY, None, (), Speed(1, Unit.EPOCH), 0.0))
    assert studio.until(lambda frame: frame.serial == 1).pictures is None
    studio.frames.put(frame_of(Trainer(problem()), 2, Status.PREPARING))
    assert studio.until(lambda frame: frame.serial == 2).pictures is None


def large() -> Problem:
    wide = {"hidden": [{"units": 1024}, {"units": 1024}]}
    return problem(two_classes(400_000), network=wide)


def test_it_can_be_closed_in_the_midst_of_a_picture_of_hours(monkeypatch):
    monkeypatch.setattr("ann_studio.learning.trainer.Trainer._losses", lambda *_: (1.0, 1.0))
    busy = threading.Event()

    def watched(*asked):
        busy.set()
        return compute_pictures(*asked)

    monkeypatch.setattr(illustrator, "compute_pictures", watched)
    studio = Studio()
    studio.frames.put(frame_of(Trainer(large())))
    assert busy.wait(HANG)
    assert studio.illustrator.close()


def test_a_window_that_takes_nothing_holds_nobody_up(studio):
    """The newest frame waits; the trainer overwrites it as often as it likes, and closing goes through."""
    runner = Runner(studio.frames)
    runner.start()
    runner.send(Open(problem(numbers(), stop={"epochs": 3}), "test"))
    runner.send(Step(Unit.EPOCH, 3))
    last = studio.until(lambda frame: frame.status is Status.PAUSED)
    assert last.snapshots[0].state.epoch == 3
    assert runner.close()


def edited_frame(trainer: Trainer, effects: Effects, serial: int) -> Frame:
    return replace(frame_of(trainer, serial), effect=effects.of(trainer))


def test_a_frame_just_after_an_edit_has_the_region_before_it_too_and_along_a_drag_it_is_found_once(studio, monkeypatch):
    computed: list[object] = []

    def watched(asked, theta, *more):
        computed.append(theta)
        return compute_pictures(asked, theta, *more)

    trainer, effects = Trainer(problem()), Effects()
    trainer.run(updates=20)
    before = trainer.theta.copy()
    region = compute_pictures(trainer.problem, before, ALL).region
    monkeypatch.setattr(illustrator, "compute_pictures", watched)
    for serial, value in enumerate((1.0, 2.0, 3.0), start=1):
        trainer.set_parameters((1,), (value,), gesture=9)
        studio.frames.put(edited_frame(trainer, effects, serial))
        frame = studio.until(lambda frame, serial=serial: frame.serial == serial)
        assert np.array_equal(frame.ghost.region, region)
        assert not np.array_equal(frame.pictures.region, region)
        studio.illustrated.drop(frame)
    assert sum(np.array_equal(theta, before) for theta in computed) == 1
    trainer.run(updates=1)
    studio.frames.put(edited_frame(trainer, effects, 4))
    assert studio.until(lambda frame: frame.serial == 4).ghost is None


def test_the_region_before_an_edit_is_that_which_was_shown_a_moment_ago(studio, monkeypatch):
    trainer, effects = Trainer(problem()), Effects()
    studio.frames.put(edited_frame(trainer, effects, 1))
    shown = studio.until(lambda frame: frame.serial == 1)
    studio.illustrated.drop(shown)
    trainer.set_parameter(0, 3.0)
    studio.frames.put(edited_frame(trainer, effects, 2))
    assert studio.until(lambda frame: frame.serial == 2).ghost is shown.pictures


def test_of_another_network_the_region_before_is_that_of_the_old_one(studio):
    trainer, effects = Trainer(problem()), Effects()
    trainer.run(updates=20)
    region = compute_pictures(trainer.problem, trainer.theta, ALL).region
    trainer.reshape(RemoveNeuron(0, 1))
    studio.frames.put(edited_frame(trainer, effects, 1))
    assert np.array_equal(studio.until(lambda frame: frame.serial == 1).ghost.region, region)


def test_a_curve_has_a_ghost_too(studio):
    trainer, effects = Trainer(problem(numbers())), Effects()
    curve = compute_pictures(trainer.problem, trainer.theta, ALL).curve
    trainer.set_parameter(0, 3.0)
    studio.frames.put(edited_frame(trainer, effects, 1))
    assert np.array_equal(studio.until(lambda frame: frame.serial == 1).ghost.curve[1], curve[1])


def test_along_a_drag_frames_have_the_pictures_for_now_and_the_last_one_gets_the_rest(studio):
    trainer, effects = Trainer(problem()), Effects()
    maps = frozenset({"maps"})
    studio.illustrator.want(ALL, maps)
    for serial, value in enumerate((1.0, 2.0, 3.0), start=1):
        trainer.set_parameters((1,), (value,), gesture=9)
        studio.frames.put(edited_frame(trainer, effects, serial))
        frame = studio.until(lambda frame, serial=serial: frame.serial == serial)
        assert frame.pictures.kinds == (ALL if serial == 1 else maps)
        studio.illustrated.drop(frame)
    studio.illustrator.want(ALL)
    frame = studio.until(lambda frame: frame.pictures.kinds == ALL)
    assert frame.serial == 3
    assert same(frame.pictures, compute_pictures(trainer.problem, trainer.theta, ALL))
    assert frame.ghost is not None
