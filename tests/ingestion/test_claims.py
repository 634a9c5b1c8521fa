"""What an entry states against the face of a file: each claim with its effect, and each false or absent one refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from pydantic import ValidationError

from catalog import load_provinces
from catalog.declarations.entry import NameMeant, UnitInName
from catalog.declarations.panel import FilledCells
from ingestion import FileReading
from tests.ingestion.conftest import PROVINCES, codes, declared, nbs_text

Read = Callable[..., FileReading]
CODES = {province.name_zh: province.province_code for province in load_provinces()}
PANEL: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "省份",
    "year_column": "年份",
    "columns": {"总人口": {"indicator": "resident_population", "unit": "万人"}},
    "other_columns": "set_aside",
}
XINJIANG = {"printed": "新疆维吾尔族自治区", "means": "新疆维吾尔自治区", "reason": "misspelt"}


def panel(edit: Callable[[list[list[str]]], object] = lambda rows: None, header: str = "省份,年份,总人口") -> str:
    rows = [[name, "2020", str(1000 + i)] for i, name in enumerate(PROVINCES)]
    edit(rows)
    return header + "\n" + "\n".join(",".join(row) for row in rows) + "\n"


def misspelt(rows: list[list[str]]) -> None:
    rows[-1][0] = XINJIANG["printed"]


def test_a_misspelt_name_is_read_only_as_declared(read: Read) -> None:
    assert codes(read(panel(misspelt), **PANEL)) == {"unknown_province"}
    reading = read(panel(misspelt), "b.csv", **PANEL, names=[XINJIANG])
    assert codes(reading) == set()
    assert reading.observation[-1]["entity_code"] == 650000


def test_a_declared_name_the_file_does_not_print_is_refused(read: Read) -> None:
    reading = read(panel(), **PANEL, names=[XINJIANG])
    assert codes(reading) == {"spelt_name_absent"}
    assert "新疆维吾尔族自治区" in str(reading.source_file["problem"])


def test_a_name_that_means_itself_is_no_declaration() -> None:
    with pytest.raises(ValidationError, match="itself"):
        NameMeant(printed="新疆", means="新疆", reason="-")


CITY: dict[str, Any] = {
    "layout": "long_panel",
    "entity_column": "City",
    "year": 2023,
    "columns": {"Hospital": {"indicator": "hospitals", "unit": "个"}},
    "panel": {"entity_level": "city", "province_column": "Province"},
}
PINYIN = "City,Province,Hospital\nSuzhou,Jiangsu,266\nSuzhou,Anhui,90\nLinfen,Shanxi,183\nAnkang,Shaanxi,70\n"


def test_pinyin_is_told_by_its_province_and_never_guessed(read: Read) -> None:
    reading = read(PINYIN, **CITY)
    assert codes(reading) == {"ambiguous_province"}
    assert {r["entity_code"]: r["value"] for r in reading.observation} == {320500: 266, 341300: 90, 610900: 70}
    alone = read(PINYIN.replace(",Province", "").replace(",Jiangsu", "").replace(",Anhui", "").replace(
        ",Shanxi", "").replace(",Shaanxi", ""), "b.csv", **CITY | {"panel": {"entity_level": "city"}})  # fmt: skip
    assert codes(alone) == {"ambiguous_place"}
    assert {r["entity_code"] for r in alone.observation} == {141000, 610900}


def test_an_ambiguous_province_is_read_as_declared(read: Read) -> None:
    name = {"printed": "Shanxi", "means": "山西省", "reason": "陕西 is spelt Shaanxi"}
    reading = read(PINYIN, **CITY, names=[name])
    assert codes(reading) == set()
    assert 141000 in {r["entity_code"] for r in reading.observation}


def test_codes_of_twelve_digits(read: Read) -> None:
    def coded(rows: list[list[str]]) -> None:
        for row in rows:
            row.append(f"{CODES[row[0]]}000000")

    keys = PANEL | {"code_column": "代码"}
    assert codes(read(panel(coded, "省份,年份,总人口,代码"), **keys)) == set()
    swapped = panel(coded, "省份,年份,总人口,代码").replace("110000000000", "120000000000")
    assert codes(read(swapped, "b.csv", **keys)) == {"contradicting_code"}
    longer = panel(coded, "省份,年份,总人口,代码").replace("110000000000", "110000000001")
    assert codes(read(longer, "c.csv", **keys)) == {"contradicting_code"}


def broken_footer() -> str:
    text = nbs_text().split("注：")[0]
    return text + "数,,\r\n"


def test_a_broken_footer_is_set_aside_as_declared(read: Read) -> None:
    assert codes(read(broken_footer())) == {"no_data_row"}
    reading = read(broken_footer(), "b.csv", set_aside_rows=["数"])
    assert codes(reading) == set()
    assert len(reading.observation) == 62


def test_a_pattern_for_rows_must_match_and_must_not_take_figures(read: Read) -> None:
    assert codes(read(nbs_text(), set_aside_rows=["广告.*"])) == {"set_aside_row_missing"}
    reading = read(nbs_text(), "b.csv", set_aside_rows=["北京.*"])
    assert codes(reading) == {"set_aside_row_figure"}
    assert "cell B5" in str(reading.source_file["problem"])
    with pytest.raises(ValidationError, match="not a regular expression"):
        declared(set_aside_rows=["("])


NAMED = "经费（万元）.csv"
IN_NAME = {"unit": "万元", "reason": "the sum is the nation's in 亿元"}


def funds() -> str:
    return nbs_text(indicator="地区生产总值(亿元)")


def test_a_unit_in_the_name_that_contradicts_the_figures(read: Read) -> None:
    reading = read(funds(), NAMED)
    assert codes(reading) == {"unit_against_name"}
    assert "万元" in str(reading.source_file["problem"]) and "亿元" in str(reading.source_file["problem"])
    reading = read(funds(), NAMED, unit_in_name=IN_NAME)
    assert codes(reading) == {"unit_in_name"}
    assert len(reading.observation) == 62
    assert "the sum is the nation's" in reading.rejected_row[0]["reason"]


@pytest.mark.parametrize(
    "name", ["地区生产总值（亿元）.csv", "分省年度数据 (1).csv", "数据（人）.csv", "数据（2020年）.csv"]
)
def test_names_that_contradict_nothing(read: Read, name: str) -> None:
    assert codes(read(funds(), name)) == set()
    assert codes(read(funds(), name, unit_in_name=IN_NAME)) == {"unit_in_name_unfounded"}


def test_another_unit_in_the_name_than_declared(read: Read) -> None:
    assert codes(read(funds(), "x（元）.csv", unit_in_name=IN_NAME)) == {"unit_against_name"}
    with pytest.raises(ValidationError, match="unknown unit"):
        UnitInName(unit="两", reason="-")


FILLED = {"columns": ["总人口"], "places": ["西藏", "青海省"], "years": [2020, 2020], "reason": "nobody publishes it"}


def test_cells_declared_as_filled_are_refused_one_by_one(read: Read) -> None:
    reading = read(panel(), **PANEL, panel={"filled": [FILLED]})
    assert codes(reading) == {"filled_declared"}
    cells = [r for r in reading.rejected_row if r["code"] == "filled_declared"]
    assert [record["cell"] for record in cells] == ["C27", "C30"]
    assert "nobody publishes it" in cells[0]["reason"] and "nobody publishes it" in cells[0]["reason_zh"]
    assert {540000, 630000}.isdisjoint({r["entity_code"] for r in reading.observation})
    assert len(reading.observation) == 29


@pytest.mark.parametrize("change", [{"columns": ["人口"]}, {"years": [2010, 2012]}])
def test_a_claim_that_fills_nothing_is_refused(read: Read, change: dict[str, Any]) -> None:
    assert codes(read(panel(), **PANEL, panel={"filled": [FILLED | change]})) == {"filled_none"}


def test_claims_of_filled_cells_that_cannot_be() -> None:
    with pytest.raises(ValidationError, match=r"places\.0: unknown province '某省'"):
        FilledCells.model_validate(FILLED | {"places": ["某省"]})
    with pytest.raises(ValidationError, match="backwards"):
        FilledCells.model_validate(FILLED | {"years": [2021, 2020]})
    with pytest.raises(ValidationError, match="provinces only"):
        declared(**CITY | {"panel": {"entity_level": "city", "filled": [FILLED]}})


BESIDE = {"filled_columns": [{"column": "插值_总人口", "original": "总人口"}]}


def beside(original: str, filled: str) -> str:
    def edit(rows: list[list[str]]) -> None:
        for row in rows:
            row.append(row[2])
        rows[0][2:] = [original, filled]

    return panel(edit, "省份,年份,总人口,插值_总人口")


@pytest.mark.parametrize(
    ("original", "filled", "code"),
    [
        ("", "950", {"filled_cell"}),
        ("126.59", "180.444", {"filled_over"}),
        ("126.59", "", {"filled_over"}),
        ("126.59", "x", {"filled_over"}),
        ("295.69", "295.691", set()),
        ("", "", set()),
    ],
)
def test_a_column_that_fills_another(read: Read, original: str, filled: str, code: set[str]) -> None:
    reading = read(beside(original, filled), **PANEL, panel=BESIDE)
    assert codes(reading) == code
    told = [r for r in reading.rejected_row if r["code"] in code]
    assert [r["cell"] for r in told] == ["C2"] * len(code)
    assert all("D2" in r["reason"] for r in told)
    assert len(reading.observation) == 30 + (code == set() and original != "")


def test_a_column_that_fills_none_that_is_read(read: Read) -> None:
    wrong = {"filled_columns": [{"column": "插值_总人口", "original": "城镇人口"}]}
    assert codes(read(beside("1", "1"), **PANEL, panel=wrong)) == {"column_missing"}


ORDERED: dict[str, Any] = {
    "layout": "ordered_rows",
    "indicator": "industrial_rd_expenditure",
    "unit": "亿元",
    "panel": {"entity_order": "code_order"},
}


def nameless(rows: int = 31, book: bool = False, note: bool = False) -> bytes:
    table = [[str(year) for year in (2012, 2013)], *([f"{100 + i}.5", f"{200 + i}.5"] for i in range(rows))]
    if note:
        table.append(["注：示例", ""])
    if not book:
        return "\n".join(",".join(row) for row in table).encode()
    made = openpyxl.Workbook()
    for row in table:
        made.active.append([int(row[0]) if row[0].isdecimal() else row[0], row[1]])  # type: ignore[union-attr]
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_rows_without_names_need_a_declared_order(read: Read) -> None:
    reading = read(nameless(), indicator="industrial_rd_expenditure", unit="亿元")
    assert codes(reading) == {"order_undeclared"}
    for text in ("entity_order", "code_order", "31 rows"):
        assert text in str(reading.source_file["problem"])
    assert "code_order" in reading.rejected_row[0]["reason_zh"]


@pytest.mark.parametrize("note", [True, False])
def test_the_order_of_the_codes(read: Read, note: bool) -> None:
    reading = read(nameless(note=note), **ORDERED)
    assert codes(reading) == set()
    cells = {r["cell"]: (r["entity_code"], r["year"], r["value"]) for r in reading.observation}
    assert len(cells) == 62
    assert (cells["A2"], cells["B32"]) == ((110000, 2012, 100.5), (650000, 2013, 230.5))


def test_an_order_of_names(read: Read) -> None:
    names = [*PROVINCES[1:], PROVINCES[0]]
    reading = read(nameless(book=True), "a.xlsx", **ORDERED | {"panel": {"entity_order": names}})
    cells = {r["cell"]: r["entity_code"] for r in reading.observation}
    assert (cells["A2"], cells["A32"]) == (120000, 110000)


@pytest.mark.parametrize("rows", [30, 32])
def test_another_number_of_rows_than_the_order_has(read: Read, rows: int) -> None:
    reading = read(nameless(rows), **ORDERED)
    assert codes(reading) == {"order_rows"}
    assert f"found '{rows}'; expected 31 rows of figures" in str(reading.source_file["problem"])


def test_the_order_of_the_codes_in_a_long_panel(read: Read) -> None:
    rows = [f"{i + 1},2020,{1000 + i}" for i in range(31)]
    keys = PANEL | {"entity_column": "no", "panel": {"entity_order": "code_order"}}
    reading = read("no,年份,总人口\n" + "\n".join(rows), **keys)
    assert [r["entity_code"] for r in reading.observation] == sorted(CODES.values())
