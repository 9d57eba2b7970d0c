"""ANN Studio: see how an artificial neural network learns.

The library in five lines::

    import ann_studio as ann
    trainer = ann.trainer(ann.load("circle.json"))
    trainer.run(epochs=100)
    trainer.snapshot().train_loss, trainer.theta, trainer.predict([[1.0, 2.0]])
    ann.export(trainer, "model.onnx")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ann_studio.learning.experiment import Experiment
    from ann_studio.learning.trainer import Trainer
    from ann_studio.storage.exports import Verification

__version__ = "0.1.0"
__all__ = ["Experiment", "Trainer", "__version__", "export", "load", "trainer"]

# The engine takes a moment to import: it is imported when first used, so that `ann-studio --help` is quick.


def load(path: str | Path) -> Experiment:
    """Read an experiment file; raises `ann_studio.storage.experiment_file.ExperimentError` (a ValueError)."""
    from ann_studio.storage.experiment_file import load_experiment

    return load_experiment(path)


def trainer(experiment: Experiment) -> Trainer:
    """A deterministic trainer for `experiment`, whose data are read or generated now.

    The first time on a machine the engine is compiled, which takes half a minute or more.

    Raises
    ------
    ValueError
        If the data cannot be read or do not fit the experiment, with the place and the remedy.
    """
    from ann_studio.engine.compiler import compile_ahead
    from ann_studio.learning.problem import pose
    from ann_studio.learning.trainer import Trainer
    from ann_studio.storage.datasets import load_dataset

    compile_ahead()
    return Trainer(pose(experiment, load_dataset(experiment)))


def export(trainer: Trainer, path: str | Path) -> Verification:
    """Write the trained network to `path` (``.onnx`` or ``.json``), loaded again and checked before it is saved.

    Raises
    ------
    ann_studio.storage.exports.ExportError
        If it cannot be written or the written file does not compute what the network computes.
    """
    from ann_studio.storage.exports import export_model

    return export_model(trainer.model, trainer.problem.dataset, Path(path))


def __getattr__(name: str) -> Any:
    if name == "Experiment":
        from ann_studio.learning.experiment import Experiment

        return Experiment
    if name == "Trainer":
        from ann_studio.learning.trainer import Trainer

        return Trainer
    raise AttributeError(f"module 'ann_studio' has no attribute {name!r}")
