"""The private DuckDB file: opening it without lock conflicts, and attaching the lake.

Its contents are up to dbt; the published file is made in medpanel/publishing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


LOCK_WAIT_SECONDS = 30.0
# The smallest there is: hundreds of small columns and keys begin a block each, which at DuckDB's usual 256 KB is mostly
# empty.
BLOCK_BYTES = 16384


def quote(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal, quoted; for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def connect(path: Path, read_only: bool = True, wait: float = LOCK_WAIT_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a DuckDB file, retried while another process holds its lock.

    Raises duckdb.IOException if the lock is still held after `wait` seconds.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "memory_limit": "2GB"}
    deadline = time.monotonic() + wait
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only, config=config)
            break
        except duckdb.IOException as error:
            if "lock" not in str(error).lower() or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    try:
        yield connection
    finally:
        connection.close()


def show_lake(warehouse: Path, lake: Path) -> None:
    """Make the lake's Parquet files readable as the schema `lake` of the warehouse."""
    from ingestion.paths import one_file  # the readers it comes with take seconds

    warehouse.parent.mkdir(parents=True, exist_ok=True)
    if not warehouse.exists():
        _create(warehouse)
    with connect(warehouse, read_only=False) as connection:
        connection.execute("create schema if not exists lake")
        for path in sorted(lake.glob("*.parquet")):
            read = f"read_parquet({literal(one_file(path.resolve()))}, hive_partitioning = false)"
            connection.execute(f"create or replace view lake.{quote(path.stem)} as from {read}")


def _create(path: Path) -> None:
    """An empty database file of small blocks."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {literal(str(path))} AS made (BLOCK_SIZE {BLOCK_BYTES})")
        connection.execute("DETACH made")
