"""The main window: cards on the left, views in the middle, and the wires between them and the runner."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ann_studio.engine.messages import Examine, Frame, Seek, SetSpeed, Status, Undo
from ann_studio.gui.bridge import Bridge
from ann_studio.gui.cards.data import DataCard
from ann_studio.gui.cards.network import NetworkCard
from ann_studio.gui.cards.race import RaceCard
from ann_studio.gui.cards.training import TrainingCard
from ann_studio.gui.controls import Segments, focus_by_tab, named, tab_in_reading_order
from ann_studio.gui.dialogs.restarts import RestartLab
from ann_studio.gui.doctor import Doctor
from ann_studio.gui.document import Document, is_live, is_other_data, on_landscape, started_from
from ann_studio.gui.editor import Editor
from ann_studio.gui.files import Files
from ann_studio.gui.garbage import collect_here
from ann_studio.gui.hint_card import HintCard
from ann_studio.gui.keys import Keys
from ann_studio.gui.long_work import LongWork
from ann_studio.gui.menus import build_menus
from ann_studio.gui.notice import Notice
from ann_studio.gui.points import Point
from ann_studio.gui.style import palette, style_sheet
from ann_studio.gui.theme import GAP, THEMES, Theme
from ann_studio.gui.timeline import Timeline
from ann_studio.gui.transport import SPEEDS, Transport
from ann_studio.gui.turns import Shows, Turn, Turns
from ann_studio.gui.view import View
from ann_studio.gui.views.inspector import InspectorView
from ann_studio.gui.views.loss import LossView
from ann_studio.gui.views.microscope import MicroscopeView
from ann_studio.gui.views.microscope.chooser import subject_of_row
from ann_studio.gui.views.network import NetworkView
from ann_studio.gui.views.network.points import index_of
from ann_studio.gui.views.output import OutputView
from ann_studio.gui.views.output.view import has_lines
from ann_studio.gui.views.race import RaceView
from ann_studio.gui.views.relief import ReliefView
from ann_studio.gui.views.surface import SurfaceView
from ann_studio.gui.views.valley import ValleyView
from ann_studio.gui.workspaces import Pair, Place, Stack, Workspace, Workspaces
from ann_studio.learning.experiment import Experiment, Inline, Landscape, LandscapeName, Racer, RandomWeights
from ann_studio.learning.problem import Problem
from ann_studio.learning.race import MOST_RACERS

_log = logging.getLogger(__name__)

#: Width of the settings; the bar that scrolls them lies in the gap beside them.
_COLUMN = 280
#: Least width of the switch between workspaces, which has no more room than that in the header of the microscope.
_SWITCH = 252
#: Height of the network where it stands among the settings.
_SMALL_GRAPH = 240
#: Updates up to which one can seek forward.
_FURTHEST = 1_000_000_000
#: Below this width the settings become a drawer that is closed at first.
_DRAWER_BELOW = 1180
#: Width that output, inspector and valley have at least: they stand in one column, whichever of them are seen.
_RIGHT = 384
#: Below this height a hint takes two lines.
_LOW = 760


class MainWindow(QMainWindow):
    """The window.

    Parameters
    ----------
    settings
        Where geometry, theme, speed and recent files are remembered.
    """

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self.settings = settings
        self.bridge = Bridge(self)
        self.problem: Problem | None = None
        self.frame: Frame | None = None
        self.theme = (
            THEMES[str(settings.value("theme", "light"))] if settings.value("theme") in THEMES else THEMES["light"]
        )
        self.lab: RestartLab | None = None
        self._opening = False  #: an experiment was opened that the runner has not shown yet
        self._on_cards: Problem | None = None  #: the problem that the cards show
        self._drawer_before: bool | None = None  #: whether the settings were seen before the microscope was
        self.setWindowTitle("ANN Studio")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 640)
        self._build()
        self.long_work = LongWork(self.bridge, self.notice, self)
        self.editor = Editor(self.bridge, self.long_work, self)
        self.doctor = Doctor(self.bridge, self.editor, self.hint_card, settings, self)
        self.files = Files(self)
        self.actions_by_name = build_menus(self)
        self._connect()
        self.set_theme(self.theme)
        self._restore()
        self.keys = Keys(self)
        self._application().installEventFilter(self.keys)

    @property
    def document(self) -> Document | None:
        """What is edited; None before the first experiment was opened."""
        return self.editor.document

    @document.setter
    def document(self, document: Document | None) -> None:
        self.editor.document = document

    # --- building ---------------------------------------------------------------------------------------------------
    def _build(self) -> None:
        self.transport, self.timeline = Transport(), Timeline()
        self.data_card, self.network_card, self.training_card = DataCard(), NetworkCard(), TrainingCard()
        self.race_card = RaceCard()
        self.cards = (self.race_card, self.data_card, self.network_card, self.training_card)
        self.network_view, self.output_view, self.loss_view = NetworkView(), OutputView(), LossView()
        self.surface_view, self.relief_view = SurfaceView(), ReliefView()
        self.race_view, self.valley_view, self.inspector_view = RaceView(), ValleyView(), InspectorView()
        for view in (self.output_view, self.inspector_view, self.valley_view):
            view.setMinimumWidth(_RIGHT)
        self.microscope_view = MicroscopeView()
        self.views: tuple[View, ...] = (
            self.network_view, self.output_view, self.loss_view, self.surface_view, self.relief_view,
            self.race_view, self.valley_view, self.inspector_view, self.microscope_view,
        )  # fmt: skip
        self._take_turns()
        column = named(QWidget(), "column")
        column.setFixedWidth(_COLUMN)
        self._settings = cards = QVBoxLayout(column)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(GAP)
        self.switch = Segments("Workspace", [(each.title, each.hint, each.name) for each in self._workspaces()])
        self.switch.setMinimumWidth(_SWITCH)
        self.workspaces = Workspaces(self._workspaces())
        cards.addWidget(self.switch)
        self._column = QVBoxLayout()
        self._column.setSpacing(GAP)
        cards.addLayout(self._column)
        cards.addStretch(1)
        self.drawer = QScrollArea()
        self.drawer.setWidget(column)
        self.drawer.setWidgetResizable(True)
        self.drawer.setFrameShape(QFrame.Shape.NoFrame)
        self.drawer.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.drawer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.drawer.setFixedWidth(_COLUMN + 12)
        right = QVBoxLayout()
        right.setSpacing(GAP)
        self.hint_card = HintCard()
        right.addWidget(self.hint_card)
        right.addWidget(self.workspaces, 1)
        right.addWidget(self.timeline)
        body = QHBoxLayout()
        body.setContentsMargins(GAP, GAP, GAP, GAP)
        body.setSpacing(4)
        body.addWidget(self.drawer)
        body.addLayout(right, 1)
        central = named(QWidget(), "central")
        layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.transport)
        layout.addLayout(body, 1)
        self.setCentralWidget(central)
        # With the focus on no control, Space plays and the arrow keys step.
        central.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        central.setFocus()
        self.notice = Notice(self, self.transport)
        for widget in central.findChildren(QWidget):
            if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                focus_by_tab(widget)

    def _workspaces(self) -> tuple[Workspace, ...]:
        return (
            Workspace(
                "network", "Network", "The network, its output and its cost (F2)",
                (
                    (
                        67,
                        (
                            Place(self.network_view, 66),
                            Stack((Place(self.output_view, 54), Place(self.inspector_view, 46)), 34),
                        ),
                    ),
                    (33, (Place(self.loss_view, 66), Place(self.valley_view, 34))),
                ),
                (
                    Pair(
                        "Output or neuron",
                        (
                            ("Output", "What the network computes (F4)", self.output_view),
                            ("Neuron", "What is selected in the network, from inside (F4)", self.inspector_view),
                        ),
                        from_width=1080,
                        from_height=600,
                        is_enough=lambda width, height: self.output_view.is_enough(self.problem, width, height),
                    ),
                    Pair(
                        "Cost plot or valley",
                        (
                            ("Cost", "The cost of each epoch (Shift+F4)", self.loss_view),
                            ("Valley", "The cost along the selected weight (Shift+F4)", self.valley_view),
                        ),
                        from_width=860,
                        from_height=560,
                    ),
                ),
            ),
            Workspace(
                "descent", "Descent", "The error surface, and the race down it (F3)",
                (
                    (62, (Place(self.surface_view, 58), Place(self.relief_view, 42))),
                    (38, (Place(self.race_view, 40), Place(self.valley_view, 33), Place(self.loss_view, 27))),
                ),
                (
                    Pair(
                        "Table or cost plot",
                        (
                            ("Table", "The runs in a table (F4)", self.race_view),
                            ("Cost", "The cost of all runs as curves (F4)", self.loss_view),
                        ),
                        from_width=1200,
                    ),
                ),
            ),
            Workspace(
                "microscope", "Microscope", "One sample step by step, with all its numbers (F5)",
                ((1, (Place(self.microscope_view, 1),)),),
            ),
        )  # fmt: skip

    def _take_turns(self) -> None:
        """Say for each workspace which view shows every frame, and which take turns."""
        # Numbers of the same thing are of the same moment wherever they stand.
        bars: list[Shows] = [self.transport, self.timeline]
        self._turns = {
            "network": Turns(
                Turn([self.network_view, self.inspector_view], frozenset({"maps"})),
                [
                    Turn([self.output_view], frozenset({"region", "performance"})),
                    Turn([self.loss_view, *bars]),
                    Turn([self.valley_view]),
                ],
            ),
            "descent": Turns(
                Turn([self.surface_view, self.valley_view]),
                [
                    Turn([self.relief_view]), Turn([self.race_view, self.loss_view, *bars]),
                    Turn([self.network_view], frozenset({"maps"})),
                ],
            ),
            "microscope": Turns(Turn([self.microscope_view]), [Turn(bars)]),
        }  # fmt: skip

    @property
    def turns(self) -> Turns:
        """Whose turn it is in the present workspace."""
        return self._turns[self.workspaces.name]

    def _connect(self) -> None:
        self.bridge.framed.connect(self._show_frame)
        self.bridge.completed.connect(self._show_late)
        self.bridge.rested.connect(self._rest)
        self.editor.refused.connect(self.refuse)
        self.editor.reverted.connect(self._show_truth)
        self.editor.opened.connect(self._opened)
        self.transport.theme_toggled.connect(self.toggle_theme)
        self.switch.chosen.connect(self.workspaces.show_workspace)
        self.workspaces.revealed.connect(self._show_workspace)
        self._connect_surveys()
        sources: tuple[Transport | Timeline | RaceCard | View, ...] = (
            self.transport, self.timeline, self.race_card, *self.views,
        )  # fmt: skip
        for source in sources:
            source.commanded.connect(self.bridge.send)
        for card in self.cards:
            card.edited.connect(self.editor.edit)
            card.wish = self.editor.wish
        self.data_card.tableChosen.connect(self.files.open_shipped_table)
        self.data_card.importRequested.connect(self.files.ask_table)
        self.data_card.drawRequested.connect(self.draw_points)
        self.data_card.landscapeChosen.connect(self.open_landscape)
        self.network_card.newWeights.connect(self.new_weights)
        self.output_view.pointsDrawn.connect(self.take_drawn_points)
        self.output_view.draw.toggled.connect(lambda _on: self._show_undo())
        self.output_view.sampleSelected.connect(self.examine_row)
        self.output_view.sampleCleared.connect(lambda: self.bridge.send(Examine(None)))

    def _connect_surveys(self) -> None:
        """Wire what draws surfaces and valleys, and what chooses what they are over."""
        self.surface_view.survey_wanted.connect(self.bridge.survey)
        self.surface_view.start_moved.connect(self.start_from)
        self.valley_view.sounding_wanted.connect(self.bridge.sound)
        self.bridge.sounded.connect(self.valley_view.show_sounded)
        self.inspector_view.inspection_wanted.connect(self.bridge.inspect)
        self.bridge.inspected.connect(self.inspector_view.show_inspected)
        for asking in (self.surface_view, self.valley_view, self.inspector_view):
            self.bridge.unanswered.connect(asking.show_unanswered)
        self.network_view.selected.connect(self._offer)
        self.network_view.selected.connect(self._inspect)
        self.network_view.layer_selected.connect(self._inspect_layer)
        self.inspector_view.edge_chosen.connect(self.network_view.graph.select)
        self.doctor.marked.connect(self.network_view.mark_layer)
        for view in self.views:
            self.bridge.surveyed.connect(view.show_survey)
            self.race_card.hidden_changed.connect(view.show_hidden)

    def _offer(self, point: Point) -> None:
        """Draw surface and valley over the parameter that was clicked in the network."""
        if self.problem is None or point is None:
            return
        index = index_of(self.problem, point)
        for view in (self.surface_view, self.valley_view):
            if index is not None and self.frame is not None:
                view.show_frame(self.frame)  # while it was out of sight it has not heard of another problem
                view.offer(index)

    def _inspect(self, point: Point) -> None:
        """Look into what was selected in the network; of two views in one place, bring the one that tells of it."""
        self.inspector_view.inspect(point)
        # A boundary stays in sight, for a hand on a weight moves it.
        if self.workspaces.name == "network" and not has_lines(self.problem):
            self.workspaces.reveal(self.output_view if point is None else self.inspector_view)

    def _inspect_layer(self, layer: int) -> None:
        """Show a layer over time, whose name was clicked in the network."""
        if self.workspaces.name == "network":
            self.workspaces.reveal(self.inspector_view)
            self.inspector_view.inspect_layer(layer - 1)

    # --- life -------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start the threads; call once, after the window was made."""
        collect_here(self)
        self.bridge.want(self.turns.all_pictures)
        self.bridge.start()
        self.bridge.send(SetSpeed(SPEEDS[self.transport.speed.value()]))

    def refuse(self, message: str, error: Exception | None = None) -> None:
        """Say in one sentence what cannot be; everything stays as it is."""
        if error is not None and not _is_expected(error):
            _log.error("unexpected", exc_info=error)
            message = f"This should not have happened: {message or type(error).__name__}. See Help, Report a problem"
        self.notice.say(" ".join(message.split()), "error")
        self._show_truth()

    def _show_truth(self) -> None:
        """Put what is learned back onto the cards."""
        if self.problem is not None:
            self._show_cards(self.problem)

    def _opened(self, path: Path | None) -> None:
        self._opening = True
        if path is not None:
            self.files.remember(path)
        self.output_view.forget_drawn()

    # --- frames -----------------------------------------------------------------------------------------------------
    def _show_frame(self, frame: Frame) -> None:
        previous, self.frame = self.frame, frame
        if frame.problem is not None:
            self._show_problem(frame)
        self.race_card.show_frame(frame)
        self.turns.show(frame, time.perf_counter(), self.bridge.busy)
        self.bridge.want(self.turns.all_pictures, self.turns.next_pictures)
        self._show_undo()
        self.doctor.show_frame(frame)
        if previous is not None and previous.status is Status.DIVERGED and frame.status is not Status.DIVERGED:
            self._take_back(previous.message)
        said = "" if previous is None or frame.problem is not previous.problem else previous.message
        if frame.message and frame.message != said:
            self.notice.say(self.doctor.told(frame), "error" if frame.status is Status.DIVERGED else "info")
        if frame.error and (previous is None or frame.error != previous.error):
            self.notice.say(
                "The trainer failed; see Help, Report a problem. Your settings are kept: Reset starts again", "error"
            )

    def _take_back(self, message: str) -> None:
        """Say no longer what was said of another moment, with its advice or without."""
        if message.startswith(self.notice.text):
            self.notice.dismiss()

    def _show_late(self, frame: Frame) -> None:
        """Show pictures that had to be waited for."""
        if self.frame is not None and self.frame.serial == frame.serial:
            self.frame = frame
        self.turns.show_late(frame)

    def _rest(self) -> None:
        """No frame has come for a while: all parts of the window show the last one."""
        if not self.turns.rest():
            self.bridge.want(self.turns.all_pictures)

    def _show_problem(self, frame: Frame) -> None:
        """Show what is learned; the cards show the user's wish until the runner has obeyed all of it."""
        problem = frame.problem
        assert problem is not None
        new, before, self.problem = problem is not self.problem, self.problem, problem
        if new and (self._opening or before is None or is_other_data(before.experiment, problem.experiment)):
            self._opening = False
            self.race_card.show_all()
            self._suit(problem)
        settled = self.editor.is_settled(frame) or frame.status is Status.PREPARING
        if settled and problem is not self._on_cards:
            self._show_cards(problem)
        if self.editor.follow(frame) or new:
            self._show_title()
        if new:
            self.workspaces.fit()

    def _show_undo(self) -> None:
        """Say what undo and redo would do; while points are drawn, undo takes back the last of them."""
        if self.frame is None:
            return
        drawing = self.output_view.canvas.is_drawing
        undo, redo = "last point" if drawing else self.frame.undo, "" if drawing else self.frame.redo
        for name, what in (("undo", undo), ("redo", redo)):
            self.actions_by_name[name].setEnabled(bool(what))
            self.actions_by_name[name].setText(f"{name.capitalize()} {what}".strip())

    def _show_cards(self, problem: Problem) -> None:
        self._on_cards = problem
        for card in self.cards:
            card.show_problem(problem)

    def _show_title(self) -> None:
        if self.document is None or self.problem is None:
            return
        what = "landscape" if self._on_landscape() else str(self.problem.architecture)
        self.transport.show_name(self.document.title, what, str(self.document.path or ""))
        self.setWindowTitle(f"{self.document.title}[*] – ANN Studio")
        self.setWindowModified(self.document.dirty)

    # --- workspaces -------------------------------------------------------------------------------------------------
    def _suit(self, problem: Problem) -> None:
        """Other data: a race is watched in the descent workspace, and a landscape has no network to be seen."""
        landscape = self._on_landscape()
        for workspace in self._workspaces():
            if workspace.name != "descent":
                button = self.switch.button(workspace.name)
                button.setEnabled(not landscape)
                button.setToolTip("A landscape has no network" if landscape else workspace.hint)
        for part in (self.network_card, self.network_view):
            part.setVisible(not landscape)
        self._order_column(self.workspaces.name)
        self.actions_by_name["sample"].setText(f"Step {'gradient' if landscape else 'sample'}\tShift+→")
        self.actions_by_name["back sample"].setText(f"Step back {'gradient' if landscape else 'sample'}\tShift+←")
        self.actions_by_name["weights"].setEnabled(not landscape)
        if landscape or problem.experiment.race:
            self.workspaces.show_workspace("descent")

    def _show_workspace(self, name: str) -> None:
        """Settings and views of a workspace in which something has just come into sight."""
        self.switch.show_value(name)
        self._order_column(name)
        self._make_room(name)
        if self.frame is not None:
            self.turns.show_all(self.frame)
            self.bridge.want(self.turns.all_pictures)

    def _order_column(self, name: str) -> None:
        """What stands on the left; in the descent workspace also the network, whose edges choose the plane."""
        descent = name == "descent"
        if descent and self._on_landscape():
            # It has no network, and its own settings are what is raced.
            order = [self.data_card, self.race_card, self.training_card, self.network_view, self.network_card]
        elif descent:
            order = [self.network_view, self.race_card, self.training_card, self.data_card, self.network_card]
        else:
            order = [self.data_card, self.network_card, self.training_card]
        for card in order:
            self._column.addWidget(card)
        if name == "microscope":
            # It stands without the settings; the way back is in its own header.
            self.microscope_view.card.header.insertWidget(0, self.switch)
        else:
            self._settings.insertWidget(0, self.switch)
        self.network_view.setMinimumHeight(_SMALL_GRAPH if descent else 0)
        self.network_view.setVisible(not self._on_landscape())
        self.race_card.setVisible(descent)
        central = self.centralWidget()
        assert central is not None
        tab_in_reading_order(central)

    def _make_room(self, name: str) -> None:
        """Under the microscope the settings give way, until they are asked for or another workspace is shown."""
        drawer = self.actions_by_name["drawer"]
        if name == "microscope" and self._drawer_before is None:
            self._drawer_before = drawer.isChecked()
            drawer.setChecked(False)
        elif name != "microscope" and self._drawer_before is not None:
            drawer.setChecked(self._drawer_before or drawer.isChecked())
            self._drawer_before = None

    def _on_landscape(self) -> bool:
        return self.problem is not None and isinstance(self.problem.experiment.data, Landscape)

    def show_workspace(self, name: str) -> None:
        """Show this workspace, if the present problem has something to show there."""
        button = self.switch.button(name)
        if button.isEnabled():
            before = self._application().focusWidget()
            self.workspaces.show_workspace(name)
            after = self._application().focusWidget()
            if after is not None and after is not before:
                # Qt gave it to whatever comes next, where keys have a meaning that nobody asked for.
                after.clearFocus()
        else:
            self.notice.say(f"{button.toolTip()}; other data bring one back")

    def go_to_mark(self, by: int) -> None:
        """Seek the next mark of the timeline (`by` 1), or the one before (−1)."""
        if not self.timeline.go_to_mark(by):
            self.notice.say(f"There is no mark {'behind' if by > 0 else 'before'} this moment: B sets a bookmark")

    def ask_update(self) -> None:
        """Ask for an update to seek."""
        if self.frame is None or not self.frame.snapshots:
            return
        reached = self.timeline.track.course.reached[1]
        dialog = QInputDialog(self)
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(0, max(_FURTHEST, reached))
        dialog.setIntValue(self.frame.snapshots[0].state.update)
        dialog.setWindowTitle("Go to update")
        dialog.setLabelText(f"Update (up to {reached:,} made; later ones are trained first)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.intValueSelected.connect(lambda update: self.bridge.send(Seek(update)))
        dialog.open()

    def swap_views(self, position: int = 0) -> None:
        """Show the other one of two views that share a place in a small window; a workspace may have two such pairs."""
        if not self.workspaces.swap(position):
            self.notice.say("Nothing is out of sight here: views share a place only where there is no room for both")

    # --- what the user does -----------------------------------------------------------------------------------------
    def new_weights(self) -> None:
        """Start afresh from other first weights; the data stay."""
        if self.document is None:
            return
        experiment, initial = self.document.experiment, self.document.experiment.initial
        if isinstance(initial, RandomWeights):
            seed = (experiment.seed if initial.seed is None else initial.seed) + 1
            initial = msgspec.structs.replace(initial, seed=seed)
        else:
            initial = RandomWeights(seed=experiment.seed + 1)
        self.editor.change(msgspec.structs.replace(experiment, initial=initial))

    def undo(self) -> None:
        """Take back the last edit, or the last point while points are drawn."""
        if self.output_view.canvas.is_drawing:
            self.output_view.canvas.take_back()
        else:
            self.network_view.hand.rest()  # what a hand does next is an edit of its own
            self.bridge.send(Undo())

    def draw_points(self) -> None:
        """Begin to draw points of one's own into an empty plane."""
        self.output_view.begin_empty()

    def take_drawn_points(self, points: tuple[tuple[float, float, int], ...]) -> None:
        """Learn the points drawn in the output view, with those there are unless it was begun on an empty plane."""
        if self.document is None or not points:
            return
        inputs, targets = self.output_view.drawn_rows()
        data = Inline(inputs=inputs, targets=targets)
        self.editor.change(
            msgspec.structs.replace(self.document.experiment, data=data, split=self.output_view.drawn_split())
        )

    def examine_row(self, row: int) -> None:
        """Put the sample in a row of the dataset under the microscope, if the network may see it."""
        subject = subject_of_row(self.problem, row) if self.problem is not None else None
        if subject is None:
            return
        self.bridge.send(Examine(subject))
        looking = self.frame is not None and self.frame.snapshots and self.frame.snapshots[0].phase is not None
        if self.workspaces.name != "microscope" and not looking:
            self.notice.say("This sample is under the microscope now: F5 shows it, a click beside the samples ends it")

    def open_landscape(self, name: LandscapeName) -> None:
        """Descend a landscape by the present rule of learning."""
        if self.document is not None:
            self.editor.change(on_landscape(self.document.experiment, name))

    def start_from(self, theta: NDArray[np.float64]) -> None:
        """Start afresh from these parameters, all runs of the race with them."""
        if self.document is not None and self.problem is not None:
            self.editor.change(started_from(self.document.experiment, self.problem.architecture, theta))

    def open_restart_lab(self) -> None:
        """Run the present experiment from many seeds, in a window of its own."""
        if self.problem is not None and self._on_landscape() and len(self.problem.train) == 1:
            self.notice.say("Without noise all restarts would be one and the same run: set one in the Data card")
        elif self.problem is not None:
            self.close_restart_lab()
            self.lab = RestartLab(self, self.bridge, self.problem, self.theme)
            self.lab.replay.connect(self.replay)
            self.lab.show()

    def close_restart_lab(self) -> None:
        """Close the window of the restart lab, if it is open."""
        if self.lab is not None:
            self.lab.close()
            self.lab.deleteLater()
            self.lab = None

    def replay(self, experiment: Experiment) -> None:
        """Let a run of the restart lab race the main one; where it began elsewhere, or the race is full, open it."""
        if self.document is None:
            return
        present = self.document.experiment
        same = is_live(present, experiment) and experiment.learning.loss == present.learning.loss
        if same and len(present.race) < MOST_RACERS:
            racer = Racer(experiment.learning, f"seed {experiment.learning.seed}")
            self.editor.change(msgspec.structs.replace(present, race=(*present.race, racer)))
            self.show_workspace("descent")
        else:
            self.editor.change(experiment)

    def toggle_theme(self) -> None:
        """Switch between light and dark."""
        self.set_theme(THEMES["dark" if self.theme.name == "light" else "light"])

    def set_theme(self, theme: Theme) -> None:
        """Use these colours everywhere."""
        self.theme = theme
        self.settings.setValue("theme", theme.name)
        self._application().setPalette(palette(theme))
        self.setStyleSheet(style_sheet(theme))
        for part in (self.transport, self.timeline, self.notice, self.hint_card):
            part.set_theme(theme)
        for view in self.views:
            view.set_theme(theme)
        if self.lab is not None:
            self.lab.set_theme(theme)
        for card in self.cards:
            card.set_theme(theme)

    def _application(self) -> QApplication:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        return application

    def show_drawer(self, visible: bool) -> None:
        """Show or hide the settings on the left."""
        self.drawer.setVisible(visible)

    # --- files dropped, window closed -------------------------------------------------------------------------------
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a file."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files.open_path(paths[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the settings are a drawer."""
        super().resizeEvent(event)
        self.hint_card.set_compact(event.size().height() < _LOW)
        narrow = event.size().width() < _DRAWER_BELOW
        was_narrow = 0 <= event.oldSize().width() < _DRAWER_BELOW
        if narrow != was_narrow or event.oldSize().width() < 0:
            if self._drawer_before is not None:
                self._drawer_before = not narrow
            else:
                self.actions_by_name["drawer"].setChecked(not narrow)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved settings, remember the window, and end every thread."""
        if not self.files.may_close():
            event.ignore()
            return
        self.close_restart_lab()
        self.settings.setValue("geometry", self.saveGeometry())
        self.settings.setValue("speed", self.transport.speed.value())
        self._application().removeEventFilter(self.keys)
        if not self.bridge.close():
            _log.warning("a thread did not end in time")
        event.accept()

    def _restore(self) -> None:
        geometry = self.settings.value("geometry")
        if not isinstance(geometry, QByteArray) or not self.restoreGeometry(geometry):
            room = self.screen().availableGeometry().size()
            # Some pixels are left for the frame that the window manager puts around it.
            self.resize(min(1600, room.width() - 16), min(1000, room.height() - 48))
        speed = self.settings.value("speed")
        self.switch.show_value(self.workspaces.name)
        self._order_column(self.workspaces.name)
        if str(speed).isdigit():
            self.transport.speed.setValue(int(str(speed)))


def _is_expected(error: Exception) -> bool:
    """Whether it goes wrong with files and settings, with a sentence for the user; anything else is our mistake."""
    from ann_studio.storage.exports import ExportError
    from ann_studio.storage.predictions import PredictionError

    return isinstance(error, (ValueError, OSError, ExportError, PredictionError))
