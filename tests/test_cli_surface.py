"""``ann-studio surface``: the engine's own losses over a plane, what it leaves out, and nothing half written."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import ann_studio as ann
from ann_studio import cli
from ann_studio.learning.supervised import evaluate
from ann_studio.storage.resources import resource

TRAP = resource("experiments", "trap.json")
CIRCLE = resource("experiments", "02-circle.json")
DIGITS = resource("experiments", "digits.json")
NEURON = json.loads((Path(__file__).parent / "facts" / "local_minimum.json").read_text("utf-8"))["neurons"][0]


@pytest.fixture
def studio(capfd, monkeypatch):
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ann-studio", "surface", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return ended.value.code or 0, out, err

    return run


def read(path) -> np.ndarray:
    """Rows s, t, cost."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["s", "t", "train_loss"]
    return np.array([[float(cell) for cell in row] for row in rows[1:]])


@pytest.mark.parametrize(
    ("plane", "more"),
    [
        ("parameters", ["--first", "weights.0.w.1.2", "--second", "weights.1.b.1"]),
        ("points", ["--points", 0, 3, 9]),
        ("points", []),
        ("principal", []),
        ("random", ["--directions", 7]),
    ],
)
def test_every_cost_is_the_engines_at_that_point(studio, plane, more, tmp_path):
    log = tmp_path / "surface.csv"
    code, out, err = studio(CIRCLE, "--plane", plane, "--epochs", 12, "--side", 9, "--json", "--log", log, *more)
    assert (code, err) == (0, "")
    found, rows = json.loads(out), read(log)
    assert len(rows) == 81
    trainer = ann.trainer(ann.load(CIRCLE))
    trainer.run(epochs=12)
    assert found["theta"] == trainer.theta.tolist()
    assert found["train_loss"] == trainer.snapshot().train_loss
    origin, u, v = (np.array(found["axes"][name]) for name in ("origin", "u", "v"))
    train = trainer.problem.train
    for s, t, cost in rows:
        assert cost == pytest.approx(evaluate(trainer.problem, origin + s * u + t * v, train), rel=1e-12, abs=1e-12)
    assert found["extent"] == [rows[0, 0], rows[-1, 0], rows[0, 1], rows[-1, 1]]
    lowest = rows[rows[:, 2].argmin()]
    assert [*found["lowest"]["at"], found["lowest"]["loss"]] == lowest.tolist()
    if plane == "points":
        assert found["points"] == [25 * epoch for epoch in (more[1:] or (0, 6, 12))]
    nearest = origin + found["at"][0] * u + found["at"][1] * v
    left_out = found["train_loss"] - evaluate(trainer.problem, nearest, train)
    assert found["left_out"] == pytest.approx(left_out, abs=1e-15)
    assert 0 < found["explained"] < 1
    assert (found["exact"], found["minima"]) == (False, None)


def test_parameters_are_named_as_in_the_file(studio):
    _, out, _ = studio(CIRCLE, "--epochs", 0, "--side", 2, "--json", "--first", "weights.0.w.1.2", "--second", "14")
    found = json.loads(out)
    problem = ann.trainer(ann.load(CIRCLE)).problem
    first = problem.architecture.weight_index(0, 1, 2)
    assert found["parameters"] == ["weights.0.w.1.2", "weights.1.w.2.0"]
    assert np.flatnonzero(found["axes"]["u"]).tolist() == [first]
    assert np.flatnonzero(found["axes"]["v"]).tolist() == [14]
    assert found["theta"] == problem.first_theta.tolist()


