"""Compiling the engine in a child process, so that the window stays fluid and can be closed meanwhile."""

from __future__ import annotations

import logging
import subprocess
import sys

from ann_studio.nn import kernels

_log = logging.getLogger(__name__)


def is_compiled() -> bool:
    """Whether numba's cache holds the engine for this machine and these sources."""
    try:
        # numba has no public way to ask; anything unexpected means "not known to be compiled".
        return bool(kernels.train._cache._cache_file._load_index())
    except Exception:
        _log.debug("numba's cache could not be asked", exc_info=True)
        return False


class Compilation:
    """A child process that fills the cache. `poll` it; `cancel` it when the window closes."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "ann_studio.nn.warmup"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def running(self) -> bool:
        """Whether it is still at work; what it complained about goes to the log when it ends."""
        if self._child.poll() is None:
            return True
        if self._child.stderr is not None and not self._child.stderr.closed:
            complaint = self._child.stderr.read().decode(errors="replace")
            self._child.stderr.close()
            if self._child.returncode:
                # The engine then compiles in the runner's thread: slower to start, but it runs.
                _log.warning("compiling the engine ahead failed (%s): %s", self._child.returncode, complaint)
        return False

    def cancel(self) -> None:
        """End it now."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self.running()
