"""Posing a problem: defaults follow the data, nothing is fitted outside the training part, nonsense is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_studio.data.dataset import Classes, Dataset, NumberColumn
from ann_studio.data.generators import generate
from ann_studio.data.inline import inline_dataset
from ann_studio.learning.experiment import from_plain
from ann_studio.learning.problem import ProblemError, pose
from tests.learning.problems import experiment, numbers, problem, two_classes


def three_classes() -> Dataset:
    random = np.random.default_rng(3)
    columns = (NumberColumn("a"), NumberColumn("b"))
    return Dataset(columns, random.normal(size=(30, 2)), Classes("kind", ("p", "q", "r")), np.arange(30.0)[:, None] % 3)


def test_two_classes_ask_for_one_sigmoid_output_and_targets_0_and_1():
    posed = problem()
    assert posed.experiment.network.output_activation == "sigmoid"
    assert posed.experiment.learning.loss == "binary_cross_entropy"
    assert set(posed.train.targets.ravel()) == {0.0, 1.0}


def test_more_classes_ask_for_softmax_and_one_hot_targets():
    posed = problem(three_classes())
    assert posed.experiment.network.output_activation == "softmax"
    assert posed.experiment.learning.loss == "cross_entropy"
    assert posed.architecture.sizes[-1] == 3
    assert (posed.train.targets.sum(axis=1) == 1).all()


def test_numbers_ask_for_a_linear_output_and_targets_standardised_on_the_training_part():
    posed = problem(numbers())
    assert posed.experiment.network.output_activation == "linear"
    assert posed.experiment.learning.loss == "mse"
    assert posed.train.targets.mean() == pytest.approx(0, abs=1e-12)
    assert posed.train.targets.std() == pytest.approx(1)


def test_two_classes_with_tanh_and_mse_are_minus_one_and_one():
    posed = problem(network={"hidden": [], "output_activation": "tanh"})
    assert posed.experiment.learning.loss == "mse"
    assert set(posed.train.targets.ravel()) == {-1.0, 1.0}


def test_two_classes_with_softmax_are_one_hot():
    posed = problem(network={"hidden": [], "output_activation": "softmax"})
    assert posed.architecture.sizes[-1] == 2


def test_nothing_of_the_validation_part_reaches_the_preparation():
    dataset = numbers()
    first = pose(experiment(standardize=True), dataset)
    inputs, targets = dataset.inputs.copy(), dataset.targets.copy()
    inputs[first.validation.rows] += 1000
    targets[first.validation.rows] -= 1000
    changed = Dataset(dataset.columns, inputs, dataset.target, targets)
    second = pose(experiment(standardize=True), changed)
    assert np.array_equal(first.train.inputs, second.train.inputs)
    assert np.array_equal(first.train.targets, second.train.targets)


@given(rows=st.integers(11, 300), train=st.floats(0.05, 0.9), seed=st.integers(0, 2**40))
def test_the_parts_share_out_all_rows_and_classes_evenly(rows, train, seed):
    validation = (1 - train) / 2
    posed = problem(
        two_classes(rows), seed=seed, split={"train": train, "validation": validation, "test": 1 - train - validation}
    )
    parts = (posed.train, posed.validation, posed.test)
    assert sorted(np.concatenate([part.rows for part in parts]).tolist()) == list(range(rows))
    assert abs(len(posed.train) - train * rows) <= 1
    share = posed.dataset.targets.mean()
    assert abs(posed.train.targets.mean() - share) <= 1.5 / len(posed.train)


ONE_WEIGHT = {"kind": "given", "weights": [{"w": [[1.0]], "b": [0.0]}]}


def test_few_points_are_all_for_training():
    assert len(problem(two_classes(4)).validation) == 0


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            {"learning": {"kind": "supervised", "loss": "cross_entropy"}, "network": {"output_activation": "linear"}},
            "$.learning.loss: cross_entropy needs a softmax output",
        ),
        ({"split": {"train": 0.5, "validation": 0.4, "test": 0.0}}, "$.split: the shares add up to 0.9"),
        ({"features": ["x1", "x9"]}, "$.features[1]: "),
        ({"features": ["x1", "cos(x1)"]}, "$.features[1]: unknown feature"),
        ({"initial": ONE_WEIGHT}, "$.initial.weights: expected 2 layers"),
        ({"network": {}, "initial": ONE_WEIGHT}, "$.initial.weights[0]: expected w of 2 rows of 1"),
    ],
)
def test_what_makes_no_sense_is_named_by_its_path(sections, message):
    with pytest.raises(ProblemError) as error:
        problem(**sections)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_regression_cannot_use_a_binary_cross_entropy():
    with pytest.raises(ProblemError, match="needs targets between 0 and 1"):
        problem(numbers(), learning={"kind": "supervised", "loss": "binary_cross_entropy"})


def test_the_first_weights_depend_on_their_own_seed_alone():
    first = problem(initial={"kind": "random", "seed": 9}, seed=1)
    second = problem(initial={"kind": "random", "seed": 9}, seed=2)
    third = problem(initial={"kind": "random", "seed": 10}, seed=1)
    assert np.array_equal(first.first_theta, second.first_theta)
    assert not np.array_equal(first.first_theta, third.first_theta)


def test_more_parameters_than_can_be_trained_are_refused_with_the_place():
    experiment = from_plain(
        {"data": {"kind": "generated", "name": "circle"}, "network": {"hidden": [{"units": 4096}] * 4}}
    )
    with pytest.raises(ProblemError, match=r"^\$\.network\.hidden: 50,\d{3},\d{3} parameters; at most"):
        pose(experiment, generate("circle", 20, 0.0, 1))


def test_a_feature_that_overflows_is_named_with_its_row():
    dataset = inline_dataset([[1.0, 2.0], [3.0, 1e200]], [[0.0], [1.0]])
    experiment = from_plain(
        {
            "data": {"kind": "inline", "inputs": [[1.0, 2.0], [3.0, 1e200]], "targets": [[0.0], [1.0]]},
            "features": ["x1", "x2^2"],
            "network": {},
        }
    )
    with pytest.raises(ProblemError, match=r"^\$\.features\[1\]: x2\^2 is too large for a number in row 2"):
        pose(experiment, dataset)
