"""The performance index in its readings and bases."""

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies, load_tables
from models_py.indices import IndexDataError, performance_index
from models_py.panel import PanelError

INDICATORS = (
    "visits_per_resident",
    "admission_rate",
    "outpatient_visits",
    "hospital_admissions",
    "emergency_mortality_rate",
    "inpatient_mortality_rate",
    "maternal_management_rate",
    "prenatal_examination_rate",
    "newborn_visit_rate",
)


@pytest.fixture
def panel() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    codes = [province.province_code for province in load_provinces()]
    keys = [(code, year) for code in codes for year in range(2012, 2025)]
    frame = pd.DataFrame(keys, columns=["province_code", "year"])
    for name in INDICATORS:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    return frame


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


def with_index(study: Study, **changes: object) -> Study:
    data = study.model_dump()
    data["index"].update(changes)
    return Study.model_validate(data)


def test_columns_are_those_of_the_published_tables(panel, study):
    tables = load_tables()
    for name, frame in zip(("performance_index", "indicator_score"), performance_index(panel, study), strict=True):
        assert frame.columns.tolist() == [c for c in tables[name].columns if c != "data_kind"]
        assert not frame.duplicated(list(tables[name].key)).any()
        assert frame.notna().all(axis=None)


def test_identity_and_rows(panel, study):
    index, scores = performance_index(panel, study)
    assert len(index) == 31 * 12 * 2
    assert set(index["reading"]) == {"volume", "substitution"}
    assert index["year"].min() == 2013
    implied = (2 * index["ssi"] + 2 * index["qii"] + 3 * index["hmi"]) / 7
    np.testing.assert_allclose(implied, index["mspi"], atol=1e-14)
    assert len(scores) == 31 * 12 * 2 * 7
    assert set(scores["weight"]) == {1 / 7}
    assert set(scores["index_name"]) == {"mspi:volume", "mspi:substitution"}


def test_scores_rebuild_the_index(panel, study):
    index, scores = performance_index(panel, study)
    scores = scores.assign(reading=scores["index_name"].str.removeprefix("mspi:"), part=scores["score"] / 7)
    rebuilt = scores.groupby(["reading", "entity_code", "year"])["part"].sum()
    expected = index.set_index(["reading", "province_code", "year"])["mspi"].sort_index()
    np.testing.assert_allclose(rebuilt.to_numpy(), expected.to_numpy(), atol=1e-13)


def test_independent_computation(panel, study):
    window = panel[panel["year"] >= 2013]
    z = (window[list(INDICATORS)] - window[list(INDICATORS)].mean()) / window[list(INDICATORS)].std(ddof=1)
    ssi = (z["visits_per_resident"] + z["admission_rate"]) / 2
    qii = -(z["emergency_mortality_rate"] + z["inpatient_mortality_rate"]) / 2
    index, _ = performance_index(panel, study)
    volume = index[index["reading"] == "volume"]
    np.testing.assert_allclose(volume["ssi"], ssi, atol=1e-13)
    np.testing.assert_allclose(volume["qii"], qii, atol=1e-13)


def test_readings_turn_utilisation_only(panel, study):
    index, _ = performance_index(panel, with_index(study, utilisation="mixed"))
    by = {reading: group.reset_index(drop=True) for reading, group in index.groupby("reading")}
    assert set(by) == {"volume", "substitution", "mixed"}
    np.testing.assert_allclose(by["volume"]["ssi"], -by["substitution"]["ssi"], atol=1e-14)
    for name in ("qii", "hmi"):
        np.testing.assert_allclose(by["volume"][name], by["mixed"][name], atol=1e-14)
    window = panel[panel["year"] >= 2013]
    z = (window - window.mean()) / window.std(ddof=1)
    np.testing.assert_allclose(by["mixed"]["ssi"], (z["visits_per_resident"] - z["admission_rate"]) / 2, atol=1e-13)


@pytest.mark.parametrize("basis", ["count", "log_count"])
def test_volume_basis(panel, study, basis):
    index, scores = performance_index(panel, with_index(study, volume_basis=basis))
    window = panel[panel["year"] >= 2013].reset_index(drop=True)
    values = window[["outpatient_visits", "hospital_admissions"]]
    values = np.log(values) if basis == "log_count" else values
    ssi = ((values - values.mean()) / values.std(ddof=1)).mean(axis=1)
    np.testing.assert_allclose(index.loc[index["reading"] == "volume", "ssi"], ssi, atol=1e-13)
    raw = scores[(scores["index_name"] == "mspi:volume") & (scores["indicator"] == "outpatient_visits")]
    np.testing.assert_array_equal(raw["raw"], window["outpatient_visits"])


def test_log_of_a_count_of_zero_is_refused(panel, study):
    panel.loc[panel["year"] == 2015, "outpatient_visits"] = 0.0
    with pytest.raises(IndexDataError, match=r"outpatient_visits .* no logarithm: 0.0 in 北京市 Beijing .* 2015"):
        performance_index(panel, with_index(study, volume_basis="log_count"))


def test_ddof_is_the_studys(panel, study):
    one, _ = performance_index(panel, study)
    zero, _ = performance_index(panel, with_index(study, ddof=0))
    np.testing.assert_allclose(zero["mspi"], one["mspi"] * np.sqrt(372 / 371), rtol=1e-12)


def test_a_year_missing_inside_the_window(panel, study):
    panel.loc[panel["year"] == 2017, "newborn_visit_rate"] = np.nan
    with pytest.raises(PanelError, match=r"newborn_visit_rate .*no province has a value in 2017"):
        performance_index(panel, study)


def test_edges_fail_unless_allowed_and_are_listed(panel, study):
    panel.loc[(panel["province_code"] == 540000) & (panel["year"] == 2013), "newborn_visit_rate"] = np.nan
    with pytest.raises(PanelError, match="Tibet"):
        performance_index(panel, study)
    index, scores = performance_index(panel, with_index(study, allow_edge_fill=True))
    for frame in (index, scores):
        (cell,) = frame.attrs["carried_cells"]
        assert (cell["province_code"], cell["year"], cell["carried_from"]) == (540000, 2013, 2014)
    assert index["mspi"].notna().all()


def test_an_indicator_without_a_direction_is_refused(panel, study):
    dimensions = {**study.index.dimensions, "hmi": ("gdp_per_capita",)}
    panel["gdp_per_capita"] = panel["newborn_visit_rate"]
    # A study file cannot say so; the formula does not rest on that.
    index = study.index.model_copy(update={"dimensions": dimensions})
    with pytest.raises(IndexDataError, match=r"gdp_per_capita .* is neutral"):
        performance_index(panel, study.model_copy(update={"index": index}))


def test_mixed_needs_a_known_utilisation_series(panel, study):
    member = {"per_capita": "gdp_per_capita", "count": "gdp"}
    dimensions = {**study.index.model_dump()["dimensions"], "ssi": [member]}
    panel["gdp_per_capita"] = panel["newborn_visit_rate"] ** 2
    changed = with_index(study, dimensions=dimensions, utilisation="mixed")
    with pytest.raises(IndexDataError, match="'mixed' does not say how gdp_per_capita"):
        performance_index(panel, changed)


def test_a_study_without_an_index(panel):
    with pytest.raises(IndexDataError, match="'expenditure_gdp' declares no index"):
        performance_index(panel, load_studies()["expenditure_gdp"])
