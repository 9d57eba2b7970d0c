"""The settings of a landscape, in the data card: which one, where descent begins, and how noisy its gradients are."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ann_studio.gui.controls import Choice, field_row
from ann_studio.gui.fields import NumberField
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem
from ann_studio.nn.landscapes import LANDSCAPES

_NOISE = "Gradient noise"
_NOISE_HINT = (
    "How far a single gradient is from the exact one. 0: the gradient is exact. Above: a batch takes the mean of all"
    " noisy gradients, which is exact, and stochastic descent one of them at a time"
)


class LandscapeRows(QWidget):
    """Rows for a landscape; hidden where there is none."""

    chosen = Signal(str)  #: name of a landscape
    edited = Signal(str, object)  #: dotted path in the experiment, and the value asked for
    moved = Signal(int, object)  #: 0 for x or 1 for z, and the coordinate of the start asked for

    def __init__(self) -> None:
        super().__init__()
        self.name = Choice(
            "Landscape",
            "The cost that is descended: a formula of x and z",
            [(landscape.title, name) for name, landscape in LANDSCAPES.items()],
        )
        self.name.chosen.connect(lambda name: self.chosen.emit(name))
        self.start_x = NumberField(
            "Start x", "Where descent begins along x; the white ball can be dragged, too", width=56
        )
        self.start_z = NumberField(
            "Start z", "Where descent begins along z; the white ball can be dragged, too", width=56
        )
        self.start_x.typed.connect(lambda value: self.moved.emit(0, value))
        self.start_z.typed.connect(lambda value: self.moved.emit(1, value))
        self.noise = NumberField(_NOISE, _NOISE_HINT, width=56)
        self.noise.typed.connect(lambda value: self.edited.emit("data.noise", value))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for row in (
            field_row("Landscape", self.name),
            field_row("Start (x, z)", self.start_x, self.start_z),
            field_row(_NOISE, self.noise),
        ):
            layout.addWidget(row)

    def show_problem(self, problem: Problem) -> None:
        """Show a landscape, if it is one."""
        data = problem.experiment.data
        self.setVisible(isinstance(data, Landscape))
        if isinstance(data, Landscape):
            x, z = problem.first_theta.tolist()
            self.name.show_value(data.name)
            for field, value in ((self.start_x, x), (self.start_z, z)):
                field.show_value(float(f"{value:.4g}"))  # the ball is dragged to places of many digits
            self.noise.show_value(data.noise)
