"""The inspector: a card that looks into what is selected in the network."""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ann_studio.analysis.layers import LayerHistory
from ann_studio.analysis.neuron import OverTraining, is_quick, over_training
from ann_studio.engine.messages import Frame, Inspected, Inspection, Status, Unanswered
from ann_studio.gui.controls import Elided, Segments
from ann_studio.gui.hint import HEIGHT, Hint
from ann_studio.gui.parameters import fitted
from ann_studio.gui.points import NeuronPoint, Point, WeightPoint
from ann_studio.gui.theme import GAP, Theme
from ann_studio.gui.view import View
from ann_studio.gui.views.inspector import contents, mapping, words
from ann_studio.gui.views.inspector.canvas import Canvas
from ann_studio.gui.views.inspector.pages import EdgeNow, NeuronNow, Page, Saying
from ann_studio.gui.views.inspector.tables import table_of
from ann_studio.learning.experiment import Landscape
from ann_studio.learning.problem import Problem

Tab = Literal["now", "map", "history", "layers"]
_TABS: tuple[tuple[str, str, Tab], ...] = (
    ("Now", "Its sum and where it stands on its curve, or the numbers of a connection (Alt+1)", "now"),
    ("Map", "What it computes over the plane of the inputs (Alt+2)", "map"),
    ("History", "Its weights over the run (Alt+3)", "history"),
    ("Layers", "Weights, activations and gradients of all layers over time (Alt+4)", "layers"),
)
#: Room of the name, beside the tabs.
_NAME = 112
#: Height that the picture keeps before the warning below it has any room.
_LEAST_PICTURE = 96
#: Seconds from one request to the next at least, while a network trains.
_PATIENCE = 0.35


class _Name(Elided):
    """What is inspected; in few letters where it has no room."""

    def shown_text(self) -> str:
        """What there is room for."""
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        said = fitted(self.text(), room, metrics.horizontalAdvance)
        return metrics.elidedText(said[:1].upper() + said[1:], Qt.TextElideMode.ElideRight, room)


