"""Templates of figures by place and year: cities with the indicators asked for, keyword counts of work reports."""

from collections.abc import Sequence

from catalog import load_provinces, load_registry
from catalog.provinces import MUNICIPALITIES
from ingestion.places.units import units_at
from medpanel.templates.workbook import GUIDE, PASTE, Column, Template

CODE, CITY, YEAR = "代码", "城市", "年份"
_GUIDE = (
    "City figures, one row for each prefecture-level unit. / 城市数据：每个地级单位一行。",
    "Leave a cell empty where there is no figure; do not write 0 for it. / 无数据请留空，不要填0。",
    "Figures are in the unit of the header. / 数值单位见表头。",
    PASTE,
)
DIVISION, PROVINCE = "行政区划代码", "省份"
COUNTS = ("report_keyword_count", "report_word_count")
FIRST_YEAR = 2011
_COUNTING = (
    "Keywords counted in the government work reports, one row for each province and year.",
    "各省各年政府工作报告关键词计数，每省每年一行。",
    "Count both in the same words, after the same segmentation; state the list of keywords in `publisher`.",
    "两项计数须采用同一分词方法；请在 publisher 中注明关键词表。",
    PASTE,
)


def cities_template(year: int, indicators: Sequence[str] = ()) -> Template:
    """Rows for the prefecture-level units and municipalities that exist at the end of `year`.

    `indicators`: ids, all that are catalogued for cities when empty. Raises ValueError for an indicator no city file
    carries.
    """
    registry = load_registry()
    catalogued = {i.id: i for i in registry.reported if i.city_range is not None}
    unknown = [name for name in indicators if name not in catalogued]
    if unknown:
        raise ValueError(f"no city indicator 无此城市指标: {', '.join(unknown)}; known 可选: {', '.join(catalogued)}")
    asked = [catalogued[name] for name in indicators or catalogued]
    columns = [
        Column(CODE, "GB/T 2260 code / 行政区划代码", 10, given=True),
        Column(CITY, "official name / 全称", 26, given=True),
        Column(YEAR, "year of the figures / 数据年份", 8, given=True),
    ]
    for one in asked:
        assert one.city_range is not None
        note = f"{one.label.en} [{registry.units[one.unit].en}] / {one.label.zh}（{one.unit}）"
        columns.append(Column(f"{one.headers[-1].name}({one.unit})", note, 22, between=one.city_range))
    rows = [[code, name, year, *(None for _ in asked)] for code, name in _cities(year)]
    return Template(
        f"cities_{year}.xlsx",
        columns,
        rows,
        _GUIDE,
        (
            f"- match: cities_{year}.xlsx",
            "  layout: long_panel",
            "  panel: {entity_level: city}",
            f"  entity_column: {CITY}",
            f"  code_column: {CODE}",
            f"  year_column: {YEAR}",
            "  vintage: …",
            "  publisher: …",
            "  licence: …",
            "  accessed: …",
            f"  set_aside_sheets: [{GUIDE}]",
        ),
    )


def _cities(year: int) -> list[tuple[int, str]]:
    municipalities = [(p.province_code, p.name_zh) for p in load_provinces() if p.province_code in MUNICIPALITIES]
    prefectures = [(unit.code, unit.name) for unit in units_at(year) if unit.level == "prefecture"]
    return sorted(municipalities + prefectures)


def keywords_template(year: int) -> Template:
    """Rows for the 31 provinces from 2011 to `year`. Raises ValueError for an earlier year."""
    if year < FIRST_YEAR:
        raise ValueError(f"year {year}: the template begins with {FIRST_YEAR} / 模板自{FIRST_YEAR}年起")
    registry = load_registry()
    columns = [
        Column(DIVISION, "GB/T 2260 code / 行政区划代码", 14, given=True),
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
        _COUNTING,
        (
            f"- match: report_keywords_{year}.xlsx",
            "  layout: long_panel",
            f"  entity_column: {PROVINCE}",
            f"  code_column: {DIVISION}",
            f"  year_column: {YEAR}",
            "  vintage: …",
            "  publisher: …",
            "  licence: …",
            "  accessed: …",
            f"  set_aside_sheets: [{GUIDE}]",
        ),
    )
