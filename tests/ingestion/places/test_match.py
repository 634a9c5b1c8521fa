"""Names of places: official, short, historic, English, cut, in any width; unknown and ambiguous ones are refused."""

from __future__ import annotations

import pytest

from ingestion.places import (
    AmbiguousPlaceError,
    Place,
    PlaceError,
    SplitPlaceError,
    UnknownPlaceError,
    match_place,
    place_or_problem,
)
from ingestion.places.carry import is_province
from ingestion.places.facts import facts_in_use, vintage
from ingestion.places.index import OFFICIAL, chinese_index, latin_index, load_aliases
from ingestion.places.units import units_at, units_by_code
from ingestion.problems import Problem
from ingestion.vocabulary.names import normalise


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("石家庄市", 130100), ("石家庄", 130100), (" 石 家 庄 ", 130100), ("石家庄　市", 130100),
        ("130100", 130100), ("1301", 130100), ("130100.0", 130100), ("１３０１００", 130100), ("130100000000", 130100),
        ("13", 130000), ("110100", 110000), ("500200", 500000),
        ("广西自治区", 450000), ("宁夏自治区", 640000), ("新疆自治区", 650000), ("河南", 410000),
        ("毕节地区", 522400), ("林芝地区", 542600),
        ("139001", 130682), ("139002", 130181),
    ],
)  # fmt: skip
def test_names_that_say_enough(name: str, code: int) -> None:
    assert match_place(name).code == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("吉林", 220200), ("海南", 632500), ("朝阳", 211300), ("北京", 110000), ("济源", 419001), ("仙桃", 429004),
        ("石河子", 659001), ("图木舒克", 659003), ("恩施州", 422800), ("恩施", 422800), ("凉山州", 513400),
        ("临夏州", 622900), ("博州", 652700), ("巴州", 652800), ("克州", 653000), ("伊犁州", 654000),
        ("黔东南", 522600), ("黔东南州", 522600), ("黔东南州苗族侗族自治州", 522600), ("湘西州", 433100),
        ("延边", 222400), ("海西", 632800), ("西双版纳", 532800), ("大兴安岭", 232700), ("锡林郭勒", 152500),
        ("锡盟", 152500), ("襄樊", 420600), ("襄樊市", 420600), ("思茅", 530800), ("普洱", 530800), ("巢湖市", 341400),
        ("杨凌示范区", 610400), ("抚远市", 230800), ("绥芬河市", 231000), ("哈密地区", 652200), ("哈密", 650500),
        ("Hohhot", 150100), ("huhehaote", 150100), ("Xi'an", 610100), ("xi an", 610100), ("Shijiazhuang City", 130100),
        ("shijiazhuangshi", 130100), ("Lvliang", 141100), ("Luliang", 141100), ("Urumqi", 650100),
    ],
)  # fmt: skip
def test_prefecture_level_readings(name: str, code: int) -> None:
    assert match_place(name, level="prefecture").code == code


@pytest.mark.parametrize(
    ("name", "year", "code", "told"),
    [
        ("毕节地区", 2020, 520500, "毕节市"),
        ("毕节市", 2010, 522400, "毕节地区"),
        ("哈密地区", 2020, 650500, "哈密市"),
        ("襄樊市", 2005, 420600, "襄樊市"),
        ("襄阳市", 2005, 420600, "襄樊市"),
        ("襄樊", 2020, 420600, "襄阳市"),
        ("思茅", 2001, 532700, "思茅地区"),
        ("思茅", 2005, 530800, "思茅市"),
        ("莱芜", 2017, 371200, "莱芜市"),
        ("莱芜", 2018, 370100, "济南市"),
        ("522400", 2020, 520500, "毕节市"),
        ("652200.0", 2018, 650500, "哈密市"),
    ],
)
def test_names_are_carried_to_the_year(name: str, year: int, code: int, told: str) -> None:
    place = match_place(name, year=year, level="prefecture")
    assert (place.code, place.name_zh) == (code, told)


def test_the_year_decides_between_two_holders_of_a_name() -> None:
    assert match_place("哈密市", year=2015).code == 652201
    assert match_place("哈密市", year=2016).code == 650500
    with pytest.raises(SplitPlaceError):
        match_place("巢湖市", year=2020, level="prefecture")
    assert match_place("巢湖市", year=2020).code == 340181


@pytest.mark.parametrize(
    ("name", "level", "choices"),
    [
        ("吉林", None, {220000, 220200}),
        ("海南", None, {460000, 632500, 150303}),
        ("朝阳", None, {211300, 211321, 110105, 220104}),
        ("shanxi", None, {140000, 610000}),
        ("shanxi", "province", {140000, 610000}),
        ("Suzhou", "prefecture", {320500, 341300}),
        ("Fuzhou", "prefecture", {350100, 361000}),
        ("鼓楼区", None, {320106, 320302, 350102, 410204}),
    ],
)
def test_ambiguous_names_are_refused_with_the_choices(name: str, level: str | None, choices: set[int]) -> None:
    with pytest.raises(AmbiguousPlaceError) as error:
        match_place(name, level=level)
    assert all(any(str(code) in text for text in error.value.candidates) for code in choices)
    assert len(error.value.candidates) == len(choices)


