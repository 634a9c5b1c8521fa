"""The evidence on one term, put together."""

import dataclasses

import pandas as pd
import pytest

from catalog import load_provinces, load_tables
from catalog.study_evidence import DesignSpec
from models_py.econometrics import EstimationError
from models_py.spatial.conley import conley
from models_py.parts.diagnostics.evidence import fit_evidence
from models_py.parts.diagnostics.influence import influence
from models_py.spatial.moran import contiguity_weights
from tests.models_py.few_cluster_panels import panel
from tests.models_py.spatial.test_conley import PLACES, opposite_neighbours

CODES = tuple(province.province_code for province in load_provinces())
SPEC = DesignSpec(cutoff_km=900.0)


def test_all_tables():
    data = panel(codes=CODES)
    evidence = fit_evidence(data, "x", SPEC, contiguity_weights(), PLACES)
    for name in ("estimate", "spec_test", "influence"):
        frame, table = getattr(evidence, name), load_tables()[name]
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
        assert (frame[["study", "table_no", "model"]] == ["demo", "Table 0", "(1)"]).all(axis=None)
    pd.testing.assert_frame_equal(evidence.influence, influence(data, "x"))
    both = [conley(data, PLACES, 900.0, kernel, ["x"]) for kernel in ("bartlett", "uniform")]
    pd.testing.assert_frame_equal(evidence.estimate, pd.concat(both, ignore_index=True))
    tests = set(evidence.spec_test["test"])
    assert {"influence_province_min", "moran_residual_pooled", "conley_pairs"} <= tests
    assert {"residual_autocorrelation", "minimum_detectable_coefficient_cr3"} <= tests
    assert evidence.spec_test["note"].str.contains("[\u4e00-\u9fff]").all()
    again = fit_evidence(data, "x", SPEC, contiguity_weights(), PLACES)
    pd.testing.assert_frame_equal(again.spec_test, evidence.spec_test)


def test_a_kernel_without_a_variance_is_named():
    data = opposite_neighbours()
    spec = SPEC.model_copy(update={"cutoff_km": 5000.0})
    evidence = fit_evidence(data, "x", spec, contiguity_weights(), PLACES)
    assert "conley_uniform" not in set(evidence.estimate["method"])
    row = evidence.spec_test.set_index("test").loc["conley_uniform_not_available"]
    assert pd.isna(row["statistic"]) and "is not positive" in row["note"] and "无标准误" in row["note"]


def test_refusals_reach_the_caller():
    data = panel(codes=CODES)
    with pytest.raises(EstimationError, match="'z' is no regressor"):
        fit_evidence(data, "z", SPEC, contiguity_weights(), PLACES)
    with pytest.raises(EstimationError, match="places lack"):
        fit_evidence(data, "x", SPEC, contiguity_weights(), PLACES[1:])
    with pytest.raises(EstimationError, match="the weights lack"):
        fit_evidence(data, "x", SPEC, contiguity_weights().iloc[1:, 1:], PLACES)
    with pytest.raises(EstimationError, match="identity"):
        exact = data.frame.assign(y=data.frame["x"] + data.frame["a"])
        fit_evidence(dataclasses.replace(data, frame=exact), "x", SPEC, contiguity_weights(), PLACES)
