"""Long panels of cities: whose row a row is, codes of two years, constants over rows, coordinates, GDP of a part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog import load_registry
from ingestion import FileReading, read_file
from ingestion.build.conflicts import refuse_conflicts
from ingestion.checks.plausibility import TOLERANCE_KM, distance_km, reference_point
from ingestion.places.units import units_at
from tests.ingestion.conftest import PROVINCES, codes, declared

Read = Callable[..., FileReading]
CITY: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "city",
    "year_column": "year",
    "panel": {"entity_level": "city"},
    "columns": {"index": {"indicator": "digital_finance_index", "unit": "指数点"}},
}


def panel(*rows: str, header: str = "city,year,index") -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def of(**panel_keys: Any) -> dict[str, Any]:
    return {**CITY, "panel": {"entity_level": "city", **panel_keys}}


def places(reading: FileReading) -> dict[str, int]:
    return {record["cell"]: record["entity_code"] for record in reading.observation}


def test_cities_municipalities_and_units_directly_under_a_province(read: Read) -> None:
    reading = read(panel("石家庄市,2017,200.5", "北京市,2017,210", "仙桃市,2017,150", "吉林,2017,160"), **CITY)
    assert codes(reading) == set()
    assert places(reading) == {"C2": 130100, "C3": 110000, "C4": 429004, "C5": 220200}
    assert {(r["entity_level"], r["year"], r["status"]) for r in reading.observation} == {("city", 2017, "reported")}
    assert reading.absent == 0, "no set of cities is demanded"


def test_old_and_new_names_are_the_unit_of_the_rows_year(read: Read) -> None:
    reading = read(panel("襄樊,2012,200", "山南地区,2014,90", "山南市,2018,190", "毕节地区,2009,80"), **CITY)
    assert places(reading) == {"C2": 420600, "C3": 542200, "C4": 540500, "C5": 522400}


def test_unknown_and_ambiguous_cities_refuse_their_rows_with_choices(read: Read) -> None:
    reading = read(panel("石家庄市,2017,200", "石家座市,2017,200", ",2017,200"), **CITY)
    assert places(reading) == {"C2": 130100}
    rejected = {r["row"]: r for r in reading.rejected_row}
    assert rejected[3]["code"] == "unknown_place"
    assert "石家庄市" in rejected[3]["reason"]
    assert "cell A3" in rejected[3]["reason"]
    assert set(rejected) == {3, 4}


def test_a_file_of_unknown_names_is_refused_whole(read: Read) -> None:
    reading = read(panel("甲,2017,200", "乙,2017,200"), **CITY)
    assert codes(reading) == {"unknown_place"}
    assert reading.source_file["status"] == "refused"


def test_a_unit_another_one_has_taken_in_has_no_figure_of_its_own(read: Read) -> None:
    rows = ("莱芜市,2017,150", "莱芜市,2020,180", "济南市,2020,300")
    reading = read(panel(*rows), **CITY)
    assert places(reading) == {"C2": 371200, "C4": 370100}
    assert [(r["row"], r["code"]) for r in reading.rejected_row] == [(3, "place_taken_in")]
    assert "370100" in reading.rejected_row[0]["reason"]
    assert places(read(panel(*rows), **of(code_year=2017))) == {"C2": 371200, "C3": 371200, "C4": 370100}


def test_codes_are_checked_and_may_be_those_of_another_year_of_the_same_unit(read: Read) -> None:
    rows = ("哈密市,2017,6505.0,200", "哈密市,2018,652200,200", "石家庄市,2017,1302,200", "昌都市,2017,-1,200")
    reading = read(panel(*rows, header="city,year,code,index"), **CITY)
    assert places(reading) == {"D2": 650500, "D3": 650500}
    assert [(r["row"], r["code"]) for r in reading.rejected_row] == [
        (4, "contradicting_code"),
        (5, "contradicting_code"),
    ]
    assert "130100" in reading.rejected_row[0]["reason"]
    assert len(read(panel(*rows, header="city,year,code,index"), key="name", **CITY).observation) == 4


def test_a_second_pair_of_names_and_codes_must_be_the_same_unit(read: Read) -> None:
    header = "city,year,code,old,old_code,index"
    other = {"name_column": "old", "code_column": "old_code", "year": 2014}
    rows = (
        "山南市,2012,5405.0,山南地区,5422.0,60",
        "山南市,2013,5405.0,哈密地区,6522.0,60",
        "山南市,2014,5405.0,山南地区,5423.0,60",
        "山南市,2015,5405.0,某地区,5422.0,60",
    )
    reading = read(panel(*rows, header=header), **of(code_year=2017, other_names=[other]), code_column="code")
    assert places(reading) == {"F2": 540500}
    found = {r["row"]: (r["code"], r["reason"]) for r in reading.rejected_row}
    # In the province of the first name there is no such prefecture.
    assert found[3][0] == "unknown_place"
    assert "cell D3" in found[3][1]
    assert found[4][0] == "contradicting_code"
    assert "cell E4" in found[4][1]
    assert found[5][0] == "unknown_place"


def test_two_names_of_one_province_that_are_two_units(read: Read) -> None:
    rows = ("石家庄市,2014,唐山市,60", "石家庄市,2015,石家庄,60")
    reading = read(panel(*rows, header="city,year,old,index"), **of(other_names=[{"name_column": "old", "year": 2014}]))
    assert [(r["row"], r["code"]) for r in reading.rejected_row] == [(2, "contradicting_names")]


def test_the_province_column_settles_and_must_be_a_province(read: Read) -> None:
    rows = ("广东,石家庄市,2017,200", "河北省,石家庄市,2017,200", "关东,唐山市,2017,200")
    reading = read(panel(*rows, header="prov,city,year,index"), **of(province_column="prov"))
    assert places(reading) == {"D3": 130100}
    assert {(r["row"], r["code"]) for r in reading.rejected_row} == {(2, "unknown_place"), (4, "unknown_province")}


def test_a_city_year_in_two_rows_refuses_both(read: Read) -> None:
    reading = read(panel("石家庄市,2017,200", "石家庄,2017,200", "唐山市,2017,190"), **CITY)
    assert codes(reading) == {"repeated_city_year"}
    assert places(reading) == {"C4": 130200}


def test_figures_no_range_for_cities_can_judge_are_refused(read: Read) -> None:
    keys = {**CITY, "columns": {"index": {"indicator": "urban_population", "unit": "万人"}}}
    assert codes(read(panel("石家庄市,2017,600"), **keys)) == {"no_city_range"}


def test_a_city_and_the_province_of_its_code_do_not_contradict_each_other(tmp_path: Path) -> None:
    city = panel("北京市,2017,200")
    province = panel(*(f"{name},2017,{300 + i}" for i, name in enumerate(PROVINCES)))
    readings = []
    for name, content, keys in (("a.csv", city, CITY), ("b.csv", province, {**CITY, "panel": None})):
        (tmp_path / name).write_bytes(content)
        readings.append(read_file(tmp_path, tmp_path / name, declared(**keys), load_registry()))
    refuse_conflicts(readings)
    assert [len(reading.observation) for reading in readings] == [1, 31]
    assert not any(reading.rejected_row for reading in readings)


DAYS: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "city",
    "year": 2017,
    "columns": {"pop": {"indicator": "registered_population", "unit": "人"}},
    "other_columns": "set_aside",
}


def days(edit: Callable[[list[str]], object] = lambda lines: None) -> bytes:
    lines = ["city,day,pop"]
    lines += [f"{name},{day},{pop}" for name, pop in (("石家庄市", 9730000), ("唐山市", 7550000)) for day in (1, 2, 3)]
    edit(lines)
    return ("\n".join(lines) + "\n").encode()


def test_constants_over_days_are_read_once(read: Read) -> None:
    reading = read(days(), **DAYS, panel={"entity_level": "city", "repeated_rows": True})
    assert codes(reading) == set()
    assert {(r["cell"], r["entity_code"], r["year"], r["value"]) for r in reading.observation} == {
        ("C2", 130100, 2017, 973.0),
        ("C5", 130200, 2017, 755.0),
    }
    source = reading.source_file
    assert (source["rows_read"], source["rows_loaded"], source["rows_set_aside"]) == (7, 2, 5)


def test_the_same_number_written_otherwise_is_the_same(read: Read) -> None:
    def edit(lines: list[str]) -> None:
        lines[2] = "石家庄市,2,9730000.0"

    assert codes(read(days(edit), **DAYS, panel={"entity_level": "city", "repeated_rows": True})) == set()


def test_a_constant_that_varies_is_refused(read: Read) -> None:
    def edit(lines: list[str]) -> None:
        lines[3] = "石家庄市,3,9740000"

    reading = read(days(edit), **DAYS, panel={"entity_level": "city", "repeated_rows": True})
    assert codes(reading) == {"varying_constant"}
    assert {r["entity_code"] for r in reading.observation} == {130200}
    reason = str(reading.source_file["problem"])
    assert "cell C4" in reason
    assert "9730000 (C2)" in reason


def test_without_the_declaration_repeated_rows_are_refused(read: Read) -> None:
    assert codes(read(days(), **DAYS, panel={"entity_level": "city"})) == {"repeated_city_year"}


@pytest.mark.parametrize("keys", [{"year": None}, {"year": 2017, "year_column": "day"}])
def test_repeated_rows_need_the_entrys_year(keys: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="repeated_rows"):
        declared(**{**DAYS, **keys}, panel={"entity_level": "city", "repeated_rows": True})


CITIES = [unit for unit in units_at(2017) if unit.level == "prefecture" and unit.lat is not None][:40]


def located(change: Callable[[int, float, float], tuple[str, str]]) -> bytes:
    rows = []
    for number, unit in enumerate(CITIES):
        assert unit.lat is not None
        assert unit.lon is not None
        rows.append(f"{unit.name},2017,100,{','.join(change(number, unit.lat, unit.lon))}")
    return panel(*rows, header="city,year,index,lat,lon")


LOCATED = of(latitude_column="lat", longitude_column="lon")


def test_right_coordinates_are_left_out_in_peace(read: Read) -> None:
    reading = read(located(lambda n, lat, lon: (f"{lat + 0.05:.4f}", f"{lon:.4f}")), **LOCATED)
    assert codes(reading) == set()
    assert len(reading.observation) == len(CITIES)


def test_one_city_far_from_its_place_is_refused_with_the_distance(read: Read) -> None:
    reading = read(located(lambda n, lat, lon: (f"{lat + (3 if n == 5 else 0):.4f}", f"{lon:.4f}")), **LOCATED)
    assert [(r["code"], r["cell"]) for r in reading.rejected_row] == [
        ("coordinates_off", "D7"),
        ("coordinates_off", "E7"),
    ]
    assert ": 334 km" in reading.rejected_row[0]["reason"]
    assert CITIES[5].name in reading.rejected_row[0]["reason"]
    assert len(reading.observation) == len(CITIES)


def test_degrees_and_minutes_written_as_decimals_refuse_every_coordinate(read: Read) -> None:
    def minutes(value: float) -> str:
        return f"{int(value)}.{int((value - int(value)) * 60):02d}"

    reading = read(located(lambda n, lat, lon: (minutes(lat), minutes(lon))), **LOCATED)
    assert codes(reading) == {"coordinates_as_minutes"}
    assert len(reading.rejected_row) == 2 * len(CITIES)
    assert len(reading.observation) == len(CITIES)


def test_coordinates_in_another_system_refuse_every_coordinate(read: Read) -> None:
    reading = read(located(lambda n, lat, lon: (f"{lon:.3f}", f"{lat:.3f}")), **LOCATED)
    assert codes(reading) == {"coordinates_most_off"}


def test_a_coordinate_that_is_no_number(read: Read) -> None:
    reading = read(located(lambda n, lat, lon: ("东" if n == 0 else f"{lat}", f"{lon}")), **LOCATED)
    assert [(r["code"], r["cell"]) for r in reading.rejected_row] == [
        ("not_a_number", "D2"),
        ("coordinates_half", "E2"),
    ]


def test_distance_and_reference_of_a_municipality() -> None:
    assert reference_point(110000) is not None
    assert reference_point(999999) is None
    assert distance_km(30.0, 120.0, 31.0, 120.0) == pytest.approx(111.19, abs=0.01)
    assert distance_km(30.0, 120.0, 30.0, 120.1) < TOLERANCE_KM


GDP: dict[str, Any] = {
    **CITY,
    "columns": {
        "gdp": {"indicator": "gdp", "unit": "亿元"},
        "pop": {"indicator": "registered_population", "unit": "万人"},
    },
}


def economy(per_head: Callable[[int], float]) -> bytes:
    rows = [f"{u.name},2017,{400 * per_head(n) / 10000:.2f},400" for n, u in enumerate(CITIES)]
    return panel(*rows, header="city,year,gdp,pop")


def test_gdp_of_urban_districts_beside_people_of_whole_cities_is_refused(read: Read) -> None:
    fine = read(economy(lambda n: 25000 + 2500 * n), **GDP)
    assert codes(fine) == set()
    reading = read(economy(lambda n: 3000 + 3500 * n), **GDP)
    assert codes(reading) == {"gdp_against_people"}
    assert {r["indicator"] for r in reading.observation} == {"registered_population"}
    assert "gdp_urban_districts" in str(reading.source_file["problem"])
    columns = {**GDP["columns"], "gdp": {"indicator": "gdp_urban_districts", "unit": "亿元"}}
    assert codes(read(economy(lambda n: 3000 + 3500 * n), **{**GDP, "columns": columns})) == set()
