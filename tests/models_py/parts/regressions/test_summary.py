"""Table 1 in natural units."""

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies, load_tables
from catalog.parts import performance_index, regressions
from medpanel.sample.panel import simulate_panel
from models_py.panel import KEYS, province_panel
from models_py.parts.performance_index.index import index_tables
from models_py.parts.regressions.study_models import ModelMaker
from models_py.parts.regressions.summary import summary_statistics
from models_py.parts.regressions.variables import StudyError
from tests.models_py.changing import with_variables


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["mspi"]


@pytest.fixture(scope="module")
def inputs(study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    simulated = simulate_panel(2)
    figures, exposure = (
        frame.rename(columns={"province_code": "entity_code"})
        for frame in (simulated.province_year, simulated.exposure)
    )
    panel, options = province_panel(study.years), study.options(performance_index.Options)
    index = index_tables(figures, options, panel, "mspi")["performance_index"]
    return figures, exposure.assign(study="mspi", preferred=True), index


def described(figures, exposure, index, study) -> pd.DataFrame:
    tables = {"exposure_variant": exposure, "performance_index": index}
    offered = {name: table for name, table in tables.items() if table is not None}
    return summary_statistics(ModelMaker(study, province_panel(study.years), figures, offered))


def test_table_1(study, inputs):
    figures, exposure, index = inputs
    rows = described(figures, exposure, index, study)
    assert rows.columns.tolist() == [c for c in load_tables()["summary_statistic"].columns if c != "data_kind"]
    assert not rows.duplicated(list(load_tables()["summary_statistic"].key)).any()
    controls = list(study.variables.declared)
    assert rows["variable"].tolist() == ["mspi", "exposure", *controls]
    assert rows["position"].tolist() == list(range(1, len(rows) + 1))
    assert set(rows["n"]) == {372} and set(rows["table_no"]) == {"Table 1"}
    own = index.query("reading == 'volume' and variant == ''")["mspi"]
    natural = {"mspi": own, "exposure": exposure["exposure"], "urbanization": figures["urbanization_rate"] / 100}
    natural["gdp_per_capita"] = figures["gdp_per_capita"]
    natural["fiscal_expenditure"] = figures["budget_expenditure_per_capita"]
    by_name = rows.set_index("variable")
    for name, values in natural.items():
        row = by_name.loc[name]
        assert row["mean"] == pytest.approx(values.mean(), rel=1e-12, abs=1e-12)
        assert row["sd"] == pytest.approx(np.sqrt(((values - values.mean()) ** 2).sum() / 371), rel=1e-12)
        assert (row["min"], row["max"]) == pytest.approx((values.min(), values.max()), rel=1e-15)
    units = ["standard deviations", "share", "元/人", "share", "人/平方公里", "元/人"]
    assert by_name.loc[["mspi", "exposure", *controls], "unit"].tolist() == units


def test_where_the_extremes_stand(study, inputs):
    figures, exposure, index = inputs
    frame = figures.copy()
    at = (frame["entity_code"] == 540000) & (frame["year"] == 2013)
    frame.loc[at, "gdp_per_capita"] = 1.0
    frame.loc[frame["year"] == 2020, "gdp_per_capita"] = 9e9
    rows = described(frame, exposure, index, study).set_index("variable")
    assert rows.loc["gdp_per_capita", "min_at"] == "西藏自治区 Tibet (540000) 2013"
    assert rows.loc["gdp_per_capita", "max_at"] == "北京市 Beijing (110000) 2020 (+30)"


def test_missing_figures_are_not_counted(study, inputs):
    figures, exposure, index = inputs
    frame = figures.copy()
    frame.loc[frame["year"] < 2015, "population_density"] = np.nan
    frame["urbanization_rate"] = np.nan
    rows = described(frame, exposure, index, study).set_index("variable")
    assert rows.loc["population_density", "n"] == 310
    kept = frame.loc[frame["year"] >= 2015, "population_density"]
    assert rows.loc["population_density", "mean"] == pytest.approx(kept.mean(), rel=1e-12)
    assert rows.loc["urbanization", "n"] == 0
    assert rows.loc["urbanization", ["mean", "sd", "min", "max"]].isna().all()
    one = frame.assign(urbanization_rate=np.where(frame.index == 5, 50.0, np.nan))
    row = described(one, exposure, index, study).set_index("variable").loc["urbanization"]
    assert row["n"] == 1 and row["mean"] == 0.5 and np.isnan(row["sd"])


def test_only_the_window_and_the_study_count(study, inputs):
    figures, exposure, index = inputs
    more = pd.concat([exposure.assign(exposure=99.0, study="other"), exposure])
    late = pd.concat([figures, figures[figures["year"] == 2024].assign(year=2025, gdp_per_capita=1.0)])
    pd.testing.assert_frame_equal(described(late, more, index, study), described(figures, exposure, index, study))


def test_neither_transform_nor_deflation_shows(study, inputs):
    figures, exposure, index = inputs
    deflate = {"indicator": "consumer_price_index", "base_year": 2013}
    real = {"gdp_per_capita": {"indicator": "gdp_per_capita", "log": True, "deflate": deflate}}
    other = with_variables(study, declared=real, transform="z")
    pd.testing.assert_frame_equal(
        described(figures, exposure, index, other),
        described(figures, exposure, index, study),
    )


def test_a_study_without_index_and_exposure():
    study = load_studies()["digital_finance"]
    codes = province_panel(study.years).codes
    frame = pd.DataFrame([(c, y) for c in codes for y in range(2011, 2020)], columns=KEYS)
    rng = np.random.default_rng(1)
    for name in study.indicators:
        frame[name] = rng.uniform(10, 90, len(frame))
    rows = described(frame, None, None, study).set_index("variable")
    assert rows.index.tolist() == list(study.variables.declared)
    assert rows.loc["digital_finance", "mean"] == pytest.approx(frame["digital_finance_index"].mean() / 100)
    assert rows.loc["digital_finance", "unit"].startswith("100 ")
    # A regression table of this study is called Table 1.
    assert study.options(regressions.Options).summary_table == "Summary statistics"
    assert set(rows["table_no"]) == {"Summary statistics"}
    assert rows.loc["child_management_rate", "mean"] == pytest.approx(frame["child_management_rate"].mean())


def test_an_absent_input_is_named(study, inputs):
    figures, exposure, index = inputs
    with pytest.raises(StudyError, match="made by performance_index"):
        described(figures, exposure, None, study)
    with pytest.raises(StudyError, match="made by exposure"):
        described(figures, None, index, study)
