"""The headline under another edition of the figures: only where that edition changes what the study uses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog import Study, load_studies
from models_py.panel import KEYS, province_panel
from models_py.parts.regressions.panel_study import StudyResult, affected, figures_lacking, fit_study, fit_vintages
from models_py.parts.regressions.study_models import ModelMaker


@pytest.fixture(scope="module")
def study() -> Study:
    return load_studies()["digital_finance"]


@pytest.fixture(scope="module")
def figures(study: Study) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    grid = pd.MultiIndex.from_product([province_panel(study.years).codes, range(2010, 2021)], names=KEYS)
    frame = pd.DataFrame({name: rng.uniform(20, 90, len(grid)) for name in study.indicators}, index=grid)
    return frame.reset_index()


def making(figures: pd.DataFrame, study: Study) -> ModelMaker:
    return ModelMaker(study, province_panel(study.years), figures, {})


def other(figures: pd.DataFrame, indicator: str, year: int, factor: float = 1.1) -> pd.DataFrame:
    changed = figures.copy()
    changed.loc[changed["year"] == year, indicator] *= factor
    return changed


def refitted(figures: pd.DataFrame, study: Study, **editions: pd.DataFrame) -> dict[str, StudyResult]:
    alternatives = pd.concat([frame.assign(vintage=name) for name, frame in editions.items()])
    return fit_vintages(making(figures, study), alternatives, lambda _: {})


def test_a_vintage_that_changes_an_input_is_fitted_and_named(figures: pd.DataFrame, study: Study) -> None:
    alternative = other(figures, "gdp_per_capita", 2015, 3.0)
    [(vintage, result)] = refitted(figures, study, old=alternative, same=figures).items()
    assert vintage == "old"
    for frame in (result.model_fit, result.estimate):
        assert set(frame["model"]) == {"(2)"} and set(frame["vintage"]) == {"old"} and set(frame["variant"]) == {""}
    assert '"vintage": "old"' in result.model_fit["configuration"].iloc[0]
    plain = fit_study(making(alternative, study)).estimate
    assert set(plain["vintage"]) == {""}
    direct = plain[plain["model"] == "(2)"].reset_index(drop=True)
    pd.testing.assert_series_equal(result.estimate["estimate"], direct["estimate"])
    base = fit_study(making(figures, study)).estimate
    assert not np.allclose(base[base["model"] == "(2)"]["estimate"], result.estimate["estimate"])


def test_variables_of_parts_are_made_again_from_the_edition(figures: pd.DataFrame, study: Study) -> None:
    seen: list[pd.DataFrame] = []

    def remake(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
        seen.append(frame)
        return {}

    alternative = other(figures, "gdp_per_capita", 2015, 3.0).assign(vintage="old")
    fit_vintages(making(figures, study), alternative, remake)
    [frame] = seen
    pd.testing.assert_frame_equal(frame, alternative)


def test_a_unit_without_editions_has_no_further_versions(figures: pd.DataFrame, study: Study) -> None:
    assert fit_vintages(making(figures, study), None, lambda _: {}) == {}
    assert refitted(figures, study, old=figures.head(0)) == {}


@pytest.mark.parametrize(("indicator", "year"), [("gdp_per_capita", 2010), ("gdp_per_capita", 2020)])
def test_years_outside_the_study_change_nothing(figures: pd.DataFrame, study: Study, indicator: str, year: int) -> None:
    alternative = other(figures, indicator, year)
    assert not affected(making(figures, study), alternative)
    assert refitted(figures, study, old=alternative) == {}


def test_an_edition_that_lacks_a_figure_the_study_uses_is_not_fitted(figures: pd.DataFrame, study: Study) -> None:
    alternative = other(figures, "gdp_per_capita", 2015, 3.0)
    alternative.loc[alternative["year"] == 2016, "gdp_per_capita"] = np.nan
    assert affected(making(figures, study), alternative)
    assert figures_lacking(making(figures, study), alternative) == 31
    assert refitted(figures, study, old=alternative) == {}


def test_figures_nobody_has_or_the_study_does_not_use_are_not_lacking(figures: pd.DataFrame, study: Study) -> None:
    neither = figures.assign(gdp_per_capita=np.nan)
    assert figures_lacking(making(neither, study), neither) == 0
    outside = figures.copy()
    outside.loc[outside["year"] == 2020, "gdp_per_capita"] = np.nan
    assert figures_lacking(making(figures, study), outside) == 0


def test_indicators_the_study_does_not_use_change_nothing(figures: pd.DataFrame, study: Study) -> None:
    assert not affected(making(figures, study), figures.assign(newborn_visit_rate=1.0))


def test_a_variable_kept_out_of_the_z_scores_keeps_its_unit(figures: pd.DataFrame, study: Study) -> None:
    doubled = figures.assign(digital_finance_index=figures["digital_finance_index"] * 2)
    one, two = (fit_study(making(frame, study)).estimate for frame in (figures, doubled))
    ratio = one["estimate"] / two["estimate"]
    exposure = one["term"] == "digital_finance"
    np.testing.assert_allclose(ratio[exposure], 2.0, rtol=1e-9)
    np.testing.assert_allclose(ratio[~exposure], 1.0, rtol=1e-7)
