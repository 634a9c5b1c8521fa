"""Excel templates to fill in and to be read back: pilots, city figures, keyword counts, yearbook mappings.

Belongs here: what each template asks for, and writing it. The look: workbook.py; the folder of facts about divisions:
divisions.py; reading them back: ingestion/readers and catalog/declarations/mapping.py.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog import load_provinces, load_registry
from catalog.base import refuse
from catalog.declarations.mapping import AXES, COLUMNS
from catalog.indicators import Indicator
from catalog.provinces import MUNICIPALITIES
from ingestion.places import vintage
from ingestion.places.units import units_at
from ingestion.readers.pilots.pilot_list import FIELDS, LEVELS, REQUIRED, STATUSES
from medpanel.templates.divisions import NAME, write_divisions
from medpanel.templates.workbook import DATA, GUIDE, LISTS, PASTE, Column, Template, template_bytes

COUNTS = ("report_keyword_count", "report_word_count")
FIRST_YEAR = 2011
CODE, CITY, YEAR = "代码", "城市", "年份"
DIVISION, PROVINCE = "行政区划代码", "省份"
# What every entry says and only whoever fills in the template knows.
_WHO = ("  vintage: …", "  publisher: …", "  licence: …", "  accessed: …")
_PILOT_KEYS = ("layout: pilot_list", f"set_aside_sheets: [{GUIDE}, {LISTS}]")
_CITY_KEYS = (
    "layout: long_panel",
    "panel: {entity_level: city}",
    f"entity_column: {CITY}",
    f"code_column: {CODE}",
    f"year_column: {YEAR}",
    f"set_aside_sheets: [{GUIDE}]",
)
_KEYWORD_KEYS = (
    "layout: long_panel",
    f"entity_column: {PROVINCE}",
    f"code_column: {DIVISION}",
    f"year_column: {YEAR}",
    f"set_aside_sheets: [{GUIDE}]",
)
_PILOTS: dict[str, dict[str, Any]] = {
    "programme": {"note": "identifier of the programme, such as mohurd_smart_city / 项目标识"},
    "batch": {"note": "number of the batch / 批次", "between": (1, 99), "whole": True},
    "label_year": {"note": "year in the title of the batch / 批次名义年份", "between": (2000, 2100), "whole": True},
    "announced": {"note": "date of announcement, such as 2013-01-29 / 公布日期", "date": True},
    "province": {"note": "official name / 省级单位全称", "choices": "province 省"},
    "prefecture": {"note": "prefecture-level unit it lies in; empty in a municipality / 所在地级单位，直辖市留空"},
    "place": {"note": "name as announced / 公布的试点名称"},
    "level": {
        "note": "prefecture 地级, district 市辖区, county 县或县级市, town 镇, zone 开发区",
        "choices": LEVELS,
    },
    "prefecture_code": {
        "note": "GB/T 2260 code ending 00, see the codes sheet / 地级代码，见代码表",
        "between": (110000, 659900),
        "whole": True,
    },
    "county_code": {
        "note": "six-digit code of the county-level unit; empty for a prefecture-level pilot / 县级代码",
        "between": (110100, 659999),
        "whole": True,
    },
    "status": {"note": "new, or extension of a place already covered / 新增或扩大范围", "choices": STATUSES},
    "source": {"note": "where the listing was read / 来源"},
}
# Of a row of a mapping; what is of the table may be left out where the row above says the same.
_ALWAYS = frozenset({"indicator"})
_MAPPING: dict[str, dict[str, Any]] = {
    "title": {"note": "regular expression for the line above the table that names it / 表标题的正则表达式"},
    "sheet": {"note": "regular expression for the name of the sheet; empty: any / 工作表名称，空为任意"},
    "header_start": {"note": "regular expression for a cell of the header's first row / 表头首行某单元格的正则表达式"},
    "header_rows": {"note": "number of rows of the header / 表头行数", "between": (1, 6), "whole": True},
    "regions": {"note": "column of the regions: its number, from 1, or its header / 地区所在列：列号或表头"},
    "years": {
        "note": "down: in a column, across: in the headers, title: in the title, entry: in sources.yaml / 年份所在",
        "choices": AXES,
    },
    "years_pattern": {
        "note": "regular expression with one group around the year; for down the column / 年份的正则表达式"
    },
    "header": {
        "note": 'regular expression for the whole header, its rows joined by " | " / 列标题的正则表达式，多行以 | 连接'
    },
    "indicator": {"note": "id of the registry, see the codes sheet / 指标，见代码表", "choices": "indicator 指标"},
    "unit": {
        "note": "unit of the printed figures, if the header does not say it / 单位（表头未注明时）",
        "choices": "unit 单位",
    },
    "first": {
        "note": "first data year in which the header has this meaning; empty: always / 起始数据年份",
        "between": (1949, 2100),
        "whole": True,
    },
    "last": {"note": "last such year; empty: still / 截止数据年份", "between": (1949, 2100), "whole": True},
    "optional": {"note": "yes: the table may lack it / 是否可缺", "choices": ("yes", "no")},
}


def pilots_template(year: int) -> Template:
    """An empty list, with the official names and codes of all divisions at the end of `year`."""
    names = {province.province_code: province.name_zh for province in load_provinces()}
    units = units_at(year)
    return Template(
        "pilots.xlsx",
        [Column(name, width=18, required=name in REQUIRED, **_PILOTS[name]) for name in FIELDS],
        [],
        (
            "Smart-city pilot list: one row for each place and batch. / 智慧城市试点名单：每个单位每批次一行。",
            PASTE,
            "Codes are those of the codes sheet; a code that contradicts a name is refused. / "
            "代码与名称不一致时将被拒绝。",
        ),
        _entry("pilots.xlsx", _PILOT_KEYS),
        {
            "province 省": list(names.values()),
            "code 代码": [unit.code for unit in units],
            "name 名称": [unit.name for unit in units],
            "level 级别": [unit.kind for unit in units],
            "of province 所属省": [names[unit.province_code] for unit in units],
        },
    )


def cities_template(year: int, indicators: Sequence[str] = ()) -> Template:
    """Rows for the prefecture-level units and municipalities that exist at the end of `year`.

    `indicators`: ids, all that are catalogued for cities when empty. Raises ValueError for one that no city file
    has.
    """
    registry = load_registry()
    catalogued = {i.id: i for i in registry.reported if i.city_range is not None}
    unknown = ", ".join(name for name in indicators if name not in catalogued)
    refuse((unknown, f"no city indicator 无此城市指标: {unknown}; known 可选: {', '.join(catalogued)}"))
    asked = [catalogued[name] for name in indicators or catalogued]
    keys = [
        Column(CODE, "GB/T 2260 code / 行政区划代码", 10, given=True),
        Column(CITY, "official name / 全称", 26, given=True),
        Column(YEAR, "year of the figures / 数据年份", 8, given=True),
    ]
    figures = [
        Column(
            f"{_header(one, year)}({one.unit})",
            f"{one.label.en} [{registry.units[one.unit].en}] / {one.label.zh}（{one.unit}）",
            22,
            between=one.city_range,
        )
        for one in asked
    ]
    municipalities = [(p.province_code, p.name_zh) for p in load_provinces() if p.province_code in MUNICIPALITIES]
    prefectures = [(unit.code, unit.name) for unit in units_at(year) if unit.level == "prefecture"]
    return Template(
        f"cities_{year}.xlsx",
        [*keys, *figures],
        [[code, name, year, *(None for _ in asked)] for code, name in sorted(municipalities + prefectures)],
        (
            "City figures, one row for each prefecture-level unit. / 城市数据：每个地级单位一行。",
            "Leave a cell empty where there is no figure; do not write 0 for it. / 无数据请留空，不要填0。",
            "Figures are in the unit of the header. / 数值单位见表头。",
            PASTE,
        ),
        _entry(f"cities_{year}.xlsx", _CITY_KEYS),
    )


def _header(indicator: Indicator, year: int) -> str:
    """The header of an indicator, of several the last one, that is in use in a data year."""
    in_use = [h.name for h in indicator.headers if (h.first or year) <= year <= (h.last or year)]
    return (in_use or [indicator.headers[-1].name])[-1]


def keywords_template(year: int) -> Template:
    """Rows for the 31 provinces from 2011 to `year`. Raises ValueError for an earlier year."""
    refuse((year < FIRST_YEAR, f"year {year}: the template begins with {FIRST_YEAR} / 模板自{FIRST_YEAR}年起"))
    keys = [
        Column(DIVISION, "GB/T 2260 code / 行政区划代码", 14, given=True),
        Column(PROVINCE, "official name / 全称", 20, given=True),
        Column(YEAR, "year of the report / 报告年份", 8, given=True),
    ]
    counts = [
        Column(
            f"{one.headers[0].name}({one.unit})",
            f"{one.label.en} / {one.label.zh}",
            28,
            between=one.range,
            whole=True,
        )
        for one in (load_registry().indicators[name] for name in COUNTS)
    ]
    return Template(
        f"report_keywords_{year}.xlsx",
        [*keys, *counts],
        [
            [province.province_code, province.name_zh, each, None, None]
            for province in load_provinces()
            for each in range(FIRST_YEAR, year + 1)
        ],
        (
            "Keywords counted in the government work reports, one row for each province and year.",
            "各省各年政府工作报告关键词计数，每省每年一行。",
            "Count both in the same way, after the same segmentation; give the list of keywords in `publisher`.",
            "两项计数须采用同一分词方法；请在 publisher 中注明关键词表。",
            PASTE,
        ),
        _entry(f"report_keywords_{year}.xlsx", _KEYWORD_KEYS),
    )


def _entry(file_name: str, keys: Sequence[str]) -> tuple[str, ...]:
    """The lines of a template's entry in sources.yaml."""
    return (f"- match: {file_name}", *(f"  {key}" for key in keys), *_WHO)


