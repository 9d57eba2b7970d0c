"""The toolbar: nothing in it moves while a network trains, and what it says is never cut within a number."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QPushButton, QSlider, QWidget

from ann_studio.engine.messages import Frame, Speed, Status, Unit
from ann_studio.gui.style import style_sheet
from ann_studio.gui.theme import LIGHT
from ann_studio.gui.transport import SPEEDS, Readout, Transport
from tests.gui.views.frames import frame_of, trained

NAME = "A rather long name of an experiment"


@pytest.fixture
def toolbar(qtbot) -> Iterator[Transport]:
    window = QWidget()
    qtbot.addWidget(window)
    transport = Transport(window)
    transport.setStyleSheet(style_sheet(LIGHT))
    transport.set_theme(LIGHT)
    transport.show_name(NAME, "2–4–2–1", "/home/me/name.json")
    window.show()
    yield transport
    window.close()


def places(transport: Transport) -> list[tuple[QPoint, int]]:
    moving = [*transport.findChildren(QPushButton), *transport.findChildren(QSlider), *transport.findChildren(Readout)]
    return [(part.mapTo(transport, QPoint()), part.width()) for part in moving if not part.isHidden()]


def frames() -> list[Frame]:
    """Frames that say as little and as much as can be said."""
    frame = frame_of(trained("02-circle.json", 1))
    (snapshot,) = frame.snapshots
    found = []
    for epoch, cost, status, speed in (
        (0, 0.5, Status.READY, SPEEDS[0]),
        (7, 0.0125, Status.TRAINING, Speed(3, Unit.SAMPLE)),
        (499, 1.5e-9, Status.PAUSED, SPEEDS[-1]),
        (123_456, 987_654.321, Status.DIVERGED, Speed(300, Unit.EPOCH)),
        (12_345_678, float("nan"), Status.FINISHED, Speed(100, Unit.EPOCH)),
    ):
        state = dataclasses.replace(snapshot.state, epoch=epoch)
        changed = dataclasses.replace(snapshot, state=state, train_loss=cost, validation_loss=-cost)
        found.append(dataclasses.replace(frame, snapshots=(changed,), status=status, speed=speed))
    return found


@pytest.mark.parametrize("width", [960, 1280, 1600])
def test_nothing_in_the_toolbar_moves_whatever_it_says(toolbar, width):
    toolbar.resize(width, 64)
    QApplication.processEvents()
    before = places(toolbar)
    for frame in frames():
        toolbar.show_frame(frame)
        QApplication.processEvents()
        assert places(toolbar) == before
        assert toolbar.width() == width


@pytest.mark.parametrize("width", [960, 1100, 1240, 1280, 1440, 1600])
def test_nothing_in_the_toolbar_overlaps(toolbar, width):
    toolbar.resize(width, 64)
    for frame in frames():
        toolbar.show_frame(frame)
        QApplication.processEvents()
        parts = [part for part in toolbar.children() if isinstance(part, QWidget) and not part.isHidden()]
        boxes = sorted((part.geometry() for part in parts), key=lambda box: box.left())
        assert all(one.right() < other.left() for one, other in pairwise(boxes))
        assert boxes[-1].right() <= width


def test_a_number_is_never_cut_and_its_unit_goes_where_there_is_no_room(toolbar):
    toolbar.resize(1280, 64)
    for frame in frames():
        toolbar.show_frame(frame)
        for readout in (toolbar.epochs, toolbar.train_loss, toolbar.validation_loss):
            size, _ = readout.fitted()
            assert size >= 13
            assert readout.needed(size) <= readout.width()
    toolbar.show_frame(frames()[0])
    assert toolbar.epochs.fitted() == (20, "of 500")
    for text in ("7", "123,456"):
        toolbar.epochs.show_value(text, "of 500,000")
        assert toolbar.epochs.fitted()[1] == ""


def test_the_name_says_less_where_there_is_less_room_and_its_tooltip_has_the_whole(toolbar):
    toolbar.resize(1600, 64)
    QApplication.processEvents()
    assert toolbar.subtitle.shown_text().startswith(NAME[:20])
    toolbar.resize(1280, 64)
    QApplication.processEvents()
    assert toolbar.subtitle.shown_text().endswith(" …")
    assert toolbar.subtitle.toolTip() == f"{NAME} · 2–4–2–1\n/home/me/name.json"
