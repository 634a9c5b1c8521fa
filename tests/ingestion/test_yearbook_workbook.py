"""Health-yearbook workbooks: bilingual merged headers, subtotals, notes; each fault refused with its place."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from ingestion import FileReading
from tests.ingestion.conftest import SHORT, codes, workbook_bytes

Read = Callable[..., FileReading]
NAME = "2024年鉴.xlsx"


def test_table_loads_with_provenance(read: Read) -> None:
    reading = read(workbook_bytes(), NAME)
    assert reading.source_file["layout"] == "yearbook_workbook"
    assert codes(reading) == set()
    assert len(reading.observation) == 64
    beijing = {r["indicator"]: r for r in reading.observation if r["entity_code"] == 110000}
    visits = beijing["outpatient_visits"]
    assert (visits["sheet"], visits["cell"], visits["raw"], visits["raw_unit"]) == ("8-2-1", "B9", "1002", "万人次")
    assert visits["header"] == "医疗服务 | 诊疗人次数"
    assert {record["year"] for record in reading.observation} == {2023}, "the title's year, not the file name's"
    assert beijing["emergency_mortality_rate"]["raw_unit"] == "%"


def test_subtotals_and_notes_are_set_aside(read: Read) -> None:
    source = read(workbook_bytes(), NAME).source_file
    assert (source["rows_read"], source["rows_loaded"], source["rows_set_aside"]) == (41, 32, 9)


@pytest.mark.parametrize(
    ("keys", "code", "place"),
    [
        ({"title": "8-2-1 各地区门诊服务情况"}, "no_year", "A1"),
        ({"title": "2022年和2023年门诊服务情况"}, "several_years", "A1"),
        ({"title": "2010-2023年门诊服务情况"}, "several_years", "A1"),
        ({"title": "2010至2023年门诊服务情况"}, "several_years", "A1"),
        ({"title": "1023年门诊服务情况"}, "no_year_of_data", "A1"),
        ({"title": "2024年鉴 门诊服务情况"}, "no_year", "A1"),
        ({"title": "8-2-1 (2023年)", "unit_line": "2022年 单位：万人次"}, "several_years", "C3"),
        ({"names": SHORT[:-1]}, "missing_provinces", "新疆"),
        ({"names": ["Shanxi" if n == "山西" else n for n in SHORT]}, "ambiguous_province", "A12"),
    ],
)
def test_faults_of_the_table(read: Read, keys: dict[str, object], code: str, place: str) -> None:
    reading = read(workbook_bytes(**keys), NAME)  # type: ignore[arg-type]
    assert code in codes(reading)
    assert place in next(r["reason"] for r in reading.rejected_row if r["code"] == code)
    assert not reading.observation


def test_declared_year_must_agree_with_the_title(read: Read) -> None:
    assert codes(read(workbook_bytes(), NAME, year=2022)) == {"contradicting_year"}
    assert len(read(workbook_bytes(title="门诊服务情况"), NAME, year=2022).observation) == 64


@pytest.mark.parametrize(
    ("leaf", "unit_line", "code"),
    [
        ("挂号人次", "单位：万人次", "unknown_indicator"),
        ("诊疗人次数", "", "no_unit"),
        ("诊疗人次数", "单位：箩", "unknown_unit"),
        ("诊疗人次数", "单位：亿元", "wrong_quantity"),
        ("急诊病死率(%)", "单位：万人次", "repeated_indicator"),
    ],
)
def test_a_wrong_column_is_refused_alone(read: Read, leaf: str, unit_line: str, code: str) -> None:
    reading = read(
        workbook_bytes(unit_line=unit_line, leaves=("急诊病死率(%)", leaf, "住院病死率(%)"), groups=("", "", "")), NAME
    )
    assert codes(reading) == {code}
    assert "sheet 8-2-1, cell" in next(r["reason"] for r in reading.rejected_row if r["code"] == code)
    loaded = {record["indicator"] for record in reading.observation}
    assert "inpatient_mortality_rate" in loaded
    assert ("emergency_mortality_rate" in loaded) == (code != "repeated_indicator")


def test_declared_columns_are_set_aside(read: Read) -> None:
    content = workbook_bytes(leaves=("挂号人次", "急诊病死率(%)"))
    reading = read(content, NAME, set_aside_columns=["挂号.*"])
    assert codes(reading) == set()
    assert len(reading.observation) == 32


def test_group_and_leaf_together_name_an_indicator(read: Read) -> None:
    content = workbook_bytes(groups=("孕产妇",), leaves=("系统管理率(%)",), unit_line="")
    assert {r["indicator"] for r in read(content, NAME).observation} == {"maternal_management_rate"}


def test_text_in_a_cell_and_a_formula_without_result(read: Read) -> None:
    reading = read(workbook_bytes(cells={(2, 0): "不详", (3, 0): "=1+1"}), NAME)
    assert codes(reading) == {"undeclared_mark", "no_cached_value"}
    assert {r["cell"] for r in reading.rejected_row} == {"B9", "B10"}


def test_unit_that_contradicts_one_column_leaves_the_other(read: Read) -> None:
    cells = {(i, 1): 400.0 for i in range(40)}
    reading = read(workbook_bytes(cells=cells), NAME)
    assert codes(reading) == {"unit_against_values"}
    assert {r["indicator"] for r in reading.observation} == {"outpatient_visits"}


def test_one_wrong_sheet_does_not_take_the_others(read: Read) -> None:
    reading = read(workbook_bytes(extra_sheet=True), NAME)
    assert codes(reading) == {"no_table"}
    assert len(reading.observation) == 64


def test_text_numbers_are_read_as_printed(read: Read) -> None:
    reading = read(workbook_bytes(cells={(2, 0): "12,345.6", (3, 0): " 1 234.5①"}), NAME)
    values = {r["cell"]: r["value"] for r in reading.observation}
    assert (values["B9"], values["B10"]) == (12345.6, 1234.5)


def test_second_column_of_english_names(read: Read) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(leaves=("诊疗人次数",), groups=("",))))
    sheet = book.active
    sheet.insert_cols(2)
    sheet["B4"] = "Region"
    for row in range(9, 40):
        sheet.cell(row, 2, "Name")
    stream = io.BytesIO()
    book.save(stream)
    reading = read(stream.getvalue(), NAME)
    assert codes(reading) == {"unknown_other_name"}
    assert len(reading.rejected_row) == 31, "each is told, with its cell, and the rows stand"
    assert len(reading.observation) == 32


def test_an_edition_in_the_title_is_no_data_year(read: Read) -> None:
    reading = read(
        workbook_bytes(unit_line="中国卫生健康统计年鉴 2024年"), NAME, unit="万人次", indicator="outpatient_visits"
    )
    assert {r["year"] for r in reading.observation} == {2023}


@pytest.mark.parametrize(
    ("group", "leaf", "indicator"),
    [
        ("3岁以下儿童", "系统管理率(%)", "child_management_rate"),
        ("孕产妇", "系统管理率(%)", "maternal_management_rate"),
        ("住院", "病死率(%)", "inpatient_mortality_rate"),
        ("", "3岁以下儿童\n系统管理率(%)", "child_management_rate"),
        ("系统管理率", "孕产妇(%)", "maternal_management_rate"),
        ("医疗服务", "诊疗人次数(万人次)", "outpatient_visits"),
    ],
)
def test_group_and_leaf_together_decide(read: Read, group: str, leaf: str, indicator: str) -> None:
    cells = VISITS if "人次" in leaf else PERCENTS
    reading = read(workbook_bytes(groups=(group,), leaves=(leaf,), unit_line="", cells=cells), NAME)
    assert codes(reading) == set()
    assert {r["indicator"] for r in reading.observation} == {indicator}


# Plausible for every indicator of the tests, counts included.
PERCENTS = {(i, 0): 3.5 for i in range(40)}
VISITS = {(i, 0): 1000 + i for i in range(40)}


@pytest.mark.parametrize("group", ["乡镇卫生院", "新生儿", "村卫生室", "医疗服务之一"])
def test_a_leaf_under_a_group_that_may_narrow_it_is_refused(read: Read, group: str) -> None:
    content = workbook_bytes(groups=(group,), leaves=("诊疗人次数",))
    reading = read(content, NAME)
    assert codes(reading) == {"unknown_group"}
    assert f"{group} | 诊疗人次数" in str(reading.source_file["problem"])
    assert "neutral_groups" in str(reading.source_file["problem"])
    assert not reading.observation
    assert len(read(content, NAME, neutral_groups=[group]).observation) == 32


@pytest.mark.parametrize(
    "title", ["8-3 各地区乡镇卫生院医疗服务 (2023年)", "各地区 公 立 医 院 服务 (2023年)", "民营医院(2023年)"]
)
def test_a_title_of_some_institutions_does_not_speak_for_all(read: Read, title: str) -> None:
    reading = read(workbook_bytes(title=title, leaves=("诊疗人次数", "产前检查率(%)"), groups=("", "")), NAME)
    assert codes(reading) == {"subset_title"}
    assert {r["indicator"] for r in reading.observation} == {"prenatal_examination_rate"}


def edited(edit: Callable[[Any], None], **keys: Any) -> bytes:
    """A workbook changed after it was made."""
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(**keys)))
    edit(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ONE: dict[str, Any] = {
    "leaves": ("急诊病死率",),
    "groups": ("",),
    "unit_line": "单位：%",
    "cells": {(i, 0): 0.9 for i in range(40)},
}


@pytest.mark.parametrize(
    ("place", "text"),
    [("B5", "急诊病死率\n(‰)"), ("B6", "‰"), ("B6", "（‰）"), ("B4", "急诊（‰）"), ("B6", "Fatality Rate (‰)")],
)
def test_a_unit_anywhere_in_the_header_wins_over_the_unit_line(read: Read, place: str, text: str) -> None:
    def edit(sheet: Any) -> None:
        sheet[place] = text

    reading = read(edited(edit, **ONE), NAME, neutral_groups=["急诊"])
    assert codes(reading) == set()
    assert {r["raw_unit"] for r in reading.observation} == {"‰"}
    assert {r["value"] for r in reading.observation} == {0.09}


def test_two_units_in_one_header_are_refused(read: Read) -> None:
    def edit(sheet: Any) -> None:
        sheet["B6"] = "Case Fatality Rate (%)"

    reading = read(edited(edit, **{**ONE, "leaves": ("急诊病死率(‰)",)}), NAME)
    assert codes(reading) == {"several_units"}
    assert "cell B5" in str(reading.source_file["problem"])


def test_a_merged_figure_belongs_to_nobody(read: Read) -> None:
    reading = read(edited(lambda sheet: sheet.merge_cells("B9:B10"), leaves=("诊疗人次数",), groups=("",)), NAME)
    assert codes(reading) == {"merged_cell"}
    assert {r["cell"] for r in reading.rejected_row if r["cell"]} == {"B9", "B10"}
    assert {r["entity_code"] for r in reading.observation} & {110000, 120000} == set()


def test_percentages_are_read_as_shown(read: Read) -> None:
    def edit(sheet: Any) -> None:
        sheet["B9"] = 0.9147
        sheet["B9"].number_format = "0.0%"

    keys: dict[str, Any] = {"leaves": ("产前检查率(%)",), "groups": ("",), "cells": {(i, 0): 90.5 for i in range(40)}}
    beijing = next(r for r in read(edited(edit, **keys), NAME).observation if r["cell"] == "B9")
    assert (beijing["raw"], beijing["value"]) == ("91.47%", 91.47)
    counted = read(edited(edit, leaves=("诊疗人次数",), groups=("",)), NAME)
    assert codes(counted) == {"not_a_number"}


def test_two_halves_side_by_side_are_refused(read: Read) -> None:
    def edit(sheet: Any) -> None:
        sheet["D4"], sheet["E4"], sheet["E5"] = "地  区", "续", "诊疗人次数"
        sheet["D9"], sheet["E9"] = "河北", 77

    reading = read(edited(edit), NAME)
    assert codes(reading) == {"second_region_column"}
    assert "cell D4" in str(reading.source_file["problem"])
    assert not reading.observation


@pytest.mark.parametrize(
    ("english", "fine"), [("Tianjin", False), ("Beijing", True), ("National Total", False), ("Bejing", True)]
)
def test_english_names_must_not_contradict(read: Read, english: str, fine: bool) -> None:
    def edit(sheet: Any) -> None:
        sheet.insert_cols(2)
        sheet["B4"], sheet["B9"], sheet["B12"] = "Region", english, "Shanxi"

    reading = read(edited(edit, leaves=("诊疗人次数",), groups=("",)), NAME)
    told = {"unknown_other_name"} if english == "Bejing" else set()
    assert codes(reading) == (told if fine else {"contradicting_name"})
    assert bool(reading.observation) == fine


def test_pinyin_shanxi_beside_a_third_province_contradicts(read: Read) -> None:
    def edit(sheet: Any) -> None:
        sheet.insert_cols(2)
        sheet["B4"], sheet["B9"] = "Region", "Shanxi"

    assert codes(read(edited(edit, leaves=("诊疗人次数",), groups=("",)), NAME)) == {"contradicting_name"}


def test_figures_without_a_name_are_refused(read: Read) -> None:
    def edit(sheet: Any) -> None:
        sheet["A7"] = None

    reading = read(edited(edit, leaves=("诊疗人次数",), groups=("",)), NAME)
    assert codes(reading) == {"unknown_province"}
    assert [(r["row"], r["cell"]) for r in reading.rejected_row] == [(7, "")]
    assert len(reading.observation) == 31


@pytest.mark.parametrize(("total", "code"), [(4_000_000, set()), (9_000_000, {"implausible"})])
def test_the_nation_may_hold_as_much_as_all_provinces(read: Read, total: int, code: set[str]) -> None:
    reading = read(workbook_bytes(cells={**VISITS, (0, 0): total}, leaves=("诊疗人次数",), groups=("",)), NAME)
    assert codes(reading) == code


def test_the_nation_has_no_wider_range_where_nothing_adds_up(read: Read) -> None:
    reading = read(workbook_bytes(cells={**PERCENTS, (0, 0): 6.0}, leaves=("急诊病死率(%)",), groups=("",)), NAME)
    assert codes(reading) == {"implausible"}


def test_a_wrong_unit_refuses_its_column_with_its_empty_cells_and_keeps_other_problems(read: Read) -> None:
    cells = {**{(i, 1): 400.0 for i in range(40)}, (5, 1): "-", (6, 0): "不详"}
    reading = read(workbook_bytes(cells=cells, extra_sheet=True), NAME)
    assert codes(reading) == {"unit_against_values", "undeclared_mark", "no_table"}
    assert not reading.missing_cell
    assert {r["indicator"] for r in reading.observation} == {"outpatient_visits"}


def test_a_row_whose_every_figure_is_refused_is_a_rejected_row(read: Read) -> None:
    reading = read(workbook_bytes(cells={(2, 0): "不详", (2, 1): "不详"}), NAME)
    whole = [r for r in reading.rejected_row if not r["cell"]]
    assert [(r["row"], r["code"], r["raw"]) for r in whole] == [(9, "row_refused", "不详 | 不详")]
    assert (reading.source_file["rows_loaded"], reading.source_file["rows_rejected"]) == (31, 1)


def stacked(*tables: dict[str, Any], between: list[str] | None = None) -> bytes:
    """Several tables on one sheet, one below another, each made by workbook_bytes."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "8-2"
    for keys in tables:
        part: Any = openpyxl.load_workbook(io.BytesIO(workbook_bytes(**keys))).active
        offset = sheet.max_row if sheet["A1"].value else 0
        for row in part.iter_rows():
            for cell in row:
                if cell.value is not None:
                    sheet.cell(cell.row + offset, cell.column, cell.value)
        for area in part.merged_cells.ranges:
            area.shift(row_shift=offset)
            sheet.merge_cells(str(area))
        for text in between or []:
            sheet.cell(sheet.max_row + 1, 1, text)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


