"""Arrangements and generations of statistics-bureau exports: the same figures, or a refusal that names the place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ingestion import FileReading
from tests.ingestion.biff import xls_bytes
from tests.ingestion.conftest import PROVINCES, codes, nbs_text

Read = Callable[..., FileReading]
Facts = set[tuple[int, int, str, float]]
YEARS = (2014, 2013)
REGION = """数据库：分省年度数据
地区：北京市
时间：最近2年
指标,2014年,2013年
地区生产总值(亿元),23577.5,21746.0
年末常住人口(万人),2171,2125
居民消费水平(元),36057,33337
数据来源：国家统计局
"""


def facts(reading: FileReading) -> Facts:
    return {(r["entity_code"], r["year"], r["indicator"], r["value"]) for r in reading.observation}


def transposed(title: str = "指标：地区生产总值(亿元)", names: list[str] | None = None) -> str:
    """The table of conftest.nbs_text with years down."""
    header = ",".join(["时间", *(PROVINCES if names is None else names)])
    lines = ["数据库：分省年度数据", title, "时间：2013-2014", header]
    for j, year in enumerate(YEARS):
        lines.append(",".join([f"{year}年", *(f"{1000 + 10 * i + j}.5" for i in range(len(PROVINCES)))]))
    return "\n".join([*lines, "数据来源：国家统计局", ""])


def test_a_transposed_export_holds_the_same_figures(read: Read) -> None:
    reading = read(transposed())
    assert codes(reading) == set()
    assert reading.source_file["layout"] == "nbs_transposed"
    assert facts(reading) == facts(read(nbs_text()))
    assert next(r for r in reading.observation if r["cell"] == "C5")["header"] == "地区生产总值 | 天津市"


def test_transposed_faults(read: Read) -> None:
    assert codes(read(transposed(names=PROVINCES[:-1]))) == {"missing_provinces"}
    assert codes(read(transposed("年份不限：x"))) == {"no_indicator"}
    reading = read(transposed().replace("2013年,", "2013年3月,"))
    assert codes(reading) == {"not_annual"}
    assert "cell A6" in str(reading.source_file["problem"])


def test_one_region_with_many_indicators(read: Read) -> None:
    reading = read(REGION)
    assert codes(reading) == set()
    assert (reading.source_file["layout"], reading.source_file["rows_loaded"]) == ("nbs_region", 3)
    assert facts(reading) == {
        (110000, 2014, "gdp", 23577.5), (110000, 2013, "gdp", 21746.0),
        (110000, 2014, "resident_population", 2171.0), (110000, 2013, "resident_population", 2125.0),
        (110000, 2014, "household_consumption_level", 36057.0), (110000, 2013, "household_consumption_level", 33337.0),
    }  # fmt: skip
    units = {r["indicator"]: r["raw_unit"] for r in reading.observation}
    assert units["household_consumption_level"] == "元/人", "printed as 元, meant per resident"


def test_one_region_with_indicators_across(read: Read) -> None:
    text = """数据库：分省年度数据
