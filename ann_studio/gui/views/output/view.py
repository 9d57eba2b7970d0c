"""The output view: the picture, what it says in numbers, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QMenu, QPushButton, QSizePolicy, QWidget

from ann_studio.analysis.metrics import Performance
from ann_studio.analysis.pictures import Pictures, is_line, is_plane
from ann_studio.data.dataset import Classes
from ann_studio.engine.messages import Frame
from ann_studio.gui.controls import describe
from ann_studio.gui.theme import GAP, LIGHT, Theme, number
from ann_studio.gui.view import View
from ann_studio.gui.views.output.canvas import Canvas
from ann_studio.gui.views.output.confusion import capacity, names_fit
from ann_studio.gui.views.output.drawing import Rows
from ann_studio.gui.views.output.points import class_colour
from ann_studio.gui.views.output.side import Figure, Key
from ann_studio.learning.experiment import Split
from ann_studio.learning.problem import Problem
from ann_studio.learning.state import Phase

_SIDE = 152  #: width of what stands beside the picture
_HEADER = 60  #: height of the card without its body
_MOST_KEYS = 4  #: classes that are explained by a key each
_WIDE, _CLOSE = 8, 4  #: pixels between two of the lines beside the picture
_ALONG, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
_NOTHING = "–"


class OutputView(View):
    """The card of the output."""

    pointsDrawn = Signal(object)  #: a tuple of ``(x1, x2, class index)``
    sampleSelected = Signal(int)  #: a row of the dataset
    sampleCleared = Signal()  #: none is chosen any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Output", parent)
        self._theme: Theme = LIGHT
        self.canvas = Canvas()
        self._examined: int | None = None  #: the row that is looked at
        self.figures = (Figure(), Figure())
        self.keys = tuple(Key() for _ in range(_MOST_KEYS + 4))
        self.discrete = QCheckBox("Discretise")
        describe(self.discrete, "Discretise output", "Show which class wins instead of how surely (Alt+D)")
        self.discrete.setShortcut("Alt+D")
        self.validation = QCheckBox("Validation points")
        describe(self.validation, "Show validation points", "Show what the network does not learn from (Alt+N)")
        self.validation.setShortcut("Alt+N")
        self.validation.setChecked(True)
        self.draw = QPushButton("Draw points")
        self.draw.setCheckable(True)
        describe(self.draw, "Draw points", "Draw points into the picture; press again to learn them (Ctrl+D)")
        self._lay_out()
        self.canvas.clicked_row.connect(self._row_chosen)
        self.canvas.cleared.connect(self.sampleCleared)
        self.canvas.drawn.connect(self._show_drawn)
        self.discrete.toggled.connect(self._switched)
        self.validation.toggled.connect(self._switched)
        self.draw.toggled.connect(self.set_drawing)

    def _lay_out(self) -> None:
        self._row = QBoxLayout(_ALONG)
        self._lines = side = QBoxLayout(_DOWN)
        self._groups = (QBoxLayout(_DOWN), QBoxLayout(_DOWN), QBoxLayout(_DOWN))
        switches = (self.discrete, self.validation, self.draw)
        for group, widgets in zip(self._groups, (self.figures, self.keys, switches), strict=True):
            for widget in widgets:
                group.addWidget(widget)
        side.setContentsMargins(0, 0, 0, 0)
        side.addLayout(self._groups[0])
        side.addLayout(self._groups[1])
        side.addStretch(1)
        side.addLayout(self._groups[2])
        self._side = QWidget()
        self._side.setLayout(side)
        self._row.setSpacing(GAP)
        self._row.addWidget(self.canvas, 1)
        self._row.addWidget(self._side)
        self.body.addLayout(self._row, 1)
        self._arrange()

    def _arrange(self) -> None:
        """Put figures and keys beside the picture, or below where it needs the width."""
        problem = self.canvas.problem
        below = problem is not None and not self.canvas.is_drawing and self._needs_width(problem)
        self._row.setDirection(_DOWN if below else _ALONG)
        for group in self._groups:
            group.setDirection(_ALONG if below else _DOWN)
        self._side.setMinimumWidth(0 if below else _SIDE)
        self._side.setMaximumWidth(16_777_215 if below else _SIDE)
        vertical = QSizePolicy.Policy.Maximum if below else QSizePolicy.Policy.Preferred
        self._side.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)
        self._give_way(below=below)

    def _needs_width(self, problem: Problem) -> bool:
        """Whether the picture shows more with the figures below it; a plane has keys too many for that."""
        target = problem.dataset.target
        beside, under = _rooms(self.width(), self.height(), self._height_below(problem))
        if _is_matrix(problem):
            assert isinstance(target, Classes)
            more = capacity(*beside) < min(len(target.labels), capacity(*under))
            return more or (names_fit(*under, target.labels) and not names_fit(*beside, target.labels))
        # A curve is to be half as wide again as it is high, predictions against the truth are a square.
        wide = 1.5 if is_line(problem.dataset) else 1.0
        larger = min(under[0], wide * under[1]) > min(beside[0], wide * beside[1])
        return larger and not is_plane(problem.dataset)

    def _give_way(self, *, below: bool) -> None:
        """Where the card is too low for all that stands beside the picture, move it together, then leave things out.

        First the key of what was before an edit, then the button, then the keys of the two parts, then all. Points can
        be drawn by the data card's tile and by Ctrl+D all the same.
        """
        room = self.height() - _HEADER
        used = [key for key in self.keys if key.used]
        lasting = [key for key in used if key.kind != "ghost"]
        fewer = [key for key in lasting if key.kind in ("class", "chosen")]
        fewest = [key for key in lasting if key.kind == "class"]
        problem, drawing = self.canvas.problem, self.canvas.is_drawing
        can_draw = problem is not None and (is_plane(problem.dataset) or drawing)
        offers: tuple[tuple[list[Key], int, bool], ...] = (
            (used, _WIDE, can_draw), (lasting, _WIDE, can_draw), (lasting, _CLOSE, can_draw),
            (lasting, _CLOSE, drawing), (fewer, _CLOSE, drawing), (fewest, _CLOSE, drawing), ([], _WIDE, drawing),
        )  # fmt: skip
        switches = [each for each in (self.discrete, self.validation) if not each.isHidden()]

        def height(shown: list[Key], spacing: int, button: bool) -> int:
            rows: list[QWidget] = [*self.figures, *shown, *switches, *([self.draw] if button else [])]
            return sum(row.sizeHint().height() + spacing for row in rows) + 16

        shown, spacing, button = next((offer for offer in offers if below or height(*offer) <= room), offers[-1])
        for group in self._groups:
            group.setSpacing(spacing)
        self._lines.setSpacing(spacing + 4)
        for key in self.keys:
            key.setVisible(key in shown)
        self.draw.setVisible(button)

    def is_enough(self, problem: Problem | None, width: int, height: int) -> bool:
        """Whether a card of this size has room for every class of a confusion matrix; true of other pictures."""
        if problem is None or not _is_matrix(problem):
            return True
        assert isinstance(problem.dataset.target, Classes)
        rooms = _rooms(width, height, self._height_below(problem))
        return len(problem.dataset.target.labels) <= max(capacity(*room) for room in rooms)

    def _height_below(self, problem: Problem) -> int:
        """Room that figures, keys and the switch take below the picture; a plane has them beside it."""
        rows: list[Sequence[QWidget]] = [self.figures, self.keys]
        if len(problem.validation):
            rows.append([self.validation])
        return sum(max(each.sizeHint().height() for each in row) for row in rows) + 24 + GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange where that gives more room."""
        super().resizeEvent(event)
        self._arrange()

    # --- frames -----------------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Show the main run's output."""
        problem = frame.problem
        if problem is None or not frame.snapshots:
            return
        old = self.canvas.problem
        if old is not None and self.canvas.is_drawing and problem.dataset is not old.dataset:
            self.forget_drawn()
        if old is not None and problem.dataset is not old.dataset:
            self._examined = None
        ghost = self.canvas.ghost
        self.canvas.show_output(problem, frame.snapshots[0].state.theta, frame.pictures, _before(frame))
        if (ghost is None) != (self.canvas.ghost is None) and problem is old:
            self._show_keys(problem)
        if problem is not old:
            self._show_problem(problem)
        self._follow(problem, frame.snapshots[0].phase)
        pictures = self.canvas.pictures
        self._show_figures(problem, pictures.train if pictures else None, pictures.validation if pictures else None)

    def _follow(self, problem: Problem, phase: Phase | None) -> None:
        """Ring the sample that is looked at, whoever chose it."""
        subject = None if phase is None else phase.subject
        row = None
        if subject is not None and subject.part != "own":
            part = problem.train if subject.part == "train" else problem.validation
            row = int(part.rows[subject.row])
        if row != self._examined:
            self._examined = row
            self.canvas.ring(row)
            self._show_keys(problem)

    def _show_problem(self, problem: Problem) -> None:
        plane, drawing = is_plane(problem.dataset), self.canvas.is_drawing
        self.describe(
            _subtitle(problem) if not drawing or self.canvas.drawing.adds_to(problem) else "points of two classes"
        )
        self.discrete.setVisible(plane and isinstance(problem.dataset.target, Classes))
        self.validation.setVisible(len(problem.validation) > 0)
        self._show_keys(problem)
        self._arrange()

    def _show_keys(self, problem: Problem) -> None:
        target, theme = problem.dataset.target, self._theme
        entries: list[tuple[str, str, str]] = []
        if isinstance(target, Classes) and not _is_matrix(problem) and len(target.labels) <= _MOST_KEYS:
            for index, label in reversed(list(enumerate(target.labels))):
                # Long labels speak for themselves.
                text = f"{target.name} {label}" if len(label) < 3 else label
                entries.append((text, class_colour(theme, index, len(target.labels)), "class"))
        entries.append((f"training  {len(problem.train):,}", theme.text_2, "filled"))
        if len(problem.validation):
            entries.append((f"validation  {len(problem.validation):,}", theme.text_2, "ring"))
        if self.canvas.ghost is not None and has_lines(problem):
            entries.append(("before the edit", theme.text_3, "ghost"))
        if self.canvas.row is not None:
            entries.append((f"sample {self.canvas.row + 1:,}", theme.text, "chosen"))
        for key, (text, colour, kind) in zip(self.keys, entries, strict=False):
            key.show_key(text, colour, theme, kind)
        for position, key in enumerate(self.keys):
            key.used = position < len(entries)
        self._arrange()

    def _show_figures(self, problem: Problem, train: Performance | None, validation: Performance | None) -> None:
        target = problem.dataset.target
        if isinstance(target, Classes):
            shown = [("Train accuracy", train), ("Validation accuracy", validation)]
            texts = [(label, f"{100 * part.accuracy:.1f} %" if part else _NOTHING) for label, part in shown]
        else:
            name, part = ("Validation", validation) if len(problem.validation) else ("Train", train)
            unit = target.names[0] if len(target.names) == 1 else "all targets"
            texts = [
                (f"{name} R²", number(part.r2, 4) if part else _NOTHING),
                (f"{name} error in {unit}", number(part.rmse, 4) if part else _NOTHING),
            ]
        for figure, (label, text) in zip(self.figures, texts, strict=True):
            figure.show_figure(label, text)
        spoken = ", ".join(f"{label} {text}" for label, text in texts)
        if self.canvas.accessibleDescription() != spoken:
            self.canvas.setAccessibleDescription(spoken)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.canvas.set_theme(theme)
        if self.canvas.problem is not None:
            self._show_keys(self.canvas.problem)

    # --- drawing ----------------------------------------------------------------------------------------------------
    def set_drawing(self, on: bool) -> None:
        """Begin or end drawing points; at the end they are handed over, if there are some of both classes."""
        problem, drawing = self.canvas.problem, self.canvas.drawing
        if not on and problem is not None and drawing.points and not drawing.complete(problem):
            self.draw.setText("Draw both classes")
            self._press_draw(True)
            return
        self._press_draw(on)
        if on == self.canvas.is_drawing:
            return
        self.canvas.set_drawing(on)
        self._show_drawn()
        if problem is not None:
            self._show_problem(problem)
        if not on:
            if drawing.points:
                self.pointsDrawn.emit(tuple(drawing.points))
            drawing.empty = False

    def _press_draw(self, on: bool) -> None:
        if self.draw.isChecked() != on:
            self.draw.setChecked(on)

    def begin_empty(self) -> None:
        """Begin drawing on an empty plane: what is drawn will be all there is."""
        if not self.canvas.is_drawing:
            self.canvas.drawing.empty = True
            self.set_drawing(True)

    def forget_drawn(self) -> None:
        """End drawing without learning what was drawn."""
        self.canvas.drawing.points.clear()
        self.set_drawing(False)

    def drawn_rows(self) -> tuple[Rows, Rows]:
        """Inputs and targets to be learned: the points there were and those that were drawn.

        Points are added where there are two classes of two numbers; else those drawn are all there are.
        """
        problem = self.canvas.problem
        return self.canvas.drawing.rows(problem) if problem is not None else ((), ())

    def drawn_split(self) -> Split | None:
        """How `drawn_rows` are shared out, so that no validation point is learned from; None: all are learned."""
        problem = self.canvas.problem
        shares = self.canvas.drawing.shares(problem) if problem is not None else None
        return Split(*shares) if shares is not None else None

    def _show_drawn(self) -> None:
        count = len(self.canvas.drawing.points)
        words = f"Learn these {count}" if count else "End drawing"
        self.draw.setText(words if self.canvas.is_drawing else "Draw points")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape ends drawing."""
        if event.key() == Qt.Key.Key_Escape and self.canvas.is_drawing:
            self.forget_drawn()
        else:
            super().keyPressEvent(event)

    # --- what else the user does ------------------------------------------------------------------------------------
    def _row_chosen(self, row: int) -> None:
        if self.canvas.problem is not None:
            self._show_keys(self.canvas.problem)
        self.sampleSelected.emit(row)

    def _switched(self, _on: bool) -> None:
        self.canvas.discrete = self.discrete.isChecked()
        self.canvas.with_validation = self.validation.isChecked()
        self.canvas.redraw()
        if self.canvas.problem is not None:
            self._show_keys(self.canvas.problem)

    def picture_widget(self) -> QWidget:
        """The picture without its readouts."""
        return self.canvas

    def numbers(self) -> str:
        """The figures, and the confusion counts that are shown."""
        problem, shown = self.canvas.problem, self.canvas.performance()
        if problem is None or shown is None:
            return ""
        rows = [f"{figure.label.text()}\t{figure.value.text()}" for figure in self.figures]
        if shown.confusion is not None and isinstance(problem.dataset.target, Classes):
            labels = problem.dataset.target.labels
            rows.append("\t".join(["true \\ predicted", *labels]))
            rows.extend("\t".join([labels[k], *map(str, shown.confusion[k].tolist())]) for k in range(len(labels)))
        return "\n".join(rows)

    def extend_menu(self, menu: QMenu) -> None:
        """Offer to draw."""
        if self.canvas.is_drawing:
            menu.addAction("Learn the points drawn", lambda: self.set_drawing(False))
            menu.addAction("Forget the points drawn", self.forget_drawn)
        elif self.canvas.problem is not None and is_plane(self.canvas.problem.dataset):
            menu.addAction("Draw points", lambda: self.set_drawing(True))


def _rooms(width: int, height: int, below: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Width and height of the picture in a card of this size: with the figures beside it, and with them below."""
    wide, high = width - 2 * GAP, height - _HEADER
    return (wide - _SIDE - GAP, high), (wide, high - below)


