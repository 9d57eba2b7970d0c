"""Files of the window: nothing is written over what is read, and nothing is replaced or left unasked."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from ann_studio.storage.resources import resource


@pytest.fixture
def own_table(studio, tmp_path):
    """An experiment of the user's on a table of the user's, saved."""
    table, path = tmp_path / "flowers.csv", tmp_path / "flowers.json"
    table.write_bytes(resource("datasets", "iris.csv").read_bytes())
    path.write_text(
        resource("experiments", "iris.json").read_text("utf-8").replace("../datasets/iris.csv", "flowers.csv"), "utf-8"
    )
    studio.window.files.open_path(path)
    studio.until(lambda frame: frame.problem.architecture.sizes[-1] == 3)
    return table, path


def told(studio, words):
    """Wait until an error is told that has these words."""
    notice = studio.window.notice
    studio.qtbot.waitUntil(lambda: notice.property("tone") == "error" and words in notice.text)


def test_predictions_are_not_written_over_the_table_or_the_data(studio, own_table, tmp_path):
    table, _ = own_table
    new = tmp_path / "new.csv"
    new.write_text("a\n1\n")
    for out in (table, new):
        before = out.read_bytes()
        studio.window.files.predict(new, out)
        told(studio, f"{out}: this file is read")
        assert out.read_bytes() == before


def test_a_model_is_not_written_over_the_experiment(studio, own_table):
    _, path = own_table
    before = path.read_bytes()
    studio.window.files.export(path)
    told(studio, "this file is read")
    assert path.read_bytes() == before


def test_an_experiment_is_not_saved_over_its_own_table(studio, own_table, monkeypatch):
    table, _ = own_table
    before = table.read_bytes()
    link = table.with_name("table.json")
    link.symlink_to(table)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(link), ""))
    assert not studio.window.files.save_as()
    told(studio, "this file is read")
    assert table.read_bytes() == before


def test_a_place_that_cannot_be_written_to_is_told_before_the_work(studio, tmp_path):
    studio.window.files.export(tmp_path / "nowhere" / "model.onnx")
    told(studio, "there is no folder")


@pytest.mark.parametrize(("typed", "written"), [("mine", "mine.json"), ("run.v2", "run.v2.json"), ("a.json", "a.json")])
def test_a_saved_experiment_can_be_opened_by_its_name(typed, written, studio, tmp_path, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / typed), ""))
    assert studio.window.files.save_as()
    assert (tmp_path / written).is_file()


@pytest.mark.parametrize("answer", [QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No])
def test_an_earlier_file_that_the_dialog_did_not_ask_about_is_asked_about(answer, studio, tmp_path, monkeypatch):
    earlier = tmp_path / "mine.json"
    earlier.write_text("precious")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answer)
    replaced = studio.window.files.save_as()
    assert replaced == (answer == QMessageBox.StandardButton.Yes)
    assert (earlier.read_text() == "precious") != replaced


def test_unsaved_settings_of_a_file_are_asked_about_before_a_tile_leaves_it(studio, own_table, monkeypatch):
    window, (_, path) = studio.window, own_table
    window.editor.edit("learning.batch_size", 3)
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == 3)
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(1) or QMessageBox.StandardButton.Cancel)
    window.files.open_shipped_table("digits")
    assert asked
    assert window.document.path == path
    assert window.editor.opening is None
