"""The way of a newcomer through the real widgets: launch, play, pause, step, change, import, export, save, reopen."""

from __future__ import annotations

import csv
import json

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

import ann_studio as ann
from ann_studio.engine.messages import Status
from ann_studio.gui.dialogs.import_table import ImportDialog
from ann_studio.storage.resources import resource


def test_play_trains_pause_stops_and_the_buttons_say_what_the_runner_does(studio):
    transport = studio.window.transport
    assert (transport.play.text(), transport.chip.text()) == ("Play", "Ready")
    studio.click(transport.play)
    studio.until(lambda frame: frame.status is Status.TRAINING and frame.snapshots[0].state.epoch > 2)
    assert (transport.play.text(), transport.chip.text()) == ("Pause", "Training")
    studio.click(transport.play)
    frame = studio.until(lambda frame: frame.status is Status.PAUSED)
    assert transport.play.text() == "Play"
    straight = ann.trainer(frame.problem.experiment)
    straight.run(updates=frame.snapshots[0].state.update)
    assert np.array_equal(frame.snapshots[0].state.theta, straight.theta)


def test_each_step_button_goes_to_its_boundary(studio):
    transport = studio.window.transport
    studio.click(transport.phase)
    frame = studio.until(lambda frame: frame.snapshots[0].phase is not None)
    assert frame.snapshots[0].phase.kind == "forward"
    assert studio.window.timeline.phase.text() == "Forward: hidden 1"
    studio.click(transport.sample)
    frame = studio.until(
        lambda frame: frame.snapshots[0].phase is not None and frame.snapshots[0].phase.kind == "backward"
    )
    assert (frame.snapshots[0].phase.sample, frame.snapshots[0].phase.layer) == (0, 0)
    studio.click(transport.epoch)
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    assert (frame.snapshots[0].state.position, frame.snapshots[0].phase) == (0, None)
    studio.click(transport.reset)
    frame = studio.until(lambda frame: frame.snapshots[0].state.update == 0)
    assert np.array_equal(frame.snapshots[0].state.theta, frame.problem.first_theta)


def test_the_readouts_are_the_numbers_of_the_frame(studio):
    studio.click(studio.window.transport.epoch)
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1)
    snapshot, transport = frame.snapshots[0], studio.window.transport
    assert transport.epochs.accessibleName() == "Epoch 1 of 500"
    assert transport.train_loss.accessibleName() == f"Train cost {snapshot.train_loss:.4g}"
    assert transport.validation_loss.accessibleName() == f"Validation cost {snapshot.validation_loss:.4g}"


def test_a_readout_is_copied_with_all_its_digits(studio):
    studio.click(studio.window.transport.epoch)
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1)
    studio.window.transport.train_loss.copy()
    assert float(QGuiApplication.clipboard().text()) == frame.snapshots[0].train_loss


def test_a_live_setting_keeps_the_weights_and_another_network_starts_afresh(studio):
    studio.click(studio.window.transport.epoch)
    before = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1).snapshots[0].state
    studio.window.training_card.rate.setText("0.1")
    studio.window.training_card.rate.editingFinished.emit()
    frame = studio.until(lambda frame: frame.problem.experiment.learning.optimizer.learning_rate == 0.1)
    assert np.array_equal(frame.snapshots[0].state.theta, before.theta)
    studio.click(studio.window.network_card.add)
    frame = studio.until(lambda frame: len(frame.problem.architecture.sizes) == 5)
    assert frame.snapshots[0].state.update == 0
    studio.qtbot.waitUntil(lambda: "Starts afresh: another network" in studio.window.notice.text)


def test_undo_and_redo_go_back_and_forth_over_settings(studio):
    studio.click(studio.window.network_card.layers[0].units.more)
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 5, 2, 1))
    studio.window.actions_by_name["undo"].trigger()
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 4, 2, 1))
    studio.qtbot.waitUntil(lambda: studio.window.network_card.layers[0].units.field.text() == "4")
    studio.window.actions_by_name["redo"].trigger()
    studio.until(lambda frame: frame.problem.architecture.sizes == (2, 5, 2, 1))


@pytest.fixture
def iris(studio, tmp_path):
    """Iris as somebody's own table, dropped onto the window and imported as suggested."""
    table = tmp_path / "flowers.csv"
    table.write_bytes(resource("datasets", "iris.csv").read_bytes())
    drop(studio.window, table)
    studio.qtbot.waitUntil(lambda: bool(studio.window.findChildren(ImportDialog)), timeout=30_000)
    dialog = studio.window.findChild(ImportDialog)
    assert dialog.target.currentText() == "species"
    assert dialog.summary.text().startswith("150 rows, 4 inputs; species is read as 3 classes")
    studio.click(dialog.accept_button)
    studio.until(lambda frame: frame.problem.architecture.sizes[-1] == 3 and frame.pictures is not None)
    return studio


