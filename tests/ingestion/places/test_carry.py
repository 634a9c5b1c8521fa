"""Any code carried to any year: renamed, merged, divided, founded, and codes given out twice."""

from __future__ import annotations

import pytest

from ingestion.places import SplitPlaceError, UnknownPlaceError, at_year, prefecture_of, territory_at, vintage
from ingestion.places.units import load_units


@pytest.mark.parametrize(
    ("code", "year", "expected"),
    [
        (130100, 2010, 130100),
        (522400, 2010, 522400),
        (522400, 2011, 520500),  # 毕节地区
        (520500, 2010, 522400),  # and back
        (371200, 2017, 371200),
        (371200, 2018, 370100),  # 莱芜 into 济南
        (371202, 2018, 370116),
        (652200, 2020, 650500),  # 哈密地区
        (532700, 2020, 530800),  # 思茅地区, by way of 思茅市
        (469003, 2015, 460400),  # 儋州: a county-level unit becomes a prefecture-level one
        (460400, 2014, 469003),
        (341402, 2011, 340181),  # 居巢区 of 巢湖 into 合肥
        (511400, 2010, 511400),  # given out twice: 涪陵市 to 1996, 眉山市 from 2000
        (511400, 1998, 500000),  # 涪陵市 went to 重庆
        (510200, 2010, 500000),  # 重庆 when it was a city of 四川
        (330113, 2020, 330110),  # 临平区 was part of 余杭区, which lives on
        (110000, 2015, 110000),
    ],
)  # fmt: skip
def test_where_territory_belongs(code: int, year: int, expected: int) -> None:
    assert at_year(code, year) == expected


def test_divided_territory_is_refused_with_the_choices() -> None:
    with pytest.raises(SplitPlaceError) as error:
        at_year(341400, 2011)
    assert [choice.split()[0] for choice in error.value.candidates] == ["合肥市", "芜湖市", "马鞍山市"]
    assert territory_at(341400, 2011) == (340100, 340200, 340500)
    assert "巢湖" not in str(error.value) and "2011" in str(error.value)


def test_the_bulk_of_divided_territory_only_on_request() -> None:
    with pytest.raises(SplitPlaceError):
        at_year(330621, 2013)
    assert at_year(330621, 2013, main=True) == 330603  # 绍兴县, now 柯桥区 but for some towns
    with pytest.raises(SplitPlaceError):
        at_year(341400, 2011, main=True)  # nothing took the bulk of 巢湖


@pytest.mark.parametrize(
    ("code", "year", "expected"),
    [
        (130123, None, 130100),
        (130100, None, 130100),
        (110105, None, 110000),
        (110100, None, 110000),
        (500200, None, 500000),
        (500101, None, 500000),
        (429004, None, 429004),  # directly under the province
        (659001, None, 659001),
        (341402, None, 341400),
        (341402, 2012, 340100),
        (140202, 2020, 140200),  # divided among districts of one city
        (542421, 2018, 540600),
        (130682, 2020, 130600),  # 定州
    ],
)
def test_prefecture(code: int, year: int | None, expected: int) -> None:
    assert prefecture_of(code, year) == expected


def test_a_county_divided_between_prefectures() -> None:
    with pytest.raises(SplitPlaceError) as error:
        prefecture_of(341424, 2012)  # 和县: one town went to 芜湖
    assert len(error.value.candidates) == 2
    assert prefecture_of(341424, 2012, main=True) == 340500


@pytest.mark.parametrize(
    ("code", "year"),
    [(990000, 2015), (419000, 2015), (130199, 2015), (130123, 1990), (659009, 2012), (130100, 1980)],
)
def test_unknown(code: int, year: int) -> None:
    with pytest.raises(UnknownPlaceError):
        at_year(code, year)


@pytest.mark.parametrize("code", [130000, 990000, 419000, 130199])
def test_no_prefecture(code: int) -> None:
    with pytest.raises(UnknownPlaceError):
        prefecture_of(code)


def test_every_unit_can_be_followed_to_every_year() -> None:
    """But for the cities founded out of nothing the record tells of: those of the Xinjiang corps."""
    untold = set()
    for unit in load_units():
        for year in range(vintage().counted_from, vintage().last_year + 1):
            try:
                found = territory_at(unit.code, year)
            except UnknownPlaceError:
                untold.add(unit.code // 100)
            else:
                assert found
    assert untold == {6590}


def test_a_year_after_the_record_is_read_as_its_last() -> None:
    last = vintage().last_year
    assert at_year(130100, last + 6) == 130100
    assert at_year(371200, last + 6) == at_year(371200, last) == 370100
