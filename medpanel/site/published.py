"""What pages are made from: rows of the finished database, and the studies it was made for.

Belongs here: reading. Does not belong here: wording and pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from medpanel.publishing.withheld import withhold
from medpanel.runs.warehouse import connect, quote

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """The database without what may not be passed on (`withheld`: the sources of that), and the studies of the run."""

    connection: duckdb.DuckDBPyConnection
    studies: Sequence[Study]
    withheld: tuple[Text, ...]

    def rows(self, sql: str, parameters: Iterable[object] = ()) -> list[Row]:
        """Rows of a query by the names of its columns."""
        answer = self.connection.execute(sql, list(parameters))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def by(self, key: str, sql: str) -> dict[Any, list[Row]]:
        """Rows of a query, grouped by one of its columns."""
        grouped: dict[Any, list[Row]] = {}
        for row in self.rows(sql):
            grouped.setdefault(row[key], []).append(row)
        return grouped

    def count(self, table: str) -> int:
        """How many rows of a table there are here."""
        [row] = self.rows(f"SELECT count(*) AS n FROM {quote(table)}")
        return int(row["n"])

    @cached_property
    def tables(self) -> frozenset[str]:
        """The names of all published tables."""
        found = self.rows("SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main'")
        return frozenset(row["table_name"] for row in found)

    @cached_property
    def manifest(self) -> Row:
        """The row of run_manifest."""
        [row] = self.rows("FROM run_manifest")
        return row

    @property
    def synthetic(self) -> bool:
        """Whether the data are generated."""
        return self.manifest["data_kind"] == "synthetic"


@contextmanager
def opened(database: Path, studies: Sequence[Study]) -> Iterator[Published]:
    """The finished database, read-only."""
    with connect(database) as connection:
        withheld = withhold(connection)
        yield Published(connection, studies, withheld)
