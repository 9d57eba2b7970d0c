"""The network card: inputs, layers, activations and the first weights."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ann_studio.analysis.pictures import is_line, is_plane
from ann_studio.data.features import EXTRA, pretty
from ann_studio.data.table.errors import clip
from ann_studio.gui.cards.card import SettingsCard
from ann_studio.gui.cards.titles import ACTIVATION_OPTIONS, OUTPUT_OPTIONS, SCHEME_OPTIONS
from ann_studio.gui.controls import (
    Choice,
    MenuChoice,
    describe,
    field_row,
    flat_button,
    named,
    tab_in_reading_order,
)
from ann_studio.gui.fields import NumberField, Stepper
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import Theme
from ann_studio.learning.experiment import MOST_LAYERS, MOST_UNITS, GivenWeights, Hidden, RandomWeights
from ann_studio.learning.problem import Problem

_NAME_WIDTH, _UNITS_WIDTH = 56, 74
_LINE_FEATURES = ("x1", "x1^2", "sin(x1)")
_NEW_LAYER = {"units": 4, "activation": "tanh"}


class LayerRow(QWidget):
    """A hidden layer: its name, units, activation, and a button that removes it."""

    def __init__(self, position: int) -> None:
        super().__init__()
        name = f"Hidden {position + 1}"
        self.units = Stepper(f"{name} units", "Neurons in this layer", 1, MOST_UNITS)
        self.units.setFixedWidth(_UNITS_WIDTH)
        self.activation = Choice(f"{name} activation", "What each neuron makes of its weighted sum", ACTIVATION_OPTIONS)
        self.remove = flat_button("", f"Remove {name.lower()}", f"Remove {name.lower()}; the weights start afresh")
        self.remove.setProperty("kind", "narrow")
        self.remove.setFixedWidth(20)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        label = named(QLabel(name if position < 9 else f"Hid. {position + 1}"), "fieldLabel")
        label.setFixedWidth(_NAME_WIDTH)
        layout.addWidget(label)
        layout.addWidget(self.units)
        layout.addWidget(self.activation, 1)
        layout.addWidget(self.remove)


class NetworkCard(SettingsCard):
    """The layers, one row each."""

    newWeights = Signal()

    def __init__(self) -> None:
        super().__init__("Network")
        self.add = flat_button("Add layer", "Add layer", "Add a hidden layer; the weights start afresh")
        self.add.setProperty("tone", "accent")
        self.add.clicked.connect(self._add)
        self.header.addWidget(self.unfold)
        self.header.addWidget(self.add)
        self.inputs = QLabel("")
        self.features = MenuChoice("Features", "Which functions of the inputs the network is shown")
        self.outputs = QLabel("")
        self.output_activation = Choice("Output activation", "What the output neurons make of their weighted sum")
        self.output_activation.chosen.connect(lambda value: self.ask("network.output_activation", value))
        self.layers: list[LayerRow] = []
        self._layers = QVBoxLayout()
        self._layers.setSpacing(8)
        self.rows.addWidget(self._end_row("Input", self.inputs, self.features))
        self.rows.addLayout(self._layers)
        self.rows.addWidget(self._end_row("Output", self.outputs, self.output_activation))
        self._build_more()

    def _end_row(self, name: str, count: QLabel, control: QWidget) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 24, 0)
        layout.setSpacing(4)
        label = named(QLabel(name), "fieldLabel")
        label.setFixedWidth(_NAME_WIDTH)
        count.setFixedWidth(_UNITS_WIDTH)
        count.setObjectName("unitCount")
        layout.addWidget(label)
        layout.addWidget(count)
        layout.addWidget(control, 1)
        return row

    def _build_more(self) -> None:
        self.scheme = Choice("First weights", "The distribution from which the first weights are drawn", SCHEME_OPTIONS)
        self.scheme.chosen.connect(self._choose_scheme)
        self.scale = NumberField("Scale of the first weights", "Multiplies the first weights")
        self.scale.typed.connect(lambda value: self.ask("initial.scale", value))
        self.bias = NumberField("First bias", "The first value of every bias")
        self.bias.typed.connect(lambda value: self.ask("initial.bias", value))
        self.renew = QPushButton("New weights")
        describe(self.renew, "New weights", "Start afresh from other first weights; the data stay (Ctrl+R)")
        self.renew.clicked.connect(self.newWeights)
        self.scale_row, self.bias_row = field_row("Scale", self.scale), field_row("First bias", self.bias)
        for row in (field_row("First weights", self.scheme), self.scale_row, self.bias_row, self.renew):
            self.more.addWidget(row)

    # --- what there is ----------------------------------------------------------------------------------------------
    def show_problem(self, problem: Problem) -> None:
        """Show the layers of `problem`."""
        self._problem = problem
        sizes, network, initial = problem.architecture.sizes, problem.experiment.network, problem.experiment.initial
        self.inputs.setText(f"{sizes[0]:,}")
        self.outputs.setText(f"{sizes[-1]:,}")
        self._show_features(problem)
        self._show_layers(network.hidden)
        self.output_activation.set_options(OUTPUT_OPTIONS if sizes[-1] > 1 else ACTIVATION_OPTIONS)
        self.output_activation.show_value(network.output_activation)
        self.add.setEnabled(len(network.hidden) < MOST_LAYERS)
        random = isinstance(initial, RandomWeights)
        self.scheme.set_options(SCHEME_OPTIONS if random else [("as given", "given"), *SCHEME_OPTIONS])
        self.scale_row.setVisible(random)
        self.bias_row.setVisible(random)
        if isinstance(initial, RandomWeights):
            self.scheme.show_value(initial.scheme)
            self.scale.show_value(initial.scale)
            self.bias.show_value(initial.bias)
        else:
            self.scheme.show_value("given")
        tab_in_reading_order(self)

    def _show_layers(self, hidden: tuple[Hidden, ...]) -> None:
        while len(self.layers) > len(hidden):
            row = self.layers.pop()
            row.hide()
            row.deleteLater()
        while len(self.layers) < len(hidden):
            self._append_row()
        for row, layer in zip(self.layers, hidden, strict=True):
            row.units.show_value(layer.units)
            row.activation.show_value(layer.activation)

    def _append_row(self) -> None:
        position = len(self.layers)
        row = LayerRow(position)
        row.units.chosen.connect(lambda value: self.ask(f"network.hidden.{position}.units", value))
        row.activation.chosen.connect(lambda value: self.ask(f"network.hidden.{position}.activation", value))
        row.remove.clicked.connect(partial(self._remove, position))
        row.remove.setIcon(icon("x", self.theme, self.theme.text_3))
        self.layers.append(row)
        self._layers.addWidget(row)

    def _show_features(self, problem: Problem) -> None:
        """The chosen features; for two numbers a menu, for a table what the columns are."""
        chosen, dataset = problem.experiment.features or (), problem.dataset
        plain = all(name == f"x{k + 1}" for k, name in enumerate(chosen))
        text = "columns" if len(chosen) > 2 and plain else ", ".join(pretty(name) for name in chosen)
        offered = ("x1", "x2", *EXTRA) if is_plane(dataset) else _LINE_FEATURES if is_line(dataset) else ()
        self.features.setEnabled(bool(offered))
        short = self.features.fontMetrics().horizontalAdvance(text) < 52
        self.features.show_text(text if short or not offered else f"{len(chosen)} features")
        shown = ", ".join(dataset.input_names) if plain else text
        self.features.setToolTip(f"Which functions of the inputs the network is shown: {clip(shown, 300)}")
        entries = [(pretty(name), name in chosen) for name in offered]
        self.features.set_ticks(entries, partial(self._toggle_feature, offered))

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.add.setIcon(icon("plus", theme, theme.accent))
        for row in self.layers:
            row.remove.setIcon(icon("x", theme, theme.text_3))

    # --- what the user does -----------------------------------------------------------------------------------------
    def _hidden(self) -> list[dict[str, object]]:
        """The layers as the rows show them: quick presses build on each other."""
        return [{"units": row.units.value, "activation": row.activation.currentData()} for row in self.layers]

    def _ask_layers(self, hidden: list[dict[str, object]]) -> None:
        self.ask("network.hidden", hidden)
        # At once, so that each row's buttons mean that row also before the network of this press has come.
        self._show_layers(tuple(msgspec.convert(layer, Hidden) for layer in hidden))

    def _add(self) -> None:
        hidden = self._hidden()
        if len(hidden) < MOST_LAYERS:
            self._ask_layers([*hidden, {**hidden[-1]} if hidden else dict(_NEW_LAYER)])

    def _remove(self, position: int, _checked: bool = False) -> None:
        hidden = self._hidden()
        self._ask_layers(hidden[:position] + hidden[position + 1 :])

    def _toggle_feature(self, offered: tuple[str, ...], _position: int, _on: bool) -> None:
        """Ask for what is ticked now: quick ticks build on each other."""
        self.ask("features", [name for name, ticked in zip(offered, self.features.ticks(), strict=True) if ticked])

    def _choose_scheme(self, scheme: str) -> None:
        experiment = self.latest()
        assert experiment is not None
        if scheme == "given":
            return
        if isinstance(experiment.initial, GivenWeights):
            self.ask("initial", {"kind": "random", "scheme": scheme})
        else:
            self.ask("initial.scheme", scheme)
