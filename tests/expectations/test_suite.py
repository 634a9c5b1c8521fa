"""Running checks: the shape of the result, and what counts as failed."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from catalog.base import PROJECT_DIR, Text
from catalog.studies import load_studies
from catalog.tables import load_tables
from expectations.builders import between
from expectations.finder import suite_for
from expectations.suite import COLUMNS, EMPTY, NOTHING, Check, checks_of, of_study, run_checks

SUITES = [suite for table in load_tables() if (suite := suite_for(table)) is not None]
DESCRIPTION = Text(en="what it asserts", zh="检查内容")


def at_most(name: str, column: str, limit: float, table: str = "province_year") -> Check:
    return Check(name, table, "critical", DESCRIPTION, between(column, None, limit))


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"province_code": [120000, 110000], "year": [2013, 2013], "gdp": [20.0, 10.0], "name": ["b", "a"]}
    )


def test_the_result_has_one_row_per_check_in_order(frame: pd.DataFrame) -> None:
    result = run_checks([at_most("second", "gdp", 15), at_most("first", "gdp", 25)], frame)
    assert tuple(result.columns) == COLUMNS
    assert result["check_name"].tolist() == ["second", "first"]
    assert result["passed"].tolist() == [False, True]
    assert result["description_zh"].tolist() == ["检查内容"] * 2


def test_observed_names_the_value_and_the_row(frame: pd.DataFrame) -> None:
    observed = run_checks([at_most("x", "gdp", 15)], frame).loc[0, "observed"]
    assert observed == "1 of 2 not as expected: gdp = 20 at province_code 120000, year 2013"


def test_observed_does_not_depend_on_the_row_order(frame: pd.DataFrame) -> None:
    check = at_most("x", "gdp", 5)
    assert run_checks([check], frame).equals(run_checks([check], frame.iloc[::-1]))


def test_observed_says_when_there_was_nothing_to_check(frame: pd.DataFrame) -> None:
    result = run_checks([at_most("x", "gdp", 5)], frame.assign(gdp=float("nan")))
    assert result.loc[0, "passed"]
    assert result.loc[0, "observed"] == "no values to check"


def test_an_absent_column_fails_with_the_engines_message(frame: pd.DataFrame) -> None:
    result = run_checks([at_most("x", "nowhere", 5), at_most("y", "gdp", 50)], frame)
    assert result["passed"].tolist() == [False, True]
    assert result.loc[0, "observed"].startswith("could not be evaluated: ")
    assert "nowhere" in result.loc[0, "observed"]


def test_an_exception_inside_an_expectation_fails_with_its_message(frame: pd.DataFrame) -> None:
    result = run_checks([at_most("x", "name", 5)], frame)
    assert not result.loc[0, "passed"]
    assert "could not be evaluated: " in result.loc[0, "observed"]
    assert "of the same type" in result.loc[0, "observed"]


def test_an_empty_frame_fails_every_check(frame: pd.DataFrame) -> None:
    result = run_checks([at_most("x", "gdp", 5), at_most("y", "gdp", 50)], frame.iloc[:0])
    assert not result["passed"].any()
    assert result["observed"].tolist() == [EMPTY] * 2


def test_a_suite_that_may_be_empty_passes_and_says_so(frame: pd.DataFrame) -> None:
    checks = [at_most("x", "gdp", 5), at_most("y", "gdp", 50)]
    result = run_checks(checks, frame.iloc[:0], may_be_empty=True)
    assert result["passed"].tolist() == [True, True]
    assert result["observed"].tolist() == [NOTHING] * 2
    assert run_checks(checks, frame, may_be_empty=True)["passed"].tolist() == [False, True]


def test_only_tables_that_hang_on_optional_input_may_be_empty() -> None:
    assert {suite.table for suite in SUITES if suite.may_be_empty} == {
        "accessibility",
        "city_pair",
        "city_year",
        "county_year",
        "goodness_of_fit",
        "imbalance",
        "inequality_contribution",
        "inequality_measure",
        "inequality_place",
        "lorenz",
        "observation",
        "online_doctor",
        "online_inequality",
        "pilot",
        "province_year",
        "series_break",
        "series_vintage",
        "smart_exposure",
        "vintage_conflict",
    }


def test_where_examples_end_observed_goes_on_to_the_furthest_values() -> None:
    rows = [{"province_code": 110000 + 10000 * n, "year": 2013, "gdp": float(v)} for n, v in enumerate(range(60))]
    rows.append({"province_code": 990000, "year": 2014, "gdp": 226611064.3869})
    check = Check("x", "province_year", "critical", DESCRIPTION, between("gdp", 20, 30))
    observed = run_checks([check], pd.DataFrame(rows)).loc[0, "observed"]
    assert observed.startswith("50 of 61 not as expected: gdp = 0 at province_code 110000, year 2013; ")
    assert observed.endswith(
        "; ...; lowest gdp = 0 at province_code 110000, year 2013"
        "; highest gdp = 226611064.387 at province_code 990000, year 2014"
    )


def test_a_side_without_a_bound_has_no_furthest_value() -> None:
    df = pd.DataFrame({"province_code": range(10), "year": 2013, "gdp": range(10)})
    observed = run_checks([at_most("x", "gdp", 2)], df).loc[0, "observed"]
    assert "lowest" not in observed
    assert observed.endswith("; highest gdp = 9 at province_code 9, year 2013")


def test_no_checks_two_of_one_name_and_two_tables_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="no checks"):
        run_checks([], frame)
    with pytest.raises(ValueError, match=r"share a name.*x"):
        run_checks([at_most("x", "gdp", 5), at_most("x", "gdp", 6)], frame)
    with pytest.raises(ValueError, match="several tables"):
        run_checks([at_most("x", "gdp", 5), at_most("y", "gdp", 6, table="observation")], frame)


def test_names_and_severities_are_known_without_importing_great_expectations() -> None:
    code = (
        "import sys; from catalog import load_studies, load_tables; from expectations.finder import suite_for; "
        "study = load_studies()['mspi']; "
        "suites = [suite for table in load_tables() if (suite := suite_for(table)) is not None]; "
        "found = [check for suite in suites for check in suite.checks(study)]; "
        "assert found and all(check.name and check.severity for check in found); "
        "sys.exit('great_expectations' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT_DIR, check=True)


def test_suites_that_speak_of_places_are_given_those_of_the_lake() -> None:
    assert {suite.table for suite in SUITES if suite.asks_places} == {"observation", "city_year", "county_year"}


def test_every_check_is_described_in_both_languages() -> None:
    study = load_studies()["mspi"]
    found = [check for suite in SUITES for check in suite.checks(study)]
    keys = [(check.table, check.name) for check in found]
    assert len(set(keys)) == len(keys)
    for check in found:
        assert check.name.isidentifier() and check.name.isascii()
        assert check.description.en.isascii()
        assert any("\u4e00" <= character <= "\u9fff" for character in check.description.zh), check.name


def test_checks_of_a_study_keep_their_rules_apart() -> None:
    study, made = load_studies()["mspi"], checks_of("province_year")
    several = [made("range", "critical", "to 8", "至8", between(name, 0, 8), of=name) for name in ("gdp", "beds")]
    found = of_study(study, [*several, at_most("alone", "gdp", 3.0), at_most("other", "gdp", 4.0)])
    assert [check.rule for check in found] == ["mspi_range", "mspi_range", "mspi_alone", "mspi_other"]
    assert [check.name for check in found] == ["mspi_range_gdp", "mspi_range_beds", "mspi_alone", "mspi_other"]
