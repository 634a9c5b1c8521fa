"""Making one publication from start to switch.

Belongs here: the order of the steps, and the tables made last: data_dictionary, run_manifest. Does not belong here:
any step's own work.
"""

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from catalog.tables import Table, load_tables
from medpanel.publishing import database, datapackage, folders, links
from medpanel.publishing.against import against_current
from medpanel.publishing.gate import LossError
from medpanel.publishing.inputs import FOLDERS, Publication, PublishError
from medpanel.publishing.labels import labels
from medpanel.publishing.names_before import names_before
from medpanel.publishing.room import explained
from medpanel.publishing.tables import collect, estimates, identities, stage_frame, view
from medpanel.publishing.views import views_on
from medpanel.publishing.withheld import BARRED, column_marks
from medpanel.reuse import code_of, fingerprint
from medpanel.reuse.linking import share
from medpanel.runs.warehouse import connect

_MADE_LAST = ("data_dictionary", "publication_change", "run_manifest")

# What the comparison with the last publication adds to.
_AFTER_THE_GATE = ("publication_change", "run_manifest")
# Below the workspace: what the gate found when it last refused a publication.
REFUSED = Path("work", "refused_publication.md")


def publish(publication: Publication) -> Path:
    """Build, seal and switch to a new publication; return its folder.

    The folder holds medpanel.duckdb, parquet/<table>.parquet, datapackage.json and report/, where the pages of
    medpanel/site lie beside the folders of the studies. Every file but those of run_manifest, run_timing and
    publication_change, the database that contains them, datapackage.json and the pages that name the run
    (medpanel/site/building.py) is byte-identical for identical input.
    Raises PublishError (see `tables.collect`), LossError if something published before is gone, and duckdb.Error or
    OSError from below. If anything is raised before the switch, the last publication stays current and unchanged, and
    what was built of this one is removed.
    """
    with explained(publication.root):
        final = _publish(publication)
    folders.unseal(publication.root)
    return final


def _publish(publication: Publication) -> Path:
    links.check_root(publication.root)
    links.sweep(publication.root)
    building = folders.start(publication.root, publication.id)
    try:
        _build(publication, building)
        share([building], folders.finished(publication.root))
        final = folders.finish(building)
        links.switch(publication.root, publication.id)
    except BaseException as error:
        if isinstance(error, LossError):
            _keep_refusal(publication, error)
        # An interruption just after the switch must not take away what readers already see.
        if links.current_name(publication.root) != publication.id:
            folders.abandon(building)
        raise
    (publication.root / REFUSED).unlink(missing_ok=True)
    return final


def _keep_refusal(publication: Publication, error: LossError) -> None:
    path = publication.root / REFUSED
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {publication.id}\n\n{error.full}\n", encoding="utf-8", newline="\n")


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
        found_labels = labels(estimates(connection, collected), publication.declared)
        stage_frame(connection, catalogued["label"], found_labels, kind, collected)
        published = [table for table in catalogued.values() if table.name in {*collected.tables, *_MADE_LAST}]
        described = [*published, *(one.table for one in views_on({table.name for table in published}))]
        marks = column_marks(connection, view(catalogued[BARRED])) if BARRED in collected.tables else {}
        stage_frame(connection, catalogued["data_dictionary"], _data_dictionary(described, marks), kind, collected)
        for table in published:
            if table.name not in _AFTER_THE_GATE:
                _write_or_take(connection, table, tables, publication, collected.origins.get(table.name))
        manifest = _manifest(publication)
        found = against_current(publication, tables, manifest)
        stage_frame(connection, catalogued["publication_change"], found.rows, kind, collected)
        manifest |= {
            "accepted_loss": found.accepted,
            "notes": "\n".join([*publication.run.notes, *collected.notes, found.note]),
        }
        stage_frame(connection, catalogued["run_manifest"], pd.DataFrame([manifest]), kind, collected)
        for name in _AFTER_THE_GATE:
            database.write(connection, catalogued[name], tables, kind)
    database.assemble(folder / "medpanel.duckdb", published, tables, kind)
    (folder / "report").mkdir()
    for study, name, source in publication.study_files:
        shutil.copytree(source, folder / "report" / study / FOLDERS[name], dirs_exist_ok=True)
    datapackage.write(publication, published, folder)
    if publication.langs:
        # Templates and drawing come with it; loading the definitions must not wait for them.
        from medpanel.site.building import write_site

        database_file, report = folder / "medpanel.duckdb", folder / "report"
        write_site(database_file, report, publication.declared, found.changes, publication.langs)


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


def _data_dictionary(tables: list[Table], marks: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    """One row per column of `tables`; all its texts come from the catalog. `marks`: what more to say of a source."""
    rows = [
        {
            "table_name": table.name,
            "column_name": name,
            "type": column.type,
            "unit": column.unit,
            "description": column.en,
            "description_zh": column.zh,
            "source": f"{column.source or table.source}{marks.get((table.name, name), '')}",
            "original_headers": column.headers,
            "key_position": table.key.index(name) + 1 if name in table.key else None,
        }
        for table in tables
        for name, column in table.columns.items()
    ]
    return pd.DataFrame(rows).astype({"key_position": "Int32"})


def _manifest(publication: Publication) -> dict[str, Any]:
    """The row of run_manifest but for what is known only once everything else is made."""
    run = publication.run
    return {
        "run_id": run.run_id,
        "started_at": run.started_utc,
        "finished_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
        "version": run.version,
        "data_kind": publication.data_kind,
        "config_sha256": run.config_sha256,
        "inputs_sha256": run.inputs_sha256,
        "seeds": json.dumps(dict(run.seeds), sort_keys=True, ensure_ascii=False),
        "host": run.host,
        "person": run.person,
        "code_commit": run.code_commit,
        "code_sha256": run.code_sha256,
        "trigger": run.trigger,
        "publication": publication.id,
        "publication_version": publication.version,
        "parent_publication": links.current_name(publication.root) or "",
    }
