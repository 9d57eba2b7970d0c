"""Compiling all kernels in a child process: the window stays fluid, and every process computes the same bits.

A process that runs what it has compiled itself may differ in the last digits from one that loads the same code from the
cache: kernels call each other, and which of several compiled copies of one is called is settled differently.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ann_studio.nn import kernels

_log = logging.getLogger(__name__)

PREPARING = "Preparing the engine: this happens once and takes half a minute or more"
_PATIENCE = 0.05


def entries() -> tuple[Any, ...]:
    """What `ann_studio.analysis.warmup` calls, and so what must be in the cache."""
    from ann_studio.analysis.kernels import bands, relief  # here, for numba is loaded with it

    return (
        kernels.train,
        kernels.mean_loss,
        kernels.activations,
        kernels.forward,
        kernels.backward,
        kernels.sample_order,
        kernels.plane_losses,
        kernels.mean_gradient,
        bands.paint_bands,
        relief.fill,
        relief.light,
        relief.grain,
        relief.colour,
        relief.place_points,
        relief.drape,
        relief.ink,
        relief.hide,
        kernels.restart,
    )


def has_cache() -> bool:
    """Whether numba found a folder in which to keep machine code; without one a child process cannot help."""
    return all(entry.stats.cache_path is not None for entry in entries())


def is_compiled() -> bool:
    """Whether numba's cache holds the whole engine for this machine and these sources."""
    try:
        return all(_is_cached(entry) for entry in entries())
    except Exception:
        # numba has no public way to ask; anything unexpected means "not known to be compiled".
        _log.debug("numba's cache could not be asked", exc_info=True)
        return False


def _is_cached(entry: Any) -> bool:
    """Whether the machine code of one kernel lies there: an index of these sources that names it, and the file."""
    cache, files = entry._cache, entry._cache._cache_file
    # Of a key (argument types, machine, byte code) the types do not matter: the program uses but one set of them.
    wanted = cache._index_key(None, entry.targetctx.codegen())[1:]
    names = [name for key, name in files._load_index().items() if key[1:] == wanted]
    return any(Path(files._data_path(name)).is_file() for name in names)


class Compilation:
    """A child process that fills the cache. Ask whether it is `running`; `cancel` it when the window closes."""

    def __init__(self) -> None:
        # A file and not a pipe: nobody reads while it works, and a full pipe would stop it for good.
        self._complaint = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the child has ended)
        self._child = subprocess.Popen(
            # -P: a random.py in the working folder is none of our modules
            [sys.executable, "-P", "-m", "ann_studio.analysis.warmup"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaint,
        )

    def running(self) -> bool:
        """Whether it is still at work; what it complained about goes to the log when it ends."""
        if self._child.poll() is None:
            return True
        if not self._complaint.closed:
            self._complaint.seek(0)
            complaint = self._complaint.read().decode(errors="replace")
            self._complaint.close()
            if self._child.returncode:
                # The engine then compiles in the runner's thread: slower to start, but it runs.
                _log.warning("compiling the engine ahead failed (%s): %s", self._child.returncode, complaint)
        return False

    def cancel(self) -> None:
        """End it now."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._complaint.close()


def compile_ahead(say: Callable[[str], None] = lambda _: None) -> None:
    """Wait until a child process has compiled the engine; nothing, if the cache has it or there is none.

    Parameters
    ----------
    say
        Is told, in one sentence, before it takes long.
    """
    if is_compiled() or not has_cache():
        return
    say(PREPARING)
    try:
        compilation = Compilation()
    except OSError:
        _log.warning("no child process can be started to compile the engine", exc_info=True)
        return
    try:
        while compilation.running():
            time.sleep(_PATIENCE)
    finally:
        compilation.cancel()
