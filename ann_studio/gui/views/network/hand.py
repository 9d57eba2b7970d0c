"""The hand on what is selected in the network graph: by mouse, wheel and keys. It sends commands and paints nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from ann_studio.engine.messages import Command, Freeze, Pause, Prune, Reshape, Restore, SetParameters
from ann_studio.gui.gestures import fresh_gesture
from ann_studio.gui.painting import round_value
from ann_studio.gui.views.network.graph import Graph
from ann_studio.gui.views.network.points import connections_of, trained_at
from ann_studio.gui.views.network.shaping import Shape, change_of, selection_after, sizes_after
from ann_studio.learning.reshaping import Change

#: Steps by which a key or a notch of the wheel moves a value, as part of w_ref (rounded up to 1, 2, 5, 10, …); finer
#: and coarser ones are a tenth and ten times as long.
_STEP, _FINE, _COARSE = 0.01, 0.1, 10.0
#: Pixels of a drag that are worth w_ref, and those that a press may shake without being a drag.
_TRAVEL, _SHAKE = 120.0, 3.0
#: Milliseconds between two commands of a gesture, and after the last key or turn of the wheel until the burst is over:
#: a key that is held down waits before it repeats.
_FRAME, _BURST = 16, 800
_NOTCH = 120.0

Modifier = Qt.KeyboardModifier
Key = Qt.Key
_PLAIN, _SHIFT, _BOTH = Modifier.NoModifier, Modifier.ShiftModifier, Modifier.ShiftModifier | Modifier.ControlModifier
_STEPS = {
    (Key.Key_Up, _SHIFT): 1.0,
    (Key.Key_Down, _SHIFT): -1.0,
    (Key.Key_Up, _BOTH): _FINE,
    (Key.Key_Down, _BOTH): -_FINE,
    (Key.Key_PageUp, _PLAIN): _COARSE,
    (Key.Key_PageDown, _PLAIN): -_COARSE,
}
_SHAPES: dict[tuple[Qt.Key, Qt.KeyboardModifier], Shape] = {
    (Key.Key_Insert, _PLAIN): "add neuron",
    (Key.Key_Delete, _SHIFT): "remove neuron",
    (Key.Key_Delete, _BOTH): "remove layer",
}
#: What begins a number.
_TYPED = {Qt.Key(Key.Key_0 + digit): str(digit) for digit in range(10)} | {
    Key.Key_Minus: "−",
    Key.Key_Period: ".",
    Key.Key_Comma: ".",
}


@dataclass(frozen=True)
class _Gesture:
    """Values that are set one after the other and are one edit; `sent` is the last one that was."""

    number: int
    index: int
    value: float
    sent: float | None = None


@dataclass(frozen=True)
class _Press:
    """A press on what was selected already, from which a drag may come."""

    start: QPointF
    at: QPointF
    moved: bool = False


class Hand(QObject):
    """Edits what is selected in a graph.

    Parameters
    ----------
    graph
        Its mouse, wheel and keys are looked at before it sees them itself.
    """

    commanded = Signal(object)
    editorWanted = Signal(str)  #: what was typed so far; empty: the present value
    layerWanted = Signal()  #: a layer is to be added, and which kind is to be asked

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self._graph = graph
        self._gesture: _Gesture | None = None
        self._press: _Press | None = None
        self._moment: object = None  #: at which the run rests; None while it moves
        self._frame, self._burst = QTimer(self), QTimer(self)
        for timer, wait, then in ((self._frame, _FRAME, self._flush), (self._burst, _BURST, self.rest)):
            timer.setSingleShot(True)
            timer.setInterval(wait)
            timer.timeout.connect(then)
        graph.selected.connect(lambda _point: self.rest())
        graph.installEventFilter(self)

    # --- what can be done -------------------------------------------------------------------------------------------
    @property
    def step_size(self) -> float:
        """By how much a notch of the wheel moves a weight."""
        return round_value(_STEP * (self._graph.w_ref or 1.0))

    @property
    def value(self) -> float | None:
        """The selected value: what the hand has made of it, or what the frame says."""
        index = self._graph.index
        if index is None:
            return None
        gesture = self._gesture
        return gesture.value if gesture is not None and gesture.index == index else float(self._graph.theta[index])

    @property
    def is_deleted(self) -> bool:
        """Whether the selected weight is a deleted connection."""
        return self._graph.index is not None and self._graph.index in self._graph.held.pruned

    def set_value(self, value: float) -> None:
        """Set what is selected: an edit of its own, if it is another value."""
        self.rest()
        index = self._graph.index
        if index is not None and value != self.value:
            self._send(SetParameters((index,), (value,)))

    def step(self, steps: float) -> None:
        """Move the selected value by so many steps; what follows soon is the same edit."""
        if self.value is not None:
            self._want(self.value + steps * self.step_size)
            self._burst.start()

    def delete(self) -> None:
        """Delete the selected connection, or all those of the selected neuron; its bias stays."""
        graph = self._graph
        if graph.point is not None and graph.problem is not None:
            self._send(Prune(tuple(connections_of(graph.problem, graph.point).tolist())))

    def restore(self) -> None:
        """Let what was deleted of the selection be trained again."""
        graph = self._graph
        if graph.point is not None and graph.problem is not None:
            self._send(Restore(tuple(connections_of(graph.problem, graph.point).tolist())))

    def freeze(self) -> None:
        """Keep the selected weight, or all that arrives at the neuron and its bias, as it is; or no longer."""
        graph = self._graph
        if graph.point is None or graph.problem is None:
            return
        wanted = trained_at(graph.problem, graph.point)
        if len(wanted):
            self._send(Freeze(tuple(wanted.tolist()), not self.is_frozen))

    @property
    def is_frozen(self) -> bool:
        """Whether all of the selection that could be trained is frozen."""
        graph = self._graph
        if graph.point is None or graph.problem is None:
            return False
        wanted = [k for k in trained_at(graph.problem, graph.point).tolist() if k not in graph.held.pruned]
        return bool(wanted) and all(k in graph.held.frozen for k in wanted)

    def change(self, shape: Shape) -> Change | None:
        """What adding or removing something at the selection is; None where it makes no sense."""
        graph = self._graph
        return None if graph.problem is None else change_of(graph.problem.architecture, graph.point, shape)

    def reshape(self, change: Change) -> None:
        """Change the network, and then select what it leaves there."""
        graph = self._graph
        if graph.problem is not None:
            architecture = graph.problem.architecture
            graph.point_after = (
                sizes_after(architecture, change), selection_after(architecture, graph.point, change),
            )  # fmt: skip
        self._send(Reshape(change))

    def follow(self, moment: object) -> None:
        """Hear at which moment the run rests, None while it moves: a gesture ends where that is left."""
        if self._gesture is not None and self._moment is not None and moment != self._moment:
            self.rest()
        self._moment = moment

    # --- gestures ---------------------------------------------------------------------------------------------------
    def rest(self) -> None:
        """End the gesture: what is done next is another edit."""
        self._flush()
        self._frame.stop()
        self._burst.stop()
        self._gesture, self._press = None, None
        self._graph.holds_scale = False

    def _send(self, command: Command) -> None:
        """Training pauses, so that what the edit does can be seen."""
        self.rest()
        self.commanded.emit(Pause(seeks=False))
        self.commanded.emit(command)

    def _want(self, value: float) -> None:
        """Let the selected value be this one, at the rate of frames."""
        index = self._graph.index
        if index is None or not math.isfinite(value):
            return
        if self.is_deleted:
            self.commanded.emit(SetParameters((index,), (value,)))  # which is refused in words
            return
        if self._gesture is None or self._gesture.index != index:
            self._gesture = _Gesture(fresh_gesture(), index, value)
            self._graph.holds_scale = True
            self.commanded.emit(Pause(seeks=False))
        self._gesture = replace(self._gesture, value=value)
        if not self._frame.isActive():
            self._flush()

    def _flush(self) -> None:
        gesture = self._gesture
        if gesture is not None and gesture.value != gesture.sent:
            self._gesture = replace(gesture, sent=gesture.value)
            self.commanded.emit(SetParameters((gesture.index,), (gesture.value,), gesture.number))
            self._frame.start()

    # --- mouse, wheel and keys --------------------------------------------------------------------------------------
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at what the graph is about to see."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self.press(Qt.Key(event.key()), event.modifiers())
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QMouseEvent):
            match event.type():
                case QEvent.Type.MouseButtonPress:
                    return self._pressed(event)
                case QEvent.Type.MouseMove:
                    return self._moved(event)
                case QEvent.Type.MouseButtonRelease:
                    return self._released()
                case QEvent.Type.MouseButtonDblClick:
                    return self._double_clicked(event)
        return False

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> bool:
        """Do what a key means for the selection; whether it meant anything."""
        if self._graph.point is None or self._graph.problem is None:
            return False
        modifiers &= ~Modifier.KeypadModifier
        combination = (key, modifiers)
        if combination in _STEPS:
            self.step(_STEPS[combination])
        elif combination in _SHAPES:
            change = self.change(_SHAPES[combination])
            if change is None:
                return False
            self.reshape(change)
        elif combination == (Key.Key_Insert, _SHIFT):
            self.layerWanted.emit()
        elif modifiers != _PLAIN:
            return False
        elif key in _TYPED and self._graph.index is not None:
            self.editorWanted.emit(_TYPED[key])
        elif key == Key.Key_Delete:
            self.delete()
        elif key == Key.Key_R:
            self.restore()
        elif key == Key.Key_F:
            self.freeze()
        else:
            return False
        return True

    def _is_on_selection(self, position: QPointF) -> bool:
        graph = self._graph
        return graph.index is not None and graph.point_at(position) == graph.point

    def _on_pill(self, position: QPointF) -> bool:
        graph = self._graph
        if graph.point is None or graph.hovered not in (None, graph.point):
            return False  # the pill that is shown is that of something else
        pill = graph.pill_of(graph.point)
        return pill is not None and pill.contains(position)

    def _wheel(self, event: QWheelEvent) -> bool:
        if not self._is_on_selection(event.position()) and not self._on_pill(event.position()):
            return False
        # With Shift some platforms turn the wheel sideways.
        turned = event.angleDelta().y() or event.angleDelta().x()
        fine = bool(event.modifiers() & _SHIFT)
        self.step(turned / _NOTCH * (_FINE if fine else 1.0))
        event.accept()
        return True

    def _pressed(self, event: QMouseEvent) -> bool:
        at = event.position()
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        on_pill = self._on_pill(at)
        if not on_pill and not self._is_on_selection(at):
            return False
        self.rest()
        if not on_pill and not self.is_deleted:
            self._press = _Press(at, at)
        return True

    def _moved(self, event: QMouseEvent) -> bool:
        press, value = self._press, self.value
        if press is None or value is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        at = event.position()
        if not press.moved and abs(at.y() - press.start.y()) < _SHAKE:
            return True
        fine = _FINE if event.modifiers() & _SHIFT else 1.0
        up = press.at.y() - at.y()
        self._press = replace(press, at=at, moved=True)
        self._want(value + up * fine * (self._graph.w_ref or 1.0) / _TRAVEL)
        return True

    def _released(self) -> bool:
        held = self._press is not None
        if held:
            self.rest()
        return held

    def _double_clicked(self, event: QMouseEvent) -> bool:
        at = event.position()
        if event.button() != Qt.MouseButton.LeftButton or not (self._on_pill(at) or self._is_on_selection(at)):
            return False
        self.rest()
        self.editorWanted.emit("")
        return True
