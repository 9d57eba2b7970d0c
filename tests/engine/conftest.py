"""A runner for each test, whose thread must end with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.listening import Listener


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    assert listening.runner.close()
