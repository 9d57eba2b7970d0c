"""Generated points: their shape, range and balance, the same bits for the same seed, and their definition."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from ann_studio.data.dataset import Classes, Dataset, Numbers
from ann_studio.data.generators import GENERATORS, generate
from ann_studio.learning import experiment

FACTS = Path(__file__).parents[1] / "facts"
#: How far points may lie from the origin along either axis, without noise.
REACH = {"circle": 5, "xor": 5.3, "gauss": 6, "spiral": 5, "moons": 4.5, "plane": 6, "hills": 6, "sine": 6}
DRAWN = [name for name, generator in GENERATORS.items() if not generator.fixed]
FIXED = [name for name, generator in GENERATORS.items() if generator.fixed]
HALVED = ["circle", "gauss", "spiral", "moons"]


def bits(dataset: Dataset) -> tuple[bytes, bytes]:
    return dataset.inputs.tobytes(), dataset.targets.tobytes()


def labels(dataset: Dataset) -> np.ndarray:
    return dataset.targets[:, 0]


def test_the_experiment_file_and_the_generators_know_the_same_names():
    assert set(get_args(experiment.Generator)) == set(GENERATORS)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("samples", [2, 7, 500])
@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
def test_a_dataset_has_the_rows_columns_and_target_that_it_says(name, samples, noise):
    generator, dataset = GENERATORS[name], generate(name, samples, noise, 3)
    assert generator.fixed or dataset.rows == samples
    assert dataset.inputs.shape == (dataset.rows, generator.inputs)
    assert dataset.targets.shape == (dataset.rows, 1)
    assert dataset.inputs.dtype == dataset.targets.dtype == np.float64
    assert dataset.input_names == ("x1", "x2")[: generator.inputs]
    assert np.isfinite(dataset.inputs).all()
    assert np.isfinite(dataset.targets).all()
    if generator.classes:
        assert dataset.target == Classes("class", ("B", "A"))
        assert set(labels(dataset)) <= {0.0, 1.0}
    else:
        assert dataset.target == Numbers(("y",))


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(name):
    first = bits(generate(name, 60, 0.3, 11))
    assert bits(generate(name, 60, 0.3, 11)) == first
    assert bits(generate(name, 60, 0.3, 12)) != first


@pytest.mark.parametrize("name", FIXED)
def test_a_fixed_set_ignores_samples_noise_and_seed_and_is_not_shared(name):
    first = generate(name, 500, 0.0, 1)
    expected = bits(first)
    first.inputs[:] = first.targets[:] = 77.0
    assert bits(generate(name, 2, 1.0, 9)) == expected


@pytest.mark.parametrize("name", REACH)
def test_points_without_noise_fill_the_plane_from_about_minus_six_to_six(name):
    inputs = np.abs(generate(name, 2000, 0.0, 5).inputs)
    assert inputs.max() <= REACH[name]
    assert inputs.max() > 0.7 * REACH[name]


@pytest.mark.parametrize("name", HALVED)
@pytest.mark.parametrize("samples", [10, 11, 500])
def test_half_of_the_points_are_of_each_class(name, samples):
    for seed in range(5):
        first = labels(generate(name, samples, 0.0, seed)).sum()
        assert first == samples - samples // 2


def test_the_four_fields_of_xor_are_equally_likely():
    signs = np.sign(generate("xor", 4000, 0.0, 2).inputs)
    counts = [np.sum((signs == (a, b)).all(axis=1)) for a in (-1, 1) for b in (-1, 1)]
    assert sum(counts) == 4000
    assert np.abs(np.array(counts) - 1000).max() < 5 * math.sqrt(4000 * 0.25 * 0.75)


# --- the definitions, without noise ---------------------------------------------------------------------------------
def test_circle_is_class_a_within_2_5_and_class_b_from_3_5_to_5():
    dataset = generate("circle", 1000, 0.0, 4)
    radius = np.hypot(*dataset.inputs.T)
    assert (labels(dataset) == (radius < 3)).all()
    assert ((radius <= 2.5) | (radius >= 3.5)).all()
    assert radius.max() <= 5


def test_xor_is_class_a_where_the_signs_agree_and_keeps_off_the_axes():
    dataset = generate("xor", 1000, 0.0, 4)
    x1, x2 = dataset.inputs.T
    assert (labels(dataset) == (np.sign(x1) == np.sign(x2))).all()
    assert np.abs(dataset.inputs).min() >= 0.3


def test_gauss_is_two_clouds_of_variance_a_half_which_a_diagonal_separates():
    dataset = generate("gauss", 4000, 0.0, 4)
    assert np.mean(labels(dataset) == (dataset.inputs.sum(axis=1) > 0)) > 0.999
    for label, centre in ((1, 2.0), (0, -2.0)):
        cloud = dataset.inputs[labels(dataset) == label]
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=5 * math.sqrt(0.5 / 2000))
        np.testing.assert_allclose(cloud.var(axis=0), 0.5, rtol=0.16)


def test_fifty_per_cent_of_noise_gives_the_clouds_variance_four():
    dataset = generate("gauss", 4000, 0.5, 4)
    for label in (0, 1):
        np.testing.assert_allclose(dataset.inputs[labels(dataset) == label].var(axis=0), 4, rtol=0.16)


def test_spiral_arms_are_those_of_the_formula():
    dataset = generate("spiral", 100, 0.0, 4)
    for label, turn in ((1, 0.0), (0, math.pi)):
        for i, (x1, x2) in enumerate(dataset.inputs[labels(dataset) == label]):
            radius, angle = i / 50 * 5, 1.75 * i / 50 * 2 * math.pi + turn
            assert (x1, x2) == pytest.approx((radius * math.sin(angle), radius * math.cos(angle)), abs=1e-12)


def test_moons_are_half_circles_that_reach_into_each_other():
    dataset = generate("moons", 1000, 0.0, 4)
    upper, lower = (dataset.inputs[labels(dataset) == label] for label in (1, 0))
    np.testing.assert_allclose(np.hypot(upper[:, 0] + 1.5, upper[:, 1] + 0.75), 3, atol=1e-12)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1.5, lower[:, 1] - 0.75), 3, atol=1e-12)
    assert upper[:, 1].min() >= -0.75
    assert lower[:, 1].max() <= 0.75
    assert upper[:, 1].min() < lower[:, 1].max()


def test_plane_is_a_tenth_of_the_sum():
    dataset = generate("plane", 500, 0.0, 4)
    np.testing.assert_allclose(labels(dataset), dataset.inputs.sum(axis=1) / 10, rtol=0, atol=1e-15)


def test_hills_are_six_cones_of_radius_two_that_do_not_overlap():
    dataset = generate("hills", 1000, 0.0, 4)
    for (x1, x2), height in zip(dataset.inputs, labels(dataset), strict=True):
        expected = 0.0
        for row, y in enumerate((2.5, -2.5)):
            for column, x in enumerate((-4, 0, 4)):
                sign = 1 if (row + column) % 2 == 0 else -1
                expected += sign * max(0.0, 1 - math.dist((x1, x2), (x, y)) / 2)
        assert height == pytest.approx(expected, abs=1e-12)
    assert labels(dataset).max() > 0.8
    assert labels(dataset).min() < -0.8


def test_sine_is_the_sine():
    dataset = generate("sine", 300, 0.0, 4)
    np.testing.assert_allclose(labels(dataset), [math.sin(x) for x in dataset.inputs[:, 0]], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("and", lambda a, b: a and b),
        ("or", lambda a, b: a or b),
        ("xor_gate", lambda a, b: a != b),
        ("nand", lambda a, b: not (a and b)),
    ],
)
def test_a_gate_is_its_truth_table(name, truth):
    dataset = generate(name, 4, 0.0, 1)
    assert dataset.inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert [bool(label) for label in labels(dataset)] == [bool(truth(*row)) for row in dataset.inputs]


def test_the_trap_is_the_first_neuron_of_the_facts():
    neuron = json.loads((FACTS / "local_minimum.json").read_text("utf-8"))["neurons"][0]
    dataset = generate("trap", 8, 0.0, 1)
    assert dataset.inputs[:, 0].tolist() == neuron["x"]
    assert labels(dataset).tolist() == neuron["y"]


def test_the_circle_is_that_of_tensorflow_playground():
    """Its own points (drawn without noise) obey the definition that ours are drawn by."""
    facts = json.loads((FACTS / "tf_playground_default.json").read_text("utf-8"))
    ours = generate("circle", 500, 0.0, 1)
    for part in ("train", "test"):
        radius = np.array([math.hypot(point["x"], point["y"]) for point in facts[part]])
        label = np.array([point["label"] for point in facts[part]])
        assert ((label == 1) == (radius < 2.5)).all()
        assert ((radius <= 2.5) | ((radius >= 3.5) & (radius <= 5))).all()
        our_radius = np.hypot(*ours.inputs.T)
        for inner in (True, False):
            theirs, mine = radius[(label == 1) == inner], our_radius[(labels(ours) == 1) == inner]
            assert theirs.mean() == pytest.approx(mine.mean(), abs=0.3)


# --- noise ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["circle", "xor"])
def test_noise_moves_the_labels_and_leaves_the_points(name):
    clean, noisy = generate(name, 1000, 0.0, 6), generate(name, 1000, 0.5, 6)
    assert np.array_equal(clean.inputs, noisy.inputs)
    assert 0.02 < np.mean(clean.targets != noisy.targets) < 0.5


@pytest.mark.parametrize("name", ["plane", "hills", "sine"])
def test_noise_moves_the_heights_and_leaves_the_points(name):
    clean, little, much = (generate(name, 1000, noise, 6) for noise in (0.0, 0.1, 0.8))
    assert np.array_equal(clean.inputs, little.inputs)
    assert 0 < np.std(little.targets - clean.targets) < np.std(much.targets - clean.targets)


@pytest.mark.parametrize("name", ["gauss", "spiral", "moons"])
def test_noise_moves_the_points_and_leaves_the_labels(name):
    clean, little, much = (generate(name, 1000, noise, 6) for noise in (0.0, 0.1, 0.8))
    assert np.array_equal(clean.targets, much.targets)
    assert 0 < np.std(little.inputs - clean.inputs) < np.std(much.inputs - clean.inputs)


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError, match="doughnut"):
        generate("doughnut", 10, 0.0, 1)
