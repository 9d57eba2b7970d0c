"""Frames of true runs for a view without a window, and a look at the pixels it paints."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

import ann_studio as ann
from ann_studio.analysis.pictures import compute_pictures
from ann_studio.data.dataset import Classes, Dataset, NumberColumn, Numbers
from ann_studio.engine.messages import Frame, Speed, Standing, Status, Unit
from ann_studio.learning.experiment import Experiment, from_plain
from ann_studio.learning.path import first_point
from ann_studio.learning.problem import Problem, pose
from ann_studio.learning.state import Snapshot, State
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.resources import resource

ALL = frozenset({"maps", "region", "performance"})


def experiment(**sections: Any) -> Experiment:
    """An experiment on the circle; `sections` replace those of the file."""
    tree: dict[str, Any] = {
        "format": "ann-studio experiment",
        "version": 1,
        "data": {"kind": "generated", "name": "circle", "samples": 60},
        "network": {"hidden": [{"units": 4, "activation": "tanh"}, {"units": 3, "activation": "tanh"}]},
        "learning": {"kind": "supervised", "batch_size": 7, "optimizer": {"kind": "adam", "learning_rate": 0.02}},
    }
    return from_plain(tree | sections)


def trained(asked: Experiment | str, epochs: int = 3) -> Trainer:
    """A trainer of an experiment, or of a shipped file, after some epochs."""
    trainer = ann.trainer(ann.load(resource("experiments", asked)) if isinstance(asked, str) else asked)
    trainer.run(epochs=epochs)
    return trainer


def frame_of(trainer: Trainer, *, pictures: bool = True, status: Status = Status.PAUSED) -> Frame:
    """What the window is shown of a trainer."""
    snapshot, problem = trainer.snapshot(), trainer.problem
    shown = compute_pictures(problem, snapshot.state.theta, ALL) if pictures else None
    standings = (Standing("Batch", problem, 0.0),)
    return Frame(1, status, problem, (snapshot,), Speed(1, Unit.EPOCH), 0.0, pictures=shown, standings=standings)


def frame_with(problem: Problem, theta: np.ndarray) -> Frame:
    """A frame of parameters that no run need have led to."""
    state = State(theta, np.zeros((0, len(theta))), 1, 0, 1, 1)
    snapshot = Snapshot(
        state, None, np.array([[0.0, 0.0, 1.0, 1.0]]), float("nan"), float("nan"), 1, first_point(1, theta)
    )
    return Frame(
        1, Status.DIVERGED, problem, (snapshot,), Speed(1, Unit.EPOCH), 0.0,
        pictures=compute_pictures(problem, theta, ALL),
    )  # fmt: skip


def posed(inputs: np.ndarray, target: Classes | Numbers, targets: np.ndarray, **sections: Any) -> Problem:
    """A problem of given rows, whose columns are called as in a table."""
    names = [f"column {k + 1}" for k in range(inputs.shape[1])]
    dataset = Dataset(tuple(map(NumberColumn, names)), inputs, target, targets)
    table = {"kind": "table", "path": "rows.csv", "target": ["t"]}
    return pose(experiment(data=table, **sections), dataset)


def show(qtbot: Any, view: QWidget, width: int = 900, height: int = 520) -> None:
    """Give a view a size and put it on the offscreen platform."""
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    QApplication.processEvents()


def picture(widget: QWidget) -> QImage:
    """What a widget paints."""
    QApplication.processEvents()
    return widget.grab().toImage()


def colour_at(image: QImage, point: QPointF) -> tuple[int, int, int]:
    """Red, green and blue of a pixel."""
    colour = image.pixelColor(round(point.x()), round(point.y()))
    return (colour.red(), colour.green(), colour.blue())


def rgb(name: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour of the theme."""
    colour = QColor(name)
    return (colour.red(), colour.green(), colour.blue())


def far(a: tuple[int, int, int], b: tuple[int, int, int]) -> int:
    """The greatest difference between two colours in one channel."""
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def press(
    widget: QWidget,
    at: QPointF,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press and release a mouse button at a fraction of a pixel."""
    none = Qt.MouseButton.NoButton
    for kind, held in ((QEvent.Type.MouseButtonPress, button), (QEvent.Type.MouseButtonRelease, none)):
        event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, modifiers)
        QApplication.sendEvent(widget, event)


def drag(widget: QWidget, start: QPointF, *through: QPointF) -> None:
    """Press the left button at one place, move through others and let go at the last."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, at, button, held in (
        (QEvent.Type.MouseButtonPress, start, left, left),
        *((QEvent.Type.MouseMove, at, none, left) for at in through),
        (QEvent.Type.MouseButtonRelease, through[-1], left, none),
    ):
        event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)


def hover(widget: QWidget, at: QPointF) -> None:
    """Move the mouse without a button."""
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
