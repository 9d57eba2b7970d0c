"""The restart lab: its shares are those of the runs, a click replays a run to the bit, and it can be given up."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from ann_studio.gui.bridge import Bridge
from ann_studio.gui.controls import reading_order
from ann_studio.gui.dialogs.restarts import RestartLab
from ann_studio.gui.dialogs.restarts.asking import offered
from ann_studio.gui.dialogs.restarts.findings import letter
from ann_studio.gui.dialogs.restarts.layout import Layout, Spot, labels, segments
from ann_studio.gui.dialogs.restarts.look import kinds
from ann_studio.gui.theme import DARK, LIGHT
from ann_studio.learning.experiment import Experiment, replace
from ann_studio.learning.problem import Problem, pose, with_learning
from ann_studio.learning.restarts import Settling, grouped, prepare, work_off
from ann_studio.learning.trainer import Trainer
from ann_studio.storage.datasets import load_dataset
from ann_studio.storage.experiment_file import load_experiment
from ann_studio.storage.resources import resource
from tests.gui.test_accessibility import chain, nameless
from tests.learning.problems import numbers, problem

#: Milliseconds after which work that does not end is a hang.
HANG = 60_000


def trap() -> Problem:
    experiment = load_experiment(resource("experiments", "trap.json"))
    return pose(experiment, load_dataset(experiment))


@pytest.fixture
def bridge(qtbot) -> Iterator[Bridge]:
    bridge = Bridge()
    bridge.start()
    yield bridge
    assert bridge.close()


@pytest.fixture
def open_lab(qtbot, bridge) -> Iterator[Callable[..., RestartLab]]:
    """Opens labs with what is typed into their fields."""
    opened: list[RestartLab] = []

    def open_(posed: Problem, runs: str = "60", epochs: str = "25", sizes: str = "full, 4, 1") -> RestartLab:
        lab = RestartLab(None, bridge, posed, LIGHT)
        qtbot.addWidget(lab)
        lab.form.runs.setText(runs)
        lab.form.epochs.setText(epochs)
        lab.form.sizes.setText(sizes)
        lab.show()
        opened.append(lab)
        return lab

    yield open_
    for lab in opened:
        lab.close()


def run(qtbot, lab: RestartLab) -> RestartLab:
    """Press Run and wait until all is done."""
    qtbot.mouseClick(lab.form.button, Qt.MouseButton.LeftButton)
    assert lab.is_working
    qtbot.waitUntil(lambda: not lab.is_working, timeout=HANG)
    return lab


def click(qtbot, lab: RestartLab, spot: Spot) -> Experiment:
    """Click into the middle of a bar, or of what of it reached one minimum; what was emitted."""
    picture = lab.picture
    rect = picture.scale(picture.layout_now()).bar(spot.panel, spot.bar)
    if spot.kind is not None:
        rect = segments(rect, picture.stack(spot.panel, spot.bar))[spot.kind]
    at = QPoint(int(rect.center().x()), int(rect.center().y()))
    with qtbot.waitSignal(lab.replay) as caught:
        qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=at)
    return caught.args[0]


def final_cost(posed: Problem, experiment: Experiment) -> float:
    """The cost at which a trainer of the experiment ends by its own stop rule."""
    trainer = Trainer(pose(experiment, posed.dataset))
    trainer.run()
    return trainer.snapshot().train_loss


def bars_of(lab: RestartLab) -> list[Spot]:
    counts = lab.comparison.counts.sum(axis=1)
    return [Spot(int(panel), int(bar)) for panel, bar in np.argwhere(counts)]


# --- what is shown --------------------------------------------------------------------------------------------------
def test_shares_are_those_of_the_runs_themselves(qtbot, open_lab):
    posed = trap()
    lab = run(qtbot, open_lab(posed))
    comparison = lab.comparison
    assert [minimum.letter for minimum in comparison.minima] == ["A", "B"]
    assert [minimum.loss for minimum in comparison.minima] == pytest.approx([0.052167, 0.078523], abs=1e-6)
    np.testing.assert_allclose(comparison.minima[0].theta, [4.263, 4.257], atol=1e-3)
    assert not any(minimum.falling for minimum in comparison.minima)
    for k, size in enumerate(("full", 4, 1)):
        alone = prepare(
            with_learning(posed, replace(posed.experiment, "learning.batch_size", size)), np.arange(60), 25, Settling()
        )
        work_off(alone, 0, 60)
        assert np.array_equal(alone.losses, comparison.series[k].losses)
        for group in grouped(alone):
            mine = next(m for m, each in enumerate(comparison.minima) if abs(each.loss - group.loss) < 1e-6)
            assert np.array_equal(np.flatnonzero(comparison.reached[k] == mine), group.runs)
            assert comparison.share(k, mine) == group.share
    share = comparison.share(1, 0)
    assert 0.4 < share < 0.9
    low, high = comparison.interval(1, 0)
    # Wilson's bounds are where the share is 1.96 standard deviations of theirs away.
    assert [abs(share - p) / np.sqrt(p * (1 - p) / 60) for p in (low, high)] == pytest.approx([1.96, 1.96], rel=1e-9)
    assert low < share < high
    assert comparison.interval(0, 0) == (0.0, pytest.approx(1.96**2 / (60 + 1.96**2)))
    assert comparison.interval(0, 1) == (pytest.approx(60 / (60 + 1.96**2)), 1.0)
    assert comparison.share(0, 1) == comparison.share(2, 0) == 1.0
    assert f"{100 * share:.1f} % reached A" in lab.picture.accessibleDescription()
    assert "100.0 % of Stochastic and 0.0 % of Batch" in lab.verdict.text
    assert "A, cost 0.0522, lowest · (4.26, 4.26)" in lab.legend.accessibleDescription()


def test_every_run_is_in_the_bar_of_its_cost(qtbot, open_lab):
    comparison = run(qtbot, open_lab(trap())).comparison
    edges = comparison.edges
    for k, series in enumerate(comparison.series):
        bars = comparison.bars[k]
        assert (edges[bars] <= series.losses).all()
        assert (series.losses <= edges[bars + 1]).all()
        assert np.array_equal(comparison.counts[k].sum(axis=0), np.bincount(bars, minlength=len(edges) - 1))
        assert np.array_equal(comparison.counts[k].sum(axis=1), [np.sum(comparison.reached[k] == m) for m in (0, 1)])


def test_batch_sizes_appear_one_after_the_other_with_progress(qtbot, open_lab):
    lab, seen, told = open_lab(trap(), runs="300"), [], []
    show, progress = lab.picture.show_comparison, lab.form.show_progress
    lab.picture.show_comparison = lambda found: (seen.append(0 if found is None else len(found.series)), show(found))
    lab.form.show_progress = lambda share, text: (told.append(share), progress(share, text))
    run(qtbot, lab)
    assert [count for count in seen if count] == [1, 2, 3]
    assert told == sorted(told)
    assert 0 <= told[0] <= told[-1] <= 1
    assert "900 runs" in lab.form.status.text()


def test_what_diverged_is_counted_and_nothing_breaks(qtbot, open_lab):
    posed = problem(
        numbers(), network={"hidden": []},
        learning={"kind": "supervised", "batch_size": 7, "optimizer": {"kind": "sgd", "learning_rate": 1000.0}},
    )  # fmt: skip
    lab = run(qtbot, open_lab(posed, runs="12", epochs="200", sizes="full 3"))
    comparison = lab.comparison
    assert comparison.minima == ()
    assert [comparison.share(k, -1) for k in (0, 1)] == [1.0, 1.0]
    assert "100.0 % diverged" in lab.picture.accessibleDescription()
    assert "diverged" in lab.verdict.text
    assert {row.split("\t")[2] for row in lab.numbers().splitlines()[1:]} == {""}
    assert not lab.grab().isNull()


def test_both_themes_and_scales_paint_other_pictures(qtbot, open_lab):
    lab = run(qtbot, open_lab(trap()))
    before = lab.picture.grab().toImage()
    lab.log.click()
    log = lab.picture.grab().toImage()
    lab.set_theme(DARK)
    assert log != before
    assert lab.picture.grab().toImage() not in (log, before)


def test_many_minima_share_a_look(qtbot, open_lab):
    posed = problem(numbers(), network={"hidden": [{"units": 3, "activation": "sin"}]})
    lab = open_lab(posed, runs="40", epochs="5", sizes="7")
    lab.form.settle.setText("0")
    comparison = run(qtbot, lab).comparison
    assert len(comparison.minima) > 7
    found = kinds(comparison, LIGHT)
    assert found[0].name == "A"
    assert found[-1].name == "others"
    assert sorted(k for kind in found for k in kind.minima) == list(range(len(comparison.minima)))
    assert sum(comparison.share(0, *kind.minima) for kind in found) == pytest.approx(1)


# --- replay ---------------------------------------------------------------------------------------------------------
def test_a_click_replays_a_run_to_the_bit(qtbot, open_lab):
    posed = trap()
    lab = run(qtbot, open_lab(posed))
    spots = bars_of(lab)
    assert len({spot.panel for spot in spots}) == 3
    for spot in spots:
        series = lab.comparison.series[spot.panel]
        first = lab.comparison.runs_in(spot.panel, spot.bar)[0]
        kind = None if sum(map(bool, lab.picture.stack(spot.panel, spot.bar))) == 1 else 0
        experiment = click(qtbot, lab, Spot(spot.panel, spot.bar, kind))
        seed = experiment.learning.seed
        assert experiment.learning.batch_size == series.problem.experiment.learning.batch_size
        assert final_cost(posed, experiment) == series.losses[seed]
        assert lab.comparison.bars[spot.panel][seed] == spot.bar
        if kind is None:
            assert seed == series.seeds[first]
        else:
            assert lab.comparison.reached[spot.panel][seed] == kind


def test_drawn_weights_belong_to_the_run_that_is_replayed(qtbot, open_lab):
    posed = problem()
    lab = run(qtbot, open_lab(posed, runs="10", epochs="4", sizes="7"))
    assert "other first weights" in lab.form.note.text()
    costs = set()
    for spot in bars_of(lab):
        experiment = click(qtbot, lab, spot)
        cost = final_cost(posed, experiment)
        assert cost in lab.comparison.series[0].losses[lab.comparison.runs_in(0, spot.bar)]
        costs.add(cost)
    assert len(costs) > 3


def test_the_keyboard_chooses_a_bar_and_replays_it(qtbot, open_lab):
    lab = run(qtbot, open_lab(trap()))
    picture, emitted = lab.picture, []
    lab.replay.connect(emitted.append)
    picture.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_Right):
        qtbot.keyClick(picture, key)
    second = [spot for spot in bars_of(lab) if spot.panel == 1][1]
    assert picture.spot == second
    assert picture.accessibleDescription() == picture.said_of(second)
    qtbot.keyClick(picture, Qt.Key.Key_Return)
    assert not lab.is_working
    assert emitted == [click(qtbot, lab, second)] * 2
    qtbot.keyClick(picture, Qt.Key.Key_Escape)
    assert picture.spot is None
    assert lab.isVisible()


def test_a_bar_says_what_it_holds(qtbot, open_lab):
    lab = run(qtbot, open_lab(trap()))
    counts = lab.comparison.counts[1]
    bar = int(np.flatnonzero((counts > 0).all(axis=0))[0])
    said = lab.picture.said_of(Spot(1, bar))
    runs = lab.comparison.runs_in(1, bar)
    assert said.startswith(f"{len(runs)} runs of Mini-batch, cost 0.0")
    assert f"{counts[0, bar]} reached A and {counts[1, bar]} reached B" in said
    assert f"first seed {runs[0]}: click to replay it" in said
    rect = lab.picture.scale(lab.picture.layout_now()).bar(1, bar)
    assert lab.picture.spot_at(QPointF(rect.center().x(), rect.top() - 5)) == Spot(1, bar)
    assert lab.picture.spot_at(QPointF(2, 2)) is None


# --- giving up ------------------------------------------------------------------------------------------------------
def test_cancel_ends_soon_and_keeps_what_is_done(qtbot, open_lab):
    lab = open_lab(trap(), runs="2,000", epochs="1", sizes="full, 1, 2")
    qtbot.keyClick(lab.form.runs, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: lab.comparison is not None, timeout=HANG)
    thread = lab._job.thread
    assert lab.form.button.accessibleName() == "Cancel"
    qtbot.mouseClick(lab.form.button, Qt.MouseButton.LeftButton)
    thread.join(0.5)
    assert not thread.is_alive()
    assert not lab.is_working
    assert lab.form.button.accessibleName() == "Run"
    assert [len(series) for series in lab.comparison.series] == [2000]
    assert lab.form.status.text() == "Cancelled: 1 of 3 batch sizes done"
    assert len(lab.numbers().splitlines()) == 2001
    qtbot.wait(50)
    assert len(lab.comparison.series) == 1


@pytest.mark.parametrize("way", ["escape", "close", "bridge"])
def test_escape_closing_and_the_end_of_the_program_cancel(way, qtbot, open_lab, bridge):
    lab = open_lab(trap(), runs="10000", epochs="100000")
    qtbot.mouseClick(lab.form.button, Qt.MouseButton.LeftButton)
    thread = lab._job.thread
    if way == "escape":
        qtbot.keyClick(lab, Qt.Key.Key_Escape)
        assert lab.isVisible()
    elif way == "close":
        lab.close()
    else:
        bridge.cancel_jobs()
    thread.join(1.0)
    assert not thread.is_alive()


# --- bad input ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("runs", "0", "Runs: a whole number from 1 to 10,000 is needed, not 0"),
        ("runs", "10,001", "not 10,001"),
        ("runs", "many", "not many"),
        ("epochs", "2.5", "Epochs: a whole number from 1 to 100,000 is needed, not 2.5"),
        ("epochs", "", "Epochs: a whole number"),
        ("sizes", "full, half", "Batch sizes: each is a whole number from 1 or the word full, not half"),
        ("sizes", "0", "not 0"),
        ("sizes", " , ", "at least one is needed"),
        ("sizes", "1 2 3 4 5 6 7", "at most 6 at a time, not 7"),
        ("settle", "-1", "Settle epochs: a whole number from 0"),
        ("rate", "0", "Settle rate: a number above 0"),
        ("rate", "nan", "Settle rate"),
    ],
)
def test_bad_input_is_refused_in_one_sentence_and_nothing_starts(field, text, said, qtbot, open_lab):
    lab = open_lab(trap())
    widget = getattr(lab.form, field)
    widget.setText(text)
    lab.form.button.click()
    assert not lab.is_working
    assert lab.form.refusal.isVisible()
    assert said in lab.form.refusal.text
    assert "\n" not in lab.form.refusal.text
    assert widget.isVisible()
    assert not lab.picture._titles


def test_what_was_refused_is_forgotten_once_it_is_right(qtbot, open_lab):
    lab = open_lab(trap(), runs="x")
    lab.form.button.click()
    lab.form.runs.setText("5")
    run(qtbot, lab)
    assert not lab.form.refusal.isVisible()


def test_too_many_parameters_are_refused_with_how_many_runs_are_possible(qtbot, open_lab):
    posed = problem(network={"hidden": [{"units": 4096, "activation": "tanh"}]})
    lab = open_lab(posed, runs="10000", epochs="1", sizes="1")
    lab.form.button.click()
    qtbot.waitUntil(lambda: not lab.is_working, timeout=HANG)
    assert "from 1 to 3,051 are possible" in lab.form.refusal.text
    assert lab.comparison is None


def test_batch_sizes_that_mean_the_same_run_once(qtbot, open_lab):
    lab = run(qtbot, open_lab(trap(), runs="3", epochs="1", sizes="8, FULL; 100 2 2"))
    assert [series.problem.experiment.learning.batch_size for series in lab.comparison.series] == ["full", 2]


# --- numbers --------------------------------------------------------------------------------------------------------
def test_the_numbers_are_those_of_the_runs(qtbot, open_lab, tmp_path):
    lab = run(qtbot, open_lab(trap()))
    lab.copy.click()
    rows = [row.split("\t") for row in QGuiApplication.clipboard().text().splitlines()]
    assert rows[0] == ["batch size", "seed", "final cost", "minimum"]
    for k, (size, series) in enumerate(zip(("full", "4", "1"), lab.comparison.series, strict=True)):
        mine = [row for row in rows[1:] if row[0] == size]
        assert [int(row[1]) for row in mine] == list(range(60))
        assert [float(row[2]) for row in mine] == series.losses.tolist()
        assert [row[3] for row in mine] == ["AB"[reached] for reached in lab.comparison.reached[k]]
    path = tmp_path / "runs.csv"
    path.write_text("before")
    lab.save(path)
    assert list(csv.reader(io.StringIO(path.read_text("utf-8")))) == rows
    assert lab.form.status.text() == "Saved runs.csv"


def test_a_file_that_cannot_be_written_is_told_in_one_sentence(qtbot, open_lab, tmp_path):
    lab = run(qtbot, open_lab(trap(), runs="3", epochs="1"))
    lab.save(tmp_path / "missing" / "runs.csv")
    assert "there is no folder" in lab.form.refusal.text
    assert list(tmp_path.iterdir()) == []


# --- without a mouse ------------------------------------------------------------------------------------------------
def test_every_control_has_a_name_a_tooltip_and_a_place_in_reading_order(qtbot, open_lab):
    lab = run(qtbot, open_lab(trap(), runs="3", epochs="1"))
    lab.form.more.setChecked(True)
    assert nameless(lab) == []
    stops = chain(lab)
    assert stops == [widget for widget in reading_order(lab) if widget in stops]
    names = [widget.accessibleName() for widget in stops]
    assert sorted(names) == sorted(set(names))
    assert {"Runs", "Epochs", "Batch sizes", "Run", "Final costs"} <= set(names)


# --- pieces ---------------------------------------------------------------------------------------------------------
def test_what_is_offered_suits_the_problem():
    asked = offered(trap())
    assert (asked.runs, asked.epochs, asked.sizes) == (1000, 100, ("full", 4, 2, 1))
    large = offered(problem(network={"hidden": [{"units": 500}, {"units": 500}]}))
    assert (large.runs, large.epochs, large.sizes) == (10, 20, ("full", 14, 7, 1))


def test_letters_go_on_after_z():
    assert [letter(k) for k in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


def test_labels_keep_clear_of_each_other_and_of_the_ends():
    found = labels([10.0, 12.0, 95.0], [30.0, 20.0, 20.0], 0.0, 100.0)
    assert found[0] == 0
    assert found[1] >= found[0] + 30
    assert found[2] >= found[1] + 20
    assert found[2] + 20 <= 100
    assert labels([10.0, 12.0], [60.0, 60.0], 0.0, 100.0) is None


def test_panels_fit_into_the_picture_or_it_grows():
    for panels, lines in ((1, 1), (4, 2), (6, 8)):
        height = Layout.least_height(panels, lines)
        layout = Layout(600.0, height, panels, lines, log=False)
        assert layout.foot() <= height - 40
        for k in range(panels):
            assert layout.plot(k).height() > 50
            assert layout.shares(k).top() + 22 + lines * 19 <= layout.panel(k).bottom()
