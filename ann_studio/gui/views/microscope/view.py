"""The microscope: one sample step by step, with the numbers on the network and their formulas beside it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ann_studio.engine.messages import Examine, Frame, Status, Step, Unit
from ann_studio.gui.controls import Saying, describe
from ann_studio.gui.theme import GAP, LIGHT, Theme
from ann_studio.gui.view import Card, View
from ann_studio.gui.views.microscope.accumulation import Growth
from ann_studio.gui.views.microscope.cards import Column
from ann_studio.gui.views.microscope.chooser import Chooser, OwnInput, sample_words, subject_of_row
from ann_studio.gui.views.microscope.formulas import Formula, formulas
from ann_studio.gui.views.microscope.selection import parameter_of
from ann_studio.gui.views.microscope.stage import Stage
from ann_studio.gui.views.microscope.words import plain, step_title
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.inside import gradient_by_sample
from ann_studio.learning.phases import phases_per_sample
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase, Snapshot

_RESTS = "Step through the next update to see its numbers, or choose a sample: above, or by a click into the output."
_TRAINS = "The network is training: its weights are shown. Choose a speed of phases, or pause and step."
_TITLE_FROM = 1080  #: width from which the card has a title beside its controls
_COLUMN = (300, 448)  #: width of the formulas: least and greatest


class MicroscopeView(View):
    """Stage and formulas; the whole of a workspace."""

    selected = Signal(object)  #: a `NeuronPoint`, a `WeightPoint` or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Microscope", parent)
        self.setObjectName("bare")
        self.title.hide()
        self._theme: Theme = LIGHT
        self._frame: Frame | None = None
        self._growth: tuple[object, int, tuple[float, ...]] | None = None
        self.formulas: tuple[Formula, ...] = ()
        self.stage, self.column = Stage(), Column()
        self.chooser, self.own = Chooser(), OwnInput()
        self.step = QPushButton("Step through the next update")
        self.step.setProperty("kind", "primary")
        describe(self.step, "Step through the next update", "Show the first step of the next update (→)")
        self.note = Saying(name="cardSubtitle")
        self.refusal = Saying(name="refusal")
        self.refusal.hide()
        self._lay_out()
        self.stage.selected.connect(self._select)
        self.chooser.chosen.connect(self._examine)
        self.own.chosen.connect(self._examine)
        for asking in (self.chooser, self.own):
            asking.refused.connect(self._refuse)
        self.chooser.own_wanted.connect(self._show_own)
        self.step.clicked.connect(lambda: self.commanded.emit(Step(Unit.PHASE)))

    def _lay_out(self) -> None:
        self.card = Card("One sample, step by step")
        self.card.explain("Every number is that of the running network; click any to see its formula")
        self.card.header.addWidget(self.chooser)
        self.own.hide()
        self.card.body.addWidget(self.own)
        self.card.body.addWidget(self.refusal)
        self.card.body.addWidget(self.stage, 1)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.note, 1)
        below.addWidget(self.step)
        self.card.body.addLayout(below)
        self.column.setMinimumWidth(_COLUMN[0])
        self.column.setMaximumWidth(_COLUMN[1])
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.card, 1104)
        row.addWidget(self.column, 448)
        self.body.addLayout(row, 1)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)

    # --- frames -----------------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Show the main run's phase, or its weights between updates."""
        if frame.problem is None or not frame.snapshots or isinstance(frame.problem.experiment.data, Landscape):
            return
        self._frame = frame
        problem, snapshot = frame.problem, frame.snapshots[0]
        phase = snapshot.phase
        self.stage.show_moment(problem, snapshot)
        self.chooser.show_sample(problem, phase)
        self.card.describe(self._subtitle(problem, phase))
        self.step.setVisible(phase is None)
        self.step.setEnabled(frame.status is not Status.PREPARING)
        self._show_formulas(problem, snapshot)
        resting = _TRAINS if frame.status is Status.TRAINING else _RESTS
        sentence = next((each.sentence for each in self.formulas if each.stage == "now"), "") or resting
        self.note.setText(resting if phase is None else "")
        self.note.setVisible(phase is None)
        self.stage.speak(sentence)

    def _subtitle(self, problem: Problem, phase: Phase | None) -> str:
        if phase is None:
            return "between updates"
        return f"{step_title(problem, phase)} · {sample_words(problem, phase)}"

    def _show_formulas(self, problem: Problem, snapshot: Snapshot) -> None:
        self.formulas = formulas(problem, snapshot, self.stage.point)
        self.column.show_formulas(self.formulas, self._growth_of(problem, snapshot))

    def _growth_of(self, problem: Problem, snapshot: Snapshot) -> Growth | None:
        """The gradient of the selected parameter as it grows through the batch; None where there is but one sample."""
        phase = snapshot.phase
        if phase is None or phase.subject is not None or phase.batch == 1:
            return None
        index = parameter_of(problem, self.stage.point)
        known = self._growth
        if known is None or known[0] is not snapshot.state.theta or known[1] != index:
            grown = tuple(gradient_by_sample(problem, snapshot.state, index).tolist())
            known = self._growth = (snapshot.state.theta, index, grown)
        within = phase.index - phase.sample * phases_per_sample(problem)
        layer, source, target = problem.architecture.ends_of(index)
        arrived = phase.kind == "update" or within >= 2 * problem.architecture.layers - layer
        end = plain(problem, layer + 1, target)
        what = f"b of {end}" if source is None else f"w of {plain(problem, layer, source)} → {end}"
        so_far = known[2][: phase.sample + (1 if arrived else 0)]
        return Growth(what, so_far, phase.batch, float(phase.gradient[index]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the title gives way to what can be operated."""
        super().resizeEvent(event)
        self.card.title.setVisible(self.width() >= _TITLE_FROM)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.stage.set_theme(theme)
        self.column.set_theme(theme)

    # --- what the user does -----------------------------------------------------------------------------------------
    def _select(self, point: object) -> None:
        if self._frame is not None:
            self.show_frame(self._frame)
        self.selected.emit(point)

    def _examine(self, subject: object) -> None:
        self.commanded.emit(Examine(subject))  # type: ignore[arg-type]

    def examine_row(self, row: int) -> None:
        """Look at the sample in a row of the dataset, if the network may see it."""
        problem = self._frame.problem if self._frame is not None else None
        subject = subject_of_row(problem, row) if problem is not None else None
        if subject is not None:
            self._examine(subject)

    def _show_own(self, wanted: bool) -> None:
        frame = self._frame
        if wanted and frame is not None and frame.problem is not None:
            phase = frame.snapshots[0].phase
            looks_already = phase is not None and phase.subject is not None and phase.subject.part == "own"
            self.own.show_problem(frame.problem, int(frame.problem.train.rows[0]))
            self.own.show()
            if not looks_already:
                self.own.feed()
        elif not wanted:
            self.own.hide()

    def _refuse(self, why: str) -> None:
        """Say in a sentence what cannot be looked at; everything stays as it is."""
        self.refusal.setText(why)
        self.refusal.setVisible(bool(why))

    def picture_widget(self) -> QWidget:
        """Stage and formulas."""
        return self

    def numbers(self) -> str:
        """Every number on the stage, with all its digits."""
        scene = self.stage.arrange()
        if scene is None or self.stage.problem is None:
            return ""
        rows = ["what\tlayer\tfrom\tunit\tvalue"]
        for figure in scene.figures():
            at = figure.at
            layer = "" if at is None else str(at.layer)
            source = str(getattr(at, "source", "")) if at is not None else ""
            unit = "" if at is None else str(getattr(at, "unit", getattr(at, "target", "")))
            rows.append(f"{figure.what}\t{layer}\t{source}\t{unit}\t{figure.value!r}")
        return "\n".join(rows)
