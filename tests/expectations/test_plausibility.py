"""The arithmetic of plausibility, against figures worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import expectations.plausibility as plausibility
from catalog.indicators import Indicator, load_registry

INDICATORS = load_registry().indicators
REPORTED = {indicator.id: indicator for indicator in load_registry().reported}


def test_a_change_counts_either_way() -> None:
    now = np.array([200.0, 50.0, 100.0, 5.0, 0.0, 0.0, -100.0, np.nan, 100.0])
    before = np.array([100.0, 100.0, 100.0, 0.0, 5.0, 0.0, 100.0, 100.0, np.nan])
    expected = [2.0, 2.0, 1.0, np.inf, np.inf, 1.0, np.inf, np.nan, np.nan]
    assert plausibility.change_factor(now, before).tolist() == pytest.approx(expected, nan_ok=True)


def test_the_middle_is_geometric() -> None:
    assert plausibility.middle(INDICATORS["gdp"]) == pytest.approx((20 * 300000) ** 0.5)
    assert plausibility.middle(INDICATORS["urban_share"]) == pytest.approx(1000**0.5)


def test_a_range_from_zero_has_a_usual_low() -> None:
    assert plausibility.middle(INDICATORS["child_management_rate"]) == pytest.approx((20 * 100) ** 0.5)
    assert plausibility.middle(INDICATORS["emergency_mortality_rate"]) == pytest.approx((0.02 * 5) ** 0.5)


@pytest.mark.parametrize("indicator", REPORTED.values(), ids=list(REPORTED))
def test_every_reported_indicator_is_judged_and_fits_its_own_middle(indicator: Indicator) -> None:
    middle = plausibility.middle(indicator)
    assert indicator.range[0] <= middle <= indicator.range[1]
    for unit in plausibility.units_of(indicator):
        assert plausibility.fitting_unit(indicator, unit, middle) == unit


@pytest.mark.parametrize(
    ("name", "declared", "printed", "fitting"),
    [
        ("gdp", "亿元", "37767", "亿元"),
        ("gdp", "亿元", "377670000", "万元"),
        ("gdp", "元", "377670000", "万元"),
        ("gdp", "万元", "37767", "亿元"),
        ("resident_population", "万人", "21890000", "人"),
        ("resident_population", "人", "2189", "万人"),
        ("land_area", "平方公里", "16.4", "万平方公里"),
        ("outpatient_visits", "人次", "20000", "万人次"),
        ("child_management_rate", "%", "0.92", "1"),
        ("child_management_rate", "1", "92", "%"),
        ("child_management_rate", "%", "920", "‰"),
        ("child_management_rate", "%", "92", "%"),
        ("emergency_mortality_rate", "%", "0.07", "%"),
        ("emergency_mortality_rate", "%", "0.0007", "1"),
        ("inpatient_mortality_rate", "%", "0.5", "%"),
        ("inpatient_mortality_rate", "%", "5", "‰"),
        ("digital_finance_index", "指数点", "0.001", "指数点"),
    ],
)
def test_the_unit_that_fits_is_found(name: str, declared: str, printed: str, fitting: str) -> None:
    value = float(Decimal(printed) * load_registry().conversion(declared, name))
    assert plausibility.fitting_unit(INDICATORS[name], declared, value) == fitting


def test_a_figure_of_zero_has_no_magnitude() -> None:
    assert plausibility.fitting_unit(INDICATORS["gdp"], "亿元", 0.0) == "亿元"


def test_units_of_an_indicator_measure_its_quantity() -> None:
    assert plausibility.units_of(INDICATORS["gdp"]) == ("亿元", "元", "万元")
    assert plausibility.units_of(INDICATORS["digital_finance_index"]) == ("指数点",)


def rank_moves(values: pd.DataFrame) -> pd.DataFrame:
    """`values` has a row a year and a column a province; so has the result."""
    years = values.stack(future_stack=True)
    before = values.reindex(values.index - 1).set_axis(values.index).stack(future_stack=True)
    return plausibility.rank_moves(years, before, [years.index.get_level_values(0)]).unstack()


def test_rank_moves_among_those_present_in_both_years() -> None:
    values = pd.DataFrame(
        {"a": [1.0, 9.0, 1.0, 1.0], "b": [2.0, 2.0, 2.0, 2.0], "c": [3.0, 3.0, np.nan, 3.0], "d": [4.0, 4.0, 4.0, 4.0]},
        index=[2013, 2014, 2015, 2017],
    )
    moves = rank_moves(values)
    assert moves.loc[2013].isna().all()
    assert moves.loc[2014].tolist() == [3, 1, 1, 1]
    assert moves.loc[2015].tolist() == pytest.approx([2, 1, np.nan, 1], nan_ok=True)
    assert moves.loc[2017].isna().all()


def test_equal_figures_share_a_rank() -> None:
    values = pd.DataFrame({"a": [90.0, 90.0], "b": [90.0, 91.0], "c": [95.0, 95.0]}, index=[2013, 2014])
    assert rank_moves(values).loc[2014].tolist() == [0.5, 0.5, 0]


def test_only_what_adds_up_has_a_tolerance() -> None:
    assert plausibility.sum_tolerance(INDICATORS["gdp"]) == 0.15
    assert plausibility.sum_tolerance(INDICATORS["hospital_admissions"]) == 0.05
    for name in ("child_management_rate", "digital_finance_index", "gdp_per_capita", "population_density"):
        assert plausibility.sum_tolerance(INDICATORS[name]) is None


def test_jump_factors_are_the_quantitys_unless_the_indicator_has_its_own() -> None:
    assert plausibility.jump_factor(INDICATORS["gdp"]) == 2
    assert plausibility.jump_factor(INDICATORS["digital_finance_index"]) == 5
    assert plausibility.city_jump_factor(INDICATORS["gdp"]) == 3
    # An indicator that may jump by more than its quantity in a province may do so in a city.
    assert plausibility.city_jump_factor(INDICATORS["digital_finance_index"]) == 5
