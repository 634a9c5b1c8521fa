"""The published rows of inference for few clusters, their notes, and what a model does not allow."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from catalog import load_tables
from catalog.base import Text
from catalog.identity import COLUMNS
from catalog.parts.few_clusters import Options
from models_py.econometrics import EstimationError
from models_py.econometrics.few_clusters.randomisation import randomisation_inference
from models_py.econometrics.few_clusters.wild_bootstrap import wild_cluster_bootstrap
from models_py.panel import panel_of
from models_py.parts.few_clusters.rows import PILOTS_NOT_BY_LOT, few_cluster_tables
from tests.models_py.few_cluster_panels import CODES, KINDS, TERMS, panel

SPEC = Options(draws=999, permutations=99, seed=6)
EIGHT = (*CODES, 220000, 230000)


def few_cluster_rows(data, *arguments):
    """The two tables of one model."""
    return few_cluster_tables([data], *arguments).values()


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
    for made in (estimates, tests):
        assert set(map(tuple, made[list(COLUMNS)].to_numpy())) == {tuple(data.identity.columns.values())}
    assert set(estimates["effect"]) == {"coef"}
    assert set(estimates["n_obs"]) == {data.fit().fit["n_obs"]}
    methods = estimates.groupby("method")["term"].apply(list).to_dict()
    assert methods == {
        "cr3": list(TERMS),
        "wild_cluster": ["x", "a"],
        "wild_cluster_webb": ["x", "a"],
        "randomisation": ["x"],
    }
    rows = estimates.set_index(["method", "term"])
    peer = data.fit(vcov={"CRV3": "entity_code"}).estimates.set_index("term")
    for term in TERMS:
        for name in ("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high", "ci_level", "df"):
            assert rows.loc[("cr3", term), name] == peer.loc[term, name]
    for weights, method in (("rademacher", "wild_cluster"), ("webb", "wild_cluster_webb")):
        result = wild_cluster_bootstrap(data, "a", weights=weights, draws=999, seed=6)
        row = rows.loc[(method, "a")]
        assert row["ci_level"] == 0.95
        for name in ("estimate", "std_error", "statistic", "p_value"):
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
    assert list(zip(tests["test"], tests["subject"], strict=True)) == [
        ("cr3", ""), ("wild_cluster", "x"), ("wild_cluster_webb", "x"),
        ("randomisation", "x"), ("randomisation_t", "x"),
        ("randomisation_within_region", "x"), ("randomisation_within_region_t", "x"),
    ]  # fmt: skip
    notes = tests.set_index("test")
    english, chinese = notes["note_en"], notes["note_zh"]
    assert english["cr3"].startswith("Jackknife by province") and chinese["cr3"].startswith("按省份逐一剔除")
    assert "53 rows, 2 dropped" in english["cr3"] and "53行，剔除2行" in chinese["cr3"]
    assert "all 256 combinations; 0 degenerate draws" in english["wild_cluster"]
    assert "weights by province (8 clusters)" in english["wild_cluster"]
    assert "穷举256种组合" in chinese["wild_cluster"] and "按省份聚类（8个）" in chinese["wild_cluster"]
    assert "Webb six-point" in english["wild_cluster_webb"] and "999 draws, seed 6" in english["wild_cluster_webb"]
    assert "999次抽样，种子6" in chinese["wild_cluster_webb"]
    assert "99 times, seed 6, the same for every model of as many provinces" in english["randomisation"]
    assert "7 provinces exchange 7 different paths" in english["randomisation"]
    assert "kept in place: 河北省 Hebei (130000)" in english["randomisation"]
    assert "Sharp null" in english["randomisation"] and "假定各省份可交换" in chinese["randomisation"]
    assert "though x was not drawn by lot" in english["randomisation"]
    assert "within the region" in english["randomisation_within_region"]
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in english["cr3"] + english["wild_cluster"])
    assert notes.loc["cr3", "df"] == 7


def test_why_pilots_may_not_be_exchangeable_is_said_when_they_are_counted():
    _, tests = few_cluster_rows(panel(codes=EIGHT), ("x",), SPEC, "x", PILOTS_NOT_BY_LOT)
    row = tests.set_index("test").loc["randomisation"]
    assert "though pilots were not drawn by lot" in row["note_en"] and "试点并非抽签确定" in row["note_zh"]


def test_another_unit_is_called_by_its_name_and_has_no_regions():
    rows = pd.DataFrame({"entity_code": EIGHT, "name_zh": [f"{c}县" for c in EIGHT], "name_en": "C"})
    data = panel("unbalanced", codes=EIGHT)
    provinces, _ = few_cluster_rows(data, ("x",), SPEC, "x")
    estimates, tests = few_cluster_rows(replace(data, panel=panel_of("county", rows, (2013, 2019))), ("x",), SPEC, "x")
    pd.testing.assert_frame_equal(estimates, provinces)
    notes = tests.set_index("test")
    assert "Jackknife by county" in notes.loc["cr3", "note_en"] and "按县逐一剔除" in notes.loc["cr3", "note_zh"]
    assert "7 counties exchange" in notes.loc["randomisation", "note_en"]
    assert "kept in place: 130000县 C (130000)" in notes.loc["randomisation", "note_en"]
    within = notes.loc["randomisation_within_region"]
    assert within["note_en"] == "Not computed: demo, Table 0 (1): no region is known for any county."
    assert within["note_zh"].startswith("未计算") and np.isnan(within["statistic"])
    assert "randomisation_within_region_t" not in notes.index
    assert not (tests["note_en"].str.contains("province") | tests["note_zh"].str.contains("省")).any()


def test_units_come_with_the_estimates():
    units = {"x": Text(en="share", zh="占比"), "y": Text(en="SD", zh="标准差")}
    estimates, _ = few_cluster_rows(replace(panel(codes=EIGHT), units=units), ("x",), SPEC, "x")
    rows = estimates[estimates["term"] == "x"]
    assert set(rows["unit_en"]) == {"SD per share"} and set(rows["unit_zh"]) == {"标准差／占比"}


def test_an_interval_without_end_is_null_and_said():
    estimates, tests = few_cluster_rows(panel(codes=CODES[:4]), ("x",), SPEC, None)
    row = estimates[estimates["method"] == "wild_cluster"].iloc[0]
    assert np.isnan(row["ci_low"]) and np.isnan(row["ci_high"]) and row["p_value"] >= 2 / 16
    row = tests.set_index("test").loc["wild_cluster"]
    assert "unbounded below" in row["note_en"] and "unbounded above" in row["note_en"]
    assert "置信区间上方无界" in row["note_zh"]
    assert "randomisation" not in set(estimates["method"])
    assert len(tests) == 3


def test_cr3_without_the_only_exposed_province_is_named_and_the_rest_computed():
    data = panel(codes=EIGHT)
    alone = (data.frame["entity_code"] == CODES[0]) & (data.frame["year"] >= 2016)
    estimates, tests = few_cluster_rows(replace(data, frame=data.frame.assign(x=alone * 1.0)), ("x",), SPEC, "x")
    assert set(estimates["method"]) == {"wild_cluster", "wild_cluster_webb", "randomisation"}
    row = tests.set_index("test").loc["cr3"]
    assert row["note_en"].startswith("Not computed: demo, Table 0 (1): CRV3: without one of the clusters 'x'")
    assert row["note_zh"].startswith("未计算")
    assert estimates["p_value"].notna().all()


def test_paths_that_cannot_be_exchanged_are_named():
    """With a single region among the provinces of a model the test within regions is the same; with one each, none."""
    estimates, tests = few_cluster_rows(panel(codes=(110000, 140000, 150000)), ("a",), SPEC, "x")
    notes = tests.set_index("test")["note_en"]
    assert notes["randomisation_within_region"].startswith("Not computed: demo, Table 0 (1): no two provinces")
    assert "randomisation" in set(estimates["method"])


def test_an_identity_gets_no_inference_and_a_row_that_says_so():
    data = panel()
    exact = replace(data, frame=data.frame.assign(y=2 * data.frame["x"] - data.frame["a"]))
    estimates, tests = few_cluster_rows(exact, ("x",), SPEC, "x")
    assert estimates.empty and list(estimates.columns) == columns("estimate")
    assert list(tests["test"]) == ["few_clusters"]
    assert "identity" in tests["note_en"].iloc[0] and list(tests["subject"]) == [""]


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
