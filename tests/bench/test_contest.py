"""Rounds are interleaved, and their figures are told as they were."""

from __future__ import annotations

import time

import pytest

from ann_studio.bench.contest import enough, interleave, ratio, spread


def test_everyone_takes_part_in_each_round_and_every_second_one_is_reversed():
    order = []

    def contestant(name):
        def take_part():
            order.append(name)
            return len(order)

        return take_part

    answers = interleave({name: contestant(name) for name in "abc"}, 3)
    assert "".join(order) == "abc" + "cba" + "abc"
    assert answers == {"a": [1, 6, 7], "b": [2, 5, 8], "c": [3, 4, 9]}


def test_a_spread_is_the_median_with_the_least_and_the_greatest():
    assert spread([5, 1, 2]) == {"median": 2, "min": 1, "max": 5}


def test_ratios_are_taken_round_by_round():
    # a machine that slows down tenfold in the second round changes no ratio
    assert ratio([6, 0.6, 6], [3, 0.3, 3]) == {"median": 2, "min": 2, "max": 2}
    with pytest.raises(ValueError, match="shorter"):
        ratio([1, 2], [1])


def test_so_often_is_enough_that_it_takes_the_time_asked_for():
    times = enough(lambda count: time.sleep(0.001 * count), 0.02)
    assert 0.001 * times <= 0.1  # on a machine that sleeps longer fewer times are enough
    assert enough(lambda count: time.sleep(0.02), 0.01) == 1
