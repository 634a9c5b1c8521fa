"""Collecting the rows of every published table and checking them against the catalog.

Belongs here: where a table's rows come from, its columns, types and key, and the note on a table without rows.
Does not belong here: writing files (database.py) and the tables made last (publication.py).

Nothing is copied here: each table becomes a temporary view `staged_<name>`, with declared columns and types.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from catalog.base import Text, refuse
from catalog.identity import COLUMNS
from catalog.tables import Column, Table, load_tables
from ingestion.paths import one_file
from medpanel.publishing.inputs import DataKind, Publication, PublishError
from medpanel.reuse import files_sha256
from medpanel.runs.run_state import StaleError, refuse_stale
from medpanel.runs.warehouse import literal, quote

_FLOATS = ("FLOAT", "DOUBLE")
_NO_DATA = "no file of this run gives any of it", "本次运行的文件未提供相应数据"


@dataclass
class Collected:
    """Tables staged so far, by name, and what to say about those without rows.

    `origins`: hash of what the rows of a table come from, if earlier runs may have published the same.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)


def view(table: Table) -> str:
    """Quoted name of the temporary view that holds the table's rows."""
    return quote(f"staged_{table.name}")


def parquet(path: Path) -> str:
    """A table function reading one Parquet file; folder names never become columns."""
    return f"read_parquet({literal(one_file(path))}, hive_partitioning = false)"


def collect(connection: duckdb.DuckDBPyConnection, publication: Publication) -> Collected:
    """Stage every table of origin dbt and study, check_result and run_timing.

    `connection` is open on the warehouse. Raises PublishError for a column that is missing, undeclared, out
    of order or does not fit its type, for a key that is empty or repeated, for a study or a suite of
    checks without results, for anything computed from a file reading other than
    `publication.generation`, and for a critical check that did not pass.
    """
    results = publication.results
    refuse(
        *(
            (not (results / study).is_dir(), f"the study {study} has no results in {results}")
            for study in publication.studies
        ),
        error=PublishError,
    )
    tables = connection.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'main' AND table_catalog = current_database()"
    )
    built = {str(name) for (name,) in tables.fetchall()}
    outcomes = _recorded(publication)
    _refuse_stale(publication, built)
    collected = Collected()
    for table in load_tables().values():
        if table.internal:
            continue
        if table.origin == "dbt":
            sources = _warehouse_rows(publication, table) if table.name in built else {}
            absent = "not built by this run", "本次运行未生成"
            if publication.warehouse_key:
                windows = files_sha256(_windows(publication)) if _by_year(table) else ""
                collected.origins[table.name] = f"{publication.warehouse_key} {publication.studies} {windows}"
        elif table.origin == "study":
            paths = [path for study in publication.studies for path in _results(publication, study, table)]
            sources = {str(path): parquet(path) for path in paths}
            collected.origins[table.name] = files_sha256(paths)
            absent = _not_made(publication)
        elif table.name == "check_result":
            sources = {str(path): parquet(path) for path in outcomes}
            collected.origins[table.name] = files_sha256(outcomes)
            absent = "no checks were recorded", "没有检查记录"
        elif table.name == "run_timing":
            sources = _register(connection, table, publication.timings)
            absent = _NO_DATA
        else:
            continue  # made from what is published, so after everything else
        why = _NO_DATA if sources else absent
        _stage(connection, table, sources or {"": _nothing(table)}, publication.data_kind, collected, why)
    _refuse_failed_checks(connection, collected)
    return collected


def stage_frame(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    frame: pd.DataFrame,
    kind: DataKind,
    collected: Collected,
) -> None:
    """Stage a table made by publishing itself. Raises PublishError as `collect` does."""
    _stage(connection, table, _register(connection, table, frame), kind, collected)


def identities(connection: duckdb.DuckDBPyConnection, collected: Collected) -> pd.DataFrame:
    """The identity of every row of every table of results staged, each once."""
    named = ", ".join(map(quote, COLUMNS))
    tables = [table for table in collected.tables.values() if table.identity]
    if not tables:
        return pd.DataFrame(columns=list(COLUMNS), dtype="object")
    return connection.execute(" UNION ".join(f"SELECT {named} FROM {view(table)}" for table in tables)).df()


