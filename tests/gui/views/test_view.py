"""What all views have in common: their context menu gives picture and numbers away, in either theme."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from ann_studio.gui.theme import DARK, LIGHT
from ann_studio.gui.views.loss import LossView
from ann_studio.gui.views.network import NetworkView
from ann_studio.gui.views.output import OutputView
from tests.gui.views.frames import experiment, frame_of, picture, show, trained


@pytest.fixture(params=[NetworkView, OutputView, LossView], ids=lambda view: view.__name__)
def view(request, qtbot):
    view = request.param()
    show(qtbot, view, 640, 420)
    return view


def opened(view) -> QMenu:
    """The context menu, as the right button or the menu key opens it."""
    at = view.rect().center()
    keyboard = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(view, QContextMenuEvent(keyboard, at, view.mapToGlobal(at), Qt.KeyboardModifier.NoModifier))
    return view.findChildren(QMenu)[-1]


def pick(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()
    menu.close()


def test_before_the_first_frame_there_is_a_sentence_and_no_numbers(view):
    picture(view)
    menu = opened(view)
    assert "Copy numbers" not in [action.text() for action in menu.actions()]
    menu.close()


def test_copy_picture_puts_the_picture_that_is_shown_on_the_clipboard(view):
    view.show_frame(frame_of(trained(experiment(), 2)))
    for theme in (LIGHT, DARK):
        view.set_theme(theme)
        shown = picture(view.picture_widget())
        pick(opened(view), "Copy picture")
        copied = QGuiApplication.clipboard().image()
        assert copied == shown.convertToFormat(copied.format())


def test_copy_numbers_puts_tab_separated_numbers_on_the_clipboard(view):
    view.show_frame(frame_of(trained(experiment(), 2)))
    pick(opened(view), "Copy numbers")
    text = QGuiApplication.clipboard().text()
    assert text == view.numbers()
    assert all("\t" in line for line in text.splitlines())
