"""A small body of data for publishing: every table of the catalog filled by its declared types."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from catalog.tables import Table, load_tables
from medpanel.publishing import Publication, RunInfo, publish
from medpanel.runs import run_state

ROWS = 5
STUDIES = ("mspi", "expenditure_gdp")
_DTYPES = {
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "DOUBLE": "float64",
    "VARCHAR": "str",
    "BOOLEAN": "boolean",
    "DATE": "datetime64[s]",
    "TIMESTAMP": "datetime64[us]",
}


def value(table: Table, name: str, row: int) -> Any:
    """A value of the column's type; rows come in falling key order, columns outside the key have a hole."""
    column, rank = table.columns[name], ROWS - row
    if name == "variant":
        return f"odd='{rank}' 值"  # the one column whose words are read again
    if row == 2 and name not in table.key:
        return None
    by_type: dict[str, Any] = {
        "INTEGER": 100000 + rank,
        "BIGINT": 2**53 + rank,
        "DOUBLE": 0.1 * rank,
        "VARCHAR": f"{name} '{rank}' 值",
        "BOOLEAN": rank % 2 == 0,
        "DATE": dt.datetime(2013, 1, rank),
        "TIMESTAMP": dt.datetime(2013, 1, rank, 12),
    }
    return by_type[column.type]


def frame(table: Table, study: str = "mspi") -> pd.DataFrame:
    """Five rows for a table, without data_kind, one where a study has only one; column `study` holds the study."""
    names = [name for name in table.columns if not (table.labelled and name == "data_kind")]
    columns = {}
    for name in names:
        values = [study if name == "study" else value(table, name, row) for row in range(ROWS)]
        columns[name] = pd.Series(values, dtype=_DTYPES[table.columns[name].type])
    out = pd.DataFrame(columns)
    if table.name == "check_result":
        out["passed"] = True
        out["severity"] = "critical"
    return out.head(1) if table.key == ("study",) else out


def fill(publication: Publication) -> None:
    """Write a warehouse with every dbt table, and every result of every study."""
    publication.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(publication.warehouse)) as connection:
        for table in load_tables().values():
            if table.origin == "dbt":
                create(connection, table, frame(table))
    for study in publication.studies:
        folder = publication.results / study
        folder.mkdir(parents=True)
        for table in load_tables().values():
            if table.origin == "study":
                frame(table, study).to_parquet(folder / f"{table.name}.parquet", index=False)
    checks = publication.results / "checks"
    checks.mkdir()
    frame(load_tables()["check_result"]).to_parquet(checks / "suite.parquet", index=False)
    dbt = [table.name for table in load_tables().values() if table.origin == "dbt"]
    results = [f"{path.parent.name}/{path.stem}" for path in publication.results.rglob("*.parquet")]
    run_state.record(publication.results, dbt + results, publication.generation)


def create(connection: duckdb.DuckDBPyConnection, table: Table, rows: pd.DataFrame) -> None:
    connection.register("rows", rows)
    columns = ", ".join(f'CAST("{name}" AS {table.columns[name].type}) AS "{name}"' for name in rows.columns)
    connection.execute(f'CREATE OR REPLACE TABLE "{table.name}" AS SELECT {columns} FROM rows')
    connection.unregister("rows")


def describe(root: Path) -> Publication:
    """A first run on the workspace `root`."""
    return Publication(
        root=root,
        data_kind="synthetic",
        warehouse=root / "work" / "warehouse.duckdb",
        results=root / "work" / "results",
        generation="reading 1",
        studies=STUDIES,
        suites=("suite",),
        run=RunInfo(
            run_id="0123456789abcdef",
            started_at=dt.datetime(2026, 1, 2, 11, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=8))),
            version="0.1.0",
            config_sha256="c" * 64,
            inputs_sha256="1" * 64,
            seeds={"sample": 1},
            notes=("a note of the run",),
        ),
        timings=pd.DataFrame({"step": ["read", "dbt"], "seconds": [0.5, 1.5], "reused": [True, False]}),
    )


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working folder of a filled workspace, made once and copied for every test."""
    made = describe(tmp_path_factory.mktemp("template"))
    fill(made)
    return made.root / "work"


@pytest.fixture
def publication(tmp_path: Path, work: Path) -> Publication:
    """A first run, ready to be published; the folder's name has a quote and Chinese in it."""
    root = tmp_path / "it's 数据"
    shutil.copytree(work, root / "work")
    return describe(root)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, work: Path) -> Path:
    """The folder of a first run, published once for every test that only reads it."""
    root = tmp_path_factory.mktemp("published")
    shutil.copytree(work, root / "work")
    return publish(describe(root))


@pytest.fixture
def later() -> Callable[[Publication, int], Publication]:
    """The same body of data, published by a run `hours` later."""

    def make(publication: Publication, hours: int) -> Publication:
        run = publication.run
        started = run.started_at + dt.timedelta(hours=hours)
        return replace(publication, run=replace(run, run_id=f"{hours:08d}-later", started_at=started))

    return make


@pytest.fixture
def edit(publication: Publication) -> Callable[[str], None]:
    """Run one statement on the warehouse."""

    def execute(statement: str) -> None:
        with duckdb.connect(str(publication.warehouse)) as connection:
            connection.execute(statement)

    return execute


@pytest.fixture
def edit_result(publication: Publication) -> Callable[[str, Callable[[pd.DataFrame], pd.DataFrame]], None]:
    """Rewrite one results file, given below results/, by a function on its frame."""

    def rewrite(path: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        file = publication.results / path
        change(pd.read_parquet(file)).to_parquet(file, index=False)

    return rewrite


@pytest.fixture
def read() -> Callable[[Path, str], list[tuple[Any, ...]]]:
    """Rows of a query on a published database, opened as an analyst would."""

    def query(folder: Path, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(folder / "medpanel.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return query
