"""The command line: open the window, train, predict. Importable and usable without Qt."""

from __future__ import annotations

import io
import json
import logging
import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ann_studio import __version__

if TYPE_CHECKING:
    from ann_studio.analysis.planes import PlaneChoice
    from ann_studio.engine.race import Race
    from ann_studio.learning.experiment import Experiment
    from ann_studio.learning.problem import Problem
    from ann_studio.learning.trainer import Outcome, Trainer

app = typer.Typer(
    name="ann-studio",
    help="See how an artificial neural network learns. Without a command the window opens.",
    add_completion=False,
    no_args_is_help=False,
    pretty_exceptions_enable=False,
)

#: What typer raises for a wrong command line; its name in typer has moved between versions, its place has not.
_UsageError: Any = typer.BadParameter.__mro__[2]


#: Parameters of a network whose parameters are told.
_FEW = 100
#: Characters of a message; only what it quotes of bad input can be longer.
_LONGEST = 1000


class BadInput(Exception):  # noqa: N818 - what it says is no error of the program
    """Something the user gave cannot be used; the message is one line."""


def main() -> None:
    """Entry of ``ann-studio``. Bad input: one line on standard error and exit code 2."""
    logging.getLogger("ann_studio").addHandler(logging.NullHandler())
    if isinstance(sys.stdout, io.TextIOWrapper):  # a character that the terminal cannot show is no reason to fail
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:]
    if arguments and not arguments[0].startswith("-") and arguments[0] not in _commands():
        arguments = ["open", *arguments]
    try:
        status = app(arguments, prog_name="ann-studio", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except typer.Abort:
        sys.exit(130)
    except _UsageError as error:
        _complain(error.format_message())
    except BrokenPipeError:
        # Whoever read the output has seen enough (`… | head`); Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except MemoryError:
        _complain("this needs more memory than there is; take fewer rows or units")
    except Exception as error:
        if not isinstance(error, (BadInput, ValueError, OSError, *_storage_errors())):
            raise
        _complain(str(error))


def _complain(message: str) -> None:
    line = " ".join(message.split())
    print(f"error: {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}", file=sys.stderr)
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
def open_file(
    file: Annotated[Path, typer.Argument(help="An experiment (.json) or a table (.csv, .tsv, .txt).")],
) -> None:
    """Open the window with an experiment or a table."""
    _open_window(file)


def _open_window(file: Path | None) -> None:
    try:
        from ann_studio.gui.app import run

        status = run(file)
    except ImportError as error:
        remedy = "`make run` installs what it needs"
        raise BadInput(f"the window needs Qt, which cannot be loaded ({error}); {remedy}") from None
    raise typer.Exit(status)


@app.command()
def train(
    file: Annotated[Path, typer.Argument(help="An experiment (.json), or a table (.csv) with --target.")],
    target: Annotated[list[str] | None, typer.Option(help="Target column of a table; repeat for several.")] = None,
    epochs: Annotated[int | None, typer.Option(min=0, help="Most epochs to train, instead of the file's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed instead of the file's.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: learning.batch_size=1.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Write losses to this CSV, a row an epoch.")] = None,
    export: Annotated[
        list[Path] | None, typer.Option(help="Write the trained model (.onnx or .json); repeatable.")
    ] = None,
    test: Annotated[bool, typer.Option("--test", help="Open the test set and report its figures.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Train without a window."""
    from ann_studio.learning.problem import pose
    from ann_studio.learning.trainer import Outcome, Trainer
    from ann_studio.storage.datasets import load_dataset
    from ann_studio.storage.exports import export_model
    from ann_studio.storage.figures import figures
    from ann_studio.storage.progress import train_with_progress
    from ann_studio.storage.trace_file import TraceFile

    exports = export or []
    _check_models(exports)
    experiment = _experiment(file, target, epochs, seed, settings or [])
    _check_destinations([*exports, *([log] if log else [])], [file, *_tables(experiment)])
    try:
        problem = pose(experiment, load_dataset(experiment))
        _prepare_engine(quiet=quiet)
        trainer = Trainer(problem)
        if exports:
            trainer.model  # noqa: B018 (that there is one is known before the work)
        _tell(() if quiet else trainer.problem.dataset.notes)
        began = time.perf_counter()
        with TraceFile(log) as trace_file:
            outcome = train_with_progress(trainer, trace_file, visible=not quiet and not as_json)
        seconds = time.perf_counter() - began
    except ValueError as error:
        message = str(error)
        raise BadInput(f"{file}: {message}" if message.startswith("$") else message) from None
    exported = [export_model(trainer.model, trainer.problem.dataset, path) for path in exports]
    found = figures(trainer, test=test) | {"seconds": seconds}
    if as_json:
        print(json.dumps(found | {"exported": [str(item.path) for item in exported]}))
    elif not quiet:
        _report(found)
        for item in exported:
            print(f"saved {item.path}: greatest difference {item.greatest_difference:.2g} over {item.rows} rows")
    if outcome is Outcome.DIVERGED:
        where = f"after update {trainer.state.update}; the figures are of that moment"
        print(f"warning: cost or weights stopped being finite {where}; try a smaller learning rate", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def race(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="An experiment with a race, or several that learn the same data."),
    ],
    epochs: Annotated[int | None, typer.Option(min=0, help="Most epochs to train, instead of the file's.")] = None,
    clock: Annotated[str, typer.Option(help="What all runs do alike: epochs, updates or gradients.")] = "epochs",
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: race.0.name=Fast.")
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Write losses to this CSV, a row for each run and epoch.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a run.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Let several runs descend the same cost side by side, without a window.

    One FILE brings its own race; without one, batch, mini-batch and stochastic descent race by its rule, or optimisers
    where the gradient is exact. Of several the first gives data and first weights, and each of the others a way to
    learn.
    """
    from ann_studio.engine.messages import Clock
    from ann_studio.engine.race import Race
    from ann_studio.learning.problem import pose
    from ann_studio.learning.race import titles_of
    from ann_studio.storage.datasets import load_dataset
    from ann_studio.storage.progress import pieces_of, with_progress
    from ann_studio.storage.trace_file import TraceFile

    if clock not in (known := [each.value for each in Clock]):
        raise BadInput(f"--clock {clock}: expected one of {', '.join(known)}")
    experiments = [_experiment(file, None, epochs, None, settings or []) for file in files]
    _check_destinations([log] if log else [], [*files, *_tables(experiments[0])])
    try:
        experiment = _joined(files, experiments)
        problem = pose(experiment, load_dataset(experiment))
        _prepare_engine(quiet=quiet)
        runs = Race(_with_rivals(problem))
        runs.clock = Clock(clock)
        names, by = (
            titles_of(runs.main.experiment, len(runs.main.problem.train)),
            1 if runs.clock is Clock.UPDATES else 0,
        )
        with TraceFile(log, ("run",)) as file:
            file.write_runs(names, [trainer.snapshot(exact=False).trace for trainer in runs.trainers], by)

            def advance() -> Outcome:
                for trainer in runs.trainers:
                    trainer.fresh_rows = trainer.fresh_rows[:0]
                outcome = runs.advance(samples=pieces_of(runs.main))
                file.write_runs(names, [trainer.fresh_rows for trainer in runs.trainers], by)
                return outcome

            with_progress(runs.main, advance, visible=not quiet and not as_json)
    except ValueError as error:
        message = str(error)
        raise BadInput(f"{files[0]}: {message}" if message.startswith("$") else message) from None
    if as_json:
        for row in _rows_of(runs):
            print(json.dumps(row))
    elif not quiet:
        _report_race(_rows_of(runs))


def _joined(files: list[Path], experiments: list[Experiment]) -> Experiment:
    """The first experiment, with each other one as a racer."""
    import msgspec

    from ann_studio.learning.experiment import Racer
    from ann_studio.learning.race import MOST_RACERS

    first, *others = experiments
    for file, other in zip(files[1:], others, strict=True):
        for part in ("data", "features", "standardize", "split", "network", "initial", "seed"):
            if getattr(other, part) != getattr(first, part):
                raise BadInput(f"{file}: $.{part}: differs from {files[0]}; runs that race differ in learning alone")
    racers = tuple(
        Racer(other.learning, (other.name or file.stem)[:60]) for file, other in zip(files[1:], others, strict=True)
    )
    race = first.race + racers
    if len(race) > MOST_RACERS:
        raise BadInput(f"{files[0]}: at most eight runs can race, these are {1 + len(race)}")
    return msgspec.structs.replace(first, race=race)


def _with_rivals(problem: Problem) -> Problem:
    """A problem with a race: where there is none, the other kinds of batches, or of an exact gradient optimisers."""
    import dataclasses

    import msgspec

    from ann_studio.learning.race import batches, optimizers

    experiment = problem.experiment
    if experiment.race:
        return problem
    samples = len(problem.train)
    race = batches(experiment, samples) or optimizers(experiment, samples, same_rate=True)
    return dataclasses.replace(problem, experiment=msgspec.structs.replace(experiment, race=race))


def _rows_of(runs: Race) -> list[dict[str, Any]]:
    """Where each run of a race stands."""
    from ann_studio.learning.supervised import samples_of

    snapshots, standings = tuple(trainer.snapshot() for trainer in runs.trainers), runs.snapshots()[1]
    best = min(snapshot.train_loss for snapshot in snapshots)
    return [
        {
            "run": standing.name,
            "epochs": snapshot.state.epoch,
            "updates": snapshot.state.update,
            "gradients": samples_of(standing.problem, snapshot.state),
            "seconds": standing.seconds,
            "train_loss": snapshot.train_loss,
            "validation_loss": None if math.isnan(snapshot.validation_loss) else snapshot.validation_loss,
            "gap": snapshot.train_loss - best,
            "theta": snapshot.state.theta.tolist() if len(snapshot.state.theta) <= _FEW else None,
            "out": standing.out,
        }
        for snapshot, standing in zip(snapshots, standings, strict=True)
    ]


def _report_race(rows: list[dict[str, Any]]) -> None:
    print(f"{'run':24}{'epochs':>9}{'updates':>12}{'gradients':>12}{'train loss':>14}{'gap':>14}")
    for row in rows:
        counts = f"{row['epochs']:>9,}{row['updates']:>12,}{row['gradients']:>12,}"
        print(f"{row['run']:24}{counts}{row['train_loss']:>14.6g}{row['gap']:>+14.3g}  {row['out']}".rstrip())


@app.command()
def surface(
    file: Annotated[Path, typer.Argument(help="An experiment (.json).")],
    plane: Annotated[str, typer.Option(help="parameters, points, principal or random.")] = "parameters",
    first: Annotated[
        str | None, typer.Option(help="Parameter along s: a position in theta, w, b, or weights.0.w.1.2.")
    ] = None,
    second: Annotated[str | None, typer.Option(help="Parameter along t.")] = None,
    points: Annotated[
        tuple[int, int, int] | None,
        typer.Option(metavar="E1 E2 E3", help="Epochs of the three points, instead of first, middle and last."),
    ] = None,
    directions: Annotated[int | None, typer.Option(min=0, help="Seed of the random directions.")] = None,
    epochs: Annotated[
        int | None, typer.Option(min=0, help="Most epochs to train before, instead of the file's; 0: first weights.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed instead of the file's.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a setting: learning.batch_size=1.")
    ] = None,
    side: Annotated[int, typer.Option(min=2, max=1001, help="Grid points along each side.")] = 101,
    extent: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option(metavar="S0 S1 T0 T1", help="Borders, instead of the whole path and some space around it."),
    ] = None,
    log: Annotated[Path | None, typer.Option(help="Write s, t and the cost to this CSV, a row a point.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")] = False,
) -> None:
    """Train, then compute the cost of the whole training set all over a plane, without a window."""
    from ann_studio.learning.problem import pose
    from ann_studio.learning.trainer import Outcome, Trainer
    from ann_studio.storage.datasets import load_dataset
    from ann_studio.storage.progress import train_with_progress, with_patience
    from ann_studio.storage.surface_figures import survey
    from ann_studio.storage.surface_file import save_surface
    from ann_studio.storage.trace_file import TraceFile

    _check_plane(plane, first=first, second=second, points=points, directions=directions)
    _check_extent(extent)
    experiment = _experiment(file, None, epochs, seed, settings or [])
    _check_destinations([log] if log else [], [file, *_tables(experiment)])
    visible = not quiet and not as_json
    try:
        problem = pose(experiment, load_dataset(experiment))
        pair = _pair(problem, first, second)
        if plane == "points" and problem.experiment.stop.epochs is not None:
            _through(problem, problem.experiment.stop.epochs, points)  # before the work what can be known before
        _prepare_engine(quiet=quiet)
        trainer = Trainer(problem)
        _tell(() if quiet else trainer.problem.dataset.notes)
        outcome = train_with_progress(trainer, TraceFile(None), visible=visible)
    except ValueError as error:
        message = str(error)
        raise BadInput(f"{file}: {message}" if message.startswith("$") else message) from None
    if outcome is Outcome.DIVERGED:
        where = f"after update {trainer.state.update:,}"
        raise BadInput(f"{file}: cost or weights stopped being finite {where}; take fewer --epochs or a smaller rate")
    choice = _plane(trainer, plane, pair, points, directions)
    try:
        drawn, found = with_patience(
            lambda interrupt: survey(trainer, choice, extent, side, interrupt), "cost over the plane", visible=visible
        )
    except ValueError as error:
        raise BadInput(f"--plane {plane}: {error}") from None
    if log is not None:
        save_surface(drawn, log)
    if as_json:
        print(json.dumps(found))
    elif not quiet:
        _report_surface(found)


def _check_plane(plane: str, **given: object) -> None:
    """See that the kind of plane is known, and that whatever else was given belongs to it."""
    from typing import get_args

    from ann_studio.analysis.planes import PlaneKind

    if plane not in (known := get_args(PlaneKind)):
        raise BadInput(f"--plane {plane}: expected one of {', '.join(known)}")
    belongs = {"first": "parameters", "second": "parameters", "points": "points", "directions": "random"}
    for name, value in given.items():
        if value is not None and plane != belongs[name]:
            raise BadInput(f"--{name}: belongs to --plane {belongs[name]}, not to {plane}")


def _check_extent(extent: tuple[float, float, float, float] | None) -> None:
    if extent is None:
        return
    for low, high in (extent[:2], extent[2:]):
        if not (low < high and math.isfinite(high - low)):
            raise BadInput(f"--extent: expected finite borders in ascending order, not {low:g} to {high:g}")


def _pair(problem: Problem, first: str | None, second: str | None) -> tuple[int, int]:
    """Positions of the two parameters; where one is not named, the first that is left."""
    from ann_studio.storage.parameter_names import ParameterNameError, position_of

    found: list[int | None] = []
    for option, name in (("--first", first), ("--second", second)):
        try:
            found.append(None if name is None else position_of(problem, name))
        except ParameterNameError as error:
            raise BadInput(f"{option} {name}: {error}") from None
    one, two = found
    if one is not None and one == two:
        raise BadInput(f"--second {second}: is the parameter that --first names; choose another")
    one = int(two == 0) if one is None else one
    return one, int(one == 0) if two is None else two


def _plane(
    trainer: Trainer, kind: str, pair: tuple[int, int], points: tuple[int, int, int] | None, directions: int | None
) -> PlaneChoice:
    from ann_studio.analysis.planes import PlaneChoice

    match kind:
        case "points":
            return _through(trainer.problem, trainer.state.epoch, points)
        case "random":
            return PlaneChoice("random") if directions is None else PlaneChoice("random", seed=directions)
        case "principal":
            return PlaneChoice("principal")
        case _:
            return PlaneChoice("parameters", *pair)


def _through(problem: Problem, last: int, points: tuple[int, int, int] | None) -> PlaneChoice:
    from ann_studio.storage.surface_figures import plane_through

    try:
        return plane_through(problem, last, points)
    except ValueError as error:
        raise BadInput(f"--plane points: {error}") from None


def _report_surface(found: dict[str, Any]) -> None:
    def place(at: list[float]) -> str:
        return "({:.6g}, {:.6g})".format(*(round(value, 12) + 0.0 for value in at))  # no 5e-68, no -0

    def off_plane(cost: float | None) -> str:
        if cost == 0:
            return "nothing: the run stands in the plane"
        return "none" if cost is None else f"{cost:+.3g}: cost of the run minus that at the nearest point of the plane"

    names = " and ".join(found["parameters"] or ())
    if found["points"]:
        names = "where the run stood after {:,}, {:,} and {:,} updates".format(*found["points"])
    s_min, s_max, t_min, t_max = found["extent"]
    lowest, explained = found["lowest"], found["explained"]
    rows = [
        (
            "plane",
            f"{found['plane']} {names}".strip() + (", exact: there is no other parameter" if found["exact"] else ""),
        ),
        ("trained", f"{found['epochs']:,} epochs, {found['updates']:,} updates"),
        ("cost there", f"{found['train_loss']:.6g} at {place(found['at'])}"),
        ("explained", "none" if explained is None else f"{100 * explained:.4g} % of the path's variance"),
        ("left out", off_plane(found["left_out"])),
        ("extent", f"s {s_min:g} to {s_max:g}, t {t_min:g} to {t_max:g}"),
        ("grid", f"{found['side']} × {found['side']}, {1e6 * found['seconds_per_point']:.3g} µs a point"),
        ("lowest on the grid", f"{lowest['loss']:.6g} at {place(lowest['at'])}" if lowest else "none"),
    ]
    rows += [
        (
            "minimum",
            "{:.6g} at {}, curvatures {:.6g} and {:.6g}".format(each["loss"], place(each["at"]), *each["eigenvalues"]),
        )
        for each in found["minima"] or ()
    ]
    for name, text in rows:
        print(f"{name:20}{text}")


def _experiment(
    file: Path, target: list[str] | None, epochs: int | None, seed: int | None, settings: list[str]
) -> Experiment:
    from ann_studio.learning.experiment import InvalidExperiment, replace
    from ann_studio.storage.experiment_file import describe, load_experiment
    from ann_studio.storage.table_experiment import experiment_for_table

    if file.suffix.lower() == ".json":
        if target:
            raise BadInput("--target is for tables; an experiment file names its own target")
        experiment = load_experiment(file)
    else:
        experiment = experiment_for_table(file, target)
    changes = [_change(setting) for setting in settings]
    changes += [] if epochs is None else [("--epochs", "stop.epochs", epochs)]
    changes += [] if seed is None else [("--seed", "seed", seed)]
    for option, path, value in changes:
        try:
            experiment = replace(experiment, path, value)
        except InvalidExperiment as error:
            raise BadInput(f"{option}: {describe(error)}") from None
        except OverflowError:
            raise BadInput(f"{option}: the number is too large") from None
    return experiment


def _change(setting: str) -> tuple[str, str, Any]:
    """What to call it in a message, the path, and the value: JSON, or the text itself."""
    from ann_studio.storage.experiment_file import parse_json

    path, equals, text = setting.partition("=")
    if not equals:
        raise BadInput(f"--set {setting}: write PATH=VALUE, such as learning.batch_size=1")
    path, value = path.strip(), text.strip()
    option = f"--set {path}"
    try:
        return option, path, parse_json(value)
    except json.JSONDecodeError:
        return option, path, value
    except ValueError as error:
        raise BadInput(f"{option}: {error}") from None


def _check_models(exports: Sequence[Path]) -> None:
    from ann_studio.storage.exports import FORMATS

    for path in exports:
        if path.suffix.lower() not in FORMATS:
            raise BadInput(f"{path}: unknown kind of model; use {' or '.join(FORMATS)}")


def _check_destinations(written: Sequence[Path], read: Sequence[Path]) -> None:
    """Find out before the work what would fail after it, and that nothing is written over what is read."""
    from ann_studio.storage.atomic import refusal

    places: set[str] = set()
    for path in written:
        if reason := refusal(path, read):
            raise BadInput(f"{path}: {reason}")
        place = os.path.realpath(path)
        if place in places:
            raise BadInput(f"{path}: two outputs bear this name; choose another for one of them")
        places.add(place)


def _tables(experiment: Experiment) -> list[Path]:
    """Files that hold the data of `experiment`."""
    from ann_studio.learning.experiment import TableData

    return [Path(experiment.data.path)] if isinstance(experiment.data, TableData) else []


def _prepare_engine(*, quiet: bool) -> None:
    """Have the engine compiled, unless it is."""
    from ann_studio.engine.compiler import compile_ahead

    compile_ahead(lambda sentence: _tell(() if quiet else [sentence]))


def _tell(notes: Sequence[str]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def _report(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
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

    if out is not None:
        _check_destinations([out], [model, table])
    predictions = predict_table(model, table)
    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # what is redirected to a file is that file
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        write_predictions(predictions, sys.stdout)
    else:
        save_predictions(predictions, out)
    _tell(predictions.notes)


@app.command()
def bench(
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="A part alone: engine, memory, growth, surface, restarts, race, start or window; repeatable."
        ),
    ] = None,
    task: Annotated[list[str] | None, typer.Option(help="Of the engine's tasks this one; repeatable.")] = None,
    rounds: Annotated[int, typer.Option(min=7, help="Rounds, of which medians are taken.")] = 7,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all figures here.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(help='Write the tables here, over what follows "## Results" in this page.')
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only see that it works: the figures say nothing.")] = False,
) -> None:
    """Measure this program: beside PyTorch, scikit-learn and plain C, down the error surface, and on the screen."""
    from rich.console import Console

    from ann_studio.bench import run

    for given, known, option in ((only, run.PARTS, "--only"), (task, run.TASK_NAMES, "--task")):
        for name in given or []:
            if name not in known:
                raise BadInput(f"{option} {name}: expected one of {', '.join(known)}")
    _check_destinations([file for file in (json_file, markdown) if file], [])
    wish = run.Wish(only or run.PARTS, task or run.TASK_NAMES, 2 if quick else rounds, quick)
    found = run.bench(wish, Console())
    run.write(found, json_file, markdown)
    if run.faults(found):
        raise typer.Exit(1)
