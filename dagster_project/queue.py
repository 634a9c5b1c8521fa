"""How Dagster's queue stands, for medpanel/health.

Belongs here: asking Dagster. Judging the answer: medpanel/health.
"""

import dagster as dg

from medpanel.health import Queue
from medpanel.runs.workspace import Workspace

_RUNNING = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_WAITING = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED]


def queue_of(workspace: Workspace) -> Queue | None:
    """The queue of a workspace; None if no run was ever made there."""
    if not (workspace.dagster_home / "dagster.yaml").exists():
        return None
    from dagster_project.home import prepare_dagster_home

    prepare_dagster_home(workspace)
    with dg.DagsterInstance.get() as instance:
        return counted(instance)


def counted(instance: dg.DagsterInstance) -> Queue:
    """Runs that wait and that are under way."""
    waiting, running = (instance.get_runs_count(dg.RunsFilter(statuses=statuses)) for statuses in (_WAITING, _RUNNING))
    return Queue(waiting, running)
