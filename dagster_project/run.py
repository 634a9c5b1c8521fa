"""Runs a job in this process, for the command line: the same jobs the UI offers, recorded in the same place."""

import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from catalog.base import Told
from dagster_project import origin
from dagster_project.console_log import interrupted, log_path, without_class
from dagster_project.data_age import STEP as DATA_AGE
from dagster_project.definitions import build_defs
from dagster_project.failures import causes_of, failure_lines, files_were_read, with_paths
from dagster_project.home import prepare_dagster_home
from dagster_project.jobs import EVERYTHING, PUBLICATION, SHORT_LOG
from dagster_project.reporting import attend, report_ended
from dagster_project.tags import FROM_COMMAND_LINE
from dagster_project.tidying import forget_runs
from dagster_project.writing import ACCEPT_LOSS, FRESH, STANDING
from medpanel.language import reader_language
from medpanel.runs import run_lock, standing
from medpanel.runs.workspace import Workspace


@dataclass(frozen=True)
class RunOutcome:
    """How a job ended; `failures` holds a readable text for each root cause.

    read: it got through reading the files, so that the lake tells of this run. interrupted: somebody stopped it. log:
    the file with everything it said; None if it did not start.
    """

    run_id: str
    success: bool
    failures: tuple[str, ...]
    read: bool = False
    interrupted: bool = False
    log: Path | None = None


def _was_stopped(run: dg.DagsterRun | None, events: Iterable[dg.DagsterEvent]) -> bool:
    """Whether somebody stopped the run, between two steps or in one."""
    errors = [event.step_failure_data.error for event in events if event.is_step_failure]
    return (run is not None and run.status == dg.DagsterRunStatus.CANCELED) or any(map(interrupted, errors))


def run_job(
    workspace: Workspace,
    job: str = EVERYTHING,
    *,
    fresh: bool = False,
    accept_loss: str = "",
    tags: Mapping[str, str] | None = None,
) -> RunOutcome:
    """Run a job of the workspace once any other run of it has ended.

    `fresh`: reuse nothing from earlier runs. `accept_loss`: the reason to publish although something is gone. `tags`:
    what made it start, if not a person.
    Raises KeyError for an unknown job. Failing steps, and a workspace that stays locked, are reported in the outcome.
    """
    try:
        with run_lock.held(workspace.root, _say):
            return _run_job(workspace, job, fresh, accept_loss, tags or {})
    except run_lock.RunLockError as error:
        return RunOutcome("(not started)", False, (str(error),))


def _say(line: str) -> None:
    """On the console, in the reader's language where it has both."""
    text = getattr(line, reader_language(), line)
    print(text, file=sys.stderr, flush=True)


def _run_job(workspace: Workspace, job: str, fresh: bool, accept_loss: str, tags: Mapping[str, str]) -> RunOutcome:
    os.environ.update(workspace.to_environment())
    prepare_dagster_home(workspace)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        warnings.simplefilter("ignore", dg.PreviewWarning)
        defs = build_defs(workspace)
        names = [definition.name for definition in defs.jobs or []]
        if job not in names:
            raise KeyError(f"no job {job!r}; available jobs: {', '.join(names)}")
        with dg.DagsterInstance.get() as instance:
            attend(instance, workspace, _say)
            forget_runs(instance, workspace)
            made_from = standing.ingredients(workspace) if job == EVERYTHING else ""
            stands = not fresh and standing.stands(workspace, made_from)
            if stands:
                _say(Told("nothing has changed since the last complete run: published again", "一切未变：再次发布"))
            options = {FRESH: fresh and "true", STANDING: stands and "true", ACCEPT_LOSS: accept_loss}
            result = defs.resolve_job_def(job).execute_in_process(
                instance=instance,
                raise_on_error=False,
                tags={**FROM_COMMAND_LINE, **tags, **{name: value for name, value in options.items() if value}},
                run_config=SHORT_LOG,
                asset_selection=[dg.AssetKey(PUBLICATION)] if stands else None,
            )
            origin.put_on_record(instance, result.run_id)
            report_ended(instance, workspace, _say, only=result.run_id)
            run = instance.get_run_by_id(result.run_id)
        if job == EVERYTHING and result.success and not stands:
            ended = {str(event.step_key) for event in result.all_events if event.is_step_success}
            standing.note_complete(workspace, made_from, ended - {PUBLICATION, DATA_AGE})
    causes = [(step, without_class(cause)) for step, cause in causes_of(workspace, result.all_events)]
    failures = failure_lines(causes)
    return RunOutcome(
        result.run_id,
        result.success,
        with_paths(failures, workspace.lake),
        read=files_were_read(result.all_events),
        interrupted=_was_stopped(run, result.all_events),
        log=log_path(workspace, result.run_id),
    )
