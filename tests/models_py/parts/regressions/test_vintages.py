"""The headline under another edition of the figures: only where that edition changes what the study uses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_provinces, load_studies
from models_py.econometrics import fit_study, fit_vintages
from models_py.parts.regressions.vintages import affected, figures_lacking


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["digital_finance"]


@pytest.fixture(scope="module")
def province_year(study: Study) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    codes = [p.province_code for p in load_provinces()]
    grid = pd.MultiIndex.from_product([codes, range(2010, 2021)], names=["province_code", "year"])
    frame = pd.DataFrame({name: rng.uniform(20, 90, len(grid)) for name in study.indicators}, index=grid)
    return frame.reset_index()


def other(province_year: pd.DataFrame, indicator: str, year: int, factor: float = 1.1) -> pd.DataFrame:
    changed = province_year.copy()
    changed.loc[changed["year"] == year, indicator] *= factor
    return changed


def test_a_vintage_that_changes_an_input_is_fitted_and_named(province_year: pd.DataFrame, study: Study) -> None:
    alternative = other(province_year, "gdp_per_capita", 2015, 3.0)
    [(vintage, result)] = fit_vintages(province_year, {"old": alternative}, None, study).items()
    assert vintage == "old"
    assert set(result.model_fit["model"]) == {"(2) vintage old"}
    assert '"vintage_preferred": "old"' in result.model_fit["configuration"].iloc[0]
    plain = fit_study(alternative, None, None, study).estimate
    direct = plain[plain["model"] == "(2)"].reset_index(drop=True)
    pd.testing.assert_series_equal(result.estimate["estimate"], direct["estimate"])
    base = fit_study(province_year, None, None, study).estimate
    assert not np.allclose(base[base["model"] == "(2)"]["estimate"], result.estimate["estimate"])


@pytest.mark.parametrize(("indicator", "year"), [("gdp_per_capita", 2010), ("gdp_per_capita", 2020)])
def test_years_outside_the_study_change_nothing(
    province_year: pd.DataFrame, study: Study, indicator: str, year: int
) -> None:
    alternative = other(province_year, indicator, year)
    assert not affected(province_year, alternative, study)
    assert fit_vintages(province_year, {"old": alternative}, None, study) == {}


def test_an_edition_that_lacks_a_figure_the_study_uses_is_not_fitted(province_year: pd.DataFrame, study: Study) -> None:
    alternative = other(province_year, "gdp_per_capita", 2015, 3.0)
    alternative.loc[alternative["year"] == 2016, "gdp_per_capita"] = np.nan
    assert affected(province_year, alternative, study)
    assert figures_lacking(province_year, alternative, study) == 31
    assert fit_vintages(province_year, {"old": alternative}, None, study) == {}


def test_figures_nobody_has_or_the_study_does_not_use_are_not_lacking(
    province_year: pd.DataFrame, study: Study
) -> None:
    neither = province_year.assign(gdp_per_capita=np.nan)
    assert figures_lacking(neither, neither, study) == 0
    outside = province_year.copy()
    outside.loc[outside["year"] == 2020, "gdp_per_capita"] = np.nan
    assert figures_lacking(province_year, outside, study) == 0


def test_indicators_the_study_does_not_use_change_nothing(province_year: pd.DataFrame, study: Study) -> None:
    alternative = province_year.assign(newborn_visit_rate=1.0)
    assert not affected(province_year, alternative, study)


def test_a_variable_kept_out_of_the_z_scores_keeps_its_unit(province_year: pd.DataFrame, study: Study) -> None:
    doubled = province_year.assign(digital_finance_index=province_year["digital_finance_index"] * 2)
    one, two = (fit_study(frame, None, None, study).estimate for frame in (province_year, doubled))
    ratio = one["estimate"] / two["estimate"]
    exposure = one["term"] == "digital_finance"
    np.testing.assert_allclose(ratio[exposure], 2.0, rtol=1e-9)
    np.testing.assert_allclose(ratio[~exposure], 1.0, rtol=1e-7)
