"""How well a part of the data is predicted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes
from ann_studio.learning.problem import Problem, Samples
from ann_studio.learning.supervised import NEVER, Flag, outputs

Matrix = NDArray[np.float64]

#: Multiply-adds after which whoever waits gets a turn: a few milliseconds.
_SLICE = 4_000_000


@dataclass(frozen=True, eq=False)
class Performance:
    """How well one part of the data is predicted.

    Parameters
    ----------
    predictions
        Class indices ``(n, 1)`` or numbers in their unit ``(n, outputs)``, in the order of the part.
    accuracy
        Share of right classes, 0 to 1; NaN for numbers.
    confusion
        ``confusion[truth, prediction]`` counts; None for numbers.
    r2, rmse
        For numbers: coefficient of determination and root mean squared error in the target's unit, over all
        outputs; NaN for classes.
    """

    predictions: Matrix
    accuracy: float
    confusion: NDArray[np.int64] | None
    r2: float
    rmse: float


def performance(
    problem: Problem,
    theta: NDArray[np.float64],
    samples: Samples,
    interrupt: Flag = NEVER,
    between: Callable[[], None] = lambda: None,
) -> Performance:
    """Performance of the parameters `theta` on `samples`, which must not be empty.

    Parameters
    ----------
    between
        Called every few milliseconds; it may raise to give up.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    raw = outputs_in_slices(problem, theta, samples.inputs, interrupt, between)
    with np.errstate(over="ignore", invalid="ignore"):  # of a network that diverged
        predictions = problem.preparation.decode(raw)
    truth = problem.dataset.targets[samples.rows]
    target, nothing = problem.dataset.target, float("nan")
    if isinstance(target, Classes):
        counts = confusion(truth[:, 0], predictions[:, 0], len(target.labels))
        return Performance(predictions, float(np.trace(counts) / counts.sum()), counts, nothing, nothing)
    return Performance(predictions, nothing, None, *goodness_of_fit(truth, predictions))


def outputs_in_slices(
    problem: Problem, theta: NDArray[np.float64], inputs: Matrix, interrupt: Flag, between: Callable[[], None]
) -> Matrix:
    """Outputs ``(rows, outputs)`` of the network, some rows at a time, and `between` them whatever that does."""
    rows = max(1, _SLICE // problem.architecture.parameters)
    parts = []
    for at in range(0, len(inputs), rows):
        between()
        parts.append(outputs(problem, theta, inputs[at : at + rows], interrupt))
    return np.concatenate(parts)


def confusion(truth: NDArray[np.float64], predicted: NDArray[np.float64], classes: int) -> NDArray[np.int64]:
    """Counts ``[truth, prediction]`` of class indices."""
    cells = truth.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def goodness_of_fit(truth: Matrix, predicted: Matrix) -> tuple[float, float]:
    """R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² over all outputs, and the root mean squared error.

    R² is NaN where the truth does not vary.
    """
    # A constant column has a mean that may be one rounding beside it, so variation is looked for first.
    varies = (truth != truth[0]).any(axis=0)
    # Predictions of a network that diverged may be too large to be squared, or no numbers.
    with np.errstate(over="ignore", invalid="ignore"):
        residual = float(((truth - predicted) ** 2).sum())
        total = float(((truth - truth.mean(axis=0))[:, varies] ** 2).sum())
    return (1 - residual / total if total > 0 else float("nan")), float(np.sqrt(residual / truth.size))
