"""The solved regression against the whole one with every dummy and trend, and its refusals."""

import dataclasses

import numpy as np
import pytest

from models_py.econometrics import EstimationError, IdentityError
from models_py.econometrics.fixed_effects import by_own_clusters, covariance_matrix, small_sample
from tests.models_py.few_cluster_panels import KINDS, TERMS, panel, with_dummies


@pytest.mark.parametrize("kind", KINDS)
def test_same_as_the_whole_regression(kind):
    data = panel(kind)
    y, columns, cluster = with_dummies(data)
    inverse = np.linalg.pinv(columns)
    scores = np.array([inverse[:3, cluster == g] @ (y - columns @ inverse @ y)[cluster == g] for g in set(cluster)])
    fit, published = data.solved, data.fit()
    small = small_sample(fit, by_own_clusters(fit))
    np.testing.assert_allclose(fit.beta, (inverse @ y)[:3], rtol=1e-10)
    np.testing.assert_allclose(fit.weights, inverse[:3].T, atol=1e-12 * np.abs(inverse[:3]).max())
    matrix = covariance_matrix(fit, by_own_clusters(fit), small)
    np.testing.assert_allclose(matrix, small.factors[0] * scores.T @ scores, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diag(matrix)), published.estimates["std_error"], rtol=1e-14)
    rank, trends = np.linalg.matrix_rank(columns), fit.n_trends
    assert fit.effects.rank + trends + 3 == rank
    # Effects of the six provinces are nested in the clusters, but for one constant.
    times = data.frame.dropna(subset=[data.outcome, *TERMS])[data.time].nunique()
    assert small.k == published.evidence["ssc_k"] == 3 + trends + times
    n = len(y)
    assert small.factors[0] == pytest.approx(6 / 5 * (n - 1) / (n - small.k), rel=1e-14)
    assert small.df == published.evidence["df"] == 5


@pytest.mark.parametrize("kind", KINDS)
def test_residuals_of_the_whole_regression(kind):
    data = panel(kind)
    y, columns, _ = with_dummies(data)
    residual = y - columns @ np.linalg.pinv(columns) @ y
    np.testing.assert_allclose(data.solved.residuals, residual, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_regressor_alone(kind):
    data = panel(kind)
    _, columns, _ = with_dummies(data)
    for place in range(3):
        others = np.delete(columns, place, axis=1)
        rest = columns[:, place] - others @ np.linalg.pinv(others) @ columns[:, place]
        np.testing.assert_allclose(data.solved.alone(place), rest, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_some_rows_of_a_sample_are_the_sample_of_these_rows(kind):
    data = panel(kind)
    kept = data.frame[data.frame["entity_code"] != 130000]
    part, own = (
        data.sample.only(data.sample.keys["entity_code"].to_numpy() != 130000),
        dataclasses.replace(data, frame=kept),
    )
    for name in ("outcome", "regressors", "entity", "time"):
        assert (getattr(part, name) == getattr(own.sample, name)).all()
    assert (part.clusters["entity_code"] == own.sample.clusters["entity_code"]).all()


def test_clusters_that_hold_several_provinces():
    data = panel(codes=tuple(range(110000, 110012)))
    frame = data.frame.assign(pair=data.frame["entity_code"] // 2)
    for cluster, groups, nested in (("pair", 6, 12), ("year", 7, 7)):
        grouped = dataclasses.replace(data, frame=frame, cluster=cluster)
        y, columns, _ = with_dummies(grouped)
        codes, inverse = frame[cluster].to_numpy(), np.linalg.pinv(columns)
        residual = y - columns @ inverse @ y
        scores = np.array([inverse[:3, codes == g] @ residual[codes == g] for g in np.unique(codes)])
        k = 3 + 12 + 7 - 1 - nested + 1
        factor = groups / (groups - 1) * (len(y) - 1) / (len(y) - k)
        published = grouped.fit()
        assert published.evidence["ssc_k"] == k
        expected = np.sqrt(factor * np.diag(scores.T @ scores))
        np.testing.assert_allclose(published.estimates["std_error"], expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["balanced", "trends"])
@pytest.mark.parametrize("values", ["constant", "year", "province", "twice", "trend"])
def test_refuses_what_the_published_fit_refuses(kind, values):
    data = panel(kind)
    frame = data.frame.copy()
    frame["b"] = {
        "constant": 1.0,
        "year": frame["year"] * 3.0,
        "province": frame["entity_code"] * 1.0,
        "twice": 2 * frame["a"] - frame["x"],
        "trend": frame["year"] * (frame["entity_code"] == 110000),
    }[values]
    if values == "trend" and kind == "balanced":
        assert "b" in dataclasses.replace(data, frame=frame).solved.terms
        return
    with pytest.raises(EstimationError) as published:
        dataclasses.replace(data, frame=frame).fit()
    with pytest.raises(EstimationError) as ours:
        _ = dataclasses.replace(data, frame=frame).solved
    assert str(ours.value) == str(published.value)
    assert "'b'" in str(ours.value) and "demo, Table 0 (1)" in str(ours.value)


def test_an_identity_has_no_residual():
    data = panel()
    frame = data.frame.assign(y=2 * data.frame["a"] - data.frame["x"] + data.frame["year"])
    with pytest.raises(IdentityError, match="identity"):
        _ = dataclasses.replace(data, frame=frame).solved


def test_one_province_is_no_cluster_sample():
    data = panel()
    with pytest.raises(EstimationError, match="at least 2 clusters"):
        _ = dataclasses.replace(data, frame=data.frame[data.frame["entity_code"] == 110000]).solved


def test_position_names_the_regressors():
    fit = panel().solved
    assert [fit.position(term) for term in TERMS] == [0, 1, 2]
    with pytest.raises(EstimationError, match="'z' is not a regressor"):
        fit.position("z")
