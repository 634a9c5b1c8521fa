"""Every check of observation passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import expectations.observation as suite
from catalog.indicators import Indicator, load_registry
from catalog.provinces import NATION_CODE, load_provinces
from expectations.finder import TableSuite
from expectations.place_levels import levels_of
from expectations.plausibility import city_jump_factor, jump_factor, middle, sum_tolerance, units_of
from expectations.suite import NOTHING, Check, run_checks
from ingestion.places.records import place_records

SUITE = TableSuite(suite.TABLE, suite)
PLACES = pd.DataFrame(place_records())
YEARS = (2013, 2014, 2015)
BEIJING = 110000
REPORTED = {indicator.id: indicator for indicator in load_registry().reported}
CHECKS = {check.name: check for check in suite.checks()}
KINDS = ("range", "unit", "jump", "rank", "repeat", "sum", "city_range", "city_jump", "city_sum")
# Two cities of one province and one of another.
CITIES = (130100, 130200, 330100)


def parts(name: str) -> tuple[str, str]:
    """Kind and indicator of an indicator's check; empty for the checks of any row."""
    found = [(kind, name.removeprefix(f"{kind}_")) for kind in KINDS if name.startswith(f"{kind}_")]
    return next((part for part in found if part[1] in REPORTED), ("", ""))


STRUCTURE = tuple(name for name in CHECKS if parts(name) == ("", ""))
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """All reported indicators, 31 provinces and the nation, three years, ranks fixed, near each range's middle; and
    three cities where the indicator has a range for cities, small enough for their provinces.

    One cell was corrected from an empty one, one interpolated from a missing mark, one row carried.
    """
    rows = []
    for indicator in REPORTED.values():
        for year in YEARS:
            values = {
                p.province_code: middle(indicator) * (0.97 + 0.002 * rank) * (1 + 0.01 * (year - YEARS[0]))
                for rank, p in enumerate(load_provinces())
            }
            additive = sum_tolerance(indicator) is not None
            values[NATION_CODE] = sum(values.values()) if additive else values[310000]
            if indicator.city_range is not None:
                low, high = indicator.city_range
                usual = (max(low, high / 1000) * high) ** 0.5 * (1 + 0.01 * (year - YEARS[0]))
                values |= dict.fromkeys(CITIES, max(min(usual, values[330000] / 4), low * 1.1))
            rows += [(code, year, indicator.id, value, indicator.unit) for code, value in values.items()]
    df = pd.DataFrame(rows, columns=["entity_code", "year", "indicator", "value", "unit"])
    df = df.assign(
        vintage="census_2020",
        file_id="f1",
        entity_level=df["entity_code"].map(levels_of(PLACES)),
        status="reported",
        chosen=True,
        sheet="",
        cell="C7",
        header="地区",
        raw=df["value"].map("{:.4f}".format),
        raw_unit=df["unit"],
        link_factor=np.nan,
    )
    for code, status, raw in ((410000, "corrected", ""), (420000, "interpolated", "…"), (430000, "carried", "x")):
        df.loc[where(df, "child_management_rate", 2014, code), ["status", "raw"]] = [status, raw]
    return df


def where(df: pd.DataFrame, indicator: str, year: int | None = None, code: int | None = None) -> pd.Series:
    mask = df["indicator"] == indicator
    if year is not None:
        mask &= df["year"] == year
    return mask & (df["entity_code"] == code) if code is not None else mask


def setting(column: str, value: Any, code: int = BEIJING) -> Break:
    """One cell of gdp in 2014 set to `value`."""

    def violate(df: pd.DataFrame) -> pd.DataFrame:
        return df.assign(**{column: df[column].mask(where(df, "gdp", 2014, code), value)})

    return violate


def resummed(df: pd.DataFrame, name: str) -> pd.DataFrame:
    """`df` with the national figures of an additive indicator following its provinces."""
    if sum_tolerance(REPORTED[name]) is None:
        return df
    totals = df[where(df, name) & (df["entity_level"] == "province")].groupby("year")["value"].sum()
    nation = where(df, name, code=NATION_CODE)
    return df.assign(value=df["value"].mask(nation, df["year"].map(totals)))


