"""Valid files of each layout, as tables of texts and how they are written; no two figures of a table are equal.

Belongs here: what is valid. Does not belong here: spoiling it (mutations.py), judging what becomes of it (oracle.py).
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import openpyxl
import pandas as pd

from catalog import load_provinces
from tests.ingestion.biff import xls_bytes

NAMES = [province.name_zh for province in load_provinces()]
SHORT = [province.short_zh for province in load_provinces()]
CODES = [str(province.province_code) for province in load_provinces()]
YEARS = (2014, 2013, 2012)
_NOTES = [["注：本表按当年价格计算。"], ["数据来源：国家统计局"]]

Area = tuple[int, int, int, int]  # first row, last row, first column, last column, from 0


@dataclass(frozen=True)
class Table:
    """A file before it is written.

    rows    texts by row, of any length
    head    the row of the header, and `figures`: the rows of figures, first and last + 1; from 0
    left    the first column of figures, from 0
    write   makes bytes of the table; `merged` and `encoding` are for it alone
    units   (row, column) of the texts that print a unit; in the declaration it stands under `unit`
    lines   how many lines stand above all figures, those of totals too
    """

    layout: str
    suffix: str
    rows: list[list[str]]
    head: int
    figures: tuple[int, int]
    write: Callable[[Table], bytes]
    left: int = 1
    keys: dict[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8"
    merged: tuple[Area, ...] = ()
    units: tuple[tuple[int, int], ...] = ()
    lines: int = 0

    def copy(self) -> Table:
        """A table that can be changed."""
        return replace(self, rows=[list(row) for row in self.rows], keys=dict(self.keys))


def as_csv(table: Table) -> bytes:
    """Comma-separated text."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(table.rows)
    return stream.getvalue().encode(table.encoding)


def as_tabbed_csv(table: Table) -> bytes:
    """The exports since 2026: a TAB before each comma, none in the lines of the preamble."""
    stream = io.StringIO(newline="")
    lines = [[f"{text}\t" for text in row] if len(row) > 1 else row for row in table.rows]
    csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue().encode(table.encoding)


