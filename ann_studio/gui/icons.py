"""Icons: glyphs of the Phosphor font that comes with qtawesome.

Only its files are used. The package itself has every binding of Qt and twelve fonts in mind, and takes a tenth of a
second to import: as long as the whole window takes to be made.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from ann_studio.gui.theme import Theme

#: Height of the glyphs as a part of an icon's.
_SHARE = 0.875


def icon(name: str, theme: Theme, colour: str | None = None) -> QIcon:
    """The Phosphor icon `name` in a colour of the theme (its text by default)."""
    return _drawn(_letters()[name], theme.text if colour is None else colour, theme.text_3)


@cache
def _drawn(letter: str, colour: str, disabled: str) -> QIcon:
    """One icon for all who show it. It is kept: where Qt destroys an engine that is Python's, the process may end."""
    return QIcon(_Engine(letter, colour, disabled))


class _Engine(QIconEngine):
    """Draws a letter at whatever size is asked for."""

    def __init__(self, letter: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._letter, self._colour, self._disabled = letter, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the letter in the middle."""
        font = QFont(_family())
        font.setPixelSize(max(1, round(_SHARE * rect.height())))
        painter.setFont(font)
        painter.setPen(QColor(self._disabled if mode is QIcon.Mode.Disabled else self._colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._letter)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The letter on a transparent ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap


def _file(pattern: str) -> Path:
    package = find_spec("qtawesome")
    if package is None or package.origin is None:
        raise ImportError("qtawesome is not installed, and the icons are its")
    return next((Path(package.origin).parent / "fonts").glob(pattern))


@lru_cache(maxsize=1)
def _letters() -> dict[str, str]:
    """The letter of each icon."""
    codes: dict[str, str] = json.loads(_file("phosphor-charmap*.json").read_text("utf-8"))
    return {name: chr(int(code, 16)) for name, code in codes.items()}


@lru_cache(maxsize=1)
def _family() -> str:
    """Name of the font, once it is loaded."""
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(_file("phosphor-[0-9]*.ttf"))))[0]
