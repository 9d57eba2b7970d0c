"""Work in a child process, for what holds Python's lock for long.

The child is spawned, so it shares nothing with its parent; the two talk over a pipe.
"""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

Result = TypeVar("Result")
Report = Callable[[int, int], None]

_POLL = 0.05  #: seconds between two looks at whether to give up


class Cancelled(Exception):  # noqa: N818 - it is an answer, no error
    """The work was given up because the caller asked for it."""


class ChildDied(RuntimeError):  # noqa: N818
    """The child process ended without an answer (killed, or out of memory)."""


def never() -> bool:
    """Nobody cancels."""
    return False


def run_in_child(
    function: Callable[..., Result],
    *arguments: Any,
    cancelled: Callable[[], bool] = never,
    progress: Report | None = None,
) -> Result:
    """Call ``function(*arguments, report)`` in a child process and wait for its answer.

    Parameters
    ----------
    function
        At module level; its last argument ``report(done, total)`` reaches `progress`.
    arguments
        Anything that can be pickled.
    cancelled
        Asked every 50 ms; once it says yes, the child is ended at once.

    Raises
    ------
    Cancelled
        If `cancelled` said yes.
    ChildDied
        If the child ended without an answer.
    Exception
        What `function` raised.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    # The arguments follow over the pipe once the child listens: given here, large ones would block until it started.
    child = context.Process(target=_serve, args=(there,), daemon=True)
    child.start()
    there.close()
    try:
        kind, *_ = _receive(here, cancelled)
        _send(here, (function, arguments))
        while True:
            kind, *content = _receive(here, cancelled)
            match kind:
                case "progress":
                    if progress is not None:
                        progress(*content)
                case "done":
                    result: Result = content[0]
                    return result
                case _:
                    raise content[0]
    finally:
        child.terminate()
        child.join()
        child.close()
        here.close()


def _receive(connection: Connection, cancelled: Callable[[], bool]) -> tuple[Any, ...]:
    try:
        while not connection.poll(_POLL):
            if cancelled():
                raise Cancelled
        if cancelled():
            raise Cancelled
        message: tuple[Any, ...] = connection.recv()
    except (EOFError, ConnectionResetError, BrokenPipeError):  # Windows says the last while polling
        raise ChildDied("the helper process ended without an answer") from None
    return message


def _send(connection: Connection, message: tuple[Any, ...]) -> None:
    try:
        connection.send(message)
    except (BrokenPipeError, ConnectionResetError):
        raise ChildDied("the helper process ended without an answer") from None


def _serve(connection: Connection) -> None:
    def report(done: int, total: int) -> None:
        connection.send(("progress", done, total))

    connection.send(("ready",))
    try:
        function, arguments = connection.recv()
        answer = "done", function(*arguments, report)
    except Exception as error:
        error.add_note(traceback.format_exc())
        answer = "failed", error
    connection.send(answer)
