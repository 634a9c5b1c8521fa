"""Rows that hold no data, shifted rows and files cut off, in every reader."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.ingestion.conftest import PROVINCES, SHORT, codes, nbs_text, workbook_bytes
from tests.ingestion.small_panels import (
    FLOW,
    FLOWS,
    GDP,
    HEAD,
    LONG,
    PILOTS,
    ROWS,
    YEARS,
    Read,
    Rows,
    csv,
    mapping,
    panel,
    reason,
    xlsx,
)


@pytest.mark.parametrize(
    ("row", "place", "cell"),
    [
        ([None, None, "更多数据请关注公众号", None], 94, "C95"),
        ([None, None, None, "合计 12"], 94, "D95"),
        ([None, None, None, 99999], 94, "D95"),
        (["province", "year", "gdp", "population"], 1, "A2"),
        (["更多数据请关注公众号", None, None, None], 94, "A95"),
        (["新疆维", None, None, None], 94, "A95"),
        (["省份", "年份", "GDP", "人口"], 40, "A41"),
    ],
)
@pytest.mark.parametrize("write", [csv, xlsx])
def test_a_row_without_data_is_refused_alone(read: Read, row: list[Any], place: int, cell: str, write: Any) -> None:
    rows = panel()
    reading = read(write([*rows[:place], row, *rows[place:]]), "a.xlsx" if write is xlsx else "a.csv", **LONG, **GDP)
    assert codes(reading) == {"no_data_row"}
    [refused] = reading.rejected_row
    assert refused["row"] == place + 1 and f"cell {cell};" in refused["reason"].replace("：", ";").replace(": the", ";")
    assert reading.source_file["rows_loaded"] == 93


@pytest.mark.parametrize(("row", "cell"), [([None, None, None, "更多数据"], "D5"), (["city", "year", "g", "p"], "A5")])
def test_a_row_without_data_among_cities(read: Read, row: list[Any], cell: str) -> None:
    keys = {**LONG, "columns": {"人口": {"indicator": "resident_population", "unit": "万人"}}}
    reading = read(csv([*panel(["石家庄市"]), row]), panel={"entity_level": "city"}, other_columns="set_aside", **keys)
    assert codes(reading) == {"no_data_row"} and len(reading.observation) == 3
    assert f"cell {cell}" in reason(reading, "no_data_row")


def test_the_advice_for_a_row_without_data_works(read: Read) -> None:
    rows = [*panel(), [None, None, "更多 (数据) 请关注'公众号'", None]]
    told = reason(read(csv(rows), **LONG, **GDP), "no_data_row")
    pattern = told.split("set_aside_rows: ['")[1].split("']")[0].replace("''", "'")
    assert codes(read(csv(rows), "b.csv", set_aside_rows=[pattern], **LONG, **GDP)) == set()


def test_a_row_of_units_is_checked_against_the_declaration(read: Read) -> None:
    keys = {
        **LONG,
        "columns": {"GDP": {"indicator": "gdp"}, "人口": {"indicator": "resident_population", "unit": "万人"}},
    }
    rows = panel()
    reading = read(csv([HEAD, [None, None, "亿元", "（万人）"], *rows[1:]]), **keys)
    assert codes(reading) == set() and len(reading.observation) == 186, "a unit nobody declared is the one printed"
    assert reading.source_file["rows_set_aside"] == 2
    other = read(csv([HEAD, [None, None, "亿元", "人"], *rows[1:]]), "b.csv", **keys)
    assert codes(other) == {"contradicting_unit"} and "cell D2" in reason(other, "contradicting_unit")
    assert {r["indicator"] for r in other.observation} == {"gdp"}, "the other column loads"
    printed = [["省份", "年份", "GDP(亿元)", "人口"], [None, None, "万元", None], *rows[1:]]
    assert "several_units" in codes(
        read(csv(printed), "d.csv", **LONG, other_columns="set_aside", columns={"GDP(亿元)": {"indicator": "gdp"}})
    )


def test_a_row_that_may_be_another_header_refuses_the_table(read: Read) -> None:
    rows = panel()
    rows.insert(40, ["省份", "年份", "人口", "GDP"])
    reading = read(csv(rows), **LONG, **GDP)
    assert codes(reading) == {"second_header"} and not reading.observation
    assert "cell A41" in reason(reading, "second_header")


@pytest.mark.parametrize("text", ["更多数据请关注公众号,,", ",,更多数据请关注公众号", "新疆维,,"])
def test_a_row_without_data_in_other_tables(read: Read, text: str) -> None:
    export = nbs_text().split("注：")[0] + text + "\r\n"
    across = "\n".join(
        [
            ",".join(["年份", *PROVINCES]),
            *(",".join([str(y), *(f"{y}.{i}" for i in range(31))]) for y in YEARS),
            text + "," * 29,
        ]
    )
    for content, keys in ((export, {}), (across, {"indicator": "gdp", "unit": "亿元"})):
        reading = read(content, f"a{len(keys)}.csv", **keys)
        assert codes(reading) == {"no_data_row"}, reading.rejected_row[:3]
        assert reading.source_file["rows_rejected"] == 1


def test_a_row_without_data_in_a_yearbook_a_mapped_table_and_ordered_rows(read: Read) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes()))
    book.worksheets[0].cell(40, 3, "更多数据请关注公众号")
    stream = io.BytesIO()
    book.save(stream)
    yearbook = read(stream.getvalue(), "a.xlsx")
    assert codes(yearbook) == {"no_data_row"} and len(yearbook.observation) == 64
    mapped = read(csv([*ROWS, [None, None, None, "更多数据", None]]), **mapping())
    assert codes(mapped) == {"no_data_row"} and len(mapped.observation) == 186
    ordered: Rows = [
        list(YEARS),
        *([1500.5 + i, 2000, 3000] for i in range(30)),
        ["…", "…", "…"],
        ["更多数据", None, None],
    ]
    reading = read(csv(ordered), "c.csv", indicator="gdp", unit="亿元", panel={"entity_order": "code_order"})
    assert codes(reading) == {"no_data_row"} and reading.source_file["rows_loaded"] == 31


def test_a_misspelt_province_without_figures_is_told_beside_the_missing_one(read: Read) -> None:
    rows = [["地区", "2012年", "2013年"], *([name, 1.5 + i, 2.5] for i, name in enumerate(PROVINCES))]
    rows[5] = ["内蒙古区", "…", "…"]
    assert codes(read(csv(rows), indicator="gdp", unit="亿元")) == {"no_data_row", "missing_provinces"}


def test_rows_without_data_in_lists(read: Read) -> None:
    advert = [None, None, None, None, None, None, "更多数据请关注公众号", None, None]
    pilots = read(csv([PILOTS[0], PILOTS[0], *PILOTS[1:], advert]))
    assert codes(pilots) == {"no_data_row"} and len(pilots.pilot) == 3
    assert [record["row"] for record in pilots.rejected_row] == [2, 6]
    flows = read(csv([*FLOWS, [None, None, "人次"]]), "b.csv", layout="flow_edges", flow=FLOW)
    assert codes(flows) == {"flow_no_data"} and len(flows.tables["flow"]) == 3
    assert "C5: 人次" in reason(flows, "flow_no_data")


def test_rows_without_data_in_a_list_of_doctors(read: Read) -> None:
    head = "doctor_id,title,hospital_grade,city,province"
    doctor = f"{'a1' * 16},主任医师,三甲,石家庄市,河北省"
    content = "\n".join([head, head, doctor, "更多数据请关注我们,,,,"]).encode()
    reading = read(content, "doctors.csv")
    assert codes(reading) == {"doctor_row"} and len(reading.tables["doctor"]) == 1
    assert "公众" not in str(reading.rejected_row) and "关注" not in str(reading.rejected_row)
    named = "\n".join([head, doctor, "王小明,,,,"]).encode()
    assert "doctor_identifier" in codes(read(named, "doctors.csv"))


@pytest.mark.parametrize("cities", [False, True])
def test_a_panel_all_of_whose_rows_are_shifted_is_told_so(read: Read, cities: bool) -> None:
    names = ["石家庄市", "唐山市"] if cities else PROVINCES
    rows = panel(names)
    content = csv([rows[0], *([*row, "1", "2"][: 5 + n % 2] for n, row in enumerate(rows[1:]))])
    keys = {**LONG, **GDP, **({"panel": {"entity_level": "city"}} if cities else {})}
    assert codes(read(content, **keys)) == {"row_width"}


def test_a_province_in_shifted_rows_is_not_called_missing(read: Read) -> None:
    rows = [[*row, 7] if row[0] == "河北省" else row for row in panel()]
    reading = read(csv(rows), **LONG, **GDP)
    assert codes(reading) == {"row_width"} and not reading.observation


@pytest.mark.parametrize("cities", [False, True])
def test_a_panel_without_rows(read: Read, cities: bool) -> None:
    keys = {**LONG, **GDP, **({"panel": {"entity_level": "city"}} if cities else {})}
    assert codes(read(csv([HEAD]), **keys)) == {"no_rows"}


def test_a_declared_indicator_cut_off_is_missed(read: Read) -> None:
    columns = {"地区生产总值(亿元)": {"indicator": "gdp"}, "年末常住人口(万人)": {"indicator": "resident_population"}}
    assert codes(read(csv(ROWS), columns=columns)) == set()
    reading = read(csv(ROWS[:32]), "b.csv", columns=columns)
    assert codes(reading) == {"indicator_absent"}
    assert "年末常住人口" in reason(reading, "indicator_absent") and "31 rows" in reason(reading, "indicator_absent")
    assert codes(read(csv(ROWS[:40]), "c.csv")) == {"missing_provinces"}


def test_a_partner_that_names_no_header_of_the_end_in_the_file_s_name(read: Read) -> None:
    spec = {
        **FLOW, "direction": "out", "period": None, "file_name": "(?P<place>[^_]+)_(?P<period>[0-9]+)", "origin": None,
        "partner": {"file": "b.csv"},
    }  # fmt: skip
    rows = csv([["to", "n"], *([name, 5 + n] for n, name in enumerate(SHORT[1:20]))])
    read(rows, "b.csv", not_read="the partner")
    reading = read(rows, "北京_2020.csv", layout="flow_edges", flow=spec)
    assert codes(reading) == {"flow_partner_file"} and "flow_not_declared" in reason(reading, "flow_partner_file")


@pytest.mark.parametrize("rest", ["新疆维吾尔自治区,2015", '新疆维吾尔自治区,2015,"3,0', '"新疆维吾'])
def test_a_last_line_cut_off_is_refused_alone(read: Read, rest: str) -> None:
    reading = read(csv(panel()) + b"\n" + rest.encode(), **LONG, **GDP)
    assert codes(reading) <= {"row_width", "no_data_row", "not_a_number"} and len(reading.observation) == 93
    assert {record["row"] for record in reading.rejected_row} == {95}


def test_quotes_that_swallow_rows_are_no_cut_off_line(read: Read) -> None:
    lines = csv(panel()).decode().split("\n")
    lines[50] = '"' + lines[50]
    assert codes(read("\n".join(lines).encode(), **LONG, **GDP)) == {"unreadable"}