def scaled(df: pd.DataFrame, rows: pd.Series, factor: float) -> pd.DataFrame:
    return df.assign(value=df["value"].mask(rows, df["value"] * factor))


def copied(df: pd.DataFrame, name: str, year: int, least: int = 0) -> pd.DataFrame:
    """`df` with the provinces' figures of a year those of the year before, from the place `least` on."""
    provinces = where(df, name) & (df["entity_level"] == "province") & (df["entity_code"] >= least)
    before = df[provinces & (df["year"] == year - 1)].set_index("entity_code")["value"]
    return df.assign(value=df["value"].mask(provinces & (df["year"] == year), df["entity_code"].map(before)))


def breaking(kind: str, indicator: Indicator) -> tuple[Break, set[str]]:
    """A violation of one indicator's check, and the other checks that must notice it too."""
    name, (_, high) = indicator.id, indicator.range
    highest = load_provinces()[-1].province_code
    if kind == "range":

        def beyond(df: pd.DataFrame) -> pd.DataFrame:
            # In every year, of the province that ranks first anyway: neither a jump nor a change of rank.
            return resummed(df.assign(value=df["value"].mask(where(df, name, code=highest), high * 1.001)), name)

        return beyond, set()
    if kind == "unit":
        unit, units = indicator.unit, load_registry().units
        # Pieces and items are names for one size.
        other = next(symbol for symbol in units_of(indicator) if units[symbol].factor != units[unit].factor)
        factor = float(units[unit].factor / units[other].factor)
        outside = middle(indicator) * factor < indicator.range[0] or middle(indicator) * factor > high

        def in_another_unit(df: pd.DataFrame) -> pd.DataFrame:
            # Without the cities, which their own checks would notice.
            df = df[~(where(df, name) & (df["entity_level"] == "city"))].reset_index(drop=True)
            return scaled(df, where(df, name), factor)

        return in_another_unit, {f"range_{name}"} if outside else set()
    if kind == "jump":
        # The lowest province starts lower still, so its rank stays.
        shrink = 1 / (jump_factor(indicator) * 1.05)
        return lambda df: resummed(scaled(df, where(df, name, 2013, BEIJING), shrink), name), set()
    if kind == "rank":
        return lambda df: resummed(scaled(df, where(df, name, 2014, BEIJING), 1.07), name), set()
    if kind == "repeat":
        return lambda df: resummed(copied(df, name, 2014), name), set()
    if kind.startswith("city"):
        return breaking_cities(kind, indicator)
    assert kind == "sum", f"no violation is registered for the check {kind}_{name}"
    step = 1 / (1 + (sum_tolerance(indicator) or 0) + 0.01)
    return lambda df: scaled(df, where(df, name, 2014, NATION_CODE), step), set()


def breaking_cities(kind: str, indicator: Indicator) -> tuple[Break, set[str]]:
    """The same for the checks of cities."""
    name, (low, high) = indicator.id, indicator.city_range or (0.0, 0.0)
    first = CITIES[0]
    if kind == "city_range":
        # The same in every year, so it is no jump.
        below = low - 0.001 * (high - low)
        return lambda df: df.assign(value=df["value"].mask(where(df, name, code=first), below)), set()
    if kind == "city_jump":
        shrink = 1 / (city_jump_factor(indicator) * 1.05)
        return lambda df: scaled(df, where(df, name, 2013, first), shrink), set()
    assert kind == "city_sum", f"no violation is registered for the check {kind}_{name}"
    excess = 1 + (sum_tolerance(indicator) or 0) + 0.01

    def above(df: pd.DataFrame) -> pd.DataFrame:
        whole = df[where(df, name, code=130000)].set_index("year")["value"] * excess
        return df.assign(value=df["value"].mask(where(df, name, code=first), df["year"].map(whole)))

    return above, set()


def added(**changes: Any) -> Break:
    """A further row, made from Beijing's gdp of 2014."""
    return lambda df: pd.concat([df, df[where(df, "gdp", 2014, BEIJING)].assign(**changes)], ignore_index=True)


