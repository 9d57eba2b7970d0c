"""The racers card, through the real window: what it adds, takes away and hides is what the runner races."""

from __future__ import annotations

import pytest

from ann_studio.engine.messages import Clock, Status
from ann_studio.gui.cards.race import carry
from ann_studio.learning.experiment import Supervised
from ann_studio.learning.race import MOST_RACERS, Entry


@pytest.fixture
def card(studio):
    studio.window.show_workspace("descent")
    return studio.window.race_card


def names(studio, *expected: str):
    return studio.until(lambda frame: tuple(standing.name for standing in frame.standings) == expected)


def offer(card, title: str):
    card.menu.aboutToShow.emit()
    return next(action for action in card.menu.actions() if title in action.text())


def test_three_sizes_of_batch_race_by_one_click_and_undo_takes_them_away(studio, card):
    studio.click(card.start)
    frame = names(studio, "Mini-batch", "Batch", "Stochastic")
    assert len({tuple(standing.problem.first_theta.tolist()) for standing in frame.standings}) == 1
    assert [row.detail.text().split(" ")[0] for row in card.racers] == ["10", "all", "1"]
    studio.window.undo()
    names(studio, "Mini-batch")
    assert card.start.isVisible()


@pytest.mark.parametrize(("title", "more"), [("Optimisers", 3), ("Learning rates", 4), ("Seeds", 3), ("Copy", 1)])
def test_other_races_are_offered(studio, card, title, more):
    offer(card, title).trigger()
    frame = studio.until(lambda frame: len(frame.standings) == 1 + more)
    found = [standing.name for standing in frame.standings]
    assert len(set(found)) == len(found)


def test_no_more_than_eight_can_race_and_the_card_says_why(studio, card):
    while offer(card, "Copy").isEnabled():
        count = len(studio.frame.standings)
        offer(card, "Copy").trigger()
        studio.until(lambda frame, count=count: len(frame.standings) == count + 1)
        studio.qtbot.waitUntil(lambda count=count: len(card.racers) == count + 1)
    assert len(studio.frame.standings) == 1 + MOST_RACERS
    assert offer(card, "Copy").toolTip()
    offer(card, "Remove all").trigger()
    studio.until(lambda frame: len(frame.standings) == 1)


def test_a_racer_is_renamed_removed_and_hidden(studio, card):
    studio.click(card.start)
    names(studio, "Mini-batch", "Batch", "Stochastic")
    studio.qtbot.waitUntil(lambda: len(card.racers) == 3)
    card.racers[2].renamed.emit("Drunk")
    names(studio, "Mini-batch", "Batch", "Drunk")
    heard = []
    card.hidden_changed.connect(heard.append)
    card.racers[1].eye.click()
    assert heard == [frozenset({1})]
    assert [run.place for run in studio.window.surface_view.canvas.shown_runs()] == [2, 0]
    card.racers[1].eye.click()
    assert heard[-1] == frozenset()
    card.racers[1].removed.emit()
    names(studio, "Mini-batch", "Drunk")


RULES = [Supervised(batch_size=size) for size in (4, 1, 2)]
RUN, SINGLE, PAIR = (Entry(rule, 1) for rule in RULES)


@pytest.mark.parametrize(
    ("before", "now", "hidden", "then"),
    [
        ((RUN, RUN, RUN), (RUN, RUN), {2}, set()),  # which of the copies is gone nobody knows; it is not the main run
        ((RUN, SINGLE, RUN), (RUN, RUN), {2}, {1}),
        ((RUN, SINGLE, PAIR), (RUN, PAIR), {2}, {1}),
        ((RUN, SINGLE, PAIR), (RUN, PAIR), {1}, set()),
        ((RUN, SINGLE), (SINGLE, RUN), {1}, {0}),  # made main
        ((RUN, SINGLE), (PAIR, SINGLE), {0}, {0}),  # changed
        ((RUN, SINGLE), (RUN, PAIR), {1}, {1}),
        ((RUN, RUN, Entry(RULES[0], 1, "Copy")), (RUN, Entry(RULES[0], 1, "Copy")), {2}, {1}),
        ((RUN, SINGLE), (RUN, Entry(RULES[1], 1, "Drunk")), {1}, {1}),
        ((), (RUN, SINGLE), {1}, {1}),
    ],
)
def test_what_is_hidden_stays_so_in_another_race(before, now, hidden, then):
    assert carry(before, now, frozenset(hidden)) == then


def test_a_racer_becomes_the_main_network(studio, card):
    studio.open("trap.json")
    names(studio, "Batch", "Mini-batch", "Stochastic")
    studio.window.transport.epoch.click()
    before = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.status is Status.PAUSED)
    card.racers[2].made_main.emit()
    after = names(studio, "Stochastic", "Mini-batch", "Batch")
    assert after.snapshots[0].state.theta.tobytes() == before.snapshots[2].state.theta.tobytes()
    studio.qtbot.waitUntil(lambda: studio.window.training_card.batch.button("stochastic").isChecked())


def test_the_clock_is_chosen_and_shown(studio, card):
    studio.open("trap.json")
    studio.click(card.clock.button(Clock.UPDATES))
    studio.until(lambda frame: frame.clock is Clock.UPDATES)
    assert card.clock.button(Clock.UPDATES).isChecked()
