"""Coefficients of resamples from sums by entity, against refits of the resampled rows."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from models_py.econometrics import EstimationError
from models_py.econometrics.model_data import ModelData
from models_py.parts.products.table import ResampledRegression, common_rows, entity_counts
from tests.models_py.few_cluster_panels import KINDS, TERMS, panel, with_dummies


def resampled(data: ModelData, counts: np.ndarray) -> ModelData:
    """Explicit copies of provinces, each under a code of its own."""
    codes = np.sort(data.frame.dropna()["entity_code"].unique())
    copies = []
    for code, count in zip(codes, counts, strict=True):
        mine = data.frame[data.frame["entity_code"] == code]
        copies += [mine.assign(entity_code=len(copies) + copy) for copy in range(int(count))]
    return dataclasses.replace(data, frame=pd.concat(copies, ignore_index=True))


def refit(data: ModelData) -> np.ndarray:
    y, columns, _ = with_dummies(data)
    return np.linalg.lstsq(columns, y, rcond=1e-12)[0][: len(data.regressors)]


@pytest.mark.parametrize("kind", KINDS)
def test_same_as_refits_of_copied_rows(kind):
    data = panel(kind, codes=tuple(range(110000, 110009)))
    regression = ResampledRegression(data, common_rows([data])[0])
    counts = np.vstack([np.ones(9), entity_counts(9, 10, seed=1)])
    found = regression.coefficients(counts)
    assert list(found) == list(TERMS)
    for draw, row in enumerate(counts):
        values = [found[term][draw] for term in TERMS]
        np.testing.assert_allclose(values, refit(resampled(data, row)), rtol=1e-7, atol=1e-9)
    published = data.fit().estimates["estimate"]
    np.testing.assert_allclose([found[term][0] for term in TERMS], published, rtol=1e-9)


def test_units_do_not_matter():
    data = panel()
    rows = common_rows([data])[0]
    counts = entity_counts(6, 20, seed=2)
    plain = ResampledRegression(data, rows).coefficients(counts)
    frame = data.frame.assign(a=1e9 * data.frame["a"] + 1e11, y=1e-6 * data.frame["y"])
    other = ResampledRegression(dataclasses.replace(data, frame=frame), rows).coefficients(counts)
    np.testing.assert_allclose(other["a"] * 1e15, plain["a"], rtol=1e-5)
    np.testing.assert_allclose(other["x"] * 1e6, plain["x"], rtol=1e-5)


def test_what_is_not_identified_is_empty():
    data = panel()
    frame = data.frame.assign(x=np.where(data.frame["entity_code"] == 130000, data.frame["year"] ** 2.0, 0.0))
    regression = ResampledRegression(dataclasses.replace(data, frame=frame), common_rows([data])[0])
    counts = np.array([[1, 1, 1, 1, 1, 1], [2, 2, 0, 1, 1, 0], [6, 0, 0, 0, 0, 0], [1, 1, 2, 2, 0, 0]], dtype=float)
    found = regression.coefficients(counts)
    # Without the third province x does not vary; copies of one province are explained by the year effects.
    for term in TERMS:
        assert np.isnan(found[term]).tolist() == [False, True, True, False]
    twice = dataclasses.replace(data, frame=data.frame.assign(b=2 * data.frame["a"] + data.frame["x"]))
    assert np.isnan(ResampledRegression(twice, common_rows([twice])[0]).coefficients(counts[:1])["x"]).all()


def test_r2_of_some_regressors():
    data = panel("trends")
    regression = ResampledRegression(data, common_rows([data])[0])
    y, columns, _ = with_dummies(data)
    effects = columns[:, 3:]
    left = y - effects @ np.linalg.pinv(effects) @ y
    part = columns[:, [0, 2, *range(3, columns.shape[1])]]
    rest = y - part @ np.linalg.pinv(part) @ y
    assert regression.r2(["x", "b"]) == pytest.approx(1 - rest @ rest / (left @ left), rel=1e-9)


def test_counts():
    counts = entity_counts(31, 500, seed=4)
    assert counts.shape == (500, 31) and (counts.sum(axis=1) == 31).all()
    assert counts.var() == pytest.approx(30 / 31, abs=0.05)
    np.testing.assert_array_equal(counts, entity_counts(31, 500, seed=4))
    assert (counts != entity_counts(31, 500, seed=5)).any()


def test_common_rows():
    data, other = panel("unbalanced"), panel()
    rows, left_out = common_rows([data, other])
    complete = data.frame.dropna()[["entity_code", "year"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, complete)
    assert left_out == 3
    nothing = dataclasses.replace(other, frame=other.frame.assign(a=np.nan))
    with pytest.raises(EstimationError, match="no row is complete"):
        common_rows([data, nothing])
