"""What a person asks of the restart lab: offered, read from what was typed, and refused in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ann_studio.gui.fields import read_number
from ann_studio.learning.problem import Problem
from ann_studio.learning.restarts import MOST_SEEDS, Settling
from ann_studio.learning.supervised import batch_size

Size = int | Literal["full"]

#: The most that can be asked for.
MOST_EPOCHS, MOST_SETTLING, MOST_RATE, MOST_SIZES = 100_000, 1_000_000, 1000.0, 6
#: Runs that are offered: as many as are worked off in a minute or so, at this many multiply-adds.
_OFFERS, _BUDGET = (1000, 300, 100, 30, 10), 1e11
_OFFERED_EPOCHS = 100
#: Training sets of at most so many samples are also offered in halves.
_FEW = 32


@dataclass(frozen=True)
class Asked:
    """What is to be done.

    Parameters
    ----------
    runs
        Seeds 0 to `runs` − 1, for each batch size.
    sizes
        Batch sizes, no two alike.
    """

    runs: int
    epochs: int
    sizes: tuple[Size, ...]
    settling: Settling


class AskError(ValueError):
    """It cannot be done; the message is one sentence, `field` the field that it is about."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def offered(problem: Problem) -> Asked:
    """What the lab begins with."""
    stop, settling = problem.experiment.stop.epochs, Settling()
    epochs = min(stop or _OFFERED_EPOCHS, _OFFERED_EPOCHS)
    work = (epochs + settling.epochs) * len(problem.train) * problem.architecture.parameters
    runs = next((offer for offer in _OFFERS if offer * work <= _BUDGET), _OFFERS[-1])
    return Asked(runs, epochs, _offered_sizes(problem), settling)


def _offered_sizes(problem: Problem) -> tuple[Size, ...]:
    """The full batch, some that are smaller, that of the experiment, and single samples."""
    samples = len(problem.train)
    sizes = {max(1, round(samples / 4)), 1, batch_size(problem)}
    sizes |= {samples // 2} if 2 <= samples <= _FEW else set()
    return ("full", *sorted((size for size in sizes if size < samples), reverse=True))


def written(sizes: tuple[Size, ...]) -> str:
    """Batch sizes as they are typed."""
    return ", ".join(str(size) for size in sizes)


def read(problem: Problem, runs: str, epochs: str, sizes: str, settle: str, rate: str) -> Asked:
    """What was typed into the five fields.

    Raises
    ------
    AskError
        If one of them cannot be.
    """
    return Asked(
        _whole("runs", "Runs", runs, 1, MOST_SEEDS),
        _whole("epochs", "Epochs", epochs, 1, MOST_EPOCHS),
        _sizes(sizes, len(problem.train)),
        Settling(_whole("settle", "Settle epochs", settle, 0, MOST_SETTLING), _rate(rate)),
    )


def _whole(field: str, name: str, text: str, least: int, most: int) -> int:
    value = read_number(text)
    if isinstance(value, int) and least <= value <= most:
        return value
    raise AskError(field, f"{name}: a whole number from {least:,} to {most:,} is needed{_instead(text)}")


def _rate(text: str) -> float:
    value = read_number(text)
    if not isinstance(value, str) and 0 < value <= MOST_RATE:
        return float(value)
    raise AskError("rate", f"Settle rate: a number above 0, up to {MOST_RATE:,.0f}, is needed{_instead(text)}")


def _sizes(text: str, samples: int) -> tuple[Size, ...]:
    found: list[Size] = []
    for word in text.replace(",", " ").replace(";", " ").split():
        value = samples if word.lower() == "full" else read_number(word)
        if not isinstance(value, int) or value < 1:
            raise AskError("sizes", f"Batch sizes: each is a whole number from 1 or the word full{_instead(word)}")
        size: Size = value if value < samples else "full"  # all there are
        if size not in found:
            found.append(size)
    if not found:
        raise AskError("sizes", "Batch sizes: at least one is needed, such as full, 4, 1")
    if len(found) > MOST_SIZES:
        raise AskError("sizes", f"Batch sizes: at most {MOST_SIZES} at a time, not {len(found)}")
    return tuple(found)


def _instead(text: str) -> str:
    """Tail of a sentence: what stands there now."""
    text = text.strip()
    return f", not {text[:20]}{'…' if len(text) > 20 else ''}" if text else ""
