"""Year-end lists of divisions: read when they are what their year says, refused with what contradicts otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from catalog.division_facts import PACKAGED
from catalog.provinces import load_provinces
from ingestion import FileReading
from ingestion.places.checking import contradictions, count, facts_of
from ingestion.places.units import units_at
from tests.ingestion.conftest import codes, workbook_bytes

LAST = PACKAGED.vintage.last_year
Read = Callable[..., FileReading]


def listed(year: int) -> dict[int, str]:
    """What the list of that year-end holds, but for 台湾, 香港 and 澳门."""
    provinces = {province.province_code: province.name_zh for province in load_provinces()}
    return dict(sorted((provinces | {unit.code: unit.name for unit in units_at(year)}).items()))


def as_text(units: dict[int, str], separator: str = " ", header: str = "") -> str:
    lines = [f"{code}{separator}{name}" for code, name in units.items()]
    return "\n".join([*([header] if header else []), *lines, ""])


def test_a_list_is_read(read: Read) -> None:
    units = listed(2018)
    reading = read(as_text(units | {710000: "台湾省"}), name="2018.txt", year_from_name=True)
    assert reading.source_file["layout"] == "division_list" and not reading.rejected_row
    assert reading.source_file["rows_set_aside"] == 1
    table = reading.tables["division"].to_pylist()
    assert {row["code"]: row["name"] for row in table} == units
    assert {row["year"] for row in table} == {2018} and table[0]["row"] == 1
    levels = {row["code"]: row["level"] for row in table}
    assert (levels[370000], levels[370100], levels[370102]) == ("province", "prefecture", "county")


@pytest.mark.parametrize(("separator", "header"), [("\t", ""), (",", "代码,名称"), ("  ", ""), ("　", "")])
def test_separators(read: Read, separator: str, header: str) -> None:
    reading = read(as_text(listed(LAST), separator, header), name="list.csv", year=LAST)
    assert len(reading.tables["division"]) == len(listed(LAST))


def test_headings_of_the_bureaus_lists_are_no_units(read: Read) -> None:
    headings = {110100: "市辖区", 130101: "市辖区", 419000: "省直辖县级行政区划", 500200: "县"}
    reading = read(as_text(listed(2020) | headings), year=2020)
    assert reading.source_file["rows_set_aside"] == len(headings)
    assert len(reading.tables["division"]) == len(listed(2020))


@pytest.mark.parametrize("keys", [{}, {"year_from_name": True}])
def test_the_year_must_be_said(read: Read, keys: dict[str, bool]) -> None:
    reading = read(as_text(listed(2018)), name="list.txt", **keys)
    assert "division_year" in codes(reading) and not reading.tables


def test_two_years_in_the_name_say_nothing(read: Read) -> None:
    assert "division_year" in codes(read(as_text(listed(2018)), name="2017-2018.txt", year_from_name=True))


@pytest.mark.parametrize("year", [2010, 2013, 2017, 2019, LAST])
def test_the_list_of_another_year_is_refused(read: Read, year: int) -> None:
    reading = read(as_text(listed(2018)), year=year)
    assert codes(reading) == {"division_totals"} and not reading.tables
    assert reading.source_file["rows_rejected"] == reading.source_file["rows_read"]


def test_the_contradiction_is_named(read: Read) -> None:
    reasons = [row["reason"] for row in read(as_text(listed(2017)), year=2018).rejected_row if row["row"] == 0]
    found = next(reason for reason in reasons if "山东省" in reason)
    assert "17 divisions, 17 cities" in found and "371200 莱芜市" in found and "16 divisions, 16 cities" in found
    assert "2018" in found


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (130100, None), (110101, None), (130102, None), (650000, None), (419001, None),
        (132100, "邯郸地区"), (110199, "新区"), (429099, "新市"),
    ],
)  # fmt: skip
def test_a_unit_too_few_or_too_many_refuses_the_list(read: Read, code: int, name: str | None) -> None:
    units = listed(2020)
    if name is None:
        del units[code]
    else:
        units[code] = name
    assert codes(read(as_text(units), year=2020)) == {"division_totals"}


def test_a_city_that_became_something_else_changes_the_totals(read: Read) -> None:
    assert codes(read(as_text(listed(2020) | {130100: "石家庄地区"}), year=2020)) == {"division_totals"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({130123: "正走县"}, "division_unknown"),
        ({130000: "河南省"}, "division_unknown"),
        ({130199: "新区"}, "division_unknown"),
    ],
)
def test_a_wrong_row_is_refused_alone(read: Read, change: dict[int, str], code: str) -> None:
    units = dict(sorted((listed(2020) | change).items()))
    reading = read(as_text(units), year=2020)
    assert codes(reading) == {code} and reading.source_file["rows_rejected"] == 1
    row = list(units).index(next(iter(change))) + 1
    assert reading.rejected_row[0]["row"] == row
    assert next(iter(change)) not in reading.tables["division"]["code"].to_pylist()


@pytest.mark.parametrize(("line", "code"), [("130123 正定县", "repeated_division"), ("注：截至年末", "division_row")])
def test_rows_that_are_no_units(read: Read, line: str, code: str) -> None:
    reading = read(as_text(listed(2020)) + line + "\n", year=2020)
    assert codes(reading) == {code} and reading.source_file["rows_rejected"] == 1
    assert len(reading.tables["division"]) == len(listed(2020))


def test_a_year_after_the_facts_is_taken_only_with_the_units_of_their_last(read: Read) -> None:
    """A list that has others is newer than the facts: it is refused by name, with the way to bring them up to date."""
    units = listed(LAST)
    assert len(read(as_text(units), year=LAST + 1).tables["division"]) == len(units)
    changed = units | {130124: "栾城新区"}
    del changed[620200]
    reading = read(as_text(changed), year=LAST + 1)
    assert codes(reading) == {"division_newer"} and not reading.tables
    [told] = [row for row in reading.rejected_row if row["row"] == 0]
    assert "with 130124 栾城新区; without 620200 嘉峪关市" in told["reason"] and "changes.csv" in told["reason_zh"]
    del units[650000]
    assert codes(read(as_text(units), year=LAST + 1)) == {"division_totals"}


def test_before_2000_only_prefectures_are_known(read: Read) -> None:
    units = {code: name for code, name in listed(1990).items() if code % 100 == 0}
    assert not read(as_text(units | {130199: "某县"}), year=1990).rejected_row
    assert codes(read(as_text(units | {139900: "某市"}), year=1990)) == {"division_totals"}


def test_several_sheets(read: Read) -> None:
    content = workbook_bytes(extra_sheet=True)
    reading = read(content, name="a.xlsx", layout="division_list", year=2020)
    assert codes(reading) == {"layout_columns"}


def test_contradictions_compare_whole_units() -> None:
    facts = facts_of(2020)
    assert contradictions(facts, 2020) == ()
    swapped = facts | {130100: "石家庄地区", 130200: "唐山市"}
    hebei = count(facts, 130000)
    assert contradictions(swapped, 2020) == ((f"河北省: {replace(hebei, cities=hebei.cities - 1)}", str(hebei)),)
