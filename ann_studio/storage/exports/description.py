"""What an exported file says of its columns and its target, the same words in every format."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ann_studio.data.dataset import Classes, Column, NumberColumn, Numbers, TextColumn

FORMAT = "ann-studio model"
VERSION = 1


class ModelFormatError(ValueError):
    """A file is no model of ours; the message is one line, without the file's name."""


class _Tagged(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One of several alternatives, told apart by ``kind``."""


class NumberInput(_Tagged, frozen=True, tag="number"):
    """An input column of numbers."""

    name: str


class TextInput(_Tagged, frozen=True, tag="text"):
    """An input column of few texts."""

    name: str
    values: Annotated[tuple[str, ...], Meta(min_length=1)]


InputColumn = NumberInput | TextInput
_Columns = Annotated[tuple[InputColumn, ...], Meta(min_length=1)]


class ClassTarget(_Tagged, frozen=True, tag="classes"):
    """A target that is one of `labels`."""

    name: str
    labels: Annotated[tuple[str, ...], Meta(min_length=2)]


class NumberTarget(_Tagged, frozen=True, tag="numbers"):
    """A target of one or more numbers."""

    names: Annotated[tuple[str, ...], Meta(min_length=1)]


class Description(Struct, frozen=True):
    """What a reader must know to feed a model and to read its answers.

    Parameters
    ----------
    probabilities
        Whether the outputs of a classifier are probabilities of the classes (one output: of the second class).
    fills_missing
        Whether a missing cell is replaced inside the model; if not, its row has no prediction.
    """

    name: str
    columns: tuple[InputColumn, ...]
    target: ClassTarget | NumberTarget
    probabilities: bool
    fills_missing: bool


def describe_columns(columns: tuple[Column, ...]) -> tuple[InputColumn, ...]:
    """Turn columns into what stands in a file."""
    return tuple(
        TextInput(column.name, column.values) if isinstance(column, TextColumn) else NumberInput(column.name)
        for column in columns
    )


def columns_of(described: tuple[InputColumn, ...]) -> tuple[Column, ...]:
    """Turn what stands in a file into columns."""
    return tuple(
        TextColumn(column.name, column.values) if isinstance(column, TextInput) else NumberColumn(column.name)
        for column in described
    )


def describe_target(target: Classes | Numbers) -> ClassTarget | NumberTarget:
    """Turn a target into what stands in a file."""
    return ClassTarget(target.name, target.labels) if isinstance(target, Classes) else NumberTarget(target.names)


def to_metadata(description: Description) -> dict[str, str]:
    """Write the description as named texts, each a plain word or JSON."""
    fields = {
        "name": description.name,
        "columns": msgspec.json.encode(description.columns).decode(),
        "target": msgspec.json.encode(description.target).decode(),
        "probabilities": msgspec.json.encode(description.probabilities).decode(),
        "fills_missing": msgspec.json.encode(description.fills_missing).decode(),
    }
    return {"producer": "ann-studio", "format": FORMAT, "version": str(VERSION)} | fields


def from_metadata(texts: dict[str, str]) -> Description:
    """Read the description from named texts; raises `ModelFormatError`."""
    if texts.get("format") != FORMAT:
        raise ModelFormatError("it is not a model from ANN Studio (it does not name its columns)")
    check_version(texts.get("version", ""))
    try:
        return Description(
            texts["name"],
            msgspec.json.decode(texts["columns"], type=_Columns),
            msgspec.json.decode(texts["target"], type=ClassTarget | NumberTarget),
            msgspec.json.decode(texts["probabilities"], type=bool),
            msgspec.json.decode(texts["fills_missing"], type=bool),
        )
    except KeyError as error:
        raise ModelFormatError(f"its description lacks {error.args[0]!r}") from None
    except msgspec.DecodeError as error:
        raise ModelFormatError(f"its description is damaged: {error}") from None


def check_version(version: str) -> None:
    """Raise `ModelFormatError` unless files of this version can be read."""
    if version == str(VERSION):
        return
    if version.isdecimal() and int(version) > VERSION:
        raise ModelFormatError(f"it is of version {version}, made by a newer ANN Studio; this one reads {VERSION}")
    raise ModelFormatError(f"its version is {version or 'not given'}; expected {VERSION}")
