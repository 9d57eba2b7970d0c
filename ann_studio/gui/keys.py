"""The keys of the whole window: Space plays, arrow keys step, Home and End seek, plus and minus change the speed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from ann_studio.engine.messages import Unit
from ann_studio.gui.tips import Tips

if TYPE_CHECKING:
    from ann_studio.gui.main_window import MainWindow

#: Widgets that use the arrow keys and their like themselves; others say so by the property ``ownsArrows``, which is
#: ``"alone"`` where arrows, Enter and Escape without any modifier are all that they use.
_OWN_ARROWS = (QAbstractSlider, QComboBox, QLineEdit, QAbstractItemView, QPlainTextEdit, QMenu)
_ALONE = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape,
)  # fmt: skip
#: Widgets that letters are typed into, or choose an entry of.
_OWN_LETTERS = (QComboBox, QLineEdit, QAbstractItemView, QPlainTextEdit, QMenu)
#: Widgets that Space presses, opens or is typed into, unless they say otherwise by the property ``ownsSpace``.
_OWN_SPACE = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit, QMenu)
_STEPS = {
    Qt.KeyboardModifier.NoModifier: Unit.PHASE,
    Qt.KeyboardModifier.ShiftModifier: Unit.SAMPLE,
    Qt.KeyboardModifier.ControlModifier: Unit.EPOCH,
}


class Keys(QObject):
    """Watches the application and takes those keys that the focused control has no use for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._tips = Tips()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at a key before the control that has the focus does, and at what opens and closes tooltips."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._window.isActiveWindow():
            focus = QApplication.focusWidget()
            if watched is focus or (focus is None and watched is self._window.windowHandle()):
                return self.press(Qt.Key(event.key()), event.modifiers(), focus)
        return self._tips.keep_away(watched, event)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier, focus: QWidget | None) -> bool:
        """Do what the key means, by the button that does it; whether it meant anything."""
        window = self._window
        modifiers &= ~Qt.KeyboardModifier.KeypadModifier
        plain = modifiers == Qt.KeyboardModifier.NoModifier
        if key == Qt.Key.Key_Escape and plain and window.notice.isVisible():
            window.notice.dismiss()
        elif key == Qt.Key.Key_Space and plain and not _owns_space(focus):
            window.transport.play.click()
        elif key == Qt.Key.Key_B and plain and not isinstance(focus, _OWN_LETTERS):
            window.timeline.bookmark.click()
        elif _owns(focus, key, plain=plain):
            return False
        elif window.network_view.isVisible() and window.network_view.hand.press(key, modifiers):
            pass  # what is selected in the graph can be edited without going there first
        elif key == Qt.Key.Key_Right and modifiers in _STEPS:
            window.transport.step_button(_STEPS[modifiers]).click()
        elif key == Qt.Key.Key_Left and modifiers in _STEPS:
            window.timeline.back[_STEPS[modifiers]].click()
        elif key == Qt.Key.Key_Home and plain:
            window.timeline.go_to_begin()
        elif key == Qt.Key.Key_End and plain:
            window.timeline.go_to_end()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus) and not modifiers & Qt.KeyboardModifier.ControlModifier:
            window.transport.change_speed(1 if key == Qt.Key.Key_Plus else -1)
        else:
            return False
        return True


def _owns(focus: QWidget | None, key: Qt.Key, *, plain: bool) -> bool:
    """Whether the focused control uses this key, one of the arrows or its like, itself."""
    if focus is None:
        return False
    owns = focus.property("ownsArrows")
    if owns == "alone":
        return plain and key in _ALONE
    pages = key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and bool(focus.property("ownsPages"))
    return pages or isinstance(focus, _OWN_ARROWS) or bool(owns)


def _owns_space(focus: QWidget | None) -> bool:
    return isinstance(focus, _OWN_SPACE) and focus.property("ownsSpace") is not False
