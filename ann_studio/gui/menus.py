"""The menus, with the platform's usual shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from ann_studio.engine.messages import Redo, Step, StepBack, Unit
from ann_studio.storage.resources import experiments

if TYPE_CHECKING:
    from ann_studio.gui.main_window import MainWindow

Keys = QKeySequence.StandardKey


def build_menus(window: MainWindow) -> dict[str, QAction]:
    """Fill the menu bar; returns the actions that change, by name."""
    files, transport, timeline, send = window.files, window.transport, window.timeline, window.bridge.send
    named: dict[str, QAction] = {}

    def add(menu: QMenu, text: str, act: Callable[[], object], keys: object = None, name: str = "") -> QAction:
        action = menu.addAction(text)
        action.triggered.connect(lambda _checked=False: act())
        if keys is not None:
            action.setShortcut(QKeySequence(keys))  # type: ignore[call-overload]
        if name:
            named[name] = action
        return action

    file = window.menuBar().addMenu("&File")
    add(file, "New", files.new, Keys.New)
    add(file, "Open…", files.ask_open, Keys.Open)
    add(file, "Open table…", files.ask_table, "Ctrl+T")
    recent = file.addMenu("Open recent")
    recent.aboutToShow.connect(lambda: _fill_recent(recent, window))
    _fill_examples(file.addMenu("Examples"), window)
    file.addSeparator()
    add(file, "Save", files.save, Keys.Save)
    add(file, "Save as…", files.save_as, Keys.SaveAs)
    file.addSeparator()
    add(file, "Export model…", files.ask_export, "Ctrl+E")
    add(file, "Predict a table…", files.ask_predict, "Ctrl+P")
    file.addSeparator()
    add(file, "Quit", window.close, Keys.Quit)

    edit = window.menuBar().addMenu("&Edit")
    add(edit, "Undo", window.undo, Keys.Undo, "undo")
    add(edit, "Redo", lambda: send(Redo()), Keys.Redo, "redo")
    edit.addSeparator()
    add(edit, "Copy network picture", window.network_view.copy_picture, "Ctrl+Shift+1")
    add(edit, "Copy output picture", window.output_view.copy_picture, "Ctrl+Shift+2")
    add(edit, "Copy cost picture", window.loss_view.copy_picture, "Ctrl+Shift+3")
    add(edit, "Copy cost numbers", window.loss_view.copy_numbers, "Ctrl+Shift+C")

    run = window.menuBar().addMenu("&Run")
    # Space and the arrow keys belong to the focused control first; the window's own event filter sees to them.
    add(run, "Play or pause\tSpace", transport.play.click)
    add(run, "Step phase\t→", transport.phase.click)
    add(run, "Step sample\tShift+→", transport.sample.click, name="sample")
    add(run, "Step update", lambda: send(Step(Unit.UPDATE)), "Ctrl+Shift+Right")
    add(run, "Step epoch\tCtrl+→", transport.epoch.click)
    run.addSeparator()
    back = timeline.back
    add(run, "Step back phase\t←", back[Unit.PHASE].click)
    add(run, "Step back sample\tShift+←", back[Unit.SAMPLE].click, name="back sample")
    add(run, "Step back update", lambda: send(StepBack(Unit.UPDATE)), "Ctrl+Shift+Left")
    add(run, "Step back epoch\tCtrl+←", back[Unit.EPOCH].click)
    run.addSeparator()
    add(run, "To the beginning\tHome", timeline.go_to_begin)
    add(run, "To the end of what was made\tEnd", timeline.go_to_end)
    add(run, "Go to update…", window.ask_update, "Ctrl+G")
    add(run, "Bookmark this moment\tB", timeline.bookmark.click)
    add(run, "Mark before", lambda: window.go_to_mark(-1), "Alt+Left")
    add(run, "Next mark", lambda: window.go_to_mark(1), "Alt+Right")
    run.addSeparator()
    add(run, "Reset", transport.reset.click, "Ctrl+Home")
    add(run, "New weights", window.new_weights, "Ctrl+R", "weights")
    add(run, "Restart lab…", window.open_restart_lab, "Ctrl+L")
    add(run, "Faster\t+", lambda: transport.change_speed(1))
    add(run, "Slower\t−", lambda: transport.change_speed(-1))

    _build_network_menu(window)

    view = window.menuBar().addMenu("&View")
    add(view, "Network workspace", lambda: window.show_workspace("network"), "F2")
    add(view, "Descent workspace", lambda: window.show_workspace("descent"), "F3")
    add(view, "Microscope workspace", lambda: window.show_workspace("microscope"), "F5")
    add(view, "Other view in its place", window.swap_views, "F4", "swap")
    add(view, "Other view below", lambda: window.swap_views(1), "Shift+F4")
    view.addSeparator()
    drawer = add(view, "Settings", lambda: None, "F9", "drawer")
    drawer.setCheckable(True)
    drawer.setMenuRole(QAction.MenuRole.NoRole)  # macOS would make "Settings" the program's preferences
    drawer.setChecked(True)
    drawer.toggled.connect(window.show_drawer)
    draw = add(view, "Draw points", lambda: None, "Ctrl+D", "draw")
    draw.setCheckable(True)
    draw.toggled.connect(window.output_view.set_drawing)
    window.output_view.draw.toggled.connect(draw.setChecked)
    hints = add(view, "Hints", lambda: None, "Ctrl+Shift+H", "hints")
    hints.setCheckable(True)
    hints.setChecked(window.doctor.on)
    hints.toggled.connect(window.doctor.switch)
    add(view, "Light or dark", window.toggle_theme, "Ctrl+Shift+L")
    add(view, "Full screen", lambda: _toggle_full_screen(window), Keys.FullScreen)

    helping = window.menuBar().addMenu("&Help")
    add(helping, "Report a problem…", files.report, "F1")
    add(helping, "About ANN Studio", files.about)
    return named


def _build_network_menu(window: MainWindow) -> None:
    """What can be done to the selection in the network graph, whose own keys the entries name, and to all of it."""
    menu, view = window.menuBar().addMenu("Net&work"), window.network_view
    fixed: list[QAction] = []
    for text, act, keys in (
        ("Prune the weakest…", view.ask_weakest, "Ctrl+Shift+P"),
        ("Train on around the edit", lambda: view.train_on(window.frame), "Ctrl+Return"),
    ):
        action = QAction(text, window)  # not the menu: what is its own ends when it is cleared
        action.triggered.connect(lambda _checked=False, act=act: act())
        action.setShortcut(QKeySequence(keys))
        fixed.append(action)
    # The keys are to work before the menu was opened.
    menu.addActions(fixed)

    def refill() -> None:
        menu.clear()
        for inner in menu.findChildren(QMenu):
            inner.deleteLater()
        view.fill_menu(menu)
        menu.addSeparator()
        menu.addActions(fixed)

    menu.aboutToShow.connect(refill)


def _toggle_full_screen(window: MainWindow) -> None:
    if window.isFullScreen():
        window.showNormal()
    else:
        window.showFullScreen()


def _fill_recent(menu: QMenu, window: MainWindow) -> None:
    menu.clear()
    for path in window.files.recent():
        menu.addAction(str(path)).triggered.connect(partial(_open, window.files.open_path, path))
    if menu.isEmpty():
        menu.addAction("nothing yet").setEnabled(False)


def _fill_examples(menu: QMenu, window: MainWindow) -> None:
    for title, path in experiments().items():
        menu.addAction(title).triggered.connect(partial(_open, window.files.open_shipped, path))


def _open(opener: Callable[[Path], None], path: Path, _checked: bool = False) -> None:
    opener(path)
