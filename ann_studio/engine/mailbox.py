"""A place for one letter: the newest wins, so a slow reader loses pictures but never falls behind."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One place, many writers, one reader."""

    def __init__(self) -> None:
        self._letter: T | None = None
        self._arrived = threading.Condition()

    @property
    def empty(self) -> bool:
        """Whether the last letter was taken."""
        return self._letter is None

    @property
    def letter(self) -> T | None:
        """What lies there, without taking it."""
        return self._letter

    def put(self, letter: T) -> None:
        """Replace whatever lies there."""
        with self._arrived:
            self._letter = letter
            self._arrived.notify_all()

    def put_back(self, letter: T) -> None:
        """Leave a letter there again, unless a newer one has come."""
        with self._arrived:
            if self._letter is None:
                self._letter = letter
                self._arrived.notify_all()

    def take(self) -> T | None:
        """The letter, or None if there is none; the place is empty afterwards."""
        return self.wait(0.0)

    def drop(self, letter: T) -> None:
        """Empty the place if it is this letter that lies there."""
        with self._arrived:
            if self._letter is letter:
                self._letter = None
                self._arrived.notify_all()

    def wait(self, timeout: float) -> T | None:
        """Like `take`, but wait up to `timeout` seconds for a letter."""
        with self._arrived:
            if self._letter is None and timeout > 0:
                self._arrived.wait(timeout)
            letter, self._letter = self._letter, None
            self._arrived.notify_all()
            return letter

    def wait_empty(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until the letter is taken; whether the place is empty."""
        with self._arrived:
            if self._letter is not None:
                self._arrived.wait(timeout)
            return self._letter is None
