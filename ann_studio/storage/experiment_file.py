"""Experiment files: JSON in, one clear sentence for whatever is wrong with it, and nothing half written."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from ann_studio.learning.experiment import (
    FORMAT,
    VERSION,
    Experiment,
    InvalidExperiment,
    TableData,
    from_plain,
    to_plain,
)
from ann_studio.storage.allowed import choices
from ann_studio.storage.atomic import write_atomically

#: Larger files are refused before they are read.
MAX_BYTES = 512 * 2**20
#: Whole numbers of more digits are refused; beyond 308 they are no number that could be computed with.
_MAX_DIGITS = 400


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
        tree = parse_json(text)
    except json.JSONDecodeError as error:
        raise ExperimentError(f"{path}: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError as error:
        raise ExperimentError(f"{path}: {error}") from None
    experiment = read_tree(tree, str(path))
    return _absolute(experiment, path.resolve().parent)


def parse_json(text: str) -> Any:
    """Read JSON more strictly than Python does: no NaN, no infinity, no key twice, no half of a character.

    Raises
    ------
    json.JSONDecodeError
        If it is no JSON.
    ValueError
        If it is JSON that no experiment may hold, in one line.
    """
    try:
        tree = json.loads(
            text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole
        )
        if "\\u" in text:  # only so can a text hold what is no character
            json.dumps(tree, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply; an experiment has five levels at most") from None
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise ValueError(f"a text holds {half}, which is half a character; write the whole one") from None
    return tree


def read_tree(tree: Any, where: str) -> Experiment:
    """An experiment from parsed JSON; `where` begins each error message.

    Raises
    ------
    ExperimentError
        If it is not a valid experiment.
    """
    if not isinstance(tree, dict):
        raise ExperimentError(f'{where}: $: expected an object that begins with "format": "{FORMAT}"')
    if tree.get("format") == "ann-studio model":
        raise ExperimentError(f"{where}: this is an exported model and no experiment; use it to predict a table")
    if tree.get("format") != FORMAT:
        raise ExperimentError(f'{where}: $.format: expected "{FORMAT}"')
    version = tree.get("version")
    if type(version) is int and version > VERSION:
        raise ExperimentError(
            f"{where}: $.version: this file has version {version} and this program reads up to {VERSION};"
            " install a newer ANN Studio"
        )
    if type(version) is not int or version != VERSION:
        raise ExperimentError(f"{where}: $.version: expected {VERSION}")
    try:
        return from_plain(tree)
    except InvalidExperiment as error:
        raise ExperimentError(f"{where}: {describe(error)}") from None


def describe(error: InvalidExperiment) -> str:
    """``$.path: what was expected`` from msgspec's message, on one line whatever the file holds."""
    message, _, place = str(error).rpartition(" - at `")
    if not message:
        message, place = str(error), "$`"
    message = message.replace("`", "")
    place = place.rstrip("`")
    known = choices(place, error.tree) if message.startswith("Invalid") else []
    one_of = f"; it may be {', '.join(known[:-1])}{' or ' * (len(known) > 1)}{known[-1]}" if known else ""
    sentence = f"{place}: {message[:1].lower()}{message[1:]}{one_of}"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in sentence)


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
    text = json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    write_atomically(path, text, ExperimentError)


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


def _whole(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits is too large; give one below 1e308")
    return int(text)


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
