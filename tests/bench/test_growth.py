"""A slope is the power with which time grows."""

from __future__ import annotations

import numpy as np
import pytest

from ann_studio.bench import growth
from ann_studio.bench.growth import slope


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_slope_of_a_power_law_is_its_power(power):
    sizes = np.array([8, 16, 100, 1000])
    assert slope(sizes, 3e-6 * sizes**power) == pytest.approx(power, abs=1e-12)


def test_the_slope_is_that_of_least_squares():
    sizes, values = [1, 10, 100], [1.0, 20.0, 50.0]
    assert slope(sizes, values) == pytest.approx(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def test_time_is_measured_at_each_size(monkeypatch):
    monkeypatch.setattr(growth, "WIDTHS", (2, 4))
    monkeypatch.setattr(growth, "SAMPLES", (10, 1000))
    by_parameters, by_samples = growth.by_parameters(2, 0.001), growth.by_samples(2, 0.001)
    assert by_parameters["sizes"] == [2 * 75 + 10, 4 * 75 + 10]
    assert by_samples["sizes"] == [10, 1000]
    assert 0 < by_samples["seconds"][0]["min"] < by_samples["seconds"][1]["median"]
    assert by_samples["slope"]["median"] > 0
