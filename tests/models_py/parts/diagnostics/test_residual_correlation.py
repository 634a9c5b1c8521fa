"""Correlation of residuals in space and time against plain computations and planted correlation."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces, load_tables
from models_py.econometrics.model_data import ModelData
from models_py.panel import province_panel
from models_py.parts.diagnostics import residual_correlation as neighbours
from models_py.parts.diagnostics.residual_correlation import residual_autocorrelation, residual_correlation
from models_py.spatial import MoranError, moran
from tests.models_py.few_cluster_panels import panel, with_dummies

CODES = tuple(province.province_code for province in load_provinces())
PANEL = province_panel((2013, 2019))


def contiguity_weights() -> pd.DataFrame:
    weights = neighbours.contiguity_weights(PANEL)
    assert weights is not None
    return weights


def by_name(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by test and subject."""
    return rows.set_index((rows["test"] + " " + rows["subject"]).str.strip())


def provinces(kind: str = "balanced", **columns: np.ndarray) -> ModelData:
    data = panel(kind, codes=CODES)
    return dataclasses.replace(data, frame=data.frame.assign(**columns))


def residuals(data: ModelData) -> pd.DataFrame:
    y, columns, _ = with_dummies(data)
    used = data.frame.dropna(subset=[data.outcome, *data.regressors])
    rest = y - columns @ np.linalg.pinv(columns) @ y
    return used.assign(rest=rest).pivot(index="entity_code", columns="year", values="rest")


def test_rows_of_a_balanced_panel():
    data, w = provinces(), contiguity_weights()
    rows = residual_correlation(data, w, permutations=199, seed=7)
    assert rows.columns.tolist() == [c for c in load_tables()["spec_test"].columns if c != "data_kind"]
    assert by_name(rows).index.tolist() == [
        *(f"moran_residual {year}" for year in range(2013, 2020)),
        "moran_residual_pooled",
        "residual_autocorrelation",
    ]
    table = residuals(data)
    for year in range(2013, 2020):
        row = by_name(rows).loc[f"moran_residual {year}"]
        expected = moran(table[year], w, 199, seed=[7, year])
        assert row["statistic"] == pytest.approx(expected["i"], abs=1e-10)
        assert row["p_value"] == expected["p_sim"]
        assert f"z {expected['z_norm']:.3f}" in row["note_en"] and f"{expected['z_rand']:.3f} " in row["note_en"]
    z = table.to_numpy()
    pooled = 31 / w.to_numpy().sum() * np.einsum("it,ij,jt->", z, w.to_numpy(), z) / np.sum(z**2)
    assert by_name(rows).loc["moran_residual_pooled", "statistic"] == pytest.approx(pooled, abs=1e-10)
    again = residual_correlation(data, w, permutations=199, seed=7)
    pd.testing.assert_frame_equal(rows, again)
    assert (residual_correlation(data, w, 199, seed=8)["p_value"] != rows["p_value"]).any()


def test_planted_correlation_is_found():
    data, w = provinces(), contiguity_weights()
    rng = np.random.default_rng(1)
    spread = np.linalg.inv(np.eye(31) - 0.9 * w.to_numpy())
    noise = rng.normal(size=(31, 7))
    near = by_name(residual_correlation(provinces(y=(spread @ noise).ravel()), w))
    assert near.loc["moran_residual_pooled", "statistic"] > 0.4
    assert near.loc["moran_residual_pooled", "p_value"] == 0.001
    none = by_name(residual_correlation(provinces(y=noise.ravel()), w))
    assert none.loc["moran_residual_pooled", "p_value"] > 0.05
    assert data.frame["y"].notna().all()


def test_pooled_permutations_are_those_of_whole_provinces():
    """Against the distribution of the statistic under shuffled province labels, computed the long way."""
    data, w = provinces(), contiguity_weights().to_numpy()
    row = by_name(residual_correlation(data, contiguity_weights(), 1999, seed=1)).loc["moran_residual_pooled"]
    z = residuals(data).to_numpy()
    rng = np.random.default_rng(9)
    drawn = []
    for _ in range(2000):
        shuffled = z[rng.permutation(31)]
        drawn.append(31 / w.sum() * np.sum(shuffled * (w @ shuffled)) / np.sum(z**2))
    far = np.mean(np.abs(np.array(drawn) + 1 / 30) >= abs(row["statistic"] + 1 / 30))
    assert row["p_value"] == pytest.approx(far, abs=0.05)


