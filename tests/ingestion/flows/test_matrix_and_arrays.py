"""Matrices, lists in cells, JSON lists and scale series."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestion import FileReading
from ingestion.readers.flows.flow_lists import parse_array
from tests.ingestion.flows.conftest import codes, flows, lists, rows

Read = Callable[..., FileReading]
MATRIX: dict[str, Any] = {"layout": "flow_matrix", "network": "m", "unit": "percent", "period": "2020-01-15"}
CELLS: dict[str, Any] = {
    "layout": "flow_cells", "network": "c", "direction": "in", "unit": "index", "place": "city", "origin": "name",
    "weight": "list", "period_column": "day",
}  # fmt: skip
SQUARE = ",北京市,天津市,浙江省,巢湖市\n北京市,,7.46,,\n天津市,4.5,,,\n浙江省,1,2,,\n巢湖市,,,,\n"


def workbook(*lines: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for line in lines:
        sheet.append(line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_row_of_a_matrix_is_the_listed_place(read: Read) -> None:
    arrivals = read(SQUARE, direction="in", **MATRIX)
    assert flows(arrivals) == {(120000, 110000): 7.46, (110000, 120000): 4.5}
    departures = read(SQUARE, "b.csv", direction="out", **MATRIX)
    assert flows(departures) == {(110000, 120000): 7.46, (120000, 110000): 4.5}
    # Header, province and the empty row of a place that is gone; its name need not be known.
    assert rows(arrivals) == (5, 2, 0, 3)
    assert lists(arrivals)[110000]["partners"] == 1


def test_an_empty_cell_is_no_zero_and_a_zero_is_one(read: Read) -> None:
    reading = read(",北京,天津\n北京,,0\n天津,,\n", direction="in", **MATRIX)
    assert flows(reading) == {(120000, 110000): 0.0}
    assert lists(reading)[110000]["zeros"] == 1


def test_a_bad_cell_of_a_matrix_is_refused_alone(read: Read) -> None:
    reading = read(",北京,天津,太原\n北京,,x,2\n天津,-1,,\n太原,,,\n", direction="in", **MATRIX)
    assert flows(reading) == {(140100, 110000): 2.0}
    assert sorted((r["code"], r["cell"]) for r in reading.rejected_row) == [
        ("flow_negative", "B3"), ("flow_row_refused", ""), ("undeclared_mark", "C2"),
    ]  # fmt: skip
    assert rows(reading) == (4, 1, 1, 2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (",北京,天津\n北京,,1\n", "flow_no_matrix"),
        (",北京,北京\n北京,,1\n天津,1,\n", "flow_no_matrix"),
        (",北京,天津\n北京,,1\n北京,1,\n", "flow_no_matrix"),
        (",北京,天津\n北京,,1\n天津,1\n", "flow_row_width"),
    ],
)
def test_what_is_no_square_matrix_is_refused(read: Read, text: str, code: str) -> None:
    assert codes(read(text, direction="in", **MATRIX)) == [code]


def test_shares_over_the_whole_refuse_that_place(read: Read) -> None:
    reading = read(",北京,天津,太原\n北京,,60,41\n天津,5,,\n太原,,,\n", direction="in", **MATRIX)
    assert flows(reading) == {(110000, 120000): 5.0}
    assert codes(reading).count("flow_shares_over_100") == 2


def test_shares_of_a_matrix_times_the_scale_of_its_rows(read: Read, tmp_path: Path) -> None:
    (tmp_path / "scale.csv").write_text("city,index\n北京,8\n天津,2\n", encoding="utf-8")
    scale = {"file": "scale.csv", "place": "city", "value": "index"}
    reading = read(",北京,天津\n北京,,25\n天津,50,\n", direction="in", scale=scale, **MATRIX)
    assert flows(reading) == {(120000, 110000): 2.0, (110000, 120000): 1.0}
    assert reading.tables["flow"].to_pylist()[0]["unit"] == "index"


def test_lists_in_cells(read: Read) -> None:
    content = workbook(
        ("city", "day", "list"),
        ("北京", "20200115", '[["天津", 1.25], ["太原", 0]]'),
        ("天津", "20200115", "[('北京', 2.5), ('台湾', 1)]"),
        ("太原", "20200115", "[]"),
        ("唐山", "20200115", None),
        ("石家庄", "20200115", '[["北京", 1'),
        ("承德", "20200115", "__import__('os').getcwd()"),
    )
    reading = read(content, "a.xlsx", **CELLS)
    assert flows(reading) == {(120000, 110000): 1.25, (140100, 110000): 0.0, (110000, 120000): 2.5}
    assert codes(reading) == ["flow_array"] * 2
    assert [record["row"] for record in reading.rejected_row] == [6, 7]
    assert rows(reading) == (7, 2, 2, 3)


@pytest.mark.parametrize("text", ["", "1", "{}", "[1", "x", "[" * 5000, "[9**9**9]", "__import__('os')", "[open('a')]"])
def test_what_is_no_list_is_never_evaluated(text: str) -> None:
    with pytest.raises(ValueError, match="no list"):
        parse_array(text)


@pytest.mark.parametrize("document", ["list", "object", "nested"])
def test_amap_daily_json(read: Read, document: str) -> None:
    partners = [
        {"name": "天津市", "adcode": "120000", "willIdx": 3.5, "realIdx": 2.25},
        {"name": "太原市", "adcode": "140100", "willIdx": 1, "realIdx": 0.5},
        {"name": "台湾省", "adcode": "710000", "willIdx": 1, "realIdx": 0.5},
        {"name": "唐山市"},
    ]
    content = {"list": partners, "object": {"data": partners}, "nested": {"code": 1, "data": {"list": partners}}}
    keys: dict[str, Any] = {
        "layout": "flow_json", "network": "amap", "direction": "out", "unit": "index", "destination": "name",
        "weight": "realIdx", "file_name": r"(?P<place>\d{6})_(?P<period>[\d-]+)", "top": 200,
    }  # fmt: skip
    reading = read(json.dumps(content[document], ensure_ascii=False), "110000_2021-03-01.json", **keys)
    assert flows(reading) == {(110000, 120000): 2.25, (110000, 140100): 0.5}
    assert codes(reading) == ["flow_item"]
    assert rows(reading) == (4, 2, 1, 1)
    assert not lists(reading)[110000]["censored"]
    assert reading.tables["flow"].to_pylist()[0]["period_first"] == "2021-03-01"
    wish = read(json.dumps(partners[:2]), "110000_2021-03-02.json", **(keys | {"weight": "willIdx"}))
    assert flows(wish)[110000, 120000] == 3.5
    assert codes(read("{", "110000_2021-03-03.json", **keys)) == ["unreadable"]
    assert codes(read('{"a": 1}', "110000_2021-03-04.json", **keys)) == ["flow_items"]


def test_a_scale_series_is_no_flow(read: Read) -> None:
    content = workbook(
        ("城市名称", "城市ID", "日期", "指数"),
        ("毕节地区", "520500", "20200102", 1.5),
        ("北京", "110000", "20200101", 6.25),
        ("吉林", "220000", "20200101", 1),
        ("北京", "110000", "20200102", -1),
        ("香港", "810000", "20200101", 1),
    )
    reading = read(
        content, "a.xlsx", layout="flow_scale", network="baidu", direction="in", unit="index", place="城市名称",
        place_code="城市ID", weight="指数", period_column="日期",
    )  # fmt: skip
    found = [(r["city_code"], r["period"], r["value"], r["row"]) for r in reading.tables["flow_scale"].to_pylist()]
    assert found == [(110000, "2020-01-01", 6.25, 3), (520500, "2020-01-02", 1.5, 2)]
    assert sorted(codes(reading)) == ["flow_code_mismatch", "flow_negative"]
    assert rows(reading) == (6, 2, 2, 2)
    assert "flow" not in reading.tables
