"""Dagster's own pages with one run to delete, served on loopback ports: bare, and behind the guard."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.debug import WebserverDebugWorkspaceProcessContext

from dagster_project.guard import prefix
from dagster_project.ui import guarded, serving

TOKEN = "0123456789abcdef" * 2


@dataclass(frozen=True)
class Served:
    """A server on 127.0.0.1. Paths begin with `start`; that `run_id` is deleted shows that somebody got through."""

    port: int
    start: str
    instance: dg.DagsterInstance
    run_id: str

    @property
    def mutation(self) -> str:
        """GraphQL that deletes the run."""
        return f'mutation {{ deletePipelineRun(runId: "{self.run_id}") {{ __typename }} }}'

    @property
    def run_is_there(self) -> bool:
        return self.instance.has_run(self.run_id)


@dg.job
def nothing() -> None:
    pass


@contextmanager
def served(behind_guard: bool, root: Path = Path("nothing published")) -> Iterator[Served]:
    """Dagster on a free port; without code locations, which the rules do not depend on. `root`: of the workspace."""
    with dg.DagsterInstance.ephemeral() as instance, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        context = WebserverDebugWorkspaceProcessContext(instance)
        app = (
            guarded(context, TOKEN, port, root) if behind_guard else create_app_from_workspace_process_context(context)
        )
        run = instance.create_run_for_job(nothing)
        with serving(app, listener):
            yield Served(port, prefix(TOKEN) if behind_guard else "", instance, run.run_id)
