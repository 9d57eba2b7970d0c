"""A run of the engine: chunks change no bit, every epoch has its own order, the trace is what it says."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_studio.nn import kernels
from ann_studio.nn.architecture import Architecture
from ann_studio.nn.optimizers import OPTIMIZERS
from tests.nn.networks import NO_LIMIT, Case, Rule, Run, codes_of, drawn, engine_loss, sizes_of
from tests.nn.rules import HYPER

CASE = drawn(Architecture((2, 5, 3, 2), ("tanh", "relu", "softmax")), "cross_entropy", seed=8, rows=23)
VALIDATION = drawn(CASE.architecture, CASE.loss, seed=9, rows=7)


def run_of(rule: Rule) -> Run:
    return Run(CASE, rule, np.zeros((OPTIMIZERS[rule.optimizer].slots, len(CASE.theta))), VALIDATION)


def bits(run: Run) -> tuple[bytes, ...]:
    return tuple(values.tobytes() for values in (run.theta, run.slots, run.clock, run.trace))


# --- chunks ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@given(
    batch=st.sampled_from([1, 2, 5, 22, 23]),
    reshuffle=st.booleans(),
    chunks=st.lists(
        st.tuples(st.sampled_from(["updates", "epochs", "samples"]), st.integers(1, 60), st.integers(1, 4)), max_size=10
    ),
    clip=st.sampled_from([math.inf, 0.05]),
)
@settings(max_examples=20)
def test_chunks_change_no_bit(optimizer, batch, reshuffle, chunks, clip):
    rule = Rule(optimizer, HYPER[optimizer], "l2", 0.01, batch, reshuffle, seed=4, clip=clip)
    straight, broken = run_of(rule), run_of(rule)
    for kind, count, room in chunks:
        limit = count
        if kind != "samples":
            limit = count + int(broken.clock[kernels.UPDATE if kind == "updates" else kernels.EPOCH])
        broken.advance(**{kind: limit}, room=room)
    straight.advance(updates=int(broken.clock[kernels.UPDATE]))
    assert bits(straight) == bits(broken)


@given(samples=st.integers(1, 200), batch=st.sampled_from([1, 4, 23]))
def test_a_budget_of_samples_ends_at_the_first_end_of_an_update(samples, batch):
    run = run_of(Rule(batch=batch))
    run.advance(samples=samples)
    update, epoch, position, _ = (int(value) for value in run.clock)
    used = epoch * len(CASE.inputs) + position
    before = run_of(Rule(batch=batch))
    before.advance(updates=update - 1)
    used_before = int(before.clock[kernels.EPOCH]) * len(CASE.inputs) + int(before.clock[kernels.POSITION])
    assert used_before < samples <= used


def test_limits_that_are_reached_already_move_nothing():
    run = run_of(Rule(batch=4))
    run.advance(updates=9)
    before = bits(run)
    run.advance(updates=9)
    run.advance(epochs=1)
    run.advance(samples=0)
    assert bits(run) == before


# --- trace ----------------------------------------------------------------------------------------------------------
def test_the_trace_has_a_row_for_each_epoch_with_the_losses_at_its_end():
    rule = Rule("adam", HYPER["adam"], batch=5, reshuffle=True)
    run = run_of(rule)
    run.advance(epochs=4)
    assert run.trace[:, 0].tolist() == [1, 2, 3, 4]
    assert run.trace[:, 1].tolist() == [5, 10, 15, 20]
    for row in run.trace:
        there = run_of(rule)
        there.advance(updates=int(row[1]))
        assert row[2] == engine_loss(replace(CASE, theta=there.theta))
        assert row[3] == engine_loss(replace(VALIDATION, theta=there.theta))


def test_without_a_validation_part_its_loss_is_no_number_and_training_goes_on():
    run = Run(CASE, Rule(batch=5), np.empty((0, len(CASE.theta))))
    assert run.advance(epochs=3) == kernels.DONE
    assert np.isnan(run.trace[:, 3]).all()
    assert np.isfinite(run.trace[:, 2]).all()


def test_a_full_trace_is_handed_back_before_anything_is_lost():
    run, straight = run_of(Rule(batch=5)), run_of(Rule(batch=5))
    assert run.advance(epochs=7, room=3) == kernels.FULL
    assert len(run.trace) == 3
    while run.advance(epochs=7, room=3) == kernels.FULL:
        pass
    straight.advance(epochs=7)
    assert bits(run) == bits(straight)


def test_the_memory_of_the_last_update_stays_behind():
    """Scratch buffers are full of NaN before every call (see `Run`); none of it may be read."""
    run = run_of(Rule("adam", HYPER["adam"], batch=5))
    run.advance(epochs=2)
    assert np.isfinite(run.theta).all()
    assert np.isfinite(run.trace).all()


# --- order ----------------------------------------------------------------------------------------------------------
def order(seed: int, stream: int, epoch: int, count: int) -> list[int]:
    found = np.full(count, -1, dtype=np.int64)
    kernels.sample_order(seed, stream, epoch, found)
    return [int(row) for row in found]


def order_by_hand(seed: int, stream: int, epoch: int, count: int) -> list[int]:
    """Fisher & Yates on SplitMix64 (Steele, Lea & Flood 2014), in Python's own integers."""
    golden, most = 0x9E3779B97F4A7C15, 2**64 - 1

    def mixed(key: int) -> int:
        key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9 & most
        key = (key ^ (key >> 27)) * 0x94D049BB133111EB & most
        return key ^ (key >> 31)

    key = 0
    for number in (seed, stream, epoch):
        key = mixed(key + number + golden & most)
    rows = list(range(count))
    for i in range(count - 1, 0, -1):
        key = key + golden & most
        j = mixed(key) % (i + 1)
        rows[i], rows[j] = rows[j], rows[i]
    return rows


