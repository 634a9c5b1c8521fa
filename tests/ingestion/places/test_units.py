"""The table of divisions: totals of every year-end, the yearly lists unit by unit, coordinates, and its logic."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import pytest

from catalog.division_facts import PACKAGED, TOTALS
from catalog.provinces import MUNICIPALITIES, load_provinces
from ingestion.places.checking import count
from ingestion.places.consistency import require_consistent
from ingestion.places.records import division_counts, place_records
from ingestion.places.spelling import english_name
from ingestion.places.units import adcodes_path, load_units, units_at, units_by_code

LAST_YEAR = PACKAGED.vintage.last_year
YEARS = range(PACKAGED.vintage.counted_from, LAST_YEAR + 1)
# Prefecture-level divisions and cities at 31 December, as the Ministry of Civil Affairs prints them.
NATIONAL = {
    2010: (333, 283), 2011: (332, 284), 2012: (333, 285), 2013: (333, 286), 2014: (333, 288),
    2015: (334, 291), 2016: (334, 293), 2017: (334, 294), 2018: (333, 293), 2020: (333, 293), 2023: (333, 293),
}  # fmt: skip


def standing(year: int) -> dict[int, str]:
    return {unit.code: unit.name for unit in units_at(year)}


@pytest.mark.parametrize("year", NATIONAL)
def test_national_totals(year: int) -> None:
    units = units_at(year)
    cities = [unit for unit in units if unit.kind == "地级市"]
    assert (sum(unit.level == "prefecture" for unit in units), len(cities)) == NATIONAL[year]
    assert len({unit.code for unit in units}) == len(units)


@pytest.mark.parametrize("year", YEARS)
def test_totals_of_each_province(year: int) -> None:
    rows = {int(row["province_code"]): row for row in PACKAGED.rows(TOTALS) if int(row["year"]) == year}
    for province in load_provinces():
        row, found = rows[province.province_code], count(standing(year), province.province_code)
        expected = tuple(int(row[name]) for name in ("prefecture_units", "prefecture_cities", "county_units"))
        assert (found.divisions, found.cities, found.direct_counties) == expected, province.name_zh


def test_counts_are_of_every_province_and_year() -> None:
    keys = [(row["province_code"], row["year"]) for row in division_counts()]
    assert sorted(keys) == sorted((p.province_code, year) for p in load_provinces() for year in YEARS)


@pytest.mark.parametrize("year", [2013, 2014, 2015, 2019])
def test_units_directly_under_a_province(year: int) -> None:
    found = {p.province_code: count(standing(year), p.province_code).direct_counties for p in load_provinces()}
    below = {110000: 16, 120000: 16, 310000: 17 if year < 2015 else 16, 500000: 38}
    direct = {
        410000: 1,
        420000: 4,
        460000: 16 if year < 2015 else 15,
        650000: {2013: 6, 2014: 7, 2015: 8, 2019: 10}[year],
    }
    assert {code: number for code, number in found.items() if number} == below | direct


@pytest.mark.parametrize(
    ("year", "before", "after"),
    [
        (2011, {341400: "巢湖市", 522400: "毕节地区", 522200: "铜仁地区"}, {520500: "毕节市", 520600: "铜仁市"}),
        (2012, {}, {460300: "三沙市"}),
        (2013, {632100: "海东地区"}, {630200: "海东市"}),
        (2014, {542300: "日喀则地区", 542100: "昌都地区"}, {540200: "日喀则市", 540300: "昌都市"}),
        (2015, {542600: "林芝地区", 652100: "吐鲁番地区"}, {540400: "林芝市", 460400: "儋州市", 650400: "吐鲁番市"}),
        (2016, {542200: "山南地区", 652200: "哈密地区"}, {540500: "山南市", 650500: "哈密市"}),
        (2017, {542400: "那曲地区"}, {540600: "那曲市"}),
        (2018, {371200: "莱芜市"}, {}),
        *((year, {}, {}) for year in range(2019, 2024)),
    ],
)
def test_changes_behind_the_totals(year: int, before: dict[int, str], after: dict[int, str]) -> None:
    old, new = ({c: n for c, n in standing(y).items() if c % 100 == 0} for y in (year - 1, year))
    assert {code: old[code] for code in old.keys() - new.keys()} == before
    assert {code: new[code] for code in new.keys() - old.keys()} == after


@pytest.mark.parametrize("year", range(2008, LAST_YEAR + 1))
def test_the_yearly_lists_unit_by_unit(year: int, real_data: Path) -> None:
    lines = (real_data / f"admin/areacodes/data/{year}.txt").read_text(encoding="utf-8").split("\n")
    listed = {int(line[:6]): line[7:].strip() for line in lines if line}
    assert {c: n for c, n in listed.items() if c % 10000 and c // 10000 < 70} == standing(year)


def test_which_year_the_package_of_codes_is_of(real_data: Path) -> None:
    """Fewer codes of the end of 2016 are strange to it than of any other year; the rest is in county_change.csv."""
    with adcodes_path().open(encoding="utf-8") as stream:
        known = {(int(row["adcode"][:6]), row["name"]) for row in csv.DictReader(stream)}
    strange = {year: len(standing(year).items() - known) for year in range(2012, 2021)}
    assert min(strange, key=lambda year: strange[year]) == 2016
    prefectures = {(code, name) for code, name in known if code % 100 == 0 and code % 10000 and name != "市辖区"}
    assert {pair for pair in standing(2016).items() if pair[0] % 100 == 0} <= prefectures


def test_the_packaged_facts_agree_with_each_other() -> None:
    require_consistent()


def _distance_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    lon, lat, other_lon, other_lat = map(math.radians, (lon, lat, other_lon, other_lat))
    half = math.sin((other_lat - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def test_coordinates_lie_within_reach_of_the_capital() -> None:
    provinces = {province.province_code: province for province in load_provinces()}
    seen = 0
    for unit in units_at(LAST_YEAR):
        if unit.lon is None or unit.lat is None:
            assert unit.level == "county", unit
            continue
        seen += 1
        province = provinces[unit.province_code]
        # 三沙 lies at sea, 420 km from 海口.
        reach = 500 if unit.code // 100 == 4603 else 1.6 * math.sqrt(province.area_km2)
        assert _distance_km(unit.lon, unit.lat, province.lon, province.lat) < reach, unit
    assert seen > 2800


def test_a_unit_that_took_over_another_whole_stands_where_it_stood() -> None:
    units = units_by_code()
    assert (units[540600][0].lon, units[540600][0].lat) == (units[542400][0].lon, units[542400][0].lat)
    assert units[540600][0].lon is not None
    # 平城区 was put together from parts of several.
    assert units[140213][0].lon is None


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (130100, "Shijiazhuang"), (610100, "Xi'an"), (140400, "Changzhi"), (211300, "Chaoyang"), (411100, "Luohe"),
        (150100, "Hohhot"), (341500, "Lu'an"), (331000, "Taizhou"), (532600, "Wenshan"), (653000, "Kizilsu"),
        (340300, "Bengbu"), (510181, "Dujiangyan"), (441900, "Dongguan"), (360923, "Shanggao"), (140428, "Zhangzi"),
    ],
)  # fmt: skip
def test_english_names(code: int, name: str) -> None:
    assert english_name(units_by_code()[code][-1]) == name


def test_records_are_the_units_and_the_municipalities() -> None:
    records = place_records()
    assert len(records) == len(load_units()) + 4
    today = [record for record in records if record["last_year"] is None]
    kinds = Counter(record["kind"] for record in today if record["level"] == "prefecture")
    last = [row for row in division_counts() if row["year"] == LAST_YEAR]
    assert kinds.pop("直辖市") == 4 and kinds["地级市"] == sum(row["prefecture_cities"] for row in last)
    assert kinds.total() == sum(row["prefecture_units"] for row in last)
    assert kinds.keys() == {"地级市", "自治州", "地区", "盟"}
    assert [r["code"] for r in today if r["level"] == "prefecture" and r["city_code"] != r["code"]] == []
    direct = [record["code"] for record in today if record["city_code"] is None]
    counted = sum(row["county_units"] for row in last if row["province_code"] not in MUNICIPALITIES)
    assert len(direct) == counted and 419001 in direct
    assert all(record["name_en"] for record in records)
