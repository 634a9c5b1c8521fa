"""The performance index in its readings, bases and variants."""

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies, load_tables
from catalog.parts.performance_index import Options
from models_py.indices import IndexDataError
from models_py.panel import KEYS, PanelError, balanced_panel, panel_of, province_panel
from models_py.parts.performance_index.index import index_tables

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
PANEL = province_panel((2013, 2024))


@pytest.fixture
def figures() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    codes = [province.province_code for province in load_provinces()]
    frame = pd.DataFrame([(code, year) for code in codes for year in range(2012, 2025)], columns=KEYS)
    for name in INDICATORS:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    return frame


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


@pytest.fixture(scope="module")
def options(study) -> Options:
    return study.options(Options)


def with_index(options: Options, **changes: object) -> Options:
    return Options.model_validate({**options.model_dump(), **changes})


def made(figures: pd.DataFrame, options: Options) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The published rows of the study's own choice."""
    tables = index_tables(figures, options, PANEL, "mspi")
    index, scores = (tables[name].query("variant == ''") for name in ("performance_index", "indicator_score"))
    return index.reset_index(drop=True), scores.reset_index(drop=True)


def of_reading(frame: pd.DataFrame, reading: str = "volume") -> pd.DataFrame:
    return frame[frame["reading"] == reading].reset_index(drop=True)


def test_columns_are_those_of_the_published_tables(figures, options):
    for name, frame in index_tables(figures, options, PANEL, "mspi").items():
        table = load_tables()[name]
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
        assert frame.notna().all(axis=None)
        pd.testing.assert_frame_equal(frame, frame.sort_values(list(table.key)).reset_index(drop=True))


def test_identity_and_rows(figures, options):
    index, scores = made(figures, options)
    assert len(index) == 31 * 12 * 2
    assert set(index["reading"]) == {"volume", "substitution"}
    assert index["year"].min() == 2013
    assert set(index["entity_level"]) == {"province"}
    assert (index["province_code"] == index["entity_code"]).all()
    implied = (2 * index["ssi"] + 2 * index["qii"] + 3 * index["hmi"]) / 7
    np.testing.assert_allclose(implied, index["mspi"], atol=1e-14)
    assert len(scores) == 31 * 12 * 2 * 7
    assert set(scores["weight"]) == {1 / 7}
    assert set(scores["index_name"]) == {"mspi"}
    assert set(scores["reading"]) == {"volume", "substitution"}


def test_scores_rebuild_the_index_in_every_variant(figures, options):
    tables = index_tables(figures, options, PANEL, "mspi")
    scores = tables["indicator_score"]
    keys = ["variant", "reading", "entity_code", "year"]
    scores = scores.assign(part=scores["score"] * scores["weight"])
    expected = tables["performance_index"].set_index(keys)["mspi"].sort_index()
    rebuilt = scores.groupby(keys)["part"].sum()
    assert set(expected.index.get_level_values("variant")) == {"", "weighting=entropy", "weighting=first_component"}
    np.testing.assert_allclose(rebuilt.to_numpy(), expected.to_numpy(), atol=1e-13)


def test_variants_are_those_declared(figures, options):
    plain = index_tables(figures, with_index(options, weightings=()), PANEL, "mspi")
    assert set(plain["performance_index"]["variant"]) == {""}
    both = with_index(options, weightings=("entropy",), baseline_years=(2013, 2020))
    frame = index_tables(figures, both, PANEL, "mspi")["performance_index"]
    assert set(frame["variant"]) == {"", "standardised=pooled", "weighting=entropy"}
    pooled = of_reading(frame[frame["variant"] == "standardised=pooled"])
    pd.testing.assert_frame_equal(
        pooled.drop(columns="variant"),
        of_reading(plain["performance_index"]).drop(columns="variant"),
        check_exact=True,
    )


def test_independent_computation(figures, options):
    window = figures[figures["year"] >= 2013]
    z = (window[list(INDICATORS)] - window[list(INDICATORS)].mean()) / window[list(INDICATORS)].std(ddof=1)
    ssi = (z["visits_per_resident"] + z["admission_rate"]) / 2
    qii = -(z["emergency_mortality_rate"] + z["inpatient_mortality_rate"]) / 2
    volume = of_reading(made(figures, options)[0])
    np.testing.assert_allclose(volume["ssi"], ssi, atol=1e-13)
    np.testing.assert_allclose(volume["qii"], qii, atol=1e-13)