@given(seed=st.integers(0, 2**53), stream=st.integers(0, 9), epoch=st.integers(0, 10**9), count=st.integers(0, 60))
def test_the_order_is_the_same_permutation_on_every_machine(seed, stream, epoch, count):
    found = order(seed, stream, epoch, count)
    assert sorted(found) == list(range(count))
    assert found == order_by_hand(seed, stream, epoch, count)


def test_every_seed_stream_and_epoch_has_an_order_of_its_own():
    keys = [(seed, stream, epoch) for seed in range(12) for stream in range(4) for epoch in range(12)]
    assert len({tuple(order(*key, 40)) for key in keys}) == len(keys)


def test_every_place_is_equally_likely():
    count, epochs = 8, 8000
    places = np.zeros((count, count))
    for epoch in range(epochs):
        places[np.arange(count), order(1, 3, epoch, count)] += 1
    chi_square = ((places - epochs / count) ** 2 / (epochs / count)).sum()
    # 49 degrees of freedom: 6 deviations above the mean
    assert chi_square < 49 + 6 * np.sqrt(2 * 49)


@pytest.mark.parametrize("reshuffle", [True, False])
def test_an_epoch_takes_every_sample_once_in_the_order_of_its_epoch(reshuffle):
    """Told apart by a network that adds up what it is given: theta after an update names the sample."""
    rows = 11
    inputs = np.zeros((rows, 1))
    targets = 2.0 ** -np.arange(rows)[:, None]
    case = Case(Architecture((1, 1), ("linear",)), np.zeros(2), inputs, targets, "mse")
    rule = Rule(hyper=(1.0,), batch=1, reshuffle=reshuffle, seed=6)
    for epoch in range(3):
        run = Run(case, rule, np.empty((0, 2)))
        run.clock[kernels.EPOCH] = epoch
        seen = []
        for update in range(1, rows + 1):
            run.advance(updates=update)
            seen.append(round(-np.log2(run.theta[1])))  # with rate 1 the bias becomes the target
        assert seen == (order(6, 3, epoch, rows) if reshuffle else list(range(rows)))


def test_another_seed_learns_in_another_order():
    first, second = run_of(Rule(batch=5, reshuffle=True, seed=1)), run_of(Rule(batch=5, reshuffle=True, seed=2))
    first.advance(updates=1)
    second.advance(updates=1)
    assert not np.array_equal(first.theta, second.theta)
    assert first.clock[kernels.UPDATE] < NO_LIMIT


# --- interruption ---------------------------------------------------------------------------------------------------
#: An update of it takes hours, and so does the loss of all samples.
WIDE = Architecture((1, 1024, 1024, 1), ("tanh", "tanh", "linear"))
HANG = 20.0


def entry(name: str, flag: np.ndarray) -> Callable[[], object]:
    """A call of the engine that lasts for hours."""
    rows = 1_000_000
    theta, sizes, codes = np.zeros(WIDE.parameters), sizes_of(WIDE), codes_of(WIDE)
    x, y = np.zeros((rows, 1)), np.zeros((rows, 1))
    if name == "mean_loss":
        return lambda: kernels.mean_loss(theta, sizes, codes, 0, x, y, flag)
    clock = np.zeros(4, dtype=np.int64)
    batch = rows if name == "one update" else 1
    return lambda: kernels.train(
        theta, np.empty((0, len(theta))), clock, sizes, codes, 0, x, y, x[:0], y[:0], 0, np.ones(1), 0, 0.0, np.inf,
        batch, True, 0, 3, clock[:0], True, NO_LIMIT, NO_LIMIT, NO_LIMIT, -1.0, np.empty((9, 4)), 0, clock[:0],
        np.empty((0, len(theta))), flag,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["one update", "many updates", "mean_loss"])
def test_another_thread_can_interrupt_the_engine_at_any_sample(name):
    flag, answers = np.zeros(1, dtype=np.int64), []
    call = entry(name, flag)
    thread = threading.Thread(target=lambda: answers.append(call()))
    thread.start()
    time.sleep(0.05)
    flag[0] = 1
    thread.join(HANG)
    assert not thread.is_alive()
    assert name == "mean_loss" or answers[0][2] == kernels.INTERRUPTED


def test_an_update_that_is_interrupted_has_not_moved_theta():
    flag = np.ones(1, dtype=np.int64)
    rule = Rule("adam", HYPER["adam"], batch=5)
    run = run_of(rule)
    theta = run.theta.copy()
    run.advance(updates=3, interrupt=flag)
    assert np.array_equal(run.theta, theta)
    assert run.clock[kernels.UPDATE] == 0


# --- losses ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("batch", [1, 5, 0])
def test_without_losses_training_goes_the_same_way(batch):
    rule = Rule("momentum", HYPER["momentum"], batch=batch, reshuffle=True)
    watched, blind = run_of(rule), run_of(rule)
    watched.advance(epochs=7)
    assert blind.advance(epochs=7, losses=False) == kernels.DONE
    assert blind.theta.tobytes() == watched.theta.tobytes()
    assert np.array_equal(blind.clock, watched.clock)
    assert len(blind.trace) == 0
