"""The figures of a finished run, as ``ann-studio train --json`` prints them."""

from __future__ import annotations

import math
from typing import Any

from ann_studio.analysis.metrics import performance
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.supervised import evaluate
from ann_studio.learning.trainer import Trainer


def figures(trainer: Trainer, *, test: bool) -> dict[str, Any]:
    """Epochs, updates, losses, and accuracy or R² and root mean squared error, by name.

    Parameters
    ----------
    test
        Give those of the test set too; otherwise it stays closed.

    Returns
    -------
    dict
        Accuracies run from 0 to 1. ``r2`` and ``rmse``, the latter in the unit of the target, are those of the
        validation set, or of the training set where there is none; those of other sets bear its name. What is not a
        finite number is None. Of a landscape there are epochs, updates and ``train_loss`` alone.
    """
    problem, snapshot = trainer.problem, trainer.snapshot()
    found: dict[str, Any] = {
        "epochs": trainer.state.epoch,
        "updates": trainer.state.update,
        "train_loss": snapshot.train_loss,
    }
    if isinstance(problem.experiment.data, Landscape):
        return _finite(found)
    found["validation_loss"] = snapshot.validation_loss
    parts = {"train": problem.train, "validation": problem.validation}
    if test:
        parts["test"] = problem.test
        found["test_loss"] = evaluate(problem, trainer.theta, problem.test)
    plain = "validation" if len(problem.validation) else "train"
    for name, samples in parts.items():
        if not len(samples):
            continue
        measured = performance(problem, trainer.theta, samples)
        if measured.confusion is not None:
            found[f"{name}_accuracy"] = measured.accuracy
        else:
            prefix = "" if name == plain else f"{name}_"
            found |= {f"{prefix}r2": measured.r2, f"{prefix}rmse": measured.rmse}
    return _finite(found)


def _finite(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value if math.isfinite(value) else None for name, value in found.items()}