def test_province_city_or_level_decides() -> None:
    assert match_place("吉林", level="province").code == 220000
    assert match_place("鼓楼区", city=350100).code == 350102
    assert match_place("鼓楼区", province=410000).code == 410204
    assert match_place("朝阳", level="county", province=110000).code == 110105
    with pytest.raises(UnknownPlaceError):
        match_place("石家庄", province=440000)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("石家庒", "石家庄市"),
        ("130186", "130185"),
        ("130199", " 13018"),
        ("shijiazhang", "石家庄市"),
        ("恩施土家族州", "恩施"),
    ],
)
def test_unknown_names_come_with_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UnknownPlaceError) as error:
        match_place(name)
    assert any(nearest in text for text in error.value.candidates)


@pytest.mark.parametrize(
    "name", ["", " ", "全国", "兵团", "沙", "市辖区", "419000", "130100.5", "1301001", "x" * 500, "抚远市市"]
)
def test_what_is_no_place(name: str) -> None:
    with pytest.raises(UnknownPlaceError):
        match_place(name)


def test_readings_of_a_level_hold_for_that_level_only() -> None:
    assert match_place("抚远市").code == 230883
    with pytest.raises(UnknownPlaceError):
        match_place("杨凌示范区")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("黔东南州苗族侗族自治", 522600),
        ("克孜勒苏柯尔克孜自治", 653000),
        ("黔西南布依族苗族自治", 522300),
        ("恩施土家族苗", 422800),
    ],
)
def test_names_cut_at_twenty_bytes_only_where_declared(name: str, code: int) -> None:
    assert match_place(name, level="prefecture", truncated=True).code == code
    with pytest.raises(UnknownPlaceError):
        match_place(name, level="prefecture")


@pytest.mark.parametrize("name", ["黔东南州苗族侗族自", "克孜勒苏柯尔克孜", "石家"])
def test_a_name_cut_elsewhere_is_unknown(name: str) -> None:
    with pytest.raises(UnknownPlaceError):
        match_place(name, level="prefecture", truncated=True) if name != "克孜勒苏柯尔克孜" else match_place(
            name + "自"
        )


def test_every_official_name_is_found_in_its_province() -> None:
    for unit in units_at(vintage().last_year):
        if unit.level == "prefecture":
            assert match_place(unit.name).code == unit.code
        else:
            city = unit.code // 100 * 100 if unit.code // 100 * 100 in units_by_code() else None
            assert match_place(unit.name, province=unit.province_code, city=city, level="county").code == unit.code


def test_every_short_name_of_a_prefecture_is_its_own() -> None:
    for unit in units_at(vintage().last_year):
        if unit.kind in {"地级市", "地区", "盟"}:
            assert (
                match_place(
                    unit.name.removesuffix("市").removesuffix("地区").removesuffix("盟"), level="prefecture"
                ).code
                == unit.code
            )


def test_what_a_place_says() -> None:
    assert match_place("正定县") == Place(130123, "正定县", "county", 130000, 130100)
    assert match_place("济源市") == Place(419001, "济源市", "county", 410000, None)
    assert match_place("密云区") == Place(110118, "密云区", "county", 110000, 110000)
    assert match_place("上海") == Place(310000, "上海市", "province", 310000, 310000)
    assert match_place("河北省") == Place(130000, "河北省", "province", 130000, None)


def test_problems_instead_of_errors() -> None:
    found = {
        name: place_or_problem(name, level="prefecture", year=year)
        for name, year in (
            ("吉林", 2020),
            ("石家", 2020),
            ("suzhou", 2020),
            ("巢湖市", 2020),
            ("130100", 1979),
            ("石", 2100),
        )
    }
    assert found["吉林"] == match_place("吉林", level="prefecture")
    codes = {name: problem.code for name, problem in found.items() if isinstance(problem, Problem)}
    expected = {
        "石家": "unknown_place",
        "suzhou": "ambiguous_place",
        "巢湖市": "split_place",
        "130100": "place_not_in_year",
        "石": "place_after_record",
    }
    assert codes == expected
    for problem in found.values():
        if isinstance(problem, Problem):
            assert problem.english("a.csv").startswith("a.csv: ") and "；处理：" in problem.chinese("a.csv")


def test_aliases_are_needed_and_lead_somewhere() -> None:
    """Each leads to a unit, and says why and whence."""
    for alias in load_aliases():
        assert is_province(alias.code) or alias.code in units_by_code(), alias
        assert alias.reason and alias.source and alias.reading in ("", "prefecture")
        assert match_place(alias.name, level=alias.reading or None).code == alias.code


def test_no_alias_repeats_an_official_name() -> None:
    """An alias decides only where no official name does: one that never can is one too many."""
    for alias in load_aliases():
        entries = (chinese_index() | latin_index()).get(normalise(alias.name), ())
        official = [entry for entry in entries if entry.rank == OFFICIAL and alias.reading in ("", entry.level)]
        assert not official, alias


def test_no_alias_stands_twice() -> None:
    names = [row["name"] for row in facts_in_use().rows("alias.csv")]
    assert len(names) == len(set(names))


def test_errors_are_of_one_kind() -> None:
    assert issubclass(SplitPlaceError, UnknownPlaceError)
    assert issubclass(UnknownPlaceError, PlaceError) and issubclass(AmbiguousPlaceError, PlaceError)
