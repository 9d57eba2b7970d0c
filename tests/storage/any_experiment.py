"""Any experiment at all, drawn from the types that declare the file format, so that a new field is drawn too."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from ann_studio.learning.experiment import Experiment

#: A name that is the same file however the path to it is written.
FILE_NAMES = st.text("abcäß 1", min_size=1, max_size=8).map(lambda stem: f"x{stem}.csv")


def plain_experiments() -> st.SearchStrategy[Any]:
    """JSON trees that are valid experiments, as far as types and ranges go."""
    return _of(inspect.type_info(Experiment))


def _of(kind: Any) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata():
            return _of(kind.type)
        case inspect.NoneType():
            return st.none()
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            low, high = kind.ge, kind.le
            return st.integers(low if kind.gt is None else kind.gt + 1, high if kind.lt is None else kind.lt - 1)
        case inspect.FloatType():
            low, high = (kind.ge if kind.gt is None else kind.gt), (kind.le if kind.lt is None else kind.lt)
            return st.floats(low, high, exclude_min=kind.gt is not None, exclude_max=kind.lt is not None,
                             allow_nan=False, allow_infinity=False)  # fmt: skip
        case inspect.StrType():
            return st.text(min_size=kind.min_length or 0, max_size=min(kind.max_length or 10, 10))
        case inspect.LiteralType():
            return st.sampled_from(kind.values)
        case inspect.UnionType():
            return st.one_of(*map(_of, kind.types))
        case inspect.TupleType():
            return st.tuples(*map(_of, kind.item_types)).map(list)
        case inspect.VarTupleType():
            return st.lists(_of(kind.item_type), min_size=kind.min_length or 0, max_size=3)
        case inspect.StructType():
            return _of_struct(kind)
    raise NotImplementedError(kind)


def _of_struct(kind: Any) -> st.SearchStrategy[Any]:
    tag = {} if kind.tag is None else {kind.tag_field: st.just(kind.tag)}
    fields = {
        field.encode_name: FILE_NAMES if field.encode_name == "path" else _of(field.type) for field in kind.fields
    }
    first = {"format", "version"}  # required of a file, though the struct knows them
    needed = {name for name, field in zip(fields, kind.fields, strict=True) if field.required} | (first & set(fields))
    return st.fixed_dictionaries(
        tag | {name: fields[name] for name in fields if name in needed},
        optional={name: fields[name] for name in fields if name not in needed},
    )
