"""The list of published tables and a page for each: what a row is, every column, first rows, who makes it, a query.

Belongs here: what these pages say. Does not belong here: descriptions (catalog/tables.yaml), the parts of studies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any

from catalog.base import PROJECT_DIR, Text
from catalog.tables import Column, Table, load_tables
from medpanel.publishing.views import views_on
from medpanel.runs.warehouse import quote
from medpanel.site.pages import Cell, Page, code
from medpanel.site.published import Published
from models_py.parts.registry import all_parts, parts_of

FIRST = 20
# Tables that change with every run: their rows are on the pages of provenance and of changes.
OF_THE_RUN = frozenset({"run_manifest", "run_timing", "publication_change"})
_TITLE = Text(en="Tables", zh="数据表")
_ORIGINS = {
    "dbt": Text(en="built by dbt from the files read", zh="由 dbt 依据所读文件生成"),
    "study": Text(en="made by studies", zh="由研究生成"),
    "run": Text(en="written at publication", zh="发布时写入"),
    "view": Text(en="view, computed when asked", zh="视图，查询时计算"),
}
# Columns whose values have a page of their own.
_LINKS = {"indicator": "indicator/{}", "input_indicator": "indicator/{}", "file_id": "provenance#{}"}
_LINKS |= {"study": "study/{}", "table_name": "table/{}"}


def pages(data: Published) -> list[Page]:
    """The list and all pages."""
    tables = {name: table for name, table in load_tables().items() if name in data.tables}
    views = [one.table for one in views_on(tables)]
    listed = [_listed(data, table) for table in tables.values()]
    listed += [[_link(view.name), view, None, _ORIGINS["view"]] for view in views]
    first = Page("tables", _TITLE, "tables.html.j2", "tables", {"rows": sorted(listed, key=lambda row: row[0].value)})
    code_of = _code_files()
    return [
        first,
        *(_page(data, table, makers(data, table, code_of)) for table in tables.values()),
        *(_page(data, view, [], is_view=True) for view in views),
    ]


def _listed(data: Published, table: Table) -> list[Any]:
    rows = None if table.name in OF_THE_RUN else data.count(table.name)
    return [_link(table.name), table, rows, _ORIGINS[table.origin]]


def _link(name: str) -> Cell:
    return Cell(name, f"table/{name}", "nowrap")


def _page(data: Published, table: Table, made_by: Sequence[Mapping[str, Any]], is_view: bool = False) -> Page:
    there = not is_view and table.name not in OF_THE_RUN
    columns, described = list(table.columns), _columns(table)
    order = ", ".join(map(quote, table.key))
    first = data.rows(f"FROM {quote(table.name)} ORDER BY {order} LIMIT {FIRST}") if there else []
    facts = {
        "table": table,
        "origin": _ORIGINS["view" if is_view else table.origin],
        "made_by": made_by,
        "column_head": described[0],
        "columns": described[1],
        "count": data.count(table.name) if there else None,
        "head": columns,
        "first": [[_value(name, row[name]) for name in columns] for row in first],
        "query": _query(table),
        "of_the_run": table.name in OF_THE_RUN,
    }
    return Page(f"table/{table.name}", Text(en=table.name, zh=table.name), "table.html.j2", "tables", facts)


_HEAD = (
    Text(en="Column", zh="字段"),
    Text(en="Key", zh="主键"),
    Text(en="Type", zh="类型"),
    Text(en="Unit", zh="单位"),
    Text(en="Description", zh="说明"),
    Text(en="Original headers", zh="原表头"),
    Text(en="Source", zh="来源"),
)


def _columns(table: Table) -> tuple[list[Text], list[list[Any]]]:
    """Header and rows of the table of columns, without what no column has."""
    rows = [_column(table, name, column) for name, column in table.columns.items()]
    said = [any(getattr(row[at], "value", row[at]) for row in rows) for at in range(len(_HEAD))]
    return list(compress(_HEAD, said)), [list(compress(row, said)) for row in rows]


def _column(table: Table, name: str, column: Column) -> list[Any]:
    position = table.key.index(name) + 1 if name in table.key else None
    indicator = f"indicator/{name}" if table.name in ("province_year", "city_year", "county_year") else ""
    text = Text(en=column.en, zh=column.zh)
    return [
        Cell(name, indicator, "nowrap"),
        position,
        code(column.type),
        code(column.unit),
        Cell(text, look="text"),
        Cell(column.headers, look="text"),
        Cell(column.source, look="text"),
    ]


def _value(name: str, value: Any) -> Any:
    """A value of a row, with a link where it has a page; codes and years are not counted with."""
    if value is not None and name in _LINKS:
        return code(value, _LINKS[name].format(value))
    coded = name.endswith("_code") or name in ("year", "study", "model", "path")
    return code(value) if coded else value


def _query(table: Table) -> str:
    """A query to start from."""
    key = ", ".join(table.key)
    return f"SELECT *\nFROM {table.name}\nORDER BY {key}\nLIMIT 100;"


def makers(data: Published, table: Table, code_of: Mapping[str, str]) -> list[dict[str, Any]]:
    """Who makes a table: study, part, what the part does, where its code is; or the model of dbt."""
    if table.origin != "study":
        where = code_of.get(table.name, "medpanel/publishing/" if table.origin == "run" else "dbt/")
        return [{"study": None, "part": None, "what": _ORIGINS[table.origin], "code": where}]
    return [
        {
            "study": study.id,
            "part": one.key,
            "what": all_parts()[one.id].summary,
            "code": f"models_py/parts/{one.id}/part.py",
        }
        for study in data.studies
        for one in parts_of(study)
        if table.name in one.part.makes
    ]


def _code_files() -> dict[str, str]:
    """The file of every model and seed of dbt, by the name of its table."""
    places = (("models", "*.sql"), ("seeds", "*.csv"))
    found = [path for folder, what in places for path in sorted(Path(PROJECT_DIR / "dbt" / folder).rglob(what))]
    return {path.stem: path.relative_to(PROJECT_DIR).as_posix() for path in found}
