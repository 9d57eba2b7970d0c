"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

_PACKAGES = ("ann-studio", "numpy", "numba", "llvmlite", "PySide6-Essentials", "torch", "scikit-learn")


def machine() -> dict[str, object]:
    """System, processor and versions."""
    return {
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "blas": _blas(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
    }


def cpu() -> str:
    """The processor's name, as far as the system tells it."""
    if sys.platform.startswith("linux"):
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
        if found:
            return found[1]
    if sys.platform == "darwin":
        ask = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()


def _blas() -> str:
    import numpy  # noqa: F401 (brings it)
    from threadpoolctl import threadpool_info

    found = [part for part in threadpool_info() if part["user_api"] == "blas"]
    names = {f"{part['internal_api']} {part['version']} ({part.get('architecture')})" for part in found}
    return ", ".join(sorted(names))


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
