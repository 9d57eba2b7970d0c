"""What the window remembers, and that nothing it finds there can hurt it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings

from ann_studio.gui.main_window import MainWindow
from tests.gui.conftest import make_window


def close(window):
    window.document = None
    assert window.close()
    window.deleteLater()


def test_size_theme_speed_and_recent_files_are_remembered(qtbot, tmp_path):
    first = make_window(tmp_path)
    first.start()
    first.resize(1300, 820)
    first.show()
    first.toggle_theme()
    first.transport.speed.setValue(4)
    first.files.remember(tmp_path / "mine.json")
    first.files.remember(tmp_path / "yours.csv")
    theme = first.theme.name
    close(first)
    second = make_window(tmp_path)
    second.start()
    second.show()
    screen = second.screen().availableGeometry()
    if screen.width() > 1300:  # Qt fits a window into its screen, and that of the offscreen platform is small
        assert (second.width(), second.height()) == (1300, 820)
    assert second.theme.name == theme == "dark"
    assert second.transport.speed.value() == 4
    assert second.files.recent() == [tmp_path / "yours.csv", tmp_path / "mine.json"]
    close(second)


def test_a_file_opened_twice_stands_once_among_the_recent_ones_and_ten_are_kept(studio):
    files = studio.window.files
    for k in range(12):
        files.remember(studio.folder / f"{k}.json")
    files.remember(studio.folder / "11.json")
    assert [path.name for path in files.recent()] == [f"{k}.json" for k in range(11, 1, -1)]


@pytest.mark.parametrize(
    "nonsense", ["", "[General]\ntheme=mauve\nspeed=-4\nrecent=7\ngeometry=xyz\n", "\0\1\2", "speed=9999"]
)
def test_settings_that_make_no_sense_are_passed_over(nonsense, qtbot, tmp_path):
    (tmp_path / "settings.ini").write_text(nonsense)
    window = MainWindow(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    window.start()
    window.show()
    assert window.theme.name == "light"
    assert window.width() >= 960
    window.files.recent()
    close(window)
