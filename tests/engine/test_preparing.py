"""Before the engine is compiled: whether it is, who compiles it, and that no command of that time is lost.

That it computes the same bits where nothing was compiled is shown with the wheel, in ``tests/packaging``: there all of
it has to be compiled anyway.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from ann_studio.analysis.warmup import compile_kernels
from ann_studio.engine import compiler, runner
from ann_studio.engine.messages import ChangeLearning, Open, Run, SetSpeed, Speed, Status, Step, Unit
from ann_studio.learning.experiment import replace
from ann_studio.learning.trainer import Trainer
from tests.engine.listening import Listener
from tests.learning.problems import problem

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """Stands for the child process: at work until the test lets it end."""

    def __init__(self) -> None:
        self.ended, self.cancelled = threading.Event(), False

    def running(self) -> bool:
        return not self.ended.is_set()

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    """Nothing is compiled yet, and this is at it."""
    at_work = Child()
    monkeypatch.setattr(runner, "is_compiled", lambda: False)
    monkeypatch.setattr(runner, "Compilation", lambda: at_work)
    return at_work


def test_it_says_at_once_that_it_prepares(child, listener):
    assert listener.frame().status is Status.PREPARING


def test_a_problem_is_shown_while_the_engine_is_compiled(child, listener):
    posed = problem()
    listener.send(Open(posed, "test"))
    frame = listener.until(lambda frame: frame.problem is posed)
    assert frame.status is Status.PREPARING
    assert np.array_equal(frame.snapshots[0].state.theta, posed.first_theta)


def test_what_was_commanded_meanwhile_is_done_afterwards(child, listener):
    posed = problem(stop={"epochs": 7})
    listener.send(Open(problem(), "overtaken"))
    listener.send(Step(Unit.EPOCH))
    listener.send(Open(posed, "test"))
    listener.send(ChangeLearning(replace(posed.experiment, "learning.optimizer.learning_rate", 0.02)))
    listener.send(SetSpeed(Speed(1e6, Unit.EPOCH)))
    listener.send(Run())
    frame = listener.until(lambda frame: frame.problem is posed and frame.speed.rate == 1e6)
    assert (frame.status, frame.snapshots[0].state.update) == (Status.PREPARING, 0)
    child.ended.set()
    frame = listener.until(lambda frame: frame.status not in (Status.PREPARING, Status.TRAINING))
    straight = Trainer(posed)
    straight.change_learning(replace(posed.experiment, "learning.optimizer.learning_rate", 0.02))
    straight.run()
    assert frame.status is Status.FINISHED
    assert frame.snapshots[0].state.theta.tobytes() == straight.theta.tobytes()


def test_closing_ends_the_child(child):
    listening = Listener()
    listening.frame()
    assert listening.runner.close()
    assert child.cancelled


@pytest.mark.parametrize("cause", ["no child process", "no cache"])
def test_without_a_child_the_runner_compiles_by_itself(monkeypatch, cause):
    def cannot_start() -> None:
        raise OSError("no more processes")

    compiled = threading.Event()
    monkeypatch.setattr(runner, "is_compiled", lambda: False)
    monkeypatch.setattr(runner, "has_cache", lambda: cause != "no cache")
    monkeypatch.setattr(runner, "Compilation", cannot_start)
    monkeypatch.setattr(runner, "compile_kernels", compiled.set)
    listening = Listener()
    listening.send(Open(problem(), "test"))
    listening.until(lambda frame: frame.status is Status.READY)
    assert compiled.is_set()
    assert listening.runner.close()


def test_a_real_child_ends_and_leaves_the_engine_compiled():
    compile_kernels()
    compilation = compiler.Compilation()
    try:
        compilation._child.wait(60)
        assert not compilation.running()
        assert compiler.is_compiled()
    finally:
        compilation.cancel()


def test_a_child_can_be_ended_at_once():
    compilation = compiler.Compilation()
    compilation.cancel()
    assert not compilation.running()
    assert compilation._child.returncode is not None


def test_the_program_uses_the_one_set_of_types_that_is_compiled_ahead():
    """Another would be compiled in the runner's thread: the window would stand still for seconds."""
    compile_kernels()
    before = [len(entry.signatures) for entry in compiler.entries()]
    for learning in (
        {"kind": "supervised", "batch_size": "full", "optimizer": {"kind": "adam"}, "regularizer": {"kind": "l2"}},
        {"kind": "supervised", "batch_size": 1, "reshuffle": False},
    ):
        trainer = Trainer(problem(learning=learning, stop={"epochs": 2, "target_loss": 0}))
        trainer.step_phase()
        trainer.snapshot()
        trainer.run()
    assert [len(entry.signatures) for entry in compiler.entries()] == before


