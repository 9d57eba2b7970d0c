"""A first experiment for somebody's own table, when they have not written one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ann_studio.data.table import Table, suggest_target
from ann_studio.learning.experiment import L2, Experiment, Hidden, Network, Sgd, Stop, Supervised, TableData
from ann_studio.storage.tables import load_table


def experiment_for_table(path: Path, target: Sequence[str] | None = None) -> Experiment:
    """A small network on the table at `path`.

    Parameters
    ----------
    target
        Target columns; None reads the table and lets it suggest one. Otherwise it is not read here.

    Raises
    ------
    TableError
        If the table is read and cannot be, in one line.
    """
    return _experiment(path, target or (suggest_target(load_table(path)),))


def experiment_for_read_table(table: Table, path: Path) -> Experiment:
    """Like `experiment_for_table`, for a table that was read already."""
    return _experiment(path, (suggest_target(table),))


def _experiment(path: Path, target: Sequence[str]) -> Experiment:
    return Experiment(
        name=path.stem,
        data=TableData(path=str(path.resolve()), target=tuple(target)),
        network=Network(hidden=(Hidden(units=16),)),
        learning=Supervised(optimizer=Sgd(learning_rate=0.05), regularizer=L2(strength=0.003)),
        stop=Stop(epochs=200),
    )
