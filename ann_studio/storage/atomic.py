"""Files appear whole or not at all, and an earlier one of that name stays until then."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class WriteError(OSError):
    """A file was not written; the message is one line for the user."""


def refusal(path: Path, read: Iterable[Path] = ()) -> str | None:
    """Say why no file can be written at `path`, so that it is known before the work; None if nothing is in the way.

    Parameters
    ----------
    read
        Files that the work reads, and which must therefore not be replaced.
    """
    folder = path.absolute().parent
    # os.path, as pathlib raises for names that are too long.
    if not os.path.isdir(folder):
        return f"there is no folder {folder}; make it first"
    if os.path.isdir(path):
        return "this is a folder; name a file in it"
    if os.path.exists(path) and not os.path.isfile(path):  # /dev/null, which would be replaced
        return "this is no ordinary file; choose another name"
    if any(os.path.exists(path) and os.path.exists(each) and os.path.samefile(path, each) for each in read):
        return "this file is read and would be replaced; choose another name"
    if not os.access(folder, os.W_OK) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        return "this place may not be written to; choose another"
    return None


@contextmanager
def replacing(path: Path, error: Callable[[str], Exception] = WriteError) -> Iterator[Path]:
    """Give a name in the folder of `path`; the file made there takes its place when the block has gone well.

    Otherwise nothing is left. A link is followed, and the rights of an earlier file are kept.

    Parameters
    ----------
    error
        What is raised, with one line for the user, if the file cannot be written.
    """
    if reason := refusal(path):
        raise error(f"{path}: {reason}")
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".ann-studio-{uuid.uuid4().hex[:12]}.part")
    try:
        yield temporary
        if os.path.exists(target):
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise error(f"{path}: cannot be written ({reason}); choose another place") from None
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_atomically(path: Path, text: str, error: Callable[[str], Exception] = WriteError) -> None:
    """Write `text` to `path` as UTF-8, line ends as they are; raises `error` as `replacing` does."""
    with replacing(path, error) as temporary, temporary.open("x", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
