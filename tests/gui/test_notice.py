"""Notices stand where nothing is read, and a click or Esc closes them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget

from ann_studio.gui.view import Card

SHORT = "Starts afresh: another network. Ctrl+Z brings the old one back"
LONG = "sheet.csv, row 812: expected so many columns as there are names in the first row. " * 2


def on_window(window, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


@pytest.mark.parametrize("size", [(960, 640), (1280, 800), (1600, 1000)])
@pytest.mark.parametrize("workspace", ["network", "descent"])
def test_a_notice_covers_no_card_no_number_and_no_menu(studio, size, workspace):
    window = studio.window
    window.resize(*size)
    window.show_workspace(workspace)
    for text in (SHORT, "Undone: Starts afresh: new weights", "Saved"):
        window.notice.hide()
        window.notice.say(text)
        QApplication.processEvents()
        place = window.notice.geometry()
        assert window.rect().contains(place), text
        parts = [*window.findChildren(Card), window.timeline]
        assert not [part for part in parts if part.isVisible() and place.intersects(on_window(window, part))], text
        # Readouts are as high as the toolbar, and painted in its middle.
        words = on_window(window, window.transport.epochs).adjusted(0, 12, 0, 0)
        assert place.bottom() < words.top(), text
        bar = window.menuBar()
        assert not any(place.intersects(bar.actionGeometry(action)) for action in bar.actions()), text
        assert window.notice._text.width() >= window.notice._text.fontMetrics().horizontalAdvance(text), text


def test_a_long_notice_covers_no_more_than_the_titles_of_cards(studio):
    window = studio.window
    window.resize(1280, 800)
    window.show_workspace("descent")
    window.notice.say(LONG, "error")
    QApplication.processEvents()
    place = window.notice.geometry()
    assert window.rect().contains(place)
    assert not place.intersects(on_window(window, window.transport))
    assert not place.intersects(on_window(window, window.relief_view.canvas))
    words = window.notice._text
    assert words.heightForWidth(words.width()) <= words.height()


def test_of_a_path_without_spaces_both_ends_are_seen(studio):
    notice, path = studio.window.notice, "/folder/" + 400 * "x" + "/circle.json"
    notice.say(f"Saved {path}", "done")
    QApplication.processEvents()
    shown = notice._text.text()
    assert shown.startswith("Saved /folder/")
    assert shown.endswith("/circle.json")
    assert notice._text.fontMetrics().horizontalAdvance(shown) <= notice._text.width()
    assert notice.text == notice._text.toolTip() == f"Saved {path}"


def test_a_click_on_it_or_its_words_closes_it_and_so_does_escape(studio):
    notice = studio.window.notice
    for close in (
        lambda: studio.qtbot.mouseClick(notice, Qt.MouseButton.LeftButton, pos=QPoint(3, 3)),
        lambda: studio.click(notice._text),
        lambda: studio.window.keys.press(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, None),
    ):
        notice.say(SHORT)
        assert notice.isVisible()
        close()
        assert not notice.isVisible()


def test_a_click_beside_cancel_does_not_hide_work_that_is_under_way(studio):
    notice = studio.window.notice
    notice.busy("Counting …", lambda: None)
    studio.click(notice._text)
    studio.qtbot.mouseClick(notice, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert notice.isVisible()
    notice.rest()
