"""Races are built from the main run, fit in eight runs, and no two runs are called alike."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.learning.experiment import (
    L2,
    Adam,
    Experiment,
    Landscape,
    Momentum,
    Racer,
    RMSprop,
    Sgd,
    Supervised,
    from_plain,
    to_plain,
)
from ann_studio.learning.race import (
    MOST_RACERS,
    Entry,
    batches,
    details_of,
    differences,
    distinct,
    entries,
    name_of,
    optimizers,
    rate_for,
    rates,
    seeds,
    titles_of,
)
from ann_studio.storage.datasets import load_dataset


def experiment(*racers, **learning) -> Experiment:
    learning = Supervised(**({"optimizer": Sgd(learning_rate=0.5), "batch_size": "full"} | learning))
    tree = {
        "format": "ann-studio experiment", "version": 1, "seed": 5,
        "data": {"kind": "generated", "name": "trap"}, "network": {"hidden": []},
    }  # fmt: skip
    return msgspec.structs.replace(from_plain(tree), learning=learning, race=tuple(racers))


def raced(asked, *racers):
    """The same with further racers, checked as a file is."""
    return from_plain(to_plain(msgspec.structs.replace(asked, race=(*asked.race, *racers))))


@pytest.mark.parametrize(
    ("size", "samples", "name"),
    [
        ("full", 8, "Batch"), (8, 8, "Batch"), (20, 8, "Batch"), (2, 8, "Mini-batch"), (7, 8, "Mini-batch"),
        (1, 8, "Stochastic"), ("full", 1, "Batch"), (1, 1, "Batch"),
    ],
)  # fmt: skip
def test_the_kind_of_batch_goes_by_its_share_of_the_samples(size, samples, name):
    assert name_of(Supervised(batch_size=size), samples) == name


@pytest.mark.parametrize("size", ["full", 2, 1])
def test_batch_against_mini_batch_against_stochastic_keeps_the_rule_of_the_main_run(size):
    main = experiment(batch_size=size)
    added = batches(main, 8)
    together = raced(main, *added)
    assert sorted(titles_of(together, 8)) == ["Batch", "Mini-batch", "Stochastic"]
    assert together.learning == main.learning
    for racer in added:
        assert msgspec.structs.replace(racer.learning, batch_size=size) == main.learning
    assert batches(together, 8) == ()


@given(st.integers(1, 300))
def test_a_mini_batch_is_a_quarter_of_the_samples_and_lies_between_the_other_two(samples):
    sizes = [racer.learning.batch_size for racer in batches(experiment(), samples)]
    assert sizes == {1: [], 2: [1]}.get(samples, [max(2, round(samples / 4)), 1])
    assert all(size < samples for size in sizes)


def test_another_optimiser_with_the_same_batch_is_no_such_kind():
    other = Racer(Supervised(batch_size=1, optimizer=Adam()))
    assert [racer.learning.batch_size for racer in batches(experiment(other), 8)] == [2, 1]


def test_optimisers_race_at_the_same_rate_or_at_their_own():
    main = experiment()
    same = optimizers(main, 8, same_rate=True)
    assert titles_of(raced(main, *same), 8) == ("Gradient descent", "Momentum", "RMSprop", "Adam")
    assert {racer.learning.optimizer.learning_rate for racer in same} == {0.5}
    usual = optimizers(main, 8, same_rate=False)
    assert [racer.learning.optimizer.learning_rate for racer in usual] == [0.5, 0.01, 0.001]
    beside_adam = optimizers(experiment(optimizer=Adam()), 8, same_rate=False)
    assert [racer.learning.optimizer.learning_rate for racer in beside_adam] == [0.03, 0.03, 0.01]
    assert optimizers(raced(main, *same), 8, same_rate=True) == ()


def test_a_plain_rate_stays_among_the_plain_ones():
    assert rate_for(Momentum(learning_rate=0.7), "nesterov") == 0.7
    assert rate_for(Momentum(learning_rate=0.7), "adam") == Adam().learning_rate


def test_learning_rates_are_those_around_that_of_the_main_run_as_far_as_there_are_such():
    added = rates(experiment(), 8)
    assert [racer.learning.optimizer.learning_rate for racer in added] == [0.125, 0.25, 1.0, 2.0]
    assert titles_of(raced(experiment(), *added), 8) == ("η 0.5", "η 0.125", "η 0.25", "η 1", "η 2")
    large = rates(experiment(optimizer=Sgd(learning_rate=400.0)), 8)
    assert [racer.learning.optimizer.learning_rate for racer in large] == [100.0, 200.0, 800.0]


def test_seeds_are_new_ones():
    main = experiment(batch_size=1)
    once = raced(main, *seeds(main))
    assert titles_of(once, 8) == ("seed 5", "seed 6", "seed 7", "seed 8")
    twice = raced(once, *seeds(once))
    assert [racer.learning.seed for racer in twice.race] == [6, 7, 8, 9, 10, 11]
    assert len(entries(twice)) == MOST_RACERS


def test_names_say_no_more_than_tells_runs_apart():
    main = experiment()
    mixed = raced(main, *batches(main, 8), *optimizers(main, 8, same_rate=False), *rates(main, 8)[:2])
    assert titles_of(mixed, 8) == (
        "Batch", "Mini-batch", "Stochastic", "Momentum", "RMSprop", "Adam", "η 0.125", "η 0.25"
    )  # fmt: skip
    details = details_of(mixed, 8)
    assert details[1:4] == ("2 of 8 samples per update", "1 sample per update", "all 8 samples per update")
    assert details[5] == "η 0.001 · all 8 samples"
    twins = (Racer(Supervised(batch_size="full", optimizer=Adam(learning_rate=rate))) for rate in (0.1, 0.2))
    assert titles_of(raced(main, *twins), 8)[1:] == ("Adam · η 0.1", "Adam · η 0.2")
    minis = (msgspec.structs.replace(main.learning, batch_size=size) for size in (2, 4))
    assert titles_of(raced(main, *map(Racer, minis)), 8) == ("Batch", "Mini-batch 2", "Mini-batch 4")


def test_copies_are_numbered_and_given_names_stay():
    main = experiment(batch_size=1)
    copy = Racer(main.learning)
    assert titles_of(raced(main, copy, copy), 8) == ("Stochastic", "Stochastic 2", "Stochastic 3")
    assert titles_of(raced(main, Racer(main.learning, name="mine"), Racer(main.learning, name="mine")), 8) == (
        "Stochastic", "mine", "mine 2",
    )  # fmt: skip
    assert titles_of(experiment(), 8) == ("Batch",)
    assert details_of(experiment(), 8) == ("all 8 samples per update",)


def test_the_name_of_the_main_run_is_its_own():
    main = experiment(Racer(Supervised(batch_size=1)), batch_size="full")
    assert titles_of(msgspec.structs.replace(main, run_name="Mine"), 8) == ("Mine", "Stochastic")


@pytest.mark.parametrize(
    ("noise", "size", "said"),
    [(0.0, 1, "the exact gradient"), (1.0, "full", "the exact gradient"), (1.0, 10, "the exact gradient"),
     (1.0, 2, "mean of 2 noisy gradients"), (1.0, 1, "1 noisy gradient")],
)  # fmt: skip
def test_on_a_landscape_a_run_follows_noisy_gradients_or_the_exact_one(noise, size, said):
    data = Landscape("bowl", noise=noise)
    hills = msgspec.structs.replace(experiment(batch_size=size), data=data)
    samples = load_dataset(hills).rows
    assert samples == (8 if noise else 1)
    assert details_of(hills, samples) == (said,)
    assert name_of(hills.learning, samples) == (
        "Batch" if "exact" in said else "Stochastic" if size == 1 else "Mini-batch"
    )


def test_of_one_sample_no_kinds_of_batch_race_and_rules_that_differ_in_it_are_one_run():
    main = experiment(batch_size=1)
    assert batches(main, 1) == ()
    copies = raced(main, *batches(main, 8), *seeds(main), *rates(main, 8)[:2])
    kept = distinct(copies, 1)
    assert {racer.learning.optimizer.learning_rate for racer in kept} == {0.125, 0.25}
    assert distinct(main, 8) == ()
    assert distinct(copies, 8) == copies.race
    adam = Racer(Supervised(batch_size=9, optimizer=Adam(learning_rate=0.5)))
    rivals = optimizers(raced(experiment(), adam), 8, same_rate=True)
    assert [type(racer.learning.optimizer) for racer in rivals] == [Momentum, RMSprop]  # 9 of 8 are all of them


RULE = Entry(Supervised(batch_size=2, optimizer=Momentum(learning_rate=0.1)), 5)


@pytest.mark.parametrize(
    ("change", "seed", "words"),
    [
        ({}, 5, ()),
        ({}, 6, ("the seed",)),
        ({"batch_size": 1}, 5, ("the batch size",)),
        ({"batch_size": "full"}, 5, ("the batch size",)),
        ({"batch_size": "full"}, 6, ("the batch size", "the seed")),  # that of the other's order
        ({"batch_size": "full", "reshuffle": False}, 5, ("the batch size",)),  # it has no order
        ({"batch_size": 1, "reshuffle": False}, 5, ("the batch size", "the shuffling")),
        ({"optimizer": Momentum(learning_rate=0.2)}, 5, ("the learning rate",)),
        ({"optimizer": Momentum(learning_rate=0.1, momentum=0.5)}, 5, ("the optimiser's settings",)),
        ({"optimizer": Adam(learning_rate=0.1)}, 5, ("the optimiser",)),
        ({"optimizer": Adam()}, 5, ("the optimiser", "the learning rate")),
        ({"reshuffle": False}, 6, ("the shuffling",)),
        ({"regularizer": L2()}, 5, ("the regularisation",)),
        ({"clip_norm": 1.0}, 5, ("the clipping",)),
        (
            {"batch_size": 1, "optimizer": Adam()},
            6,
            ("the batch size", "the optimiser", "the learning rate", "the seed"),
        ),
    ],
)
def test_in_what_runs_differ(change, seed, words):
    other = Entry(msgspec.structs.replace(RULE.learning, **change), seed)
    assert differences(RULE, other, 8) == differences(other, RULE, 8) == words


def test_runs_that_differ_in_clipping_alone_are_called_by_it():
    main = experiment()
    cut = Racer(msgspec.structs.replace(main.learning, clip_norm=0.25))
    assert titles_of(raced(main, cut), 8) == ("not clipped", "clipped to 0.25")
    assert (
        "clipped to 0.25" in details_of(raced(main, Racer(msgspec.structs.replace(cut.learning, batch_size=1))), 8)[1]
    )


def test_what_makes_no_difference_is_none():
    whole = msgspec.structs.replace(RULE.learning, batch_size=8)
    assert (
        differences(Entry(whole, 5), Entry(msgspec.structs.replace(whole, batch_size="full", reshuffle=False), 6), 8)
        == ()
    )


LEARNINGS = st.builds(
    Supervised,
    batch_size=st.sampled_from(["full", 1, 2, 4, 8]),
    seed=st.sampled_from([None, 5, 6]),
    optimizer=st.sampled_from([Sgd(learning_rate=0.5), Sgd(learning_rate=1.0), Adam(), Momentum(learning_rate=0.5)]),
    clip_norm=st.sampled_from([None, 0.1, 1.0]),
)


@given(
    LEARNINGS,
    st.lists(st.builds(Racer, LEARNINGS, name=st.sampled_from(["", "a"])), max_size=7),
)
def test_no_two_runs_are_called_alike_and_each_has_a_name(main, racers):
    race = msgspec.structs.replace(experiment(*racers), learning=main)
    titles = titles_of(race, 8)
    assert len(set(titles)) == len(titles) == len(details_of(race, 8)) == len(racers) + 1
    assert all(titles)


@given(LEARNINGS, LEARNINGS, st.integers(1, 9))
def test_runs_differ_in_something_unless_they_are_the_same_run(one, other, samples):
    race = msgspec.structs.replace(experiment(Racer(other)), learning=one)
    first, second = entries(race)
    found = differences(first, second, samples)
    assert bool(found) == bool(distinct(race, samples))
    assert len(set(found)) == len(found)