def estimates(connection: duckdb.DuckDBPyConnection, collected: Collected) -> pd.DataFrame:
    """What every estimate staged is about: its identity, term, effect and method, each once."""
    table = load_tables()["estimate"]
    if table.name not in collected.tables:
        return pd.DataFrame(columns=list(table.key), dtype="object")
    return connection.execute(
        f"SELECT DISTINCT {', '.join(map(quote, table.key))} FROM {view(table)} ORDER BY ALL"
    ).df()


def _recorded(publication: Publication) -> list[Path]:
    """Outcomes of the suites this publication rests on; suites of other runs are ignored."""
    paths = [publication.results / "checks" / f"{suite}.parquet" for suite in publication.suites]
    absent = [path.stem for path in paths if not path.is_file()]
    refuse((absent, f"no outcome was recorded for the check suites {', '.join(absent)}"), error=PublishError)
    return paths


def _refuse_stale(publication: Publication, built: set[str]) -> None:
    """Refuse tables, results and outcomes that a killed or partial run left from another file reading."""
    parts = [f"checks/{suite}" for suite in publication.suites]
    for table in load_tables().values():
        if table.origin == "dbt" and table.name in built:
            parts.append(table.name)
        elif table.origin == "study":
            for study in publication.studies:
                parts += [f"{study}/{path.stem}" for path in _results(publication, study, table)]
    parts += [f"{study}/{name}" for study, name, _ in publication.study_files]
    try:
        refuse_stale(publication.results, parts, publication.generation)
    except StaleError as error:
        raise PublishError(str(error)) from None


def _results(publication: Publication, study: str, table: Table) -> list[Path]:
    """A table's file, and one for each further part of the study that adds rows to it (models_py/parts/registry.py)."""
    folder = publication.results / study
    main = folder / f"{table.name}.parquet"
    return [path for path in (main, *sorted(folder.glob(f"{table.name}__*.parquet"))) if path.is_file()]


def _warehouse_rows(publication: Publication, table: Table) -> dict[str, str]:
    """The table in the warehouse; if it is keyed by study, only the rows of the studies published, up to the last year
    of those that end at `latest`: the warehouse is built before it is known.
    """
    source = f"main.{quote(table.name)}"
    if "study" in table.columns:
        wanted = ", ".join(literal(study) for study in publication.studies)
        # SQL knows no empty list; without studies the table is published without rows.
        among = f"study IN ({wanted})" if wanted else "false"
        source = f"(FROM {source} WHERE {among}{_within(publication, table)})"
    return {f"warehouse main.{table.name}": source}


def _within(publication: Publication, table: Table) -> str:
    later = [
        f'(study = (SELECT study FROM {parquet(path)}) AND "year" > (SELECT last_year FROM {parquet(path)}))'
        for path in _windows(publication)
        if _by_year(table)
    ]
    return f" AND NOT ({' OR '.join(later)})" if later else ""


def _by_year(table: Table) -> bool:
    return {"study", "year"} <= set(table.columns)


def _windows(publication: Publication) -> list[Path]:
    """The last year of every study that ends at `latest`. Raises PublishError if one is not settled."""
    open_studies = [study.id for study in publication.declared if study.panel.open]
    paths = [publication.results / study / "study_window.parquet" for study in open_studies]
    absent = [path.parent.name for path in paths if not path.is_file()]
    refuse((absent, "the last year of {} is not settled: study_window is missing"), error=PublishError)
    return paths


def _not_made(publication: Publication) -> tuple[str, str]:
    if not publication.studies:
        return "sources.yaml declares no study", "sources.yaml 未声明任何研究"
    return "no study of this run makes it", "本次运行的研究均不生成该表"


def _nothing(table: Table) -> str:
    """The declared columns without a row."""
    columns = (f"CAST(NULL AS {column.type}) AS {quote(name)}" for name, column in _made(table).items())
    return f"(SELECT {', '.join(columns)} WHERE false)"


def _made(table: Table) -> dict[str, Column]:
    """The columns whoever makes the table gives; publishing adds the label of the data's kind."""
    return {name: one for name, one in table.columns.items() if not (table.labelled and name == "data_kind")}


def _register(connection: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame) -> dict[str, str]:
    connection.register(f"frame_{table.name}", frame)
    return {f"the run's {table.name}": quote(f"frame_{table.name}")}


