"""A pointer does not keep its array: numba frees a local one after its last use, while the pointer is still in use."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ann_studio

MODULES = sorted(Path(ann_studio.__file__).parent.rglob("kernels/*.py"))
FREED = """
def kernel(rows):
    scratch = np.empty(rows)
    z = pointer_to(scratch)
"""
KEPT = """
def kernel(scratch):
    z = pointer_to(scratch)
"""


def loose_pointers(source: str) -> list[str]:
    """Pointers to anything but an argument, which the caller keeps."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            kept = {argument.arg for argument in function.args.args}
            calls = [each for each in ast.walk(function) if isinstance(each, ast.Call)]
            to = [each.args[0] for each in calls if getattr(each.func, "id", "") == "pointer_to"]
            found += [f"{function.name}: {ast.unparse(each)}" for each in to if getattr(each, "id", "") not in kept]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_kernels_point_to_their_arguments_alone(path):
    assert loose_pointers(path.read_text(encoding="utf-8")) == []


def test_a_pointer_to_what_is_freed_is_found():
    assert loose_pointers(FREED) == ["kernel: scratch"]
    assert loose_pointers(KEPT) == []
