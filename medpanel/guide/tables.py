"""docs/<language>/reference/tables.md and indicators.md: every published table with its columns, every indicator.

Belongs here: the two pages. Does not belong here: any text of theirs (catalog/tables.yaml, catalog/indicators.yaml).
"""

from typing import Any

from catalog.indicators import Indicator, load_registry
from catalog.tables import Column, Table, load_tables
from medpanel.guide.pages import anchor, note, plain, said, table
from medpanel.language import Language

NAME = "reference/tables"
INDICATORS = "reference/indicators"
# Tables with a column for each indicator, which has a page of its own.
_WIDE = ("province_year", "city_year", "county_year")
_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "title": "Published tables",
        "head": "Every table of the published database, in `medpanel.duckdb` and as Parquet. A table's grain is "
        "its key: one row for each value of it. The same texts are in the database (`COMMENT ON`, `data_dictionary`).",
        "key": "Key: {}",
        "source": "Source: {}",
        "empty": "It may have no rows: {}",
        "columns": ("column", "type", "unit", "what it is"),
        "wide": "({} columns)",
        "one each": "One column for each [indicator](indicators.md) known for the unit",
        "colon": ": ",
        "indicators": "Indicators",
        "indicators head": "Every indicator the registry (`catalog/indicators.yaml`) knows. Values are stored in the "
        "unit here, whatever a file prints; outside its plausible range a cell is refused unless confirmed.",
        "systems": {"reported": "Read from files", "derived": "Computed"},
        "reported": ("indicator", "what it is", "unit", "plausible range of a province", "headers it is found under"),
        "derived": ("indicator", "what it is", "unit", "plausible range of a province", "formula"),
        "facilities": "Figures by type of health facility are an indicator for each measure and type, named "
        "`measure_type`; they are in `observation` alone.",
        "years": " ({}–{})",
    },
    "zh": {
        "title": "已发布的表",
        "head": "发布数据库中的每张表，见 `medpanel.duckdb` 与 Parquet 文件。表的粒度即其主键：主键的每个取值一行。"
        "同样的文字也在数据库中（`COMMENT ON`、`data_dictionary`）。",
        "key": "主键：{}",
        "source": "来源：{}",
        "empty": "可能没有行：{}",
        "columns": ("字段", "类型", "单位", "含义"),
        "wide": "（{} 个字段）",
        "one each": "该单位的每个[指标](indicators.md)一个字段",
        "colon": "：",
        "indicators": "指标",
        "indicators head": "登记表（`catalog/indicators.yaml`）中的全部指标。无论文件以何种单位印出，数值均按此处单位"
        "存储；超出合理范围的单元格予以拒绝，除非已经确认。",
        "systems": {"reported": "从文件读取", "derived": "计算得出"},
        "reported": ("指标", "含义", "单位", "省级合理范围", "文件中的表头"),
        "derived": ("指标", "含义", "单位", "省级合理范围", "公式"),
        "facilities": "按卫生机构类型的数值，每个度量与类型各为一个指标，名为 `度量_类型`，只在 `observation` 中。",
        "years": "（{}–{}）",
    },
}


def render(language: Language) -> str:
    """The page of tables."""
    words = _WORDS[language]
    tables = [one for one in load_tables().values() if not one.internal]
    listed = [f"- [{one.name}](#table-{one.name}){words['colon']}{plain(said(one, language))}" for one in tables]
    lines = [note(language, "catalog/tables.yaml"), "", f"# {words['title']}", "", words["head"], "", *listed, ""]
    for one in tables:
        lines += _table(one, language)
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(one: Table, language: Language) -> list[str]:
    words = _WORDS[language]
    key = ", ".join(f"`{name}`" for name in one.key)
    facts = [f"- {words['key'].format(key)}", f"- {words['source'].format(plain(one.source))}"]
    facts += [f"- {words['empty'].format(plain(said(one.empty, language)))}"] if one.empty else []
    shown = {name: column for name, column in one.columns.items() if not _of_registry(one, name)}
    rows = [[f"`{name}`", *_column(column, language)] for name, column in shown.items()]
    left = len(one.columns) - len(shown)
    rows += [[words["wide"].format(left), "DOUBLE", "", words["one each"]]] if left else []
    return [
        *(anchor(f"table-{one.name}"), "", f"## {one.name}", "", plain(said(one, language)), "", *facts, ""),
        *(*table([list(words["columns"]), *rows]), ""),
    ]


def _of_registry(one: Table, column: str) -> bool:
    return one.name in _WIDE and column in load_registry().indicators


def _column(column: Column, language: Language) -> list[str]:
    return [column.type, _unit(column.unit, language), plain(said(column, language))]


def _unit(symbol: str | None, language: Language) -> str:
    unit = load_registry().units.get(symbol or "")
    return plain(f"{symbol}, {unit.en}" if unit and language == "en" else symbol or "")


def render_indicators(language: Language) -> str:
    """The page of indicators."""
    words, registry = _WORDS[language], load_registry()
    lines = [
        note(language, "catalog/indicators.yaml"),
        "",
        f"# {words['indicators']}",
        "",
        words["indicators head"],
    ]
    lines += ["", words["facilities"], ""]
    of_facilities = registry.facilities.by_indicator
    for kind, found in {"reported": registry.reported, "derived": registry.derived}.items():
        rows = [_indicator(one, language) for one in found if one.id not in of_facilities]
        lines += [f"## {words['systems'][kind]}", "", *table([list(words[kind]), *rows]), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _indicator(one: Indicator, language: Language) -> list[str]:
    low, high = one.range
    found = f"`{one.formula}`" if one.formula else _headers(one, language)
    return [f"`{one.id}`", plain(said(one.label, language)), _unit(one.unit, language), f"{low:g} – {high:g}", found]


def _headers(one: Indicator, language: Language) -> str:
    years = _WORDS[language]["years"]
    named = (
        header.name + (years.format(header.first or "", header.last or "") if header.first or header.last else "")
        for header in one.headers
    )
    return plain("; ".join(named))