def _stage(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    sources: dict[str, str],
    kind: DataKind,
    collected: Collected,
    why: tuple[str, str] = _NO_DATA,
) -> None:
    """`why`: in both languages, why the sources may hold no row; what the catalog says of the table goes before it."""
    selects = [_select(connection, table, label, source, kind) for label, source in sources.items()]
    connection.execute(f"CREATE TEMP VIEW {view(table)} AS {' UNION ALL '.join(selects)}")
    if _rows(connection, table) == 0:
        told = table.empty or Text(en=f"empty: {why[0]}", zh=f"为空：{why[1]}")
        collected.notes.append(f"{table.name}: {told.text}")
    _refuse_repeated(connection, table)
    collected.tables[table.name] = table


def _select(connection: duckdb.DuckDBPyConnection, table: Table, label: str, source: str, kind: DataKind) -> str:
    """SELECT with the declared columns in the declared order and types. Raises PublishError."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    found = {str(name): str(stored) for name, stored, *_ in described}
    declared = list(_made(table))
    refuse(
        *((name not in found, f"{table.name}: the column {name} is missing in {label}") for name in declared),
        *(
            (name not in declared, f"{table.name}: the column {name} in {label} is not declared in the catalog")
            for name in found
        ),
        # In a SQL model the order is a matter of taste; a results file is written by one function, and another
        # order there means that the function and the catalog have drifted apart.
        (
            table.origin != "dbt" and list(found) != declared,
            f"{table.name}: the columns of {label} are {', '.join(found)}; expected {', '.join(declared)}",
        ),
        error=PublishError,
    )
    columns = []
    for name in declared:
        quoted, target = quote(name), table.columns[name].type
        # Missing is NULL; a statistics library's NaN is not a number anybody measured.
        value = f"CASE WHEN isnan({quoted}) THEN NULL ELSE {quoted} END" if found[name] in _FLOATS else quoted
        if found[name] != target:
            _check_fits(connection, table, name, value, source, found[name])
        columns.append(f"CAST({value} AS {target}) AS {quoted}")
    if table.labelled:
        columns.append(f"{literal(kind)} AS data_kind")
    return f"SELECT {', '.join(columns)} FROM {source}"


def _check_fits(
    connection: duckdb.DuckDBPyConnection, table: Table, name: str, value: str, source: str, found: str
) -> None:
    """Refuse a lossy conversion: converting back must give the same value."""
    target = table.columns[name].type
    there = f"TRY_CAST(v AS {target})"
    bad = connection.execute(
        f"SELECT CAST(v AS VARCHAR) FROM (SELECT {value} AS v FROM {source}) "
        f"WHERE v IS NOT NULL AND TRY_CAST({there} AS {found}) IS DISTINCT FROM v"
    ).fetchall()
    if bad:
        raise PublishError(
            f"{table.name}: {len(bad)} values of the column {name} are {found} and do not fit {target}, "
            f"for example {bad[0][0]}"
        )


def _rows(connection: duckdb.DuckDBPyConnection, table: Table) -> int:
    """How many rows are staged. Raises PublishError where a key column is NULL in some."""
    holes = (f"count(*) FILTER (WHERE {quote(name)} IS NULL)" for name in table.key)
    # One scan of the table: some read all of a study's files.
    [(rows, *empty)] = connection.execute(f"SELECT count(*), {', '.join(holes)} FROM {view(table)}").fetchall()
    refuse(
        *(
            (holes, f"{table.name}: the key column {name} is NULL in {holes} rows")
            for name, holes in zip(table.key, empty, strict=True)
        ),
        error=PublishError,
    )
    return int(rows)


def _refuse_repeated(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    key = ", ".join(quote(name) for name in table.key)
    twice = connection.execute(
        f"SELECT {key}, count(*) FROM {view(table)} GROUP BY {key} HAVING count(*) > 1 ORDER BY {key} LIMIT 1"
    ).fetchall()
    if twice:
        *values, count = twice[0]
        named = ", ".join(f"{name} {value}" for name, value in zip(table.key, values, strict=True))
        raise PublishError(f"{table.name}: the key {named} is repeated in {count} rows")


def _refuse_failed_checks(connection: duckdb.DuckDBPyConnection, collected: Collected) -> None:
    if "check_result" not in collected.tables:
        return
    failed = connection.execute(
        f"SELECT table_name, check_name, observed FROM {view(collected.tables['check_result'])} "
        "WHERE severity = 'critical' AND passed IS DISTINCT FROM true ORDER BY ALL"
    ).fetchall()
    named = "; ".join(f"{table}.{check}: {observed}" for table, check, observed in failed[:5])
    refuse((failed, f"{len(failed)} critical checks failed, so nothing is published: {named}"), error=PublishError)
