"""The status of a file says whether all of it was loaded: a refused column, sheet, table or cell makes it partial."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from catalog.lake import IN_USE
from catalog.messages import load_messages, pointers, remarks
from ingestion import FileReading, build_lake
from tests.ingestion.conftest import PROVINCES, codes, declared, nbs_text, workbook_bytes
from tests.ingestion.test_long_panel import DECLARED, panel, replace
from tests.ingestion.test_mapping import TWO, csv, mapping, two_tables

Read = Callable[..., FileReading]


def two_sheets() -> bytes:
    """A yearbook table, and a second sheet whose table names two data years."""
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes()))
    other = book.copy_worksheet(book["8-2-1"])
    other.title = "8-2-2"
    other["A1"] = "8-2-2 各地区门诊服务情况 (2022年、2023年)"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def one_year() -> str:
    """All provinces of one year by two indicators, one of which nobody knows."""
    rows = [f"{name},{1000 + i}.5,{i}.5" for i, name in enumerate(PROVINCES)]
    return "\n".join(["数据库：分省年度数据", "时间：2019年", "地区,地区生产总值(亿元),星星数(颗)", *rows, ""])


COLUMNS = {
    "a workbook": (workbook_bytes(leaves=("诊疗人次数", "星星数(颗)")), "a.xlsx", {}, "C5"),
    "a panel": (panel(edit=replace(0, "城镇人口", "星星数")), "a.csv", DECLARED, "E1"),
    "an export of one year": (one_year(), "b.csv", {}, "C3"),
}


@pytest.mark.parametrize("where", COLUMNS)
def test_a_refused_column_counts(read: Read, where: str) -> None:
    content, name, keys, header = COLUMNS[where]
    reading = read(content, name, **keys)
    source = reading.source_file
    assert (source["status"], source["rows_rejected"]) == ("partial", 0)
    assert source["cells_rejected"] > 0
    assert header in source["problem"]
    assert "table_refused" not in {record["code"] for record in reading.rejected_row}


def test_the_cells_of_a_refused_column_say_that_it_is_the_column(read: Read) -> None:
    content, name, _, header = COLUMNS["a workbook"]
    [*_, last] = read(content, name).rejected_row
    assert last["code"] == "column_refused"
    assert "the column that contains this cell was refused" in last["reason"]
    assert header in last["reason"]
    assert "所在的列被拒绝" in last["reason_zh"]


def test_the_rows_of_a_refused_sheet_say_that_it_is_the_sheet(read: Read) -> None:
    reading = read(two_sheets(), "a.xlsx")
    assert reading.source_file["status"] == "partial"
    refused = [record for record in reading.rejected_row if record["sheet"] == "8-2-2"]
    assert {record["code"] for record in refused} == {"several_years", "sheet_refused"}


def test_the_rows_of_a_refused_file_say_that_it_is_the_file(read: Read) -> None:
    reading = read(nbs_text(names=[name for name in PROVINCES if name != "湖南省"]))
    assert reading.source_file["status"] == "refused"
    assert {record["code"] for record in reading.rejected_row} == {"missing_provinces", "file_refused"}


LOSSES: dict[str, tuple[Any, dict[str, Any]]] = {
    "a cell": (nbs_text(cells={(5, 1): "约3"}), {}),
    "a row": (panel(edit=lambda lines: lines.append(lines[3])), DECLARED),
    "a table that is not there": (csv(*two_tables()[:34]), mapping(*TWO)),
}


@pytest.mark.parametrize("what", LOSSES)
def test_whatever_is_refused_makes_the_file_partial(read: Read, what: str) -> None:
    content, keys = LOSSES[what]
    assert read(content, **keys).source_file["status"] == "partial"


def test_a_remark_takes_nothing_away(read: Read) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes()))
    book.create_sheet("看得见")["A1"] = "x"
    book["8-2-1"].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    reading = read(stream.getvalue(), "a.xlsx", set_aside_sheets=["看得见"])
    assert codes(reading) == {"hidden_sheet"}
    assert (reading.source_file["status"], reading.source_file["cells_rejected"]) == ("loaded", 0)
    assert "hidden" in reading.source_file["problem"], "the remark is still told"


def test_what_is_declared_not_to_be_read_is_not_refused(read: Read) -> None:
    assert read(nbs_text(), not_read="no data").source_file["status"] == "not_read"


def test_a_remark_is_no_pointer_and_every_one_is_worded_as_such() -> None:
    assert not remarks() & pointers()
    assert all(load_messages()[code].remark for code in remarks())
    assert "conflict" not in remarks()
    assert len(IN_USE) == 2


def test_a_figure_refused_against_another_file_makes_both_files_partial(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.csv").write_text(nbs_text(), encoding="utf-8")
    (tmp_path / "raw" / "b.csv").write_text(nbs_text(cells={(0, 0): "7000"}), encoding="utf-8")
    (tmp_path / "lake").mkdir()
    said: list[str] = []
    build_lake(tmp_path / "raw", declared(), tmp_path / "lake", said.append, processes=1)
    files = pd.read_parquet(tmp_path / "lake" / "source_file.parquet")
    assert list(files["status"]) == ["partial", "partial"]
