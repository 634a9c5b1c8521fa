"""The verdict on the time of the specification curve: it can fail, and estimates that differ are no result at all."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import specification_curve
from benchmarks.specification_curve import Pipeline, Times, measure, report
from catalog import load_studies


@pytest.mark.parametrize(("seconds", "passed"), [(5.1, True), (4.9, False)])
def test_the_ratio_decides(seconds: float, passed: bool) -> None:
    times = Times(1000, 1.0, seconds, 9.0, 1e-12, 1e-13)
    text, verdict = report(times, Pipeline(4000, 499, 3.0, 1.0, 9.98), 0.5)
    assert verdict is passed
    assert ("FAIL" in text) is not passed
    assert "5.0 microseconds per refit" in text


def test_a_small_measurement_agrees() -> None:
    times = measure(load_studies()["mspi"], 8, rounds=1)
    assert times.specifications == 8
    assert min(times.engine, times.pyfixest, times.estimator) > 0
    assert max(times.pyfixest_gap, times.estimator_gap) < 1e-9


def test_other_estimates_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(grid: object, designs: list[object]) -> tuple[float, np.ndarray]:
        return 1.0, np.ones((len(designs), 2))

    monkeypatch.setattr(specification_curve, "one_by_one", other)
    monkeypatch.setattr(specification_curve, "with_checks", other)
    with pytest.raises(RuntimeError, match="disagree"):
        measure(load_studies()["mspi"], 3, rounds=1)
