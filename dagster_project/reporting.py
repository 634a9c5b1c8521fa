"""Saying how runs ended: the facts as Dagster has them, each run reported once, whoever started it.

Belongs here: reading Dagster's record. What is said, and to whom: medpanel/notices.
"""

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import RunRecord
from dagster_shared.error import SerializableErrorInfo

from dagster_project.closing import close_dead_runs
from dagster_project.console_log import OURS, interrupted, root_cause, without_class
from dagster_project.failures import causes_of
from dagster_project.jobs import EVERYTHING
from dagster_project.tags import ATTEMPT, FROM_COMMAND_LINE, INPUTS, trigger_of
from medpanel.notices.hooks import tell
from medpanel.notices.outcome import Ending, Outcome, last_outcome, note_outcome
from medpanel.notices.page import write_page
from medpanel.runs import input_state, run_lock
from medpanel.runs.workspace import Workspace

Say = Callable[[str], None]
_ENDED: dict[dg.DagsterRunStatus, Ending] = {
    dg.DagsterRunStatus.SUCCESS: "success",
    dg.DagsterRunStatus.FAILURE: "failure",
    dg.DagsterRunStatus.CANCELED: "cancelled",
}
# Older ones were reported, or are of a time when nothing was.
_NEWEST = 25
_REFUSED = re.compile(r"(\w+\.)*LossError\b")
# Another attempt finds data and declarations as they are, which our own errors are about; but not these.
_PASSING = re.compile(r"[\w.]+\.(RunLockError|CrewError|ManifestError)\b")
_CRASHED = re.compile(r"Run execution process for \S+ (.+?)\.( |$)")
_CHECK_FAILED = re.compile(r"[\w.]*(DagsterAssetCheckFailedError|DagsterInvalidConfigError)\b|dbt tests? failed")


def attend(instance: dg.DagsterInstance, workspace: Workspace, say: Say) -> bool:
    """Close dead runs and report ended ones. False, and nothing closed, if a run has the lock."""
    with run_lock.held_if_free(workspace.root) as free:
        if free:
            begin(instance, workspace)
            for run_id in close_dead_runs(instance):
                say(f"run {run_id} was closed: its process is gone / 进程已不存在，运行已关闭")
                report_ended(instance, workspace, say, only=run_id)
    report_ended(instance, workspace, say)
    return free


