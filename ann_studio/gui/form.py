"""Forms made from the experiment's own declaration: titles, ranges and rows of number fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import inspect
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ann_studio.gui.controls import named
from ann_studio.gui.fields import NumberField
from ann_studio.learning.experiment import Experiment, InvalidExperiment
from ann_studio.storage.experiment_file import describe

#: The ``.0`` of a bound that is a whole number.
_WHOLE = re.compile(r"(?<=\d)\.0\b")


def title_of(struct: type[msgspec.Struct], field: str) -> str:
    """The title that the field's declaration gives it, else its name in words."""
    found = next(each for each in inspect.type_info(struct).fields if each.name == field)  # type: ignore[attr-defined]
    return _title(found.type) or field.replace("_", " ").capitalize()


def refusal(path: str, error: InvalidExperiment) -> str:
    """Why a setting is refused, for a person: ``Learning rate η: expected float > 0``."""
    name = next((part for part in reversed(path.split(".")) if not part.isdigit()), path)
    message = describe(error).partition(": ")[2]
    for kind, words in (("float", "a number"), ("int", "a whole number"), (", got str", ""), (" | null", "")):
        message = message.replace(kind, words)
    return f"{_titles().get(name, name.replace('_', ' '))}: {_WHOLE.sub('', message)}"


def _title(kind: Any) -> str:
    if isinstance(kind, inspect.Metadata):
        return str((kind.extra_json_schema or {}).get("title", "")) or _title(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next((title for title in map(_title, kind.types) if title), "")
    return ""


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    """Field name → title, of all structs of the experiment; of two fields with one name the first."""
    found: dict[str, str] = {}
    waiting, seen = [inspect.type_info(Experiment)], set()
    while waiting:
        kind: Any = waiting.pop(0)
        if isinstance(kind, inspect.Metadata):
            waiting.append(kind.type)
        elif isinstance(kind, inspect.UnionType):
            waiting.extend(kind.types)
        elif isinstance(kind, inspect.VarTupleType):
            waiting.append(kind.item_type)
        elif isinstance(kind, inspect.StructType) and kind.cls not in seen:
            seen.add(kind.cls)
            for field in kind.fields:
                found.setdefault(field.name, _title(field.type))
                waiting.append(field.type)
    return {name: title for name, title in found.items() if title}


class NumberForm(QWidget):
    """A row for each number of a struct, built anew when the struct is of another type.

    Parameters
    ----------
    path
        Dotted path of the struct in the experiment, put before the name of each field.
    report
        Called with path and value of a field that was typed into.
    without
        Fields that are shown elsewhere.
    """

    def __init__(self, path: str, report: Callable[[str, Any], None], without: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._path, self._report, self._without = path, report, without
        self._struct: type[msgspec.Struct] | None = None
        self.fields: dict[str, NumberField] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)

    def show_struct(self, struct: msgspec.Struct) -> None:
        """Show the numbers of `struct`."""
        if type(struct) is not self._struct:
            self._build(type(struct))
        for path, field in self.fields.items():
            value: Any = struct
            for name in path.split("."):
                value = value[int(name)] if name.isdigit() else getattr(value, name)
            field.show_value(value)
        self.setVisible(bool(self.fields))

    def _build(self, struct: type[msgspec.Struct]) -> None:
        self._struct, self.fields = struct, {}
        while (item := self._layout.takeAt(0)) is not None:
            row = item.widget()
            assert row is not None
            row.hide()
            row.deleteLater()
        for field in inspect.type_info(struct).fields:  # type: ignore[attr-defined]
            if field.name in self._without:
                continue
            count = len(field.default) if isinstance(field.default, tuple) else 0
            paths = [f"{field.name}.{k}" for k in range(count)] if count else [field.name]
            self._layout.addWidget(self._row(title_of(struct, field.name), paths))

    def _row(self, title: str, paths: list[str]) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(named(QLabel(title), "fieldLabel"))
        layout.addStretch(1)
        for position, path in enumerate(paths):
            name = title if len(paths) == 1 else f"{title}, number {position + 1} of {len(paths)}"
            field = NumberField(name, f"{name}: type a number and press Enter")
            field.typed.connect(lambda value, path=path: self._report(f"{self._path}.{path}", value))
            self.fields[path] = field
            layout.addWidget(field)
        return row
