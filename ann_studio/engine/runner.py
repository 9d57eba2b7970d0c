"""The runner: the one thread that trains. Commands go in, the newest frame comes out."""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from typing import assert_never

import numpy as np

from ann_studio.engine.compiler import Compilation, is_compiled
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    ChangeLearning,
    Close,
    Command,
    Frame,
    Open,
    Pause,
    Redo,
    Reset,
    Run,
    Seek,
    SetParameter,
    SetSpeed,
    Speed,
    Status,
    Step,
    Undo,
    Unit,
)
from ann_studio.engine.pace import Pace
from ann_studio.learning.problem import Problem, ProblemError
from ann_studio.learning.state import Snapshot
from ann_studio.learning.supervised import start
from ann_studio.learning.trainer import Outcome, Trainer

_log = logging.getLogger(__name__)

#: Seconds that one call of the engine should take: short enough to obey at once, long enough to cost nothing.
CHUNK = 0.008
#: The speed of a new window.
FULL_SPEED = Speed(float("inf"), Unit.EPOCH)


class Runner:
    """A thread that owns the runs.

    Parameters
    ----------
    frames
        Where frames go; the newest wins.
    """

    def __init__(self, frames: Mailbox[Frame]) -> None:
        self._frames = frames
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._live, name="runner", daemon=True)
        self._closing = False
        self._status = Status.READY
        self._serial = 0
        self._message = ""
        self._error = ""
        self._trainers: tuple[Trainer, ...] = ()
        self._waiting: Problem | None = None
        self._compilation: Compilation | None = None
        self._pace = Pace(FULL_SPEED)
        self._chunk = 1000
        self._goal: tuple[Unit, int] | None = None
        self._stepping = False
        self._beyond: int | None = None
        self._meter = _Meter()

    def start(self) -> None:
        """Begin to listen; compiles the engine first if need be."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Hand over a command from any thread; it is carried out between updates."""
        self._commands.put(command)

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self.send(Close())
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- the loop ---------------------------------------------------------------------------------------------------
    def _live(self) -> None:
        try:
            if not is_compiled():
                self._compilation = Compilation()
                self._status = Status.PREPARING
                self._message = "Preparing the engine: this happens once and takes about twenty seconds"
            while not self._closing:
                self._turn()
        finally:
            if self._compilation is not None:
                self._compilation.cancel()

    def _turn(self) -> None:
        try:
            changed = self._listen()
            if self._compilation is not None:
                changed = self._check_compilation() or changed
            elif self._status is Status.TRAINING:
                changed = self._work() or changed
        except Exception:
            self._fail()
            changed = True
        if changed and not self._closing:
            self._publish()

    def _listen(self) -> bool:
        """Obey all commands that wait; with nothing to do, wait for one."""
        obeyed = False
        while not self._closing:
            try:
                patience = 0.0 if obeyed else self._patience()
                command = self._commands.get(patience != 0.0, patience)
            except queue.Empty:
                return obeyed
            _log.debug("%s", type(command).__name__)
            self._obey(command)
            obeyed = True
        return obeyed

    def _patience(self) -> float | None:
        if self._compilation is not None:
            return 0.05
        if self._status is not Status.TRAINING:
            return None
        if self._stepping or self._goal is not None or self._pace.unlimited:
            return 0.0
        return self._pace.wait()

    def _obey(self, command: Command) -> None:
        if isinstance(command, Close):
            self._closing = True
            return
        if isinstance(command, SetSpeed):
            self._pace = Pace(command.speed)
            self._goal = None if not self._stepping else self._goal
            return
        if self._compilation is not None:
            if isinstance(command, Open):
                self._waiting = command.problem
            return
        if not self._trainers:
            if isinstance(command, Open):
                self._begin(command.problem)
            return
        try:
            self._act(self._trainers[0], command)
        except (ProblemError, ValueError, LookupError) as error:
            self._message = str(error)

    def _act(self, main: Trainer, command: Command) -> None:
        self._message = ""
        match command:
            case Open(problem, reason):
                main.open(problem, reason)
                self._settle(Status.READY, reason)
            case ChangeLearning(experiment):
                main.change_learning(experiment)
                self._beyond = None
                if self._status in (Status.DIVERGED, Status.FINISHED, Status.FAILED):
                    self._settle(Status.PAUSED)
            case Run():
                self._run(main)
            case Pause():
                if self._status is Status.TRAINING:
                    self._settle(Status.PAUSED)
            case Step(unit, count):
                if self._stepping and self._goal is not None and self._goal[0] is unit:
                    count += self._goal[1]  # quick clicks add up
                self._goal, self._stepping = (unit, count), True
                self._status = Status.TRAINING
            case Reset():
                main.reset()
                self._settle(Status.READY, "Back at the first weights")
            case SetParameter(index, value):
                main.set_parameter(index, value)
                if self._status is not Status.TRAINING:
                    self._settle(Status.PAUSED)
            case Seek(update):
                self._settle(_resting(main.seek(update)))
            case Undo():
                label = main.history.undo_label
                main.undo()
                self._settle(self._rest(main), f"Undone: {label}")
            case Redo():
                label = main.history.redo_label
                main.redo()
                self._settle(self._rest(main), f"Redone: {label}")
            case SetSpeed() | Close():
                pass
            case _:
                assert_never(command)

    def _begin(self, problem: Problem) -> None:
        self._trainers = (Trainer(problem),)
        self._settle(Status.READY)

    def _run(self, main: Trainer) -> None:
        stop = main.experiment.stop
        if self._status is Status.FINISHED:
            # Play after the end goes on for as many epochs again.
            self._beyond = main.state.epoch + (stop.epochs or 500)
            self._message = f"Trains on to epoch {self._beyond:,}"
        self._goal, self._stepping = None, False
        self._status = Status.TRAINING
        self._pace.restart()

    def _settle(self, status: Status, message: str = "") -> None:
        """Stop moving."""
        self._status, self._goal, self._stepping, self._error = status, None, False, ""
        self._message = message or self._message
        self._beyond = None if status is Status.READY else self._beyond
        self._meter.reset()

    def _rest(self, main: Trainer) -> Status:
        return Status.READY if main.state.update == 0 else Status.PAUSED

    def _fail(self) -> None:
        self._error = traceback.format_exc()
        _log.error("the runner failed\n%s", self._error)
        self._status, self._goal, self._stepping = Status.FAILED, None, False

    # --- work -------------------------------------------------------------------------------------------------------
    def _check_compilation(self) -> bool:
        assert self._compilation is not None
        if self._compilation.running():
            return False
        self._compilation = None
        self._status, self._message = Status.READY, ""
        if self._waiting is not None:
            self._begin(self._waiting)
            self._waiting = None
        return True

    def _work(self) -> bool:
        """One piece of training; whether a frame should be made."""
        main = self._trainers[0]
        if self._goal is None:
            unit = self._pace.speed.unit
            if self._pace.unlimited:
                outcome = self._chunked(main, to_epoch=None, to_update=None)
                return self._conclude(main, outcome, goal_reached=False)
            count = self._pace.due()
            if not count:
                return False
            self._goal = (unit, count)
        return self._pursue(main, *self._goal)

    def _pursue(self, main: Trainer, unit: Unit, count: int) -> bool:
        """One piece on the way to a goal of `count` steps."""
        state = main.state
        if unit is Unit.PHASE or unit is Unit.SAMPLE:
            outcome = main.step_phase() if unit is Unit.PHASE else main.step_sample()
            count -= 1
        elif unit is Unit.UPDATE:
            outcome = self._chunked(main, to_epoch=None, to_update=state.update + count)
            count -= main.state.update - state.update
        else:
            outcome = self._chunked(main, to_epoch=state.epoch + count, to_update=None)
            count -= main.state.epoch - state.epoch
        self._goal = (unit, count) if count > 0 else None
        return self._conclude(main, outcome, goal_reached=count <= 0)

    def _chunked(self, main: Trainer, to_epoch: int | None, to_update: int | None) -> Outcome:
        obey = not self._stepping and self._beyond is None
        limits = {}
        if to_epoch is not None:
            limits["to_epoch"] = to_epoch
        if to_update is not None:
            limits["to_update"] = to_update
        if self._beyond is not None and not self._stepping:
            limits["to_epoch"] = min(limits.get("to_epoch", self._beyond), self._beyond)
        before = main.state.update
        began = time.perf_counter()
        outcome = main.advance(samples=self._chunk, obey=obey, **limits)
        took = time.perf_counter() - began
        self._meter.note(main.state.epoch + main.state.position / len(main.problem.train))
        if main.state.update > before:
            # The chunk follows the machine, by at most a factor of two a time.
            self._chunk = max(1, int(self._chunk * float(np.clip(CHUNK / max(took, 1e-6), 0.5, 2.0))))
        if outcome is Outcome.LIMIT and self._beyond is not None and main.state.epoch >= self._beyond:
            return Outcome.EPOCHS
        return outcome

    def _conclude(self, main: Trainer, outcome: Outcome, *, goal_reached: bool) -> bool:
        if outcome is Outcome.DIVERGED:
            self._settle(_resting(outcome), _diverged(main))
            return True
        if outcome is not Outcome.LIMIT and not (self._stepping and not goal_reached):
            self._settle(Status.FINISHED, _finished(outcome, main))
            return True
        if self._stepping and goal_reached:
            self._settle(Status.PAUSED)
            return True
        return self._frames.empty

    # --- frames -----------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        problem, snapshots, undo, redo = self._waiting, (), "", ""
        if self._trainers:
            main = self._trainers[0]
            problem, snapshots = main.problem, tuple(trainer.snapshot(exact=False) for trainer in self._trainers)
            undo, redo = main.history.undo_label, main.history.redo_label
        elif problem is not None:
            nothing = float("nan")
            snapshots = (Snapshot(start(problem), None, np.empty((0, 4)), nothing, nothing, 0),)
        self._serial += 1
        self._frames.put(
            Frame(
                serial=self._serial,
                status=self._status,
                problem=problem,
                snapshots=snapshots,
                speed=self._pace.speed,
                epoch_rate=self._meter.rate if self._status is Status.TRAINING else 0.0,
                message=self._message,
                error=self._error,
                undo=undo,
                redo=redo,
            )
        )


class _Meter:
    """Epochs a second over the last half second or so."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.rate = 0.0
        self._began: tuple[float, float] | None = None

    def note(self, epochs: float) -> None:
        now = time.perf_counter()
        if self._began is None:
            self._began = (now, epochs)
        elif now - self._began[0] > 0.5:
            self.rate = (epochs - self._began[1]) / (now - self._began[0])
            self._began = (now, epochs)


def _resting(outcome: Outcome) -> Status:
    return Status.DIVERGED if outcome is Outcome.DIVERGED else Status.PAUSED


def _finished(outcome: Outcome, main: Trainer) -> str:
    if outcome is Outcome.TARGET:
        return f"The target cost was reached at epoch {main.state.epoch:,}"
    return f"Stopped at epoch {main.state.epoch:,}, as set; Play goes on"


def _diverged(main: Trainer) -> str:
    return (
        f"Cost or weights stopped being finite after update {main.state.update:,};"
        " this is the last finite moment. Try a smaller learning rate"
    )
