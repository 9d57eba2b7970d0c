"""Of a fast run every part of the window has its turn, each shows whole frames only, and at rest all show the last."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.analysis.pictures import compute_pictures
from ann_studio.engine.messages import Effect, Figures, Frame, Pause, Run, SetSpeed, Speed, Status, Unit
from ann_studio.gui.bridge import breath
from ann_studio.gui.turns import Turn, Turns
from tests.gui.views.frames import experiment, frame_of, trained

MAPS, DETAILS = frozenset({"maps"}), frozenset({"region", "performance"})
ALL = MAPS | DETAILS


class Part:
    """Remembers what it was shown."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.visible = True

    def show_frame(self, frame: Frame) -> None:
        self.frames.append(frame)

    def isVisible(self) -> bool:
        return self.visible

    @property
    def serials(self) -> list[int]:
        return [frame.serial for frame in self.frames]


class Window:
    """One part that shows every frame, one that needs details, and two others."""

    def __init__(self) -> None:
        self.graph, self.output, self.cost, self.bar = Part(), Part(), Part(), Part()
        others = [Turn([self.output], DETAILS), Turn([self.cost]), Turn([self.bar])]
        self.turns = Turns(Turn([self.graph], MAPS), others)
        self.others = (self.output, self.cost, self.bar)
        self.now = 100.0

    def show(self, frame: Frame, after: float = 0.016, busy: float = 0.0) -> None:
        self.now += after
        self.turns.show(frame, self.now, busy)


@pytest.fixture(scope="module")
def frames():
    """Makes frames of one run, with the kinds of pictures asked for."""
    trainer = trained(experiment(), 1)
    whole = frame_of(trainer, status=Status.TRAINING)
    pictures = {
        kinds: compute_pictures(trainer.problem, trainer.theta, kinds) for kinds in (frozenset(), MAPS, DETAILS, ALL)
    }

    def make(serial: int, kinds: frozenset[str] = ALL, status: Status = Status.TRAINING) -> Frame:
        return dataclasses.replace(whole, serial=serial, pictures=pictures[kinds], status=status)

    return make


def test_of_a_fast_run_one_part_shows_every_frame_and_each_other_one_of_three(frames):
    window = Window()
    for serial in range(1, 61):
        window.show(frames(serial, window.turns.next_pictures))
    assert window.graph.serials == list(range(1, 61))
    for part in window.others:
        assert {b - a for a, b in pairwise(part.serials[1:])} == {3}


@given(gaps=st.lists(st.floats(0.001, 0.2), min_size=12, max_size=60), busy=st.floats(0.0, 0.1))
def test_whatever_the_pace_every_part_is_shown_one_of_any_six_frames(frames, gaps, busy):
    window = Window()
    for serial, gap in enumerate(gaps):
        window.show(frames(serial, window.turns.next_pictures), gap, busy)
    assert window.graph.serials == list(range(len(gaps)))
    for part in window.others:
        shown = [0, *part.serials, len(gaps) - 1]
        assert max(b - a for a, b in pairwise(shown)) <= 6


def test_of_a_run_of_thirty_frames_a_second_each_part_shows_two_of_three(frames):
    window = Window()
    for serial in range(1, 61):
        window.show(frames(serial, window.turns.next_pictures), 0.033, busy=0.015)
    for part in window.others:
        assert len(part.serials) == pytest.approx(40, abs=2)


@given(kinds=st.lists(st.sampled_from([MAPS, ALL]), max_size=40), late=st.sets(st.integers(0, 39)))
def test_no_part_shows_half_a_frame_or_goes_back(frames, kinds, late):
    window = Window()
    for serial, given_with in enumerate(kinds):
        window.show(frames(serial, given_with))
        if serial in late:
            window.turns.show_late(frames(serial - 5))
    assert all(frame.pictures.kinds >= DETAILS for frame in window.output.frames[1:]), "the first is of a new network"
    for part in (window.graph, *window.others):
        assert part.serials == sorted(part.serials)


@pytest.mark.parametrize("gap", [0.05, 0.5, 20.0])
def test_slow_frames_are_shown_by_all(frames, gap):
    window = Window()
    for serial in range(1, 10):
        window.show(frames(serial, window.turns.next_pictures), gap)
    for part in (window.graph, *window.others):
        assert part.serials == list(range(1, 10))


@pytest.mark.parametrize(("busy", "every"), [(0.04, 6), (0.019, 1)])
def test_where_frames_come_slowly_for_the_window_is_busy_every_second_one_is_for_one_part_alone(frames, busy, every):
    window = Window()
    for serial in range(1, 31):
        window.show(frames(serial, window.turns.next_pictures), 0.06, busy)
    assert window.graph.serials == list(range(1, 31))
    for part in window.others:
        assert {b - a for a, b in pairwise(part.serials[1:])} == {every}


def test_what_comes_into_sight_is_shown_the_frame_whoever_has_the_turn(frames):
    window = Window()
    for serial in range(1, 8):
        window.show(frames(serial, window.turns.next_pictures))
    window.turns.show_all(frames(7, MAPS))
    assert (window.graph.serials[-1], window.cost.serials[-1], window.bar.serials[-1]) == (7, 7, 7)
    assert window.output.serials[-1] < 7, "it needs pictures that the frame has not"
    window.turns.show_all(frames(7))
    assert window.output.serials[-1] == 7


