"""What may stand at a place of an experiment file, by its declaration: for whoever wrote something else there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import inspect

from ann_studio.learning.experiment import Experiment


def choices(place: str, tree: Any) -> list[str]:
    """The names that may stand at a place; empty where none are given.

    Parameters
    ----------
    place
        Like ``$.network.hidden[0].activation``.
    tree
        The whole file, as dicts and lists: its tags say which of several kinds of a section is meant.
    """
    kinds: list[Any] = [inspect.type_info(Experiment)]
    tags: list[str] = []
    for part in re.findall(r"\w+", place):
        found = [each for kind in kinds for each in _inside(kind)]
        structs = [each for each in found if isinstance(each, inspect.StructType)]
        tags = [str(each.tag) for each in structs if each.tag_field == part]
        meant = [each for each in structs if isinstance(tree, dict) and tree.get(each.tag_field) == each.tag] or structs
        kinds = [field.type for each in meant for field in each.fields if field.encode_name == part]
        if part.isdigit():
            kinds = [each.item_type for each in found if isinstance(each, inspect.VarTupleType)]
            tree = tree[int(part)] if isinstance(tree, list | tuple) and int(part) < len(tree) else None
        else:
            tree = tree.get(part) if isinstance(tree, dict) else None
    plain = [each for kind in kinds for each in _inside(kind)]
    literals = [str(value) for each in plain if isinstance(each, inspect.LiteralType) for value in each.values]
    whole = ["a whole number" for each in plain if isinstance(each, inspect.IntType)]
    nothing = ["null" for each in plain if isinstance(each, inspect.NoneType)]
    return [*tags, *literals, *whole, *nothing] if tags or literals else []


def _inside(kind: Any) -> Iterator[Any]:
    """The alternatives of which a type consists."""
    if isinstance(kind, inspect.Metadata):
        yield from _inside(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for each in kind.types:
            yield from _inside(each)
    else:
        yield kind
