"""Where numbers leave what a number can be is found among many samples as if each were looked at."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from ann_studio.analysis.diagnosis import explosion
from ann_studio.analysis.diagnosis.explosion import Origin, first_beyond
from ann_studio.learning.phases import phases_per_sample, subject_phase
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import State, Subject
from ann_studio.learning.supervised import NEVER, Interrupted
from ann_studio.nn.architecture import views
from tests.analysis.test_diagnosis import layers, shipped
from tests.gui.views.frames import trained
from tests.learning.test_phases import moments


def one_by_one(problem: Problem, state: State, rows: list[int], back: bool) -> Origin | None:
    """The same by the phases of each sample."""
    last = problem.architecture.layers
    for row in rows:
        phase = subject_phase(problem, state, Subject("train", row), phases_per_sample(problem) - 1)
        for layer, z in enumerate(phase.pre_activations):
            if not np.isfinite(z).all():
                return Origin(layer + 1, "pre-activations", finite=False)
        if back and not math.isfinite(phase.loss):
            return Origin(last, "cost", finite=False)
        slopes = views(problem.architecture, phase.sample_gradient)
        for layer in range(last - 1, -1, -1) if back else ():
            if not all(np.isfinite(each).all() for each in (phase.deltas[layer], *slopes[layer])):
                return Origin(layer + 1, "gradient", finite=False)
    return None


@st.composite
def thrown_far(draw: st.DrawFn) -> tuple[Problem, State]:
    """A network some of whose layers have parameters of any size, and some that are no numbers."""
    problem, state = draw(moments())
    theta = state.theta.copy()
    powers = st.sampled_from([-160, -100, -50, 0, 50, 100, 150, 153, 154, 155, 200, 300, 308])
    for weights, biases in views(problem.architecture, theta):
        weights *= 10.0 ** draw(st.just(0) | powers)
        biases *= 10.0 ** draw(st.just(0) | powers)
    if draw(st.integers(0, 9)) == 0:
        theta[draw(st.integers(0, len(theta) - 1))] = draw(st.sampled_from([np.inf, -np.inf, np.nan]))
    return problem, dataclasses.replace(state, theta=theta)


@pytest.mark.filterwarnings("ignore:overflow")
@given(moment=thrown_far(), back=st.booleans(), block=st.sampled_from([1, 20, 2**18]))
@settings(max_examples=500, deadline=None)
def test_it_is_the_first_that_one_finds_who_looks_at_each(moment, back, block):
    problem, state = moment
    rows = np.arange(len(problem.train))[::-1].copy()
    expected = one_by_one(problem, state, rows.tolist(), back)
    event(str(expected and expected.what))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(explosion, "_BLOCK", block)
        assert first_beyond(problem, state, rows, NEVER, back=back) == expected


def test_a_gradient_may_be_too_large_where_all_else_is_finite():
    trainer = shipped("04-sine.json", network__hidden=layers("relu"))
    problem, theta = trainer.problem, trainer.theta.copy()
    (first, _), (second, _) = views(problem.architecture, theta)
    first *= 1e200
    second *= 1e-50
    state, rows = dataclasses.replace(trainer.state, theta=theta), np.arange(len(problem.train))
    found = first_beyond(problem, state, rows, NEVER)
    assert found == one_by_one(problem, state, rows.tolist(), True) == Origin(2, "gradient", finite=False)
    assert first_beyond(problem, state, rows, NEVER, back=False) is None


def test_samples_that_are_beyond_doubt_are_not_looked_at_one_by_one(monkeypatch):
    trainer = trained("02-circle.json", 1)
    monkeypatch.setattr(explosion, "_in_sample", None)
    rows = np.arange(len(trainer.problem.train))
    theta = trainer.theta * 1e20
    for state in (trainer.state, dataclasses.replace(trainer.state, theta=theta)):
        assert first_beyond(trainer.problem, state, rows, NEVER) is None


def test_the_search_can_be_given_up():
    trainer = trained("02-circle.json", 1)
    with pytest.raises(Interrupted):
        first_beyond(trainer.problem, trainer.state, np.arange(5), np.ones(1, dtype=np.int64))
