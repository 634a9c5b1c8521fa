"""What goes after a publication: older publications, results kept for reuse, Dagster's records of older runs.

Belongs here: deciding what goes, and saying so. Does not belong here: removing a publication (medpanel/publishing), an
entry of the cache (medpanel/reuse), events of a run (event_log.py).
"""

import logging
import shutil

import dagster as dg

from catalog import Sources
from catalog.base import Told
from dagster_project.event_log import KeptConnections
from dagster_project.telling import tell
from dagster_project.writing import STANDING, store_of
from medpanel.reuse import linking
from medpanel.runs.workspace import Workspace

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
# Ended runs that stay on record, besides the one that tidies up. One takes 40 MB on the sample, and what matters of it
# is in its publication: timings, checks, what started it.
KEEP_RUNS = 1
# Kinds of kept results whose files are replaced, never written to, so that they may be those of a publication.
_SHARED = ("publication", "replication", "report")


def tidy(context: dg.AssetExecutionContext, workspace: Workspace, sources: Sources) -> None:
    """Leave the newest publications, one copy of what is the same, and what the last runs need.

    A publication just made stays whatever happens here: an error of the system is logged, and the next run tries again.
    """
    from medpanel.publishing import folders

    try:
        if gone := folders.prune(workspace.root, sources.keep_publications):
            names = ", ".join(folder.name for folder in gone)
            tell(context.log, Told(f"older publications removed: {names}", f"已清理旧发布：{names}"), logging.DEBUG)
        _share(workspace)
        # A run that publishes again what stands has used nothing: what is kept is still of the last run.
        if STANDING not in context.run.tags:
            _evict(context, workspace, sources.keep_cache_mb)
        forget_runs(context.instance, workspace)
    except OSError as error:
        context.log.warning(f"tidying up stopped: {error} / 清理未完成，下次运行将重试")


def _share(workspace: Workspace) -> None:
    """Make files of results and of the cache those of publications, where they are the same."""
    from medpanel.publishing import folders
    from medpanel.publishing.inputs import FOLDERS

    results = [folder for name in FOLDERS for folder in workspace.results.glob(f"*/{name}")]
    kept = [workspace.cache / kind for kind in _SHARED]
    linking.share([*results, *kept], folders.finished(workspace.root))


def _evict(context: dg.AssetExecutionContext, workspace: Workspace, megabytes: int) -> None:
    record = context.instance.get_run_record_by_id(context.run.run_id)
    began = record.create_timestamp.timestamp() if record is not None else None
    if gone := store_of(context, workspace).evict(keep_bytes=megabytes * 10**6, since=began):
        removed = Told(f"{len(gone)} results kept from earlier runs were removed", f"已清理{len(gone)}项旧的保留结果")
        tell(context.log, removed, logging.DEBUG)


def forget_runs(instance: dg.DagsterInstance, workspace: Workspace, keep: int = KEEP_RUNS) -> list[str]:
    """Delete Dagster's records of ended runs, but for the newest `keep`.

    Those with the latest state of an asset stay. Returns run ids.
    """
    records = instance.get_run_records(dg.RunsFilter(statuses=_ENDED))
    older = [record.dagster_run.run_id for record in records[keep:]]
    latest = _latest(instance) if older else set()
    gone = [run_id for run_id in older if run_id not in latest]
    for run_id in gone:
        instance.delete_run(run_id)
        shutil.rmtree(workspace.dagster_home / "storage" / run_id, ignore_errors=True)
    if gone and isinstance(instance.event_log_storage, KeptConnections):
        instance.event_log_storage.compact()
    return gone


def _latest(instance: dg.DagsterInstance) -> set[str]:
    """Runs that made the latest state of some asset."""
    entries = [record.asset_entry for record in instance.get_asset_records()]
    return {entry.last_materialization.run_id for entry in entries if entry.last_materialization is not None}
