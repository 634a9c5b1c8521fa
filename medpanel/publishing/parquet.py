"""Writing one Parquet file per published table: the same bytes for the same rows.

Belongs here: order, compression and metadata of the files. Does not belong here: which rows (tables.py).
"""

from pathlib import Path

import duckdb

from catalog.tables import Table
from medpanel.publishing.inputs import DataKind
from medpanel.publishing.tables import view
from medpanel.runs.warehouse import literal, quote


def write(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path, kind: DataKind) -> Path:
    """Write the staged rows of `table`, sorted by key, to `folder`/<table>.parquet and return that path."""
    path = folder / f"{table.name}.parquet"
    order = ", ".join(quote(name) for name in table.key)
    # No release and no clock in the metadata: identical input must give identical files.
    metadata = f"{{data_kind: {literal(kind)}, description: {literal(f'{table.en} / {table.zh}')}}}"
    connection.execute(
        f"COPY (SELECT * FROM {view(table)} ORDER BY {order}) TO {literal(str(path))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880, KV_METADATA {metadata})"
    )
    return path