def keys_for(sheets: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """What the entry of a filled template says beside the usual, from the first row of each sheet of the workbook; none
    for a workbook that is no template, or is a mapping, which has no entry of its own."""
    header = tuple(cell for cell in sheets.get(DATA, ()) if cell)
    known = {FIELDS: _PILOT_KEYS, (CODE, CITY, YEAR): _CITY_KEYS, (DIVISION, PROVINCE, YEAR): _KEYWORD_KEYS}
    return next((keys for first, keys in known.items() if header[: len(first)] == first), ())


def is_mapping(sheets: Mapping[str, Sequence[str]]) -> bool:
    """Whether a workbook with these first rows is a filled mapping template."""
    return tuple(cell for cell in sheets.get(DATA, ()) if cell) == COLUMNS


def mapping_template(system: str = "health") -> Template:
    """One table with the reported indicators of a system (`system` in catalog/indicators.yaml), for adapting.

    Raises ValueError for a system no indicator belongs to.
    """
    reported = load_registry().reported
    systems = dict.fromkeys(indicator.system for indicator in reported)
    known = f"known: {', '.join(systems)} / 无此类指标"
    refuse((system not in systems, f"no indicator of the system {system!r}; {known}"))
    table = [None, None, "地区.*", 3, "1", "title", r"([0-9]{4})\s*年"]
    return Template(
        "mapping.xlsx",
        [Column(name, width=20, required=name in _ALWAYS, **_MAPPING[name]) for name in COLUMNS],
        [
            [*table, _pattern(header.name for header in one.headers), one.id, one.unit, None, None, "yes"]
            for one in reported
            if one.system == system
        ],
        (
            "A mapping says where a table prints regions and years and what its headers mean.",
            "映射说明地区、年份及各列标题的含义。",
            "Rows with the same title and sheet are one table; a cell left empty repeats the row above.",
            "同一表的各行连续填写，留空即与上一行相同。",
            "Delete the rows your yearbook does not print. / 删除年鉴中没有的行。",
            PASTE,
        ),
        ('- match: "…"', "  mapping: mapping.xlsx", *_WHO),
        {
            "indicator 指标": [indicator.id for indicator in reported],
            "label 名称": [indicator.label.zh for indicator in reported],
            "unit of it 指标单位": [indicator.unit for indicator in reported],
            "unit 单位": list(load_registry().units),
        },
    )


def _pattern(names: Iterable[str]) -> str:
    """Pattern of a header with one of the names, its unit in brackets or not, between group and English headers."""
    return rf"(?:.* \| )?(?:{'|'.join(re.escape(name) for name in names)})(?:[(（].*[)）])?(?: \| .*)?"


KINDS: dict[str, Callable[[int, Sequence[str]], Template]] = {
    "pilots": lambda year, _: pilots_template(year),
    "cities": cities_template,
    "keywords": lambda year, _: keywords_template(year),
    "mapping": lambda _, __: mapping_template(),
}


def write_template(kind: str, folder: Path, year: int | None, indicators: Sequence[str]) -> tuple[Path, Sequence[str]]:
    """Write a template into `folder`; its path and the lines of its entry in sources.yaml.

    Raises ValueError for another kind or an indicator the template cannot contain, and FileExistsError rather than
    overwriting a file.
    """
    if kind == NAME:
        return write_divisions(folder, vintage(), year)
    refuse((kind not in KINDS, f"{kind}: no such template; known: {', '.join((*KINDS, NAME))} / 无此模板"))
    made = KINDS[kind](year or vintage().last_year, indicators)
    path = folder / made.file_name
    folder.mkdir(parents=True, exist_ok=True)
    refuse(
        (path.exists(), f"{path} exists and is not overwritten; choose another --out / 文件已存在，未覆盖"),
        error=FileExistsError,
    )
    path.write_bytes(template_bytes(made))
    return path, made.entry
