"""The small version of the coverage study of the spatial Durbin model: its truth, and verdicts that can fail."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.coverage_spatial_durbin import CELL, contiguity, one_panel, report, simulated, summarise, truth

PANELS = 3


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return pd.concat([one_panel(0.4, seed) for seed in range(PANELS)], ignore_index=True)


def expected(results: pd.DataFrame, share: float) -> dict[str, float]:
    return {"|".join(map(str, key)): share for key, _ in results.groupby(CELL[1:], sort=False)}


def test_the_panel_solves_its_own_equation_and_the_truth_is_that_of_the_dense_inverse():
    panel, w = simulated(0.4, 1), contiguity().matrix
    left = panel.y - 0.4 * panel.y @ w.T - panel.x @ np.array([1.0, -0.5, 0.3, 0.2])
    within = left - left.mean(axis=0) - left.mean(axis=1, keepdims=True) + left.mean()
    assert within.std() == pytest.approx(0.5, rel=0.2)
    known = truth(0.4)
    s = np.linalg.inv(np.eye(31) - 0.4 * w) @ (np.eye(31) + 0.3 * w)
    assert known["x1", "direct"] == pytest.approx(np.trace(s) / 31)
    assert known["x1", "total"] == pytest.approx((1 + 0.3) / 0.6)
    assert known["x1", "direct"] + known["x1", "indirect"] == pytest.approx(known["x1", "total"])


def test_every_interval_of_every_correction_is_judged(results):
    summary = summarise(results, expected(results, 0.95))
    assert len(summary) == 3 * (5 + 12) and set(summary["panels"]) == {PANELS}
    assert summary.loc[summary["judged"], "correction"].unique().tolist() == ["transformation"]
    assert summary["passed"].all()
    text = report(summary)
    assert "17 of 17 cells pass" in text and "Failing" not in text and "仅为模拟数据" in text


def test_coverage_far_from_the_documented_one_fails(results):
    never = summarise(pd.concat([results.assign(covered=False)] * 5), expected(results, 0.95))
    assert not never.loc[never["judged"], "passed"].all()
    assert "Failing: 0.4 x1 coef ml" in report(never)
