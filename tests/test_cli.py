"""The command line: figures that are true, and for bad input one line, exit code 2 and nothing half written."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ann_studio as ann
from ann_studio import cli
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
        "train", circle, "--json", "--epochs", 2, "--seed", 5, "--set", "learning.batch_size=full", "--set", "network.hidden=[]"
    )
    assert code == 0
    assert json.loads(out)["updates"] == 2


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


def test_only_test_opens_the_test_set(studio, circle):
    split = ["--set", 'split={"train":0.5,"validation":0.25,"test":0.25}', "--epochs", 1, "--json"]
    _, out, _ = studio("train", circle, *split)
    assert not any(key.startswith("test") for key in json.loads(out))
    _, out, _ = studio("train", circle, "--test", *split)
    assert {"test_loss", "test_accuracy"} <= set(json.loads(out))


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
    code, out, err = studio("train", path, "--target", target, "--export", tmp_path / "m.onnx", "--log", tmp_path / "t.csv")
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
        (["train", "CIRCLE", "--set", "network.output_activation=linear", "--set", "learning.loss=cross_entropy"], "softmax"),
        (["train", "CIRCLE", "--epochs", "-1"], "epochs"),
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


def test_divergence_is_told_and_the_figures_are_those_of_the_last_finite_moment(studio, tmp_path):
    tree = json.loads(resource("experiments", "05-hills.json").read_text())
    tree["learning"]["optimizer"] = {"kind": "sgd", "learning_rate": 900.0}
    tree["network"]["hidden"] = [{"units": 8, "activation": "relu"}]
    (tmp_path / "wild.json").write_text(json.dumps(tree))
    code, out, err = studio("train", tmp_path / "wild.json", "--json")
    assert code == 1
    assert "finite" in err
    assert json.loads(out)["train_loss"] < float("inf")


@pytest.mark.parametrize("name", ["--help", "--version"])
def test_help_and_version(name, studio):
    code, out, _ = studio(name)
    assert code == 0
    assert "ann-studio" in out


def test_python_dash_m_is_the_same_command(tmp_path):
    done = subprocess.run([sys.executable, "-m", "ann_studio", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"ann-studio {ann.__version__}"
