"""Compile all kernels, so that their machine code lies in numba's cache: ``python -m ann_studio.analysis.warmup``."""

from __future__ import annotations

from ann_studio.analysis import contours, relief
from ann_studio.nn.warmup import compile_engine


def compile_kernels() -> None:
    """Call every kernel once with the argument types that the program uses."""
    compile_engine()
    contours.prepare()
    relief.prepare()


if __name__ == "__main__":
    compile_kernels()
