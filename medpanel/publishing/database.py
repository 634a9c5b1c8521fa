"""The files of a publication: a Parquet file for each table (same rows, same bytes) and one database of all tables.

Belongs here: order, compression and metadata of the Parquet files; the tables of medpanel.duckdb with types, primary
keys and a COMMENT ON everything; the views and macros beside them (views.py).
Does not belong here: which rows are published (tables.py) and the texts of the comments (catalog/tables.yaml).
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from catalog.tables import Table
from medpanel.publishing.inputs import DataKind
from medpanel.publishing.tables import parquet, view
from medpanel.publishing.views import View, views_on
from medpanel.runs.warehouse import BLOCK_BYTES, literal, quote

# Readable by every DuckDB since 1.2; without it the file would ask for the writer's own generation.
STORAGE_VERSION = "v1.2.0"
SYNTHETIC = "SYNTHETIC DATA (generated, not statistics). "
# One thread, so that rows reach a file in one order; the tables are small.
CONFIG: dict[str, str | bool | int | float | list[str]] = {"threads": 1, "memory_limit": "2GB"}


def write(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path, kind: DataKind) -> Path:
    """Write the staged rows of `table`, sorted by key, to `folder`/<table>.parquet and return that path."""
    path = folder / f"{table.name}.parquet"
    # No release and no clock in the metadata: identical input must give identical files.
    metadata = f"{{data_kind: {literal(kind)}, description: {literal(f'{table.en} / {table.zh}')}}}"
    connection.execute(
        f"COPY (SELECT * FROM {view(table)} ORDER BY {', '.join(map(quote, table.key))}) TO {literal(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, KV_METADATA {metadata})"
    )
    return path


def assemble(path: Path, tables: Sequence[Table], parquet_folder: Path, kind: DataKind) -> None:
    """Make the database file `path` (must not exist) from `parquet_folder`/<table>.parquet, and close it.

    Raises duckdb.ConstraintException if a key is repeated, duckdb.Error if a file is not as declared.
    """
    with duckdb.connect(":memory:", config=CONFIG) as connection:
        stored = f"STORAGE_VERSION {literal(STORAGE_VERSION)}, BLOCK_SIZE {BLOCK_BYTES}"
        connection.execute(f"ATTACH {literal(str(path))} AS publication ({stored})")
        # One transaction: left to itself, each of the hundreds of comments would wait for the disk.
        connection.execute("BEGIN")
        for table in tables:
            name = f"publication.main.{quote(table.name)}"
            _create(connection, name, table, parquet_folder / f"{table.name}.parquet")
            _comment(connection, name, table, kind)
        _views(connection, {table.name for table in tables}, kind)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT publication")
        connection.execute("DETACH publication")


def _views(connection: duckdb.DuckDBPyConnection, made: Collection[str], kind: DataKind) -> None:
    """The views on tables that are there. A view keeps the names it is given: the file has another one for readers."""
    connection.execute("USE publication")
    for one in create_views(connection, made):
        _comment(connection, quote(one.name), one.table, kind, "VIEW")
    connection.execute("USE memory")


def create_views(connection: duckdb.DuckDBPyConnection, made: Collection[str]) -> list[View]:
    """Create the views on these tables, and their macros; the views."""
    found = views_on(made)
    for one in found:
        connection.execute(f"CREATE VIEW {quote(one.name)} AS {one.sql}")
        if one.macro is not None:
            name, parameters, condition = one.macro
            connection.execute(
                f"CREATE MACRO {quote(name)}({parameters}) AS TABLE FROM {quote(one.name)} WHERE {condition}"
            )
    return found


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: Table, file: Path) -> None:
    columns = [
        f"{quote(column)} {spec.type}{' NOT NULL' if column in table.key else ''}"
        for column, spec in table.columns.items()
    ]
    key, listed = (", ".join(map(quote, columns)) for columns in (table.key, table.columns))
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({key}))")
    connection.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM {parquet(file)}")


def _comment(
    connection: duckdb.DuckDBPyConnection, name: str, table: Table, kind: DataKind, what: str = "TABLE"
) -> None:
    # The warning before everything generated. Reference facts such as province are facts in any kind.
    mark = SYNTHETIC if kind == "synthetic" and table.labelled else ""
    text = f"{mark}{table.text} Key / 主键: {', '.join(table.key)}. Source / 来源: {table.source}"
    connection.execute(f"COMMENT ON {what} {name} IS {literal(text)}")
    for column, spec in table.columns.items():
        text = f"{mark}{spec.text}. Source / 来源: {spec.source or table.source}"
        connection.execute(f"COMMENT ON COLUMN {name}.{quote(column)} IS {literal(text)}")
