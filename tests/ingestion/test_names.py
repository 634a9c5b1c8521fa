"""Province names in the variants files use; unknown and ambiguous ones are errors."""

import pytest

from catalog import load_provinces
from ingestion.problems import Problem
from ingestion.vocabulary.names import RegionName, region_or_problem


def match_region(name: str) -> RegionName:
    found = region_or_problem(name)
    assert isinstance(found, RegionName)
    return found


def problem_of(name: str) -> Problem:
    found = region_or_problem(name)
    assert isinstance(found, Problem)
    return found


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("北 京", 110000),
        ("北\u3000京", 110000),
        ("北京市", 110000),
        ("内蒙", 150000),
        ("内蒙古", 150000),
        ("广西自治区", 450000),
        ("宁夏自治区", 640000),
        ("新疆自治区", 650000),
        ("内蒙古自治区", 150000),
        ("广西壮族自治区", 450000),
        ("新疆", 650000),
        ("Xizang", 540000),
        ("TIBET", 540000),
        ("Inner Mongolia", 150000),
        ("Shaanxi", 610000),
        ("陕西省", 610000),
        ("山西", 140000),
        ("61", 610000),
        ("6100", 610000),
        ("610000", 610000),
        ("吉林", 220000),
        ("海南", 460000),
    ],
)
def test_variants(name: str, code: int) -> None:
    assert match_region(name).code == code


def test_every_province_by_every_own_name() -> None:
    for province in load_provinces():
        names = [province.name_zh, province.short_zh, str(province.province_code)]
        if province.name_en != "Shanxi":
            names.append(province.name_en)
        assert {match_region(name).code for name in names} == {province.province_code}


@pytest.mark.parametrize("name", ["全国", "总 计", "合计", "全　国"])
def test_nation(name: str) -> None:
    assert match_region(name).level == "nation"


@pytest.mark.parametrize("name", ["东 部", "西部地区", "新疆生产建设兵团", "不分地区", "台湾"])
def test_rows_that_are_no_province(name: str) -> None:
    assert match_region(name).level == "subtotal"


def test_pinyin_shanxi_is_refused_with_both_choices() -> None:
    problem = problem_of("shanxi")
    choices = problem.expected.split("; ")
    assert problem.code == "ambiguous_province"
    assert len(choices) == 2
    assert "山西省" in choices[0]
    assert "陕西省" in choices[1]


def test_unknown_name_offers_the_nearest() -> None:
    problem = problem_of("黑龙江生")
    assert problem.code == "unknown_province"
    assert "黑龙江省" in problem.expected.split("; ")[0]


@pytest.mark.parametrize("name", ["990000", "61000", "", "东京", "610100", "吉林市", "海南自治区", "新疆市", "北京省"])
def test_unknown(name: str) -> None:
    assert problem_of(name).code == "unknown_province"