def _before(frame: Frame) -> tuple[Problem, Pictures] | None:
    """What was there before the last edit."""
    return None if frame.effect is None or frame.ghost is None else (frame.effect.problem, frame.ghost)


def has_lines(problem: Problem | None) -> bool:
    """Whether the picture has a boundary or a curve, which an edit moves."""
    if problem is None:
        return False
    return is_line(problem.dataset) or (is_plane(problem.dataset) and isinstance(problem.dataset.target, Classes))


def _is_matrix(problem: Problem) -> bool:
    """Whether the picture is a confusion matrix."""
    dataset = problem.dataset
    return isinstance(dataset.target, Classes) and not is_plane(dataset) and not is_line(dataset)


def _subtitle(problem: Problem) -> str:
    """What the picture shows, in a few words."""
    target, dataset = problem.dataset.target, problem.dataset
    plane = is_plane(dataset)
    if isinstance(target, Classes):
        count = len(target.labels)
        if plane:
            if count > 2:
                return "decision regions"
            likely = problem.experiment.network.output_activation in ("sigmoid", "softmax")
            return f"p({target.name} {target.labels[1]}) over the plane" if likely else "output over the plane"
        if is_line(dataset):
            return "fitted curve" if count == 2 else "fitted curves"
        return "confusion matrix"
    name = target.names[0]
    if plane:
        return f"{name} over the plane"
    several = f"{name}: " if len(target.names) > 1 else ""
    return several + ("fitted curve" if is_line(dataset) else "predicted against true")
