"""The command line: open the window, train, predict. Importable and usable without Qt."""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ann_studio import __version__

if TYPE_CHECKING:
    from ann_studio.learning.experiment import Experiment
    from ann_studio.learning.trainer import Trainer

app = typer.Typer(
    name="ann-studio",
    help="See how an artificial neural network learns. Without a command the window opens.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)

#: What typer raises for a wrong command line; its name in typer has moved between versions, its place has not.
_UsageError: Any = typer.BadParameter.__mro__[2]


class BadInput(Exception):
    """Something the user gave cannot be used; the message is one line."""


def main() -> None:
    """Entry of ``ann-studio``. Bad input: one line on standard error and exit code 2."""
    logging.getLogger("ann_studio").addHandler(logging.NullHandler())
    arguments = sys.argv[1:]
    if arguments and not arguments[0].startswith("-") and arguments[0] not in _commands():
        arguments = ["open", *arguments]
    try:
        status = app(arguments, prog_name="ann-studio", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except typer.Abort:
        print("cancelled", file=sys.stderr)
        sys.exit(130)
    except _UsageError as error:
        _complain(error.format_message())
    except (BadInput, ValueError, OSError, *_storage_errors()) as error:
        _complain(str(error))


def _complain(message: str) -> None:
    print("error: " + " ".join(message.split()), file=sys.stderr)
    sys.exit(2)


def _storage_errors() -> tuple[type[Exception], ...]:
    """Errors of exports and predictions; asked for only once something went wrong."""
    from ann_studio.storage.exports import ExportError
    from ann_studio.storage.predictions import PredictionError

    return ExportError, PredictionError


def _commands() -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}


def _show_version(value: bool) -> None:
    if value:
        print(f"ann-studio {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """See how an artificial neural network learns."""
    if context.invoked_subcommand is None:
        _open_window(None)


@app.command(name="open")
def open_file(file: Annotated[Path, typer.Argument(help="An experiment (.json) or a table (.csv, .tsv, .txt).")]) -> None:
    """Open the window with an experiment or a table."""
    _open_window(file)


def _open_window(file: Path | None) -> None:
    try:
        from ann_studio.gui.app import run
    except ImportError as error:
        raise BadInput(f"the window needs Qt, which cannot be loaded ({error}); `make run` installs what it needs") from None
    raise typer.Exit(run(file))


@app.command()
def train(
    file: Annotated[Path, typer.Argument(help="An experiment (.json), or a table (.csv) with --target.")],
    target: Annotated[list[str] | None, typer.Option(help="Target column of a table; repeat for several.")] = None,
    epochs: Annotated[int | None, typer.Option(min=0, help="Epochs to train, instead of the file's stop rule.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed instead of the file's.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: learning.batch_size=1.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Write losses to this CSV, a row an epoch.")] = None,
    export: Annotated[list[Path] | None, typer.Option(help="Write the trained model (.onnx or .json); repeatable.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Open the test set and report its figures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Train without a window."""
    from ann_studio.learning.problem import pose
    from ann_studio.learning.trainer import Outcome, Trainer
    from ann_studio.storage.datasets import load_dataset
    from ann_studio.storage.exports import export_model
    from ann_studio.storage.progress import train_with_progress
    from ann_studio.storage.trace_file import TraceFile

    _check_destinations(log, export or [])
    experiment = _experiment(file, target, epochs, seed, settings or [])
    try:
        trainer = Trainer(pose(experiment, load_dataset(experiment)))
    except ValueError as error:
        message = str(error)
        raise BadInput(f"{file}: {message}" if message.startswith("$") else message) from None
    for note in () if quiet else trainer.problem.dataset.notes:
        print(f"note: {note}", file=sys.stderr)
    began = time.perf_counter()
    with TraceFile(log) as trace_file:
        outcome = train_with_progress(trainer, trace_file, visible=not quiet and not as_json)
    seconds = time.perf_counter() - began
    exported = [export_model(trainer.model, trainer.problem.dataset, path) for path in export or []]
    figures = _figures(trainer, seconds, [str(item.path) for item in exported], test=test)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    elif not quiet:
        _report(figures)
        for item in exported:
            print(f"saved {item.path}: greatest difference {item.greatest_difference:.2g} over {item.rows} rows")
    if outcome is Outcome.DIVERGED:
        message = f"cost or weights stopped being finite after update {trainer.state.update}; the figures are of that moment"
        print(f"warning: {message}; try a smaller learning rate", file=sys.stderr)
        raise typer.Exit(1)


def _experiment(
    file: Path, target: list[str] | None, epochs: int | None, seed: int | None, settings: list[str]
) -> Experiment:
    import msgspec

    from ann_studio.learning.experiment import replace
    from ann_studio.storage.experiment_file import describe, load_experiment
    from ann_studio.storage.table_experiment import experiment_for_table

    if file.suffix.lower() == ".json":
        if target:
            raise BadInput("--target is for tables; an experiment file names its own target")
        experiment = load_experiment(file)
    else:
        experiment = experiment_for_table(file, target)
    changes: list[tuple[str, Any]] = [] if epochs is None else [("stop.epochs", epochs)]
    changes += [] if seed is None else [("seed", seed)]
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals:
            raise BadInput(f"--set {setting}: write PATH=VALUE, such as learning.batch_size=1")
        changes.append((path.strip(), _value(text.strip())))
    for path, value in changes:
        try:
            experiment = replace(experiment, path, value)
        except msgspec.ValidationError as error:
            raise BadInput(f"--set {path}: {describe(error)}") from None
    return experiment


def _value(text: str) -> Any:
    """A JSON value, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _check_destinations(log: Path | None, exports: list[Path]) -> None:
    """Find out before the training what would fail after it."""
    from ann_studio.storage.exports import FORMATS

    for path in [*exports, *([log] if log else [])]:
        if not path.absolute().parent.is_dir():
            raise BadInput(f"{path}: there is no folder {path.absolute().parent}; make it first")
        if path.is_dir():
            raise BadInput(f"{path}: is a folder; name a file in it")
    for path in exports:
        if path.suffix.lower() not in FORMATS:
            raise BadInput(f"{path}: unknown kind of model; use {' or '.join(FORMATS)}")


def _figures(trainer: Trainer, seconds: float, exported: list[str], *, test: bool) -> dict[str, Any]:
    """What ``--json`` prints; NaN becomes null."""
    from ann_studio.analysis.metrics import performance
    from ann_studio.learning.supervised import evaluate

    problem, snapshot = trainer.problem, trainer.snapshot()
    figures: dict[str, Any] = {
        "epochs": trainer.state.epoch,
        "updates": trainer.state.update,
        "train_loss": snapshot.train_loss,
        "validation_loss": snapshot.validation_loss,
    }
    parts = {"train": problem.train, "validation": problem.validation}
    if test:
        parts["test"] = problem.test
        figures["test_loss"] = evaluate(problem, trainer.theta, problem.test)
    for name, samples in parts.items():
        if not len(samples):
            continue
        measured = performance(problem, trainer.theta, samples)
        if measured.confusion is not None:
            figures[f"{name}_accuracy"] = measured.accuracy
        else:
            prefix = "" if name == "train" and not len(problem.validation) or name == "validation" else f"{name}_"
            figures[f"{prefix}r2"], figures[f"{prefix}rmse"] = measured.r2, measured.rmse
    figures |= {"seconds": seconds, "exported": exported}
    return {key: None if value != value else value for key, value in figures.items()}


def _report(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if name == "exported":
            continue
        text = "none" if value is None else f"{value:.6g}" if isinstance(value, float) else f"{value:,}"
        print(f"{name.replace('_', ' '):20}{text}")


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A model exported by ANN Studio (.onnx or .json).")],
    table: Annotated[Path, typer.Argument(help="A table with the columns that the model was trained on.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write here instead of to standard output.")] = None,
) -> None:
    """Predict the rows of a table with an exported model; columns are matched by name."""
    from ann_studio.storage.predictions import predict_table, save_predictions, write_predictions

    predictions = predict_table(model, table)
    if out is None:
        write_predictions(predictions, sys.stdout)
    else:
        save_predictions(predictions, out)
    for note in predictions.notes:
        print(f"note: {note}", file=sys.stderr)