VISITS_TABLE: dict[str, Any] = {"leaves": ("诊疗人次数",), "groups": ("",)}
RATE_TABLE: dict[str, Any] = {
    "title": "8-3 各地区急诊情况 (2022年)",
    "unit_line": "单位：%",
    "leaves": ("急诊病死率",),
    "groups": ("",),
    "cells": {(i, 0): 0.9 for i in range(40)},
}


def test_several_tables_on_one_sheet_each_with_its_title_unit_and_notes(read: Read) -> None:
    reading = read(stacked(VISITS_TABLE, RATE_TABLE, between=["统计口径见编者说明，下年续报。"]), NAME)
    assert codes(reading) == set()
    found = {(r["indicator"], r["year"], r["raw_unit"]) for r in reading.observation}
    assert found == {("outpatient_visits", 2023, "万人次"), ("emergency_mortality_rate", 2022, "%")}
    assert len(reading.observation) == 64
    assert reading.source_file["rows_loaded"] == 64


def test_a_wrong_table_of_a_sheet_leaves_the_other(read: Read) -> None:
    wrong = {**RATE_TABLE, "names": ["某省", *SHORT[1:]]}
    reading = read(stacked(VISITS_TABLE, wrong), NAME)
    assert codes(reading) == {"unknown_province"}
    assert {r["indicator"] for r in reading.observation} == {"outpatient_visits"}
    both = read(stacked({**VISITS_TABLE, "names": SHORT[1:]}, {**RATE_TABLE, "names": SHORT[1:]}), NAME)
    assert codes(both) == {"missing_provinces"}
    assert not both.observation