def _value(text: str) -> Any:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def as_xlsx(table: Table) -> bytes:
    """A workbook of one sheet; numbers are numbers. An office program keeps only the first cell of a merged area."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "8-2-1"
    for r, row in enumerate(table.rows, start=1):
        for c, text in enumerate(row, start=1):
            if text:
                sheet.cell(r, c, _value(text))
    for top, bottom, left, right in table.merged:
        sheet.merge_cells(start_row=top + 1, end_row=bottom + 1, start_column=left + 1, end_column=right + 1)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_xls(table: Table) -> bytes:
    """An old workbook."""
    width = max(map(len, table.rows))
    rows: list[list[object]] = [[_value(text) for text in row + [""] * (width - len(row))] for row in table.rows]
    return xls_bytes(rows, merged=list(table.merged))


def as_stata(table: Table) -> bytes:
    """A Stata file; figures that are no numbers make a variable of texts. The first row names the variables."""
    header, *rows = table.rows
    width = len(header)
    frame = pd.DataFrame([(row + [""] * width)[:width] for row in rows], columns=header, dtype=object)
    for name in frame.columns[1:] if frame.columns.is_unique else ():
        try:
            frame[name] = pd.to_numeric(frame[name])
        except ValueError:
            frame[name] = frame[name].astype(str)
    stream = io.BytesIO()
    frame.to_stata(stream, write_index=False, version=118)
    return stream.getvalue()


def as_html(table: Table) -> bytes:
    """A document with one table; merged areas become spans."""
    spans: dict[tuple[int, int], str] = {}
    covered: set[tuple[int, int]] = set()
    for top, bottom, left, right in table.merged:
        spans[top, left] = f' rowspan="{bottom - top + 1}" colspan="{right - left + 1}"'
        covered |= {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)} - {(top, left)}
    lines = []
    for r, row in enumerate(table.rows):
        shown = [(c, text) for c, text in enumerate(row) if (r, c) not in covered]
        cells = [f"<td{spans.get((r, c), '')}>{html.escape(text)}</td>" for c, text in shown]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<html><body><p>表1</p><table>{''.join(lines)}</table></body></html>".encode(table.encoding)


def figure(i: int, j: int) -> str:
    """The figure of the i-th province in the j-th year or column; all differ."""
    return f"{1000 + 37 * i + 11 * j}.5"


def _figures(years: int) -> list[list[str]]:
    return [[name, *(figure(i, j) for j in range(years))] for i, name in enumerate(NAMES)]


def _years() -> list[str]:
    return [f"{year}年" for year in YEARS]


def nbs(write: Callable[[Table], bytes] = as_csv, suffix: str = "csv") -> Table:
    """An export that names its indicator."""
    head = [["数据库：分省年度数据"], ["指标：地区生产总值(亿元)"], ["时间：2012-2014"], ["地区", *_years()]]
    rows = [*head, *_figures(3), *_NOTES]
    return Table("export", suffix, rows, 3, (4, 35), write, encoding="gb18030", units=((1, 0),))


def nbs_2026() -> Table:
    """An export since 2026, with the newest year still empty."""
    head = [["数据库：分省年度数据"], ["时间：2012年-2015年"], ["地区", "2015年", *_years()]]
    rows = [*head, *([name, "", *texts] for name, *texts in _figures(3)), *_NOTES]
    keys = {"indicator": "gdp", "unit": "亿元"}
    return Table("export since 2026", "csv", rows, 2, (3, 34), as_tabbed_csv, keys=keys, encoding="utf-8-sig")


def nbs_oldest_first() -> Table:
    """An export with the oldest year first and the newest, on the right, still empty."""
    head = [
        ["数据库：分省年度数据"],
        ["指标：地区生产总值(亿元)"],
        ["时间：2012-2015"],
        ["地区", *_years()[::-1], "2015年"],
    ]
    rows = [*head, *([name, *texts[::-1], ""] for name, *texts in _figures(3)), *_NOTES]
    return Table("export, oldest first", "csv", rows, 3, (4, 35), as_csv, encoding="gb18030", units=((1, 0),))


def nbs_cut() -> Table:
    """An export without its preamble."""
    rows = [["地区", *_years()], *_figures(3), *_NOTES]
    keys = {"indicator": "gdp", "unit": "亿元"}
    return Table("export without preamble", "csv", rows, 0, (1, 32), as_csv, keys=keys)


def nbs_transposed() -> Table:
    """An export with years down."""
    body = [[f"{year}年", *(figure(i, j) for i in range(len(NAMES)))] for j, year in enumerate(YEARS)]
    head = [["数据库：分省年度数据"], ["指标：地区生产总值(亿元)"], ["时间：2012-2014"], ["时间", *NAMES]]
    return Table("export, transposed", "csv", [*head, *body, *_NOTES], 3, (4, 7), as_csv, units=((1, 0),))


def nbs_region() -> Table:
    """An export of one region with many indicators."""
    body = [["地区生产总值(亿元)"], ["年末常住人口(万人)"], ["地方财政一般公共预算支出(亿元)"]]
    body = [[*row, *(figure(i, j) for j in range(3))] for i, row in enumerate(body)]
    head = [["数据库：分省年度数据"], ["地区：北京市"], ["时间：2012-2014"], ["指标", *_years()]]
    units = ((4, 0), (5, 0), (6, 0))
    return Table("export of one region", "csv", [*head, *body, *_NOTES], 3, (4, 7), as_csv, units=units)


def yearbook() -> Table:
    """A yearbook table with merged bilingual headers, spaced names and subtotals."""
    spaced = [name if len(name) > 2 else "  ".join(name) for name in SHORT]
    rows = [
        ["8-2-1 各地区门诊服务情况 (2013年)"],
        ["Outpatient Services by Region"],
        ["", "", "", "单位：万人次"],
        ["地区\nRegion", "医疗服务", "", ""],
        ["", "诊疗人次数", "急诊病死率(%)", "产前检查率(%)"],
        ["", "Visits", "Fatality", "Examined"],
        ["总　计", "41000.5", "0.9", "95.5"],
        ["东  部", "20000.5", "0.8", "96.5"],
        *([name, figure(i, 0), f"{0.1 + i / 100:.3f}", f"{60 + i}.5"] for i, name in enumerate(spaced)),
        ["注：①含村卫生室。"],
    ]
    merged = ((3, 5, 0, 0), (3, 3, 1, 3))
    keys = {"neutral_groups": ["医疗服务"]}
    units = ((2, 3), (4, 2), (4, 3))
    return Table("yearbook", "xlsx", rows, 4, (8, 39), as_xlsx, keys=keys, merged=merged, units=units, lines=6)


def across(write: Callable[[Table], bytes] = as_csv, suffix: str = "csv") -> Table:
    """Years down, provinces across."""
    body = [[str(year), *(figure(i, j) for i in range(len(NAMES)))] for j, year in enumerate(YEARS)]
    keys = {"indicator": "gdp", "unit": "亿元"}
    return Table("provinces across", suffix, [["年份", *NAMES], *body], 0, (1, 4), write, keys=keys)


_PANEL = ["省份", "行政区划代码", "年份", "地区生产总值(亿元)", "年末常住人口(万人)"]


def panel(write: Callable[[Table], bytes] = as_csv, suffix: str = "csv") -> Table:
    """A long panel with codes."""
    rows = [
        [name, CODES[i], str(year), figure(i, j), f"{2000 + 37 * i + 11 * j}.25"]
        for i, name in enumerate(NAMES)
        for j, year in enumerate(YEARS)
    ]
    keys = {"layout": "long_panel", "entity_column": "省份", "year_column": "年份", "key": "code"}
    return Table("long panel", suffix, [_PANEL, *rows], 0, (1, 94), write, left=3, keys=keys, units=((0, 3), (0, 4)))


def stata() -> Table:
    """A long panel in Stata, its columns declared."""
    table = panel(as_stata, "dta")
    rows = [["prov", "code", "year", "gdp", "people"], *table.rows[1:]]
    columns = {
        "gdp": {"indicator": "gdp", "unit": "亿元"},
        "people": {"indicator": "resident_population", "unit": "万人"},
    }
    keys = {"layout": "long_panel", "entity_column": "prov", "year_column": "year", "code_column": "code"}
    return replace(table, layout="Stata panel", rows=rows, keys={**keys, "key": "code", "columns": columns}, units=())


def document() -> Table:
    """A table in a document."""
    rows = [["", *(str(year) for year in YEARS)], *_figures(3)]
    keys = {"layout": "html_tables", "tables": [1], "indicator": "gdp", "unit": "亿元"}
    return Table("table in a document", "html", rows, 0, (1, 32), as_html, keys=keys)


_PILOT_FIELDS = (
    "programme,batch,label_year,announced,province,prefecture,place,level,prefecture_code,county_code,status,source"
)
_PILOTS = """\
mohurd,1,2012,2013-01-29,河北省,石家庄市,石家庄市,prefecture,130100,,new,
mohurd,1,2012,2013-01-29,河北省,石家庄市,长安区,district,130100,130102,new,
mohurd,1,2012,2013-01-29,江苏省,南通市,如皋市,county,320600,320682,new,国办发
mohurd,1,2012,2013-01-29,浙江省,温州市,温州市,prefecture,330300,,new,建办科
mohurd,2,2013,2013-08-01,浙江省,杭州市,上城区,district,330100,330102,new,
mohurd,2,2013,2013-08-01,山东省,济南市,济南市,prefecture,370100,,extension,
mohurd,2,2013,2013-08-01,上海市,,浦东新区,district,,310115,new,"""


def pilots() -> Table:
    """A list of pilots; what it holds are places, not figures."""
    rows = [line.split(",") for line in (_PILOT_FIELDS, *_PILOTS.splitlines())]
    return Table("pilot list", "csv", rows, 0, (1, 8), as_csv, left=9)


FAMILIES: dict[str, Callable[[], Table]] = {
    "export (CSV)": nbs,
    "export (xlsx)": lambda: nbs(as_xlsx, "xlsx"),
    "export (xls)": lambda: nbs(as_xls, "xls"),
    "export since 2026": nbs_2026,
    "export, oldest year first": nbs_oldest_first,
    "export without preamble": nbs_cut,
    "export, transposed": nbs_transposed,
    "export of one region": nbs_region,
    "yearbook (xlsx)": yearbook,
    "provinces across (CSV)": across,
    "provinces across (xlsx)": lambda: across(as_xlsx, "xlsx"),
    "long panel (CSV)": panel,
    "long panel (Stata)": stata,
    "table in a document": document,
    "pilot list (CSV)": pilots,
}
