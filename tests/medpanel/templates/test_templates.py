"""Every template, filled in as a user would, is read back; what it should stop, its cells or the reader stop."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from catalog import Sources, load_provinces, load_registry, load_sources
from catalog.base import CatalogError
from ingestion import FileReading, read_file
from ingestion.readers.pilots.pilot_list import REQUIRED
from medpanel.templates import cities_template, keywords_template, mapping_template, pilots_template
from medpanel.templates.workbook import DATA, GUIDE, Column, Template, template_bytes

WHO = {"vintage": "v", "publisher": "p", "licence": "l", "accessed": "2026-01-01"}


def filled(template: Template, fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(template)))
    fill(book[DATA])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_back(folder: Path, template: Template, content: bytes) -> FileReading:
    """Read with the entry the template itself prints, completed."""
    [entry] = yaml.safe_load("\n".join(template.entry).replace("…", "x"))
    path = folder / entry["match"]
    path.write_bytes(content)
    sources = Sources(data_kind="real", studies=(), vintages=("v",), files=(entry | WHO,))
    return read_file(folder, path, sources, load_registry())


def test_a_filled_pilot_list_is_read_back(tmp_path: Path) -> None:
    template = pilots_template(2012)

    def fill(sheet: Any) -> None:
        where = ["河北省", "石家庄市", "石家庄市", "prefecture", 130100, None]
        sheet.append(["mohurd_smart_city", 1, 2012, "2013-01-29", *where, "new", "notice"])

    reading = read_back(tmp_path, template, filled(template, fill))
    assert [r["reason"] for r in reading.rejected_row] == []
    assert [(p["unit_code"], p["level"], p["batch"]) for p in reading.pilot] == [(130100, "prefecture", 1)]


def test_a_filled_city_sheet_is_read_back_and_empty_cells_are_missing(tmp_path: Path) -> None:
    template = cities_template(2018, ["gdp"])

    def fill(sheet: Any) -> None:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 4, 500.5 + row)
        sheet.cell(5, 4).value = None

    reading = read_back(tmp_path, template, filled(template, fill))
    assert [r["reason"] for r in reading.rejected_row] == []
    assert len(reading.missing_cell) == 1
    assert len(reading.observation) == len(template.rows) - 1 == 333 + 4 - 1
    first = min(reading.observation, key=lambda record: record["entity_code"])
    assert (first["entity_code"], first["year"], first["indicator"], first["value"]) == (110000, 2018, "gdp", 502.5)


def test_a_city_whose_code_was_overwritten_is_refused(tmp_path: Path) -> None:
    template = cities_template(2018, ["gdp"])

    def fill(sheet: Any) -> None:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 4, 500.5)
        sheet.cell(6, 1).value = 130200

    reading = read_back(tmp_path, template, filled(template, fill))
    assert any("A6" in record["reason"] for record in reading.rejected_row)


def test_filled_keyword_counts_are_read_back(tmp_path: Path) -> None:
    template = keywords_template(2012)

    def fill(sheet: Any) -> None:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 4, 7)
            sheet.cell(row, 5, 9000 + row)

    reading = read_back(tmp_path, template, filled(template, fill))
    assert reading.rejected_row == []
    assert len(reading.observation) == 2 * 31 * 2
    assert {r["value"] for r in reading.observation if r["indicator"] == "report_keyword_count"} == {7}
    with pytest.raises(ValueError, match="2010"):
        keywords_template(2010)


def test_an_indicator_no_city_file_carries_is_an_error() -> None:
    with pytest.raises(ValueError, match="inpatient_mortality_rate"):
        cities_template(2018, ["inpatient_mortality_rate"])


@pytest.mark.parametrize(
    "template",
    [pilots_template(2020), cities_template(2020), keywords_template(2020), mapping_template()],
    ids=["pilots", "cities", "keywords", "mapping"],
)
def test_cells_are_checked_while_typing_and_the_guide_explains_every_column(template: Template) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(template)))
    assert book.sheetnames[0] == DATA
    checked = {
        str(rule.sqref).split(":")[0].rstrip("0123456789") for rule in book[DATA].data_validations.dataValidation
    }
    restricted = sum(c.choices is not None or c.between is not None or c.date for c in template.columns)
    assert len(checked) == restricted > 0
    guide = "\n".join(str(cell.value) for cell in book[GUIDE]["A"])
    assert all(f"{column.header}: {column.note}" in guide for column in template.columns)
    assert template_bytes(template) == template_bytes(template)


def yearbook_sheet() -> bytes:
    """A table as yearbooks print it: title, header in two rows, 31 provinces."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["8-1 各地区门诊服务情况 (2023年)"],
        ["地区", "诊疗人次数(万人次)", "入院人数(万人)", "急诊病死率(%)"],
        [None, "Visits"],
    ):
        sheet.append(row)
    for number, province in enumerate(load_provinces()):
        sheet.append([province.short_zh, 9000 + number, 200 + number, 0.05])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_by_mapping(folder: Path, mapping: bytes) -> FileReading:
    (folder / "mapping.xlsx").write_bytes(mapping)
    (folder / "book.xlsx").write_bytes(yearbook_sheet())
    entry = {"match": "book.xlsx", "mapping": "mapping.xlsx", **WHO}
    declared = {"data_kind": "real", "studies": [], "vintages": ["v"], "files": [entry]}
    (folder / "sources.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    sources, root = load_sources(folder / "sources.yaml")
    return read_file(root, root / "book.xlsx", sources, load_registry())


def test_a_filled_mapping_reads_a_yearbook(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, 4).value = 2

    reading = read_by_mapping(tmp_path, filled(mapping_template(), fill))
    assert [r["reason"] for r in reading.rejected_row] == []
    found = {(r["indicator"], r["entity_code"]): r["value"] for r in reading.observation}
    assert len(found) == 3 * 31
    assert found["outpatient_visits", 110000] == 9000
    assert found["hospital_admissions", 110000] == 200


@pytest.mark.parametrize(
    ("column", "value", "place"),
    [(13, "perhaps", "row 2, optional"), (4, "two", "row 2, header_rows"), (6, "diagonal", "row 2, years")],
)
def test_a_wrong_cell_of_a_mapping_is_named(tmp_path: Path, column: int, value: str, place: str) -> None:
    def fill(sheet: Any) -> None:
        sheet.cell(2, column).value = value

    with pytest.raises(CatalogError, match=place):
        read_by_mapping(tmp_path, filled(mapping_template(), fill))


def test_an_unknown_indicator_of_a_mapping_is_named(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        sheet.cell(3, 9).value = "visits_of_ghosts"

    with pytest.raises(CatalogError, match="visits_of_ghosts"):
        read_by_mapping(tmp_path, filled(mapping_template(), fill))


def test_a_workbook_that_is_no_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no sheet '数据 data'"):
        read_by_mapping(tmp_path, yearbook_sheet())


def test_required_columns_are_marked_and_closed_lists_drop_down() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(pilots_template(2020))))
    sheet = book[DATA]
    colours = {cell.value: cell.fill.start_color.rgb for cell in sheet[1]}
    marked = {name for name, colour in colours.items() if colour != colours["prefecture"]}
    assert marked == set(REQUIRED) and "required / 必填" in sheet["A1"].comment.text
    assert any("orange header" in str(cell.value) and "橙色" in str(cell.value) for cell in book[GUIDE]["A"])
    lists = {
        sheet.cell(1, next(iter(rule.sqref.ranges)).min_col).value: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    assert set(lists) == {"province", "level", "status"}


@pytest.mark.parametrize("year", [2003, 2020])
def test_the_headers_of_a_city_template_are_in_use_in_its_year(tmp_path: Path, year: int) -> None:
    template = cities_template(year)
    reading = read_back(tmp_path, template, filled(template, lambda sheet: sheet.cell(2, 4, 500)))
    assert [r["code"] for r in reading.rejected_row] == []


def test_no_text_of_a_template_is_a_formula() -> None:
    made = Template("t.xlsx", [Column("=1+1", "n")], [["=cmd()"], ["@x"]], ["-g"], [], {"=l": ["=1"]})
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(made)))
    texts = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in texts} == {"s"} and "=cmd()" in {cell.value for cell in texts}
