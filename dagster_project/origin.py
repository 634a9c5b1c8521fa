"""Whose job a run of the command line was: without it the first page of the UI does not show the run.

Belongs here: the code location as the UI knows it. Does not belong here: running (run.py), tags (tags.py).
"""

import dagster as dg
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG
from dagster._core.workspace.load_target import WorkspaceFileTarget

from catalog.base import PROJECT_DIR


def put_on_record(instance: dg.DagsterInstance, run_id: str) -> None:
    """Record that a run was one of this project's job, as the UI does for the runs it starts."""
    [location] = WorkspaceFileTarget([str(PROJECT_DIR / "workspace.yaml")]).create_origins()
    repository = RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME)
    instance.add_run_tags(run_id, {REPOSITORY_LABEL_TAG: repository.get_label()})
    if (run := instance.get_run_by_id(run_id)) is not None:
        instance.run_storage.replace_job_origin(run, RemoteJobOrigin(repository, run.job_name))
