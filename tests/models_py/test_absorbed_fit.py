"""The plain-algebra fit against the published one."""

import dataclasses

import numpy as np
import pytest

from models_py.econometrics import EstimationError
from models_py.econometrics.absorbed_fit import absorbed_fit
from models_py.econometrics.few_clusters.fwl import IdentityError
from tests.models_py.few_cluster_panels import KINDS, TERMS, panel, with_dummies


@pytest.mark.parametrize("kind", KINDS)
def test_same_as_the_published_fit(kind):
    data = panel(kind)
    fit, published = absorbed_fit(data), data.fit()
    np.testing.assert_allclose(fit.beta, published.estimates["estimate"], rtol=1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cr1())), published.estimates["std_error"], rtol=1e-10)
    assert fit.factor == pytest.approx(published.evidence["ssc_factor"], rel=1e-14)
    assert fit.k == published.evidence["ssc_k"]
    assert fit.n_clusters - 1 == published.evidence["df"]


@pytest.mark.parametrize("kind", KINDS)
def test_residuals_of_the_whole_regression(kind):
    data = panel(kind)
    y, columns, _ = with_dummies(data)
    residual = y - columns @ np.linalg.pinv(columns) @ y
    np.testing.assert_allclose(absorbed_fit(data).residuals, residual, atol=1e-10)


def test_clusters_that_hold_several_provinces():
    data = panel(codes=tuple(range(110000, 110012)))
    frame = data.frame.assign(pair=data.frame["entity_code"] // 2)
    for cluster in ("pair", "year"):
        grouped = dataclasses.replace(data, frame=frame, cluster=cluster)
        published = grouped.fit()
        fit = absorbed_fit(grouped)
        assert fit.k == published.evidence["ssc_k"]
        np.testing.assert_allclose(np.sqrt(np.diag(fit.cr1())), published.estimates["std_error"], rtol=1e-10)


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
        absorbed_fit(data, frame)
        return
    with pytest.raises(EstimationError) as published:
        data.fit(frame)
    with pytest.raises(EstimationError) as ours:
        absorbed_fit(data, frame)
    assert str(ours.value) == str(published.value)
    assert "'b'" in str(ours.value) and "demo, Table 0 (1)" in str(ours.value)


def test_an_identity_has_no_residual():
    data = panel()
    frame = data.frame.assign(y=2 * data.frame["a"] - data.frame["x"] + data.frame["year"])
    with pytest.raises(IdentityError, match="identity"):
        absorbed_fit(data, frame)


def test_one_province_is_no_cluster_sample():
    data = panel()
    with pytest.raises(EstimationError, match="at least 2 clusters"):
        absorbed_fit(data, data.frame[data.frame["entity_code"] == 110000])


def test_position_names_the_regressors():
    fit = absorbed_fit(panel())
    assert [fit.position(term) for term in TERMS] == [0, 1, 2]
    with pytest.raises(EstimationError, match="'z' is no regressor"):
        fit.position("z")
