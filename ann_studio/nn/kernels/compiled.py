"""How a kernel is compiled and kept: one decorator for all of them."""

from __future__ import annotations

import contextlib
import hashlib
import pkgutil
import sys
from collections.abc import Callable
from typing import Any

import numba

# Not fastmath=True, which compiles isfinite away and ruins range reduction. A product and a sum may become one
# operation; nothing else is reordered, so that bits depend on the code alone.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}


def _stamp() -> str:
    """What the machine code depends on: the sources of all kernels, and the tables that their codes come from."""
    digest = hashlib.sha256()
    for package in ("ann_studio.nn.kernels", "ann_studio.nn"):
        for module in sorted(pkgutil.iter_modules(sys.modules[package].__path__)):
            digest.update(pkgutil.get_data(package, f"{module.name}.py") or b"" if not module.ispkg else b"")
    return digest.hexdigest()


_STAMP = _stamp()


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
        kernel._cache._cache_file._source_stamp = _STAMP
        kernel._cache.save_overload = _if_there_is_room(kernel._cache.save_overload)
    return kernel


def _if_there_is_room(save: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A kernel that cannot be kept, on a full disk for one, is no reason to stop."""

    def save_or_not(signature: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            save(signature, data)

    return save_or_not
