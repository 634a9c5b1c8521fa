"""Smallest detectable coefficients: the formula, and the power it promises in simulated panels."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from models_py.econometrics import EstimationError
from models_py.parts.diagnostics.power import multiplier, power
from tests.models_py.few_cluster_panels import panel


def test_rows_follow_from_the_standard_errors():
    data = panel("unbalanced")
    rows = power(data, "x", 0.8).set_index("test")
    used = data.frame.dropna()
    for method, vcov in (("cr1", None), ("cr3", {"CRV3": "entity_code"})):
        error = data.fit(vcov=vcov).estimates["std_error"][0]
        expected = (stats.t.ppf(0.975, 5) + stats.t.ppf(0.8, 5)) * error
        name = f"minimum_detectable_coefficient_{method}"
        assert rows.loc[name, "statistic"] == pytest.approx(expected, rel=1e-12)
        assert rows.loc[f"{name}_sd", "statistic"] == pytest.approx(expected / used["y"].std(), rel=1e-12)
        per_sd = expected * used["x"].std() / used["y"].std()
        assert f"it is {per_sd:.4f}." in rows.loc[f"{name}_sd", "note_en"]
        assert rows.loc[name, "df"] == 5
    assert rows.index.is_unique and len(rows) == 4 and set(rows["subject"]) == {"x"}


def test_more_power_needs_a_larger_coefficient():
    small, large = (power(panel(), "x", p)["statistic"] for p in (0.6, 0.9))
    assert (large > small).all()


def test_the_promise_is_kept():
    """31 provinces x 12 years, errors independent: a true coefficient of that size is found about as often as said."""
    data = panel(codes=tuple(range(31)), years=12, seed=8)
    d = annihilator(data) @ data.frame["x"].to_numpy()
    cluster, factor = data.sample.entity, data.fit().evidence["ssc_factor"]
    error = 1 / np.sqrt(d @ d)
    truth = multiplier(30, 0.8) * error
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(4000, len(d)))
    draws = noise @ annihilator(data)
    beta = truth + draws @ d / (d @ d)
    residuals = draws - np.outer(beta - truth, d)
    sums = np.stack([(residuals * d)[:, cluster == g].sum(axis=1) for g in range(31)])
    t = beta / (np.sqrt(factor * (sums**2).sum(axis=0)) / (d @ d))
    assert np.mean(np.abs(t) > stats.t.ppf(0.975, 30)) == pytest.approx(0.8, abs=0.04)


def annihilator(data) -> np.ndarray:
    """Removal of province and year dummies and the controls."""
    frame = data.frame
    dummies = [(frame[c].to_numpy()[:, None] == frame[c].unique()).astype(float) for c in ("entity_code", "year")]
    columns = np.column_stack([*dummies, frame[["a", "b"]]])
    return np.eye(len(frame)) - columns @ np.linalg.pinv(columns)


def test_without_a_jackknife_the_reason_is_given():
    data = panel()
    frame = data.frame.assign(x=np.where(data.frame["entity_code"] == 130000, data.frame["year"] ** 2.0, 0.0))
    rows = power(dataclasses.replace(data, frame=frame), "x", 0.8).set_index("test")
    assert rows.loc["minimum_detectable_coefficient_cr1", "statistic"] > 0
    for name in ("minimum_detectable_coefficient_cr3", "minimum_detectable_coefficient_cr3_sd"):
        assert np.isnan(rows.loc[name, "statistic"])
        assert "'x' is not identified" in rows.loc[name, "note_en"] and "未计算" in rows.loc[name, "note_zh"]


def test_refusals():
    with pytest.raises(EstimationError, match="'z' is not a regressor"):
        power(panel(), "z", 0.8)
    data = panel()
    with pytest.raises(EstimationError, match="constant"):
        power(dataclasses.replace(data, frame=data.frame.assign(x=0.0)), "x", 0.8)