def test_readings_turn_utilisation_only(figures, options):
    index, _ = made(figures, with_index(options, utilisation="mixed"))
    by = {reading: of_reading(index, reading) for reading in index["reading"].unique()}
    assert set(by) == {"volume", "substitution", "mixed"}
    np.testing.assert_allclose(by["volume"]["ssi"], -by["substitution"]["ssi"], atol=1e-14)
    for name in ("qii", "hmi"):
        np.testing.assert_allclose(by["volume"][name], by["mixed"][name], atol=1e-14)
    window = figures[figures["year"] >= 2013]
    z = (window - window.mean()) / window.std(ddof=1)
    np.testing.assert_allclose(by["mixed"]["ssi"], (z["visits_per_resident"] - z["admission_rate"]) / 2, atol=1e-13)


@pytest.mark.parametrize("basis", ["count", "log_count"])
def test_volume_basis(figures, options, basis):
    index, scores = made(figures, with_index(options, volume_basis=basis))
    window = figures[figures["year"] >= 2013].reset_index(drop=True)
    values = window[["outpatient_visits", "hospital_admissions"]]
    values = np.log(values) if basis == "log_count" else values
    ssi = ((values - values.mean()) / values.std(ddof=1)).mean(axis=1)
    np.testing.assert_allclose(of_reading(index)["ssi"], ssi, atol=1e-13)
    raw = of_reading(scores).query("indicator == 'outpatient_visits'")
    np.testing.assert_array_equal(raw["raw"], window["outpatient_visits"])


def test_log_of_a_count_of_zero_is_refused(figures, options):
    figures.loc[figures["year"] == 2015, "outpatient_visits"] = 0.0
    with pytest.raises(IndexDataError, match=r"outpatient_visits .* no logarithm: 0.0 in 北京市 Beijing .* 2015"):
        made(figures, with_index(options, volume_basis="log_count"))


def test_ddof_is_the_studys(figures, options):
    one, _ = made(figures, options)
    zero, _ = made(figures, with_index(options, ddof=0))
    np.testing.assert_allclose(zero["mspi"], one["mspi"] * np.sqrt(372 / 371), rtol=1e-12)


def test_a_year_missing_inside_the_window(figures, options):
    figures.loc[figures["year"] == 2017, "newborn_visit_rate"] = np.nan
    with pytest.raises(PanelError, match=r"newborn_visit_rate .*no province has a value in 2017"):
        made(figures, options)


def test_edges_fail_unless_allowed_and_are_listed(figures, options):
    figures.loc[(figures["entity_code"] == 540000) & (figures["year"] == 2013), "newborn_visit_rate"] = np.nan
    with pytest.raises(PanelError, match="Tibet"):
        made(figures, options)
    allowing = with_index(options, allow_edge_fill=True)
    _, carried = balanced_panel(figures, ["newborn_visit_rate"], PANEL, allow_edge_fill=True)
    [cell] = carried.to_dict("records")
    assert (cell["entity_code"], cell["year"], cell["carried_from"]) == (540000, 2013, 2014)
    assert made(figures, allowing)[0]["mspi"].notna().all()


def test_an_indicator_without_a_direction_is_refused(figures, options):
    dimensions = {**options.dimensions, "hmi": ("gdp_per_capita",)}
    figures["gdp_per_capita"] = figures["newborn_visit_rate"]
    # A study file cannot say so; the formula does not rest on that.
    with pytest.raises(IndexDataError, match=r"gdp_per_capita .* is neutral"):
        made(figures, options.model_copy(update={"dimensions": dimensions}))


def test_mixed_needs_a_known_utilisation_series(figures, options):
    member = {"per_capita": "gdp_per_capita", "count": "gdp"}
    dimensions = {**options.model_dump()["dimensions"], "ssi": [member]}
    figures["gdp_per_capita"] = figures["newborn_visit_rate"] ** 2
    changed = with_index(options, dimensions=dimensions, utilisation="mixed")
    with pytest.raises(IndexDataError, match="'mixed' does not say how gdp_per_capita"):
        made(figures, changed)


def test_entities_of_another_unit_have_no_province(figures, options):
    kept = figures[figures["entity_code"] <= 210000].assign(entity_code=lambda f: f["entity_code"] + 102)
    names = pd.DataFrame({"entity_code": kept["entity_code"].unique(), "name_zh": "某地", "name_en": "Somewhere"})
    tables = index_tables(kept, options, panel_of("county", names, (2013, 2024)), "counties")
    index = tables["performance_index"]
    assert set(index["entity_level"]) == {"county"}
    assert index["province_code"].isna().all()
    assert sorted(index["entity_code"].unique()) == sorted(kept["entity_code"].unique())
    assert not tables["indicator_score"].astype(str).apply(lambda c: c.str.contains("province")).any(axis=None)
