"""The network view: a card with the graph, the hand on it, and the strip that says what an edit did."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from ann_studio.engine.messages import Frame, Freeze, Pause, Prune, Run, Status, Undo
from ann_studio.gui.controls import flat_button
from ann_studio.gui.icons import icon
from ann_studio.gui.parameters import layer_name, title
from ann_studio.gui.theme import Theme
from ann_studio.gui.view import View
from ann_studio.gui.views.network.actions import fill_edits, fill_layers
from ann_studio.gui.views.network.effect import to_freeze
from ann_studio.gui.views.network.field import ValueField
from ann_studio.gui.views.network.graph import HINT, Graph
from ann_studio.gui.views.network.hand import Hand
from ann_studio.gui.views.network.points import Held, lines
from ann_studio.gui.views.network.strip import EffectStrip
from ann_studio.gui.views.network.weakest import PruneDialog
from ann_studio.learning.state import Positions
from ann_studio.nn.architecture import views

_MOST_NUMBERS = 100_000
#: From this width on there is room for words in the header.
_WITH_WORDS = 360


class NetworkView(View):
    """The card of the network."""

    selected = Signal(object)  #: a `WeightPoint`, a `NeuronPoint` or None
    layer_selected = Signal(int)  #: a layer whose name was clicked; 0 is the input

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Network", parent)
        self.graph = Graph()
        self.graph.selected.connect(self.selected)
        self.graph.layer_selected.connect(self.layer_selected)
        self.graph.noted.connect(self._note)
        self.hand, self.field = Hand(self.graph), ValueField(self.graph)
        self.hand.commanded.connect(self.commanded)
        self.hand.editorWanted.connect(self.edit_value)
        self.hand.layerWanted.connect(self.ask_layer)
        self.field.entered.connect(self.hand.set_value)
        self.field.opened.connect(self.graph.cover_pill)
        self.graph.selected.connect(lambda _point: self.field.leave())
        self.strip = EffectStrip()
        self.strip.undone.connect(self._undo)
        self.strip.trainedOn.connect(self.train_on)
        self.prune = flat_button("Prune…", "Prune the weakest", "Delete the weakest weights (Ctrl+Shift+P)")
        self.prune.clicked.connect(self.ask_weakest)
        self.header.addWidget(self.prune)
        self.explain(HINT)
        self._frame: Frame | None = None
        self._dialog: PruneDialog | None = None
        self._size = self._noted = ""
        self._held = ""
        # The strip lies over the legend, so that the graph stays where it is.
        place = QGridLayout()
        place.addWidget(self.graph, 0, 0, 2, 1)
        place.addWidget(self.strip, 1, 0)
        place.setRowStretch(0, 1)
        self.body.addLayout(place, 1)

    def show_frame(self, frame: Frame) -> None:
        """Show the main run's network."""
        if frame.problem is None or not frame.snapshots:
            return
        if self.graph.problem is not None and frame.problem.first_theta is not self.graph.problem.first_theta:
            self.field.leave()
        self._frame = frame
        snapshot = frame.snapshots[0]
        state = snapshot.state
        moving = frame.status is Status.TRAINING
        self.hand.follow(None if moving else (id(frame.problem.first_theta), state.update))
        count = frame.problem.architecture.parameters
        self._size = f"{count:,} parameter{'' if count == 1 else 's'}"
        counts = ((len(state.pruned), "deleted"), (len(state.frozen), "frozen"))
        self._held = " · ".join(f"{many:,} {word}" for many, word in counts if many)
        self._note(self._noted)
        self.graph.show_network(
            frame.problem,
            state.theta,
            frame.pictures,
            snapshot.phase,
            fresh=state.update == 0,
            held=Held(state.pruned, state.frozen),
        )
        self.strip.show_effect(frame.effect, frame.problem, state)
        self.strip.allow_undo(_is_last(frame))
        if self._dialog is not None:
            self._dialog.show_weights(frame.problem.architecture, state.theta, state.held)

    def mark_layer(self, layer: int | None) -> None:
        """Put a warning at a layer where something is wrong, from 1; None: nowhere."""
        self.graph.mark_layer(layer)

    def _note(self, note: str) -> None:
        self._noted = note
        self.describe(" · ".join(part for part in (self._size, self._held, note) if part))

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.graph.set_theme(theme)
        self.strip.set_theme(theme)
        self.prune.setIcon(icon("scissors", theme, theme.text_2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow card the button that prunes is an icon."""
        super().resizeEvent(event)
        self.prune.setText("Prune…" if self.width() >= _WITH_WORDS else "")

    def picture_widget(self) -> QWidget:
        """The graph without its card."""
        return self.graph

    def numbers(self) -> str:
        """Every weight and bias: layer, from, to, value; of very large networks the first ones."""
        problem = self.graph.problem
        if problem is None:
            return ""
        rows = ["layer\tfrom\tto\tvalue"]
        for layer, (weights, biases) in enumerate(views(problem.architecture, self.graph.theta)):
            name = layer_name(layer + 1, problem.architecture.layers)
            for target, bias in enumerate(biases.tolist()):
                arriving = enumerate(weights[:, target].tolist())
                rows.extend(f"{name}\t{source + 1}\t{target + 1}\t{weight!r}" for source, weight in arriving)
                rows.append(f"{name}\tbias\t{target + 1}\t{bias!r}")
                if len(rows) > _MOST_NUMBERS:
                    return "\n".join(rows[: _MOST_NUMBERS + 1])
        return "\n".join(rows)

    # --- the hand ---------------------------------------------------------------------------------------------------
    def extend_menu(self, menu: QMenu) -> None:
        """Offer the value under the mouse, and what can be done to it; what is under the mouse is then selected."""
        graph = self.graph
        if graph.hovered is not None:
            graph.select(graph.hovered)
        if graph.point is None or graph.problem is None:
            return
        text = "\n".join(lines(graph.problem, graph.theta, graph.point, graph.held))
        menu.addAction("Copy value", lambda: QGuiApplication.clipboard().setText(text))
        menu.addSeparator()
        self.fill_menu(menu)

    def fill_menu(self, menu: QMenu) -> None:
        """Add what can be done to the selection and to the network, as it is just now."""
        if not self.isVisible():
            menu.addAction("No network is in sight").setEnabled(False)
            return
        fill_edits(menu, self.graph, self.hand, partial(self.edit_value, ""))

    def edit_value(self, typed: str = "") -> None:
        """Let the selected value be typed at its pill; `typed` is what was typed of it already."""
        graph, index, value = self.graph, self.graph.index, self.hand.value
        if index is None or value is None or graph.problem is None:
            return
        self.hand.rest()
        if self.hand.is_deleted:
            # The runner says why not.
            self.hand.set_value(1.0)
            return
        place = graph.pill_of(graph.point) or QRectF(graph.rect())
        self.field.open(title(graph.problem, index), value, typed, place)

    def ask_layer(self) -> None:
        """Offer the kinds of layers that can be added at the selection."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_layers(menu, self.graph, self.hand)
        if menu.isEmpty():
            menu.deleteLater()
            return
        at = self.graph.anchor(self.graph.point)
        spot = QPoint(20, 20) if at is None else at.toPoint()
        menu.setActiveAction(menu.actions()[0])
        menu.popup(self.graph.mapToGlobal(spot))

    def ask_weakest(self) -> None:
        """Ask how many of the weakest weights are to be deleted."""
        if self._frame is None or self._frame.problem is None or self._dialog is not None or not self.isVisible():
            return
        self._dialog = dialog = PruneDialog(self.window())
        state = self._frame.snapshots[0].state
        dialog.show_weights(self._frame.problem.architecture, state.theta, state.held)
        dialog.chosen.connect(self._prune)
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    def _prune(self, positions: Positions) -> None:
        self.commanded.emit(Pause(seeks=False))
        self.commanded.emit(Prune(tuple(positions.tolist())))

    def _forget_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def _undo(self) -> None:
        self.hand.rest()
        self.commanded.emit(Undo())

    def hideEvent(self, event: QHideEvent) -> None:
        """What was being typed is given up."""
        self.field.leave()
        super().hideEvent(event)

    def train_on(self, frame: Frame | None = None) -> None:
        """Freeze what the last edit set, if the run stands there, and train the rest.

        `frame` is the present one, which this view has not seen while it is hidden.
        """
        self.hand.rest()
        frame = self._frame if frame is None else frame
        if frame is None or not frame.snapshots:
            return
        if frame.effect is not None:
            indices = to_freeze(frame.effect, frame.snapshots[0].state)
            if indices:
                self.commanded.emit(Freeze(indices))
        self.commanded.emit(Run())


def _is_last(frame: Frame) -> bool:
    """Whether the edit at whose moment the run stands is the one that `Undo` takes back: there is none further on."""
    if frame.course is None:
        return True
    edits = [mark.update for mark in frame.course.marks if mark.kind == "edit"]
    return not edits or edits[-1] <= frame.snapshots[0].state.update
