"""The runner: the one thread that trains. Commands go in, the newest frame comes out."""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections import deque
from dataclasses import replace
from typing import assert_never

import numpy as np

from ann_studio.analysis.warmup import compile_kernels
from ann_studio.engine.compiler import PREPARING, Compilation, has_cache, is_compiled
from ann_studio.engine.drive import Drive
from ann_studio.engine.effects import Effects
from ann_studio.engine.mailbox import Mailbox
from ann_studio.engine.messages import (
    ADVICE,
    ChangeLearning,
    Close,
    Command,
    Examine,
    Frame,
    Freeze,
    MakeMain,
    Open,
    Pause,
    Prune,
    RaceBranch,
    Redo,
    Reset,
    Reshape,
    Restore,
    Run,
    Seek,
    SetClock,
    SetParameters,
    SetSpeed,
    Standing,
    Status,
    Step,
    StepBack,
    ToggleBookmark,
    Undo,
    Visit,
)
from ann_studio.engine.race import Race
from ann_studio.learning.history import NothingThere
from ann_studio.learning.path import first_point
from ann_studio.learning.phases import SubjectError
from ann_studio.learning.problem import Problem, ProblemError
from ann_studio.learning.race import titles_of
from ann_studio.learning.state import Snapshot
from ann_studio.learning.supervised import Flag, Interrupted, start
from ann_studio.learning.trainer import Outcome, ParameterError, Trainer

_log = logging.getLogger(__name__)

