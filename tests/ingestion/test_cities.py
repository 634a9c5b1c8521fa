"""Tables of cities: which names count, which must be there, and by which range their figures are judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog import load_registry
from ingestion import FileReading
from ingestion.build.conflicts import refuse_conflicts
from ingestion.checks.plausibility import plausible_range
from ingestion.places import match_place
from ingestion.places.cities import MAIN_CITIES
from tests.ingestion.conftest import codes, nbs_text

Read = Callable[..., FileReading]
MAIN = [match_place(str(code)).name_zh.removesuffix("市") for code in sorted(MAIN_CITIES)]


def city_text(
    names: list[str] | None = None, title: str = "主要城市年度数据", indicator: str = "国内生产总值(亿元)"
) -> str:
    return nbs_text(indicator, names=MAIN if names is None else names).replace("分省年度数据", title)


def test_the_36_main_cities_load_as_cities(read: Read) -> None:
    assert len(MAIN_CITIES) == 36
    reading = read(city_text())
    assert codes(reading) == set()
    assert (reading.source_file["layout"], len(reading.observation)) == ("nbs_export", 72)
    assert {r["entity_level"] for r in reading.observation} == {"city"}
    assert {r["entity_code"] for r in reading.observation} == MAIN_CITIES
    beijing = next(r for r in reading.observation if r["cell"] == "B5")
    assert (beijing["entity_code"], beijing["indicator"], beijing["value"]) == (110000, "gdp", 1000.5)


@pytest.mark.parametrize(
    ("names", "code", "place"),
    [
        (MAIN[:-1], "missing_cities", "乌鲁木齐市"),
        ([*MAIN[:-1], "北京"], "repeated_city", "cell A40"),
        ([*MAIN[:-1], "西域都护府"], "unknown_place", "cell A40"),
    ],
)
def test_wrong_cities_refuse_the_table(read: Read, names: list[str], code: str, place: str) -> None:
    reading = read(city_text(names))
    assert codes(reading) == {code}
    assert not reading.observation
    assert place in next(r["reason"] for r in reading.rejected_row if r["code"] == code)


def test_other_tables_of_cities_say_how_many_they_hold(read: Read) -> None:
    text = city_text(["石家庄", "吉林", "合计"], "城市年度数据")
    assert "unknown_province" in codes(read(text)), "nothing says that these are cities"
    keys = {"level": "city"}
    reading = read(text, export=keys)
    assert codes(reading) == {"places_not_declared"}
    assert codes(read(text, export={**keys, "places": 3})) == {"number_of_places"}
    good = read(text, export={**keys, "places": 2})
    assert codes(good) == set()
    assert {r["entity_code"] for r in good.observation} == {130100, 220200}
    assert good.source_file["rows_set_aside"] == 4 + 1 + 2


def test_an_indicator_without_a_range_for_cities_is_refused(read: Read) -> None:
    reading = read(city_text(indicator="技术市场成交额(亿元)"))
    assert codes(reading) == {"no_city_range"}
    assert "city_range" in str(reading.source_file["problem"])
    assert not reading.observation


def test_figures_of_cities_are_judged_by_their_own_range(read: Read) -> None:
    registry = load_registry()
    low, high = plausible_range("gdp", "city", registry)
    assert (low, high) == registry.indicators["gdp"].city_range
    assert low < plausible_range("gdp", "province", registry)[0]
    with pytest.raises(ValueError, match="no range for cities"):
        plausible_range("technology_market_turnover", "city", registry)
    reading = read(city_text().replace("1010.5,", f"{low * 0.9:g},"))
    assert [(r["code"], r["cell"]) for r in reading.rejected_row] == [("implausible", "B6")]
    wrong = read(city_text(indicator="国内生产总值(万元)"))
    assert codes(wrong) == {"unit_against_values"}
    assert "would fit 亿元" in str(wrong.source_file["problem"])


def test_one_city_with_many_indicators(read: Read) -> None:
    head = "数据库：主要城市年度数据\n地区：石家庄\n时间：最近2年\n"
    text = head + "指标,2014年,2013年\n国内生产总值(亿元),5170.3,4863.6\n"
    assert [r["entity_code"] for r in read(text).observation] == [130100, 130100]
    assert codes(read(text.replace("石家庄", "西域"))) == {"unknown_place"}


def test_a_municipality_in_both_kinds_of_table_is_no_conflict(read: Read) -> None:
    """The level keeps the city's figure apart from the province's, in one vintage too."""
    city, province = read(city_text(), "city.csv"), read(nbs_text(cells={(0, 0): "2000.5"}), "province.csv")
    refuse_conflicts([city, province])
    beijing = {
        (r["entity_level"], r["value"])
        for r in (*city.observation, *province.observation)
        if (r["entity_code"], r["year"]) == (110000, 2014)
    }
    assert beijing == {("city", 1000.5), ("province", 2000.5)}
    assert codes(city) == codes(province) == set()
