"""Suites are found by table: every module that has checks, a new one without being listed, and no unsound one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import expectations
from catalog import load_studies, load_tables
from catalog.base import PROJECT_DIR
from expectations.finder import SuiteError, TableSuite, suite_for

NEW = """
from catalog.base import Text
from expectations.builders import between
from expectations.suite import Check

TABLE = "{table}"


def checks({study}):
    return (Check("not_negative", TABLE, "critical", Text(en="None", zh="无"), between("{column}", 0, None)),)


def prepare(df, {arguments}):
    return df.assign({column}=df["{column}"] * 1.0)
"""
Drop = Callable[[str, str], None]


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drop:
    """Puts a module beside those of the package."""
    monkeypatch.setattr(expectations, "__path__", [*expectations.__path__, str(tmp_path)])

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        monkeypatch.delitem(sys.modules, f"expectations.{name}", raising=False)

    return write


def test_every_module_that_has_checks_is_found_and_no_other() -> None:
    found = {suite.module.__name__ for table in load_tables() if (suite := suite_for(table)) is not None}
    written = {
        f"expectations.{path.stem}"
        for path in (PROJECT_DIR / "expectations").glob("*.py")
        if "\ndef checks(" in path.read_text(encoding="utf-8")
    }
    assert found == written
    assert {"expectations.city_pair", "expectations.city_year", "expectations.pilot"} <= found
    assert suite_for("run_timing") is None


def test_a_suite_is_asked_only_for_what_it_takes() -> None:
    whole, own = suite_for("city_year"), suite_for("finding")
    assert whole is not None and own is not None
    assert not whole.of_study and own.of_study
    assert [check.name for check in whole.checks()] == [check.name for check in whole.module.checks()]
    study = load_studies()["mspi"]
    assert {check.name.startswith("mspi_") for check in own.checks(study)} == {True}


def test_a_study_is_judged_unless_the_suite_says_otherwise() -> None:
    studies = load_studies()
    exposure, breaks = suite_for("smart_exposure"), suite_for("series_break")
    assert exposure is not None and breaks is not None
    # Breaks are those of a study's indicators; one without any has none.
    assert [breaks.judges(study) for study in studies.values()] == [
        bool(study.indicators) for study in studies.values()
    ]
    assert not breaks.judges(studies["imbalance"]) and breaks.judges(studies["inequality"])
    assert exposure.judges(studies["mspi"])
    assert not exposure.judges(studies["mspi"].model_copy(update={"parts": ()}))


def test_a_new_module_is_found_and_run(drop: Drop) -> None:
    drop("suite_of_city", NEW.format(table="city", column="lon", study="", arguments=""))
    suite = suite_for("city")
    assert suite is not None
    frame = pd.DataFrame({"city_code": [130100, 130200], "lon": [114.5, -118.2]})
    outcome = suite.run(frame)
    assert outcome[["table_name", "check_name", "passed"]].values.tolist() == [["city", "not_negative", False]]
    assert "city_code 130200" in outcome.loc[0, "observed"]


def test_a_new_module_of_studies_is_found_and_run_for_one(drop: Drop) -> None:
    text = NEW.format(table="estimate", column="std_error", study="study", arguments="study, data_kind")
    drop("suite_of_estimate", text)
    suite = suite_for("estimate")
    assert suite is not None and suite.of_study
    frame = pd.DataFrame({"study": ["mspi"], "std_error": [0.1]})
    assert suite.run(frame, load_studies()["mspi"], "synthetic")["passed"].tolist() == [True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('TABLE = "elsewhere"\n\n\ndef checks():\n    return ()\n', "'elsewhere', which is not a table"),
        ("def checks():\n    return ()\n", "judges None"),
        ('TABLE = "city"\n\n\ndef run(df):\n    return df\n', "has a function `run` but no function `checks`"),
        (NEW.format(table="pilot", column="batch", study="", arguments=""), "pilot is judged by two modules"),
    ],
)
def test_a_module_that_is_no_suite_is_refused(drop: Drop, text: str, message: str) -> None:
    drop("zz_unsound", text)
    with pytest.raises(SuiteError, match=message):
        suite_for("city")


def test_a_suite_without_a_check_for_a_study_is_not_run_for_it() -> None:
    """Else its outcome would be waited for in vain: there is no step that records one."""
    module = ModuleType("of_papers_alone")
    module.checks = lambda study: ("a check",) if study.paper else ()  # type: ignore[attr-defined]
    suite = TableSuite("performance_index", module)
    assert suite.judges(load_studies()["mspi"])
    assert not suite.judges(load_studies()["expenditure_gdp"])
