"""Spatial standard errors against a double loop over rows, and their limits."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces
from models_py.econometrics import EstimationError, fit_two_way_fe
from models_py.econometrics.fixed_effects import by_own_clusters, small_sample
from models_py.econometrics.result import ESTIMATE_COLUMNS
from models_py.spatial.conley import (
    NotPositiveError,
    conley,
    conley_covariance,
    great_circle_km,
    pair_distances,
)
from tests.models_py.few_cluster_panels import CODES, KINDS, TERMS, panel, with_dummies

PLACES = pd.DataFrame([{"entity_code": p.province_code, "lon": p.lon, "lat": p.lat} for p in load_provinces()])


def by_loops(data, cutoff: float, kernel: str, serial: bool) -> np.ndarray:
    """The sandwich with every dummy in it, summed pair of rows by pair of rows."""
    y, columns, _ = with_dummies(data)
    frame = data.frame.dropna(subset=[data.outcome, *data.regressors])
    inverse = np.linalg.pinv(columns)
    residual = y - columns @ inverse @ y
    weights = inverse[:3] * residual
    places = PLACES.set_index("entity_code").loc[frame["entity_code"]]
    angle = np.radians(places.to_numpy())
    points = np.column_stack(
        [np.cos(angle[:, 1]) * np.cos(angle[:, 0]), np.cos(angle[:, 1]) * np.sin(angle[:, 0]), np.sin(angle[:, 1])]
    )
    province, year = frame["entity_code"].to_numpy(), frame["year"].to_numpy()
    total = np.zeros((3, 3))
    for i in range(len(frame)):
        for j in range(len(frame)):
            if province[i] == province[j]:
                factor = 1.0 if i == j or serial else 0.0
            elif year[i] == year[j]:
                km = 6371.0088 * np.arccos(np.clip(points[i] @ points[j], -1, 1))
                factor = 0.0 if km >= cutoff else 1 - km / cutoff if kernel == "bartlett" else 1.0
            else:
                factor = 0.0
            total += factor * np.outer(weights[:, i], weights[:, j])
    return total


def ours(data, cutoff: float, kernel: str, serial: bool) -> np.ndarray:
    codes = data.sample.keys["entity_code"].unique().tolist()
    return conley_covariance(data, great_circle_km(PLACES, codes), cutoff, kernel, serial)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kernel", ["bartlett", "uniform"])
@pytest.mark.parametrize("serial", [True, False])
def test_double_loop(kind, kernel, serial):
    data = panel(kind)
    np.testing.assert_allclose(
        ours(data, 600.0, kernel, serial), by_loops(data, 600.0, kernel, serial), rtol=1e-9, atol=1e-14
    )
    assert not np.allclose(ours(data, 600.0, kernel, serial), ours(data, 0.0, kernel, serial))


@pytest.mark.parametrize("kind", KINDS)
def test_cutoff_zero(kind):
    data = panel(kind)
    y, columns, _ = with_dummies(data)
    inverse = np.linalg.pinv(columns)
    scores = inverse[:3] * (y - columns @ inverse @ y)
    np.testing.assert_allclose(ours(data, 0.0, "bartlett", False), scores @ scores.T, rtol=1e-9)
    plain = fit_two_way_fe(
        data.frame, "y", TERMS, "entity_code", data.time, trends=data.trends, ssc={"k_adj": False, "G_adj": False}
    ).estimates["std_error"]
    np.testing.assert_allclose(np.sqrt(np.diag(ours(data, 0.0, "uniform", True))), plain, rtol=1e-9)
    published = data.fit().estimates
    rows = conley(data, PLACES, 0.0, "bartlett")
    for column in ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high", "df"):
        np.testing.assert_allclose(rows[column], published[column], rtol=1e-8)


def test_rows():
    data = panel()
    rows = conley(data, PLACES, 800.0, "bartlett", ["b", "x"])
    assert set(rows.columns) == {*ESTIMATE_COLUMNS, "n_obs"} and set(rows["n_obs"]) == {42}
    assert rows["term"].tolist() == ["b", "x"] and set(rows["method"]) == {"conley_bartlett"}
    factor = small_sample(data.solved, by_own_clusters(data.solved)).factors[0]
    variance = factor * np.diag(by_loops(data, 800.0, "bartlett", True))
    np.testing.assert_allclose(rows["std_error"], np.sqrt(variance[[2, 0]]), rtol=1e-9)
    assert set(conley(data, PLACES, 800.0, "uniform", ["x"])["method"]) == {"conley_uniform"}


def test_great_circle():
    km = great_circle_km(PLACES, [110000, 310000, 650000])
    assert np.allclose(km, km.T) and (np.diag(km) == 0).all()
    # Beijing to Shanghai is about 1,070 km, Beijing to Urumqi about 2,400 km.
    assert km[0, 1] == pytest.approx(1067, abs=10) and km[0, 2] == pytest.approx(2410, abs=20)
    quarter = pd.DataFrame({"entity_code": [1, 2], "lon": [0.0, 90.0], "lat": [0.0, 0.0]})
    assert great_circle_km(quarter, [1, 2])[0, 1] == pytest.approx(np.pi / 2 * 6371.0088, rel=1e-12)


def test_pairs():
    data = panel()
    km = great_circle_km(PLACES, list(CODES))
    assert sorted(pair_distances(data, PLACES)) == sorted(km[i, j] for i in range(6) for j in range(i))


def opposite_neighbours():
    """Neighbours whose scores cancel year by year while every province's own scores do not add up over the years."""
    data = panel(codes=CODES[:4], years=6)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        frame = data.frame.assign(y=rng.normal(size=len(data.frame)), x=rng.normal(size=len(data.frame)))
        tried = dataclasses.replace(data, frame=frame, regressors=("x",))
        km = great_circle_km(PLACES, list(CODES[:4]))
        if conley_covariance(tried, km, 5000.0, "uniform")[0, 0] < 0:
            return tried
    raise AssertionError("no sample with a negative variance")


def test_a_variance_that_is_not_positive_is_an_error():
    with pytest.raises(NotPositiveError, match="conley_uniform variance of x within 5000 km is not positive"):
        conley(opposite_neighbours(), PLACES, 5000.0, "uniform")


def test_refusals():
    data = panel()
    with pytest.raises(EstimationError, match="北京市 Beijing"):
        conley(data, PLACES[PLACES["entity_code"] != 110000], 500.0, "bartlett")
    with pytest.raises(EstimationError, match="hold twice 北京市"):
        conley(data, pd.concat([PLACES, PLACES[:1]]), 500.0, "bartlett")
    with pytest.raises(EstimationError, match="lack the columns lat"):
        conley(data, PLACES.drop(columns="lat"), 500.0, "bartlett")
    for bad in (np.nan, 91.0):
        with pytest.raises(EstimationError, match=r"coordinates for 天津市 Tianjin \(120000\)$"):
            conley(data, PLACES.assign(lat=PLACES["lat"].where(PLACES.index != 1, bad)), 500.0, "bartlett")
    with pytest.raises(EstimationError, match="must not be negative"):
        conley(data, PLACES, -1.0, "bartlett")
    with pytest.raises(EstimationError, match="kernel 'gauss'"):
        conley(data, PLACES, 500.0, "gauss")
    with pytest.raises(EstimationError, match="'z' is not a regressor"):
        conley(data, PLACES, 500.0, "bartlett", ["z"])
