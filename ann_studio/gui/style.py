"""The style sheet and the palette of a theme: everything that looks like the platform's default is set here."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from ann_studio.gui.theme import CONTROL, RADIUS_CARD, RADIUS_CONTROL, Theme, family
from ann_studio.storage.resources import icon


def palette(theme: Theme) -> QPalette:
    """Colours for what no style sheet reaches: selections, disabled text, message boxes."""
    result = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.card),
        (role.AlternateBase, theme.sunken),
        (role.Text, theme.text),
        (role.Button, theme.card),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.error),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.ToolTipBase, theme.text),
        (role.ToolTipText, theme.card),
        (role.PlaceholderText, theme.text_3),
        (role.Link, theme.accent),
        (role.Mid, theme.hairline),
        (role.Dark, theme.outline),
    ):
        result.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.text_3))
    return result


def style_sheet(theme: Theme) -> str:
    """The look of every widget."""
    parts = (_TEXT, _SURFACES, _BUTTONS, _FIELDS, _SLIDERS, _LISTS)
    values = {name: getattr(theme, name) for name in theme.__dataclass_fields__}
    values |= {"family": family(), "card_radius": RADIUS_CARD, "radius": RADIUS_CONTROL, "control": CONTROL - 2}
    values |= {name: icon(f"{name}-{theme.name}").as_posix() for name in ("caret", "tick")}
    return "".join(part % values for part in parts)


_TEXT = """
* { font-family: "%(family)s"; font-size: 14px; }
QLabel, QCheckBox { color: %(text)s; background: transparent; }
QLabel#appTitle { font-size: 14px; font-weight: 600; }
QLabel#appSubtitle { font-size: 13px; color: %(text_2)s; }
QLabel#cardTitle { font-size: 16px; font-weight: 600; }
QLabel#cardSubtitle { font-size: 13px; color: %(text_3)s; }
QLabel#readoutLabel { font-size: 13px; color: %(text_2)s; }
QLabel#readoutValue { font-size: 20px; font-weight: 600; }
QLabel#speedLabel { font-size: 13px; color: %(text_2)s; }
QLabel#fieldLabel { font-size: 13px; color: %(text_2)s; }
QLabel#fieldValue { font-size: 13px; font-weight: 600; }
QLabel#unitCount { font-weight: 600; qproperty-alignment: AlignCenter; }
QLabel#racerTitle { font-size: 14px; font-weight: 600; }
QLabel#racerDetail, QLabel#mainTag { font-size: 12px; color: %(text_2)s; }
QLabel#racerDetail[tone="error"] { color: %(error)s; }
QLabel#refusal { font-size: 13px; font-weight: 600; color: %(error)s; }
QLabel#keyText { font-size: 13px; color: %(text_2)s; }
QLabel#stripText { font-size: 13px; color: %(text_2)s; }
QLabel#stripFigures { font-size: 12px; color: %(text_2)s; }
QLabel#hintTitle { font-size: 15px; font-weight: 600; }
QLabel#hintText { font-size: 13px; }
QLabel#hintEvidence { font-size: 12px; color: %(text_2)s; }
QLabel#stripStrong { font-size: 13px; font-weight: 600; }
QToolTip { color: %(card)s; background: %(text)s; border: none; padding: 6px 8px; font-size: 13px; }
"""

_SURFACES = """
QMainWindow, QWidget#central, QWidget#column, QDialog, QMessageBox { background: %(background)s; }
QFrame#toolbar { background: %(card)s; border: none; border-bottom: 1px solid %(hairline)s; }
QFrame#card { background: %(card)s; border: 1px solid %(hairline)s; border-radius: %(card_radius)spx; }
QFrame#notice { background: %(accent_soft)s; border: 1px solid %(accent)s; border-radius: %(radius)spx; }
QFrame#notice QLabel { font-size: 13px; font-weight: 500; }
QFrame#notice[tone="error"] { background: %(error_soft)s; border-color: %(error)s; }
QFrame#notice[tone="error"] QLabel { color: %(error)s; }
QFrame#notice[tone="done"] { background: %(done_soft)s; border-color: %(done)s; }
QFrame#notice[tone="done"] QLabel { color: %(done)s; }
QFrame#effectStrip { background: %(accent_soft)s; border: none; border-radius: %(radius)spx; }
QFrame#valueField { background: %(sunken)s; border: 1px solid %(accent)s; border-radius: %(radius)spx; }
QLabel#fieldProblem { font-size: 12px; color: %(error)s; }
QFrame#hintCard { background: %(warning_soft)s; border: 1px solid %(warning)s; border-radius: %(card_radius)spx; }
QFrame#hintCard[tone="error"] { background: %(error_soft)s; border-color: %(error)s; }
QProgressBar { background: transparent; border: none; margin: 0 12px; }
QProgressBar#runsDone { margin: 0; background: %(hairline)s; border-radius: 2px; }
QProgressBar::chunk { background: %(accent)s; border-radius: 1px; }
QMenuBar { background: %(card)s; color: %(text)s; padding: 2px 8px; border: none; font-size: 13px; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: %(sunken)s; }
QMenu { background: %(card)s; color: %(text)s; border: 1px solid %(hairline)s; padding: 6px; font-size: 13px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 6px; background: transparent; }
QMenu::item:selected { background: %(accent_soft)s; color: %(text)s; }
QMenu::item:disabled { color: %(text_3)s; }
QMenu::separator { height: 1px; background: %(hairline)s; margin: 6px 8px; }
QMenu::indicator { margin-left: 6px; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: %(hairline)s; border-radius: 4px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: %(outline)s; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""

_BUTTONS = """
QPushButton { color: %(text)s; background: %(card)s; border: 1px solid %(hairline)s; border-radius: %(radius)spx;
    padding: 0 12px; min-height: %(control)spx; font-weight: 500; }
QPushButton:hover { background: %(sunken)s; border-color: %(outline)s; }
QPushButton:pressed { background: %(hairline)s; }
QPushButton:checked { background: %(accent_soft)s; border-color: %(accent)s; }
QPushButton:disabled { color: %(text_3)s; background: %(sunken)s; border-color: %(sunken)s; }
QPushButton:focus { border: 2px solid %(accent)s; }
QPushButton[kind="primary"] { color: %(on_accent)s; background: %(accent)s; border-color: %(accent)s;
    font-weight: 600; }
QPushButton[kind="primary"]:hover { border-color: %(text)s; }
QPushButton[kind="primary"]:focus { border: 2px solid %(text)s; }
QPushButton[kind="primary"]:disabled { color: %(text_3)s; background: %(sunken)s; border-color: %(sunken)s; }
QPushButton[kind="compact"] { min-height: 22px; padding: 0 10px; font-size: 13px; border-radius: 6px; }
QPushButton[kind="segment"] { border: 1px solid transparent; background: transparent; border-radius: 6px;
    min-height: 26px; padding: 0 4px; font-size: 13px; }
QPushButton[kind="segment"]:hover { border-color: %(outline)s; }
QPushButton[kind="segment"]:checked { background: %(card)s; border-color: %(outline)s; font-weight: 600; }
QPushButton[kind="segment"]:focus { border: 2px solid %(accent)s; }
QFrame#segments, QFrame#stepper { background: %(sunken)s; border-radius: %(radius)spx; }
QPushButton#chip { border: none; border-radius: 14px; min-height: 28px; padding: 0 12px; font-size: 13px;
    font-weight: 600; }
QPushButton#chip[tone="done"] { color: %(done)s; background: %(done_soft)s; }
QPushButton#chip[tone="warning"] { color: %(warning)s; background: %(warning_soft)s; }
QPushButton#chip[tone="error"] { color: %(error)s; background: %(error_soft)s; }
QPushButton#chip[tone="accent"] { color: %(accent)s; background: %(accent_soft)s; }
QToolButton#flat, QToolButton#step { color: %(text_2)s; background: transparent; border: 2px solid transparent;
    border-radius: 6px; padding: 2px 4px; min-width: 16px; font-size: 13px; font-weight: 600; }
QToolButton#flat:hover, QToolButton#step:hover { background: %(sunken)s; color: %(text)s; }
QToolButton#flat:focus, QToolButton#step:focus { border-color: %(accent)s; }
QToolButton#flat[tone="accent"] { color: %(accent)s; }
QToolButton#flat[kind="narrow"] { padding: 2px 0; }
QToolButton#flat::menu-indicator { image: none; width: 0; }
QToolButton#step { padding: 0; border-width: 1px; font-size: 16px; font-weight: 500; min-width: 0;
    min-height: 28px; }
QToolButton#step:hover { background: %(hairline)s; }
QToolButton#step:disabled, QToolButton#flat:disabled { color: %(outline)s; }
QCheckBox { spacing: 8px; font-size: 13px; color: %(text_2)s; min-height: 24px; }
QCheckBox::indicator, QMenu::indicator { width: 14px; height: 14px; border: 1px solid %(outline)s; border-radius: 4px;
    background: %(card)s; }
QCheckBox::indicator:hover { border-color: %(text)s; }
QCheckBox::indicator:focus { border: 2px solid %(accent)s; }
QCheckBox::indicator:checked, QMenu::indicator:checked { background: %(accent)s; border-color: %(accent)s;
    image: url("%(tick)s"); }
QCheckBox:focus { color: %(accent)s; }
QCheckBox:disabled { color: %(text_3)s; }
"""

_FIELDS = """
QComboBox, QLineEdit, QPlainTextEdit, QTableWidget { color: %(text)s; background: %(card)s;
    border: 1px solid %(outline)s; border-radius: %(radius)spx; selection-background-color: %(accent)s;
    selection-color: %(on_accent)s; }
QComboBox, QLineEdit { min-height: %(control)spx; padding: 0 10px; font-weight: 500; }
QPlainTextEdit { font-family: "DejaVu Sans Mono", "Menlo", "Consolas", monospace; font-size: 13px; padding: 6px; }
QComboBox:hover, QLineEdit:hover { border-color: %(text_2)s; }
QComboBox:focus, QLineEdit:focus, QPlainTextEdit:focus, QTableWidget:focus {
    border: 2px solid %(accent)s; }
QComboBox:disabled, QLineEdit:disabled { color: %(text_3)s; border-color: %(hairline)s; background: %(sunken)s; }
QComboBox { padding: 0 2px 0 8px; font-size: 13px; }
QComboBox[kind="compact"] { min-height: 26px; border-color: %(hairline)s; border-radius: 6px; }
QComboBox[kind="compact"]:hover { border-color: %(outline)s; }
QComboBox[kind="compact"]:focus { border: 2px solid %(accent)s; }
QComboBox::drop-down { border: none; width: 20px; background: transparent; }
QComboBox::down-arrow { image: url("%(caret)s"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: %(card)s; color: %(text)s; border: 1px solid %(outline)s; outline: none;
    padding: 4px; selection-background-color: %(accent_soft)s; selection-color: %(text)s; }
QComboBox QAbstractItemView::item { min-height: 30px; padding: 0 8px; border-radius: 6px; }
QLineEdit[kind="compact"] { min-height: 26px; padding: 0 6px; font-size: 13px;
    font-weight: 600; border-color: %(hairline)s; border-radius: 6px; }
QLineEdit[kind="compact"]:hover { border-color: %(outline)s; }
QLineEdit[kind="compact"]:focus { border: 2px solid %(accent)s; }
QFrame#stepper QLineEdit { background: transparent; border: 2px solid transparent; min-height: 28px; padding: 0;
    font-size: 13px; font-weight: 600; }
QFrame#stepper QLineEdit:focus { border-color: %(accent)s; border-radius: 6px; }
"""

_SLIDERS = """
QSlider { min-height: 24px; background: transparent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: %(hairline)s; margin: 0 2px; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: %(accent)s; margin: 0 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
    border: 2px solid %(accent)s; background: %(card)s; }
QSlider::handle:horizontal:hover { background: %(accent_soft)s; }
QSlider::handle:horizontal:focus { background: %(accent)s; border-color: %(text)s; }
QSlider::sub-page:horizontal:disabled { background: %(outline)s; }
QSlider::handle:horizontal:disabled { border-color: %(outline)s; }
"""

_LISTS = """
QTableWidget { gridline-color: %(hairline)s; font-size: 13px; }
QTableWidget::item { padding: 2px 8px; }
QTableWidget::item:selected { background: %(accent_soft)s; color: %(text)s; }
QHeaderView { background: %(sunken)s; border: none; }
QHeaderView::section { background: %(sunken)s; color: %(text_2)s; border: none; padding: 6px 8px; font-size: 13px;
    font-weight: 600; }
QTableCornerButton::section, QAbstractScrollArea::corner { background: %(sunken)s; border: none; }
"""
