"""The editor: turns what the user asks for into commands, and follows what the runner makes of them.

Edits come faster than frames. The document is therefore the latest wish, each edit builds on it, and only once the
runner has obeyed all commands does the document follow the runner again (which undo may have moved).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from ann_studio.engine.messages import Command, Frame, Open, Run
from ann_studio.gui.bridge import Bridge, Job
from ann_studio.gui.document import Document, command_for, consistent, is_live, reason_for
from ann_studio.gui.form import refusal
from ann_studio.gui.long_work import LongWork
from ann_studio.learning.experiment import Experiment, InvalidExperiment, replace
from ann_studio.learning.problem import Problem

_NAME = "Preparing the data"


class Editor(QObject):
    """The document of a window, on its way to the runner and back."""

    opened = Signal(object)  #: the path of an experiment that takes the place of the last one, or None
    refused = Signal(str, object)  #: one sentence, and the exception behind it or None
    reverted = Signal()  #: an edit was given up: the cards are to show the truth again

    def __init__(self, bridge: Bridge, work: LongWork, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._work = bridge, work
        self.document: Document | None = None
        # An edit on its way to the runner, and an experiment that is being opened; each replaces its predecessor.
        self.posing: Job | None = None
        self.opening: Job | None = None
        #: The problem that the runner has or is about to have.
        self._problem: Problem | None = None
        #: Number of the last command that changed the experiment; frames from before it say nothing of the document.
        self._asked = 0

    # --- what the user asks for -------------------------------------------------------------------------------------
    def open(
        self,
        experiment: Experiment,
        path: Path | None = None,
        *,
        play: bool = False,
        then: Callable[[], None] | None = None,
    ) -> None:
        """Make `experiment` the document; its data are read in the background and the present run stays until then."""

        def done(command: Command) -> None:
            assert isinstance(command, Open)
            self.opening = None
            self._drop_edit()
            resolved = command.problem.experiment
            self.document = Document(resolved, path, resolved)
            self._send(command)
            if play:
                self._bridge.send(Run())
            self.opened.emit(path)
            if then is not None:
                then()

        def failed(error: Exception) -> None:
            self.opening = None
            self.refused.emit(str(error), error)

        def given_up() -> None:
            self.opening = None

        if self.opening is not None:
            self._work.cancel(self.opening)
        self.opening = self._work.run(
            _NAME, lambda cancelled: command_for(None, experiment, "Opened", cancelled), done, failed, given_up
        )

    def edit(self, path: str, value: Any) -> None:
        """Change one setting, as a card asked for."""
        if self.document is None:
            return
        old = self.document.experiment
        try:
            new = replace(old, path, value)
        except InvalidExperiment as error:
            self.refused.emit(refusal(path, error), None)
            return
        if new != old:
            self.change(consistent(old, new, path))

    def change(self, new: Experiment) -> None:
        """Make the runner learn `new`: live where that keeps the weights, else afresh."""
        if self.document is None:
            return
        reason, old = reason_for(self.document.experiment, new), self._problem
        # Kept from the moment of the request, so that quick edits build on each other.
        self.document = changed(self.document, experiment=new)
        self._drop_edit()

        def done(command: Command) -> None:
            self.posing = None
            self._send(command)

        def failed(error: Exception) -> None:
            self._fall_back()
            self.refused.emit(str(error), error)

        def given_up() -> None:
            self._fall_back()
            self.reverted.emit()

        if old is not None and is_live(old.experiment, new):
            try:
                done(command_for(old, new, reason, lambda: False))
            except ValueError as error:
                failed(error)
            return
        self.posing = self._work.run(
            _NAME, lambda cancelled: command_for(old, new, reason, cancelled), done, failed, given_up
        )

    def wish(self) -> Experiment | None:
        """The latest experiment that was asked for."""
        return self.document.experiment if self.document is not None else None

    # --- what the runner says ---------------------------------------------------------------------------------------
    def is_settled(self, frame: Frame) -> bool:
        """Whether nothing that was asked for is still on its way."""
        return frame.obeyed >= self._asked and self.posing is None

    def follow(self, frame: Frame) -> bool:
        """Make the document what the runner learns, once all is settled; whether that changed it."""
        problem, document = frame.problem, self.document
        if problem is None or document is None or not self.is_settled(frame):
            return False
        self._problem = problem
        if document.experiment is problem.experiment:
            return False
        self.document = changed(document, experiment=problem.experiment)
        return True

    # --- inside -----------------------------------------------------------------------------------------------------
    def _send(self, command: Command) -> None:
        self._bridge.send(command)
        self._asked = self._bridge.sent
        if isinstance(command, Open):
            self._problem = command.problem

    def _drop_edit(self) -> None:
        if self.posing is not None:
            self._work.cancel(self.posing)
            self.posing = None

    def _fall_back(self) -> None:
        """Forget what was asked for and could not be."""
        self.posing = None
        if self._problem is not None and self.document is not None:
            self.document = changed(self.document, experiment=self._problem.experiment)
