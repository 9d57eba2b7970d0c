"""The card of the racers: which runs race, which of them are shown, and by which clock they go."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from ann_studio.engine.messages import Clock, Frame, MakeMain, RaceBranch, SetClock, Standing
from ann_studio.gui.cards.card import SettingsCard
from ann_studio.gui.controls import Elided, Saying, Segments, describe, flat_button, named, tab_in_reading_order
from ann_studio.gui.icons import icon
from ann_studio.gui.looks import Look, looks, paint_marker
from ann_studio.gui.painting import painting
from ann_studio.gui.theme import LIGHT, Theme
from ann_studio.learning.experiment import Experiment, Landscape, Racer, to_plain
from ann_studio.learning.problem import Problem
from ann_studio.learning.race import (
    MOST_RACERS,
    Entry,
    batches,
    details_of,
    entries,
    optimizers,
    rates,
    seeds,
    titles_of,
)

#: Title, hint, and the hint on a landscape.
_CLOCKS = {
    Clock.EPOCHS: (
        "Epochs",
        "All runs have gone through the training set equally often",
        "All runs have gone through the noisy gradients equally often",
    ),
    Clock.UPDATES: (
        "Updates", "All runs have changed their weights equally often", "All runs have made equally many steps"
    ),
    Clock.GRADIENTS: (
        "Work",
        "Work = gradient evaluations: all runs have gone through equally many samples",
        "Work = gradient evaluations: all runs have used equally many noisy gradients",
    ),
}  # fmt: skip
_NAME_LENGTH, _BUTTON = 60, 28
_MAKE_MAIN = "Its network is shown and edited; the main run races on beside it, by its settings alone"


class _Name(QLineEdit):
    """A name being typed; Escape gives it up."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and leaving the field are taken; Escape is not."""
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class RunRow(QWidget):
    """A run: its marker and name, what sets it apart, an eye that hides it, and a menu."""

    shown = Signal(bool)
    made_main = Signal()
    removed = Signal()
    renamed = Signal(str)

    def __init__(self, *, is_main: bool = False, is_branch: bool = False) -> None:
        super().__init__()
        self._theme: Theme = LIGHT
        self.look = Look(LIGHT.batch, "circle")
        self.is_main, self.is_branch = is_main, is_branch
        self.title, self.detail = Elided(name="racerTitle"), Saying(name="racerDetail")
        self.name = _Name()
        self.name.setProperty("kind", "compact")
        self.name.setMaxLength(_NAME_LENGTH)
        self.name.hide()
        self.name.editingFinished.connect(self._rename)
        self.name.given_up.connect(self._give_up)
        self.eye = flat_button("", "Hide", "Hide")
        self.eye.setCheckable(True)
        self.eye.clicked.connect(lambda on: self.shown.emit(not on))
        self.more = flat_button("", "More", "More")
        self.menu = QMenu(self.more)
        self.menu.setToolTipsVisible(True)
        acts = (
            (
                "Make main",
                _MAKE_MAIN,
                self.made_main.emit,
            ),
            ("Rename…", "Type another name; empty: named by what sets it apart", self._ask_name),
            ("Remove", "Take this run out of the race", self.removed.emit),
        )
        for text, hint, signal in acts[1:2] if is_main else acts[::2] if is_branch else acts:
            action = self.menu.addAction(text)
            action.setToolTip(hint)
            action.triggered.connect(lambda _on=False, signal=signal: signal())
        self.more.setMenu(self.menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._lay_out()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        top = QHBoxLayout()
        top.setSpacing(4)
        for widget in (self.title, self.name):
            top.addWidget(widget)
        words.addLayout(top)
        words.addWidget(self.detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(34, 6, 4, 6)
        layout.setSpacing(0)
        layout.addLayout(words, 1)
        for button in (self.more, self.eye):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFixedSize(_BUTTON, 32)
            layout.addWidget(button)
        self.eye.setHidden(self.is_branch)
        if self.is_main:
            tag = named(QLabel("main"), "mainTag")
            tag.setToolTip("The run whose network, output and valley are shown")
            top.addWidget(tag)
        self.setMinimumHeight(48)

    def show_run(self, title: str, detail: str, look: Look, *, hidden: bool, out: str) -> None:
        """Show a run; `out` says why it moves no more."""
        self.look = look
        self.title.setText(title)
        self.detail.setText(out or detail)
        self.detail.setProperty("tone", "error" if out else "")
        self.detail.style().unpolish(self.detail)
        self.detail.style().polish(self.detail)
        self.eye.setChecked(hidden)
        act = "Draw this run again" if hidden else "Leave this run out"
        where = "on the error surface, the relief and the cost plot"
        describe(self.eye, f"{'Show' if hidden else 'Hide'} {title}", f"{act}: {where}")
        can = "Rename it" if self.is_main else "Make it the main run, rename or remove it"
        if self.is_branch:
            can = "Return to it, or remove it"
        describe(self.more, f"Menu of {title}", can)
        describe(self.name, f"Name of {title}", "Type a name and press Enter; Esc leaves it as it was")
        self._show_icons()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self._show_icons()
        self.update()

    def _show_icons(self) -> None:
        hidden = self.eye.isChecked()
        theme = self._theme
        self.eye.setIcon(icon("eye-slash" if hidden else "eye", theme, theme.text_3 if hidden else theme.text_2))
        self.more.setIcon(icon("dots-three", theme, theme.text_2))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground and the marker."""
        theme = self._theme
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.sunken))
            painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
            centre = QPointF(19, self.height() / 2)
            paint_marker(painter, centre, 6.5, self.look, theme.sunken, hollow=self.eye.isChecked())

    # --- the name ---------------------------------------------------------------------------------------------------
    def _ask_name(self) -> None:
        self.name.setText(self.title.text())
        self.title.hide()
        self.name.show()
        self.name.setFocus()
        self.name.selectAll()

    def _give_up(self) -> None:
        self.name.hide()
        self.title.show()

    def _rename(self) -> None:
        if self.name.isHidden():
            return
        name = " ".join(self.name.text().split())
        self._give_up()
        if name != self.title.text():
            self.renamed.emit(name)


class RaceCard(SettingsCard):
    """The runs of the race."""

    commanded = Signal(object)  #: a command of `ann_studio.engine.messages`
    hidden_changed = Signal(object)  #: frozenset of the positions of hidden runs

    def __init__(self) -> None:
        super().__init__("Racers")
        self.hidden: frozenset[int] = frozenset()
        self.racers: list[RunRow] = []
        self._runs: tuple[Entry, ...] = ()
        self._outs: tuple[str, ...] = ()
        self._branches: tuple[Standing, ...] = ()
        self._said: tuple[object, ...] = ()  #: of the branches, as they are shown
        self.branches: list[RunRow] = []
        self._build_menu()
        self.start = QPushButton()
        self.start.clicked.connect(self._start_race)
        self.empty = named(QLabel(), "fieldLabel")
        self.empty.setWordWrap(True)
        self.rows.setSpacing(8)
        self._branch_rows = QVBoxLayout()
        self._branch_rows.setSpacing(8)
        self.below = QVBoxLayout()
        self.below.setSpacing(4)
        self.clock_label = named(QLabel("Race by"), "fieldLabel")
        self.clock = Segments("Race by", [(title, hint, clock) for clock, (title, hint, _) in _CLOCKS.items()])
        self.clock.show_value(Clock.EPOCHS)
        self.clock.chosen.connect(lambda clock: self.commanded.emit(SetClock(clock)))
        self._alone: tuple[QWidget, ...] = (self.empty, self.start)
        self._together: tuple[QWidget, ...] = (self.clock_label, self.clock)
        for widget in (*self._alone, *self._together):
            self.below.addWidget(widget)
        self.body.insertLayout(1, self._branch_rows)
        self.body.insertLayout(2, self.below)

    def _build_menu(self) -> None:
        self.add = flat_button("Add", "Add racers", "Add runs from the same first weights on the same data")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add.setProperty("tone", "accent")
        self.menu = QMenu(self.add)
        self.menu.setToolTipsVisible(True)
        self._offers: list[tuple[QAction, Offer]] = []
        for offer in _OFFERS:
            action = self.menu.addAction(offer.title)
            action.triggered.connect(partial(self._take_offer, offer))
            self._offers.append((action, offer))
        self.menu.addSeparator()
        self.clear = self.menu.addAction("Remove all racers")
        self.clear.triggered.connect(lambda _on=False: self._ask_race(()))
        self.menu.aboutToShow.connect(self._show_offers)
        self.add.setMenu(self.menu)
        self.header.addWidget(self.add)

    # --- what there is ----------------------------------------------------------------------------------------------
    def show_problem(self, problem: Problem) -> None:
        """Show the runs of a race."""
        before, self._problem = self._runs, problem
        self._runs = entries(problem.experiment)
        self._carry_hidden(before)
        while len(self.racers) > len(self._runs):
            row = self.racers.pop()
            self.rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.racers) < len(self._runs):
            self._add_row(len(self.racers))
        self._outs = self._outs[: len(self._runs)] if before == self._runs else ()
        self._show_rows()
        self._show_offers()
        self._suit(problem)
        self._show_company(problem)

    def _show_company(self, problem: Problem) -> None:
        """Show what there is to be shown of a race, or how to begin one."""
        count = len(self._runs) + len(self.branches)
        for widget in self._alone:
            widget.setVisible(count == 1)
        for widget in self._together:
            # Where an update is an epoch and a gradient evaluation, all clocks go alike.
            widget.setVisible(count > 1 and len(problem.train) > 1)
        self.describe("" if count == 1 else f"{count} runs")
        tab_in_reading_order(self)

    def _suit(self, problem: Problem) -> None:
        """Say what is raced, and offer what tells the most of it by one click."""
        landscape = isinstance(problem.experiment.data, Landscape)
        what, place = ("descent", "start") if landscape else ("network", "first weights")
        self.empty.setText(f"Race this {what} against others from the same {place}.")
        offer = _first_offer(problem)
        self.start.setText(offer.title)
        describe(self.start, f"Race: {offer.title}", offer.hint)
        for clock, (_, of_samples, of_gradients) in _CLOCKS.items():
            self.clock.button(clock).setToolTip(of_gradients if landscape else of_samples)

    def show_frame(self, frame: Frame) -> None:
        """Show the clock, and which runs move no more."""
        self.clock.show_value(frame.clock)
        runs = [standing for standing in frame.standings if standing.branch is None]
        outs = tuple(standing.out for standing in runs)
        if outs != self._outs and len(outs) == len(self._runs):
            self._outs = outs
            self._show_rows()
        branches = tuple(standing for standing in frame.standings if standing.branch is not None)
        said = (len(runs), self.theme.name, *((each.name, each.branch, each.out) for each in branches))
        if said != self._said:
            self._said = said
            self._show_branches(branches, [*runs, *branches])

    def _show_branches(self, branches: tuple[Standing, ...], standings: Sequence[Standing]) -> None:
        """Show the branches of the main run that race it; `standings` are those of all runs."""
        self._branches = branches
        while len(self.branches) > len(branches):
            row = self.branches.pop()
            self._branch_rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.branches) < len(branches):
            self._add_branch(len(self.branches))
        found = looks(standings, self.theme)[len(standings) - len(branches) :]
        for row, standing, look in zip(self.branches, branches, found, strict=True):
            row.show_run(standing.name, "the run as it was", look, hidden=False, out=standing.out)
        if self._problem is not None:
            self._show_company(self._problem)

    def _add_branch(self, k: int) -> None:
        row = RunRow(is_branch=True)
        row.set_theme(self.theme)
        row.made_main.connect(lambda: self.commanded.emit(MakeMain(len(self._runs) + k)))
        row.removed.connect(lambda: self._remove_branch(k))
        self.branches.append(row)
        self._branch_rows.addWidget(row)

    def _remove_branch(self, k: int) -> None:
        node = self._branches[k].branch
        if node is not None:
            self.commanded.emit(RaceBranch(node, racing=False))

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        for row in self.branches:
            row.set_theme(theme)
        self.add.setIcon(icon("plus", theme, theme.accent))
        for row in self.racers:
            row.set_theme(theme)
        self._show_rows()

    def _add_row(self, k: int) -> None:
        row = RunRow(is_main=k == 0)
        row.set_theme(self.theme)
        row.shown.connect(lambda on, k=k: self._hide(k, hidden=not on))
        row.made_main.connect(lambda k=k: self.commanded.emit(MakeMain(k)))
        row.removed.connect(lambda k=k: self._remove(k))
        row.renamed.connect(lambda name, k=k: self._rename(k, name))
        self.racers.append(row)
        self.rows.addWidget(row)

    def _show_rows(self) -> None:
        problem = self._problem
        if problem is None:
            return
        experiment, samples = problem.experiment, len(problem.train)
        titles, details = titles_of(experiment, samples), details_of(experiment, samples)
        found = looks(_standings(problem, self._runs, titles), self.theme)
        for k, row in enumerate(self.racers):
            out = self._outs[k] if k < len(self._outs) else ""
            row.show_run(titles[k], details[k], found[k], hidden=k in self.hidden, out=out)

    # --- hiding -----------------------------------------------------------------------------------------------------
    def _hide(self, k: int, *, hidden: bool) -> None:
        self._set_hidden(self.hidden | {k} if hidden else self.hidden - {k})

    def _set_hidden(self, hidden: frozenset[int]) -> None:
        if hidden != self.hidden:
            self.hidden = hidden
            self._show_rows()
            self.hidden_changed.emit(hidden)

    def show_all(self) -> None:
        """Hide no run: another problem has other runs."""
        self._set_hidden(frozenset())

    def _carry_hidden(self, before: Sequence[Entry]) -> None:
        """Another race: what was hidden stays so, wherever it stands now."""
        carried = carry(before, self._runs, self.hidden)
        if carried != self.hidden:
            self.hidden = carried
            self.hidden_changed.emit(carried)

    # --- what the user does -----------------------------------------------------------------------------------------
    def _samples(self) -> int:
        assert self._problem is not None
        return len(self._problem.train)

    def _show_offers(self) -> None:
        """Switch off what has no place in the race, and say why."""
        experiment = self.latest()
        if experiment is None:
            return
        samples = self._samples()
        for action, offer in self._offers:
            why = _refusal(experiment, offer.build(experiment, samples), _none(offer, experiment, samples))
            action.setEnabled(not why)
            action.setToolTip(why or offer.hint)
        self.clear.setEnabled(bool(experiment.race))
        self.clear.setToolTip("Only the main run stays" if experiment.race else "There are none")

    def _start_race(self) -> None:
        if self._problem is not None:
            self._take_offer(_first_offer(self._problem))

    def _take_offer(self, offer: Offer, _on: bool = False) -> None:
        experiment = self.latest()
        if experiment is None:
            return
        racers = offer.build(experiment, self._samples())
        if racers and not _refusal(experiment, racers, ""):
            self._ask_race((*experiment.race, *racers))

    def _remove(self, k: int) -> None:
        experiment, place = self.latest(), self._place(k)
        if experiment is not None and place is not None:
            self._ask_race(experiment.race[:place] + experiment.race[place + 1 :])

    def _rename(self, k: int, name: str) -> None:
        if k == 0:
            self.ask("run_name", name)
            return
        experiment, place = self.latest(), self._place(k)
        if experiment is not None and place is not None:
            racer = msgspec.structs.replace(experiment.race[place], name=name)
            self._ask_race((*experiment.race[:place], racer, *experiment.race[place + 1 :]))

    def _place(self, k: int) -> int | None:
        """Where the racer of row `k` is in the race that was asked for last; the row may show an older one."""
        experiment = self.latest()
        if experiment is None or self._problem is None:
            return None
        shown, race = self._problem.experiment.race[k - 1], experiment.race
        if k - 1 < len(race) and race[k - 1] == shown:
            return k - 1
        return race.index(shown) if shown in race else None

    def _ask_race(self, race: tuple[Racer, ...]) -> None:
        self.ask("race", to_plain(race))


def carry(before: Sequence[Entry], now: Sequence[Entry], hidden: frozenset[int]) -> frozenset[int]:
    """Positions of the hidden runs of one race in the next one; a run that was changed stays hidden in its place.

    Runs are matched one to one: first those that are alike in all, name included, then those that learn alike.
    """
    if not before:
        return hidden
    found: dict[int, int] = {}
    for alike in (_is_same_run, _learns_alike):
        free = [j for j in range(len(now)) if j not in found.values()]
        for k in (k for k in range(len(before)) if k not in found):
            # In its own place first: of two equal runs none takes that of the other.
            place = next((j for j in sorted(free, key=lambda j: (j != k, j)) if alike(before[k], now[j])), None)
            if place is not None:
                found[k] = place
                free.remove(place)
    left = set(range(len(now))) - set(found.values())
    if len(before) == len(now):
        found |= {k: k for k in range(len(before)) if k not in found and k in left}
    return frozenset(found[k] for k in hidden if k in found)


def _is_same_run(one: Entry, other: Entry) -> bool:
    return one == other


def _learns_alike(one: Entry, other: Entry) -> bool:
    return one.learning == other.learning and one.seed == other.seed


def _standings(problem: Problem, runs: Sequence[Entry], titles: Sequence[str]) -> list[Standing]:
    """The runs as frames have them, as far as their looks go by it."""
    replace = msgspec.structs.replace
    return [
        Standing(
            title, dataclasses.replace(problem, experiment=replace(problem.experiment, learning=run.learning)), 0.0
        )
        for run, title in zip(runs, titles, strict=True)
    ]


def _refusal(experiment: Experiment, racers: Sequence[Racer], none: str) -> str:
    """Why these racers cannot be added; empty if they can."""
    if not racers:
        return none
    free, count = MOST_RACERS - len(experiment.race), len(racers)
    if count <= free:
        return ""
    room = "there is room for none" if not free else f"there is room for {free}"
    return f"At most {MOST_RACERS + 1} runs race: these are {count} more, and {room}. Remove some first"


def _seeds(experiment: Experiment, samples: int) -> tuple[Racer, ...]:
    """None where the order of the samples makes no difference."""
    learning = experiment.learning
    whole = learning.batch_size == "full" or learning.batch_size >= samples
    return () if whole or not learning.reshuffle else seeds(experiment)


@dataclass(frozen=True)
class Offer:
    """Racers that can be added.

    Parameters
    ----------
    build
        Makes them for an experiment with so many samples; none that would be the same run as one that races.
    none
        Why there are none, where the samples allow them.
    by_samples
        Whether they differ in which samples they take when; of one sample, or an exact gradient, there are none.
    """

    title: str
    hint: str
    build: Callable[[Experiment, int], tuple[Racer, ...]]
    none: str = "They race already"
    by_samples: bool = False


_OFFERS = (
    Offer(
        "Batch, mini-batch, stochastic",
        "The main run keeps its batch; the other two kinds race it",
        batches,
        "All three kinds race already",
        by_samples=True,
    ),
    Offer(
        "Optimisers, same η",
        "Gradient descent, momentum, RMSprop and Adam, each with the learning rate of the main run",
        partial(optimizers, same_rate=True),
    ),
    Offer(
        "Optimisers, usual η",
        "Gradient descent, momentum, RMSprop and Adam, each with its usual learning rate",
        partial(optimizers, same_rate=False),
    ),
    Offer(
        "Learning rates η/4, η/2, 2η, 4η",
        "The rule of the main run at other learning rates",
        rates,
    ),
    Offer(
        "Seeds",
        "The rule of the main run with its samples in other orders",
        _seeds,
        "The order of the samples makes no difference to the main run: each update takes all of them, or none is drawn",
        by_samples=True,
    ),
    Offer(
        "Copy of main",
        "The same rule once more, to be changed after it is made the main run",
        lambda experiment, _: (Racer(experiment.learning),),
    ),
)


def _first_offer(problem: Problem) -> Offer:
    """The kinds of batch; where there is but one, the optimisers."""
    return next(offer for offer in _OFFERS if len(problem.train) > 1 or not offer.by_samples)


def _none(offer: Offer, experiment: Experiment, samples: int) -> str:
    """Why there are no such racers."""
    if samples > 1 or not offer.by_samples:
        return offer.none
    if isinstance(experiment.data, Landscape):
        return "Without noise the gradient is exact, and these would be one and the same run: set one in the Data card"
    return "There is one sample only: these would be one and the same run"
