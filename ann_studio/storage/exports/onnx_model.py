"""A trained network as an ONNX model that eats raw columns and answers in labels or units.

Inputs: ``inputs`` float64 ``(rows, number columns)`` and, where there are columns of text, ``texts`` string
``(rows, text columns)``; an input that would have no column is absent. A missing number is NaN, a missing text ``""``.
Outputs: for classes ``label`` string ``(rows,)``, for numbers ``prediction`` float64 ``(rows, outputs)`` in the unit of
the target; for both ``outputs`` float64 ``(rows, outputs)``, the activations of the output layer. Where outputs are
NaN, the label is ``""``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import ModelProto, TensorProto, ValueInfoProto, helper

import ann_studio
from ann_studio.data.dataset import Classes, Column, NumberColumn, TextColumn
from ann_studio.data.features import parse
from ann_studio.data.preparation import Preparation
from ann_studio.learning.model import Model
from ann_studio.nn.architecture import views
from ann_studio.storage.exports.activations import COMPOSITIONS
from ann_studio.storage.exports.description import (
    ClassTarget,
    Description,
    ModelFormatError,
    columns_of,
    describe_columns,
    describe_target,
    from_metadata,
    to_metadata,
)
from ann_studio.storage.exports.graph import Graph

OPSET = 21
IR_VERSION = 10  #: the one that came with opset 21
#: Name, type and number of columns of an input or output; None for a vector.
_Signature = tuple[str, int, int | None]


def build_onnx(model: Model) -> ModelProto:
    """Write the whole of `model` as one ONNX graph in float64, operators of the standard set only."""
    preparation, graph = model.preparation, Graph()
    raw = _raw_matrix(graph, preparation.columns)
    inputs = _standardized(graph, _features(graph, _filled(graph, raw, preparation), preparation), preparation)
    graph.add("Identity", _layers(graph, inputs, model), name="outputs")
    if isinstance(preparation.target, Classes):
        _label(graph, preparation, preparation.target)
    else:
        _prediction(graph, preparation)
    result = helper.make_model(
        helper.make_graph(
            graph.nodes,
            model.name or "ANN Studio model",
            _inputs(preparation.columns),
            _outputs(preparation),
            list(graph.constants.values()),
            doc_string=f"Network {model.architecture} trained with ANN Studio, with its features and scaling.",
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="ann-studio",
        producer_version=ann_studio.__version__,
        doc_string=model.name,
    )
    helper.set_model_props(result, to_metadata(_describe(model)))
    return result


def write_onnx(model: Model) -> bytes:
    """Write the content of an ``.onnx`` file."""
    content: bytes = build_onnx(model).SerializeToString()
    return content


def read_onnx(content: bytes) -> ModelProto:
    """Read the model in the content of an ``.onnx`` file, checked by ONNX's own checker.

    Raises
    ------
    ModelFormatError
        If it is no ONNX model, not one that `write_onnx` made, or damaged.
    """
    try:
        model = onnx.load_model_from_string(content)
    except Exception:  # protobuf's error types differ between its implementations
        raise ModelFormatError("it is not an ONNX file, or only a part of one") from None
    description = describe_onnx(model)
    try:
        onnx.checker.check_model(model, full_check=True)
    except Exception as error:  # the checker, shape inference and protobuf each raise their own
        raise ModelFormatError(f"it is a damaged ONNX model: {str(error).strip().splitlines()[0]}") from None
    _check_sides(model, description)
    return model


def describe_onnx(model: ModelProto) -> Description:
    """Read what `model` says of its columns and target; raises `ModelFormatError` if it is not one of ours."""
    return from_metadata({entry.key: entry.value for entry in model.metadata_props})


def _check_sides(model: ModelProto, description: Description) -> None:
    """Check that the graph takes the columns and gives the answers that the description speaks of."""
    columns, target = columns_of(description.columns), description.target
    if _signature(model.graph.input) != _signature(_inputs(columns)):
        raise ModelFormatError("it is a damaged ONNX model: its inputs are not the columns that it names")
    answer: _Signature
    if isinstance(target, ClassTarget):
        answer, widths = ("label", TensorProto.STRING, None), [len(target.labels)]
        widths += [1] if len(target.labels) == 2 else []
    else:
        answer, widths = ("prediction", TensorProto.DOUBLE, len(target.names)), [len(target.names)]
    if _signature(model.graph.output) not in [{answer, ("outputs", TensorProto.DOUBLE, width)} for width in widths]:
        raise ModelFormatError("it is a damaged ONNX model: its outputs are not the target that it names")


def _signature(values: Iterable[ValueInfoProto]) -> set[_Signature]:
    result: set[_Signature] = set()
    for value in values:
        tensor = value.type.tensor_type
        result.add((value.name, tensor.elem_type, tensor.shape.dim[1].dim_value if len(tensor.shape.dim) > 1 else None))
    return result


def _describe(model: Model) -> Description:
    preparation = model.preparation
    bounded = model.architecture.activations[-1] in ("sigmoid", "softmax")
    return Description(
        name=model.name,
        columns=describe_columns(preparation.columns),
        target=describe_target(preparation.target),
        probabilities=bounded
        and isinstance(preparation.target, Classes)
        and (preparation.low, preparation.high) == (0.0, 1.0),
        fills_missing=preparation.fill is not None,
    )


def _inputs(columns: tuple[Column, ...]) -> list[ValueInfoProto]:
    result = []
    for name, kind, what in (("inputs", NumberColumn, TensorProto.DOUBLE), ("texts", TextColumn, TensorProto.STRING)):
        names = [column.name for column in columns if isinstance(column, kind)]
        if names:
            doc = "Columns: " + ", ".join(names)
            result.append(helper.make_tensor_value_info(name, what, ["rows", len(names)], doc))
    return result


def _outputs(preparation: Preparation) -> list[ValueInfoProto]:
    shape = ["rows", preparation.outputs]
    activations = helper.make_tensor_value_info("outputs", TensorProto.DOUBLE, shape, "Activations of the output layer")
    target = preparation.target
    if isinstance(target, Classes):
        answer = helper.make_tensor_value_info("label", TensorProto.STRING, ["rows"], target.name)
    else:
        answer = helper.make_tensor_value_info("prediction", TensorProto.DOUBLE, shape, ", ".join(target.names))
    return [answer, activations]


def _raw_matrix(graph: Graph, columns: tuple[Column, ...]) -> str:
    """Put numbers and one-hot texts side by side, in the order of `Dataset.inputs`."""
    numbers = [column for column in columns if isinstance(column, NumberColumn)]
    texts = [column for column in columns if isinstance(column, TextColumn)]
    if not texts:
        return "inputs"
    sources = [position for position, column in enumerate(texts) for _ in column.values]
    values = [value for column in texts for value in column.values]
    spread = graph.columns("texts", len(texts), sources, "raw/text of each value")
    known = graph.texts("raw/values", values, (1, len(values)))
    match = graph.add("Equal", spread, known, name="raw/is the value")
    one_hot = graph.add("Cast", match, name="raw/one-hot", to=TensorProto.DOUBLE, doc="1 where the text is the value")
    if not numbers:
        return one_hot
    joined = graph.add("Concat", "inputs", one_hot, name="raw/numbers then texts", axis=1)
    order, number, text = [], 0, len(numbers)
    for column in columns:
        if isinstance(column, NumberColumn):
            order.append(number)
            number += 1
        else:
            order.extend(range(text, text + len(column.values)))
            text += len(column.values)
    return graph.columns(joined, len(numbers) + len(values), order, "raw/columns")


def _filled(graph: Graph, raw: str, preparation: Preparation) -> str:
    if preparation.fill is None:
        return raw
    missing = graph.add("IsNaN", raw, name="fill/missing")
    mean = graph.array("fill/mean", preparation.fill)
    return graph.add("Where", missing, mean, raw, name="fill", doc="Missing numbers become the mean in training")


def _features(graph: Graph, raw: str, preparation: Preparation) -> str:
    """Compute the features kind by kind, then put them in their order."""
    width = sum(len(column.values) if isinstance(column, TextColumn) else 1 for column in preparation.columns)
    kinds: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
    for position, feature in enumerate(preparation.features):
        kind, columns = parse(feature, width)
        kinds.setdefault(kind, []).append((position, columns))
    parts: list[str] = []
    order: list[int] = []
    for kind, members in kinds.items():
        order.extend(position for position, _ in members)
        first = graph.columns(raw, width, [columns[0] for _, columns in members], f"features/{kind}/columns")
        match kind:
            case "plain":
                parts.append(first)
            case "square":
                parts.append(graph.add("Mul", first, first, name="features/square"))
            case "sine":
                parts.append(graph.add("Sin", first, name="features/sine"))
            case _:
                second = graph.columns(raw, width, [columns[1] for _, columns in members], "features/product/by")
                parts.append(graph.add("Mul", first, second, name="features/product"))
    joined = parts[0] if len(parts) == 1 else graph.add("Concat", *parts, name="features/all", axis=1)
    # Feature k stands at place `order.index(k)` of what was joined.
    places = [int(place) for place in np.argsort(order)]
    return graph.columns(joined, len(order), places, "features")


def _standardized(graph: Graph, features: str, preparation: Preparation) -> str:
    if not preparation.mean.any() and (preparation.scale == 1.0).all():
        return features
    mean, scale = graph.array("standardise/mean", preparation.mean), graph.array("standardise/scale", preparation.scale)
    return graph.add("Div", graph.add("Sub", features, mean, name="standardise/centred"), scale, name="standardise")


def _layers(graph: Graph, inputs: str, model: Model) -> str:
    layers = views(model.architecture, model.theta)
    value = inputs
    for number, ((weights, biases), activation) in enumerate(
        zip(layers, model.architecture.activations, strict=True), start=1
    ):
        layer = "output" if number == len(layers) else f"hidden {number}"
        w, b = graph.array(f"{layer}/weights", weights), graph.array(f"{layer}/biases", biases)
        z = graph.add("Add", graph.add("MatMul", value, w, name=f"{layer}/weighted sum"), b, name=f"{layer}/z")
        value = COMPOSITIONS[activation](graph, z, f"{layer}/{activation}")
    return value


def _label(graph: Graph, preparation: Preparation, target: Classes) -> None:
    if preparation.outputs == 1:
        threshold = (preparation.low + preparation.high) / 2
        above = graph.add("Greater", "outputs", threshold, name="label/second class")
        column = graph.add("Cast", above, name="label/column", to=TensorProto.INT64)
        index = graph.add("Squeeze", column, graph.array("label/axis", np.array([1])), name="label/index")
    else:
        index = graph.add("ArgMax", "outputs", name="label/index", axis=1, keepdims=0)
    unknown = graph.add("IsNaN", "outputs", name="label/not a number")
    unknown = graph.add("Cast", unknown, name="label/not a number as 0 or 1", to=TensorProto.INT64)
    axes = graph.array("label/axes", np.array([1]))
    unknown = graph.add("ReduceMax", unknown, axes, name="label/any not a number", keepdims=0)
    unknown = graph.add("Cast", unknown, name="label/unknown", to=TensorProto.BOOL)
    # One more label, the empty text, for rows that the network cannot judge.
    last = graph.array("label/none", np.array(len(target.labels)))
    chosen = graph.add("Where", unknown, last, index, name="label/chosen")
    labels = graph.texts("label/names", [*target.labels, ""], (len(target.labels) + 1,))
    graph.add("Gather", labels, chosen, name="label", axis=0)


def _prediction(graph: Graph, preparation: Preparation) -> None:
    mean = graph.array("prediction/mean", preparation.target_mean)
    scale = graph.array("prediction/scale", preparation.target_scale)
    graph.add("Add", graph.add("Mul", "outputs", scale, name="prediction/scaled"), mean, name="prediction")
