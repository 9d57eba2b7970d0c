"""The training card: batch, learning rate, optimiser, cost, regulariser and stop rules. All of it is live."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ann_studio.data.dataset import Classes
from ann_studio.gui.cards.card import SettingsCard
from ann_studio.gui.cards.titles import LOSS_OPTIONS, OPTIMIZER_OPTIONS, REGULARIZER_OPTIONS
from ann_studio.gui.controls import Choice, Segments, Switch, describe, field_row, named, tab_in_reading_order
from ann_studio.gui.fields import NumberField, Slider
from ann_studio.gui.form import NumberForm
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import Theme
from ann_studio.learning.experiment import L1, L2, Landscape, Supervised, kind_of
from ann_studio.learning.problem import Problem
from ann_studio.learning.race import name_of, rate_for
from ann_studio.learning.supervised import batch_size
from ann_studio.nn.losses import LOSSES

#: Learning rates of the slider: 1, 1.5, 2, 3, 5, 7 of each power of ten.
_RATES = tuple(
    round(factor * 10.0**power, 8) for power in range(-5, 2) for factor in (1, 1.5, 2, 3, 5, 7)
)[:-5]  # fmt: skip
_DEFAULT_BATCH = 10
#: Kinds of batch: title, what it is, and what it is on a landscape; how `name_of` calls them.
_BATCHES = {
    "batch": ("Batch", "All samples of the training set at once", "The exact gradient: the mean of all noisy ones"),
    "mini": ("Mini", "A few samples at a time", "The mean of a few noisy gradients"),
    "stochastic": ("Stoch.", "A single sample at a time (stochastic)", "A single noisy gradient (stochastic)"),
}
_KINDS = {"Batch": "batch", "Mini-batch": "mini", "Stochastic": "stochastic"}


class TrainingCard(SettingsCard):
    """How the network learns."""

    def __init__(self) -> None:
        super().__init__("Training")
        self.header.addWidget(self.unfold)
        self._build_batch()
        self._build_rate()
        self.optimizer = Choice("Optimiser", "The rule that turns gradients into steps", OPTIMIZER_OPTIONS)
        self.optimizer.chosen.connect(self._choose_optimizer)
        self.loss = Choice("Cost", "The cost function that is descended", LOSS_OPTIONS)
        self.loss.chosen.connect(lambda value: self.ask("learning.loss", value))
        self.regularizer = Choice("Regularise", "Keep weights small by a penalty", REGULARIZER_OPTIONS)
        self.regularizer.chosen.connect(self._choose_regularizer)
        self.strength = NumberField("Strength λ", "How much the penalty counts", width=64)
        self.strength.typed.connect(lambda value: self.ask("learning.regularizer.strength", value))
        self.rows.addWidget(field_row("Optimiser", self.optimizer))
        self.of_networks = (field_row("Cost", self.loss), field_row("Regularise", self.regularizer, self.strength))
        for row in self.of_networks:
            self.rows.addWidget(row)
        self._build_more()

    def _build_batch(self) -> None:
        self.batch = Segments("Gradient from", [(title, "", kind) for kind, (title, _, _) in _BATCHES.items()])
        self.batch.chosen.connect(self._choose_batch)
        self.samples = NumberField("Batch size", "Samples in each update", width=56)
        self.samples.typed.connect(lambda value: self.ask("learning.batch_size", value))
        self.of = named(QLabel(), "fieldValue")
        self.rows.addWidget(self._headed("Gradient from", (self.samples, self.of), self.batch))

    def _build_rate(self) -> None:
        self.rate = NumberField("Learning rate", "How far each step goes: type a number and press Enter")
        self.rate.typed.connect(lambda value: self.ask("learning.optimizer.learning_rate", value))
        self.rate_slider = Slider("Learning rate slider", "How far each step goes", len(_RATES) - 1)
        self.rate_slider.moved.connect(lambda position: self.rate.show_value(_RATES[position]))
        self.rate_slider.settled.connect(
            lambda position: self.ask("learning.optimizer.learning_rate", _RATES[position])
        )
        # The rate may lie between two positions.
        self.rate_slider.returned.connect(lambda: self.rate.show_value(self._learning().optimizer.learning_rate))
        self.rows.addWidget(self._headed("Learning rate η", (self.rate,), self.rate_slider))

    def _headed(self, label: str, values: tuple[QWidget, ...], below: QWidget) -> QWidget:
        """A label and what it is at the right, above a wide control."""
        block = QWidget()
        layout = QVBoxLayout(block)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(named(QLabel(label), "fieldLabel"))
        top.addStretch(1)
        for value in values:
            top.addWidget(value)
        layout.addLayout(top)
        layout.addWidget(below)
        return block

    def _build_more(self) -> None:
        self.hyper = NumberForm("learning.optimizer", self.ask, without=("learning_rate",))
        self.reshuffle = Switch("Reshuffle every epoch", "Take the samples in another order in each epoch")
        self.reshuffle.switched.connect(lambda on: self.ask("learning.reshuffle", on))
        self.clip = NumberField("Clip gradients to", "Shorten gradients that are longer than this; empty: never")
        self.clip.typed.connect(lambda value: self.ask("learning.clip_norm", value))
        self.epochs = NumberField("Stop after epochs", "Stop there by itself; empty: never")
        self.epochs.typed.connect(lambda value: self.ask("stop.epochs", value))
        self.target = NumberField("Stop at cost", "Stop once the training cost is at most this; empty: never")
        self.target.typed.connect(lambda value: self.ask("stop.target_loss", value))
        for row in (
            self.hyper,
            field_row("Clip gradients to", self.clip),
            field_row("Stop after epochs", self.epochs),
            field_row("Stop at cost", self.target),
            self.reshuffle,
        ):
            self.more.addWidget(row)

    # --- what there is ----------------------------------------------------------------------------------------------
    def show_problem(self, problem: Problem) -> None:
        """Show how `problem` is learned."""
        self._problem = problem
        learning, stop = problem.experiment.learning, problem.experiment.stop
        self._show_batch(problem)
        rate = learning.optimizer.learning_rate
        self.rate.show_value(rate)
        nearest = min(range(len(_RATES)), key=lambda position: abs(_RATES[position] / rate - 1))
        self.rate_slider.show_position(nearest)
        self.optimizer.show_value(kind_of(learning.optimizer))
        self.hyper.show_struct(learning.optimizer)
        for row in self.of_networks:
            # A landscape is a cost itself, and is descended as it is.
            row.setVisible(learning.loss is not None)
        self.loss.set_options(_fitting(problem))
        self.loss.show_value(learning.loss)
        self.regularizer.show_value(kind_of(learning.regularizer))
        penalised = isinstance(learning.regularizer, L1 | L2)
        self.strength.setVisible(penalised)
        if isinstance(learning.regularizer, L1 | L2):
            self.strength.show_value(learning.regularizer.strength)
        self.reshuffle.show_value(learning.reshuffle)
        self.clip.show_value(learning.clip_norm)
        self.epochs.show_value(stop.epochs)
        self.target.show_value(stop.target_loss)
        tab_in_reading_order(self)

    def _show_batch(self, problem: Problem) -> None:
        """How many samples an update takes, or on a landscape how many of its noisy gradients."""
        samples, size = len(problem.train), batch_size(problem)
        landscape = isinstance(problem.experiment.data, Landscape)
        kind = _KINDS[name_of(problem.experiment.learning, samples)]
        self.batch.show_value(kind)
        self.samples.setVisible(kind == "mini")
        self.samples.show_value(size)
        exact = "exact" if landscape else "the only sample" if samples == 1 else f"all {samples:,} samples"
        self.of.setText({"mini": f"of {samples:,}", "batch": exact}.get(kind, f"1 of {samples:,}"))
        self.samples.setToolTip("Noisy gradients in each update" if landscape else "Samples in each update")
        for name, least in (("batch", 1), ("mini", 3), ("stochastic", 2)):
            title, of_samples, of_gradients = _BATCHES[name]
            button = self.batch.button(name)
            button.setEnabled(samples >= least)
            hint = of_gradients if landscape else of_samples
            describe(button, f"Gradient from: {title}", hint if samples >= least else _none_smaller(landscape, samples))
        self.reshuffle.setVisible(samples > 1)
        self.reshuffle.setToolTip(
            f"Take the {'noisy gradients' if landscape else 'samples'} in another order in each epoch"
        )

    def set_theme(self, theme: Theme) -> None:
        """Use these colours; each kind of batch has the marker that it has in a race."""
        self.theme = theme
        for value, shape, colour in (
            ("batch", "circle-fill", theme.batch),
            ("mini", "square-fill", theme.mini_batch),
            ("stochastic", "triangle-fill", theme.stochastic),
        ):
            self.batch.button(value).setIcon(icon(shape, theme, colour))

    # --- what the user does -----------------------------------------------------------------------------------------
    def _learning(self) -> Supervised:
        experiment = self.latest()
        assert experiment is not None
        return experiment.learning

    def _choose_batch(self, kind: str) -> None:
        assert self._problem is not None
        most = max(2, len(self._problem.train) // 2)
        self.ask("learning.batch_size", {"batch": "full", "stochastic": 1}.get(kind, min(_DEFAULT_BATCH, most)))

    def _choose_optimizer(self, kind: str) -> None:
        """Another optimiser with its own defaults; among the plain ones the learning rate stays."""
        rate = rate_for(self._learning().optimizer, kind)
        self.ask("learning.optimizer", {"kind": kind, "learning_rate": rate})

    def _choose_regularizer(self, kind: str) -> None:
        old = self._learning().regularizer
        value: dict[str, Any] = {"kind": kind}
        if kind != "none" and isinstance(old, L1 | L2):
            value["strength"] = old.strength
        self.ask("learning.regularizer", value)


def _none_smaller(landscape: bool, samples: int) -> str:
    """Why there is no smaller batch."""
    if landscape and samples == 1:
        return "The gradient is exact: set a gradient noise in the Data card, and there are noisy ones"
    things = "noisy gradients" if landscape else "samples"
    return f"There are two {things} only" if samples == 2 else "There is one sample only"


def _fitting(problem: Problem) -> list[tuple[str, str]]:
    """The cost functions that make sense for these data."""
    classes, outputs = isinstance(problem.dataset.target, Classes), problem.architecture.sizes[-1]
    fitting = {None} | ({"sigmoid"} if classes and outputs == 1 else {"softmax"} if classes else set())
    chosen = problem.experiment.learning.loss
    return [(title, name) for title, name in LOSS_OPTIONS if LOSSES[name].needs in fitting or name == chosen]
