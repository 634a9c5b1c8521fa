"""The in-memory DuckDB that tables of flows are read and summed with: bounded memory, spilling to a folder of its own.

Belongs here: the connection, and temporary tables and SQL texts made in Python. What is asked of it: the other modules.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.problems import Problem, Refusal

# Beside it the program itself, and Arrow's batches, must find room in what one file may take (limits.py). What is
# more spills to disk.
MEMORY = "512MB"
# Each thread reads into buffers of its own.
_MOST_THREADS = 4


def quote(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A separate connection, closed at the end."""
    config: dict[str, Any] = {
        "memory_limit": MEMORY,
        "threads": min(_MOST_THREADS, os.cpu_count() or 1),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    with (
        tempfile.TemporaryDirectory(prefix="medpanel-flows-") as folder,
        duckdb.connect(":memory:", config={**config, "temp_directory": folder}) as connection,
    ):
        connection.execute("SET enable_progress_bar = false")
        yield connection


@contextmanager
def reading_file() -> Iterator[None]:
    """Wraps statements that read the file itself: what DuckDB cannot read is the file's fault.

    Raises Refusal (flow_unreadable) with the first lines of DuckDB's own message, which name the line of the file.
    """
    try:
        yield
    except duckdb.Error as error:
        message = " ".join(line.strip() for line in str(error).splitlines()[:3] if line.strip())[:300]
        raise Refusal(Problem("flow_unreadable", message)) from error


def create(con: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """A temporary table of these rows, replacing any of that name."""
    con.register("incoming", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    con.unregister("incoming")


def create_from_rows(
    con: duckdb.DuckDBPyConnection, name: str, types: dict[str, pa.DataType], rows: Iterable[tuple[Any, ...]]
) -> None:
    """The same of rows as tuples."""
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types.values(), strict=True)]
    create(con, name, pa.table(arrays, names=list(types)))


def has_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether a temporary table of that name was made."""
    return bool(con.execute("FROM duckdb_tables() WHERE table_name = $name", {"name": name}).fetchall())