def corrected_without_text(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(raw=df["raw"].mask(df["status"] == "corrected", None))


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "required_complete": (setting("raw_unit", None), set()),
    "key_unique": (added(), set()),
    "statuses_known": (setting("status", "estimated"), set()),
    "entity_codes_known": (added(entity_code=710000), set()),
    "entity_levels_agree": (setting("entity_level", "county"), set()),
    "indicators_known": (added(indicator="gdp_per_capita", unit="元/人"), set()),
    "units_canonical": (setting("unit", "万元"), set()),
    "raw_units_measure": (setting("raw_unit", "万人"), set()),
    "raw_of_reported": (setting("raw", " \u3000"), set()),
    "raw_of_corrected": (corrected_without_text, set()),
}
for _name in CHECKS:
    if _name not in STRUCTURE:
        VIOLATIONS[_name] = breaking(parts(_name)[0], REPORTED[parts(_name)[1]])


def related(name: str) -> list[Check]:
    """The structural checks and those of the same indicator: all that one violation could set off."""
    indicator = parts(name)[1] or "gdp"
    return [c for c in CHECKS.values() if c.name in STRUCTURE or parts(c.name)[1] == indicator]


def observed(df: pd.DataFrame, name: str) -> str:
    return str(run_checks([CHECKS[name]], suite.prepare(df, places=PLACES)).loc[0, "observed"])


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good, places=PLACES)
    assert result["check_name"].tolist() == list(CHECKS)
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert not result["observed"].str.startswith("no values").any()


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks()) > 60
    assert {parts(name)[0] for name in CHECKS} == {"", *KINDS}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    result = run_checks(related(name), suite.prepare(violate(good), places=PLACES))
    assert set(result.loc[~result["passed"], "check_name"]) == {name} | companions


@pytest.mark.parametrize("kind", KINDS)
def test_violations_of_one_kind_fail_exactly_the_checks_of_that_kind(good: pd.DataFrame, kind: str) -> None:
    """Every indicator that has such a check is violated, all at once: no check looks at two indicators."""
    bad, expected = good, set()
    for name in (name for name in CHECKS if parts(name)[0] == kind):
        violate, companions = VIOLATIONS[name]
        bad = violate(bad)
        expected |= {name} | companions
    result = run_checks(list(CHECKS.values()), suite.prepare(bad, places=PLACES))
    assert expected
    assert set(result.loc[~result["passed"], "check_name"]) == expected


@pytest.mark.parametrize(
    "column",
    [
        "entity_code",
        "year",
        "indicator",
        "vintage",
        "file_id",
        "entity_level",
        "value",
        "unit",
        "status",
        "raw_unit",
    ],
)
def test_an_empty_field_fails_and_upsets_nothing_else(good: pd.DataFrame, column: str) -> None:
    result = run_checks(related("range_gdp"), suite.prepare(setting(column, None)(good), places=PLACES))
    assert set(result.loc[~result["passed"], "check_name"]) - {"sum_gdp"} == {"required_complete"}


def test_the_better_unit_is_named_once_per_table(good: pd.DataFrame) -> None:
    bad = scaled(good, where(good, "gdp"), 1e4)
    other = good[where(good, "gdp")].assign(file_id="f2", vintage="older")
    text = observed(pd.concat([bad, other], ignore_index=True), "unit_gdp")
    median = bad.loc[where(bad, "gdp") & (bad["entity_level"] == "province"), "value"].median()
    expected = f"1 of 2 not as expected: unit__gdp = 万元 rather than 亿元 (median {median:,.6g} 亿元) at "
    assert text.startswith(expected)
    assert re.search(r"vintage census_2020, file_id f1(, sheet \S+)?, cell \w+$", text)


def test_the_better_unit_is_of_the_figure_as_printed(good: pd.DataFrame) -> None:
    """A table printed in 亿元 and declared 元 arrives 1e8 too small; what is wrong is the declaration."""
    gdp = where(good, "gdp")
    bad = scaled(good, gdp, 1e-8).assign(raw_unit=good["raw_unit"].mask(gdp, "元"))
    assert "亿元 rather than 元" in observed(bad, "unit_gdp")


