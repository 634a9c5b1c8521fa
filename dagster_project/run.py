"""Runs a job in this process, for the command line: the same jobs the UI offers, recorded in the same place."""

import os
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from dagster_project.build import build_defs
from dagster_project.jobs import EVERYTHING
from dagster_project.story import root_cause
from medpanel.workspace import Workspace

_DAGSTER_YAML = Path(__file__).with_name("dagster.yaml")


@dataclass(frozen=True)
class RunOutcome:
    """How a job ended; `failures` holds one readable line per failed step."""

    run_id: str
    success: bool
    failures: tuple[str, ...]


def prepare_dagster_home(workspace: Workspace) -> Path:
    """The workspace's Dagster folder with its settings in place: telemetry off, one writer."""
    workspace.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_DAGSTER_YAML, workspace.dagster_home / "dagster.yaml")
    return workspace.dagster_home


def run_job(workspace: Workspace, job: str = EVERYTHING) -> RunOutcome:
    """Run a job of the workspace. Raises KeyError for an unknown job; a failing step is part of the outcome."""
    os.environ.update(workspace.to_environment())
    prepare_dagster_home(workspace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        warnings.simplefilter("ignore", dg.PreviewWarning)
        defs = build_defs(workspace)
        names = [definition.name for definition in defs.jobs or []]
        if job not in names:
            raise KeyError(f"no job {job!r}; jobs here: {', '.join(names)}")
        with dg.DagsterInstance.get() as instance:
            result = defs.resolve_job_def(job).execute_in_process(
                instance=instance,
                raise_on_error=False,
                run_config={"loggers": {"console": {}}},
            )
    failures = tuple(
        f"{event.step_key}: {root_cause(event.step_failure_data.error)}"
        for event in result.all_events
        if event.is_step_failure and event.step_failure_data.error is not None
    )
    return RunOutcome(result.run_id, result.success, failures)
