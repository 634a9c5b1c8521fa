"""Two publications side by side, read-only: their Parquet files as views of the schemas `earlier` and `later`.

Belongs here: opening them, and which tables each has. Does not belong here: comparing them (comparing.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.base import Text
from catalog.tables import load_tables
from ingestion.paths import one_file
from medpanel.runs.warehouse import literal, quote

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

EARLIER, LATER, NOW = "earlier", "later", "now"


@dataclass(frozen=True)
class Both:
    """A connection to two publications, and to what the latest reading of files left (schema `now`)."""

    connection: duckdb.DuckDBPyConnection

    @cached_property
    def _there(self) -> frozenset[tuple[str, str, str]]:
        found = self.connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        ).fetchall()
        return frozenset((str(side), str(table), str(column)) for side, table, column in found)

    def columns(self, side: str, table: str) -> frozenset[str]:
        """Columns of a table on one side; none if it is not there."""
        return frozenset(name for of, there, name in self._there if (of, there) == (side, table))

    def have(self, table: str, *columns: str, sides: tuple[str, ...] = (EARLIER, LATER)) -> bool:
        """Whether the table is there, with these columns."""
        return all((found := self.columns(side, table)) and found.issuperset(columns) for side in sides)

    def relation(self, side: str, table: str, *columns: str) -> str:
        """The table for a FROM clause, or one without rows if it is not there with these columns."""
        if self.have(table, *columns, sides=(side,)):
            return f"{side}.{quote(table)}"
        return f"(SELECT {', '.join(f'NULL AS {quote(name)}' for name in columns)} WHERE false)"

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.connection.execute(sql, parameters or []).fetchall()

    def frame(self, sql: str, parameters: list[Any] | None = None) -> pd.DataFrame:
        """The same as a frame."""
        return self.connection.execute(sql, parameters or []).df()

    def table(self, side: str, table: str) -> pd.DataFrame:
        """All rows of a table; no row and no column if it is not there."""
        import pandas as pd

        return self.frame(f"FROM {side}.{quote(table)}") if self.have(table, sides=(side,)) else pd.DataFrame()

    def place(self, level: str, code: int) -> Text:
        """Name of a place; its code if neither publication names it."""
        if level == "nation":
            return Text(en="nation", zh="全国")
        table, column = ("province", "province_code") if level == "province" else ("city", "city_code")
        for side in (EARLIER, LATER):
            if self.have(table, column, "name_en", "name_zh", sides=(side,)):
                found = self.rows(f"SELECT name_en, name_zh FROM {side}.{table} WHERE {column} = ?", [code])
                if found and None not in found[0]:
                    return Text(en=str(found[0][0]), zh=str(found[0][1]))
        return Text(en=str(code), zh=str(code))


@contextmanager
def side_by_side(earlier: Path | None, later: Path | None, lake: Path | None = None) -> Iterator[Both]:
    """Open two folders of a publication's Parquet files, and that of the lake; a side that is None has no table."""
    import duckdb

    with duckdb.connect(":memory:", config={"threads": 2, "memory_limit": "2GB"}) as connection:
        for side, folder in ((EARLIER, earlier), (LATER, later), (NOW, lake)):
            connection.execute(f"CREATE SCHEMA {side}")
            for path in sorted(folder.glob("*.parquet")) if folder is not None else ():
                if side == NOW or path.stem in load_tables():
                    read = f"read_parquet({literal(one_file(path))}, hive_partitioning = false)"
                    connection.execute(f"CREATE VIEW {side}.{quote(path.stem)} AS FROM {read}")
        yield Both(connection)
