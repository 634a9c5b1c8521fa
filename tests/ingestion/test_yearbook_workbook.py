"""Health-yearbook workbooks: bilingual merged headers, subtotals, notes; each fault refused with its place."""

from __future__ import annotations

import io
from collections.abc import Callable

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
        ({"title": "2022年和2023年门诊服务情况"}, "no_year", "A1"),
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
    assert codes(reading) == {"not_a_number", "no_cached_value"}
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
    assert codes(reading) == set()
    assert len(reading.observation) == 32
