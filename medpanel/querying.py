"""One SELECT that somebody typed or copied, on a publication: it reads that file and nothing else of this machine.

Belongs here: what such a query may do, and how much memory it may take. Queries of the project's own: published.py.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from catalog.base import Text

# No extension, no variable of this program; no file but the one opened, once that is done; no change of any of this.
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "1GB",
    # Nothing is written either, also not what does not fit into memory.
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
_LOCKS = ("set enable_external_access = false", "set lock_configuration = true")
# What the process may take beyond what it has: DuckDB counts its tables against its limit, but not single long texts.
_ROOM_BYTES = 3 * 2**30
_CHUNK_ROWS = 2000


class QueryError(ValueError):
    """A query that is not one SELECT, or took more than it may."""


@dataclass(frozen=True)
class Rows:
    """Rows as they come: names of the columns, and an iterator that reads on; `withheld`: sources left out."""

    names: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]
    withheld: "tuple[Text, ...]" = ()


@contextmanager
def selected(database: Path, sql: str, released: Collection[str] | None = None) -> Iterator[Rows]:
    """The rows of one SELECT. Raises QueryError, and duckdb.Error if it fails, also while rows are read.

    `released`: the rows are for an export, which leaves out figures that may not be passed on but for those of these
    vintages (medpanel/publishing/withheld.py).
    """
    import duckdb

    from medpanel.publishing.withheld import withhold

    with _bounded_memory(_ROOM_BYTES), duckdb.connect(str(database), read_only=True, config=_SETTINGS) as connection:
        withheld = () if released is None else withhold(connection, released)
        for lock in _LOCKS:
            connection.execute(lock)
        statement = _one_select(connection, sql, database)
        try:
            connection.execute(statement)
            names = tuple(str(column[0]) for column in connection.description or ())
            yield Rows(names, _read(connection), withheld)
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            raise QueryError(
                "the query takes more memory than it may here (1 GB for tables, 3 GB in all); ask for less, or open "
                f"{database} with DuckDB itself / 查询超出内存上限，请缩小范围，或直接用 DuckDB 打开该文件"
            ) from error


def _read(connection: "duckdb.DuckDBPyConnection") -> Iterator[tuple[object, ...]]:
    while rows := connection.fetchmany(_CHUNK_ROWS):
        yield from rows


def _one_select(connection: "duckdb.DuckDBPyConnection", sql: str, database: Path) -> "duckdb.Statement":
    statements = connection.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    if kinds == ["SELECT"]:
        return statements[0]
    remark = remark_zh = ""
    if kinds == ["CREATE", "SELECT"] and "pivot" in sql.lower():
        remark, remark_zh = " (PIVOT: list the values with IN)", "（PIVOT 须用 IN 列出取值）"
    raise QueryError(
        f"expected one SELECT; found {', '.join(kinds) or 'nothing'}{remark}; for anything else open {database} with "
        f"DuckDB itself / 须为一条 SELECT 语句{remark_zh}；其他操作请直接用 DuckDB 打开该文件"
    )


@contextmanager
def _bounded_memory(room: int) -> Iterator[None]:
    """Let this process take so many bytes more than it has; a system without such a limit leaves DuckDB's own."""
    try:
        import resource
    except ImportError:
        yield
        return
    import psutil

    before, most = resource.getrlimit(resource.RLIMIT_AS)
    bound = int(psutil.Process().memory_info().vms) + room
    if most != resource.RLIM_INFINITY:
        bound = min(bound, most)
    with suppress(ValueError, OSError):  # macOS
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (before, most))
