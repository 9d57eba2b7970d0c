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
from ann_studio.gui.controls import MenuChoice, tab_in_reading_order
from ann_studio.gui.controls import describe as describe_control
from ann_studio.learning.experiment import TableData

_ROWS = 6
#: Entries of a menu; the first columns of a very wide table.
_MOST_ENTRIES = 200
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
        self.resize(760, 600)
        self.preview = self._preview()
        self.target = QComboBox()
        self.target.addItems(list(table.header))
        self.target.setCurrentText(suggest_target(table))
        self._name(self.target, "Target", "The column that the network is to predict")
        self.further = MenuChoice("Further targets", "More columns of numbers to predict at the same time")
        self.inputs = MenuChoice("Inputs", "The columns that the network is shown; the others are left out")
        self._more_targets: set[int] = set()
        self._left_out: set[int] = set()
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
        describe_control(self.accept_button, "Import", "Start afresh with this table (Enter)")
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self.accept)
        self._lay_out()
        self.target.currentIndexChanged.connect(self._target_chosen)
        for box in (self.task, self.missing):
            box.currentIndexChanged.connect(self._review)
        self._target_chosen()
        self.target.setFocus()

    @property
    def data(self) -> TableData:
        """The data section of the experiment, as chosen."""
        header = self._table.header
        targets = [self.target.currentIndex(), *sorted(self._more_targets)]
        inputs = None
        if self._left_out:
            usable = [k for k in self._usable() if k not in self._left_out and k not in targets]
            inputs = tuple(header[k] for k in usable)
        return TableData(
            path=str(self._path.resolve()),
            target=tuple(header[k] for k in targets),
            inputs=inputs,
            missing=self.missing.currentData(),
            task=self.task.currentData(),
        )

    def _usable(self) -> list[int]:
        """Columns that a network can be shown."""
        return [k for k, info in enumerate(self._columns) if info.kind in ("number", "text")]

    def _target_chosen(self) -> None:
        """Another target: offer the other columns as inputs and, if they are numbers, as further targets."""
        self._more_targets.clear()
        target = self.target.currentIndex()
        numbers = [k for k in self._usable() if k != target and self._columns[k].kind == "number"]
        several = self._columns[target].kind == "number" and bool(numbers)
        self.further.setEnabled(several)
        self.further.set_ticks(
            [(self._columns[k].name, False) for k in numbers[:_MOST_ENTRIES]] if several else [],
            lambda position, on: self._tick(self._more_targets, numbers[position], on),
        )
        inputs = [k for k in self._usable() if k != target]
        self.inputs.set_ticks(
            [(self._columns[k].name, k not in self._left_out) for k in inputs[:_MOST_ENTRIES]],
            lambda position, on: self._tick(self._left_out, inputs[position], not on),
        )
        self._review()

    def _tick(self, columns: set[int], column: int, on: bool) -> None:
        if on:
            columns.add(column)
        else:
            columns.discard(column)
        self._review()

    def _name(self, box: QComboBox, name: str, hint: str) -> None:
        describe_control(box, name, hint)
        # A long name must not make the dialog wider than the screen.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(20)

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
        widget.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        widget.setTabKeyNavigation(False)
        hint = "What was recognised in each column, and the first rows"
        describe_control(widget, "First rows of the table", hint)
        return widget

    def _lay_out(self) -> None:
        cancel = QPushButton("Cancel")
        describe_control(cancel, "Cancel", "Keep what is open (Esc)")
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.accept_button)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow("Target", self.target)
        form.addRow("Further targets", self.further)
        form.addRow("Inputs", self.inputs)
        form.addRow("Kind of target", self.task)
        form.addRow("Missing cells", self.missing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.preview, 1)
        layout.addLayout(form)
        layout.addWidget(self.summary)
        layout.addLayout(buttons)
        tab_in_reading_order(self)

    def _review(self) -> None:
        """Say what the choice gives, or why it cannot be."""
        data = self.data
        chosen = [k for k in self._usable() if k not in self._left_out and self._columns[k].name not in data.target]
        self.inputs.show_text("all that are usable" if not self._left_out else f"{len(chosen)} columns")
        more = ", ".join(data.target[1:])
        none = "none" if self.further.isEnabled() else "none: only for targets that are numbers"
        self.further.show_text(more or none)
        try:
            if data.inputs == ():
                raise ValueError("choose at least one input")
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
        counts = f"{dataset.rows:,} rows, {dataset.inputs.shape[1]:,} inputs"
        sentence = f"{counts}; {', '.join(data.target)} is read as {learned}."
        self.summary.setText(" ".join([sentence, *dataset.notes]))
        self.accept_button.setEnabled(True)
