"""dbt's sources and staging views of the lake, out of catalog/lake.yaml: a view a table, columns cast and tested.

Belongs here: rendering the declaration. The other generated files, and which are out of date: generate.py.
"""

from pathlib import Path
from typing import Any

from catalog.lake import LakeTable, staged_tables

# Column names that some database reads as words of its own.
_WORDS = frozenset({"encoding", "found", "level", "path", "row", "rows", "state", "value", "year"})
_LAKE = {
    "name": "lake",
    "schema": "lake",
    "description": "Parquet files written by ingestion, seen through views / 读取层所写 Parquet 文件的视图",
}


def staging_models(folder: Path, note: str) -> dict[Path, str]:
    """SQL of the staging views by path below `folder`."""
    return {
        folder / f"stg_{name}.sql": f"{{# {note} #}}\n\n{_view(name, table)}" for name, table in staged_tables().items()
    }


def staging_properties() -> dict[str, Any]:
    """Descriptions and tests of sources and views; a source and its view have the same columns."""
    sources, models = [], []
    for name, table in staged_tables().items():
        columns = [_column(column, table) for column in table.columns]
        sources.append({"name": name, "description": table.text, "columns": columns})
        typed = f"{table.en.removesuffix('.')}; typed. / {table.zh.removesuffix('。')}（已定类型）。"
        models.append({"name": f"stg_{name}", "description": typed, "columns": columns, "data_tests": _tests(table)})
    return {"version": 2, "sources": [{**_LAKE, "tables": sources}], "models": models}


def _view(name: str, table: LakeTable) -> str:
    quoted = {column: f'"{column}"' if column in _WORDS else column for column in table.columns}
    casts = [
        f"    cast({quoted[column]} as {declared.type.lower()}) as {quoted[column]}"
        for column, declared in table.columns.items()
    ]
    return "select\n" + ",\n".join(casts) + f'\nfrom {{{{ source("lake", "{name}") }}}}\n'


def _column(name: str, table: LakeTable) -> dict[str, Any]:
    column = table.columns[name]
    meta = {"config": {"meta": {"unit": column.unit}}} if column.unit else {}
    return {"name": name, "description": f"{column.en} / {column.zh}", "data_type": column.type, **meta}


def _tests(table: LakeTable) -> list[dict[str, Any]]:
    tests: list[tuple[str, dict[str, Any]]] = []
    if table.key:
        tests.append(("unique_combination", {"columns": list(table.key)}))
    for name, column in table.columns.items():
        if column.required:
            tests.append(("not_null", {"column_name": name}))
        if column.values:
            tests.append(("accepted_values", {"column_name": name, "values": list(column.values)}))
    for name, target in table.refers.items():
        model, field = target.split(".")
        tests.append(("relationships", {"column_name": name, "to": f"ref('{model}')", "field": field}))
    return [{kind: {"arguments": arguments}} for kind, arguments in tests]
