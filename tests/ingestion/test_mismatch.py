"""A declared layout that a file is not of: the columns, key or kind of file that is missing, and the template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from ingestion import FileReading
from ingestion.readers import EVERY_LAYOUT
from ingestion.readers.base import FileLayout
from tests.ingestion.conftest import codes, nbs_text
from tests.ingestion.test_units_and_ranges import as_file, table

Read = Callable[..., FileReading]


def told(reading: FileReading) -> tuple[str, str]:
    first = next(record for record in reading.rejected_row if record["code"] != "table_refused")
    return first["reason"], first["reason_zh"]


def workbook(*rows: tuple[Any, ...]) -> bytes:
    import io

    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


OWN = (("city_name", "pilot_year", "batch"), ("石家庄市", 2012, "第一批"), ("杭州市", 2013, "第二批"))


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_pilot_list_with_headers_of_its_own(read: Read, suffix: str) -> None:
    content = workbook(*OWN) if suffix == ".xlsx" else "\n".join(",".join(map(str, row)) for row in OWN)
    english, chinese = told(read(content, f"p{suffix}", layout="pilot_list"))
    missing = (
        "programme (项目), label_year (年份), announced (公布日期), province (省份), place (试点名称), level (级别)"
    )
    assert f"found 'city_name, pilot_year, batch'; expected also {missing}, status (状态)" in english
    assert "or copy its rows into the workbook that `medpanel template pilots` writes" in english
    assert f"应为另有 {missing}" in chinese and "medpanel template pilots" in chinese


@pytest.mark.parametrize(
    ("layout", "text", "code", "said"),
    [
        ("division_list", "代码,名称,上级代码\n110000,北京市,\n110101,东城区,110000\n", "layout_more_columns",
         "found '上级代码'; expected only 代码"),
        ("division_list", "代码,单位\n110000,北京市\n110101,东城区\n", "layout_columns", "expected also 名称"),
        ("dialect_table", "城市,人口\n石家庄市,1\n", "layout_columns", "expected also dialect (方言)"),
        ("division_history", "代码,名称\n110000,北京市\n", "layout_columns", "expected also 一级行政区"),
        ("nbs_export", "a,b\n1,2\n", "layout_mismatch", "nbs_export: Statistics bureau export"),
    ],
)  # fmt: skip
def test_columns_that_are_missing_or_more_are_named(read: Read, layout: str, text: str, code: str, said: str) -> None:
    reading = read(text, layout=layout, year=2018)
    assert codes(reading) - {"table_refused"} == {code}
    assert said in told(reading)[0]


# An entry of cmds without `survey:` is refused before any file is read.
KEYED = {layout.name: layout for layout in EVERY_LAYOUT if layout.entry_key and layout.name != "cmds"}


@pytest.mark.parametrize("name", KEYED)
def test_the_key_a_layout_is_read_by_is_named(read: Read, name: str) -> None:
    layout = KEYED[name]
    assert isinstance(layout, FileLayout)
    suffix = ".csv" if ".csv" in layout.suffixes else min(layout.suffixes - {".geojson"})
    english, chinese = told(read("x,y\n1,2\n", f"a{suffix}", layout=name))
    assert f"expected the key `{layout.entry_key}:` in the entry" in english
    assert f"条目中的键 {layout.entry_key}:" in chinese


def test_a_file_of_another_kind_names_the_kinds(read: Read) -> None:
    english, chinese = told(read("x,y\n1,2\n", layout="map_rda"))
    assert "found '.csv'; expected a file of map_rda: " in english and ".rda" in english
    assert "应为下列类型的文件：map_rda" in chinese


def test_a_misspelt_layout_names_the_nearest(read: Read) -> None:
    english, chinese = told(read(nbs_text(), layout="nbs_exprot"))
    assert "does not exist; did you mean nbs_export?; found 'nbs_exprot'" in english
    assert "声明的版式不存在；是否应为“nbs_export”？" in chinese


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".dta"])
def test_a_panel_without_any_figure_says_so(read: Read, suffix: str) -> None:
    content = as_file(table([float("nan")] * 31).astype({"x": float}), suffix)
    keys = {"layout": "long_panel", "entity_column": "place", "year_column": "year"}
    reading = read(content, f"a{suffix}", **keys, columns={"x": {"indicator": "gdp", "unit": "亿元"}})
    assert codes(reading) == {"nothing_filled"}
    assert len(reading.missing_cell) == 31
