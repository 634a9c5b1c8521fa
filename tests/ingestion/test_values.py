"""Codes, whole numbers, years and dates have one reading, in whatever layout and container they stand."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd
import pytest

from catalog import load_provinces
from ingestion import FileReading
from ingestion.readers.flows.meanings import parse_period
from ingestion.vocabulary.names import province_code
from ingestion.vocabulary.values import read_code, read_date, read_full_code, read_whole
from ingestion.vocabulary.years import parse_year_cell
from tests.ingestion.conftest import SHORT, codes

Read = Callable[..., FileReading]
WINDOWS = dt.date(1899, 12, 30)
CODES = [province.province_code for province in load_provinces()]


A_CODE = (
    "110000", "110000.0", "110000.00", "1.1e+05", "1.1E5", "11", "1100", "11.0", "110000000", "110000000000",
    "110000000000.0", "1.1e+11", "'110000", '="110000"', "110,000", "\uff11\uff11\uff10\uff10\uff10\uff10",
    "\u200b110000\u00a0", " 110000 ",
)  # fmt: skip
NO_CODE = (
    "", "北京", "1", "123", "12345", "1234567", "110000.5", "110101001", "110101001001", "1.10E+05", "1.10E+11",
    "-110000", "0.11e6", "1,1,0,000", "11 0000", "1e+20", "2013-01",
)  # fmt: skip


def test_every_way_a_program_writes_a_code_and_nothing_that_could_be_another_number() -> None:
    assert {text: read_code(text) for text in A_CODE} == dict.fromkeys(A_CODE, 110000)
    assert {text: province_code(text) for text in A_CODE} == dict.fromkeys(A_CODE, 110000)
    assert {text: read_code(text) for text in NO_CODE} == dict.fromkeys(NO_CODE)


def test_a_short_code_is_not_written_in_full() -> None:
    assert [read_full_code(text) for text in ("45", "4501", "450100", "4.501e+05")] == [None, None, 450100, 450100]
    assert read_code("5e+05") == 500000 and read_code("4501") == 450100


A_DAY = (
    "2013-01-29", "2013-1-29", "2013/1/29", "2013/01/29", "2013.1.29", "2013年1月29日", "2013 年 1 月 29 日",
    "20130129", "20130129.0", "2013-01-29 00:00:00", "2013-01-29T00:00", "\uff12013\uff0f1\uff0f29", "\ufeff2013/1/29",
)  # fmt: skip
NO_DAY = (
    "", "2013", "201301", "2013-1", "2013-1/29", "2013-02-30", "1/29/2013", "13-1-29", "41303", "2013-01-29 08:00",
    "1013-01-29",
)  # fmt: skip


def test_every_way_a_day_is_written_and_nothing_that_could_be_another() -> None:
    assert {text: read_date(text) for text in A_DAY} == dict.fromkeys(A_DAY, dt.date(2013, 1, 29))
    assert {(p.kind, p.label) for text in A_DAY if (p := parse_period(text))} == {("day", "2013-01-29")}
    assert {text: read_date(text) for text in NO_DAY} == dict.fromkeys(NO_DAY)


def test_days_of_workbooks_may_be_numbers_counted_from_their_own_epoch() -> None:
    assert read_date("41303", WINDOWS) == read_date("41303.0", WINDOWS) == dt.date(2013, 1, 29)
    assert read_date("39841", dt.date(1904, 1, 1)) == dt.date(2013, 1, 29)
    assert read_date("41303.5", WINDOWS) is None and read_date("12", WINDOWS) is None


def test_whole_numbers_and_years() -> None:
    assert [read_whole(text, 1, 9999) for text in ("3", "3.0", "1,200", "３", "3.5", "-1", "", "三")] == [
        3, 3, 1200, 3, None, None, None, None,
    ]  # fmt: skip
    assert {parse_year_cell(text) for text in ("2013", "2013.0", "2013年", "2013 年", "２０１３年", "2013\u200b")} == {
        2013
    }
    assert {parse_year_cell(text) for text in ("1948", "2101", "13", "2013-01", "201301", "")} == {None}


PILOT = "programme,batch,label_year,announced,province,prefecture,place,level,prefecture_code,county_code,status,source"


@pytest.mark.parametrize(
    ("batch", "year", "day", "code"),
    [
        ("1", "2012", "2013/1/29", "130100"),
        ("1.0", "2012.0", "20130129", "130100.0"),
        ("第一批", "2012年", "2013年1月29日", "130100000000"),
        ("1", "2012", "2013-1-29", "1301"),
    ],
)
def test_pilot_lists(read: Read, batch: str, year: str, day: str, code: str) -> None:
    reading = read(f"{PILOT}\nmohurd,{batch},{year},{day},河北省,,石家庄市,prefecture,{code},,new,x\n")
    assert codes(reading) == set()
    [pilot] = reading.pilot
    assert (pilot["batch"], pilot["label_year"], pilot["announced_on"], pilot["unit_code"]) == (
        1, 2012, dt.date(2013, 1, 29), 130100,
    )  # fmt: skip


def workbook(rows: list[list[Any]], since_1904: bool = False) -> bytes:
    book = openpyxl.Workbook()
    if since_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("serial", "since_1904"), [(41303, False), (39841, True)])
def test_a_pilot_list_with_days_as_numbers(read: Read, serial: int, since_1904: bool) -> None:
    row = ["mohurd", 1, 2012, serial, "河北省", None, "石家庄市", "prefecture", 130100, None, "new", "x"]
    reading = read(workbook([PILOT.split(","), row], since_1904), "pilots.xlsx")
    assert codes(reading) == set()
    assert reading.pilot[0]["announced_on"] == dt.date(2013, 1, 29)
    assert codes(read(f"{PILOT}\n{','.join(str(cell or '') for cell in row)}\n")) == {"pilot_field"}, (
        "a CSV has no epoch"
    )


DECLARED: dict[str, Any] = {
    "layout": "long_panel",
    "year_column": "年份",
    "columns": {"GDP": {"indicator": "gdp", "unit": "亿元"}},
}


@pytest.mark.parametrize("written", ["{}000000", "{}.0", "{}000000.0", "'{}"])
def test_a_panel_of_provinces_by_codes_alone(read: Read, written: str) -> None:
    rows = [f"{written.format(code)},2012.0,{1000 + n}" for n, code in enumerate(CODES)]
    reading = read("\n".join(["代码,年份,GDP", *rows]), entity_column="代码", **DECLARED)
    assert codes(reading) == set() and len(reading.observation) == 31


def test_a_code_column_of_a_stata_file_in_twelve_digits(read: Read) -> None:
    stream = io.BytesIO()
    frame = pd.DataFrame({"prov": SHORT, "code": [code * 1e6 for code in CODES], "年份": 2012, "GDP": 1000.5})
    frame.to_stata(stream, write_index=False, version=118)
    reading = read(stream.getvalue(), "a.dta", entity_column="prov", code_column="code", **DECLARED)
    assert codes(reading) == set() and len(reading.observation) == 31


def test_a_flow_table_and_a_dialect_table_with_codes_of_other_lengths(read: Read) -> None:
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index"}
    text = "o,d,w,day\n110000000000,130100.0,5,2020/1/15\n1301,1.1e+05,6,2020年1月15日\n"
    reading = read(text, layout="flow_edges", flow={**flow, "period_column": "day"})
    assert codes(reading) == set()
    edges = reading.tables["flow"].to_pydict()
    assert sorted(zip(edges["origin_code"], edges["destination_code"], strict=True)) == [
        (110000, 130100),
        (130100, 110000),
    ]
    dialect = read("代码,方言\n110000000000,官话\n440100.0,粤语\n")
    assert codes(dialect) == set()
    assert dialect.tables["place_dialect"]["city_code"].to_pylist() == [110000, 440100]


def test_days_of_a_workbook_of_flows_may_be_numbers(read: Read) -> None:
    flow = {"network": "n", "direction": "both", "origin": "o", "destination": "d", "weight": "w", "unit": "index",
            "period_column": "day"}  # fmt: skip
    content = workbook([["o", "d", "w", "day"], ["北京", "天津", 5, 43845], ["天津", "北京", 6, 43845]])
    reading = read(content, "a.xlsx", layout="flow_edges", flow=flow)
    assert codes(reading) == set()
    assert set(reading.tables["flow"]["period_first"].to_pylist()) == {"2020-01-15"}
