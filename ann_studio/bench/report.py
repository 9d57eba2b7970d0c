"""The figures as tables on the screen and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ann_studio.bench.contest import Spread

TITLES = {
    "alone": "Engine alone",
    "as_run": "As run",
    "native": "Native C",
    "torch": "PyTorch, eager",
    "sklearn": "scikit-learn",
}
#: The heading of a Markdown page below which everything is replaced.
RESULTS = "## Results"


@dataclass
class Grid:
    """A table: a title, headings and rows of text; the first column is words, the others are figures."""

    title: str
    heads: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)


# --- one grid or more for each part -----------------------------------------------------------------------------------
def engine_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table a task: the rate of each engine at each batch size, and their ratios."""
    grids = []
    for task in dict.fromkeys(result["task"] for result in results):
        runs = [result for result in results if result["task"] == task]
        grid = Grid(
            f"{task}, {runs[0]['samples']:,} samples, {runs[0]['parameters']:,} parameters: samples a second",
            ["", *(f"batch {run['batch']}" for run in runs)],
        )
        for name in [name for name in TITLES if name in runs[0]["engines"]]:
            grid.rows.append([TITLES[name], *(_spread(run["engines"][name]["samples_per_second"]) for run in runs)])
        for pair in runs[0]["ratios"]:
            over, under = (TITLES[name] for name in pair.split("/"))
            grid.rows.append([f"{over} ÷ {under}", *(_spread(run["ratios"][pair]) for run in runs)])
        if runs[0]["gemm_share"]:
            grid.rows.append(["Matrix products, Gflop/s", *(_spread(run["gemm_gflops"]) for run in runs)])
            grid.rows.append(["Engine alone, of these", *(_share(run["gemm_share"]) for run in runs)])
        grids.append(grid)
    return grids


def memory_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table, a row a run."""
    heads = ["updates", "at rest", "after", "checkpoints", "trace", "path", "all else grew"]
    grid = Grid("Resident memory without a window, MB", ["", *heads])
    for run in results:
        figures = [run[name] / 1e6 for name in ("rest", "after", "checkpoints", "trace", "path", "other_growth")]
        words = f"{run['task']}, batch {run['batch']}"
        grid.rows.append([words, f"{run['updates']:,}", *map(figure, figures)])
    return [grid]


def growth_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table for parameters, one for samples."""
    grids = []
    for result in results:
        grid = Grid(f"{result['what']}; slope {_spread(result['slope'], mark=' ')}", ["", "µs"])
        for size, seconds in zip(result["sizes"], result["seconds"], strict=True):
            grid.rows.append([f"{size:,}", _spread(seconds, 1e6, mark=" ")])
        grids.append(grid)
    return grids


def surface_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table, a row a network."""
    side = results[0]["side"]
    grid = Grid(f"One error surface of {side} × {side} points, float64, one thread", ["", "ms", "µs a point"])
    for result in results:
        words = f"{result['task']}, {result['samples']:,} samples, {result['parameters']:,} parameters"
        grid.rows.append([words, _spread(result["seconds"], 1e3), _spread(result["seconds"], 1e6 / side**2)])
    return [grid]


def restart_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table, a row a size of batch."""
    first = results[0]
    what = f"{first['seeds']:,} seeds × {first['epochs']:,} epochs of the trap, {first['threads']} threads, seconds"
    grid = Grid(what, ["", "trained", "trained, settled and told apart"])
    for result in results:
        grid.rows.append([f"batch {result['batch']}", _spread(result["trained"]), _spread(result["settled"])])
    return [grid]