地区：北京市
时间：2013-2014
时间,地区生产总值(亿元),年末常住人口(万人),居民消费水平(元)
2014年,23577.5,2171,36057
2013年,21746.0,2125,33337
"""
    reading = read(text)
    assert (codes(reading), reading.source_file["layout"]) == (set(), "nbs_transposed")
    assert facts(reading) == facts(read(REGION))


def test_one_year_of_regions_by_indicators(read: Read) -> None:
    lines = ["数据库：分省年度数据", "时间：2014年", "地区,地区生产总值(亿元),年末常住人口(万人)"]
    lines += [f"{name},{1000 + i}.5,{500 + i}" for i, name in enumerate(PROVINCES)]
    text = "\n".join(lines)
    reading = read(text)
    assert (codes(reading), reading.source_file["layout"]) == (set(), "nbs_one_year")
    assert (len(reading.observation), {r["year"] for r in reading.observation}) == (62, {2014})
    assert (120000, 2014, "resident_population", 501.0) in facts(reading)
    vague = text.replace("2014年", "最近10年")
    assert codes(read(vague)) == {"no_year"}
    assert len(read(vague, year=2014).observation) == 62
    assert codes(read(text, year=2013)) == {"contradicting_year"}


def test_the_region_of_an_unnamed_file_is_declared(read: Read) -> None:
    text = REGION.replace("地区：北京市\n", "")
    assert codes(read(text)) == {"no_region"}
    assert facts(read(text, export={"region": "北京市"})) == facts(read(REGION))
    assert codes(read(REGION, export={"region": "天津市"})) == {"contradicting_region"}
    assert len(read(REGION, export={"region": "北京"}).observation) == 6
    assert codes(read(REGION.replace("北京市", "西域"))) == {"unknown_province"}
    assert codes(read(REGION.replace("北京市", "Shanxi"))) == {"ambiguous_province"}
    with pytest.raises(ValueError, match="is not a province"):
        read(text, export={"region": "西域"})


def test_the_national_database_is_of_the_nation(read: Read) -> None:
    text = REGION.replace("地区：北京市\n", "").replace("分省年度数据", "年度数据").replace("23577.5", "643563.1")
    reading = read(text.replace("21746.0", "592963.2").replace("2171", "136782").replace("2125", "136072"))
    assert {(r["entity_code"], r["entity_level"]) for r in reading.observation} == {(100000, "nation")}


def test_an_indicator_nobody_knows_is_refused_alone_or_set_aside(read: Read) -> None:
    text = REGION.replace("居民消费水平(元)", "居民幸福指数(元)")
    reading = read(text)
    assert codes(reading) == {"unknown_indicator"}
    assert [(r["row"], r["cell"]) for r in reading.rejected_row] == [(7, "")]
    assert len(reading.observation) == 4
    aside = read(text, set_aside_columns=["居民幸福指数"])
    assert (codes(aside), aside.source_file["rows_set_aside"]) == (set(), 6)
    twice = read(REGION.replace("年末常住人口(万人)", "地区生产总值(亿元)"))
    assert codes(twice) == {"repeated_indicator"}
    assert len(twice.observation) == 2


def test_tables_stacked_in_one_file(read: Read) -> None:
    people = nbs_text("年末常住人口(万人)", years=("2014年", "2013年", "2012年"))
    reading = read(nbs_text() + "\r\n" + people)
    assert codes(reading) == set()
    counts = reading.source_file
    assert (counts["rows_loaded"], len(reading.observation)) == (62, 62 + 93)
    assert facts(reading) == facts(read(nbs_text())) | facts(read(people))


def test_a_wrong_table_does_not_take_the_others_with_it(read: Read) -> None:
    reading = read(nbs_text() + nbs_text("年末常住人口(吨)") + nbs_text("年末常住人口(万人)"))
    assert codes(reading) == {"unknown_unit"}
    assert {r["indicator"] for r in reading.observation} == {"gdp", "resident_population"}
    # The refused table: preamble, header, 31 provinces and two notes.
    assert reading.source_file["rows_rejected"] == 37


@pytest.mark.parametrize(
    "name",
    [
        "地区生产总值(亿元)i", "地区生产总值（亿元）ii", "地区生产总值(亿元)①", "地区生产总值①(亿元)",
        "地区生产总值 (亿元)²", "地区生产总值(亿元)*",
    ],
)  # fmt: skip
def test_marks_of_notes_are_no_part_of_a_name(read: Read, name: str) -> None:
    assert facts(read(nbs_text(name))) == facts(read(nbs_text()))


@pytest.mark.parametrize(
    "name", ["地区生产总值x(亿元)", "地区生产总值(亿元)x", "i地区生产总值(亿元)", "地区生产总值2(亿元)"]
)
def test_other_letters_and_digits_are(read: Read, name: str) -> None:
    assert not read(nbs_text(name)).observation


def _with(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


VARIANTS: dict[str, Callable[[str], str]] = {
    "semicolons": _with(",", ";"),
    "tabs": _with(",", "\t"),
    "ASCII colons": _with("：", ":"),
    "blanks before colons": _with("：", " ："),
    "years without 年": _with("2014年,2013年", "2014,2013"),
    "years ascending": lambda text: text.replace("2014年,2013年", "2013年,2014年"),
    "blank lines": _with("地区,", "\r\n\r\n地区,"),
    "a spaced header": _with("地区,", "地 区,"),
    "a unit of its own line": lambda text: text.replace("(亿元)", "").replace("时间：", "单位：亿元\r\n时间："),
    "indicator in the next cell": _with("指标：", "指标：,"),
    "recent years": _with("时间：2013-2014", "时间：最近10年"),
    "a period in words": _with("时间：2013-2014", "时间：2013年至2014年"),
    "a period backwards": _with("时间：2013-2014", "时间：2014-2013"),
    "no line of the database": _with("数据库：分省年度数据\r\n", ""),
    "a note in the header row": _with("2014年,2013年", "2014年,2013年,注：本表按当年价格计算"),
    "a note beside the figures": _with("1010.5,1011.5", "1010.5,1011.5,注：初步数"),
    "a note between the regions": _with("河北省,", "注：以下省份为初步数\r\n河北省,"),
    "the corps of Xinjiang": _with("注：", "新疆生产建设兵团,77.5,78.5\r\n注："),
    "a trailing empty year": lambda text: (
        text.replace("2014年,2013年", "2014年,2013年,2012年")
        .replace("2013-2014", "2012-2014")
        .replace(".5\r\n", ".5,\r\n")
    ),
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_hold_the_same_figures(read: Read, variant: str) -> None:
    text = VARIANTS[variant](nbs_text())
    assert text != nbs_text()
    reading = read(text)
    assert codes(reading) == set(), reading.rejected_row
    expected = facts(read(nbs_text()))
    if variant == "years ascending":
        expected = {(code, 4027 - year, name, value) for code, year, name, value in expected}
    assert facts(reading) == expected


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("2014年,2013年", "2014年2月,2014年1月", "not_annual", "cell B4"),
        ("2014年,2013年", "2014年第二季度,2014年第一季度", "not_annual", "cell B4"),
        ("分省年度数据", "分省月度数据", "not_annual", "cell A1"),
        ("分省年度数据", "分省季度数据", "not_annual", "cell A1"),
        ("时间：2013-2014", "时间：最近1年", "contradicting_period", "cell A3"),
        ("时间：2013-2014", "时间：2014年", "contradicting_period", "cell A3"),
        ("(亿元)\r\n时间：", "(亿元)\r\n单位：万人\r\n时间：", "", ""),
        ("(亿元)\r\n时间：", "\r\n单位：万人\r\n时间：", "wrong_quantity", "cell A3"),
        ("1010.5,1011.5", "1010.5,1011.5,77", "row_width", "cell A6"),
    ],
)
def test_what_must_not_load(read: Read, old: str, new: str, code: str, place: str) -> None:
    reading = read(nbs_text().replace(old, new))
    assert codes(reading) == ({code} if code else set())
    if code:
        assert place in next(r["reason"] for r in reading.rejected_row if r["code"] == code)


def test_a_note_full_of_commas_does_not_make_a_table_of_tabs_one_of_commas(read: Read) -> None:
    text = nbs_text().replace(",", "\t").replace("注：本表按当年价格计算。", "注：1,2,3，2004年以前,为一种。")
    assert facts(read(text)) == facts(read(nbs_text()))


def test_fields_shifted_by_a_decimal_comma_are_refused(read: Read) -> None:
    reading = read(nbs_text().replace(",", ";").replace("1010.5", "1010,5"))
    assert [(r["code"], r["cell"]) for r in reading.rejected_row] == [("not_a_number", "B6")]


def test_a_cut_monthly_export_says_so(read: Read) -> None:
    text = "\n".join(nbs_text().splitlines()[3:]).replace("2014年,2013年", "2014年2月,2014年1月")
    assert codes(read(text, indicator="gdp", unit="亿元")) == {"not_annual"}


NAMES = ("一般公共预算支出（亿元）i", "财政支出（亿元）i")


def rows() -> tuple[list[list[object]], list[tuple[int, ...]]]:
    """Two blocks of rows for one indicator under two names: in column B of the first row, merged, and in C."""
    table: list[list[object]] = [["", "", "", "", 2005, 2006, 2007, 2008]]
    for block, name in enumerate(NAMES):
        for i, province in enumerate(PROVINCES):
            figures = [100.5 + i, 200.5 + i]
            stub = [31 * block + i + 1, name if i == 0 else "", "" if i == 0 else name, province]
            table.append([*stub, *(["", "", *figures] if block == 0 else [*figures, "", ""])])
    return table, [(1, 31, 1, 1), (32, 62, 1, 1)]


def test_rows_of_an_indicator_that_changes_its_name(read: Read) -> None:
    table, merged = rows()
    reading = read(xls_bytes(table, merged=merged), "a.xls")
    assert codes(reading) == set()
    assert (reading.source_file["layout"], reading.source_file["rows_loaded"]) == ("indicator_rows", 62)
    found = {(year, value) for code, year, _, value in facts(reading) if code == 110000}
    assert found == {(2005, 100.5), (2006, 200.5), (2007, 100.5), (2008, 200.5)}
    assert not reading.missing_cell, "an empty cell of a year with the other name is no missing figure"


@pytest.mark.parametrize(
    ("place", "value", "code", "cell"),
    [
        ((1, 5), 7.5, "outdated_name", "B2"),
        ((33, 7), 7.5, "outdated_name", "B34"),
        ((5, 3), "西域", "stub_cell", "D6"),
        ((5, 3), "", "empty_label", "D6"),
        ((5, 3), "北京市", "repeated_province", "D6"),
        ((5, 2), "居民幸福指数(亿元)", "unknown_indicator", "C6"),
    ],
)
def test_wrong_rows(read: Read, place: tuple[int, int], value: object, code: str, cell: str) -> None:
    table, merged = rows()
    table[place[0]][place[1]] = value
    reading = read(xls_bytes(table, merged=merged), "a.xls")
    assert code in codes(reading)
    assert not reading.observation
    assert f"cell {cell}" in next(r["reason"] for r in reading.rejected_row if r["code"] == code)


def test_registered_nurses_are_no_note(read: Read) -> None:
    """注册护士 begins with the word that begins notes."""
    reading = read(REGION.replace("居民消费水平(元),36057,33337", "注册护士数(人),88500,79900"))
    assert codes(reading) == set()
    assert {r["value"] for r in reading.observation if r["indicator"] == "nurses"} == {88500, 79900}
    assert reading.source_file["rows_loaded"] == 3
