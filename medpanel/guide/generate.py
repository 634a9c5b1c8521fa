"""Files of the dbt project that repeat the catalog: descriptions, types, key tests, indicators, the lake.

Belongs here: rendering catalog/ into dbt/, and finding rendered files and documents that are out of date (the guide to
input files itself: rendering.py; the other pages: the modules beside it).
Does not belong here: anything dbt computes (dbt/models) or any fact missing from the catalog.
The rendered files are committed, so that the dbt project is complete without running anything.
"""

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from catalog.base import PROJECT_DIR
from catalog.indicators import load_registry
from catalog.lake import LakeTable, staged_tables
from catalog.provinces import MUNICIPALITIES
from catalog.tables import Column, Table, load_tables
from medpanel.language import Language
from medpanel.office.files import csv_bytes

DBT_DIR = PROJECT_DIR / "dbt"
NOTE = "Generated from catalog/ by `medpanel generate`; do not edit."
SEEDS = ("province", "province_adjacency", "published_figure")
# The seed behind series_break, which adds what the data make of a break.
BREAKS, _MADE_OF_DATA = "declared_break", frozenset({"chained"})

# A column of this name points at that table, whichever table it stands in.
REFERENCES = {
    "province_code": ("province", "province_code"),
    "neighbour_code": ("province", "province_code"),
    "origin_code": ("city", "city_code"),
    "destination_code": ("city", "city_code"),
    "file_id": ("source_file", "file_id"),
    "indicator": ("indicator_input", "input_indicator"),
    "input_indicator": ("indicator_input", "input_indicator"),
    "study": ("stg_study_exposure", "study"),
}
# Where a column of a referring name may hold something else too: derived indicators, pilot lists (no reference then).
_REFERENCES_OF = {
    ("series_break", "indicator"): ("indicator_input", "indicator"),
    ("revision", "indicator"): ("revision", "indicator"),
}
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
# Column names that some database reads as words of its own.
_WORDS = frozenset({"encoding", "found", "level", "path", "row", "rows", "state", "value", "year"})
_LAKE = {
    "name": "lake",
    "schema": "lake",
    "description": "Parquet files written by ingestion, seen through views / 读取层所写 Parquet 文件的视图",
}


def formula_sql(formula: str) -> str:
    """The formula as SQL over columns of the same names, with every divisor in `nullif(..., 0)`.

    Raises ValueError for anything but names, numbers, + - * / and brackets.
    """
    return _sql(ast.parse(formula.strip(), mode="eval").body, formula)


