"""Steps that are due and chunks that fit, by a clock that the test turns."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.engine import pace
from ann_studio.engine.messages import Speed, Unit
from ann_studio.engine.pace import Chunk, Meter, Pace


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(pace, "time", turned)
    return turned


def test_the_first_step_is_due_at_once_and_the_next_after_its_interval(clock):
    steady = Pace(Speed(4, Unit.EPOCH))
    assert (steady.due(), steady.due()) == (1, 0)
    assert steady.wait() == pytest.approx(0.25)
    clock.now += 0.24
    assert steady.due() == 0
    clock.now += 0.02
    assert steady.due() == 1


@given(rate=st.floats(0.5, 500), waits=st.lists(st.floats(0.001, 0.2), min_size=20, max_size=60))
def test_in_the_long_run_the_steps_are_as_many_as_asked(rate, waits):
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(pace, "time", clock)
        steady, made = Pace(Speed(rate, Unit.PHASE)), 0
        for wait in waits:
            made += steady.due()
            clock.now += wait
        made += steady.due()
        assert made == pytest.approx(rate * sum(waits) + 1, abs=1.001)


def test_after_a_hold_up_only_a_quarter_of_a_second_is_made_up_for(clock):
    steady = Pace(Speed(100, Unit.UPDATE))
    steady.due()
    clock.now += 3600
    assert steady.due() <= 26


def test_a_speed_that_changes_at_every_moment_does_not_make_steps_of_its_own(clock):
    """A slider on its way sends a speed at each of its places."""
    steady, made = Pace(Speed(1, Unit.PHASE)), 0
    for turn in range(60):
        steady.change(Speed(1 + turn / 100, Unit.PHASE))
        made += steady.due()
        clock.now += 1 / 60
    assert made <= 2


def test_from_full_speed_to_a_slow_one_there_is_one_step_and_then_a_wait(clock):
    steady = Pace(Speed(math.inf, Unit.EPOCH))
    clock.now += 1000
    steady.change(Speed(10, Unit.EPOCH))
    assert (steady.due(), steady.due()) == (1, 0)


def test_a_slow_speed_does_not_delay_the_quick_one_that_follows(clock):
    steady = Pace(Speed(0.01, Unit.PHASE))
    steady.due()
    steady.change(Speed(10, Unit.PHASE))
    assert steady.wait() == pytest.approx(0.1)


def run_chunks(clock: Clock, chunk: Chunk, seconds_a_sample: float, calls: int, limit: float = math.inf) -> float:
    """The longest of some calls of an engine of this speed, each ended by a limit of samples at the latest."""
    longest = 0.0
    for _ in range(calls):
        used = int(min(chunk.samples, limit))
        chunk.begin()
        clock.now += used * seconds_a_sample
        chunk.end(used)
        longest = max(longest, used * seconds_a_sample)
    return longest


@pytest.mark.parametrize("speed", [1e-7, 1e-5, 1e-3])
def test_a_chunk_comes_to_take_eight_milliseconds(clock, speed):
    chunk = Chunk(20)
    run_chunks(clock, chunk, speed, 40)
    assert 0.004 <= chunk.samples * speed <= 0.016


def test_a_chunk_does_not_grow_by_calls_that_stop_at_a_limit(clock):
    chunk = Chunk(20)
    before = chunk.samples
    run_chunks(clock, chunk, 1e-7, 100, limit=5)
    assert chunk.samples == before


def test_a_large_network_begins_with_a_small_chunk(clock):
    assert Chunk(10**6).samples <= 2
    assert Chunk(10**9).samples == 1
    assert run_chunks(clock, Chunk(10**6), 3e-3, 5) < 0.1


def test_the_meter_counts_epochs_a_second_and_forgets(clock):
    meter = Meter()
    for _ in range(30):
        meter.note((clock.now - 1000) * 12)
        clock.now += 0.05
    assert meter.rate == pytest.approx(12)
    meter.reset()
    assert meter.rate == 0
