"""What a failed run says: root causes first, each once, with the steps it made fail.

Belongs here: the error of a study's part after its causes, what a failed check found, and the texts of
RunOutcome.failures. Does not belong here: finding a cause (medpanel/changes).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import dagster as dg

from catalog import Study
from dagster_project.console_log import told_cause
from dagster_project.metadata import FAILED
from expectations.suite import EMPTY
from medpanel.runs.files_read import NothingLoadedError
from medpanel.runs.workspace import Workspace

THEREFORE = "\ntherefore / 因此: "
READING = "read_files"


def explained(workspace: Workspace, study: Study, error: ValueError) -> ValueError:
    """The error of a part, after the reasons why figures it lacks are not there, as far as they are known."""
    import duckdb

    from medpanel.changes.explaining import why_missing
    from medpanel.publishing.links import current_tables
    from models_py.panel import PanelError

    if not isinstance(error, PanelError) or not error.missing:
        return error
    try:
        why = why_missing(error.missing, study.panel.unit, current_tables(workspace.root), workspace.lake)
    except duckdb.Error:  # a damaged publication does not hide the error
        return error
    return PanelError(f"{why}{THEREFORE}{error}", error.missing)


def causes_of(workspace: Workspace, events: Iterable[dg.DagsterEvent]) -> list[tuple[str, str]]:
    """Why a run failed, (step, message): first the files that are gone or refused since the last publication.

    The gate before the switch names them itself; and without a new reading of the files none is known to be gone.
    """
    from medpanel.publishing.against import since_last

    told = list(events)
    failures = step_failures(told)
    read = any(event.is_step_success and event.step_key == READING for event in told)
    if not failures or not read or any("LossError" in message for _, message in failures):
        return failures
    heading, *gone = since_last(workspace.root, workspace.lake).splitlines() or [""]
    said = "\n".join(message for _, message in failures)
    unsaid = [line for line in gone if line.strip() not in said]
    return [(READING, "\n".join([heading, *unsaid])), *failures] if unsaid else failures


def step_failures(events: Iterable[dg.DagsterEvent]) -> list[tuple[str, str]]:
    """Every step that failed and its root cause; where checks stopped it, what they found rather than their names."""
    found: dict[str, list[str]] = defaultdict(list)
    errors = {}
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if check.blocking and not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
                told = found[str(event.step_key)]
                told += [line for line in dict.fromkeys(_failed_lines(check)) if line not in told]
        elif event.is_step_failure and event.step_failure_data.error is not None:
            errors[str(event.step_key)] = told_cause(event.step_failure_data.error)
    return [
        (step, "\n".join(found[step]) if "DagsterAssetCheckFailedError" in message and found[step] else message)
        for step, message in errors.items()
    ]


def _failed_lines(check: dg.AssetCheckEvaluation) -> Iterator[str]:
    """What each critical check of a rule found; dbt's tests are one each."""
    table, rows = check.asset_key.path[-1], check.metadata.get(FAILED)
    if not isinstance(rows, dg.TableMetadataValue):
        observed = check.metadata.get("observed")
        said = f"{check.description}; " if check.description else ""
        yield f"{table}: {check.check_name}: {said}found / 实际: {observed.value if observed is not None else '–'}"
        return
    for row in (record.data for record in rows.records):
        if row["observed"] == EMPTY:  # every check of the table says so; once is enough
            yield f"{table}: empty, but must not be / 空表，但不应为空"
        elif row["severity"] == "critical":
            said = f"{row['description']} / {row['description_zh']}"
            yield f"{table}: {row['check_name']}: {said}; found / 实际: {row['observed']}"


def files_were_read(events: Iterable[dg.DagsterEvent]) -> bool:
    """Whether a run read its files to the end, so that the lake tells of it; also where none of them was loaded."""
    return any(
        event.step_key == READING and (event.is_step_success or NothingLoadedError.__name__ in _chain_of(event))
        for event in events
    )


def _chain_of(event: dg.DagsterEvent) -> set[str | None]:
    """Names of the errors a failed step ended with."""
    names, error = set(), event.step_failure_data.error if event.is_step_failure else None
    while error is not None:
        names.add(error.cls_name)
        error = error.cause
    return names


def with_paths(failures: Iterable[str], lake: Path) -> tuple[str, ...]:
    """The texts with the path of each file where a check names it by its id."""
    import pandas as pd

    try:
        files = pd.read_parquet(lake / "source_file.parquet", columns=["file_id", "path"])
    except (OSError, ValueError):  # nothing was read yet
        return tuple(failures)
    paths = dict(files.itertuples(index=False, name=None))
    named = re.compile("|".join(map(re.escape, paths)) or r"(?!)")
    return tuple(named.sub(lambda match: str(paths[match[0]]), text) for text in failures)


def failure_lines(failures: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """One text for each root cause. `failures`: (step, message) in the order they happened.

    A message that names causes before what follows from them is told with all others of the same causes; one that
    several steps have in common is said once, after their names.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for step, message in failures:
        cause, _, consequence = message.rpartition(THEREFORE)
        groups.setdefault(cause or message, []).append((step, consequence if cause else ""))
    return tuple(_told(cause, steps) for cause, steps in groups.items())


def _told(cause: str, steps: list[tuple[str, str]]) -> str:
    if not any(consequence for _, consequence in steps):
        return f"{', '.join(step for step, _ in steps)}: {cause}"
    return "\n   ".join([f"{cause}{THEREFORE.rstrip()}", *(f"{step}: {consequence}" for step, consequence in steps)])
