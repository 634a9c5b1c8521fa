"""The in-memory DuckDB that tables of flows are read and summed with: bounded memory, spilling to a folder of its own.

Does not belong here: what is asked of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingestion.problems import Problem, Refusal

MEMORY = "2GB"


def quote(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection of its own, closed at the end."""
    with tempfile.TemporaryDirectory(prefix="medpanel-flows-") as folder:
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY,
                "threads": os.cpu_count() or 1,
                "temp_directory": folder,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


@contextmanager
def reading_file() -> Iterator[None]:
    """Around statements that read the file itself: what DuckDB cannot read is the file's fault.

    Raises Refusal (flow_unreadable) with the first lines of DuckDB's own message, which name the line of the file.
    """
    try:
        yield
    except duckdb.Error as error:
        message = " ".join(line.strip() for line in str(error).splitlines()[:3] if line.strip())[:300]
        raise Refusal(Problem("flow_unreadable", message, "a whole table with as many cells in each row")) from error
