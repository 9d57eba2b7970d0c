"""How a kernel is compiled and kept: one decorator for all of them."""

from __future__ import annotations

import contextlib
import hashlib
import pkgutil
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numba

# Not fastmath=True, which compiles isfinite away and ruins range reduction. A product and a sum may become one
# operation; nothing else is reordered, so that bits depend on the code alone.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


@lru_cache
def _stamp(package: str = "ann_studio.nn.kernels") -> str:
    """What the machine code of a package's kernels depends on.

    Its sources, and those of all kernels that they may call, with the tables that their codes come from.
    """
    digest = hashlib.sha256()
    for name in sorted({"ann_studio.nn.kernels", "ann_studio.nn", package}):
        for module in sorted(pkgutil.iter_modules(sys.modules[name].__path__)):
            digest.update(pkgutil.get_data(name, f"{module.name}.py") or b"" if not module.ispkg else b"")
    return digest.hexdigest()


def compiled(function: Any) -> Any:
    """Decorate a kernel: a module-level function that lets go of Python's lock, its machine code kept on disk."""
    try:
        kernel = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        # numba found no folder that it may write to; without a cache every process compiles anew.
        return numba.njit(**_OPTIONS)(function)
    # numba has no public way to say either; should a name be gone, only what is said here is lost.
    with contextlib.suppress(AttributeError):
        # It looks at the file of a kernel alone; what it calls lies in others.
        kernel._cache._cache_file._source_stamp = _stamp(function.__module__.rpartition(".")[0])
        kernel._cache.save_overload = _if_there_is_room(kernel._cache.save_overload)
    return kernel


def _if_there_is_room(save: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A kernel that cannot be kept, on a full disk for one, is no reason to stop."""

    def save_or_not(signature: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            save(signature, data)

    return save_or_not
