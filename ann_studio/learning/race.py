"""Races: which runs stand beside the main one, and what a person calls them. Pure functions of the experiment.

All runs have the same data and first weights. A run without a name of its own is called by what tells it apart from
the others: its batch, its optimiser, its learning rate or its seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from ann_studio.learning.experiment import Experiment, Landscape, Optimizer, Racer, Supervised, kind_of
from ann_studio.learning.supervised import samples_per_update
from ann_studio.nn.optimizers import OPTIMIZERS

#: Racers beside the main run, at most.
MOST_RACERS = 7
#: A family of optimisers for which the same learning rate means much the same, and their rate if there was none.
PLAIN = ("sgd", "momentum", "nesterov")
PLAIN_RATE = 0.03
#: Optimisers of `optimizers`, and factors of `rates`.
_RIVALS = ("sgd", "momentum", "rmsprop", "adam")
_FACTORS = (0.25, 0.5, 2.0, 4.0)
_SEEDS = 3
_MOST_RATE = 1000.0
#: Kind → struct, for the defaults of an optimiser.
_OPTIMIZERS: dict[str, type[Optimizer]] = {str(kind.__struct_config__.tag): kind for kind in Optimizer.__args__}
_ASPECTS = ("batch", "optimizer", "rate", "clip", "seed")
#: In what two rules can differ, and what it is called; the order of samples counts where it makes a difference.
_RULES = {
    "batch": "the batch size",
    "optimizer": "the optimiser",
    "rate": "the learning rate",
    "settings": "the optimiser's settings",
    "regularizer": "the regularisation",
    "clip": "the clipping",
    "order": "the shuffling",
    "seed": "the seed",
}


@dataclass(frozen=True)
class Entry:
    """A run of a race, the main one or another.

    Parameters
    ----------
    learning
        How it learns, without the seed.
    seed
        Of the order of its samples.
    name
        What a person named it; empty if nobody did.
    """

    learning: Supervised
    seed: int
    name: str = ""


def entries(experiment: Experiment) -> tuple[Entry, ...]:
    """All runs of a race, the main one first."""
    return (
        _entry(experiment, experiment.learning, experiment.run_name),
        *(_entry(experiment, r.learning, r.name) for r in experiment.race),
    )


def _entry(experiment: Experiment, learning: Supervised, name: str = "") -> Entry:
    return Entry(_rule(learning), experiment.seed if learning.seed is None else learning.seed, name)


def distinct(experiment: Experiment, samples: int) -> tuple[Racer, ...]:
    """The racers without those that are the same run as the main one or as one before them."""
    main, *others = (_run(entry, samples) for entry in entries(experiment))
    return tuple(
        racer
        for k, (racer, run) in enumerate(zip(experiment.race, others, strict=True))
        if run not in (main, *others[:k])
    )


def differences(first: Entry, second: Entry, samples: int) -> tuple[str, ...]:
    """In what two runs differ, in words ("the batch size"); nothing where they are the same run.

    Parameters
    ----------
    samples
        Of the training set.
    """
    (one, _), (other, _) = _run(first, samples), _run(second, samples)
    mine, its = one.optimizer, other.optimizer
    same_kind = type(mine) is type(its)
    bare = [msgspec.structs.replace(each, learning_rate=1.0) for each in (mine, its)]
    # A batch of all samples has no order.
    ordered = all(samples_per_update(each, samples) < samples for each in (one, other))
    shuffling = ordered and one.reshuffle != other.reshuffle
    found = {
        "batch": one.batch_size != other.batch_size,
        "optimizer": not same_kind,
        "rate": mine.learning_rate != its.learning_rate,
        "settings": same_kind and bare[0] != bare[1],
        "regularizer": one.regularizer != other.regularizer,
        "clip": one.clip_norm != other.clip_norm,
        "order": shuffling,
        "seed": first.seed != second.seed and (one.reshuffle or other.reshuffle) and not shuffling,
    }
    return tuple(_RULES[name] for name, differs in found.items() if differs)


def _run(entry: Entry, samples: int) -> tuple[Supervised, int]:
    """What makes a run: its rule and the seed of its order, as far as they make a difference for so many samples."""
    size = samples_per_update(entry.learning, samples)
    shuffled = size < samples and entry.learning.reshuffle
    learning = msgspec.structs.replace(entry.learning, batch_size=size, reshuffle=shuffled, seed=None)
    return learning, entry.seed if shuffled else 0


def _rule(learning: Supervised) -> Supervised:
    """How a run learns, whatever the order of its samples."""
    return msgspec.structs.replace(learning, seed=None)


# --- names ----------------------------------------------------------------------------------------------------------
def name_of(learning: Supervised, samples: int) -> str:
    """``Batch``, ``Mini-batch`` or ``Stochastic``."""
    size = samples_per_update(learning, samples)
    return "Batch" if size >= samples else "Stochastic" if size == 1 else "Mini-batch"


def titles_of(experiment: Experiment, samples: int) -> tuple[str, ...]:
    """What each run is called, the main one first; no two alike.

    A racer goes by that in which it differs from the main run, by no more of it than tells it from the others; the main
    run by that in which the first racers differ from it; copies of it are numbered.

    Parameters
    ----------
    samples
        Of the training set.
    """
    runs = entries(experiment)
    differences = [_differences(run, runs[0], samples) for run in runs]
    varied = [a for a in _ASPECTS if any(a in each for each in differences)]
    differences[0] = tuple(varied[:1]) or _ASPECTS[:1]
    words = [_aspects(run, runs, samples) for run in runs]
    spoken = [[said[a] for a in found or differences[0]] for said, found in zip(words, differences, strict=True)]
    return _numbered([run.name or " · ".join(_shortest(k, spoken)) for k, run in enumerate(runs)])


def details_of(experiment: Experiment, samples: int) -> tuple[str, ...]:
    """What can be said of each run beside its title: in what else it differs, and ``2 of 8 samples per update``."""
    runs, titles = entries(experiment), titles_of(experiment, samples)
    differences = [_differences(run, runs[0], samples) for run in runs]
    differences[0] = tuple(a for a in _ASPECTS if any(a in each for each in differences))
    found = []
    for run, title, differs in zip(runs, titles, differences, strict=True):
        aspects, size = _aspects(run, runs, samples), samples_per_update(run.learning, samples)
        said = [aspects[a] for a in differs if a != "batch" and aspects[a] not in title]
        much, tail = _amount(experiment, size, samples)
        found.append(" · ".join([*said, much]) if said else f"{much}{tail}")
    return tuple(found)


def _amount(experiment: Experiment, size: int, samples: int) -> tuple[str, str]:
    """How much goes into an update, and what may follow these words."""
    if isinstance(experiment.data, Landscape):
        if size >= samples:
            return "the exact gradient", ""
        return "1 noisy gradient" if size == 1 else f"mean of {size:,} noisy gradients", ""
    if size == 1:
        return "1 sample", " per update"
    return f"all {samples:,} samples" if size >= samples else f"{size:,} of {samples:,} samples", " per update"


def _value(run: Entry, aspect: str, samples: int) -> object:
    """What is compared: by it runs differ or do not."""
    learning = run.learning
    return {
        "batch": samples_per_update(learning, samples),
        "optimizer": kind_of(learning.optimizer),
        "rate": learning.optimizer.learning_rate,
        "clip": learning.clip_norm,
        "seed": run.seed,
    }[aspect]


def _differences(run: Entry, main: Entry, samples: int) -> tuple[str, ...]:
    return tuple(a for a in _ASPECTS if _value(run, a, samples) != _value(main, a, samples))


def _aspects(run: Entry, runs: tuple[Entry, ...], samples: int) -> dict[str, str]:
    """Each aspect of a run in words."""
    learning, batch = run.learning, name_of(run.learning, samples)
    sizes = {samples_per_update(each.learning, samples) for each in runs if name_of(each.learning, samples) == batch}
    if batch == "Mini-batch" and len(sizes) > 1:
        batch = f"Mini-batch {samples_per_update(learning, samples):,}"
    return {
        "batch": batch,
        "optimizer": OPTIMIZERS[kind_of(learning.optimizer)].title,
        "rate": f"η {learning.optimizer.learning_rate:.6g}".replace("-", "−"),
        "clip": _clipping(learning),
        "seed": f"seed {run.seed}",
    }


def _clipping(learning: Supervised) -> str:
    most = learning.clip_norm
    return "not clipped" if most is None else f"clipped to {most:.6g}".replace("-", "−")


def _shortest(k: int, spoken: list[list[str]]) -> list[str]:
    """The first words of a run, as few as none begins with that does not say the same altogether."""
    mine = spoken[k]
    lengths = range(1, len(mine) + 1)
    clear = (n for n in lengths if all(other == mine or other[:n] != mine[:n] for other in spoken))
    return mine[: next(clear, len(mine))]


def _numbered(titles: list[str]) -> tuple[str, ...]:
    """The same titles; of those that are alike the first stays as it is, and the others get a number."""
    found: list[str] = []
    for title in titles:
        name, count = title, 1
        while name in found:
            count += 1
            name = f"{title} {count}"
        found.append(name)
    return tuple(found)


# --- races ----------------------------------------------------------------------------------------------------------
def batches(experiment: Experiment, samples: int) -> tuple[Racer, ...]:
    """The kinds of batch that the main run is not, of batch, mini-batch and stochastic; else they learn as it does.

    A mini-batch has about a quarter of the samples, at least two. Kinds that do not exist for so few samples, or that
    race already, are left out.
    """
    quarter = max(2, round(samples / 4))
    sizes: list[int | str] = ["full"]
    sizes += [quarter] if quarter < samples else []
    sizes += [1] if samples > 1 else []
    kinds = [msgspec.structs.replace(experiment.learning, batch_size=size) for size in sizes]
    there = {
        name_of(run.learning, samples)
        for run in entries(experiment)
        if msgspec.structs.replace(run.learning, batch_size="full") == _rule(kinds[0])
    }
    return tuple(Racer(learning) for learning in kinds if name_of(learning, samples) not in there)


def optimizers(experiment: Experiment, samples: int, *, same_rate: bool) -> tuple[Racer, ...]:
    """A few optimisers against that of the main run.

    Parameters
    ----------
    same_rate
        With its learning rate; else with their own defaults, which the plain ones share.
    """
    mine = experiment.learning.optimizer
    racers = []
    for kind in _RIVALS:
        if kind != kind_of(mine):
            rate = mine.learning_rate if same_rate else rate_for(mine, kind)
            optimizer = _OPTIMIZERS[kind](learning_rate=rate)
            racers.append(Racer(msgspec.structs.replace(experiment.learning, optimizer=optimizer)))
    return _new(experiment, samples, racers)


def rates(experiment: Experiment, samples: int) -> tuple[Racer, ...]:
    """A quarter, a half, twice and four times the learning rate of the main run, as far as there is such a rate."""
    mine = experiment.learning.optimizer
    found = [mine.learning_rate * factor for factor in _FACTORS]
    learnings = [
        msgspec.structs.replace(experiment.learning, optimizer=msgspec.structs.replace(mine, learning_rate=rate))
        for rate in found
        if 0 < rate <= _MOST_RATE
    ]
    return _new(experiment, samples, [Racer(learning) for learning in learnings])


def seeds(experiment: Experiment) -> tuple[Racer, ...]:
    """The rule of the main run with other orders of the samples."""
    used = {run.seed for run in entries(experiment) if run.learning == _rule(experiment.learning)}
    free = [seed for seed in range(experiment.seed + 1, experiment.seed + 1 + _SEEDS + len(used)) if seed not in used]
    return tuple(Racer(msgspec.structs.replace(experiment.learning, seed=seed)) for seed in free[:_SEEDS])


def rate_for(old: Optimizer, kind: str) -> float:
    """The learning rate of an optimiser that takes the place of `old`: its default; among the plain ones it stays."""
    if kind not in PLAIN:
        return _OPTIMIZERS[kind]().learning_rate
    return old.learning_rate if kind_of(old) in PLAIN else PLAIN_RATE


def _new(experiment: Experiment, samples: int, racers: list[Racer]) -> tuple[Racer, ...]:
    """Those that do not race already."""
    there = {_run(entry, samples) for entry in entries(experiment)}
    return tuple(racer for racer in racers if _run(_entry(experiment, racer.learning), samples) not in there)
