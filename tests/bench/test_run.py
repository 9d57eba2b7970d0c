"""``ann-studio bench``: its tables, its JSON, its page, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TypedDict

import msgspec
import pytest

from ann_studio import cli
from ann_studio.bench import descent, memory, report, run, speed
from ann_studio.bench.descent import RaceResult, RestartResult, SurfaceResult
from ann_studio.bench.growth import Growth
from ann_studio.bench.memory import MemoryResult
from ann_studio.bench.speed import TaskResult


class Machine(TypedDict):
    system: str
    cpu: str
    cores: int
    python: str
    blas: str
    packages: dict[str, str]


class Everything(TypedDict):
    """The JSON object; `msgspec` checks each field and the type of each."""

    format: str
    version: int
    date: str
    quick: bool
    rounds: int
    machine: Machine
    missing: list[str]
    failed: list[str]
    engine: list[TaskResult]
    memory: list[MemoryResult]
    growth: list[Growth]
    surface: list[SurfaceResult]
    restarts: list[RestartResult]
    race: list[RaceResult]


@pytest.fixture
def bench(capfd, monkeypatch):
    """Run ``ann-studio bench`` here: exit code, standard output, standard error."""
    monkeypatch.setattr(memory, "BATCHES", (1,))
    monkeypatch.setattr(descent, "SEEDS", 20)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["ann-studio", "bench", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfd.readouterr()
        return ended.value.code or 0, out, err

    return call


def test_a_quick_run_measures_writes_and_says_that_its_figures_say_nothing(bench, tmp_path):
    file, page = tmp_path / "bench.json", tmp_path / "performance.md"
    page.write_text("# How fast\n\nText.\n\n## Results\n\nOld.\n", "utf-8")
    parts = [
        word for part in ("engine", "memory", "growth", "surface", "restarts", "race") for word in ("--only", part)
    ]
    code, out, _ = bench("--quick", *parts, "--task", "2-4-2-1", "--json", file, "--markdown", page)
    assert code == 0
    assert "figures say nothing" in out
    found = msgspec.json.decode(file.read_bytes(), type=Everything)
    assert found["quick"]
    assert [(result["task"], result["batch"]) for result in found["engine"]] == [
        ("2-4-2-1", batch) for batch in (1, 10, 32, "full")
    ]
    for result in found["engine"]:
        assert result["disagreements"] == []
        assert result["engines"].keys() >= {"alone", "as_run"}
        assert len(result["engines"]) + len([each for each in found["missing"] if "install" in each]) == 5
        for engine in result["engines"].values():
            rate = engine["samples_per_second"]
            assert 0 < rate["min"] <= rate["median"] <= rate["max"]
        losses = [engine["loss"] for name, engine in result["engines"].items() if name != "sklearn"]
        assert max(losses) - min(losses) <= speed.TOLERANCE
        assert result["ratios"].keys() >= {"as_run/alone"}
    for sentence in found["missing"]:
        assert sentence in " ".join(out.split())
    text = page.read_text("utf-8")
    assert text.startswith("# How fast\n\nText.\n\n## Results\n\nMeasured on ")
    assert "Old." not in text
    assert "| Engine alone |" in text
    assert "**One error surface of 101 × 101 points, float64, one thread**" in text
    assert "Not measured in this run: start, window." in text


def test_large_layers_are_measured_beside_the_rate_of_matrix_products(monkeypatch):
    monkeypatch.setattr(speed, "GEMM_SIZES", (64, 128))
    task = run.TASKS["784-128-64-10"]
    result = speed.race(task, 128, {"alone": speed.Alone}, 1, 0.001)
    operations = 2 * (2 * 784 * 128 + 3 * (128 * 64 + 64 * 10))
    rate = result["engines"]["alone"]["samples_per_second"]["median"]
    gemm = result["gemm_gflops"]["median"] * 1e9
    assert result["gemm_share"]["median"] == pytest.approx(rate * operations / gemm)
    assert {"Matrix products, Gflop/s", "Engine alone, of these"} <= {
        row[0] for row in report.engine_grids([result])[0].rows
    }


def test_losses_that_disagree_are_shown_and_end_with_code_1(bench, monkeypatch):
    monkeypatch.setattr(speed.AsRun, "theta", lambda course: course.race.main.theta + 1e-3)
    code, out, _ = bench("--quick", "--only", "engine", "--task", "2-4-2-1")
    assert code == 1
    assert "error: 2-4-2-1, batch 1: as_run is at loss " in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["--only", "speed"],
            "error: --only speed: expected one of engine, memory, growth, surface, restarts, race, start, window",
        ),
        (["--task", "3-3"], "error: --task 3-3: expected one of 2-4-2-1, 2-8-8-8-1, 64-32-10, 784-128-64-10"),
        (["--json", "nowhere/bench.json"], "error: nowhere/bench.json: "),
        (["--rounds", "6"], "error: Invalid value for '--rounds': "),
    ],
)
def test_bad_input_is_one_line_before_anything_is_measured(bench, arguments, complaint):
    code, out, err = bench(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(complaint)
    assert err.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl+C to a console, not to a process")
def test_ctrl_c_ends_a_measurement_and_its_child_at_once():
    command = [sys.executable, "-m", "ann_studio", "bench", "--only", "memory"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True
    )
    time.sleep(2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the parent and its child
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert alive(process.pid) == []


def alive(group: int) -> list[str]:
    """Processes of a group that have not ended, whether or not anybody has asked how."""
    listed = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [" ".join(row) for row in rows if row[0] == str(group) and not row[1].startswith("Z")]
