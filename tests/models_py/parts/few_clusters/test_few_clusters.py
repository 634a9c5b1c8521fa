"""The published rows of inference for few clusters, their notes, and what a model does not allow."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.study_evidence import InferenceSpec
from models_py.econometrics import EstimationError
from models_py.econometrics.few_clusters.randomisation import randomisation_inference
from models_py.parts.few_clusters.rows import few_cluster_rows
from models_py.econometrics.few_clusters.wild_bootstrap import wild_cluster_bootstrap
from tests.models_py.few_cluster_panels import CODES, KINDS, TERMS, panel

SPEC = InferenceSpec(draws=999, permutations=99, seed=6)
EIGHT = (*CODES, 220000, 230000)


def columns(table):
    return [name for name in load_tables()[table].columns if name != "data_kind"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_are_those_of_the_functions(kind):
    data = panel(kind, codes=(*EIGHT, 310000, 320000))
    estimates, tests = few_cluster_rows(data, ("x", "a"), SPEC, "x")
    assert list(estimates.columns) == columns("estimate")
    assert list(tests.columns) == columns("spec_test")
    assert not estimates.duplicated(load_tables()["estimate"].key).any()
    assert not tests.duplicated(load_tables()["spec_test"].key).any()
    assert set(map(tuple, estimates[["study", "table_no", "model", "effect"]].to_numpy())) == {
        ("demo", "Table 0", "(1)", "coef")
    }
    methods = estimates.groupby("method")["term"].apply(list).to_dict()
    assert methods == {
        "cr3": list(TERMS),
        "wild_cluster": ["x", "a"],
        "wild_cluster_webb": ["x", "a"],
        "randomisation": ["x"],
    }
    rows = estimates.set_index(["method", "term"])
    peer = data.fit(vcov={"CRV3": "province_code"}).estimates.set_index("term")
    for term in TERMS:
        for name in ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high", "ci_level", "df"):
            assert rows.loc[("cr3", term), name] == peer.loc[term, name]
    for weights, method in (("rademacher", "wild_cluster"), ("webb", "wild_cluster_webb")):
        result = wild_cluster_bootstrap(data, "a", weights=weights, draws=999, seed=6)
        row = rows.loc[(method, "a")]
        for name in ("estimate", "std_error", "statistic", "p_value", "ci_level"):
            assert row[name] == getattr(result, name)
        for name in ("ci_low", "ci_high"):
            np.testing.assert_equal(row[name], getattr(result, name) if np.isfinite(getattr(result, name)) else np.nan)
        assert np.isnan(row["df"])
    result = randomisation_inference(data, "x", permutations=99, seed=6)
    row = rows.loc[("randomisation", "x")]
    assert (row["estimate"], row["p_value"]) == (result.estimate, result.p_value)
    assert row[["std_error", "statistic", "ci_low", "ci_high", "ci_level", "df"]].isna().all()


def test_the_notes_say_how_it_was_made_in_both_languages():
    _, tests = few_cluster_rows(panel("unbalanced", codes=EIGHT), ("x",), SPEC, "x")
    notes = tests.set_index("test")["note"]
    assert list(notes.index) == [
        "cr3", "wild_cluster: x", "wild_cluster_webb: x", "randomisation: x", "randomisation_t: x",
        "randomisation_within_region: x", "randomisation_within_region_t: x",
    ]  # fmt: skip
    assert "53 rows, 2 dropped" in notes["cr3"] and "53行，剔除2行" in notes["cr3"]
    assert "all 256 combinations; 0 degenerate draws" in notes["wild_cluster: x"]
    assert "穷举256种组合" in notes["wild_cluster: x"]
    assert "Webb six-point" in notes["wild_cluster_webb: x"] and "999 draws, seed 6" in notes["wild_cluster_webb: x"]
    assert "999次抽样，种子6" in notes["wild_cluster_webb: x"]
    assert "99 times, seed 6, the same for every model of as many provinces" in notes["randomisation: x"]
    assert "7 provinces exchange 7 different paths" in notes["randomisation: x"]
    assert "kept in place: 河北省 Hebei (130000)" in notes["randomisation: x"]
    assert "Sharp null" in notes["randomisation: x"] and "假定各省可交换" in notes["randomisation: x"]
    assert "within the region" in notes["randomisation_within_region: x"]
    assert tests.set_index("test").loc["cr3", "df"] == 7


def test_an_interval_without_end_is_null_and_said():
    estimates, tests = few_cluster_rows(panel(codes=CODES[:4]), ("x",), SPEC, None)
    row = estimates[estimates["method"] == "wild_cluster"].iloc[0]
    assert np.isnan(row["ci_low"]) and np.isnan(row["ci_high"]) and row["p_value"] >= 2 / 16
    note = tests.set_index("test").loc["wild_cluster: x", "note"]
    assert "unbounded below" in note and "unbounded above" in note and "置信区间上方无界" in note
    assert "randomisation" not in set(estimates["method"])
    assert len(tests) == 3


def test_cr3_without_the_only_exposed_province_is_named_and_the_rest_computed():
    data = panel(codes=EIGHT)
    alone = (data.frame["province_code"] == CODES[0]) & (data.frame["year"] >= 2016)
    estimates, tests = few_cluster_rows(replace(data, frame=data.frame.assign(x=alone * 1.0)), ("x",), SPEC, "x")
    assert set(estimates["method"]) == {"wild_cluster", "wild_cluster_webb", "randomisation"}
    note = tests.set_index("test").loc["cr3", "note"]
    assert note.startswith("Not computed: demo, Table 0 (1): CRV3: without one of the clusters 'x'")
    assert "未计算" in note
    assert estimates["p_value"].notna().all()


def test_paths_that_cannot_be_exchanged_are_named():
    """With a single region among the provinces of a model the test within regions is the same; with one each, none."""
    estimates, tests = few_cluster_rows(panel(codes=(110000, 140000, 150000)), ("a",), SPEC, "x")
    notes = tests.set_index("test")["note"]
    assert notes["randomisation_within_region: x"].startswith("Not computed: demo, Table 0 (1): no two provinces")
    assert "randomisation" in set(estimates["method"])


def test_an_identity_gets_no_inference_and_a_row_that_says_so():
    data = panel()
    exact = replace(data, frame=data.frame.assign(y=2 * data.frame["x"] - data.frame["a"]))
    estimates, tests = few_cluster_rows(exact, ("x",), SPEC, "x")
    assert estimates.empty and list(estimates.columns) == columns("estimate")
    assert list(tests["test"]) == ["few_clusters"]
    assert "identity" in tests["note"].iloc[0]


@pytest.mark.parametrize(("terms", "treatment"), [(("z",), None), (("x",), "z")])
def test_a_term_the_model_does_not_have_is_refused(terms, treatment):
    with pytest.raises(EstimationError, match=r"demo, Table 0 \(1\): no regressor z"):
        few_cluster_rows(panel(), terms, SPEC, treatment)


def test_a_model_that_cannot_be_fitted_is_refused():
    data = panel()
    with pytest.raises(EstimationError, match="collinear"):
        few_cluster_rows(replace(data, frame=data.frame.assign(b=data.frame["x"])), ("x",), SPEC, "x")


def test_same_inputs_same_rows():
    one, two = (few_cluster_rows(panel("trends"), ("x",), SPEC, "x") for _ in range(2))
    for first, second in zip(one, two, strict=True):
        pd.testing.assert_frame_equal(first, second, check_exact=True)
