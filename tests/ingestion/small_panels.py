"""A panel of three years, a table of two indicators, lists of pilots and flows, in the containers they come in.

Belongs here: making small files and asking readings. Does not belong here: any test.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl

from ingestion import FileReading
from tests.ingestion.conftest import PROVINCES

Read = Callable[..., FileReading]
Rows = list[list[Any]]
YEARS = (2012, 2013, 2014)
LONG: dict[str, Any] = {"layout": "long_panel", "entity_column": "省份", "year_column": "年份"}
GDP: dict[str, Any] = {"columns": {"GDP": {"indicator": "gdp", "unit": "亿元"}}, "other_columns": "set_aside"}
HEAD = ["省份", "年份", "GDP", "人口"]


def panel(names: Sequence[str] = PROVINCES) -> Rows:
    """A header and three years of each place."""
    return [
        HEAD,
        *([name, year, 3000.5 + 50 * i + j, 900 + i] for i, name in enumerate(names) for j, year in enumerate(YEARS)),
    ]


def csv(rows: Rows) -> bytes:
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()


def xlsx(rows: Rows, merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for area in merged:
        book.worksheets[0].merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def once(rows: Rows, *columns: int) -> Rows:
    """The rows with the labels of these columns printed once, above their repeats."""
    last: dict[int, Any] = {}
    found = []
    for row in rows:
        found.append([None if n in columns and last.get(n) == cell else cell for n, cell in enumerate(row)])
        last = dict(enumerate(row))
    return found


def reason(reading: FileReading, code: str) -> str:
    return next(str(record["reason"]) for record in reading.rejected_row if record["code"] == code)


def figures(reading: FileReading) -> set[tuple[int, int, float]]:
    return {(r["entity_code"], r["year"], r["value"]) for r in reading.observation}


AREAS = tuple(f"A{row}:A{row + 2}" for row in range(2, 95, 3))


def block(name: str, start: float) -> Rows:
    return [[name, place, *(start + 50 * i + j for j in range(3))] for i, place in enumerate(PROVINCES)]


ROWS: Rows = [[None, None, *YEARS], *block("地区生产总值(亿元)", 3000.5), *block("年末常住人口(万人)", 900)]


def mapping(**header: Any) -> dict[str, Any]:
    columns = [
        {"header": "地区生产总值.*", "indicator": "gdp", "unit": "亿元"},
        {"header": "年末常住人口.*", "indicator": "resident_population", "unit": "万人"},
    ]
    axes = {"regions": {"down": 2}, "years": {"across": r"(20\d{2})"}, "indicators": {"down": 1}}
    table = {"header": {"rows": 1, "start": "2012", **header}, **axes, "columns": columns}
    return {"layout": "mapped", "mapping": {"name": "m.yaml", "tables": [table]}}


PILOTS: Rows = [
    ["programme", "batch", "label_year", "announced", "province", "prefecture", "place", "level", "status"],
    *(
        ["mohurd", 1, 2012, "2013-01-29", "河北省", None, place, "prefecture", "new"]
        for place in ("石家庄市", "唐山市", "秦皇岛市")
    ),
]
FLOW: dict[str, Any] = {
    "network": "people", "direction": "both", "unit": "persons", "period": "2020", "origin": "from",
    "destination": "to", "weight": "n",
}  # fmt: skip
FLOWS: Rows = [["from", "to", "n"], ["北京", "石家庄市", 5], ["北京", "唐山市", 7], ["天津", "唐山市", 9]]
