"""The template of a yearbook mapping: a row for each header, pre-filled with the indicators the registry knows."""

import re
from collections.abc import Iterable

from catalog import load_registry
from catalog.declarations.mapping_files import AXES, COLUMNS
from medpanel.templates.workbook import PASTE, Column, Template

_NOTES = {
    "title": "regular expression for the line above the table that names it / 表标题的正则表达式",
    "sheet": "regular expression for the name of the sheet; empty: any / 工作表名称，空为任意",
    "header_start": "regular expression for a cell of the header's first row / 表头首行某单元格的正则表达式",
    "header_rows": "number of rows of the header / 表头行数",
    "regions": "column of the regions: its number, from 1, or its header / 地区所在列：列号或表头",
    "years": "down: in a column, across: in the headers, title: in the title, entry: in sources.yaml / 年份所在",
    "years_pattern": "regular expression with one group around the year; for down the column / 年份的正则表达式",
    "header": 'regular expression for the whole header, its rows joined by " | " / 列标题的正则表达式，多行以 | 连接',
    "indicator": "id of the registry, see the codes sheet / 指标，见代码表",
    "unit": "unit of the printed figures, if the header does not say it / 单位（表头未注明时）",
    "first": "first data year in which the header has this meaning; empty: always / 起始数据年份",
    "last": "last such year; empty: still / 截止数据年份",
    "optional": "yes: the table may lack it / 是否可缺",
}
_GUIDE = (
    "A mapping says where a table prints regions and years and what its headers mean.",
    "映射说明地区、年份及各列标题的含义。",
    "Rows that agree in title and sheet are one table; what a row leaves empty stands in the row above.",
    "同一表的各行连续填写，留空即与上一行相同。",
    "Delete the rows your yearbook does not print. / 删除年鉴中没有的行。",
    PASTE,
)


def mapping_template(system: str = "health") -> Template:
    """One table with the reported indicators of a system (`system` in catalog/indicators.yaml), to be adapted.

    Raises ValueError for a system no indicator belongs to.
    """
    registry = load_registry()
    systems = dict.fromkeys(indicator.system for indicator in registry.reported)
    if system not in systems:
        raise ValueError(f"no indicator of the system {system!r}; known: {', '.join(systems)} / 无此类指标")
    rules = {
        "header_rows": {"between": (1, 6), "whole": True},
        "years": {"choices": AXES},
        "indicator": {"choices": "indicator 指标"},
        "unit": {"choices": "unit 单位"},
        "first": {"between": (1949, 2100), "whole": True},
        "last": {"between": (1949, 2100), "whole": True},
        "optional": {"choices": ("yes", "no")},
    }
    table = [None, None, "地区.*", 3, "1", "title", r"([0-9]{4})\s*年"]
    rows = [
        [
            *table,
            _pattern(header.name for header in indicator.headers),
            indicator.id,
            indicator.unit,
            None,
            None,
            "yes",
        ]
        for indicator in registry.reported
        if indicator.system == system
    ]
    reported = registry.reported
    return Template(
        "mapping.xlsx",
        [Column(name, _NOTES[name], 20, **rules.get(name, {})) for name in COLUMNS],  # type: ignore[arg-type]
        rows,
        _GUIDE,
        (
            '- match: "…"',
            "  mapping: mapping.xlsx",
            "  vintage: …",
            "  publisher: …",
            "  licence: …",
            "  accessed: …",
        ),
        {
            "indicator 指标": [indicator.id for indicator in reported],
            "label 名称": [indicator.label.zh for indicator in reported],
            "unit of it 指标单位": [indicator.unit for indicator in reported],
            "unit 单位": list(registry.units),
        },
    )


def _pattern(names: Iterable[str]) -> str:
    """A header with one of the names, with or without a unit in brackets, between group headers and English ones."""
    return rf"(?:.* \| )?(?:{'|'.join(re.escape(name) for name in names)})(?:[(（].*[)）])?(?: \| .*)?"
