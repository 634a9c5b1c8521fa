"""Long panels of counties: every county-level unit by its name in its province, none of another level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ingestion import FileReading
from tests.ingestion.conftest import codes, declared

Read = Callable[..., FileReading]
COUNTY: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "县",
    "code_column": "代码",
    "year_column": "年份",
    "panel": {"entity_level": "county", "province_column": "省份"},
}


def panel(*rows: str) -> bytes:
    return ("\n".join(["年份,省份,县,代码,高等级医院数(个)", *rows]) + "\n").encode()


HANGZHOU = "2017,浙江省,西湖区,330106,6"
NINGBO = "2017,浙江省,江北区,330205,4"


def test_counties_are_read_by_name_within_their_province(read: Read) -> None:
    # 西湖区 is in 南昌 too, 江北区 in 重庆.
    reading = read(panel(HANGZHOU, NINGBO), **COUNTY)
    found = [(r["entity_code"], r["entity_level"], r["year"], r["value"]) for r in reading.observation]
    assert found == [(330106, "county", 2017, 6.0), (330205, "county", 2017, 4.0)]


def test_a_unit_directly_under_a_province_stays_a_city(read: Read) -> None:
    reading = read(panel(HANGZHOU, "2017,湖北省,仙桃市,429004,3"), **COUNTY)
    assert [(r["entity_code"], r["entity_level"]) for r in reading.observation] == [
        (330106, "county"),
        (429004, "city"),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("2017,浙江省,杭州市,330100,6", "unknown_place"),
        ("2017,浙江省,西湖区,330205,6", "contradicting_code"),
        ("2017,浙江省,湖西区,330106,6", "unknown_place"),
        (HANGZHOU, "repeated_city_year"),
        ("2017,浙江省,江干区,330104,9000", "implausible"),
    ],
)
def test_what_is_no_county_or_no_figure_of_one_is_refused_alone(read: Read, row: str, code: str) -> None:
    reading = read(panel(HANGZHOU, NINGBO, row), **COUNTY)
    assert code in codes(reading)
    assert 330205 in {r["entity_code"] for r in reading.observation}


def test_an_indicator_without_a_range_for_places_below_the_province_is_refused(read: Read) -> None:
    text = panel(HANGZHOU).decode().replace("高等级医院数(个)", "卫生技术人员(人)")
    assert codes(read(text.encode(), **COUNTY)) == {"no_city_range"}


def test_what_is_of_cities_may_be_declared_of_counties_and_not_of_provinces() -> None:
    declared(**COUNTY)
    with pytest.raises(ValueError, match="province_column"):
        declared(**{**COUNTY, "panel": {"province_column": "省份"}})
