"""The card of a hint: what is wrong, its evidence in numbers, and what helps, one click each."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ann_studio.analysis.diagnosis import Hint, Remedy
from ann_studio.analysis.diagnosis.words import figure
from ann_studio.gui.controls import Elided, describe, focus_by_tab, named
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import LIGHT, Theme

#: Remedies that are offered at most; each has a key.
_MOST, _MOST_COMPACT = 3, 2
_SIGN = 22  #: of the warning, in pixels


class HintCard(QFrame):
    """One hint at a time, above the views; hidden where there is none."""

    taken = Signal(object)  #: a `Remedy`
    declined = Signal()  #: not now

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("hintCard")
        self.theme: Theme = LIGHT
        self.hint: Hint | None = None
        self.sign, self.title = QLabel(), named(QLabel(), "hintTitle")
        self.sentence, self.evidence = named(QLabel(), "hintText"), named(QLabel(), "hintEvidence")
        for label in (self.title, self.sentence, self.evidence):
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.sentence, self.evidence):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.decline = named(QToolButton(), "flat")
        self.decline.setText("Not now")
        describe(self.decline, "Not now", "Say nothing more of this in this run (Alt+Shift+0)")
        self.decline.setShortcut("Alt+Shift+0")
        self.decline.clicked.connect(self.declined)
        self.remedies = [_Offer(number) for number in range(1, _MOST + 1)]
        for offer in self.remedies:
            offer.button.clicked.connect(lambda _=False, offer=offer: self._take(offer))
        self.trying = named(QLabel("Trying on a copy what helps …"), "hintEvidence")
        self.line = Elided(name="hintText")  # the sentence, where there is room for one line
        self.is_compact = False
        self._lay_out()
        self.set_compact(False)
        self.hide()

    def _lay_out(self) -> None:
        self._head = head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.decline)
        self._offers = QWidget()
        self._row = offers = QHBoxLayout(self._offers)
        offers.setContentsMargins(0, 0, 0, 0)
        offers.setSpacing(12)
        for offer in self.remedies:
            offers.addWidget(offer)
        offers.addWidget(self.trying)
        offers.addStretch(1)
        self._words = words = QVBoxLayout()
        words.setSpacing(4)
        words.addLayout(head)
        words.addWidget(self.sentence)
        words.addWidget(self.line)
        words.addWidget(self.evidence)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 10, 10)
        row.setSpacing(12)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_compact(self, compact: bool) -> None:
        """In a low window take two lines: the sentence as far as it goes, and the rest in the tooltips."""
        self.is_compact = compact
        if compact:
            self._head.insertWidget(2, self._offers)
        else:
            self._words.addWidget(self._offers)
        for label in (self.sentence, self.evidence):
            label.setVisible(not compact)
        self.line.setVisible(compact)
        self._row.setContentsMargins(0, 0 if compact else 4, 0, 0)
        for offer in self.remedies:
            offer.set_compact(compact)
        self._keep_room()

    def _keep_room(self) -> None:
        """Where remedies are tried, keep room for them, so that nothing below moves once they are offered."""
        room = self.hint is not None and (not self.trying.isHidden() or bool(self.hint.remedies))
        high = self.remedies[0].sizeHint().height() + self._row.contentsMargins().top()
        self._offers.setMinimumHeight(high if room else 0)

    def show_hint(self, hint: Hint, *, final: bool) -> None:
        """Show a hint; its remedies once they were tried."""
        news = self.hint is None or (hint.title, hint.sentence) != (self.hint.title, self.hint.sentence)
        self.hint = hint
        self.title.setText(hint.title)
        self.sentence.setText(hint.sentence)
        self.line.setText(hint.sentence)
        self.evidence.setText("   ·   ".join(f"{name} = {figure(value, 3)}" for name, value in hint.evidence))
        offered = hint.remedies[:_MOST] if final else ()
        for offer, remedy in zip(self.remedies, [*offered, *[None] * _MOST], strict=False):
            offer.offer(remedy)
        self.trying.setVisible(not final)
        self._keep_room()
        self.setProperty("tone", "error" if hint.kind == "explosion" else "warning")
        self.style().unpolish(self)
        self.style().polish(self)
        self._show_sign()
        self.setAccessibleName(f"Hint: {hint.title}. {hint.sentence}")
        self.show()
        if news:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def clear(self) -> None:
        """Say nothing."""
        self.hint = None
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self._show_sign()

    def _show_sign(self) -> None:
        colour = self.theme.error if self.property("tone") == "error" else self.theme.warning
        self.sign.setPixmap(icon("warning", self.theme, colour).pixmap(_SIGN, _SIGN))

    def _take(self, offer: _Offer) -> None:
        if offer.remedy is not None:
            self.taken.emit(offer.remedy)


class _Offer(QWidget):
    """A remedy as a button, and below it what came of it on a copy."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self.remedy: Remedy | None = None
        self._is_compact = False
        self.button, self.tried = QPushButton(), named(QLabel(), "hintEvidence")
        self.button.setProperty("kind", "compact")
        focus_by_tab(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.button)
        column.addWidget(self.tried)
        self.offer(None)

    def set_compact(self, compact: bool) -> None:
        """Show the button alone, and only of the best remedies."""
        self._is_compact = compact
        self.tried.setVisible(not compact)
        self._show()

    def _show(self) -> None:
        self.setVisible(self.remedy is not None and not (self._is_compact and self._number > _MOST_COMPACT))

    def offer(self, remedy: Remedy | None) -> None:
        """Offer this; None: nothing."""
        self.remedy = remedy
        self._show()
        label = remedy.label if remedy is not None else f"Remedy {self._number}"
        tried = _came_of(remedy) if remedy is not None else "nothing"
        self.button.setText(label)
        self.button.setShortcut(f"Alt+Shift+{self._number}")
        self.tried.setText(tried)
        what = "Do this"
        if remedy is not None:
            what = _what_happens(remedy)
        describe(self.button, f"{label}, {tried}", f"{tried[:1].upper()}{tried[1:]}. {what} (Alt+Shift+{self._number})")


def _came_of(remedy: Remedy) -> str:
    """Where a remedy goes on, and what came of it on a copy."""
    said = f"tried: {remedy.tried}" if remedy.tried else "not tried"
    return said if remedy.back is None else f"from update {remedy.back:,} · {said}"


def _what_happens(remedy: Remedy) -> str:
    """What a click on a remedy does."""
    if remedy.back is None:
        return "Starts afresh with this and trains; Undo leads back"
    return f"Goes on from update {remedy.back:,} with this; what came after stays as a branch"
