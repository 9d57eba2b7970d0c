"""The data card: where the samples come from, how many there are, and how they are shared out."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QMenu, QSizePolicy

from ann_studio.data.dataset import Dataset
from ann_studio.data.generators import GENERATORS
from ann_studio.gui.cards.card import SettingsCard
from ann_studio.gui.cards.landscape import LandscapeRows
from ann_studio.gui.cards.tiles import Tile
from ann_studio.gui.controls import Choice, Switch, field_row, flat_button, named, tab_in_reading_order
from ann_studio.gui.fields import NumberField, SliderRow
from ann_studio.gui.icons import icon
from ann_studio.gui.theme import Theme
from ann_studio.learning.experiment import Generated, Inline, Landscape, RandomWeights, Split, TableData
from ann_studio.learning.problem import Problem
from ann_studio.nn.landscapes import LANDSCAPES
from ann_studio.storage.resources import resource

_GATES = ("and", "or", "xor_gate", "nand")
_SHIPPED = ("iris", "digits")
_COLUMNS = 5
#: Generators with a tile of their own, and what its tooltip says.
_TILES = {
    "circle": "Two classes: a disc within a ring",
    "xor": "Two classes in opposite quadrants",
    "gauss": "Two classes: two clouds of points",
    "spiral": "Two classes: two arms wound into each other",
    "moons": "Two classes: two half moons",
    "plane": "Numbers: a tilted plane",
    "hills": "Numbers: hills and hollows",
    "sine": "Numbers of one input: a sine curve",
    "trap": "Eight points on which one neuron has a local and a global minimum",
}
_SAMPLES = (20, 50, 100, 150, 200, 240, 300, 400, 500, 700, 1000, 2000, 5000)
_NOISE = tuple(step / 100 for step in range(0, 51, 1))
_SHARES = tuple(step / 100 for step in range(10, 101, 5))
_TEST_SHARES = tuple(step / 100 for step in range(0, 51, 5))
_SEED = "The seed of points, first weights and order: the same seed, the same run"
_NOISE_SEED = "The seed of the noisy gradients and their order: the same seed, the same run"
#: Sentences about the data that are read out in the card; the tooltip has all.
_MOST_NOTES = 2


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


class DataCard(SettingsCard):
    """Tiles for the kind of data; sliders for noise and shares."""

    tableChosen = Signal(str)  #: name of a shipped table
    importRequested = Signal()
    drawRequested = Signal()
    landscapeChosen = Signal(str)  #: name of a landscape

    def __init__(self) -> None:
        super().__init__("Data")
        self.tiles: dict[str, Tile] = {}
        self.fresh = flat_button("", "New points", "Draw other points of the same kind")
        self.fresh.clicked.connect(self._draw_new)
        self.header.addWidget(self.unfold)
        self.header.addWidget(self.fresh)
        self.rows.addLayout(self._build_tiles())
        self.share = SliderRow(
            "Training",
            "Training share: how much of the data the network learns from; the rest only tests it",
            _SHARES,
            _percent,
        )
        self.share.chosen.connect(self._choose_share)
        self.noise = SliderRow("Noise", "How much chance blurs the points", _NOISE, _percent)
        self.noise.chosen.connect(lambda value: self.ask("data.noise", value))
        self.missing = Choice(
            "Missing cells", "Leave out rows with missing cells, or fill missing numbers with the training mean",
            [("leave the rows out", "drop"), ("fill with the mean", "fill")],
        )  # fmt: skip
        self.missing.chosen.connect(lambda value: self.ask("data.missing", value))
        self.missing_row = field_row("Missing", self.missing, width=64)
        self.landscape = LandscapeRows()
        self.landscape.chosen.connect(self.landscapeChosen)
        self.landscape.edited.connect(self.edited)
        self.landscape.moved.connect(self._move_start)
        self.note = named(QLabel(), "cardSubtitle")
        self.note.setWordWrap(True)
        # A name without spaces may be wider than the card.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        pair = QHBoxLayout()
        pair.setSpacing(16)
        pair.addWidget(self.share, 1)
        pair.addWidget(self.noise, 1)
        self.rows.addWidget(self.landscape)
        self.rows.addLayout(pair)
        self.rows.addWidget(self.missing_row)
        self.rows.addWidget(self.note)
        self._build_more()

    def _build_tiles(self) -> QGridLayout:
        for name, hint in _TILES.items():
            title = "Trap" if name == "trap" else GENERATORS[name].title
            self.tiles[name] = tile = Tile(title, hint, name)
            tile.clicked.connect(lambda _checked=False, name=name: self._choose(name))
        others = (
            ("gate", "Gates", "Four points: AND, OR, XOR, NAND", "xor_gate"),
            ("iris", "Iris", "150 flowers, four lengths, three species", "icon:flower"),
            ("digits", "Digits", "1,797 handwritten digits of 8 × 8 pixels", "4 7"),
            (
                "draw",
                "Draw",
                "Draw points of your own on an empty plane, by clicking into the output picture",
                "icon:pencil-simple",
            ),
            ("table", "CSV…", "A table of your own; you may also drop the file onto the window", "icon:upload-simple"),
            ("landscape", "Formula", "Costs by a formula, without data: bowls, saddles, valleys", "icon:waves"),
        )
        for key, title, hint, picture in others:
            self.tiles[key] = Tile(title, hint, picture)
        self.gates = QMenu(self)
        for name in _GATES:
            self.gates.addAction(GENERATORS[name].title, partial(self._choose, name))
        gate = self.tiles["gate"]
        gate.clicked.connect(lambda: self.gates.popup(gate.mapToGlobal(gate.rect().bottomLeft())))
        self.landscapes = QMenu(self)
        for name, landscape in LANDSCAPES.items():
            self.landscapes.addAction(landscape.title, partial(self.landscapeChosen.emit, name))
        formula = self.tiles["landscape"]
        formula.clicked.connect(lambda: self.landscapes.popup(formula.mapToGlobal(formula.rect().bottomLeft())))
        for name in _SHIPPED:
            self.tiles[name].clicked.connect(lambda _checked=False, name=name: self.tableChosen.emit(name))
        self.tiles["draw"].clicked.connect(self.drawRequested)
        self.tiles["table"].clicked.connect(self.importRequested)
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        order = [
            "circle", "xor", "gauss", "spiral", "moons", "plane", "hills", "sine", "gate", "trap",
            "iris", "digits", "draw", "table", "landscape",
        ]  # fmt: skip
        for position, key in enumerate(order):
            grid.addWidget(self.tiles[key], position // _COLUMNS, position % _COLUMNS)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        return grid

    def _build_more(self) -> None:
        self.samples = SliderRow("Samples", "How many points are drawn", _SAMPLES, lambda value: f"{value:,.0f}")
        self.samples.chosen.connect(lambda value: self.ask("data.samples", int(value)))
        self.test = SliderRow(
            "Test share",
            "How much is set aside and neither learned from nor looked at while training",
            _TEST_SHARES,
            _percent,
        )
        self.test.chosen.connect(self._choose_test)
        self.standardize = Switch("Standardise inputs", "Shift and scale each input to mean 0 and deviation 1")
        self.standardize.switched.connect(lambda on: self.ask("standardize", on))
        self.seed = NumberField("Seed", _SEED)
        self.seed.typed.connect(lambda value: self.ask("seed", value))
        for row in (self.samples, self.test, self.standardize, field_row("Seed", self.seed)):
            self.more.addWidget(row)

    # --- what there is ----------------------------------------------------------------------------------------------
    def show_problem(self, problem: Problem) -> None:
        """Show where the samples of `problem` come from."""
        self._problem = problem
        experiment, data, split = problem.experiment, problem.experiment.data, problem.experiment.split
        assert split is not None
        rows = problem.dataset.rows
        landscape = isinstance(data, Landscape)
        things = "point" if isinstance(data, Generated | Inline) else "row"
        own = f" of {Path(data.path).name}" if isinstance(data, TableData) and not _shipped(data) else ""
        title = LANDSCAPES[data.name].title if isinstance(data, Landscape) else ""
        self.describe(title or f"{rows:,} {things}{'' if rows == 1 else 's'}{own}")
        chosen = self._key(problem)
        for key, tile in self.tiles.items():
            tile.setChecked(key == chosen)
        changeable = isinstance(data, Generated) and not GENERATORS[data.name].fixed
        self.noise.setVisible(changeable)
        self.samples.setVisible(changeable)
        self.fresh.setVisible(changeable)
        if isinstance(data, Generated):
            self.noise.show_value(data.noise)
            self.samples.show_value(data.samples)
        self.landscape.show_problem(problem)
        own_split = problem.dataset.validation is not None or landscape
        self.share.setVisible(not own_split and rows > 1)
        self.test.setVisible(not own_split and rows > 1)
        self.share.show_value(split.train)
        self.test.show_value(split.test)
        self.missing_row.setVisible(isinstance(data, TableData) and _has_gaps(problem.dataset))
        if isinstance(data, TableData):
            self.missing.show_value(data.missing)
        self._show_notes(problem.dataset.notes)
        self.standardize.setVisible(not landscape)
        self.standardize.show_value(bool(experiment.standardize))
        self.seed.show_value(experiment.seed)
        self.seed.setToolTip(_NOISE_SEED if landscape else _SEED)
        tab_in_reading_order(self)

    def _move_start(self, axis: int, value: object) -> None:
        """Ask for another start on a landscape; the other coordinate is that of the latest wish."""
        experiment = self.latest()
        if experiment is None or self._problem is None or not isinstance(experiment.data, Landscape):
            return
        drawn = isinstance(experiment.initial, RandomWeights)
        start: list[object] = list(experiment.data.start) if drawn else self._problem.first_theta.tolist()
        start[axis] = value
        self.ask("data.start", start)

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        more = f" … {len(notes) - _MOST_NOTES:,} more" if len(notes) > _MOST_NOTES else ""
        self.note.setText(" ".join(notes[:_MOST_NOTES]) + more)
        self.note.setToolTip("\n".join(notes) if more else "")
        self.note.setVisible(bool(notes))

    def _key(self, problem: Problem) -> str:
        data = problem.experiment.data
        if isinstance(data, Generated):
            return "gate" if data.name in _GATES else data.name
        if isinstance(data, Inline):
            return "draw"
        if isinstance(data, Landscape):
            return "landscape"
        return _shipped(data) or "table"

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.theme = theme
        self.fresh.setIcon(icon("arrows-clockwise", theme, theme.text_2))
        self.fresh.setIconSize(QSize(16, 16))
        for tile in self.tiles.values():
            tile.set_theme(theme)

    # --- what the user does -----------------------------------------------------------------------------------------
    def _choose(self, name: str) -> None:
        """Points of a generator; noise and number of samples stay as they are."""
        experiment = self.latest()
        data = experiment.data if experiment is not None else None
        if isinstance(data, Generated):
            self.ask("data", {"kind": "generated", "name": name, "samples": data.samples, "noise": data.noise})
        else:
            self.ask("data", {"kind": "generated", "name": name})

    def _draw_new(self) -> None:
        experiment = self.latest()
        if experiment is not None and isinstance(experiment.data, Generated):
            seed = experiment.data.seed
            self.ask("data.seed", (experiment.seed if seed is None else seed) + 1)

    def _choose_share(self, train: float) -> None:
        split = self._split()
        test = min(split.test, round(1 - train, 2))
        self.ask("split", {"train": train, "validation": round(1 - train - test, 2), "test": test})

    def _choose_test(self, test: float) -> None:
        split = self._split()
        train = min(split.train, round(1 - test, 2))
        self.ask("split", {"train": train, "validation": round(1 - train - test, 2), "test": test})

    def _split(self) -> Split:
        experiment = self.latest()
        split = experiment.split if experiment is not None else None
        return split if split is not None else Split()


def _shipped(data: TableData) -> str:
    """The name of a table that came with the program; empty for the user's own, whatever its name."""
    path = Path(data.path)
    shipped = path.stem in _SHIPPED and path.resolve() == resource("datasets", f"{path.stem}.csv").resolve()
    return path.stem if shipped else ""


def _has_gaps(dataset: Dataset) -> bool:
    """Whether cells were missing, so that it matters what is done about them."""
    return dataset.fill_missing or any("missing" in note for note in dataset.notes)
