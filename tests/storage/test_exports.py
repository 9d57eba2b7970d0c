"""An export is saved only when something else has read it back and agreed; otherwise nothing is left."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from ann_studio.learning.model import Model
from ann_studio.learning.pruning import weakest
from ann_studio.learning.trainer import Trainer
from ann_studio.nn.architecture import views
from ann_studio.storage.child import ChildDied, run_in_child
from ann_studio.storage.exports import (
    FORMATS,
    Cancelled,
    ExportError,
    export_model,
    export_model_in_child,
    raw_feeds,
)
from tests.learning.problems import problem
from tests.storage.export_models import (
    FEATURES,
    MIXED,
    NUMBERS,
    TARGETS,
    only_file_in,
    random_model,
    run_in_onnx_runtime,
)

SUFFIXES = sorted(FORMATS)


def changed(model: Model, change: Callable[[np.ndarray], None]) -> Model:
    theta = model.theta.copy()
    change(theta)
    return dataclasses.replace(model, theta=theta)


def corrupt(monkeypatch: pytest.MonkeyPatch, suffix: str, change: Callable[[Model], Model]) -> None:
    form = FORMATS[suffix]
    monkeypatch.setitem(FORMATS, suffix, dataclasses.replace(form, write=lambda model: form.write(change(model))))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("target", TARGETS)
def test_an_export_is_verified_on_the_data(tmp_path: Path, suffix: str, target: str) -> None:
    model, dataset = random_model(MIXED, target, features=FEATURES, fill=True)
    path = tmp_path / f"model{suffix}"
    verification = export_model(model, dataset, path)
    assert only_file_in(tmp_path) == path.name
    assert (verification.path, verification.rows) == (path, 60)
    assert verification.greatest_difference < 1e-12
    assert verification.classes_agree is (None if target == "two numbers" else True)
    assert verification.checked_by.startswith("ONNX reference evaluator")
    graph = FORMATS[suffix].read(path.read_bytes())
    found = run_in_onnx_runtime(graph.SerializeToString(), raw_feeds(MIXED, dataset.inputs))
    np.testing.assert_allclose(found["outputs"], model.outputs(dataset.inputs), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("layer", [0, 1])
def test_one_wrong_weight_is_noticed_and_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, layer: int
) -> None:
    model, dataset = random_model(NUMBERS, "two numbers")
    path = tmp_path / f"model{suffix}"
    path.write_text("earlier")

    def nudge(theta: np.ndarray) -> None:
        views(model.architecture, theta)[layer][0][1, 0] += 1e-6

    corrupt(monkeypatch, suffix, lambda model: changed(model, nudge))
    with pytest.raises(ExportError, match=r"was not saved: read back, it differs from the network by \d.* in row \d+$"):
        export_model(model, dataset, path)
    assert only_file_in(tmp_path) == path.name
    assert path.read_text() == "earlier"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_swapped_labels_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    model, dataset = random_model(NUMBERS, "three classes, softmax")

    def swap(model: Model) -> Model:
        target = model.preparation.target
        swapped = dataclasses.replace(target, labels=target.labels[::-1])  # type: ignore[union-attr]
        return dataclasses.replace(model, preparation=dataclasses.replace(model.preparation, target=swapped))

    corrupt(monkeypatch, suffix, swap)
    with pytest.raises(ExportError, match="other classes"):
        export_model(model, dataset, tmp_path / f"model{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_unit_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, dataset = random_model(NUMBERS, "two numbers")

    def shift(model: Model) -> Model:
        mean = model.preparation.target_mean + 1.0
        return dataclasses.replace(model, preparation=dataclasses.replace(model.preparation, target_mean=mean))

    corrupt(monkeypatch, ".onnx", shift)
    with pytest.raises(ExportError, match="differs from the network by 1 in row 1"):
        export_model(model, dataset, tmp_path / "model.onnx")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_truncated_file_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    model, dataset = random_model()
    form = FORMATS[suffix]
    monkeypatch.setitem(FORMATS, suffix, dataclasses.replace(form, write=lambda model: form.write(model)[:-40]))
    with pytest.raises(ExportError, match="was not saved: read back, it is"):
        export_model(model, dataset, tmp_path / f"model{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_classes_that_tie_do_not_stand_in_the_way(tmp_path: Path) -> None:
    model, dataset = random_model(NUMBERS, "three classes, softmax")
    tied = changed(model, lambda theta: theta.fill(0.0))
    assert export_model(tied, dataset, tmp_path / "model.onnx").classes_agree


def test_a_network_that_has_diverged_is_not_saved(tmp_path: Path) -> None:
    model, dataset = random_model()
    with pytest.raises(ExportError, match="the network's outputs are not finite"):
        export_model(changed(model, lambda theta: theta.__setitem__(0, np.nan)), dataset, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_model_without_data_cannot_be_checked(tmp_path: Path) -> None:
    model, dataset = random_model()
    empty = dataclasses.replace(dataset, inputs=dataset.inputs[:0], targets=dataset.targets[:0])
    with pytest.raises(ExportError, match="no rows"):
        export_model(model, empty, tmp_path / "model.onnx")


def test_ten_thousand_rows_are_enough(tmp_path: Path) -> None:
    model, dataset = random_model(hidden=("tanh",), rows=12_345)
    assert export_model(model, dataset, tmp_path / "model.onnx").rows == 10_000


@pytest.mark.parametrize("export", [export_model, export_model_in_child])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("model.pickle", r"model\.pickle: the name of an export ends in \.onnx or \.json$"),
        ("model", r"model: the name of an export ends in \.onnx or \.json$"),
        ("missing/model.onnx", r"there is no folder .*missing; make it first$"),
        ("file.txt/model.onnx", r"there is no folder .*file\.txt; make it first$"),
        ("folder.onnx", r"folder\.onnx: this is a folder; name a file in it$"),
        ("x" * 300 + ".onnx", r"cannot be written \(.+\); choose another place$"),
    ],
)
def test_a_place_that_cannot_hold_an_export_is_one_line(
    tmp_path: Path, export: Callable, name: str, message: str
) -> None:
    (tmp_path / "file.txt").touch()
    (tmp_path / "folder.onnx").mkdir()
    model, dataset = random_model()
    with pytest.raises(ExportError, match=message) as caught:
        export(model, dataset, tmp_path / name)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.txt", "folder.onnx"]


def test_a_folder_that_may_not_be_written_to_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ExportError, match=r"model\.json: cannot be written \(Permission denied\); choose"):
        export_model(*random_model(), tmp_path / "model.json")


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ann_studio.storage.exports.verification.os.fsync", full)
    with pytest.raises(ExportError, match="No space left on device"):
        export_model(*random_model(), tmp_path / "model.json")
    assert list(tmp_path.iterdir()) == []


def test_the_earlier_file_stays_until_the_new_one_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.onnx"
    path.write_text("earlier")
    form, seen = FORMATS[".onnx"], []

    def read(content: bytes) -> object:
        seen.append(path.read_text())
        return form.read(content)

    monkeypatch.setitem(FORMATS, ".onnx", dataclasses.replace(form, read=read))
    export_model(*random_model(), path)
    assert seen == ["earlier"]
    assert path.read_bytes() != b"earlier"
    assert only_file_in(tmp_path) == "model.onnx"


def test_the_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    assert export_model(*random_model(), tmp_path / "MODEL.ONNX").path.is_file()


# --- deleted connections ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_a_deleted_connection_is_exactly_0_in_the_file_after_more_training(
    tmp_path: Path, suffix: str, optimizer: str
) -> None:
    learning = {
        "kind": "supervised",
        "optimizer": {"kind": optimizer, "learning_rate": 0.05},
        "batch_size": 4,
        "regularizer": {"kind": "l2"},
    }
    trainer = Trainer(problem(learning=learning))
    trainer.run(updates=10)
    architecture = trainer.problem.architecture
    gone = weakest(architecture, trainer.theta, trainer.state.pruned, 0.4)
    trainer.prune(gone.tolist())
    trainer.freeze((architecture.weight_index(0, 1, 2), architecture.bias_index(1, 0)))
    trainer.run(updates=25)
    path = tmp_path / f"model{suffix}"
    export_model(trainer.model, trainer.problem.dataset, path)
    graph = FORMATS[suffix].read(path.read_bytes()).graph
    arrays = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    layers = [name.removesuffix("/weights") for name in arrays if name.endswith("/weights")]
    assert len(layers) == architecture.layers
    exported = np.full(architecture.parameters, np.nan)
    for name, (weights, biases) in zip(layers, views(architecture, exported), strict=True):
        weights[:], biases[:] = arrays[f"{name}/weights"], arrays[f"{name}/biases"]
    assert exported.tobytes() == trainer.theta.tobytes()
    zeros = np.flatnonzero(exported == 0)
    assert zeros.tolist() == gone.tolist()
    assert not np.signbit(exported[zeros]).any()


# --- in a child process ----------------------------------------------------------------------------------------------
def test_a_child_process_exports_the_same_file(tmp_path: Path) -> None:
    model, dataset = random_model(MIXED, "three classes, softmax", fill=True)
    here = export_model(model, dataset, tmp_path / "here.onnx")
    there = export_model_in_child(model, dataset, tmp_path / "there.onnx")
    assert dataclasses.replace(there, path=here.path) == here
    assert (tmp_path / "there.onnx").read_bytes() == (tmp_path / "here.onnx").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_an_error_in_the_child_is_raised_here(tmp_path: Path) -> None:
    model, dataset = random_model()
    with pytest.raises(ExportError, match="not finite"):
        export_model_in_child(changed(model, lambda theta: theta.fill(np.inf)), dataset, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        export_model_in_child(*random_model(), tmp_path / "model.onnx", cancelled=lambda: next(asked, True))
    assert list(tmp_path.iterdir()) == []


def sleep_after_report(report: Callable[[int, int], None]) -> None:
    report(1, 2)
    time.sleep(60)


def test_a_child_that_is_busy_is_ended_as_soon_as_the_caller_gives_up() -> None:
    reports: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        run_in_child(
            sleep_after_report, cancelled=lambda: bool(reports), progress=lambda *report: reports.append(report)
        )
    assert reports == [(1, 2)]


def leave(report: object) -> None:
    import os

    os._exit(1)


def test_a_child_that_dies_is_reported() -> None:
    with pytest.raises(ChildDied, match="without an answer"):
        run_in_child(leave)
