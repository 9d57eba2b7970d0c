"""Every engine of the benchmark does the same work: from the same first weights to the same parameters."""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import sys

import numpy as np
import pytest

from ann_studio.bench import native, tasks
from ann_studio.bench.engines import Alone, AsRun, Unavailable
from ann_studio.bench.native import Native, compile_native
from ann_studio.bench.peers import ScikitLearn, Torch
from ann_studio.bench.speed import TOLERANCE, disagreements, loss_after
from ann_studio.bench.tasks import TASKS
from ann_studio.nn import backprop

#: Each task with two batch sizes, the last of which leaves a smaller batch at the end of an epoch.
CASES = [(name, batch) for name in TASKS for batch in (1, 32)]


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> ctypes.CDLL:
    try:
        return compile_native(tmp_path_factory.mktemp("native"))
    except Unavailable as reason:
        pytest.skip(str(reason))


@functools.cache
def problem(name, batch):
    task = TASKS[name]
    if task.large:  # fewer samples, so that the book has done soon
        samples = functools.partial(tasks.random, 100)
        task = dataclasses.replace(task, data=samples)
    return task.problem(batch)


@functools.cache
def book(name, batch):
    """Two epochs of plain gradient descent by the readable numpy."""
    posed = problem(name, batch)
    theta, train = posed.first_theta.copy(), posed.train
    for first in [*range(0, len(train), batch)] * 2:
        rows = slice(first, first + batch)
        theta -= TASKS[name].rate * backprop.gradient(
            posed.architecture, theta, train.inputs[rows], train.targets[rows], posed.experiment.learning.loss
        )
    return theta


def trained(course):
    """Where two epochs lead from the first weights, also when it has trained before."""
    course.train(1)
    course.reset()
    course.train(2)
    return course.theta()


@pytest.mark.parametrize(("name", "batch"), CASES)
def test_the_engine_and_native_c_train_as_the_book(name, batch, library):
    posed = problem(name, batch)
    alone, as_run = trained(Alone(posed)), trained(AsRun(posed))
    np.testing.assert_allclose(alone, book(name, batch), rtol=0, atol=TOLERANCE)
    np.testing.assert_array_equal(as_run, alone)
    np.testing.assert_allclose(trained(Native(posed, library)), book(name, batch), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(("name", "batch"), CASES)
@pytest.mark.parametrize("peer", [Torch, ScikitLearn])
def test_a_peer_trains_as_the_book_where_it_is_installed(peer, name, batch):
    try:
        course = peer(problem(name, batch))
    except Unavailable as reason:
        pytest.skip(str(reason))
    if getattr(course, "same_loss", True):
        np.testing.assert_allclose(trained(course), book(name, batch), rtol=0, atol=TOLERANCE)
    else:
        assert np.abs(trained(course) - problem(name, batch).first_theta).max() > 1e-3


def test_as_run_keeps_a_trace_of_both_losses_and_alone_only_its_state(library):
    course = AsRun(problem("2-4-2-1", 32))
    course.train(3)
    assert course.race.main.moment.trace[:, 0].tolist() == [0, 1, 2, 3]
    assert np.isfinite(course.race.main.moment.trace).all()


@pytest.mark.parametrize("name", TASKS)
def test_the_sets_are_shared_out_as_in_the_experiments_that_come_with_the_program(name):
    posed = problem(name, 32)
    assert len(posed.train) == (100 if TASKS[name].large else len(TASKS[name].data()[0]) // 2)
    share = 1.0 if name.startswith("2-") else 3 / 7
    assert len(posed.validation) == round(share * len(posed.train))
    assert posed.architecture.sizes == tuple(map(int, name.split("-")))
    assert not posed.experiment.learning.reshuffle


def test_digits_are_of_nought_to_one_and_circles_of_plus_and_minus_one():
    train = problem("64-32-10", 32).train
    assert (train.inputs.min(), train.inputs.max()) == (0, 1)
    assert set(problem("2-4-2-1", 32).train.targets.ravel()) == {-1, 1}


@pytest.mark.parametrize("size", [10, 32, 100])
def test_circles_of_any_size_have_both_classes(size):
    inputs, labels = tasks.circle(size)
    assert len(inputs) == len(labels) == 2 * size
    assert set(labels[:size]) == {0, 1}


# --- what is not there, and what does not agree -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("peer", "module", "sentence"),
    [
        (Torch, "torch", "PyTorch is not installed: pip install torch"),
        (ScikitLearn, "sklearn.neural_network", "scikit-learn is not installed: pip install scikit-learn"),
    ],
)
def test_a_missing_peer_is_named_with_the_line_that_installs_it(peer, module, sentence, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(Unavailable, match=f"^{sentence}$"):
        peer(problem("2-4-2-1", 32))


def test_a_missing_compiler_is_named_with_a_remedy(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"no C compiler \(cc, gcc, clang\) was found: \w+"):
        compile_native(tmp_path)


def test_a_compiler_that_fails_is_told_with_its_first_complaint(tmp_path, library):
    source = tmp_path / "broken.c"
    source.write_text("int broken(", "utf-8")
    with pytest.raises(Unavailable, match=r"^Native C: \w+ failed: .*broken\.c"):
        compile_native(tmp_path, source)


def test_an_engine_that_ends_elsewhere_is_a_disagreement():
    posed = problem("2-4-2-1", 32)

    class Wrong(Alone):
        def theta(self):
            return super().theta() * (1 + 1e-6)

    losses = {"alone": loss_after(posed, Alone(posed)), "wrong": loss_after(posed, Wrong(posed)), "other": None}
    (sentence,) = disagreements(losses)
    assert sentence.startswith("wrong is at loss ")
    assert disagreements({"alone": 0.5, "diverged": float("nan")})
    assert not disagreements({"alone": 0.5, "near": 0.5 + 1e-10})


def test_the_source_of_the_c_reference_stands_beside_its_adapter():
    assert native.SOURCE.read_text("utf-8").startswith("/* Plain mini-batch gradient descent")
