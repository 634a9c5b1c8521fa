"""Every run that ended is reported once, with its causes; dead ones when they are closed."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from catalog.base import CatalogError
from dagster_project import reporting
from dagster_project.reporting import attend, begin, outcome_of, report_ended
from dagster_project.tags import ATTEMPT, FROM_COMMAND_LINE, INPUTS, TRIGGER, trigger_of
from medpanel.notices.outcome import Outcome, last_outcome
from medpanel.publishing.inputs import PublishError
from medpanel.runs import input_state, run_lock
from medpanel.runs.run_lock import RunLockError
from medpanel.runs.workspace import Workspace


class LossError(PublishError):
    """As the gate before the switch raises it."""


ERRORS = {
    "refused": LossError("gdp 2023 is gone"),
    "declared": CatalogError("sources.yaml: files.0"),
    "locked": RunLockError("another run"),
    "full": OSError(28, "No space left on device"),
    "none": None,
}


@dg.job(name="everything")
def toy() -> None:
    """One step that ends as its configuration says."""

    @dg.op(config_schema={"error": dg.Field(str, default_value="none")})
    def step(context: dg.OpExecutionContext) -> None:
        error = ERRORS[context.op_config["error"]]
        if error is not None:
            raise error

    step()


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def workspace(tmp_path: Path, instance: dg.DagsterInstance) -> Workspace:
    """A workspace whose hook counts its calls."""
    made = Workspace.at(tmp_path)
    made.sources_path.parent.mkdir()
    count = "import os; open('calls', 'a').write(os.environ['MEDPANEL_RUN_ID'] + chr(10))"
    notify = {"command": [sys.executable, "-S", "-c", count]}
    made.sources_path.write_text(json.dumps({"notify": notify}), encoding="utf-8")
    begin(instance, made)
    return made


def calls(workspace: Workspace) -> list[str]:
    path = workspace.root / "calls"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def ran(instance: dg.DagsterInstance, error: str, **tags: str) -> str:
    config = {"ops": {"step": {"config": {"error": error}}}}
    return toy.execute_in_process(config, instance=instance, raise_on_error=False, tags=tags).run_id


def outcome(instance: dg.DagsterInstance, workspace: Workspace, run_id: str) -> Outcome:
    record = instance.get_run_record_by_id(run_id)
    assert record is not None
    return outcome_of(instance, workspace, record)


@pytest.mark.parametrize(
    ("error", "ending", "mendable", "cause"),
    [
        ("none", "success", False, None),
        ("refused", "refusal", False, "gdp 2023 is gone"),
        ("declared", "failure", False, "sources.yaml: files.0"),
        ("locked", "failure", True, "another run"),
        ("full", "failure", True, "No space left on device"),
    ],
)
def test_how_a_run_ended_and_whether_another_attempt_may_help(
    instance: dg.DagsterInstance, workspace: Workspace, error: str, ending: str, mendable: bool, cause: str | None
) -> None:
    found = outcome(instance, workspace, ran(instance, error))
    assert (found.outcome, found.mendable) == (ending, mendable)
    if cause is None:
        assert found.causes == ()
    else:
        [told] = found.causes
        assert told.startswith("step: ")
        assert cause in told
        assert "CatalogError" not in told, "names of our own errors say nothing to a reader"


def test_a_crash_is_said_in_a_line(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    run = instance.create_run_for_job(toy, status=dg.DagsterRunStatus.STARTED)
    long = f"Run execution process for {run.run_id} was terminated by signal 9 (SIGKILL). This usually indicates much."
    instance.report_engine_event(long, run)
    instance.report_run_failed(run)
    found = outcome(instance, workspace, run.run_id)
    assert found.causes == ("its process was terminated by signal 9 (SIGKILL) / 其进程被中止或崩溃",)
    assert found.mendable


def test_a_failed_critical_check_is_not_tried_again(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    @dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="table", blocking=True)])
    def table() -> Iterator[object]:
        yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=False)])

    @dg.asset(deps=[table])
    def after() -> None: ...

    job = dg.Definitions([table, after], jobs=[dg.define_asset_job("checked")]).resolve_job_def("checked")
    run = job.execute_in_process(instance=instance, raise_on_error=False)
    found = outcome(instance, workspace, run.run_id)
    assert (found.outcome, found.mendable) == ("failure", False)
    assert "sound" in found.causes[0]


def test_the_facts_come_from_the_tags_and_from_what_was_read(
    instance: dg.DagsterInstance, workspace: Workspace
) -> None:
    tags = {TRIGGER: "retry", ATTEMPT: "2", INPUTS: "as asked"}
    run_id = ran(instance, "full", **tags)
    found = outcome(instance, workspace, run_id)
    assert (found.trigger, found.attempt, found.inputs) == ("retry", 2, "as asked")
    input_state.note(workspace, run_id, {"a": (1, 1)}, {"a": "hash"})
    assert outcome(instance, workspace, run_id).inputs == input_state.digest({"a": "hash"})


@pytest.mark.parametrize(
    ("tags", "trigger"),
    [
        ({}, "ui"),
        (FROM_COMMAND_LINE, "command_line"),
        ({"dagster/schedule_name": "yearly_refresh"}, "schedule"),
        ({"dagster/sensor_name": "input_files", TRIGGER: "input_files"}, "input_files"),
        ({**FROM_COMMAND_LINE, TRIGGER: "missed"}, "missed"),
    ],
)
def test_what_made_a_run_start(tags: dict[str, str], trigger: str) -> None:
    assert trigger_of(tags) == trigger


def test_each_run_is_reported_once_and_the_last_one_is_on_the_page(
    instance: dg.DagsterInstance, workspace: Workspace
) -> None:
    runs = [ran(instance, "full"), ran(instance, "declared")]
    for _ in range(3):
        attend(instance, workspace, pytest.fail)
    assert calls(workspace) == runs
    page = (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8")
    assert runs[1] in page
    assert runs[0] not in page
    last = last_outcome(workspace)
    assert last is not None
    assert last.run_id == runs[1]


def test_a_study_by_itself_does_not_hide_a_failure_to_try_again(
    instance: dg.DagsterInstance, workspace: Workspace
) -> None:
    failed = ran(instance, "full", **{TRIGGER: "schedule"})
    attend(instance, workspace, pytest.fail)

    @dg.job
    def study() -> None: ...

    other = study.execute_in_process(instance=instance).run_id
    attend(instance, workspace, pytest.fail)
    assert other in (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8")
    last = last_outcome(workspace)
    assert last is not None
    assert (last.run_id, last.mendable) == (failed, True)


def test_the_publication_of_a_run_is_named(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    run_id = ran(instance, "none")
    (workspace.root / "publications" / f"20270115T000000Z-real-{run_id[:8]}").mkdir(parents=True)
    attend(instance, workspace, pytest.fail)
    assert f"published 20270115T000000Z-real-{run_id[:8]}" in (workspace.root / "LAST_RUN.md").read_text("utf-8")
    assert calls(workspace) == []


def test_runs_from_before_anybody_reported_them_are_history(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    ran(instance, "full")
    shutil.rmtree(reporting._claims(workspace))
    attend(instance, workspace, pytest.fail)
    assert calls(workspace) == []


def test_a_command_line_reports_its_own_run(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    run_id = ran(instance, "full", **FROM_COMMAND_LINE)
    attend(instance, workspace, pytest.fail)
    assert calls(workspace) == []
    report_ended(instance, workspace, pytest.fail, only=run_id)
    attend(instance, workspace, pytest.fail)
    assert calls(workspace) == [run_id]


@pytest.mark.parametrize("tags", [{}, FROM_COMMAND_LINE], ids=["ui", "command line"])
def test_a_killed_run_is_closed_and_reported_once(
    instance: dg.DagsterInstance, workspace: Workspace, tags: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.closing.GRACE_SECONDS", 0.0)
    run = instance.create_run_for_job(toy, status=dg.DagsterRunStatus.STARTED, tags=tags)
    said: list[str] = []
    for _ in range(2):
        attend(instance, workspace, said.append)
    assert calls(workspace) == [run.run_id]
    assert len(said) == 1
    last = last_outcome(workspace)
    assert last is not None
    assert (last.outcome, last.mendable, len(last.causes)) == ("failure", True, 1)
    assert re.search("was killed.*中止", last.causes[0])


def test_nothing_is_closed_while_a_run_has_the_lock(
    instance: dg.DagsterInstance, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.closing.GRACE_SECONDS", 0.0)
    run = instance.create_run_for_job(toy, status=dg.DagsterRunStatus.STARTED)
    handle = run_lock.take(run_lock.lock_path(workspace.root))
    assert handle is not None
    assert not attend(instance, workspace, pytest.fail)
    run_lock.os.close(handle)
    assert attend(instance, workspace, lambda _: None)
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    assert found.status == dg.DagsterRunStatus.FAILURE


def test_a_hook_that_fails_is_logged_and_on_the_page(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    workspace.sources_path.write_text("notify: {command: [no such program]}\n", encoding="utf-8")
    ran(instance, "full")
    said: list[str] = []
    attend(instance, workspace, said.append)
    assert "no such program" in said[0]
    assert "no such program" in (workspace.root / "LAST_RUN.md").read_text(encoding="utf-8")