class InspectorView(View):
    """The card of the inspector.

    What takes longer than a frame has time for, it asks the surveyor for: one thing at a time, a new one as soon as the
    last was answered and the parameters have changed since, and while a network trains a few times a second at most.
    """

    inspection_wanted = Signal(object)  #: an `Inspection`; the newest wins
    edge_chosen = Signal(object)  #: a `WeightPoint` whose bar was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Neuron", parent)
        self.title.hide()  # what is inspected stands in its place
        self.name = _Name("Neuron", "cardTitle")
        self.header.insertWidget(0, self.name, 1)
        self.tabs = Segments("Inspect", _TABS)
        for position, (_, _, tab) in enumerate(_TABS):
            self.tabs.button(tab).setShortcut(f"Alt+{position + 1}")
        self.tabs.show_value("now")
        self.tabs.chosen.connect(lambda _tab: self._refresh())
        self.canvas, self.warning = Canvas(), Hint("What is wrong with this neuron")
        self.canvas.source_chosen.connect(self._choose_source)
        self.canvas.layer_chosen.connect(self._choose_layer)
        self.header.addWidget(self.tabs)
        self.body.addWidget(self.canvas, 1)
        self.body.addWidget(self.warning)
        self.target: Point = None
        self.layer = -1  #: the layer after the input that is chosen, or −1
        self.over: OverTraining | None = None
        self.layers: LayerHistory | None = None
        self._frame: Frame | None = None
        self._shown: tuple[object, ...] = ()
        self._kept: tuple[object, ...] = ()
        self._asked: Inspection | None = None  #: the newest request
        self._waiting = False  #: whether its answer is still to come
        self._answered: dict[str, Frame] = {}  #: of which frame each kind of answer is that there is
        self._asked_at = 0.0
        self._refresh()

    # --- what is looked at ------------------------------------------------------------------------------------------
    @property
    def tab(self) -> Tab:
        """Which page is open."""
        tab: Tab = self.tabs.shown
        return tab

    @property
    def page(self) -> Page:
        """What is shown."""
        return self.canvas.page

    def inspect(self, target: Point) -> None:
        """Look into this neuron or connection, or into none."""
        if target == self.target:
            return
        self.target = target
        if target is not None and self.tab == "layers":
            self.tabs.show_value("now")
        self._refresh()

    def inspect_layer(self, layer: int) -> None:
        """Show the layers over time, and this one large; 0 is the first after the input, −1 none."""
        self.layer = layer
        self.tabs.show_value("layers")
        self._refresh()

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self._refresh()

    def _choose_source(self, source: int) -> None:
        if isinstance(self.target, NeuronPoint):
            self.edge_chosen.emit(WeightPoint(self.target.layer - 1, source, self.target.unit))

    # --- frames -----------------------------------------------------------------------------------------------------
    def show_frame(self, frame: Frame) -> None:
        """Show the main run's network from inside."""
        problem = frame.problem
        if problem is None or not frame.snapshots or frame.status is Status.PREPARING:
            return
        before, self._frame = self._frame, frame
        if before is None or not _is_same_network(before.problem, problem):
            self.over = self.layers = None
            self._answered.clear()
            self.layer = -1
            if before is not None and not words.fits(problem.architecture, self.target):
                self.target = None
        elif before.problem is not problem:
            self.over = None  # the training part may be another one
        self._refresh()

    def _refresh(self) -> None:
        """Make the page anew, if anything has changed that it shows."""
        frame = self._frame
        problem = frame.problem if frame is not None else None
        if frame is None or problem is None or isinstance(problem.experiment.data, Landscape):
            self._show(Saying(words.NOTHING), "Neuron", "")
            return
        target = self.target if words.fits(problem.architecture, self.target) else None
        self._look_at_all_samples(frame, problem)
        snapshot = frame.snapshots[0]
        pictures = frame.pictures if self.tab == "map" else None
        parts = (snapshot.state, snapshot.phase, pictures, self.over, self.layers, problem)
        shown = (*map(id, parts), target, self.tab, self.layer)
        if shown != self._shown:
            # They are kept, for another object may get the number of one that is gone.
            self._shown, self._kept = shown, parts
            page = self._page_of(frame, problem, target)
            if self.tab == "layers":
                self._show(page, "Layers", "")
            else:
                said = words.sample_name(problem, snapshot.phase)
                self._show(page, words.heading(problem, target), said)
            self._warn(frame, target, page)
        self._ask(frame, problem)

    def _page_of(self, frame: Frame, problem: Problem, target: Point) -> Page:
        tab = self.tab
        if tab == "layers":
            return contents.layers(problem, self.layers, self.layer)
        if target is None:
            return Saying(words.NOTHING)
        if tab == "now":
            return contents.now(frame, target, self.over)
        return mapping.mapped(frame, target) if tab == "map" else contents.past(frame, target)

    def _show(self, page: Page, title: str, sample: str) -> None:
        named = f"{title} · {sample}" if sample and isinstance(page, NeuronNow | EdgeNow) else title
        if self.name.text() != title:
            self.name.setText(title)
        self.name.setToolTip(named)
        self.setAccessibleName(named)
        self.canvas.show_page(page, words.spoken(page, title, sample))

    def _warn(self, frame: Frame, target: Point, page: Page) -> None:
        said = contents.warning(frame, target, page, self.over) if isinstance(target, NeuronPoint) else ""
        if said != self.warning.text:
            self.warning.say(said, "warning")
            self._share_room()

    def _share_room(self) -> None:
        """Give the warning a line where the picture keeps enough height."""
        room = self.body.geometry().height() - self.body.spacing() - _LEAST_PICTURE
        self.warning.allow(room)

    # --- what is asked for ------------------------------------------------------------------------------------------
    def _about(self) -> Literal["training", "layers"] | None:
        """What the open page needs to know beyond its frame."""
        if self.tab == "layers":
            return "layers"
        needs = self.tab == "now" and self.target is not None
        return "training" if needs and self.target != NeuronPoint(0, getattr(self.target, "unit", 0)) else None

    def _look_at_all_samples(self, frame: Frame, problem: Problem) -> None:
        """Where it is quick, what is said of all samples is of this very frame."""
        theta = frame.snapshots[0].state.theta
        quick = self._about() == "training" and is_quick(problem)
        if quick and (self.over is None or self.over.theta is not theta):
            self.over = over_training(problem, theta)
            self._answered["training"] = frame

    def _ask(self, frame: Frame, problem: Problem) -> None:
        """Ask for what the page needs, if it is to be seen, has changed since, and nothing is under way."""
        about = self._about()
        if about is None or not self.isVisible() or self._is_known(about, frame):
            return
        asked = self._asked
        if self._waiting and asked is not None and asked.about == about and asked.frame.problem is problem:
            return
        hurry = frame.status is not Status.TRAINING or about not in self._answered
        if not hurry and time.monotonic() - self._asked_at < _PATIENCE:
            return
        self._asked = Inspection(1 if asked is None else asked.request + 1, frame, about)
        self._waiting, self._asked_at = True, time.monotonic()
        self.inspection_wanted.emit(self._asked)

    def _is_known(self, about: str, frame: Frame) -> bool:
        known = self._answered.get(about)
        if known is None:
            return False
        one, other = known.snapshots[0].state, frame.snapshots[0].state
        same = known.problem is frame.problem and one.update == other.update
        return same and (one.theta is other.theta or np.array_equal(one.theta, other.theta))

    def show_inspected(self, inspected: Inspected) -> None:
        """Take the answer to the newest request; others are out of date."""
        if self._asked is None or inspected.inspection.request != self._asked.request:
            return
        self._waiting = False
        frame, now = inspected.inspection.frame, self._frame
        if now is None or not _is_same_network(frame.problem, now.problem):
            return
        self._answered[inspected.inspection.about] = frame
        if isinstance(inspected.found, OverTraining):
            self.over = inspected.found
        else:
            self.layers = inspected.found
        self._refresh()

    def show_unanswered(self, unanswered: Unanswered) -> None:
        """A request failed: it is made again once the parameters have changed."""
        if unanswered.wanted is self._asked and self._asked is not None:
            self._waiting = False
            self._answered[self._asked.about] = self._asked.frame

    # --- the card ---------------------------------------------------------------------------------------------------
    def minimumSizeHint(self) -> QSize:
        """Room for the picture; the warning comes where there is more."""
        least = super().minimumSizeHint()
        return QSize(least.width(), least.height() - (0 if self.warning.isHidden() else HEIGHT + self.body.spacing()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow card the tabs have a line of their own."""
        super().resizeEvent(event)
        self._place_tabs()
        self._share_room()

    def showEvent(self, event: QShowEvent) -> None:
        """There may be another control in the header than before."""
        super().showEvent(event)
        self._place_tabs()

    def _place_tabs(self) -> None:
        """Put the tabs beside the name where it has room enough, else below."""
        items = (self.header.itemAt(k) for k in range(self.header.count()))
        widgets = [widget for item in items if item is not None and (widget := item.widget()) is not None]
        others = [each for each in widgets if each not in (self.name, self.tabs) and not each.isHidden()]
        needed = sum(each.sizeHint().width() + self.header.spacing() for each in (*others, self.tabs))
        wide = self.width() - 2 * GAP - needed >= _NAME
        if wide and self.header.indexOf(self.tabs) < 0:
            self.header.insertWidget(1, self.tabs)
        elif not wide and self.body.indexOf(self.tabs) < 0:
            self.body.insertWidget(0, self.tabs)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.canvas.set_theme(theme)
        self.warning.set_theme(theme)

    def picture_widget(self) -> QWidget:
        """The picture without its card."""
        return self.canvas

    def numbers(self) -> str:
        """The numbers of the page, with all digits where it has them."""
        return table_of(self.page)


def _is_same_network(one: Problem | None, other: Problem | None) -> bool:
    if one is None or other is None:
        return False
    return one is other or (one.dataset is other.dataset and one.architecture == other.architecture)
