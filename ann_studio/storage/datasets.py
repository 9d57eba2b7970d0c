"""The data of an experiment, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from ann_studio.data.dataset import Dataset
from ann_studio.data.generators import generate
from ann_studio.data.inline import inline_dataset
from ann_studio.data.landscape import landscape_dataset
from ann_studio.data.table import Table, to_dataset
from ann_studio.learning.experiment import Experiment, Generated, Inline, Landscape, TableData
from ann_studio.storage.tables import load_table


def load_dataset(experiment: Experiment, read: Callable[[Path], Table] = load_table) -> Dataset:
    """Read or generate the data of `experiment`.

    Parameters
    ----------
    read
        How a table is read; the window passes one that can be cancelled.

    Raises
    ------
    ValueError
        If they cannot be read or make no dataset, in one line with the place.
    """
    data = experiment.data
    match data:
        case Generated():
            seed = experiment.seed if data.seed is None else data.seed
            return generate(data.name, data.samples, data.noise, seed)
        case TableData():
            return to_dataset(read(Path(data.path)), data.target, data.inputs, data.missing, data.task)
        case Inline():
            if data.validation is None:
                return inline_dataset(data.inputs, data.targets)
            return inline_dataset(data.inputs, data.targets, data.validation.inputs, data.validation.targets)
        case Landscape():
            return landscape_dataset(data.samples, data.noise, experiment.seed)
        case _:
            assert_never(data)
