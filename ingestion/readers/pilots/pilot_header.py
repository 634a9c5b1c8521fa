"""The header of a pilot list: its columns in any order, under English or Chinese names. Cells: pilot_fields.py."""

from __future__ import annotations

from collections.abc import Sequence

from ingestion.formats.grid import Sheet
from ingestion.problems import Problem, Refusal
from ingestion.vocabulary.headers import squeeze

FIELDS = (
    "programme", "batch", "label_year", "announced", "province", "prefecture", "place", "level",
    "prefecture_code", "county_code", "status", "source",
)  # fmt: skip
OPTIONAL = frozenset({"prefecture", "prefecture_code", "county_code", "source"})
ALIASES: dict[str, tuple[str, ...]] = {
    "programme": ("项目", "试点项目"),
    "batch": ("批次",),
    "label_year": ("年份", "名义年份", "批次年份"),
    "announced": ("公布日期", "公布时间"),
    "province": ("省份", "省", "省级单位"),
    "prefecture": ("地级单位", "地级市", "所在地级单位"),
    "place": ("试点名称", "试点单位", "单位名称"),
    "level": ("级别",),
    "prefecture_code": ("地级代码", "地级单位代码"),
    "county_code": ("县级代码", "县级单位代码"),
    "status": ("状态", "新增或扩大"),
    "source": ("来源", "资料来源"),
}
_BY_NAME = {squeeze(name).lower(): field for field, names in ALIASES.items() for name in (field, *names)}
# Without these three a table is no list of places by batch.
_TELLING = frozenset({"batch", "province", "place"})


def field_of(header: str) -> str | None:
    """The field printed under this header, or None."""
    return _BY_NAME.get(squeeze(header).lower())


def is_pilot_header(cells: Sequence[str]) -> bool:
    """Whether a first row is that of a pilot list."""
    return {field_of(cell) for cell in cells} >= _TELLING


def columns_of(sheet: Sheet) -> dict[str, int]:
    """Field -> column, from 1. Raises Refusal for columns that are unknown, stand twice or are missing."""
    columns: dict[str, int] = {}
    problems = []
    for column, header in enumerate(sheet.rows[0], start=1):
        field = field_of(header)
        if not header and not any(sheet.cell(row, column) for row in range(2, len(sheet.rows) + 1)):
            continue
        if field is None:
            expected = ", ".join(f"{name} ({ALIASES[name][0]})" for name in FIELDS)
            problems.append(sheet.problem("pilot_header", 1, column, header, f"one of {expected}"))
        elif field in columns:
            expected = f"{field} once (first in {sheet.locate(1, columns[field])})"
            problems.append(sheet.problem("pilot_header", 1, column, header, expected))
        else:
            columns[field] = column
    missing = [name for name in FIELDS if name not in columns and name not in OPTIONAL]
    if missing:
        expected = ", ".join(f"{name} ({ALIASES[name][0]})" for name in missing)
        problems.append(Problem("pilot_header", "", f"also {expected}", sheet=sheet.name, row=1))
    if problems:
        raise Refusal(*problems)
    return columns
