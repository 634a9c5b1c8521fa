"""Every check of the tables of online doctors passes on the part's own tables and fails on data that break its rule."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pandas as pd
import pytest

import expectations.accessibility
import expectations.online_doctor
import expectations.online_inequality
from expectations.finder import TableSuite
from tests.models_py.parts.online_doctors.made_up_doctors import made, study

Break = Callable[[pd.DataFrame], pd.DataFrame]
MODULES = (expectations.online_doctor, expectations.accessibility, expectations.online_inequality)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return made()


def failed(module: ModuleType, df: pd.DataFrame) -> set[str]:
    result = TableSuite(module.TABLE, module).run(df, study())
    return {name.removeprefix("inequality_") for name in result.loc[~result["passed"], "check_name"]}


@pytest.mark.parametrize("module", MODULES)
def test_good_rows_pass_and_no_rows_may_be(module: ModuleType, tables: dict[str, pd.DataFrame]) -> None:
    good = tables[module.TABLE]
    assert failed(module, good) == set()
    assert failed(module, good.head(0)) == set()


def at(column: str, value: object, **where: object) -> Break:
    """Sets a column in the first row where others have a value."""

    def change(df: pd.DataFrame) -> pd.DataFrame:
        out = df.copy()
        mine = pd.Series(True, out.index)
        for name, wanted in where.items():
            mine &= out[name] == wanted
        row = out.index[mine][0]
        if out[column].dtype == "int64" and not isinstance(value, int):
            out[column] = out[column].astype(object)
        out.loc[row, column] = value(out.loc[row, column]) if callable(value) else value
        return out

    return change


def twice(df: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([df, df.tail(1)], ignore_index=True)


BEIJING = {"entity_level": "city", "entity_code": 110000}
DOCTOR: dict[str, tuple[Break, set[str]]] = {
    "a year is missing": (lambda df: df.assign(year=None), {"required_complete"}),
    "a place twice": (
        lambda df: pd.concat([df, df[df["entity_code"] == 120000].head(1)]),
        {"key_unique", "location_quotient_mean_one", "location_quotient_high_quality_mean_one"},
    ),
    "an unknown province": (
        at("province_code", 999900, entity_level="city", entity_code=445200),
        {"province_codes_known"},
    ),
    "an unknown level": (at("entity_level", "county", entity_level="city", entity_code=445200), {"levels_known"}),
    "more of high quality than of all": (
        at("high_quality", 81, **BEIJING),
        {"high_quality_within_all", "high_quality_of_cities_add_up", "high_quality_per_10000_of_population"},
    ),
    "doctors below zero": (
        at("doctors", -1, entity_level="city", entity_code=445200),
        {"doctors_counted", "doctors_of_cities_add_up", "high_quality_within_all", "doctors_per_10000_of_population"},
    ),
    "high quality below zero": (
        at("high_quality", -1, entity_level="city", entity_code=445200),
        {"high_quality_counted", "high_quality_of_cities_add_up", "high_quality_per_10000_of_population"},
    ),
    "a quotient of another scale": (
        at("location_quotient", 9.0, entity_level="province"),
        {"location_quotient_mean_one"},
    ),
    "the other quotient": (
        at("location_quotient_high_quality", 9.0, entity_level="province"),
        {"location_quotient_high_quality_mean_one"},
    ),
    "a rate of another population": (at("doctors_per_10000", 1.0, **BEIJING), {"doctors_per_10000_of_population"}),
}
CATCHMENT = {"resource": "online_all", "method": "2sfca", "city_code": 110000}
REACH: dict[str, tuple[Break, set[str]]] = {
    "no note at all": (at("note_zh", None, city_code=110000), {"required_complete"}),
    "a city twice": (lambda df: pd.concat([df, df[df["city_code"] == 445200].tail(1)]), {"key_unique"}),
    "an unknown supply": (lambda df: df.replace({"resource": {"online_all": "offline"}}), {"resources_known"}),
    "an unknown method": (lambda df: df.replace({"method": {"2sfca": "gravity"}}), {"methods_known"}),
    "no radius": (lambda df: df.assign(radius_km=0.0), {"radius_positive"}),
    "supply below zero": (at("supply", -1.0, city_code=659010), {"supply_counted"}),
    "demand of zero": (at("demand", 0.0, city_code=445200), {"demand_positive"}),
    "a ratio below zero": (at("ratio", -0.1, city_code=445200), {"ratio_counted", "supply_kept"}),
    "doctors out of nowhere": (at("ratio", 0.1, **CATCHMENT), {"supply_kept"}),
    "doctors lost": (at("reached", False, **CATCHMENT), {"supply_kept"}),
    "missing without a reason": (at("note_en", "", city_code=659010), {"missing_explained"}),
    "a reason for nothing": (at("note_en", "unknown", city_code=110000), {"missing_explained"}),
}
PROVINCES = {"resource": "online_all", "scope": "provinces"}
MEASURES: dict[str, tuple[Break, set[str]]] = {
    "no unit": (at("unit", None, measure="gini"), {"required_complete"}),
    "a measure twice": (twice, {"key_unique"}),
    "an unknown measure": (at("measure", "theil", measure="accessibility_mean"), {"measures_known"}),
    "a share above one": (at("value", 1.2, measure="first_tier_share"), {"shares_bounded"}),
    "doctors below zero": (at("value", -3.0, measure="left_out"), {"not_negative"}),
    "a gap that is none": (
        at("value", lambda gap: gap + 1e-6, measure="gini_gap", **PROVINCES),
        {"gaps_are_differences"},
    ),
    "missing without a reason": (at("value", None, measure="accessibility_mean"), {"missing_explained"}),
}


@pytest.mark.parametrize(
    ("module", "change", "expected"),
    [
        pytest.param(module, change, expected, id=f"{module.TABLE}: {case}")
        for module, cases in zip(MODULES, (DOCTOR, REACH, MEASURES), strict=True)
        for case, (change, expected) in cases.items()
    ],
)
def test_bad_rows_fail(module: ModuleType, change: Break, expected: set[str], tables: dict[str, pd.DataFrame]) -> None:
    assert failed(module, change(tables[module.TABLE])) == expected


def test_every_check_is_seen_to_fail() -> None:
    for module, cases in zip(MODULES, (DOCTOR, REACH, MEASURES), strict=True):
        names = {check.name.removeprefix("inequality_") for check in module.checks(study())}
        assert set.union(*(expected for _, expected in cases.values())) == names
