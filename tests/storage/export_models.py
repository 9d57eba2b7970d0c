"""Random models around every kind of column, feature and target, and ONNX Runtime as a second oracle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from ann_studio.data.dataset import Classes, Column, Dataset, NumberColumn, Numbers, TextColumn, input_names
from ann_studio.data.preparation import fit
from ann_studio.learning.model import Model
from ann_studio.nn.architecture import Architecture

NUMBERS: tuple[Column, ...] = (NumberColumn("height"), NumberColumn("weight"))
MIXED: tuple[Column, ...] = (
    NumberColumn("age"),
    TextColumn("colour", ("red", "green", "blé")),
    NumberColumn("size"),
    TextColumn("on", ("no", "yes")),
)
TEXTS: tuple[Column, ...] = (TextColumn("colour", ("red", "green", "blue")),)
FEATURES = ("x1", "x2^2", "sin(x1)", "x1*x2", "x2", "sin(x2)", "x1^2")

#: target, outputs, output activation, low, high
TARGETS: dict[str, tuple[Classes | Numbers, int, str, float, float]] = {
    "two classes, sigmoid": (Classes("ill", ("no", "yes")), 1, "sigmoid", 0.0, 1.0),
    "two classes, tanh": (Classes("side", ("left", "right")), 1, "tanh", -1.0, 1.0),
    "three classes, softmax": (Classes("species", ("setosa", "versicolor", "virginica")), 3, "softmax", 0.0, 1.0),
    "two numbers": (Numbers(("price", "rent")), 2, "linear", 0.0, 1.0),
}


def random_dataset(
    columns: tuple[Column, ...], target: Classes | Numbers, seed: int, *, rows: int, fill: bool
) -> Dataset:
    random = np.random.default_rng(seed)
    blocks = []
    for column in columns:
        if isinstance(column, TextColumn):
            choice = random.integers(0, len(column.values) + fill, rows)
            blocks.append(np.eye(len(column.values) + 1)[choice, : len(column.values)])
        else:
            numbers = random.normal(3.0, 2.0, (rows, 1))
            numbers[random.random((rows, 1)) < 0.1 * fill] = np.nan
            blocks.append(numbers)
    if isinstance(target, Classes):
        targets = random.integers(0, len(target.labels), (rows, 1)).astype(np.float64)
    else:
        targets = random.normal(1e4, 2e3, (rows, len(target.names)))
    return Dataset(columns, np.concatenate(blocks, axis=1), target, targets, fill_missing=fill)


def random_model(
    columns: tuple[Column, ...] = NUMBERS,
    target: str = "two classes, sigmoid",
    *,
    hidden: tuple[str, ...] = ("tanh",),
    units: int = 5,
    output: str | None = None,
    features: tuple[str, ...] | None = None,
    fill: bool = False,
    standardize: bool = True,
    seed: int = 0,
    rows: int = 60,
) -> tuple[Model, Dataset]:
    what, outputs, activation, low, high = TARGETS[target]
    dataset = random_dataset(columns, what, seed, rows=rows, fill=fill)
    features = features or tuple(f"x{k + 1}" for k in range(len(input_names(columns))))
    preparation = fit(
        dataset, np.arange(rows), features=features, standardize=standardize, outputs=outputs, low=low, high=high,
        standardize_targets=isinstance(what, Numbers),
    )  # fmt: skip
    sizes = (len(features), *(units for _ in hidden), outputs)
    architecture = Architecture(sizes, (*hidden, output or activation))
    theta = np.random.default_rng(seed + 1).normal(0.0, 1.0, architecture.parameters)
    theta /= max(1.0, units / 50) ** 0.5  # or wide layers would be saturated
    return Model("Züge", architecture, theta, preparation), dataset


def run_in_onnx_runtime(content: bytes, feeds: dict[str, Any]) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds), strict=True))


def only_file_in(folder: Path) -> str:
    (path,) = folder.iterdir()
    return path.name
