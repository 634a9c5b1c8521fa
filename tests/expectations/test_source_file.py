"""Every check of source_file passes on good data and fails on data that breaks only its rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import expectations.source_file as suite
from expectations.finder import TableSuite

SUITE = TableSuite(suite.TABLE, suite)

CHECKS = {check.name: check for check in suite.checks()}
Break = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture
def good() -> pd.DataFrame:
    """Three loaded files: a text file, a workbook without an encoding, and one with a remark."""
    files = [
        ("f1", "分省年度数据.csv", "gb18030", 37, 31, 0, 6, 372, 0, 0, None),
        ("f2", "health/年鉴_2016.xlsx", None, 172, 128, 0, 44, 222, 2, 0, None),
        ("f3", "年鉴_2017.xlsx", None, 172, 128, 0, 44, 218, 2, 0, "sheet 附: the sheet is hidden"),
    ]
    names = ["file_id", "path", "encoding", *suite._COUNTS, "problem"]
    return pd.DataFrame(files, columns=names).assign(
        sha256=[digit * 64 for digit in "a07"],
        bytes=2429,
        layout="nbs_export",
        vintage="census_2020",
        publisher="National Bureau of Statistics",
        licence="none stated",
        accessed_on=dt.date(2026, 11, 20),
        status="loaded",
        superseded_by=None,
    )


def setting(column: str, value: Any, row: int = 1) -> Break:
    return lambda df: df.assign(**{column: df[column].mask(df.index == row, value)})


def refused(df: pd.DataFrame) -> pd.DataFrame:
    """A file nobody declared: refused with nothing known of its origin, its rows still accounted for."""
    changes: dict[str, Any] = {
        "file_id": "f9",
        "path": "stray.csv",
        "status": "refused",
        "problem": "stray.csv: no entry in sources.yaml",
        "rows_loaded": 0,
        "rows_set_aside": df["rows_read"].iloc[0],
        "cells_loaded": 0,
    }
    changes |= dict.fromkeys((*suite.DECLARED, "layout"))
    return pd.concat([df, df.iloc[[0]].astype(object).assign(**changes)], ignore_index=True)


def partial(df: pd.DataFrame) -> pd.DataFrame:
    """A row and two cells of the third file are refused."""
    counts = {"rows_loaded": 127, "rows_rejected": 1, "cells_rejected": 2, "problem": "row 9: unknown name"}
    return df.assign(**{name: df[name].mask(df.index == 2, value) for name, value in counts.items()}).assign(
        status=df["status"].mask(df.index == 2, "partial")
    )


def not_read(df: pd.DataFrame) -> pd.DataFrame:
    return refused(df).assign(status=lambda df: df["status"].replace("refused", "not_read"))


def nothing_loaded(df: pd.DataFrame) -> pd.DataFrame:
    return refused(df).iloc[[-1]]


VIOLATIONS: dict[str, tuple[Break, set[str]]] = {
    "required_complete": (setting("sha256", None), set()),
    "key_unique": (lambda df: pd.concat([df, df.iloc[[0]]], ignore_index=True), set()),
    "rows_accounted": (setting("rows_set_aside", 43), set()),
    # One row lost and one counted twice still add up.
    "counts_not_negative": (lambda df: setting("rows_loaded", 173)(setting("rows_set_aside", -1)(df)), set()),
    "sha256_form": (setting("sha256", "A" * 64), set()),
    "statuses_known": (setting("status", "skipped"), set()),
    "statuses_founded": (lambda df: partial(df).assign(status="loaded"), set()),
    "no_file_partial": (partial, set()),
    "some_file_loaded": (nothing_loaded, {"no_file_refused"}),
    "no_file_refused": (refused, set()),
    "newer_download_loaded": (lambda df: setting("superseded_by", "f9")(refused(df)), {"no_file_refused"}),
    **{f"{field}_of_loaded": (setting(field, None), set()) for field in suite.DECLARED},
}


def failed(df: pd.DataFrame) -> dict[str, str]:
    result = SUITE.run(df)
    return dict(result.loc[~result["passed"], ["check_name", "observed"]].itertuples(index=False))


def test_good_data_passes_every_check(good: pd.DataFrame) -> None:
    assert SUITE.run(good)["check_name"].tolist() == list(CHECKS)
    assert failed(good) == {}


def test_every_check_has_a_violation_and_every_violation_a_check() -> None:
    assert set(VIOLATIONS) == set(CHECKS)
    assert len(CHECKS) == len(suite.checks()) == 15


@pytest.mark.parametrize("name", CHECKS)
def test_a_violation_fails_exactly_its_check(good: pd.DataFrame, name: str) -> None:
    violate, companions = VIOLATIONS[name]
    assert set(failed(violate(good))) == {name} | companions


@pytest.mark.parametrize("text", ["a" * 63, "a" * 65, "g" + "a" * 63, "a" * 64 + "\n", "", " " + "a" * 63])
def test_what_is_no_sha256(good: pd.DataFrame, text: str) -> None:
    assert set(failed(setting("sha256", text)(good))) == {"sha256_form"}


@pytest.mark.parametrize("column", suite._ROWS)
def test_each_count_of_rows_enters_the_account(good: pd.DataFrame, column: str) -> None:
    text = failed(good.assign(**{column: good[column] + 1}))["rows_accounted"]
    assert text.startswith("3 of 3 not as expected: rows_unaccounted = ")


def test_rows_lost_in_one_file_are_not_made_up_for_by_another(good: pd.DataFrame) -> None:
    bad = setting("rows_loaded", 129)(setting("rows_loaded", 30, row=0)(good))
    assert failed(bad)["rows_accounted"] == (
        "2 of 3 not as expected: rows_unaccounted = 1 at file_id f1; rows_unaccounted = -1 at file_id f2"
    )


@pytest.mark.parametrize("column", suite._REQUIRED)
def test_an_empty_field_is_noticed(good: pd.DataFrame, column: str) -> None:
    assert "required_complete" in failed(setting(column, None)(good))


def test_a_blank_licence_is_none(good: pd.DataFrame) -> None:
    text = failed(setting("licence", "  ")(good))["licence_of_loaded"]
    assert text == "1 of 3 not as expected: loaded_without_licence = health/年鉴_2016.xlsx at file_id f2"


def test_a_refused_file_is_named_with_its_problem(good: pd.DataFrame) -> None:
    text = failed(refused(good))["no_file_refused"]
    assert text == "1 of 4 not as expected: refused_file = stray.csv: no entry in sources.yaml at file_id f9"
    silent = refused(good).assign(problem=None)
    assert "refused_file = stray.csv at file_id f9" in failed(silent)["no_file_refused"]


def test_a_file_loaded_in_part_is_named_with_what_was_refused_and_why(good: pd.DataFrame) -> None:
    text = failed(partial(good))["no_file_partial"]
    assert text == "1 of 3 not as expected: partial_file = 1 rows, 2 cells: row 9: unknown name at file_id f3"


def test_a_file_declared_not_to_be_read_is_no_refusal(good: pd.DataFrame) -> None:
    assert failed(not_read(good)) == {}
    assert set(failed(nothing_loaded(good).assign(status="not_read"))) == {"some_file_loaded"}


@pytest.mark.parametrize(
    ("status", "column", "value"),
    [
        ("partial", "rows_loaded", 0),
        ("loaded", "rows_loaded", 0),
        ("loaded", "cells_rejected", 1),
        ("refused", "rows_loaded", 128),
        ("not_read", "rows_loaded", 128),
    ],
)
def test_a_status_that_the_counts_contradict_is_noticed(
    good: pd.DataFrame, status: str, column: str, value: int
) -> None:
    assert "statuses_founded" in failed(setting("status", status)(setting(column, value)(good)))


def test_severities() -> None:
    warnings = {name for name, check in CHECKS.items() if check.severity == "warning"}
    assert warnings == {"no_file_refused", "no_file_partial"}


def test_an_empty_table_fails_every_check(good: pd.DataFrame) -> None:
    assert not SUITE.run(good.iloc[:0])["passed"].any()


def test_prepare_leaves_the_given_columns_alone(good: pd.DataFrame) -> None:
    before = good.copy()
    prepared = suite.prepare(good.iloc[::-1])
    assert good.equals(before)
    assert prepared[list(good.columns)].equals(good.iloc[::-1])
