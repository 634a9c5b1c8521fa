"""The template of keyword counts of government work reports: every province and year, two counts to fill in."""

from __future__ import annotations

from catalog import load_provinces, load_registry
from medpanel.templates.workbook import GUIDE, PASTE, Column, Template

CODE, PROVINCE, YEAR = "行政区划代码", "省份", "年份"
COUNTS = ("report_keyword_count", "report_word_count")
FIRST_YEAR = 2011
_GUIDE = (
    "Keywords counted in the government work reports, one row for each province and year.",
    "各省各年政府工作报告关键词计数，每省每年一行。",
    "Count both in the same words, after the same segmentation; state the list of keywords in `publisher`.",
    "两项计数须采用同一分词方法；请在 publisher 中注明关键词表。",
    PASTE,
)


def keywords_template(year: int) -> Template:
    """Rows for the 31 provinces from 2011 to `year`. Raises ValueError for an earlier year."""
    if year < FIRST_YEAR:
        raise ValueError(f"year {year}: the template begins with {FIRST_YEAR} / 模板自{FIRST_YEAR}年起")
    registry = load_registry()
    columns = [
        Column(CODE, "GB/T 2260 code / 行政区划代码", 14, given=True),
        Column(PROVINCE, "official name / 全称", 20, given=True),
        Column(YEAR, "year of the report / 报告年份", 8, given=True),
    ]
    for indicator in (registry.indicators[name] for name in COUNTS):
        note = f"{indicator.label.en} / {indicator.label.zh}"
        header = f"{indicator.headers[0].name}({indicator.unit})"
        columns.append(Column(header, note, 28, between=indicator.range, whole=True))
    rows = [
        [province.province_code, province.name_zh, each, None, None]
        for province in load_provinces()
        for each in range(FIRST_YEAR, year + 1)
    ]
    return Template(
        f"report_keywords_{year}.xlsx",
        columns,
        rows,
        _GUIDE,
        (
            f"- match: report_keywords_{year}.xlsx",
            "  layout: long_panel",
            f"  entity_column: {PROVINCE}",
            f"  code_column: {CODE}",
            f"  year_column: {YEAR}",
            "  vintage: …",
            "  publisher: …",
            "  licence: …",
            "  accessed: …",
            f"  set_aside_sheets: [{GUIDE}]",
        ),
    )
