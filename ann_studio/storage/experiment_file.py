"""Experiment files: JSON in, one clear sentence for whatever is wrong with it, and nothing half written."""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from ann_studio.learning.experiment import FORMAT, VERSION, Experiment, TableData, from_plain, to_plain

#: Larger files are refused before they are read.
MAX_BYTES = 512 * 2**20


class ExperimentError(ValueError):
    """An experiment file that cannot be used; the message names the file and the JSON path, on one line."""


def load_experiment(path: str | Path) -> Experiment:
    """Read an experiment file.

    The relative path of a table is taken from the file's own folder and is absolute in what is returned.

    Raises
    ------
    ExperimentError
        If the file cannot be read or is not a valid experiment.
    """
    path = Path(path)
    text = _read(path)
    try:
        tree = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise ExperimentError(f"{path}: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ExperimentError(f"{path}: nested too deeply; an experiment has five levels at most") from None
    except ValueError as error:
        raise ExperimentError(f"{path}: {error}") from None
    experiment = read_tree(tree, str(path))
    return _absolute(experiment, path.resolve().parent)


def read_tree(tree: Any, where: str) -> Experiment:
    """An experiment from parsed JSON; `where` begins each error message.

    Raises
    ------
    ExperimentError
        If it is not a valid experiment.
    """
    if not isinstance(tree, dict):
        raise ExperimentError(f"{where}: $: expected an object that begins with \"format\": \"{FORMAT}\"")
    if tree.get("format") != FORMAT:
        raise ExperimentError(f'{where}: $.format: expected "{FORMAT}"')
    version = tree.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise ExperimentError(
            f"{where}: $.version: this file has version {version} and this program reads up to {VERSION};"
            " install a newer ANN Studio"
        )
    try:
        experiment = from_plain(tree)
    except msgspec.ValidationError as error:
        raise ExperimentError(f"{where}: {describe(error)}") from None
    if "version" not in tree:
        raise ExperimentError(f"{where}: $.version: expected {VERSION}")
    return experiment


def describe(error: msgspec.ValidationError) -> str:
    """``$.path: what was expected`` from msgspec's message."""
    message, _, place = str(error).rpartition(" - at `")
    if not message:
        message, place = str(error), "$`"
    message = message.replace("`", "")
    return f"{place.rstrip('`')}: {message[:1].lower()}{message[1:]}"


def save_experiment(experiment: Experiment, path: str | Path) -> None:
    """Write an experiment file; a table inside the file's folder is named relative to it.

    The file appears whole or not at all, and an earlier one of that name stays until then.

    Raises
    ------
    ExperimentError
        If it cannot be written.
    """
    path = Path(path)
    tree = to_plain(_relative(experiment, path.resolve().parent))
    write_atomically(path, json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_atomically(path: Path, text: str) -> None:
    """Write `text` (UTF-8) to a temporary file beside `path`, then move it there.

    Raises
    ------
    ExperimentError
        If it cannot be written.
    """
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise ExperimentError(f"{path}: cannot be written ({error.strerror}); choose another folder") from None


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExperimentError(f"{path}: larger than {MAX_BYTES // 2**20} MB; put the rows into a table")
        raw = path.read_bytes()
    except OSError as error:
        raise ExperimentError(f"{path}: cannot be read ({error.strerror})") from None
    if not raw.strip():
        raise ExperimentError(f"{path}: the file is empty")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ExperimentError(f"{path}: line {line}: not UTF-8; save the file as UTF-8") from None


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key "{twice}" stands twice in one object; remove one')
    return result


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON; give a finite number")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large for a number; give one below 1e308")
    return value


def _absolute(experiment: Experiment, folder: Path) -> Experiment:
    if not isinstance(experiment.data, TableData):
        return experiment
    data = msgspec.structs.replace(experiment.data, path=str(folder / experiment.data.path))
    return msgspec.structs.replace(experiment, data=data)


def _relative(experiment: Experiment, folder: Path) -> Experiment:
    if not isinstance(experiment.data, TableData):
        return experiment
    table = Path(experiment.data.path).resolve()
    if not table.is_relative_to(folder):
        return experiment
    data = msgspec.structs.replace(experiment.data, path=table.relative_to(folder).as_posix())
    return msgspec.structs.replace(experiment, data=data)