#: Commands that do not wait for a long call of the engine to return: it is interrupted, and what it had begun is
#: dropped. (A call is long where one update, or the cost of the whole set at an epoch's end, is.)
_URGENT = (
    Pause, Open, Reset, Seek, StepBack, Examine, ChangeLearning, SetParameters, SetClock, MakeMain, Prune, Restore,
    Freeze, Reshape, Undo, Redo, Visit, RaceBranch, ToggleBookmark, Close,
)  # fmt: skip
#: Commands that are of the moment that is shown: one that is being sought is come to first.
_OF_A_MOMENT = (
    ChangeLearning, SetParameters, Prune, Restore, Freeze, Reshape, ToggleBookmark, StepBack, Step, MakeMain,
)  # fmt: skip
#: Seconds for which such a command waits at least, where one that gives the moment up is already on its way.
_LONG = 1.0
#: Commands that leave a line of the history where they are obeyed in its past.
_EDITS = (ChangeLearning, SetParameters, Prune, Restore, Freeze, Reshape)
#: Seconds for which a frame waits for runs that are on their way to the main one.
_GATHERING = 0.1


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
        self._interrupt: Flag = np.zeros(1, dtype=np.int64)
        self._closing = False
        self._give_ups = self._give_ups_heard = 0  #: commands that give up what is being sought: sent, and taken
        self._race: Race | None = None
        self._news_since = 0.0
        self._drive = Drive()
        self._effects = Effects()
        # While the engine is being compiled: the child at it, the problem to be shown, and what was commanded.
        self._compilation: Compilation | None = None
        self._waiting: Problem | None = None
        self._held: deque[Command] = deque()
        # What the next frame will say, and whether it is due.
        self._status, self._message, self._error = Status.READY, "", ""
        self._obeyed = 0
        self._news = False
        self._last = Frame(0, Status.READY, None, (), self._drive.speed, 0.0)

    def start(self) -> None:
        """Begin to listen; compiles the engine first if need be."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Hand over a command from any thread; it is carried out between updates."""
        if isinstance(command, Close):
            self._closing = True
        self._give_ups += _gives_up(command)
        self._commands.put(command)
        if isinstance(command, _URGENT):
            self._interrupt[0] = 1  # after the command is there, see `_listen`

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread; whether it ended in time."""
        self.send(Close())
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # --- the loop ---------------------------------------------------------------------------------------------------
    def _live(self) -> None:
        try:
            self._prepare()
            while not self._closing:
                self._turn()
        finally:
            if self._compilation is not None:
                self._compilation.cancel()

    def _turn(self) -> None:
        try:
            self._listen()
            if self._closing:
                return
            if self._compilation is not None:
                self._check_compilation()
            elif self._race is not None and self._is_apart(self._race):
                self._gather(self._race)
            elif self._race is not None and self._status is Status.TRAINING:
                self._work(self._race)
            if self._news and self._may_publish():
                self._publish()
        except Interrupted:
            pass  # by a command, which is heard in the next turn
        except Exception:
            self._fail()

    def _listen(self) -> None:
        """Obey all commands that wait; with nothing to do, wait for one."""
        # Lowered before the commands are taken: whatever raises it from now on is heard in the next turn.
        self._interrupt[0] = 0
        patience = self._patience()
        while not self._closing:
            if self._held and self._compilation is None:
                command = self._held.popleft()
            else:
                try:
                    command = self._commands.get(patience != 0.0, patience)
                except queue.Empty:
                    return
            _log.debug("%s", type(command).__name__)
            self._obey(command)
            self._tell()
            patience = 0.0

    def _patience(self) -> float | None:
        if self._news or (self._race is not None and self._is_apart(self._race)):
            return 0.0
        if self._compilation is not None:
            return 0.05
        return self._drive.wait() if self._status is Status.TRAINING else None

    # --- commands ---------------------------------------------------------------------------------------------------
    def _obey(self, command: Command) -> None:
        if self._compilation is not None and not isinstance(command, SetSpeed):
            self._hold(command)
            return
        self._give_ups_heard += _gives_up(command)
        self._obeyed += 1
        if isinstance(command, SetSpeed):
            self._drive.change_speed(command.speed)
            return
        while not self._closing:
            try:
                self._act(command)
                return
            except (ProblemError, ParameterError, SubjectError, NothingThere) as error:
                self._message = str(error)
                return
            except Interrupted:
                # By a later command: this one was there first, and nothing of it has happened yet.
                self._interrupt[0] = 0

    def _act(self, command: Command) -> None:
        self._message = ""
        race = self._race
        if race is None:
            if isinstance(command, Open):
                self._begin(command.problem)
            return
        main = race.main
        if isinstance(command, _OF_A_MOMENT) and self._drive.is_seeking:
            self._come_first(race)
        before = main.history
        match command:
            case Open(problem, reason, label):
                main.open(problem, label or reason)
                self._settle(Status.READY, reason)
            case ChangeLearning(experiment):
                main.change_learning(experiment)
                self._drive.beyond = None
                if self._status in (Status.DIVERGED, Status.FINISHED, Status.FAILED):
                    self._settle(_rest(main))
            case Run():
                self._run(race)
            case Pause(seeks):
                if self._status is Status.TRAINING and (seeks or not self._drive.is_seeking):
                    diverged = main.check() is Outcome.DIVERGED
                    self._settle(*((Status.DIVERGED, _diverged(main)) if diverged else (Status.PAUSED, "")))
            case Step(unit, count):
                self._drive.step(unit, count)
                self._status = Status.TRAINING
            case StepBack(unit, count):
                self._arrive(main, "")
                self._drive.step_back(race, unit, count)
                self._status = Status.TRAINING
            case Examine(subject):
                main.examine(subject)
                if self._status in (Status.READY, Status.PAUSED):
                    self._settle(_rest(main))
            case Reset():
                race.reset()
                self._settle(Status.READY, "Back at the first weights")
            case SetParameters(indices, values, gesture):
                main.set_parameters(indices, values, gesture)
                self._pause_if_still()
            case Prune(indices):
                main.prune(indices)
                self._pause_if_still()
            case Restore(indices):
                main.restore(indices)
                self._pause_if_still()
            case Freeze(indices, on):
                main.freeze(indices, on=on)
                self._pause_if_still()
            case Reshape(change):
                main.reshape(change)
                self._settle(_rest(main), main.history.undo_label)
            case SetClock(clock):
                race.clock = clock
            case MakeMain(run):
                lost = "; the run before goes on by its settings, without what a hand did to it" if main.edited else ""
                race.exchange(run)
                self._arrive(main, f"{main.history.undo_label}{lost}; Undo leads back")
            case Seek(update):
                self._seek(race, update)
            case Undo():
                label = main.history.undo_label
                main.undo()
                self._arrive(main, f"Undone: {label}")
            case Redo():
                label = main.history.redo_label
                main.redo()
                # It leads to where that branch was left, which may be long after the edit.
                on = main.state.update > main.history.start.state.update
                self._arrive(main, f"Redone: {label}" + (f", and on to update {main.state.update:,}" if on else ""))
            case Visit(node):
                race.leave(node)
                main.visit(node)
                self._arrive(
                    main, f"Back on the branch with: {main.history.undo_label}" if main.history.undo_label else ""
                )
            case RaceBranch(node, racing):
                (race.join if racing else race.leave)(node)
            case ToggleBookmark():
                there = main.toggle_bookmark()
                self._message = f"Update {main.state.update:,} is {'' if there else 'no longer '}bookmarked"
            case SetSpeed() | Close():
                pass
            case _:
                assert_never(command)
        race.tidy()
        if isinstance(command, _EDITS):
            self._message = race.welcome(before) or self._message

    def _come_first(self, race: Race) -> None:
        """Go on to the moment that is being sought, unless that takes long and a command that gives it up waits."""
        began = time.monotonic()
        while self._drive.is_seeking and not self._closing:
            try:
                if self._drive.work(race) is not None:
                    break
            except Interrupted:
                self._interrupt[0] = 0
            if self._give_ups != self._give_ups_heard and time.monotonic() - began > _LONG:
                break
        self._settle(_rest(race.main))

    def _begin(self, problem: Problem) -> None:
        self._race = Race(problem, self._interrupt)
        self._waiting = None
        self._settle(Status.READY)

    def _pause_if_still(self) -> None:
        """What was done by hand ends a rest at the start or at the end."""
        if self._status is not Status.TRAINING:
            self._settle(Status.PAUSED)

    def _run(self, race: Race) -> None:
        self._drive.run(race, again=self._status is Status.FINISHED)
        if self._drive.beyond is not None:
            self._message = f"Trains on to epoch {self._drive.beyond:,}"
        self._status = Status.TRAINING

    def _seek(self, race: Race, update: int) -> None:
        self._arrive(race.main, "")
        self._drive.seek(race, update)
        self._status = Status.TRAINING

    def _settle(self, status: Status, message: str = "") -> None:
        """Stop moving."""
        self._status, self._message = status, message or self._message
        self._drive.halt()
        if status is Status.READY:
            self._drive.beyond = None

    def _arrive(self, main: Trainer, message: str) -> None:
        """Stop moving at another moment of the history, where the stop rules hold again."""
        self._settle(_rest(main), message)
        self._drive.beyond = None

    def _fail(self) -> None:
        """Report the exception that is being handled."""
        self._error = traceback.format_exc()
        _log.error("the runner failed\n%s", self._error)
        self._settle(Status.FAILED)
        self._news = True
        try:
            self._publish()
        except Interrupted:
            pass  # the news is still to be told
        except Exception:
            # The present state cannot be shown; what was shown last can.
            self._put(replace(self._last, status=Status.FAILED, error=self._error, epoch_rate=0.0))

    # --- the engine -------------------------------------------------------------------------------------------------
    def _prepare(self) -> None:
        """See to it that the engine is compiled, in a child process if that helps."""
        if is_compiled():
            return
        self._status, self._news = Status.PREPARING, True
        self._message = PREPARING
        if has_cache():
            try:
                self._compilation = Compilation()
                return
            except OSError:
                _log.warning("no child process can be started to compile the engine", exc_info=True)
        self._publish()
        try:
            compile_kernels()
        except Exception:
            # It will be tried again when a problem is opened, and that failure is shown.
            _log.warning("the engine could not be compiled", exc_info=True)
        self._status, self._message, self._news = Status.READY, "", True

    def _hold(self, command: Command) -> None:
        """Keep a command until the engine is there."""
        if isinstance(command, Open):
            self._obeyed += len(self._held)  # the new problem makes them void
            self._give_ups_heard += sum(map(_gives_up, self._held))
            self._held.clear()
            self._waiting = command.problem
        self._held.append(command)

    def _check_compilation(self) -> None:
        assert self._compilation is not None
        if not self._compilation.running():
            self._compilation = None
            self._status, self._message, self._news = Status.READY, "", not self._held

    def _is_apart(self, race: Race) -> bool:
        """Whether there are runs to be brought to the main one; a failure ends that until the next command."""
        return self._status is not Status.FAILED and not race.is_together

    def _gather(self, race: Race) -> None:
        """Bring runs that have joined, or that the main one has left, to where it is."""
        race.gather()
        if race.is_together:
            self._tell()

    def _work(self, race: Race) -> None:
        """One piece of training."""
        main = race.main
        state, phase = main.state, main.phase_index
        outcome = self._drive.work(race)
        if outcome is None:
            moved = main.state is not state or main.phase_index != phase
            if moved and self._frames.empty:
                self._tell()
            return
        match outcome:
            case Outcome.LIMIT:
                self._settle(_rest(main))
            case Outcome.DIVERGED:
                self._settle(Status.DIVERGED, _diverged(main))
            case Outcome.EPOCHS | Outcome.TARGET:
                self._settle(Status.FINISHED, _finished(outcome, main))
            case _:
                assert_never(outcome)
        self._tell()

    # --- frames -----------------------------------------------------------------------------------------------------
    def _tell(self) -> None:
        """Something has changed: a frame is due."""
        if not self._news:
            self._news, self._news_since = True, time.monotonic()

    def _may_publish(self) -> bool:
        """Whether all runs stand at the same place, or have been waited for long enough."""
        return self._race is None or self._race.is_together or time.monotonic() - self._news_since > _GATHERING

    def _publish(self) -> None:
        problem, undo, redo = self._waiting, "", ""
        course, effect = None, None
        snapshots: tuple[Snapshot, ...] = ()
        standings: tuple[Standing, ...] = ()
        race = self._race
        if race is not None:
            history = race.main.history
            problem, undo, redo = race.main.problem, history.undo_label, history.redo_label
            snapshots, standings = race.snapshots()
            course, effect = race.main.course, self._effects.of(race.main, self._interrupt)
        elif problem is not None:
            nothing = float("nan")
            state = start(problem)
            path = first_point(0, state.theta)
            snapshots = (Snapshot(state, None, np.empty((0, 4)), nothing, nothing, 0, path),)
            standings = (Standing(titles_of(problem.experiment, len(problem.train))[0], problem, 0.0),)
        frame = Frame(
            serial=0,
            status=self._status,
            problem=problem,
            snapshots=snapshots,
            speed=self._drive.speed,
            epoch_rate=self._drive.epoch_rate if self._status is Status.TRAINING else 0.0,
            message=self._message,
            error=self._error if self._status is Status.FAILED else "",
            undo=undo,
            redo=redo,
            standings=standings,
            clock=self._last.clock if race is None else race.clock,
            reached=0.0 if race is None else race.reached,
            course=course,
            effect=effect,
        )
        self._put(frame)

    def _put(self, frame: Frame) -> None:
        self._last = replace(frame, serial=self._last.serial + 1, obeyed=self._obeyed)
        self._news = False
        self._frames.put(self._last)


def _gives_up(command: Command) -> bool:
    """Whether a moment that is being sought is not wanted any more."""
    return isinstance(command, Seek | Open | Reset | Undo | Redo | Visit | Run) or command == Pause()


def _rest(main: Trainer) -> Status:
    """What a run that does not move is."""
    untouched = main.state.update == 0 and (main.phase_index is None or main.subject is not None)
    return Status.READY if untouched else Status.PAUSED


def _finished(outcome: Outcome, main: Trainer) -> str:
    if outcome is Outcome.TARGET:
        return f"The target cost was reached at epoch {main.state.epoch:,}"
    as_set = ", as set" if main.state.epoch == main.experiment.stop.epochs else ""
    return f"Stopped at epoch {main.state.epoch:,}{as_set}; Play goes on"


def _diverged(main: Trainer) -> str:
    return (
        f"Cost or weights stopped being finite after update {main.state.update:,};"
        f" this is the last finite moment.{ADVICE}"
    )
