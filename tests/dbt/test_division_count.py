"""division_count: the totals of the year-end lists are those they were compiled from; a later year is carried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from catalog.division_facts import PACKAGED, TOTALS

Scratch = Callable[[str], duckdb.DuckDBPyConnection]
MUNICIPALITIES = {11, 12, 31, 50}
LAST = PACKAGED.vintage.last_year


@pytest.mark.parametrize("year", range(PACKAGED.vintage.counted_from, LAST + 1))
def test_equals_code_list(year: int, real_data: Path) -> None:
    text = (real_data / "admin" / "areacodes" / "data" / f"{year}.txt").read_text(encoding="utf-8")
    codes = [int(line.split()[0]) for line in text.splitlines() if line.strip()]
    provinces = {code // 10000 for code in codes if code % 10000 == 0} - {71, 81, 82}
    units, cities, counties = Counter[int](), Counter[int](), Counter[int]()
    for code in codes:
        province, middle, end = code // 10000, code // 100 % 100, code % 100
        if province in MUNICIPALITIES or middle == 90:
            counties[province] += end > 0
        elif middle > 0 and end == 0:
            units[province] += 1
            cities[province] += 1 <= middle <= 20 or 51 <= middle <= 70
    totals = {
        int(row["province_code"]) // 10000: tuple(int(number) for number in list(row.cells.values())[2:])
        for row in PACKAGED.rows(TOTALS)
        if int(row["year"]) == year
    }
    assert totals == {p: (units[p], cities[p], counties[p]) for p in provinces}
    assert len(provinces) == 31


def carried(good: Any, scratch: Scratch) -> dict[int, set[int | None]]:
    """Year -> carried_from, of the years after the record in the model's own rows."""
    rows = scratch(f"from ({good.nodes['division_count'].node.compiled_code})").fetchall()
    assert {len([row for row in rows if row[1] == year]) for year in range(LAST, rows[-1][1] + 1)} == {31}
    last = {row[0]: row[2:5] for row in rows if row[1] == LAST}
    assert all(row[2:5] == last[row[0]] for row in rows if row[1] > LAST)
    return {row[1]: {other[5] for other in rows if other[1] == row[1]} for row in rows if row[1] > LAST}


def ends_in(year: int) -> str:
    """SQL: the study mspi ends in that year."""
    last = f"case study when 'mspi' then {year} else last_year end as last_year"
    return f"create or replace view stg_study_exposure as select * replace ({last}) from lake.study_exposure"


def test_no_year_beyond_the_record_is_made_up(good: Any, scratch: Scratch) -> None:
    assert carried(good, scratch) == {}


def test_a_year_a_study_needs_is_carried_and_flagged(good: Any, scratch: Scratch) -> None:
    scratch(ends_in(LAST + 2))
    assert carried(good, scratch) == {LAST + 1: {LAST}, LAST + 2: {LAST}}


def test_a_year_with_figures_is_carried_and_a_list_with_the_same_units_confirms_it(good: Any, scratch: Scratch) -> None:
    scratch(
        "create or replace view stg_observation as "
        f"from lake.observation union all select * replace ({LAST + 1} as year) from lake.observation"
    )
    assert carried(good, scratch) == {LAST + 1: {LAST}}
    scratch(f"create or replace view stg_division as select * replace ({LAST + 1} as year) from lake.division")
    assert carried(good, scratch) == {LAST + 1: {None}}


def test_exposure_changes_with_the_divisions_of_a_later_year(good: Any, scratch: Scratch) -> None:
    """What a city merged in that year takes from the denominator."""
    scratch(ends_in(LAST + 1))
    scratch(
        "insert into division_count select * replace (prefecture_units - cast(province_code = 620000 as integer) "
        f"as prefecture_units, {LAST + 1} as year) from division_count where year = {LAST}"
    )
    rows = scratch(
        f"select province_code, total_units, lag(total_units) over (partition by province_code order by year) "
        f"from ({good.nodes['int_exposure_variant'].node.compiled_code}) where preferred and denominator = 'divisions' "
        f"qualify year = {LAST + 1}"
    ).fetchall()
    assert {code for code, now, before in rows if now != before} == {620000} and len(rows) >= 31
