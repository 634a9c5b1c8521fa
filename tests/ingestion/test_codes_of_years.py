"""Which codes exist in which year is one table: for names, codes, the crosswalk and what is checked afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from expectations.place_levels import city_codes, levels_of
from ingestion import FileReading
from ingestion.places import UnknownPlaceError, at_year, match_place, place_or_problem
from ingestion.places.carry import holder, territory_of
from ingestion.places.records import place_records
from ingestion.places.units import load_units
from ingestion.problems import Problem
from tests.ingestion.conftest import codes

Read = Callable[..., FileReading]
PLACES = pd.DataFrame(place_records())
HAINAN = [unit for unit in load_units() if unit.code // 100 == 4600 and unit.stands_in(2000)]
CITY: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "city",
    "year_column": "year",
    "panel": {"entity_level": "city"},
    "columns": {"people": {"indicator": "resident_population", "unit": "万人"}},
}


def panel(*rows: str) -> bytes:
    return ("\n".join(["city,year,people", *rows]) + "\n").encode()


def of(reading: FileReading) -> list[int]:
    return [record["entity_code"] for record in reading.observation]


def test_every_unit_directly_under_hainan_before_2001_is_a_city_for_reader_and_checks(read: Read) -> None:
    assert len(HAINAN) >= 16
    rows = [f"{unit.name},2000,81" for unit in HAINAN]
    reading = read(panel(*rows, *(f"{unit.code},2000,81" for unit in HAINAN[:1])), **CITY)
    assert codes(reading) == {"repeated_city_year"}, "the last row says the first one again"
    assert set(of(read(panel(*rows), **CITY))) == {unit.code for unit in HAINAN} <= city_codes(PLACES)


def test_the_reader_accepts_no_city_the_checks_do_not_know() -> None:
    """Every unit in every year it stood, by name within its province: what the reader says is a city, the checks do."""
    levels, cities = levels_of(PLACES), city_codes(PLACES)
    for unit in load_units():
        assert unit.code in levels
        found = place_or_problem(str(unit.code), level="prefecture")
        if isinstance(found, Problem):
            assert found.code == "code_of_other_level" and unit.code not in cities, unit
        else:
            assert found.code in cities, unit


def test_provinces_and_parts_of_cities_are_refused_alone_in_a_table_of_cities(read: Read) -> None:
    reading = read(panel("440000,2016,1900", "440100,2016,1400", "440103,2016,90", "500000,2016,3000"), **CITY)
    assert codes(reading) == {"code_of_other_level"}
    assert of(reading) == [440100, 500000]
    assert sorted(record["row"] for record in reading.rejected_row) == [2, 4]
    assert "广东省" in reading.rejected_row[0]["reason"] and "广东省" in reading.rejected_row[0]["reason_zh"]


def test_province_codes_among_the_ends_of_flows_are_set_aside_like_their_names(read: Read) -> None:
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index",
            "period": "2020"}  # fmt: skip
    reading = read("o,d,w\n440100,430100,5\n440000,430100,9\n440103,430100,2\n", layout="flow_edges", flow=flow)
    assert codes(reading) == {"code_of_other_level"}
    counts = reading.source_file
    assert (counts["rows_loaded"], counts["rows_rejected"]) == (1, 1)
    assert reading.tables["flow"]["origin_code"].to_pylist() == [440100]


@pytest.mark.parametrize("first", [1, 11, 1001])
def test_running_numbers_are_no_codes(read: Read, first: int) -> None:
    """Among them are 11, the code of 北京, and 1101 and 1201, which lists of divisions have for its districts."""
    reading = read(panel(*(f"{number},2016,{100 + number % 7}" for number in range(first, first + 290))), **CITY)
    assert codes(reading) == {"running_numbers"}
    assert not reading.observation


def test_running_numbers_are_no_ends_of_flows_and_no_places_of_dialects(read: Read) -> None:
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index",
            "period": "2020"}  # fmt: skip
    rows = "".join(f"{number},{number % 40 + 1},5\n" for number in range(1, 41))
    reading = read(f"o,d,w\n{rows}11,12,6\n", layout="flow_edges", flow=flow)
    assert codes(reading) == {"running_numbers"} and not reading.source_file["rows_loaded"]
    dialect = read("代码,方言\n" + "".join(f"{number},官话\n" for number in range(1, 41)))
    assert codes(dialect) == {"running_numbers"} and not dialect.source_file["rows_loaded"]


def test_short_codes_load_beside_one_another_and_a_running_number_beside_names_does_not(read: Read) -> None:
    assert of(read(panel("1301,2016,1000", "11,2016,2100", "4401,2016,1400"), **CITY)) == [130100, 110000, 440100]
    assert of(read(panel("11,2016,2100", "12,2016,1500", "31,2016,2400", "50,2016,3000"), **CITY)) == [
        110000,
        120000,
        310000,
        500000,
    ]
    reading = read(panel("石家庄市,2016,1000", "12,2016,1500", "13,2016,3"), **CITY)
    assert (of(reading), codes(reading)) == ([130100], {"running_numbers"})


def test_a_name_whose_code_is_another_places_now_is_followed_to_its_own_territory(read: Read) -> None:
    reading = read(panel("涪陵市,2016,301", "眉山市,2016,300", "乐山市,2016,327"), **CITY)
    assert codes(reading) == {"place_taken_in"}
    assert "重庆市 500000" in reading.rejected_row[0]["reason"]
    assert of(reading) == [511400, 511100]
    assert match_place("涪陵市", year=2016).code == 500000
    assert match_place("涪陵市").name_zh == "涪陵市" and match_place("511400").name_zh == "眉山市"


def test_a_code_given_out_twice_is_not_taken_for_either_where_it_could_be_both(read: Read) -> None:
    reading = read(panel("511400,1996,300", "511400,2016,300"), **CITY)
    assert codes(reading) == {"code_given_out_twice"}
    assert of(reading) == [511400]
    of_today = {**CITY, "panel": {"entity_level": "city", "code_year": 2016}}
    assert of(read(panel("511400,1996,300", "511400,2016,300"), **of_today)) == [511400, 511400]
    assert of(read(panel("涪陵市,1996,300"), **CITY)) == [511400]


def test_the_crosswalk_follows_the_unit_not_its_code() -> None:
    old, new = holder(511400, 1996), holder(511400, 2016)
    assert (old.name, new.name) == ("涪陵市", "眉山市")
    assert territory_of(old, 2016) == (500000,)
    assert at_year(511400, 2016) == 511400 and at_year(511400, 1998) == 500000
    assert territory_of(holder(652201, 2014), 2024) == (650502,)
    with pytest.raises(UnknownPlaceError):
        territory_of(new, 1900)