# --- the cache ------------------------------------------------------------------------------------------------------
def ask(code: str, **environment: str) -> object:
    """What a fresh process prints as JSON."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


ASK = (
    "import json; from ann_studio.engine import compiler;"
    "print(json.dumps([compiler.is_compiled(), compiler.has_cache()]))"
)


def test_an_empty_cache_is_not_taken_for_a_compiled_engine(tmp_path):
    assert ask(ASK, NUMBA_CACHE_DIR=str(tmp_path)) == [False, True]


@pytest.mark.parametrize(
    "lost",
    ["", "training.train-*.nbi", "training.activations-*.nbi", "training.mean_loss-*.nbc", "relief.fill-*.nbc"],
)
def test_a_cache_is_complete_or_does_not_count(tmp_path, lost):
    """Filled by a copy of the real one, from which one file is taken."""
    compile_kernels()
    where = (
        "import json; from ann_studio.engine.compiler import entries;"
        "print(json.dumps([entry.stats.cache_path for entry in entries()]))"
    )
    folders = ask(where, NUMBA_CACHE_DIR=str(tmp_path))
    assert isinstance(folders, list)
    for entry, folder in zip(compiler.entries(), folders, strict=True):
        shutil.copytree(entry.stats.cache_path, folder, dirs_exist_ok=True)
    for file in list(tmp_path.rglob(lost)) if lost else []:
        file.unlink()
    assert ask(ASK, NUMBA_CACHE_DIR=str(tmp_path)) == [not lost, True]


def test_without_any_folder_for_a_cache_the_engine_still_runs():
    code = (
        "import json, numpy; from ann_studio.engine import compiler; from ann_studio.nn import kernels;"
        "order = numpy.zeros(5, dtype=numpy.int64); kernels.sample_order(1, 3, 0, order);"
        "print(json.dumps([compiler.is_compiled(), compiler.has_cache(), sorted(order.tolist())]))"
    )
    # This locator serves notebooks alone; for a file it finds no folder, as all of them do on a read-only system.
    assert ask(code, NUMBA_CACHE_LOCATOR_CLASSES="IPythonCacheLocator") == [False, False, [0, 1, 2, 3, 4]]


def test_compiling_ahead_is_told_once_and_leaves_nothing_running_when_interrupted(monkeypatch):
    told, children = [], []

    class Child:
        def __init__(self):
            self.ended, self.looks = False, 0
            children.append(self)

        def running(self):
            self.looks += 1
            if len(children) == 2:
                raise KeyboardInterrupt
            return self.looks < 3

        def cancel(self):
            self.ended = True

    monkeypatch.setattr(compiler, "Compilation", Child)
    compiler.compile_ahead(told.append)
    assert (told, children) == ([], [])
    monkeypatch.setattr(compiler, "is_compiled", lambda: False)
    compiler.compile_ahead(told.append)
    assert told == [compiler.PREPARING]
    assert (children[0].looks, children[0].ended) == (3, True)
    with pytest.raises(KeyboardInterrupt):
        compiler.compile_ahead()
    assert children[1].ended