def test_a_screen_that_stood_still_for_minutes_is_looked_at_again_at_once():
    assert breath(600.0, 600.0) <= 0.1


@given(busy=st.floats(0.0, 0.5), shorter=st.floats(0.0, 1.0))
def test_the_window_spares_the_machine_as_long_as_that_is_fluid(busy, shorter):
    longest = busy / shorter if shorter > 0.1 else busy
    interval = busy + breath(busy, longest)
    assert interval >= busy * 1.1 - 1e-12  # some of the machine is left in any case
    if interval > max(0.03, 1.1 * busy) + 1e-12:  # slower than is fluid, or than it must be
        assert interval <= 0.016 + busy - longest + 1e-12
    if busy <= 0.02:
        assert interval >= 1.5 * busy - 1e-12


def test_a_frame_of_another_status_is_shown_by_all_at_once(frames):
    window = Window()
    for serial in range(1, 12):
        window.show(frames(serial, window.turns.next_pictures))
    window.show(frames(12, ALL, Status.PAUSED))
    assert all(part.serials[-1] == 12 for part in window.others)


def test_when_no_frame_comes_any_more_those_behind_show_the_last_one(frames):
    window = Window()
    for serial in range(1, 9):
        window.show(frames(serial, window.turns.next_pictures))
    window.show(frames(9, MAPS))
    assert window.turns.rest() is False, "the output needs pictures that the last frame has not"
    assert (window.cost.serials[-1], window.bar.serials[-1]) == (9, 9)
    assert window.output.serials[-1] < 9
    window.show(frames(9), 0.05)
    assert window.turns.rest() is True
    assert window.output.serials[-1] == 9


def test_late_pictures_are_shown_by_those_who_waited_for_them_alone(frames):
    window = Window()
    for serial in range(1, 8):
        window.show(frames(serial, MAPS))
    before = [list(part.serials) for part in (window.graph, window.cost, window.bar)]
    window.turns.show_late(frames(4))
    assert window.output.serials[-1] == 4
    assert [part.serials for part in (window.graph, window.cost, window.bar)] == before


def test_a_part_that_comes_to_be_seen_is_shown_the_last_frame(frames):
    window = Window()
    window.output.visible = False
    window.show(frames(1), 1.0)
    assert window.turns.rest() is True
    window.output.visible = True
    window.turns.rest()
    assert window.output.serials == [1]


def test_who_is_out_of_sight_takes_nobodys_turn(frames):
    window = Window()
    window.bar.visible = False
    for serial in range(1, 42):
        window.show(frames(serial), busy=0.01)  # so that one has its turn at a time
    assert len(window.output.serials) == len(window.cost.serials) == 21


def test_a_frame_whose_pictures_failed_holds_nobody_up(frames):
    window = Window()
    window.show(frames(1), 1.0)
    window.show(dataclasses.replace(frames(2), pictures=None), 1.0)
    assert all(part.serials == [1, 2] for part in (window.graph, *window.others))


def test_in_the_window_all_views_show_the_newest_frame_once_it_rests_and_each_had_its_turn_before(studio):
    window, shown = studio.window, {}
    for view in window.views:
        if not view.isVisible():  # it belongs to another workspace
            continue
        shown[view] = []

        def watch(frame, view=view, show=view.show_frame):
            shown[view].append(frame)
            show(frame)

        view.show_frame = watch
    window.editor.edit("stop.epochs", None)
    studio.until(lambda frame: frame.problem.experiment.stop.epochs is None)
    window.bridge.send(SetSpeed(Speed(float("inf"), Unit.EPOCH)))
    window.bridge.send(Run())
    studio.until(lambda frame: len(shown[window.network_view]) > 90)
    window.bridge.send(Pause())
    last = studio.until(lambda frame: frame.status is Status.PAUSED)
    studio.qtbot.waitUntil(lambda: all(frames[-1].serial == last.serial for frames in shown.values()), timeout=30_000)
    for view, frames in shown.items():
        serials = [frame.serial for frame in frames]
        assert serials == sorted(serials), view
        assert len(frames) > 12, view
    theta = last.snapshots[0].state.theta
    assert window.network_view.graph.theta is theta
    assert window.output_view.canvas.theta is theta
    assert window.output_view.canvas.pictures.kinds >= DETAILS
    assert np.array_equal(window.loss_view.plot.costs.rows, last.snapshots[0].trace, equal_nan=True)


def test_along_a_drag_parts_take_turns_and_its_first_frame_is_shown_by_all(frames):
    """A hand drags a value: all frames tell of edits of the same moment."""
    figures = Figures(0.1, 0.1, 1.0, 1.0)

    def dragged(serial, theta):
        whole = frames(serial, status=Status.PAUSED)
        nothing = np.empty(0, dtype=np.int64)
        return dataclasses.replace(whole, effect=Effect("set", nothing, whole.problem, theta, figures, figures))

    window, first, second = Window(), np.zeros(2), np.zeros(2)
    for serial in range(1, 31):
        window.show(dragged(serial, first))
    assert window.graph.serials == list(range(1, 31))
    for part in window.others:
        assert part.serials[0] == 1
        assert {b - a for a, b in pairwise(part.serials[1:])} == {3}
    assert window.turns.rest()
    for part in window.others:
        assert part.serials[-1] == 30
    window.show(dragged(31, second))
    for part in window.others:
        assert part.serials[-1] == 31, "another edit"
