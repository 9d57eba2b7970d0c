"""What is told of the cost over a plane."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from ann_studio.analysis import curvature, planes, surface
from ann_studio.analysis.planes import Extent, PlaneChoice
from ann_studio.analysis.surface import Surface
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import NEVER, Flag, batch_size
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.parameter_names import name_of

#: Parameters of a network up to which points of their space are told.
_FEW = 100


def plane_through(problem: Problem, last: int, epochs: tuple[int, int, int] | None) -> PlaneChoice:
    """The plane through where a run of `last` epochs stood after these; None: the first, the middle and the last.

    Raises
    ------
    ValueError
        If they are not three different epochs of the run.
    """
    first, second, third = epochs or (0, last // 2, last)
    if len({first, second, third}) < 3 or min(first, second, third) < 0 or max(first, second, third) > last:
        raise ValueError(f"a plane through three points needs three different epochs from 0 to {last:,}")
    updates = -(-len(problem.train) // batch_size(problem))
    return PlaneChoice("points", updates=(first * updates, second * updates, third * updates))


def survey(
    trainer: Trainer, choice: PlaneChoice, extent: Extent | None, side: int, interrupt: Flag = NEVER
) -> tuple[Surface, dict[str, Any]]:
    """The cost over a plane where a run stands, and its figures as they are written to JSON.

    Parameters
    ----------
    extent
        None: all of the run's path and some space around it.

    Raises
    ------
    ValueError
        If the run has kept too few points for three that are different.
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    problem, snapshot = trainer.problem, trainer.snapshot()
    theta, path = snapshot.state.theta, snapshot.path
    plane = planes.make(choice, problem, theta, path)
    if choice.kind == "points" and len(set(plane.choice.updates)) < 3:
        raise ValueError("of so long a run not every update is kept; choose epochs that lie farther apart")
    borders = extent or planes.extent_of(plane, problem, [path.thetas, theta[None]])
    surface.compute(problem, plane, borders, 2, interrupt)  # loads the machine code, which is not to be timed
    began = time.perf_counter()
    drawn = surface.compute(problem, plane, borders, side, interrupt)
    seconds = time.perf_counter() - began
    exact, few = planes.is_exact(problem), problem.architecture.parameters <= _FEW
    minima = curvature.minima_on(drawn, interrupt) if exact else ()
    names = [name_of(problem, position) for position in (plane.choice.first, plane.choice.second)]
    here = plane.project(theta[None])[0]
    return drawn, {
        "plane": choice.kind,
        "parameters": names if choice.kind == "parameters" else None,
        "points": list(plane.choice.updates) if choice.kind == "points" else None,
        "epochs": snapshot.state.epoch,
        "updates": snapshot.state.update,
        "train_loss": snapshot.train_loss,
        "at": here.tolist(),
        "exact": exact,
        "explained": _finite(planes.explained(plane, path)),
        "left_out": _finite(surface.left_out(problem, plane, theta[None], interrupt)[0]),
        "extent": list(drawn.extent),
        "side": side,
        "lowest": _lowest(drawn),
        "minima": [
            {
                "at": plane.project(each.theta[None])[0].tolist(),
                "loss": each.loss,
                "eigenvalues": each.eigenvalues.tolist(),
            }
            for each in minima
        ]
        if exact
        else None,
        "theta": theta.tolist() if few else None,
        "axes": {name: getattr(plane, name).tolist() for name in ("origin", "u", "v")} if few else None,
        "seconds": seconds,
        "seconds_per_point": seconds / side**2,
    }


def _lowest(drawn: Surface) -> dict[str, Any] | None:
    """The lowest point of the grid; None if no cost is finite."""
    finite = np.where(np.isfinite(drawn.values), drawn.values, math.inf)
    row, column = np.unravel_index(finite.argmin(), finite.shape)
    if not math.isfinite(finite[row, column]):
        return None
    return {"at": [float(drawn.columns[column]), float(drawn.rows[row])], "loss": float(finite[row, column])}


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
