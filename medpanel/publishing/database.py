"""Assembling medpanel.duckdb from the published Parquet files.

Belongs here: tables with types and primary keys, and COMMENT ON everything.
Does not belong here: which rows are published (tables.py) and what the comments say (dictionary.py).
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from catalog.tables import Table
from medpanel.publishing.dictionary import column_comment, table_comment
from medpanel.publishing.inputs import DataKind
from medpanel.publishing.sql import CONFIG, parquet
from medpanel.runs.warehouse import literal, quote

# Readable by every DuckDB since 1.2; without it the file would ask for the writer's own generation.
STORAGE_VERSION = "v1.2.0"


def assemble(path: Path, tables: Iterable[Table], parquet_folder: Path, kind: DataKind) -> None:
    """Make the database file `path` (must not exist) from `parquet_folder`/<table>.parquet, and close it.

    Raises duckdb.ConstraintException when a key is repeated, duckdb.Error when a file is not as declared.
    """
    connection = duckdb.connect(":memory:", config=CONFIG)
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS publication (STORAGE_VERSION {literal(STORAGE_VERSION)})")
        # One transaction: left to itself, each of the hundreds of comments would wait for the disk.
        connection.execute("BEGIN")
        for table in tables:
            _create(connection, table, parquet_folder / f"{table.name}.parquet")
            _comment(connection, table, kind)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT publication")
        connection.execute("DETACH publication")
    finally:
        connection.close()


def _create(connection: duckdb.DuckDBPyConnection, table: Table, file: Path) -> None:
    name = _qualified(table)
    columns = [
        f"{quote(column)} {spec.type}{' NOT NULL' if column in table.key else ''}"
        for column, spec in table.columns.items()
    ]
    key = ", ".join(quote(column) for column in table.key)
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({key}))")
    listed = ", ".join(quote(column) for column in table.columns)
    connection.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {parquet(file)}")


def _comment(connection: duckdb.DuckDBPyConnection, table: Table, kind: DataKind) -> None:
    name = _qualified(table)
    connection.execute(f"COMMENT ON TABLE {name} IS {literal(table_comment(table, kind))}")
    for column, spec in table.columns.items():
        text = literal(column_comment(table, spec, kind))
        connection.execute(f"COMMENT ON COLUMN {name}.{quote(column)} IS {text}")


def _qualified(table: Table) -> str:
    return f"publication.main.{quote(table.name)}"
