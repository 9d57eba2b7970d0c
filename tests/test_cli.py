"""The command line: figures that are true, and for bad input one line, exit code 2 and nothing half written."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import ann_studio as ann
from ann_studio import cli
from ann_studio.learning.experiment import replace
from ann_studio.storage.exports import FORMATS
from ann_studio.storage.resources import resource

IRIS = resource("datasets", "iris.csv")


def run(capfd, monkeypatch, *arguments: object) -> tuple[int, str, str]:
    """Run ``ann-studio`` in this process: exit code, standard output, standard error."""
    monkeypatch.setattr(sys, "argv", ["ann-studio", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capfd.readouterr()
    return ended.value.code or 0, out, err


@pytest.fixture
def studio(capfd, monkeypatch):
    return lambda *arguments: run(capfd, monkeypatch, *arguments)


@pytest.fixture
def circle(tmp_path):
    path = tmp_path / "circle.json"
    path.write_bytes(resource("experiments", "02-circle.json").read_bytes())
    return path


def test_json_reports_the_figures_of_the_library(studio, circle):
    code, out, err = studio("train", circle, "--epochs", 30, "--json")
    assert (code, err) == (0, "")
    figures = json.loads(out)
    trainer = ann.trainer(ann.load(circle))
    trainer.run(epochs=30)
    snapshot = trainer.snapshot()
    assert (figures["epochs"], figures["updates"]) == (30, 750)
    assert (figures["train_loss"], figures["validation_loss"]) == (snapshot.train_loss, snapshot.validation_loss)
    inputs, truth = trainer.problem.dataset.inputs, trainer.problem.dataset.targets
    right = (trainer.predict(inputs) == truth).ravel()
    assert figures["validation_accuracy"] == right[trainer.problem.validation.rows].mean()


LOSSES = ["epochs", "updates", "train_loss", "validation_loss"]
EVERYTHING = ["--set", 'split={"train":0.5,"validation":0.25,"test":0.25}']
NUMBERS = ["train_r2", "train_rmse", "r2", "rmse"]


@pytest.mark.parametrize(
    ("file", "more", "keys"),
    [
        ("02-circle", [], ["train_accuracy", "validation_accuracy"]),
        ("02-circle", EVERYTHING, ["train_accuracy", "validation_accuracy"]),
        ("02-circle", [*EVERYTHING, "--test"], ["test_loss", "train_accuracy", "validation_accuracy", "test_accuracy"]),
        ("03-xor-gate", [], ["train_accuracy"]),
        ("05-hills", [], NUMBERS),
        ("05-hills", [*EVERYTHING, "--test"], ["test_loss", *NUMBERS, "test_r2", "test_rmse"]),
        ("worked-example", [], ["r2", "rmse"]),
    ],
)
def test_json_has_these_keys_and_only_test_opens_the_test_set(file, more, keys, studio):
    code, out, err = studio("train", resource("experiments", f"{file}.json"), "--epochs", 1, "--json", *more)
    assert (code, err) == (0, "")
    assert list(json.loads(out)) == [*LOSSES, *keys, "seconds", "exported"]


def test_quiet_says_nothing(studio, circle):
    assert studio("train", circle, "--epochs", 1, "--quiet") == (0, "", "")


def test_a_set_that_is_not_there_leaves_its_column_empty(studio, tmp_path):
    path = resource("experiments", "03-xor-gate.json")
    assert studio("train", path, "--epochs", 2, "--quiet", "--log", tmp_path / "trace.csv")[0] == 0
    rows = list(csv.DictReader((tmp_path / "trace.csv").read_text().splitlines()))
    assert [row["validation_loss"] for row in rows] == ["", "", ""]
    assert all(row["train_loss"] for row in rows)


def test_relative_paths_are_the_callers_and_a_table_is_found_beside_its_experiment(studio, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "there" / "table.csv").write_bytes(IRIS.read_bytes())
    tree = json.loads(resource("experiments", "iris.json").read_text())
    tree["data"]["path"] = "table.csv"
    (tmp_path / "there" / "experiment.json").write_text(json.dumps(tree))
    monkeypatch.chdir(tmp_path / "here")
    outputs = ["--log", "trace.csv", "--export", "../model.onnx"]
    code, out, err = studio("train", "../there/experiment.json", "--epochs", 1, "--json", *outputs)
    assert code == 0, err
    assert json.loads(out)["exported"] == ["../model.onnx"]
    assert (tmp_path / "model.onnx").is_file()
    assert [entry.name for entry in (tmp_path / "here").iterdir()] == ["trace.csv"]


def test_the_log_has_one_row_an_epoch(studio, circle, tmp_path):
    code, _, _ = studio("train", circle, "--epochs", 12, "--quiet", "--log", tmp_path / "trace.csv")
    assert code == 0
    rows = list(csv.DictReader((tmp_path / "trace.csv").read_text().splitlines()))
    assert list(rows[0]) == ["epoch", "update", "train_loss", "validation_loss"]
    assert [int(row["epoch"]) for row in rows] == list(range(13))
    trainer = ann.trainer(ann.load(circle))
    trainer.run(epochs=12)
    assert np.array_equal([float(row["train_loss"]) for row in rows], trainer.snapshot().trace[:, 2])


def test_settings_can_be_changed(studio, circle):
    code, out, _ = studio(
        "train", circle, "--json", "--epochs", 2, "--seed", 5,
        "--set", "learning.batch_size=full", "--set", "network.hidden=[]", "--set", "name=a name",
    )  # fmt: skip
    assert code == 0
    figures = json.loads(out)
    assert figures["updates"] == 2
    experiment = ann.load(circle)
    for path, value in {"seed": 5, "learning.batch_size": "full", "network.hidden": []}.items():
        experiment = replace(experiment, path, value)
    trainer = ann.trainer(experiment)
    trainer.run(epochs=2)
    assert figures["train_loss"] == trainer.snapshot().train_loss


def test_gradients_can_be_clipped(studio, circle):
    found = {}
    for clip in ("null", "0.01"):
        code, out, err = studio("train", circle, "--json", "--epochs", 2, "--set", f"learning.clip_norm={clip}")
        assert code == 0, err
        found[clip] = json.loads(out)["train_loss"]
    trainer = ann.trainer(replace(ann.load(circle), "learning.clip_norm", 0.01))
    trainer.run(epochs=2)
    assert found["0.01"] == trainer.snapshot().train_loss != found["null"]
    code, _, err = studio("train", circle, "--set", "learning.clip_norm=0")
    assert code == 2
    assert "$.learning.clip_norm: expected float > 0" in err


def test_a_table_is_trained_and_its_model_predicts_new_rows(studio, tmp_path):
    code, out, err = studio("train", IRIS, "--target", "species", "--json", "--export", tmp_path / "iris.onnx")
    assert code == 0, err
    figures = json.loads(out)
    assert figures["validation_accuracy"] >= 0.95
    assert figures["exported"] == [str(tmp_path / "iris.onnx")]
    rows = list(csv.DictReader(IRIS.read_text().splitlines()))
    with (tmp_path / "new.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["extra", *reversed([name for name in rows[0] if name != "species"])])
        writer.writeheader()
        for row in rows:
            writer.writerow({"extra": "x", **{name: value for name, value in row.items() if name != "species"}})
    code, out, err = studio("predict", tmp_path / "iris.onnx", tmp_path / "new.csv")
    assert code == 0, err
    predicted = [row["predicted species"] for row in csv.DictReader(out.splitlines())]
    right = sum(found == row["species"] for found, row in zip(predicted, rows, strict=True))
    assert right >= 0.95 * len(rows)


@pytest.mark.parametrize("name", ["iris", "digits"])
def test_the_shipped_tables_reach_95_percent_and_onnx_runtime_agrees(name, studio, tmp_path):
    import onnxruntime

    path = resource("experiments", f"{name}.json")
    code, out, err = studio("train", path, "--json", "--export", tmp_path / "model.onnx")
    assert code == 0, err
    assert json.loads(out)["validation_accuracy"] >= 0.95
    trainer = ann.trainer(ann.load(path))
    trainer.run()
    dataset = trainer.problem.dataset
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (labels,) = session.run(["label"], {"inputs": dataset.inputs})
    own = [dataset.target.labels[int(index)] for index in trainer.predict(dataset.inputs)[:, 0]]
    assert labels.tolist() == own


def test_a_landscape_is_descended_and_has_no_model(studio, tmp_path):
    file, log, model = resource("experiments", "landscape.json"), tmp_path / "trace.csv", tmp_path / "model.onnx"
    code, out, err = studio("train", file, "--epochs", 5, "--json", "--log", log)
    assert (code, err) == (0, "")
    figures = json.loads(out)
    assert list(figures) == ["epochs", "updates", "train_loss", "seconds", "exported"]
    rows = list(csv.DictReader(log.read_text("utf-8").splitlines()))
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(6)]
    assert float(rows[-1]["train_loss"]) == figures["train_loss"]
    assert {row["validation_loss"] for row in rows} == {""}
    code, out, err = studio("train", file, "--export", model)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "no model" in err
    assert not model.exists()


def test_numbers_have_r2_and_rmse_in_the_unit_of_the_target(studio, tmp_path):
    random = np.random.default_rng(0)
    x = random.uniform(0, 1, 80)
    lines = ["size,price", *(f"{a},{1000 + 500 * a}" for a in x)]
    (tmp_path / "prices.csv").write_text("\n".join(lines))
    code, out, err = studio("train", tmp_path / "prices.csv", "--target", "price", "--json")
    assert code == 0, err
    figures = json.loads(out)
    assert figures["r2"] > 0.99
    assert 0 < figures["rmse"] < 20


def test_an_option_of_its_own_comes_before_a_setting(studio, circle):
    code, out, _ = studio("train", circle, "--epochs", 2, "--json", "--set", 'stop={"epochs": 1000000000}')
    assert (code, json.loads(out)["epochs"]) == (0, 2)


BAD_TABLES = {
    "empty": b"",
    "binary": b"a,b\n1,\x00\x01\n",
    "ragged": b"a,b\n1,2\n3\n4,5\n",
    "one class": b"a,kind\n1,x\n2,x\n3,x\n",
    "not utf-8": b"a,kind\n1,caf\xe9\n2,x\n",
    "a million columns": b",".join([b"a"] * 1_000_000) + b"\n",
    "header only": b"a,b\n",
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_is_one_line(name, studio, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(BAD_TABLES[name])
    target = "kind" if b"kind" in BAD_TABLES[name] else "b"
    before = sorted(entry.name for entry in tmp_path.iterdir())
    outputs = ["--export", tmp_path / "m.onnx", "--log", tmp_path / "t.csv"]
    code, out, err = studio("train", path, "--target", target, *outputs)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "bad.csv" in err
    assert sorted(entry.name for entry in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["train", "nowhere.json"], "nowhere.json"),
        (["train", "CIRCLE", "--set", "learning.batch_size=0"], "$.learning.batch_size: expected int >= 1"),
        (["train", "CIRCLE", "--set", "learning.colour=1"], "colour"),
        (["train", "CIRCLE", "--set", "nonsense"], "PATH=VALUE"),
        (["train", "CIRCLE", "--set", "learning.loss=cross_entropy"], "circle.json: $.learning.loss: cross_entropy"),
        (["train", "CIRCLE", "--set", "learning.optimizer.learning_rate=NaN"], "NaN is not a number"),
        (["train", "CIRCLE", "--set", 'data={"kind":"generated","kind":"table"}'], 'the key "kind" stands twice'),
        (["train", "CIRCLE", "--set", "seed=" + "[" * 20_000], "nested too deeply"),
        (["train", "CIRCLE", "--set", "stop.epochs=null"], "circle.json: $.stop: there is no rule to stop by"),
        (["train", "CIRCLE", "--target", "x"], "--target"),
        (["train", "CIRCLE", "--epochs", "-1"], "epochs"),
        (["train", "CIRCLE", "--seed", str(2**60)], "--seed: $.seed: expected int <="),
        (["train", "CIRCLE", "--log", "no/such/folder/t.csv"], "there is no folder"),
        (["train", "CIRCLE", "--export", "model.xyz"], "model.xyz"),
        (["train"], "file"),
        (["train", "CIRCLE", "--what"], "--what"),
        (["predict", "CIRCLE", "nowhere.csv"], "circle.json"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, word, studio, circle):
    code, out, err = studio(*[str(circle) if argument == "CIRCLE" else argument for argument in arguments])
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert word in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "table.csv", "--target", "species", "--log", "table.csv"],
        ["train", "experiment.json", "--log", "experiment.json"],
        ["train", "experiment.json", "--export", "./experiment.json"],
        ["train", "experiment.json", "--log", "table.csv"],
        ["train", "experiment.json", "--log", "new.json", "--export", "new.json"],
        ["train", "experiment.json", "--export", "new.onnx", "--export", "../here/new.onnx"],
        ["predict", "model.onnx", "table.csv", "--out", "table.csv"],
        ["predict", "model.onnx", "table.csv", "--out", "model.onnx"],
    ],
    ids=" ".join,
)
def test_nothing_is_written_over_what_is_read_or_written(arguments, studio, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "table.csv").write_bytes(IRIS.read_bytes())
    tree = json.loads(resource("experiments", "iris.json").read_text())
    (here / "experiment.json").write_text(json.dumps(tree | {"data": {**tree["data"], "path": "table.csv"}}))
    assert studio("train", "experiment.json", "--epochs", 1, "--quiet", "--export", "model.onnx")[0] == 0
    before = {entry.name: entry.read_bytes() for entry in here.iterdir()}
    code, out, err = studio(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "choose another" in err
    assert {entry.name: entry.read_bytes() for entry in here.iterdir()} == before


@pytest.mark.parametrize(("end", "code"), [(KeyboardInterrupt, 130), (MemoryError, 2)])
def test_a_run_that_is_broken_off_leaves_nothing(end, code, studio, circle, tmp_path, monkeypatch):
    def advance(self: object, **limits: object) -> None:
        raise end

    monkeypatch.setattr("ann_studio.learning.trainer.Trainer.advance", advance)
    outputs = ["--log", tmp_path / "t.csv", "--export", tmp_path / "m.onnx"]
    ended, out, err = studio("train", circle, "--json", *outputs)
    assert (ended, out) == (code, "")
    assert err.count("\n") == (code == 2)
    assert [entry.name for entry in tmp_path.iterdir()] == ["circle.json"]


def test_an_export_that_fails_its_check_is_one_line_and_no_file(studio, circle, tmp_path, monkeypatch):
    form = FORMATS[".json"]

    def wrong(model: object) -> bytes:
        return form.write(model).replace(b'"tanh"', b'"relu"')

    monkeypatch.setitem(FORMATS, ".json", dataclasses.replace(form, write=wrong))
    code, out, err = studio("train", circle, "--epochs", 1, "--quiet", "--export", tmp_path / "model.json")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "was not saved: read back, it differs from the network" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["circle.json"]


def test_a_message_stays_readable_however_long_what_it_quotes(studio, circle):
    _, _, err = studio("train", circle, "--set", "x" * 100_000)
    assert len(err) < 1100


def test_divergence_is_told_and_the_figures_are_those_of_the_last_finite_moment(studio, tmp_path):
    tree = json.loads(resource("experiments", "05-hills.json").read_text())
    tree["learning"]["optimizer"] = {"kind": "sgd", "learning_rate": 900.0}
    tree["network"]["hidden"] = [{"units": 8, "activation": "relu"}]
    (tmp_path / "wild.json").write_text(json.dumps(tree))
    code, out, err = studio("train", tmp_path / "wild.json", "--json")
    assert code == 1
    assert err.startswith("warning: cost or weights stopped being finite after update ")
    assert err.count("\n") == 1
    figures = json.loads(out)
    assert 0 < figures["train_loss"] < float("inf")
    assert f"after update {figures['updates']};" in err


@pytest.mark.parametrize("name", ["--help", "--version"])
def test_help_and_version(name, studio):
    code, out, _ = studio(name)
    assert code == 0
    assert "ann-studio" in out


def test_python_dash_m_is_the_same_command(tmp_path):
    done = subprocess.run([sys.executable, "-m", "ann_studio", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"ann-studio {ann.__version__}"


@pytest.mark.parametrize(
    "arguments", [["predict", "model.onnx", "table.csv"], ["train", "e.json", "--export", "é.json"]], ids=" ".join
)
def test_a_terminal_without_umlauts_is_no_reason_to_fail(arguments, tmp_path):
    tree = {"format": "ann-studio experiment", "version": 1, "network": {}, "stop": {"epochs": 1}}
    tree["data"] = {"kind": "table", "path": "table.csv", "target": ["Größe"]}
    (tmp_path / "e.json").write_text(json.dumps(tree))
    (tmp_path / "table.csv").write_text("a,Größe\n" + "".join(f"{k},{k % 7}.5\n" for k in range(30)), encoding="utf-8")
    trainer = ann.trainer(ann.load(tmp_path / "e.json"))
    ann.export(trainer, tmp_path / "model.onnx")
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "ann_studio", *arguments]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    if arguments[0] == "predict":
        header, *rows = done.stdout.decode("utf-8").split("\n")
        assert (header, len(rows)) == ("a,Größe,predicted Größe", 31)


def test_the_library_works_as_the_design_shows_it(circle, tmp_path):
    experiment = ann.load(str(circle))
    assert isinstance(experiment, ann.Experiment)
    trainer = ann.trainer(experiment)
    assert isinstance(trainer, ann.Trainer)
    before = trainer.snapshot().train_loss
    trainer.run(epochs=100)
    assert trainer.snapshot().train_loss < before
    trainer.run(updates=3)
    assert trainer.state.update == 100 * 25 + 3
    assert trainer.theta.shape == (2 * 4 + 4 + 4 * 2 + 2 + 2 * 1 + 1,)
    assert trainer.predict([[0.0, 0.0], [5.0, 5.0]]).shape == (2, 1)
    assert ann.export(trainer, str(tmp_path / "model.onnx")).classes_agree
    assert set(ann.__all__) <= {*dir(ann), "Experiment", "Trainer"}
