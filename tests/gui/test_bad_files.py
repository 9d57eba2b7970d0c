"""A bad file dropped onto the window is one message, or one reason in the import dialog; what runs goes on."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from PySide6.QtWidgets import QApplication

from ann_studio.gui import files
from ann_studio.gui.dialogs.import_table import ImportDialog
from ann_studio.storage.tables import load_table
from tests.gui.test_workflow import drop
from tests.test_bad_files import BAD, FILES


def answer(studio, content: bytes) -> tuple[str, str]:
    """Drop a file with such a content: "message" or "dialog", and what it says."""
    window, path = studio.window, studio.folder / "table.csv"
    path.write_bytes(content)
    before, said, say = window.document, [], window.notice.say
    window.notice.say = lambda text, tone="info": (said.append((text, tone)), say(text, tone))
    try:
        drop(window, path)
        studio.qtbot.waitUntil(lambda: bool(said or window.findChildren(ImportDialog)), timeout=30_000)
        studio.qtbot.wait(5)
    finally:
        del window.notice.say
    assert window.document == before
    assert window.problem is studio.problem
    assert sorted(entry.name for entry in studio.folder.iterdir()) == studio.files
    if said:
        assert not window.findChildren(ImportDialog)
        ((text, tone),) = said
        assert tone == "error"
        assert "\n" not in text
        return "message", text
    (dialog,) = window.findChildren(ImportDialog)
    if dialog.target.findText("y") >= 0:
        dialog.target.setCurrentText("y")
    text = dialog.summary.text()
    assert text
    if dialog.accept_button.isEnabled():
        text = ""
    dialog.reject()
    studio.qtbot.waitUntil(lambda: not window.findChildren(ImportDialog))
    QApplication.processEvents()
    return "dialog", text


@pytest.fixture
def running(studio, monkeypatch):
    """A window in which nothing else goes on; tables are read without a child process."""
    monkeypatch.setattr(files, "load_table_in_child", lambda path, cancelled: load_table(path))
    studio.window.notice.hide()
    studio.problem = studio.window.problem
    studio.files = sorted({"table.csv", *(entry.name for entry in studio.folder.iterdir())})
    return studio


def test_each_kind_of_bad_file_is_answered_with_its_reason(running):
    """One after the other in one window, in which none leaves anything."""
    for kind, (content, words) in BAD.items():
        if kind != "no such target":
            _, text = answer(running, content)
            assert text.startswith("table.csv"), kind
            assert words in text, kind


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=FILES)
def test_any_file_is_one_message_or_one_dialog(content, running):
    answer(running, content)
