"""Making one publication from start to switch.

Belongs here: the order of the steps, and the tables made last: data_dictionary and run_manifest. Does not belong here:
any step's own work.
"""

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import pandas as pd

from catalog.tables import Table, load_tables
from medpanel.publishing import database, folders, links
from medpanel.publishing.inputs import FOLDERS, Publication, PublishError
from medpanel.publishing.names_before import names_before
from medpanel.publishing.tables import collect, identities, stage_frame
from medpanel.publishing.views import views_on
from medpanel.reuse import code_of, fingerprint
from medpanel.runs.warehouse import connect

_MADE_LAST = ("data_dictionary", "run_manifest")


def publish(publication: Publication) -> Path:
    """Build, seal and switch to a new publication; return its folder.

    The folder holds medpanel.duckdb, parquet/<table>.parquet and report/<study>/. Every file but run_manifest.parquet,
    run_timing.parquet and the database that contains them is byte-identical for identical input.
    Raises PublishError (see `tables.collect`), and duckdb.Error or OSError from below. If anything is raised
    before the switch, the last publication stays current and unchanged, and what was built of this one is removed.
    """
    links.check_root(publication.root)
    links.sweep(publication.root)
    building = folders.start(publication.root, publication.id)
    try:
        _build(publication, building)
        final = folders.finish(building)
        links.switch(publication.root, publication.id)
    except BaseException:
        # An interruption just after the switch must not take away what readers already see.
        if links.current_name(publication.root) != publication.id:
            folders.abandon(building)
        raise
    return final


def _build(publication: Publication, folder: Path) -> None:
    kind = publication.data_kind
    catalogued = load_tables()
    tables = folder / "parquet"
    tables.mkdir()
    if not publication.warehouse.is_file():
        raise PublishError(f"{publication.warehouse}: no such warehouse; build it before publishing")
    with connect(publication.warehouse, wait=publication.lock_wait_seconds) as connection:
        connection.execute("SET threads = 1")  # so that rows reach a file in one order
        collected = collect(connection, publication)
        before = names_before(identities(connection, collected), publication.declared)
        stage_frame(connection, catalogued["model_name_before"], before, kind, collected)
        published = [table for table in catalogued.values() if table.name in {*collected.tables, *_MADE_LAST}]
        described = [*published, *(view.table for view in views_on({table.name for table in published}))]
        stage_frame(connection, catalogued["data_dictionary"], _data_dictionary(described), kind, collected)
        stage_frame(connection, catalogued["run_manifest"], _manifest(publication, collected.notes), kind, collected)
        for table in published:
            _write_or_take(connection, table, tables, publication, collected.origins.get(table.name))
    # The folder report is there also when it is empty.
    (folder / "report").mkdir()
    for study, name, source in publication.study_files:
        shutil.copytree(source, folder / "report" / study / FOLDERS[name], dirs_exist_ok=True)
    database.assemble(folder / "medpanel.duckdb", published, tables, kind)


def _write_or_take(
    connection: duckdb.DuckDBPyConnection, table: Table, tables: Path, publication: Publication, origin: str | None
) -> None:
    """The Parquet file of a table: newly written, or taken from an earlier run that wrote it from the same rows."""
    if publication.store is None or origin is None:
        database.write(connection, table, tables, publication.data_kind)
        return
    key = fingerprint(
        table=table, data_kind=publication.data_kind, origin=origin, code=code_of(collect.__module__, database.__name__)
    )
    if not publication.store.take("publication", key, tables):
        path = database.write(connection, table, tables, publication.data_kind)
        publication.store.keep("publication", key, [path])


def _data_dictionary(tables: list[Table]) -> pd.DataFrame:
    """One row per column of `tables`; all its texts come from the catalog."""
    rows = [
        {
            "table_name": table.name,
            "column_name": name,
            "type": column.type,
            "unit": column.unit,
            "description": column.en,
            "description_zh": column.zh,
            "source": column.source or table.source,
            "original_headers": column.headers,
            "key_position": table.key.index(name) + 1 if name in table.key else None,
        }
        for table in tables
        for name, column in table.columns.items()
    ]
    return pd.DataFrame(rows).astype({"key_position": "Int32"})


def _manifest(publication: Publication, table_notes: list[str]) -> pd.DataFrame:
    run = publication.run
    row = {
        "run_id": run.run_id,
        "started_at": run.started_utc,
        "finished_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "version": run.version,
        "data_kind": publication.data_kind,
        "config_sha256": run.config_sha256,
        "inputs_sha256": run.inputs_sha256,
        "seeds": json.dumps(dict(run.seeds), sort_keys=True, ensure_ascii=False),
        "accepted_loss": run.accepted_loss,
        "notes": "\n".join([*run.notes, *table_notes]),
    }
    return pd.DataFrame([row])
