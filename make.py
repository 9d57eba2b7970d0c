"""The one script behind `make`: set up, run, test, lint, pictures, benchmark, wheel. Needs Python 3.11 alone.

``python make.py run`` is what ``make run`` does; on Windows, ``py make.py run``.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS, SUFFIX = (VENV / "Scripts", ".exe") if os.name == "nt" else (VENV / "bin", "")
PYTHON = SCRIPTS / f"python{SUFFIX}"
PIP = (PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check")
STAMP = VENV / "installed.json"

#: library → Debian package; without these Qt cannot even be imported
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
#: these Qt needs to open a window on an X server
X_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do."""


def say(sentence: str) -> None:
    """One sentence of progress."""
    print(f"* {sentence}", flush=True)


def call(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    """Run a command in the checkout with its output on the screen; `SetupError` if it fails."""
    code = subprocess.run([*map(str, command)], cwd=ROOT, env=environment, check=False).returncode
    if code:
        name = " ".join([Path(command[0]).stem, *map(str, command[1:3])])
        raise SetupError(f"{name} ended with code {code}: see above.")


# --- system packages -------------------------------------------------------------------------------------------------
def missing(libraries: dict[str, str]) -> dict[str, str]:
    """Those of `libraries` that cannot be loaded; none on macOS and Windows, where Qt brings all it needs."""
    if not sys.platform.startswith("linux"):
        return {}
    return {library: package for library, package in libraries.items() if not _loads(library)}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_inter() -> bool:
    """Whether the font of the window's design is there, as far as a Debian system can say."""
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
    return any(any(Path(folder).expanduser().rglob("Inter*.[ot]t[fc]")) for folder in folders)


def root_prefix() -> list[str] | None:
    """What to put before a command to run it as root without being asked anything; None if that is impossible."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
        return ["sudo", "-n"]
    return None


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages if we may without being asked; whether that was done and went well."""
    prefix = root_prefix()
    if prefix is None:
        return False
    say(f"Installing system packages: {' '.join(packages)}")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    # A list that cannot be updated (one broken source among many) may still be good enough to install from.
    subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, check=False)
    install = [*apt, "install", "--yes", "--no-install-recommends", *packages]
    return subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode == 0


def system_packages(*, window: bool, xvfb: bool) -> None:
    """See to what Debian and Ubuntu ship apart: Qt's system libraries, and Python's part that makes environments.

    Parameters
    ----------
    window
        Whether a window on the present display is wanted.
    xvfb
        Whether the virtual X server is wanted, for the one test that uses it.

    Raises
    ------
    SetupError
        If something needed is missing and may not be installed; the message is the line to type.
    """
    if not sys.platform.startswith("linux"):
        return
    on_x = window and "DISPLAY" in os.environ and "WAYLAND_DISPLAY" not in os.environ
    needs = needed_packages(QT_LIBRARIES | X_LIBRARIES if on_x else QT_LIBRARIES)
    if not shutil.which("apt-get"):
        if needs:
            raise SetupError(f"This system lacks {', '.join(needs)}: install them with its package manager.")
        return
    wishes = {*needs.values(), *missing(X_LIBRARIES).values()} | (set() if has_inter() else {"fonts-inter"})
    wishes |= {"xvfb", "xauth"} if xvfb and not shutil.which("xvfb-run") else set()
    if not wishes or apt_install(sorted(wishes)):
        return
    line = f"sudo apt-get update && sudo apt-get install --yes --no-install-recommends {' '.join(sorted(wishes))}"
    if needs:
        raise SetupError(f"System packages are missing. Type this line, then try again:\n\n  {line}\n")
    say(f"Not needed, but better with these system packages: {line}")


def needed_packages(libraries: dict[str, str]) -> dict[str, str]:
    """What is missing, and the Debian package that has it: of `libraries`, and Python's module ensurepip."""
    needs = missing(libraries)
    if importlib.util.find_spec("ensurepip") is None and not venv_works():
        needs["Python's ensurepip"] = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return needs


# --- virtual environment ---------------------------------------------------------------------------------------------
def venv_works() -> bool:
    """Whether ``.venv`` has a Python that is new enough, and pip."""
    probe = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and not subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode


def make_venv() -> None:
    """Make ``.venv`` unless there is one that works."""
    if venv_works():
        return
    say(f"Making a virtual environment with Python {sys.version.split()[0]} in {VENV.name}")
    shutil.rmtree(VENV, ignore_errors=True)
    call(sys.executable, "-m", "venv", VENV)


