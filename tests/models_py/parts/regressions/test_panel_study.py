"""Variables and regressions of a study."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies, load_tables
from catalog.parts import exposure as exposure_part
from catalog.parts import performance_index, products, regressions
from models_py.econometrics import EstimationError, fit_two_way_fe
from models_py.panel import KEYS, PanelError, province_panel
from models_py.parts.performance_index.index import index_tables
from models_py.parts.regressions.panel_study import StudyResult, fit_study
from models_py.parts.regressions.study_models import ModelMaker
from models_py.parts.regressions.variables import StudyError, prepare_variables
from tests.models_py.changing import only_parts, with_panel, with_part, with_variables

YEARS = range(2013, 2025)
FIT_KEYS = ("r2", "r2_within", "r2_within_entity", "log_likelihood", "aic", "bic")
IDENTITY = ["model", "reading", "sample"]


def first_columns(study: Study) -> Study:
    """The first two columns of Table 2 and what they rest on; all models are run in test_study_models.py."""
    kept = only_parts(study, performance_index.Options, exposure_part.Options, regressions.Options, products.Options)
    return with_part(kept, regressions.Options, models=study.options(regressions.Options).models[:2])


@pytest.fixture(scope="module")
def study() -> Study:
    return first_columns(load_studies()["mspi"])


@pytest.fixture
def figures(study) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    codes = [province.province_code for province in load_provinces()]
    frame = pd.DataFrame([(code, year) for code in codes for year in YEARS], columns=KEYS)
    for name in load_studies()["mspi"].indicators:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    frame["gdp"] = np.exp(rng.normal(8, 1, len(frame)))
    frame["budget_expenditure"] = frame["gdp"] ** 0.5 * np.exp(rng.normal(0, 0.1, len(frame)))
    return frame


@pytest.fixture
def exposure(figures) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    codes = figures["entity_code"].unique()
    # From the year before the window, as a lagged exposure needs it.
    frame = pd.DataFrame([(code, year) for code in codes for year in range(2012, 2025)], columns=KEYS)
    start = rng.integers(2013, 2018, 31).repeat(13)
    share = np.where(frame["year"] >= start, rng.random(31).repeat(13), 0.0)
    return frame.assign(study="mspi", exposure=share, preferred=True)


def index_of(figures: pd.DataFrame, study: Study) -> pd.DataFrame:
    panel = province_panel(study.years)
    return index_tables(figures, study.options(performance_index.Options), panel, study.id)["performance_index"]


@pytest.fixture
def index(figures, study) -> pd.DataFrame:
    return index_of(figures, study)


def variables(figures, exposure, index, study, **choice) -> pd.DataFrame:
    return prepare_variables(figures, offered(exposure, index), study, province_panel(study.years), **choice)


def offered(exposure, index) -> dict[str, pd.DataFrame]:
    tables = {"exposure_variant": exposure, "performance_index": index}
    return {name: table for name, table in tables.items() if table is not None}


def fitted(figures, exposure, index, study) -> StudyResult:
    return fit_study(ModelMaker(study, province_panel(study.years), figures, offered(exposure, index)))


def own(index: pd.DataFrame, reading: str) -> pd.DataFrame:
    return index[(index["reading"] == reading) & (index["variant"] == "")]


def of_model(frame: pd.DataFrame, model: str, reading: str = "volume", sample: str = "all") -> pd.DataFrame:
    kept = (frame["model"] == model) & (frame["reading"] == reading) & (frame["sample"] == sample)
    return frame[kept].reset_index(drop=True)


def test_log_z(figures, exposure, index, study):
    frame = variables(figures, exposure, index, study)
    logs = np.log(figures["gdp_per_capita"])
    np.testing.assert_allclose(frame["gdp_per_capita"], (logs - logs.mean()) / logs.std(ddof=1), rtol=1e-12)
    share = figures["urbanization_rate"] * 0.01
    np.testing.assert_allclose(frame["urbanization"], (share - share.mean()) / share.std(ddof=1), rtol=1e-10)
    np.testing.assert_array_equal(frame["exposure"], exposure.loc[exposure["year"] > 2012, "exposure"])
    np.testing.assert_array_equal(frame["mspi"], own(index, "volume")["mspi"])


@pytest.mark.parametrize(
    ("transform", "gdp", "urban"),
    [
        ("log", lambda g: np.log(g), lambda u: u * 0.01),
        ("raw", lambda g: g, lambda u: u * 0.01),
        ("z", lambda g: (g - g.mean()) / g.std(), lambda u: (u - u.mean()) / u.std()),
    ],
)
def test_other_transforms(figures, exposure, index, study, transform, gdp, urban):
    frame = variables(figures, exposure, index, with_variables(study, transform=transform))
    np.testing.assert_allclose(frame["gdp_per_capita"], gdp(figures["gdp_per_capita"]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(frame["urbanization"], urban(figures["urbanization_rate"]), rtol=1e-9, atol=1e-12)


def test_reading_is_chosen(figures, exposure, index, study):
    frame = variables(figures, exposure, index, study, reading="substitution")
    np.testing.assert_array_equal(frame["ssi"], own(index, "substitution")["ssi"])


def test_variant_is_chosen_where_the_variables_come_in_it(figures, exposure, index, study):
    entropy = index[(index["reading"] == "volume") & (index["variant"] == "weighting=entropy")]
    frame = variables(figures, exposure, index, study, variant="weighting=entropy")
    np.testing.assert_array_equal(frame["mspi"], entropy["mspi"])
    other = variables(figures, exposure, index, study, variant="window=2016-2023")
    np.testing.assert_array_equal(other["mspi"], own(index, "volume")["mspi"])


def test_only_preferred_rows_of_an_offered_table_count(figures, exposure, index, study):
    other = exposure.assign(exposure=9.0, preferred=False)
    expected = variables(figures, exposure, index, study)
    pd.testing.assert_frame_equal(variables(figures, pd.concat([other, exposure]), index, study), expected)


def test_columns_of_the_published_tables(figures, exposure, index, study):
    result = fitted(figures, exposure, index, study)
    for name, frame in (("estimate", result.estimate), ("model_fit", result.model_fit)):
        table = load_tables()[name]
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
        assert frame.notna().all(axis=None)


def test_models_and_readings(figures, exposure, index, study):
    result = fitted(figures, exposure, index, study)
    expected = [
        ("(1)", "volume", "all"), ("(1)", "substitution", "all"),
        ("(2)", "volume", "all"), ("(2)", "substitution", "all"), ("(2)", "volume", "without 2024"),
    ]  # fmt: skip
    assert list(result.model_fit[IDENTITY].itertuples(index=False, name=None)) == expected
    counts = result.estimate.groupby(IDENTITY)["term"].count()
    assert counts.to_dict() == {name: 1 if name[0] == "(1)" else 5 for name in expected}
    for reading in ("volume", "substitution"):
        frame = variables(figures, exposure, index, study, reading=reading)
        regressors = list(study.options(regressions.Options).models[1].regressors)
        direct = fit_two_way_fe(frame, "mspi", regressors, "entity_code", "year")
        rows = of_model(result.estimate, "(2)", reading)
        pd.testing.assert_frame_equal(rows[direct.estimates.columns], direct.estimates, check_dtype=False)
        [fit] = of_model(result.model_fit, "(2)", reading).to_dict("records")
        for key in FIT_KEYS:
            assert fit[key] == direct.fit[key]
    for column in ("estimator", "weights", "vintage", "variant"):
        assert set(result.estimate[column]) == {"twfe" if column == "estimator" else ""}


def test_rows_carry_units_and_the_rows_they_rest_on(figures, exposure, index, study):
    result = fitted(figures, exposure, index, study)
    rows = of_model(result.estimate, "(2)").set_index("term")
    assert rows.loc["exposure", ["unit_en", "unit_zh"]].tolist() == [
        "SD per unit of share (0 to 1)", "标准差／单位占比（0至1）",
    ]  # fmt: skip
    assert rows.loc["urbanization", "unit_en"] == "SD per SD"
    assert set(rows["n_obs"]) == {372}
    assert set(of_model(result.estimate, "(2)", sample="without 2024")["n_obs"]) == {341}


def test_the_configured_reading_comes_first(figures, exposure, study):
    turned = with_part(study, performance_index.Options, utilisation="substitution")
    result = fitted(figures, exposure, index_of(figures, turned), turned)
    assert result.model_fit["reading"].tolist() == ["substitution", "volume", "substitution", "volume", "substitution"]
    assert result.model_fit["sample"].tolist() == ["all"] * 4 + ["without 2024"]


def test_exposure_as_outcome_needs_one_reading_only(figures, exposure, index, study):
    models = [{"table_no": "T", "model": "a", "outcome": "exposure", "regressors": ["urbanization"]}]
    headline = {"table_no": "T", "model": "a", "term": "urbanization"}
    only = with_panel(with_part(study, regressions.Options, models=models, headline=headline), provisional_years=())
    result = fitted(figures, exposure, index, only)
    assert result.model_fit[["model", "reading"]].to_dict("records") == [{"model": "a", "reading": ""}]
    assert json.loads(result.model_fit["configuration"][0])["identity"]["reading"] == ""


def test_convention_and_configuration(figures, exposure, index, study):
    figures.loc[5, "gdp_per_capita"] = np.nan
    result = fitted(figures, exposure, index, study)
    [fit] = of_model(result.model_fit, "(2)").to_dict("records")
    factor = 31 / 30 * 370 / (371 - 17)
    for part in (
        "an association, not an effect",
        "31 provinces x 12 years (2013-2024), 371 rows, 1 dropped",
        "北京市 Beijing (110000) 2018: gdp_per_capita",
        "clustered by province, 31 clusters",
        f"{factor:.6f}",
        "here k = 17",
        "30 degrees of freedom",
        "seed: none",
    ):
        assert part in fit["note_en"]
    for part in ("非因果效应", "31个省份×12年（2013-2024），371行，剔除1行", "按省份聚类，31个聚类", f"{factor:.6f}"):
        assert part in fit["note_zh"]
    assert "非因果" not in fit["note_en"] and "association" not in fit["note_zh"]
    assert of_model(result.model_fit, "(1)")["n_dropped"].tolist() == [0]
    assert fit["n_dropped"] == 1
    [text] = of_model(result.model_fit, "(2)", "substitution")["configuration"]
    configuration = json.loads(text)
    assert configuration["identity"]["reading"] == "substitution"
    assert configuration["performance_index"]["utilisation"] == "volume"
    assert configuration["exposure"] == study.options(exposure_part.Options).model_dump(mode="json")
    assert configuration["variables"]["transform"] == "log_z"
    assert configuration["panel"] == study.panel.model_dump(mode="json")
    assert list(configuration) == sorted(configuration)


def test_carried_cells_are_said(figures, exposure, study):
    figures.loc[0, "newborn_visit_rate"] = np.nan
    allowing = with_part(study, performance_index.Options, allow_edge_fill=True)
    [fit] = of_model(
        fitted(figures, exposure, index_of(figures, allowing), allowing).model_fit, "(1)"
    ).to_dict("records")  # fmt: skip
    assert "1 index cells carried from the nearest year" in fit["note_en"]
    assert "边缘缺失值" in fit["note_zh"]


def test_trends_are_run_and_said(figures, exposure, index, study):
    models = [{**model.model_dump(), "trends": True} for model in study.options(regressions.Options).models]
    result = fitted(figures, exposure, index, with_part(study, regressions.Options, models=models))
    assert "30 province-specific linear trends" in result.model_fit["note_en"][0]
    assert "30个省份线性趋势" in result.model_fit["note_zh"][0]
    assert "province_code x (year - 2013)" in result.model_fit["formula"][0]
    assert result.models[0].spec.key == ("Table 2", "(1)")
    assert result.fits[0].evidence["n_trends"] == 30


def test_a_study_without_index_and_exposure(figures):
    study = load_studies()["expenditure_gdp"].until(2024)
    earlier = figures.assign(year=figures["year"] - 2)
    both = pd.concat([earlier[earlier["year"] < 2013], figures])
    result = fitted(both, None, None, study)
    (row,) = result.estimate.to_dict("records")
    assert (row["term"], row["reading"], row["unit_en"]) == ("ln_gdp", "", "log point per log point")
    assert row["ci_low"] < 0.5 < row["ci_high"]
    assert result.model_fit["n_obs"].tolist() == [31 * 14]
    assert math.isclose(row["df"], 30)


def test_years_the_data_lack_count_as_dropped(figures):
    result = fitted(figures, None, None, load_studies()["expenditure_gdp"].until(2024))
    assert result.model_fit["n_dropped"].tolist() == [62]
    assert "62 dropped (北京市 Beijing (110000) 2011" in result.model_fit["note_en"][0]


def test_row_order_is_irrelevant_to_the_bit(figures, exposure, index, study):
    first = fitted(figures, exposure, index, study)
    frames = [frame.sample(frac=1, random_state=1) for frame in (figures, exposure, index)]
    again = fitted(*frames, study)
    pd.testing.assert_frame_equal(first.estimate, again.estimate, check_exact=True)
    pd.testing.assert_frame_equal(first.model_fit, again.model_fit, check_exact=True)


def test_ln_of_what_is_not_positive_is_named(figures, exposure, index, study):
    figures.loc[13, "gdp_per_capita"] = 0.0
    with pytest.raises(StudyError, match=r"gdp_per_capita is not positive.*天津市 Tianjin \(120000\) 2014 \(0.0\)"):
        variables(figures, exposure, index, study)


def test_z_of_a_constant(figures, exposure, index, study):
    with pytest.raises(StudyError, match="urbanization: no variation"):
        variables(figures.assign(urbanization_rate=50.0), exposure, index, study)


def test_inputs_that_are_absent(figures, exposure, index, study):
    with pytest.raises(StudyError, match="'mspi' needs the input with exposure, made by exposure"):
        fitted(figures, None, index, study)
    with pytest.raises(StudyError, match="needs the input with mspi, ssi, qii, hmi, made by performance_index"):
        fitted(figures, exposure, None, study)
    with pytest.raises(StudyError, match="the input of mspi, ssi, qii, hmi lacks the columns reading"):
        fitted(figures, exposure, index.drop(columns="reading"), study)
    with pytest.raises(StudyError, match="needs the input with exposure, made by exposure"):
        fitted(figures, exposure.drop(columns="exposure"), index, study)
    with pytest.raises(StudyError, match="the input of exposure has no row for the study"):
        fitted(figures, exposure.assign(study="other"), index, study)
    with pytest.raises(StudyError, match="the input of mspi, ssi, qii, hmi has no row for the study"):
        fitted(figures, exposure, index[index["reading"] == "volume"], study)
    with pytest.raises(PanelError, match="lack the columns gdp_per_capita"):
        fitted(figures.drop(columns="gdp_per_capita"), exposure, index, study)


def test_rows_that_stand_twice(figures, exposure, index, study):
    message = r"the input of exposure has a row that occurs twice: 北京市 Beijing \(110000\) 2012"
    with pytest.raises(StudyError, match=message):
        fitted(figures, pd.concat([exposure, exposure.head(1)]), index, study)


def test_an_estimation_error_names_the_model(figures, exposure, index, study):
    message = r"mspi, Table 2 \(1\) \(volume\): the regressor 'exposure' is constant"
    with pytest.raises(EstimationError, match=message):
        fitted(figures, exposure.assign(exposure=0.0), index, study)
