"""Import a table: see its first rows and what was recognised, choose what is to be learned."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ann_studio.data.table import Table, describe, suggest_target, to_dataset
from ann_studio.learning.experiment import TableData

_ROWS = 6
_KINDS = {
    "number": "number",
    "text": "text of few values",
    "identifier": "identifier, set aside",
    "date": "date, set aside",
    "free_text": "free text, set aside",
    "constant": "constant, set aside",
    "empty": "empty, set aside",
}


class ImportDialog(QDialog):
    """Asks for target, kind of target, and what to do with missing cells. `data` is the answer."""

    def __init__(self, parent: QWidget | None, table: Table, path: Path) -> None:
        super().__init__(parent)
        self._table, self._path = table, path
        self._columns = describe(table)
        self.setWindowTitle(f"Import {path.name}")
        self.resize(760, 520)
        self.preview = self._preview()
        self.target = QComboBox()
        self.target.addItems(list(table.header))
        self.target.setCurrentText(suggest_target(table))
        self._name(self.target, "Target", "The column that the network is to predict")
        self.task = QComboBox()
        for text, value in (("as recognised", None), ("classes", "classes"), ("numbers", "numbers")):
            self.task.addItem(text, value)
        self._name(self.task, "Kind of target", "Whether the target is one of several classes, or a number")
        self.missing = QComboBox()
        self.missing.addItem("leave out rows with missing cells", "drop")
        self.missing.addItem("fill missing numbers with the mean", "fill")
        self._name(self.missing, "Missing cells", "What happens to rows in which a cell is empty")
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setMinimumHeight(76)
        self.summary.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.accept_button = QPushButton("Import")
        self.accept_button.setProperty("kind", "primary")
        self.accept_button.setToolTip("Start afresh with this table (Enter)")
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self.accept)
        self._lay_out()
        for box in (self.target, self.task, self.missing):
            box.currentIndexChanged.connect(self._review)
        self._review()

    @property
    def data(self) -> TableData:
        """The data section of the experiment, as chosen."""
        return TableData(
            path=str(self._path.resolve()),
            target=(self.target.currentText(),),
            missing=self.missing.currentData(),
            task=self.task.currentData(),
        )

    def _name(self, box: QComboBox, name: str, hint: str) -> None:
        box.setAccessibleName(name)
        box.setToolTip(hint)

    def _preview(self) -> QTableWidget:
        table, rows = self._table, min(_ROWS, len(self._table.columns[0]))
        widget = QTableWidget(rows + 1, len(table.header))
        widget.setHorizontalHeaderLabels(list(table.header))
        widget.setVerticalHeaderLabels(["kind", *(str(k + 1) for k in range(rows))])
        for column, info in enumerate(self._columns):
            widget.setItem(0, column, QTableWidgetItem(_KINDS.get(info.kind, info.kind)))
            for row in range(rows):
                widget.setItem(row + 1, column, QTableWidgetItem(table.columns[column][row][:60]))
        widget.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        widget.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        widget.setAccessibleName("First rows of the table")
        widget.setToolTip("What was recognised in each column, and the first rows")
        return widget

    def _lay_out(self) -> None:
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Keep what is open (Esc)")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.accept_button)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("Target", self.target)
        form.addRow("Kind of target", self.task)
        form.addRow("Missing cells", self.missing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.preview, 1)
        layout.addLayout(form)
        layout.addWidget(self.summary)
        layout.addLayout(buttons)

    def _review(self) -> None:
        """Say what the choice gives, or why it cannot be."""
        data = self.data
        try:
            dataset = to_dataset(self._table, data.target, data.inputs, data.missing, data.task)
        except ValueError as error:
            self.summary.setText(str(error))
            self.accept_button.setEnabled(False)
            return
        target = dataset.target
        learned = (
            f"{len(target.labels)} classes ({', '.join(target.labels[:6])}{'…' if len(target.labels) > 6 else ''})"
            if hasattr(target, "labels")
            else "numbers"
        )
        sentence = f"{dataset.rows:,} rows, {dataset.inputs.shape[1]:,} inputs; {data.target[0]} is read as {learned}."
        self.summary.setText(" ".join([sentence, *dataset.notes]))
        self.accept_button.setEnabled(True)