def _sql(node: ast.expr, formula: str) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return repr(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"(-{_sql(node.operand, formula)})"
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _sql(node.left, formula), _sql(node.right, formula)
        if isinstance(node.op, ast.Div):
            right = f"nullif({right}, 0)"
        return f"({left} {_OPERATORS[type(node.op)]} {right})"
    raise ValueError(f"{formula!r}: {ast.unparse(node)!r} cannot be written as SQL; use names, numbers and + - * /")


def _column(name: str, column: Column, table: Table, tested: bool = True) -> dict[str, Any]:
    meta = {"zh": column.zh, "unit": column.unit, "source": column.source, "headers": column.headers}
    target, field = _REFERENCES_OF.get((table.name, name), REFERENCES.get(name, (table.name, name)))
    refers = {"relationships": {"arguments": {"to": f"ref('{target}')", "field": field}}}
    wanted = {"not_null": name in table.key, "unique": table.key == (name,)}
    tests = [*(test for test, wants in wanted.items() if wants), *([refers] if target != table.name else [])]
    return {
        "name": name,
        "description": column.text,
        "data_type": column.type,
        "config": {"meta": {key: value for key, value in meta.items() if value is not None}},
        **({"data_tests": tests} if tested and tests else {}),
    }


def _resource(table: Table, config: dict[str, Any], tested: bool = True) -> dict[str, Any]:
    """A model or seed with its columns, and the tests of its key and references if it is `tested`."""
    unique = {"unique_combination": {"arguments": {"columns": list(table.key)}}}
    tests = [unique] if tested and len(table.key) > 1 else []
    declared = {name: column for name, column in table.columns.items() if name != "data_kind"}
    return {
        "name": table.name,
        "description": table.text,
        "config": {**config, "meta": {"zh": table.zh, "source": table.source, "key": list(table.key)}},
        **({"data_tests": tests} if tests else {}),
        "columns": [_column(name, column, table, tested) for name, column in declared.items()],
    }


def _yaml(data: dict[str, Any]) -> str:
    return f"# {NOTE}\n{yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)}"


def _marts() -> str:
    tables = [t for t in load_tables().values() if t.origin == "dbt" and t.name not in SEEDS]
    return _yaml({"models": [_resource(table, {"contract": {"enforced": True}}) for table in tables]})


def _intermediate() -> str:
    # The intermediate tables with a column per indicator; the others are described by hand.
    province_year = load_tables()["province_year"]
    vintage = Column(type="VARCHAR", en="Vintage preferred in this version of the panel", zh="该套面板优先采用的版本")
    alternative = Table(
        name="int_province_year_alternative",
        origin="dbt",
        key=("vintage", *province_year.key),
        en="province_year as it would be if another vintage were preferred wherever it has a figure.",
        zh="若优先采用另一版本时的省级年度面板。",
        source=province_year.source,
        columns={"vintage": vintage, **province_year.columns},
    )
    return _yaml({"models": [_resource(alternative, {"contract": {"enforced": True}})]})


def _seeds() -> str:
    tables = [load_tables()[name] for name in SEEDS]
    types = {table.name: {name: column.type for name, column in table.columns.items()} for table in tables}
    seeds = [_resource(table, {"column_types": types[table.name]}) for table in tables]
    breaks = load_tables()["series_break"]
    declared = {name: column for name, column in breaks.columns.items() if name not in _MADE_OF_DATA}
    seed = breaks.model_copy(update={"name": BREAKS, "columns": declared})
    config = {"column_types": {name: column.type for name, column in declared.items()}}
    # The model built from it is tested; it holds all indicators, also of files that a run does not have.
    seeds.append(_resource(seed, config, tested=False))
    return _yaml({"seeds": seeds})


def _staging() -> str:
    """Descriptions and tests of the lake's tables and of a view on each; both have the same columns."""
    sources, models = [], []
    for name, table in staged_tables().items():
        columns = [_lake_column(column, table) for column in table.columns]
        sources.append({"name": name, "description": table.text, "columns": columns})
        typed = f"{table.en.removesuffix('.')}; typed. / {table.zh.removesuffix('。')}（已定类型）。"
        models.append(
            {"name": f"stg_{name}", "description": typed, "columns": columns, "data_tests": _lake_tests(table)}
        )
    return _yaml({"version": 2, "sources": [{**_LAKE, "tables": sources}], "models": models})


def _view(name: str, table: LakeTable) -> str:
    quoted = {column: f'"{column}"' if column in _WORDS else column for column in table.columns}
    casts = [
        f"    cast({quoted[column]} as {declared.type.lower()}) as {quoted[column]}"
        for column, declared in table.columns.items()
    ]
    return f"{{# {NOTE} #}}\n\nselect\n" + ",\n".join(casts) + f'\nfrom {{{{ source("lake", "{name}") }}}}\n'


def _lake_column(name: str, table: LakeTable) -> dict[str, Any]:
    column = table.columns[name]
    meta = {"config": {"meta": {"unit": column.unit}}} if column.unit else {}
    return {"name": name, "description": f"{column.en} / {column.zh}", "data_type": column.type, **meta}


def _lake_tests(table: LakeTable) -> list[dict[str, Any]]:
    tests: list[tuple[str, dict[str, Any]]] = []
    tests += [("unique_combination", {"columns": list(table.key)})] if table.key else []
    for name, column in table.columns.items():
        tests += [("not_null", {"column_name": name})] if column.required else []
        tests += [("accepted_values", {"column_name": name, "values": list(column.values)})] if column.values else []
    for name, target in table.refers.items():
        model, field = target.split(".")
        tests.append(("relationships", {"column_name": name, "to": f"ref('{model}')", "field": field}))
    return [{kind: {"arguments": arguments}} for kind, arguments in tests]


def _macro(name: str, values: list[Any]) -> str:
    # A JSON literal of strings, numbers and lists is a Jinja literal too.
    rows = "".join(f"    {json.dumps(value, ensure_ascii=False)},\n" for value in values)
    return f"{{% macro {name}() %}}\n  {{{{ return([\n{rows}  ]) }}}}\n{{% endmacro %}}\n"


def _registry() -> str:
    registry = load_registry()
    lists: dict[str, list[Any]] = {
        "indicators": [i.id for i in registry.wide],
        "of_cities": [i.id for i in registry.of_cities],
        "reported": [i.id for i in registry.reported if i.wide],
        "by_facility": [i.id for i in registry.reported if not i.wide],
        "derived": [
            {"id": i.id, "formula": i.formula, "sql": formula_sql(i.formula or ""), "inputs": list(i.inputs)}
            for i in registry.derived
        ],
        "fill_linear": [i.id for i in registry.reported if i.fill == "linear"],
        "fill_carry": [i.id for i in registry.reported if i.fill == "carry"],
        "municipalities": sorted(MUNICIPALITIES),
    }
    return f"{{# {NOTE} #}}\n\n" + "\n".join(_macro(f"registry_{name}", values) for name, values in lists.items())


def _csv(header: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    # No comment line: dbt would read it as the header. The seed's description says that it is generated.
    return csv_bytes([list(header), *rows]).decode()


def _series_break() -> Iterator[Sequence[Any]]:
    registry = load_registry()
    for name in sorted(registry.indicators):
        for owner, item in registry.breaks_of(name):
            comparable = str(item.levels_comparable).lower()
            yield name, item.year, owner, item.kind, comparable, item.en, item.zh, item.source


def generated_files() -> dict[Path, str]:
    """Text of every generated file by absolute path; writes nothing.

    Raises CatalogError for an invalid catalog and ValueError for a formula SQL cannot express.
    """
    staging = DBT_DIR / "models" / "staging"
    breaks = [name for name in load_tables()["series_break"].columns if name not in _MADE_OF_DATA]
    return {
        **{staging / f"stg_{name}.sql": _view(name, table) for name, table in staged_tables().items()},
        staging / "_staging.yml": _staging(),
        DBT_DIR / "models" / "marts" / "_marts.yml": _marts(),
        DBT_DIR / "models" / "intermediate" / "_province_year.yml": _intermediate(),
        DBT_DIR / "seeds" / "_seeds.yml": _seeds(),
        DBT_DIR / "macros" / "generated" / "registry.sql": _registry(),
        DBT_DIR / "seeds" / "generated" / f"{BREAKS}.csv": _csv(breaks, _series_break()),
    }


def documents() -> dict[str, Callable[[Language], str]]:
    """What makes each generated page, by the page's name below docs/<language>."""
    from medpanel.guide import command_line, glossary, keys, parts, python_interface, rendering, tables

    return {
        rendering.NAME: rendering.render,
        parts.NAME: parts.render,
        tables.NAME: tables.render,
        tables.INDICATORS: tables.render_indicators,
        **{name: partial(keys.render, name) for name in (keys.SOURCES, keys.STUDY_FILES)},
        command_line.NAME: command_line.render,
        python_interface.NAME: python_interface.render,
        glossary.NAME: glossary.render,
    }


def generated_documents() -> dict[Path, str]:
    """Text of every generated document by absolute path; no run needs these, and they take seconds to make.

    Raises ValueError for a layout without an example that loads.
    """
    from medpanel.guide.pages import LANGUAGES, path_of

    return {path_of(language, name): render(language) for name, render in documents().items() for language in LANGUAGES}


def write_generated(files: dict[Path, str] | None = None) -> list[Path]:
    """Bring the generated files up to date; returns the paths written, none if all were current.

    files: text by path; default: what generated_files() gives.
    """
    files = generated_files() if files is None else files
    stale = stale_files(files)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8", newline="\n")
    return stale


def stale_files(files: dict[Path, str] | None = None) -> list[Path]:
    """Generated files that are missing or differ, line endings apart, from what they should be; `files` as above."""
    return [
        path
        for path, text in (generated_files() if files is None else files).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