def test_missing_provinces_are_left_out_and_named():
    data = provinces()
    frame = data.frame.copy()
    # Without Guangdong, Hainan has no neighbour.
    frame.loc[(frame["entity_code"] == 440000) & (frame["year"] == 2015), "y"] = np.nan
    data = dataclasses.replace(data, frame=frame)
    w = contiguity_weights()
    rows = by_name(residual_correlation(data, w, permutations=99))
    row = rows.loc["moran_residual 2015"]
    assert "29 provinces" in row["note_en"] and "海南省 Hainan (460000)" in row["note_en"]
    rest = [code for code in CODES if code not in (440000, 460000)]
    part = w.loc[rest, rest]
    part = part.div(part.sum(axis=1), axis=0)
    assert row["statistic"] == pytest.approx(moran(residuals(data).loc[rest, 2015], part)["i"], abs=1e-10)
    assert "31 provinces" in rows.loc["moran_residual 2014", "note_en"]
    assert "29 provinces with a residual in every year (2 left out)" in rows.loc["moran_residual_pooled", "note_en"]
    assert "30 provinces with all 7 years (1 left out)" in rows.loc["residual_autocorrelation", "note_en"]


def test_too_few_provinces_is_said():
    data = provinces()
    frame = data.frame[~((data.frame["year"] == 2016) & ~data.frame["entity_code"].isin([110000, 120000, 130000]))]
    rows = by_name(residual_correlation(dataclasses.replace(data, frame=frame), contiguity_weights(), 99))
    for test in ("moran_residual 2016", "moran_residual_pooled"):
        assert rows.loc[test, ["statistic", "p_value"]].isna().all()
        assert "Not computed" in rows.loc[test, "note_en"] and "未计算" in rows.loc[test, "note_zh"]
    assert rows.loc["moran_residual 2017", "statistic"] == rows.loc["moran_residual 2017", "statistic"]


def test_weights_must_cover_the_provinces():
    w = contiguity_weights().drop(index=110000, columns=110000)
    with pytest.raises(MoranError, match="北京市 Beijing"):
        residual_correlation(provinces(), w)
    with pytest.raises(MoranError, match="square"):
        residual_correlation(provinces(), w.iloc[:, :5])


def test_without_declared_neighbours_the_reason_is_given():
    rows = by_name(residual_correlation(provinces(), None))
    assert rows.index.tolist() == ["moran_residual", "residual_autocorrelation"]
    row = rows.loc["moran_residual"]
    assert pd.isna(row["statistic"]) and "which provinces are neighbours is not declared" in row["note_en"]
    assert "未计算" in row["note_zh"] and rows.loc["residual_autocorrelation", "df"] == 30


def table(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, columns=range(2013, 2013 + values.shape[1]))


@pytest.mark.parametrize("trends", [False, True])
def test_null_slope_is_that_of_unrelated_errors(trends):
    rng = np.random.default_rng(3)
    years = np.arange(8.0)
    basis = np.linalg.qr(np.column_stack([np.ones(8), years])[:, : 1 + trends])[0]
    raw = rng.normal(size=(40_000, 8))
    rest = raw - raw @ basis @ basis.T
    row = residual_autocorrelation(table(rest), trends, 40_000, PANEL)
    assert abs(row["statistic"]) < 3.3
    slope = np.sum(rest[:, 1:] * rest[:, :-1]) / np.sum(rest[:, :-1] ** 2)
    assert f"{slope:.4f}, against {-0.1429 if not trends else slope:.4f}"[:8] in row["note_en"]


def test_autocorrelation_by_hand_and_planted():
    rng = np.random.default_rng(4)
    raw = rng.normal(size=(31, 9))
    for t in range(1, 9):
        raw[:, t] += 0.7 * raw[:, t - 1]
    rest = raw - raw.mean(axis=1, keepdims=True)
    row = residual_autocorrelation(table(rest), False, 33, PANEL)
    x, y = rest[:, :-1], rest[:, 1:]
    slope = (x * y).sum() / (x**2).sum()
    scores = (x * (y - slope * x)).sum(axis=1)
    error = np.sqrt(31 / 30 * (scores**2).sum()) / (x**2).sum()
    assert row["statistic"] == pytest.approx((slope + 1 / 8) / error, rel=1e-12)
    assert row["df"] == 30 and row["p_value"] < 1e-6
    assert "(2 left out)" in row["note_en"]


def test_autocorrelation_needs_successive_years():
    gap = table(np.random.default_rng(0).normal(size=(5, 4))).rename(columns={2016: 2017})
    for case, trends in ((gap, False), (table(np.ones((5, 2))), False), (table(np.ones((5, 3))), True)):
        row = residual_autocorrelation(case, trends, 5, PANEL)
        assert "statistic" not in row and "Not computed" in row["note_en"]
