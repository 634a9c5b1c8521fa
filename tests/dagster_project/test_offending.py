"""The rows a failed check found, as the UI shows them and as a spreadsheet opens them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from catalog.base import Text
from dagster_project.offending import (
    FILE,
    ROWS,
    SHOWN_CHECKS,
    SHOWN_ROWS,
    as_markdown,
    put_rows,
    shown_rows,
    write_rows,
)
from expectations.builders import between
from expectations.suite import Check, Judged, judged
from tests.dagster_project.test_metadata import ADDRESS, visible
from tests.medpanel.report.test_tables import ACTIVE, tokens

CHECK = Check("gdp_low", "province_year", "critical", Text(en="low", zh="低"), between("gdp", None, 15), "gdp")


@pytest.fixture
def found() -> Judged:
    """A check that fails on two of three rows, and one that passes."""
    rows = {"province_code": [130000, 110000, 120000], "year": 2013, "gdp": [20.0, 10.0, 30.0], "name": "x"}
    return judged(
        [CHECK, Check("gdp_high", "province_year", "warning", CHECK.description, between("gdp", 0, None), "gdp")],
        pd.DataFrame(rows),
    )


def test_the_rows_are_those_the_check_found_with_value_and_key(found: Judged) -> None:
    assert list(found.failed) == ["gdp_low"]
    assert found.failed["gdp_low"].to_dict("list") == {
        "gdp": [30.0, 20.0],
        "province_code": [120000, 130000],
        "year": [2013, 2013],
    }
    assert found.outcomes["observed"].tolist()[0].startswith("2 of 3 not as expected")


def test_all_rows_are_in_a_file_and_those_of_an_earlier_run_go(found: Judged, tmp_path: Path) -> None:
    target = tmp_path / "failed_checks" / "province_year"
    for number, faults in enumerate((found.failed, {})):
        write_rows(faults, tmp_path / str(number), "synthetic")
        put_rows(tmp_path / str(number), target)
        assert [path.name for path in target.iterdir()] == ([] if number else ["synthetic_gdp_low.csv"])
        shown = shown_rows(target, ["gdp_low", "gdp_high"], "synthetic")
        assert set(shown) == (set() if number else {ROWS, FILE})
        if not number:
            assert shown[FILE].path == str(target / "synthetic_gdp_low.csv")
            assert "| 30.0 | 120000 | 2013 |" in shown[ROWS].value
            assert "2 of 2 rows are shown. / 共2行，显示2行。" in shown[ROWS].value


def test_few_rows_are_shown_of_many_and_their_number_said() -> None:
    lines = as_markdown(pd.DataFrame({"n": range(1234)})).splitlines()
    assert len([line for line in lines if line.startswith("|")]) == SHOWN_ROWS + 2
    assert lines[-1] == f"{SHOWN_ROWS} of 1234 rows are shown. / 共1234行，显示{SHOWN_ROWS}行。"


def test_of_many_failed_checks_the_first_are_shown_and_the_folder_has_all(tmp_path: Path) -> None:
    checks = [f"range_{number}" for number in range(SHOWN_CHECKS + 3)]
    write_rows({check: pd.DataFrame({"n": [1]}) for check in checks}, tmp_path / "made", "real")
    shown = shown_rows(tmp_path / "made", checks, "real")
    assert shown[ROWS].value.count("| 1 |") == SHOWN_CHECKS
    assert shown[ROWS].value.endswith("and 3 more checks / 另有3项检查")
    assert shown[FILE].path == str(tmp_path / "made") and len(list((tmp_path / "made").iterdir())) == len(checks)


def test_what_files_say_is_text_in_the_ui_and_no_formula_in_the_file(tmp_path: Path) -> None:
    rows = pd.DataFrame({"name": [ACTIVE, "=1+1", "a\nb", "x|y"], "@SUM(A1)": "https://evil.example"})
    write_rows({"check": rows}, tmp_path / "made", "real")
    table = shown_rows(tmp_path / "made", ["check"], "real")[ROWS].value
    assert not set(tokens(table)) & {"image", "link_open", "html_inline", "html_block", "code_inline"}
    assert not ADDRESS.search(visible(table))
    assert len({line.replace("\\|", "").count("|") for line in table.splitlines() if line.startswith("|")}) == 1
    written = pd.read_csv(tmp_path / "made" / "check.csv", dtype=str)
    assert written.columns.tolist() == ["name", "'@SUM(A1)"] and written["name"].tolist()[1] == "'=1+1"
    assert (tmp_path / "made" / "check.csv").read_bytes().startswith(b"\xef\xbb\xbf")
