"""Tables compared on their keys: every row and cell that differs, never one that does not, and why."""

from __future__ import annotations

from typing import Any

import pytest

from medpanel.changes.comparing import TableChange, compare
from medpanel.changes.reasons import Ingredients, change_rows, joined, of_results
from tests.medpanel.changes.conftest import Compare, figure


def rows(change: TableChange) -> list[tuple[Any, ...]]:
    names = ["key", "column_name", "difference", "before", "after", "why"]
    return list(change.rows[names].astype("object").where(change.rows[names].notna(), None).itertuples(False, None))


def test_a_figure_is_compared_whichever_file_it_stands_in(compared: Compare) -> None:
    one, other = figure(2020, 1.5), figure(2020, 1.5, file_id="f2", cell="C9", chosen=True)
    with compared({"observation": [one]}, {"observation": [other]}) as both:
        assert compare(both) == []


def test_a_figure_says_whether_data_edition_or_year_changed(compared: Compare) -> None:
    before = [figure(2020, 1.0), figure(2021, 2.0), figure(2021, 9.0, 120000), figure(2020, 7.0, chosen=False)]
    now = [figure(2020, 1.5), figure(2021, 2.5, vintage="old"), figure(2021, 3.0, 130000), figure(2022, 4.0)]
    with compared({"observation": before}, {"observation": now}) as both:
        [change] = compare(both)
    key = '{{"entity_level":"province","entity_code":{},"year":{},"indicator":"gdp"}}'
    assert rows(change) == [
        (key.format(110000, 2020), "value", "changed", "1.0", "1.5", "data"),
        (key.format(110000, 2021), "value", "changed", "2.0", "2.5", "edition"),
        (key.format(110000, 2021), "vintage", "changed", "new", "old", "edition"),
        (key.format(120000, 2021), "", "gone", None, None, "data"),
        (key.format(110000, 2022), "", "added", None, None, "year"),
        (key.format(130000, 2021), "", "added", None, None, "data"),
    ]
    assert (change.added, change.gone, change.revised, change.cells) == (2, 1, 2, 3)
    assert change.rows["before_number"].tolist()[:2] == [1.0, 2.0]


def test_an_empty_cell_differs_from_a_filled_one_alone(compared: Compare) -> None:
    row = {"province_code": 110000, "year": 2020, "gdp": None, "beds": None}
    with compared({"province_year": [row]}, {"province_year": [row | {"gdp": 2.0}]}) as both:
        [change] = compare(both)
    assert rows(change) == [('{"province_code":110000,"year":2020}', "gdp", "changed", None, "2.0", "")]


def test_names_with_quotes_reach_no_sql(compared: Compare) -> None:
    row = {"study": 'it\'s "mspi"; --', "variable": "x", "table_no": "1", "n": 3}
    with compared({"summary_statistic": [row]}, {"summary_statistic": [row | {"n": 4}]}) as both:
        [change] = compare(both)
    assert change.rows["key"].tolist() == ['{"study":"it\'s \\"mspi\\"; --","table_no":"1","variable":"x"}']


def test_what_is_not_listed_is_counted(compared: Compare) -> None:
    before = [figure(year, 1.0) for year in range(2000, 2010)]
    with compared({"observation": before}, {"observation": [figure(1999, 1.0)]}) as both:
        [change] = compare(both, limit=4)
        listed = change_rows([change], "P", "code")
    assert (change.gone, change.added, len(change.rows), change.left_out) == (10, 1, 4, 7)
    assert listed[["difference", "after_number"]].iloc[-1].tolist() == ["more", 7.0]
    assert not listed.duplicated(["publication", "table_name", "key", "column_name"]).any()


def test_a_table_only_one_has_is_one_row(compared: Compare) -> None:
    fit = {"study": "mspi", "run": "x", "scenario": "s", "metric": "m", "value": 1.0}
    with compared({"scenario_result": [fit]}, {"observation": [figure(2020, 1.0), figure(2021, 1.0)]}) as both:
        found = {change.table: rows(change) for change in compare(both)}
    assert found == {
        "observation": [("", "", "added", None, "2 rows", "")],
        "scenario_result": [("", "", "gone", "1 rows", None, "")],
    }


@pytest.mark.parametrize(
    ("inputs", "config", "code", "expected"),
    [("1", "1", "1", "code"), ("2", "1", "1", "data"), ("1", "2", "1", "option"), ("2", "2", "2", "data+option+code")],
)
def test_a_result_differs_for_all_that_changed(inputs: str, config: str, code: str, expected: str) -> None:
    names = ("inputs_sha256", "config_sha256", "version")
    one, other = (Ingredients.of(dict(zip(names, made, strict=True))) for made in ("111", (inputs, config, code)))
    assert of_results([], one, other) == expected


def test_figures_are_behind_results_with_their_own_reasons(compared: Compare) -> None:
    names = ("inputs_sha256", "config_sha256", "code_sha256")
    one, other = (Ingredients.of(dict(zip(names, made, strict=True))) for made in ("111", "211"))
    with compared(
        {"observation": [figure(2020, 1.0)]}, {"observation": [figure(2020, 1.0), figure(2021, 1.0)]}
    ) as both:
        assert of_results(compare(both), one, other) == "year"
    assert joined(["code", "year", "data", "year"]) == "data+year+code"
