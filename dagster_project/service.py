"""What runs beside the jobs while a daemon does: starting a run when input files change, and saying how runs ended.

Belongs here: Dagster's sensors, a few lines around medpanel/runs/refreshing.py and reporting.py. The yearly schedule is
in jobs.py; the daemon itself in daemon.py.
"""

import datetime as dt
import json
import time
from typing import Any

import dagster as dg

from catalog.base import CatalogError
from dagster_project.jobs import EVERYTHING, SHORT_LOG, yearly_schedule
from dagster_project.metadata import as_text
from dagster_project.tags import ATTEMPT, INPUTS, TRIGGER
from medpanel.runs.refreshing import Pace, Start, decide
from medpanel.runs.workspace import Workspace

SENSOR = "input_files"
SENSOR_SECONDS = 30
_UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def start_tags(start: Start) -> dict[str, str]:
    """Tags of a run that starts by itself."""
    return {TRIGGER: start.trigger, INPUTS: start.inputs, ATTEMPT: str(start.attempt)}


def input_sensor(workspace: Workspace, studies: tuple[str, ...] | None) -> Any:
    """Starts a run when input files are new, changed or gone and lie still, or to try a failed run again.

    `studies`: those the definitions around it were made for, None if the declaration was wrong.
    """

    @dg.sensor(
        name=SENSOR,
        job_name=EVERYTHING,
        minimum_interval_seconds=SENSOR_SECONDS,
        description="Runs when input files change, and after a failure. / 输入文件变化时运行，失败后重试。",
    )
    def input_files_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        from dagster_project.reporting import attend, report_declaration

        free = attend(context.instance, workspace, context.log.warning)
        if not free or context.instance.get_runs_count(dg.RunsFilter(statuses=_UNDER_WAY)):
            return dg.SensorResult(skip_reason="a run is under way; looked at again after it / 已有运行，结束后再看")
        decision, seen = decide(workspace, Pace.from_environment(), context.cursor, time.time())
        if isinstance(decision, Start):
            if _studies(workspace) != studies:
                why = "the declared studies changed; the definitions are loaded again first (in the UI: Reload) / "
                return dg.SensorResult(
                    skip_reason=f"{why}研究声明已变，须先重新载入定义（界面中点 Reload）", cursor=seen
                )
            key = f"{decision.inputs[:16]} {decision.attempt} {json.loads(seen)['since']}"
            return dg.SensorResult([dg.RunRequest(key, SHORT_LOG, tags=start_tags(decision))], cursor=seen)
        if decision.wrong and workspace.sources_path.exists():
            report_declaration(workspace, decision.wrong, context.log.warning)
        return dg.SensorResult(skip_reason=decision.why, cursor=seen)

    return input_files_sensor


def report_sensor(workspace: Workspace) -> Any:
    """Says how runs ended and closes dead ones, also while nothing starts by itself."""

    @dg.sensor(
        name="last_run",
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Writes LAST_RUN.md after each run and notifies. / 每次运行后写结果页并发送通知。",
    )
    def last_run_sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        from dagster_project.reporting import attend

        attend(context.instance, workspace, context.log.warning)
        return dg.SkipReason("runs that ended are reported / 已结束的运行均已报告")

    return last_run_sensor


def begun_since(instance: dg.DagsterInstance, moment: float) -> bool:
    """Whether a run of everything began after a moment."""
    after = dt.datetime.fromtimestamp(moment, dt.UTC)
    return instance.get_runs_count(dg.RunsFilter(job_name=EVERYTHING, created_after=after)) > 0


def without_declaration(workspace: Workspace, fault: str) -> dg.Definitions:
    """Definitions while sources.yaml is wrong: the service goes on, and the job says what is wrong."""

    @dg.op(name="declaration")
    def declaration() -> None:
        raise CatalogError(fault)

    @dg.job(name=EVERYTHING, description=f"sources.yaml cannot be used / sources.yaml 无法使用: {as_text(fault)}")
    def everything() -> None:
        declaration()

    return dg.Definitions(
        jobs=[everything],
        schedules=[yearly_schedule()],
        sensors=[input_sensor(workspace, None), report_sensor(workspace)],
    )


def _studies(workspace: Workspace) -> tuple[str, ...]:
    return tuple(workspace.studies())