def test_a_continued_table_keeps_the_title_it_continues(read: Read) -> None:
    leaves = {"leaves": ("入院人数(万人)",), "groups": ("",), "unit_line": "", "cells": {(i, 0): 50 for i in range(40)}}
    continued = {"title": "续表", **leaves}
    fine = read(stacked(VISITS_TABLE, continued), NAME)
    assert codes(fine) == set()
    assert {(r["indicator"], r["year"]) for r in fine.observation} == {
        ("outpatient_visits", 2023),
        ("hospital_admissions", 2023),
    }
    private = {**VISITS_TABLE, "title": "8-2-1 各地区民营医院服务 (2023年)"}
    assert codes(read(stacked(private, continued), NAME)) == {"subset_title"}
    assert codes(read(stacked(VISITS_TABLE, {**continued, "title": "8-2-2 各地区住院"}), NAME)) == {"no_year"}


@pytest.mark.parametrize(
    ("english", "code"),
    [
        ("Unit: 10 000 visits", set()),
        ("Unit: 10,000 person-times", set()),
        ("(Unit: 10000 visits)", set()),
        ("Unit: as stated", set()),
        ("Unit: 100 million visits", {"contradicting_unit_lines"}),
        ("Unit: visits", {"contradicting_unit_lines"}),
        ("Unit: 10 000 persons", {"contradicting_unit_lines"}),
    ],
)
def test_unit_lines_in_both_languages_must_agree(read: Read, english: str, code: set[str]) -> None:
    def edit(sheet: Any) -> None:
        sheet["A3"] = english

    reading = read(edited(edit, **VISITS_TABLE), NAME)
    assert codes(reading) == code
    assert bool(reading.observation) != bool(code)
    if code:
        assert "cell A3" in str(reading.source_file["problem"])


def test_two_unit_lines_that_differ_are_refused(read: Read) -> None:
    def edit(sheet: Any) -> None:
        sheet["A3"] = "单位：亿人次"

    assert codes(read(edited(edit, **VISITS_TABLE), NAME)) == {"several_units"}
