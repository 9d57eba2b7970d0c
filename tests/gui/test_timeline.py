"""Time as a slider: back and forth in a run, edits and all, by mouse and by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from ann_studio.engine.messages import Seek, SetParameters, Status, Step, Unit
from ann_studio.learning import supervised
from ann_studio.learning.course import Branch, Course, Mark

Key, Modifier = Qt.Key, Qt.KeyboardModifier


def go(studio, updates: int):
    """Train so many more updates."""
    at = studio.snapshot.state.update + updates
    studio.window.bridge.send(Step(Unit.UPDATE, updates))
    return studio.until(lambda frame: frame.snapshots[0].state.update == at and frame.status is Status.PAUSED)


def rest(studio, update: int):
    """Wait until the run rests at an update."""
    return studio.until(
        lambda frame: frame.snapshots[0].state.update == update and frame.status in (Status.PAUSED, Status.READY)
    )


def press(studio, key, modifiers=Modifier.NoModifier):
    studio.qtbot.keyClick(QApplication.focusWidget() or studio.window.windowHandle(), key, modifiers)


@pytest.fixture
def active(studio):
    """The window, with the keyboard."""
    studio.window.activateWindow()
    studio.qtbot.waitUntil(studio.window.isActiveWindow)
    return studio


@pytest.fixture
def edited(studio):
    """A run of 60 updates with a weight set by hand after 40."""
    go(studio, 40)
    studio.window.bridge.send(SetParameters((0,), (2.0,)))
    studio.until(lambda frame: frame.snapshots[0].state.theta[0] == 2.0)
    return go(studio, 20)


def test_every_view_shows_the_moment_that_the_knob_is_dragged_to(studio):
    there = go(studio, 100)
    window, track = studio.window, studio.window.timeline.track
    y = track.height() // 3
    studio.qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=QPoint(round(track.x_of(track.reached)), y))
    for epoch in (track.reached / 2, track.reached / 4):
        studio.qtbot.mouseMove(track, QPoint(round(track.x_of(epoch)), y))
        update = track.course.update_at((round(track.x_of(epoch)) - 12) / (track.width() - 24) * track.end)
        rest(studio, update)
    studio.qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=QPoint(round(track.x_of(epoch)), y))
    frame = studio.until(lambda frame: frame.pictures is not None and frame.snapshots[0].state.update == update)
    straight = supervised.advance(frame.problem, supervised.start(frame.problem), to_update=update).state
    assert 0 < update < 100
    assert frame.snapshots[0].state.theta.tobytes() == straight.theta.tobytes()
    studio.qtbot.waitUntil(lambda: window.output_view.canvas.pictures is frame.pictures)
    assert window.network_view.graph.theta is frame.snapshots[0].state.theta
    assert window.timeline.phase.text() == f"Update {update:,} of 100 made"
    assert frame.course.reached[1] == 100
    window.timeline.go_to_end()
    again = rest(studio, 100)
    assert again.snapshots[0].state.theta.tobytes() == there.snapshots[0].state.theta.tobytes()


def test_play_in_the_past_goes_on_as_the_run_did_edits_and_all(studio, edited):
    studio.window.bridge.send(Seek(5))
    before = rest(studio, 5)
    assert before.snapshots[0].state.theta[0] != 2.0
    frame = go(studio, 55)
    assert frame.snapshots[0].state.theta.tobytes() == edited.snapshots[0].state.theta.tobytes()
    assert frame.snapshots[0].trace.tobytes() == edited.snapshots[0].trace.tobytes()


def test_an_edit_in_the_past_is_a_branch_and_the_other_one_can_be_returned_to(studio, edited):
    window = studio.window
    window.bridge.send(Seek(20))
    rest(studio, 20)
    window.bridge.send(SetParameters((1,), (-1.0,)))
    frame = studio.until(lambda frame: frame.snapshots[0].state.theta[1] == -1.0)
    assert [(mark.kind, mark.update) for mark in frame.course.marks if mark.kind == "edit"] == [("edit", 20)]
    assert [(branch.begins, branch.reached) for branch in frame.course.branches] == [(40, 60)]
    # The run as it was races the new one, by the same clock.
    go(studio, 10)
    frame = studio.until(lambda frame: len(frame.snapshots) == 2)
    old = frame.snapshots[1].state
    assert (old.update, frame.standings[1].name) == (30, "Branch at 40")
    assert (
        old.theta.tobytes()
        == supervised.advance(frame.problem, supervised.start(frame.problem), to_update=30).state.theta.tobytes()
    )
    studio.qtbot.waitUntil(window.timeline.branches.isVisible)
    window.timeline.branches.click()
    menu = next(each for each in window.timeline.findChildren(QMenu) if each.isVisible())
    assert [action.text() for action in menu.actions()] == ["Parameter set by hand at update 40, up to 60"]
    ways = menu.actions()[0].menu()
    assert [action.text() for action in ways.actions()] == ["Return to it", "Race it no longer"]
    ways.actions()[0].trigger()
    menu.close()
    back = rest(studio, 60)
    assert len(back.snapshots) == 1
    assert back.snapshots[0].state.theta.tobytes() == edited.snapshots[0].state.theta.tobytes()


def test_undo_goes_to_the_moment_of_the_edit_without_it_and_redo_to_where_the_branch_was_left(active, edited):
    press(active, Key.Key_Z, Modifier.ControlModifier)
    undone = rest(active, 40)
    assert undone.snapshots[0].state.theta[0] != 2.0
    active.window.actions_by_name["redo"].trigger()
    redone = rest(active, 60)
    assert redone.snapshots[0].state.theta.tobytes() == edited.snapshots[0].state.theta.tobytes()


def test_the_keyboard_alone_goes_back_by_phase_sample_update_and_epoch(active):
    go(active, 60)
    state = active.snapshot.state
    press(active, Key.Key_Left)
    frame = active.until(lambda frame: frame.snapshots[0].phase is not None)
    assert (frame.snapshots[0].phase.kind, frame.snapshots[0].state.update) == ("update", state.update - 1)
    following = frame.snapshots[0].phase.next_theta
    assert following.tobytes() == state.theta.tobytes()
    press(active, Key.Key_Left)
    frame = active.until(lambda frame: frame.snapshots[0].phase is not None and frame.snapshots[0].phase.layer == 0)
    assert frame.snapshots[0].phase.kind == "backward"
    press(active, Key.Key_Left, Modifier.ShiftModifier)
    frame = active.until(lambda frame: (frame.snapshots[0].phase or frame).sample == 8)
    assert frame.snapshots[0].phase.kind == "backward"
    press(active, Key.Key_Left, Modifier.ControlModifier | Modifier.ShiftModifier)
    active.until(lambda frame: frame.snapshots[0].phase is None and frame.snapshots[0].state.update == state.update - 1)
    press(active, Key.Key_Left, Modifier.ControlModifier)
    frame = active.until(lambda frame: frame.snapshots[0].state.position == 0)
    assert (frame.snapshots[0].state.epoch, frame.snapshots[0].phase) == (state.epoch, None)
    press(active, Key.Key_Home)
    rest(active, 0)
    press(active, Key.Key_End)
    assert rest(active, 60).snapshots[0].state.theta.tobytes() == state.theta.tobytes()


def test_bookmarks_are_set_found_and_removed_by_keys(active):
    go(active, 10)
    press(active, Key.Key_B)
    active.until(lambda frame: any(mark.kind == "bookmark" for mark in frame.course.marks))
    active.qtbot.waitUntil(active.window.timeline.bookmark.isChecked)
    frame = go(active, 20)
    for mark in reversed(frame.course.marks):
        press(active, Key.Key_Left, Modifier.AltModifier)
        rest(active, mark.update)
    press(active, Key.Key_Left, Modifier.AltModifier)
    active.qtbot.waitUntil(lambda: "no mark before" in active.window.notice.text)
    active.window.bridge.send(Seek(10))
    rest(active, 10)
    press(active, Key.Key_B)
    active.until(lambda frame: not any(mark.kind == "bookmark" for mark in frame.course.marks))


def test_the_best_validation_epoch_is_marked(studio):
    studio.click(studio.window.transport.epoch)
    for _ in range(7):
        studio.click(studio.window.transport.epoch)
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 8 and frame.status is Status.PAUSED)
    rows = frame.snapshots[0].trace
    best = rows[rows[:, 3].argmin()]
    assert [(mark.update, mark.epoch) for mark in frame.course.marks if mark.kind == "best"] == [(best[1], best[0])]


def test_any_update_can_be_asked_for_by_its_number(active):
    go(active, 30)
    press(active, Key.Key_G, Modifier.ControlModifier)
    dialog = next(each for each in active.window.findChildren(QInputDialog) if each.isVisible())
    dialog.setIntValue(17)
    dialog.accept()
    rest(active, 17)


def test_steps_back_cannot_be_had_before_the_first_update(studio):
    back = studio.window.timeline.back
    assert not any(button.isEnabled() for button in back.values())
    go(studio, 1)
    studio.qtbot.waitUntil(lambda: all(button.isEnabled() for button in back.values()))
    studio.click(back[Unit.SAMPLE])
    studio.until(lambda frame: frame.snapshots[0].state.update == 0 and frame.snapshots[0].phase is not None)


def test_epochs_and_updates_are_found_from_each_other_between_edits():
    course = Course(((0.0, 0), (2.0, 20), (4.0, 120)), (), ())
    assert [course.update_at(epoch) for epoch in (-1, 0, 1, 2, 3, 9)] == [0, 0, 10, 20, 70, 120]
    assert [course.epoch_at(update) for update in (0, 10, 70, 500)] == [0, 1, 3, 4]


def test_a_mark_says_what_it_is_and_is_met_exactly(studio):
    track = studio.window.timeline.track
    marks = (Mark("edit", 42, 4.2, "Parameter set by hand"), Mark("best", 90, 9.0, "Least validation cost, epoch 9"))
    track.show_span(5.0, Course(((0.0, 0), (10.0, 100)), marks, (Branch(1, "x", 1, 2),)), 10)
    sought = []
    track.sought.connect(sought.append)
    x = round(track.x_of(4.2)) + 2
    studio.qtbot.mouseMove(track, QPoint(x, 14))
    assert track.toolTip() == "Parameter set by hand (update 42)"
    studio.qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(x, 14))
    assert sought == [42]
    assert (track.mark_beside(42, 1), track.mark_beside(42, -1)) == (marks[1], None)
