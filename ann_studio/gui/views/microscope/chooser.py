"""Which sample is looked at: the batch's, one of training or validation by its number, or an input of one's own."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget

from ann_studio.data.dataset import NumberColumn
from ann_studio.data.features import pretty
from ann_studio.gui.controls import Choice, describe, named
from ann_studio.gui.fields import NumberField
from ann_studio.learning.problem import Problem, Samples
from ann_studio.learning.state import Part, Phase, Subject

_BATCH = "batch"
_MOST_FIELDS = 100  #: of an own input
_TITLES: dict[str, str] = {"train": "Training", "validation": "Validation", "own": "Own input"}


def subject_of_row(problem: Problem, row: int) -> Subject | None:
    """The sample in a row of the dataset, if it is of the training or the validation part."""
    parts: tuple[tuple[Part, Samples], ...] = (("train", problem.train), ("validation", problem.validation))
    for part, samples in parts:
        found = np.flatnonzero(samples.rows == row)
        if len(found):
            return Subject(part, int(found[0]))
    return None


def sample_words(problem: Problem, phase: Phase | None) -> str:
    """``training sample 5 · 3 of 10 in the batch``, ``validation sample 2``, ``an input of your own``.

    The number of a sample is that of its row of the data, as in the output, the inspector and the timeline.
    """
    if phase is None:
        return ""
    subject = phase.subject
    if subject is None:
        said = f"training sample {int(problem.train.rows[phase.row]) + 1:,}"
        return said if phase.batch == 1 else f"{said} · {phase.sample + 1:,} of {phase.batch:,} in the batch"
    if subject.part == "own":
        return "an input of your own: it has no target, so nothing flows back"
    name, part = ("training", problem.train) if subject.part == "train" else ("validation", problem.validation)
    return f"{name} sample {int(part.rows[subject.row]) + 1:,}, only looked at"


class Chooser(QWidget):
    """Part and number of the sample, in the header of the card."""

    chosen = Signal(object)  #: a `Subject`, or None for the batch
    refused = Signal(str)  #: why what was typed will not do; empty when it does
    own_wanted = Signal(bool)  #: whether the fields of an own input are to be seen

    def __init__(self) -> None:
        super().__init__()
        self._problem: Problem | None = None
        self._row = 0
        self.part = Choice("Which sample", "The batch's samples in turn, one of your choice, or an input of your own")
        self.part.setProperty("kind", "compact")
        self.part.setFixedWidth(116)
        self.number = NumberField("Number of the sample", "Number of the sample: its row of the data, from 1", width=64)
        self.back = QPushButton("Back to the batch")
        self.back.setProperty("kind", "compact")
        self.back.setShortcut("Alt+B")
        describe(self.back, "Back to the batch", "Follow the samples that are learned from again (Alt+B)")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self.part, self.number, self.back):
            layout.addWidget(widget)
        self.part.chosen.connect(self._choose_part)
        self.number.typed.connect(self._choose_number)
        self.back.clicked.connect(lambda: self._choose_part(_BATCH))

    def show_sample(self, problem: Problem, phase: Phase | None) -> None:
        """Show which sample the frame is of."""
        subject = phase.subject if phase is not None else None
        if problem is not self._problem:
            if self._problem is not None and problem.dataset is not self._problem.dataset:
                self.refused.emit("")
            self._problem = problem
            options: list[tuple[str, str]] = [("The batch", _BATCH), (_TITLES["train"], "train")]
            options += [(_TITLES["validation"], "validation")] if len(problem.validation) else []
            self.part.set_options([*options, (_TITLES["own"], "own")])
        if phase is not None and (subject is None or subject.part != "own"):
            self._row = phase.row
        part = _BATCH if subject is None else subject.part
        self.part.show_value(part)
        self.number.setVisible(part in ("train", "validation"))
        self._show_number(part)
        self.back.setVisible(subject is not None)
        self.own_wanted.emit(part == "own")

    def _samples(self, part: str) -> Samples:
        assert self._problem is not None
        return self._problem.validation if part == "validation" else self._problem.train

    def _show_number(self, part: str) -> None:
        samples = self._samples(part)
        self.number.show_value(int(samples.rows[min(self._row, len(samples) - 1)]) + 1)

    def _choose_part(self, part: str) -> None:
        self.refused.emit("")
        if part == _BATCH:
            self.chosen.emit(None)
        elif part == "own":
            self.own_wanted.emit(True)
        elif self._problem is not None:
            row = min(self._row, len(self._samples(part)) - 1)
            self.chosen.emit(Subject("train" if part == "train" else "validation", row))

    def _choose_number(self, value: object) -> None:
        part = str(self.part.currentData())
        if part not in ("train", "validation") or self._problem is None:
            return
        subject = subject_of_row(self._problem, value - 1) if isinstance(value, int) else None
        if subject is None:
            rows = len(self._problem.dataset.targets)
            self.refused.emit(f"There is no sample {value}: type a number from 1 to {rows:,}")
            self._show_number(part)
            return
        self.refused.emit("")
        self.chosen.emit(subject)


class OwnInput(QScrollArea):
    """A field for each raw input column that holds numbers; the network is fed as soon as one is changed."""

    chosen = Signal(object)  #: a `Subject`
    refused = Signal(str)  #: why what was typed will not do; empty when it does

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFixedHeight(46)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._problem: Problem | None = None
        self.fields: dict[int, NumberField] = {}
        self._values: list[float] = []

    def show_problem(self, problem: Problem, row: int) -> None:
        """Offer a field for each column, filled from a row of the dataset."""
        if self._problem is not None and problem.dataset is self._problem.dataset:
            self._problem = problem
            return
        self._problem, self.fields = problem, {}
        self._values = [float(value) for value in problem.dataset.inputs[row]]
        inside = named(QWidget(), "ownInput")
        line = QHBoxLayout(inside)
        line.setContentsMargins(0, 2, 0, 2)
        line.setSpacing(8)
        position, left_out = 0, []
        columns = problem.dataset.columns
        for column in columns[:_MOST_FIELDS]:
            if isinstance(column, NumberColumn):
                name = pretty(column.name)
                field = NumberField(f"Own input {name}", f"{name} of an input of your own", width=96)
                value = self._values[position]
                field.show_value(None if math.isnan(value) else round(value, 6))
                field.typed.connect(lambda typed, position=position: self._typed(position, typed))
                label = named(QLabel(name), "fieldLabel")
                label.setBuddy(field)
                line.addWidget(label)
                line.addWidget(field)
                self.fields[position] = field
                position += 1
            else:
                # As where such a cell is missing: 0 in all of its inputs.
                self._values[position : position + len(column.values)] = [0.0] * len(column.values)
                position += len(column.values)
                left_out.append(column.name)
        if left_out:
            line.addWidget(named(QLabel(f"without {', '.join(left_out)}"), "fieldLabel"))
        if len(columns) > _MOST_FIELDS:
            more = f"{len(columns) - _MOST_FIELDS:,} more columns as in row {row + 1:,}"
            line.addWidget(named(QLabel(more), "fieldLabel"))
        line.addStretch(1)
        self.setWidget(inside)
        for part in (inside, self.viewport()):
            part.setAutoFillBackground(False)  # the card shows through

    def feed(self) -> None:
        """Look at what the fields say."""
        problem = self._problem
        if problem is None:
            return
        missing = [position for position, value in enumerate(self._values) if math.isnan(value)]
        if missing and problem.preparation.fill is None:
            name = pretty(problem.dataset.input_names[missing[0]])
            self.refused.emit(f"Type a number for {name}")
            return
        self.refused.emit("")
        self.chosen.emit(Subject("own", inputs=tuple(self._values)))

    def _typed(self, position: int, value: object) -> None:
        problem = self._problem
        assert problem is not None
        name = pretty(problem.dataset.input_names[position])
        if value is None:
            self._values[position] = math.nan
        elif isinstance(value, int | float) and math.isfinite(value):
            self._values[position] = float(value)
        else:
            self.refused.emit(f"{value} is no number: type one for {name}")
            return
        self.feed()
