"""The figures as tables on the screen and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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


@dataclass
class Grid:
    """A table: a title, headings and rows of text; the first column is words, the others are figures."""

    title: str
    heads: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)


def show(grid: Grid, console: Console) -> None:
    """Print a table to the screen."""
    table = Table(title=grid.title, title_justify="left")
    for position, head in enumerate(grid.heads):
        table.add_column(head, justify="right" if position else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*row)
    console.print(table)


def markdown(grid: Grid) -> str:
    """The table in Markdown."""
    lines = [f"**{grid.title}**", "", _line(grid.heads), _line(["---", *["---:"] * (len(grid.heads) - 1)])]
    return "\n".join([*lines, *map(_line, grid.rows)]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def figure(value: float) -> str:
    """Three digits, with k and M."""
    for unit, letter in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= unit:
            return f"{value / unit:.3g}{letter}" if value / unit < 1000 else f"{value / unit:,.0f}{letter}"
    return f"{value:.3g}"


def spread_text(found: Spread | None, each: Callable[[float], str] = figure) -> str:
    """Median, and the least and greatest in brackets."""
    return "–" if found is None else f"{each(found['median'])} ({each(found['min'])}–{each(found['max'])})"


def percent(value: float) -> str:
    """A share."""
    return f"{value:.0%}"


def engine_grids(results: Sequence[Any]) -> list[Grid]:
    """One table a task: the rate of each engine at each batch size, and their ratios.

    Parameters
    ----------
    results
        See `ann_studio.bench.speed.TaskResult`.
    """
    grids = []
    for task in dict.fromkeys(result["task"] for result in results):
        runs = [result for result in results if result["task"] == task]
        grid = Grid(
            f"{task}, {runs[0]['samples']:,} samples, {runs[0]['parameters']:,} parameters: samples a second",
            ["median (least–greatest)", *(f"batch {run['batch']}" for run in runs)],
        )
        for name in [name for name in TITLES if name in runs[0]["engines"]]:
            rates = [run["engines"][name]["samples_per_second"] for run in runs]
            grid.rows.append([TITLES[name], *map(spread_text, rates)])
        for pair in runs[0]["ratios"]:
            over, under = (TITLES[name] for name in pair.split("/"))
            grid.rows.append([f"{over} ÷ {under}", *(spread_text(run["ratios"][pair]) for run in runs)])
        if runs[0]["gemm_share"]:
            rates = [run["gemm_gflops"] for run in runs]
            grid.rows.append(["Matrix products here, Gflop/s", *map(spread_text, rates)])
            grid.rows.append(["Engine alone's share of them", *(spread_text(r["gemm_share"], percent) for r in runs)])
        grids.append(grid)
    return grids
