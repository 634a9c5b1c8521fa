"""Table 1 in natural units."""

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies, load_tables
from medpanel.sample.panel import simulate_panel
from models_py.econometrics import StudyError
from models_py.parts.regressions.summary import summary_statistics
from models_py.indices import performance_index


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


@pytest.fixture(scope="module")
def inputs(study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    panel = simulate_panel(2)
    return panel.province_year, panel.exposure.assign(study="mspi"), performance_index(panel.province_year, study)[0]


def test_table_1(study, inputs):
    province_year, exposure, index = inputs
    rows = summary_statistics(province_year, exposure, index, study)
    assert rows.columns.tolist() == [c for c in load_tables()["summary_statistic"].columns if c != "data_kind"]
    assert not rows.duplicated(list(load_tables()["summary_statistic"].key)).any()
    controls = list(study.controls.variables)
    assert rows["variable"].tolist() == ["mspi", "exposure", *controls]
    assert rows["position"].tolist() == list(range(1, len(rows) + 1))
    assert set(rows["n"]) == {372} and set(rows["table_no"]) == {"Table 1"}
    own = index[index["reading"] == study.index.utilisation]["mspi"]
    natural = {"mspi": own, "exposure": exposure["exposure"], "urbanization": province_year["urbanization_rate"] / 100}
    natural["gdp_per_capita"] = province_year["gdp_per_capita"]
    natural["fiscal_expenditure"] = province_year["budget_expenditure_per_capita"]
    by_name = rows.set_index("variable")
    for name, values in natural.items():
        row = by_name.loc[name]
        assert row["mean"] == pytest.approx(values.mean(), rel=1e-12, abs=1e-12)
        assert row["sd"] == pytest.approx(np.sqrt(((values - values.mean()) ** 2).sum() / 371), rel=1e-12)
        assert (row["min"], row["max"]) == pytest.approx((values.min(), values.max()), rel=1e-15)
    units = ["standard deviations", "share", "元/人", "share", "人/平方公里", "元/人"]
    assert by_name.loc[["mspi", "exposure", *controls], "unit"].tolist() == units


def test_where_the_extremes_stand(study, inputs):
    province_year, exposure, index = inputs
    frame = province_year.copy()
    at = (frame["province_code"] == 540000) & (frame["year"] == 2013)
    frame.loc[at, "gdp_per_capita"] = 1.0
    frame.loc[frame["year"] == 2020, "gdp_per_capita"] = 9e9
    rows = summary_statistics(frame, exposure, index, study, table_no="T").set_index("variable")
    assert rows.loc["gdp_per_capita", "min_at"] == "西藏自治区 Tibet (540000) 2013"
    assert rows.loc["gdp_per_capita", "max_at"] == "北京市 Beijing (110000) 2020 (+30)"
    assert set(rows["table_no"]) == {"T"}


def test_missing_figures_are_not_counted(study, inputs):
    province_year, exposure, index = inputs
    frame = province_year.copy()
    frame.loc[frame["year"] < 2015, "population_density"] = np.nan
    frame["urbanization_rate"] = np.nan
    rows = summary_statistics(frame, exposure, index, study).set_index("variable")
    assert rows.loc["population_density", "n"] == 310
    kept = frame.loc[frame["year"] >= 2015, "population_density"]
    assert rows.loc["population_density", "mean"] == pytest.approx(kept.mean(), rel=1e-12)
    assert rows.loc["urbanization", "n"] == 0
    assert rows.loc["urbanization", ["mean", "sd", "min", "max"]].isna().all()
    one = frame.assign(urbanization_rate=np.where(frame.index == 5, 50.0, np.nan))
    row = summary_statistics(one, exposure, index, study).set_index("variable").loc["urbanization"]
    assert row["n"] == 1 and row["mean"] == 0.5 and np.isnan(row["sd"])


def test_only_the_window_and_the_study_count(study, inputs):
    province_year, exposure, index = inputs
    more = pd.concat([exposure.assign(exposure=99.0, study="other"), exposure])
    late = pd.concat(
        [province_year, province_year[province_year["year"] == 2024].assign(year=2025, gdp_per_capita=1.0)]
    )
    pd.testing.assert_frame_equal(
        summary_statistics(late, more, index, study), summary_statistics(province_year, exposure, index, study)
    )


def test_neither_transform_nor_deflation_shows(study, inputs):
    province_year, exposure, index = inputs
    data = study.model_dump()
    data["controls"]["transform"] = "z"
    data["controls"]["variables"]["gdp_per_capita"]["deflate"] = {
        "indicator": "consumer_price_index",
        "base_year": 2013,
    }
    other = study.model_copy(update={"controls": type(study.controls).model_validate(data["controls"])})
    pd.testing.assert_frame_equal(
        summary_statistics(province_year, exposure, index, other),
        summary_statistics(province_year, exposure, index, study),
    )


def test_a_study_without_index_and_exposure():
    study = load_studies()["digital_finance"]
    codes = simulate_panel(2).province_year["province_code"].unique()
    frame = pd.DataFrame([(c, y) for c in codes for y in range(2011, 2020)], columns=["province_code", "year"])
    rng = np.random.default_rng(1)
    for name in study.indicators:
        frame[name] = rng.uniform(10, 90, len(frame))
    rows = summary_statistics(frame, None, None, study).set_index("variable")
    assert rows.index.tolist() == list(study.controls.variables)
    assert rows.loc["digital_finance", "mean"] == pytest.approx(frame["digital_finance_index"].mean() / 100)
    assert rows.loc["digital_finance", "unit"].startswith("100 ")
    assert rows.loc["child_management_rate", "mean"] == pytest.approx(frame["child_management_rate"].mean())


def test_an_absent_input_is_named(study, inputs):
    province_year, exposure, index = inputs
    with pytest.raises(StudyError, match="index"):
        summary_statistics(province_year, exposure, None, study)
    with pytest.raises(StudyError, match="exposure"):
        summary_statistics(province_year, None, index, study)
