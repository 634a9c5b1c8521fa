"""Long panels, CSV and Stata: what loads, and each fault refused with its place."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from catalog import load_provinces
from ingestion import FileReading
from tests.ingestion.conftest import SHORT, codes

Read = Callable[..., FileReading]
CODES = [province.province_code for province in load_provinces()]
DECLARED: dict[str, Any] = {"layout": "long_panel", "entity_column": "省份", "year_column": "年份"}


def panel(
    header: str = "省份,年份,行政区划代码,总人口(万人),城镇人口(万人)",
    edit: Callable[[list[str]], object] | None = None,
) -> bytes:
    """Two years of all provinces; `edit` changes the lines (0 is the header) in place."""
    lines = [header]
    for i, (name, code) in enumerate(zip(SHORT, CODES, strict=True)):
        lines += [f"{name},{year},{code}.0,{1000 + i}.0,{500 + i}.25" for year in (2018, 2019)]
    if edit is not None:
        edit(lines)
    return ("\n".join(lines) + "\n").encode()


def replace(line: int, old: str, new: str) -> Callable[[list[str]], object]:
    def edit(lines: list[str]) -> None:
        assert old in lines[line]
        lines[line] = lines[line].replace(old, new)

    return edit


def test_loads_with_provenance(read: Read) -> None:
    reading = read(panel(), **DECLARED)
    assert codes(reading) == set()
    assert reading.source_file["layout"] == "long_panel"
    assert (reading.source_file["rows_read"], reading.source_file["rows_loaded"]) == (63, 62)
    assert len(reading.observation) == 124
    cells = {r["cell"]: r for r in reading.observation}
    urban = cells["E3"]
    assert (urban["entity_code"], urban["year"], urban["indicator"]) == (110000, 2019, "urban_population")
    assert (urban["raw"], urban["value"], urban["raw_unit"], urban["status"]) == ("500.25", 500.25, "万人", "reported")
    assert urban["header"] == "城镇人口(万人)"
    assert reading.absent == 0


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_any_encoding(read: Read, encoding: str) -> None:
    assert len(read(panel().decode().encode(encoding), **DECLARED).observation) == 124


def test_units_from_the_declaration_and_a_share_of_one(read: Read) -> None:
    columns = {
        "人数": {"indicator": "resident_population", "unit": "万人"},
        "城镇化率": {"indicator": "urban_share", "unit": "1"},
    }
    content = panel("省份,年份,代码,人数,城镇化率", lambda lines: [
        lines.__setitem__(i, ",".join([*lines[i].split(",")[:4], "0.8812492231199504"])) for i in range(1, 63)
    ])  # fmt: skip
    reading = read(content, columns=columns, **DECLARED)
    values = {r["value"] for r in reading.observation if r["indicator"] == "urban_share"}
    assert values == {88.12492231199504}
    assert len(reading.observation) == 124


def test_columns_of_unknown_meaning_are_refused_one_by_one_or_set_aside(read: Read) -> None:
    content = panel("省份,年份,代码,总人口(万人),户数")
    reading = read(content, **DECLARED)
    assert codes(reading) == {"unknown_indicator"}
    assert [(r["cell"], r["row"], r["raw"]) for r in reading.rejected_row] == [("E1", 1, "户数")]
    assert len(reading.observation) == 62
    assert codes(read(content, set_aside_columns=["户.*"], **DECLARED)) == set()
    columns = {"总人口(万人)": {"indicator": "resident_population"}}
    assert codes(read(content, columns=columns, other_columns="set_aside", **DECLARED)) == set()
    aside = read(panel(), columns=columns, other_columns="set_aside", **DECLARED)
    assert {r["indicator"] for r in aside.observation} == {"resident_population"}, "registered but not named"


@pytest.mark.parametrize(
    ("edit", "place", "found"),
    [
        (replace(1, "110000.0", "120000.0"), "C2", "120000.0"),
        (replace(3, "120000.0", ""), "C4", "120000"),
        (replace(3, "120000.0", "12000"), "C4", "12000"),
    ],
)
def test_a_code_that_contradicts_the_name_refuses_the_file(read: Read, edit: Any, place: str, found: str) -> None:
    reading = read(panel(edit=edit), **DECLARED)
    assert codes(reading) == {"contradicting_code"}
    assert not reading.observation
    [reason] = [r["reason"] for r in reading.rejected_row if r["code"] == "contradicting_code"]
    assert f"cell {place}" in reason
    assert found in reason
    assert "key: name" in reason
    assert len(read(panel(edit=edit), key="name", **DECLARED).observation) == 124


@pytest.mark.parametrize("code", ["11", "1100", "110000", "110000.0", "11.0"])
def test_codes_of_two_four_or_six_digits(read: Read, code: str) -> None:
    assert len(read(panel(edit=replace(1, "110000.0", code)), **DECLARED).observation) == 124


def test_a_declared_code_column_is_checked_too(read: Read) -> None:
    content = panel("省份,年份,编号,总人口(万人),城镇人口(万人)", replace(1, "110000.0", "7"))
    assert codes(read(content, code_column="编号", **DECLARED)) == {"contradicting_code"}
    assert codes(read(content, code_column="无此列", **DECLARED)) == {"column_missing"}


@pytest.mark.parametrize("year", ["2018.5", "", "年", "1900", "218"])
def test_a_cell_that_is_no_year_refuses_its_row(read: Read, year: str) -> None:
    reading = read(panel(edit=replace(1, "2018", year)), **DECLARED)
    assert codes(reading) == {"year_cell" if year else "empty_label"}
    assert [(r["row"], r["cell"]) for r in reading.rejected_row] == [(2, "")]
    assert "cell B2" in reading.rejected_row[0]["reason"]
    assert len(reading.observation) == 122
    assert reading.absent == 1


def test_years_as_floating_point_numbers(read: Read) -> None:
    assert len(read(panel(edit=replace(1, "2018", "2018.0")), **DECLARED).observation) == 124


def test_a_repeated_province_year_refuses_both_rows(read: Read) -> None:
    reading = read(panel(edit=replace(2, "2019", "2018")), **DECLARED)
    assert codes(reading) == {"repeated_province_year"}
    assert [r["row"] for r in reading.rejected_row] == [2, 3]
    assert "B3" in reading.rejected_row[0]["reason"]
    assert "B2" in reading.rejected_row[1]["reason"]
    assert 110000 not in {r["entity_code"] for r in reading.observation}
    assert reading.absent == 2


def test_an_absent_province_year_is_counted_and_an_absent_province_refuses_the_file(read: Read) -> None:
    one = read(panel(edit=lambda lines: lines.pop(5)), **DECLARED)
    assert (codes(one), one.absent, len(one.observation)) == (set(), 1, 122)

    def drop(lines: list[str]) -> None:
        del lines[5:7]

    both = read(panel(edit=drop), **DECLARED)
    assert codes(both) == {"missing_provinces"}
    assert "河北" in both.source_file["problem"]


def test_an_unknown_name_refuses_the_file_at_its_first_cell(read: Read) -> None:
    content = panel().decode().replace("吉林,", "吉林市,").encode()
    reading = read(content, **DECLARED)
    assert codes(reading) == {"unknown_province"}
    reasons = [r["reason"] for r in reading.rejected_row if r["code"] == "unknown_province"]
    assert len(reasons) == 1
    assert "cell A14" in reasons[0]


@pytest.mark.parametrize(
    "line", ["北京,2018,110000,1,000.0,500.25", "北京,2018,110000,1000.0", "北京,2018,110000,1000.0,"]
)
def test_a_shifted_row_is_refused(read: Read, line: str) -> None:
    reading = read(panel(edit=lambda lines: lines.__setitem__(1, line)), **DECLARED)
    expected = {"row_width"} if line.count(",") != 4 else set()
    assert codes(reading) == expected
    assert (2 in {r["row"] for r in reading.rejected_row}) == bool(expected)


def test_faulty_and_missing_cells_and_subtotals(read: Read) -> None:
    def edit(lines: list[str]) -> None:
        lines[1] = lines[1].replace("1000.0", "约1千")
        lines[2] = lines[2].replace("1000.0", "")
        lines += ["全国,2018,,140000.0,80000", "东部,2018,,50000,30000", "", "注：一,二"]

    reading = read(panel(edit=edit), **DECLARED)
    assert codes(reading) == {"not_a_number"}
    assert [r["cell"] for r in reading.missing_cell] == ["D3"]
    assert {r["cell"] for r in reading.observation if r["entity_level"] == "nation"} == {"D64", "E64"}
    assert reading.source_file["rows_set_aside"] == 4


def test_a_first_column_of_sources_is_no_note(read: Read) -> None:
    text = panel().decode().splitlines()
    content = "\n".join(["Source," + text[0], *(f"Source A,{line}" for line in text[1:])]).encode()
    reading = read(content, set_aside_columns=["Source"], **DECLARED)
    assert len(reading.observation) == 124


@pytest.mark.parametrize(
    ("header", "keys", "code"),
    [
        ("省份,年份,代码,总人口,城镇人口(万人)", {}, "no_unit"),
        ("省份,年份,代码,总人口(亿元),城镇人口(万人)", {}, "wrong_quantity"),
        ("省份,年份,代码,总人口(万人),常住人口(万人)", {}, "repeated_indicator"),
        ("省份,年份,代码,户数,家庭", {}, "unknown_indicator"),
        ("省份,年份,代码,总人口(万人),城镇人口(万人)", {"columns": {"人口": {"indicator": "gdp"}}}, "column_missing"),
        ("省份,年份,代码,总人口,x", {"columns": {"总人口": {"indicator": "gdp"}}}, "contradicting_indicator"),
        ("省份,年份,年份,总人口(万人),x", {}, "repeated_column"),
        ("地名,年份,代码,总人口(万人),x", {}, "column_missing"),
    ],
)  # fmt: skip
def test_wrong_columns(read: Read, header: str, keys: dict[str, Any], code: str) -> None:
    reading = read(panel(header), **{**DECLARED, **keys})
    assert code in codes(reading)
    assert reading.rejected_row[0]["reason"].startswith("a.csv")


def test_the_columns_must_be_declared(read: Read) -> None:
    reading = read(panel(), layout="long_panel")
    assert codes(reading) == {"panel_columns"}
    assert "entity_column" in str(reading.source_file["problem"])
    assert codes(read(panel())) == {"no_layout"}, "no header tells this layout, so it is never guessed"


def test_without_any_year(read: Read) -> None:
    content = panel().decode().replace(",2018,", ",x,").replace(",2019,", ",x,").encode()
    assert codes(read(content, **DECLARED)) == {"year_cell"}


def stata(version: int = 118, labelled: bool = False, **changes: Any) -> bytes:
    """The same panel as a Stata file; single-precision index, integer population."""
    rows = [
        (year, name, float(code // 10000)) for name, code in zip(SHORT, CODES, strict=True) for year in (2011, 2012)
    ]
    frame = pd.DataFrame(rows, columns=["year", "prov_name", "prov_code"]).astype({"year": "float64"})
    frame["index_aggregate"] = (np.arange(62) + 79.4).astype("float32")
    frame["pop"] = np.arange(62, dtype="int32") + 1000
    for name, values in changes.items():
        frame[name] = values
    if labelled:
        frame["prov_name"] = frame["prov_name"].astype("category")
    stream = io.BytesIO()
    frame.to_stata(stream, write_index=False, version=version)  # type: ignore[call-overload]
    return stream.getvalue()


STATA: dict[str, Any] = {
    "layout": "long_panel", "entity_column": "prov_name", "year_column": "year", "other_columns": "set_aside",
    "columns": {
        "index_aggregate": {"indicator": "digital_finance_index", "unit": "指数点"},
        "pop": {"indicator": "resident_population", "unit": "万人"},
    },
}  # fmt: skip


@pytest.mark.parametrize("labelled", [False, True])
def test_stata_loads_with_addresses_by_variable(read: Read, labelled: bool) -> None:
    reading = read(stata(labelled=labelled), "a.dta", **STATA)
    assert codes(reading) == set()
    assert reading.source_file["rows_read"] == reading.source_file["rows_loaded"] == 62
    cells = {r["cell"]: r for r in reading.observation}
    first = cells["1:index_aggregate"]
    assert (first["row"], first["sheet"], first["year"], first["entity_code"]) == (1, "", 2011, 110000)
    # Shortest text in the variable's own precision, not 79.4000015258789.
    assert (first["raw"], first["value"]) == ("79.4", 79.4)
    assert (cells["62:pop"]["raw"], cells["62:pop"]["value"]) == ("1061", 1061.0)


def test_stata_missing_values_and_wrong_codes(read: Read) -> None:
    values = np.arange(62) + 79.5
    values[3] = np.nan
    reading = read(stata(index_aggregate=values), "a.dta", **STATA)
    assert [r["cell"] for r in reading.missing_cell] == ["4:index_aggregate"]
    wrong = [46.0 if name == "广西" else code // 10000 for name, code in zip(SHORT, CODES, strict=True) for _ in (0, 1)]
    refused = read(stata(prov_code=wrong), "a.dta", **STATA)
    assert codes(refused) == {"contradicting_code"}
    assert "39:prov_code" in str(refused.source_file["problem"])


def test_stata_of_old_releases_in_gbk(read: Read) -> None:
    """Releases before 118 keep bytes of no declared encoding; these are GBK."""
    names = [name.encode("gbk").decode("latin-1") for name in SHORT for _ in (0, 1)]
    reading = read(stata(version=117, prov_name=names), "a.dta", **STATA)
    assert codes(reading) == set()
    assert reading.source_file["encoding"] == "gb18030"
    assert len(reading.observation) == 124


def test_damaged_stata_and_undeclared_stata(read: Read) -> None:
    assert codes(read(stata()[:3000], "a.dta", **STATA)) == {"unreadable"}
    assert codes(read(stata(), "a.dta")) == {"no_layout"}


def test_stata_headers_are_refused_by_variable(read: Read) -> None:
    reading = read(stata(), "a.dta", **{**STATA, "other_columns": "refuse", "columns": {}, "unit": "指数点"})
    assert {(r["row"], r["cell"], r["code"]) for r in reading.rejected_row} == {(0, "pop", "unknown_indicator")}
    assert len(reading.observation) == 62


NURSES = {"总人口(万人)": {"indicator": "resident_population"}, "注册护士": {"indicator": "nurses", "unit": "人"}}


def test_a_last_column_of_nurses_is_no_note(read: Read) -> None:
    reading = read(panel(header="省份,年份,行政区划代码,总人口(万人),注册护士"), **DECLARED, columns=NURSES)
    assert codes(reading) == set()
    assert sum(r["indicator"] == "nurses" for r in reading.observation) == 62


def test_a_last_column_named_like_a_note_is_a_column(read: Read) -> None:
    """数据来源 begins lines of sources, too; rows that fill it are not shifted."""
    text = panel(header="省份,年份,行政区划代码,总人口(万人),数据来源").decode()
    content = re.sub(r",\d+\.25$", ",统计年鉴", text, flags=re.MULTILINE).encode()
    reading = read(content, **DECLARED, set_aside_columns=["数据来源"])
    assert codes(reading) == set() and reading.source_file["rows_loaded"] == 62
