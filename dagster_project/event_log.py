"""Dagster's event log in SQLite, written without opening the file and waiting for the disk at each event.

A run of all checks is thousands of events, and Dagster opens a connection for each of the two or three statements per
event. Belongs here: keeping connections. What is recorded and how it is read is left to Dagster.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import RLock
from typing import Any

import sqlalchemy as sa
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData

# The index of all runs, the run under way, and some that the UI shows.
_KEPT = 4


class KeptConnections(SqliteEventLogStorage):
    """Dagster's SQLite event log with the connections of the last shards kept open.

    A killed process loses no event, as before; a power failure may lose the last ones, but leaves the file whole.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._open: OrderedDict[str, sa.Connection] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)
        # A batch uses the connections that it holds.
        self._db_lock: Any = RLock()

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "KeptConnections":
        """Called by Dagster, from dagster.yaml."""
        return cls(inst_data=inst_data, **config_value)

    def has_table(self, table_name: str) -> bool:
        """Whether the index has a table; looked up once, because it is asked at every check."""
        # By a connection of its own, since it is asked while the kept one is in use.
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events of one run, such as all its planned ones, in one transaction per file."""
        with self._connect(events[0].run_id), self.index_connection():
            super().store_event_batch(events)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        # One at a time, so that threads may share a connection.
        with self._db_lock:
            if shard not in self._open:
                self._open[shard] = self._connection(shard)
            self._open.move_to_end(shard)
            connection = self._open[shard]
            with nullcontext() if connection.in_transaction() else connection.begin():
                yield connection
            while len(self._open) > _KEPT:
                _close(self._open.popitem(last=False)[1])

    def _connection(self, shard: str) -> sa.Connection:
        arguments = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False}
        engine = sa.create_engine(self.conn_string_for_shard(shard), poolclass=sa.StaticPool, connect_args=arguments)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        connection = engine.connect()
        # In the write-ahead log a commit need not reach the disk for the file to stay whole.
        connection.execute(sa.text("PRAGMA synchronous = NORMAL"))
        connection.commit()
        return connection

    def delete_events(self, run_id: str) -> None:
        """Delete a run's events: its shard as a whole, and its rows of the index, those of checks too."""
        with self.index_connection() as connection:
            self.delete_events_for_run(connection, run_id)
            connection.execute(AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id == run_id))
        if self.supports_global_concurrency_limits:
            self.free_concurrency_slots_for_run(run_id)
        with self._db_lock:
            if run_id in self._open:
                _close(self._open.pop(run_id))
            self._initialized_dbs.discard(run_id)
            shard = Path(self.path_for_shard(run_id))
            for suffix in ("", "-wal", "-shm"):
                shard.with_name(f"{shard.name}{suffix}").unlink(missing_ok=True)

    def compact(self) -> None:
        """Give the index's room back to the disk if a quarter of it is empty, and nobody else is using it just now."""
        with closing(sqlite3.connect(self.path_for_shard(INDEX_SHARD_NAME))) as connection:
            [(empty,)], [(pages,)] = (
                connection.execute(f"PRAGMA {what}").fetchall() for what in ("freelist_count", "page_count")
            )
            # The UI may be reading: the next run tries again.
            with suppress(sqlite3.OperationalError):
                if 4 * empty > pages:
                    connection.execute("VACUUM")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def dispose(self) -> None:
        """Close every connection."""
        with self._db_lock:
            while self._open:
                _close(self._open.popitem()[1])
        super().dispose()


def _close(connection: sa.Connection) -> None:
    connection.close()
    connection.engine.dispose()
