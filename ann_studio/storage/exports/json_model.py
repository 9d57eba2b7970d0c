"""A trained network as JSON that a person can read and any language can run.

With raw columns x1, x2, … as in ``columns`` (a text column is one 0/1 column per value) the recipe is: put ``fill``
for missing numbers, compute ``features`` and ``(features − mean) / scale``, then layer by layer
``a = activation(a · w + b)``. Numbers come back as ``a · target.scale + target.mean``; of classes the one whose output
is greatest, or, with one output, the second where it is above ``(low + high) / 2``.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from ann_studio.data.dataset import Classes, Numbers, input_names
from ann_studio.data.features import parse
from ann_studio.data.preparation import Preparation
from ann_studio.learning.experiment import OutputActivation
from ann_studio.learning.model import Model
from ann_studio.nn.architecture import Architecture, views
from ann_studio.storage.exports.description import (
    FORMAT,
    ClassTarget,
    InputColumn,
    ModelFormatError,
    NumberTarget,
    check_version,
    columns_of,
    describe_columns,
)

Vector = NDArray[np.float64]
_Numbers = tuple[float, ...]
_WIDTH = 110  #: columns of text up to which a list or an object stays on one line


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """Immutable, and strict about field names."""


class Layer(_Strict, frozen=True):
    """Weights ``(n_in, n_out)``, biases ``(n_out,)`` and activation of one layer."""

    w: Annotated[tuple[Annotated[_Numbers, Meta(min_length=1)], ...], Meta(min_length=1)]
    b: Annotated[_Numbers, Meta(min_length=1)]
    activation: OutputActivation


class ClassCodes(ClassTarget, frozen=True, tag="classes"):
    """Classes, with the codes of "not this class" and "this class" in the outputs."""

    low: float
    high: float


class ScaledNumbers(NumberTarget, frozen=True, tag="numbers"):
    """Numbers, which are ``output · scale + mean``."""

    mean: _Numbers
    scale: _Numbers


class JsonModel(_Strict, frozen=True, kw_only=True):
    """The whole file."""

    format: Literal["ann-studio model"] = "ann-studio model"
    version: Literal[1] = 1
    name: str = ""
    columns: Annotated[tuple[InputColumn, ...], Meta(min_length=1)]
    fill: _Numbers | None = None
    features: Annotated[tuple[str, ...], Meta(min_length=1)]
    mean: _Numbers
    scale: _Numbers
    layers: Annotated[tuple[Layer, ...], Meta(min_length=1)]
    target: ClassCodes | ScaledNumbers


class _Header(Struct, frozen=True):
    format: str = ""
    version: int = 0


def write_json(model: Model) -> bytes:
    """Write the content of a ``.json`` file, UTF-8; its numbers are read back bit for bit."""
    preparation = model.preparation
    target: ClassCodes | ScaledNumbers
    if isinstance(preparation.target, Classes):
        names = preparation.target
        target = ClassCodes(names.name, names.labels, float(preparation.low), float(preparation.high))
    else:
        unit = _floats(preparation.target_mean), _floats(preparation.target_scale)
        target = ScaledNumbers(preparation.target.names, *unit)
    layers = tuple(
        Layer(tuple(map(_floats, weights)), _floats(biases), activation)  # type: ignore[arg-type]
        for (weights, biases), activation in zip(
            views(model.architecture, model.theta), model.architecture.activations, strict=True
        )
    )
    file = JsonModel(
        name=model.name,
        columns=describe_columns(preparation.columns),
        fill=None if preparation.fill is None else _floats(preparation.fill),
        features=preparation.features,
        mean=_floats(preparation.mean),
        scale=_floats(preparation.scale),
        layers=layers,
        target=target,
    )
    return (_lay_out(msgspec.to_builtins(file), "") + "\n").encode()


def load_json_model(text: str | bytes) -> Model:
    """Read the model that a JSON file holds.

    Raises
    ------
    ModelFormatError
        With one line that says what is wrong, and where by its JSON path.
    """
    try:
        header = msgspec.json.decode(text, type=_Header)
        if header.format != FORMAT:
            raise ModelFormatError(f'it is not a model from ANN Studio ("format" is not "{FORMAT}")')
        check_version(str(header.version))
        file = msgspec.json.decode(text, type=JsonModel)
    except UnicodeDecodeError:
        raise ModelFormatError("it is not UTF-8 text") from None
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise ModelFormatError(f"{path.rstrip('`') or '$'}: {message[0].lower()}{message[1:]}") from None
    except msgspec.DecodeError as error:
        raise ModelFormatError(f"it is not JSON: {error}") from None
    _check(file)
    return _to_model(file)


def _check(file: JsonModel) -> None:
    """Check what the types do not say: lengths that must agree, names that must differ."""
    names = [column.name for column in file.columns]
    _expect(len(set(names)) == len(names), "columns", "two columns bear the same name")
    width = len(input_names(columns_of(file.columns)))
    if file.fill is not None:
        _expect(len(file.fill) == width, "fill", f"expected {width} numbers, one for each column")
    for position, feature in enumerate(file.features):
        try:
            parse(feature, width)
        except ValueError as error:
            raise ModelFormatError(f"$.features[{position}]: {error}") from None
    n_in = len(file.features)
    _expect(len(file.mean) == n_in, "mean", f"expected {n_in} numbers, one for each feature")
    _expect(len(file.scale) == n_in, "scale", f"expected {n_in} numbers, one for each feature")
    _expect(0.0 not in file.scale, "scale", "expected numbers other than 0")
    for position, layer in enumerate(file.layers):
        path, n_out = f"layers[{position}]", len(layer.b)
        _expect(len(layer.w) == n_in, f"{path}.w", f"expected {n_in} rows, one for each input of the layer")
        for row, weights in enumerate(layer.w):
            _expect(len(weights) == n_out, f"{path}.w[{row}]", f"expected {n_out} numbers, as many as in b")
        last = position == len(file.layers) - 1
        _expect(last or layer.activation != "softmax", f"{path}.activation", "softmax is for the last layer only")
        n_in = n_out
    _check_target(file.target, n_in)


def _check_target(target: ClassCodes | ScaledNumbers, outputs: int) -> None:
    if isinstance(target, ClassCodes):
        labels = target.labels
        _expect(len(set(labels)) == len(labels), "target.labels", "two labels are the same")
        fits = outputs == len(labels) or (outputs, len(labels)) == (1, 2)
        _expect(fits, "target.labels", f"{len(labels)} labels do not fit {outputs} outputs of the last layer")
        _expect(target.low < target.high, "target.high", "expected a number greater than low")
        return
    _expect(len(target.names) == outputs, "target.names", f"expected {outputs} names, one for each output")
    _expect(len(target.mean) == outputs, "target.mean", f"expected {outputs} numbers, one for each output")
    _expect(len(target.scale) == outputs, "target.scale", f"expected {outputs} numbers, one for each output")


def _expect(condition: bool, path: str, message: str) -> None:
    if not condition:
        raise ModelFormatError(f"$.{path}: {message}")


def _to_model(file: JsonModel) -> Model:
    sizes = (len(file.features), *(len(layer.b) for layer in file.layers))
    architecture = Architecture(sizes, tuple(layer.activation for layer in file.layers))
    theta = np.empty(architecture.parameters)
    for (weights, biases), layer in zip(views(architecture, theta), file.layers, strict=True):
        weights[:], biases[:] = layer.w, layer.b
    target: Classes | Numbers
    if isinstance(file.target, ClassCodes):
        target, low, high = Classes(file.target.name, file.target.labels), file.target.low, file.target.high
        unit = np.zeros(sizes[-1]), np.ones(sizes[-1])
    else:
        target, low, high = Numbers(file.target.names), 0.0, 1.0
        unit = np.array(file.target.mean), np.array(file.target.scale)
    fill = None if file.fill is None else np.array(file.fill)
    columns, scaling = columns_of(file.columns), (np.array(file.mean), np.array(file.scale))
    preparation = Preparation(columns, fill, file.features, *scaling, target, low, high, *unit)
    return Model(file.name, architecture, theta, preparation)


def _floats(values: Vector) -> _Numbers:
    return tuple(values.tolist())


def _lay_out(value: Any, indent: str) -> str:
    """Write JSON with what fits on one line, and every list of bare numbers, on one line."""
    if _is_flat(value):
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
        if len(indent) + len(line) <= _WIDTH or not isinstance(value, dict):
            return line
    inner = indent + "  "
    if isinstance(value, dict):
        entries = [f"{json.dumps(key, ensure_ascii=False)}: {_lay_out(entry, inner)}" for key, entry in value.items()]
        opening, closing = "{", "}"
    else:
        entries = [_lay_out(entry, inner) for entry in value]
        opening, closing = "[", "]"
    return opening + "\n" + ",\n".join(inner + entry for entry in entries) + f"\n{indent}{closing}"


def _is_flat(value: Any) -> bool:
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return not any(isinstance(entry, dict | list | tuple) for entry in entries)