def test_a_jump_is_measured_within_a_vintage(good: pd.DataFrame) -> None:
    """A revision by half is no jump, and neither is the next vintage's first year after the other's last."""
    gdp = good[where(good, "gdp")]
    older = gdp[gdp["year"] < 2015].assign(vintage="older", value=gdp["value"] / 3)
    newer = gdp[gdp["year"] == 2015]
    assert observed(pd.concat([older, newer], ignore_index=True), "jump_gdp") == "32 values as expected"
    joined = pd.concat([older.assign(vintage="census_2020"), newer], ignore_index=True)
    assert observed(joined, "jump_gdp").startswith("32 of 64 not as expected")


def test_chained_figures_are_judged_as_read(good: pd.DataFrame) -> None:
    """Each place by a factor of its own, far from 1: sizes, units and sums stand as the file prints them."""
    own = where(good, "telecom_volume")
    factor = pd.Series(np.where(own, 300.0 + good["entity_code"] / 10_000, np.nan), index=good.index)
    chained = good.assign(value=good["value"] * factor.fillna(1), link_factor=factor)

    def failed(df: pd.DataFrame) -> set[str]:
        result = run_checks(related("range_telecom_volume"), suite.prepare(df, places=PLACES))
        return set(result.loc[~result["passed"], "check_name"])

    assert failed(chained) == set()
    assert failed(chained.assign(link_factor=np.nan)) == {f"{kind}_telecom_volume" for kind in ("range", "unit", "sum")}


def test_a_repeated_figure_does_not_count_twice(good: pd.DataFrame) -> None:
    """Two files of one vintage may carry the same figures; each is then summed and ranked by itself."""
    twice = pd.concat([good, good.assign(file_id="f2")], ignore_index=True)
    result = run_checks(related("sum_gdp"), suite.prepare(twice, places=PLACES))
    assert result["passed"].all()
    assert result.set_index("check_name").loc["sum_gdp", "observed"] == "6 values as expected"


@pytest.mark.parametrize(("least", "share"), [(0, "1"), (340000, "0.645161290323"), (510000, "")])
def test_a_year_that_is_the_one_before_again_is_told_once(good: pd.DataFrame, least: int, share: str) -> None:
    """In the first row of the year, also where only a large part is copied; what stays by nature is no fault."""
    text = observed(copied(good, "gdp", 2014, least), "repeat_gdp")
    assert text.startswith(f"1 of 2 not as expected: repeat__gdp = {share} at ") if share else "as expected" in text
    assert "repeat_land_area" not in CHECKS


