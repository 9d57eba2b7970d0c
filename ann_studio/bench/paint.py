"""What it costs to paint a network anew with the raster painter: ``python -m ann_studio.bench.paint``. Prints JSON.

Each time all weights and all pictures in the neurons are others, so nothing of the last picture can serve again. What
stays while a network trains (names, legend, layout) may be kept, as it is in the window.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from ann_studio.analysis.pictures import compute_pictures
from ann_studio.data.dataset import Classes, Dataset, NumberColumn
from ann_studio.engine.messages import Frame, Speed, Status, Unit
from ann_studio.gui.app import prepare
from ann_studio.gui.garbage import set_aside_what_stays
from ann_studio.gui.style import style_sheet
from ann_studio.gui.theme import LIGHT
from ann_studio.gui.views.network import NetworkView
from ann_studio.learning.experiment import from_plain
from ann_studio.learning.path import first_point
from ann_studio.learning.problem import Problem, pose
from ann_studio.learning.state import Snapshot, State

#: Pixels of the graph; its card is larger by margins and header.
_WIDTH, _HEIGHT = 840, 504
_ROUNDS = 40
#: Layer sizes, whether the card around the graph is painted too, and the milliseconds that it may take.
CASES = {
    "352 edges": ((2, 8, 8, 8, 8, 8, 8, 2), False, 9.0),
    "2,368 edges": ((64, 32, 10), False, 25.0),
    "card of 2-6-4-1": ((2, 6, 4, 1), True, 8.0),
}


def problem_of(sizes: tuple[int, ...]) -> Problem:
    """A network of these sizes on random points."""
    classes = max(2, sizes[-1])
    rng = np.random.default_rng(1)
    inputs, labels = rng.normal(size=(200, sizes[0])), rng.integers(0, classes, size=(200, 1)).astype(np.float64)
    columns = tuple(NumberColumn(f"x{k + 1}") for k in range(sizes[0]))
    several = sizes[-1] > 1
    experiment = from_plain(
        {
            "format": "ann-studio experiment",
            "version": 1,
            "data": {"kind": "table", "path": "random.csv", "target": ["class"]},
            "network": {
                "hidden": [{"units": units, "activation": "tanh"} for units in sizes[1:-1]],
                "output_activation": "softmax" if several else "sigmoid",
            },
            "learning": {"kind": "supervised", "loss": "cross_entropy" if several else "binary_cross_entropy"},
        }
    )
    target = Classes("class", tuple(map(str, range(classes))))
    return pose(experiment, Dataset(columns, inputs, target, labels))


def frame_of(problem: Problem, theta: NDArray[np.float64], serial: int) -> Frame:
    """A frame of a training network with these parameters."""
    nothing = float("nan")
    state = State(theta, np.zeros((0, len(theta))), serial, 0, serial, serial)
    snapshot = Snapshot(state, None, np.array([[0.0, 0.0, 1.0, 1.0]]), nothing, nothing, 0, first_point(0, theta))
    pictures = compute_pictures(problem, theta, frozenset({"maps"}))
    return Frame(serial, Status.TRAINING, problem, (snapshot,), Speed(1, Unit.EPOCH), 0.0, pictures=pictures)


def measure(sizes: tuple[int, ...], *, card: bool) -> list[float]:
    """Milliseconds of each repaint."""
    problem, rng = problem_of(sizes), np.random.default_rng(2)
    assert problem.architecture.sizes == sizes
    view = NetworkView()
    view.setStyleSheet(style_sheet(LIGHT))
    view.show()
    view.resize(view.width() + _WIDTH - view.graph.width(), view.height() + _HEIGHT - view.graph.height())
    QApplication.processEvents()
    widget: QWidget = view if card else view.graph
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    took = []
    for serial in range(1, _ROUNDS + 3):
        frame = frame_of(problem, rng.normal(size=problem.architecture.parameters), serial)
        began = time.perf_counter()
        view.show_frame(frame)
        widget.render(image)
        took.append(1000 * (time.perf_counter() - began))
    # The first ones make what is kept.
    return took[2:]


def main() -> None:
    """Measure all cases; print one JSON object."""
    argparse.ArgumentParser(prog="python -m ann_studio.bench.paint", description=__doc__).parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication([])
    prepare(application)
    set_aside_what_stays()
    results: dict[str, Any] = {}
    for name, (sizes, card, limit) in CASES.items():
        took = measure(sizes, card=card)
        results[name] = {
            "median_ms": round(statistics.median(took), 2),
            "min_ms": round(min(took), 2),
            "max_ms": round(max(took), 2),
            "limit_ms": limit,
        }
    print(json.dumps(results))


if __name__ == "__main__":
    main()
