"""The same loop in C, compiled where the benchmark runs."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ann_studio.bench.engines import Unavailable
from ann_studio.learning import supervised
from ann_studio.learning.experiment import Sgd
from ann_studio.learning.problem import Problem

Vector = NDArray[np.float64]
Train = Callable[..., None]

SOURCE = Path(__file__).with_name("native.c")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
_COMPILERS = ("cc", "gcc", "clang")
_HIDDEN = {"tanh": 0, "sigmoid": 1, "relu": 2}


def compile_native(folder: Path, source: Path = SOURCE) -> ctypes.CDLL:
    """Compile `source` into `folder` and load it.

    Raises
    ------
    Unavailable
        If there is no compiler, or it fails.
    """
    compiler = next((path for name in _COMPILERS if (path := shutil.which(name))), None)
    if compiler is None:
        remedy = {"linux": "sudo apt install gcc", "darwin": "xcode-select --install"}.get(sys.platform)
        raise Unavailable(
            f"Native C: no C compiler ({', '.join(_COMPILERS)}) was found: {remedy or 'install LLVM or MinGW'}"
        )
    library = folder / f"{source.stem}.so"
    command = [compiler, *FLAGS, "-o", str(library), str(source), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"code {done.returncode}"]
        raise Unavailable(f"Native C: {Path(compiler).stem} failed: {said[0]}")
    return ctypes.CDLL(str(library))


class Native:
    """`native.c` on one task."""

    title = "Native C, one sample at a time"

    def __init__(self, problem: Problem, library: ctypes.CDLL) -> None:
        self._first = problem.first_theta
        self._theta = self._first.copy()
        call: Any = library.train
        call.restype = None
        learning, train, architecture = problem.experiment.learning, problem.train, problem.architecture
        assert isinstance(learning.optimizer, Sgd)
        sizes = np.array(architecture.sizes, dtype=np.int64)
        scratch = np.empty(len(self._theta) + 2 * int(sizes.sum()))
        hidden, softmax = _HIDDEN[architecture.activations[0]], architecture.activations[-1] == "softmax"
        self._keep = (sizes, scratch, train)  # the arguments below are only their addresses
        self._call: Train = lambda epochs: call(
            _address(self._theta), _address(scratch), _address(sizes), ctypes.c_int64(architecture.layers),
            ctypes.c_int(hidden), ctypes.c_int(softmax), _address(train.inputs), _address(train.targets),
            ctypes.c_int64(len(train)), ctypes.c_double(learning.optimizer.learning_rate),
            ctypes.c_int64(supervised.batch_size(problem)), ctypes.c_int64(epochs),
        )  # fmt: skip

    def reset(self) -> None:
        """Go back to the first weights."""
        self._theta[:] = self._first

    def train(self, epochs: int) -> None:
        """Train."""
        self._call(epochs)

    def theta(self) -> Vector:
        """The parameters."""
        return self._theta


def _address(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
