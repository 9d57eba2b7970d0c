"""Everything can be reached and named without a mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit, QWidget

from ann_studio.engine.messages import Status
from ann_studio.gui.controls import reading_order
from ann_studio.gui.dialogs.import_table import ImportDialog
from ann_studio.gui.dialogs.report import ReportDialog
from ann_studio.storage.resources import resource
from ann_studio.storage.tables import load_table


def chain(root: QWidget) -> list[QWidget]:
    """What Tab stops at below `root`, in Tab's order, each widget once."""
    found, widget = [], root.nextInFocusChain()
    while widget is not root:
        stops = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled() and widget.isVisible()
        if stops and root.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def controls(root: QWidget) -> list[QWidget]:
    """Everything that a person can operate, visible or folded away."""
    kinds = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)
    inner = ("qt_", "ScrollLeftButton", "ScrollRightButton")
    return [
        widget
        for widget in root.findChildren(QWidget)
        if (isinstance(widget, kinds) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and not widget.objectName().startswith(inner)
        and type(widget).__name__ not in ("QScrollBar", "QListView", "QMenuBar")  # the lists are those of combo boxes
        and not isinstance(widget.parentWidget(), QComboBox)
    ]


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} {widget.objectName()!r} {widget.accessibleName()!r}"
        for widget in controls(root)
        if not widget.accessibleName() or not widget.toolTip()
    ]


def open_folds(studio) -> None:
    for card in (studio.window.data_card, studio.window.network_card, studio.window.training_card):
        card.unfold.setChecked(True)
    QApplication.processEvents()


def test_every_control_of_the_window_has_a_name_and_a_tooltip(studio):
    for file in ("02-circle.json", "iris.json", "04-sine.json", "worked-example.json"):
        studio.open(file)
        open_folds(studio)
        assert nameless(studio.window.centralWidget()) == [], file


def test_names_tell_controls_apart(studio):
    open_folds(studio)
    names = [widget.accessibleName() for widget in chain(studio.window)]
    assert sorted(names) == sorted(set(names))


def test_every_control_of_the_dialogs_has_a_name_a_tooltip_and_a_place_in_reading_order(studio):
    path = resource("datasets", "iris.csv")
    for dialog in (ImportDialog(studio.window, load_table(path), path), ReportDialog(studio.window)):
        dialog.open()
        QApplication.processEvents()
        assert nameless(dialog) == []
        stops = chain(dialog)
        assert stops == [widget for widget in reading_order(dialog) if widget in stops]
        assert {type(widget).__name__ for widget in stops} >= {"QPushButton"}
        dialog.close()
        dialog.deleteLater()


def test_tab_reaches_everything_in_reading_order(studio, qtbot):
    open_folds(studio)
    window = studio.window
    window.training_card.optimizer.chosen.emit("adam")
    studio.until(lambda frame: frame.problem.experiment.learning.optimizer.__struct_config__.tag == "adam")
    studio.click(window.network_card.add)
    studio.until(lambda frame: len(frame.problem.experiment.network.hidden) == 3)
    QApplication.processEvents()
    stops = chain(window)
    regions = (
        window.transport, window.data_card, window.network_card, window.training_card,
        window.network_view, window.output_view, window.loss_view, window.timeline,
    )  # fmt: skip
    begins = []
    for region in regions:
        inside = [widget for widget in stops if region.isAncestorOf(widget)]
        begins.append(stops.index(inside[0]))
        assert inside == [widget for widget in reading_order(region) if widget in inside]
        at = [stops.index(widget) for widget in inside]
        assert at == list(range(at[0], at[0] + len(at))), f"Tab leaves {type(region).__name__} before its end"
    assert begins == sorted(begins)


def test_each_hidden_layer_comes_after_the_one_before_it(studio):
    card = studio.window.network_card
    stops = chain(studio.window)
    at = [stops.index(control) for row in card.layers for control in (row.units.field, row.activation, row.remove)]
    assert at == sorted(at)
    assert stops.index(card.features) < at[0]
    assert at[-1] < stops.index(card.output_activation)


def focus_nothing(studio) -> None:
    """As after a click beside all controls: the keys belong to the window."""
    studio.window.activateWindow()
    studio.window.centralWidget().setFocus()
    QApplication.processEvents()


def key(studio, pressed: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    studio.qtbot.keyClick(QApplication.focusWidget() or studio.window, pressed, modifiers)


def test_space_plays_and_pauses_arrows_step_and_home_resets(studio):
    focus_nothing(studio)
    key(studio, Qt.Key.Key_Space)
    studio.until(lambda frame: frame.status is Status.TRAINING)
    key(studio, Qt.Key.Key_Space)
    studio.until(lambda frame: frame.status is Status.PAUSED)
    key(studio, Qt.Key.Key_Home)
    studio.until(lambda frame: frame.snapshots[0].state.update == 0 and frame.status is not Status.TRAINING)
    key(studio, Qt.Key.Key_Right)
    frame = studio.until(lambda frame: frame.snapshots[0].phase is not None)
    assert frame.snapshots[0].phase.kind == "forward"
    key(studio, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    studio.until(lambda frame: frame.snapshots[0].phase is not None and frame.snapshots[0].phase.kind == "backward")
    key(studio, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    studio.until(lambda frame: (frame.snapshots[0].state.epoch, frame.snapshots[0].state.position) == (1, 0))


def test_arrows_in_the_graph_walk_and_do_not_step(studio):
    graph = studio.window.network_view.graph
    graph.setFocus()
    for pressed in (Qt.Key.Key_Down, Qt.Key.Key_Right):
        key(studio, pressed)
    assert (graph.point.layer, studio.snapshot.phase) == (1, None)


def test_a_click_into_the_output_leaves_the_arrow_keys_to_the_steps(studio):
    focus_nothing(studio)
    canvas = studio.window.output_view.canvas
    studio.click(canvas)
    key(studio, Qt.Key.Key_Right)
    studio.until(lambda frame: frame.snapshots[0].phase is not None)


def test_the_views_say_their_figures_to_a_screen_reader(studio):
    studio.click(studio.window.transport.epoch)
    frame = studio.until(lambda frame: frame.snapshots[0].state.epoch == 1 and frame.pictures is not None)
    accuracy = f"{100 * frame.pictures.validation.accuracy:.1f} %"
    canvas, plot = studio.window.output_view.canvas, studio.window.loss_view.plot
    studio.qtbot.waitUntil(lambda: accuracy in canvas.accessibleDescription())
    assert f"{frame.snapshots[0].train_loss:.3f}" in plot.accessibleDescription()
