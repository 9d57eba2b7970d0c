"""The doctor's round: one illness after another, the gravest first."""

from __future__ import annotations

from typing import get_args

from ann_studio.analysis.diagnosis.explosion import find_explosion
from ann_studio.analysis.diagnosis.hints import Case, Finding, Kind
from ann_studio.analysis.diagnosis.plateau import find_plateau
from ann_studio.analysis.diagnosis.units import find_dead, find_saturated, find_symmetry, layer_states
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.supervised import NEVER, Flag

#: All illnesses, the gravest first.
KINDS: tuple[Kind, ...] = get_args(Kind)


def diagnose(case: Case, without: frozenset[str] = frozenset(), interrupt: Flag = NEVER) -> Finding | None:
    """The first thing that is wrong with a run; None if nothing is, or nothing that anybody wants to hear.

    Parameters
    ----------
    without
        Kinds of hints that are not looked for.

    Raises
    ------
    Interrupted
        If the flag `interrupt` is raised meanwhile.
    """
    finding = None
    if "explosion" not in without:
        finding = find_explosion(case, interrupt)
    if finding is not None or case.diverged or isinstance(case.problem.experiment.data, Landscape):
        return finding
    if "symmetry" not in without:
        finding = find_symmetry(case, interrupt)
    if finding is None and not {"dead", "saturation"} <= without:
        states = layer_states(case.problem, case.theta, case.snapshot.state.held, interrupt)
        if "dead" not in without:
            finding = find_dead(case, states)
        if finding is None and "saturation" not in without:
            finding = find_saturated(case, states)
    if finding is None and "plateau" not in without:
        finding = find_plateau(case, interrupt)
    return finding
