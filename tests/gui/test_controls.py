"""Controls show what they are given without an echo, and report what the user does once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from ann_studio.gui.controls import (
    Choice,
    Elided,
    MenuChoice,
    Segments,
    Switch,
    fitting,
    reading_order,
    tab_in_reading_order,
)
from ann_studio.gui.fields import NumberField, Slider, SliderRow, Stepper, read_number, write_number
from ann_studio.gui.view import Card

LEFT = Qt.MouseButton.LeftButton


def made(qtbot, control, signal: str):
    """A control on the screen and the list of what it reports."""
    qtbot.addWidget(control)
    control.resize(200, 40)
    control.show()
    heard = []
    getattr(control, signal).connect(heard.append)
    return control, heard


def choice() -> Choice:
    return Choice("Colour", "A colour", [("Red", 1), ("Green", 2), ("Blue", 3)])


def segments() -> Segments:
    return Segments("Size", [("S", "small", "s"), ("M", "medium", "m")])


def slider_row() -> SliderRow:
    return SliderRow("Noise", "Noise", (0.0, 0.1, 0.2, 0.3), str)


#: Control, signal, and values to show.
SHOWING = {
    "choice": (choice, "chosen", (1, 3, 2)),
    "segments": (segments, "chosen", ("s", "m", "s")),
    "number": (lambda: NumberField("n", "n"), "typed", (1, 0.5, None, -3)),
    "slider row": (slider_row, "chosen", (0.1, 0.3, 0.0, 0.27)),
    "stepper": (lambda: Stepper("n", "n", 1, 9), "chosen", (3, 9, 1)),
    "switch": (lambda: Switch("On", "On"), "switched", (True, False, True)),
}


@pytest.mark.parametrize("name", SHOWING)
def test_showing_a_value_reports_nothing(name, qtbot):
    make, signal, values = SHOWING[name]
    control, heard = made(qtbot, make(), signal)
    for value in values:
        control.show_value(value)
        control.show_value(value)
    QApplication.processEvents()
    assert heard == []


# --- numbers as people type them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), (" 0.03 ", 0.03), ("0,03", 0.03), ("−4", -4), ("−0,5", -0.5), ("1e-3", 0.001), ("1e−3", 0.001),
        ("1 000", 1000), ("1\u202f000", 1000), ("1,000", 1000), ("12,345,678", 12345678), ("0,005", 0.005),
        ("1,5", 1.5), ("1,0005", 1.0005), ("ten", "ten"), ("", ""), ("1.2.3", "1.2.3"), ("1,2,3", "1,2,3"),
        ("--1", "--1"),
    ],
)  # fmt: skip
def test_numbers_are_read_with_decimal_comma_true_minus_and_thousands(text, value):
    read = read_number(text)
    assert read == value
    assert isinstance(read, type(value))


@given(st.one_of(st.integers(-(10**15), 10**15), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_is_read_back_as_it_was_written(value):
    assert read_number(write_number(value)) == value


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_number_or_the_text_itself(text):
    read = read_number(text)
    assert isinstance(read, int | float) or read == text.strip()


def test_a_typed_number_is_reported_once_though_enter_and_leaving_both_end_it(qtbot):
    field, heard = made(qtbot, NumberField("Rate", "Rate"), "typed")
    field.show_value(0.03)
    field.selectAll()
    qtbot.keyClicks(field, "0,5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    field.editingFinished.emit()
    assert heard == [0.5]


@pytest.mark.parametrize("text", ["0.030", "0,03", " 0.03"])
def test_the_same_number_in_another_dress_is_no_change_and_is_shown_plainly_again(text, qtbot):
    field, heard = made(qtbot, NumberField("Rate", "Rate"), "typed")
    field.show_value(0.03)
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (heard, field.text()) == ([], "0.03")


def test_an_emptied_field_reports_none_and_nonsense_reports_itself(qtbot):
    field, heard = made(qtbot, NumberField("Rate", "Rate"), "typed")
    for text in ("", "soon"):
        field.show_value(0.03)
        field.selectAll()
        qtbot.keyClick(field, Qt.Key.Key_Delete)
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard == [None, "soon"]
    field.show_value(0.03)
    assert field.text() == "0.03"


# --- choices --------------------------------------------------------------------------------------------------------


def test_another_option_is_reported_once_and_the_same_one_not_at_all(qtbot):
    control, heard = made(qtbot, choice(), "chosen")
    control.show_value(1)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(control, key)
    assert heard == [2, 3, 2]
    control.activated.emit(control.currentIndex())
    assert heard == [2, 3, 2]


def test_after_a_refusal_the_option_that_holds_is_shown_and_can_be_left_again(qtbot):
    control, heard = made(qtbot, choice(), "chosen")
    control.show_value(1)
    qtbot.keyClick(control, Qt.Key.Key_Down)
    control.show_value(1)
    assert control.currentText() == "Red"
    qtbot.keyClick(control, Qt.Key.Key_Down)
    assert heard == [2, 2]


def test_a_pressed_segment_pressed_again_asks_for_nothing(qtbot):
    control, heard = made(qtbot, segments(), "chosen")
    control.show_value("s")
    qtbot.mouseClick(control.button("s"), LEFT)
    qtbot.mouseClick(control.button("m"), LEFT)
    qtbot.mouseClick(control.button("m"), LEFT)
    assert heard == ["m"]


def test_a_switch_reports_what_it_was_switched_to(qtbot):
    control, heard = made(qtbot, Switch("On", "On"), "switched")
    control.show_value(True)
    qtbot.keyClick(control, Qt.Key.Key_Space)
    assert heard == [False]


def test_ticks_are_reported_by_position_and_the_open_menu_keeps_its_entries(qtbot):
    control, _ = made(qtbot, MenuChoice("Features", "Features"), "activated")
    heard = []

    def offer(second: bool) -> None:
        control.set_ticks([("R&D", True), ("b", second)], lambda position, on: heard.append((position, on)))

    offer(False)
    actions = control.menu.actions()
    actions[1].trigger()
    offer(True)
    assert heard == [(1, True)]
    assert control.menu.actions() == actions
    assert [action.isChecked() for action in actions] == [True, True]
    assert actions[0].text() == "R&&D"
    control.set_ticks([("c", False)], lambda position, on: heard.append((position, on)))
    control.menu.actions()[0].trigger()
    assert heard == [(1, True), (0, True)]


# --- sliders and steppers -------------------------------------------------------------------------------------------


def test_a_slider_reports_where_it_is_let_go(qtbot):
    slider, heard = made(qtbot, Slider("s", "s", 10), "settled")
    moved = []
    slider.moved.connect(moved.append)
    slider.show_position(2)
    slider.setSliderDown(True)
    for position in (3, 4, 7):
        slider.setSliderPosition(position)
    assert heard == []
    slider.setSliderDown(False)
    assert (moved, heard) == ([3, 4, 7], [7])
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert heard == [7, 8]


def test_while_a_hand_holds_the_slider_frames_do_not_move_it(qtbot):
    slider, heard = made(qtbot, Slider("s", "s", 10), "settled")
    slider.show_position(2)
    slider.setSliderDown(True)
    slider.setSliderPosition(6)
    slider.show_position(2)
    assert slider.sliderPosition() == 6
    slider.setSliderDown(False)
    assert heard == [6]


def test_a_slider_let_go_where_it_was_shows_the_true_value_again(qtbot):
    row, heard = made(qtbot, slider_row(), "chosen")
    row.show_value(0.27)
    row.slider.setSliderDown(True)
    row.slider.setSliderPosition(1)
    assert row.value.text() == "0.1"
    row.slider.setSliderPosition(3)
    row.slider.setSliderDown(False)
    assert (row.value.text(), heard) == ("0.27", [])


def test_the_wheel_scrolls_the_card_and_changes_no_setting(qtbot):
    for make, signal in ((choice, "chosen"), (lambda: Slider("s", "s", 10), "settled")):
        control, heard = made(qtbot, make(), signal)
        event = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(control, event)
        assert heard == []
        assert not event.isAccepted()


def test_a_stepper_steps_by_button_key_and_typing_within_its_limits(qtbot):
    stepper, heard = made(qtbot, Stepper("Units", "Neurons", 1, 4), "chosen")
    stepper.show_value(2)
    qtbot.mouseClick(stepper.more, LEFT)
    qtbot.keyClick(stepper.field, Qt.Key.Key_Up)
    qtbot.keyClick(stepper.field, Qt.Key.Key_Up)
    assert (heard, stepper.more.isEnabled()) == ([3, 4], False)
    stepper.field.selectAll()
    qtbot.keyClicks(stepper.field, "1")
    qtbot.keyClick(stepper.field, Qt.Key.Key_Return)
    assert (heard, stepper.less.isEnabled()) == ([3, 4, 1], False)


@pytest.mark.parametrize(("text", "reported"), [("many", "many"), ("2.5", 2.5), ("99", 99), ("0", 0)])
def test_what_a_stepper_cannot_be_is_reported_to_be_refused_and_the_truth_is_shown(text, reported, qtbot):
    stepper, heard = made(qtbot, Stepper("Units", "Neurons", 1, 9), "chosen")
    stepper.show_value(4)
    stepper.field.selectAll()
    qtbot.keyClicks(stepper.field, text)
    qtbot.keyClick(stepper.field, Qt.Key.Key_Return)
    assert (heard, stepper.field.text(), stepper.value) == ([reported], "4", 4)


def test_four_digits_fit_into_a_stepper(studio):
    studio.window.network_card.layers[0].units.show_value(4096)
    field = studio.window.network_card.layers[0].units.field
    room = field.width() - 2 * 2 - 2 * 2 + 4  # frame and Qt's own margin, less the text margins
    assert field.fontMetrics().horizontalAdvance("4096") <= room


# --- words and order ------------------------------------------------------------------------------------------------


def test_a_long_line_is_cut_with_dots_and_asks_for_no_room(qtbot):
    label = Elided("a_very_long_name_of_a_column_in_a_table", "cardSubtitle")
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() <= 28
    label.resize(80, 20)
    assert label.shown_text().endswith("…")
    assert label.toolTip() == label.text()
    label.resize(900, 20)
    assert label.shown_text() == label.text()


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("after 5 epochs · gap to the lowest minimum found, 0.0522", 60, "all"),
        (
            "after 5 epochs · gap to the lowest minimum found, 0.0522",
            53,
            "after 5 epochs · gap to the lowest minimum found",
        ),
        ("after 5 epochs · gap to the lowest minimum found, 0.0522", 40, "after 5 epochs"),
        ("after 12,345 epochs", 15, "after 12,345 …"),
        ("after 12,345 epochs", 10, "after …"),
        ("after 12,345 epochs", 5, "afte…"),
        ("12,345 epochs", 5, ""),
        ("2 of 8 samples per update", 4, ""),
        ("2 of 8 samples per update", 9, "2 of 8 …"),
        ("η 0.03 · 2 of 8 samples", 4, ""),
        ("explains 1 % of the path · through the ball", 22, "explains 1 % …"),
        ("exact · thick: epoch means · thin: every update", 12, "exact"),
    ],
)
def test_a_line_says_less_where_there_is_less_room_in_whole_words_and_whole_numbers(text, room, shown):
    assert fitting(text, room, len) == (text if shown == "all" else shown)


def test_the_subtitle_of_a_card_is_never_cut_within_a_number(qtbot):
    card = Card("Race table")
    qtbot.addWidget(card)
    card.describe("after 5 epochs · gap to the lowest minimum found, 0.0522")
    card.show()
    for width in range(180, 700, 7):
        card.resize(width, 100)
        QApplication.processEvents()
        said, label = card.subtitle.shown_text(), card.subtitle
        assert label.fontMetrics().horizontalAdvance(said) <= label.contentsRect().width()
        assert "…" not in said or said in {"after …", "after 5 …"} or not set(said) & set("0123456789")
    assert said == label.text()


def test_tab_goes_through_controls_as_they_are_read_whenever_they_were_made(qtbot):
    root = QWidget()
    qtbot.addWidget(root)
    column, row = QVBoxLayout(root), QHBoxLayout()
    last, right, left, first = (QPushButton(name) for name in ("last", "right", "left", "first"))
    column.addWidget(first)
    column.addLayout(row)
    row.addWidget(left)
    row.addWidget(right)
    inner = QWidget()
    QVBoxLayout(inner).addWidget(last)
    column.addWidget(inner)
    tab_in_reading_order(root)
    assert list(reading_order(root)) == [first, left, right, last]
    walked, widget = [], first
    for _ in range(12):
        if isinstance(widget, QPushButton | QSlider):
            walked.append(widget)
        widget = widget.nextInFocusChain()
    assert walked[:4] == [first, left, right, last]