def race_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table, a column a race."""
    heads = ["", *(f"{result['task']}, {result['runs']} runs" for result in results)]
    grid = Grid("Runs on one clock, without a window: gradient evaluations a second, all together", heads)
    names = {
        "epochs": "By epochs", "updates": "By updates", "gradients": "By gradient evaluations",
        "alone": "The same runs, one after the other",
    }  # fmt: skip
    for name, words in names.items():
        grid.rows.append([words, *(_spread(result["samples_per_second"][name]) for result in results)])
    grid.rows.append(["By epochs, of one after the other", *(_share(result["share"]) for result in results)])
    return [grid]


def start_grids(result: Mapping[str, Mapping[str, Spread]]) -> list[Grid]:
    """One table, warm and cold."""
    grid = Grid("Seconds from the start of the process", ["", "warm", "cold"])
    names = {
        "floor_s": "PySide6 and numpy alone, an empty window",
        "first_paint_s": "First painted window",
        "first_training_frame_s": "First frame of a training network",
    }
    for name, words in names.items():
        grid.rows.append([words, _spread(result["warm"][name]), _spread(result["cold"][name])])
    return [grid]


def window_grids(results: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """One table, a column a task; the views below."""
    grid = Grid(f"The window at full speed, {results[0]['screen']}", ["", *(result["task"] for result in results)])
    names = {
        "p50_ms": "Frame interval, p50, ms", "p99_ms": "Frame interval, p99, ms",
        "fewest_frames": "Frames in the second that had the fewest",
    }  # fmt: skip
    for name, words in names.items():
        grid.rows.append([words, *(_spread(result["figures"][name]) for result in results)])
    share = [_share(result["figures"]["share"]) for result in results]
    grid.rows.append(["Training rate, of that without a window", *share])
    grid.rows.append(["From Pause to rest, ms", *(_spread(result["pause_ms"]) for result in results)])
    for view in dict.fromkeys(view for result in results for view in result["views"]):
        rates = [_spread(result["views"][view]) if view in result["views"] else "–" for result in results]
        grid.rows.append([f"Repaints a second: {view}", *rates])
    return [grid]


GRIDS: dict[str, Callable[[Any], list[Grid]]] = {
    "engine": engine_grids, "memory": memory_grids, "growth": growth_grids, "surface": surface_grids,
    "restarts": restart_grids, "race": race_grids, "start": start_grids, "window": window_grids,
}  # fmt: skip


# --- on the screen and in a page --------------------------------------------------------------------------------------
def show(grid: Grid, console: Console) -> None:
    """Print a table to the screen."""
    console.print(grid.title, style="bold", highlight=False)
    table = Table()
    for position, head in enumerate(grid.heads):
        table.add_column(head, justify="right" if position else "left")
    for row in grid.rows:
        table.add_row(*row)
    console.print(table)


def markdown(found: Mapping[str, Any]) -> str:
    """All figures as the section `RESULTS` of a page."""
    machine = found["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    lines = [
        RESULTS,
        "",
        f"Measured on {found['date']}: {machine['cpu']}, {machine['cores']} cores, {machine['system']}; Python"
        f" {machine['python']}, {packages}; {machine['blas']}. {found['rounds']} rounds; each cell is the median, with"
        " the least and the greatest below it.",
        "",
    ]
    if found["quick"]:
        lines += ["**Quick: few and short rounds, whose figures say nothing.**", ""]
    for part in [part for part in GRIDS if part in found]:
        for grid in GRIDS[part](found[part]):
            rows = [grid.heads, ["---", *["---:"] * (len(grid.heads) - 1)], *grid.rows]
            lines += [f"**{grid.title}**", "", *(f"| {' | '.join(row)} |".replace("\n", "<br>") for row in rows), ""]
    absent = [part for part in GRIDS if part not in found]
    lines += [f"- Not measured in this run: {', '.join(absent)}."] if absent else []
    lines += [f"- Missing: {sentence}." for sentence in found["missing"]]
    lines += [f"- Failed: {sentence}." for sentence in found["failed"]]
    return "\n".join(lines).strip() + "\n"


def write_markdown(found: Mapping[str, Any], path: Path) -> None:
    """Write the section of results; of a page that is there, what stands above it is kept."""
    page = path.read_text("utf-8") if path.exists() else ""
    kept = page.partition(RESULTS)[0].rstrip()
    path.write_text((f"{kept}\n\n" if kept else "") + markdown(found), "utf-8")


def figure(value: float) -> str:
    """Three digits, with k and M."""
    unit, letter = _unit(value)
    return _three(value / unit) + letter


def _unit(value: float) -> tuple[float, str]:
    return next(((unit, letter) for unit, letter in ((1e6, " M"), (1e3, " k")) if abs(value) >= unit), (1.0, ""))


def _three(value: float) -> str:
    """Three digits, but all those before the point, and two places at most."""
    if abs(value) < 0.995:
        return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")  # + 0.0: no −0.00
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def _spread(found: Spread, factor: float = 1.0, mark: str = "\n", sign: str = "") -> str:
    """The median and, behind it or on a line of their own, the least and the greatest in the same unit."""
    unit, letter = _unit(factor * found["median"])
    median, least, greatest = (_three(factor * value / unit) for value in (found["median"], found["min"], found["max"]))
    return f"{median}{letter}{sign}{mark}({least}–{greatest})"


def _share(found: Spread) -> str:
    return _spread(found, 100, sign=" %")
