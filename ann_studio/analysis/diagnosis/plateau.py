"""A flat cost: it hardly falls any more, though much is still to be learned."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np

from ann_studio.analysis.curvature import gradient
from ann_studio.analysis.diagnosis.baseline import constant_cost
from ann_studio.analysis.diagnosis.hints import Case, Finding, Hint, Remedy
from ann_studio.analysis.diagnosis.treatment import other_start
from ann_studio.analysis.diagnosis.words import figure, plural
from ann_studio.learning.experiment import Adam, AdamW
from ann_studio.learning.problem import Problem
from ann_studio.learning.supervised import Flag

#: Epochs over which the cost is compared.
EPOCHS = 30
#: It is flat where its best of these epochs is lower than the best before by less than this share …
FALL = 1e-3
#: … the gradient is shorter than this share of the parameters …
STEEP = 0.02
#: … and the cost is more than this share of that of a network which always answers the mean.
UNLEARNED = 0.5
#: A remedy must bring the cost below this share of the present one, else nothing is said: a run that has found the
#: best its network can do is no case for a doctor.
BETTER = 0.9
_FASTER = 10.0
#: Epochs of a trial, and the rate of Adam in it.
_TRIAL, _ADAM = 60, 0.01


def find_plateau(case: Case, interrupt: Flag) -> Finding | None:
    """The hint for a run that stands still far from its goal; to be said only if a remedy proves that it need not."""
    problem, trace = case.problem, case.trace
    now, target = case.snapshot.train_loss, problem.experiment.stop.target_loss
    if problem.architecture.layers < 2 or not math.isfinite(now):
        return None
    if not len(trace) or trace[-1, 0] - trace[0, 0] < EPOCHS:
        return None
    constant = constant_cost(problem)
    if not now > UNLEARNED * constant or (target is not None and now <= target):
        return None
    lately = bisect_right(trace[:, 0], trace[-1, 0] - EPOCHS)
    before, best = float(np.fmin.reduce(trace[:lately, 2])), float(np.fmin.reduce(trace[lately:, 2]))
    length = float(np.linalg.norm(gradient(problem, case.theta, interrupt)))
    size = float(np.linalg.norm(case.theta))
    if best < (1 - FALL) * before or not length <= STEEP * max(size, 1.0):
        return None
    fall = max(0.0, before - best)
    hint = Hint(
        "plateau",
        "The cost is flat",
        f"In the last {plural(EPOCHS, 'epoch')} the cost fell by {figure(fall)} and is still {figure(now)}, where"
        f" always the mean would cost {figure(constant)}: the gradient has a length of {figure(length)} only, against"
        f" {figure(size)} of the parameters, so each step is short.",
        (
            (f"cost at update {case.snapshot.losses_update:,}", now),
            ("cost of always the mean", constant),
            ("fall", fall),
            ("length of the gradient", length),
        ),
        None,
        (_faster(case), *_adam(case), *_tanh(problem), *other_start(problem)),
    )
    return Finding(hint, case.theta, below=BETTER * now, epochs=_TRIAL, certain=False)


def _adam(case: Case) -> list[Remedy]:
    """Adam, whose steps do not shrink with the gradient."""
    if isinstance(case.problem.experiment.learning.optimizer, Adam | AdamW):
        return []
    value = {"kind": "adam", "learning_rate": _ADAM}
    return [Remedy("Go on with Adam", (("learning.optimizer", value),), back=case.snapshot.state.update)]


def _tanh(problem: Problem) -> list[Remedy]:
    """Tanh, whose slope is up to 1, for sigmoid, through each of which the error shrinks to a quarter at most."""
    hidden = problem.experiment.network.hidden
    names = [f"network.hidden.{k}.activation" for k, layer in enumerate(hidden) if layer.activation == "sigmoid"]
    return [Remedy("Use tanh for sigmoid, start again", tuple((name, "tanh") for name in names))] if names else []


def _faster(case: Case) -> Remedy:
    rate = float(f"{min(1000.0, _FASTER * case.problem.experiment.learning.optimizer.learning_rate):.1e}")
    return Remedy(
        f"Set η to {figure(rate)}", (("learning.optimizer.learning_rate", rate),), back=case.snapshot.state.update
    )