def test_the_surface_of_a_neuron_is_exact_and_tells_its_minima(studio):
    code, out, _ = studio(TRAP, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["exact"]
    assert found["left_out"] == 0
    assert found["explained"] == pytest.approx(1)
    assert (found["parameters"], found["epochs"]) == (["w", "b"], 300)
    for minimum, place in zip(found["minima"], ("global_minimum", "local_minimum"), strict=False):
        fact = NEURON[place]
        assert minimum["at"] == pytest.approx([fact["w"], fact["b"]], abs=1e-6)
        assert minimum["loss"] == pytest.approx(fact["cost"], abs=1e-9)
        assert minimum["eigenvalues"] == pytest.approx(sorted(fact["hessian_eigenvalues"]), abs=1e-6)
    best, held, _ = found["minima"]
    assert held["at"] == pytest.approx(found["at"], abs=1e-6)
    assert best["loss"] <= found["lowest"]["loss"] < best["loss"] + 1e-4
    assert found["seconds_per_point"] == pytest.approx(found["seconds"] / 101**2)


def test_borders_and_side_are_as_asked_and_first_weights_are_those_of_the_file(studio, tmp_path):
    log = tmp_path / "surface.csv"
    asked = ["--epochs", 0, "--extent", -10, 10.5, -3, -1, "--side", 5, "--log", log, "--first", "b"]
    code, out, _ = studio(TRAP, "--json", *asked)
    assert code == 0
    assert json.loads(out)["parameters"] == ["b", "w"]
    assert json.loads(out)["at"] == [0.0, -2.0]
    rows = read(log)
    assert rows[:5, 0].tolist() == [-10, -4.875, 0.25, 5.375, 10.5]
    assert rows[::5, 1].tolist() == [-3, -2.5, -2, -1.5, -1]


def test_a_landscape_has_x_and_z(studio):
    code, out, _ = studio(resource("experiments", "landscape.json"), "--json", "--side", 31)
    assert code == 0
    assert json.loads(out)["parameters"] == ["x", "z"]
    assert json.loads(out)["exact"]


def test_what_is_printed_for_people_is_the_same(studio):
    code, out, _ = studio(TRAP)
    lines = dict(line.split("  ", maxsplit=1) for line in out.splitlines())
    assert code == 0
    assert lines["plane"].strip() == "parameters w and b, exact: there is no other parameter"
    assert lines["cost there"].strip() == "0.0785231 at (0.149375, 0.0460642)"
    assert out.count("\nminimum ") == 3
    assert studio(TRAP, "--quiet") == (0, "", "")


def test_a_cost_beyond_all_numbers_is_told_as_such(studio, tmp_path):
    log = tmp_path / "surface.csv"
    sine = resource("experiments", "04-sine.json")
    code, out, _ = studio(
        sine, "--epochs", 0, "--side", 3, "--json", "--log", log, "--extent", "1e200", "2e200", "1e200", "2e200",
        "--set", 'network={"hidden": [], "output_activation": "linear"}',
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["lowest"] is None
    assert {line.split(",")[2] for line in log.read_text("utf-8").splitlines()[1:]} == {"inf"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plane", "flat"], "--plane flat: expected one of parameters, points, principal, random"),
        (["--plane", "random", "--first", "w"], "--first: belongs to --plane parameters, not to random"),
        (["--points", "0", "1", "2"], "--points: belongs to --plane points, not to parameters"),
        (["--first", "x"], "--first x: expected w, b, 0 or 1"),
        (["--second", "2"], "--second 2: expected w, b, 0 or 1"),
        (["--first", "w", "--second", "0"], "--second 0: is the parameter that --first names"),
        (["--extent", "1", "1", "0", "2"], "--extent: expected finite borders in ascending order, not 1 to 1"),
        (["--extent", "0", "1", "0", "inf"], "--extent: expected finite borders"),
        (["--extent", "0", "1", "nan", "1"], "--extent: expected finite borders"),
        (["--side", "1"], "'--side'"),
        (["--side", "1002"], "'--side'"),
        (["--plane", "points", "--epochs", "1"], "--plane points: a plane through three points needs three different"),
        (["--plane", "points", "--points", "0", "1", "301"], "three different epochs from 0 to 300"),
        (["--plane", "points", "--points", "0", "1", "-1"], "three different epochs from 0 to 300"),
        (
            ["--plane", "points", "--points", "40001", "40002", "40003", "--epochs", "50000"],
            "--plane points: of so long a run not every update is kept; choose epochs that lie farther apart",
        ),
        (["--set", "stop.epochs=null"], "$.stop: there is no rule to stop by"),
        (["--set", "learning.optimizer.learning_rate=-1"], "learning_rate"),
    ],
)
def test_what_cannot_be_is_one_line_and_writes_nothing(studio, arguments, message, tmp_path):
    code, out, err = studio(TRAP, *arguments, "--json", "--log", tmp_path / "surface.csv")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not list(tmp_path.iterdir())


def test_a_name_that_the_network_has_not_says_which_there_are(studio):
    for name in ("weights.0.w.2.0", "weights.0.b.4", "weights.3.b.0", "weights.0.w.0", "25", "w", "²"):
        code, _, err = studio(CIRCLE, "--first", name)
        assert (code, err.count("\n")) == (2, 1)
        assert (
            f"--first {name}: expected a position from 0 to 24, or a name from weights.0.w.0.0 to weights.2.b.0" in err
        )


def test_a_run_that_diverges_has_no_surface(studio, tmp_path):
    file = tmp_path / "sine.json"
    file.write_bytes(resource("experiments", "04-sine.json").read_bytes())
    settings = ("network.hidden=[]", 'learning.optimizer={"kind": "sgd", "learning_rate": 1000}')
    changes = [word for setting in settings for word in ("--set", setting)]
    code, out, err = studio(file, "--json", "--log", tmp_path / "surface.csv", *changes)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "stopped being finite after update" in err
    assert [entry.name for entry in tmp_path.iterdir()] == ["sine.json"]


def test_nothing_is_written_over_what_is_read(studio, tmp_path):
    file = tmp_path / "trap.json"
    file.write_bytes(TRAP.read_bytes())
    code, _, err = studio(file, "--log", file)
    assert code == 2
    assert "this file is read and would be replaced" in err
    assert file.read_bytes() == TRAP.read_bytes()


#: the command line, which says when a surface of many points is begun
TELLS = """
from ann_studio import cli
from ann_studio.analysis import surface

compute = surface.compute

def tell(problem, plane, extent, side, interrupt):
    if side > 100:
        print("it begins", flush=True)
    return compute(problem, plane, extent, side, interrupt)

surface.compute = tell
cli.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl+C to a console, not to a process")
def test_ctrl_c_ends_it_at_once_and_leaves_nothing(tmp_path):
    command = [sys.executable, "-c", TELLS, "surface", DIGITS, "--epochs", "1", "--side", "1001"]
    process = subprocess.Popen(
        [*map(str, command), "--log", str(tmp_path / "surface.csv")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "it begins\n"
        time.sleep(0.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert time.monotonic() - began < 2
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert not list(tmp_path.iterdir())
