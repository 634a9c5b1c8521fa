"""Histories of division codes: read when they tell what the table of divisions tells, refused otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.division_facts import PACKAGED
from catalog.provinces import load_provinces
from ingestion import FileReading
from ingestion.places.units import load_units, units_at
from ingestion.readers.divisions.divisions import HEADER
from tests.ingestion.conftest import codes

LAST = PACKAGED.vintage.last_year
Read = Callable[..., FileReading]
_LEVELS = {"province": "省级", "prefecture": "地级", "county": "县级"}


def rows() -> list[list[str]]:
    """A history the table of divisions itself would write."""
    found = [[str(p.province_code), "", "", p.name_zh, "省级", "在用", "1981", "", ""] for p in load_provinces()]
    for unit in load_units():
        first = str(unit.first_year or (1981 if unit.level == "prefecture" else 1985))
        state, end = ("弃用", str(unit.last_year + 1)) if unit.last_year else ("在用", "")
        after = ";".join(str(code) for code in unit.successors)
        found.append([str(unit.code), "", "", unit.name, _LEVELS[unit.level], state, first, end, after])
    return sorted(found)


def as_text(table: list[list[str]]) -> str:
    return "\n".join(",".join(row) for row in [list(HEADER), *table]) + "\n"


def find(table: list[list[str]], code: str) -> list[str]:
    return next(row for row in table if row[0] == code)


def test_a_history_is_read_as_year_ends(read: Read) -> None:
    table = rows()
    reading = read(as_text([*table, ["710000", "", "", "台湾省", "省级", "在用", "1981", "", ""]]), year=LAST)
    assert reading.source_file["layout"] == "division_history" and not reading.rejected_row
    assert reading.source_file["rows_set_aside"] == 2
    divisions = reading.tables["division"].to_pylist()
    for year in (2010, 2018, LAST):
        told = {row["code"]: row["name"] for row in divisions if row["year"] == year and row["level"] != "province"}
        assert told == {unit.code: unit.name for unit in units_at(year)}
    laiwu = [row["year"] for row in divisions if row["code"] == 371200]
    assert (min(laiwu), max(laiwu)) == (1992, 2017)
    assert divisions[0]["row"] == 2


def test_the_last_year_must_be_declared(read: Read) -> None:
    assert "division_until" in codes(read(as_text(rows())))


@pytest.mark.parametrize(
    ("code", "column", "value", "told"),
    [
        ("371200", 7, "2019", "371200 莱芜市 1992-2017"),
        ("371200", 3, "莱芜区", "371200 莱芜市"),
        ("460300", 6, "2013", "460300 三沙市 2012-"),
        ("130123", 4, "地级", "130123"),
        ("130000", 3, "河南省", "130000 河北省"),
    ],
)
def test_a_contradiction_refuses_the_file_and_is_named(
    read: Read, code: str, column: int, value: str, told: str
) -> None:
    table = rows()
    find(table, code)[column] = value
    reading = read(as_text(table), year=LAST)
    assert codes(reading) == {"division_history"} and not reading.tables
    assert any(told in row["reason"] for row in reading.rejected_row)


def test_a_lost_row_refuses_the_file(read: Read) -> None:
    table = rows()
    table.remove(find(table, "130123"))
    assert codes(read(as_text(table), year=LAST)) == {"division_history"}


def test_many_contradictions_are_counted(read: Read) -> None:
    reading = read(as_text([row for row in rows() if row[4] == "省级"]), year=LAST)
    assert len([row for row in reading.rejected_row if row["row"] == 0]) == 21
    assert any("more units" in row["reason"] for row in reading.rejected_row)


def test_years_after_the_facts_have_the_units_of_their_last(read: Read) -> None:
    table, later = rows(), LAST + 2
    reading = read(as_text(table), year=later)
    assert not reading.rejected_row
    assert later in {row["year"] for row in reading.tables["division"].to_pylist() if row["code"] == 130123}
    find(table, "130123")[5:8] = ["弃用", "1985", str(later)]
    table.append(["130119", "", "", "正定区", "县级", "在用", str(later), "", ""])
    reading = read(as_text(table), year=later)
    assert codes(reading) == {"division_newer"}
    told = next(row["reason"] for row in reading.rejected_row if row["row"] == 0)
    assert "with 130119 正定区; without 130123 正定县" in told and str(later) in told


@pytest.mark.parametrize(
    ("column", "value"),
    [(0, "13012"), (4, "乡级"), (6, "85"), (6, "2030"), (7, "2010"), (5, "弃用"), (8, "河北")],
)
def test_a_row_that_cannot_be_right(read: Read, column: int, value: str) -> None:
    """A county before 1999 is not among the facts, so only its own row is refused."""
    table = [*rows(), ["130999", "", "", "某县", "县级", "弃用", "1985", "1990", ""]]
    assert not read(as_text(table), year=LAST).rejected_row
    broken = ["130999", "", "", "某县", "县级", "弃用", "1985", "1990", ""]
    broken[column] = value
    if (column, value) in {(7, "2010"), (5, "弃用")}:
        broken = [
            "130999",
            "",
            "",
            "某县",
            "县级",
            "在用" if column == 7 else "弃用",
            "1985",
            "2010" if column == 7 else "",
            "",
        ]
    reading = read(as_text([*rows(), broken]), year=LAST)
    assert codes(reading) == {"division_span"} and reading.source_file["rows_rejected"] == 1
    assert reading.rejected_row[0]["row"] == len(table) + 1
