"""Variables and regressions of a study."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies, load_tables
from models_py.econometrics import EstimationError, StudyError, fit_study, fit_two_way_fe, prepare_variables
from models_py.indices import performance_index
from models_py.panel import KEYS, PanelError

YEARS = range(2013, 2025)
FIT_KEYS = ("r2", "r2_within", "r2_within_entity", "log_likelihood", "aic", "bic")


@pytest.fixture(scope="module")
def study() -> Study:
    """The first two columns of Table 2; all models are run in test_study_models.py."""
    return changed(load_studies()["mspi"], models=load_studies()["mspi"].model_dump()["models"][:2])


@pytest.fixture
def province_year(study) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    codes = [province.province_code for province in load_provinces()]
    frame = pd.DataFrame([(code, year) for code in codes for year in YEARS], columns=["province_code", "year"])
    for name in study.indicators:
        frame[name] = np.exp(rng.normal(size=len(frame)))
    frame["gdp"] = np.exp(rng.normal(8, 1, len(frame)))
    frame["budget_expenditure"] = frame["gdp"] ** 0.5 * np.exp(rng.normal(0, 0.1, len(frame)))
    return frame


@pytest.fixture
def exposure(province_year) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    codes = province_year["province_code"].unique()
    # From the year before the window, as a lagged exposure needs it.
    frame = pd.DataFrame([(code, year) for code in codes for year in range(2012, 2025)], columns=KEYS)
    start = rng.integers(2013, 2018, 31).repeat(13)
    share = np.where(frame["year"] >= start, rng.random(31).repeat(13), 0.0)
    return frame.assign(study="mspi", exposure=share)


@pytest.fixture
def index(province_year, study) -> pd.DataFrame:
    return performance_index(province_year, study)[0]


def changed(study: Study, **sections: object) -> Study:
    data = study.model_dump()
    for name, value in sections.items():
        data[name] = {**data[name], **value} if isinstance(value, dict) else value
    return Study.model_validate(data)


def test_log_z(province_year, exposure, index, study):
    frame = prepare_variables(province_year, exposure, index, study)
    logs = np.log(province_year["gdp_per_capita"])
    np.testing.assert_allclose(frame["gdp_per_capita"], (logs - logs.mean()) / logs.std(ddof=1), rtol=1e-12)
    share = province_year["urbanization_rate"] * 0.01
    np.testing.assert_allclose(frame["urbanization"], (share - share.mean()) / share.std(ddof=1), rtol=1e-10)
    np.testing.assert_array_equal(frame["exposure"], exposure.loc[exposure["year"] > 2012, "exposure"])
    volume = index[index["reading"] == "volume"]
    np.testing.assert_array_equal(frame["mspi"], volume["mspi"])


@pytest.mark.parametrize(
    ("transform", "gdp", "urban"),
    [
        ("log", lambda g: np.log(g), lambda u: u * 0.01),
        ("raw", lambda g: g, lambda u: u * 0.01),
        ("z", lambda g: (g - g.mean()) / g.std(), lambda u: (u - u.mean()) / u.std()),
    ],
)
def test_other_transforms(province_year, exposure, index, study, transform, gdp, urban):
    frame = prepare_variables(province_year, exposure, index, changed(study, controls={"transform": transform}))
    np.testing.assert_allclose(frame["gdp_per_capita"], gdp(province_year["gdp_per_capita"]), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(frame["urbanization"], urban(province_year["urbanization_rate"]), rtol=1e-9, atol=1e-12)


def test_reading_is_chosen(province_year, exposure, index, study):
    frame = prepare_variables(province_year, exposure, index, study, reading="substitution")
    expected = index[index["reading"] == "substitution"]
    np.testing.assert_array_equal(frame["ssi"], expected["ssi"])


def test_columns_of_the_published_tables(province_year, exposure, index, study):
    result = fit_study(province_year, exposure, index, study)
    for name, frame in (("estimate", result.estimate), ("model_fit", result.model_fit)):
        table = load_tables()[name]
        assert frame.columns.tolist() == [c for c in table.columns if c != "data_kind"]
        assert not frame.duplicated(list(table.key)).any()
        assert frame.notna().all(axis=None)


def test_models_and_readings(province_year, exposure, index, study):
    result = fit_study(province_year, exposure, index, study)
    names = ["(1)", "(1) substitution", "(2)", "(2) substitution", "(2) without 2024"]
    assert result.model_fit["model"].tolist() == names
    counts = result.estimate.groupby("model")["term"].count()
    assert counts.to_dict() == {name: 1 if name.startswith("(1)") else 5 for name in names}
    for reading, model in (("volume", "(2)"), ("substitution", "(2) substitution")):
        frame = prepare_variables(province_year, exposure, index, study, reading=reading)
        direct = fit_two_way_fe(frame, "mspi", list(study.models[1].regressors), "province_code", "year")
        rows = result.estimate[result.estimate["model"] == model].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows[direct.estimates.columns], direct.estimates)
        fit = result.model_fit.set_index("model").loc[model]
        for key in FIT_KEYS:
            assert fit[key] == direct.fit[key]


def test_the_configured_reading_keeps_the_name(province_year, exposure, study):
    turned = changed(study, index={"utilisation": "substitution"})
    index, _ = performance_index(province_year, turned)
    result = fit_study(province_year, exposure, index, turned)
    names = ["(1)", "(1) volume", "(2)", "(2) volume", "(2) without 2024"]
    assert result.model_fit["model"].tolist() == names


def test_exposure_as_outcome_needs_one_reading_only(province_year, exposure, index, study):
    models = [{"table_no": "T", "model": "a", "outcome": "exposure", "regressors": ["urbanization"]}]
    headline = {"table_no": "T", "model": "a", "term": "urbanization"}
    only = changed(study, models=models, headline=headline, provisional_years=(), specification_curve=None, timing=None)
    result = fit_study(province_year, exposure, index, only)
    assert result.model_fit["model"].tolist() == ["a"]
    assert json.loads(result.model_fit["configuration"][0])["reading"] is None


def test_convention_and_configuration(province_year, exposure, index, study):
    province_year.loc[5, "gdp_per_capita"] = np.nan
    result = fit_study(province_year, exposure, index, study)
    fit = result.model_fit.set_index("model")
    text = fit.loc["(2)", "convention"]
    factor = 31 / 30 * 370 / (371 - 17)
    for part in (
        "not an effect",
        "非因果效应",
        "31 provinces x 12 years (2013-2024), 371 rows, 1 dropped",
        "北京市 Beijing (110000) 2018: gdp_per_capita",
        "31 clusters",
        f"{factor:.6f}",
        "here k = 17",
        "30 degrees of freedom",
        "seed: none",
    ):
        assert part in text
    assert fit.loc["(1)", "n_dropped"] == 0
    assert fit.loc["(2)", "n_dropped"] == 1
    configuration = json.loads(fit.loc["(2) substitution", "configuration"])
    assert configuration["reading"] == "substitution"
    assert configuration["index"]["utilisation"] == "volume"
    assert configuration["exposure"] == study.exposure.model_dump(mode="json")
    assert list(configuration) == sorted(configuration)


def test_carried_cells_are_said(province_year, exposure, study):
    province_year.loc[0, "newborn_visit_rate"] = np.nan
    allowing = changed(study, index={"allow_edge_fill": True})
    index, _ = performance_index(province_year, allowing)
    text = fit_study(province_year, exposure, index, allowing).model_fit["convention"][0]
    assert "1 index cells carried from the nearest year" in text
    assert "边缘缺失值" in text


def test_trends_are_run_and_said(province_year, exposure, index, study):
    models = [{**model.model_dump(), "trends": True} for model in study.models]
    result = fit_study(province_year, exposure, index, changed(study, models=models))
    assert "30 province-specific linear trends" in result.model_fit["convention"][0]
    assert "province_code x (year - 2013)" in result.model_fit["formula"][0]
    assert result.fits["Table 2", "(1)"].evidence["n_trends"] == 30


def test_a_study_without_index_and_exposure(province_year):
    study = load_studies()["expenditure_gdp"]
    earlier = province_year.assign(year=province_year["year"] - 2)
    both = pd.concat([earlier[earlier["year"] < 2013], province_year])
    result = fit_study(both, None, None, study)
    (row,) = result.estimate.to_dict("records")
    assert row["term"] == "ln_gdp"
    assert row["ci_low"] < 0.5 < row["ci_high"]
    assert result.model_fit["n_obs"].tolist() == [31 * 14]
    assert math.isclose(row["df"], 30)


def test_years_the_data_lack_count_as_dropped(province_year):
    result = fit_study(province_year, None, None, load_studies()["expenditure_gdp"])
    assert result.model_fit["n_dropped"].tolist() == [62]
    assert "62 dropped (北京市 Beijing (110000) 2011" in result.model_fit["convention"][0]


def test_row_order_is_irrelevant_to_the_bit(province_year, exposure, index, study):
    first = fit_study(province_year, exposure, index, study)
    frames = [frame.sample(frac=1, random_state=1) for frame in (province_year, exposure, index)]
    again = fit_study(*frames, study)
    pd.testing.assert_frame_equal(first.estimate, again.estimate, check_exact=True)
    pd.testing.assert_frame_equal(first.model_fit, again.model_fit, check_exact=True)


def test_ln_of_what_is_not_positive_is_named(province_year, exposure, index, study):
    province_year.loc[13, "gdp_per_capita"] = 0.0
    with pytest.raises(StudyError, match=r"gdp_per_capita is not positive.*天津市 Tianjin \(120000\) 2014 \(0.0\)"):
        prepare_variables(province_year, exposure, index, study)


def test_z_of_a_constant(province_year, exposure, index, study):
    with pytest.raises(StudyError, match="urbanization: no variation"):
        prepare_variables(province_year.assign(urbanization_rate=50.0), exposure, index, study)


def test_inputs_that_are_absent(province_year, exposure, index, study):
    with pytest.raises(StudyError, match="needs the input exposure"):
        fit_study(province_year, None, index, study)
    with pytest.raises(StudyError, match=r"needs the input index \(volume\)"):
        fit_study(province_year, exposure, None, study)
    with pytest.raises(StudyError, match="index lacks the columns reading"):
        fit_study(province_year, exposure, index.drop(columns="reading"), study)
    with pytest.raises(StudyError, match="exposure lacks the columns exposure"):
        fit_study(province_year, exposure.drop(columns="exposure"), index, study)
    with pytest.raises(StudyError, match="no row for the study 'mspi'"):
        fit_study(province_year, exposure.assign(study="other"), index, study)
    with pytest.raises(StudyError, match=r"index \(substitution\) has no row"):
        fit_study(province_year, exposure, index[index["reading"] == "volume"], study)
    with pytest.raises(PanelError, match="lacks the columns gdp_per_capita"):
        fit_study(province_year.drop(columns="gdp_per_capita"), exposure, index, study)


def test_rows_that_stand_twice(province_year, exposure, index, study):
    with pytest.raises(StudyError, match=r"exposure has a row that stands twice: 北京市 Beijing \(110000\) 2012"):
        fit_study(province_year, pd.concat([exposure, exposure.head(1)]), index, study)


def test_an_estimation_error_names_the_model(province_year, exposure, index, study):
    with pytest.raises(EstimationError, match=r"mspi, Table 2 \(1\): the regressor 'exposure' is constant"):
        fit_study(province_year, exposure.assign(exposure=0.0), index, study)
