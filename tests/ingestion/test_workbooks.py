"""Workbooks as grids: percentages, formulas, merged areas, and sheets formatted far beyond their figures."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import openpyxl
import pytest

from ingestion.formats.grid import NO_CACHED_VALUE, Sheet
from ingestion.formats.workbooks import read_workbook_grid
from tests.ingestion.conftest import workbook_bytes


def sheet_of(**cells: Any) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value  # type: ignore[index]
    return book


def grid_of(book: openpyxl.Workbook) -> Sheet:
    stream = io.BytesIO()
    book.save(stream)
    return read_workbook_grid(stream.getvalue()).sheets[0]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.9147, "0.0%", "91.47%"),
        (0.5, "0%", "50%"),
        (1, "0.00%", "100%"),
        (91.5, '0.0"%"', "91.5"),
        (91.5, r"0.0\%", "91.5"),
        (0.1, "General", "0.1"),
        (1e-7, "General", "0.0000001"),
        (35371.28, "#,##0.0", "35371.28"),
        (1000, "General", "1000"),
        (True, "General", "True"),
    ],
)
def test_numbers_become_the_text_people_see(value: Any, number_format: str, text: str) -> None:
    book = sheet_of(A1=value)
    book.active["A1"].number_format = number_format  # type: ignore[index]
    assert grid_of(book).cell(1, 1) == text


def test_formulas_give_their_stored_result_or_say_there_is_none() -> None:
    assert grid_of(sheet_of(A1=1, A2="=A1+1")).rows == (("1",), (NO_CACHED_VALUE,))
    stream = io.BytesIO()
    sheet_of(A1=1, A2="=A1+1").save(stream)
    stored = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(stored, "w") as target:
        for name in source.namelist():
            content = source.read(name).replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
            target.writestr(name, content)
    assert read_workbook_grid(stored.getvalue()).sheets[0].rows == (("1",), ("2",))


def test_merged_areas_are_cut_to_the_cells_in_use() -> None:
    book = sheet_of(A1="标题", A2="x", C3="y")
    book.active.merge_cells("A1:C1")  # type: ignore[union-attr]
    book.active.merge_cells("A3:B2000")  # type: ignore[union-attr]
    sheet = grid_of(book)
    assert len(sheet.rows) == 3
    assert set(sheet.merged) == {(1, 1), (1, 2), (1, 3), (3, 1), (3, 2)}
    assert sheet.spread(1, 3) == "标题"


def test_cells_formatted_down_to_the_last_row_cost_little() -> None:
    book = sheet_of(A1="地区")
    stream = io.BytesIO()
    book.save(stream)
    blank = b"".join(b'<row r="%d"><c r="C%d" s="0"/></row>' % (n, n) for n in range(2, 200_001))
    huge = b'</sheetData><mergeCells count="1"><mergeCell ref="A60:J200000"/></mergeCells>'
    padded = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(padded, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"</sheetData>", blank + huge)
            target.writestr(name, content)
    began = time.monotonic()
    sheet = read_workbook_grid(padded.getvalue()).sheets[0]
    assert (sheet.rows, dict(sheet.merged)) == ((("地区",),), {})
    assert time.monotonic() - began < 30


def test_the_size_a_file_states_for_itself_is_not_believed() -> None:
    stream = io.BytesIO()
    sheet_of(A1="a", C3="c").save(stream)
    lying = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(lying, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'ref="A1:C3"', b'ref="A1:A1"'))
    assert read_workbook_grid(lying.getvalue()).sheets[0].rows == (("a", "", ""), ("", "", ""), ("", "", "c"))


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_like_the_others_and_said_to_be_hidden(read: Any, state: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes()))
    book.create_sheet("看得见")["A1"] = "x"
    book["8-2-1"].sheet_state = state
    stream = io.BytesIO()
    book.save(stream)
    reading = read(stream.getvalue(), "a.xlsx", set_aside_sheets=["看得见"])
    assert [(r["code"], r["sheet"], r["row"]) for r in reading.rejected_row] == [("hidden_sheet", "8-2-1", 0)]
    assert len(reading.observation) == 64
    assert not read(workbook_bytes(), "b.xlsx").rejected_row
