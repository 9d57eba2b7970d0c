"""The output view: the picture, what it says in numbers, and how to read it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from ann_studio.analysis.metrics import Performance
from ann_studio.analysis.pictures import is_plane
from ann_studio.data.dataset import Classes
from ann_studio.engine.messages import Frame
from ann_studio.gui.theme import LIGHT, Theme, number
from ann_studio.gui.view import View
from ann_studio.gui.views.output.canvas import Canvas
from ann_studio.gui.views.output.points import class_colour, paint_points, paint_ring
from ann_studio.learning.problem import Problem


class Key(QWidget):
    """A marker and its meaning."""

    def __init__(self) -> None:
        super().__init__()
        self._mark = QLabel()
        self._mark.setFixedWidth(16)
        self._text = QLabel()
        self._text.setObjectName("keyText")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._mark)
        layout.addWidget(self._text, 1)

    def show_key(self, text: str, colour: str, theme: Theme, kind: str = "filled") -> None:
        """Show a marker: ``filled``, ``ring`` or ``chosen``."""
        from PySide6.QtCore import QPointF
        from PySide6.QtGui import QColor

        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(int(16 * ratio), int(16 * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        if kind == "chosen":
            painter.scale(0.7, 0.7)
            paint_ring(painter, QPointF(11.4, 11.4), theme)
        else:
            paint_points(painter, [QPointF(8, 8)], [QColor(colour)], 10, theme, rings=kind == "ring")
        painter.end()
        self._mark.setPixmap(pixmap)
        self._text.setText(text)

    @property
    def text(self) -> str:
        """The meaning."""
        return self._text.text()


class Figure(QWidget):
    """A label above a large number."""

    def __init__(self) -> None:
        super().__init__()
        self.label, self.value = QLabel(), QLabel("–")
        self.label.setObjectName("readoutLabel")
        self.value.setObjectName("readoutValue")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.label)
        layout.addWidget(self.value)

    def show_figure(self, label: str, value: str) -> None:
        """Show a number; only what changed is set."""
        if self.label.text() != label:
            self.label.setText(label)
        if self.value.text() != value:
            self.value.setText(value)
            self.setAccessibleName(f"{label} {value}")


class OutputView(View):
    """The card of the output."""

    pointsDrawn = Signal(object)  #: a tuple of ``(x1, x2, class index)``
    sampleSelected = Signal(int)  #: a row of the dataset

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Output", parent)
        self._theme: Theme = LIGHT
        self.canvas = Canvas()
        self.canvas.clicked_row.connect(self._row_chosen)
        self.canvas.drawn.connect(self._point_drawn)
        self.figures = (Figure(), Figure())
        self.keys = tuple(Key() for _ in range(5))
        self.discrete = QCheckBox("Discretise")
        self.discrete.setToolTip("Show which class wins instead of how surely (Alt+D)")
        self.discrete.setAccessibleName("Discretise output")
        self.discrete.setShortcut("Alt+D")
        self.validation = QCheckBox("Validation points")
        self.validation.setToolTip("Show the points that the network does not learn from (Alt+V)")
        self.validation.setAccessibleName("Show validation points")
        self.validation.setShortcut("Alt+V")
        self.validation.setChecked(True)
        self.draw = QPushButton("Draw points")
        self.draw.setCheckable(True)
        self.draw.setProperty("kind", "secondary")
        self.draw.setToolTip("Click into the picture to add points of class A; with Shift or the right button, of class B (Ctrl+D)")
        self.draw.setAccessibleName("Draw points")
        self.discrete.toggled.connect(self._switched)
        self.validation.toggled.connect(self._switched)
        self.draw.toggled.connect(self.set_drawing)
        self._lay_out()

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        for figure in self.figures:
            side.addWidget(figure)
        side.addSpacing(4)
        for key in self.keys:
            side.addWidget(key)
        side.addStretch(1)
        for switch in (self.discrete, self.validation, self.draw):
            side.addWidget(switch)
        self._side = QWidget()
        self._side.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        self._side.setFixedWidth(152)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.canvas, 1)
        row.addWidget(self._side)
        self.body.addLayout(row, 1)

    # --- frames -----------------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Show the main run's output."""
        problem = frame.problem
        if problem is None:
            return
        if problem is not self.canvas.problem:
            self._show_problem(problem)
        self.canvas.show_output(problem, frame.pictures)
        if frame.pictures is not None:
            self._show_figures(problem, frame.pictures.train, frame.pictures.validation)

    def _show_problem(self, problem: Problem) -> None:
        target, plane = problem.dataset.target, is_plane(problem.dataset)
        if isinstance(target, Classes):
            subtitle = f"p(class {target.labels[1]}) over the plane" if plane and len(target.labels) == 2 else "decision regions" if plane else "confusion matrix"
            if len(problem.dataset.columns) == 1:
                subtitle = "fitted curve"
        else:
            subtitle = f"{target.names[0]} over the plane" if plane else "fitted curve" if len(problem.dataset.columns) == 1 else "predicted against true"
        self.describe(subtitle)
        self.discrete.setVisible(plane and isinstance(target, Classes))
        self.draw.setVisible(plane)
        self.validation.setVisible(len(problem.validation) > 0)
        if not plane and self.draw.isChecked():
            self.draw.setChecked(False)
        self._show_keys(problem)

    def _show_keys(self, problem: Problem) -> None:
        target, theme = problem.dataset.target, self._theme
        entries: list[tuple[str, str, str]] = []
        pointed = is_plane(problem.dataset) or len(problem.dataset.columns) == 1
        if isinstance(target, Classes) and pointed and len(target.labels) <= 3:
            for index in reversed(range(len(target.labels))):
                entries.append((f"{target.name} {target.labels[index]}", class_colour(theme, index, len(target.labels)), "filled"))
        entries.append((f"training  {len(problem.train):,}", theme.text_2, "filled"))
        if len(problem.validation):
            entries.append((f"validation  {len(problem.validation):,}", theme.text_2, "ring"))
        if self.canvas.row is not None and problem is self.canvas.problem:
            entries.append((f"sample {self.canvas.row + 1:,}", theme.text, "chosen"))
        for key, entry in zip(self.keys, entries, strict=False):
            key.show_key(entry[0], entry[1], theme, entry[2])
        for position, key in enumerate(self.keys):
            key.setVisible(position < len(entries))

    def _show_figures(self, problem: Problem, train: Performance | None, validation: Performance | None) -> None:
        if isinstance(problem.dataset.target, Classes):
            shown = [("Train accuracy", train), ("Validation accuracy", validation)]
            texts = [(label, f"{100 * part.accuracy:.1f} %" if part is not None else "–") for label, part in shown]
        else:
            part, name = (validation, "Validation") if validation is not None else (train, "Train")
            if part is None:
                return
            unit = problem.dataset.target.names[0]
            texts = [(f"{name} R²", number(part.r2, 4)), (f"{name} error in {unit}", number(part.rmse, 4))]
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

    # --- what the user does -----------------------------------------------------------------------------------------
    def set_drawing(self, on: bool) -> None:
        """Begin or end drawing points; at the end they are handed over."""
        if self.draw.isChecked() != on:
            self.draw.setChecked(on)
            return
        self.canvas.drawing = on
        self.canvas.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
        self.draw.setText("Learn these" if on else "Draw points")
        if not on and self.canvas.new_points:
            self.pointsDrawn.emit(tuple(self.canvas.new_points))
            self.canvas.new_points = []

    def drawn_rows(self) -> tuple[tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...]]:
        """Inputs and targets of the points there were; classes as 0 and 1."""
        problem = self.canvas.problem
        if problem is None:
            return (), ()
        inputs = tuple(tuple(row) for row in problem.dataset.inputs.tolist())
        return inputs, tuple(tuple(row) for row in problem.dataset.targets.tolist())

    def _point_drawn(self, x1: float, x2: float, kind: int) -> None:
        self.draw.setText(f"Learn these {len(self.canvas.new_points)}")

    def _row_chosen(self, row: int) -> None:
        if self.canvas.problem is not None:
            self._show_keys(self.canvas.problem)
        self.sampleSelected.emit(row)

    def _switched(self, _on: bool) -> None:
        self.canvas.discrete = self.discrete.isChecked()
        self.canvas.with_validation = self.validation.isChecked()
        self.canvas.redraw()

    def picture_widget(self) -> QWidget:
        """The picture without its readouts."""
        return self.canvas

    def numbers(self) -> str:
        """Confusion counts, or the figures."""
        problem, pictures = self.canvas.problem, self.canvas.pictures
        if problem is None or pictures is None:
            return ""
        shown = pictures.validation or pictures.train
        rows = [f"{figure.label.text()}\t{figure.value.text()}" for figure in self.figures]
        if shown is not None and shown.confusion is not None and isinstance(problem.dataset.target, Classes):
            labels = problem.dataset.target.labels
            rows.append("\t".join(["true \\ predicted", *labels]))
            rows.extend("\t".join([labels[k], *map(str, shown.confusion[k].tolist())]) for k in range(len(labels)))
        return "\n".join(rows)

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the switches."""
        if self.canvas.problem is not None and is_plane(self.canvas.problem.dataset):
            menu.addAction("Draw points", lambda: self.draw.toggle())
