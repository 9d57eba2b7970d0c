"""Report a problem: versions and log as one text to copy."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ann_studio.gui.controls import describe
from ann_studio.storage.log_file import problem_report


class ReportDialog(QDialog):
    """Shows the report and copies it."""

    def __init__(self, parent: QWidget, details: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle("Report a problem")
        self.resize(760, 520)
        self.text = QPlainTextEdit(details + ("\n\n" if details else "") + problem_report())
        self.text.setReadOnly(True)
        describe(self.text, "Report", "Versions, the last error and the log")
        self.text.setTabChangesFocus(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.copy = QPushButton("Copy")
        self.copy.setProperty("kind", "primary")
        describe(self.copy, "Copy", "Copy the whole report to the clipboard")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        close = QPushButton("Close")
        describe(close, "Close", "Close this window (Esc)")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        hint = QLabel(
            "Copy this text into your message, and say what you did and what you expected."
            " It holds versions and the log; look it over before you send it."
        )
        hint.setWordWrap(True)
        layout.addWidget(hint)
        layout.addWidget(self.text, 1)
        layout.addLayout(buttons)
