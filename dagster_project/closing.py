"""Runs that Dagster counts as under way although their process is dead: one would block the queue for ever.

Belongs here: telling them from living ones, and closing them. Reporting them: reporting.py.
"""

import re
import time

import dagster as dg
import psutil
from dagster._core.storage.dagster_run import RunRecord

from dagster_project.tags import FROM_COMMAND_LINE

_UNDER_WAY = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# A run put on record has so long to begin its process.
GRACE_SECONDS = 180.0
# A process cannot have begun after it told so; clocks of a machine agree within this.
_SLACK_SECONDS = 60.0
_BEGUN = re.compile(r"Started process for \w+ ?\w* \(pid: \d+\)\.")


def close_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Close every run under way whose process is gone, whoever started it; their ids. The caller holds the run lock.

    A run that waits for the lock lives, and so does one that is queued. A run of a command line holds the lock for as
    long as it is under way; since we hold it, that one is dead.
    """
    closed = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY)):
        if _alive(instance, record):
            continue
        run, why = record.dagster_run, "its process was killed / 其进程已被中止"
        if run.status == dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, why)
        else:
            instance.report_run_failed(run, why)
        closed.append(run.run_id)
    return closed


def _alive(instance: dg.DagsterInstance, record: RunRecord) -> bool:
    run = record.dagster_run
    if FROM_COMMAND_LINE.items() <= run.tags.items():
        return False
    begun = [
        entry
        for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
        if _BEGUN.fullmatch(entry.message or "")
    ]
    if not begun:
        # Set back or forward, a clock must not leave it under way for ever.
        return abs(time.time() - record.update_timestamp.timestamp()) < GRACE_SECONDS
    try:
        process = psutil.Process(int(begun[-1].message.rpartition(" ")[2].rstrip(").")))
        same = process.create_time() <= begun[-1].timestamp + _SLACK_SECONDS  # or the number was dealt out again
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