def fingerprint() -> str:
    """Changes when the program has to be installed again: other requirements, or the checkout was moved."""
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + str(ROOT).encode()).hexdigest()


def installed() -> set[str]:
    """Extras that ``.venv`` holds, with "" for the program itself; empty if it is not up to date."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return set()
    return set(stamp["extras"]) if PYTHON.exists() and stamp["fingerprint"] == fingerprint() else set()


def install(*extras: str) -> None:
    """See to it that ``.venv`` holds the program, editable, with these extras."""
    have = installed()
    want = {"", *extras}
    if want <= have:
        return
    make_venv()
    named = ",".join(sorted((want | have) - {""}))
    say("Installing the program and what it is built on" + ("" if have else " (some 600 MB, once; a few minutes)"))
    call(*PIP, "install", "--editable", f".[{named}]" if named else ".")
    STAMP.write_text(json.dumps({"fingerprint": fingerprint(), "extras": sorted(want | have)}), "utf-8")


def set_up(*extras: str, window: bool = False) -> None:
    """Everything that a command with these extras needs: system packages, then ``.venv``."""
    system_packages(window=window, xvfb="test" in extras)
    install(*extras)


def warm_up() -> None:
    """Compile all kernels into numba's cache, unless it holds them for these very sources."""
    ask = "import sys; from ann_studio.engine.compiler import is_compiled; sys.exit(not is_compiled())"
    if subprocess.run([PYTHON, "-c", ask], cwd=ROOT, check=False).returncode == 0:
        return
    say("Compiling the engine (once; half a minute or more)")
    call(PYTHON, "-m", "ann_studio.analysis.warmup")


# --- what make offers ------------------------------------------------------------------------------------------------
def run(*arguments: str) -> None:
    """Set up if need be and open the program."""
    set_up(window=True)
    warm_up()
    call(SCRIPTS / f"ann-studio{SUFFIX}", *arguments)


def test(*arguments: str) -> None:
    """Set up if need be and pass all tests; arguments go to pytest."""
    set_up("test")
    warm_up()
    call(PYTHON, "-m", "pytest", *arguments)


def lint(*arguments: str) -> None:
    """Check style, types and import contracts, and that each contract catches a planted violation."""
    set_up("test", "lint")
    say("ruff")
    call(PYTHON, "-m", "ruff", "check", *arguments)
    call(PYTHON, "-m", "ruff", "format", "--check", "--quiet")
    say("mypy --strict")
    call(PYTHON, "-m", "mypy", "--strict", "ann_studio")
    say("import contracts")
    call(PYTHON, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo")
    say("planted violations")
    call(PYTHON, "-m", "pytest", "--quiet", "tests/contracts")


def shots(*arguments: str) -> None:
    """Render the trained window, every view and workspace, to PNG in shots/."""
    set_up()
    warm_up()
    call(PYTHON, ROOT / "tools" / "shots.py", *arguments)


def bench(*arguments: str) -> None:
    """Measure the program beside PyTorch, scikit-learn and plain C: bench.json, and tables on the screen."""
    set_up(window=True)
    warm_up()
    call(SCRIPTS / f"ann-studio{SUFFIX}", "bench", *(arguments or ("--json", "bench.json")))


def wheel() -> None:
    """Build dist/*.whl."""
    set_up()
    call(*PIP, "wheel", "--no-deps", "--wheel-dir", "dist", ".")
    say(f"Built {', '.join(sorted(str(file.relative_to(ROOT)) for file in ROOT.glob('dist/*.whl')))}")


def clean() -> None:
    """Remove everything that these commands made: .venv, dist, pictures, caches."""
    made = [".venv", "dist", "build", "shots", "ann-studio-demo", ".hypothesis"]
    caches = [".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"]
    compiled = [file for top in ("ann_studio", "tests", "tools") for file in ROOT.glob(f"{top}/**/__pycache__")]
    for folder in [*(ROOT / name for name in made + caches), *compiled]:
        shutil.rmtree(folder, ignore_errors=True)
    (ROOT / "bench.json").unlink(missing_ok=True)


COMMANDS: dict[str, Callable[..., None]] = {
    "run": run, "test": test, "lint": lint, "shots": shots, "bench": bench, "wheel": wheel, "clean": clean,
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Carry out one command; the exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        for name, command in COMMANDS.items():
            print(f"  make {name:6} {(command.__doc__ or '').splitlines()[0]}")
        return 0 if not arguments or arguments[0] == "help" else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - it may be started by any Python
        print(f"ANN Studio needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    try:
        COMMANDS[arguments[0]](*arguments[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
