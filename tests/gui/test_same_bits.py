"""The window watches and changes no bit: whatever is done to it, the run is that of the command line."""

from __future__ import annotations

import random

import numpy as np
import pytest

import ann_studio as ann
from ann_studio.engine.messages import Pause, Status
from tests.gui.conftest import Studio


def do_something(studio: Studio, choice: random.Random) -> None:
    """What a person does while a network trains, and what does not change how it learns."""
    window, transport = studio.window, studio.window.transport
    actions = [
        window.toggle_theme,
        lambda: window.resize(choice.randint(960, 1700), choice.randint(640, 1050)),
        lambda: studio.click(transport.play),
        lambda: studio.click(transport.play),
        lambda: studio.click(choice.choice([transport.phase, transport.sample, transport.epoch])),
        lambda: transport.speed.setValue(choice.randint(transport.speed.minimum(), transport.speed.maximum())),
        lambda: choice.choice(window.views).setVisible(choice.random() < 0.5),
        lambda: window.loss_view.log.toggle(),
        lambda: studio.qtbot.wait(choice.randint(1, 40)),
    ]
    choice.choice(actions)()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", ["02-circle.json", "digits.json"])
def test_what_is_done_to_the_window_changes_no_bit(studio, name, seed):
    if name != "02-circle.json":
        studio.open(name)
    choice = random.Random(seed)
    for _ in range(25):
        do_something(studio, choice)
    window = studio.window
    window.bridge.send(Pause())
    frame = studio.until(lambda frame: frame.obeyed == window.bridge.sent and frame.status is not Status.TRAINING)
    snapshot = frame.snapshots[0]
    straight = ann.trainer(frame.problem.experiment)
    straight.run(updates=snapshot.state.update)
    assert straight.theta.tobytes() == snapshot.state.theta.tobytes()
    known = straight.snapshot().trace
    assert np.array_equal(known[: len(snapshot.trace)], snapshot.trace, equal_nan=True)
