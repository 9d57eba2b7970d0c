"""Long work: the window says what is under way, and cancelling leaves everything as it was."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt


def test_long_work_is_named_and_can_be_cancelled(studio):
    window, answers = studio.window, []

    def work(cancelled):
        while not cancelled():
            time.sleep(0.01)
        return "too late"

    job = window.long_work.run("Counting", work, answers.append, answers.append)
    studio.qtbot.waitUntil(lambda: window.notice.isVisible() and window.notice.text == "Counting …")
    studio.click(window.notice.cancel)
    assert job.cancelled
    assert not window.notice.isVisible()
    studio.qtbot.waitUntil(lambda: not job.thread.is_alive())
    studio.qtbot.wait(50)
    assert answers == []


def test_escape_cancels_too(studio):
    window = studio.window
    job = window.long_work.run(
        "Counting", lambda cancelled: [time.sleep(0.01) for _ in iter(cancelled, True)], print, print
    )
    studio.qtbot.waitUntil(lambda: window.notice.isVisible())
    assert window.keys.press(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, None)
    assert job.cancelled


def test_work_that_ends_soon_is_not_spoken_of(studio):
    window, answers = studio.window, []
    window.notice.hide()
    window.long_work.run("Counting", lambda cancelled: 42, answers.append, answers.append)
    studio.qtbot.waitUntil(lambda: answers == [42])
    assert not window.notice.isVisible()


def test_an_error_nobody_expected_is_told_in_one_sentence_and_logged(studio, caplog):
    window = studio.window

    def work(cancelled):
        raise RuntimeError("the moon is down")

    window.long_work.run("Counting", work, print, lambda error: window.refuse(str(error), error))
    studio.qtbot.waitUntil(lambda: "the moon is down" in window.notice.text)
    assert "Report a problem" in window.notice.text
    assert "the moon is down" in caplog.text
