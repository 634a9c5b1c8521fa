"""What those who cite, archive or pass on a publication need to know: datapackage.json (Frictionless, version 2).

Belongs here: its parts, and which licences stand behind a table. Does not belong here: what a licence's text says
(catalog/declarations/redistribution.py) and what an export leaves out because of it (withheld.py).

What the clock or the run decides stands under `version`, `created` and `run` alone, and in the hashes of the tables
that hold it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from catalog.base import Text
from catalog.tables import Column, Table
from medpanel.publishing.database import SYNTHETIC
from medpanel.publishing.inputs import DataKind, Publication
from medpanel.publishing.tables import parquet as relation
from medpanel.publishing.withheld import BARRED, rests_on
from medpanel.runs.warehouse import quote

NAME = "datapackage.json"
TYPES = {
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}
# Ids of the Open Definition for data whose openness nobody here can vouch for; the stated words stand in `title`.
NOT_SPECIFIED, NOT_OPEN = "notspecified", "other-closed"
# The one licence of what this program generates.
GENERATED = "CC0-1.0"
_WIDE = {"province_year": "province", "city_year": "city", "county_year": "county"}
_TITLE = Text(en="Panel of China's health system, built by medpanel", zh="中国卫生健康面板数据（medpanel 生成）")
_ABOUT = Text(
    en="Every table has a Parquet file; licences and sources stand at each table and are those of the files behind it. "
    "A table marked barred rests on figures that may not be passed on.",
    zh="每表一个 Parquet 文件；许可与来源逐表列出，即其所依据文件的许可与来源。标为 barred 的表含不得转交的数据。",
)


class Source(NamedTuple):
    """Whose figures, which edition, under which licence as stated."""

    publisher: str
    vintage: str
    licence: str


class File(NamedTuple):
    """A file that was read; `loaded`: something of it was."""

    file_id: str
    path: str
    source: Source
    redistribution: str
    loaded: bool


class Barred(NamedTuple):
    """Figures of a table that may not be passed on."""

    table_name: str
    series: str
    source: Source


@dataclass(frozen=True)
class Behind:
    """What licences follow from: the files, the barred figures, and those of them each study rests on."""

    files: tuple[File, ...]
    barred: tuple[Barred, ...]
    rests: Mapping[str, tuple[Barred, ...]]


def write(publication: Publication, tables: Sequence[Table], folder: Path) -> Path:
    """Write `folder`/datapackage.json from the finished Parquet files in `folder`/parquet; its path."""
    path = folder / NAME
    head = package(publication, tables, folder)
    # A line for each table: long, but it can be compared line by line, and is written in no time.
    resources = ",\n".join(json.dumps(one, ensure_ascii=False) for one in head.pop("resources"))
    text = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    path.write_text(f'{text},\n "resources": [\n{resources}\n ]\n}}\n', encoding="utf-8", newline="\n")
    return path


def package(publication: Publication, tables: Sequence[Table], folder: Path) -> dict[str, Any]:
    """The description as JSON holds it."""
    parquet, kind = folder / "parquet", publication.data_kind
    with duckdb.connect() as connection:
        behind = _behind(connection, publication, parquet)
        resources = [_resource(connection, table, kind, behind, parquet) for table in tables]
        [made] = _rows(connection, parquet, "run_manifest", "run_id, finished_at, inputs_sha256, config_sha256")
    run_id, finished_at, inputs, config = made
    mark = Text(en=SYNTHETIC, zh="合成数据，非真实统计。") if kind == "synthetic" else Text(en="", zh="")
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"medpanel-{kind}",
        "title": f"{mark.en}{_TITLE.en}",
        "title_zh": f"{mark.zh}{_TITLE.zh}",
        "description": f"{mark.en}{_ABOUT.en}",
        "description_zh": f"{mark.zh}{_ABOUT.zh}",
        "version": publication.version,
        "created": f"{finished_at:%Y-%m-%dT%H:%M:%SZ}",
        "data_kind": kind,
        "run": {"run_id": run_id, "publication": publication.id},
        "inputs_sha256": inputs,
        "config_sha256": config,
        "resources": resources,
    }


def _rows(connection: duckdb.DuckDBPyConnection, parquet: Path, table: str, asked: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT {asked} FROM {relation(parquet / f'{table}.parquet')}").fetchall()


def _behind(connection: duckdb.DuckDBPyConnection, publication: Publication, parquet: Path) -> Behind:
    source = ", ".join(f"coalesce({name}, 'none stated')" for name in Source._fields)
    asked = f"file_id, path, redistribution, status IN ('loaded', 'partial'), {source}"
    files = tuple(
        File(file_id, path, Source(*source), told or "not_stated", bool(loaded))
        for file_id, path, told, loaded, *source in _rows(connection, parquet, "source_file", asked)
    )
    barred = connection.execute(f"FROM {relation(parquet / f'{BARRED}.parquet')}").df()
    of_studies = {one.id: _barred(rests_on(one, barred)) for one in publication.declared if len(barred)}
    return Behind(files, _barred(barred), of_studies)


def _barred(rows: pd.DataFrame) -> tuple[Barred, ...]:
    named = rows[["table_name", "series", *Source._fields]].fillna("none stated")
    return tuple(
        Barred(str(table), str(series), Source(*map(str, source)))
        for table, series, *source in named.itertuples(index=False, name=None)
    )


def _resource(
    connection: duckdb.DuckDBPyConnection, table: Table, kind: DataKind, behind: Behind, parquet: Path
) -> dict[str, Any]:
    path = parquet / f"{table.name}.parquet"
    content = path.read_bytes()
    files, barred, known = _stands_behind(connection, table, behind, parquet)
    told = sorted({(one.series, one.source) for one in barred})
    mark = SYNTHETIC if kind == "synthetic" and table.labelled else ""
    return {
        "name": table.name,
        "path": f"parquet/{path.name}",
        "title": table.en,
        "title_zh": table.zh,
        "description": f"{mark}{table.text} Key / 主键: {', '.join(table.key)}. Source / 来源: {table.source}",
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "bytes": len(content),
        "redistribution": _redistribution(files, barred),
        **({"barred": [{"series": series, **source._asdict()} for series, source in told]} if told else {}),
        "licenses": _licences(files, kind) if table.labelled else [_own_facts(table)],
        "sources": _sources(files, known) or [{"title": table.source}],
        "schema": {
            "fields": [_field(name, column, table) for name, column in table.columns.items()],
            "primaryKey": list(table.key),
        },
    }


def _field(name: str, column: Column, table: Table) -> dict[str, Any]:
    """A column: its description in both languages, the unit where it has one, whether it may be missing."""
    headers = f" Original headers / 原始表头: {column.headers}." if column.headers else ""
    return {
        "name": name,
        "type": TYPES[column.type],
        "title": column.en,
        "title_zh": column.zh,
        "description": f"Source / 来源: {column.source or table.source}.{headers}",
        **({"unit": column.unit} if column.unit else {}),
        **({"constraints": {"required": True}} if name in table.key else {}),
    }


def _own_facts(table: Table) -> dict[str, str]:
    """Reference facts and records of the run, which no input file gives: nothing is claimed for their sources."""
    return {"name": NOT_SPECIFIED, "title": f"as its source says / 依其来源: {table.source}"}


def _stands_behind(
    connection: duckdb.DuckDBPyConnection, table: Table, behind: Behind, parquet: Path
) -> tuple[Sequence[File], Sequence[Barred], bool]:
    """The files whose figures may stand in a table or in what it was computed from, the barred figures among them, and
    whether the files are known one by one.
    """
    if not table.labelled:
        return (), (), False
    files = _named_files(connection, table, behind, parquet)
    own = tuple(one for one in behind.barred if one.table_name == table.name)
    if files is not None:
        closed = {one.source for one in files if one.redistribution == "barred"}
        return files, [one for one in own or behind.barred if one.source in closed], True
    if table.origin == "study" and "study" in table.columns:
        studies = _rows(connection, parquet, table.name, "DISTINCT study") if behind.rests else []
        barred = tuple(one for (study,) in studies for one in behind.rests.get(study, ()))
    else:
        barred = own or (behind.barred if {"indicator", "column_name"} & set(table.columns) else ())
    # Of what may not be passed on, only what the table is known to rest on.
    known = {one.source for one in barred}
    read = [one for one in behind.files if one.loaded and (one.redistribution != "barred" or one.source in known)]
    return read, barred, False


def _named_files(
    connection: duckdb.DuckDBPyConnection, table: Table, behind: Behind, parquet: Path
) -> list[File] | None:
    """The files a table names, by id or path; of a wide one those of the figures chosen. None if it names none."""
    if table.name in _WIDE:
        read = f"FROM {relation(parquet / 'observation.parquet')} WHERE chosen AND entity_level = ?"
        found = connection.execute(f"SELECT DISTINCT file_id {read}", [_WIDE[table.name]]).fetchall()
        return [one for one in behind.files if (one.file_id,) in set(found)]
    for key in ("file_id", "path"):
        if key in table.columns:
            named = {name for (name,) in _rows(connection, parquet, table.name, f"DISTINCT {quote(key)}")}
            return [one for one in behind.files if getattr(one, key) in named]
    return None


def _redistribution(files: Sequence[File], barred: Sequence[Barred]) -> str:
    """The strictest of what the files' licences say."""
    said = {one.redistribution for one in files}
    if barred or "barred" in said:
        return "barred"
    return "allowed" if said == {"allowed"} else "not_stated"


def _licences(files: Sequence[File], kind: DataKind) -> list[dict[str, Any]]:
    """Each licence stated, with whose statement it is. An open one is named for generated data alone: a stranger's
    statement about somebody else's figures is passed on in its words, not as a fact.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for one in files:
        found.setdefault((one.source.licence, one.redistribution), set()).add(one.source.publisher)
    licences = []
    for (licence, told), publishers in sorted(found.items()):
        ours = kind == "synthetic" and licence == GENERATED
        name = GENERATED if ours else NOT_OPEN if told == "barred" else NOT_SPECIFIED
        licences.append({"name": name, "title": licence, "redistribution": told, "stated_for": sorted(publishers)})
    return licences or [{"name": NOT_SPECIFIED, "title": "no file gives any of it / 无文件提供"}]


def _sources(files: Sequence[File], known: bool) -> list[dict[str, Any]]:
    """Each publisher and edition; the files too where they are `known` one by one."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in files:
        found.setdefault((one.source.publisher, one.source.vintage), []).append(one.path)
    return [
        {"title": publisher, "version": vintage, **({"files": sorted(paths)} if known else {})}
        for (publisher, vintage), paths in sorted(found.items())
    ]