def drop(window, path) -> None:
    """Drop a file onto the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(event)


def test_iris_by_drag_and_drop_reaches_95_percent_of_the_validation_part(iris):
    window = iris.window
    window.transport.speed.setValue(window.transport.speed.maximum())
    iris.click(window.transport.play)
    frame = iris.until(lambda frame: frame.status is Status.FINISHED and frame.pictures is not None)
    assert frame.pictures.validation.accuracy >= 0.95
    iris.qtbot.waitUntil(
        lambda: window.output_view.figures[1].value.text() == f"{100 * frame.pictures.validation.accuracy:.1f} %"
    )
    assert window.output_view.figures[1].label.text() == "Validation accuracy"


def test_the_exported_model_gives_the_window_s_classes_in_onnx_runtime(iris, monkeypatch):
    window, path = iris.window, iris.folder / "flowers.onnx"
    iris.click(window.transport.epoch)
    frame = iris.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.pictures is not None)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.files.ask_export()
    iris.qtbot.waitUntil(lambda: "greatest difference" in window.notice.text, timeout=60_000)
    session = onnxruntime.InferenceSession(str(path))
    raw = frame.problem.dataset.inputs[frame.problem.validation.rows]
    (node,) = session.get_inputs()
    labels = session.run(["label"], {node.name: raw})[0].ravel()
    shown = [frame.problem.dataset.target.labels[int(index)] for index in frame.pictures.validation.predictions[:, 0]]
    assert labels.tolist() == shown


def test_rows_never_seen_are_predicted_from_the_window(iris, monkeypatch):
    window, new, out = iris.window, iris.folder / "new.csv", iris.folder / "out.csv"
    new.write_text("petal_width_cm,petal_length_cm,sepal_width_cm,sepal_length_cm\n0.2,1.4,3.5,5.1\n2.3,6.0,3.0,6.9\n")
    window.transport.speed.setValue(window.transport.speed.maximum())
    iris.click(window.transport.play)
    iris.until(lambda frame: frame.status is Status.FINISHED)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(new), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    window.files.ask_predict()
    iris.qtbot.waitUntil(lambda: "Predicted 2 rows" in window.notice.text, timeout=60_000)
    with out.open(encoding="utf-8", newline="") as stream:
        assert [row["predicted species"] for row in csv.DictReader(stream)] == ["setosa", "virginica"]


def test_a_saved_experiment_reopens_as_it_was(studio, monkeypatch):
    path = studio.folder / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    studio.click(studio.window.training_card.batch.button("stochastic"))
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == 1)
    assert studio.window.isWindowModified()
    assert studio.window.files.save()
    assert not studio.window.isWindowModified()
    saved = studio.frame.problem.experiment
    studio.open("03-xor-gate.json")
    studio.window.files.open_path(path)
    frame = studio.until(lambda frame: frame.problem.experiment.name == "Circle")
    assert frame.problem.experiment == saved
    assert json.loads(path.read_text())["learning"]["batch_size"] == 1
    assert studio.window.files.recent()[0] == path.resolve()


def test_unsaved_settings_are_asked_about_and_cancel_keeps_the_window(studio, monkeypatch):
    studio.click(studio.window.training_card.batch.button("batch"))
    studio.until(lambda frame: frame.problem.experiment.learning.batch_size == "full")
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or QMessageBox.StandardButton.Cancel)
    assert not studio.window.close()
    assert asked == ["Save the changes to “Circle”?"]
    studio.click(studio.window.transport.epoch)
    studio.until(lambda frame: frame.snapshots[0].state.epoch == 1)


BAD = {
    "empty.csv": b"",
    "binary.csv": bytes(range(256)) * 4,
    "ragged.csv": b"a,b,c\n1,2,3\n4,5\n",
    "latin.csv": "größe,b\n1,2\n".encode("latin-1"),
    "wide.csv": b",".join(b"%d" % k for k in range(1_000_000)) + b"\n",
    "broken.json": b'{"format": "ann-studio experiment", ',
    "other.json": b'{"format": "ann-studio experiment", "version": 1, "colour": 3}',
    "nowhere.json": None,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_message_and_the_running_experiment_goes_on(name, studio):
    path = studio.folder / name
    if BAD[name] is not None:
        path.write_bytes(BAD[name])
    studio.click(studio.window.transport.play)
    studio.until(lambda frame: frame.status is Status.TRAINING)
    problem, document = studio.window.problem, studio.window.document
    drop(studio.window, path)
    notice = studio.window.notice
    studio.qtbot.waitUntil(lambda: notice.property("tone") == "error" and name in notice.text, timeout=30_000)
    assert "\n" not in notice.text
    epoch = studio.snapshot.state.epoch
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch > epoch)
    assert (frame.problem, studio.window.document) == (problem, document)


def test_one_class_alone_cannot_be_imported_and_the_dialog_says_why(studio):
    path = studio.folder / "one.csv"
    path.write_text("a,kind\n1,x\n2,x\n3,x\n4,x\n")
    studio.window.files.open_path(path)
    studio.qtbot.waitUntil(lambda: bool(studio.window.findChildren(ImportDialog)), timeout=30_000)
    dialog = studio.window.findChild(ImportDialog)
    dialog.target.setCurrentText("kind")
    assert "one class" in dialog.summary.text()
    assert not dialog.accept_button.isEnabled()
    dialog.reject()
