"""Every check of smart_exposure passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

import expectations.smart_exposure as suite
from catalog.parts import exposure
from catalog.provinces import load_provinces
from catalog.studies import Study, load_studies
from expectations.finder import TableSuite
from expectations.suite import NOTHING
from tests.models_py.changing import with_part

SUITE = TableSuite(suite.TABLE, suite)

STUDY = load_studies()["mspi"]


def _with(**keys: str) -> Study:
    return with_part(STUDY, exposure.Options, **keys)


ENTRIES = _with(numerator="entries")
SHARES, FIXED_SHARES = _with(numerator="fraction"), _with(numerator="fraction", denominator_year="fixed_2013")
PREFIX = f"{STUDY.id}_"
CHECKS = {check.name.removeprefix(PREFIX): check for check in suite.checks(STUDY)}
YEARS = range(STUDY.years[0], STUDY.years[1] + 1)
# A province whose number of units fell in 2018, in the data as in history.
SHRINKING = 370000
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def good() -> pd.DataFrame:
    """Counts that grow by one every third year from a province's own start, over 17 units (16 from 2018 in one)."""
    rows = []
    for rank, province in enumerate(load_provinces()):
        for year in YEARS:
            total = 16 if province.province_code == SHRINKING and year >= 2018 else 17
            rows.append((province.province_code, year, rank % 6 + (year - YEARS[0]) // 3, total))
    df = pd.DataFrame(rows, columns=["province_code", "year", "pilot_units", "total_units"])
    df.insert(0, "study", STUDY.id)
    return shares(df)


def shares(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(exposure=df["pilot_units"] / df["total_units"])


def cell(df: pd.DataFrame, code: int = 540000, year: int = 2020) -> pd.Series:
    return (df["province_code"] == code) & (df["year"] == year)


def counted(units: int, code: int = 540000, since: int = 2020) -> Break:
    """The province's pilot units set from a year on, its share with them."""

    def violate(df: pd.DataFrame) -> pd.DataFrame:
        rows = (df["province_code"] == code) & (df["year"] >= since)
        return shares(df.assign(pilot_units=df["pilot_units"].mask(rows, units)))

    return violate


def rows_added(**changes: int) -> Break:
    return lambda df: pd.concat([df, df[cell(df)].assign(**changes)], ignore_index=True)


def share_off(step: float) -> Break:
    return lambda df: df.assign(exposure=df["exposure"].mask(cell(df, year=2013), df["exposure"] + step))


def halves(df: pd.DataFrame) -> pd.DataFrame:
    """Half a unit more in one province throughout."""
    rows = df["province_code"] == 540000
    return shares(df.assign(pilot_units=df["pilot_units"].mask(rows, df["pilot_units"] + 0.5)))


def renamed(df: pd.DataFrame) -> pd.DataFrame:
    """Exposure as a percentage: every share a hundredfold, and the units to go with it."""
    return df.assign(exposure=df["exposure"] * 100)


def without_a_total(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(total_units=df["total_units"].astype(float).mask(cell(df)))


def all_zero(df: pd.DataFrame) -> pd.DataFrame:
    return df.assign(pilot_units=0, exposure=0.0)


def falling(df: pd.DataFrame) -> pd.DataFrame:
    """Only the share slips, by less than a share of one unit."""
    return df.assign(exposure=df["exposure"].mask(cell(df), df["exposure"] - 0.01))


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "required_complete": (without_a_total, set()),
    "key_unique": (rows_added(), set()),
    "province_codes_known": (rows_added(province_code=710000), set()),
    "years_of_study": (rows_added(province_code=110000, year=YEARS[-1] + 1), set()),
    "panel_complete": (lambda df: df[~cell(df)], set()),
    "share_is_units_over_total": (share_off(-1e-6), set()),
    "exposure_bounds": (renamed, {"share_is_units_over_total"}),
    "units_not_lost": (counted(1), {"exposure_not_falling"}),
    "exposure_not_falling": (falling, {"share_is_units_over_total"}),
    "exposure_varies": (all_zero, set()),
    "units_within_total": (counted(18), {"exposure_bounds"}),
    "units_whole": (halves, set()),
}


def failed(df: pd.DataFrame, study: Study = STUDY) -> set[str]:
    result = SUITE.run(df, study)
    return set(result.loc[~result["passed"], "check_name"].str.removeprefix(f"{study.id}_"))


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    result = SUITE.run(good, STUDY)
    assert result["check_name"].tolist() == [PREFIX + name for name in CHECKS]
    assert result.loc[~result["passed"], ["check_name", "observed"]].to_dict("records") == []
    assert not result["observed"].str.startswith("no values").any()


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks(STUDY)) == 12
    assert {n for n, check in CHECKS.items() if check.severity == "warning"} == {"exposure_varies"}


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    assert failed(violate(good)) == {name} | companions


def test_a_negative_share_is_out_of_bounds(good: pd.DataFrame) -> None:
    negative = counted(-1, since=YEARS[0])(good)
    assert failed(negative) == failed(negative, ENTRIES) == {"exposure_bounds"}


def test_entries_may_exceed_the_units_they_lie_in(good: pd.DataFrame) -> None:
    many = counted(40)(good)
    assert failed(many, ENTRIES) == set()
    assert failed(many) == {"exposure_bounds", "units_within_total"}


@pytest.mark.parametrize("name", sorted(set(CHECKS) - {"exposure_bounds", "units_within_total"}))
def test_entries_are_checked_like_the_rest(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    assert failed(violate(good), ENTRIES) == {name} | companions


@pytest.mark.parametrize("study", [SHARES, FIXED_SHARES], ids=["current", "fixed"])
def test_shares_of_county_level_units_need_not_be_whole(good: pd.DataFrame, study: Study) -> None:
    assert failed(halves(good), study) == set()
    assert failed(renamed(good), study) == {"exposure_bounds", "share_is_units_over_total"}
    assert failed(counted(18)(good), study) == {"exposure_bounds", "units_within_total"}


def test_shares_fall_only_where_county_level_units_are_those_of_the_year(good: pd.DataFrame) -> None:
    fallen = counted(1)(good)
    assert failed(fallen, SHARES) == set()
    assert failed(fallen, FIXED_SHARES) == {"units_not_lost", "exposure_not_falling"}


def test_a_share_may_fall_when_its_denominator_moves(good: pd.DataFrame) -> None:
    """Units merged into another take the pilots among them along."""
    since = (good["province_code"] == SHRINKING) & (good["year"] >= 2018)
    merged = shares(good.assign(pilot_units=good["pilot_units"].mask(since, good["pilot_units"] - 1)))
    assert (
        merged[cell(merged, SHRINKING, 2018)]["exposure"].item() < good[cell(good, SHRINKING, 2017)]["exposure"].item()
    )
    assert failed(merged) == set()


def test_a_total_of_zero_has_no_share(good: pd.DataFrame) -> None:
    none = good.assign(total_units=good["total_units"].mask(cell(good), 0))
    assert "share_is_units_over_total" in failed(none)


def test_other_studies_rows_are_left_out(good: pd.DataFrame) -> None:
    other = good.assign(study="other", exposure=7.0)
    assert failed(pd.concat([other, good], ignore_index=True)) == set()


def test_without_a_pilot_list_there_is_nothing_to_check(good: pd.DataFrame) -> None:
    for nothing in (good.iloc[:0], good.assign(study="other")):
        result = SUITE.run(nothing, STUDY)
        assert result["passed"].all()
        assert result["observed"].eq(NOTHING).all()
        assert len(result) == len(CHECKS)


def test_a_study_without_an_exposure_has_no_checks(good: pd.DataFrame) -> None:
    other = load_studies()["expenditure_gdp"]
    for call in (lambda: suite.checks(other), lambda: suite.prepare(good, other)):
        with pytest.raises(ValueError, match="expenditure_gdp has no part exposure"):
            call()


def test_prepare_leaves_the_given_columns_alone(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good.iloc[::-1], STUDY)
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good.iloc[::-1])
