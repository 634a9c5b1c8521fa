"""Mapping files: layouts no code knows, read by a declaration alone, and every contradiction refused with its key."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import yaml

from catalog import load_sources
from catalog.base import CatalogError
from catalog.declarations.mapping import bundled_layouts
from ingestion import FileReading
from tests.ingestion.conftest import SHORT, codes, workbook_bytes

Read = Callable[..., FileReading]
GDP = {"indicator": "gdp", "unit": "亿元"}
PEOPLE = {"indicator": "resident_population", "unit": "万人"}


def mapping(*tables: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {"layout": "mapped", "mapping": {"name": "m.yaml", "tables": tables, **keys}}


def csv(*rows: Sequence[Any]) -> str:
    return "\n".join(",".join(str(cell) for cell in row) for row in rows) + "\n"


def book(*rows: Sequence[Any], merge: tuple[str, ...] = ()) -> bytes:
    workbook = openpyxl.Workbook()
    sheet: Any = workbook.active
    for row in rows:
        sheet.append(row)
    for area in merge:
        sheet.merge_cells(area)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def values(reading: FileReading, code: int = 110000) -> dict[tuple[int, str], float]:
    return {(r["year"], r["indicator"]): r["value"] for r in reading.observation if r["entity_code"] == code}


def test_regions_down_and_years_across(read: Read) -> None:
    rows = [[name, 1000 + i, 2000 + i] for i, name in enumerate(SHORT)]
    table = {"regions": {"down": "地区"}, "years": {"across": r"(\d{4})年?"}, "columns": [GDP]}
    reading = read(csv(["地区", "2018年", "2019年"], *rows), **mapping(table))
    assert codes(reading) == set()
    assert values(reading) == {(2018, "gdp"): 1000.0, (2019, "gdp"): 2000.0}
    assert (reading.source_file["layout"], reading.source_file["rows_loaded"]) == ("mapped", 31)
    assert reading.observation[0]["header"] == "2018年"


def test_a_transposed_table_indicators_down_regions_across(read: Read) -> None:
    rows = [["指标", *SHORT], ["生产总值", *range(1000, 1031)], ["人口", *range(500, 531)], ["户数", *range(31)]]
    table = {
        "title": r"\d{4}年分地区主要指标",
        "regions": {"across": "(.+)"},
        "years": {"title": r"(\d{4})年"},
        "indicators": {"down": "指标"},
        "columns": [{"header": "生产总值", **GDP}, {"header": "人口", **PEOPLE}],
        "set_aside_rows": ["户数"],
    }
    reading = read(csv(["2019年分地区主要指标"], *rows), **mapping(table))
    assert codes(reading) == set()
    assert values(reading, 650000) == {(2019, "gdp"): 1030.0, (2019, "resident_population"): 530.0}
    source = reading.source_file
    assert (source["rows_read"], source["rows_loaded"], source["rows_set_aside"]) == (5, 2, 3)


TWO = (
    {
        "title": "表1",
        "regions": {"down": "地区"},
        "years": {"title": r"(\d{4})年"},
        "columns": [{"header": "总值", **GDP}],
    },
    {
        "title": "表2",
        "regions": {"down": 1},
        "years": {"title": r"(\d{4})年"},
        "columns": [{"header": "人口.*", "indicator": "resident_population"}],
    },
)


def two_tables() -> list[list[Any]]:
    return [
        ["表1 地区生产总值 2018年"],
        ["地区", "总值"],
        *[[name, 1000 + i] for i, name in enumerate(SHORT)],
        ["注：按当年价格计算。"],
        [],
        ["表2 人口 2019年"],
        ["单位：万人"],
        ["地区", "人口数"],
        *[[name, 500 + i] for i, name in enumerate(SHORT)],
    ]


@pytest.mark.parametrize("make", [lambda rows: csv(*rows), lambda rows: book(*rows)])
def test_two_tables_on_one_sheet(read: Read, make: Any) -> None:
    content = make(two_tables())
    reading = read(content, "a.xlsx" if isinstance(content, bytes) else "a.csv", **mapping(*TWO))
    assert codes(reading) == set()
    assert values(reading) == {(2018, "gdp"): 1000.0, (2019, "resident_population"): 500.0}
    assert {r["raw_unit"] for r in reading.observation} == {"亿元", "万人"}, "the unit line of the second table"


def test_a_wrong_table_does_not_take_the_other_with_it(read: Read) -> None:
    rows = two_tables()
    rows[5] = ["某地", 1]
    reading = read(csv(*rows), **mapping(*TWO))
    assert codes(reading) == {"unknown_province"}
    assert {r["indicator"] for r in reading.observation} == {"resident_population"}
    assert "cell A6" in str(reading.source_file["problem"])


def test_one_title_several_times_each_with_its_year(read: Read) -> None:
    rows: list[list[Any]] = []
    for year in (2018, 2019):
        rows += [[f"各地区生产总值 {year}年"], ["地区", "总值"], *[[n, year + i] for i, n in enumerate(SHORT)], []]
    table = {**TWO[0], "title": "各地区生产总值"}
    assert codes(read(csv(*rows), **mapping(table))) == {"mapping_title_twice"}
    reading = read(csv(*rows), **mapping({**table, "several": True}))
    assert values(reading) == {(2018, "gdp"): 2018.0, (2019, "gdp"): 2019.0}


def test_years_and_indicators_in_the_header_of_a_wide_panel(read: Read) -> None:
    header = ["prov", "gdp2011", "gdp2012", "pop2011", "pop2012", "id"]
    rows = [[name, 1000 + i, 1100 + i, 500 + i, 600 + i, i] for i, name in enumerate(SHORT)]
    table = {
        "regions": {"down": "prov"},
        "years": {"across": r"[a-z]+(\d{4})"},
        "columns": [{"header": r"gdp\d+", **GDP}, {"header": r"pop\d+", **PEOPLE}],
        "set_aside_columns": ["id"],
    }
    reading = read(csv(header, *rows), **mapping(table))
    assert values(reading) == {
        (2011, "gdp"): 1000.0,
        (2012, "gdp"): 1100.0,
        (2011, "resident_population"): 500.0,
        (2012, "resident_population"): 600.0,
    }


def test_years_down_and_regions_across_above_indicators(read: Read) -> None:
    groups = [cell for name in SHORT for cell in (name, None)]
    rows: list[list[Any]] = [[None, *groups], ["年份", *["总值", "人口"] * 31]]
    rows += [[year, *[year - 1000, year - 1500] * 31] for year in (2018, 2019)]
    merge = tuple(f"{openpyxl.utils.get_column_letter(2 + 2 * i)}1:{openpyxl.utils.get_column_letter(3 + 2 * i)}1"
                  for i in range(31))  # fmt: skip
    table = {
        "header": {"start": "北京", "rows": 2},
        "regions": {"across": r"(.+) \| .+"},
        "years": {"down": "年份"},
        "columns": [{"header": r".+ \| 总值", **GDP}, {"header": r".+ \| 人口", **PEOPLE}],
    }
    reading = read(book(*rows, merge=merge), "a.xlsx", **mapping(table))
    assert codes(reading) == set()
    assert values(reading, 650000)[2019, "resident_population"] == 519.0
    # The same without merged cells: the groups go on to the right where the mapping says so.
    filled = {**table, "header": {"start": "北京", "rows": 2, "fill_right": True}}
    plain = read(csv(*[[cell if cell is not None else "" for cell in row] for row in rows]), **mapping(filled))
    assert values(plain, 650000) == values(reading, 650000)


def test_one_region_a_file_named_in_the_title(read: Read) -> None:
    table = {
        "title": "地区：",
        "regions": {"title": "地区：(.+)"},
        "years": {"across": r"(\d{4})年"},
        "indicators": {"down": "指标"},
        "columns": [{"header": "总值", **GDP}],
    }
    reading = read(csv(["地区：北京市"], ["指标", "2019年", "2018年"], ["总值", 1900, 1800]), **mapping(table))
    assert values(reading) == {(2019, "gdp"): 1900.0, (2018, "gdp"): 1800.0}


def test_one_mapping_serves_every_edition_by_start_and_end_years(read: Read) -> None:
    table = {
        "regions": {"down": 1},
        "years": {"entry": True},
        "columns": [
            {"header": "支出合计", "indicator": "budget_expenditure", "unit": "亿元", "first": 2007, "last": 2010},
            {"header": "支出总计", "indicator": "budget_expenditure", "unit": "万元", "first": 2011},
        ],
    }

    def edition(year: int, header: str) -> FileReading:
        rows = [[name, 1000000 if year > 2010 else 100] for name in SHORT]
        return read(csv(["地区", header], *rows), f"{year}.csv", **mapping(table), year=year)

    assert values(edition(2009, "支出合计")) == {(2009, "budget_expenditure"): 100.0}
    assert values(edition(2012, "支出总计")) == {(2012, "budget_expenditure"): 100.0}
    late = edition(2012, "支出合计")
    assert codes(late) == {"mapping_years"}
    assert "m.yaml: tables[0].columns[0]: 2007-2010" in str(late.source_file["problem"])
    assert "cell B1" in str(late.source_file["problem"])


def test_years_down_outside_a_rule_may_be_empty_only(read: Read) -> None:
    table = {
        "regions": {"down": 1},
        "years": {"down": "年份"},
        "columns": [{"header": "总值", **GDP, "first": 2019}],
    }

    def rows(early: str) -> str:
        lines = [[name, year, early if year == 2018 else 1000] for name in SHORT for year in (2018, 2019)]
        return csv(["地区", "年份", "总值"], *lines)

    assert values(read(rows(""), **mapping(table))) == {(2019, "gdp"): 1000.0}
    assert codes(read(rows("900"), **mapping(table))) == {"mapping_years"}


def test_cities_by_a_mapping(read: Read) -> None:
    table = {
        "regions": {"down": "市"},
        "years": {"across": r"(\d{4})"},
        "columns": [{"indicator": "digital_finance_index", "unit": "指数点"}],
    }
    reading = read(
        csv(["市", 2012, 2017], ["襄樊", 100, 110], ["北京", 120, 130]), **mapping(table, entity_level="city")
    )
    assert values(reading, 420600) == {(2012, "digital_finance_index"): 100.0, (2017, "digital_finance_index"): 110.0}
    assert {r["entity_level"] for r in reading.observation} == {"city"}


DOWN: dict[str, Any] = {"regions": {"down": "地区"}, "years": {"across": r"(\d{4})年"}, "columns": [GDP]}
ROWS = [[name, 1000 + i, 2000 + i] for i, name in enumerate(SHORT)]
HEAD = ["地区", "2018年", "2019年"]


@pytest.mark.parametrize(
    ("header", "table", "code", "found"),
    [
        (["省份", "2018年", "2019年"], DOWN, "mapping_header_missing", "m.yaml: tables[0].regions.down: 地区"),
        (["地区", "2018年", "合计"], DOWN, "mapping_unread", "cell C1"),
        (["地区", "2018年", "2018年"], DOWN, "mapping_repeated", "B2, C2"),
        (["地区", "1018年", "2019年"], DOWN, "mapping_year", "1018"),
        (HEAD, {**DOWN, "title": "表9"}, "mapping_no_title", "m.yaml: tables[0].title: 表9"),
        (HEAD, {**DOWN, "sheet": "某表"}, "mapping_no_table", "m.yaml: tables.sheet"),
        (HEAD, {**DOWN, "header": {"start": "区域"}}, "mapping_no_header", "header.start: 区域"),
        (HEAD, {**DOWN, "years": {"entry": True}}, "mapping_no_year", "years.entry"),
        (HEAD, {**DOWN, "columns": [{"header": "201.年", **GDP, "last": 2018}]}, "mapping_years", "cell C1"),
        (HEAD, {**DOWN, "columns": [GDP, {"header": "2018年", **PEOPLE}]}, "mapping_ambiguous", "columns[1]"),
        (HEAD, {**DOWN, "columns": [{"header": "2018年", **GDP}]}, "mapping_unmatched", "2019年"),
        (
            HEAD,
            {**DOWN, "columns": [{"header": ".*年", **GDP}, {"header": "人口", **PEOPLE}]},
            "mapping_header_missing",
            "columns[1].header: 人口",
        ),
        (
            ["地区", "2018年(万元)", "2019年(万元)"],
            {**DOWN, "years": {"across": "(.*)年.*"}},
            "contradicting_unit",
            "columns[0].unit",
        ),
        (HEAD, {**DOWN, "columns": [{"indicator": "gdp"}]}, "no_unit", "B1"),
    ],
)  # fmt: skip
def test_a_file_that_contradicts_its_mapping_is_refused_with_the_key(
    read: Read, header: list[str], table: dict[str, Any], code: str, found: str
) -> None:
    reading = read(csv(header, *ROWS), **mapping(table))
    assert codes(reading) == {code}
    assert found in str(reading.source_file["problem"])
    assert not reading.observation


def test_a_registered_name_of_another_indicator_is_refused(read: Read) -> None:
    table = {"regions": {"down": 1}, "years": {"entry": True}, "columns": [{"header": "常住人口", **GDP}]}
    reading = read(csv(["地区", "常住人口"], *[row[:2] for row in ROWS]), **mapping(table), year=2019)
    assert codes(reading) == {"mapping_other_indicator"}


def test_the_years_of_registered_names_hold_in_mappings_too(read: Read) -> None:
    table = {"regions": {"down": 1}, "years": {"entry": True}, "columns": [{"header": "年末人口数", **PEOPLE}]}
    reading = read(csv(["地区", "年末人口数"], *[row[:2] for row in ROWS]), **mapping(table), year=2019)
    assert codes(reading) == {"outdated_name"}


def test_provinces_left_out_unknown_regions_and_shifted_rows(read: Read) -> None:
    assert codes(read(csv(HEAD, *ROWS[:-1]), **mapping(DOWN))) == {"missing_provinces"}
    assert len(read(csv(HEAD, *ROWS[:-1]), **mapping({**DOWN, "all_provinces": False})).observation) == 60
    assert codes(read(csv(HEAD, *ROWS, ["某省", 1, 2]), **mapping(DOWN))) == {"unknown_province"}
    shifted = read(csv(HEAD, *ROWS[:-1], [*ROWS[-1], ""], ["全国", 9000, 9000]), **mapping(DOWN))
    assert codes(shifted) == {"row_width"}, "the cause, not that 新疆 is missing"


def test_a_table_the_file_lacks_is_reported_unless_it_is_optional(read: Read) -> None:
    rows = two_tables()[:34]
    reading = read(csv(*rows), **mapping(*TWO))
    assert codes(reading) == {"mapping_no_title"}
    assert "m.yaml: tables[1].title: 表2" in str(reading.source_file["problem"])
    assert {r["indicator"] for r in reading.observation} == {"gdp"}
    assert codes(read(csv(*rows), **mapping(TWO[0], {**TWO[1], "optional": True}))) == set()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, {"outpatient_visits", "emergency_mortality_rate"}),
        (
            {
                "title": "9-1-2 各地区孕产妇保健情况 (2019年)",
                "groups": ("", ""),
                "leaves": ("系统管理率(%)", "产前检查率(%)"),
                "unit_line": "",
            },
            {"maternal_management_rate", "prenatal_examination_rate"},
        ),
        (
            {
                "title": "9-1-3 各地区儿童保健情况 (2019年)",
                "groups": ("", "3岁以下儿童"),
                "leaves": ("新生儿访视率(%)", "系统管理率(%)"),
                "unit_line": "",
            },
            {"newborn_visit_rate", "child_management_rate"},
        ),
    ],
)
def test_the_bundled_mapping_reads_what_the_reader_of_yearbooks_reads(
    tmp_path: Path, read: Read, keys: dict[str, Any], expected: set[str]
) -> None:
    bundled = load_sources(entry(tmp_path, "health_yearbook.yaml"))[0].files[0].mapping
    content = workbook_bytes(**keys)
    by_mapping = read(content, "b.xlsx", layout="mapped", mapping=bundled)
    assert codes(by_mapping) == set()
    assert {r["indicator"] for r in by_mapping.observation} == expected
    by_reader = read(content, "b.xlsx")

    def figures(reading: FileReading) -> list[tuple[Any, ...]]:
        names = ("cell", "entity_code", "year", "indicator", "raw_unit", "value")
        return sorted(tuple(record[name] for name in names) for record in reading.observation)

    assert figures(by_mapping) == figures(by_reader)


def test_the_bundled_mapping_leaves_tables_of_some_institutions_alone(tmp_path: Path, read: Read) -> None:
    bundled = load_sources(entry(tmp_path, "health_yearbook.yaml"))[0].files[0].mapping
    content = workbook_bytes(title="8-3 各地区民营医院门诊服务情况 (2023年)")
    assert codes(read(content, "b.xlsx", layout="mapped", mapping=bundled)) == {"mapping_no_title"}
    narrowed = workbook_bytes(groups=("乡镇卫生院", "乡镇卫生院"))
    assert codes(read(narrowed, "b.xlsx", layout="mapped", mapping=bundled)) == {"mapping_no_figures"}


@pytest.mark.parametrize("years", ["2010-2023年", "2010年-2023年", "2010 — 2023年", "2010至2023年", "2010年～2023 年"])
def test_the_bundled_mapping_takes_no_year_from_a_range(tmp_path: Path, read: Read, years: str) -> None:
    bundled = load_sources(entry(tmp_path, "health_yearbook.yaml"))[0].files[0].mapping
    content = workbook_bytes(title=f"8-2-1 {years}各地区门诊服务情况")
    assert codes(read(content, "b.xlsx", layout="mapped", mapping=bundled)) == {"mapping_unread"}


def test_the_title_must_name_one_year(read: Read) -> None:
    table = {**TWO[0], "title": "生产总值"}
    rows = [["生产总值 2018年、2019年"], ["地区", "总值"], *[row[:2] for row in ROWS]]
    assert codes(read(csv(*rows), **mapping(table))) == {"mapping_unread"}
    fine = [["生产总值 2018年"], ["地区", "总值"], *[row[:2] for row in ROWS]]
    assert codes(read(csv(*fine), **mapping(table), year=2019)) == {"contradicting_year"}


@pytest.mark.parametrize(
    "table",
    [
        {**DOWN, "regions": {"entry": True}},
        {**DOWN, "years": {"across": r"\d{4}"}},
        {**DOWN, "years": {"across": r"(\d{4})", "entry": True}},
        {**DOWN, "years": {}},
        {**DOWN, "columns": []},
        {**DOWN, "columns": [{"indicator": "gdp_per_capita"}]},
        {**DOWN, "columns": [{"indicator": "gdp", "unit": "万人"}]},
        {**DOWN, "columns": [{"indicator": "gdp", "unit": "箩"}]},
        {**DOWN, "columns": [{"indicator": "gdp", "header": "("}]},
        {**DOWN, "columns": [{**GDP, "first": 2019, "last": 2018}]},
        {**DOWN, "several": True},
        {**DOWN, "indicators": {"across": "(.*)"}},
        {**DOWN, "colums": []},
    ],
)
def test_a_mapping_that_cannot_be_right_is_an_error_of_the_declaration(read: Read, table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="tables"):
        read(csv(HEAD, *ROWS), **mapping(table))


def entry(folder: Path, name: str) -> Path:
    path = folder / "sources.yaml"
    data = {
        "data_kind": "synthetic",
        "studies": [],
        "vintages": ["v"],
        "files": [
            {
                "match": "*.csv",
                "vintage": "v",
                "publisher": "p",
                "licence": "l",
                "accessed": "2026-01-01",
                "mapping": name,
            }
        ],
    }
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def test_a_mapping_is_a_file_beside_sources_yaml(tmp_path: Path) -> None:
    (tmp_path / "wide.yaml").write_text(yaml.safe_dump({"tables": [DOWN]}, allow_unicode=True), encoding="utf-8")
    source = load_sources(entry(tmp_path, "wide.yaml"))[0].files[0]
    assert source.mapping is not None
    assert (source.layout, source.mapping.name) == ("mapped", "wide.yaml")
    assert source.mapping.tables[0].columns[0].indicator == "gdp"
    with pytest.raises(CatalogError, match=r"absent\.yaml.*bundled: "):
        load_sources(entry(tmp_path, "absent.yaml"))


@pytest.mark.parametrize("path", bundled_layouts(), ids=lambda path: path.stem)
def test_every_bundled_mapping_is_valid(tmp_path: Path, path: Path) -> None:
    mapped = load_sources(entry(tmp_path, path.name))[0].files[0].mapping
    assert mapped is not None
    assert mapped.note, "says which publications it is for"


def test_a_wide_panel_of_stata_variables(tmp_path: Path, read: Read) -> None:
    data = pd.DataFrame({"prov": SHORT, "gdp2011": [1000.5 + i for i in range(31)], "gdp2012": [1100.0] * 31})
    data.to_stata(tmp_path / "made.dta", write_index=False, version=118)
    table = {"regions": {"down": "prov"}, "years": {"across": r"gdp(\d{4})"}, "columns": [GDP]}
    reading = read((tmp_path / "made.dta").read_bytes(), "a.dta", **mapping(table))
    assert codes(reading) == set()
    assert values(reading) == {(2011, "gdp"): 1000.5, (2012, "gdp"): 1100.0}
    assert {r["cell"] for r in reading.observation if r["entity_code"] == 110000} == {"1:gdp2011", "1:gdp2012"}
    wrong = {**table, "years": {"across": r"pop(\d{4})"}}
    refused = read((tmp_path / "made.dta").read_bytes(), "a.dta", **mapping(wrong))
    assert codes(refused) == {"mapping_unread"}
    assert "cell gdp2011" in str(refused.source_file["problem"])


def test_a_table_of_a_document(read: Read) -> None:
    rows = "".join(f"<tr><td>{name}</td><td>{90 + i / 10}</td></tr>" for i, name in enumerate(SHORT))
    html = f"<html><table><tr><th>地区</th><th>2019年</th></tr>{rows}</table></html>"
    table = {**DOWN, "columns": [{"indicator": "child_management_rate", "unit": "%"}]}
    reading = read(html.encode(), "a.html", tables=[1], **mapping(table))
    assert codes(reading) == set()
    assert values(reading) == {(2019, "child_management_rate"): 90.0}
    assert reading.observation[0]["cell"] == "1:2:2"