def begin(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    """Call before the first run: what ended before anybody reported runs is history."""
    if not _claims(workspace).is_dir():
        ended = instance.get_run_records(dg.RunsFilter(statuses=list(_ENDED)), limit=_NEWEST)
        _claims(workspace).mkdir(parents=True, exist_ok=True)
        for record in ended:
            _claim(workspace, record.dagster_run.run_id)


def report_ended(instance: dg.DagsterInstance, workspace: Workspace, say: Say, only: str | None = None) -> None:
    """Report runs that ended and were not reported yet, oldest first; with `only`, that run."""
    if not _claims(workspace).is_dir():
        return
    wanted = dg.RunsFilter(run_ids=[only] if only else None, statuses=list(_ENDED))
    for record in reversed(instance.get_run_records(wanted, limit=_NEWEST)):
        if _is_ours(record, only) and _claim(workspace, record.dagster_run.run_id):
            report(workspace, outcome_of(instance, workspace, record), say)


def _is_ours(record: RunRecord, only: str | None) -> bool:
    """A living command line reports its own run; a while after its end, it is not living."""
    if only or not FROM_COMMAND_LINE.items() <= record.dagster_run.tags.items():
        return True
    return abs(time.time() - record.update_timestamp.timestamp()) > 60


def report(workspace: Workspace, outcome: Outcome, say: Say) -> None:
    """Write LAST_RUN.md and call the hooks; none of this raises for a hook.

    What follows from a run of everything, such as another attempt, does not change when a study is run by itself.
    """
    if outcome.job == EVERYTHING:
        note_outcome(workspace, outcome)
    write_page(workspace, outcome)
    if untold := tell(workspace, outcome):
        write_page(workspace, outcome, untold)
        for one in untold:
            say(f"could not tell of run {outcome.run_id}: {one} / 通知未送达")


def report_declaration(workspace: Workspace, fault: str, say: Say) -> None:
    """Report once that the declaration is wrong and nothing starts."""
    last, now = last_outcome(workspace), time.time()
    if last is None or last.causes != (fault,):
        report(workspace, Outcome("", EVERYTHING, "input_files", "failure", now, now, (fault,)), say)


def outcome_of(instance: dg.DagsterInstance, workspace: Workspace, record: RunRecord) -> Outcome:
    """How a run ended."""
    run = record.dagster_run
    kinds = {
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.STEP_SUCCESS,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    }
    logged = instance.all_logs(run.run_id, of_type=kinds)
    events = [entry.dagster_event for entry in logged if entry.dagster_event is not None]
    errors = [event.step_failure_data.error for event in events if event.is_step_failure]
    ending = _ENDED[run.status]
    if ending == "failure" and any(map(_is_refusal, errors)):
        ending = "refusal"
    # At a command line somebody pressed Ctrl-C. Whoever cancels another run does so through Dagster; where that is not
    # on record, the service ended around the run, which is then made again.
    if ending == "failure" and any(map(interrupted, errors)) and FROM_COMMAND_LINE.items() <= run.tags.items():
        ending = "cancelled"
    causes = tuple(f"{step}: {without_class(cause)}" for step, cause in causes_of(workspace, events))
    read = input_state.last_read(workspace)
    ended = record.end_time or record.update_timestamp.timestamp()
    return Outcome(
        run_id=run.run_id,
        job=run.job_name,
        trigger=trigger_of(run.tags),
        outcome=ending,
        started=record.start_time or record.create_timestamp.timestamp(),
        ended=ended,
        causes=causes if ending == "success" or causes else _last_words(instance, run.run_id),
        published=_publication(workspace, run.run_id) if ending == "success" else "",
        attempt=int(run.tags.get(ATTEMPT, "1")),
        mendable=ending == "failure" and all(map(_may_pass, errors)),
        inputs=input_state.digest(read.content) if read.run_id == run.run_id else run.tags.get(INPUTS, ""),
    )


def _last_words(instance: dg.DagsterInstance, run_id: str) -> tuple[str, ...]:
    """Why a run failed that no step failed in: its error, or the last that was said of it."""
    kinds = {dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED, dg.DagsterEventType.ENGINE_EVENT}
    told = []
    for entry in instance.all_logs(run_id, of_type=kinds):
        event = entry.dagster_event
        error = (
            event.job_failure_data.error
            if event is not None and event.is_job_failure and event.job_failure_data
            else None
        )
        told.append(root_cause(error) if error is not None else str(entry.message or ""))
    told = [one for one in told if one and "from outside the execution context" not in one]
    if told and (crash := _CRASHED.search(told[-1])) is not None:
        return (f"its process {crash[1]} / 其进程被中止或崩溃",)
    return (told[-1],) if told else ()


def _is_refusal(error: SerializableErrorInfo | None) -> bool:
    return any(_REFUSED.match(one.message) for one in _chain(error))


def _may_pass(error: SerializableErrorInfo | None) -> bool:
    """Whether another attempt, on the same files, may end better."""
    chain = list(_chain(error))
    if not chain or any(_CHECK_FAILED.match(one.message) for one in chain):
        return not chain
    root = chain[-1].message
    return OURS.match(root) is None or _PASSING.match(root) is not None


def _chain(error: SerializableErrorInfo | None) -> Iterable[SerializableErrorInfo]:
    while error is not None:
        yield error
        error = error.cause


def _publication(workspace: Workspace, run_id: str) -> str:
    found = sorted((workspace.root / "publications").glob(f"*-{run_id[:8]}"))
    return found[-1].name if found else ""


def _claims(workspace: Workspace) -> Path:
    return workspace.work / "reported"


def _claim(workspace: Workspace, run_id: str) -> bool:
    """Whether this process is the one to report the run."""
    try:
        (_claims(workspace) / run_id).open("x").close()
    except FileExistsError:
        return False
    return True
