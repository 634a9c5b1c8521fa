"""How publishing speaks to DuckDB: settings, and files as tables. Opening and quoting: medpanel/runs/warehouse.py.

Does not belong here: any statement about a particular table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from medpanel.publishing.inputs import PublishError
from medpanel.runs.warehouse import connect, literal

# One thread, so that rows reach a file in one order; the tables are small.
CONFIG: dict[str, str | bool | int | float | list[str]] = {"threads": 1, "memory_limit": "2GB"}


def parquet(path: Path) -> str:
    """A table function reading one Parquet file; folder names never become columns."""
    return f"read_parquet({literal(str(path))}, hive_partitioning = false)"


@contextmanager
def open_warehouse(path: Path, wait_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """The private warehouse, read-only and on one thread, waiting while another process holds it for writing.

    Raises PublishError when the file is absent, duckdb.IOException when it is held beyond `wait_seconds`.
    """
    if not path.is_file():
        raise PublishError(f"{path}: no such warehouse; build it before publishing")
    with connect(path, read_only=True, wait=wait_seconds) as connection:
        connection.execute("SET threads = 1")
        yield connection
