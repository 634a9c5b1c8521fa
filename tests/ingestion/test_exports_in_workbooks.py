"""Statistics-bureau exports saved as workbooks or cut short, and workbooks whose name says another format."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest

from ingestion import FileReading
from tests.ingestion.biff import xls_bytes
from tests.ingestion.conftest import PROVINCES, codes, nbs_2026_text, nbs_text, workbook_bytes

Read = Callable[..., FileReading]
Rows = list[list[object]]
NOTES: Rows = [["注：1.本表按当年价格计算。"], ["2.2018年数据为修订后数据,见公报。"], ["数据来源：国家统计局"]]


def export_rows(notes: Rows | None = None) -> Rows:
    body: Rows = [[name, 35371.28 + i, 1000.5 + i] for i, name in enumerate(PROVINCES)]
    head: Rows = [
        ["数据库：分省年度数据"],
        ["指标：地区生产总值(亿元)"],
        ["时间：最近2年"],
        ["地区", "2019年", "2018年"],
    ]
    return [*head, *body, *(NOTES if notes is None else notes)]


def xlsx_bytes(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "分省年度数据"
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx"])
@pytest.mark.parametrize("made", [xls_bytes, xlsx_bytes])
def test_the_bytes_decide_which_kind_of_workbook_it_is(read: Read, made: Callable[[Rows], bytes], name: str) -> None:
    reading = read(made(export_rows()), name)
    assert codes(reading) == set()
    source = reading.source_file
    assert (source["layout"], source["encoding"]) == ("nbs_export", None)
    assert (source["rows_read"], source["rows_loaded"], source["rows_set_aside"]) == (38, 31, 7)
    cells = {r["cell"]: r for r in reading.observation}
    assert len(cells) == 62
    beijing = cells["B5"]
    assert (beijing["sheet"], beijing["raw"], beijing["year"]) == ("分省年度数据", "35371.28", 2019)


@pytest.mark.parametrize(
    "notes",
    [
        [["注：一"], ["数据来源：国家统计局"]],
        [["", "注：写在第二列"]],
        [["注：一", "二", "2017"], ["三", "四"], ["", "五"]],
        [["数据来源：国家统计局"], ["注：一"], ["  第二段"]],
    ],
)
def test_notes_in_every_position(read: Read, notes: Rows) -> None:
    assert codes(read(xls_bytes(export_rows(notes)), "a.xls")) == set()
    lines = nbs_text().splitlines()[:-2] + [",".join(str(cell) for cell in row) for row in notes]
    assert codes(read("\n".join(lines))) == set()


def test_a_quoted_note_with_commas_and_a_note_before_the_header(read: Read) -> None:
    text = nbs_text().replace("注：本表按当年价格计算。", '"注：2004年以前,数据为一种,2005年以后,为另一种。"')
    assert codes(read(text)) == set()
    assert codes(read(text.replace("地区,", "注：说明一\r\n说明二\r\n地区,"))) == set()


def test_figures_below_a_note_are_not_taken_for_it(read: Read) -> None:
    """A row after the notes that holds figures must name a region."""
    reading = read(nbs_text() + "西域都护府,1,2\r\n")
    assert "unknown_province" in codes(reading)
    assert not reading.observation


def test_an_export_whose_preamble_was_cut_off(read: Read) -> None:
    text = "\n".join(nbs_text().splitlines()[3:])
    assert codes(read(text)) == {"no_indicator"}
    assert codes(read(text, indicator="gdp")) == {"no_unit"}
    reading = read(text, indicator="gdp", unit="亿元")
    assert reading.source_file["layout"] == "nbs_export_cut"
    assert len(reading.observation) == 62


def test_the_2026_export_also_without_its_tabs(read: Read) -> None:
    content = nbs_2026_text().replace("\t", "").encode()
    assert read(content, indicator="gdp", unit="亿元").source_file["layout"] == "nbs_export_2026"


def test_a_table_of_cities_is_refused_for_its_names(read: Read) -> None:
    rows = export_rows()
    rows[6][0] = "石家庄"
    reading = read(xls_bytes(rows), "a.xls")
    assert {"unknown_province"} == codes(reading)
    assert "sheet 分省年度数据, cell A7" in str(reading.source_file["problem"])
    assert not reading.observation


def test_damaged_and_foreign_bytes(read: Read) -> None:
    content = xls_bytes(export_rows())
    assert codes(read(content[:1400], "a.xls")) == {"unreadable"}
    assert codes(read(b"<html><table></table></html>", "a.xls")) == {"unreadable"}
    assert codes(read(content[:512] + bytes(4000), "a.xls")) == {"unreadable"}


def test_percentages_are_read_as_they_are_shown(read: Read) -> None:
    rows = export_rows()
    rows[4][1] = 0.9147
    reading = read(xls_bytes(rows, percent={(4, 1)}), "a.xls")
    assert codes(reading) == {"not_a_number"}, "a percentage in a column of 亿元"
    assert reading.rejected_row[0]["raw"] == "91.47%"


def test_a_merged_figure_is_refused_in_every_cell_it_covers(read: Read) -> None:
    reading = read(xls_bytes(export_rows(), merged=[(4, 5, 1, 1)]), "a.xls")
    assert codes(reading) == {"merged_cell"}
    assert {r["cell"] for r in reading.rejected_row} == {"B5", "B6"}
    assert "35371.28" in reading.rejected_row[1]["reason"]
    assert len(reading.observation) == 60


def test_a_second_sheet_without_a_table_is_refused_alone_and_an_empty_one_passed_over(read: Read) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(export_rows())))
    book.create_sheet("空白")
    stream = io.BytesIO()
    book.save(stream)
    assert codes(read(stream.getvalue(), "a.xlsx")) == set()
    book.create_sheet("说明")["A1"] = "说明"
    stream = io.BytesIO()
    book.save(stream)
    reading = read(stream.getvalue(), "a.xlsx")
    assert codes(reading) == {"no_table"}
    assert len(reading.observation) == 62


def test_yearbooks_may_be_xls_by_name(read: Read) -> None:
    assert read(workbook_bytes(), "2024年鉴.xls").source_file["layout"] == "yearbook_workbook"


def test_a_workbook_of_empty_sheets_is_refused(read: Read) -> None:
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    assert codes(read(stream.getvalue(), "a.xlsx")) == {"empty_file"}


def test_a_period_that_leaves_years_of_the_header_out(read: Read) -> None:
    text = nbs_text().replace("时间：2013-2014", "时间：2003-2004")
    reading = read(text)
    assert codes(reading) == {"contradicting_period"}
    assert "cell A3" in str(reading.source_file["problem"])
    assert codes(read(text.replace("2003-2004", "2013年-2024年"))) == set()


def test_two_indicators_in_the_preamble(read: Read) -> None:
    text = nbs_text().replace("时间：", "指标：年末常住人口(万人)\r\n时间：")
    assert codes(read(text)) == {"second_indicator"}
    same = nbs_text().replace("时间：", "指标：地区生产总值(亿元)\r\n时间：")
    assert codes(read(same)) == set()