@pytest.mark.parametrize(("least", "told"), [(0, True), (340000, False)])
def test_coarse_figures_repeat_by_themselves(good: pd.DataFrame, least: int, told: bool) -> None:
    """Of figures that many places share, only a whole year copied tells."""
    coarse = good.assign(value=good["value"].mask(where(good, "gdp"), 1000.0 + good["entity_code"] // 10000 % 3))
    coarse = scaled(scaled(coarse, where(coarse, "gdp", 2014), 1.1), where(coarse, "gdp", 2015), 1.2)
    text = observed(copied(coarse, "gdp", 2014, least), "repeat_gdp")
    assert text.startswith("1 of ") is told, text


def test_few_places_tell_nothing_of_a_year(good: pd.DataFrame) -> None:
    few = good["entity_code"].isin([p.province_code for p in load_provinces()[:7]])
    assert observed(copied(good[few], "gdp", 2014), "repeat_gdp") == "no values to check"


def test_a_confirmed_figure_is_not_judged_again(good: pd.DataFrame) -> None:
    beyond = good.assign(value=good["value"].mask(where(good, "gdp", 2014, BEIJING), 1e9))
    assert "not as expected" in observed(beyond, "range_gdp")
    confirmed = beyond.assign(status=beyond["status"].mask(where(good, "gdp", 2014, BEIJING), "corrected"))
    assert "not as expected" not in observed(confirmed, "range_gdp")


def test_a_sum_needs_all_provinces(good: pd.DataFrame) -> None:
    part = good[~where(good, "gdp", 2014, BEIJING)]
    assert suite.prepare(part, places=PLACES).loc[where(part, "gdp"), "sum__"].notna().sum() == 2


@pytest.mark.parametrize(("name", "gap", "passes"), [("gdp", 0.14, True), ("hospital_admissions", 0.14, False)])
def test_gdp_alone_may_miss_the_nation_by_more(good: pd.DataFrame, name: str, gap: float, passes: bool) -> None:
    bad = scaled(good, where(good, name, code=NATION_CODE), 1 / (1 + gap))
    result = run_checks([CHECKS[f"sum_{name}"]], suite.prepare(bad, places=PLACES))
    assert bool(result.loc[0, "passed"]) is passes


@pytest.mark.parametrize(
    ("code", "level"),
    [
        (100000, "nation"),
        (110000, "province"),
        (330100, "city"),
        (330106, "county"),
        (419001, "county"),
        (0, None),
        (710000, None),
        (719900, None),
        (11, None),
    ],
)
def test_a_code_stands_for_its_level(code: int, level: str | None) -> None:
    assert levels_of(PLACES).get(code) == level


def test_severities_follow_what_is_wrong() -> None:
    for name, check in CHECKS.items():
        ranges = parts(name)[0] in {"", "range", "city_range"}
        expected = "critical" if ranges else "warning"
        assert check.severity == expected, name


def test_without_figures_the_table_may_be_empty_and_says_so_of_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good.iloc[:0], places=PLACES)
    assert result["passed"].all()
    assert set(result["observed"]) == {NOTHING}


def test_prepare_leaves_the_given_columns_alone(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good.iloc[::-1], places=PLACES)
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good.iloc[::-1])
    assert (
        suite.prepare(good, places=PLACES)
        .drop(columns=list(good.columns))
        .loc[prepared.index]
        .equals(prepared.drop(columns=list(good.columns)))
    )


@pytest.mark.parametrize(
    ("code", "agrees"),
    [
        (110000, True),
        (429004, True),
        (130100, True),
        (460003, True),
        (460036, True),
        (130000, False),
        (130102, False),
        (100000, False),
    ],
)
def test_municipalities_and_units_directly_under_a_province_are_cities_too(
    good: pd.DataFrame, code: int, agrees: bool
) -> None:
    frame = suite.prepare(good.head(3).assign(entity_code=code, entity_level="city"), places=PLACES)
    assert (frame["level_of_code"] == "city").all() == agrees


def test_cities_are_held_against_their_province_in_their_own_edition_first(good: pd.DataFrame) -> None:
    """A province revised downwards in the edition chosen is no fault of cities printed beside the earlier figure."""
    gdp = where(good, "gdp")
    earlier = good[gdp & good["entity_level"].isin(["city", "province"])].assign(vintage="older", chosen=False)
    revised = scaled(good[gdp & (good["entity_level"] == "province")], where(good, "gdp", code=130000), 0.01)
    text = observed(pd.concat([earlier, revised], ignore_index=True), "city_sum_gdp")
    assert text == "6 values as expected"
    alone = pd.concat([earlier[earlier["entity_level"] == "city"], revised], ignore_index=True)
    assert observed(alone, "city_sum_gdp").startswith("3 of 6 not as expected")


def test_cities_need_no_province_and_do_not_count_as_one(good: pd.DataFrame) -> None:
    cities = good[where(good, "gdp") & (good["entity_level"] == "city")]
    prepared = suite.prepare(cities, places=PLACES)
    assert prepared["city_sum__"].isna().all()
    assert prepared["value__"].isna().all()
    assert prepared["jump__"].isna().all()
    assert prepared["city_jump__"].notna().sum() == 6


def test_an_indicator_no_file_carries_has_nothing_to_object_to(good: pd.DataFrame) -> None:
    bad = breaking("jump", REPORTED["gdp"])[0](good)
    result = SUITE.run(bad[bad["indicator"].isin(["gdp", "land_area"])], places=PLACES)
    assert result["check_name"].tolist() == list(CHECKS)
    assert result.loc[~result["passed"], "check_name"].tolist() == ["jump_gdp"]
    absent = [parts(name)[1] not in ("", "gdp", "land_area") for name in result["check_name"]]
    assert set(result.loc[absent, "observed"]) == {"no values to check"}
